"""A document or photo that somebody sent: only Telegram's name for it is kept, never what is in it."""

from __future__ import annotations

from typing import Final

import structlog
from telegram import Message
from telegram.error import BadRequest

from handlers.shared.context import BotContext
from handlers.transport.api import FileKind

MAX_MEGABYTES: Final = 20
"""Size of a file that is taken. A letter of a page or two is far below; whoever reads it may be on a telephone."""
MAX_FILE: Final = MAX_MEGABYTES * 1_000_000
"""The same in bytes."""
_KINDS: Final[dict[str, FileKind]] = {"d": "document", "p": "photo"}

log = structlog.get_logger(__name__)


class TooLarge(ValueError):
    """The file is larger than :data:`MAX_FILE`."""


def attached(message: Message) -> str:
    """The document or photo of a message, as it is kept: ``d:`` or ``p:`` and Telegram's file_id; empty where it has none.

    Raises:
        TooLarge: it is larger than it may be.
    """
    found = message.document or (message.photo[-1] if message.photo else None)  # The largest size that Telegram makes.
    if found is None:
        return ""
    if (found.file_size or 0) > MAX_FILE:
        raise TooLarge
    return f"{'d' if message.document else 'p'}:{found.file_id}"


async def send_attached(context: BotContext, chat_id: int, kept: str, html: str) -> bool:
    """Send such a file on, with a line below it; False where Telegram refuses that: it does not have the file any more.

    Raises:
        TelegramError: it did not arrive, for a reason that lies not with the file.
    """
    kind, _, file_id = kept.partition(":")
    try:
        await context.outbox.send_file(chat_id, _KINDS[kind], file_id, html)
    except BadRequest as error:
        log.warning("file not sent on", error=type(error).__name__)
        return False
    return True
