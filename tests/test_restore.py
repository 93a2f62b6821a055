"""Restoring: everything comes back, what was there is kept, and the bot goes on from it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from filled import FILES, PEOPLE, content, damaged, execute, one_line, restore, stands
from process import bot_process, handled
from running import furnish, play, running
from sqlite_utils import Database

import bot as entry
from handlers.backup import holding, making, naming, restoring, starting
from handlers.backup.manifest import BackupError
from handlers.fake_telegram import FakeTelegram
from handlers.fake_telegram.server import serve
from handlers.people import People
from handlers.people import migrations as people_migrations
from handlers.people.database import APPLICATION_ID
from knowledge import copying, edition, prepared, store
from knowledge.changes import Change, RowChange
from knowledge.errors import DatabaseError
from knowledge.migrations import opened
from knowledge.writer import Writer


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


def test_what_is_sound_is_no_damage_though_its_log_says_whose_it_is(backup: Path, tmp_path: Path) -> None:
    """Of a young file, whose bot was killed."""
    people, killed = People(tmp_path / "young"), tmp_path / "killed"
    people.apply(lambda: people.profiles.set_language(7, "en"))
    shutil.copytree(tmp_path / "young", killed)  # as a kill leaves it: with its log
    people.close()
    assert int.from_bytes((killed / PEOPLE).read_bytes()[68:72], "big") == 0
    assert restore(backup, killed, "--yes").exit_code == 0
    ((_, kept),) = naming.backups(killed / making.FOLDER, "before-restore")
    assert not list(killed.glob("damaged-*"))
    assert restore(kept, killed, "--yes").exit_code == 0
    assert "INSERT INTO \"people\" VALUES(7,'en',NULL);" in stands(killed)[PEOPLE]


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


def test_people_db_is_for_its_user_alone_whatever_the_umask(
    data: Path, backup: Path, tmp_path: Path, umask: None
) -> None:
    (data / PEOPLE).chmod(0o644)
    (data / store.FILE).chmod(0o640)
    for folder, knowledge in ((data, 0o640), (tmp_path / "new", 0o600)):
        assert restore(backup, folder, "--yes").exit_code == 0
        assert [(folder / name).stat().st_mode & 0o777 for name in FILES] == [knowledge, 0o600]
    with closing(opened(tmp_path / PEOPLE, APPLICATION_ID, people_migrations.migrations)):
        assert (tmp_path / PEOPLE).stat().st_mode & 0o777 == 0o600


@pytest.fixture
def umask() -> Iterator[None]:
    """Files are made for everybody to read, as by root."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may give files away")
@pytest.mark.parametrize("harmed", [False, True])
def test_what_root_restores_belongs_to_the_user_of_the_folder(data: Path, backup: Path, harmed: bool) -> None:
    if harmed:
        damaged(data / PEOPLE)
    os.chown(data, 12345, 12346)
    assert restore(backup, data, "--yes").exit_code == 0
    aside = data.glob(f"{restoring.ASIDE}*") if harmed else (data / "backups", *(data / "backups").iterdir())
    owners = {path.name: (path.stat().st_uid, path.stat().st_gid) for path in aside}
    assert len(owners) == (1 if harmed else 2)
    owners |= {name: ((data / name).stat().st_uid, (data / name).stat().st_gid) for name in (*FILES, holding.FILE)}
    assert set(owners.values()) == {(12345, 12346)}, owners
