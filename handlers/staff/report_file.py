"""What an import would do, line by line, as a CSV file to look through and to mend the file by."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Final

from handlers.rendering import Speech
from handlers.staff.rowwords import column_word, sides, table_word
from knowledge.cells import defused
from knowledge.comparing import Kind, Line
from knowledge.model import Language

SEPARATORS: Final[dict[Language, str]] = {"id": ";", "en": ","}
"""Where commas stand in numbers, as in Indonesia, Excel takes semicolons between cells."""


def kinds(s: Speech) -> dict[Kind, str]:
    """What each kind of line is called."""
    return {
        "error": s._("error"),
        "conflict": s._("conflict"),
        "disagrees": s._("disagrees"),
        "changed": s._("changed"),
        "added": s._("added"),
        "removed": s._("removed"),
    }


def report(lines: Iterable[Line], s: Speech) -> bytes:
    """The file; with a byte order mark, since people open it in Excel."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=SEPARATORS[s.language])
    words = kinds(s)
    writer.writerow((
        s._("kind"), s._("table"), s._("key"), s._("sheet"), s._("row"), s._("column"), s._("before"), s._("after"),
        s._("remark"),
    ))  # fmt: skip
    for line in lines:
        row = str(line.where.row) if line.where.row else ""
        remark = s.told(line.remark) if line.remark else ""
        column = column_word(line.column, s) if line.column else ""
        table = table_word(line.table, s) if line.table else ""
        cells = (words[line.kind], table, line.key, line.where.sheet, row, column, *sides(line, s), remark)
        writer.writerow(defused(cell) for cell in cells)
    return b"\xef\xbb\xbf" + file.getvalue().encode()
