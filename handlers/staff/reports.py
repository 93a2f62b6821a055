"""What becomes of a report: it is written down, and who reported it is told."""

from __future__ import annotations

from functools import partial
from html import escape
from pathlib import Path
from typing import Final

import structlog
from telegram import InlineKeyboardMarkup
from telegram.error import TelegramError

from handlers.people import People
from handlers.people.reports import Report
from handlers.rendering import Speech, speech
from handlers.shared.answers import Row
from handlers.shared.buttons import REPORTS
from handlers.shared.context import BotContext
from handlers.shared.keys import key
from handlers.shared.message import Reply
from handlers.shared.services import Services
from handlers.shared.words import shorten
from handlers.staff.words import tell
from handlers.transport.api import RawBot
from handlers.transport.outbox import temporary
from knowledge import history
from knowledge.changes import RowChange
from knowledge.model import Language

MAX_VALUE: Final = 500
"""Characters of an old and of a new value that are told."""
MAX_FIELDS: Final = 3
"""Changed values that are told."""
OWED: Final = "report decided "
"""What the names of settings begin with that tell of whose report was decided on while no bot was at hand."""

log = structlog.get_logger(__name__)


async def accepted(context: BotContext, report_id: int, change_id: int) -> None:
    """A report led to a change of the knowledge: whoever made it reads what was and what is now. ``change_id``: 0 where it
    led to none of its own."""
    report = context.people.reports.pending(report_id)
    if report is None:
        return
    actor = context.people.staff.actor(context.user_id)
    context.work.later(lambda: context.people.reports.decide(report_id, "accepted", actor, change=change_id))
    await _tell(context, report, _agreement(report, context.services.knowledge_dir, change_id))


def reopened(context: BotContext, change_id: int) -> list[int]:
    """A change was taken back: the reports that it settled wait for a decision again. Their numbers are returned."""
    reports = context.people.reports
    numbers = reports.settled_by(change_id)
    for number in numbers:
        context.work.later(partial(reports.reopen, number))
    return numbers


async def rejected(context: BotContext, report: Report, note: str) -> None:
    """A report is not followed, for a reason that whoever made it reads."""
    actor = context.people.staff.actor(context.user_id)
    context.work.later(lambda: context.people.reports.decide(report.id, "rejected", actor, note))
    await _tell(context, report, refusal(report, note))


def reject(people: People, report: Report, note: str, actor: str) -> None:
    """The same without a bot at hand: whoever made it is told by the one that runs next."""
    people.apply(
        lambda: people.reports.decide(report.id, "rejected", actor, note),
        lambda: people.set_setting(f"{OWED}{report.id}", "0"),
    )


def accept(people: People, report: Report, change_id: int, actor: str) -> None:
    """A report led to a change, without a bot at hand: whoever made it is told by the one that runs next."""
    people.apply(
        lambda: people.reports.decide(report.id, "accepted", actor, change=change_id),
        lambda: people.set_setting(f"{OWED}{report.id}", str(change_id)),
    )


def gone(s: Speech) -> Reply:
    """There is nothing more to decide."""
    return told(s._("This report is decided on, or no longer kept."), s)


def told(text: str, s: Speech) -> Reply:
    """A text with the way back to the reports."""
    return Reply((text,), InlineKeyboardMarkup([to_reports(s)]))


def to_reports(s: Speech) -> Row:
    """The way back to the reports."""
    return [key(REPORTS, s, s._("‹ To the reports"), "l", "0")]


async def tell_owed(bot: RawBot, services: Services) -> None:
    """Tell those whose reports were decided on without a bot at hand; written down at once for each."""
    people = services.people
    for name, change in people.settings(OWED).items():
        report = people.reports.get(int(name.removeprefix(OWED)))
        reporter = people.reports.reporter(report.id) if report else 0
        if report and reporter and not people.profiles.unreachable(reporter):
            rejected = report.state == "rejected"
            said = (
                refusal(report, report.decision_note)
                if rejected
                else _agreement(report, services.knowledge_dir, int(change))
            )
            try:
                sent = await bot.raw_send(reporter, _with_question(report, said))
                people.apply(partial(people.inbox.told, reporter, sent))
            except TelegramError as error:
                log.warning("who reported is not told", error=type(error).__name__)
                if temporary(error):
                    continue  # It is tried again at the next look.
        people.apply(partial(people.drop_setting, name))


def _agreement(report: Report, folder: Path, change_id: int) -> str:
    language = _language(report)
    s = speech(language)
    if not change_id:
        return s._(
            "Thank you: your report no. {number} was looked at and is settled. Ask again to see the answer as it is now.",
            number=report.id,
        )
    lines = [s._("Thank you: your report no. {number} is right, and it is corrected.", number=report.id)]
    rows = history.rows(folder, change_id)
    for before, after in differences(rows, language)[:MAX_FIELDS]:
        lines += [s._("Before: {text}", text=_shown(before)), s._("Now: {text}", text=_shown(after))]
    return "\n".join(lines)


def refusal(report: Report, note: str) -> str:
    """What whoever reported reads when it is rejected, as HTML."""
    return speech(_language(report))._(
        "Thank you for your report no. {number}. It was looked at, and the answer stays as it is: {note}",
        number=report.id, note=escape(note, quote=False),
    )  # fmt: skip


async def _tell(context: BotContext, report: Report, text: str) -> None:
    reporter = context.people.reports.reporter(report.id)
    if reporter:
        await tell(context, reporter, _with_question(report, text))


def _with_question(report: Report, text: str) -> str:
    question = escape(shorten(report.question, MAX_VALUE), quote=False)
    asked = speech(_language(report))._("Your question was: <i>{question}</i>", question=question) if question else ""
    return "\n".join(filter(None, (text, asked)))


def _language(report: Report) -> Language:
    return "en" if report.language == "en" else "id"


def differences(rows: list[RowChange], language: Language) -> list[tuple[str, str]]:
    """The values that were changed, of texts only those in the language; what is only added is not told."""
    other = "text_id" if language == "en" else "text_en"
    found = []
    for row in rows:
        before, after = row.before or {}, row.after or {}
        columns = dict.fromkeys((*before, *after))
        found += [
            (before.get(c, ""), after.get(c, ""))
            for c in columns
            if c != other and row.before and before.get(c, "") != after.get(c, "")
        ]
    return found


def _shown(value: str) -> str:
    return escape(shorten(value, MAX_VALUE), quote=False) or "-"
