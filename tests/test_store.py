"""knowledge.db: made from the shipped edition once, strict, described, refused where damaged; prepared.json."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from knowledge import edition, migrations, prepared, snapshot, store
from knowledge.changes import Change, RowChange
from knowledge.engine import Engine
from knowledge.errors import DatabaseError
from knowledge.merging import dictionary
from knowledge.writer import Writer

ROOT = Path(__file__).parent.parent
QUESTIONS = """
Apakah Klaten peserta? | Is Klaten in it? | Bandung ikut nggak? | Kota Bandung? | Bandung Barat ikut?
Depok ikut 2018? | Apakah Jawa Tengah ikut? | Which regions in Bali take part? | Berapa peserta 2018?
How many joined in 2017? | Kecamatan Cepu ikut? | Apakah Purwokerto ikut? | Sukorejo ikut?
Are Klaten, Solo and Jogja in it? | Was Klaten in the 2018 cohort? | Apa itu quick win?
What is the masterplan for? | Siapa Menkominfo saat itu? | Which ministries were involved?
Kapan MoU 2019 diteken? | klatne ikut? | Apakah Atlantis ikut? | Who signed for Sragen?
Apa saja quick win Wonosobo? | Provinsi mana paling banyak? | makasih | hello | Berapa harga beras?
Siapa saja yang tidak ikut di Banten? | Apa enam dimensi smart city? | Is Lombok Timur in it? | Klaten
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder after the first start; tests copy it before they change it."""
    folder = tmp_path_factory.mktemp("made")
    prepared.engine(folder)
    return folder


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    """A copy of that folder to do anything with."""
    return shutil.copytree(made, tmp_path / "copy")


@pytest.fixture
def connection(made: Path) -> Iterator[sqlite3.Connection]:
    """A connection to the database as it was made."""
    with closing(sqlite3.connect(made / store.FILE)) as opened:
        yield opened


def content(folder: Path) -> list[str]:
    """All of a database as SQL."""
    with closing(sqlite3.connect(folder / store.FILE)) as opened:
        return list(opened.iterdump())


def names(connection: sqlite3.Connection, kind: str) -> set[str]:
    """Tables or views of ours."""
    rows = connection.execute("select name from sqlite_master where type = ?", [kind])
    return {name for (name,) in rows if not name.startswith(("sqlite_", "_sqlite"))}


# --------------------------------------------------------------------------------------------------- making and reading


def test_the_first_start_writes_one_event(connection: sqlite3.Connection) -> None:
    events = connection.execute("select actor, table_name, row_key, before, after from events").fetchall()
    shipped = edition.read()
    assert [event[:4] for event in events] == [("edition", "edition", shipped.id, None)]
    assert json.loads(events[0][4]) == {"added": sum(shipped.counts.values())}


def test_the_first_start_is_one_transaction(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the power is gone")

    monkeypatch.setattr(Writer, "record", fail)
    with pytest.raises(RuntimeError, match="power"):
        store.load(tmp_path)
    with closing(sqlite3.connect(tmp_path / store.FILE)) as opened:
        counts = {t: opened.execute(f"select count(*) from {t}").fetchone()[0] for t in names(opened, "table")}
    assert set(counts.values()) == {0}
    monkeypatch.undo()
    assert store.load(tmp_path).claims


def test_a_second_start_changes_nothing(copy: Path) -> None:
    before = content(copy)
    store.load(copy)
    prepared.engine(copy)
    with Writer(copy) as writer:
        assert not writer.apply_shipped().changes
    assert content(copy) == before


def test_the_database_says_what_the_csv_files_say(made: Path) -> None:
    shipped = edition.read()
    assert store.read(made) == snapshot.build(shipped.id, shipped.tables, compiled=shipped.compiled)


def test_programs_that_start_at_once_on_an_empty_folder_all_succeed(tmp_path: Path) -> None:
    code = "import sys, pathlib; from knowledge import store; print(len(store.load(pathlib.Path(sys.argv[1])).claims))"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(4)
    ]
    told = [process.communicate(timeout=60) for process in started]
    assert [error.decode()[-200:] for _, error in told] == [""] * 4
    assert len({out for out, _ in told}) == 1


# --------------------------------------------------------------------------------------------------------------- schema


def test_tables_are_strict(connection: sqlite3.Connection) -> None:
    ours = names(connection, "table")
    strict = {row[1] for row in connection.execute("pragma table_list") if row[5]}
    assert ours - strict == set()


def test_the_journal_is_wal(connection: sqlite3.Connection) -> None:
    assert connection.execute("pragma journal_mode").fetchone() == ("wal",)


def test_foreign_keys_hold_while_writing(copy: Path) -> None:
    with Writer(copy) as writer, pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        writer.db.table("districts").insert({"code": "99.99.01", "name": "Nowhere", "region_code": "99.99"})


def test_foreign_keys_fit(connection: sqlite3.Connection) -> None:
    assert connection.execute("pragma foreign_key_check").fetchall() == []
    assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]


def test_readers_cannot_write(made: Path) -> None:
    with pytest.raises(DatabaseError), store.reading(made / store.FILE) as opened:
        opened.execute("delete from claims")


def test_the_dictionary_is_complete(connection: sqlite3.Connection) -> None:
    there = {
        (table, column)
        for table in names(connection, "table") | names(connection, "view")
        for column in ("", *(row[1] for row in connection.execute(f"pragma table_info({table})")))
    }
    described = connection.execute("select table_name, column_name, description from data_dictionary").fetchall()
    assert {row[:2] for row in described} == there
    assert all(text.strip() for *_, text in described)
    assert {(t, "" if c == "_" else c) for t, columns in dictionary().items() for c in columns} == there


def test_the_schema_is_the_latest() -> None:
    assert store.SCHEMA == migrations.LATEST


# --------------------------------------------------------------------------------------------------- unusable databases


def not_sqlite(path: Path) -> None:
    path.write_text("this is a letter to my grandmother\n" * 400, encoding="utf-8")


def foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as opened:
        opened.execute("create table recipes (name text)")


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def one_page(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:4096])


def header_only(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


def zeroed(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:8192] + bytes(len(content) - 8192))


def newer(path: Path) -> None:
    """As a newer bot leaves it: a migration that is unknown here, and its name as the schema."""
    with closing(sqlite3.connect(path)) as opened, opened:
        opened.execute(
            "insert into _sqlite_migrations (migration_set, name, applied_at) "
            "select migration_set, 'm999_from_the_future', applied_at from _sqlite_migrations limit 1"
        )
        opened.execute("update about set value = 'm999_from_the_future' where key = 'schema'")


@pytest.mark.parametrize("damage", [not_sqlite, foreign, half, one_page, header_only, zeroed, newer])
@pytest.mark.parametrize("start", [store.load, prepared.engine])
@pytest.mark.parametrize("is_prepared", [True, False])
def test_a_database_that_cannot_be_used(
    copy: Path, damage: Callable[[Path], None], start: Callable[[Path], object], is_prepared: bool
) -> None:
    if not is_prepared:
        (copy / prepared.FILE).unlink()
    damage(copy / store.FILE)
    before = (copy / store.FILE).read_bytes()
    with pytest.raises(DatabaseError) as caught:
        start(copy)
    message = str(caught.value)
    assert store.FILE in message
    assert "\n" not in message
    assert message.endswith(".")
    assert (copy / store.FILE).read_bytes() == before


def test_a_writer_refuses_an_unknown_migration(copy: Path) -> None:
    newer(copy / store.FILE)
    with pytest.raises(DatabaseError, match="newer version"):
        Writer(copy)


@pytest.mark.parametrize("damage", [foreign, not_sqlite])
def test_a_writer_refuses_what_is_not_ours(copy: Path, damage: Callable[[Path], None]) -> None:
    damage(copy / store.FILE)
    before = (copy / store.FILE).read_bytes()
    with pytest.raises(DatabaseError):
        Writer(copy)
    assert (copy / store.FILE).read_bytes() == before


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(DatabaseError) as caught:
        store.load(tmp_path / "file" / "var")
    assert "\n" not in str(caught.value)


# -------------------------------------------------------------------------------------------------------- prepared.json


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose prepared file is broken and made again over and over."""
    folder = tmp_path_factory.mktemp("home")
    prepared.engine(folder)
    return folder


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: "",
        lambda _: "no JSON",
        lambda _: "[]",
        lambda _: "null",
        lambda _: "[" * 100_000,
        lambda good: good[:-2000],
        lambda good: json.dumps({**json.loads(good), "state": "of another day"}),
        lambda good: json.dumps({name: json.loads(good)[name] for name in ("files", "state")}),
        lambda good: json.dumps({**json.loads(good), "words": None}),
    ],
    ids=["empty", "no-json", "list", "null", "deep", "cut", "stale", "marks-only", "no-words"],
)
def test_a_bad_prepared_file_is_made_again(home: Path, damage: Callable[[str], str]) -> None:
    path = home / prepared.FILE
    good = path.read_text(encoding="utf-8")
    path.write_text(damage(good), encoding="utf-8")
    try:
        assert prepared.engine(home).answer("Apakah Klaten ikut?").answer.outcome == "answered"
        assert json.loads(path.read_bytes()) == json.loads(good)
    finally:
        path.write_text(good, encoding="utf-8")


