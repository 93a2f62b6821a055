"""A report is rejected: the reason is written, shown as it will be read, and sent with one tap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from telegram import InlineKeyboardMarkup, Update

from handlers.people import People
from handlers.people.drafts import Draft
from handlers.people.staff import Role
from handlers.rendering import Speech, speech
from handlers.shared.buttons import REPORTS
from handlers.shared.context import BotContext
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.shared.words import words
from handlers.staff import reports
from handlers.staff.drafts import Awaits, awaited, pressed
from handlers.staff.gate import Gate
from handlers.staff.keys import key, number
from handlers.staff.reports import gone, told

KIND: Final = "reports"
"""Of its drafts: the number of a report that is being rejected, and the note."""
MAX_NOTE: Final = 500
"""Characters of the note that rejects."""


def handlers(gate: Gate, people: People) -> Handlers:
    """What is registered for rejecting."""
    return [
        gate.button(REPORTS, ask_note, Role.ADMIN, "r"),
        gate.button(REPORTS, ask_again, Role.ADMIN, "c"),
        gate.button(REPORTS, reject, Role.ADMIN, "s"),
        gate.button(REPORTS, give_up, Role.ADMIN, "x"),
        gate.message(Awaits(people, KIND), take_note, Role.ADMIN),
    ]


async def ask_note(update: Update, context: BotContext) -> None:
    """Ask why it is rejected."""
    s, report = speech(context.button.language), context.people.reports.pending(number(context, 1))
    context.work.note("done", "reports", s.language)
    if report is None:
        await context.seen()
        await context.replace(gone(s))
    elif await context.seen_once():
        data = {"report": report.id}
        id = context.people.drafts.begin(context.user_id, KIND, data, update_id=context.work.update_id)
        await _prompt(context, s, id, data)


async def take_note(update: Update, context: BotContext) -> None:
    """Show what would be told, before it is."""
    s, draft, drafts = context.speech, awaited(context), context.people.drafts
    context.work.note("done", "reports", s.language)
    report, note = context.people.reports.pending(draft.data["report"]), words(context.message).strip()
    if report is None:
        context.work.later(lambda: drafts.drop(draft.id))
        await context.say(gone(s))
        return
    if len(note) > MAX_NOTE:
        await _prompt(
            context, s, draft.id, draft.data, s._("That is too long: at most {n} characters, please.", n=MAX_NOTE)
        )
        return
    head, id = s._("This is what they are told:"), str(draft.id)
    rows = [
        [key(REPORTS, s, s._("Send"), "s", id)],
        [key(REPORTS, s, s._("Change it"), "c", id), key(REPORTS, s, s._("Cancel"), "x", id)],
    ]
    text = f"{head}\n\n<blockquote>{reports.refusal(report, note)}</blockquote>"
    await context.say(Reply((text,), InlineKeyboardMarkup(rows)), quote=False)
    context.work.later(lambda: drafts.update(draft.id, {**draft.data, "note": note}))


async def ask_again(update: Update, context: BotContext) -> None:
    """Ask for other words."""
    s, draft = speech(context.button.language), await _draft(context)
    if draft:
        await context.seen()
        await _prompt(context, s, draft.id, draft.data)


async def reject(update: Update, context: BotContext) -> None:
    """Reject it with what was written. Pressed again, it comes to the same."""
    s, draft = speech(context.button.language), await _draft(context)
    if draft is None or "note" not in draft.data:
        return
    await context.seen()
    report = context.people.reports.pending(draft.data["report"])
    context.work.later(lambda: context.people.drafts.drop(draft.id))
    if report is None:
        await context.replace(gone(s))
        return
    await context.replace(told(s._("Report no. {number} is rejected.", number=report.id), s))
    await reports.rejected(context, report, draft.data["note"])


async def give_up(update: Update, context: BotContext) -> None:
    """Leave the report as it is: open."""
    s, draft = speech(context.button.language), await _draft(context)
    if draft:
        await context.seen()
        context.work.later(lambda: context.people.drafts.drop(draft.id))
        report = context.people.reports.get(draft.data["report"])
        await context.replace(told(s._("Report no. {number} stays open.", number=report.id), s) if report else gone(s))


async def _prompt(context: BotContext, s: Speech, id: int, data: Mapping[str, Any], trouble: str = "") -> None:
    text = s._("Why is it rejected? Whoever reported it reads what you write.")
    rows = [[key(REPORTS, s, s._("Cancel"), "x", str(id))]]
    said = f"{trouble}\n\n{text}" if trouble else text
    sent = await context.say(Reply((said,), InlineKeyboardMarkup(rows)), quote=False)
    context.work.later(lambda: context.people.drafts.update(id, data, sent))


async def _draft(context: BotContext) -> Draft | None:
    """The draft of the pressed button; where it is gone that is said."""
    context.work.note("done", "reports", context.button.language)
    return await pressed(context, KIND)
