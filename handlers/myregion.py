"""/daerah, /myregion: for officers their regions, requests and proposals; for everybody else what it is to be one, and how."""

from __future__ import annotations

from html import escape
from typing import Final

from telegram import InlineKeyboardMarkup, Update
from telegram.ext import CommandHandler, filters

from handlers.people.staff import Role
from handlers.rendering import Speech, speech
from handlers.shared import commands
from handlers.shared.answers import Row, page_row, paged
from handlers.shared.buttons import CORRECT, MY_REGION, STATUS
from handlers.shared.context import BotContext
from handlers.shared.keys import key, number
from handlers.shared.message import Reply
from handlers.shared.private import elsewhere, private_button
from handlers.shared.registering import Handlers
from handlers.shared.words import after_command, words
from handlers.staff.correction_diff import about
from handlers.staff.corrections import state_of
from handlers.staff.entries import region_in_bold, region_name
from handlers.staff.gate import Gate
from handlers.staff.request_form import begun

REGIONS_A_PAGE: Final = 8
PROPOSALS_A_PAGE: Final = 8
OFFERED: Final = 3
"""Regions that are offered for what was typed behind the command."""


def handlers(gate: Gate) -> Handlers:
    """What is registered for one's own regions and requests."""
    return [
        CommandHandler(commands.MY_REGION.names, show, filters=filters.UpdateType.MESSAGE),
        private_button(MY_REGION, turn_page, "h"),
        gate.button(MY_REGION, show_proposals, Role.OFFICER, "k"),
    ]


async def show(update: Update, context: BotContext) -> None:
    """Show one's own regions and requests; in a group, where to do that."""
    if not context.private:
        await elsewhere(context, commands.MY_REGION)
        return
    await context.say(_home(context, context.speech, 0, after_command(words(context.message))))
    context.work.note("done", "my region", context.language)


async def turn_page(update: Update, context: BotContext) -> None:
    """Show them in place."""
    s = speech(context.button.language)
    await context.seen()
    await context.replace(_home(context, s, number(context, 1)))
    context.work.note("done", "my region", s.language)


async def show_proposals(update: Update, context: BotContext) -> None:
    """Show a page of one's own proposals, the newest first, in place."""
    s, snapshot = speech(context.button.language), context.engine.snapshot
    await context.seen()
    context.work.note("done", "my region", s.language)
    found = context.people.corrections.of(context.user_id)[::-1]
    shown, page, of = paged(found, number(context, 1), PROPOSALS_A_PAGE)
    lines = [s._("<b>What you proposed</b>")]
    for one in shown:
        told = s._(
            "• No. {number}, {about}: {state}", number=one.id, about=about(one, snapshot, s), state=state_of(one, s)
        )
        lines.append(told)
    if not found:
        lines.append(s._("Nothing so far. Below a region's card is the button for it."))
    rows = [[key(CORRECT, s, s._("Proposal no. {number}", number=one.id), "v", str(one.id))] for one in shown]
    if of > 1:
        rows.append(page_row(MY_REGION, ("k",), page, of, s.language))
    rows.append([key(MY_REGION, s, s._("‹ Back"), "h", "0")])
    await context.replace(Reply(("\n".join(lines),), InlineKeyboardMarkup(rows)))


# ----------------------------------------------------------------------------------------------------------------- views


def _home(context: BotContext, s: Speech, page: int, typed: str = "") -> Reply:
    """What one sees at first. ``typed``: what stood behind the command."""
    role = context.people.staff.role(context.user_id)
    rows: list[Row] = []
    if role >= Role.ADMIN:
        lines = _for_admin(s)
    elif role == Role.OFFICER:
        lines, rows = _for_officer(context, s, page)
    else:
        lines = _for_citizen(s)
    if role < Role.ADMIN:
        more, offers = _offers(context, s, typed, known=role == Role.OFFICER)
        lines, rows = [*lines, *more], [*rows, *offers]
    asked, below = _requests(context, s)
    rows += below
    return Reply(("\n".join([*lines, *asked]),), InlineKeyboardMarkup(rows) if rows else None)


