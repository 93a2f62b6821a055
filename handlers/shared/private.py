"""What everybody may do, but only in a private chat with the bot, because it is about themselves."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import CallbackQueryHandler

from handlers.rendering import speech
from handlers.shared import buttons
from handlers.shared.commands import Command
from handlers.shared.context import BotContext
from handlers.shared.message import Reply

Callback = Callable[[Update, BotContext], Coroutine[Any, Any, None]]


def private_button(action: str, callback: Callback, verb: str) -> CallbackQueryHandler[BotContext, None]:
    """The buttons of an action whose first argument is ``verb``; anywhere but in private they do nothing, and say so."""

    @wraps(callback)
    async def guarded(update: Update, context: BotContext) -> None:
        message = context.query.message
        if message is not None and message.chat.id == context.user_id:
            await callback(update, context)
            return
        s = speech(context.button.language)
        context.work.note("refused", callback.__name__, s.language)
        await context.seen(s._("This works only in a private chat with me."), alert=True)

    return CallbackQueryHandler(guarded, buttons.pattern(action, verb))


async def elsewhere(context: BotContext, command: Command) -> None:
    """Say in a group where to give a command."""
    s = context.speech
    link = InlineKeyboardButton(s._("Ask the bot itself"), url=f"https://t.me/{context.bot.username}")
    text = s._("Please send me /{command} in a private chat.", command=command.name(s))
    await context.say(Reply((text,), InlineKeyboardMarkup([[link]])))
    context.work.note("refused", command.en, s.language)
