"""When the digest comes by itself: on Monday morning, once a week, to those admins who want it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Final

from handlers.people import People
from handlers.people.staff import Member, Role

ZONE: Final = timezone(timedelta(hours=7), "WIB")
"""Asia/Jakarta, which has no summer time."""
WEEKDAY: Final = 0
"""Monday: before the week's work is planned."""
HOUR: Final = 8


def due(now: datetime) -> str | None:
    """The week whose digest should be out by now ("2026-W48"); None on its first day until the hour has come."""
    here = now.astimezone(ZONE)
    if here.weekday() == WEEKDAY and here.hour < HOUR:
        return None
    year, week, _ = here.isocalendar()
    return f"{year}-W{week:02}"


def switch(people: People, member: Member, wanted: bool, now: datetime) -> None:
    """Whether somebody gets it, as part of the caller's transaction. Whoever switches it on has this week's before them:
    the next one comes on Monday."""
    people.staff.set_digest(member.user_id, wanted)
    this = due(now)
    if wanted and this:
        got(people, member, this)


def begun(people: People, member: Member, this: str) -> None:
    """Somebody is about to get the digest of a week. Where this cannot be written down, nor could that it arrived, and it
    would go out again and again."""
    got(people, member, f"{this} begun")


def got(people: People, member: Member, this: str) -> None:
    """Somebody has the digest of a week. Noted by the number of the role, which is nobody's number in Telegram."""
    people.set_setting(f"digest {member.id}", this)


def owed(people: People, this: str) -> list[Member]:
    """Those who want the digest, may see it, can be reached, and have not got that of a week."""
    return [
        member
        for member in people.staff.members()
        if member.digest
        and member.role >= Role.ADMIN
        and not people.profiles.unreachable(member.user_id)
        and people.setting(f"digest {member.id}") != this
    ]
