"""Questions to begin with."""

from __future__ import annotations

from handlers.rendering import Speech


def examples(s: Speech) -> list[str]:
    """Three real questions in a language."""
    return [
        s._("Is Klaten a participant?"),
        s._("Who joined from East Java in 2018?"),
        s._("Which ministries were involved?"),
    ]
