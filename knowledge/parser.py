"""From slots to a query, or to the reason why there is none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from .answer import Filter
from .facts import Candidate, Content, Facts
from .gazetteer import Gazetteer, Name
from .lexicon import Lexicon
from .places import Places
from .query import Parsed, Query, named
from .regional import Regional
from .slots import SMALLTALK, SlotFinder, Slots
from .snapshot import Snapshot
from .thresholds import (
    BARE_RESIDUE,
    FACT_COVERAGE,
    FACT_COVERAGE_SQUARELY,
    FACT_NEAR_BEST,
    HEAVY_RESIDUE_COVERAGE,
    MAX_FACTS,
    STRUCTURE_COVERAGE,
)
from .words import Item

HEADS = frozenset(("MAYOR", "REGENT", "GOVERNOR"))
"""Concepts for who governs a region: only a statement about that region can tell."""

NO_FORM = ("WHO", "WHEN", "HOW-MANY", "JOIN", "PARTICIPANT", "LISTED", "SELECT", "SIGN", "MOU")
"""Concepts that make a message with words of officers a question all the same."""


class Parser:
    """Builds queries."""

    def __init__(
        self, snapshot: Snapshot, lexicon: Lexicon, gazetteer: Gazetteer, places: Places, facts: Facts
    ) -> None:
        self._gazetteer = gazetteer
        self._finder = SlotFinder(snapshot, lexicon, places)
        self._regional = Regional(snapshot, gazetteer)
        self.facts = facts

    def slots(self, items: Sequence[Item]) -> Slots:
        """What a stretch of the message holds."""
        return self._finder.find(items)

    def decide(self, slots: Slots) -> Parsed:
        """The query that these slots make, or why they make none."""
        if slots.empty:
            return Parsed(None, slots, "empty")
        small = self._smalltalk(slots)
        if small:
            return Parsed(small, slots)
        found = slots.found
        structured = None if found.unknown and not found.places else self._regional.query(slots)
        coverage = self._regional.coverage(slots)
        content = self.content(slots)
        best: tuple[Candidate, ...] = ()
        if self._wants_facts(slots, structured):
            best = tuple(self.facts.rank(content))
        fact = self._fact(slots, content, best)
        if structured and (not fact or not self._prefers_fact(slots, structured, fact, coverage)):
            if found.ambiguous:
                mention, names = found.ambiguous
                if not slots.residue or (slots.cued and (slots.verdict_asked or not slots.outside)):
                    return Parsed(None, slots, "ambiguous", mention.item.said, names)
            spoken = slots.cued or slots.has("PROGRAMME", "SMART-CITY", "WHICH-COHORT", "FOLLOW")
            counting = slots.has("HOW-MANY", "LIST", "WHICH", "MORE", "LEAST")
            counted = structured.shape in ("list", "count", "ranking") and slots.has(
                "REGION", "CITY", "REGENCY", "PROVINCE"
            )
            typed = len(slots.residue) == 1 and slots.residue[0].kind == "unknown" and bool(slots.found.provinces)
            spoken = spoken or (counting and (counted or typed))
            needed = STRUCTURE_COVERAGE if spoken else BARE_RESIDUE
            outside = slots.outside
            heavy = any(i.kind == "concept" for i in slots.residue)
            if slots.verdict_asked and structured.shape in ("participation", "list", "count"):
                outside = outside and not slots.has("PARTICIPANT", "PROGRAMME", "SMART-CITY", "COHORT")
                heavy = False
            nameless = structured.shape in ("participation", "region") and not structured.places
            if (
                coverage >= needed
                and not nameless
                and not outside
                and not (heavy and coverage < HEAVY_RESIDUE_COVERAGE)
            ):
                return Parsed(replace(structured, coverage=coverage), slots, ranked=best)
        if found.ambiguous and not fact and (not slots.residue or (slots.cued and not slots.outside)):
            return Parsed(None, slots, "ambiguous", found.ambiguous[0].item.said, found.ambiguous[1])
        if fact:
            return Parsed(fact, slots, ranked=best)
        return self._problem(slots, best)

    def content(self, slots: Slots) -> Content:
        """The slots as content to find statements for."""
        items = [i for at, i in enumerate(slots.items) if at not in slots.found.used and at not in slots.phased]
        return self.facts.content(
            items, slots.years, [*named(slots.found.places), *([p] for p in slots.found.provinces)]
        )

    def _smalltalk(self, slots: Slots) -> Query | None:
        """Small talk, where nothing else is in the message. Officers may name themselves, their office and their region."""
        kinds = [c for c in SMALLTALK if slots.has(c)]
        if slots.has("OFFICER") and not slots.has(*NO_FORM):
            return Query("smalltalk", about=SMALLTALK["OFFICER"])
        if not kinds or slots.found.places or slots.found.provinces or slots.found.ambiguous or slots.cued:
            return None
        strong = kinds[0] in ("INSULT", "IDENTITY", "HELP")
        heavy = [i for i in slots.residue if i.kind in ("concept", "outside")]
        strange = [i for i in slots.residue if i.kind in ("unknown", "ordinary", "number")]
        if heavy or len(strange) > (2 if strong else 1):
            return None
        if not strong and slots.concepts & {
            "WHO",
            "WHEN",
            "WHERE",
            "HOW-MANY",
            "WHICH",
            "SOURCE",
            "DEFINE",
            "PROGRAMME",
        }:
            return None
        if kinds[0] == "BOT" and (slots.asking or strange):
            return None
        return Query("smalltalk", about=SMALLTALK[kinds[0]])

    # ------------------------------------------------------------------------------------------------------- statements

    def _wants_facts(self, slots: Slots, structured: Query | None) -> bool:
        """Whether statements need to be looked at: not where a question about regions accounts for every word."""
        if structured is None or slots.residue or slots.has("ADDED-LATER"):
            return True
        return slots.has(
            "WHO",
            "WHY",
            "DIFFER",
            "SUPPORT",
            "MOU",
            "SIGN",
            "TWICE",
            "DISTINCT",
            "NUMBER-OF-STAGES",
            "SELECT",
            "DEFINE",
            "WITHDRAWN",
        )

    def _fact(self, slots: Slots, content: Content, ranked: tuple[Candidate, ...]) -> Query | None:
        if not ranked:
            return None
        if slots.found.unknown:
            return None
        if slots.has("NOW") and not slots.years and not self._speaks_of_now(ranked[0], content):
            return None
        numbers_only = content.units and all(unit.startswith("#") for unit in content.units)
        if numbers_only and not slots.years and not slots.has("REGION", "PARTICIPANT"):
            return None
        named_only = all(unit.startswith("w:") for unit in content.units)
        if named_only and slots.has("JOIN", "PARTICIPANT", "LISTED", "SELECT") and slots.has("YES-NO", "NOT"):
            return None
        chosen = self.facts.select(ranked)
        covered = {unit for c in chosen for unit in c.matched}
        total = math.fsum(content.units.values())
        share = math.fsum(content.units[u] for u in covered) / total if total else ranked[0].coverage
        named = slots.has("WHO") and slots.has(*HEADS) and not slots.has("SIGN", "MOU", "EVENT")
        head_asked = (named and slots.found.places) or asks_for_head(content)
        if head_asked and not ranked[0].claim.subject.startswith("region:"):
            return None
        squarely = any(topic_about(self.facts, c, content) for c in chosen)
        elsewhere = ranked[0].claim.subject.startswith("region:") and not content.regions
        vague = elsewhere or "DIFFER" in content.units or (slots.has("WHAT") and self._merely_mentioned(ranked))
        if len(content.units) == 1 and vague and not squarely:
            return None
        left = [u for u in content.units if u not in covered]
        loose = squarely and all(u.startswith("w:") for u in left)
        placed_only = bool(content.units) and all(u.startswith("r:") for u in covered)
        if placed_only and not squarely and not slots.years:
            return None
        if share < (FACT_COVERAGE_SQUARELY if loose else FACT_COVERAGE) or (not ranked[0].matched and total):
            return None
        if any(i.kind == "outside" and f"w:{i.said}" not in covered for i in slots.items):
            return None
        if not total and not squarely:
            return None
        joining = bool(slots.years) or slots.has("JOIN", "PARTICIPANT", "LISTED", "COHORT", "WHICH-COHORT")
        return Query(
            "fact", tuple(slots.found.places), Filter(years=slots.years), when=joining, candidates=tuple(chosen),
            content=content, coverage=share,
        )  # fmt: skip

    @staticmethod
    def _merely_mentioned(ranked: Sequence[Candidate]) -> bool:
        """Whether so many statements mention the one theme of a question that none is about it: "What was the budget?" """
        near = [c for c in ranked if ranked[0].score - c.score <= FACT_NEAR_BEST]
        return len(near) >= MAX_FACTS

    def _speaks_of_now(self, best: Candidate, content: Content) -> bool:
        """Whether a statement may answer a question about today: what was true in 2019 may not."""
        topic = self.facts.topics.get(best.topic)
        return topic is not None and any(
            ("NOW" in about and about <= content.concepts) or "RENAME" in about & content.concepts
            for about in topic.about
        )

    def _prefers_fact(self, slots: Slots, structured: Query, fact: Query, coverage: float) -> bool:
        """Whether statements account for the question better than a question about regions does."""
        heavy = [i for i in slots.residue if i.kind in ("concept", "number")]
        best = fact.candidates[0]
        if not slots.found.places and self.facts.owners(fact.content):
            return True
        if structured.shape in ("participation", "region"):
            if slots.verdict_asked and not slots.has("WITHDRAWN", "TWICE", "DIFFER"):
                return False
            if slots.has("WHO") and slots.has("SIGN", "MOU", "REPRESENT"):
                return True
            regional = best.claim.subject.startswith("region:")
            if slots.has("WHY") and regional and "WHY" in self.facts.fits(best.claim):
                return True
            if slots.has("DEFINE") and not regional and best.coverage >= 1:
                return True
            return bool(heavy) and fact.coverage >= coverage - 0.1 and (regional or len(heavy) > 0)
        if slots.has("WHO") and slots.has("MOU") and structured.shape == "list":
            return True
        if slots.has("DISTINCT", "NUMBER-OF-STAGES", "TWICE", "WITHDRAWN") and structured.shape in ("list", "count"):
            return True
        if slots.has("WHY", "DIFFER") and slots.has("SELECT", "HOW-MANY"):
            return True
        return bool(slots.residue) and fact.coverage > coverage

    # --------------------------------------------------------------------------------------------------------- problems

    def _problem(self, slots: Slots, ranked: tuple[Candidate, ...]) -> Parsed:
        """Why there is no answer."""
        found = slots.found
        members = slots.has("JOIN", "PARTICIPANT", "LISTED", "SELECT", "SIGN", "COHORT", "INVOLVE", "STATUS")
        if found.unknown and not found.places:
            near = tuple(found.near) or tuple(self._near(found.unknown[0]))
            return Parsed(
                None, slots, "no_such_region" if found.near else "unknown_region", found.unknown[0], near, ranked
            )
        strange = [i for i in slots.residue if i.kind == "unknown" and len(i.said) > 2]
        heavy = [i for i in slots.residue if i.kind in ("concept", "outside")]
        if strange and not heavy and not found.places and (members or len(slots.residue) == 1):
            said = " ".join(i.said for i in strange[:3])
            _, keys = self._gazetteer.misspelt("".join(i.said for i in strange[:2]), districts=False)
            owners = {n.target for key in keys for n in self._gazetteer.lookup(key) if not n.district}
            if len(owners) > 1:
                names = tuple(n for key in keys for n in self._gazetteer.lookup(key) if not n.district)
                return Parsed(None, slots, "ambiguous", said, names, ranked)
            near = tuple(self._near(said))
            if members or near:
                return Parsed(None, slots, "unknown_region", said, near, ranked)
        if slots.has("NOW") and (heavy or slots.has("WHO")):
            return Parsed(
                None,
                slots,
                "now" if not slots.outside else "out_of_scope",
                ranked=ranked,
            )
        if found.places and not slots.outside:
            return Parsed(None, slots, "no_fact", ranked=ranked)
        if members and not slots.residue and slots.has("REGION", "YES-NO", "NOT", "STATUS") and not found.provinces:
            return Parsed(None, slots, "no_region_named", ranked=ranked)
        return Parsed(None, slots, "out_of_scope", ranked=ranked)

    def _near(self, said: str) -> list[Name]:
        return self._gazetteer.suggest(said.replace(" ", ""))


def asks_for_head(content: Content) -> bool:
    """Whether nothing but a region's head is asked for: "and its mayor?" """
    themes = {unit for unit in content.units if unit[1] != ":"}
    return bool(themes) and themes <= HEADS


def topic_about(facts: Facts, candidate: Candidate, content: Content) -> bool:
    """Whether the question is squarely about the candidate's topic."""
    topic = facts.topics.get(candidate.topic)
    return topic is not None and any(concepts <= content.concepts for concepts in topic.about)
