"""The one writer of knowledge.db: migrations, editions and every other change, each with its event in one transaction."""

from __future__ import annotations

import json
import sqlite3
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlite_utils import Database

from . import edition as editions
from . import store
from .edition import KEYS, TABLES, Edition
from .errors import InvalidDataError
from .lexicon import DATA
from .migrations import LATEST, migrate, migrations

Row = Mapping[str, str]

LOCK_SECONDS = 30
"""How long a writer waits for another to finish."""


@dataclass(slots=True)
class Applied:
    """What applying an edition did."""

    edition: str
    changes: Counter[str] = field(default_factory=Counter)
    """``added``, ``changed``, ``removed``, ``kept`` (an admin's change left alone) and ``conflict``, by number of rows."""
    conflicts: list[tuple[str, str]] = field(default_factory=list)
    """``(table, key)`` of rows that both an admin and the edition changed; the admin's row stands."""


class Writer:
    """Holds the database open for writing. Use as a context manager; one at a time (SQLite's own lock sees to that)."""

    def __init__(self, data_dir: Path) -> None:
        """Open or make the database and apply what migrations are missing.

        Raises:
            DatabaseError: the folder or file cannot be used, or a newer version wrote the file.
        """
        self._path = data_dir / store.FILE
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
            store.refuse_strangers(self._path)
            self._connection = sqlite3.connect(self._path, timeout=LOCK_SECONDS, isolation_level=None)
            self._journal_in_wal()
            self._connection.execute("pragma foreign_keys = on")
            self.db = Database(self._connection)
            with self._transaction():
                # Inside the lock: a second start waits here until the first has made the file its own.
                self._connection.execute(f"pragma application_id = {store.APPLICATION_ID}")
                migrate(self.db, migrations, self._path)
        except (OSError, sqlite3.Error) as error:
            raise store.unusable(self._path, error) from error

    def _journal_in_wal(self) -> None:
        """Switch to write-ahead logging. SQLite does not wait for a lock here, so we do."""
        until = time.monotonic() + LOCK_SECONDS
        while self._connection.execute("pragma journal_mode").fetchone() != ("wal",):
            try:
                self._connection.execute("pragma journal_mode = wal")
            except sqlite3.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """A transaction that holds the write lock from its first moment, so that two starts never trip over each other."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._connection.execute("rollback")
            raise
        self._connection.execute("commit")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    # -------------------------------------------------------------------------------------------------------- editions

    def apply_shipped(self) -> Applied:
        """Load the shipped edition, or bring the database up to it; nothing happens where it is there already."""
        return self.apply(editions.read(), editions.fingerprint())

    def apply(self, edition: Edition, fingerprint: str, data: Path = DATA) -> Applied:
        """Three-way: rows that only the edition changed follow it, rows that only an admin changed stay, rows that both
        changed stay and are recorded as conflicts. All in one transaction.

        Raises:
            InvalidDataError: a row refers to something that does not exist; nothing is changed then.
        """
        applied = Applied(edition.id)
        with self._transaction():
            first = not self.db.table("editions").count
            if self._about().get("fingerprint") == fingerprint and self._about().get("schema") == LATEST:
                return applied
            _refuse_dangling(edition)
            try:
                self._connection.execute("pragma defer_foreign_keys = on")
                if first:
                    self._load(edition, applied)
                else:
                    self._merge(edition, applied)
                self._describe(edition, fingerprint, data)
            except sqlite3.IntegrityError as error:
                raise InvalidDataError(
                    f"Edition {edition.id} does not fit together ({error}); nothing was changed."
                ) from error
            summary = json.dumps(applied.changes)
            self.db.table("editions").upsert(
                {"id": edition.id, "fingerprint": fingerprint, "applied_at": now(), "summary": summary},
                pk="fingerprint",
            )
            self.record("edition", f"edition {edition.id}", "edition", edition.id, None, dict(applied.changes))
        return applied

    def _load(self, edition: Edition, applied: Applied) -> None:
        dates = {row["id"]: row["date"] for row in edition.tables["sources"]}
        for table in TABLES:
            rows = edition.tables[table]
            if table == "claims":
                self.db.table("claims").insert_all(_claim_row(row, dates) for row in rows)
                self.db.table("claim_sources").insert_all(link for row in rows for link in _source_links(row))
                self.db.table("claim_conflicts").insert_all(link for row in rows for link in _conflict_links(row))
            else:
                self.db.table(table).insert_all(_plain_row(table, row) for row in rows)
            self.db.table("edition_rows").insert_all(
                {"table_name": table, "row_key": key_of(table, row), "content": _json(row)} for row in rows
            )
            applied.changes["added"] += len(rows)

    def _merge(self, edition: Edition, applied: Applied) -> None:
        mine_of = store.tables(self._connection)
        dropped: list[tuple[str, str, Row]] = []
        shipped = self.db.table("edition_rows")
        for table in TABLES:
            base_rows = {r["row_key"]: json.loads(r["content"]) for r in shipped.rows_where("table_name = ?", [table])}
            mine_rows = {key_of(table, row): dict(row) for row in mine_of[table]}
            new_rows = {key_of(table, row): dict(row) for row in edition.tables[table]}
            for key in dict.fromkeys((*new_rows, *base_rows)):
                base, mine, theirs = base_rows.get(key), mine_rows.get(key), new_rows.get(key)
                if theirs in (base, mine):
                    applied.changes["kept"] += mine not in (base, theirs)
                elif mine == base and theirs is None and mine is not None:
                    dropped.append((table, key, mine))
                elif mine == base:
                    self.put(table, key, mine, theirs, "edition", f"edition {edition.id}")
                    applied.changes["added" if mine is None else "changed"] += 1
                else:
                    self._conflict(edition, applied, table, key, (base, mine, theirs))
            shipped.delete_where("table_name = ?", [table])
            shipped.insert_all(
                {"table_name": table, "row_key": key, "content": _json(row)} for key, row in new_rows.items()
            )

        self._connection.execute("pragma defer_foreign_keys = off")
        for table, key, row in sorted(dropped, key=lambda drop: -TABLES.index(drop[0])):
            try:
                self.put(table, key, row, None, "edition", f"edition {edition.id}")
                applied.changes["removed"] += 1
            except InvalidDataError:  # What an admin's claim rests on stays until somebody decides.
                self._conflict(edition, applied, table, key, (row, row, None))

    def _conflict(
        self, edition: Edition, applied: Applied, table: str, key: str, rows: tuple[Row | None, Row | None, Row | None]
    ) -> None:
        """Record that an admin's row and the edition's do not go together; the admin's stands."""
        base, mine, theirs = rows
        applied.changes["conflict"] += 1
        applied.conflicts.append((table, key))
        self.db.table("edition_conflicts").insert({
            "edition_id": edition.id, "table_name": table, "row_key": key, "base": _json(base), "mine": _json(mine),
            "theirs": _json(theirs), "decided_at": None,
        })  # fmt: skip

    def _describe(self, edition: Edition, fingerprint: str, data: Path) -> None:
        about = {
            "title": edition.title, "licence": edition.licence, "edition": edition.id, "compiled": edition.compiled,
            "fingerprint": fingerprint, "schema": LATEST,
        }  # fmt: skip
        self.db.table("about").upsert_all(({"key": k, "value": v} for k, v in about.items()), pk="key")
        self.db.table("data_dictionary").delete_where()
        self.db.table("data_dictionary").insert_all(
            {"table_name": table, "column_name": "" if column == "_" else column, "description": text}
            for table, columns in dictionary(data).items()
            for column, text in columns.items()
        )

    def _about(self) -> dict[str, str]:
        return {row["key"]: row["value"] for row in self.db.table("about").rows}

    # ---------------------------------------------------------------------------------------------------- single changes

    def put(self, table: str, key: str, before: Row | None, after: Row | None, actor: str, reason: str) -> None:
        """Change one row of the knowledge and record it: ``before`` None adds, ``after`` None removes.

        Part of the caller's transaction, or one of its own.

        Raises:
            InvalidDataError: the row refers to something that does not exist, or a claim has no source.
        """
        if table == "claims" and after is not None and not after["sources"]:
            raise InvalidDataError(f"Claim {key} has no source. Name at least one.")
        try:
            with self._transaction(), self.db.atomic():
                self._replace(table, before, after)
                self.record(actor, reason, table, key, before, after)
        except (sqlite3.IntegrityError, ValueError) as error:
            raise InvalidDataError(f"{table} {key} does not fit the rest of the knowledge ({error}).") from error

    def _replace(self, table: str, before: Row | None, after: Row | None) -> None:
        if table == "claims":
            for row in (before,) if before else ():
                self.db.table("claim_sources").delete_where("claim_id = ?", [row["id"]])
                self.db.table("claim_conflicts").delete_where("claim_id = ?", [row["id"]])
                if after is None:
                    self.db.table("claim_conflicts").delete_where("other_id = ?", [row["id"]])
            if after:
                dates = {row["id"]: row["date"] for row in self.db.table("sources").rows}
                self.db.table("claims").upsert(_claim_row(after, dates), pk="id")
                self.db.table("claim_sources").insert_all(_source_links(after))
                self.db.table("claim_conflicts").insert_all(_conflict_links(after))
        elif after:
            self.db.table(table).upsert(_plain_row(table, after), pk=KEYS[table])
        if before and after is None:
            where = " and ".join(f"{column} = ?" for column in KEYS[table])
            self.db.table(table).delete_where(where, [before[column] for column in KEYS[table]])

    def record(
        self, actor: str, reason: str, table: str, key: str, before: object | None, after: object | None
    ) -> None:
        """Write one event."""
        self.db.table("events").insert({
            "at": now(), "actor": actor, "reason": reason, "table_name": table, "row_key": key,
            "before": _json(before), "after": _json(after),
        })  # fmt: skip


