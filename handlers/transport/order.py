"""One chat after the other's turn is never waited for; within a chat, updates are handled in the order they came."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from contextlib import nullcontext, suppress
from typing import Any, Final
from weakref import WeakValueDictionary

import structlog
from telegram import Update
from telegram.ext import BaseUpdateProcessor

from handlers.people import People

from .limit import Limit
from .metrics import Metrics
from .work import CURRENT, Work

MAX_IN_FLIGHT: Final = 2_000
"""Updates taken from the queue at the same time, most of them waiting for the one before in their chat."""
MAX_AT_WORK: Final = 64
"""Updates handled at the same time. Each takes a millisecond or two of thinking, and while all think, no answer is sent."""

log = structlog.get_logger(__name__)


class ChatOrder(BaseUpdateProcessor):
    """Handles updates chat by chat, and marks each as handled together with what it changed."""

    def __init__(self, people: People, limit: Limit, metrics: Metrics) -> None:
        super().__init__(MAX_IN_FLIGHT)
        self._people = people
        self._limit = limit
        self._metrics = metrics
        self._locks: WeakValueDictionary[tuple[str, int], asyncio.Lock] = WeakValueDictionary()
        self._running: set[asyncio.Task[Any]] = set()
        self._at_work = asyncio.Semaphore(MAX_AT_WORK)
        self._closing = False
        self._endings: dict[int, asyncio.Future[None]] = {}

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to give back."""

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Wait for the chat's turn, then handle the update; while closing, leave it for the next start."""
        assert isinstance(update, Update)
        self._metrics.taken(kind_of(update))
        within = self._within_limit(update)
        # What comes too fast does not queue behind the answers that the same person still waits for.
        key = _key(update) if within else ("flood", update.update_id)
        lock = self._locks.setdefault(key, asyncio.Lock())
        # Inline queries are forgotten within seconds: they do not wait behind others' messages.
        async with lock, nullcontext() if update.inline_query else self._at_work:
            if self._closing:
                coroutine.close()  # type: ignore[attr-defined]
                return
            task = asyncio.current_task()
            assert task is not None
            self._running.add(task)
            try:
                await self._handle(update, coroutine, within)
            finally:
                self._running.discard(task)
            self.ended(update.update_id)

    def ended(self, update_id: int) -> None:
        """An update is handled."""
        if ending := self._endings.pop(update_id, None):
            ending.set_result(None)

    def ending(self, update_id: int) -> asyncio.Future[None]:
        """Done as soon as an update is handled that is on its way to it. One that is left for the next start never ends."""
        return self._endings.setdefault(update_id, asyncio.get_running_loop().create_future())

    @property
    def at_work(self) -> int:
        """Updates being handled now."""
        return len(self._running)

    def _within_limit(self, update: Update) -> bool | None:
        """Whether the person asks slowly enough (see :meth:`Limit.take`)."""
        message = update.message or update.edited_message
        if not update.effective_user or not (message or update.callback_query):
            return True
        sent = (message.edit_date or message.date).timestamp() if message else 0.0
        return self._limit.take(sender_of(update), sent, time.monotonic())

    async def _handle(self, update: Update, coroutine: Awaitable[Any], within: bool | None) -> None:
        work = Work(update.update_id, self._people.refuse, self._people.inbox.sent(update.update_id), within)
        token = CURRENT.set(work)
        try:
            await coroutine
        finally:
            CURRENT.reset(token)
        try:
            self._people.finish(update.update_id, work.outcome, work.effects)
        except Exception as error:
            # What one update wants to write must not be able to bring it back for ever.
            log.error("not written", update_id=update.update_id, error=type(error).__name__)
            self._people.finish(update.update_id, "error")
        kind = kind_of(update)
        self._metrics.handled(kind, work.outcome, work.kind, work.language, work.milliseconds / 1000)
        log.info(
            "update", update_id=update.update_id, type=kind, outcome=work.outcome, kind=work.kind or None,
            language=work.language or None, ms=work.milliseconds,
        )  # fmt: skip

    async def close(self, seconds: float) -> int:
        """Begin nothing more, give what is in flight some seconds, and leave the rest for the next start.

        Returns how many updates were cut short.
        """
        self._closing = True
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._running:
                    await asyncio.wait(set(self._running), timeout=seconds)
        cut = list(self._running)
        for task in cut:
            task.cancel()
        await asyncio.gather(*cut, return_exceptions=True)
        return len(cut)


def sender_of(update: Update) -> int:
    """Who an update is from; 0 where nobody is named. Whoever writes as a group or a channel is that group or channel:
    the anonymous admins of all groups share one number."""
    message = update.message or update.edited_message
    if message and message.sender_chat:
        return message.sender_chat.id
    return update.effective_user.id if update.effective_user else 0


def kind_of(update: Update) -> str:
    """What kind of update it is: ``message``, ``callback_query`` ..., or ``other`` for one that is not known."""
    for name in Update.__slots__:
        if not name.startswith("_") and name != "update_id" and getattr(update, name, None) is not None:
            return name
    return "other"


def _key(update: Update) -> tuple[str, int]:
    """What must stay in order with the update: its chat; inline queries of a person, by themselves."""
    if update.inline_query or update.chosen_inline_result:
        return "inline", update.effective_user.id if update.effective_user else 0
    if update.effective_chat:
        return "chat", update.effective_chat.id
    if update.effective_user:
        return "chat", update.effective_user.id
    return "update", update.update_id
