"""The local chat page at work in this process: for tests that speak HTTP to it, and for those that use a browser."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import Future
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from running import Running, running

from handlers.preview.running import beginning, settings_for
from handlers.preview.server import serve
from handlers.preview.stage import ADMIN, TOKEN, Stage
from handlers.settings import Listen

ANY_PORT = Listen("127.0.0.1", 0)
START_SECONDS = 30.0


class Shown:
    """A page that is served, and the bot behind it."""

    def __init__(self, stage: Stage, bot: Running, address: str) -> None:
        self.stage = stage
        self.bot = bot
        self.address = address


@asynccontextmanager
async def shown(data_dir: Path, listen: Listen = ANY_PORT, knowledge_dir: Path | None = None) -> AsyncIterator[Shown]:
    """Serve the page until the block ends; the bot then stops as on SIGTERM."""
    stage = Stage(data_dir)
    start = beginning(stage, settings_for(data_dir), knowledge_dir)
    try:
        async with (
            serve(stage, listen, start) as address,
            running(stage.telegram, data_dir, telegram_token=TOKEN, owner_ids=(ADMIN.id,)) as bot,
        ):
            yield Shown(stage, bot, address)
    finally:
        stage.close()


class Beside:
    """The page in a thread of its own, so that a browser can be driven from this one."""

    def __init__(self, data_dir: Path) -> None:
        self.shown: Shown
        self.address = ""
        self._data_dir = data_dir
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self._listen = ANY_PORT
        self._ready: Future[None] = Future()

    def start(self) -> None:
        """Serve it; a second time at the same address."""
        self._ready = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self._thread.start()
        self._ready.result(START_SECONDS)

    def stop(self) -> None:
        """Stop as on SIGTERM."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(START_SECONDS)

    def do(self, work: Callable[[Shown], Coroutine[Any, Any, Any] | Any]) -> Any:
        """Do something where the page runs; what came of it."""

        async def there() -> Any:
            result = work(self.shown)
            return await result if asyncio.iscoroutine(result) else result

        return asyncio.run_coroutine_threadsafe(there(), self._loop).result(START_SECONDS)

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        try:
            async with shown(self._data_dir, self._listen) as self.shown:
                self.address = self.shown.address
                self._listen = Listen("127.0.0.1", int(self.address.rstrip("/").rpartition(":")[2]))
                self._ready.set_result(None)
                await self._stop.wait()
        except BaseException as error:
            if not self._ready.done():
                self._ready.set_exception(error)
            raise
