"""Which kabupaten or kota somebody means who has to name one: typing errors forgiven, a kecamatan leads to where it lies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .model import Region
from .places import Found, Places
from .reading import Reading
from .search import Search
from .snapshot import Snapshot

_BESIDE: Final = frozenset(("REGENCY", "CITY", "AND"))
"""Concepts of words that stand beside names and belong to them."""
_PHASES: Final = frozenset(("PHASE", "COHORT", "YEAR", "number"))
"""The same of words that name a year, and the kind of the "2" in "phase 2"."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A region that may be meant."""

    region: Region
    district: str = ""
    """The kecamatan that was named instead, as the knowledge spells it."""
    sure: bool = False
    """Whether the text is nothing but a name of the region, as it is written: no slip was forgiven, and nothing left out."""


@dataclass(frozen=True, slots=True)
class Picked:
    """What a text may name."""

    candidates: tuple[Candidate, ...]
    """Each region once, the surest first."""
    province: Region | None = None
    """A province that was named, where no region of it was."""
    years: tuple[int, ...] = ()
    """The years that were named, by number or as a phase."""


def pick(reading: Reading, snapshot: Snapshot, places: Places, search: Search, years: tuple[int, ...] = ()) -> Picked:
    """The regions that a text names, as a question would name them; where it names none, those whose name begins so or is
    nearest to it. ``years``: those that the text names."""
    found = places.find(reading.items)
    beside = _BESIDE | _PHASES if years else _BESIDE
    alone = all(item.kind in ("name", "stop", "year") or {item.kind, item.value} & beside for item in reading.items)
    only = alone and not found.provinces
    candidates = {candidate.region.code: candidate for candidate in _named(found, snapshot, only=only)}
    if not candidates and not found.provinces and not years:
        near = [region for region in search.regions(reading.text) if region.level == "regency"]
        candidates = {region.code: Candidate(region) for region in near}
    province = snapshot.regions[found.provinces[0]] if found.provinces and not candidates else None
    return Picked(tuple(candidates.values()), province, years)


def _named(found: Found, snapshot: Snapshot, *, only: bool) -> Iterator[Candidate]:
    for place in found.places:
        district = place.name if place.via == "district" else ""
        for code in (place.region, *place.also):
            yield Candidate(snapshot.regions[code], district, only and not district and not place.edits)
    for name in found.ambiguous[1] if found.ambiguous else ():
        if not name.province and name.target in snapshot.regions:
            yield Candidate(snapshot.regions[name.target], name.text if name.district else "")
