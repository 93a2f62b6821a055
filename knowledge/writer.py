"""The one writer of knowledge.db: every change is committed here, with its events, in one transaction."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlite_utils import Database

from . import check_rows, merging, store
from .changes import Change, RowChange, Tables, as_json, by_key, content_hash, now, replaced
from .edition import KEYS, Edition
from .errors import ConflictError, InvalidDataError, saying
from .fields import clean_row
from .lexicon import DATA
from .merging import Applied
from .migrations import migrate, migrations
from .snapshot import build

Row = Mapping[str, str]

LOCK_SECONDS = 30
"""How long a writer waits for another to finish."""


class Writer:
    """Holds the database open for writing. Use as a context manager; one at a time (SQLite's own lock sees to that)."""

    def __init__(self, data_dir: Path, name: str = store.FILE) -> None:
        """Open or make the database and apply what migrations are missing.

        Raises:
            DatabaseError: the folder or file cannot be used, or a newer version wrote the file.
        """
        self._path = data_dir / name
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
            store.refuse_strangers(self._path)
            self.connection = sqlite3.connect(self._path, timeout=LOCK_SECONDS, isolation_level=None)
            try:
                self._prepare()
            except BaseException:
                self.connection.close()
                raise
        except (OSError, sqlite3.Error) as error:
            raise store.unusable(self._path, error) from error

    def _prepare(self) -> None:
        self._journal_in_wal()
        self.connection.execute("pragma foreign_keys = on")
        # What is deleted is not published in what is left of its page. Not every SQLite sees to that unless it is told to.
        self.connection.execute("pragma secure_delete = on")
        self.db = Database(self.connection)
        with self.transaction():
            # Inside the lock: a second start waits here until the first has made the file its own.
            self.connection.execute(f"pragma application_id = {store.APPLICATION_ID}")
            migrate(self.db, migrations, self._path)

    def _journal_in_wal(self) -> None:
        """Switch to write-ahead logging. SQLite does not wait for a lock here, so we do."""
        until = time.monotonic() + LOCK_SECONDS
        while self.connection.execute("pragma journal_mode").fetchone() != ("wal",):
            try:
                self.connection.execute("pragma journal_mode = wal")
            except sqlite3.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction that holds the write lock from its first moment, so that two starts never trip over each other."""
        if self.connection.in_transaction:
            yield
            return
        self.connection.execute("begin immediate")
        try:
            yield
            self.connection.execute("commit")  # Here a reference that leads nowhere comes to light.
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("rollback")
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.close()

    def apply_shipped(self) -> Applied:
        """Load the shipped edition, or bring the database up to it; nothing happens where it is there already."""
        return merging.apply_shipped(self)

    def apply(self, edition: Edition, fingerprint: str, data: Path = DATA) -> Applied:
        """Bring the database up to an edition (see :func:`knowledge.merging.apply`)."""
        return merging.apply(self, edition, fingerprint, data)

    # --------------------------------------------------------------------------------------------------------- changes

    def commit(self, change: Change, expected_hash: str | None = None) -> int:
        """Make a change: all its rows, their events and the change itself, or nothing.

        Args:
            change: what to change. One whose token was committed before is left alone.
            expected_hash: what :func:`content_hash` gave of the whole knowledge the change was made for; any if left out.

        Returns:
            The number of the change.

        Raises:
            ConflictError: a row is not any more as the change says it is, or the hash differs.
            InvalidDataError: the knowledge would break a rule.
            DatabaseError: the file cannot be written now, such as on a full disk.
        """
        try:
            with self.transaction():
                done = self._committed(change.token)
                if done:
                    return done
                tables = store.tables(self.connection)
                if expected_hash is not None and content_hash(tables) != expected_hash:
                    raise ConflictError(
                        saying("The knowledge has changed since this was checked. Nothing was changed; check again.")
                    )
                for row in change.rows:
                    if row.after is not None:
                        clean_row(row.table, row.after)
                refuse_outdated(tables, change.rows)
                refuse_broken(tables, change.rows)
                number = self.begin(
                    change.actor, change.kind, change.reason, change.source, change.undoes, change.token
                )
                self.write(number, change.rows)
                return number
        except sqlite3.OperationalError as error:
            raise store.unusable(self._path, error) from error
        except sqlite3.IntegrityError as error:
            raise InvalidDataError(
                saying("The change does not fit the rest of the knowledge ({error}). Nothing was changed.", error=error)
            ) from error

    def _committed(self, token: str) -> int:
        row = self.connection.execute("select id from changes where token = ?", (token or None,)).fetchone()
        return row[0] if row else 0

    def begin(
        self, actor: str, kind: str, reason: str, source: str = "", undoes: int | None = None, token: str = ""
    ) -> int:
        """Write down that something changes; the number it gets. Part of the caller's transaction."""
        cursor = self.connection.execute(
            "insert into changes (at, actor, kind, reason, source, undoes, token) values (?, ?, ?, ?, ?, ?, ?)",
            (now(), actor, kind, reason, source, undoes, token or None),
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def fill(self, table: str, rows: Iterable[Row]) -> None:
        """Put rows into an empty table, without events: the edition that a database begins with. Part of the caller's
        transaction."""
        self.connection.execute("pragma defer_foreign_keys = on")
        added = [RowChange(table, None, row) for row in rows]
        for row in added:
            self._replace(row)
        self._date_claims(added)

    def drop(self, number: int, row: RowChange) -> bool:
        """Remove a row unless others refer to it; whether it was. Part of the caller's transaction."""
        self.connection.execute("pragma defer_foreign_keys = off")
        try:
            with self.db.atomic():
                assert row.before is not None
                self._remove(row.table, row.before, None)
                self.record(number, row.table, row.key, row.before, None)
        except sqlite3.IntegrityError:
            return False
        return True

    def write(self, number: int, rows: Iterable[RowChange]) -> None:
        """Change rows, each with its event. Part of the caller's transaction."""
        rows = list(rows)
        self.restore(rows)
        for row in rows:
            self.record(number, row.table, row.key, row.before, row.after)

    def restore(self, rows: Iterable[RowChange]) -> None:
        """Change rows without events: for a copy that shall be as it was. Part of the caller's transaction."""
        self.connection.execute("pragma defer_foreign_keys = on")
        rows = list(rows)
        for row in rows:
            self._replace(row)
        self._date_claims(rows)

    def _replace(self, row: RowChange) -> None:
        if row.before is not None:
            self._remove(row.table, row.before, row.after)
        if row.after is not None:
            self._insert(row.table, row.after)

    def _remove(self, table: str, row: Row, after: Row | None) -> None:
        """Remove a row, or, where it only changes, what hangs on it."""
        if table == "claims":
            self.connection.execute("delete from claim_sources where claim_id = ?", (row["id"],))
            self.connection.execute("delete from claim_conflicts where claim_id = ?", (row["id"],))
            if after is None:
                self.connection.execute("delete from claim_conflicts where other_id = ?", (row["id"],))
        if after is None:
            where = " and ".join(f"{column} = ?" for column in KEYS[table])
            self.connection.execute(f"delete from {table} where {where}", [row[column] for column in KEYS[table]])

    def _insert(self, table: str, row: Row) -> None:
        """Add a row, or change the one with its key; its place in the table stays."""
        stored = stored_row(table, row)
        names, marks = ", ".join(stored), ", ".join("?" * len(stored))
        sets = ", ".join(f"{name} = excluded.{name}" for name in stored)
        self.connection.execute(
            f"insert into {table} ({names}) values ({marks}) on conflict ({', '.join(KEYS[table])}) do update set {sets}",
            list(stored.values()),
        )
        if table == "claims":
            links = [(row["id"], source, at) for at, source in enumerate(filter(None, row["sources"].split(";")))]
            self.connection.executemany(
                "insert into claim_sources (claim_id, source_id, position) values (?, ?, ?)", links
            )
            others = [(row["id"], other) for other in row["conflicts_with"].split(";") if other]
            self.connection.executemany("insert into claim_conflicts (claim_id, other_id) values (?, ?)", others)

    def _date_claims(self, changed: Iterable[RowChange]) -> None:
        """Give the claims that changed, and those whose source did, the date of their newest source."""
        stands = [row for row in changed if row.after is not None]
        claims = {row.key for row in stands if row.table == "claims"}
        for row in stands:
            if row.table == "sources":
                cites = self.connection.execute("select claim_id from claim_sources where source_id = ?", (row.key,))
                claims |= {claim for (claim,) in cites}
        self.connection.executemany(
            "update claims set date = coalesce((select max(s.date) from claim_sources l join sources s on s.id = l.source_id "
            "where l.claim_id = claims.id), '') where id = ?",
            [(claim,) for claim in sorted(claims)],
        )

    def record(self, number: int, table: str, key: str, before: object | None, after: object | None) -> None:
        """Write one event of a change."""
        self.connection.execute(
            "insert into events (at, actor, reason, change_id, table_name, row_key, before, after) "
            "select at, actor, reason, id, ?, ?, ?, ? from changes where id = ?",
            (table, key, as_json(before), as_json(after), number),
        )


def refuse_outdated(tables: Tables, rows: Iterable[RowChange]) -> None:
    """Raise ConflictError where a row is not as a change takes it to be."""
    stands = by_key(tables)
    for row in rows:
        found = stands.get((row.table, row.key))
        if found != row.before:
            raise ConflictError(
                saying(
                    "{table} {key} was changed by somebody else meanwhile. Nothing was changed; look at it again.",
                    table=row.table, key=row.key,
                )
            )  # fmt: skip


def refuse_broken(tables: Mapping[str, list[Row]], rows: Iterable[RowChange]) -> None:
    """Raise InvalidDataError where the knowledge would break a rule that it keeps now."""
    found = check_rows.problems(build("", tables), build("", replaced(tables, rows)))
    if found:
        raise InvalidDataError(found[0].said)


def stored_row(table: str, row: Row) -> dict[str, str | int | None]:
    """The columns of a row as its table holds them; lists have tables of their own."""
    stored: dict[str, str | int | None] = dict(row)
    if table == "regions":
        stored["province_code"] = row["province_code"] or None
    if table == "cohorts":
        stored["year"] = int(row["year"])
    if table == "claims":
        del stored["sources"], stored["conflicts_with"]
        stored["region_code"] = row["subject"].removeprefix("region:") if row["subject"].startswith("region:") else None
    return stored
