"""CSV files: UTF-8 or Windows-1252, separated by commas, semicolons or tabs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Final

from .cells import MAX_CELL, MAX_TITLES, Sheet, no_tables, restored, sheet_of
from .columns import is_heading
from .errors import InvalidDataError, saying

SEPARATORS: Final = ",;\t"
MAX_HEAD: Final = MAX_TITLES * MAX_CELL
_QUOTED: Final = re.compile(r'"[^"]*"')
_NO_SEPARATORS: Final = str.maketrans("", "", SEPARATORS + "\r\n")


def read(content: bytes, name: str) -> Sheet:
    """The one sheet of a CSV file.

    Raises:
        InvalidDataError: it is no text, or not regular; says where.
    """
    text = _decoded(content)
    hint = re.match(r"sep=([,;\t])\r?\n", text)
    if hint:
        text = text[hint.end() :]
    return sheet_of(name, _records(name, text, hint[1] if hint else _separator(text)), is_heading, ragged=False)


def _decoded(content: bytes) -> str:
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise no_tables()


def _separator(text: str) -> str:
    """The separator that known column names stand between, else the one that makes the most of the first row; a comma where
    there is but one column."""
    plain = _QUOTED.sub(lambda found: found[0].translate(_NO_SEPARATORS), text[:MAX_HEAD])
    heads = [line for line in plain.splitlines() if line.strip()][:MAX_TITLES]
    known = (mark for line in heads for mark in SEPARATORS if is_heading([c.strip('"') for c in line.split(mark)]))
    return next(known, None) or max(SEPARATORS, key="".join(heads[:1]).count)


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
