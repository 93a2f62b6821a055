"""What was reported as wrong: read, and accepted by correcting what it rests on."""

from __future__ import annotations

import json
from typing import Final

from telegram import InlineKeyboardMarkup, Update

from handlers.people.reports import Report
from handlers.people.staff import Role
from handlers.rendering import Speech, speech
from handlers.shared.answers import Row, page_row, paged
from handlers.shared.buttons import EDIT, REPORTS
from handlers.shared.context import BotContext
from handlers.shared.keys import key, number
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.shared.words import html, shorten
from handlers.staff import reports
from handlers.staff.entries import title
from handlers.staff.gate import Gate
from handlers.staff.proposals import to_list
from handlers.staff.reports import gone, to_reports, told
from handlers.staff.words import reporter, understood
from knowledge import store
from knowledge.snapshot import Snapshot

REPORTS_A_PAGE: Final = 5
MAX_QUOTED: Final = 800
"""Characters of a question, an answer or a note that are shown."""
MAX_CLAIMS: Final = 8
"""Claims of an answer to choose from."""


def handlers(gate: Gate) -> Handlers:
    """What is registered for reports, for those who decide on them."""
    return [
        gate.button(REPORTS, show, Role.ADMIN, "l"),
        gate.button(REPORTS, view, Role.ADMIN, "v"),
        gate.button(REPORTS, accept, Role.ADMIN, "a"),
        gate.button(REPORTS, close, Role.ADMIN, "k"),
    ]


async def show(update: Update, context: BotContext) -> None:
    """Show a page of the open reports, in place."""
    s, page, found = speech(context.button.language), number(context, 1), context.people.reports.open()
    await context.seen()
    context.work.note("done", "reports", s.language)
    shown, page, of = paged(found, page, REPORTS_A_PAGE)
    head = s._("Open reports")
    lines = [f"<b>{head}</b>", *(_line(report, context.engine.snapshot, s) for report in shown)]
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
    s, report = speech(context.button.language), context.people.reports.get(number(context, 1))
    await context.seen()
    context.work.note("done", "reports", s.language)
    await context.replace(_view(report, context.engine.snapshot, s) if report else gone(s))


async def accept(update: Update, context: BotContext) -> None:
    """Ask which of the claims that the answer rested on is to be corrected."""
    s, report = speech(context.button.language), await _opened(context)
    if report is None:
        return
    stored = store.claims(context.services.knowledge_dir)
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
    s, report = speech(context.button.language), await _opened(context)
    if report is None:
        return
    await reports.accepted(context, report.id, 0)
    await context.replace(told(s._("Report no. {number} is accepted.", number=report.id), s))


# ----------------------------------------------------------------------------------------------------------------- views


async def _opened(context: BotContext) -> Report | None:
    """The report that a button is about, if it still waits for a decision; else that is said."""
    s, report = speech(context.button.language), context.people.reports.pending(number(context, 1))
    await context.seen()
    context.work.note("done", "reports", s.language)
    if report is None:
        await context.replace(gone(s))
        return None
    return report


def _line(report: Report, snapshot: Snapshot, s: Speech) -> str:
    question = html(shorten(report.question, 200)) or "…"
    return s._(
        "• No. {number}, {day}, {role}: <i>{question}</i>",
        number=report.id, day=s.date(report.day), role=reporter(report.role, snapshot, s), question=question,
    )  # fmt: skip


def _view(report: Report, snapshot: Snapshot, s: Speech) -> Reply:
    head = s._(
        "<b>Report no. {number}</b>, {day}, by: {role}",
        number=report.id, day=s.date(report.day), role=reporter(report.role, snapshot, s),
    )  # fmt: skip
    parts = (
        (s._("Question"), report.question),
        (s._("Answer"), report.answer),
        (s._("What they say"), report.note),
        (s._("How it was understood"), _words(report, snapshot, s)),
        (s._("It rests on"), ", ".join(report.claims[:MAX_CLAIMS])),
    )
    lines = [head, *(f"<b>{label}</b>: {html(shorten(text, MAX_QUOTED))}" for label, text in parts if text)]
    if report.state != "open":
        states = {"accepted": s._("Accepted"), "rejected": s._("Rejected")}
        lines.append(f"<b>{states[report.state]}</b> {html(report.decision_note)}".rstrip())
        return Reply(("\n".join(lines),), InlineKeyboardMarkup([to_reports(s)]))
    rows = [
        [
            key(REPORTS, s, s._("Accept"), "a", str(report.id)),
            key(REPORTS, s, s._("Reject"), "r", str(report.id)),
        ],
        to_reports(s),
    ]
    return Reply(("\n".join(lines),), InlineKeyboardMarkup(rows))


def _words(report: Report, snapshot: Snapshot, s: Speech) -> str:
    return understood(json.loads(report.trace).get("words", ()) if report.trace else (), snapshot, s)
