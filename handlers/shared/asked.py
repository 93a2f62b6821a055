"""What is done with a question beside sending its answer: it is asked, and then remembered, counted and written down."""

from __future__ import annotations

import time

from handlers.people.staff import Role
from handlers.shared.context import BotContext
from handlers.shared.counting import count
from knowledge import Turn
from knowledge.taught import TOPIC as TAUGHT


def asked(context: BotContext, text: str) -> Turn:
    """The answer to a text at this point of the conversation."""
    conversation = context.conversation
    preference = context.preference or (None if conversation.language else context.hint)
    return context.engine.answer(text, conversation, preference=preference, now=time.time())


def note(context: BotContext, turn: Turn, text: str) -> None:
    """Keep the thread, log and count the outcome, and write down what could not be answered. What admins type and the bot
    does not understand is more often meant for a form than a question: it is neither counted nor written down."""
    answer = turn.answer
    unknown = answer.outcome == "unknown"
    reason = answer.trace.shape if answer.outcome != "answered" else ""
    context.remember(turn.context)
    context.work.note(answer.outcome, answer.kind or reason, answer.language)
    if unknown and context.people.staff.role(context.user_id) >= Role.ADMIN:
        return
    count(context, answer)
    if unknown and text.strip() and answer.trace.topic != TAUGHT:
        place, meaning = "private" if context.private else "group", context.engine.meaning
        context.work.later(lambda: context.people.queue.unanswered(text, answer.language, reason, place, meaning))
