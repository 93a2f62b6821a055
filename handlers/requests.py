"""Who asks to be officer of a region: the list for admins, one request, and the letter that came with it."""

from __future__ import annotations

from html import escape
from typing import Final

from telegram import InlineKeyboardMarkup, Update

from handlers.people.requests import Request
from handlers.people.staff import Role
from handlers.rendering import Speech, speech
from handlers.shared.answers import Row, page_row, paged
from handlers.shared.buttons import REQUESTS
from handlers.shared.context import BotContext
from handlers.shared.keys import key, number
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.staff.attached import send_attached
from handlers.staff.entries import region_in_bold, region_name
from handlers.staff.gate import Gate
from handlers.staff.officers import held
from handlers.staff.proposals import to_list as to_queue
from handlers.staff.requests import described, gone, letters, to_requests, told
from handlers.staff.words import person

REQUESTS_A_PAGE: Final = 8


def handlers(gate: Gate) -> Handlers:
    """What is registered for looking at requests."""
    return [
        gate.button(REQUESTS, show, Role.ADMIN, "l"),
        gate.button(REQUESTS, view, Role.ADMIN, "v"),
        gate.button(REQUESTS, show_letter, Role.ADMIN, "f"),
        gate.button(REQUESTS, close, Role.ADMIN, "k"),
    ]


async def show(update: Update, context: BotContext) -> None:
    """Show a page of the open requests, in place."""
    s, page, found = speech(context.button.language), number(context, 1), context.people.requests.open()
    await context.seen()
    context.work.note("done", "requests", s.language)
    shown, page, of = paged(found, page, REQUESTS_A_PAGE)
    lines = [s._("<b>Requests to be officer</b>"), *(_line(context, one, s) for one in shown)]
    if not found:
        lines.append(s._("Nobody waits for a decision."))
    rows: list[Row] = [[key(REQUESTS, s, _label(context, one, s), "v", str(one.id))] for one in shown]
    if of > 1:
        rows.append(page_row(REQUESTS, ("l",), page, of, s.language))
    await context.replace(Reply(("\n".join(lines),), InlineKeyboardMarkup([*rows, to_queue(s)])))


async def view(update: Update, context: BotContext) -> None:
    """Show one request, and what can be done with it."""
    s, id = speech(context.button.language), number(context, 1)
    request = context.people.requests.pending(id)
    await context.seen()
    context.work.note("done", "requests", s.language)
    await context.replace(_view(context, request, s) if request else gone(context, id, s))


async def show_letter(update: Update, context: BotContext) -> None:
    """Send the letter's files below; those that Telegram does not have any more are told of."""
    s, id = speech(context.button.language), number(context, 1)
    request = context.people.requests.pending(id)
    context.work.note("done", "requests", s.language)
    if request is None:
        await context.seen()
        await context.replace(gone(context, id, s))
    elif await context.seen_once():
        files = letters(request.letter)
        captions = [
            s._("Letter of request no. {number}, {at} of {n}", number=id, at=at, n=len(files))
            for at in range(1, len(files) + 1)
        ]
        sent = [await send_attached(context, context.chat_id, *each) for each in zip(files, captions, strict=True)]
        missing = sent.count(False)
        if missing:
            text = s.ngettext(
                "{n} file of the letter cannot be shown: Telegram does not have it any more. Decide without it, or refuse with the "
                "note to send it again.",
                "{n} files of the letter cannot be shown: Telegram does not have them any more. Decide without them, or refuse with "
                "the note to send them again.",
                missing,
            )
            await context.say(Reply((text,)))


async def close(update: Update, context: BotContext) -> None:
    """Close the request of somebody who looks after all regions by now: there is nothing to give."""
    s, id, people = speech(context.button.language), number(context, 1), context.people
    request = people.requests.pending(id)
    await context.seen()
    context.work.note("done", "requests", s.language)
    if request is None:
        await context.replace(gone(context, id, s))
    elif people.staff.role(request.user_id) < Role.ADMIN:
        await context.replace(_view(context, request, s))
    else:
        people.apply(lambda: people.requests.withdraw(id, request.user_id))
        await context.replace(told(s._("Request no. {number} is closed.", number=id), s))


# ----------------------------------------------------------------------------------------------------------------- views


def _view(context: BotContext, request: Request, s: Speech) -> Reply:
    member, id = context.people.staff.member(request.user_id), str(request.id)
    name = escape(request.name, quote=False) or "?"
    lines = [
        s._("<b>Request no. {number}</b>, {day}: to be officer", number=id, day=s.date(request.day)),
        s._("<b>Who</b>: {name}", name=name) if member is None
        else s._("<b>Who</b>: {name}, {position} already", name=name, position=held(context, member, s)),
        *described(context, request.region, request.office, request.position, s),
    ]  # fmt: skip
    others = [one for one in context.people.staff.members() if request.region in one.regions]
    if others:
        lines.append(s._("<b>Officers by now</b>: {people}", people=s.names(person(one, s) for one in others)))
    if member and member.role >= Role.ADMIN:
        lines += ["", s._("They are admin by now, and see every region: there is nothing to decide.")]
        return Reply(
            ("\n".join(lines),), InlineKeyboardMarkup([[key(REQUESTS, s, s._("Close"), "k", id)], to_queue(s)])
        )
    files = len(letters(request.letter))
    rows: list[Row] = []
    if files:  # Their number tells the button from the one before another letter came: each works once.
        rows.append([key(REQUESTS, s, s._("Show the letter ({n})", n=files), "f", id, str(files))])
    else:
        lines.append(s._("<b>Letter</b>: {letter}", letter=s._("none")))
    if request.region in context.engine.snapshot.regions:
        rows.append([key(REQUESTS, s, s._("Approve"), "a", id), key(REQUESTS, s, s._("Approve with a note"), "n", id)])
    else:
        lines.append(s._("The region is not in the knowledge any more: the request can only be refused."))
    rows += [[key(REQUESTS, s, s._("Refuse with a note"), "r", id)], to_requests(s)]
    return Reply(("\n".join(lines),), InlineKeyboardMarkup(rows))


def _line(context: BotContext, one: Request, s: Speech) -> str:
    region = region_in_bold(one.region, context.engine.snapshot, s)
    office = escape(one.office, quote=False)
    return s._(
        "• No. {number}, {day}: {region}, {office}", number=one.id, day=s.date(one.day), region=region, office=office
    )


def _label(context: BotContext, one: Request, s: Speech) -> str:
    return s._("No. {number}: {region}", number=one.id, region=region_name(one.region, context.engine.snapshot, s))
