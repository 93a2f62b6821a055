"""Which known strings lie within one or two edits of what was typed, fast enough for 100,000 names.

Distance is OSA (optimal string alignment: insert, delete, replace, swap two neighbours), measured by rapidfuzz. To avoid
comparing with every string, each is cut into k+1 pieces: k edits leave at least one piece whole (the pigeonhole
principle; see Navarro, "A guided tour to approximate string matching", ACM Computing Surveys 33, 2001). A swap may cut
through two pieces, so swapped variants of the query are looked up as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

from rapidfuzz.distance import OSA

from .thresholds import EXACT_UP_TO, ONE_EDIT_UP_TO


def allowed_edits(length: int) -> int:
    """How many edits a string of this many letters forgives: 0, 1 or 2."""
    if length <= EXACT_UP_TO:
        return 0
    return 1 if length <= ONE_EDIT_UP_TO else 2


def distance(left: str, right: str) -> int:
    """Edits between two strings (OSA)."""
    return OSA.distance(left, right)


class FuzzyIndex:
    """Strings findable within the edits that their length forgives."""

    def __init__(self, keys: Iterable[str]) -> None:
        """``keys`` of four letters or fewer are left out: they match exactly or not at all."""
        self._keys = {key for key in keys if len(key) > EXACT_UP_TO}
        self._pieces: dict[tuple[int, int, str], list[str]] = defaultdict(list)
        self._lengths: set[int] = set()
        for key in self._keys:
            self._lengths.add(len(key))
            for number, (start, end) in enumerate(_cuts(len(key))):
                self._pieces[len(key), number, key[start:end]].append(key)

    def near(self, query: str) -> list[tuple[int, str]]:
        """``(edits, key)`` of every key within the edits that its own length forgives, nearest first."""
        most = allowed_edits(len(query) + 2)
        if not most or len(query) > max(self._lengths, default=0) + 2:
            return []
        found: set[str] = set(self._candidates(query, most))
        for once in swapped(query):
            if once in self._keys:
                found.add(once)
            if most == 2:
                found.update(self._candidates(once, 1))
                found.update(twice for twice in swapped(once) if twice in self._keys)
        scored = ((OSA.distance(query, key, score_cutoff=2), key) for key in found)
        return sorted((edits, key) for edits, key in scored if edits <= allowed_edits(len(key)))

    def _candidates(self, query: str, edits: int) -> Iterator[str]:
        """Keys that share a whole piece with the query, at a place that this many edits can have moved it to."""
        for length in range(len(query) - edits, len(query) + edits + 1):
            if length not in self._lengths:
                continue
            for number, (start, end) in enumerate(_cuts(length)):
                for shift in range(-edits, edits + 1):
                    if start + shift >= 0:
                        piece = query[start + shift : end + shift]
                        yield from self._pieces.get((length, number, piece), ())


def _cuts(length: int) -> list[tuple[int, int]]:
    """Where a string of this length is cut: into one piece more than the edits it forgives."""
    pieces = allowed_edits(length) + 1
    bounds = [length * number // pieces for number in range(pieces + 1)]
    return list(pairwise(bounds))


def swapped(text: str) -> Iterator[str]:
    """The text with each pair of neighbours swapped once."""
    for at in range(len(text) - 1):
        if text[at] != text[at + 1]:
            yield text[:at] + text[at + 1] + text[at] + text[at + 2 :]
