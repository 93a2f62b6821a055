"""A newer edition meets the admins' changes: what only one side changed is taken, what both changed stays the admin's."""

from __future__ import annotations

import json
import sqlite3
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from . import check_rows, store
from . import edition as editions
from .changes import RowChange, Tables, as_json, now, replaced
from .edition import TABLES, Edition, key_of
from .errors import InvalidDataError
from .lexicon import DATA
from .migrations import LATEST
from .snapshot import build

if TYPE_CHECKING:
    from .writer import Writer

Row = Mapping[str, str]


@dataclass(slots=True)
class Applied:
    """What applying an edition did."""

    edition: str
    changes: Counter[str] = field(default_factory=Counter)
    """``added``, ``changed``, ``removed``, ``kept`` (an admin's change left alone) and ``conflict``, by number of rows."""
    conflicts: list[tuple[str, str]] = field(default_factory=list)
    """``(table, key)`` of rows that both an admin and the edition changed; the admin's row stands."""


def apply_shipped(writer: Writer) -> Applied:
    """Load the shipped edition, or bring the database up to it; nothing happens where it is there already."""
    return apply(writer, editions.read(), editions.fingerprint())


def apply(writer: Writer, edition: Edition, fingerprint: str, data: Path = DATA) -> Applied:
    """Three-way: rows that only the edition changed follow it, rows that only an admin changed stay, rows that both changed
    stay and are recorded as conflicts. All in one transaction.

    Raises:
        InvalidDataError: a row refers to something that does not exist; nothing is changed then.
    """
    applied = Applied(edition.id)
    try:
        with writer.transaction():
            first = not writer.db.table("editions").count
            about = {row["key"]: row["value"] for row in writer.db.table("about").rows}
            if about.get("fingerprint") == fingerprint and about.get("schema") == LATEST:
                return applied
            _refuse_dangling(edition)
            number = writer.begin("edition", "edition", f"edition {edition.id}")
            writer.connection.execute("pragma defer_foreign_keys = on")
            if first:
                _load(writer, edition, applied)
            else:
                _merge(writer, number, edition, applied)
            _describe(writer, edition, fingerprint, data)
            summary = json.dumps(applied.changes)
            writer.db.table("editions").upsert(
                {"id": edition.id, "fingerprint": fingerprint, "applied_at": now(), "summary": summary},
                pk="fingerprint",
            )
            writer.record(number, "edition", edition.id, None, dict(applied.changes))
    except sqlite3.IntegrityError as error:
        raise InvalidDataError(f"Edition {edition.id} does not fit together ({error}); nothing was changed.") from error
    return applied


def _load(writer: Writer, edition: Edition, applied: Applied) -> None:
    """The first edition: its rows are what the log begins with."""
    for table in TABLES:
        rows = edition.tables[table]
        writer.fill(table, rows)
        _ship(writer, table, {key_of(table, row): row for row in rows})
        applied.changes["added"] += len(rows)


def _merge(writer: Writer, number: int, edition: Edition, applied: Applied) -> None:
    mine_of = store.tables(writer.connection)
    shipped = writer.db.table("edition_rows")
    taken: list[RowChange] = []
    dropped: list[RowChange] = []
    for table in TABLES:
        base_rows = {r["row_key"]: json.loads(r["content"]) for r in shipped.rows_where("table_name = ?", [table])}
        mine_rows = {key_of(table, row): dict(row) for row in mine_of[table]}
        new_rows = {key_of(table, row): dict(row) for row in edition.tables[table]}
        for key in dict.fromkeys((*new_rows, *base_rows)):
            base, mine, theirs = base_rows.get(key), mine_rows.get(key), new_rows.get(key)
            if theirs != base:
                writer.record(number, "edition_rows", f"{table}|{key}", base, theirs)
            if theirs in (base, mine):
                applied.changes["kept"] += mine not in (base, theirs)
            elif mine != base:
                _conflict(writer, edition, applied, table, key, (base, mine, theirs))
            elif theirs is None:
                dropped.append(RowChange(table, mine, None))
            else:
                taken.append(RowChange(table, mine, theirs))
        shipped.delete_where("table_name = ?", [table])
        _ship(writer, table, new_rows)
    fitting = _fitting(mine_of, taken)
    writer.write(number, fitting)
    for row in taken:
        if row in fitting:
            applied.changes["added" if row.before is None else "changed"] += 1
        else:
            _conflict(writer, edition, applied, row.table, row.key, (row.before, row.before, row.after))
    for row in sorted(dropped, key=lambda drop: -TABLES.index(drop.table)):
        if writer.drop(number, row):
            applied.changes["removed"] += 1
        else:  # What an admin's claim rests on stays until somebody decides.
            _conflict(writer, edition, applied, row.table, row.key, (row.before, row.before, None))


