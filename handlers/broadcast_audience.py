"""For whom a notice is: everybody, programme news, or the followers of a region, a province or a cohort, by buttons that say
how many they are."""

from __future__ import annotations

from typing import Final

from telegram import InlineKeyboardMarkup, Update

from handlers.notices.audience import subjects
from handlers.notices.drafting import Data, ask, asks_for, choice, control, pressed
from handlers.people.drafts import Draft
from handlers.people.staff import Role
from handlers.rendering import Speech, speech
from handlers.shared.answers import Row, page_row, paged
from handlers.shared.buttons import BROADCAST, StaleButton
from handlers.shared.context import BotContext
from handlers.shared.keys import argument, key, number
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.staff.gate import Gate

PROVINCES_A_PAGE: Final = 20
"""In two columns."""


def handlers(gate: Gate) -> Handlers:
    """What is registered for choosing."""
    return [
        gate.button(BROADCAST, choose_followers, Role.ADMIN, "a"),
        gate.button(BROADCAST, choose_province, Role.ADMIN, "p"),
        gate.button(BROADCAST, choose_cohort, Role.ADMIN, "c"),
        gate.button(BROADCAST, ask_region, Role.ADMIN, "g"),
        gate.button(BROADCAST, take_audience, Role.ADMIN, "z"),
    ]


async def choose_followers(update: Update, context: BotContext) -> None:
    """Offer the kinds of followers again."""
    s, draft = speech(context.button.language), await pressed(context)
    if draft:
        await _show(context, s, draft, {**draft.data, "audience": ""})


async def choose_province(update: Update, context: BotContext) -> None:
    """Offer the provinces whose regions somebody follows."""
    s, draft, page = speech(context.button.language), await pressed(context), number(context, 2)
    if not draft:
        return
    snapshot = context.engine.snapshot
    provinces = [r for r in snapshot.regions.values() if r.level == "province"]
    counted = context.people.follows.counts(
        {f"province:{r.code}": subjects(f"province:{r.code}", snapshot) or () for r in provinces}
    )
    found = sorted((r.label(s.language), f"province:{r.code}") for r in provinces if f"province:{r.code}" in counted)
    shown, page, of = paged(found, page, PROVINCES_A_PAGE)
    made = [choice(s, draft.id, f"{label} ({s.number(counted[one])})", one) for label, one in shown]
    rows: list[Row] = [made[at : at + 2] for at in range(0, len(made), 2)]
    if of > 1:
        rows.append(page_row(BROADCAST, ("p", str(draft.id)), page, of, s.language))
    text = s._("Followers of a region in which province? Those that are not here have none.")
    await _offer(context, s, draft.id, text if found else s._("Nobody follows a region who could be told."), rows)


async def choose_cohort(update: Update, context: BotContext) -> None:
    """Offer the cohorts, each with those who follow it or one of its regions."""
    s, draft = speech(context.button.language), await pressed(context)
    if not draft:
        return
    snapshot = context.engine.snapshot
    every = {f"cohort:{year}": subjects(f"cohort:{year}", snapshot) or () for year in snapshot.cohorts}
    counted = context.people.follows.counts(every)
    rows = [
        [choice(s, draft.id, s._("{year} and its regions ({n})", year=one[-4:], n=s.number(counted.get(one, 0))), one)]
        for one in every
    ]
    text = s._("Followers of which cohort? Those count as well who follow a region of it.")
    await _offer(context, s, draft.id, text, rows)


async def ask_region(update: Update, context: BotContext) -> None:
    """Ask for the region."""
    s, draft = speech(context.button.language), await pressed(context)
    if draft:
        await context.seen()
        await ask(context, s, draft.id, {**draft.data, "asks": "region"})


async def take_audience(update: Update, context: BotContext) -> None:
    """Take for whom it is, and show how many that are."""
    s, draft = speech(context.button.language), await pressed(context)
    audience = ":".join(context.button.arguments[2:])
    subjects(audience, context.engine.snapshot)
    if draft:
        await _show(context, s, draft, {**draft.data, "audience": audience})


async def _offer(context: BotContext, s: Speech, id: int, text: str, rows: list[Row]) -> None:
    back = [key(BROADCAST, s, s._("‹ Back"), "a", str(id))]
    await context.seen()
    await context.replace(Reply((text,), InlineKeyboardMarkup([*rows, back])))


async def _show(context: BotContext, s: Speech, draft: Draft, data: Data) -> None:
    """Show what is to be decided, in place of what was pressed on."""
    if asks_for({**data, "asks": ""}):
        raise StaleButton(argument(context, 0))
    message = context.query.message
    data = {**data, "asks": "", "control": message.message_id if message else 0}
    await context.seen()
    await context.replace(control(context, s, draft.id, data))
    context.work.later(lambda: context.people.drafts.update(draft.id, data, data["control"]))
