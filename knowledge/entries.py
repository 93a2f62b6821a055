"""The rows of a file as rows of the knowledge: values resolved and checked, each with the row number people know it by."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from .changes import Tables
from .columns import REMOVE, Placed, words
from .edition import KEYS
from .errors import InvalidDataError, Saying, saying
from .fields import FIELDS, Field, clean
from .model import short_name
from .normalize import compact

_CUT_CODE = re.compile(r"\d\d\.\d")
"""A code that a spreadsheet took for a number: codes have two digits behind the point, so 33.1 was 33.10."""


class Where(NamedTuple):
    """A row of a file."""

    sheet: str
    row: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a file that names a row of the knowledge."""

    where: Where
    table: str
    key: str
    values: Mapping[str, str]
    """The columns that the file has, as they shall be stored."""
    remove: bool
    """Whether the file says that the row shall go."""


class Trouble(NamedTuple):
    """Something wrong with a row of a file."""

    where: Where
    table: str
    key: str
    column: str
    said: Saying


@dataclass(slots=True)
class Entries:
    """What a file says."""

    good: list[Entry] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    bad_keys: set[str] = field(default_factory=set)
    """Keys of rows that were refused: what refers to them is not to blame."""
    tables: dict[str, set[str]] = field(default_factory=dict)
    """Table -> the keys that the file names in it, of refused rows too."""


Stored = Mapping[str, Mapping[str, Mapping[str, str]]]
"""Table -> key -> row."""


def read(placed: Sequence[Placed], tables: Tables, stored: Stored) -> Entries:
    """All rows of a file."""
    found = Entries()
    regions = _Regions(_regions_of(placed, tables))
    seen: dict[tuple[str, str], Entry] = {}
    for sheet in placed:
        if not sheet.table:
            continue
        keys = found.tables.setdefault(sheet.table, set())
        for number, cells in sheet.sheet.rows:
            where = Where(sheet.sheet.name, number)
            texts = {known: cells[column] for column, known in sheet.columns.items() if column in cells}
            texts |= {key: "" for key in KEYS[sheet.table] if key not in texts}
            made: Entry | _Refused | _Again = _entry(where, sheet.table, texts, stored[sheet.table], regions)
            keys.add(made.key)
            if isinstance(made, Entry):
                made = _against(seen, made)
            if isinstance(made, Entry):
                found.good.append(made)
            elif isinstance(made, _Refused):
                found.troubles += made.troubles
                found.bad_keys.add(made.key)
    return found


class _Refused(NamedTuple):
    key: str
    troubles: Sequence[Trouble]


class _Again(NamedTuple):
    """A row that says once more what another said."""

    key: str


def _against(seen: dict[tuple[str, str], Entry], entry: Entry) -> Entry | _Refused | _Again:
    """The entry, unless another row of the file has the same key."""
    other = seen.setdefault((entry.table, entry.key), entry)
    if other is entry:
        return entry
    if (other.values, other.remove) == (entry.values, entry.remove):
        return _Again(entry.key)
    said = saying(
        "{key} stands in row {first} of {sheet} already, and says something else there.",
        key=entry.key, first=other.where.row, sheet=other.where.sheet,
    )  # fmt: skip
    return _Refused(entry.key, [Trouble(entry.where, entry.table, entry.key, "", said)])


