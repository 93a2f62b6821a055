"""The curated edition that ships with the code: CSV files, read as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from .lexicon import DATA, LANGUAGES

TABLES = ("sources", "regions", "districts", "aliases", "cohorts", "claims", "phrasings")
"""The tables of an edition, those that others refer to first."""
KEYS = {
    "sources": ("id",), "regions": ("code",), "districts": ("code",), "aliases": ("region_code", "alias"),
    "cohorts": ("year",), "claims": ("id",), "phrasings": ("language", "question"),
}  # fmt: skip
"""What identifies a row of each table."""


class Edition(NamedTuple):
    """One edition's rows, all values text."""

    id: str
    title: str
    licence: str
    compiled: str
    tables: dict[str, list[dict[str, str]]]

    @property
    def counts(self) -> dict[str, int]:
        """Rows of each table."""
        return {name: len(rows) for name, rows in self.tables.items()}


class About(NamedTuple):
    """What an edition says of itself."""

    id: str
    title: str
    licence: str
    compiled: str
    """ISO date."""


def about(data: Path = DATA) -> About:
    """What the edition in a folder says of itself.

    Raises:
        FileNotFoundError: the file is missing.
    """
    import tomllib

    with (data / "edition.toml").open("rb") as file:
        return About(**tomllib.load(file))


def read(data: Path = DATA) -> Edition:
    """The edition in a folder.

    Raises:
        FileNotFoundError: a file is missing.
    """
    import csv

    tables: dict[str, list[dict[str, str]]] = {name: [] for name in TABLES}
    for name, language, path in _files(data):
        with path.open(encoding="utf-8", newline="") as table:
            tables[name] += [{**language, **row} for row in csv.DictReader(table)]
    return Edition(*about(data), tables)


def _files(data: Path) -> Iterator[tuple[str, dict[str, str], Path]]:
    """``(table, columns that the file leaves out, file)``: phrasings lie with their language, all others in one file."""
    for name in TABLES:
        if name != "phrasings":
            yield name, {}, data / f"{name}.csv"
    for language in LANGUAGES:
        yield "phrasings", {"language": language}, data / language / "phrasings.csv"


def key_of(table: str, row: Mapping[str, str]) -> str:
    """What identifies a row within its table."""
    return "|".join(row[column] for column in KEYS[table])


def fingerprint(data: Path = DATA) -> str:
    """A hash of the edition's files, 16 hexadecimal digits: equal files give equal hashes."""
    import hashlib

    digest = hashlib.sha256()
    for path in (data / "edition.toml", *(path for _, _, path in _files(data))):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
