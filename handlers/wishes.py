"""How one wants to be told of what one follows: how often, at which hours, by whose clock, and of what besides."""

from __future__ import annotations

from typing import Any, Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from handlers.notices.following import hour, quiet, when, zone
from handlers.people.wishes import DIGEST_HOUR, PACES, ZONES, Pace
from handlers.rendering import Speech, speech
from handlers.shared import commands
from handlers.shared.answers import Row
from handlers.shared.buttons import FOLLOW, StaleButton
from handlers.shared.context import BotContext
from handlers.shared.keys import argument, key, number
from handlers.shared.message import Reply
from handlers.shared.private import private_button
from handlers.shared.registering import Handlers

HOURS: Final = 24
HOURS_A_ROW: Final = 6


def handlers() -> Handlers:
    """What is registered for it."""
    return [
        private_button(FOLLOW, show, "w"),
        private_button(FOLLOW, take_pace, "p"),
        private_button(FOLLOW, ask_from, "h"),
        private_button(FOLLOW, ask_to, "t"),
        private_button(FOLLOW, take_quiet, "q"),
        private_button(FOLLOW, ask_zone, "o"),
        private_button(FOLLOW, take_zone, "s"),
        private_button(FOLLOW, take_corrections, "c"),
        private_button(FOLLOW, no_more_corrections, "k"),
        private_button(FOLLOW, take_broadcasts, "u"),
    ]


async def show(update: Update, context: BotContext) -> None:
    """Show how one is told, in place."""
    s = await _seen(context)
    await context.replace(_view(context, s))


async def take_pace(update: Update, context: BotContext) -> None:
    """How often."""
    pace = argument(context, 1)
    if pace not in PACES:
        raise StaleButton(pace)
    await _take(context, pace=pace)


async def ask_from(update: Update, context: BotContext) -> None:
    """From which hour on one is to be left alone."""
    s = await _seen(context)
    text = s._("From which hour on shall no message come?")
    rows = [*_hours(s, "t"), [key(FOLLOW, s, s._("At any hour: no quiet hours"), "q", "0", "0")], _back(s)]
    await context.replace(Reply((text,), InlineKeyboardMarkup(rows)))


async def ask_to(update: Update, context: BotContext) -> None:
    """And until which."""
    first = _hour(context, 1)
    s = await _seen(context)
    text = s._("No message comes from {hour} on. Until when?", hour=hour(first))
    rows = [*_hours(s, "q", str(first), without=first), _back(s)]
    await context.replace(Reply((text,), InlineKeyboardMarkup(rows)))


async def take_quiet(update: Update, context: BotContext) -> None:
    """Both hours; the same twice are none."""
    await _take(context, quiet_from=_hour(context, 1), quiet_to=_hour(context, 2))


async def ask_zone(update: Update, context: BotContext) -> None:
    """By whose clock."""
    s = await _seen(context)
    text = s._(
        "Which time do you live by? For any other than these, write /{command} and a large city, for example: "
        "/{command} zone Tokyo",
        command=commands.FOLLOW.name(s),
    )
    named = {"WIB": s._("WIB (Jakarta)"), "WITA": s._("WITA (Makassar)"), "WIT": s._("WIT (Jayapura)")}
    rows = [[key(FOLLOW, s, label, "s", word)] for word, label in named.items()]
    await context.replace(Reply((text,), InlineKeyboardMarkup([*rows, _back(s)])))


async def take_zone(update: Update, context: BotContext) -> None:
    """One of Indonesia's three."""
    word = argument(context, 1)
    if word not in ZONES:
        raise StaleButton(word)
    await _take(context, zone=ZONES[word])


async def take_corrections(update: Update, context: BotContext) -> None:
    """Whether to be told where an answer that one was given changes."""
    await _take(context, corrections=_switch(context))


