"""Pictures, voice messages, stickers, places: what the bot cannot read gets a friendly line on what it can."""

from __future__ import annotations

from telegram import InlineKeyboardMarkup, Update
from telegram.ext import MessageHandler, filters

from handlers.shared.answers import start_rows
from handlers.shared.context import BotContext
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers


def handlers() -> Handlers:
    """What is registered for this, behind everything that reads text."""
    anything = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE & ~filters.StatusUpdate.ALL & ~filters.VIA_BOT
    return [MessageHandler(anything, decline)]


async def decline(update: Update, context: BotContext) -> None:
    """Say what can be done instead; once for an album."""
    context.work.note("unknown", "media", context.language)
    if not context.first_of_album():
        return
    s = context.speech
    if context.message.voice or context.message.audio or context.message.video_note:
        text = s._("I cannot listen yet; please type your question, for example: is Klaten a participant?")
    elif context.message.location or context.message.venue:
        text = s._("I cannot read places on the map; please type the name of the regency, city or district.")
    else:
        text = s._("I can only read text; please type your question, for example: is Klaten a participant?")
    await context.say(Reply((text,), InlineKeyboardMarkup(start_rows(s))))
