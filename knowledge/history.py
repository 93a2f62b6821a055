"""What was changed: reading the log, taking a change back, and the knowledge as it stood on a day."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from . import store
from .changes import Change, RowChange, by_key
from .edition import TABLES
from .errors import ConflictError, DatabaseError, InvalidDataError, saying
from .migrations import append_only

_OF_KNOWLEDGE = f"table_name in ({', '.join(repr(table) for table in TABLES)})"


@dataclass(frozen=True, slots=True)
class Entry:
    """One change as the log has it."""

    id: int
    at: str
    """UTC, ISO, to the second."""
    actor: str
    kind: str
    reason: str
    source: str
    undoes: int | None
    undone_by: int | None
    rows: int
    """How many rows it changed."""


_ENTRY = """
    select c.id, c.at, c.actor, c.kind, c.reason, c.source, c.undoes,
           (select max(u.id) from changes u where u.undoes = c.id and u.id not in
             (select undoes from changes where undoes is not null)),
           (select count(*) from events e where e.change_id = c.id and e.{of})
    from changes c
"""


def entries(data_dir: Path, *, limit: int = 20, before: int | None = None) -> list[Entry]:
    """The latest changes, the newest first; ``before``: only those with a smaller number."""
    where = "where c.id < ?" if before else "where ?1 is null"
    return _entries(data_dir, f"{where} order by c.id desc limit ?", (before, limit))


def entry(data_dir: Path, change: int) -> Entry:
    """One change.

    Raises:
        InvalidDataError: there is none with this number.
    """
    found = _entries(data_dir, "where c.id = ?", (change,))
    if not found:
        raise InvalidDataError(saying("There is no change no. {number}.", number=change))
    return found[0]


def committed(data_dir: Path, token: str) -> int:
    """The number of the change that was made with a token; 0 where none was."""
    with store.reading(data_dir / store.FILE) as connection:
        row = connection.execute("select id from changes where token = ?", (token,)).fetchone()
    return row[0] if row else 0


def of_rows(data_dir: Path, about: Iterable[tuple[str, str]], *, limit: int = 20) -> list[Entry]:
    """The changes that touched any of some rows (table and key), the newest first."""
    found = {entry.id: entry for table, key in about for entry in of_row(data_dir, table, key, limit=limit)}
    return sorted(found.values(), key=lambda entry: -entry.id)[:limit]


def of_row(data_dir: Path, table: str, key: str, *, limit: int = 20) -> list[Entry]:
    """The changes that touched one row, the newest first."""
    touched = (
        "where c.id in (select change_id from events where table_name = ? and row_key = ?) order by c.id desc limit ?"
    )
    return _entries(data_dir, touched, (table, key, limit))


def _entries(data_dir: Path, which: str, values: tuple[object, ...]) -> list[Entry]:
    with store.reading(data_dir / store.FILE) as connection:
        return [Entry(*row) for row in connection.execute(_ENTRY.format(of=_OF_KNOWLEDGE) + which, values)]


def ever(data_dir: Path, table: str) -> set[str]:
    """The keys of a table's rows that were ever changed, added or retired."""
    with store.reading(data_dir / store.FILE) as connection:
        return {
            key for (key,) in connection.execute("select distinct row_key from events where table_name = ?", (table,))
        }


def rows(data_dir: Path, change: int, limit: int = -1, table: str = "") -> list[RowChange]:
    """What one change did, in order: all of it, or its first rows, or those of one table. An import may have changed
    thousands."""
    with store.reading(data_dir / store.FILE) as connection:
        return list(_rows(connection, "change_id = ? and ? in ('', table_name)", change, table, limit=limit))


def newest(data_dir: Path) -> int:
    """The number of the newest change; 0 where there is none."""
    with store.reading(data_dir / store.FILE) as connection:
        (number,) = connection.execute("select coalesce(max(id), 0) from changes").fetchone()
    return int(number)


def later(data_dir: Path, change: int) -> list[int]:
    """The numbers of the changes after one, in order."""
    with store.reading(data_dir / store.FILE) as connection:
        return [
            number for (number,) in connection.execute("select id from changes where id > ? order by id", (change,))
        ]


def main_row(data_dir: Path, change: int) -> RowChange | None:
    """The row that a change is called by: the first, but a phrasing only where there is nothing else."""
    with store.reading(data_dir / store.FILE) as connection:
        return next(_rows(connection, "change_id = ?", change, order="table_name = 'phrasings', id", limit=1), None)


def _rows(
    connection: sqlite3.Connection, where: str, *values: object, order: str = "id", limit: int = -1
) -> Iterator[RowChange]:
    select = (
        f"select table_name, before, after from events where {_OF_KNOWLEDGE} and {where} order by {order} limit {limit}"
    )
    for table, before, after in connection.execute(select, values):
        yield RowChange(table, _row(table, before), _row(table, after))


def _row(table: str, text: str | None) -> Mapping[str, str] | None:
    row = json.loads(text) if text else None
    if row is not None and table == "claims":
        row.setdefault("review_by", "")  # Events written before claims had that column.
    return row


