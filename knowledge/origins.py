"""What has changed since a file was exported: where both sides changed a row, neither may win silently."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from . import store
from .changes import RowChange, Tables, by_key, content_hash, replaced
from .edition import TABLES
from .snapshot import Row

Then = Mapping[tuple[str, str], Row | None]
"""(table, key) of each row that was changed since -> the row as the file's maker saw it; None where there was none."""


class Current(NamedTuple):
    """The knowledge as it stands, and what a file was made from."""

    tables: Tables
    hash: str
    change: int
    """Number of the last change; 0 where there was none."""
    then: Then
    """Empty for a file that is no export, or not of this knowledge."""
    strange: bool
    """Whether the file is an export of other knowledge than this, so that nobody can tell what changed since."""
    ever: frozenset[str] = frozenset()
    """Ids that claims ever got by their number, of those retired too: none is given again."""


def current(data_dir: Path, about: Mapping[str, str] | None = None) -> Current:
    """The knowledge in a folder, beside what an exported file says of itself (see :class:`knowledge.sheets.Book`).

    Raises:
        DatabaseError: it cannot be read.
    """
    with store.reading(data_dir / store.FILE) as connection:
        connection.execute("begin")  # One moment for all of it.
        tables = store.tables(connection)
        (change,) = connection.execute("select coalesce(max(id), 0) from changes").fetchone()
        numbered = "select distinct row_key from events where table_name = 'claims' and row_key glob 'A-[0-9]*'"
        ever = frozenset(key for (key,) in connection.execute(numbered))
        said = (about or {}).get("change", "")
        then = _then(connection, int(said)) if said.isdecimal() and len(said) < 18 else {}
    now = content_hash(tables)
    if not about or "hash" not in about:
        return Current(tables, now, change, {}, strange=False, ever=ever)
    strange = content_hash(_as_it_was(tables, then)) != about["hash"]
    return Current(tables, now, change, {} if strange else then, strange, ever)


def _then(connection: sqlite3.Connection, change: int) -> Then:
    """Rows changed after a change, as they were right after it."""
    rows = connection.execute(
        "select table_name, row_key, before from events where change_id > ? order by id", (change,)
    )
    found: dict[tuple[str, str], Row | None] = {}
    for table, key, before in rows:
        if table in TABLES and (table, key) not in found:
            row = json.loads(before) if before else None
            if row is not None and table == "claims":
                row.setdefault("review_by", "")  # Events written before claims had that column.
            found[table, key] = row
    return found


def _as_it_was(tables: Tables, then: Then) -> Tables:
    """The tables with some rows as they were."""
    stands = by_key(tables)
    back = [RowChange(table, stands.get((table, key)), was) for (table, key), was in then.items()]
    return replaced(tables, [row for row in back if row.before != row.after])