def test_bytes_that_are_no_text(copy: Path) -> None:
    (copy / prepared.FILE).write_bytes(b"\xff\xfe\x00")
    assert prepared.engine(copy).answer("Apakah Klaten ikut?").answer.outcome == "answered"


def test_a_prepared_file_that_cannot_be_written(copy: Path) -> None:
    (copy / prepared.FILE).unlink()
    (copy / prepared.FILE).mkdir()
    assert prepared.engine(copy).answer("Apakah Klaten ikut?").answer.outcome == "answered"
    assert {path.name for path in copy.iterdir()} == {store.FILE, prepared.FILE}


def test_a_change_of_the_knowledge_makes_it_stale(copy: Path) -> None:
    with Writer(copy) as writer:
        row = next(r for r in store.tables(writer.db.conn, ["claims"])["claims"] if r["id"] == "F172")
        changed = {**row, "text_id": "Quick win berarti zebra.", "text_en": "Quick win means zebra."}
        writer.commit(Change("admin 1", "edit", "test", "", (RowChange("claims", row, changed),)))
    assert "F172" in prepared.engine(copy).answer("What is a zebra quick win?").answer.trace.claims


def test_a_changed_word_file_makes_it_stale(copy: Path, tmp_path: Path) -> None:
    data = shutil.copytree(prepared.DATA, tmp_path / "data")
    prepared.engine(copy, data)
    with (data / "id" / "ordinary.txt").open("a", encoding="utf-8") as file:
        file.write("zzgrbl\n")
    assert prepared.engine(copy, data).lexicon.word("zzgrbl")


@pytest.mark.parametrize("text", [text.strip() for text in re.split(r"[|\n]", QUESTIONS.strip())])
def test_a_prepared_engine_answers_the_same(made: Path, engine: Engine, warm: Engine, text: str) -> None:
    fresh, kept = (one.answer(text, now=0.0).answer for one in (engine, warm))
    assert kept == fresh


@pytest.fixture(scope="module")
def warm(made: Path) -> Engine:
    """An engine from the prepared file."""
    assert (made / prepared.FILE).exists()
    return prepared.engine(made)
