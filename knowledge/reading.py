"""What each word of a message is: a concept, a place, a year, a number, a function word, or nothing we know.

The message is read once against the words of all languages together, so a sentence may change language at any word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .gazetteer import Gazetteer
from .lexicon import ORDINARY, Lexicon
from .normalize import Token, fold, tokenize
from .spelling import Speller
from .thresholds import MAX_CORRECTIONS, MAX_TOKENS
from .words import Item, Matcher


@dataclass
class Reading:
    """A message, word by word."""

    text: str
    folded: str
    tokens: list[Token]
    items: list[Item] = field(default_factory=list)
    votes: dict[str, float] = field(default_factory=dict)
    """Language -> how much of the message is in that language only."""

    def concepts(self) -> list[str]:
        """The concepts in order, with repetitions."""
        return [item.value for item in self.items if item.kind == "concept"]

    def has(self, *concepts: str) -> bool:
        """Whether any of these concepts is in the message."""
        return any(item.kind == "concept" and item.value in concepts for item in self.items)

    def as_typed(self, said: str) -> str:
        """Words of the folded message as the person wrote them, where they can be found again."""
        found = re.search(r"[\W_]*".join(map(re.escape, said.split())), self.text, re.IGNORECASE) if said else None
        return found.group() if found else said

    def strange(self) -> list[str]:
        """The stretches that nobody knows, or that were taken for a misspelt word, as typed; each once. Where the type of a
        region stands before one ("kota lurik"), it comes with it first, and then alone."""
        found = []
        for some in self._stretches():
            before = self.items[self.items.index(some[0]) - 1] if some[0] is not self.items[0] else None
            if before and before.value in ("CITY", "REGENCY") and before.clause == some[0].clause:
                found.append(self.as_typed(" ".join(item.said for item in (before, *some))))
            found.append(self.as_typed(" ".join(item.said for item in some)))
        return list(dict.fromkeys(found))

    def _stretches(self) -> list[list[Item]]:
        stretches: list[list[Item]] = []
        for item in self.items:
            if item.kind != "unknown" and not item.edits:
                continue
            if stretches and stretches[-1][-1].end == item.start and stretches[-1][-1].clause == item.clause:
                stretches[-1].append(item)
            else:
                stretches.append([item])
        return stretches


class Reader:
    """Reads messages with one lexicon and one gazetteer."""

    def __init__(self, lexicon: Lexicon, gazetteer: Gazetteer) -> None:
        self.lexicon = lexicon
        self._matcher = Matcher(lexicon, gazetteer)
        self._speller = Speller(self._matcher)

    def read(self, text: str, *, correct: bool = True) -> Reading:
        """Any string, however odd, becomes a reading; ``correct`` forgives typing errors."""
        folded = fold(text)
        tokens = tokenize(folded, MAX_TOKENS)
        words = [self.lexicon.base(token.text) for token in tokens]
        if correct:
            tokens, words = self._speller.split_joined(tokens, words)
        reading = Reading(text, folded, tokens)
        at, budget = 0, MAX_CORRECTIONS if correct else 0
        while at < len(tokens):
            item = self._matcher.known(tokens, words, at)
            if item and item.kind == "name" and budget > 0:
                item = self._speller.longer(tokens, words, item)
            elif item and item.kind == ORDINARY and item.end == at + 1:
                item = self._speller.typed_name(tokens, words, at) or item
            if item is None and budget > 0:
                budget -= 1
                item = self._speller.corrected(tokens, words, at)
            if item is None:
                item = Item("unknown", at, at + 1, tokens[at].text)
            item.clause, item.comma = tokens[at].clause, tokens[at].comma
            reading.items.append(item)
            at = item.end
        self._vote(reading, words)
        return reading

    # -------------------------------------------------------------------------------------------------------- language

    def _vote(self, reading: Reading, words: list[str | None]) -> None:
        for item in reading.items:
            if item.kind == "name" or item.kind in ("year", "number"):
                if item.clitic:
                    reading.votes["id"] = reading.votes.get("id", 0) + 1
                continue
            for at in range(item.start, item.end):
                word = words[at] or reading.tokens[at].text
                known = self.lexicon.word(item.said) or self.lexicon.word(word)
                if known and len(known.languages) == 1:
                    (language,) = known.languages
                    reading.votes[language] = reading.votes.get(language, 0) + 1
                    break
