"""Inviting somebody to look after the knowledge: an owner chooses the role, for an officer the region, and forwards a link."""

from __future__ import annotations

from typing import Final

from telegram import ForceReply, InlineKeyboardMarkup, Update
from telegram.helpers import create_deep_linked_url

from handlers.people import People
from handlers.people.drafts import Draft
from handlers.people.invitations import DAYS, Invitation
from handlers.people.staff import Role
from handlers.rendering import Speech, speech
from handlers.shared import commands
from handlers.shared.answers import Row, page_row, paged
from handlers.shared.buttons import TEAM, StaleButton
from handlers.shared.context import BotContext
from handlers.shared.keys import argument, key, number, to_team
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.shared.words import words
from handlers.staff.drafts import Awaits, awaited
from handlers.staff.gate import Gate
from handlers.staff.words import invited_as, person, position

KIND: Final = "inviting"
"""Of its drafts."""
REGIONS_SHOWN: Final = 8
"""Regions to choose from; whoever does not find theirs types more of the name."""
INVITATIONS_A_PAGE: Final = 8
ROLES: Final = {"o": Role.OWNER, "a": Role.ADMIN}
"""Roles that need no region, by the letter that stands for them in a button."""


def handlers(gate: Gate, people: People) -> Handlers:
    """What is registered for inviting."""
    return [
        gate.button(TEAM, choose_role, Role.OWNER, "n"),
        gate.button(TEAM, ask_region, Role.OWNER, "f"),
        gate.button(TEAM, take_role, Role.OWNER, "i"),
        gate.button(TEAM, take_region, Role.OWNER, "g"),
        gate.button(TEAM, show_open, Role.ADMIN, "o"),
        gate.button(TEAM, withdraw, Role.OWNER, "w"),
        gate.message(Awaits(people, KIND), offer_regions, Role.OWNER),
    ]


async def choose_role(update: Update, context: BotContext) -> None:
    """Ask what the invited person shall be."""
    s = speech(context.button.language)
    draft = str(context.people.drafts.begin(context.user_id, KIND, {}, update_id=context.work.update_id))
    await context.seen()
    lines = [
        s._("What shall they be?"),
        s._(
            "• an <b>officer</b> looks after one region: sees what is disputed or out of date, and proposes corrections;"
        ),
        s._("• an <b>admin</b> looks after all of the knowledge;"),
        s._("• an <b>owner</b> also says who has which role."),
    ]
    rows = [
        [key(TEAM, s, s._("An officer"), "f", draft)],
        [key(TEAM, s, s._("An admin"), "i", draft, "a")],
        [key(TEAM, s, s._("An owner"), "i", draft, "o")],
        to_team(s),
    ]
    await context.replace(Reply(("\n".join(lines),), InlineKeyboardMarkup(rows)))
    context.work.note("done", "inviting", s.language)


async def ask_region(update: Update, context: BotContext) -> None:
    """Ask which region the officer shall answer for."""
    s = speech(context.button.language)
    draft = _draft(context)
    context.work.note("done", "inviting", s.language)
    if draft is None:
        await _over(context, s)
    elif await context.seen_once():
        await _prompt(context, s, draft, s._("Which region is the officer for? Type its name."))


async def offer_regions(update: Update, context: BotContext) -> None:
    """Offer the regions that the text may name."""
    s, message = context.speech, context.message
    draft = awaited(context)
    context.work.note("done", "inviting", s.language)
    found = [candidate.region for candidate in context.engine.pick(words(message)).candidates[:REGIONS_SHOWN]]
    if not found:
        await _prompt(context, s, draft, s._("I know of no such regency or city. Type its name again."))
        return
    rows = [[key(TEAM, s, r.label(s.language), "g", str(draft.id), r.code)] for r in found]
    text = s._("Which one? If it is not among these, type more of its name.")
    sent = await context.say(Reply((text,), InlineKeyboardMarkup(rows)))
    context.work.later(lambda: context.people.drafts.update(draft.id, draft.data, sent))


async def take_role(update: Update, context: BotContext) -> None:
    """Invite an admin or an owner."""
    letter = argument(context, 2)
    if letter not in ROLES:
        raise StaleButton(letter)
    await _invite(context, ROLES[letter], ())


async def take_region(update: Update, context: BotContext) -> None:
    """Invite an officer for the region that was pressed."""
    code = argument(context, 2)
    region = context.engine.snapshot.regions.get(code)
    if region is None or region.level != "regency":
        raise StaleButton(code)
    await _invite(context, Role.OFFICER, (code,))


