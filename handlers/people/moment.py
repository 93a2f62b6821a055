"""What time it is, also where somebody sets this machine's clock: a leap is not believed until Telegram's clock has it too.

Else a clock that is wrong for a minute would forget what people have said, or send a week's messages at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import structlog

LEAP: Final = 3600.0
"""Seconds that the machine's clock may be wrong before it is not believed: what is forgotten or sent is due by the hour."""
STOOD: Final = 24 * 3600.0
"""Seconds after which a leap is believed of which nothing was heard from Telegram: no wrong clock is left alone for so long."""

log = structlog.get_logger(__name__)


class Moment:
    """The time, by the machine's clock, a steady clock, and what Telegram says."""

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        """``wall``: seconds since 1970, by a clock that may be set; ``steady``: seconds that only go on."""
        self._wall, self._steady = wall, steady
        self._right, self._at = wall(), steady()
        """What time it was when that was last known, and the steady clock then."""
        self._leapt: float | None = None
        """When a leap was first seen, by the steady clock."""
        self._told = False

    def correction(self) -> float:
        """Seconds to add to what the machine's clock says; 0 while it is believed."""
        wall, steady = self._wall(), self._steady()
        wrong = self._right + steady - self._at - wall
        if abs(wrong) <= LEAP:
            self._leapt = None
            return 0.0
        if self._leapt is None:
            self._leapt = steady
        elif steady - self._leapt > STOOD:
            self._right, self._at, self._leapt = wall, steady, None
            return 0.0
        return wrong

    def now(self) -> float:
        """Seconds since 1970."""
        return self._wall() + self.correction()

    def heard(self, said: float) -> None:
        """Telegram has said what time it is."""
        wall = self._wall()
        right = abs(said - wall) <= LEAP
        self._right, self._at, self._leapt = wall if right else said, self._steady(), None
        if not right and not self._told:
            hours = round((wall - said) / 3600, 1)
            log.warning("this machine's clock is wrong; the bot goes by Telegram's. Set it", hours_ahead=hours)
        elif right and self._told:
            log.info("this machine's clock is right again")
        self._told = not right


MACHINE: Final = Moment()
"""That of this machine, for all bots in the process."""


def now() -> float:
    """Seconds since 1970."""
    return MACHINE.now()


def correction() -> timedelta:
    """What is to be added to the time by the machine's clock."""
    return timedelta(seconds=MACHINE.correction())
