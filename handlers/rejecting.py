"""A report is rejected: the reason is written, shown as it will be read, and sent with one tap."""

from __future__ import annotations

from typing import Final

from telegram import Update

from handlers.people import People
from handlers.people.reports import Report
from handlers.people.staff import Role
from handlers.shared.buttons import REPORTS
from handlers.shared.context import BotContext
from handlers.shared.registering import Handlers
from handlers.staff import noting, reports
from handlers.staff.drafts import Awaits
from handlers.staff.gate import Gate
from handlers.staff.noting import Noted
from handlers.staff.reports import gone, told

KIND: Final = "reports"
REJECTING: Final[Noted[Report]] = Noted(
    kind=KIND,
    action=REPORTS,
    pending=lambda context, id: context.people.reports.pending(id),
    why=lambda s: s._("Why is it rejected? Whoever reported it reads what you write."),
    read=lambda _, report, note: reports.refusal(report, note),
    decide=reports.rejected,
    decided=lambda s, id: told(s._("Report no. {number} is rejected.", number=id), s),
    stays=lambda s, id: told(s._("Report no. {number} stays open.", number=id), s),
    gone=lambda _, __, s: gone(s),
)


def handlers(gate: Gate, people: People) -> Handlers:
    """What is registered for rejecting."""
    return [*noting.buttons(gate, REJECTING), gate.message(Awaits(people, KIND), take_note, Role.ADMIN)]


async def take_note(update: Update, context: BotContext) -> None:
    """Show what would be told, before it is."""
    await noting.take_note(context, REJECTING)