async def show_open(update: Update, context: BotContext) -> None:
    """Show the invitations that nobody has used yet."""
    s = speech(context.button.language)
    await context.seen()
    await context.replace(_open(context, s, number(context, 1)))
    context.work.note("done", "invitations", s.language)


async def withdraw(update: Update, context: BotContext) -> None:
    """Make a link useless, and show what is still open."""
    s, id = speech(context.button.language), number(context, 1)
    context.people.apply(lambda: context.people.invitations.withdraw(id))
    await context.seen(s._("Invitation no. {number} cannot be used any more.", number=id))
    await context.replace(_open(context, s, 0))
    context.work.note("done", "invitations", s.language)


# ------------------------------------------------------------------------------------------------------------- inviting


async def _invite(context: BotContext, role: Role, regions: tuple[str, ...]) -> None:
    """Make the invitation and give out its link, once for each draft."""
    s, people, work = speech(context.button.language), context.people, context.work
    work.note("done", "inviting", s.language)
    draft, me = _draft(context), people.staff.member(context.user_id)
    if draft is None or me is None:
        await _over(context, s)
        return
    await context.seen()
    known = people.invitations.of_update(work.update_id) if work.said_before else None
    if known:
        made, html = known, ""  # The link is out already, and only its hash is kept.
    else:
        made, payload = people.invitations.create(role, regions, me.id, update_id=work.update_id)
        html = invitation(context, s, made, payload)
    await context.say(Reply((html,)))
    text = s._("Invitation no. {number} is below: forward it to whom you mean, and to nobody else.", number=made.id)
    await context.replace(Reply((text,), InlineKeyboardMarkup([to_team(s)])))
    work.later(lambda: people.drafts.drop(draft.id))


def invitation(context: BotContext, s: Speech, made: Invitation, payload: str) -> str:
    """The message to forward."""
    what = position(made.role, made.regions, context.engine.snapshot, s)
    line = invited_as(made.role, f"<b>{what}</b>", s)
    within = s.ngettext("The link works once, within {n} day.", "The link works once, within {n} days.", DAYS)
    return f"{line}\n{create_deep_linked_url(context.bot.username, payload)}\n{within}"


async def _prompt(context: BotContext, s: Speech, draft: Draft, text: str) -> None:
    placeholder = s._("for example: Klaten")
    sent = await context.say(Reply((text,), markup=ForceReply(input_field_placeholder=placeholder)))
    context.work.later(lambda: context.people.drafts.update(draft.id, draft.data, sent))


async def _over(context: BotContext, s: Speech) -> None:
    text = s._("This invitation is made already, or too old. /{command} begins anew.", command=commands.TEAM.name(s))
    await context.seen(text, alert=True)


# ----------------------------------------------------------------------------------------------------------------- views


def _open(context: BotContext, s: Speech, page: int) -> Reply:
    found, owner = context.people.invitations.open(), context.people.staff.role(context.user_id) == Role.OWNER
    shown, page, of = paged(found, page, INVITATIONS_A_PAGE)
    lines = [s._("<b>Open invitations</b>"), *(_line(context, one, s) for one in shown)]
    if not shown:
        lines = [s._("No invitation is open.")]
    rows: list[Row] = []
    if owner:
        rows = [[key(TEAM, s, s._("Withdraw no. {number}", number=one.id), "w", str(one.id))] for one in shown]
    if of > 1:
        rows.append(page_row(TEAM, ("o",), page, of, s.language))
    return Reply(("\n".join(lines),), InlineKeyboardMarkup([*rows, to_team(s)]))


def _line(context: BotContext, one: Invitation, s: Speech) -> str:
    inviter = context.people.staff.numbered(one.created_by) if one.created_by else None
    by = person(inviter, s) if inviter else s._("the command line")
    what = position(one.role, one.regions, context.engine.snapshot, s)
    left = s.ngettext("{n} day left", "{n} days left", one.days_left())
    return s._("no. {number}: {position}, from {inviter}, {left}", number=one.id, position=what, inviter=by, left=left)


def _draft(context: BotContext) -> Draft | None:
    """The draft that a button belongs to; None where it is finished or too old."""
    found = context.people.drafts.get(number(context, 1), context.user_id)
    return found if found and found.kind == KIND else None
