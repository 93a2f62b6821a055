"""What is asked: a shape with its slots, or a set of statements. Built from the items of a reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from .facts import Candidate, Content, Facts
from .gazetteer import Gazetteer, Name
from .lexicon import Lexicon, split
from .model import Filter, Place
from .places import Found, Places
from .reading import Item, Reading
from .snapshot import Snapshot
from .thresholds import BARE_RESIDUE, FACT_COVERAGE, FACT_COVERAGE_SQUARELY, HEAVY_RESIDUE_COVERAGE, STRUCTURE_COVERAGE

CUES = frozenset(("JOIN", "PARTICIPANT", "LISTED", "SELECT", "COHORT", "INVOLVE", "LEFT-OUT", "SIGN", "REPRESENT", "WITHDRAWN", "TWICE"))
"""Concepts that speak of taking part."""
STRUCTURAL = CUES | frozenset((
    "AND", "NOT-THAT", "RATHER-THAN", "FOLLOW", "ANY", "HERE-THERE", "SAME", "MOU", "WITHDRAWN", "DIFFER", "EARLIER",
    "SOURCE", "TWICE", "ADDED-LATER", "DISTINCT", "NUMBER-OF-STAGES", "SECOND", "THIRD", "FOURTH", "MISREPORTED",
    "YEAR-2017", "YEAR-2018", "YEAR-2019", "WHICH-COHORT", "AUX",
))  # fmt: skip
"""Concepts that a question about regions may hold beside the light ones."""
SMALLTALK = {
    "INSULT": "insult", "IDENTITY": "identity", "HELP": "help", "THANKS": "thanks", "BYE": "bye", "GREETING": "greeting",
    "OKAY": "okay", "BOT": "okay",
}  # fmt: skip
ASKING = frozenset((
    "WHO", "WHAT", "WHEN", "WHERE", "WHY", "HOW", "HOW-MANY", "WHICH", "LIST", "YES-NO", "NOT", "NOT-THAT", "EXPLAIN", "ANY",
    "MORE", "LEAST", "DEFINE",
))  # fmt: skip
"""Concepts that make a clause a question."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question understood."""

    shape: str
    """``participation``, ``region``, ``list``, ``count``, ``ranking``, ``fact`` or ``smalltalk``."""
    places: tuple[Place, ...] = ()
    filter: Filter = Filter()
    when: bool = False
    """Asked for the date."""
    compare: bool = False
    """Asked which was first."""
    only: bool = False
    """Asked whether a region is the only one of its province."""
    by_type: bool = False
    """Asked for kabupaten and kota counted apart."""
    province_asked: bool = False
    """Asked as if a province took part itself."""
    ranking: str = ""
    """``most``, ``fewest``, ``none`` or ``compare``."""
    ranked: str = ""
    """``province`` or ``year``."""
    about: str = ""
    """What kind of small talk."""
    candidates: tuple[Candidate, ...] = ()
    content: Content | None = None
    coverage: float = 1.0
    carried: frozenset[str] = frozenset()
    """Which parts were taken over from the turn before: ``places``, ``filter``, ``topic``, ``shape``."""


@dataclass(slots=True)
class Slots:
    """Everything a query may be built from."""

    items: Sequence[Item]
    found: Found
    concepts: frozenset[str]
    years: tuple[int, ...]
    type: str
    by_type: bool
    negated: bool
    phased: set[int] = field(default_factory=set)
    """Numbers of the items that name a year as a phase ("tahap kedua")."""
    residue: list[Item] = field(default_factory=list)
    """Items that a question about regions does not account for."""

    def has(self, *concepts: str) -> bool:
        """Whether any of these concepts is there."""
        return any(concept in self.concepts for concept in concepts)

    @property
    def cued(self) -> bool:
        """Whether taking part is spoken of."""
        return bool(self.concepts & CUES)

    @property
    def verdict_asked(self) -> bool:
        """Whether "yes or no" about taking part is asked, and nothing else: stories around it do not matter then."""
        member = self.has("JOIN", "PARTICIPANT", "LISTED", "SELECT", "COHORT", "REPRESENT")
        tagged = self.has("YES-NO", "NOT", "NOT-THAT", "FOLLOW", "WHEN", "WHICH-COHORT")
        return member and tagged and not self.has("WHO", "WHY", "HOW", "HOW-MANY", "WHERE", "DEFINE", "WHAT")

    @property
    def asking(self) -> bool:
        """Whether anything makes this a question."""
        return bool(self.concepts & ASKING)

    @property
    def wondering(self) -> bool:
        """Whether a question word or an inverted verb makes this a question; "explain" and "list" may be nouns."""
        return bool(self.concepts & (ASKING - {"EXPLAIN", "LIST", "MORE", "LEAST"}))

    @property
    def empty(self) -> bool:
        """Whether nothing but function words is there."""
        return not any(item.kind != "stop" for item in self.items)


