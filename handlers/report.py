"""Telling that something is wrong with an answer: why by button, or in words as a reply. Admins are told."""

from __future__ import annotations

from html import escape
from typing import Final

import structlog
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.error import TelegramError
from telegram.ext import CallbackQueryHandler, MessageHandler, filters

from handlers.people import People
from handlers.people.drafts import Draft
from handlers.people.impersonal import impersonal, today
from handlers.people.reports import Report, as_trace
from handlers.people.staff import Role
from handlers.rendering import Speech, speech
from handlers.shared import buttons
from handlers.shared.asked import answered
from handlers.shared.buttons import REASON, REPORTS, WRONG, Button, StaleButton
from handlers.shared.context import BotContext
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.shared.words import shorten, words
from handlers.staff.drafts import SENT, Awaits, awaited

KIND: Final = "report"
"""Of its drafts: the message that asked what is wrong, and the messages that went into the report."""
MAX_QUESTION: Final = 500
MAX_QUOTED: Final = 1500
"""Characters of a question, and of an answer or a note, that are shown to admins."""

log = structlog.get_logger(__name__)


class Correction(filters.MessageFilter):
    """What somebody says is right: a reply to the bot's own "what is wrong?", a text soon after it, or the edit of one."""

    def __init__(self, people: People) -> None:
        super().__init__()
        self._people = people
        self._awaits = Awaits(people, KIND)

    def filter(self, message: Message) -> bool:
        """Whether it is one."""
        prompt = message.reply_to_message
        if prompt and self._people.inbox.asked_about(message.chat.id, prompt.message_id) is not None:
            return True
        return _taken(self._people, message) is not None if message.edit_date else self._awaits.filter(message)


