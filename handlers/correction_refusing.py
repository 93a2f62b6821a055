"""An officer's proposal is refused: the reason is written, shown as it will be read, and sent with one tap."""

from __future__ import annotations

from typing import Final

from telegram import Update

from handlers.people import People
from handlers.people.corrections import Correction
from handlers.people.staff import Role
from handlers.shared.buttons import CORRECTIONS
from handlers.shared.context import BotContext
from handlers.shared.registering import Handlers
from handlers.staff import corrections, noting
from handlers.staff.corrections import gone, told
from handlers.staff.drafts import Awaits
from handlers.staff.gate import Gate
from handlers.staff.noting import Noted

KIND: Final = "corrections"
REFUSING: Final[Noted[Correction]] = Noted(
    kind=KIND,
    action=CORRECTIONS,
    pending=corrections.pending,
    why=lambda s: s._("Why is it refused? The officer reads what you write."),
    read=lambda context, made, note: corrections.refusal(made, note, context.engine.snapshot),
    decide=corrections.refused,
    decided=lambda s, id: told(s._("Proposal no. {number} is refused.", number=id), s),
    stays=lambda s, id: told(s._("Proposal no. {number} stays open.", number=id), s),
    gone=lambda _, __, s: gone(s),
)


def handlers(gate: Gate, people: People) -> Handlers:
    """What is registered for refusing."""
    return [*noting.buttons(gate, REFUSING), gate.message(Awaits(people, KIND), take_note, Role.ADMIN)]


async def take_note(update: Update, context: BotContext) -> None:
    """Show what would be told, before it is."""
    await noting.take_note(context, REFUSING)
