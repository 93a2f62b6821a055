"""What was reported as wrong: read, accepted by correcting what it rests on, or rejected with a note."""

from __future__ import annotations

import json
from typing import Final

from telegram import ForceReply, InlineKeyboardMarkup, Update

from handlers.people import People
from handlers.people.reports import Report
from handlers.people.staff import Role
from handlers.rendering import Speech, speech
from handlers.shared.answers import Row, page_row, paged
from handlers.shared.buttons import EDIT, REPORTS
from handlers.shared.context import BotContext
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.shared.words import shorten, words
from handlers.staff import reports
from handlers.staff.drafts import Awaits, awaited
from handlers.staff.entries import title
from handlers.staff.gate import Gate
from handlers.staff.keys import key, number
from handlers.staff.proposal import html
from handlers.staff.proposals import to_list
from knowledge import store

KIND: Final = "reports"
"""Of its drafts: the number of a report that is being rejected."""
REPORTS_A_PAGE: Final = 5
MAX_QUOTED: Final = 800
"""Characters of a question, an answer or a note that are shown."""
MAX_NOTE: Final = 500
"""Characters of the note that rejects."""
MAX_CLAIMS: Final = 8
"""Claims of an answer to choose from."""


def handlers(gate: Gate, people: People) -> Handlers:
    """What is registered for reports, for those who decide on them."""
    return [
        gate.button(REPORTS, show, Role.ADMIN, "l"),
        gate.button(REPORTS, view, Role.ADMIN, "v"),
        gate.button(REPORTS, accept, Role.ADMIN, "a"),
        gate.button(REPORTS, close, Role.ADMIN, "k"),
        gate.button(REPORTS, ask_note, Role.ADMIN, "r"),
        gate.message(Awaits(people, KIND), reject, Role.ADMIN),
    ]


async def show(update: Update, context: BotContext) -> None:
    """Show a page of the open reports, in place."""
    s, page, found = speech(context.button.language), number(context, 1), context.people.reports.open()
    await context.seen()
    context.work.note("done", "reports", s.language)
    shown, page, of = paged(found, page, REPORTS_A_PAGE)
    head = s._("Open reports")
    lines = [f"<b>{head}</b>", *(_line(report, s) for report in shown)]
    if not found:
        lines.append(s._("No report is open."))
    rows: list[Row] = [
        [key(REPORTS, s, s._("No. {number}: {question}", number=r.id, question=r.question or "…"), "v", str(r.id))]
        for r in shown
    ]
    if of > 1:
        rows.append(page_row(REPORTS, ("l",), page, of, s.language))
    await context.replace(Reply(("\n".join(lines),), InlineKeyboardMarkup([*rows, to_list(s)])))


async def view(update: Update, context: BotContext) -> None:
    """Show one report, and what the answer rested on."""
    s, report = speech(context.button.language), _meant(context)
    await context.seen()
    context.work.note("done", "reports", s.language)
    await context.replace(_view(report, s) if report else _gone(s))


async def accept(update: Update, context: BotContext) -> None:
    """Ask which of the claims that the answer rested on is to be corrected."""
    s, report = speech(context.button.language), _meant(context)
    await context.seen()
    context.work.note("done", "reports", s.language)
    if report is None or report.state != "open":
        await context.replace(_gone(s))
        return
    stored = {row["id"]: row for row in store.all_tables(context.services.knowledge_dir)["claims"]}
    claims = [stored[id] for id in report.claims if id in stored][:MAX_CLAIMS]
    rows: list[Row] = [
        [key(EDIT, s, title("claims", row, context.engine.snapshot, s), "r", str(report.id), row["id"])]
        for row in claims
    ]
    rows.append([key(REPORTS, s, s._("It is corrected already"), "k", str(report.id))])
    rows.append([key(REPORTS, s, s._("‹ Back"), "v", str(report.id))])
    text = s._("Which entry is to be corrected? Whoever reported it is told once the correction is published.")
    await context.replace(Reply((text,), InlineKeyboardMarkup(rows)))


