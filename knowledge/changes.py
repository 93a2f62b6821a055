"""A change of the knowledge: some rows, as they are and as they shall be, with who, why and after which source.

Nothing here writes. `writer.py` commits a change; `history.py` reads what was committed and turns it round.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from .edition import TABLES, key_of
from .snapshot import Row

Tables = Mapping[str, Sequence[Row]]
KINDS = ("edition", "edit", "add", "retire", "import", "undo", "alias", "phrasing", "answer", "outside", "review")
"""What a change may be, for the log."""


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row as it is and as it shall be."""

    table: str
    before: Row | None
    """None adds the row."""
    after: Row | None
    """None removes it."""

    def __post_init__(self) -> None:
        keys = {key_of(self.table, row) for row in (self.before, self.after) if row is not None}
        if len(keys) != 1:
            raise ValueError("a change of a row keeps its key; another key is another row")

    @property
    def key(self) -> str:
        """What identifies the row."""
        return key_of(self.table, self.after or self.before or {})

    @property
    def turned(self) -> RowChange:
        """What takes it back."""
        return RowChange(self.table, self.after, self.before)


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody changes at once: all of it or nothing."""

    actor: str
    """``owner 1``, ``admin 3``, ``command line`` or ``edition``: never a person's name."""
    kind: str
    """One of :data:`KINDS`."""
    reason: str
    source: str
    """Ids of sources joined by ``;``, or where it is from in words."""
    rows: tuple[RowChange, ...]
    undoes: int | None = None
    """The change that it takes back."""
    token: str = ""
    """Makes it happen once: a change with a token that was committed before is not committed again."""


def by_key(tables: Tables) -> dict[tuple[str, str], Row]:
    """Every row by its table and key."""
    return {(table, key_of(table, row)): row for table, rows in tables.items() for row in rows}


def content_hash(tables: Tables) -> str:
    """16 hexadecimal digits that differ wherever two knowledges do, whatever the order of their rows."""
    digest = hashlib.sha256()
    for table in TABLES:
        rows = {key_of(table, row): row for row in tables[table]}
        digest.update(json.dumps([table, sorted(rows.items())], ensure_ascii=False, sort_keys=True).encode())
    return digest.hexdigest()[:16]


def replaced(tables: Tables, rows: Iterable[RowChange]) -> dict[str, list[Row]]:
    """The tables as they would be; the given ones stay as they are."""
    changed: dict[str, dict[str, Row | None]] = {table: {} for table in TABLES}
    for row in rows:
        changed[row.table][row.key] = row.after
    return {table: _replaced(table, tables[table], by_key) for table, by_key in changed.items()}


def _replaced(table: str, rows: Sequence[Row], by_key: dict[str, Row | None]) -> list[Row]:
    if not by_key:
        return list(rows)
    keyed = {key_of(table, row): row for row in rows}
    after = {key: by_key.pop(key) if key in by_key else row for key, row in keyed.items()} | by_key
    return [row for row in after.values() if row is not None]


def now() -> str:
    """The time as the log has it: UTC, ISO, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def as_json(row: object | None) -> str | None:
    """A row as the log has it."""
    return None if row is None else json.dumps(row, ensure_ascii=False, sort_keys=True)
