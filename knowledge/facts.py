"""Finding the statements that answer a question.

A statement is the set of concepts, names and rare words in its two texts, together with what its topic adds
(``topics.toml``). A question is the same. What counts is coverage: the share of the question's content, weighed by rarity
(inverse document frequency, Sparck Jones 1972), that a statement accounts for. An unknown word counts fully against.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from .fuzzy import FuzzyIndex
from .lexicon import split
from .model import Claim
from .reach import Reach
from .reading import Reader
from .snapshot import Snapshot
from .thresholds import FACT_NEAR_BEST, FACT_NEAR_BEST_OF_REGION, MAX_CANDIDATES, MAX_FACTS
from .words import Item

STRUCTURED = frozenset(
    ("participation", "later_participation", "size", "distinct", "mou_date", "mou_place", "assessed")
)
"""Attributes that are computed with, not told as statements."""


class Topic(NamedTuple):
    """Something people ask about the programme."""

    id: str
    claims: tuple[str, ...]
    about: tuple[frozenset[str], ...]
    fits: frozenset[str]
    cohort: bool
    owns: tuple[frozenset[str], ...]
    """Where all concepts of one of these sets are asked, no other topic may answer."""
    never: frozenset[str]
    """Where one of these is asked, the topic may not answer either."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a question is about, as units with weights."""

    units: Mapping[str, float]
    """Concepts, ``r:<code>`` of regions, ``#<number>`` and ``w:<word>``, each with its weight."""
    concepts: frozenset[str]
    """All concepts, the light ones too."""
    years: tuple[int, ...] = ()
    regions: tuple[str, ...] = ()
    """Region codes; those that share a name are one unit of the content."""


class Candidate(NamedTuple):
    """A statement and how well it answers."""

    claim: Claim
    score: float
    coverage: float
    """Share of the question's content that the statement accounts for, 0 to 1."""
    topic: str
    matched: frozenset[str]


