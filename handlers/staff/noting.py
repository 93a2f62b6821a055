"""A decision with a note: it is written, shown as it will be read, and sent with one tap."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from telegram import InlineKeyboardMarkup, Update

from handlers.people.drafts import Draft
from handlers.people.staff import Role
from handlers.rendering import Speech, speech
from handlers.shared.asked import answered
from handlers.shared.context import BotContext
from handlers.shared.keys import key, number
from handlers.shared.message import Reply
from handlers.shared.words import words
from handlers.staff.drafts import awaited, form_speech, pressed, rest_of_it, rest_refused, too_long, wordless
from handlers.staff.gate import Gate, Handler

MAX_NOTE: Final = 500
"""Characters of such a note: some six lines on a telephone, enough to say why, or what is missing."""

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Noted(Generic[Thing]):
    """What is decided on, and how that is said."""

    kind: str
    """Of its drafts: the number of what is being decided on, and the note."""
    action: str
    """Of its buttons."""
    pending: Callable[[BotContext, int], Thing | None]
    """What waits for a decision, by its number."""
    why: Callable[[Speech], str]
    """Asks for the note."""
    read: Callable[[BotContext, Thing, str], str]
    """What whoever it is from will read, as HTML."""
    decide: Callable[[BotContext, Thing, str], Awaitable[Reply | None]]
    """Decides on it and tells them; what is shown instead of ``decided``, where somebody else was first."""
    decided: Callable[[Speech, int], Reply]
    """It is decided on, by its number."""
    stays: Callable[[Speech, int], Reply]
    """It was not decided on after all."""
    gone: Callable[[BotContext, int, Speech], Reply]
    """There is nothing to decide (any more)."""
    send: Callable[[Speech], str] = lambda s: s._("Send")
    """The label of the button that decides."""
    verbs: str = "rcsx"
    """The first arguments of its buttons: to begin, for other words, to send, to leave it."""


def buttons(gate: Gate, what: Noted[Thing]) -> list[Handler]:
    """What is registered for the buttons."""

    async def begin(update: Update, context: BotContext) -> None:
        await _begin(context, what)

    async def again(update: Update, context: BotContext) -> None:
        await _again(context, what)

    async def send(update: Update, context: BotContext) -> None:
        await _send(context, what)

    async def leave(update: Update, context: BotContext) -> None:
        await _leave(context, what)

    acts = zip(what.verbs, (begin, again, send, leave), strict=True)
    return [gate.button(what.action, act, Role.ADMIN, verb) for verb, act in acts]


async def take_note(context: BotContext, what: Noted[Thing]) -> None:
    """Show what would be told, before it is; a question is answered. Where that is shown, words do not send it."""
    draft, drafts = awaited(context), context.people.drafts
    s, shown = form_speech(context, draft.data), bool(draft.data.get("shown"))
    context.work.note("done", what.kind, s.language)
    thing, note = what.pending(context, draft.data["id"]), words(context.message).strip()
    if thing is None:
        context.work.later(lambda: drafts.drop(draft.id))
        await context.say(what.gone(context, draft.data["id"], s))
        return
    replied = context.message.reply_to_message is not None
    if not replied and await answered(context, note, plainly=True, smalltalk=not shown) and not shown:
        hint = s._("If that was meant as the note, reply to this message with it.")
        await _prompt(context, what, s, draft.id, draft.data, hint)
    elif shown:
        await _show(context, what, s, draft, thing, draft.data["note"])
    elif rest_of_it(context.message, draft.data):
        await _prompt(context, what, s, draft.id, {**draft.data, **too_long(context.message)}, rest_refused(s))
    elif len(note) > MAX_NOTE:
        trouble = s._("That is too long: at most {n} characters, please.", n=MAX_NOTE)
        await _prompt(context, what, s, draft.id, {**draft.data, **too_long(context.message)}, trouble)
    elif wordless(note):
        await _prompt(context, what, s, draft.id, draft.data, s._("Please write it in words."))
    else:
        await _show(context, what, s, draft, thing, note)


async def _show(context: BotContext, what: Noted[Thing], s: Speech, draft: Draft, thing: Thing, note: str) -> None:
    """Show what would be told; again, with the word that it is not told yet."""
    head, id = s._("This is what they are told:"), str(draft.id)
    if draft.data.get("shown"):
        head = s._("❗ It is not sent yet. To send it, press “{button}” below.", button=what.send(s)) + f"\n\n{head}"
    _, again, send, leave = tuple(what.verbs)
    rows = [
        [key(what.action, s, what.send(s), send, id)],
        [key(what.action, s, s._("Change it"), again, id), key(what.action, s, s._("Cancel"), leave, id)],
    ]
    text = f"{head}\n\n<blockquote>{what.read(context, thing, note)}</blockquote>"
    sent = await context.say(Reply((text,), InlineKeyboardMarkup(rows)), quote=False)
    data = {**draft.data, "note": note, "shown": True}
    context.work.later(lambda: context.people.drafts.update(draft.id, data, sent))


async def _begin(context: BotContext, what: Noted[Thing]) -> None:
    """Ask for the note."""
    s, id = speech(context.button.language), number(context, 1)
    context.work.note("done", what.kind, s.language)
    if what.pending(context, id) is None:
        await context.seen()
        await context.replace(what.gone(context, id, s))
    elif await context.seen_once():
        data = {"id": id, "spoken": s.language}
        draft = context.people.drafts.begin(context.user_id, what.kind, data, update_id=context.work.update_id)
        await _prompt(context, what, s, draft, data)


async def _again(context: BotContext, what: Noted[Thing]) -> None:
    """Ask for other words."""
    s, draft = speech(context.button.language), await _draft(context, what)
    if draft:
        await context.seen()
        await _prompt(context, what, s, draft.id, draft.data)


async def _send(context: BotContext, what: Noted[Thing]) -> None:
    """Decide with what was written. Pressed again, it comes to the same."""
    s, draft = speech(context.button.language), await _draft(context, what)
    if draft is None or "note" not in draft.data:
        return
    await context.seen()
    thing = what.pending(context, draft.data["id"])
    context.work.later(lambda: context.people.drafts.drop(draft.id))
    if thing is None:
        await context.replace(what.gone(context, draft.data["id"], s))
        return
    instead = await what.decide(context, thing, draft.data["note"])
    await context.replace(instead or what.decided(s, draft.data["id"]))


async def _leave(context: BotContext, what: Noted[Thing]) -> None:
    """Leave it as it is: open."""
    s, draft = speech(context.button.language), await _draft(context, what)
    if draft:
        await context.seen()
        context.work.later(lambda: context.people.drafts.drop(draft.id))
        waits = what.pending(context, draft.data["id"]) is not None
        await context.replace(what.stays(s, draft.data["id"]) if waits else what.gone(context, draft.data["id"], s))


async def _prompt(
    context: BotContext, what: Noted[Thing], s: Speech, id: int, data: Mapping[str, Any], trouble: str = ""
) -> None:
    rows = [[key(what.action, s, s._("Cancel"), what.verbs[-1], str(id))]]
    said = f"{trouble}\n\n{what.why(s)}" if trouble else what.why(s)
    sent = await context.say(Reply((said,), InlineKeyboardMarkup(rows)), quote=False)
    context.work.later(lambda: context.people.drafts.update(id, {**data, "shown": False}, sent))


async def _draft(context: BotContext, what: Noted[Thing]) -> Draft | None:
    """The draft of the pressed button; where it is gone that is said."""
    context.work.note("done", what.kind, context.button.language)
    return await pressed(context, what.kind)
