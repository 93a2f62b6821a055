"""The way in: an update is written down first, and handed on to the handlers if it is new.

While people.db cannot be written, Telegram keeps it: it is confirmed only when it is handled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import structlog
from telegram import Update
from telegram.ext import Application

from handlers.people import People
from handlers.people.inbox import Raw

from .order import ChatOrder

MAX_QUEUED: Final = 10_000
"""Updates waiting in memory, at most; Telegram keeps what is not fetched."""
HANDLED_WITHIN: Final = 5.0
"""Seconds that are waited for updates that are not written down: nearly all are handled in a tenth of a second, and what
others send meanwhile must not wait long for one that is not."""

log = structlog.get_logger(__name__)


class Full(Exception):
    """There is no room for an update in memory now; it must be delivered again later."""


class Intake:
    """Where polling and webhook bring updates."""

    def __init__(
        self, application: Application[Any, Any, Any, Any, Any, Any], people: People, order: ChatOrder
    ) -> None:
        self._application = application
        self._people = people
        self._order = order
        self._unwritten: dict[int, asyncio.Future[None]] = {}

    async def receive(self, updates: Sequence[Raw]) -> set[int]:
        """Write updates down and hand on those that are new. The numbers that come back must not be confirmed: these updates
        are neither written down nor handled yet, and Telegram shall send them again.

        Raises:
            Full: there is no room, for none of them.
        """
        if self._application.update_queue.full():
            raise Full("the queue is full")
        known = [update for update in updates if number_of(update) is not None]
        new = self._people.inbox.receive(known)
        for update in new:
            if not self._people.writable:
                self._unwritten[update["update_id"]] = self._order.ending(update["update_id"])
            await self._hand_on(update)
        if not self._unwritten:
            return set()
        numbers = {update["update_id"] for update in known}
        if waited := [ending for number, ending in self._unwritten.items() if number in numbers]:
            await asyncio.wait(waited, timeout=HANDLED_WITHIN)
        written = self._people.writable
        self._unwritten = {n: ending for n, ending in self._unwritten.items() if not (written or ending.done())}
        return numbers & self._unwritten.keys()

    async def replay(self) -> None:
        """Hand on what an earlier run of the process received and did not finish."""
        waiting = self._people.inbox.waiting()
        for update in waiting:
            await self._hand_on(update)
        if waiting:
            log.info("replay", updates=len(waiting))

    async def _hand_on(self, raw: Raw) -> None:
        try:
            update = _numbered(Update.de_json(dict(raw), self._application.bot))
        except Exception as error:
            # Whatever is wrong with one update, the next ones must still come through.
            log.error("update", update_id=raw["update_id"], outcome="unreadable", error=type(error).__name__)
            self._people.finish(raw["update_id"], "unreadable")
            self._order.ended(raw["update_id"])
            return
        await self._application.update_queue.put(update)


def _numbered(update: Update) -> Update:
    """An update whose sender and chat have numbers, by which updates are put in order.

    Raises:
        TypeError: they have not.
    """
    message = update.effective_message
    for one in (update.effective_user, update.effective_chat, message.sender_chat if message else None):
        if one is not None and not isinstance(one.id, int):
            raise TypeError(f"{type(one).__name__} without a number")
    return update


def number_of(update: object) -> int | None:
    """The number of an update; None for what is no update at all."""
    number = update.get("update_id") if isinstance(update, dict) else None
    return number if isinstance(number, int) and not isinstance(number, bool) and abs(number) < 2**63 else None
