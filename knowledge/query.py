"""What is asked: a shape with its slots, or a set of statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .answer import Filter
from .facts import Candidate, Content
from .gazetteer import Name
from .model import Place
from .slots import Slots


@dataclass(frozen=True, slots=True)
class Query:
    """A question understood."""

    shape: str
    """``participation``, ``region``, ``list``, ``count``, ``ranking``, ``fact`` or ``smalltalk``."""
    places: tuple[Place, ...] = ()
    filter: Filter = field(default_factory=Filter)
    when: bool = False
    """Asked for the date."""
    compare: bool = False
    """Asked which was first."""
    yes_no: bool = True
    """Asked for yes or no, not only for when or which."""
    beyond: str = ""
    """What else was asked that no source tells: ``now`` (how it is today) or ``no_fact`` (the reason)."""
    strangers: tuple[str, ...] = ()
    """Names asked about along with known regions that are no region's."""
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
    card: bool = False
    """Asked for the status card of a region, rather than for all about it."""
    about: str = ""
    """What kind of small talk."""
    candidates: tuple[Candidate, ...] = ()
    content: Content | None = None
    coverage: float = 1.0
    carried: frozenset[str] = frozenset()
    """Which parts were taken over from the turn before: ``places``, ``filter``, ``topic``, ``shape``."""


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


def named(places: Sequence[Place]) -> list[list[str]]:
    """The region codes of places, those that one name may mean together."""
    groups: dict[str, list[str]] = {}
    for place in places:
        groups.setdefault(place.said, []).append(place.region)
    return list(groups.values())
