"""The week in numbers, and what is due for review: /ringkasan, /digest. A statement that still holds is confirmed here."""

from __future__ import annotations

from html import escape
from typing import Final

from telegram import InlineKeyboardMarkup, Update

from handlers.people.staff import Role
from handlers.rendering import Speech, speech
from handlers.rendering.telegram import source_lines
from handlers.shared import commands
from handlers.shared.answers import Row, page_row, paged
from handlers.shared.buttons import DIGEST, StaleButton
from handlers.shared.context import BotContext
from handlers.shared.keys import argument, key, number
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.shared.words import shorten
from handlers.staff import weekly
from handlers.staff.digest import MAX_EXAMPLE, claim_line, claim_title, reply
from handlers.staff.entries import ref, to_entry
from handlers.staff.gate import Gate
from handlers.staff.proposal import fitting
from handlers.staff.publishing import publish
from handlers.staff.week import clock, week
from knowledge import KnowledgeError
from knowledge.fields import MAX_TEXT
from knowledge.freshness import reviewed, stale
from knowledge.model import Claim

CLAIMS_A_PAGE: Final = 8


def handlers(gate: Gate) -> Handlers:
    """What is registered for the digest."""
    return [
        gate.command(commands.DIGEST, show, Role.ADMIN),
        gate.button(DIGEST, show_again, Role.ADMIN, "v"),
        gate.button(DIGEST, switch_weekly, Role.ADMIN, "w"),
        gate.button(DIGEST, show_stale, Role.ADMIN, "s"),
        gate.button(DIGEST, ask_first, Role.ADMIN, "c"),
        gate.button(DIGEST, confirm, Role.ADMIN, "y"),
    ]


async def show(update: Update, context: BotContext) -> None:
    """Show the last seven days."""
    await context.say(await _digest(context, context.speech, _wanted(context)))
    context.work.note("done", "digest", context.language)


async def show_again(update: Update, context: BotContext) -> None:
    """Show them as they are now, in place."""
    s = _pressed(context)
    await context.seen()
    await context.replace(await _digest(context, s, _wanted(context)))


async def switch_weekly(update: Update, context: BotContext) -> None:
    """Switch the weekly digest on or off."""
    s, said, now = _pressed(context), argument(context, 1), clock()
    if said not in ("0", "1"):
        raise StaleButton(said)
    wanted = said == "1"
    people, member = context.people, context.people.staff.member(context.user_id)
    assert member is not None
    context.work.later(lambda: weekly.switch(people, member, wanted, now))
    await context.seen()
    await context.replace(await _digest(context, s, wanted))


async def show_stale(update: Update, context: BotContext) -> None:
    """Show a page of the statements that are due for review."""
    s, page = _pressed(context), number(context, 1)
    await context.seen()
    await context.replace(_stale(context, s, page))


async def ask_first(update: Update, context: BotContext) -> None:
    """Show a statement and its sources, and ask whether it still holds."""
    s, claim, page = _pressed(context), _meant(context), number(context, 2)
    await context.seen()
    snapshot = context.engine.snapshot
    lines = [
        f"<b>{claim_line(claim, snapshot, s, MAX_TEXT)}</b>",
        "",
        s._("Does it still hold? These are its sources:"),
        *source_lines(snapshot.sources_of([claim]), s),
    ]
    yes = s._("Looked at its sources today: still true")
    rows: list[Row] = [
        [key(DIGEST, s, yes, "y", ref("claims", claim.id), str(page), claim.review_by)],
        [to_entry("claims", claim.id, s._("See the entry, change it"), s)],
        _to_stale(s, page),
    ]
    await context.replace(Reply((fitting(lines),), InlineKeyboardMarkup(rows)))


async def confirm(update: Update, context: BotContext) -> None:
    """Keep that a statement still holds, and show what else is due. Pressed again, it comes to the same: by then it is no
    more due on the day that the button names."""
    s, claim, page, due = _pressed(context), _meant(context), number(context, 2), argument(context, 3)
    await context.seen()
    if claim.review_by == due and claim in stale(context.engine.snapshot, clock().date()):
        try:
            await _publish(context, s, claim)
        except KnowledgeError as error:
            said = escape(s.told(error.saying), quote=False)
            await context.replace(Reply((said,), InlineKeyboardMarkup([_to_stale(s, page)])))
            return
        claim = context.engine.snapshot.claims[claim.id]
    told = escape(shorten(claim_title(claim, context.engine.snapshot, s), MAX_EXAMPLE), quote=False)
    said = s._("“{claim}”: to be looked at again by {day}.", claim=told, day=s.date(claim.review_by) or "–")
    await context.replace(_stale(context, s, page, said))


async def _publish(context: BotContext, s: Speech, claim: Claim) -> None:
    actor = context.people.staff.actor(context.user_id)
    reason, today = s._("its sources were looked at"), clock().date()
    token = f"review {claim.id} {claim.review_by} update {context.work.update_id}"
    await publish(context, reviewed(context.engine.snapshot, [claim.id], actor, reason, today, token))


# ----------------------------------------------------------------------------------------------------------------- views


async def _digest(context: BotContext, s: Speech, wanted: bool) -> Reply:
    found = await week(context, clock())
    return reply(found, context.engine.snapshot, context.people, s, weekly=wanted)


def _stale(context: BotContext, s: Speech, page: int, said: str = "") -> Reply:
    snapshot = context.engine.snapshot
    found = stale(snapshot, clock().date())
    shown, page, of = paged(list(enumerate(found, 1)), page, CLAIMS_A_PAGE)
    head = s._("Statements due for review: {n}", n=s.number(len(found)))
    lines = [*([said, ""] if said else []), f"<b>{head}</b>"]
    lines += [f"{at}. {claim_line(claim, snapshot, s)}" for at, claim in shown]
    rows: list[Row] = [
        [
            to_entry("claims", claim.id, f"{at}. {claim.id}", s),
            key(DIGEST, s, s._("{number}. Still true", number=at), "c", ref("claims", claim.id), str(page)),
        ]
        for at, claim in shown
    ]
    if of > 1:
        rows.append(page_row(DIGEST, ("s",), page, of, s.language))
    rows.append([key(DIGEST, s, s._("‹ To the digest"), "v")])
    return Reply(("\n".join(lines),), InlineKeyboardMarkup(rows))


def _to_stale(s: Speech, page: int) -> Row:
    return [key(DIGEST, s, s._("‹ Back"), "s", str(page))]


def _pressed(context: BotContext) -> Speech:
    s = speech(context.button.language)
    context.work.note("done", "digest", s.language)
    return s


def _wanted(context: BotContext) -> bool:
    member = context.people.staff.member(context.user_id)
    return member is not None and member.digest


def _meant(context: BotContext) -> Claim:
    """The claim that a button is about.

    Raises:
        StaleButton: it is there no more.
    """
    named = argument(context, 1)
    for claim in context.engine.snapshot.claims.values():
        if named == ref("claims", claim.id):
            return claim
    raise StaleButton(named)
