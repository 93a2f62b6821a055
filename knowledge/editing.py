"""From what somebody means to change to the rows that change: what hangs on a row changes along with it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from .changes import RowChange, Tables
from .edition import key_of
from .errors import ConflictError, InvalidDataError, saying
from .facts import STRUCTURED
from .fields import FIELDS, Row

SINGLE = STRUCTURED - {"later_participation"}
"""What has one true value for a subject and a period: two values disagree, and both are shown."""


def row_of(tables: Tables, table: str, key: str) -> Row | None:
    """The row of a key; None where there is none."""
    return next((row for row in tables[table] if key_of(table, row) == key), None)


def edited(tables: Tables, table: str, before: Row, after: Row) -> tuple[RowChange, ...]:
    """A row changed. With another key it is taken away and put back under that one.

    Raises:
        ConflictError: another row has that key.
    """
    if key_of(table, before) == key_of(table, after):
        return (RowChange(table, before, after),) if dict(before) != dict(after) else ()
    return (RowChange(table, before, None), *added(tables, table, after))


def added(tables: Tables, table: str, row: Row) -> tuple[RowChange, ...]:
    """A row added; claims that it disagrees with name each other from now on.

    Raises:
        ConflictError: another row has its key.
    """
    key = key_of(table, row)
    if row_of(tables, table, key) is not None:
        raise ConflictError(saying("There is already an entry {key}. Change that one, or take another name.", key=key))
    if table != "claims":
        return (RowChange(table, None, row),)
    others = disagreeing(tables, row)
    named = _joined(row["conflicts_with"], (other["id"] for other in others))
    new = RowChange(table, None, {**row, "conflicts_with": named})
    back = (
        RowChange(table, other, {**other, "conflicts_with": _joined(other["conflicts_with"], [row["id"]])})
        for other in others
    )
    return (new, *back)


def disagreeing(tables: Tables, claim: Row) -> list[Row]:
    """The other claims that give another value for what can have only one."""
    same = ("subject", "attribute", "period")
    return [
        other
        for other in tables["claims"]
        if claim["attribute"] in SINGLE
        and other["id"] != claim["id"]
        and all(other[column] == claim[column] for column in same)
        and other["value"] != claim["value"]
    ]


def retired(tables: Tables, table: str, row: Row) -> tuple[RowChange, ...]:
    """A row taken out of the knowledge; the log keeps it. A claim takes its phrasings along, and is no longer named by those
    that it disagreed with.

    Raises:
        InvalidDataError: others rest on it; they are told.
    """
    key = key_of(table, row)
    rests = _resting(tables, table, key)
    if rests:
        raise InvalidDataError(
            saying(
                "{count} entries rest on {key}: {entries}. Change or retire those first.",
                count=len(rests), key=key, entries=", ".join(rests[:10]) + (" …" if len(rests) > 10 else ""),
            )
        )  # fmt: skip
    along: list[RowChange] = []
    if table == "claims":
        along += [RowChange("phrasings", p, None) for p in tables["phrasings"] if p["claim"] == key]
        for other in tables["claims"]:
            named = other["conflicts_with"].split(";")
            if key in named:
                left = ";".join(id for id in named if id != key)
                along.append(RowChange("claims", other, {**other, "conflicts_with": left}))
    return (*along, RowChange(table, row, None))


def _resting(tables: Tables, table: str, key: str) -> list[str]:
    """Keys of the rows that refer to a row and cannot do without it."""
    found = []
    for other, fields in FIELDS.items():
        for field in fields:
            if field.refers == table and field.name not in ("conflicts_with", "claim"):
                found += [key_of(other, row) for row in tables[other] if key in row[field.name].split(";")]
    if table in ("regions", "cohorts"):
        subject = f"{table.removesuffix('s')}:{key}"
        found += [row["id"] for row in tables["claims"] if row["subject"] == subject]
    return found


def claim_id(tables: Tables, ever: Iterable[str] = ()) -> str:
    """An id for a new claim of an admin: A-001, A-002 ... ``ever``: ids of claims that were retired; none is given again."""
    ids = (*(row["id"] for row in tables["claims"]), *ever)
    numbers = [int(found[1]) for id in ids if (found := re.fullmatch(r"A-(\d+)", id))]
    return f"A-{max(numbers, default=0) + 1:03}"


def source_id(tables: Tables, publisher: str, url: str, date: str) -> str:
    """An id for a new source, as those of the edition are made: who published it and the year, "kominfo-2019"."""
    host = (urlsplit(url).hostname or "").removeprefix("www.").split(".")[0]
    plain = unicodedata.normalize("NFKD", host or publisher).encode("ascii", "ignore").decode().lower()
    base = (re.sub(r"[^a-z0-9]+", "", plain)[:30] or "source") + (f"-{date[:4]}" if date else "")
    taken = {row["id"] for row in tables["sources"]}
    return next(id for id in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if id not in taken)


def blank(table: str, **known: str) -> dict[str, str]:
    """A new row with what is known of it."""
    return {field.name: known.get(field.name, "") for field in FIELDS[table]}


def _joined(named: str, more: Iterable[str]) -> str:
    return ";".join(dict.fromkeys((*filter(None, named.split(";")), *more)))


def merged(before: Row, mine: Row, now: Row) -> Mapping[str, str]:
    """What somebody meant to change, put on the row as it is by now."""
    return {**now, **{column: value for column, value in mine.items() if value != before[column]}}
