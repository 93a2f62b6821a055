"""A message before it gets markup: paragraphs of styled runs, so that every face dresses the same words its own way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Style = Literal["plain", "bold", "quiet"]


@dataclass(frozen=True, slots=True)
class Run:
    """Some words in one style."""

    text: str
    style: Style = "plain"
    url: str | None = None
    """Where the words lead, for faces that can link."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One line of a message; ``bullet`` for an entry of a list."""

    runs: tuple[Run, ...]
    bullet: bool = False
    role: Literal["body", "sources"] = "body"
    """Sources may be folded away by faces that can."""


@dataclass(frozen=True, slots=True)
class Document:
    """A message."""

    paragraphs: tuple[Paragraph, ...]


def line(*parts: str | Run, bullet: bool = False) -> Paragraph:
    """A paragraph of plain text and runs."""
    return Paragraph(tuple(Run(part) if isinstance(part, str) else part for part in parts), bullet)


def bold(text: str) -> Run:
    """Words to catch the eye."""
    return Run(text, "bold")


def marked(text: str, *emphasised: str) -> tuple[Run, ...]:
    """A sentence with the first occurrence of some names in bold: translators move names freely."""
    runs: list[Run] = [Run(text)]
    for name in emphasised:
        for at, run in enumerate(runs):
            before, found, after = run.text.partition(name) if name and run.style == "plain" else (run.text, "", "")
            if found:
                runs[at : at + 1] = [r for r in (Run(before), Run(found, "bold"), Run(after)) if r.text]
                break
    return tuple(runs)


def plain(document: Document) -> str:
    """The message without any markup."""
    lines: list[str] = []
    for paragraph in document.paragraphs:
        text = "".join(run.text for run in paragraph.runs)
        lines.append(f"• {text}" if paragraph.bullet else text)
    return "\n".join(lines)


def joined(documents: Iterable[Iterable[Paragraph]]) -> Document:
    """One message of several pieces."""
    return Document(tuple(paragraph for piece in documents for paragraph in piece))