@dataclass(frozen=True, slots=True)
class Parsed:
    """The outcome of parsing: a query, or why there is none."""

    query: Query | None
    slots: Slots
    problem: str = ""
    """``ambiguous``, ``unknown_region``, ``no_such_region``, ``no_fact``, ``no_region_named``, ``out_of_scope``, ``now``
    or ``empty``."""
    said: str = ""
    names: tuple[Name, ...] = ()
    ranked: tuple[Candidate, ...] = ()


class Parser:
    """Builds queries."""

    def __init__(
        self, snapshot: Snapshot, lexicon: Lexicon, gazetteer: Gazetteer, places: Places, facts: Facts
    ) -> None:
        self._snapshot = snapshot
        self._lexicon = lexicon
        self._gazetteer = gazetteer
        self._places = places
        self.facts = facts
        ordinals = lexicon.rules["concepts"]["ordinals"]
        self._ordinals = {word: int(number) for number, words in ordinals.items() for word in split(words)}

    # --------------------------------------------------------------------------------------------------------- slots

    def slots(self, reading: Reading, items: Sequence[Item]) -> Slots:
        """What a stretch of the message holds."""
        found = self._places.find(reading, items)
        concepts = frozenset(item.value for item in items if item.kind == "concept")
        if self._inverted(items):
            concepts |= {"YES-NO"}
        years, used = self._years(items)
        type_, by_type = self._type(items, found)
        slots = Slots(items, found, concepts, years, type_, by_type, self._negated(items), used)
        light = self._lexicon.light
        for at, item in enumerate(items):
            if at in found.used or at in used or item.kind in ("stop", "year", "name"):
                continue
            if item.kind == "concept" and (item.value in light or item.value in STRUCTURAL or item.value in SMALLTALK):
                continue
            if item.kind == "concept" and item.value.startswith("MONTH-"):
                continue
            if item.kind == "number" and item.value in ("100", "17", "18", "19", "2", "3"):
                continue
            slots.residue.append(item)
        return slots

    @staticmethod
    def _inverted(items: Sequence[Item]) -> bool:
        """Whether an English auxiliary begins a clause, which makes it a question: "is Klaten in?", not "we are"."""
        begun = -1
        for item in items:
            if item.value == "AUX" and item.clause != begun:
                return True
            if item.kind == "stop" or item.value not in ("AND", "FOLLOW", "GREETING", "OKAY", "THANKS", "BOT"):
                begun = item.clause
        return False

    def _years(self, items: Sequence[Item]) -> tuple[tuple[int, ...], set[int]]:
        """The years spoken of, and the items that name them as phases."""
        phases = {self._roman(c.phase): c.year for c in self._snapshot.cohorts.values() if c.movement}
        years: list[int] = []
        used: set[int] = set()
        for at, item in enumerate(items):
            if item.kind == "year":
                years.append(int(item.value))
            elif item.kind == "concept" and item.value.startswith("YEAR-20"):
                years.append(int(item.value.removeprefix("YEAR-")))
            elif item.kind == "concept" and item.value in ("PHASE", "COHORT"):
                for other in (at + 1, at - 1, at - 2, at + 2):
                    if 0 <= other < len(items) and items[other].clause == item.clause:
                        said = items[other].said
                        ordinal = self._ordinals.get(said, self._ordinals.get(said.removesuffix("nya")))
                        between = items[min(at, other) + 1 : max(at, other)]
                        if ordinal in phases and all(i.kind == "stop" and i.said in ("ke", "the", "yang") for i in between):
                            years.append(phases[ordinal])
                            used.add(other)
                            break
        movement = {c.year for c in self._snapshot.cohorts.values() if c.movement}
        unique = tuple(dict.fromkeys(years))
        if movement <= set(unique) or (unique[:1] == (min(movement),) and unique[1:] == (max(movement),)):
            unique = tuple(y for y in unique if y not in movement)
        return unique, used

    @staticmethod
    def _roman(phase: str) -> int:
        return {"I": 1, "II": 2, "III": 3}[phase]

    @staticmethod
    def _type(items: Sequence[Item], found: Found) -> tuple[str, bool]:
        """The type of region asked for, and whether both were asked for apart."""
        said: list[str] = []
        rather = next((at for at, i in enumerate(items) if i.value == "RATHER-THAN"), len(items))
        for at, item in enumerate(items):
            if at in found.used or item.kind != "concept" or item.value not in ("REGENCY", "CITY") or at > rather:
                continue
            kind = {"REGENCY": "kabupaten", "CITY": "kota"}[item.value]
            before = next((i for i in reversed(items[max(0, at - 2) : at]) if i.kind != "stop"), None)
            behind = next((i for i in items[at + 1 : at + 3] if i.kind != "stop"), None)
            if behind and behind.value == "EXCLUDE" and behind.clause == item.clause and not behind.comma:
                before = behind
            if before and before.value in ("NOT", "NOT-THAT", "EXCLUDE") and before.clause == item.clause:
                kind = {"kabupaten": "kota", "kota": "kabupaten"}[kind]
            said.append(kind)
        kinds = set(said)
        counted = sum(1 for i in items if i.value == "HOW-MANY")
        return (said[0], False) if len(kinds) == 1 else ("", len(kinds) == 2 and counted > 0)

    @staticmethod
    def _negated(items: Sequence[Item]) -> bool:
        """Whether those that did not take part are asked for: a negation before the cue, not the tag behind it."""
        for at, item in enumerate(items):
            if item.kind != "concept":
                continue
            if item.value == "LEFT-OUT":
                return True
            if item.value in ("NOT", "NOT-THAT"):
                for behind in items[at + 1 : at + 6]:
                    if behind.clause != item.clause or behind.comma:
                        break
                    if behind.value in ("JOIN", "PARTICIPANT", "LISTED", "SELECT", "INVOLVE", "SIGN", "COHORT"):
                        return True
                    if behind.kind not in ("stop", "concept") or behind.value not in ("", "EVER", "THEN", "YES-NO", "stop", "ANY", "LIST"):
                        break
        return False

    # -------------------------------------------------------------------------------------------------------- parsing

    def parse(self, reading: Reading, items: Sequence[Item]) -> Parsed:
        """The query in some items, standing for themselves."""
        return self.decide(self.slots(reading, items))

    def decide(self, slots: Slots) -> Parsed:
        """The query that these slots make, or why they make none."""
        if slots.empty:
            return Parsed(None, slots, "empty")
        small = self._smalltalk(slots)
        if small:
            return Parsed(small, slots)
        found = slots.found
        structured = None if found.unknown and not found.places else self._structured(slots)
        coverage = self._structure_coverage(slots)
        content = self.content(slots)
        best: tuple[Candidate, ...] = ()
        if self._wants_facts(slots, structured):
            best = tuple(self.facts.rank(content)[:12])
        fact = self._fact(slots, content, best)
        if structured and (not fact or not self._prefers_fact(slots, structured, fact, coverage)):
            if found.ambiguous:
                mention, names = found.ambiguous
                outside = any(i.kind == "outside" for i in slots.residue)
                if not slots.residue or (slots.cued and (slots.verdict_asked or not outside)):
                    return Parsed(None, slots, "ambiguous", mention.item.said, names)
            spoken = slots.cued or slots.has("PROGRAMME", "SMART-CITY", "WHICH-COHORT", "FOLLOW")
            counted = structured.shape in ("list", "count") and slots.has("REGION", "CITY", "REGENCY")
            spoken = spoken or (counted and slots.has("HOW-MANY", "LIST", "WHICH"))
            needed = STRUCTURE_COVERAGE if spoken else BARE_RESIDUE
            outside = any(i.kind == "outside" for i in slots.residue)
            heavy = any(i.kind == "concept" for i in slots.residue)
            if slots.verdict_asked and structured.shape in ("participation", "list", "count"):
                outside = outside and not slots.has("PARTICIPANT", "PROGRAMME", "SMART-CITY", "COHORT")
                heavy = False
            if coverage >= needed and not outside and not (heavy and coverage < HEAVY_RESIDUE_COVERAGE):
                return Parsed(replace(structured, coverage=coverage), slots, ranked=best)
        outside = any(i.kind == "outside" for i in slots.residue)
        if found.ambiguous and not fact and (not slots.residue or (slots.cued and not outside)):
            return Parsed(None, slots, "ambiguous", found.ambiguous[0].item.said, found.ambiguous[1])
        if fact:
            return Parsed(fact, slots, ranked=best)
        return self._problem(slots, best)

    def content(self, slots: Slots) -> Content:
        """The slots as content to find statements for."""
        items = [i for at, i in enumerate(slots.items) if at not in slots.found.used and at not in slots.phased]
        return self.facts.content(items, slots.years, [*named(slots.found.places), *([p] for p in slots.found.provinces)])

    def _smalltalk(self, slots: Slots) -> Query | None:
        """Small talk, where nothing else is in the message."""
        kinds = [c for c in SMALLTALK if slots.has(c)]
        if not kinds or slots.found.places or slots.found.provinces or slots.found.ambiguous or slots.cued:
            return None
        strong = kinds[0] in ("INSULT", "IDENTITY", "HELP")
        heavy = [i for i in slots.residue if i.kind in ("concept", "outside")]
        strange = [i for i in slots.residue if i.kind in ("unknown", "ordinary", "number")]
        if heavy or len(strange) > (2 if strong else 1):
            return None
        if not strong and slots.concepts & {"WHO", "WHEN", "WHERE", "HOW-MANY", "WHICH", "SOURCE", "DEFINE", "PROGRAMME"}:
            return None
        if kinds[0] == "BOT" and (slots.asking or strange):
            return None
        return Query("smalltalk", about=SMALLTALK[kinds[0]])

    # ------------------------------------------------------------------------------------------- questions about regions

    def _structured(self, slots: Slots) -> Query | None:
        """The question about regions that the slots make, whatever else they hold."""
        found = self._twinned(slots)
        filter_ = Filter(tuple(found.provinces), found.islands[0] if found.islands else "", slots.years, slots.type, slots.negated)  # type: ignore[arg-type]
        places = tuple(found.places)
        ranking = self._ranking(slots)
        if ranking:
            return replace(ranking, filter=filter_)
        listing = slots.has("LIST", "WHO", "WHICH", "WHAT", "ALL", "ANY", "OTHER", "HOW-MANY")
        if places and found.twins and listing and (slots.cued or slots.has("ANY")) and len(places) == len(found.twins):
            filter_ = replace(filter_, provinces=tuple(found.twins))
            places = ()
        if places:
            return self._about_places(slots, places, filter_)
        if found.ambiguous:
            return Query("participation", filter=filter_)
        if filter_.provinces and filter_.island:
            inside = set(self._gazetteer.islands[filter_.island])
            filter_ = replace(filter_, island="" if inside & set(filter_.provinces) else filter_.island)
        area = bool(filter_.provinces or filter_.island)
        if not area and slots.has("WHEN", "WHERE", "WHY", "MOU", "SUPPORT"):
            return None
        if not area and slots.years and (not set(slots.years) <= set(self._snapshot.cohorts) or self._up_to(slots)):
            return None
        if slots.has("HOW-MANY") and (slots.cued or area or slots.years or slots.has("REGION", "CITY", "REGENCY") or slots.by_type):
            return Query("count", filter=filter_, by_type=slots.by_type)
        if area:
            asked = slots.cued and not listing and slots.has("YES-NO", "NOT", "JOIN")
            return Query("list", filter=filter_, province_asked=asked or not slots.cued and not listing)
        members = slots.has("PARTICIPANT", "JOIN", "LISTED", "COHORT", "SELECT", "LEFT-OUT", "SIGN")
        if members and (slots.years or listing or slots.type or slots.has("REGION", "CITY", "REGENCY")):
            if slots.has("WHO", "LIST", "WHICH", "ALL", "WHAT", "ANY") or slots.years or slots.negated:
                return Query("list", filter=filter_)
        if slots.years and not slots.residue and slots.has("REGION", "CITY", "REGENCY", "LIST", "PHASE", "COHORT", "PARTICIPANT"):
            return Query("list", filter=filter_)
        return None

    @staticmethod
    def _up_to(slots: Slots) -> bool:
        """Whether a total up to a year after 2019 is asked ("by 2022"): that is told, not counted."""
        items = slots.items
        return any(
            item.kind == "year" and int(item.value) > 2019 and at > 0
            and any(i.value == "UNTIL" for i in items[max(0, at - 2) : at])
            for at, item in enumerate(items)
        )  # fmt: skip

    @staticmethod
    def _twinned(slots: Slots) -> Found:
        """Beside another province, and where lists or numbers are asked, "Jambi" is the province."""
        found = slots.found
        counting = slots.has("HOW-MANY", "LIST", "WHO", "WHICH", "WHAT", "MORE", "LEAST", "VERSUS", "ANY", "ALL")
        if found.twins and found.provinces and counting and len(found.places) == len(found.twins):
            found.provinces += [code for code in found.twins if code not in found.provinces]
            found.places = []
        return found

    def _about_places(self, slots: Slots, places: tuple[Place, ...], filter_: Filter) -> Query:
        when = slots.has("WHEN", "WHICH-COHORT", "COHORT", "PHASE", "YEAR", "NUMBER-OF-STAGES")
        compare = len(places) > 1 and slots.has("EARLIER", "VERSUS", "FIRST")
        around = filter_.provinces or tuple(dict.fromkeys(slots.found.context))
        if slots.has("OTHER") and around:
            return Query("list", filter=replace(filter_, provinces=around))
        profile = slots.has("PROFILE", "EXPLAIN") and not slots.negated
        bare = not (slots.cued or slots.has("YES-NO", "NOT", "NOT-THAT", "WHEN", "FOLLOW", "AND", "EARLIER")) and not slots.years
        shape = "region" if (profile or bare) and len({p.said for p in places}) == 1 and not when else "participation"
        return Query(
            shape, places, replace(filter_, negated=False), when, compare, only=slots.has("ONLY") and bool(filter_.provinces)
        )

    def _ranking(self, slots: Slots) -> Query | None:
        found = slots.found
        order = "fewest" if slots.has("LEAST") else "most" if slots.has("MORE") else ""
        if len(found.provinces) > 1 and (order or slots.has("VERSUS")):
            return Query("ranking", ranking="compare", ranked="province")
        if len(slots.years) > 1 and (order or slots.has("VERSUS")) and not found.places:
            return Query("ranking", ranking="compare", ranked="year")
        if found.places or found.provinces:
            return None
        if slots.has("PROVINCE"):
            if order:
                return Query("ranking", ranking=order, ranked="province")
            if slots.negated or (slots.has("NOT", "LEFT-OUT") and slots.has("PARTICIPANT", "JOIN", "REPRESENT", "ANY", "SELECT")):
                return Query("ranking", ranking="none", ranked="province")
            if slots.has("WHICH", "WHAT", "LIST", "WHERE", "ALL", "HOW-MANY") and slots.cued:
                return Query("ranking", ranking="all", ranked="province")
        if order and slots.has("YEAR", "COHORT", "PHASE", "WHEN", "WHICH-COHORT") and not slots.residue:
            return Query("ranking", ranking=order, ranked="year")
        return None

    # ------------------------------------------------------------------------------------------------------- statements

    def _wants_facts(self, slots: Slots, structured: Query | None) -> bool:
        """Whether statements need to be looked at: not where a question about regions accounts for every word."""
        if structured is None or slots.residue or slots.has("ADDED-LATER"):
            return True
        return slots.has("WHO", "WHY", "DIFFER", "SUPPORT", "MOU", "SIGN", "TWICE", "DISTINCT", "NUMBER-OF-STAGES", "SELECT", "DEFINE", "WITHDRAWN")

    def _fact(self, slots: Slots, content: Content, ranked: tuple[Candidate, ...]) -> Query | None:
        if not ranked:
            return None
        if slots.found.unknown:
            return None
        if slots.has("NOW") and not slots.years and not self._speaks_of_now(ranked[0], content):
            return None
        named_only = all(unit.startswith("w:") for unit in content.units)
        if named_only and slots.has("JOIN", "PARTICIPANT", "LISTED", "SELECT") and slots.has("YES-NO", "NOT"):
            return None
        chosen = self.facts.select(ranked, content)
        covered = {unit for c in chosen for unit in c.matched}
        total = sum(content.units.values())
        share = sum(content.units[u] for u in covered) / total if total else ranked[0].coverage
        squarely = any(topic_about(self.facts, c, content) for c in chosen)
        left = [u for u in content.units if u not in covered]
        loose = squarely and all(u.startswith("w:") for u in left)
        if share < (FACT_COVERAGE_SQUARELY if loose else FACT_COVERAGE) or not ranked[0].matched and total:
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

    def _speaks_of_now(self, best: Candidate, content: Content) -> bool:
        """Whether a statement may answer a question about today: what was true in 2019 may not."""
        topic = self.facts.topics.get(best.topic)
        return topic is not None and any("NOW" in about and about <= content.concepts or "RENAME" in about & content.concepts for about in topic.about)

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
            if slots.has("DEFINE") and not regional and best.coverage >= 1:
                return True
            return bool(heavy) and fact.coverage >= coverage - 0.1 and (regional or len(heavy) > 0)
        if slots.has("WHO") and slots.has("MOU") and structured.shape == "list":
            return True
        if slots.has("DISTINCT", "NUMBER-OF-STAGES", "TWICE") and structured.shape in ("list", "count"):
            return True
        if slots.has("WHY", "DIFFER") and slots.has("SELECT", "HOW-MANY"):
            return True
        return bool(slots.residue) and fact.coverage > coverage

    @staticmethod
    def _structure_coverage(slots: Slots) -> float:
        """Share of the question that a question about regions accounts for."""
        weight = {"outside": 1.5, "concept": 1.0, "unknown": 0.6, "ordinary": 0.35, "number": 0.3}
        against = sum(weight[item.kind] for item in slots.residue)
        known = len(slots.found.places) + len(slots.found.provinces) + len(slots.found.islands) + bool(slots.found.ambiguous)
        cues = min(2, len(slots.concepts & CUES)) + slots.has("PROGRAMME", "SMART-CITY") + slots.has("WHICH-COHORT", "FOLLOW")
        support = 0.8 * min(known, 3) + 0.9 * cues + 0.4 * bool(slots.years) + 0.3 * slots.asking
        return support / (support + against) if support else 0.0

    # --------------------------------------------------------------------------------------------------------- problems

    def _problem(self, slots: Slots, ranked: tuple[Candidate, ...]) -> Parsed:
        """Why there is no answer."""
        found = slots.found
        members = slots.has("JOIN", "PARTICIPANT", "LISTED", "SELECT", "SIGN", "COHORT", "INVOLVE")
        if found.unknown and not found.places:
            near = tuple(found.near) or tuple(self._near(found.unknown[0]))
            return Parsed(None, slots, "no_such_region" if found.near else "unknown_region", found.unknown[0], near, ranked)
        strange = [i for i in slots.residue if i.kind == "unknown" and len(i.said) > 2]
        heavy = [i for i in slots.residue if i.kind in ("concept", "outside")]
        if strange and not heavy and not found.places and (members or len(slots.residue) == 1):
            said = " ".join(i.said for i in strange[:3])
            edits, keys = self._gazetteer.misspelt("".join(i.said for i in strange[:2]), districts=False)
            if len(keys) > 1:
                names = tuple(n for key in keys for n in self._gazetteer.lookup(key) if not n.district)
                return Parsed(None, slots, "ambiguous", said, names, ranked)
            near = tuple(self._near(said))
            if members or near:
                return Parsed(None, slots, "unknown_region", said, near, ranked)
        if slots.has("NOW") and (heavy or slots.has("WHO")):
            return Parsed(None, slots, "now" if not any(i.kind == "outside" for i in slots.residue) else "out_of_scope", ranked=ranked)
        if found.places and not any(i.kind == "outside" for i in slots.residue):
            return Parsed(None, slots, "no_fact", ranked=ranked)
        if members and not slots.residue and slots.has("REGION", "YES-NO", "NOT") and not found.provinces:
            return Parsed(None, slots, "no_region_named", ranked=ranked)
        return Parsed(None, slots, "out_of_scope", ranked=ranked)

    def _near(self, said: str) -> list[Name]:
        return self._gazetteer.suggest(said.replace(" ", ""))


def named(places: Sequence[Place]) -> list[list[str]]:
    """The region codes of places, those that one name may mean together."""
    groups: dict[str, list[str]] = {}
    for place in places:
        groups.setdefault(place.said, []).append(place.region)
    return list(groups.values())


def topic_about(facts: Facts, candidate: Candidate, content: Content) -> bool:
    """Whether the question is squarely about the candidate's topic."""
    topic = facts.topics.get(candidate.topic)
    return topic is not None and any(concepts <= content.concepts for concepts in topic.about)
