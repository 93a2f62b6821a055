"""Copies of a SQLite file while others use it: each is the file as it stood at one moment, and is read back before it counts.

Needs the standard library alone. What is said of a file here names it by its path; what stands in it is never told.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from .errors import DatabaseError

MAGIC: Final = b"SQLite format 3\0"
"""What every SQLite file begins with."""
BESIDE: Final = ("-wal", "-shm", "-journal")
"""Endings of the files that SQLite keeps beside a database. Left beside another one, a log would be played into it."""
LOCK_SECONDS: Final = 30.0
"""How long a writer is waited for: as long as writers wait for each other."""


class DamagedError(DatabaseError):
    """A file is no sound database."""


def copy(source: Path, target: Path) -> None:
    """Copy a database as it stands at this moment, while others read and write it.

    ``target`` appears whole, verified and written to the disk, or not at all; one that was there is replaced in one step.
    It needs no write-ahead log, so it can be read where nothing can be written.

    Raises:
        DamagedError: the source is damaged, so the copy would be.
        sqlite3.Error: the source cannot be read, or the copy cannot be written.
        OSError: the copy cannot be written.
    """
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    remove(beside)
    try:
        with snapshot(source) as connection:
            write(connection, beside)
        verify(beside)
        replace(beside, target)
    finally:
        remove(beside)


@contextmanager
def snapshot(path: Path, wait: float = LOCK_SECONDS) -> Iterator[sqlite3.Connection]:
    """A connection that sees the file as it is at this moment, whatever others write until the block ends, and cannot write.

    ``wait``: seconds that a lock is waited for.

    Raises:
        sqlite3.Error: there is no such file, or it cannot be read.
    """
    with closing(sqlite3.connect(_uri(path, "mode=rw"), uri=True, timeout=wait, isolation_level=None)) as c:
        c.execute("pragma query_only = on")
        c.execute("begin")
        c.execute("select count(*) from sqlite_master").fetchone()  # The first look is what sets the moment.
        yield c


@contextmanager
def unchanging(path: Path) -> Iterator[None]:
    """Nobody writes into the file until the block ends; who wants to, waits.

    Raises:
        sqlite3.Error: there is no such file, or another process has been writing for ``LOCK_SECONDS``.
    """
    with closing(sqlite3.connect(_uri(path, "mode=rw"), uri=True, timeout=LOCK_SECONDS, isolation_level=None)) as c:
        c.execute("begin immediate")
        yield
        c.execute("rollback")


def write(connection: sqlite3.Connection, target: Path) -> None:
    """Write what a snapshot sees into a new file, and nothing that was deleted before, of which pages may still hold a rest.
    The interpreter's lock is let go meanwhile: other threads go on.

    Raises:
        DamagedError: what the snapshot sees is damaged.
        sqlite3.Error: it cannot be written.
    """
    pages = target.with_name(f"{target.name}.pages")
    try:
        with closing(sqlite3.connect(pages, isolation_level=None)) as copied:
            connection.backup(copied)
            copied.execute("pragma journal_mode = delete")
        verify(pages)  # Of what is written anew from it, indexes would agree with tables that lost rows.
        with closing(sqlite3.connect(pages, isolation_level=None)) as copied:
            copied.execute("vacuum into ?", (str(target),))
    finally:
        remove(pages)


def verify(path: Path, *, quick: bool = False, wait: float = LOCK_SECONDS) -> None:
    """Read a database from end to end. ``quick`` leaves out that indexes agree with their tables, which takes the longest;
    ``wait``: seconds that a lock is waited for.

    Raises:
        DamagedError: it is damaged, or its rows refer to others that are not there.
        sqlite3.OperationalError: it cannot be read now, as it is locked or there is none.
    """
    check = "quick_check" if quick else "integrity_check"
    try:
        with snapshot(path, wait) as connection:
            connection.execute("pragma trusted_schema = off")  # Nothing that stands in the file is run.
            (found,) = connection.execute(f"pragma {check}(1)").fetchone()
            if found != "ok":
                raise DamagedError(f"{path} is damaged.")
            if not quick and connection.execute("pragma foreign_key_check").fetchone():
                raise DamagedError(f"{path} is damaged: rows refer to others that are not in it.")
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        raise DamagedError(f"{path} is damaged ({error}).") from error


def application(path: Path) -> int:
    """The number in a database's header that says whose it is; 0 where the file is no database. SQLite is asked only where
    there is a log beside the file: of a young one the number may be in that alone.

    Raises:
        OSError: it cannot be read.
        sqlite3.OperationalError: it is locked, or SQLite cannot open it.
    """
    with path.open("rb") as file:
        header = file.read(100)
    if len(header) < 100 or not header.startswith(MAGIC):
        return 0
    found = int.from_bytes(header[68:72], "big")
    if not found and path.with_name(f"{path.name}-wal").exists():
        try:
            with snapshot(path) as connection:
                (found,) = connection.execute("pragma application_id").fetchone()
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            return 0
    return found


def replace(source: Path, target: Path) -> None:
    """Give a file its name, in one step that a power cut cannot halve: what is in it is on the disk first.

    Raises:
        OSError: it cannot be done.
    """
    flush(source)
    source.replace(target)
    flush(target.parent)


def flush(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk.

    Raises:
        OSError: the disk refuses.
    """
    if path.is_dir() and os.name == "nt":
        return  # Windows has no such thing for folders.
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove(path: Path) -> None:
    """Remove a database and what SQLite keeps beside it, where they are."""
    for name in (path.name, *(path.name + ending for ending in BESIDE)):
        path.with_name(name).unlink(missing_ok=True)


def _uri(path: Path, query: str) -> str:
    return f"file:{quote(str(path.absolute()))}?{query}"
