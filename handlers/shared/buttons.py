"""What a button carries: at most 64 bytes that say everything, so that it works after any restart or upgrade.

A button is ``<version><action><language>:<argument>:<argument>...``, for example ``1ci:r:33.10:aw:18``. Nothing is kept on
the server. When the meaning of an action changes, its letter or the version changes, and old buttons say that they are old.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from knowledge.answer import Choice, Filter
from knowledge.model import Language

VERSION: Final = "1"
MAX_BYTES: Final = 64
"""https://core.telegram.org/bots/api#inlinekeyboardbutton"""

CHOOSE: Final = "c"
"""Finish a question: a :class:`Choice`."""
LIST: Final = "l"
"""A page of a list: a filter and the number of the page."""
SOURCES: Final = "s"
"""All sources of the answer above: a reference (see ``references.py``)."""
WRONG: Final = "w"
"""Something is wrong with the answer above."""
REASON: Final = "y"
"""What is wrong."""
BROWSE: Final = "b"
"""A view of the knowledge to walk through: its name and arguments."""
SPEAK: Final = "g"
"""Choose a language."""
DELETE: Final = "d"
"""Delete everything held about me: yes or no."""
NOTHING: Final = "n"
"""A label only, such as "2/4"."""
TELL_ME: Final = "a"
"""Tell me when this question can be answered."""
TEAM: Final = "t"
"""Who has which role."""
EDIT: Final = "e"
"""An entry of the knowledge, and changing it."""
IMPORT: Final = "i"
"""A file that shall become knowledge."""
EXPORT: Final = "x"
"""The knowledge as a file."""
QUEUE: Final = "q"
"""What could not be answered."""
REPORTS: Final = "o"
"""What was reported as wrong."""
HISTORY: Final = "h"
"""What was changed, and undoing it."""
DIGEST: Final = "z"
"""The weekly digest, and what is due for review."""
STATUS: Final = "v"
"""A region's status card."""
MY_REGION: Final = "m"
"""The regions that somebody answers for, or wants to answer for."""
REQUESTS: Final = "r"
"""Who asks to be recognised for a region."""
CORRECT: Final = "k"
"""Propose a correction of one's own region."""
CORRECTIONS: Final = "j"
"""What officers propose."""
FOLLOW: Final = "f"
"""Follow a region, a cohort or the programme, and how."""
BROADCAST: Final = "u"
"""A notice to followers."""
ACTIONS: Final = frozenset((
    CHOOSE, LIST, SOURCES, WRONG, REASON, BROWSE, SPEAK, DELETE, NOTHING, TELL_ME, TEAM, EDIT, IMPORT, EXPORT, QUEUE, REPORTS,
    HISTORY, DIGEST, STATUS, MY_REGION, REQUESTS, CORRECT, CORRECTIONS, FOLLOW, BROADCAST,
))  # fmt: skip

_LANGUAGES: Final[dict[str, Language]] = {"i": "id", "e": "en"}
_VIA: Final = ("abbreviation", "nickname", "former_name", "capital", "english", "spelling", "area", "district")
_KINDS: Final = {"r": "region", "d": "district", "t": "topic", "l": "list"}
_TYPES: Final = {"": "", "b": "kabupaten", "k": "kota"}


class StaleButton(ValueError):
    """The button is of another version of the bot, or not of this bot at all."""


class TooLong(ValueError):
    """What a button should say does not fit into it."""


@dataclass(frozen=True, slots=True)
class Button:
    """What a button says."""

    action: str
    language: Language
    arguments: tuple[str, ...] = ()

    def encode(self) -> str:
        """The callback data.

        Raises:
            TooLong: it is more than 64 bytes.
        """
        letter = next(letter for letter, language in _LANGUAGES.items() if language == self.language)
        data = ":".join((f"{VERSION}{self.action}{letter}", *self.arguments))
        if len(data.encode()) > MAX_BYTES:
            raise TooLong(data)
        return data


def decode(data: str) -> Button:
    """The button that some callback data says.

    Raises:
        StaleButton: it is none of this version.
    """
    head, *arguments = data.split(":")
    if len(head) != 3 or head[0] != VERSION or head[1] not in ACTIONS or head[2] not in _LANGUAGES:
        raise StaleButton(data)
    return Button(head[1], _LANGUAGES[head[2]], tuple(arguments))


def pattern(action: str, first: str = "") -> str:
    """A regular expression for the buttons of an action, or for those of them with a certain first argument."""
    return rf"\A{VERSION}{action}[{''.join(_LANGUAGES)}]{':' * bool(first)}{re.escape(first)}(:|\Z)"


def of_years(years: Sequence[int]) -> str:
    """Years of this century in two digits each: ``1718``."""
    return "".join(f"{year - 2000:02}" for year in years if 2000 <= year < 2100)


def to_years(packed: str) -> tuple[int, ...]:
    """The years of :func:`of_years`.

    Raises:
        StaleButton: these are none.
    """
    if not re.fullmatch("(?:[0-9][0-9])*", packed):
        raise StaleButton(packed)
    return tuple(2000 + int(packed[at : at + 2]) for at in range(0, len(packed), 2))


# ------------------------------------------------------------------------------------------------------------- choices


def of_choice(choice: Choice, language: Language) -> Button:
    """The button of a choice. What is too long to carry is left out: the name, so that the region answers under its own,
    or the years, so that it answers for all, or both."""
    kind = next(letter for letter, kind in _KINDS.items() if kind == choice.kind)
    flags = "a" * choice.asked + "w" * choice.when + "s" * choice.card
    years = of_years(choice.years)
    via = str(_VIA.index(choice.via)) if choice.via in _VIA else ""
    arguments = [kind, choice.code, flags, years, via, choice.name if via else ""]
    while not arguments[-1]:
        del arguments[-1]
    for carried in (arguments, arguments[:4], [*arguments[:3], "", *arguments[4:]], arguments[:3]):
        button = Button(CHOOSE, language, tuple(carried))
        with suppress(TooLong):
            button.encode()
            break
    return button


def to_choice(button: Button) -> Choice:
    """The choice of a button.

    Raises:
        StaleButton: its arguments make no choice.
    """
    kind, code, flags, years, via, name = (*button.arguments, *[""] * 6)[:6]
    try:
        known = _VIA[int(via)] if via else ""
        found = to_years(years)
        asked, when, card = ("a" in flags, "w" in flags, "s" in flags)
        return Choice(_KINDS[kind], code, name, known, asked, found, when, card)  # type: ignore[arg-type]
    except (KeyError, ValueError, IndexError):
        raise StaleButton(":".join(button.arguments)) from None


# ------------------------------------------------------------------------------------------------------------- filters


def of_filter(filter_: Filter) -> str:
    """A filter in one argument: ``33.34|eastern_indonesia|1718|b|n``."""
    type_ = next(letter for letter, type_ in _TYPES.items() if type_ == filter_.type)
    years = of_years(filter_.years)
    return "|".join((".".join(filter_.provinces), filter_.island, years, type_, "n" * filter_.negated)).rstrip("|")


def to_filter(argument: str) -> Filter:
    """The filter of an argument.

    Raises:
        StaleButton: it makes no filter.
    """
    if not re.fullmatch(r"[\w.|]*", argument):
        raise StaleButton(argument)
    provinces, island, years, type_, negated = (*argument.split("|"), *[""] * 5)[:5]
    try:
        return Filter(tuple(filter(None, provinces.split("."))), island, to_years(years), _TYPES[type_], bool(negated))
    except (KeyError, ValueError):
        raise StaleButton(argument) from None
