"""Which statements a question touches at all: the few that are worth weighing, found by index."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .facts import Content, Topic


class Reach:
    """An index from what a question is about to statements."""

    def __init__(
        self,
        units: Mapping[str, frozenset[str]],
        fits: Mapping[str, Iterable[str]],
        topics: Iterable[Topic],
        widens: Mapping[str, Iterable[str]],
    ) -> None:
        """``units`` and ``fits``: claim id -> what it holds, and what may be asked along with it; ``widens``: a concept ->
        the units that it takes in."""
        self._widens = widens
        self._holding: dict[str, set[str]] = defaultdict(set)
        for claim, held in units.items():
            for unit in (*held, *fits.get(claim, ())):
                self._holding[unit].add(claim)
        self._of_cohorts: set[str] = set()
        self._topics: dict[str, list[Topic]] = defaultdict(list)
        for topic in topics:
            if topic.cohort:
                self._of_cohorts.update(topic.claims)
            for concept in {concept for concepts in topic.about for concept in concepts}:
                self._topics[concept].append(topic)

    def about(self, content: Content) -> dict[str, Topic]:
        """The topics that a question is squarely about, by id: all concepts of one of their sets are asked."""
        near = {t.id: t for concept in content.concepts for t in self._topics.get(concept, ())}
        return {id: t for id, t in near.items() if any(concepts <= content.concepts for concepts in t.about)}

    def claims(self, content: Content, about: Mapping[str, Topic]) -> set[str]:
        """Ids of the statements that share something with a question, or whose topic it is about."""
        found = {claim for topic in about.values() for claim in topic.claims}
        for unit in content.units:
            if unit.startswith("r:"):
                found |= self._of_cohorts
                for code in unit[2:].split("|"):
                    found |= self._holding.get(f"r:{code}", set())
            found |= self._holding.get(unit, set())
            for wider in self._widens.get(unit, ()):
                found |= self._holding.get(wider, set())
        return found