class Facts:
    """The statements of a snapshot, searchable."""

    def __init__(self, snapshot: Snapshot, reader: Reader, units: Mapping[str, str] | None = None) -> None:
        """``units`` are those of texts that were read before with the same words and names (see :attr:`read`); what they
        lack is read here."""
        self._snapshot = snapshot
        self._reader = reader
        self._read_before = units or {}
        rules = reader.lexicon.rules
        self.topics = {topic.id: topic for topic in _still_told(topics_of(rules["topics"]), snapshot)}
        self._attributes = {name: frozenset(split(entry["with"])) for name, entry in rules["region_topics"].items()}
        self._topics_of: dict[str, list[Topic]] = {}
        for topic in self.topics.values():
            for claim in topic.claims:
                self._topics_of.setdefault(claim, []).append(topic)

    @cached_property
    def statements(self) -> list[Claim]:
        """Every claim that is told as a sentence."""
        return [c for c in self._snapshot.claims.values() if c.attribute not in STRUCTURED and c.text_id]

    @cached_property
    def units(self) -> dict[str, frozenset[str]]:
        """Claim id -> the units of its texts in both languages."""
        return {claim.id: frozenset(self.read[self._mark(claim)].split()) for claim in self.statements}

    @cached_property
    def read(self) -> dict[str, str]:
        """The same by what was read, joined by spaces: what another ``Facts`` with the same words and names need not read
        again."""
        found = {}
        for claim in self.statements:
            mark = self._mark(claim)
            known = self._read_before.get(mark)
            found[mark] = " ".join(sorted(set(self._units_of(claim)))) if known is None else known
        self._read_before = {}
        return found

    def _mark(self, claim: Claim) -> str:
        """A hash of everything that the units of a claim are made of."""
        said = "\0".join((claim.subject, claim.text_id, claim.text_en, *self._asked.get(claim.id, ())))
        return hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=9).hexdigest()

    @cached_property
    def _asked(self) -> dict[str, list[str]]:
        """Claim id -> how people ask for it."""
        asked: dict[str, list[str]] = {}
        for phrasing in self._snapshot.phrasings:
            asked.setdefault(phrasing.claim, []).append(phrasing.question)
        return asked

    def _units_of(self, claim: Claim) -> Iterable[str]:
        if claim.subject.startswith("region:"):
            yield "r:" + claim.subject.removeprefix("region:")
        for text in (claim.text_id, claim.text_en, *self._asked.get(claim.id, ())):
            for item in self._reader.read(text, correct=False).items:
                for unit in units_of(item):
                    yield unit
                    yield from self._reader.lexicon.implies.get(unit, ())

    @cached_property
    def _weights(self) -> dict[str, float]:
        """Unit -> rarity, 1 for what stands in one statement only, falling towards 0."""
        counts = Counter(unit for units in self.units.values() for unit in units)
        most = math.log(len(self.units) + 1)
        return {unit: math.log((len(self.units) + 1) / count) / most for unit, count in counts.items()}

    @cached_property
    def _word_index(self) -> FuzzyIndex:
        return FuzzyIndex(unit[2:] for units in self.units.values() for unit in units if unit.startswith("w:"))

    def content(self, items: Sequence[Item], years: tuple[int, ...], named: Sequence[Sequence[str]]) -> Content:
        """What some items of a reading are about; ``named`` holds for each name the codes of the regions it may mean."""
        light = self._reader.lexicon.light
        units = {region_unit(codes): 1.0 for codes in named}
        units |= {f"i:{name.target}": 0.8 for item in items for name in item.names if name.kind == "island"}
        concepts = {item.value for item in items if item.kind == "concept"}
        concepts |= {"YEAR-2020" for year in years if year == 2020} | {"YEAR-LATER" for year in years if year > 2019}
        for at, item in enumerate(items):
            if item.kind == "concept" and item.value.startswith("MONTH-"):
                units[item.value] = 0.25
            elif item.kind == "concept" and item.value not in light:
                units[item.value] = max(0.35, self._weights.get(item.value, 0.8))
            elif item.kind == "number":
                dated = any(i.value.startswith("MONTH-") for i in items[max(0, at - 1) : at + 2])
                units[f"#{item.value}"] = 0.1 if dated else 0.5
            elif item.kind in ("unknown", "ordinary", "outside"):
                units.update(self._word(item))
        return Content(units, frozenset(concepts), years, tuple(code for codes in named for code in codes))

    def _word(self, item: Item) -> dict[str, float]:
        """A word no concept stands for: a rare word of the statements, perhaps misspelt, or one that speaks against."""
        unit = f"w:{item.said}"
        if unit in self._weights:
            known = max(0.35, self._weights[unit])
            return {unit: min(known, 0.45) if item.kind == "ordinary" else known}
        if item.kind == "unknown":
            near = self._word_index.near(item.said)
            if near and (len(near) == 1 or near[0][0] < near[1][0]):
                return {f"w:{near[0][1]}": self._weights[f"w:{near[0][1]}"]}
        return {unit: {"unknown": 0.6, "ordinary": 0.35, "outside": 1.2}[item.kind]}

    def rank(self, content: Content) -> list[Candidate]:
        """The statements that account for most of the content, best first, at most :data:`MAX_CANDIDATES`."""
        total = math.fsum(content.units.values())  # exact: what a set sums to must not hang on its order
        topics = self._reach.about(content)
        about = {id: self._about(topic, content) for id, topic in topics.items()}
        found = []
        for claim in self._pool(content, topics):
            candidate = self._candidate(claim, content, total, about)
            if candidate:
                found.append(candidate)
        found.sort(key=lambda c: (-c.score, c.claim.id))
        return found[:MAX_CANDIDATES]

    def _pool(self, content: Content, about: Mapping[str, Topic]) -> Iterable[Claim]:
        regions = {f"region:{code}" for code in content.regions}
        owners = self.owners(content)
        if owners:
            return [self._snapshot.claims[id] for topic in owners for id in topic.claims]
        reached = self._reach.claims(content, about)
        claims = (claim for claim in self.statements if claim.id in reached)
        return [c for c in claims if not (regions and c.subject.startswith("region:") and c.subject not in regions)]

    @cached_property
    def _reach(self) -> Reach:
        """Which statements a question touches."""
        fits: dict[str, set[str]] = {}
        for claim in self.statements:
            topics = self._topics_of.get(claim.id, [])
            fits[claim.id] = set().union(*(t.fits for t in topics)) if topics else set(self.fits(claim))
        return Reach(self.units, fits, self.topics.values(), self._reader.lexicon.widens)

    def owners(self, content: Content | None) -> list[Topic]:
        """The topics that alone may answer this content, if any."""
        if content is None:
            return []
        return [t for t in self._owning if any(owned <= content.concepts for owned in t.owns)]

    @cached_property
    def _owning(self) -> list[Topic]:
        return [topic for topic in self.topics.values() if topic.owns]

    def _candidate(
        self, claim: Claim, content: Content, total: float, about_topics: Mapping[str, float]
    ) -> Candidate | None:
        own = self.units[claim.id]
        held = {unit for unit in content.units if self._holds(own, unit)}
        direct = math.fsum(content.units[u] for u in held & own) / total if total else 0.0
        year = self._year(claim, content)
        best: tuple[float, float, str, frozenset[str]] | None = None
        regional = claim.subject.startswith("region:")
        for topic in self._topics_of.get(claim.id, [None]):
            if topic and topic.never & content.concepts:
                continue
            fits = topic.fits if topic else self.fits(claim) if regional else frozenset()
            matched = held | {unit for unit in content.units if unit in fits}
            if topic and topic.cohort:
                matched |= {unit for unit in content.units if claim.period in self._cohorts(unit)}
            about = about_topics.get(topic.id, 0.0) if topic else 0.0
            if not matched and not about:
                continue
            weight = math.fsum(content.units[u] for u in matched)
            coverage = weight / total if total else float(about > 0)
            place = 0.04 * (1 - topic.claims.index(claim.id) / len(topic.claims)) if topic else 0.0
            score = coverage + about + 0.1 * direct + place + year
            if regional:
                asked = any(not unit.startswith("r:") for unit in matched)
                asked = asked and not ("HOW-MANY" in content.concepts and "HOW-MANY" not in fits)
                score += (0.8 if asked else 0.1) if content.regions else -0.25
            if best is None or score > best[0]:
                best = (score, coverage, topic.id if topic else claim.attribute, frozenset(matched))
        return Candidate(claim, best[0], best[1], best[2], best[3]) if best else None

    def _holds(self, own: frozenset[str], unit: str) -> bool:
        """Whether a statement's own units hold one of a question: itself, what it takes in, or one of its regions."""
        if unit in own:
            return True
        wider = self._reader.lexicon.widens.get(unit)
        if wider and not own.isdisjoint(wider):
            return True
        return unit.startswith("r:") and any(f"r:{code}" in own for code in unit[2:].split("|"))

    def _cohorts(self, unit: str) -> set[str]:
        """The years of the regions that a unit stands for."""
        codes = unit[2:].split("|") if unit.startswith("r:") else ()
        return {str(self._snapshot.verdict(code).cohort) for code in codes if "." in code}

    def fits(self, claim: Claim) -> frozenset[str]:
        """The concepts that may be asked along with a statement about a region."""
        return self._attributes.get(claim.attribute, frozenset())

    def _about(self, topic: Topic, content: Content) -> float:
        """How squarely the question is about the topic: the weightiest of its concept sets that is wholly asked."""
        light = self._reader.lexicon.light
        asked = [
            math.fsum(0.08 if concept in light else 0.22 for concept in concepts)
            for concepts in topic.about
            if concepts <= content.concepts
        ]
        return max(asked, default=0.0)

    def _year(self, claim: Claim, content: Content) -> float:
        if not content.years:
            return {"all": 0.03, "later": -0.02}.get(claim.period, 0.0)
        if claim.period in {str(year) for year in content.years}:
            return 0.2
        if any(f"y:{year}" in self.units[claim.id] for year in content.years):
            return 0.12
        if claim.period == "all":
            return 0.0 if min(content.years) <= 2019 else -0.15
        if claim.period == "later" and max(content.years) > 2019:
            return 0.05
        return -0.45

    def select(self, ranked: Sequence[Candidate]) -> list[Candidate]:
        """The statements to tell: the best, those of its topic nearly as good, and what is needed to account for parts
        of the question that these leave out."""
        if not ranked:
            return []
        best = ranked[0]
        siblings = set(self.topics[best.topic].claims) if best.topic in self.topics else set()
        chosen = [best]
        covered = set(best.matched)
        for candidate in ranked[1:]:
            if len(chosen) == MAX_FACTS:
                break
            regional = candidate.claim.subject.startswith("region:") and best.claim.subject == candidate.claim.subject
            close = best.score - candidate.score <= (FACT_NEAR_BEST_OF_REGION if regional else FACT_NEAR_BEST)
            kin = candidate.claim.id in siblings or candidate.topic == best.topic
            adds = candidate.matched - covered
            if (close and (kin or regional)) or (
                adds and candidate.coverage >= 0.5 and best.score - candidate.score <= 0.4
            ):
                chosen.append(candidate)
                covered |= candidate.matched
        return chosen

    def with_conflicts(self, claims: Iterable[Claim]) -> list[Claim]:
        """The claims and what contradicts them, each once."""
        told = list(claims)
        ids = {c.id for c in told}
        for claim in list(told):
            for other in claim.conflicts:
                if other not in ids and other in self._snapshot.claims:
                    ids.add(other)
                    told.append(self._snapshot.claims[other])
        return told


