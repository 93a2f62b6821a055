"""Whom a notice of the programme team is for: followers, chosen in a shorthand that buttons and the database hold.

``all``, ``programme``, ``region:33.10``, ``province:33`` (who follows a region of it), ``cohort:2018`` (who follows it or a
region of it).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Final

from handlers.notices.following import PROGRAMME
from handlers.people import People
from handlers.people.wishes import zone_of
from handlers.rendering import Speech
from handlers.shared.buttons import StaleButton
from knowledge.snapshot import Snapshot

ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class Reach:
    """Who gets a notice, and when."""

    people: tuple[int, ...]
    """Their numbers in Telegram: they can be reached and want such notices."""
    unwilling: int
    """How many follow it too, but want no such notices."""
    later: int
    """How many of the people get it only after their quiet hours."""
    until: datetime | None
    """When the quiet hours of the last of them end, on that person's clock; None where nobody sleeps."""


def subjects(audience: str, snapshot: Snapshot) -> frozenset[str] | None:
    """What somebody follows who is meant; None where it is whatever they follow.

    Raises:
        StaleButton: no such region, province or cohort is known.
    """
    kind, _, code = audience.partition(":")
    region = snapshot.regions.get(code)
    if audience == ALL:
        return None
    if audience == PROGRAMME:
        return frozenset([PROGRAMME])
    if kind == "region" and region and region.level == "regency":
        return frozenset([audience])
    if kind == "province" and region and region.level == "province":
        return frozenset(f"region:{one.code}" for one in snapshot.regencies_of(code))
    if kind == "cohort" and code.isascii() and code.isdecimal() and int(code) in snapshot.cohorts:
        verdicts = (snapshot.verdict(one.code) for one in snapshot.regencies)
        taking = (v.region.code for v in verdicts if v.cohort == int(code) or any(c.period == code for c in v.later))
        return frozenset([audience, *(f"region:{one}" for one in taking)])
    raise StaleButton(audience)


def name(audience: str, snapshot: Snapshot, s: Speech) -> str:
    """Whom it is for, as HTML. What the knowledge knows no more goes by its code."""
    kind, _, code = audience.partition(":")
    region = snapshot.regions.get(code)
    named = escape(region.label(s.language) if region else code, quote=False)
    match kind:
        case "region":
            return s._("followers of {region}", region=named)
        case "province":
            return s._("followers of a region in {province}", province=named)
        case "cohort":
            return s._("followers of the {year} cohort and of its regions", year=code)
        case "programme":
            return s._("followers of programme news")
    return s._("everybody who follows something")


def reach(people: People, snapshot: Snapshot, audience: str, now: datetime) -> Reach:
    """Who gets a notice that is sent at a moment.

    Raises:
        StaleButton: as :func:`subjects` does.
    """
    wanted = subjects(audience, snapshot)
    willing = people.follows.followers(wanted, wanting_broadcasts=True)
    hours = [
        (wishes.awake(now).astimezone(zone_of(wishes.zone)), n)
        for wishes, n in people.follows.wishes_of(willing).items()
    ]
    asleep = [(until, n) for until, n in hours if until > now]
    return Reach(
        tuple(willing), people.follows.count(wanted) - len(willing), sum(n for _, n in asleep),
        max((until for until, _ in asleep), default=None),
    )  # fmt: skip
