"""The rows of a file as rows of the knowledge: values resolved and checked, each with the row number people know it by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from .columns import NUMBERED, REMOVE, Placed, words
from .edition import KEYS, TABLES
from .errors import InvalidDataError, Saying, saying
from .fields import FIELDS, Field, clean
from .normalize import compact
from .origins import Current
from .resolving import Ids, Regions, Sources, Stored, whole_code


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
    numbered: int = 0
    """New rows that had no id and got one."""


class _Known(NamedTuple):
    """What the cells of a file may refer to."""

    regions: Regions
    sources: Sources
    ids: Ids


def read(placed: Sequence[Placed], current: Current, stored: Stored) -> Entries:
    """All rows of a file; those that others refer to first."""
    found = Entries()
    said = {table: [row.get("id", "") for row in _brought(placed, table)] for table in NUMBERED}
    known = _Known(
        Regions([*current.tables["regions"], *_brought(placed, "regions")]),
        Sources(current.tables["sources"]),
        Ids(current.tables, stored, {"claims": {*current.ever, *said["claims"]}, "sources": said["sources"]}),
    )
    seen: dict[tuple[str, str], Entry] = {}
    for sheet in sorted((sheet for sheet in placed if sheet.table), key=lambda sheet: TABLES.index(sheet.table)):
        keys = found.tables.setdefault(sheet.table, set())
        for number, cells in sheet.sheet.rows:
            where = Where(sheet.sheet.name, number)
            texts = {known: cells[column] for column, known in sheet.columns.items() if column in cells}
            texts |= {key: "" for key in KEYS[sheet.table] if key not in texts}
            made: Entry | _Refused | _Again = _entry(where, sheet.table, texts, stored[sheet.table], known)
            keys.add(made.key)
            if isinstance(made, Entry):
                made = _against(seen, made)
            if isinstance(made, Entry):
                found.good.append(made)
                if made.table == "sources" and not made.remove:
                    known.sources.add({**stored["sources"].get(made.key, {}), **made.values})
            elif isinstance(made, _Refused):
                found.troubles += made.troubles
                found.bad_keys |= {made.key} - {""}
    found.numbered = known.ids.given
    return found


def _brought(placed: Sequence[Placed], table: str) -> Iterator[dict[str, str]]:
    """The rows of a table that the file has, as they stand in it."""
    for sheet in placed:
        if sheet.table == table:
            for _, cells in sheet.sheet.rows:
                yield {known_as: cells.get(column, "").strip() for column, known_as in sheet.columns.items()}


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
    where: Where, table: str, texts: Mapping[str, str], stored: Mapping[str, Mapping[str, str]], known: _Known
) -> Entry | _Refused:
    values: dict[str, str] = {}
    troubles: list[Trouble] = []
    keys = KEYS[table]
    nameless = table in NUMBERED and not any(texts[key].strip() for key in keys) and not texts.get(REMOVE, "").strip()
    rules = [rule for rule in FIELDS[table] if rule.name in texts and not (nameless and rule.name in keys)]
    before = stored.get("|".join(texts[key] for key in keys))
    for rule in sorted(rules, key=lambda rule: rule.name not in keys):
        text = texts[rule.name]
        if before is None and not (troubles or nameless) and len(values) == len(keys):
            before = stored.get("|".join(values[key] for key in keys))
        try:
            # What stands there already stays as it is, whatever the rules say today.
            same = before is not None and before[rule.name] == text
            values[rule.name] = text if same else _cleaned(table, rule, text, known)
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
    if nameless and not troubles:
        key, values = known.ids.of(table, values)
    if troubles:
        return _Refused(key, [trouble._replace(key=key) for trouble in troubles])
    return Entry(where, table, key, values, remove=False)


def _lacking(where: Where, table: str, key: str, values: Mapping[str, str]) -> Iterator[Trouble]:
    """What a new row needs and the file has no column for."""
    required = [rule.name for rule in FIELDS[table] if rule.required and (key or rule.name not in KEYS[table])]
    lacking = [column for column in required if column not in values]
    if lacking and not key:
        said = saying(
            "A new row of {table} needs these columns too: {columns}.", table=table, columns=", ".join(lacking)
        )
        yield Trouble(where, table, key, lacking[0], said)
    elif lacking:
        said = saying(
            "{key} is new; a new row of {table} needs these columns too: {columns}.",
            key=key, table=table, columns=", ".join(lacking),
        )  # fmt: skip
        yield Trouble(where, table, key, lacking[0], said)


def _cleaned(table: str, rule: Field, text: str, known: _Known) -> str:
    """A cell as it is stored: names of regions and sources as codes, words of people as the table's own, then checked."""
    said = " ".join(text.split())
    if said and rule.refers == "regions":
        text = known.regions.code(said, provinces=rule.name == "province_code")
    elif said and (table, rule.name) == ("claims", "subject"):
        text = known.regions.subject(_meant(rule, said))
    elif said and rule.refers == "sources":
        text = known.sources.ids(said)
    elif (table, rule.name) == ("regions", "code"):
        text = whole_code(said)
    elif said and (rule.kind == "choice" or rule.name in words().choices):
        text = _meant(rule, said)
    return clean(table, rule.name, text)


def _meant(rule: Field, said: str) -> str:
    """The code that a cell means: itself in any case, what people call it, and "ya" for yes; else what it says."""
    if "yes" in rule.choices and said.casefold() in words().yes | words().no:
        return "yes" if _yes(said) else ("no" if "no" in rule.choices else "")
    own = next((choice for choice in rule.choices if choice.casefold() == said.casefold()), "")
    return own or words().choices.get(rule.name, {}).get(compact(said), said)


def _yes(text: str) -> bool:
    said = text.strip().casefold()
    if said in words().yes:
        return True
    if said and said not in words().no:
        raise InvalidDataError(saying("{value} is neither yes nor no.", value=repr(text[:60])))
    return False


# --------------------------------------------------------------------------------------------------------------- regions
