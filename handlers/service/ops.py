"""What an operator's tools ask the running bot over HTTP, on OPS_LISTEN: whether it lives, whether it is ready, its metrics."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

import structlog
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from tornado.httpserver import HTTPServer
from tornado.web import Application, HTTPError, RequestHandler

from handlers.settings import Listen
from handlers.transport.listening import ListenError, listening
from handlers.transport.metrics import Metrics
from handlers.transport.trouble import Trouble

from .health import Health
from .timers import kept

MAX_HEADERS: Final = 16_384
"""Bytes of a request; those of Prometheus and of a probe have a few hundred."""
IDLE_SECONDS: Final = 120
"""How long a connection may stay open for the next request: Prometheus asks every minute at most."""
AGAIN_SECONDS: Final = 60.0
"""After how long an address that cannot be listened on is tried again: whatever has it may end."""

log = structlog.get_logger(__name__)


class Asked(RequestHandler):
    """Answers GET and HEAD in plain text, and says nothing about itself."""

    def initialize(self, health: Health, metrics: Metrics) -> None:
        """Keep what the server gives."""
        self._health = health
        self._metrics = metrics

    def set_default_headers(self) -> None:
        """An answer is of this moment; which server gives it is nobody's business."""
        self.clear_header("Server")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Type", "text/plain; charset=utf-8")

    async def get(self) -> None:
        """What is asked for; nothing is at this address."""
        raise HTTPError(404)

    async def head(self) -> None:
        """The same without its content."""
        await self.get()

    def compute_etag(self) -> None:
        """None: nobody keeps an answer."""

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """The status says it all."""
        self.finish()

    def log_exception(self, *exc_info: Any) -> None:
        """A refusal is no error of ours; anything else is one."""
        if not isinstance(exc_info[1], HTTPError):
            log.error("ops", exc_info=exc_info)


class Alive(Asked):
    """Whether the process answers at all."""

    async def get(self) -> None:
        """It does."""
        self.finish("ok\n")


class Ready(Asked):
    """Whether the bot can do its work."""

    async def get(self) -> None:
        """What was found, as JSON: 200 where all is well, 503 where it is not."""
        checks = await self._health.checks()
        ready = all(check.ok for check in checks.values())
        self.set_status(200 if ready else 503)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        found = {"ready": ready, "checks": {name: check._asdict() for name, check in checks.items()}}
        self.finish(json.dumps(found, ensure_ascii=False) + "\n")


class Page(Asked):
    """The metrics."""

    async def get(self) -> None:
        """In the text format of Prometheus."""
        await self._health.checks()
        self.set_header("Content-Type", CONTENT_TYPE_PLAIN_0_0_4)
        self.finish(self._metrics.page())


@asynccontextmanager
async def serving(listen: Listen, health: Health, metrics: Metrics) -> AsyncIterator[int]:
    """Answer at an address until the block ends; gives the port.

    Raises:
        ListenError: the address cannot be listened on.
    """
    given = {"health": health, "metrics": metrics}
    paths = [("/healthz", Alive, given), ("/readyz", Ready, given), ("/metrics", Page, given)]
    served = Application(paths, default_handler_class=Asked, default_handler_args=given, log_function=lambda _: None)
    server = HTTPServer(served, max_header_size=MAX_HEADERS, max_body_size=0, idle_connection_timeout=IDLE_SECONDS)
    async with listening(server, listen) as port:
        yield port


@asynccontextmanager
async def beside(listen: Listen | None, health: Health, metrics: Metrics) -> AsyncIterator[None]:
    """The same beside whatever is done in the block. Where the address cannot be listened on, a line says so and it is tried
    again: people are answered all the same. None for no server."""
    if listen is None:
        yield
        return
    task = asyncio.create_task(kept("the operator's server", partial(_keep_serving, listen, health, metrics)))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _keep_serving(listen: Listen, health: Health, metrics: Metrics) -> None:
    trouble = Trouble("OPS_LISTEN cannot be listened on; set another one, or none", "OPS_LISTEN is listened on")
    while True:
        try:
            async with serving(listen, health, metrics):
                trouble.over()
                await asyncio.Event().wait()
        except ListenError as error:
            trouble.failed(address=str(listen), error=error.strerror)
        await asyncio.sleep(AGAIN_SECONDS)