def _entry(
    where: Where, table: str, texts: Mapping[str, str], stored: Mapping[str, Mapping[str, str]], regions: _Regions
) -> Entry | _Refused:
    values: dict[str, str] = {}
    troubles: list[Trouble] = []
    rules = [rule for rule in FIELDS[table] if rule.name in texts]
    keys = KEYS[table]
    before = stored.get("|".join(texts[key] for key in keys))
    for rule in sorted(rules, key=lambda rule: rule.name not in keys):
        text = texts[rule.name]
        if before is None and not troubles and len(values) == len(keys):
            before = stored.get("|".join(values[key] for key in keys))
        try:
            # What stands there already stays as it is, whatever the rules say today.
            same = before is not None and before[rule.name] == text
            values[rule.name] = text if same else _cleaned(table, rule, text, regions)
        except InvalidDataError as error:
            troubles.append(Trouble(where, table, "", rule.name, error.saying))
    key = "|".join(values.get(part, texts.get(part, "")) for part in keys)
    try:
        remove = _yes(texts.get(REMOVE, ""))
    except InvalidDataError as error:
        troubles.append(Trouble(where, table, key, REMOVE, error.saying))
        remove = False
    keyed = {part for part in keys if part in values}
    if remove and len(keyed) == len(keys):
        return Entry(where, table, key, {part: values[part] for part in keys}, remove=True)
    if not troubles and key not in stored:
        troubles += _lacking(where, table, key, values)
    if troubles:
        return _Refused(key, [trouble._replace(key=key) for trouble in troubles])
    return Entry(where, table, key, values, remove=False)


def _lacking(where: Where, table: str, key: str, values: Mapping[str, str]) -> Iterator[Trouble]:
    """What a new row needs and the file has no column for."""
    lacking = [rule.name for rule in FIELDS[table] if rule.required and rule.name not in values]
    if lacking:
        said = saying(
            "{key} is new; a new row of {table} needs these columns too: {columns}.",
            key=key, table=table, columns=", ".join(lacking),
        )  # fmt: skip
        yield Trouble(where, table, key, lacking[0], said)


def _cleaned(table: str, rule: Field, text: str, regions: _Regions) -> str:
    """A cell as it is stored: names of regions as codes, words of people as the table's own, then checked."""
    said = " ".join(text.split())
    if said and rule.refers == "regions":
        text = regions.code(said, provinces=rule.name == "province_code")
    elif said and (table, rule.name) == ("claims", "subject"):
        text = regions.subject(said)
    elif (table, rule.name) == ("regions", "code") and _CUT_CODE.fullmatch(said):
        text = f"{said}0"
    elif rule.kind == "choice" and said:
        text = _choice(rule, said)
    return clean(table, rule.name, text)


def _choice(rule: Field, said: str) -> str:
    """One of a column's choices in any case, and "ya" for yes."""
    if "yes" in rule.choices and said.casefold() in words().yes | words().no:
        return "yes" if _yes(said) else ("no" if "no" in rule.choices else "")
    return next((choice for choice in rule.choices if choice == said.casefold()), said)


def _yes(text: str) -> bool:
    said = text.strip().casefold()
    if said in words().yes:
        return True
    if said and said not in words().no:
        raise InvalidDataError(saying("{value} is neither yes nor no.", value=repr(text[:60])))
    return False


# --------------------------------------------------------------------------------------------------------------- regions


def _regions_of(placed: Iterable[Placed], tables: Tables) -> Iterator[tuple[str, str, str]]:
    """``(code, name, English name)`` of every region, those that the file brings too."""
    known: dict[str, Mapping[str, str]] = {row["code"]: row for row in tables["regions"]}
    for sheet in placed:
        if sheet.table == "regions":
            for _, cells in sheet.sheet.rows:
                new = {known_as: cells.get(column, "").strip() for column, known_as in sheet.columns.items()}
                if new.get("code"):
                    known.setdefault(new["code"], new)
    for code, row in known.items():
        yield code, row.get("name", ""), row.get("name_en", "")


class _Regions:
    """Finds the one region that a name means."""

    def __init__(self, regions: Iterable[tuple[str, str, str]]) -> None:
        self._names: dict[str, str] = {}
        self._bearers: dict[str, set[str]] = defaultdict(set)
        for code, name, english in regions:
            self._names[code] = name
            for said in {name, english, short_name(name)}:
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
        if _CUT_CODE.fullmatch(said):
            return f"{said}0"
        if said[0].isdigit():
            return said  # a code that does not exist; the check says so
        bearers = sorted(code for code in self._bearers.get(compact(said), ()) if not (provinces and "." in code))
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
