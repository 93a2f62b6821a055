"""Finding an entry of the knowledge by what somebody types: a code, a name, a year, words of a statement or a title."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .changes import Tables
from .edition import TABLES, key_of
from .normalize import compact, fold
from .search import Search
from .snapshot import Row

MAX_FOUND = 40
"""Entries told at most; who finds more types more."""
_TEXTS = {
    "claims": ("id", "text_id", "text_en", "attribute", "value"),
    "sources": ("id", "publisher", "title", "url"),
    "phrasings": ("question",),
}
"""Columns whose words are looked through."""


class Found(NamedTuple):
    """An entry."""

    table: str
    key: str
    row: Row


def find(tables: Tables, search: Search, typed: str) -> list[Found]:
    """Entries for what was typed, the likeliest first: those with that very key, regions, other names, a cohort, claims on the
    regions found, then claims, sources and phrasings that hold all its words."""
    found: dict[tuple[str, str], Found] = {}
    for table, row in _found(tables, search, typed):
        key = key_of(table, row)
        found.setdefault((table, key), Found(table, key, row))
    return list(found.values())[:MAX_FOUND]


def _found(tables: Tables, search: Search, typed: str) -> Iterator[tuple[str, Row]]:
    wanted, words = typed.strip(), fold(typed).split()
    if not words:
        return
    for table in TABLES:
        yield from ((table, row) for row in tables[table] if key_of(table, row).lower() == wanted.lower())
    regions = [region.code for region in search.regions(typed)[:8]]
    stored = {row["code"]: row for row in tables["regions"]} if regions else {}
    yield from (("regions", stored[code]) for code in regions if code in stored)
    name = compact(typed)
    if name:
        for row in tables["aliases"]:
            if compact(row["alias"]).startswith(name):
                yield "aliases", row
    if regions:
        exact = {f"region:{code}" for code in regions[:1]}
        yield from (("claims", row) for row in tables["claims"] if row["subject"] in exact)
    for table, columns in _TEXTS.items():
        for row in tables[table]:
            text = fold(" ".join(row[column] for column in columns))
            if all(word in text for word in words):
                yield table, row
