"""Changes are told beside the answers: it is looked again and again what is new and what is due."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Final

from handlers.notices.deliver import IDLE, Courier
from handlers.notices.fanout import fan_out
from handlers.people.connection import Unsaved
from handlers.shared.services import Services
from handlers.transport.api import RawBot
from handlers.transport.logs import trace_of
from handlers.transport.trouble import Trouble

LOOK_SECONDS: Final = 5.0
"""How often it is looked whether the knowledge changed, while messages go out; a look takes some 0.5 ms."""
STOP_SECONDS: Final = 2.0
"""How long the message that is on its way may take when the bot is told to stop. What then becomes of it is found out at the
next start."""


class Delivery:
    """Brings what is to be told for as long as the bot runs."""

    def __init__(self, bot: RawBot, services: Services) -> None:
        self._services = services
        self._courier = Courier(bot, services)
        self._looked = float("-inf")
        self._closing = False
        self._trouble = Trouble("notices wait", "notices go on")
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._keep_going())

    async def close(self) -> None:
        """Stop after the message that is on its way."""
        assert self._task is not None
        self._closing = True
        self._services.news.set()
        await asyncio.wait([self._task], timeout=STOP_SECONDS)
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _keep_going(self) -> None:
        while not self._closing:
            try:
                # Without people.db nobody could know tomorrow who was told today.
                wait = await self._step() if self._services.people.writable else IDLE
            except Unsaved:  # The log has a line of that already.
                wait = IDLE
            except Exception as error:
                # Whatever it is, such as a full disk: nothing is lost, and answers go on.
                self._services.metrics.failed(type(error).__name__)
                self._trouble.failed(error=type(error).__name__, trace=trace_of(error))
                wait = IDLE
            else:
                self._trouble.over()
            if wait and not self._closing:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._services.news.wait(), min(wait, LOOK_SECONDS))
            await asyncio.sleep(0)

    async def _step(self) -> float:
        """Look for changes where it is time to, and bring one message; seconds that nothing more can be done."""
        if self._services.news.is_set() or time.monotonic() - self._looked >= LOOK_SECONDS:
            self._services.news.clear()
            await fan_out(self._services)
            self._looked = time.monotonic()
        return await self._courier.step()
