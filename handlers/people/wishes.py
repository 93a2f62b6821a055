"""How somebody wants to be told of changes: how often, at which hours, and of what besides."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from typing import Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from .moment import correction

Pace = Literal["now", "daily", "weekly"]
PACES: Final[tuple[Pace, ...]] = ("now", "daily", "weekly")
ZONES: Final = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}
"""The three times of Indonesia, west to east, by the name that people know."""
INDONESIAN: Final = {7: "Asia/Jakarta", 8: "Asia/Makassar", 9: "Asia/Jayapura"}
"""The same by the hours that they are ahead of UTC."""
_AHEAD: Final = re.compile(r"(?:(?:GMT|UTC)_?\+?|\+)_?0?(\d{1,2})(?:[:.]?00)?", re.I)
DEFAULT_ZONE: Final = "Asia/Jakarta"
QUIET_FROM: Final = 21
QUIET_TO: Final = 7
"""Hours between which nobody is disturbed who said nothing else: the usual night."""
DIGEST_HOUR: Final = 8
"""The hour of the daily and the weekly message, on the person's own clock: when offices open."""
DIGEST_WEEKDAY: Final = 0
"""The weekly one comes on Monday, as the digest of those who look after the knowledge does."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody chose, or what holds for everybody who chose nothing."""

    pace: Pace = "now"
    quiet_from: int = QUIET_FROM
    """Hour, 0-23, from which they are left alone; the same as ``quiet_to`` where they never are."""
    quiet_to: int = QUIET_TO
    """Hour, 0-23, from which they may be disturbed again."""
    zone: str = DEFAULT_ZONE
    """IANA name of the time zone that they live by."""
    corrections: bool = False
    """Whether they want to be told where an answer that they were given changes."""
    broadcasts: bool = True
    """Whether they want the notices of the programme team."""

    def awake(self, now: datetime) -> datetime:
        """The first moment from ``now`` on at which they may be disturbed; ``now`` itself outside their quiet hours."""
        here = now.astimezone(zone_of(self.zone))
        if not self._quiet(here.hour):
            return now
        return _next(here, self.quiet_to).astimezone(UTC)

    def due(self, now: datetime) -> datetime:
        """When they are to be told of a change that is known ``now``."""
        here = now.astimezone(zone_of(self.zone))
        match self.pace:
            case "daily":
                here = _next(here, DIGEST_HOUR)
            case "weekly":
                here = _next(here, DIGEST_HOUR)
                here += timedelta(days=(DIGEST_WEEKDAY - here.weekday()) % 7)
        return self.awake(here.astimezone(UTC))

    def _quiet(self, hour: int) -> bool:
        if self.quiet_from <= self.quiet_to:
            return self.quiet_from <= hour < self.quiet_to
        return hour >= self.quiet_from or hour < self.quiet_to


When = Callable[[Wishes, datetime], datetime]
"""When somebody with some wishes is told of what is known at a moment: :meth:`Wishes.due` or :meth:`Wishes.awake`."""


def clock() -> datetime:
    """This moment."""
    return datetime.now(UTC) + correction()


@cache
def zone_of(name: str) -> tzinfo:
    """A time zone by its name; western Indonesia's where this computer knows no such zone (any more)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return timezone(timedelta(hours=7), "WIB")


def zone_named(typed: str) -> str | None:
    """The IANA name of the time zone that somebody names, by its whole name, by its city, as WIB, WITA or WIT, or by how far
    one of these is ahead of UTC ("GMT+9"); None where there is none. Other hours than theirs are those of many zones, which
    change them on different days: there the city has to be named."""
    typed = re.sub(r"\s+", "_", typed.strip())
    if typed.upper() in ZONES:
        return ZONES[typed.upper()]
    if ahead := _AHEAD.fullmatch(typed):
        return INDONESIAN.get(int(ahead[1]))
    whole = [name for name in _zones() if name.lower() == typed.lower()]
    city = [name for name in _zones() if "/" in name and name.rpartition("/")[2].lower() == typed.lower()]
    return next(iter(whole or city), None)


@cache
def _zones() -> tuple[str, ...]:
    """Every zone that this computer knows, hundreds of small files, looked at once; but not those named by hours, whose signs
    are the other way round than people write them ("Etc/GMT-9" is nine hours ahead)."""
    return tuple(sorted(name for name in available_timezones() if not re.search(r"\d", name)))


def _next(here: datetime, hour: int) -> datetime:
    """The next time that a clock says an hour sharp, on its own day or the day after."""
    sharp = here.replace(hour=hour, minute=0, second=0, microsecond=0, fold=0)
    return sharp if sharp >= here else sharp + timedelta(days=1)
