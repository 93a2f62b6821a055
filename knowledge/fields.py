"""What may stand in each column of the knowledge: one list for editing in the chat, for files and for the command line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from .errors import InvalidDataError, saying

Row = Mapping[str, str]
Kind = Literal["line", "text", "code", "date", "year", "choice", "url", "refs", "ref"]

MAX_LINE = 300
"""Characters of a name or title; the longest title of the shipped edition has 203."""
MAX_TEXT = 2000
"""Characters of a statement: two of them with their sources fit into one Telegram message. The longest shipped has 455."""
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")

STATUSES = (
    "stated", "compiled", "lead", "differs", "confirmed", "confirmed_weak", "listed_only", "added_later", "withdrawn", "disputed",
)  # fmt: skip
ALIAS_KINDS = ("nickname", "abbreviation", "spelling", "former_name", "capital", "english", "area")


class Field(NamedTuple):
    """One column."""

    name: str
    kind: Kind
    required: bool = False
    choices: tuple[str, ...] = ()
    refers: str = ""
    """The table whose rows a ``ref`` or ``refs`` names."""


FIELDS: dict[str, tuple[Field, ...]] = {
    "sources": (
        Field("id", "code", True), Field("publisher", "line", True), Field("title", "line", True), Field("date", "date"),
        Field("date_note", "line"), Field("url", "url"),
    ),
    "regions": (
        Field("code", "code", True), Field("name", "line", True), Field("name_en", "line", True),
        Field("type", "choice", True, ("provinsi", "kabupaten", "kota")), Field("province_code", "ref", refers="regions"),
    ),
    "districts": (
        Field("code", "code", True), Field("name", "line", True), Field("region_code", "ref", True, refers="regions"),
    ),
    "aliases": (
        Field("region_code", "ref", True, refers="regions"), Field("alias", "line", True),
        Field("kind", "choice", True, ALIAS_KINDS), Field("shared", "choice", choices=("", "yes")),
    ),
    "cohorts": (
        Field("year", "year", True), Field("phase", "choice", choices=("", "I", "II", "III")), Field("part_of", "choice", True, ("movement", "continuation")),
        Field("list_complete", "choice", True, ("yes", "no")),
    ),
    "claims": (
        Field("id", "code", True), Field("subject", "code", True), Field("attribute", "code", True),
        Field("period", "code", True), Field("value", "line"), Field("text_id", "text"), Field("text_en", "text"),
        Field("status", "choice", True, STATUSES), Field("sources", "refs", True, refers="sources"),
        Field("conflicts_with", "refs", refers="claims"), Field("review_by", "date"),
    ),
    "phrasings": (
        Field("language", "choice", True, ("id", "en")), Field("question", "line", True),
        Field("claim", "ref", refers="claims"),
    ),
}  # fmt: skip
"""Every column of every table, in the order of the files."""
_BY_NAME = {(table, f.name): f for table, fields in FIELDS.items() for f in fields}

Cleaner = Callable[[Field, str], str]


def field(table: str, column: str) -> Field:
    """What one column may hold.

    Raises:
        KeyError: there is no such table or column.
    """
    return _BY_NAME[table, column]


def clean(table: str, column: str, text: str) -> str:
    """A value as it is stored: trimmed, in composed letters, checked by itself (not against other rows).

    Raises:
        InvalidDataError: it may not stand there; says why and what may.
    """
    rule = field(table, column)
    value = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode())
    value = "".join(c for c in value if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    value = value.strip() if rule.kind == "text" else " ".join(value.split())
    if not value:
        if rule.required:
            raise InvalidDataError(saying("{column} must not be empty.", column=column))
        return ""
    if table == "districts" and "|" in value:
        raise InvalidDataError(saying("{column} must not hold the sign {sign}.", column=column, sign="|"))
    value = _CLEANERS[rule.kind](rule, value)
    if (table, column) == ("sources", "date") and value > _latest_day()[: len(value)]:
        raise InvalidDataError(saying("{column}: {value} lies in the future.", column=column, value=value))
    return value


def _latest_day() -> str:
    """The latest day that has begun anywhere on earth, as an ISO date."""
    return (datetime.now(UTC) + timedelta(hours=14)).date().isoformat()


def clean_row(table: str, row: Row) -> dict[str, str]:
    """A whole row, its columns in the order of the files; columns left out are empty.

    Raises:
        InvalidDataError: a value may not stand in its column; the first such is told.
    """
    return {f.name: clean(table, f.name, row.get(f.name) or "") for f in FIELDS[table]}


def is_date(text: str) -> bool:
    """Whether a text is an ISO date, perhaps shortened to year and month or the year."""
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text + "0000-01-01"[len(text) :])
    except ValueError:
        return False
    return True


def _bounded(limit: int) -> Cleaner:
    def bounded(rule: Field, value: str) -> str:
        if len(value) > limit:
            problem = saying(
                "{column} has {length} characters; at most {limit} are kept.",
                column=rule.name, length=len(value), limit=limit,
            )  # fmt: skip
            raise InvalidDataError(problem)
        return value

    return bounded


def _code(rule: Field, value: str) -> str:
    if not _CODE.fullmatch(value):
        raise InvalidDataError(
            saying(
                "{column}: {value} is no code. Letters without accents, digits and . _ : - may stand in it.",
                column=rule.name, value=_short(value),
            )
        )  # fmt: skip
    return value


def human_date(text: str) -> str:
    """A date as people write it ("15/05/2019", "15 Mei 2019", "May 2019"), the day first, as an ISO date; what is none stays
    as it is."""
    found = re.fullmatch(r"(?:(\d{1,2})[\s./-]+)?(\w+)\.?[\s./-]+(\d{4})", text.strip())
    if not found:
        return text
    day, named, year = found.groups()
    month = int(named) if named.isdecimal() else _months().get(named.casefold(), 0)
    iso = "-".join(filter(None, (year, f"{month:02}", f"{int(day):02}" if day else "")))
    return iso if is_date(iso) else text


@cache
def _months() -> dict[str, int]:
    """The names of the months in both languages, whole and short."""
    from babel.dates import get_month_names

    named = [
        table.items()
        for locale in ("id", "en")
        for table in (get_month_names("wide", locale=locale), get_month_names("abbreviated", locale=locale))
    ]
    return {name.casefold().rstrip("."): number for items in named for number, name in items}


def _iso(rule: Field, value: str) -> str:
    value = human_date(value)
    if not is_date(value):
        raise InvalidDataError(
            saying(
                "{column}: {value} is no date. Write it like 15 May 2019, 15/05/2019, May 2019 or 2019.",
                column=rule.name, value=_short(value),
            )
        )  # fmt: skip
    return value


def _year(rule: Field, value: str) -> str:
    if not re.fullmatch("(19|20)[0-9]{2}", value):
        raise InvalidDataError(saying("{column}: {value} is no year like 2019.", column=rule.name, value=_short(value)))
    return value


def _choice(rule: Field, value: str) -> str:
    if value not in rule.choices:
        raise InvalidDataError(
            saying(
                "{column}: {value} is none of {choices}.",
                column=rule.name, value=_short(value), choices=", ".join(c for c in rule.choices if c),
            )
        )  # fmt: skip
    return value


def _url(rule: Field, value: str) -> str:
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and "." in (parts.hostname or "") and " " not in value
    except ValueError:
        good = False
    if not good or len(value) > MAX_TEXT:
        raise InvalidDataError(
            saying("{column}: {value} is no address like https://kominfo.go.id/page.", column=rule.name, value=_short(value))
        )  # fmt: skip
    return value


def _refs(rule: Field, value: str) -> str:
    parts = [part.strip() for part in value.split(";") if part.strip()]
    return ";".join(dict.fromkeys(_code(rule, part) for part in parts))


def _short(value: str) -> str:
    return repr(value if len(value) <= 60 else value[:59] + "…")


_CLEANERS: dict[Kind, Cleaner] = {
    "line": _bounded(MAX_LINE), "text": _bounded(MAX_TEXT), "code": _code, "date": _iso, "year": _year, "choice": _choice,
    "url": _url, "refs": _refs, "ref": _code,
}  # fmt: skip
