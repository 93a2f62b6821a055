"""A request to be recognised as officer: how it is told, how admins hear of it, and what becomes of it."""

from __future__ import annotations

from html import escape
from typing import Literal

from telegram import InlineKeyboardMarkup

from handlers.people.requests import MAX_OPEN, Request
from handlers.people.staff import Member, Role
from handlers.rendering import Speech, speech
from handlers.shared import commands
from handlers.shared.answers import Row
from handlers.shared.buttons import MY_REGION, REQUESTS
from handlers.shared.context import BotContext
from handlers.shared.keys import key
from handlers.shared.message import Reply
from handlers.staff import officers
from handlers.staff.entries import actor_name, region_in_bold, region_name
from handlers.staff.words import speech_of, tell

Decision = Literal["approved", "refused"]


def described(context: BotContext, region: str, office: str, position: str, s: Speech) -> list[str]:
    """What somebody asks for, a line each, as HTML."""
    parts = (
        (s._("Region"), region_name(region, context.engine.snapshot, s)),
        (s._("Office"), office),
        (s._("Position"), position),
    )
    return [f"<b>{label}</b>: {escape(text, quote=False)}" for label, text in parts]


def letters(kept: str) -> list[str]:
    """The files of a letter, each as :func:`handlers.staff.attached.attached` tells it."""
    return kept.split()


def waits(context: BotContext, id: int, region: str, s: Speech) -> str:
    """Why no other request for a region is taken, as plain text."""
    name = region_name(region, context.engine.snapshot, s)
    return s._("Your request no. {number} for {region} waits already.", number=id, region=name)


def many(s: Speech) -> str:
    """Why no other request is taken at all, as plain text."""
    return s._("{n} requests of yours wait already. Please wait for a decision, or withdraw one.", n=MAX_OPEN)


async def tell_admins(context: BotContext, request: Request, *, letter: bool = False) -> None:
    """Tell all admins of a new request, or that a letter was added: for which region, and no more, so that what is deleted
    later stands in no chat."""
    for admin in context.people.staff.reachable(Role.ADMIN):
        s = speech_of(context, admin)
        region = region_in_bold(request.region, context.engine.snapshot, s)
        text = s._("Request no. {number}: somebody asks to be officer for {region}.", number=request.id, region=region)
        if letter:
            text = s._("A letter was added to request no. {number}, for {region}.", number=request.id, region=region)
        rows = [[key(REQUESTS, s, s._("Open the request"), "v", str(request.id))]]
        await tell(context, admin, text, InlineKeyboardMarkup(rows))


# -------------------------------------------------------------------------------------------------------------- deciding


def answer(context: BotContext, request: Request, decision: Decision, note: str) -> tuple[str, InlineKeyboardMarkup]:
    """What whoever asked reads, in their language, as HTML, and its buttons."""
    s = speech(request.language)
    region = region_in_bold(request.region, context.engine.snapshot, s)
    quoted = escape(note, quote=False)
    if decision == "refused":
        rows = [[key(MY_REGION, s, s._("My requests"), "h", "0")]]
        lines = [
            s._("Your request no. {number}, to be officer for {region}, was refused: {note}", number=request.id, region=region, note=quoted),
            s._("You can ask again with /{command}, for example with a letter.", command=commands.MY_REGION.name(s)),
        ]  # fmt: skip
        return "\n".join(lines), InlineKeyboardMarkup(rows)
    lines = [
        s._("Your request no. {number} is approved: you are officer for {region}.", number=request.id, region=region)
    ]
    if note:
        lines.append(s._("The admins write: {note}", note=quoted))
    can, keyboard = officers.welcome(context, s, [request.region])
    return "\n".join([*lines, "", can]), keyboard


def to_decide(context: BotContext, id: int) -> Request | None:
    """A request that can be decided on now; None where it was before, is withdrawn, or comes from somebody who is admin by
    now. Decided on by this very update before a kill, it is told to the end."""
    request = context.people.requests.pending(id, context.work.update_id)
    return request if request and context.people.staff.role(request.user_id) < Role.ADMIN else None


async def decide(context: BotContext, request: Request, decision: Decision, note: str) -> bool:
    """Decide on an open request: an approval gives the role in the same instant; then whoever asked is told. False where
    another decision came first, or the request is withdrawn."""
    people, work = context.people, context.work
    admin = people.staff.member(context.user_id)
    assert admin is not None
    decided: list[Member | None] = []

    def effect() -> None:
        if not people.requests.decide(request.id, decision, admin.actor, note, work.update_id):
            return
        officer = None
        if decision == "approved":
            officer = people.staff.give(request.user_id, request.name, Role.OFFICER, [request.region], admin.id)
            people.requests.take_up(request.id, officer.id)
        decided.append(officer)

    people.apply(effect)
    if not decided:
        return False
    (officer,) = decided
    if officer:
        await officers.begins(context, officer, [request.region], speech(request.language))
    await tell(context, request.user_id, *answer(context, request, decision, note))
    work.later(lambda: people.requests.settle(request.id))
    return True


def gone(context: BotContext, id: int, s: Speech) -> Reply:
    """There is nothing more to decide: what was decided, as far as it is known."""
    request = context.people.requests.get(id)
    if request is None:
        return told(s._("Request no. {number} was withdrawn, or is no longer kept.", number=id), s)
    by = escape(actor_name(request.decided_by, context.people, s), quote=False)
    texts = {
        "open": s._("Request no. {number} is of somebody who is admin by now: there is nothing to decide.", number=id),
        "approved": s._("Request no. {number} is approved, by {actor}.", number=id, actor=by),
        "refused": s._("Request no. {number} is refused, by {actor}.", number=id, actor=by),
    }
    return told(texts[request.state], s)


def told(text: str, s: Speech) -> Reply:
    """A text with the way back to the requests."""
    return Reply((text,), InlineKeyboardMarkup([to_requests(s)]))


def to_requests(s: Speech) -> Row:
    """The way back to the requests."""
    return [key(REQUESTS, s, s._("‹ To the requests"), "l", "0")]
