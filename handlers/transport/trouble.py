"""What goes on failing is told in two lines: one when it begins, and one when it is over."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import structlog
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError

from .logs import trace_of

log = structlog.get_logger(__name__)


class Trouble:
    """Something that may fail for a while and is tried again and again."""

    def __init__(self, begins: str, ends: str, clock: Callable[[], float] = time.monotonic) -> None:
        """``begins`` and ``ends``: the events of the two lines. ``clock``: seconds that only go on."""
        self._begins = begins
        self._ends = ends
        self._clock = clock
        self.since: float | None = None
        """When it began; None while all is well."""

    def failed(self, **details: Any) -> None:
        """It failed: a line where it has not failed before, with what is known of it; not a word of the next tries."""
        if self.since is None:
            self.since = self._clock()
            log.warning(self._begins, **details)
        else:
            log.debug(self._begins, **details)

    def failed_with(self, error: Exception) -> None:
        """It failed with an error that may be Telegram's. Of a network or a server that fails, whoever makes the requests tells
        (see ``counted.py``), and to be asked to wait is nothing to tell of."""
        if isinstance(error, RetryAfter) or (isinstance(error, NetworkError) and not isinstance(error, BadRequest)):
            return
        named = {"error": type(error).__name__, "trace": trace_of(error)}
        if isinstance(error, TelegramError):
            named["detail"] = "what answers is not Telegram; look at TELEGRAM_API_BASE_URL"
        self.failed(**named)

    def over(self) -> None:
        """It went well: a line where it has failed before, with how long that took."""
        if self.since is not None:
            log.info(self._ends, after_seconds=round(self._clock() - self.since))
            self.since = None


def no_telegram() -> Trouble:
    """That Telegram cannot be reached for anything but updates."""
    return Trouble("Telegram cannot be reached; trying again", "Telegram is reached again")
