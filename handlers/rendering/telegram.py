"""A document in Telegram's HTML, in parts that fit into messages.

The rules: https://core.telegram.org/bots/api#html-style
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape, unescape
from typing import Final

from knowledge.model import Source

from .document import Document, Paragraph, Run
from .speech import Speech

MAX_LENGTH: Final = 4096
"""Characters of a message after its entities are parsed, counted as UTF-16 code units."""
_TAGS: Final = {"bold": "b", "quiet": "i"}


def html_parts(document: Document, limit: int = MAX_LENGTH) -> tuple[str, ...]:
    """A document as messages, broken between paragraphs; only a paragraph too long for one is broken inside."""
    parts: list[list[Paragraph]] = [[]]
    room = limit
    for paragraph in _fitting(document.paragraphs, limit):
        needed = _length(paragraph) + 1
        if parts[-1] and needed > room:
            parts.append([])
            room = limit
        parts[-1].append(paragraph)
        room -= needed
    return tuple("\n".join(_lines(part)) for part in parts)


def folded(lines: Sequence[str]) -> str:
    """Lines of HTML that a tap unfolds."""
    return f"<blockquote expandable>{chr(10).join(lines)}</blockquote>"


def source_lines(sources: Iterable[Source], s: Speech) -> list[str]:
    """Every source on a line: publisher, date and title, which leads to it where it has an address."""
    lines = []
    for source in sources:
        title = escape(s.title(source), quote=False)
        if source.url and re.match("https?://", source.url):
            title = f'<a href="{escape(source.url)}">{title}</a>'
        lines.append(f"• {escape(s.source(source), quote=False)}: {title}")
    return lines


def utf16_length(text: str) -> int:
    """Characters as Telegram counts them."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def visible_length(html: str) -> int:
    """Characters of some HTML that Telegram counts: those left when the markup is read."""
    return utf16_length(unescape(re.sub("<[^>]*>", "", html)))


def _length(paragraph: Paragraph) -> int:
    return sum(utf16_length(run.text) for run in paragraph.runs) + (2 if paragraph.bullet else 0) + 1


def _lines(paragraphs: Sequence[Paragraph]) -> Iterator[str]:
    """Each paragraph on a line; the sources stand apart."""
    for at, paragraph in enumerate(paragraphs):
        text = "".join(map(_dressed, paragraph.runs))
        before = "\n" if at and paragraph.role == "sources" else ""
        yield f"{before}• {text}" if paragraph.bullet else f"{before}{text}"


def _dressed(run: Run) -> str:
    text = escape(run.text, quote=False)
    if not run.text.strip():
        return text
    if run.url and re.match("https?://", run.url):
        text = f'<a href="{escape(run.url)}">{text}</a>'
    tag = _TAGS.get(run.style)
    return f"<{tag}>{text}</{tag}>" if tag else text


def _fitting(paragraphs: Iterable[Paragraph], limit: int) -> Iterator[Paragraph]:
    """Paragraphs none of which is longer than a message."""
    for paragraph in paragraphs:
        if _length(paragraph) <= limit:
            yield paragraph
            continue
        for run in paragraph.runs:
            for piece in _pieces(run.text, limit - 4):
                yield Paragraph((Run(piece, run.style, run.url),), paragraph.bullet, paragraph.role)


def _pieces(text: str, limit: int) -> Iterator[str]:
    """A text in pieces, broken between words where there are any."""
    while utf16_length(text) > limit:
        # Every character may count twice, so half the limit always fits.
        cut = text.rfind(" ", 0, limit // 2) + 1 or limit // 2
        yield text[:cut].rstrip()
        text = text[cut:]
    if text.strip():
        yield text
