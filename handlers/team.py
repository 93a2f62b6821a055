"""Who looks after the knowledge: the list for admins, and taking a role away, which an owner confirms first."""

from __future__ import annotations

from html import escape
from typing import Final

from telegram import InlineKeyboardMarkup, Update

from handlers.people.staff import Member, Role
from handlers.rendering import Speech, speech
from handlers.shared import commands
from handlers.shared.answers import Row, page_row, paged
from handlers.shared.buttons import TEAM, StaleButton
from handlers.shared.context import BotContext
from handlers.shared.keys import key, number, to_team
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.staff.gate import Gate
from handlers.staff.menus import take_away
from handlers.staff.words import office, person, position, role_name, speech_of, tell

PEOPLE_A_PAGE: Final = 8


def handlers(gate: Gate) -> Handlers:
    """What is registered for the list and for taking roles away."""
    return [
        gate.command(commands.TEAM, show, Role.ADMIN),
        gate.button(TEAM, turn_page, Role.ADMIN, "l"),
        gate.button(TEAM, ask_first, Role.OWNER, "r"),
        gate.button(TEAM, take_role_away, Role.OWNER, "y"),
    ]


async def show(update: Update, context: BotContext) -> None:
    """Show who has which role."""
    await context.say(_list(context, context.speech, 0))
    context.work.note("done", "team", context.language)


async def turn_page(update: Update, context: BotContext) -> None:
    """Show a page of the list, in place."""
    s = speech(context.button.language)
    await context.seen()
    await context.replace(_list(context, s, number(context, 1)))
    context.work.note("done", "team", s.language)


async def ask_first(update: Update, context: BotContext) -> None:
    """Ask whether a role shall really be taken away."""
    s, member = speech(context.button.language), _meant(context)
    await context.seen()
    context.work.note("done", "team", s.language)
    if not member.user_id:
        await context.replace(_told(_has_none(member, s), s))
        return
    who = s._("{person}, {position}", person=person(member, s), position=_position(context, member, s))
    lines = [
        s._("Take the role away from {who}?", who=who),
        s._("It ends at once; their open invitations and what they have half-finished go too."),
    ]  # fmt: skip
    rows = [[key(TEAM, s, s._("Yes, take it away"), "y", str(member.id))], to_team(s)]
    await context.replace(Reply(("\n".join(lines),), InlineKeyboardMarkup(rows)))


async def take_role_away(update: Update, context: BotContext) -> None:
    """Take it away. Pressed again, it comes to the same."""
    s, member, people = speech(context.button.language), _meant(context), context.people
    outcome = people.staff.revoke(member.id)
    await context.seen()
    context.work.note("done" if outcome == "done" else "refused", "team", s.language)
    texts = {
        "done": _has_none(member, s),
        "protected": s._("OWNER_IDS names {person}: take the id out of that setting first.", person=person(member, s)),
        "last": s._("{person} is the only owner. Invite another one first.", person=person(member, s)),
        "unknown": s._("There is nobody of that number."),
    }
    await context.replace(_told(texts[outcome], s))
    if outcome == "done" and member.user_id:
        await take_away(context.bot, people, member.user_id)
        theirs = speech_of(context, member.user_id)
        text = theirs._("Your role as {role} has ended. Thank you for your work.", role=role_name(member.role, theirs))
        await tell(context, member.user_id, text)


# ----------------------------------------------------------------------------------------------------------------- views


def _list(context: BotContext, s: Speech, page: int) -> Reply:
    members, owner = context.people.staff.members(), context.people.staff.role(context.user_id) == Role.OWNER
    shown, page, of = paged(members, page, PEOPLE_A_PAGE)
    open_ = len(context.people.invitations.open())
    lines = [s._("<b>Who looks after the knowledge</b>"), *(_line(context, member, s) for member in shown)]
    rows: list[Row] = []
    if owner:
        rows = [[key(TEAM, s, _label(member, s), "r", str(member.id))] for member in shown]
    if of > 1:
        rows.append(page_row(TEAM, ("l",), page, of, s.language))
    if owner:
        rows.append([key(TEAM, s, s._("Invite somebody"), "n")])
    if open_:
        lines.append("\n" + s.ngettext("{n} invitation is open.", "{n} invitations are open.", open_))
        rows.append([key(TEAM, s, s._("Open invitations ({n})", n=open_), "o", "0")])
    return Reply(("\n".join(lines),), InlineKeyboardMarkup(rows) if rows else None)


def _line(context: BotContext, member: Member, s: Speech) -> str:
    name = escape(member.name, quote=False) or s._("(name not known yet)")
    held = _position(context, member, s)
    date = s.date(member.since)
    line = s._("{number}. {name}: {position}, since {date}", number=member.id, name=name, position=held, date=date)
    offices = dict.fromkeys(office(context.people, member, region) for region in member.regions)
    told = "; ".join(filter(None, offices))
    return f"{line} ({escape(told, quote=False)})" if told else line


def _label(member: Member, s: Speech) -> str:
    return s._("Take from {number}. {name}", number=member.id, name=member.name or "?")


def _position(context: BotContext, member: Member, s: Speech) -> str:
    return position(member.role, member.regions, context.engine.snapshot, s)


def _has_none(member: Member, s: Speech) -> str:
    return s._("{person} has no role any more.", person=person(member, s))


def _told(text: str, s: Speech) -> Reply:
    return Reply((text,), InlineKeyboardMarkup([to_team(s)]))


def _meant(context: BotContext) -> Member:
    """Whom a button is about."""
    member = context.people.staff.numbered(number(context, 1))
    if member is None:
        raise StaleButton("nobody")
    return member
