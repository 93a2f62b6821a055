"""The words of every language, read from ``knowledge/data/<lang>/``, and the concepts they stand for.

A phrase belongs to one concept of ``*.toml``, to the function words of ``stop.txt``, or to the ordinary words of
``ordinary.txt``: known words that mean nothing here and must never be taken for a misspelt name.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from .fuzzy import FuzzyIndex
from .normalize import fold, tokenize

DATA = Path(__file__).parent / "data"
LANGUAGES = ("id", "en")
_DOUBLE = re.compile(r"([a-z])\1")
OUTSIDE = "outside:"
"""Concepts with this prefix are themes outside the programme (weather, food, ...)."""
NO_PHRASES = ("inflection", "names", "suggestions")
"""Files of a language that hold other things than phrases."""
STOP = "stop"
ORDINARY = "ordinary"


@dataclass(frozen=True, slots=True)
class Word:
    """What the lexicon knows of a phrase."""

    concept: str
    """A concept of the data files, ``STOP`` or ``ORDINARY``."""
    languages: frozenset[str]
    """The languages whose files hold the phrase."""


@dataclass(frozen=True, slots=True)
class Affixes:
    """What one language lets us take off an unknown word."""

    clitics: tuple[str, ...]
    suffixes: tuple[tuple[str, str], ...]
    """``(ending, replacement)``."""
    prefixes: tuple[tuple[str, str], ...]
    """``(beginning, replacement)``."""


@dataclass
class Lexicon:
    """All phrases of all languages in one table: a question may mix them freely."""

    phrases: dict[str, Word] = field(default_factory=dict)
    longest: dict[str, int] = field(default_factory=dict)
    """First word of a phrase -> how many words the longest phrase beginning with it has."""
    affixes: list[Affixes] = field(default_factory=list)
    light: frozenset[str] = frozenset()
    implies: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _based: dict[str, str | None] = field(default_factory=dict, repr=False)

    def word(self, text: str) -> Word | None:
        """The phrase exactly as written, or ``None``."""
        return self.phrases.get(text)

    def base(self, word: str) -> str | None:
        """The known single word that this one is a form of (itself, without clitics, without affixes), or ``None``."""
        if word in self.meaningful:
            return word
        known = self.phrases.get(word)
        if word not in self._based:
            if len(self._based) > 20_000:
                self._based.clear()
            self._based[word] = next(self._bases(word), word if known else None)
        return self._based[word]

    def _bases(self, word: str) -> Iterator[str]:
        undoubled = _DOUBLE.sub(r"\1", word)
        if undoubled in self.single_words:
            yield undoubled
        stems = [word]
        for affixes in self.affixes:
            for clitic in affixes.clitics:
                if word.endswith(clitic) and len(word) - len(clitic) >= 3:
                    stem = word.removesuffix(clitic)
                    if stem in self.single_words:
                        yield stem
                    stems.append(stem)
        for affixes in self.affixes:
            for stem in stems:
                for part in _without(stem, affixes):
                    known = self.phrases.get(part)
                    if known and known.concept not in (STOP, ORDINARY):
                        yield part

    @cached_property
    def typo_index(self) -> FuzzyIndex:
        """The single words of all phrases, for correcting misspelt ones. Ordinary words are in it too: a misspelt
        "makanan" must not become a name."""
        return FuzzyIndex(word for phrase in self.phrases for word in phrase.split())

    @cached_property
    def meaningful(self) -> frozenset[str]:
        """Every word that stands in some phrase other than the ordinary words."""
        return frozenset(
            part for phrase, word in self.phrases.items() if word.concept != ORDINARY for part in phrase.split()
        )

    @cached_property
    def single_words(self) -> frozenset[str]:
        """Every word that stands in some phrase."""
        return frozenset(word for phrase in self.phrases for word in phrase.split())


def _without(word: str, affixes: Affixes) -> Iterator[str]:
    for ending, replacement in affixes.suffixes:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            yield word.removesuffix(ending) + replacement
    for beginning, put in affixes.prefixes:
        if word.startswith(beginning) and len(word) - len(beginning) >= 4:
            stem = put + word.removeprefix(beginning)
            yield stem
            for ending, replacement in affixes.suffixes:
                if stem.endswith(ending) and len(stem) - len(ending) >= 4:
                    yield stem.removesuffix(ending) + replacement


def phrase_key(text: str) -> str:
    """The form under which a phrase is stored and looked up: its folded words, separated by single spaces."""
    return " ".join(token.text for token in tokenize(fold(text)))


def phrase_files(language: str, data: Path = DATA) -> list[Path]:
    """The files that map phrases of a language to concepts, in a fixed order."""
    return sorted(path for path in (data / language).glob("*.toml") if path.stem not in NO_PHRASES)


def read_phrases(path: Path) -> dict[str, list[str]]:
    """One phrase file as ``{concept: [phrase key, ...]}``; the themes of outside.toml get the prefix ``OUTSIDE``."""
    prefix = OUTSIDE if path.stem == "outside" else ""
    with path.open("rb") as file:
        table = tomllib.load(file)
    return {prefix + concept: [phrase_key(p) for p in text.split(",") if p.strip()] for concept, text in table.items()}


def read_words(path: Path) -> list[str]:
    """The words of a plain list: whitespace between them, lines that begin with # left out."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [word for line in lines if not line.startswith("#") for word in line.split()]


def load(data: Path = DATA) -> Lexicon:
    """Read every language's files.

    Raises:
        FileNotFoundError: a language lacks one of its files.
        tomllib.TOMLDecodeError: a file is no valid TOML.
    """
    lexicon = Lexicon()
    with (data / "concepts.toml").open("rb") as file:
        concepts = tomllib.load(file)
    lexicon.light = frozenset(_split(concepts["light"]))
    lexicon.implies = {left: tuple(_split(right)) for left, right in concepts["implies"].items()}
    for language in LANGUAGES:
        for path in phrase_files(language, data):
            for concept, phrases in read_phrases(path).items():
                for phrase in phrases:
                    _add(lexicon, phrase, concept, language)
        for name in (STOP, ORDINARY):
            for word in read_words(data / language / f"{name}.txt"):
                _add(lexicon, word, name, language)
        with (data / language / "inflection.toml").open("rb") as file:
            table = tomllib.load(file)
        lexicon.affixes.append(
            Affixes(tuple(_split(table["clitics"])), _pairs(table["suffixes"]), _pairs(table["prefixes"]))
        )
    return lexicon


def _add(lexicon: Lexicon, phrase: str, concept: str, language: str) -> None:
    known = lexicon.phrases.get(phrase)
    if known is None:
        lexicon.phrases[phrase] = Word(concept, frozenset((language,)))
    elif known.concept == concept or known.concept in (STOP, ORDINARY) or concept not in (STOP, ORDINARY):
        # The first language's meaning stands where two languages differ ("list" may not: kb check says so).
        keep = concept if known.concept in (STOP, ORDINARY) and concept != ORDINARY else known.concept
        lexicon.phrases[phrase] = Word(keep, known.languages | {language})
    else:
        lexicon.phrases[phrase] = Word(known.concept, known.languages | {language})
    words = phrase.split()
    if words:
        lexicon.longest[words[0]] = max(lexicon.longest.get(words[0], 1), len(words))


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    pairs = (part.partition(">") for part in _split(text))
    return tuple((affix, replacement) for affix, _, replacement in pairs)
