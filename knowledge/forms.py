"""Words with which people stop a form that they are filling in, from ``forms.toml`` of each language."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import NamedTuple

from .lexicon import DATA, LANGUAGES, phrase_key, split


class _Words(NamedTuple):
    stop: frozenset[str]
    around: frozenset[str]


def stops(text: str) -> bool:
    """Whether a text says, in any language, that the form shall be stopped, and nothing else: "batal dong", "cancel it"."""
    known, said = _words(), phrase_key(text)
    if said in known.stop:
        return True
    words = said.split()
    while words and words[-1] in known.around:
        words.pop()
    while words and words[0] in known.around:
        del words[0]
    return " ".join(words) in known.stop


@cache
def _words() -> _Words:
    stop: set[str] = set()
    around: set[str] = set()
    for language in LANGUAGES:
        table = tomllib.loads((DATA / language / "forms.toml").read_text(encoding="utf-8"))
        stop.update(phrase_key(phrase) for phrase in split(table["stop"]))
        around.update(phrase_key(word) for word in split(table["around"]))
    return _Words(frozenset(stop), frozenset(around))
