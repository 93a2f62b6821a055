"""Texts that people wrote, without what may tell who wrote them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from .moment import correction

_PRIVATE: Final = (re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"), re.compile(r"(?<!\w)@\w{3,}"))
"""Mail addresses and user names."""
_NUMBER: Final = re.compile(r"\+?\d[\d .()-]{6,}\d")
"""What is long enough for a telephone or an identity card."""
_ADDRESS: Final = re.compile(r"(https?://\S+|(?<![\w@])[\w-]+(?:\.[\w-]+)+/\S+)")
_YEARS: Final = re.compile(r"(?:(?:19|20)\d\d\D*)+")
MAX_TEXT: Final = 500
"""Characters of a question that are kept."""
MAX_NOTE: Final = 2000
"""Characters of what somebody says is right."""


def impersonal(text: str, length: int = MAX_TEXT) -> str:
    """A text without what may tell who wrote it: mail addresses, user names and long numbers become "…". The address of a
    page stays whole: it is what a correction rests on."""
    parts = _ADDRESS.split(text)
    parts[::2] = [_blanked(part) for part in parts[::2]]
    return "".join(parts)[:length]


def _blanked(text: str) -> str:
    for pattern in _PRIVATE:
        text = pattern.sub("…", text)
    return _NUMBER.sub(lambda found: found[0] if _YEARS.fullmatch(found[0]) else "…", text)


def today() -> str:
    """The day as it is written down: UTC, ISO."""
    return (datetime.now(UTC) + correction()).date().isoformat()
