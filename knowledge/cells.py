"""From lines of cells to a sheet: column names, rows by their numbers, and bounds, whatever the format of the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Final, NamedTuple

from .errors import InvalidDataError, saying

MAX_ROWS: Final = 50_000
"""Rows of all sheets together: five times what the shipped edition has, and what one change can hold in seconds."""
MAX_COLUMNS: Final = 60
"""Columns of a sheet: five times what the widest table has."""
MAX_CELL: Final = 10_000
"""Characters of a cell: five times what the longest column takes; Excel itself ends at 32,767."""
LAST_ROW: Final = 1_048_576
"""The last row of a spreadsheet, for any program. A file may claim a row far beyond it."""

MAX_TITLES: Final = 10
"""Rows looked at for the names of columns: people write a title, an office and a day above a table."""
ABOUT: Final = "_about"
"""Name of the sheet, or of the part of a JSON file, in which an export says what it was made from."""

_RISKY: Final = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
"""Beginnings that spreadsheet programs take for a formula (https://owasp.org/www-community/attacks/CSV_Injection), and what
looks like such a one defused."""
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


class Sheet(NamedTuple):
    """One table of a file."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[int, Mapping[str, str]]]
    """``(number of the row as a spreadsheet shows it, column -> text)``; empty rows are left out, and what a row does not
    say at all, as in JSON."""


def defused(text: str) -> str:
    """A text as it may stand in a cell: what a program could take for a formula gets an apostrophe before it."""
    return f"'{text}" if _RISKY.match(text) else text


def restored(text: str) -> str:
    """What :func:`defused` was given."""
    return text[1:] if text.startswith("'") and _RISKY.match(text) else text


Line = tuple[int, Sequence[str]]
"""A row of a file and its number."""


def sheet_of(name: str, lines: Iterable[Line], is_heading: Callable[[Sequence[str]], bool], *, ragged: bool) -> Sheet:
    """A sheet from its lines, the first that holds anything being the column names, or the first that holds known ones
    where only titles stand above it.

    Args:
        name: of the sheet.
        lines: with their numbers.
        is_heading: whether a line holds names of columns that are known.
        ragged: whether lines may be shorter than the first, as in formats where empty cells at the end do not exist.
    """
    columns: list[str] | None = None
    rows: list[tuple[int, Mapping[str, str]]] = []
    for number, cells in _without_titles(lines, is_heading):
        if columns is None:
            columns = _columns(name, cells)
            continue
        if len(cells) < len(columns) and not ragged:
            raise InvalidDataError(
                saying(
                    "{sheet}, row {row}: {cells} cells, but the row of column names has {columns}. "
                    "Look at its separators and quotation marks.",
                    sheet=name, row=number, cells=len(cells), columns=len(columns),
                )
            )  # fmt: skip
        for at, text in enumerate(cells):
            _check(name, number, columns, at, text)
        if len(rows) == MAX_ROWS:
            raise too_many_rows()
        filled = [*cells[: len(columns)], *("" for _ in range(len(columns) - len(cells)))]
        rows.append((number, {column: text for column, text in zip(columns, filled, strict=True) if column}))
    return Sheet(name, tuple(column for column in columns or () if column), rows)


def _without_titles(lines: Iterable[Line], is_heading: Callable[[Sequence[str]], bool]) -> Iterator[Line]:
    """The lines that hold anything, from the column names on."""
    filled = (line for line in lines if any(cell.strip() for cell in line[1]))
    first = list(islice(filled, MAX_TITLES))
    at = next((at for at, (_, cells) in enumerate(first) if is_heading(cells)), 0)
    if any(_filled(cells) >= _filled(first[at][1]) for _, cells in first[:at]):
        at = 0  # As many cells as the names below: a row of names itself, though nobody knows them.
    return chain(first[at:], filled)


def _filled(cells: Sequence[str]) -> int:
    return sum(1 for cell in cells if cell.strip())


def _columns(name: str, cells: Sequence[str]) -> list[str]:
    columns = [" ".join(restored(cell).split()) for cell in cells]
    while columns and not columns[-1]:
        columns.pop()
    if len(columns) > MAX_COLUMNS:
        raise InvalidDataError(
            saying("{sheet} has {columns} columns; at most {limit} are read.", sheet=name, columns=len(columns), limit=MAX_COLUMNS)
        )  # fmt: skip
    for at, column in enumerate(columns):
        if column and column.casefold() in (before.casefold() for before in columns[:at]):
            raise InvalidDataError(saying("{sheet} has two columns named {column}.", sheet=name, column=repr(column)))
        if len(column) > MAX_CELL or _UNSTORABLE.search(column):
            raise InvalidDataError(saying("{sheet}: column {number} has no usable name.", sheet=name, number=at + 1))
    return columns


def _check(name: str, row: int, columns: Sequence[str], at: int, text: str) -> None:
    """Refuse a cell that no column takes, or that is too long."""
    if text.strip() and (at >= len(columns) or not columns[at]):
        raise InvalidDataError(
            saying(
                "{sheet}, row {row}: cell {number} stands in no named column. Perhaps a separator is too many: "
                "a text with a comma in it stands in quotation marks.",
                sheet=name, row=row, number=at + 1,
            )
        )  # fmt: skip
    if len(text) > MAX_CELL:
        raise InvalidDataError(
            saying(
                "{sheet}, row {row}, {column}: {length} characters; at most {limit} are read.",
                sheet=name, row=row, column=columns[at], length=len(text), limit=MAX_CELL,
            )
        )  # fmt: skip
    if _UNSTORABLE.search(text):
        raise InvalidDataError(
            saying("{sheet}, row {row}, {column}: there is a character that is no text.", sheet=name, row=row, column=columns[at])
        )  # fmt: skip


def no_tables() -> InvalidDataError:
    return InvalidDataError(
        saying("This is no file of tables. I read CSV, Excel (.xlsx), a zip of CSV files, and the JSON of an export.")
    )


def too_many_rows() -> InvalidDataError:
    return InvalidDataError(saying("The file has more than {limit} rows. Split it.", limit=MAX_ROWS))
