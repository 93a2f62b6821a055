"""The bot at work in process: the real application, handlers and databases, speaking to a fake Telegram."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import gc
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import knowledge
from handlers.fake_telegram import FakeTelegram, InProcessRequest
from handlers.people.wishes import clock
from handlers.service.running import Bot, make, started
from handlers.settings import Settings
from handlers.transport.polling import poll
from knowledge import Engine, history, prepared, store

TOKEN = "42:TEST"
SETTLE_SECONDS = 20.0
_open = knowledge.open_engine


class Running:
    """A running bot and the Telegram it speaks to."""

    def __init__(self, telegram: FakeTelegram, bot: Bot) -> None:
        self.telegram = telegram
        self.bot = bot
        self.people = bot.services.people

    async def settles(self) -> None:
        """Wait until every update is handled, and whoever follows what it changed is told."""
        await self.telegram.until(self._idle, timeout=SETTLE_SECONDS)

    def _idle(self) -> bool:
        if self.telegram.updates.waiting or not self._told():
            return False
        rows = self.bot.services.people._connection.execute("select count(*) from inbox where outcome is null")
        return bool(rows.fetchone() == (0,))

    def _told(self) -> bool:
        """Whether everybody is told what they are to be told by now."""
        people, notices = self.people, self.people.notices
        (wished,) = people._connection.execute("select exists (select 1 from wishes)").fetchone()
        if wished and (notices.cursor() or 0) < history.newest(self.bot.services.knowledge_dir):
            return False
        return notices.spreading() is None and not people.deliveries.owing(clock().timestamp())

    def outcomes(self) -> list[str]:
        """How each update ended, in the order they came."""
        rows = self.people._connection.execute("select outcome from inbox order by update_id")
        return [outcome for (outcome,) in rows]


@cache
def _shipped() -> Path:
    """A folder with the knowledge as it is shipped, made once for all bots."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    prepared.engine(folder)
    return folder


@cache
def _shipped_engine() -> Engine:
    """An engine on it, for all bots of this process that answer from it."""
    return for_good(prepared.engine(_shipped()))


def for_good(engine: Engine) -> Engine:
    """An engine that stays as long as the process: no garbage is looked for in its half a million objects."""
    gc.collect()
    gc.freeze()
    return engine


_FURNISHED: set[Path] = set()


def furnish(data_dir: Path) -> None:
    """Put the shipped knowledge into a folder that has none: a bot then starts within a moment."""
    data_dir.mkdir(parents=True, exist_ok=True)
    if not (data_dir / store.FILE).exists():
        for file in _shipped().iterdir():
            shutil.copy(file, data_dir)
        _FURNISHED.add(data_dir.resolve())


def engine_of(data_dir: Path) -> Engine:
    """An engine on the knowledge in a folder: the shared one as long as it is what ``furnish`` put there."""
    untouched = data_dir.resolve() in _FURNISHED and store.state(data_dir) == store.state(_shipped())
    return _shipped_engine() if untouched else prepared.engine(data_dir)


@asynccontextmanager
async def running(telegram: FakeTelegram, data_dir: Path, **settings: Any) -> AsyncIterator[Running]:
    """The bot, fetching updates until the block ends; it then stops as on SIGTERM."""
    given = {
        "telegram_token": TOKEN, "data_dir": data_dir, "messages_per_second": 0, "questions_per_minute": 0,
        "backup_keep": 0,
    }  # fmt: skip
    furnish(data_dir)
    # A test that gives all bots one engine goes on doing so.
    opened = patch("knowledge.open_engine", engine_of) if knowledge.open_engine is _open else contextlib.nullcontext()
    with opened:
        bot = make(Settings(**{**given, **settings}), InProcessRequest(telegram), InProcessRequest(telegram))
    async with at_work(telegram, bot) as running:
        yield running


@asynccontextmanager
async def at_work(telegram: FakeTelegram, bot: Bot) -> AsyncIterator[Running]:
    """A bot that is made, fetching updates until the block ends."""
    async with started(bot):
        polling = asyncio.create_task(poll(bot.application.bot, bot.intake))
        try:
            yield Running(telegram, bot)
        finally:
            polling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await polling


def play(scene: Callable[[], Awaitable[None]]) -> None:
    """Play a scene."""
    asyncio.run(scene())  # type: ignore[arg-type]
