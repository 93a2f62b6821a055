"""Backups: whole, of one moment, for nobody else's eyes, rotated by name."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from filled import FILES, PEOPLE, content, damaged, disk_of, execute, kept, names, one_line, restore, tables

import bot as entry
from handlers.backup import archive, holding, making, naming, starting
from handlers.backup.manifest import BackupError
from handlers.people import database as people
from handlers.people import migrations as people_migrations
from knowledge import copying, store
from knowledge.migrations import opened
from knowledge.writer import Writer

ROOT = Path(__file__).parent.parent
NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of a DATA_DIR with something in every table."""
    return shutil.copytree(kept(), tmp_path / "data")


# --------------------------------------------------------------------------------------------------------------- making


def test_a_backup_holds_every_row_of_every_table(data: Path, tmp_path: Path) -> None:
    for name in FILES:
        with closing(sqlite3.connect(data / name)) as c:
            assert all(c.execute(f'select count(*) from "{t}"').fetchone()[0] for t in tables(c))
    backup = making.make(data, tmp_path / "out", "tanya", now=NOW)
    assert backup.path == tmp_path / "out" / "tanya-2026-11-22T190000Z.zip"
    (tmp_path / "back").mkdir()
    assert archive.unpack(backup.path, tmp_path / "back") == backup.manifest
    assert content(tmp_path / "back") == content(data)


def test_the_manifest_says_what_is_in_it(data: Path, tmp_path: Path) -> None:
    backup = making.make(data, tmp_path / "out", "tanya", now=NOW)
    with zipfile.ZipFile(backup.path) as packed:
        said = json.loads(packed.read("manifest.json"))
        assert sorted(packed.namelist()) == ["knowledge.db", "manifest.json", "people.db"]
    assert (said["format"], said["made_at"]) == (1, "2026-11-22T19:00:00Z")
    assert said["edition"] == store.read(data).edition
    assert said["files"]["knowledge.db"]["migrations"][-1] == store.SCHEMA
    assert said["files"]["people.db"]["migrations"][-1] == starting.PEOPLE_SCHEMA
    assert said["files"]["knowledge.db"]["rows"]["claims"] == len(store.read(data).claims)


@pytest.mark.parametrize("name", FILES)
def test_a_database_that_is_gone_drives_out_no_backup_that_has_it(data: Path, tmp_path: Path, name: str) -> None:
    """It was moved away, or its disk is not mounted: after two weeks no backup would have it any more."""
    out = tmp_path / "out"
    good = making.make(data, out, "tanya", 1, NOW)
    (data / name).rename(tmp_path / name)
    with pytest.raises(BackupError, match=f"{name} is missing, which {good.path.name} has") as raised:
        making.make(data, out, "tanya", 1, NOW + DAY)
    assert "\n" not in str(raised.value)
    assert names(out) == [good.path.name]
    making.make(data, out, "before-restore", 1, NOW + DAY)  # What is there is kept before it is replaced.
    (tmp_path / name).rename(data / name)
    making.make(data, out, "tanya", 1, NOW + DAY)


