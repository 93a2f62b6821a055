"""What a file would change: compared row by row with the knowledge, checked as a whole, and nothing written.

A plan is made against one state of the knowledge, named by its hash. What is applied is the plan's change, all or nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from . import entries
from .changes import RowChange, replaced
from .check_rows import problems
from .columns import Choices, Placed, place
from .comparing import KINDS, NOWHERE, Kind, Line, Merge
from .edition import TABLES, key_of
from .entries import Stored
from .errors import Saying, saying
from .origins import Current
from .sheets import Sheet
from .snapshot import Row, build

MAX_DISAGREEING = 20
"""Claims that may disagree with one: the most contradicted figure of the shipped edition has four others."""


@dataclass(slots=True)
class Plan:
    """What a file would change."""

    hash: str
    """Of the knowledge that it was made against."""
    placed: Sequence[Placed]
    lines: list[Line] = field(default_factory=list)
    rows: tuple[RowChange, ...] = ()
    """The change itself; nothing where the plan cannot be applied."""
    unchanged: int = 0
    missing: dict[str, int] = field(default_factory=dict)
    """Table -> how many of its rows the file does not name; they stay unless asked for."""
    removable: tuple[str, ...] = ()
    """Those of these tables of which the file holds half of the rows at least: of a smaller part nobody means that the rest
    shall go."""
    numbered: int = 0
    """New rows that had no id and got one."""
    strange: bool = False
    """Whether the file is an export of other knowledge than this."""

    @property
    def unplaced(self) -> list[Sheet]:
        """The sheets, where none of them is for a table that can be told."""
        return [] if any(sheet.table for sheet in self.placed) else [sheet.sheet for sheet in self.placed]

    @property
    def unmapped(self) -> list[tuple[Placed, str]]:
        """Columns that somebody has to name first."""
        return [(sheet, column) for sheet in self.placed for column in sheet.unmapped]

    @property
    def lacking(self) -> list[tuple[Placed, str]]:
        """Columns without which rows cannot be told apart."""
        return [(sheet, column) for sheet in self.placed for column in sheet.lacking]

    @property
    def open(self) -> bool:
        """Whether something has to be said before anything can be compared."""
        return bool(self.unplaced or self.unmapped or self.lacking)

    def of(self, kind: Kind) -> list[Line]:
        """The lines of a kind."""
        return [line for line in self.lines if line.kind == kind]

    def number(self, kind: Kind) -> int:
        """How many rows of the knowledge, or of the file where it is about errors, a kind is about."""
        return len({(line.where, line.table, line.key) for line in self.of(kind)})

    def refuse(self, said: Saying) -> None:
        """Take it that the plan cannot be applied."""
        self.lines.insert(0, Line("error", NOWHERE, "", "", remark=said))
        self.rows = ()


def plan(
    current: Current, sheets: Sequence[Sheet], choices: Choices | None = None, remove_missing: Collection[str] = ()
) -> Plan:
    """Compare a file with the knowledge.

    Args:
        current: the knowledge, and what the file was made from (see :func:`knowledge.origins.current`).
        sheets: the file.
        choices: what its sheets and columns are, where their names do not tell.
        remove_missing: tables whose rows go where the file does not name them.

    Raises:
        InvalidDataError: a choice makes no sense.
    """
    made = Plan(current.hash, place(sheets, choices or Choices()), strange=current.strange)
    if made.open:
        return made
    stored = {table: {key_of(table, row): row for row in current.tables[table]} for table in TABLES}
    found = entries.read(made.placed, current, stored)
    merge = Merge(current, stored, found.good)
    merge.missing(found.tables, remove_missing, made.missing)
    made.removable = tuple(table for table, number in made.missing.items() if 2 * number <= len(stored[table]))
    _unlink(merge, stored)
    errors = [Line("error", t.where, t.table, t.key, t.column, remark=t.said) for t in found.troubles]
    errors += _disagreements(merge, stored)
    errors += _broken(current, merge, found.bad_keys)
    made.unchanged, made.numbered = merge.unchanged, found.numbered
    made.lines = sorted([*errors, *merge.lines, *merge.told()], key=lambda line: KINDS.index(line.kind))
    if not errors:
        made.rows = tuple(merge.rows.values())
    return made


def _unlink(merge: Merge, stored: Stored) -> None:
    """Claims that go take their phrasings along, and are no longer named by those that contradict them."""
    gone = {key for (table, key), row in merge.rows.items() if table == "claims" and row.after is None}
    if not gone:
        return
    for key, row in stored["phrasings"].items():
        if row["claim"] in gone:
            merge.rows.setdefault(("phrasings", key), RowChange("phrasings", row, None))
    for key, row in stored["claims"].items():
        planned = merge.rows.get(("claims", key))
        after = planned.after if planned else row
        if after is None or not gone & set(after["conflicts_with"].split(";")):
            continue
        left = ";".join(other for other in after["conflicts_with"].split(";") if other not in gone)
        merge.rows["claims", key] = RowChange("claims", row, {**after, "conflicts_with": left})


def _disagreements(merge: Merge, stored: Stored) -> list[Line]:
    """A claim that gives another value for what a second one speaks of is shown beside it: both name each other. Told as
    errors where so many disagree that the file cannot mean it."""
    after, touched = _claims_after(merge, stored)
    same: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for key, row in after.items():
        if row["value"]:
            same[_about(row)].append(key)
    errors = []
    for key in touched:
        where = merge.where.get(("claims", key), NOWHERE)
        value = after[key]["value"]
        others = [other for other in same[_about(after[key])] if after[other]["value"] != value] if value else []
        if len(others) > MAX_DISAGREEING:
            said = saying(
                "{number} other claims give another value for {subject}, {attribute}, {period}; at most {limit} may.",
                number=len(others), limit=MAX_DISAGREEING, **{k: after[key][k] for k in ("subject", "attribute", "period")},
            )  # fmt: skip
            errors.append(Line("error", where, "claims", key, remark=said))
            continue
        for other in others:
            if _linked(after, key, other):
                continue
            for one, two in ((key, other), (other, key)):
                named = ";".join(filter(None, (after[one]["conflicts_with"], two)))
                after[one] = {**after[one], "conflicts_with": named}
                merge.rows["claims", one] = RowChange("claims", stored["claims"].get(one), after[one])
            theirs = after[other]["value"]
            said = saying("disagrees with {other}: {value}; both will be shown", other=other, value=theirs)
            merge.lines.append(Line("disagrees", where, "claims", key, "value", theirs, value, said))
    return errors


def _claims_after(merge: Merge, stored: Stored) -> tuple[dict[str, Row], list[str]]:
    """The claims as they would be, and the keys of those that would say something else."""
    after: dict[str, Row] = dict(stored["claims"])
    touched = []
    for (table, key), row in merge.rows.items():
        if table != "claims":
            continue
        if row.after is None:
            after.pop(key, None)
            continue
        after[key] = row.after
        if row.before is None or _spoken(row.before) != _spoken(row.after):
            touched.append(key)
    return after, touched


def _about(row: Row) -> tuple[str, ...]:
    return row["subject"], row["attribute"], row["period"]


def _spoken(row: Row) -> tuple[str, ...]:
    return (*_about(row), row["value"])


def _linked(rows: Mapping[str, Row], one: str, two: str) -> bool:
    return two in rows[one]["conflicts_with"].split(";") or one in rows[two]["conflicts_with"].split(";")


def _broken(current: Current, merge: Merge, bad_keys: Collection[str]) -> Iterator[Line]:
    """Rules that the whole knowledge would break, each told of the row that it is about."""
    after = replaced(current.tables, merge.rows.values())
    for finding in problems(build("", current.tables), build("", after)):
        if not any(str(value).strip("'") in bad_keys for value in finding.said.values.values()):
            where = merge.where.get((finding.table, finding.key), NOWHERE)
            yield Line("error", where, finding.table, finding.key, remark=finding.said)
