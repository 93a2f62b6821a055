"""Why a database file cannot be used, and what to do about it."""

from __future__ import annotations

import sqlite3
from typing import Final

_BUSY: Final = (
    "another process keeps it locked; a backup does so for a moment; where it lasts for minutes, end that process"
)
_RIGHTS: Final = "DATA_DIR cannot be written; make it writable for the user that the bot runs as"
_BROKEN: Final = "the file is damaged; stop the bot and restore a backup (bot.py restore)"
ADVICE: Final = {
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
"""What is wrong with the file and what to do about it, by SQLite's primary result code (https://sqlite.org/rescode.html)."""
LOCKED: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL)
DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def unusable(error: BaseException | None) -> bool:
    """Whether an error says that a database file cannot be used now, rather than that a statement is wrong."""
    return isinstance(error, sqlite3.Error) and code_of(error) in ADVICE


def damaged(error: BaseException) -> bool:
    """Whether it says that the file is damaged, which does not pass by itself."""
    return code_of(error) in DAMAGED


def code_of(error: BaseException | None) -> int:
    """The primary result code; 0 where there is none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
