"""What somebody follows, and what they may follow, as messages with buttons."""

from __future__ import annotations

from html import escape
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from handlers.notices.following import PROGRAMME, follow_key, how, short
from handlers.rendering import Speech
from handlers.rendering.claims import subject_name
from handlers.shared import commands
from handlers.shared.answers import Row, page_row, paged
from handlers.shared.buttons import FOLLOW
from handlers.shared.context import BotContext
from handlers.shared.message import Reply
from handlers.staff.keys import key
from knowledge.model import Region

A_PAGE: Final = 8
"""What is followed, or may be, on one screen."""


def listed(context: BotContext, s: Speech, page: int, stopped: str = "") -> Reply:
    """What one follows, and how. ``stopped``: what was stopped just now, in case that was a slip."""
    people, snapshot = context.people, context.engine.snapshot
    followed = people.follows.of(context.user_id)
    shown, page, of = paged(followed, page, A_PAGE)
    names = {one: subject_name(one, snapshot, s) for one in shown}
    if followed:
        lines = [s._("<b>What you follow</b>"), *(f"• {escape(name, quote=False)}" for name in names.values())]
        lines += ["", how(people.follows.wishes(context.user_id), s), "", examples(s)]
    else:
        text = s._(
            "You follow nothing. Whoever follows a region, a cohort or the programme is told what changes about it."
        )
        lines = [text, "", examples(s)]
    rows: list[Row] = [
        [key(FOLLOW, s, s._("Stop {name}", name=name), "d", short(one), str(page))] for one, name in names.items()
    ]
    if of > 1:
        rows.append(page_row(FOLLOW, ("l",), page, of, s.language))
    if stopped and stopped not in followed:
        rows.append([follow_key(stopped, snapshot, s, again=True)])
    rows += offers(context, s, [*followed, stopped])
    last = [key(FOLLOW, s, s._("How I am told"), "w")]
    if len(followed) > 1:
        last.append(key(FOLLOW, s, s._("Stop all"), "z"))
    return Reply(("\n".join(lines),), InlineKeyboardMarkup([*rows, last]))


def offers(context: BotContext, s: Speech, followed: list[str]) -> list[Row]:
    """What can be followed without typing and is not: the programme."""
    return [] if PROGRAMME in followed else [[follow_key(PROGRAMME, context.engine.snapshot, s)]]


def examples(s: Speech) -> str:
    """How to follow more."""
    command = commands.FOLLOW.name(s)
    return s._(
        "To follow more, write its name: /{command} Klaten for a region, /{command} 2018 for a cohort.", command=command
    )


def province(context: BotContext, s: Speech, code: str, page: int) -> Reply:
    """The regions of a province, to choose from."""
    snapshot = context.engine.snapshot
    shown, page, of = paged([region for region in snapshot.regencies if region.province == code], page, A_PAGE)
    name = snapshot.regions[code].label(s.language) if code in snapshot.regions else code
    text = s._("A province is followed region by region. Which of {name}?", name=escape(name, quote=False))
    rows = [offer(region, s) for region in shown]
    if of > 1:
        rows.append(page_row(FOLLOW, ("r", code), page, of, s.language))
    return Reply((text,), InlineKeyboardMarkup([*rows, [to_list(s)]]))


def offer(region: Region, s: Speech) -> Row:
    """A region to choose."""
    return [key(FOLLOW, s, region.label(s.language), "a", f"r{region.code}")]


def to_list(s: Speech) -> InlineKeyboardButton:
    """The way to what one follows."""
    return key(FOLLOW, s, s._("What I follow"), "l", "0")
