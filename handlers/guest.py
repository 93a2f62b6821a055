"""Questions from chats that the bot is not in: somebody mentions it there, and it may answer once."""

from __future__ import annotations

from telegram import Update
from telegram.ext import TypeHandler

from handlers.people import moment
from handlers.shared import cards
from handlers.shared.context import BotContext
from handlers.shared.counting import count
from handlers.shared.registering import Handlers
from handlers.shared.words import without_name, words
from handlers.transport.outbox import tolerant


class GuestHandler(TypeHandler[Update, BotContext, None]):
    """Takes updates that are guest messages."""

    def check_update(self, update: object) -> bool:
        """Whether it is one."""
        return isinstance(update, Update) and update.guest_message is not None


def handlers() -> Handlers:
    """What is registered for guests."""
    return [GuestHandler(Update, answer)]


async def answer(update: Update, context: BotContext) -> None:
    """Answer where there is an answer; a chat of others is not told that there is none."""
    message = update.guest_message
    assert message is not None
    text = without_name(words(message), context.bot.username)
    found = context.engine.answer(text, preference=context.preference or context.hint, now=moment.now()).answer
    context.work.note(found.outcome, found.kind or "guest", found.language)
    count(context, found)
    if found.outcome != "answered" or not message.guest_query_id:
        return
    with tolerant():
        await context.bot.answer_guest_query(
            message.guest_query_id, cards.article(found, context.engine, context.bot.bot)
        )
