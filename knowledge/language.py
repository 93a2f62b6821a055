"""In which language to reply. Understanding never depends on it: questions are read in all languages at once."""

from __future__ import annotations

from collections.abc import Mapping

from .model import Language
from .thresholds import CLEAR_MAJORITY, SURE_WORDS

DEFAULT: Language = "id"


def clear(votes: Mapping[str, float]) -> Language | None:
    """The language a message is clearly in, or None for a bare name, an "ok" or a mixture.

    ``votes`` counts the words that belong to one language only.
    """
    id_, en = votes.get("id", 0.0), votes.get("en", 0.0)
    if id_ and id_ >= CLEAR_MAJORITY * en:
        return "id"
    if en and en >= CLEAR_MAJORITY * id_:
        return "en"
    return None


def surely(votes: Mapping[str, float]) -> Language | None:
    """The language that a text is in beyond doubt; None for a short one, or one with names or slogans of the other."""
    found = clear(votes)
    return found if found and votes[found] >= SURE_WORDS else None


def choose(
    votes: Mapping[str, float], preference: Language | None, before: Language | None, pinned: bool = False
) -> Language:
    """The language of the reply: a wish spoken in this conversation, else that of the question where it is clear, else
    the saved preference, else that of the turn before, else Indonesian."""
    if pinned and before and clear(votes) in (None, before):
        return before
    return clear(votes) or preference or before or DEFAULT
