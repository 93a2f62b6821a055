"""A newer edition meets an admin's changes: what both changed stays the admin's, and every change has its event."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from knowledge import store
from knowledge.changes import Change, RowChange
from knowledge.edition import KEYS, TABLES, Edition, key_of
from knowledge.errors import InvalidDataError
from knowledge.snapshot import Row
from knowledge.writer import Applied, Writer

Tables = dict[str, list[dict[str, str]]]


def claim(id_: str, text: str, sources: str = "s1", conflicts: str = "", subject: str = "programme") -> dict[str, str]:
    """A row of claims.csv."""
    return {
        "id": id_, "subject": subject, "attribute": "definition", "period": "all", "value": "", "text_id": text,
        "text_en": text, "status": "stated", "sources": sources, "conflicts_with": conflicts, "review_by": "",
    }  # fmt: skip


def source(id_: str, title: str = "Title") -> dict[str, str]:
    """A row of sources.csv."""
    return {"id": id_, "publisher": "Publisher", "title": title, "date": "2019-05", "date_note": "", "url": ""}


FIRST: Tables = {
    "sources": [source("s1"), source("s2")],
    "regions": [
        {"code": "33", "name": "Jawa Tengah", "name_en": "Central Java", "type": "provinsi", "province_code": ""},
        {"code": "33.10", "name": "Kabupaten Klaten", "name_en": "Klaten", "type": "kabupaten", "province_code": "33"},
    ],
    "districts": [{"code": "33.10.01", "name": "Prambanan", "region_code": "33.10"}],
    "aliases": [{"region_code": "33.10", "alias": "Kota Bersinar", "kind": "nickname", "shared": ""}],
    "cohorts": [{"year": "2019", "phase": "III", "part_of": "movement", "list_complete": "yes"}],
    "claims": [
        claim("A", "one", "s1;s2", "B"), claim("B", "two", "s2", "A"), claim("C", "three", "s1", "", "region:33.10"),
    ],
    "phrasings": [{"language": "id", "question": "cuaca?", "claim": ""}],
}  # fmt: skip


def edition(name: str, tables: Tables) -> Edition:
    """An edition of some rows."""
    return Edition(name, "Title", "Licence", "2026-01-01", tables)


def put(writer: Writer, table: str, before: Row | None, after: Row | None, actor: str, reason: str) -> None:
    """Change one row as an admin does."""
    writer.commit(Change(actor, "edit", reason, "s1", (RowChange(table, before, after),)))


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    """A writer on a database that holds the first edition."""
    with Writer(tmp_path) as opened:
        opened.apply(edition("1", copy.deepcopy(FIRST)), "one")
        yield opened


def rows(writer: Writer, table: str = "claims") -> dict[str, dict[str, str]]:
    """The rows of a table by key, as text."""
    return {key_of(table, row): dict(row) for row in store.tables(writer.db.conn, [table])[table]}


def changed(table: str, key: str, **values: str) -> Tables:
    """The first edition with one row changed."""
    tables = copy.deepcopy(FIRST)
    next(row for row in tables[table] if key_of(table, row) == key).update(values)
    return tables


def without(table: str, *keys: str) -> Tables:
    """The first edition without some rows."""
    tables = copy.deepcopy(FIRST)
    tables[table] = [row for row in tables[table] if key_of(table, row) not in keys]
    return tables


def apply(writer: Writer, tables: Tables, name: str = "2") -> Applied:
    """Bring the database up to another edition."""
    return writer.apply(edition(name, tables), f"fingerprint of {name}")


def admin(writer: Writer, table: str, key: str, **values: str) -> dict[str, str]:
    """Change a row as an admin does; the row as it is then."""
    before = rows(writer, table)[key]
    after = {**before, **values}
    put(writer, table, before, after, "admin", "a test")
    return after


def events(writer: Writer, table: str = "") -> list[tuple[str, str, Any, Any]]:
    """``(actor, key, before, after)`` of the events of a table, or of all, in order."""
    found = writer.db.table("events").rows_where("table_name = ? or ? = ''", [table, table], order_by="id")
    return [
        (e["actor"], e["row_key"], json.loads(e["before"] or "null"), json.loads(e["after"] or "null")) for e in found
    ]


def state(writer: Writer) -> dict[str, list[dict[str, Any]]]:
    """Everything in the database."""
    return {name: list(writer.db.table(name).rows) for name in writer.db.table_names()}


def open_conflicts(writer: Writer, tmp_path: Path) -> list[str]:
    """The conflicts that nobody has decided on."""
    return store.open_conflicts(tmp_path / store.FILE)


def test_the_first_edition_is_read_back(writer: Writer) -> None:
    assert {table: sorted(rows(writer, table)) for table in TABLES} == {
        table: sorted(key_of(table, row) for row in FIRST[table]) for table in TABLES
    }
    assert list(rows(writer).values()) == FIRST["claims"]
    assert len(events(writer)) == 1


def test_the_same_edition_again_changes_nothing(writer: Writer) -> None:
    before = state(writer)
    assert not writer.apply(edition("1", copy.deepcopy(FIRST)), "one").changes
    assert state(writer) == before


CHANGES = [
    ("sources", "s2", {"title": "New title"}),
    ("regions", "33.10", {"name_en": "Klaten Regency"}),
    ("districts", "33.10.01", {"name": "Prambanan Baru"}),
    ("aliases", "33.10|Kota Bersinar", {"kind": "spelling"}),
    ("cohorts", "2019", {"list_complete": "no"}),
    ("claims", "A", {"text_id": "satu"}),
    ("claims", "A", {"sources": "s2;s1"}),
    ("claims", "A", {"conflicts_with": "C"}),
    ("claims", "C", {"subject": "region:33"}),
]


@pytest.mark.parametrize(("table", "key", "values"), CHANGES)
def test_changed_upstream_only(writer: Writer, tmp_path: Path, table: str, key: str, values: dict[str, str]) -> None:
    before = rows(writer, table)[key]
    applied = apply(writer, changed(table, key, **values))
    assert applied.changes == Counter({"changed": 1})
    assert rows(writer, table)[key] == {**before, **values}
    assert events(writer, table) == [("edition", key, before, {**before, **values})]
    assert open_conflicts(writer, tmp_path) == []


@pytest.mark.parametrize(("table", "key", "values"), CHANGES)
def test_changed_by_an_admin_only(writer: Writer, tmp_path: Path, table: str, key: str, values: dict[str, str]) -> None:
    before = rows(writer, table)[key]
    mine = admin(writer, table, key, **values)
    applied = apply(writer, copy.deepcopy(FIRST))
    assert applied.changes == Counter({"kept": 1})
    assert rows(writer, table)[key] == mine
    assert events(writer, table) == [("admin", key, before, mine)]
    assert open_conflicts(writer, tmp_path) == []


@pytest.mark.parametrize(("table", "key", "values"), CHANGES)
def test_changed_alike_by_both(writer: Writer, tmp_path: Path, table: str, key: str, values: dict[str, str]) -> None:
    mine = admin(writer, table, key, **values)
    applied = apply(writer, changed(table, key, **values))
    assert not +applied.changes
    assert rows(writer, table)[key] == mine
    assert open_conflicts(writer, tmp_path) == []
    assert apply(writer, copy.deepcopy(FIRST), "3").changes == Counter({"changed": 1})
    assert rows(writer, table)[key] == next(row for row in FIRST[table] if key_of(table, row) == key)


@pytest.mark.parametrize(("table", "key", "values"), CHANGES)
def test_changed_differently_by_both(
    writer: Writer, tmp_path: Path, table: str, key: str, values: dict[str, str]
) -> None:
    base = rows(writer, table)[key]
    other = {"aliases": {"shared": "yes"}, "regions": {"name_en": "Mine"}, "districts": {"name": "Mine"},
             "sources": {"title": "Mine"}, "cohorts": {"phase": "II"}, "claims": {"text_en": "mine"}}[table]  # fmt: skip
    mine = admin(writer, table, key, **other)
    applied = apply(writer, changed(table, key, **values))
    assert applied.changes == Counter({"conflict": 1})
    assert applied.conflicts == [(table, key)]
    assert rows(writer, table)[key] == mine
    assert open_conflicts(writer, tmp_path) == [f"{table} {key}"]
    (kept,) = writer.db.table("edition_conflicts").rows
    assert [json.loads(kept[name]) for name in ("base", "mine", "theirs")] == [base, mine, {**base, **values}]
    assert [actor for actor, *_ in events(writer, table)] == ["admin"]


def test_a_conflict_is_not_told_twice(writer: Writer, tmp_path: Path) -> None:
    mine = admin(writer, "claims", "A", text_en="mine")
    theirs = changed("claims", "A", text_en="theirs")
    apply(writer, theirs)
    theirs["sources"].append(source("s3"))
    assert apply(writer, theirs, "3").changes == Counter({"kept": 1, "added": 1})
    assert rows(writer)["A"] == mine
    assert open_conflicts(writer, tmp_path) == ["claims A"]


def test_a_row_that_each_edition_changes_is_one_conflict(writer: Writer, tmp_path: Path) -> None:
    for id_ in ("A", "B"):
        admin(writer, "claims", id_, text_en="mine")
    apply(writer, changed("claims", "A", text_en="theirs"))
    both = changed("claims", "A", text_en="theirs again")
    both["claims"][1]["text_en"] = "theirs"
    assert apply(writer, both, "3").changes["conflict"] == 2
    assert open_conflicts(writer, tmp_path) == ["claims A", "claims B"]


def test_removed_upstream(writer: Writer) -> None:
    before = rows(writer)["C"]
    assert apply(writer, without("claims", "C")).changes == Counter({"removed": 1})
    assert sorted(rows(writer)) == ["A", "B"]
    assert events(writer, "claims") == [("edition", "C", before, None)]
    assert not list(writer.db.table("claim_sources").rows_where("claim_id = 'C'"))


def test_claims_that_contradict_each_other_are_removed_upstream(writer: Writer) -> None:
    assert apply(writer, without("claims", "A", "B")).changes == Counter({"removed": 2})
    assert sorted(rows(writer)) == ["C"]
    assert not writer.db.table("claim_conflicts").count


def test_a_region_and_all_that_refers_to_it_are_removed_upstream(writer: Writer) -> None:
    tables = without("regions", "33.10")
    tables["districts"], tables["aliases"] = [], []
    tables["claims"] = [row for row in tables["claims"] if row["id"] != "C"]
    assert apply(writer, tables).changes == Counter({"removed": 4})
    assert sorted(rows(writer, "regions")) == ["33"]


def test_removed_by_an_admin(writer: Writer, tmp_path: Path) -> None:
    put(writer, "claims", rows(writer)["C"], None, "admin", "a test")
    assert apply(writer, copy.deepcopy(FIRST)).changes == Counter({"kept": 1})
    assert sorted(rows(writer)) == ["A", "B"]
    assert open_conflicts(writer, tmp_path) == []


def test_removed_by_an_admin_and_changed_upstream(writer: Writer, tmp_path: Path) -> None:
    put(writer, "claims", rows(writer)["C"], None, "admin", "a test")
    assert apply(writer, changed("claims", "C", text_en="new")).changes == Counter({"conflict": 1})
    assert sorted(rows(writer)) == ["A", "B"]
    assert open_conflicts(writer, tmp_path) == ["claims C"]


def test_changed_by_an_admin_and_removed_upstream(writer: Writer, tmp_path: Path) -> None:
    mine = admin(writer, "claims", "C", text_en="mine")
    assert apply(writer, without("claims", "C")).changes == Counter({"conflict": 1})
    assert rows(writer)["C"] == mine
    assert open_conflicts(writer, tmp_path) == ["claims C"]


def test_removed_by_both(writer: Writer, tmp_path: Path) -> None:
    put(writer, "claims", rows(writer)["C"], None, "admin", "a test")
    assert not +apply(writer, without("claims", "C")).changes
    assert sorted(rows(writer)) == ["A", "B"]
    assert open_conflicts(writer, tmp_path) == []


def test_added_upstream(writer: Writer) -> None:
    tables = copy.deepcopy(FIRST)
    tables["sources"].append(source("s3"))
    tables["claims"].append(claim("D", "four", "s3", "A"))
    assert apply(writer, tables).changes == Counter({"added": 2})
    assert rows(writer)["D"] == tables["claims"][-1]
    assert events(writer, "claims") == [("edition", "D", None, tables["claims"][-1])]


def test_added_by_an_admin(writer: Writer) -> None:
    mine = claim("MINE", "mine")
    put(writer, "claims", None, mine, "admin", "a test")
    apply(writer, changed("claims", "A", text_en="new"))
    assert rows(writer)["MINE"] == mine
    assert events(writer, "claims")[0] == ("admin", "MINE", None, mine)


@pytest.mark.parametrize(("text", "conflicts"), [("same", []), ("other", ["claims D"])])
def test_added_by_both(writer: Writer, tmp_path: Path, text: str, conflicts: list[str]) -> None:
    mine = claim("D", "same")
    put(writer, "claims", None, mine, "admin", "a test")
    tables = copy.deepcopy(FIRST)
    tables["claims"].append(claim("D", text))
    apply(writer, tables)
    assert rows(writer)["D"] == mine
    assert open_conflicts(writer, tmp_path) == conflicts


def test_what_an_edition_did_is_told(writer: Writer) -> None:
    admin(writer, "claims", "B", text_en="mine")
    admin(writer, "sources", "s1", title="mine")
    tables = changed("claims", "B", text_en="theirs")
    tables["claims"][0]["text_en"] = "new"
    tables["claims"].append(claim("D", "four"))
    tables["aliases"] = []
    applied = apply(writer, tables)
    expected = {"changed": 1, "added": 1, "removed": 1, "conflict": 1, "kept": 1}
    assert applied.changes == Counter(expected)
    assert events(writer, "edition")[-1] == ("edition", "2", None, expected)
    assert len(list(writer.db.table("editions").rows)) == 2


def broken() -> list[Any]:
    """Editions that do not hold together."""
    dangling_region = changed("claims", "C", subject="region:99.99")
    no_source = changed("claims", "A", sources="")
    return [
        pytest.param(changed("claims", "A", sources="s1;nowhere"), id="unknown source"),
        pytest.param(no_source, id="no source"),
        pytest.param(dangling_region, id="unknown region of a claim"),
        pytest.param(changed("claims", "A", conflicts_with="Z"), id="unknown contradiction"),
        pytest.param(changed("districts", "33.10.01", region_code="99.99"), id="unknown region of a district"),
        pytest.param(changed("regions", "33.10", province_code="99"), id="unknown province"),
        pytest.param(without("sources", "s2"), id="source gone"),
        pytest.param(without("regions", "33.10"), id="region gone"),
    ]


@pytest.mark.parametrize("tables", broken())
def test_a_broken_edition_changes_nothing(writer: Writer, tables: Tables) -> None:
    before = state(writer)
    tables["sources"].append(source("s9"))
    with pytest.raises(InvalidDataError) as caught:
        apply(writer, tables)
    assert "\n" not in str(caught.value)
    assert state(writer) == before
    assert apply(writer, changed("claims", "A", text_en="new"), "3").changes == Counter({"changed": 1})


@pytest.mark.parametrize("tables", broken())
def test_a_broken_first_edition_leaves_nothing(tmp_path: Path, tables: Tables) -> None:
    with Writer(tmp_path) as writer:
        with pytest.raises(InvalidDataError):
            apply(writer, tables)
        assert not any(writer.db.table(name).count for name in (*KEYS, "events", "editions", "edition_rows", "about"))


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("claims", claim("D", "four", "")),
        ("claims", claim("D", "four", "nowhere")),
        ("claims", claim("D", "four", "s1", "nowhere")),
        ("claims", claim("D", "four", "s1", "", "region:99.99")),
        ("districts", {"code": "33.10.02", "name": "Gantiwarno", "region_code": "99.99"}),
        ("aliases", {"region_code": "99.99", "alias": "Nowhere", "kind": "nickname", "shared": ""}),
        ("cohorts", {"year": "soon", "phase": "", "part_of": "continuation", "list_complete": "no"}),
    ],
)
def test_what_put_refuses(writer: Writer, table: str, row: dict[str, str]) -> None:
    before = state(writer)
    with pytest.raises(InvalidDataError) as caught:
        put(writer, table, None, row, "admin", "a test")
    assert "\n" not in str(caught.value)
    assert state(writer) == before


def test_a_claim_does_not_lose_its_sources(writer: Writer) -> None:
    before = rows(writer)["A"]
    with pytest.raises(InvalidDataError, match="source"):
        put(writer, "claims", before, {**before, "sources": ""}, "admin", "a test")
    assert rows(writer)["A"] == before


def test_every_change_has_its_event(writer: Writer) -> None:
    row = claim("D", "four")
    later = {**row, "text_en": "4"}
    put(writer, "claims", None, row, "admin", "found")
    put(writer, "claims", row, later, "owner", "typo")
    put(writer, "claims", later, None, "admin", "wrong")
    assert events(writer, "claims") == [
        ("admin", "D", None, row),
        ("owner", "D", row, later),
        ("admin", "D", later, None),
    ]
    kept = list(writer.db.table("events").rows_where("table_name = 'claims'"))
    assert [event["reason"] for event in kept] == ["found", "typo", "wrong"]
    assert all(event["at"].endswith("+00:00") for event in kept)


def test_an_admins_claim_may_outlive_its_shipped_source(writer: Writer) -> None:
    """A newer edition that drops a source must not keep the bot from starting because an admin's claim rests on it."""
    put(writer, "claims", None, claim("MINE", "mine", "s2"), "admin", "a test")
    tables = without("sources", "s2")
    tables["claims"] = [claim("A", "one"), claim("C", "three", "s1", "", "region:33.10")]
    apply(writer, tables)
    assert rows(writer)["MINE"]["sources"] == "s2"
