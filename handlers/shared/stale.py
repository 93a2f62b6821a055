"""Buttons that mean nothing any more: of an older version, or of another bot."""

from __future__ import annotations

from telegram import InlineKeyboardMarkup

from handlers.shared.answers import start_rows
from handlers.shared.context import BotContext
from handlers.shared.message import Reply


async def explain(context: BotContext) -> None:
    """Say that the button is old, and offer ways on."""
    s = context.speech
    context.work.note("unknown", "stale_button", s.language)
    text = s._("This button is of an older version and no longer works. Please ask again, or look around:")
    if context.query.inline_message_id:
        await context.seen(s._("This button no longer works; please ask again."), alert=True)
    elif await context.seen_once():
        await context.say(Reply((text,), InlineKeyboardMarkup(start_rows(s)) if context.private else None))
