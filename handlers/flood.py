"""Nobody keeps the others waiting: a person who asks too fast is told so once, and answered again after a pause."""

from __future__ import annotations

from telegram import Update
from telegram.ext import ApplicationHandlerStop, TypeHandler

from handlers.shared.context import BotContext
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers


def handlers() -> Handlers:
    """What is registered before everything else."""
    return [TypeHandler(Update, check)]


async def check(update: Update, context: BotContext) -> None:
    """Stop here where somebody asks too fast."""
    if context.work.within_limit:
        return
    s = context.speech
    context.work.note("flooded", language=s.language)
    text = s._("That is faster than I can answer. Please wait half a minute, then ask again.")
    first = context.work.within_limit is None
    if update.callback_query:
        await context.seen(text if first else None)
    elif first and context.private:
        await context.say(Reply((text,)))
    raise ApplicationHandlerStop
