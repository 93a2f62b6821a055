"""Excel files, in and out: every cell is the text that a person sees in it."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, Final

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell

from .cells import ABOUT, LAST_ROW, MAX_COLUMNS, MAX_ROWS, defused, restored
from .errors import InvalidDataError, KnowledgeError, saying

Lines = list[tuple[int, list[str]]]

MAX_CELLS: Final = MAX_ROWS * MAX_COLUMNS
"""Cells looked at, empty ones too: formats reach further than what stands in a sheet."""
_DECIMALS: Final = re.compile(r"0\.(0+)")
_ESCAPED: Final = re.compile("_x([0-9A-Fa-f]{4})_")
_TO_ESCAPE: Final = re.compile("_x(?=[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ufffe\uffff]")


def sheets_of(file: io.BytesIO) -> tuple[list[tuple[str, Lines]], Mapping[str, str]]:
    """``(title, lines)`` of every visible sheet, and what an export says of itself.

    Raises:
        InvalidDataError: the file is damaged, or a cell shows an error.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles, validations and other things that are no text
            book = load_workbook(file, read_only=True, data_only=True)
            try:
                found = [(sheet.title, _lines(sheet)) for sheet in book.worksheets if sheet.sheet_state == "visible"]
            finally:
                book.close()
    except (KnowledgeError, MemoryError):
        raise
    except Exception as error:
        # The library stumbles over damaged files in every way that Python knows.
        raise InvalidDataError(saying("The Excel file is damaged. Open it, save it anew, and send that.")) from error
    about = {cells[0]: cells[1] for title, lines in found if title == ABOUT for _, cells in lines if len(cells) > 1}
    return [(title, lines) for title, lines in found if title != ABOUT and lines], about


def _lines(sheet: Any) -> Lines:
    sheet.reset_dimensions()  # What a file says of its size need not be true.
    lines: Lines = []
    looked_at = 0
    for number, row in enumerate(sheet.iter_rows(max_row=LAST_ROW), 1):
        looked_at += len(row)
        if looked_at > MAX_CELLS:
            raise InvalidDataError(
                saying("{sheet}: formats reach far beyond what stands in it. Copy the table into a new file.", sheet=sheet.title)
            )  # fmt: skip
        cells = [_text(cell, sheet.title, number) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            lines.append((number, cells))
    return lines


def _text(cell: Any, title: str, row: int) -> str:
    """What a person sees in a cell: 2019 rather than 2019.0, dates as ISO says them."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "e":
        raise InvalidDataError(saying("{sheet}, row {row}: a cell shows {error}.", sheet=title, row=row, error=value))
    if isinstance(value, str):
        return restored(_unescaped(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float):
        shown = _DECIMALS.fullmatch(cell.number_format or "")
        return f"{value:.{len(shown[1])}f}" if shown else format(value, ".15g")
    return str(value)


def workbook(tables: Mapping[str, tuple[Sequence[str], Iterable[Sequence[str]]]], about: Mapping[str, str]) -> bytes:
    """An Excel file: a sheet for each table (its columns and rows), all cells texts, the column names always in view."""
    book = Workbook(write_only=True)
    for name, (columns, rows) in tables.items():
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        written = 1
        sheet.append(list(_cells(sheet, columns)))
        for row in rows:
            sheet.append(list(_cells(sheet, row)))
            written += 1
        sheet.auto_filter.ref = f"A1:{chr(ord('A') + len(columns) - 1)}{written}"
    sheet = book.create_sheet(ABOUT)
    for pair in about.items():
        sheet.append(list(_cells(sheet, pair)))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _cells(sheet: Any, texts: Iterable[str]) -> Iterator[Any]:
    """Cells that stay texts, also when somebody edits them: 33.10 must not become 33.1."""
    for text in texts:
        cell = WriteOnlyCell(sheet, value=_escaped(defused(text)))
        cell.data_type = "s"  # "#N/A" too is a text here
        cell.number_format = "@"
        yield cell


def _escaped(text: str) -> str:
    """A text as Excel writes characters that XML does not hold: a carriage return is ``_x000D_``."""
    return _TO_ESCAPE.sub(lambda found: "_x005F_x" if found[0] == "_x" else f"_x{ord(found[0]):04X}_", text)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text
