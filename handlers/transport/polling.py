"""Updates by long polling: fetched, written down (or handled, where that is not possible), and only then confirmed by the next
request."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog
from telegram.error import Conflict, InvalidToken, RetryAfter

from .api import RawBot
from .intake import Intake, number_of
from .pacing import asked_to_wait, pauses
from .trouble import Trouble

MAX_CONFLICTS: Final = 5
"""Tries while another process polls with the same token; during a change of versions both run for a moment."""

log = structlog.get_logger(__name__)


class PollingError(Exception):
    """Updates cannot be fetched, and waiting does not help. The message is one line and says what to do."""


class ConflictError(PollingError):
    """Another process fetches updates with the same token."""


async def poll(bot: RawBot, intake: Intake) -> None:
    """Fetch updates until cancelled.

    Raises:
        PollingError: the token is refused, or another process uses it.
    """
    offset, conflicts, waits = 0, 0, pauses(1.0)
    trouble = Trouble("updates cannot be fetched; it is tried again", "updates are fetched again")
    while True:
        try:
            updates = await bot.raw_updates(offset)
            unconfirmed = await intake.receive(updates)
        except InvalidToken:
            raise refused() from None
        except Conflict as error:
            conflicts += 1
            if conflicts >= MAX_CONFLICTS:
                raise ConflictError(
                    "Another process fetches updates with this TELEGRAM_TOKEN (409 Conflict). Stop it, or give this one a "
                    "token of its own."
                ) from error
            log.debug("another process polls", tries=conflicts)
            await asyncio.sleep(next(waits))
        except RetryAfter as error:
            await asyncio.sleep(asked_to_wait(error))
        except Exception as error:
            # Whatever the server comes up with, the next try may go well; ending would help nobody.
            trouble.failed_with(error)
            await asyncio.sleep(next(waits))
        else:
            numbers = [number for number in map(number_of, updates) if number is not None]
            if updates and not numbers:  # Nothing that can be confirmed: it would come again at once, and for ever.
                trouble.failed(detail="the server sends what is no update; look at TELEGRAM_API_BASE_URL")
                await asyncio.sleep(next(waits))
                continue
            trouble.over()
            conflicts, waits = 0, pauses(1.0)
            if numbers:
                # Not the highest ever: after a week without updates Telegram goes on with a number at random.
                offset = min(unconfirmed, default=max(numbers) + 1)


def refused() -> PollingError:
    """The error for a token that the server does not take. What the library says of it is left out: it holds the token."""
    return PollingError(
        "TELEGRAM_TOKEN is refused by the server at TELEGRAM_API_BASE_URL. Check both; @BotFather shows the token."
    )
