"""Choosing the language that is spoken wherever a question leaves it open."""

from __future__ import annotations

from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import CallbackQueryHandler, CommandHandler, filters

from handlers.rendering import speech
from handlers.shared import buttons, commands
from handlers.shared.buttons import SPEAK, Button
from handlers.shared.context import BotContext
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.staff.menus import bring
from knowledge.model import Language

NAMES: Final[dict[Language, str]] = {"id": "Bahasa Indonesia", "en": "English"}
"""Each language in its own words: whoever looks for it can read it."""
_WORDS: Final[dict[str, Language]] = {
    "id": "id",
    "indonesia": "id",
    "indonesian": "id",
    "en": "en",
    "english": "en",
    "inggris": "en",
}


def handlers() -> Handlers:
    """What is registered for the language."""
    return [
        CommandHandler(commands.LANGUAGE.names, offer, filters=filters.UpdateType.MESSAGE),
        CallbackQueryHandler(take, buttons.pattern(SPEAK)),
    ]


async def offer(update: Update, context: BotContext) -> None:
    """Offer the languages, or take the one named behind the command."""
    wanted = _WORDS.get(" ".join(context.args or []).lower().removeprefix("bahasa "))
    if wanted:
        _keep(context, wanted)
        await context.say(Reply((_taken(wanted),)))
        await _show(context, wanted)
        return
    rows = [[InlineKeyboardButton(name, callback_data=Button(SPEAK, code).encode()) for code, name in NAMES.items()]]
    await context.say(
        Reply(
            (context.speech._("Which language shall I speak where your question leaves it open?"),),
            InlineKeyboardMarkup(rows),
        )
    )
    context.work.note("done", "language", context.language)


async def take(update: Update, context: BotContext) -> None:
    """Speak the language that was pressed."""
    wanted = context.button.language
    _keep(context, wanted)
    await context.seen()
    await context.replace(Reply((_taken(wanted),)))
    await _show(context, wanted)


def _keep(context: BotContext, wanted: Language) -> None:
    context.work.later(lambda: context.people.profiles.set_language(context.user_id, wanted))
    context.work.note("done", "language", wanted)


async def _show(context: BotContext, wanted: Language) -> None:
    """The menu of whoever has a role follows the choice."""
    await bring(context.bot, context.people, context.user_id, context.services.settings.default_language, wanted)


def _taken(wanted: Language) -> str:
    return speech(wanted)._("I will answer in English wherever the question leaves it open.")