def handlers(people: People) -> Handlers:
    """What is registered for reports."""
    said = filters.UpdateType.MESSAGES & (filters.TEXT | filters.CAPTION) & ~filters.COMMAND
    return [
        CallbackQueryHandler(ask_why, buttons.pattern(WRONG)),
        CallbackQueryHandler(take_reason, buttons.pattern(REASON)),
        MessageHandler(said & Correction(people), take_words),
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
    answer = message.text if isinstance(message, Message) else ""
    rows = [
        [InlineKeyboardButton(label, callback_data=Button(REASON, s.language, (letter,)).encode())]
        for letter, label in reasons(s).items()
    ]
    text = s._("What is wrong with this answer? Choose, or write what is right and where it is published.")
    prompt = await context.say(
        Reply((text,), InlineKeyboardMarkup(rows)), quote=True, question=question, asks_about=answer or "-"
    )
    if context.private:
        drafts, data = context.people.drafts, {"prompt": prompt, "taken": []}
        drafts.begin(context.user_id, KIND, data, prompt, update_id=context.work.update_id)


async def take_reason(update: Update, context: BotContext) -> None:
    """Keep the report, once."""
    s = speech(context.button.language)
    letter, *_ = (*context.button.arguments, "")
    if letter not in reasons(s):
        raise StaleButton(letter)
    context.work.note("done", "report", s.language)
    prompt, drafts = context.query.message, context.people.drafts
    if prompt is None or context.people.reports.number_of(context.user_id, prompt.message_id):
        await context.seen(s._("This is already reported. Thank you."))
        return
    draft = _draft(context, prompt.message_id)
    if letter == "x":
        if draft:
            context.work.later(lambda: drafts.drop(draft.id))
        await context.seen()
        await context.replace(Reply((s._("All right, nothing was reported."),)))
        return
    number = context.people.reports.next_number()
    invited = s._("You can add what is right and where it is published: just write it.")
    thanks = _thanks(context, s, number)
    report = _kept(context, s, number, letter, prompt.message_id, "")
    await context.seen()
    await context.replace(Reply((f"{thanks} {invited}" if draft else thanks,)))
    await _tell_admins(context, number, letter, report.question, report.answer, "")
    if draft:
        data = {**draft.data, "asking": SENT}
        context.work.later(lambda: drafts.update(draft.id, data, prompt.message_id))


async def take_words(update: Update, context: BotContext) -> None:
    """Keep the report with what the person says is right, or add that to the report already made; a question is answered."""
    message, people, edited = context.message, context.people, update.edited_message is not None
    replied = message.reply_to_message
    if replied and people.inbox.asked_about(context.chat_id, replied.message_id) is not None:
        prompt = replied.message_id
        draft = _draft(context, prompt)
    else:
        draft = _taken(people, message) if edited else awaited(context)
        assert draft is not None
        prompt = draft.data["prompt"]
        if not replied and not edited and await _answered(context, draft, prompt):
            return
    sent = await _take(context, prompt, words(message), edited=edited)
    if draft and not edited:
        data = {**draft.data, "taken": [*draft.data["taken"], message.message_id], "asking": SENT}
        context.work.later(lambda: people.drafts.update(draft.id, data, sent))
        context.work.later(lambda: people.drafts.unprompt(context.user_id))


async def _answered(context: BotContext, draft: Draft, prompt: int) -> bool:
    """Whether a text is clearly a question, and one that the bot can answer, rather than what is right; then it is answered."""
    s, people = context.speech, context.people
    turn = await answered(context, words(context.message))
    if turn is None:
        return False
    if turn.answer.kind != "smalltalk":
        known = people.reports.number_of(context.user_id, prompt)
        hint = s._("To report what is wrong with the earlier answer, reply to this message.")
        if known:
            hint = s._("To add something to report no. {number}, reply to this message.", number=known)
        sent = await context.say(Reply((hint,)))
        context.work.later(lambda: people.drafts.update(draft.id, draft.data, sent))
    return True


async def _take(context: BotContext, prompt: int, said: str, *, edited: bool) -> int:
    """Put what somebody says is right into the report of a prompt, and return the message that thanks for it."""
    s, reports = context.speech, context.people.reports
    context.work.note("done", "report", s.language)
    known = reports.number_of(context.user_id, prompt)
    if known and edited:
        context.work.later(lambda: reports.note(known, said, add=False))
        return 0
    if known:
        context.work.later(lambda: reports.note(known, said, add=True))
        sent = await context.say(Reply((s._("Thank you. That is added to report no. {number}.", number=known),)))
        await _tell_admins(context, known, "w", "", "", said)
        return sent
    number = reports.next_number()
    report = _kept(context, s, number, "w", prompt, said)
    sent = await context.say(Reply((_thanks(context, s, number),)))
    reported = s._("Report no. {number}", number=number)
    await context.outbox.edit(reported, chat_id=context.chat_id, message_id=prompt)
    await _tell_admins(context, number, "w", report.question, report.answer, said)
    return sent


def _draft(context: BotContext, prompt: int) -> Draft | None:
    """The draft of the report that a message asked for."""
    drafts = (draft for draft in context.people.drafts.of(context.user_id) if draft.kind == KIND)
    return next((draft for draft in drafts if draft.data["prompt"] == prompt), None)


def _taken(people: People, message: Message) -> Draft | None:
    """The draft of the report that a text went into."""
    if message.chat.type != "private":
        return None
    drafts = (draft for draft in people.drafts.of(message.chat.id) if draft.kind == KIND)
    return next((draft for draft in drafts if message.message_id in draft.data["taken"]), None)


def _thanks(context: BotContext, s: Speech, number: int) -> str:
    if context.people.staff.reachable(Role.ADMIN):
        return s._("Thank you. Report no. {number} is noted, and the maintainers are told.", number=number)
    return s._("Thank you. Report no. {number} is noted.", number=number)


def _kept(context: BotContext, s: Speech, number: int, reason: str, prompt_id: int, note: str) -> Report:
    """The report, which is written down."""
    question, answer = context.people.inbox.asked_about(context.chat_id, prompt_id) or ("", "")
    report = Report(
        number, today(), s.language, reason, question, answer, note, _role(context), _trace(context, s, question)
    )
    context.work.later(lambda: context.people.reports.add(report, context.user_id, prompt_id))
    return report


def _role(context: BotContext) -> str:
    """Who reports, by role alone: "citizen", "officer 33.10"."""
    member = context.people.staff.member(context.user_id)
    return " ".join((member.role.word, *member.regions)) if member else "citizen"


def _trace(context: BotContext, s: Speech, question: str) -> str:
    """How the answer comes about, asked again at this moment."""
    if not question:
        return ""
    trace = context.engine.answer(impersonal(question), preference=s.language).answer.trace
    return as_trace({"words": trace.spans, "shape": trace.shape, "topic": trace.topic, "claims": trace.claims})


async def _tell_admins(context: BotContext, number: int, reason: str, question: str, answer: str, note: str) -> None:
    s = speech(context.services.settings.default_language)
    why = reasons(s).get(reason, s._("In their own words"))
    lines = [s._("<b>Report no. {number}</b>: {why}", number=number, why=why)]
    parts = (
        (s._("Question"), shorten(question, MAX_QUESTION)),
        (s._("Answer"), shorten(answer, MAX_QUOTED)),
        (s._("What they say"), shorten(note, MAX_QUOTED)),
    )
    lines += [f"<b>{label}</b>: {escape(text, quote=False)}" for label, text in parts if text]
    view = Button(REPORTS, s.language, ("v", str(number))).encode()
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton(s._("Open the report"), callback_data=view)]])
    for admin in context.people.staff.reachable(Role.ADMIN):
        try:
            await context.outbox.send(admin, "\n".join(lines), keyboard)
        except TelegramError as error:
            log.warning("admin not told", error=type(error).__name__)
