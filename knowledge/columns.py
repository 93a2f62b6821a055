"""Which table a sheet is for, and which column each of its columns is: by name, by what people call it, by a misspelling."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, NamedTuple

from .cells import Sheet
from .edition import KEYS, TABLES
from .errors import InvalidDataError, saying
from .fields import FIELDS
from .fuzzy import allowed_edits, distance
from .lexicon import DATA, LANGUAGES
from .normalize import compact
from .thresholds import COLUMN_MARGIN

REMOVE: Final = "remove"
"""Not a column of any table: where it says yes, the row goes."""
NUMBERED: Final = ("claims", "sources")
"""Tables whose rows get an id where they have none."""
MAX_NAME: Final = 60
"""Characters of a name of a column; the longest in the data files has 25."""
LEFT_OUT: Final = ""
"""What a column or a sheet is told to be that shall not be read."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person said where names do not tell."""

    tables: Mapping[str, str] = field(default_factory=dict)
    """Sheet -> table, or :data:`LEFT_OUT`."""
    columns: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """(sheet, column) -> column of the table, or :data:`LEFT_OUT`; an empty sheet stands for all of them."""

    def of(self, sheet: str, column: str) -> str | None:
        """What a column was said to be; None where nothing was said."""
        return self.columns.get((sheet, column), self.columns.get(("", column)))


class Placed(NamedTuple):
    """A sheet, its table, and what its columns are."""

    sheet: Sheet
    table: str
    """Empty where it is not known, or where the sheet is left out."""
    columns: Mapping[str, str]
    """The sheet's column -> the table's, or :data:`REMOVE`; what is left out or not recognised is not in it."""
    unmapped: tuple[str, ...]
    """Columns of the sheet that nobody can tell; to be asked for."""
    lacking: tuple[str, ...]
    """Columns without which the sheet's rows cannot be told apart."""


class Words(NamedTuple):
    """The names of the data files ``columns.toml`` and ``choices.toml``, run together as :func:`compact` does."""

    tables: Mapping[str, str]
    columns: Mapping[str, Mapping[str, str]]
    """Table -> name -> column."""
    choices: Mapping[str, Mapping[str, str]]
    """Column -> name -> code."""
    abbreviations: Mapping[str, str]
    """Abbreviation -> the word of names of regions that it stands for."""
    yes: frozenset[str]
    no: frozenset[str]


@cache
def words() -> Words:
    """What tables and columns are called, in all languages."""
    files, codes = _files("columns.toml"), _files("choices.toml")
    tables = {compact(table): table for table in TABLES}
    columns: dict[str, dict[str, str]] = {}
    for found in files:
        tables |= {compact(name): table for table, names in found["tables"].items() for name in names.split(",")}
    for table, fields in FIELDS.items():
        known = {compact(REMOVE): REMOVE}
        for found in files:
            known |= {compact(name): REMOVE for name in found["words"]["remove"].split(",")}
            for part in (found["any"], found[table]):
                for column in (rule.name for rule in fields if rule.name in part):
                    known |= {compact(name): column for name in part[column].split(",")}
        columns[table] = known | {compact(rule.name): rule.name for rule in fields}
    yes, no = (
        frozenset(word.strip() for found in files for word in (key, *found["words"][key].split(",")))
        for key in ("yes", "no")
    )
    choices: dict[str, dict[str, str]] = {}
    for found in codes:
        for column, named in found.items():
            known = choices.setdefault(column, {})
            known |= {compact(name): code for code, names in named.items() for name in (code, *names.split(","))}
    short = {
        compact(name): word
        for found in files
        for word, names in found.get("abbreviations", {}).items()
        for name in names.split(",")
    }
    return Words(tables, columns, choices, short, yes, no)


def _files(name: str) -> list[dict[str, Any]]:
    """A data file of every language."""
    return [tomllib.loads((DATA / language / name).read_text(encoding="utf-8")) for language in LANGUAGES]


def is_heading(cells: Sequence[str]) -> bool:
    """Whether a row of cells holds the names of at least two columns of a table."""
    said = {compact(cell) for cell in cells if 0 < len(cell) <= MAX_NAME}
    return any(len({known[name] for name in said & known.keys()}) > 1 for known in words().columns.values())


def place(sheets: Sequence[Sheet], choices: Choices) -> list[Placed]:
    """What each sheet is, as far as its name, its columns and the choices tell.

    Raises:
        InvalidDataError: a choice names a table, a sheet or a column that does not exist, or two columns as one.
    """
    _refuse_strange(sheets, choices)
    return [_placed(sheet, choices) for sheet in sheets]


