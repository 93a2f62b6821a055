"""A copy of people.db in memory, for as long as the file cannot be used."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from sqlite_utils import Database

from .migrations import migrations

MOST: Final = 20_000
"""Newest rows that are copied of a table that grows with every message: of hours to days, and some 10 MB together."""
_GROWING: Final = ("inbox", "replies", "once", "conversations", "given", "questions")
_NOT_COPIED: Final = ("uploads", "_sqlite_migrations")
"""Files that somebody sent in: big, and nothing can be done with them meanwhile."""
_KEPT: Final = {(table, None) for table in (*_GROWING, "tally", "sqlite_master")} | {
    ("wishes", "last_message"),
    ("drafts", "prompted_at"),
}
"""What mere answering writes, as ``(table, column)``, the column None where all are meant: that is kept in memory. SQLite
writes the last when it makes ready a function that gives rows, such as json_each."""
_DOWN: Final = {
    "inbox": "insert into disk.inbox select * from inbox where true on conflict (update_id) do update "
    "set outcome = excluded.outcome, body = null where inbox.outcome is null and excluded.outcome is not null",
    "replies": "insert or ignore into disk.replies select * from replies where rowid > :last",
    "once": "insert or ignore into disk.once select * from once where rowid > :last",
    "conversations": "insert or replace into disk.conversations select * from conversations where rowid > :last",
    "given": "insert or replace into disk.given select * from given where rowid > :last",
    "questions": "insert into disk.questions (day, text, language, reason, place, meaning) "
    "select day, text, language, reason, place, meaning from questions where rowid > :last",
    "tally": "insert into disk.tally select * from tally where true on conflict (day, outcome, language, about) do update "
    "set times = max(times, excluded.times)",
    "wishes": "update disk.wishes as d set last_message = m.last_message from wishes m "
    "where m.user_id = d.user_id and m.last_message > d.last_message",
    "drafts": "update disk.drafts as d set prompted_at = 0 from drafts m where m.id = d.id and m.prompted_at = 0",
}
"""How each table is written down. Only the bot writes these, so what it counted on is what it counted from."""


class StandIn(sqlite3.Connection):
    """The copy. It keeps what mere answering writes and refuses everything else (see :func:`refused`)."""

    def __init__(self, path: Path, source: sqlite3.Connection | None = None) -> None:
        """Copy what can be read of the file at ``path``, or of ``source``, which is open on one that is not there any more; a
        table that cannot be read is empty."""
        super().__init__(":memory:", timeout=0, uri=True)
        self._path = path
        migrations.apply(Database(self))
        self.commit()
        if source:
            self._read_open(source)
        else:
            self._read()
        self._last = self._newest_of_all()
        self.set_authorizer(_allowed)

    def _read(self) -> None:
        # On a disk that can only be read, a file is opened only as one that nobody changes.
        for how in ("mode=ro", "mode=ro&immutable=1"):
            with suppress(sqlite3.Error), self._attached(how):
                for table in self._to_copy():
                    with suppress(sqlite3.Error):
                        self.execute(f"insert into main.{table} {_selecting(table, 'disk')}")
                self.commit()
                return

    def _read_open(self, source: sqlite3.Connection) -> None:
        with suppress(sqlite3.Error):
            source.rollback()  # What was not committed never will be.
        for table in self._to_copy():
            with suppress(sqlite3.Error):
                rows = source.execute(_selecting(table, "main"))
                self.executemany(f"insert into {table} values ({', '.join('?' * len(rows.description))})", rows)
        self.commit()

    def _to_copy(self) -> list[str]:
        tables = self.execute("select name from sqlite_master where type = 'table'").fetchall()
        return [table for (table,) in tables if table not in _NOT_COPIED]

    def write_down(self, wait: float = 0.0) -> None:
        """Write what was kept into the file, all of it or nothing. ``wait``: seconds that another process is waited for.

        Raises:
            sqlite3.Error: the file still cannot be written.
        """
        self.set_authorizer(None)
        self.execute(f"pragma busy_timeout = {round(wait * 1000)}")
        try:
            with self._attached("mode=rw"):
                for table, writing in _DOWN.items():
                    self.execute(writing, {"last": self._last[table]} if ":last" in writing else ())
                self.commit()
                self._last = self._newest_of_all()  # Written down once more, nothing is there twice.
        finally:
            self.set_authorizer(_allowed)

    def trim(self) -> None:
        """Let memory not grow without end: what was handled and said longest ago goes."""
        for table in _GROWING:
            handled = "and outcome is not null" if table == "inbox" else ""
            self.execute(f"delete from {table} where rowid <= (select max(rowid) - {2 * MOST} from {table}) {handled}")
        self.commit()

    def kept(self) -> dict[str, int]:
        """How many updates and questions without answer came since the copy was made."""
        counts = {"updates": "inbox", "questions": "questions"}
        return {
            what: self.execute(f"select count(*) from {table} where rowid > ?", (self._last[table],)).fetchone()[0]
            for what, table in counts.items()
        }

    def _newest_of_all(self) -> dict[str, int]:
        newest = "select coalesce(max(rowid), 0) from "
        return {table: self.execute(newest + table).fetchone()[0] for table in _DOWN}

    @contextmanager
    def _attached(self, how: str) -> Iterator[None]:
        self.execute("attach ? as disk", (f"{self._path.absolute().as_uri()}?{how}",))
        try:
            self.execute("select count(*) from disk.sqlite_master")
            yield
        finally:
            self.rollback()
            self.execute("detach disk")


def refused(error: sqlite3.Error) -> bool:
    """Whether an error says that memory does not keep what was to be written."""
    return getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_AUTH


def _selecting(table: str, schema: str) -> str:
    """The statement that gives what is copied of a table."""
    newest = f"rowid > (select coalesce(max(rowid), 0) - {MOST} from {schema}.{table})"
    unhandled = "outcome is null or" if table == "inbox" else ""
    return f"select * from {schema}.{table}" + (f" where {unhandled} {newest}" if table in _GROWING else "")


def _allowed(action: int, first: str | None, second: str | None, database: str | None, trigger: str | None) -> int:
    """What SQLite asks before it prepares a statement."""
    match action:
        case sqlite3.SQLITE_INSERT | sqlite3.SQLITE_DELETE:
            kept = (first, None) in _KEPT
        case sqlite3.SQLITE_UPDATE:
            kept = (first, None) in _KEPT or (first, second) in _KEPT
        case _:
            return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_OK if kept else sqlite3.SQLITE_DENY
