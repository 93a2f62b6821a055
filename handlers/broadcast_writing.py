"""Writing a notice to followers: the text in both languages, how it will look, and sending it to those it is for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from telegram import InlineKeyboardMarkup, Update

from handlers.notices import progress
from handlers.notices.announcing import LANGUAGES, most, too_many, written
from handlers.notices.drafting import (
    KIND,
    Data,
    ask,
    asks_for,
    begun,
    choice,
    control,
    go_on,
    pressed,
    reach_of,
    remind,
    state_of,
)
from handlers.people import People
from handlers.people.drafts import Draft
from handlers.people.notices import Notice
from handlers.people.staff import Role
from handlers.rendering import Speech, speech
from handlers.shared.asked import answered
from handlers.shared.buttons import BROADCAST, StaleButton
from handlers.shared.context import BotContext
from handlers.shared.keys import argument, key, number
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.staff.drafts import (
    Typed,
    awaited,
    form_speech,
    not_in,
    rest_of_it,
    rest_refused,
    taken,
    too_long,
    wordless,
)
from handlers.staff.gate import Gate
from knowledge.language import surely
from knowledge.model import Language

REGIONS_SHOWN: Final = 8
"""Regions to choose from; whoever does not find theirs types more of the name."""


def handlers(gate: Gate, people: People) -> Handlers:
    """What is registered for writing notices."""
    return [
        gate.message(Typed(people, KIND, files=True), take_words, Role.ADMIN, edited=True),
        gate.button(BROADCAST, begin, Role.ADMIN, "w"),
        gate.button(BROADCAST, take_up, Role.ADMIN, "f"),
        gate.button(BROADCAST, ask_text, Role.ADMIN, "t"),
        gate.button(BROADCAST, send, Role.ADMIN, "y"),
        gate.button(BROADCAST, take_anyway, Role.ADMIN, "k"),
        gate.button(BROADCAST, cancel, Role.ADMIN, "x"),
    ]


async def begin(update: Update, context: BotContext) -> None:
    """Ask for the Indonesian text. Pressed twice, it begins one notice."""
    s = speech(context.button.language)
    empty = [draft for draft in context.people.drafts.of(context.user_id) if draft.kind == KIND and not begun(draft)]
    drafts, update_id, data = context.people.drafts, context.work.update_id, {"spoken": s.language}
    id = empty[-1].id if empty else drafts.begin(context.user_id, KIND, data, update_id=update_id)
    context.work.note("done", "broadcast", s.language)
    await context.seen()
    await ask(context, s, id, data)


async def take_up(update: Update, context: BotContext) -> None:
    """Take up a notice that is half-written."""
    s, draft = speech(context.button.language), await pressed(context)
    if draft:
        await context.seen()
        await go_on(context, s, draft.id, {**draft.data, "asks": "", "doubted": ""})


async def ask_text(update: Update, context: BotContext) -> None:
    """Ask for one of the texts anew."""
    s, draft, language = speech(context.button.language), await pressed(context), argument(context, 2)
    if language not in LANGUAGES:
        raise StaleButton(language)
    if draft:
        await context.seen()
        await ask(context, s, draft.id, {**draft.data, "asks": f"text_{language}", "doubted": ""})


async def take_words(update: Update, context: BotContext) -> None:
    """Take a text of the notice, or the name of the region whose followers it is for; an edited text takes its place."""
    message = context.message
    edited = taken(context.people, message, KIND) if update.edited_message else None
    draft = edited or awaited(context)
    s, data = form_speech(context, draft.data), draft.data
    context.work.note("done", "broadcast", s.language)
    asks = data["taken"][str(message.message_id)] if edited else asks_for(data)
    if not message.text:
        if context.first_of_album():
            trouble = s._("A notice is text alone: nothing else can be sent with it. Write it as a message.")
            await (ask(context, s, draft.id, data, trouble) if asks else remind(context, s, draft.id, data))
    elif not asks:
        await answered(context, message.text, plainly=True, smalltalk=False)
        await remind(context, s, draft.id, data)
    elif asks == "region":
        await _offer_regions(context, s, draft, message.text)
    else:
        await _take_text(context, s, draft, asks, edited=edited is not None)


async def _take_text(context: BotContext, s: Speech, draft: Draft, asks: str, *, edited: bool) -> None:
    """Take one of the texts, or say why not and ask again."""
    message, data, text = context.message, draft.data, written(context.message)
    wanted: Language = "en" if asks == "text_en" else "id"
    over, found = too_many(text, speech(wanted)), surely(context.engine.reader.read(text).votes)
    asked = {**data, "asks": asks, "doubted": ""}
    if not edited and rest_of_it(message, data):
        await ask(context, s, draft.id, {**asked, **too_long(message)}, rest_refused(s))
    elif over:
        trouble = s.ngettext(
            "This is {n} character too long: a notice has room for {most}, as Telegram counts them. Shorten it and send it again.",
            "This is {n} characters too long: a notice has room for {most}, as Telegram counts them. Shorten it and send it again.",
            over, most=s.number(most(speech(wanted))),
        )  # fmt: skip
        await ask(context, s, draft.id, {**asked, **too_long(message)}, trouble)
    elif wordless(text):
        await ask(context, s, draft.id, asked, s._("Please write it in words."))
    else:
        became = {**data.get("taken", {}), str(message.message_id): asks}
        if found not in (None, wanted):
            doubted = {**asked, "taken": became, "doubted": text}
            await ask(context, s, draft.id, doubted, not_in(wanted, s))
            return
        await go_on(context, s, draft.id, {**data, asks: text, "taken": became, "asks": "", "doubted": ""})


async def take_anyway(update: Update, context: BotContext) -> None:
    """A text that seemed to be in the other language is meant as it is."""
    s, draft = speech(context.button.language), await pressed(context)
    if draft and draft.data.get("doubted"):
        await context.seen()
        text = {asks_for(draft.data): draft.data["doubted"]}
        await go_on(context, s, draft.id, {**draft.data, **text, "asks": "", "doubted": ""})
    elif draft:
        await context.seen(s._("Already answered below."))


async def _offer_regions(context: BotContext, s: Speech, draft: Draft, typed: str) -> None:
    """Offer the regions that a text may name, each with its followers."""
    found = [candidate.region for candidate in context.engine.pick(typed).candidates[:REGIONS_SHOWN]]
    if not found:
        trouble = s._("I know of no such regency or city.")
        await ask(context, s, draft.id, draft.data, trouble)
        return
    counted = context.people.follows.counts({r.code: [f"region:{r.code}"] for r in found})
    rows = [
        [choice(s, draft.id, f"{r.label(s.language)} ({s.number(counted.get(r.code, 0))})", f"region:{r.code}")]
        for r in found
    ]
    text = s._("Which one? If it is not among these, type more of its name.")
    back = [key(BROADCAST, s, s._("‹ Back"), "a", str(draft.id))]
    sent = await context.say(Reply((text,), InlineKeyboardMarkup([*rows, back])), quote=False)
    context.work.later(lambda: context.people.drafts.update(draft.id, draft.data, sent))


async def send(update: Update, context: BotContext) -> None:
    """Send it: once, to those who follow at this moment, and only as it was shown."""
    s, draft = speech(context.button.language), await pressed(context)
    if not draft:
        return
    data, notices = draft.data, context.people.notices
    notice = notices.of_update(context.work.update_id)  # found where the process died after it was sent
    if notice is None:
        if argument(context, 2) != state_of(context, data):
            text = s._("The notice was changed after this, or another one was sent. Look at it as it is now.")
            await context.seen(text, alert=True)
            await go_on(context, s, draft.id, {**data, "asks": ""})
            return
        found = reach_of(context, data)
        if not found.people:
            await context.seen(s._("Nobody is left who could get it."), alert=True)
            await context.replace(control(context, s, draft.id, data))
            return
        notice = _announced(context, data, found.people)
    await context.seen()
    total, shown = notices.progress(notice.id).total, number(context, 3)
    said = s.ngettext("It goes to {n} person.", "It goes to {n} people.", total)
    if total != shown:
        said += " " + s._("When it was shown to you, there were {n}.", n=s.number(shown))
    await context.replace(progress.view(context, s, notice, said))
    context.work.later(lambda: context.people.drafts.drop(draft.id))


def _announced(context: BotContext, data: Data, people: Iterable[int]) -> Notice:
    """The notice, written down together with everybody who gets it."""
    notices, update_id = context.people.notices, context.work.update_id
    actor = context.people.staff.actor(context.user_id)
    context.people.apply(
        lambda: notices.announce(actor, data["text_id"], data["text_en"], data["audience"], people, update_id)
    )
    context.services.news.set()
    made = notices.of_update(update_id)
    assert made is not None
    return made


async def cancel(update: Update, context: BotContext) -> None:
    """Drop it."""
    s, draft = speech(context.button.language), await pressed(context)
    if draft:
        await context.seen()
        await context.replace(Reply((s._("Stopped. Nothing was sent."),)))
        context.work.later(lambda: context.people.drafts.drop(draft.id))
