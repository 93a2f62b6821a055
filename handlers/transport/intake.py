"""The way in: an update is written down first, and handed on to the handlers if it is new."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, Final

import structlog
from telegram import Update
from telegram.ext import Application

from handlers.people import People
from handlers.people.inbox import Raw

MAX_QUEUED: Final = 10_000
"""Updates waiting in memory, at most; Telegram keeps what is not fetched."""

log = structlog.get_logger(__name__)


class Full(Exception):
    """There is no room for an update now, in memory or on the disk; it must be delivered again later."""


class Intake:
    """Where polling and webhook bring updates."""

    def __init__(self, application: Application[Any, Any, Any, Any, Any, Any], people: People) -> None:
        self._application = application
        self._people = people

    async def receive(self, updates: Sequence[Raw]) -> None:
        """Write updates down and hand on those that are new.

        Raises:
            Full: they could not be written down, none of them.
        """
        if self._application.update_queue.full():
            raise Full("the queue is full")
        known = [update for update in updates if number_of(update) is not None]
        try:
            new = self._people.inbox.receive(known)
        except sqlite3.Error as error:
            raise Full(f"people.db cannot be written: {error}") from error
        for update in new:
            await self._hand_on(update)

    async def replay(self) -> None:
        """Hand on what an earlier run of the process received and did not finish."""
        waiting = self._people.inbox.waiting()
        for update in waiting:
            await self._hand_on(update)
        if waiting:
            log.info("replay", updates=len(waiting))

    async def _hand_on(self, raw: Raw) -> None:
        try:
            update = Update.de_json(dict(raw), self._application.bot)
        except Exception as error:
            # Whatever is wrong with one update, the next ones must still come through.
            log.error("update", update_id=raw["update_id"], outcome="unreadable", error=type(error).__name__)
            self._people.finish(raw["update_id"], "unreadable")
            return
        await self._application.update_queue.put(update)


def number_of(update: object) -> int | None:
    """The number of an update; None for what is no update at all."""
    number = update.get("update_id") if isinstance(update, dict) else None
    return number if isinstance(number, int) and not isinstance(number, bool) and abs(number) < 2**63 else None
