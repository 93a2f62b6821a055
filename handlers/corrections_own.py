"""An officer looks at what they proposed: how far it is, what was decided and why; and withdraws what still waits."""

from __future__ import annotations

from telegram import InlineKeyboardMarkup, Update

from handlers.people.corrections import Correction
from handlers.people.staff import Role
from handlers.rendering import Speech, speech
from handlers.shared.answers import Row
from handlers.shared.buttons import CORRECT, STATUS
from handlers.shared.context import BotContext
from handlers.shared.keys import key, number
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.shared.words import html
from handlers.staff.correction_diff import diff
from handlers.staff.corrections import published, state_of
from handlers.staff.gate import Gate
from knowledge import history


def handlers(gate: Gate) -> Handlers:
    """What is registered for it."""
    acts = {"v": view, "w": ask_first, "z": withdraw}
    return [gate.button(CORRECT, act, Role.OFFICER, verb) for verb, act in acts.items()]


async def view(update: Update, context: BotContext) -> None:
    """Show one's own proposal, in place."""
    found = await _own(context)
    if found:
        await context.replace(_view(context, *found))


async def ask_first(update: Update, context: BotContext) -> None:
    """Ask whether it shall really be withdrawn."""
    found = await _open(context)
    if found is None:
        return
    made, s = found
    rows = [
        [key(CORRECT, s, s._("Yes, withdraw it"), "z", str(made.id))],
        [key(CORRECT, s, s._("‹ Back"), "v", str(made.id))],
    ]
    text = s._("Withdraw proposal no. {number}? Nobody decides on it then.", number=made.id)
    await context.replace(Reply((text,), InlineKeyboardMarkup(rows)))


async def withdraw(update: Update, context: BotContext) -> None:
    """Withdraw it."""
    found = await _open(context)
    if found is None:
        return
    made, s = found
    context.people.apply(lambda: context.people.corrections.decide(made.id, "withdrawn"))
    text = s._("Proposal no. {number} is withdrawn. Nothing was changed.", number=made.id)
    await context.replace(Reply((text,), InlineKeyboardMarkup([_to_card(made, s)])))


async def _own(context: BotContext) -> tuple[Correction, Speech] | None:
    """The proposal of a button, if it is the person's own; else that is said."""
    s = speech(context.button.language)
    await context.seen()
    context.work.note("done", "proposed", s.language)
    made = context.people.corrections.get(number(context, 1))
    if made is None or made.user_id != context.user_id:
        await context.replace(Reply((s._("This proposal is no longer kept, or it is not yours."),)))
        return None
    return made, s


async def _open(context: BotContext) -> tuple[Correction, Speech] | None:
    """The same, if it still waits; else it is shown as it is."""
    found = await _own(context)
    if found and found[0].state != "open":
        await context.replace(_view(context, *found))
        return None
    return found


def _view(context: BotContext, made: Correction, s: Speech) -> Reply:
    head = s._(
        "<b>Proposal no. {number}</b>, {day}: {state}", number=made.id, day=s.date(made.day), state=state_of(made, s)
    )
    lines = [head, *diff(made, context.engine.snapshot, s)]
    if made.change:
        rows_of_change = history.rows(context.services.knowledge_dir, made.change, table="claims")
        lines += ["", s._("<b>What was published</b>"), *published(rows_of_change, context.engine.snapshot, s)]
    if made.note:
        lines.append(s._("What the admins say: {note}", note=html(made.note)))
    rows: list[Row] = []
    if made.state == "open":
        rows.append([key(CORRECT, s, s._("Withdraw"), "w", str(made.id))])
    return Reply(("\n".join(lines),), InlineKeyboardMarkup([*rows, _to_card(made, s)]))


def _to_card(made: Correction, s: Speech) -> Row:
    return [key(STATUS, s, s._("Show the card"), "v", made.proposal.region)]