def _fitting(tables: Tables, rows: list[RowChange]) -> list[RowChange]:
    """The rows of an edition that break no rule beside the admins' changes: a phrasing of a claim that an admin retired does,
    and so does a name that an admin gave to another region."""
    before = build("", tables)
    while True:
        broken = {(f.table, f.key) for f in check_rows.problems(before, build("", replaced(tables, rows)))}
        fitting = [row for row in rows if (row.table, row.key) not in broken]
        if len(fitting) == len(rows):
            return rows
        rows = fitting


def _ship(writer: Writer, table: str, rows: Mapping[str, Row]) -> None:
    """Keep what the edition shipped: an admin's change is measured against it when the next one comes."""
    writer.connection.executemany(
        "insert into edition_rows (table_name, row_key, content) values (?, ?, ?)",
        [(table, key, as_json(row)) for key, row in rows.items()],
    )


def _conflict(
    writer: Writer, edition: Edition, applied: Applied, table: str, key: str, rows: tuple[Row | None, Row | None, Row | None]
) -> None:  # fmt: skip
    """Record that an admin's row and the edition's do not go together; the admin's stands."""
    base, mine, theirs = rows
    applied.changes["conflict"] += 1
    applied.conflicts.append((table, key))
    writer.db.table("edition_conflicts").insert({
        "edition_id": edition.id, "table_name": table, "row_key": key, "base": as_json(base), "mine": as_json(mine),
        "theirs": as_json(theirs), "decided_at": None,
    })  # fmt: skip


def _describe(writer: Writer, edition: Edition, fingerprint: str, data: Path) -> None:
    about = {
        "title": edition.title, "licence": edition.licence, "edition": edition.id, "compiled": edition.compiled,
        "fingerprint": fingerprint, "schema": LATEST,
    }  # fmt: skip
    writer.db.table("about").upsert_all(({"key": k, "value": v} for k, v in about.items()), pk="key")
    writer.db.table("data_dictionary").delete_where()
    writer.db.table("data_dictionary").insert_all(
        {"table_name": table, "column_name": "" if column == "_" else column, "description": text}
        for table, columns in dictionary(data).items()
        for column, text in columns.items()
    )


def _refuse_dangling(edition: Edition) -> None:
    """Raise InvalidDataError where a row of an edition refers to one that the edition does not hold."""
    tables = edition.tables
    regions = {row["code"] for row in tables["regions"]}
    sources = {row["id"] for row in tables["sources"]}
    claims = {row["id"] for row in tables["claims"]}
    refers = [(f"district {row['code']}", row["region_code"], regions) for row in tables["districts"]]
    refers += [(f"alias {row['alias']}", row["region_code"], regions) for row in tables["aliases"]]
    refers += [(f"region {r['code']}", r["province_code"], regions) for r in tables["regions"] if r["province_code"]]
    refers += [(f"phrasing {row['question']!r}", row["claim"], claims) for row in tables["phrasings"] if row["claim"]]
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


def dictionary(data: Path = DATA) -> dict[str, dict[str, str]]:
    """Table -> column -> meaning; the column ``_`` holds the table's own."""
    with (data / "dictionary.toml").open("rb") as file:
        return tomllib.load(file)
