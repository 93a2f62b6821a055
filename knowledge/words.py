"""What words are known exactly: phrases of the lexicon, names of the gazetteer, numbers and years."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .gazetteer import Gazetteer, Name
from .lexicon import ORDINARY, OUTSIDE, STOP, Lexicon
from .normalize import Token
from .thresholds import EXACT_UP_TO, MAX_NAME_TOKENS

_DOUBLE = re.compile(r"([a-z])\1")
YEARS = range(2015, 2030)
"""Numbers read as years."""


@dataclass(slots=True)
class Item:
    """A stretch of the message and what it was taken for."""

    kind: str
    """``concept``, ``outside``, ``name``, ``year``, ``number``, ``stop``, ``ordinary`` or ``unknown``."""
    start: int
    """Number of its first token."""
    end: int
    """Number of the token behind its last."""
    said: str
    """The folded words."""
    value: str = ""
    """The concept, year or number."""
    names: tuple[Name, ...] = ()
    edits: int = 0
    clause: int = 0
    comma: bool = False
    """Whether a comma or bracket stands before it."""
    clitic: bool = False
    """Whether an Indonesian clitic ("-nya") was taken off."""


class Matcher:
    """Matches the tokens of a message with what is known, the longest stretch first."""

    def __init__(self, lexicon: Lexicon, gazetteer: Gazetteer) -> None:
        self.lexicon = lexicon
        self.gazetteer = gazetteer

    def known(self, tokens: list[Token], words: list[str | None], at: int) -> Item | None:
        token = tokens[at]
        if token.text.isdigit():
            phrase = self.phrase(tokens, words, at)
            if phrase and phrase.end > at + 1:
                return phrase
            name = self.name(tokens, at)
            if name and name.end > at + 1:
                return name
            kind = "year" if len(token.text) == 4 and int(token.text) in YEARS else "number"
            return Item(kind, at, at + 1, token.text, token.text)
        phrase = self.phrase(tokens, words, at)
        name = self.name(tokens, at)
        if name and name.end > at + 1 and phrase and phrase.value in ("REGENCY", "CITY"):
            inner = self.name(tokens, phrase.end)
            if inner and inner.end > name.end:  # "Kabupaten Mamuju Utara" is Mamuju Utara, not Kabupaten Mamuju
                name = None
        inexact = words[at] is not None and words[at] != token.text and name is not None and name.end == at + 1
        if name and (
            phrase is None or (inexact and not name.clitic) or self._prefers_name(name, phrase, tokens, words)
        ):
            return name
        return phrase

    def phrase(self, tokens: list[Token], words: list[str | None], at: int) -> Item | None:
        """The longest phrase of the lexicon beginning here."""
        first = words[at] or tokens[at].text
        for length in range(min(self.lexicon.longest.get(first, 1), len(tokens) - at), 0, -1):
            if tokens[at + length - 1].clause != tokens[at].clause:
                continue
            span = [first] if length == 1 else [words[i] or tokens[i].text for i in range(at, at + length)]
            word = self.lexicon.word(" ".join(span))
            if word:
                said = " ".join(t.text for t in tokens[at : at + length])
                kind = word.concept if word.concept in (STOP, ORDINARY) else "concept"
                if word.concept.startswith(OUTSIDE):
                    kind = "outside"
                if word.concept == "MONTH-05" and said == "may" and not self._dated(tokens, at):
                    return Item(STOP, at, at + 1, said, STOP)
                return Item(kind, at, at + length, said, word.concept, clitic=tokens[at + length - 1].text != span[-1])
        if words[at] is not None:
            return Item(ORDINARY, at, at + 1, tokens[at].text)
        return None

    def _undoubled(self, key: str) -> str:
        """A region's name with its stretched letters ("klatenn") as it is written, else the key itself."""
        plain = _DOUBLE.sub(r"\1", key)
        fits = len(plain) > EXACT_UP_TO and self.lexicon.word(key) is None
        known = self.gazetteer.lookup(plain) if fits else []
        return plain if any(not n.district for n in known) else key

    @staticmethod
    def _dated(tokens: list[Token], at: int) -> bool:
        """Whether a number stands beside a word that may be a month ("may")."""
        return any(0 <= i < len(tokens) and tokens[i].text.isdigit() for i in (at - 1, at + 1))

    def name(self, tokens: list[Token], at: int) -> Item | None:
        """The longest name beginning here."""
        first = tokens[at].text
        if not self.gazetteer.begins(first) and not self.clitics(first):
            return None
        for length in range(min(MAX_NAME_TOKENS, len(tokens) - at), 0, -1):
            span = tokens[at : at + length]
            if span[-1].clause != span[0].clause or any(t.comma for t in span[1:]):
                continue
            key = "".join(t.text for t in span)
            typed = key
            if not self.gazetteer.lookup(key):
                key = self._undoubled(key)
            for clitic in ("", *self.clitics(span[-1].text)):
                names = self.gazetteer.lookup(key.removesuffix(clitic) if clitic else key)
                if names and (length == 1 or self._spaces_fit(names, span, clitic)):
                    said = " ".join(t.text for t in span)
                    return Item(
                        "name", at, at + length, said, names=tuple(names), edits=int(key != typed), clitic=bool(clitic)
                    )
        return None

    def clitics(self, word: str) -> list[str]:
        known = self.lexicon.affixes[0].clitics
        return [c for c in known if word.endswith(c) and len(word) - len(c) >= 4] if word.endswith(known) else []

    def _spaces_fit(self, names: list[Name], span: list[Token], clitic: str) -> bool:
        """Whether words with spaces are this name: as many words as the name has, or a name pulled apart into pieces
        none of which is a word of its own."""
        count = len(span) - (1 if clitic and span[-1].text == clitic else 0)
        if any(count in name.words for name in names):
            return True
        regional = any(not n.district and n.kind != "abbreviation" for n in names)
        return regional and all(len(t.text) >= 3 and not self._stands_alone(t.text) for t in span)

    def _stands_alone(self, word: str) -> bool:
        """Whether a piece of a name pulled apart is a region or a content word of its own."""
        known = self.lexicon.word(word)
        concept = known is not None and known.concept not in (STOP, ORDINARY)
        return concept or any(not n.district for n in self.gazetteer.lookup(word))

    def _prefers_name(self, name: Item, phrase: Item, tokens: list[Token], words: list[str | None]) -> bool:
        if name.end != phrase.end:
            return name.end > phrase.end
        if any(n.province for n in name.names) and phrase.kind in (ORDINARY, STOP):
            return True
        if all(n.district or n.kind == "abbreviation" for n in name.names) and phrase.end - phrase.start == 1:
            return self._cued(tokens, words, name, all(n.district for n in name.names))
        if phrase.kind in ("concept", "stop") and not any(n.regional or n.province for n in name.names):
            return False
        return phrase.kind in (ORDINARY, STOP, "outside") or any(n.regional for n in name.names)

    def _cued(self, tokens: list[Token], words: list[str | None], name: Item, district: bool) -> bool:
        """Whether "kecamatan" (or for a region "kabupaten", "kota") stands beside a name that is also a word."""
        wanted = ("DISTRICT",) if district else ("REGENCY", "CITY")
        for at in (name.start - 1, name.end):
            if 0 <= at < len(tokens):
                word = self.lexicon.word(words[at] or tokens[at].text)
                if word and word.concept in wanted:
                    return True
        return False
