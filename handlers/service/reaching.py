"""At the start: Telegram is asked who the bot is, and told where to post, for as long as it takes to reach it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from telegram.error import BadRequest, InvalidToken, TelegramError
from telegram.ext import Application

from handlers.transport.api import RawBot
from handlers.transport.pacing import Unreadable, pauses
from handlers.transport.polling import PollingError, refused
from handlers.transport.trouble import Trouble, no_telegram
from handlers.transport.webhook import announce


async def introduced(application: Application[Any, Any, Any, Any, Any, Any]) -> None:
    """Ask Telegram who the bot is.

    Raises:
        PollingError: Telegram refuses the token.
    """
    await _done(application.initialize, no_telegram())


async def announced(bot: RawBot, url: str, secret: str) -> None:
    """Tell Telegram where to post.

    Raises:
        PollingError: Telegram refuses the address or the token.
    """

    async def telling() -> None:
        try:
            await announce(bot, url, secret)
        except BadRequest as error:
            raise PollingError(f"WEBHOOK_URL is refused by Telegram: {error.message}.") from error

    await _done(telling, Trouble("the webhook cannot be set; trying again", "the webhook is set"))


async def _done(act: Callable[[], Awaitable[None]], trouble: Trouble) -> None:
    """Do something, and again until it goes well."""
    for pause in pauses(1.0):
        try:
            await act()
        except InvalidToken:
            raise refused() from None
        except (TelegramError, KeyError, TypeError, AttributeError) as error:
            # The last three: the server's answer is JSON, but not of the form that the library relies on.
            trouble.failed_with(error if isinstance(error, TelegramError) else Unreadable(error))
            await asyncio.sleep(pause)
        else:
            trouble.over()
            return
