"""Files of tables as rows of text: CSV, XLSX, a zip of CSV files, and the JSON that the export makes.

Whatever the bytes, they come out as sheets or as an :class:`InvalidDataError` that says where and why not.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any, Final, NamedTuple

from . import delimited
from .cells import ABOUT, MAX_ROWS, Sheet, no_tables, sheet_of, too_many_rows
from .columns import is_heading
from .errors import InvalidDataError, saying

MAX_FILE: Final = 10_000_000
"""Bytes of a file: 20,000 statements in both languages with their sources are 8 MB, and Telegram gives bots 20 MB."""
MAX_UNPACKED: Final = 60_000_000
"""Bytes of all that is packed into a file. Tables shrink to a fifth or a tenth; what shrinks to less is no table."""
MAX_PACKED: Final = 200
"""Files packed into one: an Excel file holds some ten beside a sheet each."""
_NO_TEXT: Final = (b"%PDF", b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"<!DOCTYPE", b"<html")
"""How files begin that people send for a table: PDF, RTF, pictures, pages of the web."""
STRETCH: Final = 8_000_000
"""Bytes of XML without the beginning of a row or of a text: between two there is one row, at most 2 MB, and behind the last what
else a sheet has, such as its links. What is read at once takes up to 300 times its size in memory."""
_BEGINNINGS: Final = (b"<row", b"<si")
_DTD: Final = tuple("<!DOCTYPE".encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be"))


class Book(NamedTuple):
    """A file."""

    sheets: tuple[Sheet, ...]
    about: Mapping[str, str]
    """What an export of ours says of itself: ``change`` and ``hash``; empty for any other file."""


def read(content: bytes, name: str) -> Book:
    """The sheets of a file, whatever its name says it is; the name becomes that of a CSV file's only sheet.

    Raises:
        InvalidDataError: it is no file of tables, or too large; says where and why.
    """
    if len(content) > MAX_FILE:
        raise InvalidDataError(saying("The file is larger than {limit} MB. Split it.", limit=_mb(MAX_FILE)))
    if not content.strip():
        raise InvalidDataError(saying("The file is empty."))
    if content.startswith(b"PK"):
        book = _packed(content)
    elif content.startswith(b"\xd0\xcf\x11\xe0"):
        raise InvalidDataError(
            saying("This is an old or a protected Excel file. Save it as .xlsx without a password, or as CSV.")
        )
    elif content.lstrip().startswith(_NO_TEXT):
        raise no_tables()
    elif name.lower().endswith(".json") or content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        book = _json(content)
    else:
        book = Book((delimited.read(content, PurePath(name).stem),), {})
    if not any(sheet.rows for sheet in book.sheets):
        raise InvalidDataError(saying("The file has no rows below its column names."))
    if sum(len(sheet.rows) for sheet in book.sheets) > MAX_ROWS:
        raise too_many_rows()
    return book


def _mb(size: int) -> int:
    return size // 1_000_000


# ------------------------------------------------------------------------------------------------------------ zip and XLSX


def _packed(content: bytes) -> Book:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _measure(archive)
            names = archive.namelist()
            if any(name.startswith("xl/") for name in names):
                from .workbook import sheets_of

                found, about = sheets_of(io.BytesIO(content))
                return Book(tuple(sheet_of(title, lines, is_heading, ragged=True) for title, lines in found), about)
            if "[Content_Types].xml" in names or "mimetype" in names:
                raise no_tables()  # Word, PowerPoint, OpenDocument
            return _zip(archive, names)
    except (
        zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError, KeyError,
    ) as error:  # fmt: skip
        raise InvalidDataError(saying("The packed file is damaged, or protected by a password.")) from error


def _measure(archive: zipfile.ZipFile) -> None:
    """Refuse what unpacks to too much, whatever it declares, and XML that defines words of its own."""
    members = archive.infolist()
    left = MAX_UNPACKED
    if len(members) > MAX_PACKED or sum(member.file_size for member in members) > left:
        raise _bomb()
    for member in members:
        with archive.open(member) as packed:
            tail, apart = b"", 0
            while piece := packed.read(1 << 16):
                left -= len(piece)
                if left < 0:
                    raise _bomb()
                text = tail + piece
                begun = max(text.rfind(mark) for mark in _BEGINNINGS)
                apart = len(text) - begun if begun >= 0 else apart + len(piece)
                endless = apart > STRETCH and member.filename.endswith((".xml", ".rels"))
                if endless or (not member.filename.endswith(".csv") and any(mark in text for mark in _DTD)):
                    raise InvalidDataError(saying("The file holds XML of a kind that no spreadsheet program writes."))
                tail = piece[-20:]


def _bomb() -> InvalidDataError:
    return InvalidDataError(saying("The file unpacks to more than {limit} MB. Split it.", limit=_mb(MAX_UNPACKED)))


def _zip(archive: zipfile.ZipFile, names: Sequence[str]) -> Book:
    """A zip of CSV files, such as the export makes."""
    tables = [name for name in names if name.lower().endswith(".csv") and not name.startswith("__MACOSX/")]
    if not tables:
        raise InvalidDataError(saying("There is no CSV file in the zip."))
    about: Mapping[str, str] = {}
    if "datapackage.json" in names:
        try:
            package = json.loads(archive.read("datapackage.json"))
        except (ValueError, RecursionError):
            raise InvalidDataError(saying("datapackage.json in the zip cannot be read.")) from None
        about = _about(package.get(ABOUT) if isinstance(package, dict) else None)
    return Book(tuple(delimited.read(archive.read(name), PurePath(name).stem) for name in tables if archive.read(name).strip()), about)  # fmt: skip


# ------------------------------------------------------------------------------------------------------------------ JSON


def _json(content: bytes) -> Book:
    """The JSON that the export makes: an object of tables, each a list of rows."""
    try:
        data = json.loads(content.decode("utf-8-sig"), parse_int=str, parse_float=str, parse_constant=str)
    except RecursionError:
        raise _no_export() from None
    except UnicodeDecodeError:
        raise InvalidDataError(saying("The JSON file is no text in UTF-8.")) from None
    except json.JSONDecodeError as error:
        raise InvalidDataError(
            saying("The JSON file cannot be read: line {line}, column {column}.", line=error.lineno, column=error.colno)
        ) from None
    if not isinstance(data, dict):
        raise _no_export()
    tables = [(name, rows) for name, rows in data.items() if name != ABOUT]
    return Book(tuple(_table(name, rows) for name, rows in tables if rows != []), _about(data.get(ABOUT)))


def _no_export() -> InvalidDataError:
    return InvalidDataError(
        saying("The JSON file is not what an export makes: an object of tables, each a list of rows.")
    )


def _table(name: str, rows: Any) -> Sheet:
    """A table of the JSON file; its rows are counted from 1."""
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _no_export()
    names = list(dict.fromkeys(column for row in rows for column in row))
    lines: list[tuple[int, list[str]]] = [(0, names)]
    for number, row in enumerate(rows, 1):
        for column, value in row.items():
            if isinstance(value, list | dict):
                raise InvalidDataError(
                    saying("{sheet}, row {row}, {column}: no list may stand there.", sheet=name, row=number, column=column)
                )  # fmt: skip
        lines.append((number, [_plain(row.get(column)) for column in names]))
    sheet = sheet_of(name, lines, lambda _: False, ragged=False)
    # What a row does not name is not empty in it: it stays as it is.
    return sheet._replace(rows=[(n, {c: text for c, text in row.items() if c in rows[n - 1]}) for n, row in sheet.rows])


def _plain(value: str | bool | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value or ""


def _about(found: Any) -> Mapping[str, str]:
    if not isinstance(found, dict):
        return {}
    return {key: value for key, value in found.items() if isinstance(value, str)}
