"""Restoring: everything comes back, what was there is kept, a kill loses nothing, and what is no sound backup is refused."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from filled import FILES, PEOPLE, content, execute, filled
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from process import bot_process, handled
from running import furnish, play, running
from sqlite_utils import Database

import bot as entry
from handlers.backup import archive, making, naming, restoring, starting
from handlers.backup.archive import BackupError
from handlers.fake_telegram import FakeTelegram
from handlers.fake_telegram.server import serve
from handlers.people import People
from handlers.people import migrations as people_migrations
from handlers.people.database import APPLICATION_ID
from knowledge import copying, edition, prepared, store
from knowledge.changes import Change, RowChange
from knowledge.errors import DatabaseError, KnowledgeError
from knowledge.writer import Writer

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DATA_DIR with something in every table; tests copy it before they change it."""
    folder = filled(tmp_path_factory.mktemp("made"), shipped=False)
    (folder / prepared.FILE).touch()
    return folder


@pytest.fixture(scope="module")
def backup(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of it."""
    return making.make(made, tmp_path_factory.mktemp("backups"), "tanya").path


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    """A DATA_DIR in which more has happened since."""
    folder = shutil.copytree(made, tmp_path / "data")
    change(folder)
    return folder


def change(folder: Path) -> None:
    """Something happens in both databases."""
    execute(folder / store.FILE, "insert into about (key, value) values ('later', 'later')")
    execute(folder / PEOPLE, "insert into settings (key, value) values ('later', 'later')")


def restore(file: Path, data: Path, *options: str, answer: str = "") -> Result:
    """`bot.py restore`."""
    return CliRunner().invoke(entry.bot, ["restore", str(file), "--data-dir", str(data), *options], input=answer)


def stands(folder: Path) -> dict[str, list[str]]:
    """What is in the databases of a folder, after nothing of a restore is left over there."""
    assert not (folder / naming.STAGE).exists()
    return content(folder)


def test_all_comes_back_into_an_empty_folder(made: Path, backup: Path, tmp_path: Path) -> None:
    assert restore(backup, tmp_path / "new", "--yes").exit_code == 0
    assert stands(tmp_path / "new") == content(made)


def test_the_bot_answers_from_it_and_the_queue_goes_on(tmp_path: Path, one_engine: None) -> None:
    source = tmp_path / "source"
    furnish(source)
    People(source).close()
    telegram = FakeTelegram()
    budi = telegram.user("Budi")
    budi.sends("Apakah Klaten ikut?")
    (waiting,) = telegram.updates.waiting
    telegram.updates.delivered(waiting)
    execute(
        source / PEOPLE,
        f"insert into inbox (update_id, received_at, body) values ({waiting['update_id']}, 1, '{json.dumps(waiting)}')",
    )
    assert restore(making.make(source, tmp_path / "out", "tanya").path, tmp_path / "new", "--yes").exit_code == 0

    async def scene() -> None:
        async with running(telegram, tmp_path / "new") as bot:
            await bot.settles()
            assert "Kabupaten Klaten" in telegram.said(budi)[-1]
            budi.sends("Apakah Kota Magelang ikut?")
            await bot.settles()
            assert "Kota Magelang" in telegram.said(budi)[-1]

    play(scene)


def test_what_it_replaces_is_kept_as_a_backup(made: Path, backup: Path, data: Path, tmp_path: Path) -> None:
    later = content(data)
    done = restore(backup, data, "--yes")
    ((_, kept),) = naming.backups(data / making.FOLDER, "before-restore")
    assert str(kept) in done.stdout
    assert stands(data) == content(made)
    assert restore(kept, data, "--yes").exit_code == 0
    assert stands(data) == later


@pytest.mark.parametrize("name", FILES)
def test_what_is_damaged_is_kept_as_it_is(made: Path, backup: Path, data: Path, name: str) -> None:
    (data / name).write_bytes(b"no database")
    (data / f"{name}-wal").write_bytes(b"its log")
    other = next(file for file in FILES if file != name)
    whole = (data / other).read_bytes()
    assert restore(backup, data, "--yes").exit_code == 0
    (aside,) = data.glob("damaged-*")
    assert (aside / name).read_bytes() == b"no database"
    assert (aside / f"{name}-wal").read_bytes() == b"its log"
    assert (aside / other).read_bytes() == whole
    assert stands(data) == content(made)


@pytest.mark.parametrize("moved_away", [True, False])
def test_a_log_that_was_left_is_not_played_into_what_comes(
    made: Path, backup: Path, data: Path, tmp_path: Path, moved_away: bool
) -> None:
    killed = tmp_path / "killed"
    with closing(sqlite3.connect(data / PEOPLE)) as c:
        c.execute("pragma journal_mode = wal")
        c.execute("update settings set value = 'of the log'")
        c.commit()
        shutil.copytree(data, killed)  # as a kill leaves it: with its log
    assert (killed / f"{PEOPLE}-wal").stat().st_size
    if moved_away:
        (killed / PEOPLE).unlink()
    assert restore(backup, killed, "--yes").exit_code == 0
    assert stands(killed) == content(made)


def test_what_is_derived_is_made_again(backup: Path, data: Path) -> None:
    assert (data / prepared.FILE).exists()
    restore(backup, data, "--yes")
    assert not (data / prepared.FILE).exists()


def test_it_asks_first(backup: Path, data: Path) -> None:
    before = content(data)
    done = restore(backup, data, answer="n\n")
    assert done.exit_code == 1
    assert "knowledge.db and people.db" in done.stdout
    assert stands(data) == before
    assert not (data / making.FOLDER).exists()
    assert restore(backup, data, answer="y\n").exit_code == 0
    assert stands(data) != before


def test_a_check_changes_nothing(backup: Path, tmp_path: Path) -> None:
    done = restore(backup, tmp_path / "none", "--check")
    assert (done.exit_code, "sound" in done.stdout) == (0, True)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("name", FILES)
def test_one_database_alone_leaves_the_other(made: Path, data: Path, tmp_path: Path, name: str) -> None:
    shutil.copy(made / name, tmp_path / "alone")
    expected = content(data)[next(file for file in FILES if file != name)]
    done = restore(tmp_path / "alone", data, "--yes")
    assert done.exit_code == 0
    assert "stays as it is" in done.stdout
    now = stands(data)
    assert now[name] == content(made)[name]
    assert next(rows for file, rows in now.items() if file != name) == expected


def test_where_what_is_there_cannot_be_kept_nothing_changes(
    backup: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = content(data)
    (data / making.FOLDER).write_text("in the way", encoding="utf-8")
    done = restore(backup, data, "--yes")
    assert isinstance(done.exception, BackupError)
    assert stands(data) == before


def test_a_disk_that_is_too_small_is_told_before(backup: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = content(data)
    usage = shutil.disk_usage(data)
    monkeypatch.setattr(restoring, "disk_usage", lambda _: usage._replace(free=1000))
    done = restore(backup, data, "--yes")
    assert "MB are free" in one_line(done.exception)
    assert stands(data) == before


def one_line(error: BaseException | None) -> str:
    """A message of ours that is one line and ends like a sentence."""
    assert isinstance(error, KnowledgeError), error
    message = str(error)
    assert "\n" not in message
    assert message.endswith(".")
    return message


# ------------------------------------------------------------------------------------------------------ older versions


def test_an_older_schema_is_restored_and_brought_up_at_the_next_start(tmp_path: Path, one_engine: None) -> None:
    old = tmp_path / "old"
    old.mkdir()
    with closing(sqlite3.connect(old / PEOPLE)) as c:
        c.execute(f"pragma application_id = {APPLICATION_ID}")
        people_migrations.migrations.apply(Database(c), stop_before="m002_roles_drafts_decisions")
        c.execute(
            "insert into questions (id, day, text, language, reason) values (1, '2099-01-01', 'Apa?', 'id', 'empty')"
        )
        c.commit()
    assert restore(making.make(old, tmp_path / "out", "tanya").path, tmp_path / "new", "--yes").exit_code == 0
    with starting.using(tmp_path / "new", lambda: tmp_path / "out", lambda _: None):
        people = People(tmp_path / "new")
        assert people._connection.execute("select text, meaning from questions").fetchall() == [("Apa?", None)]
        people.close()
    assert len(naming.backups(tmp_path / "out", "before-upgrade")) == 1
    assert not starting.outdated(tmp_path / "new")


# ------------------------------------------------------------------------------------------------------------- refused


def rewritten(backup: Path, target: Path, change: Callable[[dict[str, bytes]], Any]) -> Path:
    """A backup whose entries were changed, with everything else in order."""
    with zipfile.ZipFile(backup) as packed:
        entries = {name: packed.read(name) for name in packed.namelist()}
    change(entries)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, entry in entries.items():
            packed.writestr(name, entry)
    return target


def said(entries: dict[str, bytes], **values: Any) -> None:
    """The manifest says something else."""
    entries["manifest.json"] = json.dumps({**json.loads(entries["manifest.json"]), **values}).encode()


def of(entries: dict[str, bytes], name: str, **values: Any) -> None:
    """The manifest says something else of a database."""
    manifest = json.loads(entries["manifest.json"])
    manifest["files"][name].update(values)
    entries["manifest.json"] = json.dumps(manifest).encode()


def flipped(entries: dict[str, bytes]) -> None:
    """One bit of a database is another."""
    body = bytearray(entries[PEOPLE])
    body[len(body) // 2] ^= 1
    entries[PEOPLE] = bytes(body)


def swapped(entries: dict[str, bytes]) -> None:
    """Each database under the other's name."""
    manifest = json.loads(entries["manifest.json"])
    entries[PEOPLE], entries[store.FILE] = entries[store.FILE], entries[PEOPLE]
    files = manifest["files"]
    files[PEOPLE], files[store.FILE] = files[store.FILE], files[PEOPLE]
    entries["manifest.json"] = json.dumps(manifest).encode()


REFUSED: dict[str, tuple[Callable[[dict[str, bytes]], Any], str]] = {
    "a bit": (flipped, "not what its manifest says"),
    "swapped": (swapped, "no database of this bot"),
    "no manifest": (lambda e: e.pop("manifest.json"), "no backup of this bot"),
    "manifest no JSON": (lambda e: e.update({"manifest.json": b"{"}), "manifest cannot be read"),
    "manifest a list": (lambda e: e.update({"manifest.json": b"[]"}), "manifest cannot be read"),
    "manifest deep": (lambda e: e.update({"manifest.json": b"[" * 100_000}), "manifest cannot be read"),
    "manifest huge": (lambda e: e.update({"manifest.json": b" " * 1_000_001}), "more of manifest"),
    "newer format": (lambda e: said(e, format=2, files="?"), "newer version of the bot"),
    "nothing in it": (lambda e: said(e, files={}), "something else than its manifest"),
    "one missing": (lambda e: e.pop(PEOPLE), "something else than its manifest"),
    "another file": (lambda e: e.update({"more.txt": b"x"}), "something else than its manifest"),
    "a path up": (lambda e: e.update({"../evil": b"x"}), "something else than its manifest"),
    "a bomb": (lambda e: e.update({PEOPLE: bytes(60_000_000)}), "more of people.db"),
    "a size beyond all": (lambda e: of(e, PEOPLE, bytes=2**33), "manifest cannot be read"),
    "other rows": (lambda e: of(e, PEOPLE, rows={"inbox": 3}), "not what its manifest says"),
    "other numbers": (lambda e: of(e, PEOPLE, application_id=3), "not what its manifest says"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_sound_backup_is_refused(backup: Path, data: Path, tmp_path: Path, name: str) -> None:
    change, message = REFUSED[name]
    before = content(data)
    done = restore(rewritten(backup, tmp_path / "changed.zip", change), data, "--yes")
    assert message in one_line(done.exception)
    assert stands(data) == before
    assert not (data / making.FOLDER).exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["changed.zip", "data"]


def test_an_unchanged_copy_of_it_is_not_refused(backup: Path, data: Path, tmp_path: Path) -> None:
    """What the refusals above rest on."""
    assert restore(rewritten(backup, tmp_path / "same.zip", lambda _: None), data, "--yes").exit_code == 0


def damaged(path: Path) -> None:
    """Overwrite pages in the middle of a database."""
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(b"\xaa" * 4096 * 8)


def dangling(path: Path) -> None:
    """A row refers to one that is not there."""
    execute(path, "update districts set region_code = '99.99'")


@pytest.mark.parametrize("harm", [damaged, dangling])
def test_a_damaged_database_with_the_right_sums_is_refused(
    made: Path, data: Path, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    source = shutil.copytree(made, tmp_path / "source")
    manifest = archive.described(source, datetime.now(UTC))
    harm(source / store.FILE)
    manifest.there[store.FILE].sha256 = hashlib.sha256((source / store.FILE).read_bytes()).hexdigest()
    archive.pack(source, manifest, tmp_path / "x.zip")
    assert "damaged" in one_line(restore(tmp_path / "x.zip", data, "--yes").exception)


@pytest.mark.parametrize("name", FILES)
def test_a_newer_schema_is_refused(made: Path, data: Path, tmp_path: Path, name: str) -> None:
    source = shutil.copytree(made, tmp_path / "source")
    newer = "insert into _sqlite_migrations (migration_set, name, applied_at) values ('x', 'm999_later', '')"
    execute(source / name, newer)
    newer_backup = making.make(source, tmp_path / "out", "tanya").path
    before = content(data)
    for file in (newer_backup, source / name):
        assert "newer version" in one_line(restore(file, data, "--yes").exception)
    assert stands(data) == before


@pytest.mark.parametrize(
    "body", [b"", b"text\n", b"PK\x03\x04", b"SQLite format 3\0" + bytes(84), b"SQLite format 3\0"]
)
def test_any_other_file_is_refused(data: Path, tmp_path: Path, body: bytes) -> None:
    (tmp_path / "file").write_bytes(body)
    assert "no backup of this bot" in one_line(restore(tmp_path / "file", data, "--yes").exception)


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_database_is_refused(made: Path, data: Path, tmp_path: Path, name: str) -> None:
    shutil.copy(made / name, tmp_path / "file")
    damaged(tmp_path / "file")
    before = content(data)
    assert "is damaged" in one_line(restore(tmp_path / "file", data, "--yes").exception)
    assert stands(data) == before


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_backup_that_rotted_is_refused_or_whole(
    backup: Path, made: Path, tmp_path: Path, data: st.DataObject
) -> None:
    body = bytearray(backup.read_bytes())
    # The ends are where a zip says what is in it.
    places = st.one_of(
        st.integers(0, 200), st.integers(1, 400).map(lambda n: len(body) - n), st.integers(0, len(body) - 1)
    )
    for at in data.draw(st.lists(places, min_size=1, max_size=3)):
        body[at] = data.draw(st.integers(0, 255))
    file = tmp_path / "rotten.zip"
    file.write_bytes(bytes(body[: data.draw(st.sampled_from([len(body), len(body), len(body) - 1, len(body) // 2]))]))
    folder = tmp_path / "into"
    folder.mkdir()
    try:
        archive.unpack(file, folder)
    except KnowledgeError as error:
        one_line(error)
    else:
        assert [(folder / name).read_bytes() for name in FILES] == [_unpacked(backup, name) for name in FILES]
    finally:
        shutil.rmtree(folder)


def _unpacked(backup: Path, name: str) -> bytes:
    with zipfile.ZipFile(backup) as packed:
        return packed.read(name)


# --------------------------------------------------------------------------------------------------------------- kills

KILLS = """
import json, os, shutil, sys
from pathlib import Path
from handlers.backup import restoring, starting

source, backup, work = (Path(argument) for argument in sys.argv[1:])
EVENTS = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree")
left = None

def watch(event, arguments):
    global left
    writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wxa+")
    if left is not None and (event in EVENTS or writes):
        left -= 1
        if left < 0:
            os._exit(9)

sys.addaudithook(watch)
point = 0
while True:
    folder = work / str(point)
    shutil.copytree(source, folder)
    child = os.fork()
    if not child:
        left = point
        with restoring.prepared_for(folder, backup) as ready:
            ready.take_place(work / f"backups{point}")
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status == 0:
        break
    assert status == 9, status
    point += 1
print(point)
"""


@pytest.mark.parametrize("sound", [True, False])
def test_a_kill_at_any_moment_leaves_the_old_or_the_new(
    made: Path, backup: Path, data: Path, tmp_path: Path, sound: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not sound:
        damaged(data / store.FILE)
    old = {name: (data / name).read_bytes() for name in FILES}
    work = tmp_path / "work"
    work.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", KILLS, str(data), str(backup), str(work)], cwd=ROOT, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    new = content(made)
    # The small databases are of no edition: that is not what this is about.
    monkeypatch.setattr(starting, "outdated", lambda _: False)
    outcomes = []
    for point in range(int(done.stdout)):
        folder = work / str(point)
        with starting.using(folder, Path, print, "as the bot"):
            pass
        came = all((folder / name).exists() and (folder / name).read_bytes() == old[name] for name in FILES)
        assert not (folder / naming.STAGE).exists()
        if not came:
            assert content(folder) == new
            if not sound:
                (aside,) = folder.glob("damaged-*")
                assert {name: (aside / name).read_bytes() for name in FILES} == old
        outcomes.append("old" if came else "new")
    assert {"old", "new"} == set(outcomes)
    assert outcomes == sorted(outcomes, reverse=True)


# ------------------------------------------------------------------------------------------------------ while a bot runs


def test_it_is_refused_while_a_bot_runs_and_not_after_a_kill(backup: Path, made: Path, tmp_path: Path) -> None:
    furnish(tmp_path / "data")

    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        data = tmp_path / "data"
        async with serve(telegram) as url, bot_process(url, data) as bot:
            budi.sends("Klaten?")
            await handled(telegram)
            done = await asyncio.to_thread(restore, backup, data, "--yes")
            assert "Stop it first" in one_line(done.exception)
            await bot.kill()
        assert (await asyncio.to_thread(restore, backup, data, "--yes")).exit_code == 0
        assert stands(data) == content(made)

    play(scene)


def test_a_second_bot_on_the_same_folder_ends_in_one_line(tmp_path: Path) -> None:
    data = tmp_path / "data"
    furnish(data)
    People(data).close()
    with starting.using(data, Path, lambda _: None, "as the bot"):
        with (
            pytest.raises(DatabaseError, match="another bot runs on it"),
            restoring.holding.held(data, "as the bot", wait=0),
        ):
            pass
        # Commands beside it work.
        assert CliRunner().invoke(entry.bot, ["team", "list", "--data-dir", str(data)]).exit_code == 0
    assert copying.application(data / PEOPLE) == APPLICATION_ID


# ---------------------------------------------------------------------------------------------------------- rolling back


def test_an_edition_is_rolled_back_by_the_older_version_or_by_its_backup(tmp_path: Path) -> None:
    data, shipped = tmp_path / "data", edition.read()
    furnish(data)
    edited = {**store.claims(data)["F001"], "text_en": "As an admin wrote it."}
    with Writer(data) as writer:
        writer.commit(
            Change("admin 1", "edit", "why", "where", (RowChange("claims", store.claims(data)["F001"], edited),))
        )
        rows = [{**row, "review_by": "2099"} if row["id"] == "F002" else row for row in shipped.tables["claims"]]
        writer.apply(shipped._replace(id="2099.1", tables={**shipped.tables, "claims": rows}), "f" * 16)
    newer = content(data)
    with starting.using(data, lambda: tmp_path / "out", lambda _: None):
        assert store.load(data).edition == shipped.id
    claims, before = store.claims(data), {row["id"]: row for row in shipped.tables["claims"]}
    assert (claims["F001"], claims["F002"]) == (edited, before["F002"])
    ((_, kept),) = naming.backups(tmp_path / "out", "before-upgrade")
    assert restore(kept, data, "--yes").exit_code == 0
    assert stands(data) == newer
