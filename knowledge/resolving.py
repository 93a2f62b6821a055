"""What the cells of a file refer to by the names that people use: regions, sources, and rows without an id."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Final
from urllib.parse import urlsplit

from . import editing
from .changes import Tables
from .columns import words
from .errors import InvalidDataError, saying
from .model import short_name
from .normalize import compact, fold

Stored = Mapping[str, Mapping[str, Mapping[str, str]]]
"""Table -> key -> row."""
MAX_NAMED: Final = 5
"""Sources that an error names."""
_CUT_CODE: Final = re.compile(r"\d\d\.\d")
"""A code that a spreadsheet took for a number: codes have two digits behind the point, so 33.1 was 33.10."""


def whole_code(said: str) -> str:
    """A code of a region with the zero that a spreadsheet cut off."""
    return f"{said}0" if _CUT_CODE.fullmatch(said) else said


class Regions:
    """Finds the one region that a name means."""

    def __init__(self, regions: Iterable[Mapping[str, str]]) -> None:
        self._names: dict[str, str] = {}
        self._bearers: dict[str, set[str]] = defaultdict(set)
        for row in regions:
            code, name = row.get("code", ""), row.get("name", "")
            if code and code not in self._names:
                self._names[code] = name
                for said in {*_called(code, name), row.get("name_en", "")}:
                    self._bearers[compact(said)].add(code)
        self._found: dict[tuple[str, bool], str] = {}

    def code(self, said: str, *, provinces: bool = False) -> str:
        """The code that a cell says or whose region it names.

        Raises:
            InvalidDataError: no region has that name, or several have; names them.
        """
        if (said, provinces) not in self._found:
            self._found[said, provinces] = self._resolved(said, provinces)
        return self._found[said, provinces]

    def _resolved(self, said: str, provinces: bool) -> str:
        if said in self._names:
            return said
        if said[0].isdigit():
            return whole_code(said)  # Where such a code does not exist, the check says so.
        found = self._bearers.get(compact(said)) or self._bearers.get(_spelt_out(said), set())
        bearers = sorted(code for code in found if not (provinces and "." in code))
        if len(bearers) == 1:
            return bearers[0]
        if bearers:
            named = ", ".join(f"{code} {self._names[code]}" for code in bearers)
            raise InvalidDataError(
                saying("{name} is the name of several: {regions}. Write the code.", name=repr(said), regions=named)
            )
        raise InvalidDataError(saying("There is no region named {name}. Write its code.", name=repr(said[:60])))

    def subject(self, said: str) -> str:
        """What a claim is about: as the table has it, or as the name or code of a region."""
        kind, mark, rest = said.partition(":")
        if mark and kind == "region":
            return f"region:{self.code(rest.strip())}" if rest.strip() else said
        if mark or said == "programme":
            return said
        return f"region:{self.code(said)}"


def _called(code: str, name: str) -> Iterator[str]:
    """What a region is called beside its official name."""
    yield name
    yield short_name(name)
    yield name.replace(" Administrasi ", " ")
    if "." not in code:
        yield f"Provinsi {name}"


def _spelt_out(said: str) -> str:
    """A name without abbreviations, run together: "Kab. Boyolali" as "kabupatenboyolali"."""
    short = words().abbreviations
    return "".join(short.get(word, word) for word in map(compact, re.split(r"[\s.]+", fold(said))))


class Sources:
    """Finds the one source that an id, a publisher or an address means."""

    def __init__(self, sources: Iterable[Mapping[str, str]]) -> None:
        self._ids: set[str] = set()
        self._bearers: dict[str, set[str]] = defaultdict(set)
        for row in sources:
            self.add(row)

    def add(self, row: Mapping[str, str]) -> None:
        """A source that there is too."""
        self._ids.add(row["id"])
        for said in {compact(row.get("publisher", "")), _address(row.get("url", ""))} - {""}:
            self._bearers[said].add(row["id"])

    def ids(self, said: str) -> str:
        """The ids of what a cell names, between semicolons.

        Raises:
            InvalidDataError: several sources are meant by a name, or none; names them.
        """
        return ";".join(self._id(part.strip()) for part in said.split(";") if part.strip())

    def _id(self, said: str) -> str:
        if said in self._ids:
            return said
        bearers = sorted(self._bearers.get(compact(said)) or self._bearers.get(_address(said)) or ())
        if len(bearers) == 1:
            return bearers[0]
        if bearers:
            named = ", ".join(bearers[:MAX_NAMED]) + (" …" if len(bearers) > MAX_NAMED else "")
            raise InvalidDataError(
                saying(
                    "{name} stands for several sources: {sources}. Write the id.", name=repr(said[:60]), sources=named
                )
            )
        if re.fullmatch(r"[\w-]+", said):
            return said  # An id; where it does not exist, the check says so.
        raise InvalidDataError(
            saying("There is no source {name}. Write the id of one, or bring it in first.", name=repr(said[:60]))
        )


def _address(said: str) -> str:
    """An address without what does not tell it from others; empty for what is none."""
    try:
        parts = urlsplit(said if "://" in said else f"//{said}")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    query = f"?{parts.query}" if parts.query else ""
    return f"{host}{parts.path.rstrip('/')}{query}" if "." in host else ""


class Ids:
    """Gives rows without an id one, as the chat does; a row that is there already keeps its own."""

    def __init__(self, tables: Tables, stored: Stored, taken: Mapping[str, Iterable[str]]) -> None:
        """``taken``: ids of each table beside those of its rows."""
        self._stored = stored
        self._claims = count(int(editing.claim_id(tables, taken["claims"]).removeprefix("A-")))
        self._sources = {*stored["sources"], *taken["sources"]}
        self._last: dict[str, int] = {}
        self._known: dict[tuple[str, tuple[str, ...]], dict[tuple[str, ...], str]] = {}
        self.given = 0
        """How many got one."""

    def of(self, table: str, values: Mapping[str, str]) -> tuple[str, dict[str, str]]:
        """``(id, the row with it)`` of a row that has none."""
        # Whom a claim disagrees with is found out when it is brought in: it tells no row from another.
        told = {column: value for column, value in values.items() if value or column != "conflicts_with"}
        columns = tuple(column for column in told if column != "conflicts_with")
        known = self._known.get((table, columns))
        if known is None:
            rows = self._stored[table].items()
            known = self._known[table, columns] = {tuple(row[c] for c in columns): id for id, row in rows}
        content = tuple(told[column] for column in columns)
        if content not in known:
            known[content] = self._next(table, told)
            self.given += 1
        return known[content], {"id": known[content], **told}

    def _next(self, table: str, row: Mapping[str, str]) -> str:
        if table == "claims":
            return f"A-{next(self._claims):03}"
        base = editing.source_id({"sources": ()}, row["publisher"], row.get("url", ""), row.get("date", ""))
        id = base
        while id in self._sources:
            self._last[base] = self._last.get(base, 1) + 1
            id = f"{base}-{self._last[base]}"
        self._sources.add(id)
        return id
