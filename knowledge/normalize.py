"""From what a person typed to tokens: case, markup, emoji, stretched letters and joined digits are levelled here.

Nothing here knows words of any language. :func:`fold` is idempotent (a property test holds it to that).
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_SCRIPT = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)", re.I | re.S)
_TAG = re.compile(r"</?[a-z][^<>]*>", re.I)
_STRAY = re.compile(r" *[<>][<> ]*")
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ`´＇", "'"))
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_DOUBLED = re.compile(r"\b([^\W\d_]{3,})2\b")
_GENITIVE = re.compile(r"'s\b")
_TOKEN = re.compile(r"[^\W\d_]+|\d+")
_STRONG = re.compile(r"[?!;:\n]|(?<!\.)\.(?!\.)(?=\s)")

ABBREVIATED = frozenset(
    ["kab", "kec", "prov", "kep", "kel", "dr", "drs", "ir", "sdr", "no", "st", "mr", "mrs", "tk", "dll", "dsb", "dst"]
)
"""A full stop after one of these ends no sentence."""


class Token(NamedTuple):
    """One word or number of a folded text."""

    text: str
    """The folded word, letters or digits only."""
    start: int
    """Offset of its first character in the folded text."""
    end: int
    """Offset behind its last character."""
    clause: int
    """Number of the clause it stands in, counted from 0: clauses end at . ? ! ; : and line ends."""
    comma: bool
    """Whether a comma or a bracket stands between this token and the one before."""
    glued: bool
    """Whether nothing but a hyphen, slash or nothing at all separates it from the token before."""


def fold(text: str) -> str:
    """The text in lower case, without markup, control characters, accents of width, stretched letters ("haloooo" keeps two) and
    doubling marks ("beda2"). Folding a folded text changes nothing."""
    if text.isascii() and text.isprintable():
        text = text.lower()
    else:
        text = unicodedata.normalize("NFKC", text).casefold().translate(_APOSTROPHES)
        text = "".join(_letter(c) for c in unicodedata.normalize("NFKD", text))
    text = _GENITIVE.sub(" s", text).replace("'", "")
    if "<" in text or ">" in text:
        text = _STRAY.sub(" ", _TAG.sub(" ", _SCRIPT.sub(" ", text)))
    text = _STRETCHED.sub(r"\1\1", text)
    text = _DOUBLED.sub(r"\1", text)
    return text.strip()


def _letter(char: str) -> str:
    category = unicodedata.category(char)
    if category[0] == "M":
        return ""
    if category[0] == "C" and char not in "\n\t":
        return "" if category == "Cf" else " "
    return char


def tokenize(folded: str, limit: int | None = None) -> list[Token]:
    """The words and numbers of a folded text, at most ``limit`` of them (half from the start, half from the end)."""
    tokens: list[Token] = []
    clause = end = 0
    for match in _TOKEN.finditer(folded):
        gap = folded[end : match.start()]
        if tokens and _STRONG.search(gap) and not (gap.strip() == "." and _abbreviated(tokens[-1].text)):
            clause += 1
        tokens.append(
            Token(
                match.group(),
                match.start(),
                match.end(),
                clause,
                bool(tokens) and any(c in gap for c in ",()&+"),
                bool(tokens) and gap in ("", "-", "/"),
            )
        )
        end = match.end()
    if limit is not None and len(tokens) > limit:
        tokens = tokens[: limit // 2] + tokens[-(limit - limit // 2) :]
    return tokens


def _abbreviated(word: str) -> bool:
    """Whether a full stop behind a word ends no sentence: "kab.", and "bl." or "p." that nobody can pronounce."""
    return word in ABBREVIATED or not set(word) & set("aeiou0123456789")


def compact(text: str) -> str:
    """The letters and digits of a text run together: the key under which names are looked up, so that "Kulon Progo",
    "Kulonprogo" and "kulon-progo" are one name."""
    return "".join(_TOKEN.findall(fold(text)))
