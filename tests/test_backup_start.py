"""What is looked at before anything opens the databases: damage, who else uses the folder, an upgrade."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from filled import FILES, PEOPLE, content, damaged, disk_of, execute, kept, names, one_line, restore

import bot as entry
from handlers.backup import archive, holding, making, naming, starting
from handlers.backup.manifest import BackupError
from handlers.people import migrations as people_migrations
from knowledge import store
from knowledge.errors import DatabaseError


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of a DATA_DIR with something in every table."""
    return shutil.copytree(kept(), tmp_path / "data")


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


def test_older_backups_that_cannot_be_removed_are_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    older_edition(data)
    monkeypatch.setattr(naming, "rotate", refused)
    said: list[str] = []
    with used(data, said):
        assert "could not be removed" in said[-1]
    done = restore(making.make(data, data / "out", "tanya").path, data, "--yes")
    assert (done.exit_code, "could not be removed" in done.stderr) == (0, True)


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


@pytest.mark.parametrize("age", [older_edition, older_people])
def test_nothing_is_upgraded_under_a_bot_that_runs(data: Path, age: Any) -> None:
    """It is of the older version, and would go on writing to a schema that it does not know."""
    age(data)
    before = content(data)
    with holding.held(data, "as the bot"):
        done = CliRunner().invoke(entry.bot, ["kb", "info", "--data-dir", str(data)])
    assert isinstance(done.exception, holding.InUseError)
    assert "Restart the bot first" in one_line(done.exception)
    assert (content(data), (data / "backups").exists()) == (before, False)
    with used(data, how="as the bot"):
        assert len(naming.backups(data / "backups", "before-upgrade")) == 1


def test_beside_a_bot_of_the_same_version_commands_work(data: Path) -> None:
    with holding.held(data, "as the bot"):
        assert CliRunner().invoke(entry.bot, ["kb", "info", "--data-dir", str(data)]).exit_code == 0
    assert not holding.bot_runs(data)


def test_a_folder_that_cannot_be_looked_into_is_told_in_one_line(tmp_path: Path) -> None:
    """Such as one in another user's home. A name that is too long for the disk is refused as that is, to root too."""
    folder = tmp_path / ("x" * 300)
    for command in (["kb", "info"], ["backup", str(tmp_path / "out")]):
        done = CliRunner().invoke(entry.bot, [*command, "--data-dir", str(folder)])
        assert "cannot look into" in one_line(done.exception)


# ------------------------------------------------------------------------------------------------------- a first start


def test_a_first_start_makes_the_folder_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    with used(folder, how="as the bot"):
        with pytest.raises(holding.InUseError), holding.held(folder, "as the bot", wait=0):
            pass
        backup = making.make(kept(shipped=False), tmp_path / "out", "tanya").path
        assert isinstance(restore(backup, folder, "--yes").exception, holding.InUseError)
    assert restore(backup, folder, "--yes").exit_code == 0


def test_a_command_makes_no_folder(tmp_path: Path) -> None:
    with used(tmp_path / "none"):
        pass
    assert not (tmp_path / "none").exists()


# --------------------------------------------------------------------------------------------------------- exit statuses


def status(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """The exit status of `bot.py`."""
    monkeypatch.setattr(sys, "argv", ["bot.py", *arguments])
    with pytest.raises(SystemExit) as ended:
        entry.main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_what_may_pass_by_itself_has_a_status_of_its_own(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The service is started again after 75, and after 2 it is not."""
    at = ("--data-dir", str(data))
    opens = sqlite3.connect
    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", lambda *a, **k: opens(*a, **{**k, "timeout": 0}))
        with closing(opens(data / store.FILE, isolation_level=None)) as other:
            other.execute("pragma locking_mode = exclusive")
            other.execute("begin exclusive")
            assert status(patch, "kb", "info", *at) == 75
        assert "locked" in capsys.readouterr().err
        older_edition(data)
        with disk_of(4096):
            assert status(patch, "kb", "info", *at) == 75
        assert "could not be made" in capsys.readouterr().err
        backup = making.make(data, tmp_path / "out", "tanya").path
        with holding.held(data, "as the bot"):
            assert status(patch, "restore", str(backup), "--yes", *at) == 75
        assert "in use" in capsys.readouterr().err
    damaged(data / store.FILE)
    assert status(monkeypatch, "backup", str(tmp_path / "out"), *at) == 2
    assert capsys.readouterr().err.count("\n") == 1
