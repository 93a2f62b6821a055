"""The words of every language, read from ``knowledge/data/<lang>/``, and the concepts they stand for.

A phrase belongs to one concept of ``*.toml``, to the function words of ``stop.txt``, or to the ordinary words of
``ordinary.txt``: known words that mean nothing here and must never be taken for a misspelt name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from .fuzzy import FuzzyIndex
from .normalize import fold, tokenize

DATA = Path(__file__).parent / "data"
LANGUAGES = ("id", "en")
_PLAIN = re.compile(r"[a-z ]+")
_STRETCHED_OR_DOUBLED = re.compile(r"([a-z])\1\1")
_DOUBLE = re.compile(r"([a-z])\1")
OUTSIDE = "outside:"
"""Concepts with this prefix are themes outside the programme (weather, food, ...)."""
NO_PHRASES = ("choices", "columns", "forms", "inflection", "names", "probes", "suggestions", "wants")
"""Files of a language that hold other things than phrases."""
STOP = "stop"
ORDINARY = "ordinary"


class Word(NamedTuple):
    """What the lexicon knows of a phrase."""

    concept: str
    """A concept of the data files, ``STOP`` or ``ORDINARY``."""
    languages: frozenset[str]
    """The languages whose files hold the phrase."""


class Affixes(NamedTuple):
    """What one language lets us take off an unknown word."""

    clitics: tuple[str, ...]
    suffixes: tuple[tuple[str, str], ...]
    """``(ending, replacement)``."""
    prefixes: tuple[tuple[str, str], ...]
    """``(beginning, replacement)``."""


@dataclass
class Lexicon:
    """All phrases of all languages in one table: a question may mix them freely."""

    phrases: dict[str, Word]
    longest: dict[str, int]
    """First word of a phrase of several words -> how many words the longest such phrase has."""
    meaningful: frozenset[str]
    """Every word that stands in some phrase other than the ordinary words."""
    affixes: list[Affixes]
    rules: Mapping[str, Any]
    """The other data files as they are read: ``concepts``, ``topics``, ``region_topics``, ``islands``, ``names_id``,
    ``names_en``."""
    _based: dict[str, str | None] = field(default_factory=dict, repr=False)

    @cached_property
    def light(self) -> frozenset[str]:
        """Concepts that shape a question but carry no content of their own."""
        return frozenset(split(self.rules["concepts"]["light"]))

    @cached_property
    def implies(self) -> dict[str, tuple[str, ...]]:
        """Concept -> the wider concepts that a statement with it speaks of too."""
        return {left: tuple(split(right)) for left, right in self.rules["concepts"]["implies"].items()}

    @cached_property
    def widens(self) -> dict[str, tuple[str, ...]]:
        """Concept -> what a question about it also finds, beside what it implies."""
        wider = {left: tuple(split(right)) for left, right in self.rules["concepts"]["widens"].items()}
        return self.implies | wider

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

    def stem(self, word: str) -> str:
        """The known word, be it an ordinary one, that a word without meaning here is a form of; else itself."""
        parts = (part for affixes in self.affixes for part in _without(word, affixes))
        return next((part for part in parts if self._known(part)), word)

    def _bases(self, word: str) -> Iterator[str]:
        undoubled = _DOUBLE.sub(r"\1", word)
        if len(undoubled) > 2 and self._known(undoubled):
            yield undoubled
        stems = [word]
        for affixes in self.affixes:
            for clitic in affixes.clitics:
                if word.endswith(clitic) and len(word) - len(clitic) >= 3:
                    stem = word.removesuffix(clitic)
                    if self._known(stem):
                        yield stem
                    stems.append(stem)
        for affixes in self.affixes:
            for stem in stems:
                for part in _without(stem, affixes):
                    known = self.phrases.get(part)
                    if known and known.concept not in (STOP, ORDINARY):
                        yield part

    def _known(self, word: str) -> bool:
        return word in self.meaningful or word in self.phrases

    @cached_property
    def typo_index(self) -> FuzzyIndex:
        """The single words of all phrases, for correcting misspelt ones. Ordinary words are in it too: a misspelt
        "makanan" must not become a name."""
        return FuzzyIndex(self.single_words)

    @cached_property
    def single_words(self) -> frozenset[str]:
        """Every word that stands in some phrase."""
        return self.meaningful | {phrase for phrase, word in self.phrases.items() if word.concept == ORDINARY}


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
    if _PLAIN.fullmatch(text.strip()) and not _STRETCHED_OR_DOUBLED.search(text):
        return " ".join(text.split())
    return " ".join(token.text for token in tokenize(fold(text)))


def phrase_files(language: str, data: Path = DATA) -> list[Path]:
    """The files that map phrases of a language to concepts, in a fixed order."""
    return sorted(path for path in (data / language).glob("*.toml") if path.stem not in NO_PHRASES)


def read_phrases(path: Path) -> dict[str, list[str]]:
    """One phrase file as ``{concept: [phrase key, ...]}``; the themes of outside.toml get the prefix ``OUTSIDE``."""
    import tomllib

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
    meanings: dict[str, tuple[str, frozenset[str]]] = {}
    for language in LANGUAGES:
        for path in phrase_files(language, data):
            for concept, phrases in read_phrases(path).items():
                for phrase in phrases:
                    _add(meanings, phrase, concept, language)
        for name in (STOP, ORDINARY):
            for word in read_words(data / language / f"{name}.txt"):
                _add(meanings, word, name, language)
    return assemble(grouped(meanings), read_rules(data))


Groups = list[tuple[str, str, str]]
"""``(concept, languages, phrases)`` with languages separated by spaces and phrases by ``|``: the lexicon as it is kept."""


def grouped(meanings: Mapping[str, tuple[str, frozenset[str]]]) -> Groups:
    """The phrases of every meaning together."""
    groups: dict[tuple[str, str], list[str]] = {}
    for phrase, (concept, languages) in meanings.items():
        groups.setdefault((concept, " ".join(sorted(languages))), []).append(phrase)
    return [(concept, languages, "|".join(phrases)) for (concept, languages), phrases in groups.items()]


def assemble(groups: Groups, rules: Mapping[str, Any]) -> Lexicon:
    """A lexicon from its phrases and the other data files."""
    phrases: dict[str, Word] = {}
    longest: dict[str, int] = {}
    meaningful: set[str] = set()
    for concept, languages, text in groups:
        listed = text.split("|")
        phrases.update(dict.fromkeys(listed, Word(concept, frozenset(languages.split()))))
        if concept == ORDINARY:
            continue
        for phrase in listed:
            if " " in phrase:
                words = phrase.split()
                longest[words[0]] = max(longest.get(words[0], 1), len(words))
                meaningful.update(words)
            else:
                meaningful.add(phrase)
    affixes = [
        Affixes(tuple(split(table["clitics"])), _pairs(table["suffixes"]), _pairs(table["prefixes"]))
        for table in (rules[f"inflection_{language}"] for language in LANGUAGES)
    ]
    return Lexicon(phrases, longest, frozenset(meaningful), affixes, rules)


def read_rules(data: Path = DATA) -> dict[str, Any]:
    """The data files that are not lists of words, as they are."""
    import tomllib

    paths = {name: data / f"{name}.toml" for name in ("concepts", "topics", "region_topics", "islands")}
    paths |= {
        f"{name}_{language}": data / language / f"{name}.toml"
        for name in ("names", "inflection")
        for language in LANGUAGES
    }
    rules: dict[str, Any] = {}
    for name, path in paths.items():
        with path.open("rb") as file:
            rules[name] = tomllib.load(file)
    return rules


def _add(meanings: dict[str, tuple[str, frozenset[str]]], phrase: str, concept: str, language: str) -> None:
    """Where two languages differ in what a phrase means, a concept beats a function word, and that an ordinary word;
    of two concepts the first stands."""
    known = meanings.get(phrase)
    if known is None:
        meanings[phrase] = (concept, frozenset((language,)))
        return
    weaker = known[0] == ORDINARY or (known[0] == STOP and concept != ORDINARY)
    meanings[phrase] = (concept if weaker else known[0], known[1] | {language})


def split(text: str) -> list[str]:
    """The parts of a list as the data files write it: separated by commas, spaces around them."""
    return [part.strip() for part in text.split(",") if part.strip()]


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    pairs = (part.partition(">") for part in split(text))
    return tuple((affix, replacement) for affix, _, replacement in pairs)