def region_unit(codes: Sequence[str]) -> str:
    """The unit of a name that may mean any of these regions."""
    return "r:" + "|".join(codes)


def units_of(item: Item) -> list[str]:
    """The units that one item of a reading stands for."""
    match item.kind:
        case "concept":
            return [item.value]
        case "number":
            return [f"#{item.value}"]
        case "year":
            return [f"y:{item.value}"]
        case "name":
            return [
                f"r:{name.target}"
                for name in item.names
                if name.kind in ("region", "province", "nickname", "abbreviation")
            ]
        case "unknown" | "ordinary" | "outside":
            return [f"w:{item.said}"]
    return []


def topics_of(table: Mapping[str, Any]) -> list[Topic]:
    """The topics of ``topics.toml``, in order."""
    return [
        Topic(
            id,
            tuple(split(entry["claims"])),
            about := _sets(entry["about"]),
            frozenset(split(entry.get("with", ""))) | frozenset(concept for concepts in about for concept in concepts),
            bool(entry.get("cohort", False)),
            _sets(entry.get("owns", "")),
            frozenset(split(entry.get("never", ""))),
        )
        for id, entry in table.items()
    ]


def _still_told(topics: Iterable[Topic], snapshot: Snapshot) -> Iterable[Topic]:
    """The topics without the claims that an admin has retired; a topic without any is none."""
    for topic in topics:
        kept = tuple(claim for claim in topic.claims if claim in snapshot.claims)
        if kept:
            yield topic._replace(claims=kept)


def _sets(text: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(part.split("+")) for part in split(text))
