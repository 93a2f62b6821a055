"""Taking changes back, and the knowledge as it stood on a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from filled import disk_of
from test_changes import change, row, worded

from knowledge import editing, edition, history, store
from knowledge.changes import RowChange, content_hash
from knowledge.errors import ConflictError, DatabaseError, InvalidDataError
from knowledge.writer import Writer


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    """A writer on the shipped edition."""
    with Writer(tmp_path) as opened:
        opened.apply_shipped()
        yield opened


def as_of(writer: Writer, moment: str, number: int) -> None:
    """Say in the log that a change was made at another moment."""
    for table, column in (("changes", "id"), ("events", "change_id")):
        writer.connection.execute(f"drop trigger {table}_no_update")
        writer.connection.execute(f"update {table} set at = ? where {column} = ?", (moment, number))
        writer.connection.execute(
            f"create trigger {table}_no_update before update on {table} begin select raise(abort, 'the log of changes only grows'); end"
        )


def test_taken_back_as_a_new_change(writer: Writer, tmp_path: Path) -> None:
    before = row(tmp_path, "claims", "F001")
    number = writer.commit(change(worded(tmp_path, "Wrong.")))
    by = writer.commit(history.undo(tmp_path, number, "admin 2", "a slip"))
    assert row(tmp_path, "claims", "F001") == before
    taken, undoing = history.entry(tmp_path, number), history.entry(tmp_path, by)
    assert (taken.undone_by, undoing.undoes, undoing.kind, undoing.actor) == (by, number, "undo", "admin 2")


def test_taking_back_is_taken_back(writer: Writer, tmp_path: Path) -> None:
    number = writer.commit(change(worded(tmp_path, "Right after all.")))
    by = writer.commit(history.undo(tmp_path, number, "admin 1", ""))
    writer.commit(history.undo(tmp_path, by, "admin 1", ""))
    assert row(tmp_path, "claims", "F001")["text_en"] == "Right after all."
    assert history.entry(tmp_path, number).undone_by is None
    again = writer.commit(history.undo(tmp_path, number, "admin 1", ""))
    assert row(tmp_path, "claims", "F001")["text_en"] != "Right after all."
    assert history.entry(tmp_path, number).undone_by == again


def test_later_changes_stand_in_the_way_and_are_told(writer: Writer, tmp_path: Path) -> None:
    first = writer.commit(change(worded(tmp_path, "One.")))
    second = writer.commit(change(worded(tmp_path, "Two.")))
    with pytest.raises(ConflictError, match=f"no. {second}"):
        history.undo(tmp_path, first, "admin 1", "")


def test_what_a_later_claim_rests_on_stays(writer: Writer, tmp_path: Path) -> None:
    source = editing.blank("sources", id="new-2026", publisher="P", title="T")
    added = writer.commit(change(RowChange("sources", None, source)))
    before = row(tmp_path, "claims", "F001")
    writer.commit(change(RowChange("claims", before, {**before, "sources": "new-2026"})))
    with pytest.raises(InvalidDataError):
        writer.commit(history.undo(tmp_path, added, "admin 1", ""))
    assert row(tmp_path, "claims", "F001")["sources"] == "new-2026"


def test_what_is_not_taken_back(writer: Writer, tmp_path: Path) -> None:
    number = writer.commit(change(worded(tmp_path, "Wrong.")))
    writer.commit(history.undo(tmp_path, number, "admin 1", ""))
    for nothing in (1, number, 99):
        with pytest.raises(InvalidDataError):
            history.undo(tmp_path, nothing, "admin 1", "")


def test_pages_of_the_log(writer: Writer, tmp_path: Path) -> None:
    numbers = [writer.commit(change(worded(tmp_path, f"{n}."))) for n in range(4)]
    assert [e.id for e in history.entries(tmp_path, limit=2)] == numbers[:1:-1]
    assert [e.id for e in history.entries(tmp_path, limit=2, before=numbers[2])] == numbers[1::-1]


def test_a_changed_table_does_not_agree_with_the_log(writer: Writer, tmp_path: Path) -> None:
    writer.commit(change(worded(tmp_path, "Logged.")))
    assert history.disagreements(tmp_path) == []
    writer.connection.execute("update claims set text_en = 'behind its back' where id = 'F001'")
    assert history.disagreements(tmp_path) == ["claims F001"]


def test_the_knowledge_of_a_day(writer: Writer, tmp_path: Path) -> None:
    as_of(writer, "2026-01-01T10:00:00+00:00", 1)
    writer.connection.execute("update editions set applied_at = '2026-01-01T10:00:00+00:00'")
    start = content_hash(store.all_tables(tmp_path))
    first = writer.commit(change(worded(tmp_path, "One.")))
    as_of(writer, "2026-01-05T23:59:59+00:00", first)
    one = content_hash(store.all_tables(tmp_path))
    before = row(tmp_path, "claims", "F002")
    second = writer.commit(change(*editing.retired(store.all_tables(tmp_path), "claims", before)))
    as_of(writer, "2026-01-06T00:00:00+00:00", second)
    found = {}
    for day in (date(2026, 1, 4), date(2026, 1, 5), date(2026, 1, 6)):
        folder = tmp_path / day.isoformat()
        folder.mkdir()
        assert history.at(tmp_path, day, folder / store.FILE) == {4: 1, 5: first, 6: second}[day.day]
        found[day.day] = content_hash(store.all_tables(folder))
        assert history.disagreements(folder) == []
        assert store.load(folder).edition == edition.about().id
    assert found == {4: start, 5: one, 6: content_hash(store.all_tables(tmp_path))}


def test_an_earlier_edition_comes_back_with_its_own_base(tmp_path: Path) -> None:
    shipped = edition.read()
    with Writer(tmp_path) as writer:
        writer.apply(shipped, edition.fingerprint())
        as_of(writer, "2026-01-01T10:00:00+00:00", 1)
        writer.connection.execute("update editions set applied_at = '2026-01-01T10:00:00+00:00'")
        start = content_hash(store.all_tables(tmp_path))
        rows = [{**r, "text_en": "Newer."} if r["id"] == "F001" else r for r in shipped.tables["claims"]]
        writer.apply(shipped._replace(id="next", tables={**shipped.tables, "claims": rows}), "another")
    folder = tmp_path / "then"
    folder.mkdir()
    history.at(tmp_path, date(2026, 1, 1), folder / store.FILE)
    assert content_hash(store.all_tables(folder)) == start
    with Writer(folder) as writer:
        assert not writer.apply_shipped().changes  # it is that edition, base and all


def test_days_and_files_that_cannot_be(writer: Writer, tmp_path: Path) -> None:
    out = tmp_path / "then.db"
    with pytest.raises(InvalidDataError, match="begins"):
        history.at(tmp_path, date.today() - timedelta(days=9), out)
    assert not out.exists()
    out.write_text("mine")
    with pytest.raises(InvalidDataError, match="already"):
        history.at(tmp_path, date.today(), out)
    assert out.read_text() == "mine"
    for nowhere in (tmp_path / "no folder" / "then.db", out / "then.db", tmp_path / ("x" * 300)):
        with pytest.raises(DatabaseError, match=r"cannot be written.*Choose a file") as caught:
            history.at(tmp_path, date.today(), nowhere)
        assert str(caught.value).startswith(str(nowhere))
        assert not caught.value.passes


def test_where_the_copy_does_not_fit_it_is_the_copy_that_cannot_be_written(writer: Writer, tmp_path: Path) -> None:
    with disk_of(4096), pytest.raises(DatabaseError, match=r"^\S+then\.db cannot be written"):
        history.at(tmp_path, date.today(), tmp_path / "then.db")
    assert not (tmp_path / "then.db").exists()
