"""Backups: whole, of one moment, for nobody else's eyes, rotated by name; made every night, and before an upgrade."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from filled import FILES, PEOPLE, content, execute, filled, tables
from running import Running, furnish, play, running
from telegram.error import NetworkError

import bot as entry
from handlers.backup import archive, holding, making, naming, starting
from handlers.backup.archive import BackupError
from handlers.fake_telegram import FakeTelegram, User
from handlers.people import migrations as people_migrations
from handlers.service import nightly as service
from handlers.service.nightly import Nightly, due
from handlers.shared.context import BotContext
from knowledge import copying, store
from knowledge.errors import DatabaseError, KnowledgeError

ROOT = Path(__file__).parent.parent
NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
"""2:00 on the 23rd in Jakarta."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DATA_DIR with something in every table; tests copy it before they change it."""
    return filled(tmp_path_factory.mktemp("made"))


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(made, tmp_path / "data")


@contextmanager
def disk_of(size: int) -> Iterator[None]:
    """No file can grow beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def names(folder: Path) -> list[str]:
    """All files in a folder, hidden ones too."""
    return sorted(path.name for path in folder.iterdir())


def one_line(error: BaseException) -> str:
    """A message that is one line and ends like a sentence."""
    message = str(error)
    assert "\n" not in message
    assert message.endswith(".")
    return message


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


def damaged(path: Path) -> None:
    """Overwrite pages in the middle of a database."""
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(b"\xaa" * 4096 * 8)


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


# ---------------------------------------------------------------------------------------------------------------- start


@pytest.mark.parametrize(("name", "lost"), [(store.FILE, "shipped edition"), (PEOPLE, "without roles")])
def test_damage_is_found_at_start_and_told_in_one_line(data: Path, name: str, lost: str) -> None:
    starting.check(data)
    damaged(data / name)
    with pytest.raises(DatabaseError, match=rf"{name} is damaged.*bot\.py restore FILE.*{lost}") as caught:
        starting.check(data)
    one_line(caught.value)
    with pytest.raises(DatabaseError, match="is damaged"), used(data, thorough=True):
        pass


def test_a_locked_file_does_not_keep_from_starting(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "BUSY_SECONDS", 0.01)
    with closing(sqlite3.connect(data / PEOPLE, isolation_level=None)) as other:
        other.execute("pragma locking_mode = exclusive")
        other.execute("begin exclusive")
        starting.check(data)


@contextmanager
def used(data: Path, said: list[str] | None = None, **given: Any) -> Iterator[None]:
    """Use a folder as a command does."""
    said = [] if said is None else said
    with starting.using(data, lambda: data / "backups", said.append, **given):
        yield


def older_edition(data: Path) -> None:
    """The knowledge as another edition left it."""
    execute(data / store.FILE, "update about set value = 'another' where key = 'fingerprint'")


def older_people(data: Path) -> None:
    """people.db as an older version left it."""
    execute(data / PEOPLE, f"delete from _sqlite_migrations where name = '{starting.PEOPLE_SCHEMA}'")


@pytest.mark.parametrize("age", [older_edition, older_people])
def test_before_an_upgrade_comes_a_backup(data: Path, age: Any) -> None:
    with used(data):
        assert not (data / "backups").exists()
    age(data)
    before, said = content(data), []
    with used(data, said):
        ((_, path),) = naming.backups(data / "backups", "before-upgrade")
    assert str(path) in said[0]
    assert content(data) == before
    (data / "back").mkdir()
    archive.unpack(path, data / "back")
    assert content(data / "back") == before


def test_without_that_backup_nothing_is_upgraded(data: Path) -> None:
    older_edition(data)
    before = content(data)
    done = CliRunner(env={"BACKUP_DIR": str(data / store.FILE / "no")}).invoke(
        entry.bot, ["ask", "Klaten?", "--data-dir", str(data)]
    )
    assert isinstance(done.exception, BackupError)
    assert "could not be made" in one_line(done.exception)
    assert content(data) == before


def test_any_command_backs_up_first(data: Path) -> None:
    older_edition(data)
    done = CliRunner().invoke(entry.bot, ["kb", "info", "--data-dir", str(data)])
    assert done.exit_code == 0
    assert "before-upgrade" in done.stderr
    assert not starting.outdated(data)
    assert len(naming.backups(data / "backups", "before-upgrade")) == 1
    assert "before-upgrade" not in CliRunner().invoke(entry.bot, ["kb", "info", "--data-dir", str(data)]).stderr


@pytest.mark.parametrize("name", FILES)
def test_a_newer_schema_is_refused_without_a_backup(data: Path, name: str) -> None:
    newer = "insert into _sqlite_migrations (migration_set, name, applied_at) values ('x', 'm999_later', '')"
    execute(data / name, newer)
    older_edition(data)
    with (
        pytest.raises(DatabaseError, match=r"newer version.*Upgrade the bot, or restore the backup") as caught,
        used(data),
    ):
        pass
    one_line(caught.value)
    assert not (data / "backups").exists()


def test_the_newest_step_of_people_db_is_named_without_importing_it(data: Path) -> None:
    with closing(sqlite3.connect(data / PEOPLE)) as c:
        steps = [name for (name,) in c.execute("select name from _sqlite_migrations order by rowid")]
    assert (PEOPLE, steps[-1]) == (starting.PEOPLE, starting.PEOPLE_SCHEMA)
    assert people_migrations.migrations  # which is what made the file


def test_who_uses_a_folder_excludes_whom(tmp_path: Path) -> None:
    together = {("beside", "beside"), ("beside", "as the bot"), ("as the bot", "beside")}
    ways: tuple[holding.How, ...] = ("beside", "as the bot", "alone")
    for first in ways:
        for second in ways:
            with holding.held(tmp_path, first):
                if (first, second) in together:
                    with holding.held(tmp_path, second, wait=0):
                        pass
                else:
                    with pytest.raises(holding.InUseError) as caught, holding.held(tmp_path, second, wait=0):
                        pass
                    assert str(tmp_path) in one_line(caught.value)
    assert names(tmp_path) == ["lock"]


def test_a_folder_that_cannot_be_written_is_no_reason_not_to_answer(tmp_path: Path) -> None:
    (tmp_path / "lock").mkdir()
    with holding.held(tmp_path, "as the bot", wait=0):
        pass


# -------------------------------------------------------------------------------------------------------------- nightly


@pytest.mark.parametrize(
    ("now", "hour", "expected"),
    [
        ("2026-11-22T18:59:59+00:00", 2, "2026-11-21T19:00:00+00:00"),
        ("2026-11-22T19:00:00+00:00", 2, "2026-11-22T19:00:00+00:00"),
        ("2026-11-22T16:59:00+00:00", 0, "2026-11-21T17:00:00+00:00"),
        ("2026-11-22T17:00:00+00:00", 0, "2026-11-22T17:00:00+00:00"),
        ("2026-12-31T16:00:00+00:00", 23, "2026-12-31T16:00:00+00:00"),
    ],
)
def test_when_a_backup_is_due(now: str, hour: int, expected: str) -> None:
    assert due(datetime.fromisoformat(now), hour) == datetime.fromisoformat(expected)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A DATA_DIR with the shipped knowledge, whose backups are beside it."""
    furnish(tmp_path / "data")
    return tmp_path / "data"


