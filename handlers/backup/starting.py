"""What is looked at before anything opens the databases of a DATA_DIR: an interrupted restore, damage, an upgrade.

Few imports: every command begins here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISDIR
from typing import Final

from knowledge import copying, store
from knowledge.errors import DatabaseError

from . import holding, naming

PEOPLE: Final = "people.db"
PEOPLE_SCHEMA: Final = "m007_corrections_decided_once"
"""Newest migration of people.db; a test holds it equal to that, which is not imported here."""
BUSY_SECONDS: Final = 1.0
"""How long a locked file is waited for before it is left to whoever opens it next."""
_LOST: Final = {
    store.FILE: "the bot then begins from the shipped edition, without what admins changed since",
    PEOPLE: "the bot then begins without roles, followers, requests, reports and unanswered questions",
}
"""What goes where a damaged file is moved away instead."""


@contextmanager
def joined(data_dir: Path, say: Callable[[str], None], how: holding.How = "beside") -> Iterator[None]:
    """Use a DATA_DIR until the block ends, as it is. A restore that was killed is gone on with first; ``say`` is told.

    The bot makes the folder where there is none, so that nobody else begins to use it meanwhile.

    Raises:
        InUseError: another process uses the folder in a way that does not go together with that.
        BackupError: the restore cannot be gone on with now.
        DatabaseError: this user may not look into the folder.
    """
    if how == "as the bot":
        with suppress(OSError):  # Of which whoever makes the databases tells.
            data_dir.mkdir(parents=True, exist_ok=True)
    try:
        there, interrupted = _there(data_dir), _there(data_dir / naming.STAGE)
    except OSError as error:
        raise DatabaseError(
            f"This user cannot look into {data_dir} ({error.strerror}). Run this as the user of the bot, or set DATA_DIR."
        ) from error
    if not there:
        yield  # There is nothing in it, and whoever needs it makes it.
        return
    if interrupted:
        from . import restoring

        if restoring.go_on(data_dir):
            say(f"A restore into {data_dir} had been interrupted; it is complete now.")
    with holding.held(data_dir, how):
        yield


def _there(path: Path) -> bool:
    """Whether there is such a folder. Unlike ``Path.is_dir``, of any Python, it raises OSError where that cannot be told."""
    try:
        return S_ISDIR(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


@contextmanager
def using(
    data_dir: Path, backups: Callable[[], Path], say: Callable[[str], None], how: holding.How = "beside",
    *, thorough: bool = False,
) -> Iterator[None]:  # fmt: skip
    """Use a DATA_DIR until the block ends, as :func:`joined` does. Where the databases are older than this version of the bot,
    a backup is made before anything changes them.

    Args:
        data_dir: the folder; it need not be there, but for the bot, which makes it.
        backups: gives the folder of the backups.
        say: is told in one line what was done.
        how: as the bot, or beside it.
        thorough: read the databases from end to end before.

    Raises:
        InUseError: another process uses the folder in a way that does not go together with that; or a bot runs on it that is
            older than this version, whose databases must not change under it.
        BackupError: the backup could not be made, so nothing was changed.
        DatabaseError: a database is damaged, another program's, or of a newer version.
    """
    with joined(data_dir, say, how):
        if thorough:
            check(data_dir)
        if outdated(data_dir):
            from . import making, manifest

            manifest.refuse_newer(data_dir)
            if how != "as the bot" and holding.bot_runs(data_dir):
                raise holding.InUseError(
                    f"The databases in {data_dir} are of an older version than this command, and a bot runs on them. Restart "
                    "the bot first: it brings them up to date."
                )
            made = making.make(data_dir, backups(), "before-upgrade", naming.BEFORE_KEPT)
            say(f"The databases are brought up to this version of the bot. As they were: {made.path}")
            if made.left:
                say(made.left)
        yield


def outdated(data_dir: Path) -> bool:
    """Whether opening the databases would change their schema, or bring a newer edition into knowledge.db.

    Raises:
        DatabaseError: knowledge.db is damaged, or another program's.
    """
    return store.outdated(data_dir) or _behind(data_dir / PEOPLE)


def _behind(path: Path) -> bool:
    if not path.exists():
        return False
    try:
        with copying.snapshot(path, wait=BUSY_SECONDS) as c:
            if not c.execute("select 1 from sqlite_master where name = '_sqlite_migrations'").fetchone():
                return False
            return PEOPLE_SCHEMA not in {name for (name,) in c.execute("select name from _sqlite_migrations")}
    except sqlite3.Error:
        return False  # Whoever opens it says what is wrong with it.


def check(data_dir: Path) -> None:
    """Read the databases from end to end.

    Raises:
        DatabaseError: one is damaged; the message says which, what can be done, and what is lost then.
    """
    for name, lost in _LOST.items():
        path = data_dir / name
        try:
            if path.exists():
                copying.verify(path, quick=True, wait=BUSY_SECONDS)
        except copying.DamagedError as error:
            raise DatabaseError(
                f"{str(error).rstrip('.')}. Restore a backup (bot.py restore FILE), or move the file away: {lost}."
            ) from None
        except sqlite3.OperationalError:
            continue  # Locked or out of reach at this moment, which is told by whoever opens it.
