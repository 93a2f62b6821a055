"""What is done with a question beside sending its answer: it is asked, and then remembered, counted and written down."""

from __future__ import annotations

import re
from typing import Final

from telegram import ReactionTypeEmoji
from telegram.error import TelegramError

from handlers.people import moment
from handlers.people.staff import Role
from handlers.shared.context import BotContext
from handlers.shared.counting import count
from handlers.shared.leads import leads
from knowledge import Answer, Turn
from knowledge.taught import TOPIC as TAUGHT

QUESTION_WORDS: Final = frozenset((
    "apa", "apakah", "siapa", "kapan", "mana", "dimana", "berapa", "mengapa", "kenapa", "bagaimana", "gimana",
    "what", "who", "when", "where", "why", "how", "which",
))  # fmt: skip
"""Words that make a text a question."""
SHRUG: Final = "🤷"
"""How the bot tells a group that it has no answer: without a message."""
_PAGE: Final = re.compile(r"https?://|www\.", re.IGNORECASE)


def asked(context: BotContext, text: str) -> Turn:
    """The answer to a text at this point of the conversation."""
    conversation = context.conversation
    preference = context.preference or (None if conversation.language else context.hint)
    return context.engine.answer(text, conversation, preference=preference, now=moment.now())


def asks(context: BotContext, text: str, *, plainly: bool = False) -> bool:
    """Whether a text is put as a question: "tanggalnya 9 Mei" finds an answer too, but tells something, as does what names a page.
    ``plainly``: where a word such as "who" may come by the way, it counts only as the first."""
    reading = context.engine.reader.read(text)
    values = [item.value for item in reading.items if item.kind != "stop"]
    worded = not QUESTION_WORDS.isdisjoint(token.text for token in reading.tokens[: 1 if plainly else None])
    turned = values[:1] == ["AUX"] or values[-1:] == ["NOT"]  # "is Blora in", "blora ikut nggak"
    return ("?" in text or worded or turned) and not _PAGE.search(text)


async def answered(context: BotContext, text: str, *, plainly: bool = False, smalltalk: bool = True) -> Turn | None:
    """Answer a text that came where other words were awaited, if it is clearly a question, or small talk, and the bot has an
    answer; None where it is what was awaited. ``plainly``: as for :func:`asks`. ``smalltalk``: whether that is answered too."""
    turn = asked(context, text)
    small = turn.answer.kind == "smalltalk"
    if turn.answer.outcome == "unknown" or not (smalltalk if small else asks(context, text, plainly=plainly)):
        return None
    await context.say(context.dressed(turn.answer), question=text)
    note(context, turn, text)
    return turn


async def give(context: BotContext, text: str, *, addressed: bool = False) -> None:
    """Answer a text; a group reads only what is an answer to it. ``addressed``: the group's text was for the bot."""
    turn = asked(context, text)
    if context.private or welcome_in_group(turn.answer, addressed):
        found = (text, turn.answer, context.people, context.user_id, context.engine.snapshot)
        kept = leads(*found) if context.private else []
        await context.say(context.dressed(turn.answer, kept=kept), question=text)
    elif addressed:
        await _shrug(context)
    note(context, turn, text)


def welcome_in_group(answer: Answer, addressed: bool) -> bool:
    """Whether a group wants to read it: an answer, or a question back; never that the bot has not understood."""
    if answer.outcome == "unknown":
        return addressed and any(choice.asked for choice in answer.choices)
    return True


async def _shrug(context: BotContext) -> None:
    try:
        await context.bot.set_message_reaction(context.chat_id, context.message.message_id, [ReactionTypeEmoji(SHRUG)])
    except TelegramError:
        context.work.note("unknown", "no_reaction")  # Reactions may be forbidden in the group: then there is silence.


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
