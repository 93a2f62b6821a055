"""The bot's own words, by language: gettext catalogs under ``<language>/LC_MESSAGES/bot.po``.

Catalogs compile by themselves: a ``bot.mo`` that is missing or older than its ``bot.po`` is made on first use, beside it
or, where that folder cannot be written, in memory only.
"""

from __future__ import annotations

import contextlib
import gettext
import io
import struct
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
DOMAIN = "bot"


def catalog(language: str) -> Path:
    """Where the translator's file of a language is."""
    return HERE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The messages of a language.

    Raises:
        FileNotFoundError: there is no catalog for it.
    """
    source = catalog(language)
    compiled = source.with_suffix(".mo")
    if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
        # A full disk leaves half a catalog behind: what cannot be read is made again.
        with contextlib.suppress(OSError, ValueError, struct.error), compiled.open("rb") as file:
            return gettext.GNUTranslations(file)
    content = compile_catalog(source)
    with contextlib.suppress(OSError):  # A read-only installation compiles at every start instead.
        compiled.write_bytes(content)
    return gettext.GNUTranslations(io.BytesIO(content))


def compile_catalog(source: Path) -> bytes:
    """A ``.po`` file in the binary form that gettext reads."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with source.open("rb") as file:
        messages = read_po(file)
    out = io.BytesIO()
    write_mo(out, messages)
    return out.getvalue()