def undo(data_dir: Path, change: int, actor: str, reason: str) -> Change:
    """The change that takes another one back, to be committed.

    Raises:
        InvalidDataError: there is no such change, it is an edition, or it is taken back already.
        ConflictError: later changes touched the same rows; their numbers are told.
    """
    found = entry(data_dir, change)
    if found.kind == "edition":
        raise InvalidDataError(saying("Change no. {number} is an edition, which is not taken back.", number=change))
    if found.undone_by:
        raise InvalidDataError(
            saying("Change no. {number} was taken back by no. {by} already.", number=change, by=found.undone_by)
        )
    done = rows(data_dir, change)
    with store.reading(data_dir / store.FILE) as connection:
        stands = by_key(store.tables(connection, {row.table for row in done}))
        touched = [row for row in done if stands.get((row.table, row.key)) != row.after]
        later = {n for row in touched for n in _later(connection, row, change)}
    if touched:
        raise ConflictError(
            saying(
                "Later changes rest on no. {number}: {later}. Take those back first, the newest first.",
                number=change, later=", ".join(f"no. {n}" for n in sorted(later, reverse=True)),
            )
        )  # fmt: skip
    turned = tuple(row.turned for row in reversed(done))
    return Change(actor, "undo", reason, found.source, turned, undoes=change)


def _later(connection: sqlite3.Connection, row: RowChange, change: int) -> list[int]:
    later = "select distinct change_id from events where table_name = ? and row_key = ? and change_id > ?"
    return [number for (number,) in connection.execute(later, (row.table, row.key, change))]


def at(data_dir: Path, day: date, out: Path) -> int:
    """Write the knowledge as it stood at the end of a day (UTC) into a new database; returns the last change in it.

    Raises:
        InvalidDataError: the file is there already, or the knowledge begins later.
        DatabaseError: the file cannot be written.
    """
    try:
        out.touch(exist_ok=False)
    except FileExistsError:
        raise InvalidDataError(saying("{file} is there already. Choose another name.", file=out)) from None
    except OSError as error:
        raise _unwritable(out, error.strerror) from error
    try:
        with store.reading(data_dir / store.FILE) as connection:
            _copy(connection, out)
        return _turn_back(out, f"{day.isoformat()}T23:59:59+00:00")
    except sqlite3.Error as error:
        out.unlink(missing_ok=True)
        raise _unwritable(out, error) from error
    except DatabaseError:
        out.unlink(missing_ok=True)
        raise
    except InvalidDataError:
        out.unlink(missing_ok=True)
        raise


def _copy(connection: sqlite3.Connection, out: Path) -> None:
    try:
        with closing(sqlite3.connect(out)) as copy:
            connection.backup(copy)
    except sqlite3.OperationalError as error:
        raise _unwritable(out, error) from error


def _unwritable(out: Path, reason: object) -> DatabaseError:
    return DatabaseError(f"{out} cannot be written ({reason}). Choose a file in a folder that this user can write.")


def _turn_back(out: Path, moment: str) -> int:
    from sqlite_utils import Database

    from .writer import Writer

    with Writer(out.parent, out.name) as writer, writer.transaction():
        c = writer.connection
        (last,) = c.execute("select max(id) from changes where at <= ?", (moment,)).fetchone()
        if last is None:
            (first,) = c.execute("select min(at) from changes").fetchone()
            raise InvalidDataError(saying("The log begins on {day}; there is nothing before.", day=first[:10]))
        later = list(_rows(c, "change_id > ?", last))
        writer.restore(row.turned for row in reversed(later))
        for before, key in c.execute(
            "select before, row_key from events where table_name = 'edition_rows' and change_id > ? order by id desc",
            (last,),
        ).fetchall():
            shipped, _, row_key = key.partition("|")
            c.execute("delete from edition_rows where table_name = ? and row_key = ?", (shipped, row_key))
            if before:
                c.execute("insert into edition_rows values (?, ?, ?)", (shipped, row_key, before))
        for name in ("changes", "events"):
            for act in ("update", "delete"):
                c.execute(f"drop trigger {name}_no_{act}")
        c.execute("delete from events where change_id > ?", (last,))
        c.execute("delete from changes where id > ?", (last,))
        append_only(Database(c))
        c.execute("delete from editions where applied_at > ?", (moment,))
        c.execute(
            "update about set value = (select id from editions order by applied_at desc limit 1) where key = 'edition'"
        )
        c.execute(
            "update about set value = (select fingerprint from editions order by applied_at desc limit 1) "
            "where key = 'fingerprint'"
        )
        c.execute("delete from edition_conflicts where edition_id not in (select id from editions)")
    return int(last)


def disagreements(data_dir: Path) -> list[str]:
    """``table key`` of rows that are not as the log says: there must be none."""
    with store.reading(data_dir / store.FILE) as connection:
        stands = by_key(store.tables(connection))
        last: dict[tuple[str, str], Mapping[str, str] | None] = {}
        for row in _rows(connection, "id > ?", 0):
            last[row.table, row.key] = row.after
    return [f"{table} {key}" for (table, key), row in last.items() if stands.get((table, key)) != row]
