"""Asking to be recognised as officer: for which region, from which office, in which position."""

from __future__ import annotations

from html import escape
from typing import Final

from telegram import InlineKeyboardMarkup, Update
from telegram.ext import MessageHandler, filters

from handlers.people import People
from handlers.people.drafts import Draft
from handlers.people.requests import MAX_OPEN
from handlers.people.staff import Role
from handlers.rendering import Speech, speech
from handlers.shared import commands
from handlers.shared.answers import Row, page_row, paged
from handlers.shared.asked import answered
from handlers.shared.buttons import MY_REGION, StaleButton
from handlers.shared.context import BotContext
from handlers.shared.keys import argument, key, number
from handlers.shared.message import Reply
from handlers.shared.private import private_button
from handlers.shared.registering import Handlers
from handlers.shared.words import words
from handlers.staff.drafts import Typed, awaited, form_speech, taken
from handlers.staff.entries import region_name
from handlers.staff.request_form import (
    KIND,
    STEPS,
    Data,
    ForRequest,
    begun,
    cancel_row,
    proceed,
    unsent,
    unsent_reminder,
)
from handlers.staff.requests import many, waits
from knowledge.picking import Candidate, Picked

MAX_WORDS: Final = {"office": 120, "position": 80}
"""Characters of what is typed. The longest names of offices, with that of the region, have some 90."""
MIN_WORDS: Final = 2
"""Letters of what is typed; less is a slip of the finger."""
OFFERED: Final = 8
"""Regions to choose from on a page; whoever does not find theirs types more of the name."""


def handlers(people: People) -> Handlers:
    """What is registered for asking to be recognised, before free text."""
    return [
        private_button(MY_REGION, begin, "b"),
        private_button(MY_REGION, go_on, "c"),
        private_button(MY_REGION, give_up, "x"),
        private_button(MY_REGION, change, "e"),
        private_button(MY_REGION, show_province, "p"),
        private_button(MY_REGION, take_region, "g"),
        MessageHandler(filters.UpdateType.MESSAGE & filters.TEXT & ForRequest(people), take_words),
        MessageHandler(filters.UpdateType.EDITED_MESSAGE & filters.TEXT & Typed(people, KIND), take_edited),
    ]


# ------------------------------------------------------------------------------------------------------------- beginning


async def begin(update: Update, context: BotContext) -> None:
    """Begin a request, or go on with the one that is begun: ask for the region, unless the button names one."""
    s, code, drafts = speech(context.button.language), argument(context, 1), context.people.drafts
    context.work.note("done", "request", s.language)
    if context.people.staff.role(context.user_id) >= Role.ADMIN:
        await context.seen(s._("As an admin you see every region already."), alert=True)
        return
    if code and not _is_regency(context, code):
        raise StaleButton(code)
    refusal = _refusal(context, code, s) if code else ""
    if refusal:
        await context.seen(refusal, alert=True)
    elif await context.seen_once() or begun(context) is None:  # Dropped, it can be begun again with the same button.
        before, region = begun(context), {"region": code} if code else {}
        if before:
            await proceed(context, s, before.id, {**before.data, **region, "spoken": s.language})
        else:
            data = {**region, "spoken": s.language}
            id = drafts.begin(context.user_id, KIND, data, update_id=context.work.update_id)
            await proceed(context, s, id, data)


async def go_on(update: Update, context: BotContext) -> None:
    """Ask again for what is still missing."""
    s, draft = speech(context.button.language), await unsent(context)
    if draft and await context.seen_once():
        await proceed(context, s, draft.id, draft.data)


async def give_up(update: Update, context: BotContext) -> None:
    """Drop what was written; nothing was sent."""
    s, draft = speech(context.button.language), await unsent(context)
    if draft:
        await context.seen()
        context.work.later(lambda: context.people.drafts.drop(draft.id))
        await context.replace(Reply((s._("All right: nothing was sent, and what you wrote is deleted."),)))


async def change(update: Update, context: BotContext) -> None:
    """Ask again for one of the things that were said."""
    s, draft, step = speech(context.button.language), await unsent(context), argument(context, 2)
    if step not in STEPS:
        raise StaleButton(step)
    if draft and await context.seen_once():
        await proceed(context, s, draft.id, draft.data, asking=step)


async def take_words(update: Update, context: BotContext) -> None:
    """Take what was typed for what is asked; a question is answered."""
    draft, text = awaited(context), " ".join(words(context.message).split())
    s, step = form_speech(context, draft.data), draft.data["asking"]
    context.work.note("done", "request", s.language)
    if not context.message.reply_to_message and await _answered(context, step, text):
        hint = s._("Your request is kept. To go on with it, reply to this message, or press the button.")
        if step == "summary":
            hint = s._("Your request is kept, and not sent yet. To go on with it, press the button.")
        rows = [[key(MY_REGION, s, s._("Go on with the request"), "c", str(draft.id))]]
        sent = await context.say(Reply((hint,), InlineKeyboardMarkup(rows)))
        context.work.later(lambda: context.people.drafts.update(draft.id, draft.data, sent))
    elif step == "summary":
        await proceed(context, s, draft.id, draft.data, unsent_reminder(s), asking=step)
    elif step == "region":
        await _offer_regions(context, draft, text)
    elif step == "letter":
        trouble = s._("A letter is a document or a photo.")
        await proceed(context, s, draft.id, draft.data, trouble, asking=step)
    else:
        became = {**draft.data.get("taken", {}), str(context.message.message_id): step}
        await _take(context, s, draft, step, text, {**draft.data, "taken": became})


