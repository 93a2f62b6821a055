"""What admins taught: questions that found no answer, each with the claim that answers it or as outside the programme."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from .facts import Candidate, Content
from .meaning import signature
from .model import Language
from .query import Query
from .reading import Reader, Reading
from .snapshot import Snapshot

TOPIC = "taught"
"""Stands as topic in the trace of an answer that was taught."""


class Taught:
    """Finds what was taught for a question of the same meaning. Asked only where the question finds no answer."""

    def __init__(self, snapshot: Snapshot, reader: Reader, meanings: Mapping[str, str] | None = None) -> None:
        """``meanings`` are those of phrasings that were read before with the same words and names (see :attr:`meanings`);
        what they lack is read when first needed."""
        self._snapshot = snapshot
        self._reader = reader
        self._read_before = meanings or {}

    def query(self, reading: Reading, language: Language, content: Content) -> Query | None:
        """The claims that were taught for a question, as a query for them.

        Returns:
            None where nothing was taught; a query without candidates where it was taught to be outside the programme.
        """
        taught = self._taught.get((language, signature(reading, self._reader.lexicon)))
        if taught is None:
            return None
        told = [self._snapshot.claims[id] for id in taught if id in self._snapshot.claims]
        if taught and not told:
            return None  # its claims have been retired since
        candidates = tuple(Candidate(claim, 1.0, 1.0, TOPIC, frozenset()) for claim in told)
        return Query("fact", candidates=candidates, content=content)

    @cached_property
    def meanings(self) -> dict[str, str]:
        """What each phrasing means: what another ``Taught`` with the same words and names need not read again."""
        found = {}
        for question in {phrasing.question for phrasing in self._snapshot.phrasings}:
            known = self._read_before.get(question)
            found[question] = signature(self._reader.read(question), self._reader.lexicon) if known is None else known
        self._read_before = {}
        return found

    @cached_property
    def _taught(self) -> dict[tuple[Language, str], tuple[str, ...]]:
        """Language and meaning -> ids of claims; none of them for what is outside the programme."""
        found: dict[tuple[Language, str], tuple[str, ...]] = {}
        for phrasing in self._snapshot.phrasings:
            meaning = self.meanings[phrasing.question]
            if meaning:
                known = found.get((phrasing.language, meaning), ())
                found[phrasing.language, meaning] = (*known, phrasing.claim) if phrasing.claim else known
        return found
