""" "Tell me when you can answer this": kept until it can be answered, until it is too old, or until /deleteme."""

from __future__ import annotations

from telegram import Update
from telegram.ext import CallbackQueryHandler

from handlers.people.impersonal import impersonal
from handlers.people.queue import SETTLED
from handlers.rendering import speech
from handlers.shared import buttons, commands
from handlers.shared.buttons import TELL_ME
from handlers.shared.context import BotContext
from handlers.shared.registering import Handlers


def handlers() -> Handlers:
    """What is registered for it."""
    return [CallbackQueryHandler(wait, buttons.pattern(TELL_ME))]


async def wait(update: Update, context: BotContext) -> None:
    """Remember who wants to be told, once; where the question can be answered by now, answer it."""
    s, message, queue = speech(context.button.language), context.query.message, context.people.queue
    context.work.note("done", "tell_me", s.language)
    question = context.people.inbox.question_of(context.chat_id, message.message_id) if message else ""
    if not question or not context.private:
        await context.seen(s._("I no longer know which question that was. Please ask it again."), alert=True)
        return
    answer = context.engine.answer(question, preference=s.language).answer
    if answer.outcome == "answered":
        if await context.seen_once():
            await context.say(context.dressed(answer), quote=False, question=question)
        return
    meaning = context.engine.meaning(impersonal(question))
    if queue.decision(s.language, meaning) in SETTLED:
        text = s._("This question was looked at already: I will not be able to answer it.")
    elif queue.waits(context.user_id, s.language, meaning):
        text = s._("I remember: you will be told.")
    else:
        days = s.ngettext("{n} day", "{n} days", context.services.settings.question_log_days)
        text = s._(
            "I will tell you once I can answer this. Your question is kept for {days} at most; /{command} deletes it.",
            days=days,
            command=commands.DELETE_ME.name(s),
        )
        context.work.later(lambda: queue.wait(context.user_id, s.language, meaning, question))
    await context.seen(text, alert=True)