async def no_more_corrections(update: Update, context: BotContext) -> None:
    """The same from below a correction, which stays readable: what became of it is said below."""
    people = context.people
    context.work.later(lambda: people.follows.wish(context.user_id, corrections=False))
    s = await _seen(context)
    text = s._("You are not told any more when an answer that I gave you changes, and what I kept for that is deleted.")
    rows = [[key(FOLLOW, s, s._("How I am told"), "w")]]
    await context.say(Reply((text,), InlineKeyboardMarkup(rows)), quote=False)


async def take_broadcasts(update: Update, context: BotContext) -> None:
    """Whether to get the notices of the programme team."""
    await _take(context, broadcasts=_switch(context))


# ----------------------------------------------------------------------------------------------------------------- views


async def _take(context: BotContext, **wanted: Any) -> None:
    """Keep what was chosen, and show how one is told by now."""
    people = context.people
    people.apply(lambda: people.follows.wish(context.user_id, **wanted))
    s = await _seen(context, noted=True)
    await context.replace(_view(context, s))


async def _seen(context: BotContext, *, noted: bool = False) -> Speech:
    s = speech(context.button.language)
    context.work.note("done", "how told", s.language)
    await context.seen(s._("Noted.") if noted else None)
    return s


def _view(context: BotContext, s: Speech) -> Reply:
    """How one is told, with a button for each part of it."""
    wishes = context.people.follows.wishes(context.user_id)
    yes, no = s._("yes"), s._("no")
    days = s.ngettext("{n} day", "{n} days", context.services.settings.question_log_days)
    lines = [
        s._("<b>How you are told</b>"),
        when(wishes, s),
        quiet(wishes, s) or s._("Messages come at any hour."),
        s._("Your time zone: {zone}.", zone=zone(wishes.zone, s)),
        s._("Notices of the programme team: {state}.", state=yes if wishes.broadcasts else no),
        s._("Corrections of answers that I gave you: {state}.", state=yes if wishes.corrections else no),
        s._("For these I keep which statements my answers told you, and on which day: {days}.", days=days)
        if wishes.corrections
        else "",
    ]
    paces: dict[Pace, str] = {
        "now": s._("At once"), "daily": s._("Daily, {hour}", hour=hour(DIGEST_HOUR)), "weekly": s._("Mondays, {hour}", hour=hour(DIGEST_HOUR)),
    }  # fmt: skip
    rows: list[Row] = [
        [key(FOLLOW, s, f"✓ {label}" if pace == wishes.pace else label, "p", pace) for pace, label in paces.items()],
        [key(FOLLOW, s, s._("Quiet hours"), "h"), key(FOLLOW, s, s._("Time zone"), "o")],
        [_switched(s, s._("Notices of the programme team"), "u", on=wishes.broadcasts)],
        [_switched(s, s._("Corrections of answers"), "c", on=wishes.corrections)],
        [key(FOLLOW, s, s._("‹ What I follow"), "l", "0")],
    ]
    return Reply(("\n".join(filter(None, lines)),), InlineKeyboardMarkup(rows))


def _switched(s: Speech, what: str, verb: str, *, on: bool) -> InlineKeyboardButton:
    """The button that turns something on or off."""
    label = s._("{what}: switch off", what=what) if on else s._("{what}: switch on", what=what)
    return key(FOLLOW, s, label, verb, "0" if on else "1")


def _hours(s: Speech, *arguments: str, without: int | None = None) -> list[Row]:
    """A button for every hour of the day but one: a second tap on the first hour would mean none at all."""
    keys = [key(FOLLOW, s, hour(at), *arguments, str(at)) for at in range(HOURS) if at != without]
    return [keys[at : at + HOURS_A_ROW] for at in range(0, HOURS, HOURS_A_ROW)]


def _back(s: Speech) -> Row:
    return [key(FOLLOW, s, s._("‹ Back"), "w")]


def _hour(context: BotContext, at: int) -> int:
    found = number(context, at)
    if found >= HOURS:
        raise StaleButton(str(found))
    return found


def _switch(context: BotContext) -> bool:
    said = argument(context, 1)
    if said not in ("0", "1"):
        raise StaleButton(said)
    return said == "1"
