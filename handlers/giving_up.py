"""Taking back: one's own request to be officer, or being the officer of a region. Both are asked first."""

from __future__ import annotations

from telegram import InlineKeyboardMarkup, Update

from handlers.people.corrections import Correction
from handlers.people.requests import Request
from handlers.people.staff import Role
from handlers.rendering import Speech, speech
from handlers.shared import commands
from handlers.shared.answers import Row
from handlers.shared.buttons import MY_REGION
from handlers.shared.context import BotContext
from handlers.shared.keys import argument, key, number
from handlers.shared.message import Reply
from handlers.shared.private import private_button
from handlers.shared.registering import Handlers
from handlers.staff.entries import region_in_bold, region_name
from handlers.staff.gate import Gate
from handlers.staff.menus import take_away


def handlers(gate: Gate) -> Handlers:
    """What is registered for it."""
    return [
        private_button(MY_REGION, ask_withdraw, "w"),
        private_button(MY_REGION, withdraw, "y"),
        gate.button(MY_REGION, ask_give_up, Role.OFFICER, "u"),
        gate.button(MY_REGION, give_up, Role.OFFICER, "z"),
    ]


# ------------------------------------------------------------------------------------------------------------ withdrawing


async def ask_withdraw(update: Update, context: BotContext) -> None:
    """Ask whether a request shall really go."""
    s, request = speech(context.button.language), _own(context)
    await context.seen()
    context.work.note("done", "my region", s.language)
    if request is None:
        await context.replace(_told(s._("This request is decided on, or withdrawn already."), s))
        return
    text = s._(
        "Withdraw request no. {number} for {region}? It is deleted with all that is in it.",
        number=request.id, region=region_in_bold(request.region, context.engine.snapshot, s),
    )  # fmt: skip
    rows = [[key(MY_REGION, s, s._("Yes, withdraw it"), "y", str(request.id))], _to_home(s)]
    await context.replace(Reply((text,), InlineKeyboardMarkup(rows)))


async def withdraw(update: Update, context: BotContext) -> None:
    """Withdraw it. Pressed again, or decided on meanwhile, it says how things stand."""
    s, request, people = speech(context.button.language), _own(context), context.people
    if request:
        people.apply(lambda: people.requests.withdraw(request.id, context.user_id))
    await context.seen()
    context.work.note("done", "my region", s.language)
    if request is None:
        await context.replace(_told(s._("This request is decided on, or withdrawn already."), s))
        return
    text = s._("Request no. {number} is withdrawn and deleted.", number=request.id)
    await context.replace(_told(text, s))


def _own(context: BotContext) -> Request | None:
    """The open request of the pressed button, where it is the person's own."""
    request = context.people.requests.pending(number(context, 1))
    return request if request and request.user_id == context.user_id else None


# -------------------------------------------------------------------------------------------------------------- giving up


async def ask_give_up(update: Update, context: BotContext) -> None:
    """Ask which region to give up, or whether really."""
    s, code, snapshot = speech(context.button.language), argument(context, 1), context.engine.snapshot
    own = context.people.staff.regions_of(context.user_id)
    await context.seen()
    context.work.note("done", "my region", s.language)
    if not own or (code and code not in own):
        await context.replace(_told(s._("This is not one of your regions (any more)."), s))
    elif code or len(own) == 1:
        code = code or own[0]
        name = region_in_bold(code, snapshot, s)
        lines = [s._("Give up {region}? You are then not its officer any more.", region=name)]
        waiting = len(_waiting(context, code))
        if waiting:
            lines.append(s.ngettext(
                "Your {n} proposal on it that waits for a decision is withdrawn.",
                "Your {n} proposals on it that wait for a decision are withdrawn.", waiting,
            ))  # fmt: skip
        if len(own) == 1:
            lines.append(s._("It is your only region: your role ends with it, and what you have half-finished goes."))
        rows = [[key(MY_REGION, s, s._("Yes, give it up"), "z", code)], _to_home(s)]
        await context.replace(Reply(("\n".join(lines),), InlineKeyboardMarkup(rows)))
    else:
        rows = [[key(MY_REGION, s, region_name(one, snapshot, s), "u", one)] for one in own]
        await context.replace(Reply((s._("Which region do you give up?"),), InlineKeyboardMarkup([*rows, _to_home(s)])))


async def give_up(update: Update, context: BotContext) -> None:
    """Give it up. Pressed again, it says how things stand."""
    s, code, people = speech(context.button.language), argument(context, 1), context.people
    held = code in people.staff.regions_of(context.user_id)
    waiting = _waiting(context, code) if held else []

    def effect() -> None:
        for one in waiting:
            people.corrections.decide(one.id, "withdrawn")
        people.staff.give_up(context.user_id, code)

    people.apply(effect)
    await context.seen()
    context.work.note("done", "my region", s.language)
    if not held:
        await context.replace(_told(s._("This is not one of your regions (any more)."), s))
        return
    if people.staff.member(context.user_id) is None:
        await take_away(context.bot, people, context.user_id)
    name = region_in_bold(code, context.engine.snapshot, s)
    lines = [s._("You are not officer for {region} any more.", region=name)]
    if waiting:
        n = len(waiting)
        lines.append(s.ngettext("Your {n} proposal on it is withdrawn.", "Your {n} proposals on it are withdrawn.", n))
    if f"region:{code}" in people.follows.of(context.user_id):
        lines.append(s._("You still follow it; /{command} stops that.", command=commands.FOLLOW.name(s)))
    await context.replace(_told(" ".join(lines), s))


def _waiting(context: BotContext, code: str) -> list[Correction]:
    """The person's proposals on a region that wait for a decision: without the role they could not be looked after."""
    own = context.people.corrections.of(context.user_id)
    return [one for one in own if one.state == "open" and one.proposal.region == code]


# ----------------------------------------------------------------------------------------------------------------- views


def _told(text: str, s: Speech) -> Reply:
    """A text with the way back to one's regions and requests."""
    return Reply((text,), InlineKeyboardMarkup([_to_home(s)]))


def _to_home(s: Speech) -> Row:
    return [key(MY_REGION, s, s._("‹ Back"), "h", "0")]
