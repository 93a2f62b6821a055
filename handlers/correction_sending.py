"""An officer's proposal, by its buttons: what is left out, chosen or asked again; and sending it, once."""

from __future__ import annotations

from typing import Final

from telegram import InlineKeyboardMarkup, Update

from handlers.people.staff import Role
from handlers.rendering import speech
from handlers.shared.buttons import CORRECT, StaleButton
from handlers.shared.context import BotContext
from handlers.shared.keys import argument, number
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.staff import corrections, sources
from handlers.staff.correction_form import PERIODS, ask_next, at_step, correction_of, nothing_new, opened, renewed, step
from handlers.staff.gate import Gate

BACK: Final = {"t": ("text", "other", "doubted"), "f": ("source", "document")}
"""What is asked again, by the letter of the button."""


def handlers(gate: Gate) -> Handlers:
    """What is registered for it."""
    acts = {
        "k": skip, "y": take_period, "u": take_source, "o": only_source, "r": all_wrong, "t": ask_again, "f": ask_again,
        "g": go_on, "s": send, "x": give_up, "a": take_anyway,
    }  # fmt: skip
    return [gate.button(CORRECT, act, Role.OFFICER, verb) for verb, act in acts.items()]


async def skip(update: Update, context: BotContext) -> None:
    """Leave the other language to the admins."""
    draft = await at_step(context, "other")
    if draft:
        await ask_next(context, draft.id, {**draft.data, "other": ""})


async def take_period(update: Update, context: BotContext) -> None:
    """Take one of the years offered."""
    draft, at = await at_step(context, "period"), number(context, 2)
    if draft and at >= len(PERIODS):
        raise StaleButton(str(at))
    if draft:
        await ask_next(context, draft.id, {**draft.data, "period": PERIODS[at]})


async def take_source(update: Update, context: BotContext) -> None:
    """Take what was pressed while the source is asked for."""
    draft = await at_step(context, "source")
    if draft:
        sources.press(context, draft.data, argument(context, 2))
        trouble = nothing_new(draft.data, speech(draft.data["language"]))
        await ask_next(context, draft.id, draft.data, trouble)


async def only_source(update: Update, context: BotContext) -> None:
    """The statement is right; what is proposed is a further source for it."""
    draft = await at_step(context, "text")
    if draft and draft.data["kind"] == "edit":
        await ask_next(context, draft.id, {**draft.data, "text": ""})


async def take_anyway(update: Update, context: BotContext) -> None:
    """A text that seemed to be in the other language is meant as it is."""
    draft = await opened(context, seen=False)
    if draft is None:
        return
    at, text = step(draft.data), draft.data.pop("doubted", "")
    if not text or at not in ("text", "other"):
        await context.seen(speech(draft.data["language"])._("Already answered below."))
        return
    await context.seen()
    await ask_next(context, draft.id, {**draft.data, at: text})


async def all_wrong(update: Update, context: BotContext) -> None:
    """No wording would be right: what is wrong is told to the admins instead."""
    draft = await at_step(context, "text")
    if draft and draft.data["kind"] == "edit":
        await ask_next(context, draft.id, {**draft.data, "kind": "remark"})


async def ask_again(update: Update, context: BotContext) -> None:
    """Ask for the text, or the source, once more."""
    draft = await at_step(context, "done")
    if draft:
        again = BACK[argument(context, 0)]
        await ask_next(context, draft.id, {name: value for name, value in draft.data.items() if name not in again})


async def go_on(update: Update, context: BotContext) -> None:
    """Ask again for what is asked now."""
    draft = await opened(context)
    if draft:
        await ask_next(context, draft.id, draft.data)


async def give_up(update: Update, context: BotContext) -> None:
    """Drop it: nothing was sent."""
    draft = await opened(context)
    if draft:
        context.work.later(lambda: context.people.drafts.drop(draft.id))
        await context.replace(Reply((speech(context.button.language)._("Dropped. Nothing was sent."),)))


async def send(update: Update, context: BotContext) -> None:
    """Send it to the admins, once. Where the statement was changed meanwhile, the whole is shown anew."""
    draft = await at_step(context, "done")
    member = context.people.staff.member(context.user_id)
    if draft is None or member is None:
        return
    s = speech(draft.data["language"])
    changed = renewed(context, draft.data, s)
    if changed:
        await ask_next(context, draft.id, draft.data, changed)
        return
    made = correction_of(draft, member.id)
    id = context.people.corrections.send(made)
    if not id:
        text = s._("Too many of your proposals wait for a decision. Withdraw one, or wait until some are decided on.")
        await context.say(Reply((text,)))
        return
    text = s._("✅ Sent: proposal no. {number}. You are told what becomes of it.", number=id)
    await context.replace(Reply((text,), InlineKeyboardMarkup([[corrections.to_own(id, s)]])))
    await corrections.announce(context, id)
    context.work.later(lambda: context.people.drafts.drop(draft.id))
