"""A file, the knowledge as it stands, and the knowledge as the file's maker saw it: compared row by row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from .changes import RowChange
from .edition import KEYS
from .entries import Entry, Stored, Where
from .errors import Saying, saying
from .fields import FIELDS
from .origins import Current
from .snapshot import Row

Kind = Literal["error", "conflict", "disagrees", "changed", "added", "removed"]
KINDS: tuple[Kind, ...] = ("error", "conflict", "disagrees", "changed", "added", "removed")
"""What a line of a plan may be, the most pressing first."""
NOWHERE = Where("", 0)


class Line(NamedTuple):
    """One thing that a plan tells."""

    kind: Kind
    where: Where
    """The row of the file; row 0 where it is about a row that the file does not name."""
    table: str
    key: str
    column: str = ""
    before: str = ""
    after: str = ""
    remark: Saying | None = None
    row: Row | None = None
    """The row that comes or goes."""

    @property
    def parts(self) -> dict[str, str]:
        """The row without its key and what is empty in it."""
        return {name: text for name, text in (self.row or {}).items() if text and name not in KEYS[self.table]}


class Merge:
    """The knowledge as it stands, as the file's maker saw it, and the file: row by row."""

    def __init__(self, current: Current, stored: Stored, good: Iterable[Entry]) -> None:
        self._then = current.then
        self._stored = stored
        self.rows: dict[tuple[str, str], RowChange] = {}
        self.where: dict[tuple[str, str], Where] = {}
        self.lines: list[Line] = []
        self.unchanged = 0
        for entry in good:
            self.where[entry.table, entry.key] = entry.where
            self._take(entry)

    def _take(self, entry: Entry) -> None:
        stands = self._stored[entry.table].get(entry.key)
        after: Row | None = None
        if not entry.remove:
            empty = dict.fromkeys((rule.name for rule in FIELDS[entry.table]), "")
            after = {**empty, **(stands or {}), **entry.values}
        if after == stands:
            self.unchanged += 1
        elif (entry.table, entry.key) not in self._then:
            self.rows[entry.table, entry.key] = RowChange(entry.table, stands, after)
        elif self._as_seen(entry):
            self.unchanged += 1  # Somebody changed it since, the file did not.
        else:
            self._conflict(entry.where, entry.table, entry.key, stands, None if entry.remove else entry.values)

    def _as_seen(self, entry: Entry) -> bool:
        """Whether the file says what its maker saw."""
        seen = self._then[entry.table, entry.key]
        if seen is None or entry.remove:
            return seen is None and entry.remove
        return all(seen.get(column, "") == value for column, value in entry.values.items())

    def _conflict(self, where: Where, table: str, key: str, stands: Row | None, wanted: Row | None) -> None:
        """Both sides changed a row: what stands stays, and both are shown."""
        if stands is None or wanted is None:
            told = (
                saying("removed since the file was made")
                if stands is None
                else saying("changed since the file was made")
            )
            self.lines.append(Line("conflict", where, table, key, remark=told))
            return
        remark = saying("changed since the file was made; what stands stays")
        self.lines += [
            Line("conflict", where, table, key, column, stands[column], value, remark)
            for column, value in wanted.items()
            if stands[column] != value
        ]

    def missing(self, named: Mapping[str, Collection[str]], remove: Collection[str], counts: dict[str, int]) -> None:
        """Rows that the file does not name: counted, and removed where that is asked for."""
        for table, keys in named.items():
            absent = {key: row for key, row in self._stored[table].items() if key not in keys}
            # What was added since the file was made could not be in it.
            absent = {key: row for key, row in absent.items() if self._then.get((table, key), row) is not None}
            if absent:
                counts[table] = len(absent)
            for key, row in absent.items() if table in remove else ():
                if (table, key) in self._then:
                    self._conflict(NOWHERE, table, key, row, None)
                else:
                    self.rows[table, key] = RowChange(table, row, None)

    def told(self) -> Iterator[Line]:
        """A line for every column that changes, and for every row that comes or goes."""
        for (table, key), row in self.rows.items():
            where = self.where.get((table, key), NOWHERE)
            if row.before is None or row.after is None:
                yield Line("removed" if row.after is None else "added", where, table, key, row=row.after or row.before)
                continue
            for column, old in row.before.items():
                if row.after[column] != old:
                    yield Line("changed", where, table, key, column, old, row.after[column])
