"""Corrections: a change is told as well to those who were given what it makes untrue and want to hear of that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from handlers.people import People
from handlers.people.given import SUBJECT
from handlers.people.notices import Notice
from knowledge.difference import Difference
from knowledge.told import untrue


def subjects(people: People, differences: Sequence[Difference]) -> list[str]:
    """What stands for the subject of the notice to those who were given what a change makes untrue; empty where nobody
    was."""
    return [SUBJECT] if people.given.anybody(all_untrue(differences)) else []


def all_untrue(differences: Iterable[Difference]) -> list[str]:
    """What was told that some changes make untrue."""
    return [told for difference in differences for told in untrue(difference)]


def days(people: People, user_id: int, notice: Notice, differences: Iterable[Difference]) -> dict[str, str]:
    """The claims of which somebody was given what a notice's change makes untrue -> the last day (ISO) of that. Whoever asked
    again on a later day has the new one."""
    given, changed = people.given.of(user_id), datetime.fromtimestamp(notice.at, UTC).date().isoformat()
    found = {}
    for difference in differences if notice.subject == SUBJECT else ():
        day = max(given.get(told, "") for told in untrue(difference))
        if day and day <= changed:
            found[difference.claim.id] = day
    return found


def read(people: People, user_id: int, differences: Sequence[Difference]) -> None:
    """Somebody has read of some changes; part of the caller's transaction. What they were given of it is by now the new."""
    given = people.given.of(user_id) if differences else {}
    known = [one for one in differences if not given.keys().isdisjoint(untrue(one))]
    if known:
        people.given.corrected(user_id, all_untrue(known), [one.claim.id for one in known])
