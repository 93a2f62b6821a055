"""Wanting no more messages: /stop, and texts that say so, from whoever gets any, lead to what stops them."""

from __future__ import annotations

from telegram import Message, Update
from telegram.ext import CommandHandler, MessageHandler, filters

from handlers.notices.stopping import stopping
from handlers.people import People
from handlers.shared import commands
from handlers.shared.asked import give
from handlers.shared.context import BotContext
from handlers.shared.registering import Handlers
from handlers.shared.words import after_command, words
from knowledge.wanting import to_stop

_TO_BOT = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE


class WantsNoMore(filters.MessageFilter):
    """A text that asks for no more messages, from somebody who gets some."""

    def __init__(self, people: People) -> None:
        super().__init__()
        self._people = people

    def filter(self, message: Message) -> bool:
        """Whether it is one. What such words mean to anybody else is for whoever answers questions to say."""
        follows = self._people.follows
        if to_stop(words(message)) is None:
            return False
        return bool(follows.of(message.chat.id)) or follows.wishes(message.chat.id).corrections


def handlers(people: People) -> Handlers:
    """What is registered for it."""
    return [
        CommandHandler(commands.STOP.names, by_command, filters=_TO_BOT),
        MessageHandler(_TO_BOT & filters.TEXT & ~filters.COMMAND & WantsNoMore(people), by_words),
    ]


async def by_command(update: Update, context: BotContext) -> None:
    """Show what stops messages: of what is named behind the command, or of all."""
    s = context.speech
    context.work.note("done", "follow", s.language)
    await context.say(stopping(context, s, to_stop(f"stop {after_command(words(context.message))}") or ""))


async def by_words(update: Update, context: BotContext) -> None:
    """The same for a text that says so; where it goes on with anything but a region's name, it is a question."""
    s, text = context.speech, words(context.message)
    named = to_stop(text) or ""
    if named and not any(candidate.sure for candidate in context.engine.pick(named).candidates):
        await give(context, text)
        return
    context.work.note("done", "follow", s.language)
    await context.say(stopping(context, s, named))
