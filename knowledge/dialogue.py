"""Follow-ups: what a message leaves out is taken from the turn before, for ten minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .answer import Filter
from .facts import Content, region_unit
from .gazetteer import Name
from .model import Language, Place, Source
from .parser import Parser, asks_for_head
from .query import Parsed, Query, named
from .slots import Slots
from .snapshot import Snapshot
from .thresholds import CONTEXT_SECONDS, FOLLOW_UP_COVERAGE
from .words import Item


@dataclass(frozen=True, slots=True)
class Context:
    """What one conversation remembers between two turns."""

    query: Query | None = None
    """The last question answered."""
    sources: tuple[Source, ...] = ()
    """Sources of the last answer."""
    language: Language | None = None
    """Language of the last answer."""
    pinned: bool = False
    """Whether the person asked for that language ("in English please")."""
    pending: Query | None = None
    """The question that a choice among ``names`` completes."""
    names: tuple[Name, ...] = ()
    at: float = 0.0
    """When, in seconds of the clock that the caller uses."""

    def fresh(self, now: float) -> bool:
        """Whether it is recent enough to lean on."""
        return now - self.at <= CONTEXT_SECONDS


class Dialogue:
    """Parses a message in the light of the turn before."""

    def __init__(self, snapshot: Snapshot, parser: Parser) -> None:
        self._snapshot = snapshot
        self._parser = parser

    def slots(self, items: Sequence[Item]) -> Slots:
        """What some items hold."""
        return self._parser.slots(items)

    def turn(self, items: Sequence[Item], context: Context | None) -> Parsed:
        """The query in some items; ``context`` must be fresh or None."""
        slots = self._parser.slots(items)
        if context and not slots.empty:
            followed = self._choice(slots, context) or self._follow(slots, context)
            if followed:
                return Parsed(followed, slots)
        return self._parser.decide(slots)

    # ---------------------------------------------------------------------------------------------- choosing an option

    def _choice(self, slots: Slots, context: Context) -> Query | None:
        """One of the options offered: by number, by place ("yang di Sragen") or by type."""
        if not context.pending or not context.names or len(slots.residue) > 1:
            return None
        names = list(context.names)
        if slots.has("OTHER-ONE") and context.query:
            taken = {p.region for p in context.query.places}
            names = [n for n in names if n.target not in taken]
            return complete(context.pending, names[0]) if len(names) == 1 else None
        picked: list[Name] = []
        targets = {p.region for p in slots.found.places}
        targets |= {n.target for n in slots.found.ambiguous[1]} if slots.found.ambiguous else set()
        if targets:
            picked = [n for n in names if n.target in targets]
        elif slots.found.provinces:
            picked = [n for n in names if self._snapshot.regions[n.target].province in slots.found.provinces]
        elif slots.type:
            picked = [n for n in names if self._snapshot.regions[n.target].type == slots.type]
        else:
            number = self._number(slots)
            picked = names[number - 1 : number] if number else []
        if len(picked) != 1:
            return None
        return complete(context.pending, picked[0])

    @staticmethod
    def _number(slots: Slots) -> int:
        words = {"FIRST": 1, "SECOND": 2, "THIRD": 3, "FOURTH": 4}
        for item in slots.items:
            if item.kind == "number" and len(item.value) == 1:
                return int(item.value)
            if item.value in words and len(slots.items) <= 4:
                return words[item.value]
        return 0

    # ------------------------------------------------------------------------------------------------ what is left out

    def _follow(self, slots: Slots, context: Context) -> Query | None:
        last = context.query
        if last is None or last.shape == "smalltalk":
            return None
        found = slots.found
        if slots.has("NOW") and not slots.cued:
            return None
        if found.unknown or found.ambiguous or slots.outside:
            return None
        heavy = [i for i in slots.residue if i.kind == "concept"]
        if slots.has("WHO") and slots.has("SIGN", "MOU", "REPRESENT"):
            heavy = [i for i in slots.items if i.value in ("SIGN", "MOU", "REPRESENT")]
        if slots.has("WHEN", "WHERE", "HOTEL") and last.candidates and self._tells_where(last):
            heavy = [i for i in heavy if i.value not in ("EVENT", "HOST", "HOTEL")]
        strange = [i for i in slots.residue if i.kind in ("unknown", "ordinary")]
        if slots.has("HERE-THERE", "OTHER") and not heavy and (last.places or last.filter.provinces):
            others = self._others(slots, last)
            if others:
                return others
        if found.places or found.provinces or found.islands:
            return self._new_place(slots, last) if not heavy and len(strange) <= 1 else None
        if heavy or (last.shape == "fact" and not self._about_regions(slots)):
            return self._statement(slots, last, heavy)
        if strange:
            return None
        return self._same_place(slots, last)

    def _tells_where(self, last: Query) -> bool:
        """Whether the topic talked about has a place and a date of its own, so that "where was that?" is about those."""
        topic = self._parser.facts.topics.get(last.candidates[0].topic)
        return topic is not None and "WHERE" in topic.fits

    @staticmethod
    def _about_regions(slots: Slots) -> bool:
        return slots.has("JOIN", "PARTICIPANT", "LISTED", "LIST") and not slots.has("WHEN", "WHERE")

    def _others(self, slots: Slots, last: Query) -> Query | None:
        """ "who else in that province?\""""
        provinces = slots.found.provinces or list(last.filter.provinces)
        provinces = provinces or [self._snapshot.regions[p.region].province for p in last.places]
        if not provinces or slots.found.places:
            return None
        shape = "count" if slots.has("HOW-MANY") else "list"
        filter_ = Filter(tuple(dict.fromkeys(provinces)), years=slots.years, type=slots.type, negated=slots.negated)
        return Query(shape, filter=filter_, carried=frozenset(("filter",)))

    def _new_place(self, slots: Slots, last: Query) -> Query | None:
        """ "Kalau Blora?", "and Banten?": the question before, about another place."""
        found = slots.found
        follows = slots.has("FOLLOW", "AND", "NOT-THAT", "RATHER-THAN") or not slots.asking
        if not follows or slots.has("LIST", "HOW-MANY", "OTHER", "MORE", "PROFILE", "EXPLAIN", "STATUS"):
            return None
        if found.places:
            places = tuple(found.places)
            if last.shape == "fact" and last.content and not slots.cued:
                return self._statements_about(last, places)
            if last.shape in ("participation", "region", "list", "count"):
                if found.twins and last.shape in ("list", "count") and len(found.twins) == len(places):
                    return self._refiltered(slots, last, tuple(found.twins))
                shape = "participation" if slots.cued or slots.years or last.shape != "region" else "region"
                when = slots.has("WHEN") or (last.when and last.shape == "participation")
                years = slots.years
                return Query(
                    shape, places, Filter(years=years), when, carried=frozenset(("shape",)), card=last.card
                )  # fmt: skip
            return None
        if last.shape in ("list", "count"):
            return self._refiltered(slots, last, tuple(found.provinces))
        return None

    def _refiltered(self, slots: Slots, last: Query, provinces: tuple[str, ...]) -> Query:
        island = slots.found.islands[0] if slots.found.islands else ""
        filter_ = replace(
            last.filter, provinces=provinces, island=island, years=slots.years or last.filter.years,
            type=slots.type or last.filter.type,
        )  # fmt: skip
        return replace(last, filter=filter_, province_asked=False, carried=frozenset(("shape",)))

    def _same_place(self, slots: Slots, last: Query) -> Query | None:
        """ "kapan?", "yang kabupaten aja", "jumlahnya berapa?", "and in 2017?": something else about the same."""
        if last.shape in ("list", "count", "ranking"):
            return self._narrowed(slots, last)
        if not last.places or slots.has("LIST", "HOW-MANY", "OTHER", "WHO") or (slots.has("DEFINE") and not slots.cued):
            return None
        if slots.has("STATUS") and (slots.years or slots.has("PROGRAMME")) and not slots.cued:
            return None  # "status 2018" is that of a cohort, "status program" that of the programme
        if slots.type:
            places = self._of_type(last, slots.type)
            if not places:
                return None
        elif (
            slots.has(
                "WHEN",
                "WHICH-COHORT",
                "JOIN",
                "LISTED",
                "PARTICIPANT",
                "COHORT",
                "PHASE",
                "YEAR",
                "DIFFER",
                "SELECT",
                "PROFILE",
                "STATUS",
                "FOLLOW",
            )
            or slots.years
        ):
            places = last.places
        else:
            return None
        shape = "region" if slots.has("PROFILE", "EXPLAIN", "STATUS") and not slots.cued else "participation"
        when = slots.has("WHEN", "WHICH-COHORT", "COHORT", "PHASE", "YEAR")
        return Query(
            shape, places, Filter(years=slots.years), when, yes_no=slots.yes_no_asked, beyond=slots.beyond,
            carried=frozenset(("places",)), card=slots.has("STATUS"),
        )  # fmt: skip

    def _of_type(self, last: Query, type_: str) -> tuple[Place, ...]:
        """The regions of the last question that are of a type, or those of the same name that are."""
        kept = tuple(p for p in last.places if self._snapshot.regions[p.region].type == type_)
        if kept:
            return kept
        names = {self._snapshot.regions[p.region].short for p in last.places}
        return tuple(
            Place(r.code, r.short, name=r.short)
            for r in self._snapshot.regencies
            if r.type == type_ and r.short in names
        )

    def _narrowed(self, slots: Slots, last: Query) -> Query | None:
        narrows = bool(slots.years or slots.type or slots.negated)
        order = "fewest" if slots.has("LEAST") else "most" if slots.has("MORE") else ""
        if last.shape == "ranking" and last.ranking in ("most", "fewest") and order and not narrows:
            return replace(last, ranking=order, carried=frozenset(("shape",)))
        if slots.has("WHEN") and (slots.has("PRONOUN", "JOIN") or len(slots.items) <= 2):
            return replace(last, shape="list", carried=frozenset(("filter",))) if last.shape != "ranking" else None
        asks_count = slots.has("HOW-MANY")
        asks_list = slots.has("LIST", "WHO", "WHICH", "WHAT", "WHERE") and (
            slots.cued or not slots.asking or len(slots.items) <= 5
        )
        if not (narrows or asks_count or asks_list) or slots.has("DEFINE", "HUNDRED", "WHEN") or slots.has("PROVINCE"):
            return None
        if slots.has("ALL") and slots.has("HOW-MANY"):
            return None
        filter_ = replace(
            last.filter,
            years=slots.years or last.filter.years,
            type=slots.type or last.filter.type,
            negated=slots.negated or (last.filter.negated and not slots.cued),
        )
        shape = "count" if asks_count else "list" if asks_list or last.shape == "ranking" else last.shape
        return Query(shape, filter=filter_, by_type=slots.by_type, carried=frozenset(("filter",)))

    # ------------------------------------------------------------------------------------------------------- statements

    def _statement(self, slots: Slots, last: Query, heavy: list[Item]) -> Query | None:
        """A follow-up about statements: with the year, the region or the topic of the turn before."""
        short = len([i for i in slots.items if i.kind != "stop"]) <= 5
        if not short:
            return None
        alone = self._parser.decide(slots)
        if alone.query and alone.query.shape == "smalltalk":
            return None
        regions = tuple(p.region for p in last.places)
        years = slots.years or last.filter.years
        tries: list[tuple[Query | None, str]] = []
        content = self._parser.content(slots)
        elliptic = slots.has("FOLLOW", "AND", "THEN", "HERE-THERE") or any(i.clitic for i in slots.items) or not heavy
        general = slots.has("DEFINE") and alone.query and not slots.has("PRONOUN", "FOLLOW") and not elliptic
        if regions and heavy and not general:
            units = {**content.units, **{region_unit(codes): 1.0 for codes in named(last.places)}}
            mine = self._ranked(replace(content, regions=regions, units=units), last.places)
            if mine and mine.coverage >= FOLLOW_UP_COVERAGE:
                return replace(mine, carried=frozenset(("places",)))
        if last.content and last.shape == "fact":
            if heavy and years:
                tries.append((self._ranked(replace(content, years=years), ()), "year"))
            elif not heavy:
                units = {**last.content.units, **content.units}
                concepts = (
                    last.content.concepts - {"WHO", "WHEN", "WHERE", "WHAT", "HOW-MANY", "DEFINE", "WHY", "HOW"}
                ) | content.concepts
                merged = replace(last.content, units=units, concepts=concepts, years=years)
                if slots.has("HOW-MANY") and slots.cued and years:
                    return Query("count", filter=Filter(years=years), carried=frozenset(("filter",)))
                tries.append((self._ranked(merged, last.places), "topic"))
        for query, what in tries:
            if not query:
                continue
            fits = query.candidates[0].claim.period in ("all", *map(str, years))
            if not alone.query or elliptic or (fits and query.coverage >= alone.query.coverage):
                return replace(query, carried=frozenset((what,)))
        return None

    def _statements_about(self, last: Query, places: tuple[Place, ...]) -> Query | None:
        assert last.content is not None
        units = {u: w for u, w in last.content.units.items() if not u.startswith("r:")}
        regions = tuple(p.region for p in places)
        units |= {region_unit(codes): 1.0 for codes in named(places)}
        content = replace(last.content, units=units, regions=regions, years=())
        query = self._ranked(content, places)
        return replace(query, carried=frozenset(("topic",))) if query else None

    def _ranked(self, content: Content, places: Sequence[Place]) -> Query | None:
        ranked = self._parser.facts.rank(content)
        if not ranked or ranked[0].coverage < FOLLOW_UP_COVERAGE:
            return None
        if places and asks_for_head(content) and not ranked[0].claim.subject.startswith("region:"):
            return None
        chosen = self._parser.facts.select(ranked)
        return Query(
            "fact", tuple(places), Filter(years=content.years), candidates=tuple(chosen), content=content,
            coverage=ranked[0].coverage,
        )  # fmt: skip


def complete(pending: Query, name: Name) -> Query:
    """The pending question with the chosen name's region in it."""
    place = Place(name.target, name.text, name.via, name.text)
    return replace(pending, places=(place,), carried=frozenset(("shape",)))