def _refuse_dangling(edition: Edition) -> None:
    """Raise InvalidDataError where a row of an edition refers to one that the edition does not hold."""
    tables = edition.tables
    regions = {row["code"] for row in tables["regions"]}
    sources = {row["id"] for row in tables["sources"]}
    claims = {row["id"] for row in tables["claims"]}
    refers = [(f"district {row['code']}", row["region_code"], regions) for row in tables["districts"]]
    refers += [(f"alias {row['alias']}", row["region_code"], regions) for row in tables["aliases"]]
    refers += [(f"region {r['code']}", r["province_code"], regions) for r in tables["regions"] if r["province_code"]]
    for row in tables["claims"]:
        name, kind, key = f"claim {row['id']}", *row["subject"].partition(":")[::2]
        refers += [(name, key, regions)] if kind == "region" else []
        refers += [(name, source, sources) for source in row["sources"].split(";")]
        refers += [(name, other, claims) for other in row["conflicts_with"].split(";") if other]
    for who, whom, known in refers:
        if whom not in known:
            raise InvalidDataError(
                f"Edition {edition.id}: {who} refers to {whom!r}, which is not in it; nothing was changed."
            )


def now() -> str:
    """The time as events record it: UTC, ISO, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def key_of(table: str, row: Row) -> str:
    """What identifies a row within its table."""
    return "|".join(row[column] for column in KEYS[table])


def dictionary(data: Path = DATA) -> dict[str, dict[str, str]]:
    """Table -> column -> meaning; the column ``_`` holds the table's own."""
    with (data / "dictionary.toml").open("rb") as file:
        return tomllib.load(file)


def _json(value: object | None) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _plain_row(table: str, row: Row) -> dict[str, str | int | None]:
    filled: dict[str, str | int | None] = dict(row)
    if table == "regions":
        filled["province_code"] = row["province_code"] or None
    if table == "cohorts":
        filled["year"] = int(row["year"])
    return filled


def _claim_row(row: Row, dates: Mapping[str, str]) -> dict[str, str | None]:
    region = row["subject"].removeprefix("region:") if row["subject"].startswith("region:") else None
    newest = max((dates.get(source, "") for source in row["sources"].split(";")), default="")
    kept = {k: v for k, v in row.items() if k not in ("sources", "conflicts_with")}
    return {**kept, "region_code": region, "date": newest}


def _source_links(row: Row) -> Sequence[dict[str, str | int]]:
    return [
        {"claim_id": row["id"], "source_id": source, "position": position}
        for position, source in enumerate(row["sources"].split(";"))
    ]


def _conflict_links(row: Row) -> Sequence[dict[str, str]]:
    return [{"claim_id": row["id"], "other_id": other} for other in row["conflicts_with"].split(";") if other]