async def close(update: Update, context: BotContext) -> None:
    """Accept it without a change of its own: it was corrected in another way."""
    s, report = speech(context.button.language), _meant(context)
    await context.seen()
    context.work.note("done", "reports", s.language)
    if report is None or report.state != "open":
        await context.replace(_gone(s))
        return
    await reports.accepted(context, report.id, 0)
    await context.replace(_told(s._("Report no. {number} is accepted.", number=report.id), s))


async def ask_note(update: Update, context: BotContext) -> None:
    """Ask why it is rejected."""
    s, report = speech(context.button.language), _meant(context)
    context.work.note("done", "reports", s.language)
    if report is None or report.state != "open":
        await context.seen()
        await context.replace(_gone(s))
    elif await context.seen_once():
        data = {"report": report.id}
        id = context.people.drafts.begin(context.user_id, KIND, data, update_id=context.work.update_id)
        text = s._("Why does the answer stay as it is? Whoever reported it reads what you write.")
        sent = await context.say(Reply((text,), markup=ForceReply()), quote=False)
        context.work.later(lambda: context.people.drafts.update(id, data, sent))


async def reject(update: Update, context: BotContext) -> None:
    """Reject it with what was written."""
    s, message, drafts = context.speech, context.message, context.people.drafts
    draft = awaited(context)
    context.work.note("done", "reports", s.language)
    report, note = context.people.reports.get(draft.data["report"]), words(message).strip()
    if len(note) > MAX_NOTE:
        text = s._("That is too long: at most {n} characters, please.", n=MAX_NOTE)
        sent = await context.say(Reply((text,), markup=ForceReply()))
        context.work.later(lambda: drafts.update(draft.id, draft.data, sent))
        return
    context.work.later(lambda: drafts.drop(draft.id))
    if report is None or report.state != "open":
        await context.say(_gone(s))
        return
    await context.say(_told(s._("Report no. {number} is rejected.", number=report.id), s))
    await reports.rejected(context, report, note)


# ----------------------------------------------------------------------------------------------------------------- views


def _meant(context: BotContext) -> Report | None:
    return context.people.reports.get(number(context, 1))


def _line(report: Report, s: Speech) -> str:
    question = html(shorten(report.question, 200)) or "…"
    return s._(
        "• No. {number}, {day}, {role}: <i>{question}</i>",
        number=report.id, day=s.date(report.day), role=report.role or "citizen", question=question,
    )  # fmt: skip


def _view(report: Report, s: Speech) -> Reply:
    head = s._(
        "<b>Report no. {number}</b>, {day}, by: {role}",
        number=report.id, day=s.date(report.day), role=report.role or "citizen",
    )  # fmt: skip
    parts = (
        (s._("Question"), report.question),
        (s._("Answer"), report.answer),
        (s._("What they say"), report.note),
        (s._("How it was understood"), _words(report)),
        (s._("It rests on"), ", ".join(report.claims[:MAX_CLAIMS])),
    )
    lines = [head, *(f"<b>{label}</b>: {html(shorten(text, MAX_QUOTED))}" for label, text in parts if text)]
    if report.state != "open":
        states = {"accepted": s._("Accepted"), "rejected": s._("Rejected")}
        lines.append(f"<b>{states[report.state]}</b> {html(report.decision_note)}".rstrip())
        return Reply(("\n".join(lines),), InlineKeyboardMarkup([_to_reports(s)]))
    rows = [
        [
            key(REPORTS, s, s._("Accept"), "a", str(report.id)),
            key(REPORTS, s, s._("Reject"), "r", str(report.id)),
        ],
        _to_reports(s),
    ]
    return Reply(("\n".join(lines),), InlineKeyboardMarkup(rows))


def _words(report: Report) -> str:
    spans = json.loads(report.trace).get("words", ()) if report.trace else ()
    return ", ".join(f"{said} = {taken}" for said, taken in spans if taken != "stop")


def _gone(s: Speech) -> Reply:
    return _told(s._("This report is decided on, or no longer kept."), s)


def _told(text: str, s: Speech) -> Reply:
    return Reply((text,), InlineKeyboardMarkup([_to_reports(s)]))


def _to_reports(s: Speech) -> Row:
    return [key(REPORTS, s, s._("‹ To the reports"), "l", "0")]
