"""Speaking one language: messages, plurals, dates, lists and numbers as its people write them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from functools import cache

from babel.dates import format_date, format_skeleton
from babel.lists import format_list

from knowledge.errors import Saying
from knowledge.lexicon import LANGUAGES
from knowledge.model import Language, Source
from locales import translations

from .columns import column_name, table_name

MAX_SOURCES = 3
"""Sources named under an answer or behind a statement; the rest are counted and shown on request."""
UNTITLED = "(judul tidak tampil)"
"""What stands behind a title in the data that was made up, where the page shows none."""


class Speech:
    """The words of one language."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._translations = translations(language)
        # Dates in English follow the British order: "8 May 2018", as in the statements.
        self._locale = {"id": "id", "en": "en_GB"}[language]

    def _(self, message: str, **values: object) -> str:
        """A message with its values filled in."""
        text = self._translations.gettext(message)
        return text.format(**values) if values else text

    def ngettext(self, one: str, many: str, number: int, **values: object) -> str:
        """A message for a number of things; the number is filled in as ``{n}``."""
        text = self._translations.ngettext(one, many, number)
        return text.format(n=self.number(number), **values)

    def told(self, said: Saying) -> str:
        """What the knowledge says of itself: an error, a finding."""
        named = {"column": column_name, "table": table_name}
        values = {k: named[k](str(v), self) if k in named else v for k, v in said.values.items()}
        if isinstance(columns := said.values.get("columns"), str):
            values["columns"] = ", ".join(column_name(column, self) for column in columns.split(", "))
        return self._(said.template, **values)

    def number(self, value: int) -> str:
        """A number as people write it."""
        if value < 1000:
            return str(value)
        from babel.numbers import format_decimal

        return format_decimal(value, locale=self._locale)

    def names(self, names: Iterable[str]) -> str:
        """Names in a sentence: "A, B, dan C"."""
        return format_list(list(names), locale=self._locale)

    def date(self, iso: str) -> str:
        """A date, a month or a year, as exact as the ISO text is; empty for an empty one."""
        return _date(iso, self._locale)

    def source(self, source: Source) -> str:
        """A source in a line under an answer: publisher and date."""
        return f"{source.publisher} ({self.date(source.date)})" if source.date else source.publisher

    def title(self, source: Source) -> str:
        """A source's title as it was published, with the remark of the knowledge that it shows none in this language."""
        return source.title.replace(UNTITLED, self._("(title not shown)"))

    def sources(self, sources: Sequence[Source]) -> str:
        """The line under an answer."""
        return self._("Source: {sources}.", sources=self.few(sources))

    def few(self, sources: Sequence[Source], most: int = MAX_SOURCES) -> str:
        """The first few sources, and how many more there are."""
        named = [self.source(source) for source in sources[:most]]
        more = len(sources) - len(named)
        if more > 0:
            named.append(self.ngettext("{n} other", "{n} others", more))
        return "; ".join(named)


@cache
def _date(iso: str, locale: str) -> str:
    parts = [int(part) for part in iso.split("-")] if iso else []
    if len(parts) == 3:
        return format_date(datetime.date(parts[0], parts[1], parts[2]), "d MMMM y", locale=locale)
    if len(parts) == 2:
        return format_skeleton("yMMMM", datetime.date(parts[0], parts[1], 1), locale=locale)
    return iso


@cache
def speech(language: Language) -> Speech:
    """The one speech of a language."""
    return Speech(language)


def warm() -> None:
    """Read now, in every language, what the first answers would have to read; later there may be no file handle for it."""
    for language in LANGUAGES:
        s = speech(language)
        s.date("2019-05-15")
        s.date("2019-05")
        s.names(("", ""))
        s.number(1000)
