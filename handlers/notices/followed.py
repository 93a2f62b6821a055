"""What somebody follows, and what they may follow, as messages with buttons."""

from __future__ import annotations

from collections.abc import Sequence
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
from handlers.shared.keys import key
from handlers.shared.message import Reply
from handlers.staff.entries import rows_of
from knowledge.model import Region
from knowledge.wanting import Whole

A_PAGE: Final = 8
"""What is followed, or may be, on one screen."""
YEARS_A_ROW: Final = 4


def listed(context: BotContext, s: Speech, page: int, stopped: str = "") -> Reply:
    """What one follows, and how. ``stopped``: what was stopped just now, in case that was a slip."""
    people, snapshot = context.people, context.engine.snapshot
    followed, wishes = people.follows.of(context.user_id), people.follows.wishes(context.user_id)
    shown, page, of = paged(followed, page, A_PAGE)
    names = {one: subject_name(one, snapshot, s) for one in shown}
    if followed:
        lines = [s._("<b>What you follow</b>"), *(f"• {escape(name, quote=False)}" for name in names.values())]
        lines += ["", how(wishes, s), "", examples(s)]
    else:
        text = s._(
            "You follow nothing. Whoever follows a region, a cohort or the programme is told what changes about it."
        )
        lines = [text, "", examples(s)]
    if wishes.corrections:
        lines.insert(-2, s._("You are told as well when an answer that I gave you changes."))
    rows: list[Row] = [
        [key(FOLLOW, s, s._("Stop {name}", name=name), "d", short(one), str(page))] for one, name in names.items()
    ]
    if of > 1:
        rows.append(page_row(FOLLOW, ("l",), page, of, s.language))
    if stopped and stopped not in followed:
        rows.append([follow_key(stopped, snapshot, s, again=True)])
    rows += offers(context, s, [*followed, stopped])
    last = [key(FOLLOW, s, s._("How I am told"), "w")]
    if followed or wishes.corrections:
        last.append(key(FOLLOW, s, s._("Stop all"), "z"))
    return Reply(("\n".join(lines),), InlineKeyboardMarkup([*rows, last]))


def offers(context: BotContext, s: Speech, followed: list[str]) -> list[Row]:
    """What can be followed without typing and is not: the programme."""
    return [] if PROGRAMME in followed else [[follow_key(PROGRAMME, context.engine.snapshot, s)]]


def examples(s: Speech) -> str:
    """How to follow something, or more."""
    command = commands.FOLLOW.name(s)
    return s._(
        "Write what you want to follow: /{command} Klaten for a region, /{command} 2018 for a cohort.", command=command
    )


def choices(context: BotContext, s: Speech, subjects: Sequence[str], *, several: bool) -> Reply:
    """What may be meant, to choose from. ``several``: each was named plainly."""
    snapshot = context.engine.snapshot
    if len(subjects) == 1:
        return Reply((s._("Is it this one?"),), InlineKeyboardMarkup([[follow_key(subjects[0], snapshot, s)]]))
    text = s._("Tap each that you want to follow.") if several else s._("Which one do you mean?")
    rows = [[key(FOLLOW, s, subject_name(one, snapshot, s), "a", short(one))] for one in subjects[:A_PAGE]]
    return Reply((text,), InlineKeyboardMarkup(rows))


def unnamed(context: BotContext, s: Speech, named: Whole) -> Reply:
    """What is offered to who names no region but all there is, the cohorts or the programme."""
    if named == "programme":
        return choices(context, s, [PROGRAMME], several=False)
    if named == "cohorts":
        return Reply((s._("Which cohort?"),), InlineKeyboardMarkup(cohort_rows(context, s)))
    text = s._(
        "Not everything can be followed at once. Choose from these, or name a region: /{command} Klaten",
        command=commands.FOLLOW.name(s),
    )
    return Reply(
        (text,), InlineKeyboardMarkup([[follow_key(PROGRAMME, context.engine.snapshot, s)], *cohort_rows(context, s)])
    )


def cohort_rows(context: BotContext, s: Speech) -> list[Row]:
    """A button for each cohort."""
    years = context.engine.snapshot.cohorts
    return rows_of([key(FOLLOW, s, str(year), "a", f"c{year}") for year in years], YEARS_A_ROW)


def province(context: BotContext, s: Speech, code: str, page: int) -> Reply:
    """The regions of a province, to choose from."""
    snapshot = context.engine.snapshot
    shown, page, of = paged(snapshot.regencies_of(code), page, A_PAGE)
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
