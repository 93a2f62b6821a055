"""Telling that something is wrong with an answer: why by button, or in words as a reply. Owners are told."""

from __future__ import annotations

from html import escape
from typing import Final

import structlog
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.error import TelegramError
from telegram.ext import CallbackQueryHandler, MessageHandler, filters

from handlers.rendering import Speech, document, plain, speech
from handlers.shared import buttons
from handlers.shared.buttons import REASON, WRONG, Button, StaleButton, decode
from handlers.shared.context import BotContext
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers

MAX_QUOTED: Final = 1500
"""Characters of an answer that are shown to owners."""

log = structlog.get_logger(__name__)


class _ReplyToPrompt(filters.MessageFilter):
    """Replies to the bot's own "what is wrong?", known by the buttons below it."""

    def filter(self, message: Message) -> bool:
        """Whether it is one."""
        prompt = message.reply_to_message
        keyboard = prompt.reply_markup if prompt else None
        for row in keyboard.inline_keyboard if keyboard else ():
            for button in row:
                try:
                    if decode(str(button.callback_data)).action == REASON:
                        return True
                except StaleButton:
                    continue
        return False


def handlers() -> Handlers:
    """What is registered for reports."""
    words = filters.UpdateType.MESSAGE & filters.TEXT & ~filters.COMMAND & _ReplyToPrompt()
    return [
        CallbackQueryHandler(ask_why, buttons.pattern(WRONG)),
        CallbackQueryHandler(take_reason, buttons.pattern(REASON)),
        MessageHandler(words, take_words),
    ]


def reasons(s: Speech) -> dict[str, str]:
    """What may be wrong, by the letter that stands for it in a button."""
    return {
        "f": s._("The facts are wrong"),
        "q": s._("Not what I asked"),
        "o": s._("Out of date"),
        "x": s._("Cancel"),
    }


async def ask_why(update: Update, context: BotContext) -> None:
    """Ask what is wrong, quoting the answer."""
    s = speech(context.button.language)
    context.work.note("done", "report", s.language)
    if not await context.seen_once():
        return
    message = context.query.message
    question = context.people.inbox.question_of(context.chat_id, message.message_id) if message else ""
    rows = [
        [InlineKeyboardButton(label, callback_data=Button(REASON, s.language, (letter,)).encode())]
        for letter, label in reasons(s).items()
    ]
    text = s._(
        "What is wrong with this answer? Choose, or reply to this message with what is right and where it is published."
    )
    await context.say(Reply((text,), InlineKeyboardMarkup(rows)), quote=True, question=question)


async def take_reason(update: Update, context: BotContext) -> None:
    """Keep the report, once."""
    s = speech(context.button.language)
    letter, *_ = (*context.button.arguments, "")
    if letter not in reasons(s):
        raise StaleButton(letter)
    await context.seen()
    prompt = context.query.message
    context.work.note("done", "report", s.language)
    if letter == "x":
        await context.replace(Reply((s._("All right, nothing was reported."),)))
    elif isinstance(prompt, Message):
        answer = prompt.reply_to_message
        await _keep(context, s, letter, prompt, answer.text or "" if answer else "", "")


async def take_words(update: Update, context: BotContext) -> None:
    """Keep the report with what the person says is right."""
    prompt = context.message.reply_to_message
    assert prompt is not None
    await _keep(context, context.speech, "w", prompt, "", context.message.text or "")
    context.work.note("done", "report", context.language)


async def _keep(context: BotContext, s: Speech, reason: str, prompt: Message, answer: str, note: str) -> None:
    """Write the report down, thank, and tell the owners. A prompt makes one report, however often it is answered."""
    people = context.people
    what = f"report {prompt.message_id}"
    if not people.inbox.first_time(context.chat_id, what):
        if note:
            await context.say(Reply((s._("This is already reported. Thank you."),)))
        return
    question = people.inbox.question_of(context.chat_id, prompt.message_id)
    if question and not answer:
        turn = context.engine.answer(question, preference=s.language)
        answer = plain(document(turn.answer, context.engine.snapshot))
    number = people.journal.next_report()
    thanks = Reply((s._("Thank you. Report no. {number} is noted, and the maintainers are told.", number=number),))
    await (context.say(thanks) if note else context.replace(thanks))
    await _tell_owners(context, number, reason, question, answer, note)
    context.work.later(lambda: people.inbox.happened(context.chat_id, what))
    context.work.later(
        lambda: people.journal.report(number, s.language, reason, question, answer, note, context.user_id)
    )


async def _tell_owners(context: BotContext, number: int, reason: str, question: str, answer: str, note: str) -> None:
    settings = context.services.settings
    s = speech(settings.default_language)
    why = reasons(s).get(reason, s._("In their own words"))
    lines = [s._("<b>Report no. {number}</b>: {why}", number=number, why=why)]
    parts = ((s._("Question"), question), (s._("Answer"), answer[:MAX_QUOTED]), (s._("What they say"), note))
    lines += [f"<b>{label}</b>: {escape(text, quote=False)}" for label, text in parts if text]
    for owner in settings.owner_ids:
        try:
            await context.outbox.send(owner, "\n".join(lines))
        except TelegramError as error:
            log.warning("owner not told", error=type(error).__name__)