async def take_edited(update: Update, context: BotContext) -> None:
    """Take a text as it was edited, in place of what it was before."""
    draft = taken(context.people, context.message, KIND)
    assert draft is not None
    s = form_speech(context, draft.data)
    context.work.note("done", "request", s.language)
    if "request" in draft.data:
        text = s._("Request no. {number} is sent already. To change it, withdraw it: /{command}", number=draft.data["request"], command=commands.MY_REGION.name(s))  # fmt: skip
        await context.say(Reply((text,)))
        return
    step = draft.data["taken"][str(context.message.message_id)]
    text = " ".join(words(context.message).split())
    noted = s._("Changed to: {text}", text=escape(text, quote=False))
    await _take(context, s, draft, step, text, draft.data, noted)


async def _take(
    context: BotContext, s: Speech, draft: Draft, step: str, text: str, data: Data, noted: str = ""
) -> None:
    """Take office or position, or say why not. ``noted``: what is said first where it is taken, as HTML."""
    if sum(map(str.isalpha, text)) < MIN_WORDS:
        await proceed(context, s, draft.id, data, s._("That is too short; please write it out."), asking=step)
    elif len(text) > MAX_WORDS[step]:
        trouble = s._("That is too long: at most {n} characters, please.", n=MAX_WORDS[step])
        await proceed(context, s, draft.id, data, trouble, asking=step)
    else:
        await proceed(context, s, draft.id, {**data, step: text}, noted)


async def _answered(context: BotContext, step: str, text: str) -> bool:
    """Whether it is rather a question. The name of a region is none for its mark alone, nor what people are called for "who"."""
    if step == "region":
        return await answered(context, text.rstrip(" ?")) is not None
    return await answered(context, text, plainly=True, smalltalk=step != "summary") is not None


# ---------------------------------------------------------------------------------------------------------------- region


async def show_province(update: Update, context: BotContext) -> None:
    """Show a page of a province's regions, in place."""
    s, draft, province = speech(context.button.language), await unsent(context), argument(context, 2)
    if draft:
        if province not in context.engine.snapshot.regions:
            raise StaleButton(province)
        await context.seen()
        await context.replace(_of_province(context, s, draft.id, province, number(context, 3)))


async def take_region(update: Update, context: BotContext) -> None:
    """The region is chosen."""
    s, draft, code = speech(context.button.language), await unsent(context), argument(context, 2)
    if draft is None:
        return
    if not _is_regency(context, code):
        raise StaleButton(code)
    refusal = _refusal(context, code, s)
    if refusal:
        await context.seen(refusal, alert=True)
    elif await context.seen_once():
        await proceed(context, s, draft.id, {**draft.data, "region": code})


async def _offer_regions(context: BotContext, draft: Draft, text: str) -> None:
    s, found = form_speech(context, draft.data), context.engine.pick(text)
    if found.province:
        said = _of_province(context, s, draft.id, found.province.code, 0)
    elif found.candidates:
        said = _candidates(s, draft.id, found)
    else:
        text = s._("I know of no such regency or city. Type its name again.")
        said = Reply((text,), InlineKeyboardMarkup([cancel_row(s, draft.id)]))
    sent = await context.say(said)
    context.work.later(lambda: context.people.drafts.update(draft.id, {**draft.data, "asking": "region"}, sent))


def _candidates(s: Speech, id: int, found: Picked) -> Reply:
    shown = found.candidates[:OFFERED]
    rows = [[key(MY_REGION, s, _label(one, s), "g", str(id), one.region.code)] for one in shown]
    text = s._("Which one? If it is not among these, type more of its name.")
    if len(shown) == 1:
        text = s._("Is it this one? If not, type the name again.")
    return Reply((text,), InlineKeyboardMarkup([*rows, cancel_row(s, id)]))


def _label(one: Candidate, s: Speech) -> str:
    name = one.region.label(s.language)
    return s._("{region} (where {district} lies)", region=name, district=one.district) if one.district else name


def _of_province(context: BotContext, s: Speech, id: int, province: str, page: int) -> Reply:
    snapshot = context.engine.snapshot
    shown, page, of = paged(snapshot.regencies_of(province), page, OFFERED)
    rows: list[Row] = [[key(MY_REGION, s, one.label(s.language), "g", str(id), one.code)] for one in shown]
    if of > 1:
        rows.append(page_row(MY_REGION, ("p", str(id), province), page, of, s.language))
    name = escape(snapshot.regions[province].label(s.language), quote=False)
    text = s._("Officers are recognised for a regency or city. Which one of {province}? Choose, or type it.", province=name)  # fmt: skip
    return Reply((text,), InlineKeyboardMarkup([*rows, cancel_row(s, id)]))


def _is_regency(context: BotContext, code: str) -> bool:
    region = context.engine.snapshot.regions.get(code)
    return region is not None and region.level == "regency"


def _refusal(context: BotContext, code: str, s: Speech) -> str:
    """Why nothing is to be asked for a region; empty where it may be."""
    if code in context.people.staff.regions_of(context.user_id):
        return s._("You are officer for {region} already.", region=region_name(code, context.engine.snapshot, s))
    waiting = [one for one in context.people.requests.of(context.user_id) if one.state == "open"]
    same = next((one for one in waiting if one.region == code), None)
    if same:
        return waits(context, same.id, code, s)
    return many(s) if len(waiting) >= MAX_OPEN else ""
