"""The local chat page at work in this process: for tests that speak HTTP to it, and for those that use a browser."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import Future
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from running import Running, at_work

from handlers.preview.running import Preview, opened, settings_for

START_SECONDS = 30.0


class Shown:
    """A page that is served, and the bot behind it at work."""

    def __init__(self, preview: Preview, bot: Running) -> None:
        self.stage = preview.stage
        self.address = preview.address
        self.bot = bot


@asynccontextmanager
async def shown(data_dir: Path, port: int = 0) -> AsyncIterator[Shown]:
    """The page as `bot.py preview` serves it, until the block ends; the bot then stops as on SIGTERM."""
    settings = settings_for(data_dir, preview_listen=f"127.0.0.1:{port}", questions_per_minute=0)
    async with opened(settings) as preview, at_work(preview.stage.telegram, preview.bot) as bot:
        yield Shown(preview, bot)


class Beside:
    """The page in a thread of its own, so that a browser can be driven from this one."""

    def __init__(self, data_dir: Path) -> None:
        self.shown: Shown
        self.address = ""
        self._data_dir = data_dir
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self._port = 0
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
            async with shown(self._data_dir, self._port) as self.shown:
                self.address = self.shown.address
                self._port = int(self.address.rstrip("/").rpartition(":")[2])
                self._ready.set_result(None)
                await self._stop.wait()
        except BaseException as error:
            if not self._ready.done():
                self._ready.set_exception(error)
            raise
