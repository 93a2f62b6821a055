"""Stopping what is half-finished: /batal, /cancel; and any other command, after which a text is a question again."""

from __future__ import annotations

from telegram import Update
from telegram.ext import MessageHandler, filters

from handlers.people.staff import Role
from handlers.shared import commands
from handlers.shared.context import BotContext
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.staff.gate import Gate


def handlers(gate: Gate) -> Handlers:
    """What is registered for stopping."""
    return [gate.command(commands.CANCEL, cancel, Role.OFFICER)]


def first_handlers() -> Handlers:
    """What sees every command before it is carried out."""
    return [MessageHandler(filters.UpdateType.MESSAGE & filters.COMMAND & filters.ChatType.PRIVATE, turn_away)]


async def turn_away(update: Update, context: BotContext) -> None:
    """Whoever gives a command has turned to something else: what they type then answers no earlier prompt."""
    drafts = context.people.drafts
    context.people.apply(lambda: drafts.unprompt(context.user_id))


async def cancel(update: Update, context: BotContext) -> None:
    """Drop every draft of the person; nothing of it has changed anything yet."""
    s, drafts = context.speech, context.people.drafts
    if drafts.of(context.user_id):
        text = s._("Stopped. What was half-finished is dropped; nothing was changed.")
    else:
        text = s._("Nothing is half-finished.")
    await context.say(Reply((text,)))
    context.work.later(lambda: drafts.drop_all(context.user_id))
    context.work.note("done", "cancel", s.language)
