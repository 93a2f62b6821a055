"""Committing a change: all of it or nothing, once, on the knowledge it was made for, and never against a rule."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running import furnish

from knowledge import check, history, store
from knowledge.changes import Change, RowChange, content_hash, replaced
from knowledge.edition import TABLES, key_of
from knowledge.errors import ConflictError, InvalidDataError
from knowledge.fields import FIELDS, clean_row
from knowledge.snapshot import Row
from knowledge.writer import Writer


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    """A writer on the shipped edition."""
    furnish(tmp_path)
    with Writer(tmp_path) as opened:
        yield opened


def row(folder: Path, table: str, key: str) -> Row:
    """A row as it is stored."""
    return next(r for r in store.all_tables(folder)[table] if key_of(table, r) == key)


def change(*rows: RowChange, **values: Any) -> Change:
    """A change by an admin."""
    return Change("admin 1", "edit", "a test", "s", rows, **values)


def worded(folder: Path, text: str, claim: str = "F001") -> RowChange:
    """Another English text for a claim."""
    before = row(folder, "claims", claim)
    return RowChange("claims", before, {**before, "text_en": text})


def test_every_shipped_row_may_stand_as_it_is(tmp_path: Path) -> None:
    store.load(tmp_path)
    tables = store.all_tables(tmp_path)
    assert set(tables) == set(TABLES)
    for table, rows in tables.items():
        for each in rows:
            assert clean_row(table, each) == each


def test_the_fields_are_the_columns(tmp_path: Path) -> None:
    store.load(tmp_path)
    tables = store.all_tables(tmp_path)
    assert {table: [f.name for f in FIELDS[table]] for table in TABLES} == {
        table: list(tables[table][0]) for table in TABLES
    }


def test_a_change_is_made_with_its_events(writer: Writer, tmp_path: Path) -> None:
    edit = worded(tmp_path, "A joint programme.")
    number = writer.commit(change(edit))
    assert row(tmp_path, "claims", "F001")["text_en"] == "A joint programme."
    assert history.rows(tmp_path, number) == [edit]
    entry = history.entry(tmp_path, number)
    assert (entry.actor, entry.kind, entry.reason, entry.source, entry.rows) == ("admin 1", "edit", "a test", "s", 1)


def test_the_same_token_is_made_once(writer: Writer, tmp_path: Path) -> None:
    edit = change(worded(tmp_path, "Once."), token="draft 1 abc")
    assert writer.commit(edit) == writer.commit(edit)
    assert len(history.of_row(tmp_path, "claims", "F001")) == 1


def test_a_row_changed_meanwhile_is_not_overwritten(writer: Writer, tmp_path: Path) -> None:
    mine, theirs = worded(tmp_path, "Mine."), worded(tmp_path, "Theirs.")
    writer.commit(change(theirs))
    with pytest.raises(ConflictError):
        writer.commit(change(mine))
    assert row(tmp_path, "claims", "F001")["text_en"] == "Theirs."


def test_what_was_checked_against_other_knowledge_is_refused(writer: Writer, tmp_path: Path) -> None:
    checked = content_hash(store.all_tables(tmp_path))
    writer.commit(change(worded(tmp_path, "Other.", "F002")))
    with pytest.raises(ConflictError):
        writer.commit(change(worded(tmp_path, "Mine.")), checked)
    assert writer.commit(change(worded(tmp_path, "Mine.")), content_hash(store.all_tables(tmp_path)))


@pytest.mark.parametrize(
    ("table", "key", "values"),
    [
        ("claims", "F001", {"sources": ""}),
        ("claims", "F001", {"sources": "nowhere"}),
        ("claims", "F001", {"text_en": ""}),
        ("claims", "F001", {"review_by": "soon"}),
        ("claims", "P-33.10-2019", {"value": "2016", "period": "2016"}),
        ("claims", "P-33.10-2019", {"subject": "region:33"}),
        ("claims", "P-33.10-2019", {"status": "stated"}),
        ("sources", "infopublik-2017", {"date": "2017-13"}),
        ("sources", "infopublik-2017", {"url": "javascript:alert(1)"}),
        ("regions", "33.10", {"type": "desa"}),
        ("regions", "33.10", {"province_code": "99"}),
    ],
)
def test_a_broken_rule_changes_nothing(
    writer: Writer, tmp_path: Path, table: str, key: str, values: dict[str, str]
) -> None:
    before = row(tmp_path, table, key)
    untouched = content_hash(store.all_tables(tmp_path))
    good = worded(tmp_path, "Good.", "F002")
    with pytest.raises(InvalidDataError):
        writer.commit(change(good, RowChange(table, before, {**before, **values})))
    assert content_hash(store.all_tables(tmp_path)) == untouched
    assert len(history.entries(tmp_path)) == 1


def test_the_hash_tells_any_difference_and_no_order(tmp_path: Path) -> None:
    store.load(tmp_path)
    tables = store.all_tables(tmp_path)
    turned = {table: list(reversed(rows)) for table, rows in tables.items()}
    assert content_hash(turned) == content_hash(tables)
    assert content_hash(replaced(tables, [worded(tmp_path, "x")])) != content_hash(tables)


def test_the_log_only_grows(writer: Writer) -> None:
    for statement in ("update events set reason = ''", "delete from events", "delete from changes"):
        with pytest.raises(sqlite3.IntegrityError, match="only grows"):
            writer.connection.execute(statement)


def test_a_claim_has_the_date_of_its_newest_source(writer: Writer, tmp_path: Path) -> None:
    source = row(tmp_path, "sources", "tribunnews-2019")
    writer.commit(change(RowChange("sources", source, {**source, "date": "2026-01-02"})))
    dated = "select date from claims where id = 'F001'"
    assert writer.connection.execute(dated).fetchone() == ("2026-01-02",)


def test_another_key_is_another_row(tmp_path: Path) -> None:
    store.load(tmp_path)
    source = row(tmp_path, "sources", "infopublik-2017")
    with pytest.raises(ValueError, match="keeps its key"):
        RowChange("sources", source, {**source, "id": "other"})


@settings(max_examples=12)  # each makes a database of its own
@given(st.lists(st.sampled_from(["F001", "F002", "F003"]), min_size=1, max_size=4), st.data())
def test_whatever_is_changed_and_taken_back_the_log_tells_it(claims: list[str], data: st.DataObject) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        furnish(folder)
        with Writer(folder) as writer:
            start = content_hash(store.all_tables(folder))
            done = [
                writer.commit(change(worded(folder, f"{at} {data.draw(st.text(max_size=20))} end", claim)))
                for at, claim in enumerate(claims)
            ]
            for number in reversed(done):
                writer.commit(replace(history.undo(folder, number, "admin 2", ""), token=""))
        assert content_hash(store.all_tables(folder)) == start
        assert history.disagreements(folder) == []
        assert [f for f in check.check(store.read(folder)) if f.level == "error"] == []
