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
"""Seconds after which a clock is believed that nothing else agrees with, the machine's or Telegram's: no wrong clock is left
alone for so long."""

log = structlog.get_logger(__name__)


class Moment:
    """The time, by the machine's clock, a steady clock, and what Telegram says: two of them are believed against the third."""

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        """``wall``: seconds since 1970, by a clock that may be set; ``steady``: seconds that only go on."""
        self._wall, self._steady = wall, steady
        self._right, self._at = wall(), steady()
        """What time it was when that was last known, and the steady clock then."""
        self._heard = False
        """Whether that was from Telegram, or agreed with it, rather than what the machine's clock said at the start."""
        self._leapt: float | None = None
        """Since when the machine's clock says something else, by the steady clock."""
        self._odd: tuple[float, float] | None = None
        """How far Telegram's clock is ahead of the steady one where it alone says something else, and since when."""
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
        elif steady - max(self._leapt, self._at) > STOOD:
            self._right, self._at, self._leapt = wall, steady, None
            return 0.0
        return wrong

    def now(self) -> float:
        """Seconds since 1970."""
        return self._wall() + self.correction()

    def surely(self) -> float:
        """Seconds since 1970 that have passed even if what is believed now is wrong: for what is forgotten, which does not
        come back. In the end what is believed is right."""
        now = self.now()
        stood = self._leapt is not None and self._steady() - self._leapt > STOOD
        return now if stood else min(now, self._wall())

    def heard(self, said: float) -> None:
        """Telegram has said what time it is."""
        wall, steady = self._wall(), self._steady()
        known = self._right + steady - self._at
        agrees = abs(said - wall) <= LEAP
        # Of a machine that was just started it is not known how wrong its clock is.
        if not (agrees or abs(said - known) <= LEAP or not self._heard or self._stands(said - steady, steady)):
            return
        self._right, self._at, self._heard, self._odd = wall if agrees else said, steady, True, None
        if not agrees and self._leapt is None:
            self._leapt = steady
        if not agrees and not self._told:
            hours = round((wall - said) / 3600, 1)
            log.warning("this machine's clock is wrong; the bot goes by Telegram's. Set it", hours_ahead=hours)
        elif agrees and self._told:
            log.info("this machine's clock is right again")
        self._told = not agrees

    def _stands(self, ahead: float, steady: float) -> bool:
        """Whether Telegram's clock alone has said so for long. One answer with a wrong time is no time."""
        if self._odd is None or abs(ahead - self._odd[0]) > LEAP:
            self._odd = ahead, steady
            log.info(
                "a time that Telegram said is not believed",
                hours_ahead=round((ahead + steady - self._wall()) / 3600, 1),
            )
        return steady - self._odd[1] > STOOD


MACHINE: Final = Moment()
"""That of this machine, for all bots in the process."""


def now() -> float:
    """Seconds since 1970."""
    return MACHINE.now()


def surely() -> float:
    """Seconds since 1970 that have passed in any case."""
    return MACHINE.surely()


def correction() -> timedelta:
    """What is to be added to the time by the machine's clock."""
    return timedelta(seconds=MACHINE.correction())