def test_only_this_user_can_read_it(data: Path, tmp_path: Path) -> None:
    backup = making.make(data, tmp_path / "new" / "out", "tanya")
    assert (backup.path.stat().st_mode & 0o777, backup.path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_where_only_questions_were_asked_there_is_no_people_db(data: Path, tmp_path: Path) -> None:
    (data / PEOPLE).unlink()
    backup = making.make(data, tmp_path / "out", "tanya")
    assert backup.manifest.files[PEOPLE] is None
    with zipfile.ZipFile(backup.path) as packed:
        assert PEOPLE not in packed.namelist()


def test_both_databases_are_of_one_moment(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever wants to change the knowledge while they are looked at waits; what comes after is not in the backup."""
    opened, seen = copying.snapshot, []

    @contextmanager
    def snapshot(path: Path, *arguments: float) -> Iterator[sqlite3.Connection]:
        with opened(path, *arguments) as connection:
            if path.parent == data:
                with (
                    closing(sqlite3.connect(data / store.FILE, timeout=0)) as other,
                    pytest.raises(sqlite3.OperationalError),
                ):
                    other.execute("update about set value = 'later' where key = 'edition'")
                seen.append(path.name)
            yield connection

    copied = copying.write

    def write(connection: sqlite3.Connection, target: Path) -> None:
        execute(data / store.FILE, "update about set value = 'later' where key = 'edition'")
        execute(data / PEOPLE, "insert or replace into settings (key, value) values ('later', 'later')")
        copied(connection, target)

    monkeypatch.setattr(copying, "snapshot", snapshot)
    monkeypatch.setattr(copying, "write", write)
    before = content(data)
    backup = making.make(data, tmp_path / "out", "tanya")
    assert sorted(seen) == sorted(FILES)
    monkeypatch.undo()
    (tmp_path / "back").mkdir()
    archive.unpack(backup.path, tmp_path / "back")
    assert content(tmp_path / "back") == before
    assert content(data) != before


@pytest.mark.parametrize("size", [0, 4096, 200_000, 650_000])
def test_a_full_disk_leaves_older_backups_and_nothing_else(data: Path, tmp_path: Path, size: int) -> None:
    older = making.make(data, tmp_path / "out", "tanya", now=NOW)
    before = older.path.read_bytes()
    assert size < max(len(before), 2_000_000)
    with (
        disk_of(size),
        pytest.raises(BackupError, match=r"could not be made .* older backups are as they were") as caught,
    ):
        making.make(data, tmp_path / "out", "tanya", 1, now=NOW + DAY)
    one_line(caught.value)
    assert names(tmp_path / "out") == [older.path.name]
    assert older.path.read_bytes() == before


KILL = """
import os, sys
from pathlib import Path
from handlers.backup import archive, making

def pack(*arguments, packed=archive.pack):
    packed(*arguments)
    os._exit(9)

archive.pack = pack
making.make(Path(sys.argv[1]), Path(sys.argv[2]), "tanya")
"""


def test_a_kill_leaves_no_half_backup_that_counts(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    killed = subprocess.run([sys.executable, "-c", KILL, str(data), str(out)], cwd=ROOT, timeout=60, check=False)
    assert killed.returncode == 9
    assert naming.backups(out, "tanya") == []
    (left,) = names(out)
    first = making.make(data, out, "tanya", now=NOW).path.name
    assert names(out) == [left, first]  # it may be another's that is at work
    os.utime(out / left, (time.time() - making.ABANDONED_SECONDS - 9,) * 2)
    second = making.make(data, out, "tanya", now=NOW + DAY).path.name
    assert names(out) == [first, second]


def test_a_clock_that_has_not_been_set_is_no_obstacle(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A zip knows no year before 1980."""
    then = time.gmtime(0)
    monkeypatch.setattr(time, "localtime", lambda *_: then)
    made = making.make(data, tmp_path / "out", "tanya", now=datetime(1970, 1, 1, tzinfo=UTC))
    (tmp_path / "back").mkdir()
    assert archive.unpack(made.path, tmp_path / "back") == made.manifest
    with zipfile.ZipFile(made.path) as packed:
        assert {entry.external_attr >> 16 & 0o077 for entry in packed.infolist()} == {0}


@pytest.mark.parametrize("name", FILES)
def test_what_is_damaged_is_not_backed_up_and_named(data: Path, tmp_path: Path, name: str) -> None:
    damaged(data / name)
    with pytest.raises(BackupError, match=rf"{name} is damaged.*bot\.py restore") as caught:
        making.make(data, tmp_path / "out", "tanya")
    one_line(caught.value)
    assert names(tmp_path / "out") == []


def test_where_nothing_is_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="nothing to back up") as caught:
        making.make(tmp_path, tmp_path / "out", "tanya")
    one_line(caught.value)


def test_a_database_that_stays_locked_is_one_line(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "LOCK_SECONDS", 0.01)
    with closing(sqlite3.connect(data / store.FILE, isolation_level=None)) as other:
        other.execute("begin immediate")
        with pytest.raises(BackupError, match="locked") as caught:
            making.make(data, tmp_path / "out", "tanya")
    one_line(caught.value)


# -------------------------------------------------------------------------------------------------------------- copying


def test_a_copy_can_be_read_where_nothing_can_be_written(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_bytes(b"what was there")
    copying.copy(data / store.FILE, target)
    assert target.read_bytes()[18:20] == b"\x01\x01"  # no write-ahead log (https://www.sqlite.org/fileformat.html)
    assert names(tmp_path) == ["copy.db", "data"]


def test_a_copy_that_fails_leaves_what_was_there(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_bytes(b"what was there")
    with disk_of(100_000), pytest.raises(sqlite3.Error):
        copying.copy(data / store.FILE, target)
    damaged(data / store.FILE)
    with pytest.raises(copying.DamagedError):
        copying.copy(data / store.FILE, target)
    assert target.read_bytes() == b"what was there"
    assert names(tmp_path) == ["copy.db", "data"]


def test_a_row_that_refers_to_nothing_is_damage(data: Path) -> None:
    execute(
        data / store.FILE, "update districts set region_code = '99.99' where code = (select min(code) from districts)"
    )
    with pytest.raises(copying.DamagedError, match="refer"):
        copying.verify(data / store.FILE)


def test_an_index_that_disagrees_with_its_table_is_damage(data: Path, tmp_path: Path) -> None:
    """Written anew, it would agree with whatever rows are left."""
    with closing(sqlite3.connect(data / store.FILE, isolation_level=None)) as c:
        index = c.execute("select * from sqlite_master where name = 'idx_claims_subject_attribute'").fetchone()
        c.execute("pragma writable_schema = on")
        c.execute("delete from sqlite_master where name = ?", (index[1],))
    execute(
        data / store.FILE,
        "delete from claim_conflicts",
        "delete from claim_sources",
        "delete from claims where id = 'F001'",
    )
    with closing(sqlite3.connect(data / store.FILE, isolation_level=None)) as c:
        c.execute("pragma writable_schema = on")
        c.execute("insert into sqlite_master values (?, ?, ?, ?, ?)", index)
    with pytest.raises(BackupError, match="damaged"):
        making.make(data, tmp_path / "out", "tanya")


def careless(*arguments: Any, opens: Callable[..., sqlite3.Connection] = sqlite3.connect, **given: Any) -> Any:
    """A connection of an SQLite that does not overwrite what is deleted unless it is told to."""
    connection = opens(*arguments, **given)
    connection.execute("pragma secure_delete = off")
    return connection


GONE = "zorgonzorgonzorgon"
"""A text that is nowhere once it is deleted."""


def test_what_was_deleted_is_in_no_copy(data: Path, tmp_path: Path) -> None:
    with closing(careless(data / PEOPLE)) as c:
        for statement in (f"insert into settings values ('x', '{GONE * 400}')", "delete from settings where key = 'x'"):
            c.execute(statement)
            c.commit()
    assert GONE.encode() in (data / PEOPLE).read_bytes()
    making.make(data, tmp_path / "out", "tanya", now=NOW)
    with zipfile.ZipFile(tmp_path / "out" / "tanya-2026-11-22T190000Z.zip") as packed:
        assert GONE.encode() not in packed.read(PEOPLE)


def in_people(folder: Path) -> sqlite3.Connection:
    """people.db, as the bot opens it."""
    return opened(folder / PEOPLE, people.APPLICATION_ID, people_migrations.migrations)


@pytest.mark.parametrize(
    ("opens", "table"), [(in_people, "settings"), (lambda folder: Writer(folder).connection, "about")]
)
def test_what_is_deleted_is_overwritten(
    data: Path, monkeypatch: pytest.MonkeyPatch, opens: Callable[[Path], sqlite3.Connection], table: str
) -> None:
    monkeypatch.setattr(sqlite3, "connect", careless)
    with closing(opens(data)) as c:
        for statement in (f"insert into {table} values ('x', '{GONE * 400}')", f"delete from {table} where key = 'x'"):
            c.execute(statement)
            c.commit()
            c.execute("pragma wal_checkpoint(truncate)")
    assert not [path.name for path in data.iterdir() if GONE.encode() in path.read_bytes()]


# ------------------------------------------------------------------------------------------------------------- rotation


def test_the_oldest_go_and_nothing_else(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    others = [
        "tanya-2020-01-01T000000Z.zip.part", "mine.zip", "tanya-2020.zip", "before-upgrade-2020-01-01T000000Z.zip",
        "tanya-2020-01-01T000000Z.tar", "xtanya-2020-01-01T000000Z.zip",
    ]  # fmt: skip
    for name in others:
        (out / name).touch()
    for day in range(4):
        making.make(data, out, "tanya", 2, now=NOW + day * DAY)
    assert [at for at, _ in naming.backups(out, "tanya")] == [NOW + 2 * DAY, NOW + 3 * DAY]
    assert set(names(out)) >= set(others)


def test_the_one_just_made_stays_whatever_the_clock_says(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for day in (0, 1, -9000):
        last = making.make(data, out, "tanya", 2, now=NOW + day * DAY)
    assert [at for at, _ in naming.backups(out, "tanya")] == [NOW - 9000 * DAY, NOW + DAY]
    assert last.path.exists()


def test_two_in_one_second_are_two(data: Path, tmp_path: Path) -> None:
    first, second = (making.make(data, tmp_path, "tanya", now=NOW).path for _ in range(2))
    assert [path for _, path in naming.backups(tmp_path, "tanya")] == [first, second]


def test_the_command_makes_and_rotates(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for _ in range(3):
        done = CliRunner().invoke(entry.bot, ["backup", str(out), "--keep", "2", "--data-dir", str(data)])
        assert done.exit_code == 0, done.output
    assert len(naming.backups(out, "tanya")) == 2
    assert "verified" in done.stdout
    assert f"{len(store.read(data).claims)} claims" in done.stdout


def test_a_backup_is_made_though_older_ones_cannot_be_removed(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(naming, "rotate", refused)
    done = CliRunner().invoke(entry.bot, ["backup", str(tmp_path / "out"), "--keep", "1", "--data-dir", str(data)])
    assert (done.exit_code, "verified" in done.stdout) == (0, True)
    assert "could not be removed (Operation not permitted)" in done.stderr
    assert len(naming.backups(tmp_path / "out", "tanya")) == 1


def test_the_command_uses_the_folder_as_others_do(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A restore that was interrupted comes first, and none can begin meanwhile."""
    (data / naming.STAGE).mkdir()
    shutil.copy(data / PEOPLE, data / naming.STAGE)
    execute(data / naming.STAGE / PEOPLE, "insert into settings values ('restored', 'yes')")
    (data / naming.STAGE / naming.READY).touch()
    copied, refusals = copying.write, []

    def write(connection: sqlite3.Connection, target: Path) -> None:
        refusals.append(restore(data / PEOPLE, data, "--yes").exception)
        copied(connection, target)

    monkeypatch.setattr(copying, "write", write)
    done = CliRunner().invoke(entry.bot, ["backup", str(tmp_path / "out"), "--data-dir", str(data)])
    assert (done.exit_code, "interrupted" in done.stderr) == (0, True)
    assert not (data / naming.STAGE).exists()
    assert all(isinstance(error, holding.InUseError) for error in refusals)
    assert refusals
    ((_, path),) = naming.backups(tmp_path / "out", "tanya")
    (tmp_path / "back").mkdir()
    archive.unpack(path, tmp_path / "back")
    assert any("'restored'" in line for line in content(tmp_path / "back")[PEOPLE])
