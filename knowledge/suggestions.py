"""A question for every topic, in every language: what is offered when something was not understood."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from .lexicon import DATA
from .model import Language


@cache
def questions(language: Language) -> dict[str, str]:
    """Topic id -> a question that the topic answers."""
    return read(DATA / language / "suggestions.toml")


def read(path: Path) -> dict[str, str]:
    """One language's file of questions."""
    with path.open("rb") as file:
        return tomllib.load(file)


def question(topic: str, language: Language) -> str:
    """The question that a topic answers.

    Raises:
        KeyError: the topic has no question in this language (`bot.py kb check` reports that).
    """
    return questions(language)[topic]
