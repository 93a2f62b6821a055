"""Pictures, voice messages, stickers, places: what the bot cannot read gets a friendly line on what it can."""

from __future__ import annotations

from telegram import Update
from telegram.ext import MessageHandler, filters

from handlers.shared.context import BotContext
from handlers.shared.registering import Handlers
from handlers.staff.unread import cannot_read


def handlers() -> Handlers:
    """What is registered for this, behind everything that reads text."""
    anything = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE & ~filters.StatusUpdate.ALL & ~filters.VIA_BOT
    return [MessageHandler(anything, decline)]


async def decline(update: Update, context: BotContext) -> None:
    """Say what can be done instead."""
    await cannot_read(context)
