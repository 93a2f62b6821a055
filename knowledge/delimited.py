"""CSV files: UTF-8 or Windows-1252, separated by commas, semicolons or tabs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from .cells import Sheet, restored, sheet_of
from .errors import InvalidDataError, saying

_QUOTED = re.compile(r'"[^"]*"')


def read(content: bytes, name: str) -> Sheet:
    """The one sheet of a CSV file.

    Raises:
        InvalidDataError: it is no text, or not regular; says where.
    """
    text = _decoded(content)
    hint = re.match(r"sep=([,;\t])\r?\n", text)
    if hint:
        text = text[hint.end() :]
    return sheet_of(name, _records(name, text, hint[1] if hint else _separator(text)), ragged=False)


def _decoded(content: bytes) -> str:
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise InvalidDataError(
        saying("This is no file of tables. I read CSV, Excel (.xlsx), a zip of CSV files, and the JSON of an export.")
    )


def _separator(text: str) -> str:
    """The separator that makes the most of the column names; a comma where there is but one column."""
    plain = _QUOTED.sub("", text)
    head = next((line for line in plain.splitlines() if line.strip()), "")
    return max(",;\t", key=head.count)


def _records(name: str, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Records by the number that a spreadsheet gives them: a quoted line break does not begin a new one."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise InvalidDataError(
                saying(
                    "{sheet}, row {row}: a quotation mark is opened and not closed, or followed by more text. "
                    "Within quotes, write it twice.",
                    sheet=name, row=number,
                )
            ) from None  # fmt: skip
        yield number, [restored(cell) for cell in cells]
