"""The knowledge as files: a zip of CSV files that is a Data Package, an Excel file, and JSON. Reading one back changes nothing.

The CSV files are UTF-8 without a byte order mark: they are for programs, and many of those take the mark for a part of the
first column's name. Excel reads such a file wrongly when it is opened by a double click, so people get an Excel file of
their own beside it. What a spreadsheet program could take for a formula begins with an apostrophe in both; JSON is plain.

The same knowledge gives the same bytes of CSV and JSON, and each file says which change it was made after: so an import can
tell what was changed since.
"""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from . import store
from .cells import ABOUT, defused
from .changes import Tables, content_hash
from .edition import KEYS, TABLES
from .fields import FIELDS, Field
from .merging import dictionary

Format = Literal["csv", "xlsx", "json"]
FORMATS: dict[Format, str] = {"csv": "zip", "xlsx": "xlsx", "json": "json"}
"""Format -> ending of the file's name."""
PACKAGE: Final = "datapackage.json"
_NEW_YEAR: Final = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the zip: the earliest that the format knows."""
_LICENCE: Final = {
    "name": "ODbL-1.0", "title": "Open Database License 1.0", "path": "https://opendatacommons.org/licenses/odbl/1-0/",
}  # fmt: skip
_SOURCES: Final = [
    {"title": "idn-area-data (Kemendagri codes of regions)", "path": "https://github.com/fityannugroho/idn-area-data"},
    {"title": "Public reports, named in the table sources"},
]
_LISTS: Final = {"sources": "claim_sources", "conflicts_with": "claim_conflicts"}
"""Columns of claims that are tables of their own in the database: ids joined by ``;``."""


class Contents(NamedTuple):
    """What is exported: all of the knowledge at one moment."""

    tables: Tables
    edition: str
    title: str
    change: int
    """Number of the last change in it."""
    hash: str

    @property
    def about(self) -> dict[str, str]:
        """What each file says of itself."""
        return {"title": self.title, "edition": self.edition, "change": str(self.change), "hash": self.hash}

    @property
    def name(self) -> str:
        """A name for a file, without its ending."""
        return f"100-smart-city-{self.edition}-{self.change}"


def contents(data_dir: Path) -> Contents:
    """The knowledge in a folder.

    Raises:
        DatabaseError: it cannot be read.
    """
    with store.reading(data_dir / store.FILE) as connection:
        connection.execute("begin")  # One moment for all of it.
        return _contents(connection)


def _contents(connection: sqlite3.Connection) -> Contents:
    tables = store.tables(connection)
    (change,) = connection.execute("select coalesce(max(id), 0) from changes").fetchone()
    about = dict(connection.execute("select key, value from about").fetchall())
    return Contents(tables, about["edition"], about["title"], change, content_hash(tables))


def export(found: Contents, form: Format) -> bytes:
    """One file of it all."""
    if form == "csv":
        return _zip(package(found))
    if form == "json":
        return _json({ABOUT: found.about, **{table: list(found.tables[table]) for table in TABLES}})
    from .workbook import workbook

    return workbook({table: (_columns(table), _cells(table, found.tables[table])) for table in TABLES}, found.about)


def package(found: Contents) -> dict[str, bytes]:
    """The files of the Data Package by name: its description, and a CSV file for each table.

    Follows https://specs.frictionlessdata.io/profiles/tabular-data-package/ (version 1).
    """
    files = {f"{table}.csv": _csv(table, found.tables[table]) for table in TABLES}
    return {PACKAGE: _json(_description(found, files)), **files}


def _columns(table: str) -> list[str]:
    return [rule.name for rule in FIELDS[table]]


def _cells(table: str, rows: Iterable[Mapping[str, str]]) -> Iterable[Sequence[str]]:
    columns = _columns(table)
    return ([row[column] for column in columns] for row in rows)


def _csv(table: str, rows: Iterable[Mapping[str, str]]) -> bytes:
    """A table after RFC 4180."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(_columns(table))
    writer.writerows([defused(text) for text in row] for row in _cells(table, rows))
    return file.getvalue().encode()


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def _zip(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _NEW_YEAR)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # The same on every system.
            archive.writestr(entry, content)
    return packed.getvalue()


# --------------------------------------------------------------------------------------------------- the Data Package


def _description(found: Contents, files: Mapping[str, bytes]) -> dict[str, Any]:
    meanings = dictionary()
    for column, table in _LISTS.items():
        meanings["claims"][column] = meanings[table]["_"]
    return {
        "profile": "tabular-data-package",
        "name": "100-smart-city",
        "title": found.title,
        "version": f"{found.edition}+{found.change}",
        "licenses": [_LICENCE],
        "sources": _SOURCES,
        "resources": [_resource(table, meanings.get(table, {}), len(files[f"{table}.csv"])) for table in TABLES],
        ABOUT: found.about,
    }


def _resource(table: str, meanings: Mapping[str, str], size: int) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [_field(rule, meanings.get(rule.name, "")) for rule in FIELDS[table]],
        "primaryKey": list(KEYS[table]),
        "missingValues": [""],
    }
    links = [_link(table, rule) for rule in FIELDS[table] if rule.kind == "ref"]
    if links:
        schema["foreignKeys"] = links
    return {
        "profile": "tabular-data-resource",
        "name": table,
        "path": f"{table}.csv",
        "description": meanings.get("_", ""),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": size,
        "schema": schema,
    }


def _field(rule: Field, meaning: str) -> dict[str, Any]:
    """A column; dates are texts, because many of them are but a year or a month."""
    typed: dict[str, Any] = {"name": rule.name, "type": "string", "description": meaning}
    constraints: dict[str, Any] = {}
    if rule.kind == "year":
        typed["type"] = "year"
    elif "yes" in rule.choices:
        typed |= {"type": "boolean", "trueValues": ["yes"], "falseValues": ["no"]}
    elif rule.choices:
        constraints["enum"] = list(rule.choices)
    elif rule.kind == "url":
        typed["format"] = "uri"
    elif rule.kind == "date":
        constraints["pattern"] = "[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?"
    if rule.required:
        constraints["required"] = True
    return {**typed, "constraints": constraints} if constraints else typed


def _link(table: str, rule: Field) -> dict[str, Any]:
    """Which column of which table a column refers to; the table itself has no name in that."""
    (key,) = KEYS[rule.refers]
    return {"fields": rule.name, "reference": {"resource": "" if rule.refers == table else rule.refers, "fields": key}}