def nightly(bot: Running) -> Nightly:
    """The nightly backups of a running bot."""
    return Nightly(BotContext(bot.bot.application))


def test_what_was_kept_before_an_upgrade_goes_in_time(
    folder: Path, one_engine: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What somebody had deleted since does not stay in it for ever."""
    out = folder / "backups"
    out.mkdir()
    old = [naming.free(out, purpose, NOW - 90 * DAY - HOUR) for purpose in ("before-upgrade", "before-restore")]
    kept = [naming.free(out, "before-upgrade", NOW - 90 * DAY + HOUR), out / "mine-2020-01-01T000000Z.zip"]
    for path in (*old, *kept):
        path.touch()

    async def nothing(_: object) -> None:
        """The bot's own look, by the real clock."""

    async def scene() -> None:
        async with running(FakeTelegram(), folder, backup_keep=3) as bot:
            assert await nightly(bot).look(NOW)

    monkeypatch.setattr(service, "keep_backing_up", nothing)
    play(scene)
    assert [path.exists() for path in (*old, *kept)] == [False, False, True, True]


async def greeted(bot: Running, user: User) -> None:
    """Somebody has a chat with the bot, and one message from it."""
    user.starts()
    await bot.settles()
    assert len(bot.telegram.said(user)) == 1


def test_one_backup_a_day_through_restarts_and_leaps_of_the_clock(
    folder: Path, one_engine: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(_: object) -> None:
        """The bot's own look, by the real clock."""

    monkeypatch.setattr(service, "keep_backing_up", nothing)

    async def scene() -> None:
        async with running(FakeTelegram(), folder, backup_keep=3) as bot:
            made = []
            ten_years = timedelta(days=3650)
            for now in (NOW - HOUR, NOW, NOW + HOUR, NOW + DAY - HOUR, NOW + DAY, NOW + ten_years, NOW + DAY + HOUR,
                        NOW + 2 * DAY, NOW + 2 * DAY + HOUR):  # fmt: skip
                before = naming.backups(folder / "backups", "tanya")
                assert await nightly(bot).look(now)
                made += [at for at, _ in naming.backups(folder / "backups", "tanya") if at not in dict(before)]
            assert made == [NOW - HOUR, NOW, NOW + DAY, NOW + ten_years, NOW + 2 * DAY]
            assert len(naming.backups(folder / "backups", "tanya")) == 3

    play(scene)


def test_answers_go_on_while_a_backup_is_made(folder: Path, one_engine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on, write = threading.Event(), threading.Event(), copying.write

    def slow(*arguments: Any) -> None:
        begun.set()
        assert go_on.wait(30)
        write(*arguments)

    async def scene() -> None:
        telegram = FakeTelegram()
        async with running(telegram, folder, backup_keep=3) as bot:
            assert await asyncio.to_thread(begun.wait, 30)
            budi = telegram.user("Budi")
            budi.sends("Klaten?")
            await bot.settles()
            assert "Kabupaten Klaten" in telegram.said(budi)[-1]
            assert naming.backups(folder / "backups", "tanya") == []
            go_on.set()
            await telegram.until(lambda: bool(naming.backups(folder / "backups", "tanya")), timeout=30)

    monkeypatch.setattr(copying, "write", slow)
    play(scene)


def test_a_failure_is_told_once_a_day_and_tried_again(
    folder: Path, one_engine: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        async with running(telegram, folder, owner_ids=(sari.id,), backup_dir=folder / store.FILE / "<no>") as bot:
            await greeted(bot, sari)
            jobs = nightly(bot)
            assert not await jobs.look(NOW)
            *_, told = telegram.said(sari)
            assert "cadangan" in told.lower()
            assert "<no>" in told
            assert not await jobs.look(NOW + HOUR)
            assert not await nightly(bot).look(NOW + HOUR)  # after a restart
            assert len(telegram.said(sari)) == 2
            monkeypatch.setattr(service, "TOLD_SECONDS", 0.0)  # as after a day
            assert not await jobs.look(NOW + DAY)
            assert len(telegram.said(sari)) == 3

    play(scene)


def test_what_cannot_be_written_down_is_not_told_again_and_again(
    folder: Path, one_engine: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        async with running(telegram, folder, owner_ids=(sari.id,), backup_dir=folder / store.FILE / "no") as bot:
            await greeted(bot, sari)

            def full(*_: object) -> None:
                raise sqlite3.OperationalError("database or disk is full")

            monkeypatch.setattr(bot.people, "apply", full)
            jobs = nightly(bot)
            with pytest.raises(sqlite3.OperationalError):
                await jobs.look(NOW)
            assert not await jobs.look(NOW + HOUR)
            assert len(telegram.said(sari)) == 2
            monkeypatch.undo()

    play(scene)


def test_no_failure_is_the_last_look(folder: Path, one_engine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []

    async def look(self: Nightly, now: datetime) -> bool:
        looked.append(now)
        if len(looked) == 1:
            raise NetworkError("away")
        return True

    async def scene() -> None:
        telegram = FakeTelegram()
        async with running(telegram, folder, backup_keep=3):
            await telegram.until(lambda: len(looked) > 3, timeout=30)

    monkeypatch.setattr(Nightly, "look", look)
    monkeypatch.setattr(service, "LOOK_SECONDS", 0.001)
    monkeypatch.setattr(service, "AGAIN_SECONDS", 0.001)
    play(scene)


def test_zero_kept_is_none_made(folder: Path, one_engine: None) -> None:
    async def scene() -> None:
        async with running(FakeTelegram(), folder, backup_keep=0) as bot:
            await asyncio.wait_for(nightly(bot).keep_making(), 30)

    play(scene)
    assert not (folder / "backups").exists()


def test_errors_are_the_knowledge_s() -> None:
    """bot.py prints them in one line with exit status 2."""
    assert issubclass(BackupError, KnowledgeError)
    assert issubclass(holding.InUseError, KnowledgeError)
