"""What becomes of somebody who looks after a region, or all, from now on: invited, or because their request was approved."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from html import escape

from telegram import InlineKeyboardMarkup

from handlers.people.staff import Member, Role
from handlers.rendering import Speech
from handlers.shared import commands
from handlers.shared.buttons import MY_REGION, STATUS
from handlers.shared.context import BotContext
from handlers.shared.keys import key
from handlers.staff.entries import region_name
from handlers.staff.menus import bring, commands_of, described
from handlers.staff.words import position

MAX_CARDS = 5
"""Cards of new regions that are offered at once; the others are found with /daerah."""


async def begins(context: BotContext, member: Member, regions: Sequence[str], s: Speech) -> None:
    """Their menu shows the commands of their role, they follow the regions that were given, and what they asked for is met.
    ``s``: what they speak."""
    people, later = context.people, context.work.later
    await bring(context.bot, people, member.user_id, context.services.settings.default_language)
    for code in regions:
        later(partial(people.follows.follow, member.user_id, f"region:{code}", s.language))
    later(lambda: people.requests.met(member.user_id, regions if member.role == Role.OFFICER else None))


def welcome(context: BotContext, s: Speech, regions: Sequence[str]) -> tuple[str, InlineKeyboardMarkup]:
    """What an officer can do, as HTML, and the buttons to begin with. ``regions``: the new ones."""
    lines = [
        s._("• /{command} shows your regions: what is disputed, out of date, and asked about them.", command=commands.MY_REGION.name(s)),
        s._("• Below a region's card you propose a correction with its source; an admin looks at it, and you are told."),
        s._("• You are told when something about your region changes; /{command} says how and when.", command=commands.FOLLOW.name(s)),
        "",
        s._("Your commands, beside those of everybody:"),
        *described(commands_of(Role.OFFICER), s, Role.OFFICER),
    ]  # fmt: skip
    known = [code for code in regions if code in context.engine.snapshot.regions][:MAX_CARDS]
    rows = [
        [key(STATUS, s, s._("Card: {region}", region=region_name(code, context.engine.snapshot, s)), "v", code)]
        for code in known
    ]
    rows.append([key(MY_REGION, s, s._("My regions"), "h", "0")])
    return "\n".join(lines), InlineKeyboardMarkup(rows)


def held(context: BotContext, member: Member, s: Speech) -> str:
    """The role with its regions, as HTML: "<b>officer for Klaten Regency</b>"."""
    what = escape(position(member.role, member.regions, context.engine.snapshot, s), quote=False)
    return f"<b>{what}</b>"
