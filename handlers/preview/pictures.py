"""What is a picture: told by its first bytes, not by what somebody calls it."""

from __future__ import annotations

from typing import Final

MAGIC: Final = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}
"""What pictures begin with. Only these are shown; any other file is handed out for download."""


def kind_of(content: bytes) -> str | None:
    """The media type of a picture that a browser may show; None for any other file."""
    return next((kind for magic, kind in MAGIC.items() if content.startswith(magic)), None)
