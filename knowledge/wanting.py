"""What people write who want messages about something, or no more of them, from ``wants.toml`` of every language."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Final, Literal

from .lexicon import DATA, LANGUAGES, phrase_key, split

Whole = Literal["everything", "cohorts", "programme"]
"""What somebody names who names no region: all there is, the cohorts, the programme itself."""
_WHOLES: Final[tuple[Whole, ...]] = ("everything", "cohorts", "programme")


def to_stop(text: str, *, commanded: bool = False) -> str | None:
    """Of what a text wants no more messages; empty where it is all. None where it wants no such thing.

    ``commanded``: the text stands behind the command to follow: there words count that may be about something else in a
    question ("batal"), and the wish may stand at the end as well ("klaten stop").
    """
    words, phrases = phrase_key(text).split(), _phrases("stop") | (_phrases("end") if commanded else frozenset())
    while words and words[0] in _phrases("filler"):
        words = words[1:]
    for length in range(len(words), 0, -1):
        if " ".join(words[:length]) in phrases:
            return _plain(words[length:])
        if commanded and " ".join(words[-length:]) in phrases:
            return _plain(words[:-length])
    return None


def to_follow(text: str) -> bool:
    """Whether a text says that somebody wants to be told of something."""
    said = f" {phrase_key(text)} "
    return to_stop(text) is None and any(f" {phrase} " in said for phrase in _phrases("follow"))


def whole(text: str) -> Whole | None:
    """What a text as a whole names that is no region; None where it names something else."""
    said = phrase_key(text)
    return next((name for name in _WHOLES if said in _phrases(name)), None)


def _plain(words: list[str]) -> str:
    """Some words without those that say nothing more."""
    return " ".join(word for word in words if word not in _phrases("filler"))


def _phrases(name: str) -> frozenset[str]:
    return _file()[name]


@cache
def _file() -> dict[str, frozenset[str]]:
    """The phrases of each name in all languages: who speaks one of them may write another."""
    files = [tomllib.loads((DATA / language / "wants.toml").read_text(encoding="utf-8")) for language in LANGUAGES]
    return {name: frozenset(phrase_key(phrase) for file in files for phrase in split(file[name])) for name in files[0]}
