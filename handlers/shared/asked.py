"""What is done with a question beside sending its answer: it is asked, and then remembered, counted and written down."""

from __future__ import annotations

import re
import time
from typing import Final

from handlers.people.staff import Role
from handlers.shared.context import BotContext
from handlers.shared.counting import count
from knowledge import Turn
from knowledge.taught import TOPIC as TAUGHT

QUESTION_WORDS: Final = frozenset((
    "apa", "apakah", "siapa", "kapan", "mana", "dimana", "berapa", "mengapa", "kenapa", "bagaimana", "gimana",
    "what", "who", "when", "where", "why", "how", "which",
))  # fmt: skip
"""Words that make a text a question."""
_PAGE: Final = re.compile(r"https?://|www\.", re.IGNORECASE)


def asked(context: BotContext, text: str) -> Turn:
    """The answer to a text at this point of the conversation."""
    conversation = context.conversation
    preference = context.preference or (None if conversation.language else context.hint)
    return context.engine.answer(text, conversation, preference=preference, now=time.time())


def asks(context: BotContext, text: str) -> bool:
    """Whether a text is put as a question: "tanggalnya 9 Mei" finds an answer too, but tells something, as does what names a page."""
    reading = context.engine.reader.read(text)
    values = [item.value for item in reading.items if item.kind != "stop"]
    worded = not QUESTION_WORDS.isdisjoint(token.text for token in reading.tokens)
    turned = values[:1] == ["AUX"] or values[-1:] == ["NOT"]  # "is Blora in", "blora ikut nggak"
    return ("?" in text or worded or turned) and not _PAGE.search(text)


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
