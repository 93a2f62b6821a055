"""Who asks to be officer is approved, as they are or with a note, or refused with one. What is told is shown first."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

from telegram import InlineKeyboardMarkup, Update

from handlers.people import People
from handlers.people.requests import Request
from handlers.people.staff import Role
from handlers.rendering import Speech, speech
from handlers.shared.buttons import REQUESTS
from handlers.shared.context import BotContext
from handlers.shared.keys import key, number
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.staff import noting, requests
from handlers.staff.drafts import Awaits
from handlers.staff.gate import Gate
from handlers.staff.noting import Noted
from handlers.staff.requests import Decision, gone, told


async def _decide(decision: Decision, context: BotContext, request: Request, note: str) -> Reply | None:
    """Decide with a note; what became of the request is returned where something else came first."""
    s = speech(context.button.language)
    if not await requests.decide(context, request, decision, note):
        return gone(context, request.id, s)
    return _unreached(context, request, decision, s)


def _answer(decision: Decision, context: BotContext, request: Request, note: str) -> str:
    return requests.answer(context, request, decision, note)[0]


def _decided(decision: Decision, s: Speech, id: int) -> Reply:
    approved = decision == "approved"
    text = s._("Request no. {number} is approved.", number=id)
    return told(text if approved else s._("Request no. {number} is refused.", number=id), s)


def _unreached(context: BotContext, request: Request, decision: Decision, s: Speech) -> Reply | None:
    """What is said where whoever asked has blocked the bot; None where they have not."""
    if not context.people.profiles.unreachable(request.user_id):
        return None
    done = _decided(decision, s, request.id)
    blocked = s._("Whoever asked has blocked me, and cannot be told.")
    return replace(done, parts=(f"{done.parts[0]} {blocked}",))


REFUSING: Final[Noted[Request]] = Noted(
    kind="refusing",
    action=REQUESTS,
    pending=requests.to_decide,
    why=lambda s: s._("Why is it refused? Whoever asked reads what you write."),
    read=partial(_answer, "refused"),
    decide=partial(_decide, "refused"),
    decided=partial(_decided, "refused"),
    stays=lambda s, id: told(s._("Request no. {number} waits for a decision.", number=id), s),
    gone=gone,
    send=lambda s: s._("Send and refuse"),
)
APPROVING: Final[Noted[Request]] = replace(
    REFUSING,
    kind="approving",
    why=lambda s: s._("What do you want to write to them? It goes with the approval."),
    read=partial(_answer, "approved"),
    decide=partial(_decide, "approved"),
    decided=partial(_decided, "approved"),
    send=lambda s: s._("Send and approve"),
    verbs="nmtz",
)


def handlers(gate: Gate, people: People) -> Handlers:
    """What is registered for deciding on requests."""
    return [
        gate.button(REQUESTS, look_first, Role.ADMIN, "a"),
        gate.button(REQUESTS, approve, Role.ADMIN, "y"),
        *noting.buttons(gate, APPROVING),
        *noting.buttons(gate, REFUSING),
        gate.message(Awaits(people, APPROVING.kind), take_welcome, Role.ADMIN),
        gate.message(Awaits(people, REFUSING.kind), take_reason, Role.ADMIN),
    ]


async def look_first(update: Update, context: BotContext) -> None:
    """Show what whoever asked is told when it is approved."""
    s, request = speech(context.button.language), await _meant(context)
    if request:
        id, head = str(request.id), s._("This is what they are told:")
        rows = [
            [key(REQUESTS, s, s._("Yes, approve"), "y", id), key(REQUESTS, s, s._("Add a note"), "n", id)],
            [key(REQUESTS, s, s._("‹ Back"), "v", id)],
        ]
        text = f"{head}\n\n<blockquote>{_answer('approved', context, request, '')}</blockquote>"
        await context.replace(Reply((text,), InlineKeyboardMarkup(rows)))


async def approve(update: Update, context: BotContext) -> None:
    """Approve it without a note. Pressed again, it tells what became of it."""
    s, request = speech(context.button.language), await _meant(context)
    if request:
        instead = await _decide("approved", context, request, "")
        await context.replace(instead or _decided("approved", s, request.id))


async def take_welcome(update: Update, context: BotContext) -> None:
    """Show what would be told with the approval, before it is."""
    await noting.take_note(context, APPROVING)


async def take_reason(update: Update, context: BotContext) -> None:
    """Show what would be told with the refusal, before it is."""
    await noting.take_note(context, REFUSING)


async def _meant(context: BotContext) -> Request | None:
    """The request of the pressed button, where it can be decided on now; else what became of it is shown."""
    s, id = speech(context.button.language), number(context, 1)
    context.work.note("done", "requests", s.language)
    await context.seen()
    request = requests.to_decide(context, id)
    if request is None:
        await context.replace(gone(context, id, s))
    return request
