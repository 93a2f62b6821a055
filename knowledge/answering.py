"""From a query to the blocks, regions, sources and choices of an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from .answer import (
    Block,
    Choice,
    FactBlock,
    Filter,
    Kind,
    ListBlock,
    ProfileBlock,
    RankingBlock,
    SmalltalkBlock,
    UnknownBlock,
    Verdict,
    VerdictBlock,
)
from .facts import Facts
from .gazetteer import Gazetteer
from .model import Claim, Place, Region
from .query import Query
from .snapshot import Snapshot
from .status import status
from .thresholds import MAX_CHOICES, MAX_LISTED, MAX_RANKED

_PROFILE_ORDER = (
    "status", "signing", "head_at_signing", "selection", "process", "masterplan", "quick_win", "programmes", "vision",
    "branding", "evaluation", "award", "regulation", "host", "statement", "benefit", "background", "dispute", "disputed_2018",
)  # fmt: skip


@dataclass(slots=True)
class Draft:
    """An answer in the making."""

    kind: Kind
    blocks: list[Block] = field(default_factory=list)
    regions: list[Verdict] = field(default_factory=list)
    count: int | None = None
    claims: list[Claim] = field(default_factory=list)
    """What the answer rests on, in the order told."""
    choices: list[Choice] = field(default_factory=list)


class Answering:
    """Answers queries from one snapshot."""

    def __init__(self, snapshot: Snapshot, gazetteer: Gazetteer, facts: Facts) -> None:
        self._snapshot = snapshot
        self._gazetteer = gazetteer
        self._facts = facts

    def answer(self, query: Query) -> Draft:
        """The draft for a query that was understood."""
        match query.shape:
            case "participation":
                return self._participation(query)
            case "region":
                return self._profile(query)
            case "list" | "count":
                return self._list(query)
            case "ranking":
                return self._ranking(query)
            case "fact":
                return self._fact(query)
        return Draft("smalltalk", [SmalltalkBlock(query.about)])

    # --------------------------------------------------------------------------------------------------------- regions

    def _verdict(self, place: Place) -> Verdict:
        found = self._snapshot.verdict(place.region)
        return Verdict(found.region, found.participant, found.cohort, found.claims, found.later, place)

    def _participation(self, query: Query) -> Draft:
        verdicts = tuple(self._verdict(place) for place in query.places)
        if query.compare:
            verdicts = tuple(sorted(verdicts, key=lambda v: v.cohort or 9999))
        draft = Draft(
            "participation",
            [VerdictBlock(verdicts, query.filter.years, query.when, query.compare, query.yes_no)],
            list(verdicts),
        )
        draft.claims = self._behind(verdicts, query.filter.years)
        draft.blocks += [UnknownBlock("unknown_region", stranger) for stranger in query.strangers]
        explained = len(verdicts) > 1 or any(claim.text_id for claim in verdicts[0].claims)
        if query.beyond == "now" or (query.beyond and not explained):
            draft.blocks.append(UnknownBlock(query.beyond, region=verdicts[0].region))
        if query.only:
            extra = self._list(Query("list", filter=Filter(provinces=query.filter.provinces)))
            draft.blocks += extra.blocks
            known = {v.region.code for v in draft.regions}
            draft.regions += [v for v in extra.regions if v.region.code not in known]
            draft.claims += extra.claims
        draft.choices = [Choice("region", v.region.code) for v in verdicts if v.participant][:MAX_CHOICES]
        return draft

    def _behind(self, verdicts: Iterable[Verdict], years: Sequence[int] = ()) -> list[Claim]:
        """What verdicts rest on: the claims on the region, and for a "no" the lists of all cohorts."""
        claims: list[Claim] = []
        for verdict in verdicts:
            claims += [c for c in verdict.claims if verdict.participant]
            claims += verdict.later if not verdict.participant or any(y > 2019 for y in years) else ()
            if not verdict.participant:
                claims += self.list_claims()
            if verdict.cohort:
                claims += self._snapshot.about(f"cohort:{verdict.cohort}", "mou_date")
        return claims

    def list_claims(self, years: Sequence[int] = ()) -> list[Claim]:
        """Claims whose only sources are the publications that print the whole list of a cohort: of the years given, or
        of all three."""
        return self._snapshot.lists_of(years or self._snapshot.movement)

    def _profile(self, query: Query) -> Draft:
        verdicts = [self._verdict(place) for place in query.places]
        if len(verdicts) > 1:
            draft = self._participation(query)
            draft.kind = "region"
            if query.card:
                draft.choices = [Choice("region", v.region.code, card=True) for v in verdicts][:MAX_CHOICES]
            return draft
        verdict = verdicts[0]
        if query.card:
            card = replace(status(self._snapshot, verdict.region.code), verdict=verdict)
            return Draft("region", [card], [verdict], claims=list(card.claims))
        statements = self._snapshot.about(f"region:{verdict.region.code}")
        told = sorted(
            (c for c in statements if c.attribute in _PROFILE_ORDER), key=lambda c: _PROFILE_ORDER.index(c.attribute)
        )
        draft = Draft("region", [ProfileBlock(verdict, tuple(told))], [verdict])
        draft.claims = [*self._behind([verdict]), *told]
        draft.choices = [Choice("region", verdict.region.code, card=True)]
        if verdict.participant:
            draft.choices.append(Choice("list", verdict.region.province))
        return draft

    # ------------------------------------------------------------------------------------------------- lists and counts

    def _matching(self, filter_: Filter) -> list[Region]:
        provinces = set(filter_.provinces) | set(self._gazetteer.islands.get(filter_.island, ()))
        return [
            region for region in self._snapshot.regencies
            if (not provinces or region.province in provinces) and filter_.type in ("", region.type)
        ]  # fmt: skip

    def _listed_in(self, verdict: Verdict, years: Sequence[int]) -> bool:
        """Whether a region stands in the list of one of these years, whichever year it counts for."""
        wanted = {str(year) for year in years}
        return any(c.period in wanted and c.status != "added_later" for c in (*verdict.claims, *verdict.later))

    def select(self, filter_: Filter) -> tuple[list[Verdict], list[Verdict]]:
        """The regions that meet a filter, and those that officials counted in later."""
        verdicts = [self._snapshot.verdict(region.code) for region in self._matching(filter_)]
        if filter_.years:
            inside = {v.region.code: v for v in verdicts if self._listed_in(v, filter_.years)}
            later = {v.region.code: v for v in verdicts if v.region.code not in inside and v.cohort in filter_.years}
            if filter_.negated:
                return [v for v in verdicts if v.region.code not in inside and v.region.code not in later], []
            return list(inside.values()), list(later.values())
        if filter_.negated:
            return [v for v in verdicts if not v.participant], []
        return [v for v in verdicts if v.participant], []

    def _list(self, query: Query) -> Draft:
        filter_ = query.filter
        verdicts, later = self.select(filter_)
        count = len(verdicts)
        whole = not (filter_.provinces or filter_.island or filter_.type or filter_.negated)
        if whole:
            count = self._official(filter_.years) or count
        by_type = None
        if query.by_type:
            regencies = sum(v.region.type == "kabupaten" for v in verdicts)
            by_type = (regencies, len(verdicts) - regencies)
        partial = any(not self._snapshot.cohorts[y].complete for y in filter_.years if y in self._snapshot.cohorts)
        block = ListBlock(
            filter_,
            tuple(verdicts),
            count,
            tuple(later),
            by_type,
            partial,
            query.shape == "count",
            query.province_asked,
            len(self._matching(filter_)),
        )
        draft = Draft("count" if query.shape == "count" else "list", [block], count=count)
        if partial and filter_.negated:
            verdicts, block = [], replace(block, verdicts=())
            draft.blocks, draft.count = [block], None
        shown = (query.shape == "list" or not whole) and len(verdicts) <= MAX_LISTED
        draft.regions = [*verdicts, *later] if shown else []
        years = filter_.years or ()
        draft.claims = self.list_claims(years)
        if whole:
            draft.claims += self._sizes(years)
        if whole and query.shape == "count":
            conflicting = [c for c in self._sizes(years) if c.status == "differs"]
            if conflicting:
                draft.blocks.append(FactBlock(tuple(self._sizes(years)), disputed=True))
        if filter_.provinces and not filter_.negated and not verdicts and not later:
            draft.claims = self.list_claims()
        note = self._province_note(filter_)
        if note:
            draft.blocks.append(FactBlock(tuple(note)))
            draft.claims += note
        return draft

    def _official(self, years: Sequence[int]) -> int | None:
        """The number that most sources give for whole cohorts."""
        leads = [c for c in self._sizes(years) if c.status == "lead"]
        return sum(int(c.value) for c in leads) if leads else None

    def _sizes(self, years: Sequence[int]) -> list[Claim]:
        subjects = [f"cohort:{year}" for year in years] or ["programme"]
        return [c for subject in subjects for c in self._snapshot.about(subject, "size")]

    def _province_note(self, filter_: Filter) -> list[Claim]:
        """Statements about the number of regions in the one province asked for, where sources say otherwise."""
        if len(filter_.provinces) != 1 or filter_.negated or filter_.type or filter_.years:
            return []
        unit = f"r:{filter_.provinces[0]}"
        return [
            c
            for c in self._facts.statements
            if c.attribute == "counts" and c.period == "all" and unit in self._facts.units[c.id]
        ]

    def _ranking(self, query: Query) -> Draft:
        if query.ranked == "year":
            return self._ranked_years(query)
        numbers = Counter(
            v.region.province for v in self.select(Filter(years=query.filter.years, type=query.filter.type))[0]
        )
        provinces = [r.code for r in self._snapshot.regions.values() if r.level == "province"]
        if query.filter.island:
            provinces = list(self._gazetteer.islands[query.filter.island])
        if query.ranking == "compare":
            provinces = list(query.filter.provinces)
        rows = [(code, numbers[code]) for code in provinces]
        if query.ranking == "none":
            rows = [row for row in rows if not row[1]]
        elif query.ranking in ("most", "all", "fewest"):
            rows = [row for row in rows if row[1]]
        rows.sort(key=lambda row: (row[1] if query.ranking == "fewest" else -row[1], row[0]))
        if query.ranking in ("most", "fewest"):
            rows = [row for row in rows if row[1] in {number for _, number in rows[:MAX_RANKED]}]
        draft = Draft(
            "count" if query.ranking != "none" else "list", [RankingBlock(tuple(rows), "province", query.ranking)]
        )
        draft.claims = self.list_claims(query.filter.years)
        return draft

    def _ranked_years(self, query: Query) -> Draft:
        years = query.filter.years or tuple(c.year for c in self._snapshot.cohorts.values() if c.movement)
        rows = [(str(year), self._official((year,)) or 0) for year in years]
        rows.sort(key=lambda row: row[1] if query.ranking == "fewest" else -row[1])
        draft = Draft("count", [RankingBlock(tuple(rows), "year", query.ranking)])
        draft.claims = self._sizes(years)
        return draft

    # ------------------------------------------------------------------------------------------------------- statements

    def _fact(self, query: Query) -> Draft:
        chosen = [candidate.claim for candidate in query.candidates]
        claims = self._facts.with_conflicts(chosen)
        ids = {c.id for c in claims}
        disputed = any(set(c.conflicts) & ids for c in claims)
        named = tuple(place.region for place in query.places)
        draft = Draft("fact", [FactBlock(tuple(claims), disputed, named)], claims=list(claims))
        if query.places and (query.when or not chosen[0].subject.startswith("region:")):
            verdicts = tuple(self._verdict(place) for place in query.places)
            draft.regions = list(verdicts)
            draft.blocks.append(VerdictBlock(verdicts, query.filter.years, asked=False))
            draft.claims += self._behind(verdicts)
        return draft