def _refuse_strange(sheets: Sequence[Sheet], choices: Choices) -> None:
    there = {(sheet.name, column) for sheet in sheets for column in sheet.columns}
    there |= {("", column) for _, column in there}
    for key in choices.columns:
        if key not in there:
            raise InvalidDataError(saying("The file has no column named {column}.", column=repr(key[1])))
    for table in choices.tables.values():
        if table and table not in FIELDS:
            raise InvalidDataError(
                saying("There is no table {table}. There are: {tables}.", table=repr(table), tables=", ".join(TABLES))
            )


def _placed(sheet: Sheet, choices: Choices) -> Placed:
    table = choices.tables.get(sheet.name)
    if table is None:
        table = _table(sheet)
    if not table:
        return Placed(sheet, "", {}, (), ())
    said = {column: choices.of(sheet.name, column) for column in sheet.columns}
    chosen = {column: known for column, known in said.items() if known}
    for known in chosen.values():
        _refuse_no_column(table, known)
        if list(chosen.values()).count(known) > 1:
            raise InvalidDataError(saying("Two columns cannot both be {column}.", column=known))
    guessed = recognised(table, [column for column, known in said.items() if known is None])
    found = chosen | {column: known for column, known in guessed.items() if known not in chosen.values()}
    unmapped = tuple(c for c in sheet.columns if c not in found and said[c] is None)
    return Placed(sheet, table, found, unmapped, _lacking(table, found.values()))


def _lacking(table: str, columns: Collection[str]) -> tuple[str, ...]:
    """The columns of a table's key that are not there. Rows get an id themselves where the rest is there that new
    ones need."""
    needed = {rule.name for rule in FIELDS[table] if rule.required} - set(KEYS[table])
    if table in NUMBERED and needed <= set(columns):
        return ()
    return tuple(key for key in KEYS[table] if key not in columns)


def _refuse_no_column(table: str, column: str) -> None:
    names = [rule.name for rule in FIELDS[table]]
    if column not in (*names, REMOVE):
        raise InvalidDataError(
            saying(
                "{table} has no column {column}. There are: {columns}.",
                table=table, column=repr(column), columns=", ".join((*names, REMOVE)),
            )
        )  # fmt: skip


def _table(sheet: Sheet) -> str:
    """The table that a sheet is for: the one it is named after, else the one that its columns fit best; empty where two
    fit alike or none does."""
    by_name = named(sheet.name)
    fits = {}
    for table in TABLES:
        found = set(recognised(table, sheet.columns).values()) - {REMOVE}
        if not _lacking(table, found):
            fits[table] = len(found)
    if by_name:
        return by_name
    best = max(fits.values(), default=0)
    winners = [table for table, fit in fits.items() if fit == best]
    # One column alone fits by chance: "id" is the key of two tables, "code" of two others.
    return winners[0] if len(winners) == 1 and best > 1 else ""


def named(name: str) -> str:
    """The table that a sheet's name says: the whole name, or its only word that does ("klaim-2026 (2)")."""
    known = words().tables
    if compact(name) in known:
        return known[compact(name)]
    said = {known[word] for word in map(compact, name.replace("_", " ").replace("-", " ").split()) if word in known}
    return said.pop() if len(said) == 1 else ""


def recognised(table: str, columns: Sequence[str]) -> dict[str, str]:
    """Column of a sheet -> column of a table, for those that can be told; each of the table's at most once, and the surer
    recognition first."""
    found: dict[str, str] = {}
    scored = []
    for at, column in enumerate(columns):
        guess = _guess(table, compact(column))
        if guess:
            own = compact(column) != compact(guess[1])
            scored.append((guess[0], own, at, column, guess[1]))
    for *_, column, known in sorted(scored):
        if known not in found.values():
            found[column] = known
    return {column: found[column] for column in columns if column in found}


def _guess(table: str, name: str) -> tuple[int, str] | None:
    """``(edits, column)`` of the one that a name stands for; None where none is near, or two are nearly as near."""
    known = words().columns[table]
    if name in known:
        return 0, known[name]
    nearest: dict[str, int] = {}
    for other, column in known.items():
        edits = distance(name, other)
        if edits <= allowed_edits(len(other)):
            nearest[column] = min(edits, nearest.get(column, edits))
    ranked = sorted((edits, column) for column, edits in nearest.items())
    if not ranked or (len(ranked) > 1 and ranked[1][0] - ranked[0][0] < COLUMN_MARGIN):
        return None
    return ranked[0]
