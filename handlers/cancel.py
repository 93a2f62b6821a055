"""Stopping what is half-finished: /batal, /cancel, or such a word alone where a form waits for a text; and any other command,
after which a text is a question again."""

from __future__ import annotations

from functools import partial

from telegram import Update
from telegram.ext import CommandHandler, MessageHandler, filters

from handlers.people import People
from handlers.people.drafts import Draft
from handlers.shared import commands
from handlers.shared.context import BotContext
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.staff.drafts import Stops, awaited, form_speech, sent


def handlers(people: People) -> Handlers:
    """What is registered for stopping, before all that takes texts."""
    private = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE
    return [
        CommandHandler(commands.CANCEL.names, cancel, filters=private),
        MessageHandler(filters.UpdateType.MESSAGE & Stops(people), stop),
    ]


def first_handlers() -> Handlers:
    """What sees every command before it is carried out."""
    return [MessageHandler(filters.UpdateType.MESSAGE & filters.COMMAND & filters.ChatType.PRIVATE, turn_away)]


async def turn_away(update: Update, context: BotContext) -> None:
    """Whoever gives a command has turned to something else: what they type then answers no earlier prompt."""
    drafts = context.people.drafts
    context.people.apply(lambda: drafts.unprompt(context.user_id))


async def cancel(update: Update, context: BotContext) -> None:
    """Drop whatever the person has half-finished; nothing of it has changed anything yet."""
    await _stop(context, context.people.drafts.of(context.user_id))


async def stop(update: Update, context: BotContext) -> None:
    """Drop what the text was awaited for."""
    await _stop(context, [awaited(context)])


async def _stop(context: BotContext, found: list[Draft]) -> None:
    """Drop those drafts that are half-finished, and say what became of them."""
    drafts = context.people.drafts
    dropped = [draft for draft in found if not sent(draft)]
    s = form_speech(context, dropped[-1].data if dropped else {})
    if dropped:
        text = s._("Stopped. What was half-finished is dropped; nothing was changed.")
    elif found:
        own = commands.MY_REGION.name(s)
        text = s._("That is sent already. Requests and proposals that wait are withdrawn in /{command}.", command=own)
    else:
        text = s._("Nothing is half-finished.")
    for draft in dropped:
        context.work.later(partial(drafts.drop, draft.id))
    context.work.later(lambda: drafts.unprompt(context.user_id))
    await context.say(Reply((text,)))
    context.work.note("done", "cancel", s.language)
