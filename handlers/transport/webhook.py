"""Updates by webhook: Telegram gets its 200 only when the update is written down, or handled where it cannot be."""

from __future__ import annotations

import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from telegram.ext import ExtBot
from tornado.httpserver import HTTPServer
from tornado.web import Application, HTTPError, RequestHandler

from handlers.settings import Listen

from .api import ALLOWED_UPDATES
from .intake import Full, Intake, number_of
from .listening import listening

MAX_BODY: Final = 1_000_000
"""Bytes of an update; Telegram's are a few thousand."""
SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"
MAX_CONNECTIONS: Final = 40
"""Updates that Telegram may deliver at the same time."""

log = structlog.get_logger(__name__)


class Hook(RequestHandler):
    """Where Telegram posts updates."""

    def initialize(self, intake: Intake, secret: str) -> None:
        """Keep what the server gives."""
        self._intake = intake
        self._secret = secret

    async def post(self) -> None:
        """Write one update down: 200; 403 for a wrong secret, 400 for what is no update, 503 where Telegram shall send it
        again."""
        given = self.request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), self._secret.encode()):
            raise HTTPError(403)
        try:
            update = json.loads(self.request.body)
        except (ValueError, RecursionError):
            raise HTTPError(400) from None
        if number_of(update) is None:
            raise HTTPError(400)
        try:
            unconfirmed = await self._intake.receive([update])
        except Full as error:
            log.warning("no room for an update", detail=str(error))
            raise HTTPError(503) from error
        if unconfirmed:
            raise HTTPError(503)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """No words: whoever is there without the secret learns nothing."""
        self.finish()

    def log_exception(self, *exc_info: Any) -> None:
        """A refusal is no error of ours; anything else is one."""
        if not isinstance(exc_info[1], HTTPError):
            log.error("webhook", exc_info=exc_info)


@asynccontextmanager
async def hook(intake: Intake, listen: Listen, url: str, secret: str) -> AsyncIterator[int]:
    """A server for Telegram's posts, at the path of ``url``; gives its port.

    Raises:
        ListenError: the address cannot be listened on.
    """
    path = urlsplit(url).path or "/"
    served = Application([(path, Hook, {"intake": intake, "secret": secret})], log_function=lambda _: None)
    server = HTTPServer(served, max_body_size=MAX_BODY, max_buffer_size=2 * MAX_BODY)
    async with listening(server, listen) as port:
        yield port


async def announce(bot: ExtBot[Any], url: str, secret: str) -> None:
    """Tell Telegram where to post."""
    await bot.set_webhook(url, secret_token=secret, allowed_updates=ALLOWED_UPDATES, max_connections=MAX_CONNECTIONS)