def _for_citizen(s: Speech) -> list[str]:
    return [
        s._("<b>For those who work for a regency or city</b>"),
        s._("Recognised as officer of your region, you"),
        s._("• see with its card what is disputed, out of date, and asked about it;"),
        s._("• propose corrections with their source, and are told what becomes of them;"),
        s._("• are told when something about your region changes."),
        s._("An admin decides on each request. I ask for the region, your office and your position; a letter helps."),
        "",
        s._(
            "You need none of this to look and to be told: /{status} with a name shows any region's card, and /{follow} tells you "
            "of changes.",
            status=commands.STATUS.name(s), follow=commands.FOLLOW.name(s),
        ),
    ]  # fmt: skip


def _for_admin(s: Speech) -> list[str]:
    return [
        s._("As an admin you see every region already, with what is disputed and out of date: /{status} and a name.", status=commands.STATUS.name(s)),
        s._("Who asks to be officer, and what officers propose, is in /{queue}.", queue=commands.QUEUE.name(s)),
    ]  # fmt: skip


def _for_officer(context: BotContext, s: Speech, page: int) -> tuple[list[str], list[Row]]:
    shown, page, of = paged(context.people.staff.regions_of(context.user_id), page, REGIONS_A_PAGE)
    lines = [
        s._("<b>Your regions</b>"),
        *(f"• {escape(region_name(code, context.engine.snapshot, s), quote=False)}" for code in shown),
    ]
    lines.append(s._("Its card shows what is disputed or out of date; below it you propose a correction."))
    rows: list[Row] = [
        [key(STATUS, s, s._("Card: {region}", region=region_name(code, context.engine.snapshot, s)), "v", code)]
        for code in shown
    ]
    if of > 1:
        rows.append(page_row(MY_REGION, ("h",), page, of, s.language))
    proposals = len(context.people.corrections.of(context.user_id))
    rows.append(
        [
            key(MY_REGION, s, s._("My proposals ({n})", n=proposals), "k", "0"),
            key(MY_REGION, s, s._("Give up a region"), "u"),
        ]
    )
    return lines, rows


def _offers(context: BotContext, s: Speech, typed: str, *, known: bool) -> tuple[list[str], list[Row]]:
    """Ways to begin a request, or to go on with it; for a name that was typed, its region and the card of that."""
    rows: list[Row] = []
    for one in context.engine.pick(typed).candidates[:OFFERED] if typed else ():
        name = one.region.label(s.language)
        rows.append([key(MY_REGION, s, s._("I work for {region}", region=name), "b", one.region.code)])
        rows.append([key(STATUS, s, s._("Card: {region}", region=name), "v", one.region.code)])
    draft = begun(context)
    if draft:
        id = str(draft.id)
        rows.append(
            [key(MY_REGION, s, s._("Go on with the request"), "c", id), key(MY_REGION, s, s._("Drop it"), "x", id)]
        )
        return ["", s._("You have begun a request; nothing of it is sent yet.")], rows
    label = s._("Another region") if known else s._("I work for a regency or city")
    return [], rows or [[key(MY_REGION, s, label, "b")]]


def _requests(context: BotContext, s: Speech) -> tuple[list[str], list[Row]]:
    """One's own requests with how they stand, and what can be done with those that wait. A refusal goes unsaid once the region
    was given after all, or is asked for again."""
    people, snapshot = context.people, context.engine.snapshot
    held, found = people.staff.regions_of(context.user_id), people.requests.of(context.user_id)
    lines: list[str] = []
    rows: list[Row] = []
    for one in found:
        name, day = region_in_bold(one.region, snapshot, s), s.date(one.decided_day or one.day)
        if one.state == "open":
            letter = s._("with a letter") if one.letter else s._("without a letter")
            lines.append(s._("• No. {number}, {region}: waits for an admin since {day}, {letter}", number=one.id, region=name, day=day, letter=letter))  # fmt: skip
            rows.append(
                [
                    key(MY_REGION, s, s._("Add a letter to no. {number}", number=one.id), "l", str(one.id)),
                    key(MY_REGION, s, s._("Withdraw no. {number}", number=one.id), "w", str(one.id)),
                ]
            )
        elif one.region not in held and one.id == max(other.id for other in found if other.region == one.region):
            note = escape(one.note, quote=False)
            lines.append(s._("• No. {number}, {region}: refused on {day}: <i>{note}</i>", number=one.id, region=name, day=day, note=note))  # fmt: skip
    return (["", s._("<b>Your requests</b>"), *lines] if lines else []), rows
