"""Why a database file cannot be used, and what to do about it."""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path
from typing import Final

from knowledge.errors import DatabaseError, UnavailableError
from knowledge.store import NO_FOLDER, result_code

_BUSY: Final = (
    "another process keeps it locked; a backup does so for a moment; where it lasts for minutes, end that process"
)
_RIGHTS: Final = "DATA_DIR cannot be written; make it writable for the user that the bot runs as"
_BROKEN: Final = "the file is damaged; stop the bot and restore a backup (bot.py restore)"
GONE: Final = sqlite3.SQLITE_READONLY_DBMOVED
"""The one extended code that is told apart: the file in use is not any more the one at its path."""
ADVICE: Final = {
    GONE: "the file is gone or was replaced while the bot runs; put the same file back, or restart the bot",
    sqlite3.SQLITE_FULL: "the disk is full; free some space",
    sqlite3.SQLITE_READONLY: _RIGHTS,
    sqlite3.SQLITE_PERM: _RIGHTS,
    sqlite3.SQLITE_CANTOPEN: "a file in DATA_DIR cannot be opened or made; look at rights, a read-only disk, the limit of open files",
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_PROTOCOL: _BUSY,
    sqlite3.SQLITE_IOERR: "the disk fails or is full; look at what the system says of it",
    sqlite3.SQLITE_CORRUPT: _BROKEN,
    sqlite3.SQLITE_NOTADB: _BROKEN,
}
"""What is wrong with the file and what to do about it, by SQLite's result code (https://sqlite.org/rescode.html)."""
_OF_RIGHTS: Final = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN)
LOCKED: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL)
DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def unusable(error: BaseException | None) -> bool:
    """Whether an error says that a database file cannot be used now, rather than that a statement is wrong."""
    return isinstance(error, sqlite3.Error) and code_of(error) in ADVICE


def damaged(error: BaseException) -> bool:
    """Whether it says that the file is damaged, which does not pass by itself."""
    return code_of(error) in DAMAGED


def code_of(error: BaseException | None) -> int:
    """The primary result code, or :data:`GONE`; 0 where there is none."""
    return GONE if getattr(error, "sqlite_errorcode", 0) == GONE else result_code(error)


def gone() -> sqlite3.OperationalError:
    """The error for a file that is not any more the one that was opened."""
    error = sqlite3.OperationalError("it is not the file that was opened")
    error.sqlite_errorcode = GONE
    return error


def advice(error: BaseException | None, path: Path) -> str:
    """What is wrong with the database file at ``path`` and what to do, in one line; an error of :func:`unusable`. Where the
    folder can be written and a file in it cannot, that file is named, with its rights and owner."""
    code = code_of(error)
    if code in _OF_RIGHTS and os.access(path.parent, os.W_OK):
        for file in (path, *(path.with_name(f"{path.name}-{log}") for log in ("wal", "shm"))):
            if file.exists() and not os.access(file, os.R_OK | os.W_OK):
                is_ = file.stat()
                return (
                    f"{file} cannot be read and written (rights {stat.filemode(is_.st_mode)}, owner {is_.st_uid}); give it to "
                    "the user that the bot runs as"
                )
    return ADVICE[code]


def refusal(error: sqlite3.Error | OSError, path: Path) -> DatabaseError:
    """The error for a database file that cannot be used at the start. It never says to set another DATA_DIR: there the bot would
    begin without roles and followers."""
    if isinstance(error, OSError):
        unmade = DatabaseError if isinstance(error, NO_FOLDER) else UnavailableError
        return unmade(
            f"{path} cannot be used ({error.strerror or error}): look at the owner and the mount of DATA_DIR, and at the limit of "
            "open files."
        )
    if not unusable(error):
        return DatabaseError(
            f"{path} cannot be used ({error}). Stop the bot and restore a backup: bot.py restore FILE."
        )
    kind = DatabaseError if damaged(error) else UnavailableError
    return kind(f"{path} cannot be used ({error}): {advice(error, path)}.")


def file_at(path: Path) -> tuple[int, int] | None:
    """Which file is at a path: its device and inode; None where there is none that can be reached."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
