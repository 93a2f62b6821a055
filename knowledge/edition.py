"""The curated edition that ships with the code: CSV files, read as they are."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from .lexicon import DATA

TABLES = ("sources", "regions", "districts", "aliases", "cohorts", "claims")
"""The CSV files of an edition, those that others refer to first."""
KEYS = {
    "sources": ("id",), "regions": ("code",), "districts": ("code",), "aliases": ("region_code", "alias"),
    "cohorts": ("year",), "claims": ("id",),
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

    tables = {}
    for name in TABLES:
        with (data / f"{name}.csv").open(encoding="utf-8", newline="") as table:
            tables[name] = list(csv.DictReader(table))
    return Edition(*about(data), tables)


def fingerprint(data: Path = DATA) -> str:
    """A hash of the edition's files, 16 hexadecimal digits: equal files give equal hashes."""
    import hashlib

    digest = hashlib.sha256()
    for name in ("edition.toml", *(f"{table}.csv" for table in TABLES)):
        digest.update((data / name).read_bytes())
    return digest.hexdigest()[:16]
