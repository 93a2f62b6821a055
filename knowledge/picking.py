"""Which kabupaten or kota somebody means who has to name one: typing errors forgiven, a kecamatan leads to where it lies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .model import Region
from .places import Found, Places
from .reading import Reading
from .search import Search
from .snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Candidate:
    """A region that may be meant."""

    region: Region
    district: str = ""
    """The kecamatan that was named instead, as the knowledge spells it."""


@dataclass(frozen=True, slots=True)
class Picked:
    """What a text may name."""

    candidates: tuple[Candidate, ...]
    """Each region once, the surest first."""
    province: Region | None = None
    """A province that was named, where no region of it was."""


def pick(reading: Reading, snapshot: Snapshot, places: Places, search: Search) -> Picked:
    """The regions that a text names, as a question would name them; where it names none, those whose name begins so or is
    nearest to it."""
    found = places.find(reading.items)
    candidates = {candidate.region.code: candidate for candidate in _named(found, snapshot)}
    if not candidates and not found.provinces:
        near = [region for region in search.regions(reading.text) if region.level == "regency"]
        candidates = {region.code: Candidate(region) for region in near}
    province = snapshot.regions[found.provinces[0]] if found.provinces and not candidates else None
    return Picked(tuple(candidates.values()), province)


def _named(found: Found, snapshot: Snapshot) -> Iterator[Candidate]:
    for place in found.places:
        district = place.name if place.via == "district" else ""
        for code in (place.region, *place.also):
            yield Candidate(snapshot.regions[code], district)
    for name in found.ambiguous[1] if found.ambiguous else ():
        if not name.province and name.target in snapshot.regions:
            yield Candidate(snapshot.regions[name.target], name.text if name.district else "")
