"""The letter that goes with a request to be officer, and sending it; a letter may also come later."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from telegram import InlineKeyboardMarkup, Update
from telegram.ext import MessageHandler, filters

from handlers.people import People
from handlers.people.drafts import Draft
from handlers.people.impersonal import today
from handlers.people.requests import Request
from handlers.rendering import Speech, speech
from handlers.shared import commands
from handlers.shared.buttons import MY_REGION
from handlers.shared.context import BotContext
from handlers.shared.keys import key, number
from handlers.shared.message import Reply
from handlers.shared.private import private_button
from handlers.shared.registering import Handlers
from handlers.staff.attached import MAX_MEGABYTES, TooLarge, attached
from handlers.staff.drafts import SENT, awaited, form_speech
from handlers.staff.request_form import KIND, MAX_LETTERS, STEPS, ForRequest, proceed, summary, unsent
from handlers.staff.requests import letters, many, tell_admins, waits

MAX_NAME: Final = 64
"""Characters of a first name that are kept: what Telegram lets one have."""


def handlers(people: People) -> Handlers:
    """What is registered for it, before what takes files otherwise."""
    return [
        private_button(MY_REGION, no_letter, "n"),
        private_button(MY_REGION, send, "s"),
        private_button(MY_REGION, ask_letter, "l"),
        MessageHandler(filters.UpdateType.MESSAGE & ~filters.TEXT & ForRequest(people), take_file),
    ]


async def no_letter(update: Update, context: BotContext) -> None:
    """There is no letter."""
    s, draft = speech(context.button.language), await unsent(context)
    if draft and await context.seen_once():
        await proceed(context, s, draft.id, {**draft.data, "letter": ""})


async def take_file(update: Update, context: BotContext) -> None:
    """Take a file as the letter, whatever is being asked for; the pictures of an album one after the other, and with one answer."""
    draft, first = awaited(context), context.first_of_album()
    s = form_speech(context, draft.data)
    context.work.note("done", "request", s.language)
    try:
        file = attached(context.message)
    except TooLarge:
        trouble = s._("This file is larger than {limit} MB. A photo of the letter is enough.", limit=MAX_MEGABYTES)
        await _refuse(context, s, draft, trouble)
        return
    if not file:
        step = draft.data["asking"]
        trouble = s._("I can only read text here; please type it.")
        if step in ("letter", "summary"):
            trouble = s._("A letter is a document or a photo.")
        await proceed(context, s, draft.id, draft.data, trouble, asking=step)
        return
    request = context.people.requests.pending(draft.data.get("request", 0))
    before = request.letter if request else draft.data.get("letter", "")
    asked_for = draft.data["asking"] == "letter"
    if asked_for:
        before = ""  # Asked for again, it takes the place of the one before.
    files = [*letters(before), file]
    if len(files) > MAX_LETTERS:
        await _refuse(
            context, s, draft, s._("A letter may have at most {n} files; this one is left out.", n=MAX_LETTERS)
        )
    elif "request" in draft.data:
        await _add(context, s, draft, request, " ".join(files), first)
    else:
        data = {**draft.data, "letter": " ".join(files)}
        if first or asked_for:
            await proceed(context, s, draft.id, data, s._("The letter is noted."))
        else:
            context.work.later(lambda: context.people.drafts.update(draft.id, data, draft.prompt_id))
            if draft.data["asking"] == "summary":  # It is shown by now: it tells how many files there are.
                shown = summary(context, s, draft.id, data)
                await context.outbox.edit(
                    shown.parts[0], shown.keyboard, chat_id=context.chat_id, message_id=draft.prompt_id
                )


async def _add(context: BotContext, s: Speech, draft: Draft, request: Request | None, letter: str, first: bool) -> None:
    """A letter for a request that is sent already: admins hear of it."""
    if request is None:
        text = s._("Request no. {number} is decided on, or no longer kept: the letter goes nowhere.", number=draft.data["request"])  # fmt: skip
        await context.say(Reply((text,)))
        context.work.later(lambda: context.people.drafts.drop(draft.id))
        return
    context.work.later(lambda: context.people.requests.add_letter(request.id, letter))
    if first:
        await context.say(Reply((s._("Thank you: the letter goes with request no. {number}.", number=request.id),)))
        await tell_admins(context, request, letter=True)


async def _refuse(context: BotContext, s: Speech, draft: Draft, trouble: str) -> None:
    """Say why a file is not taken, once for an album, and ask again where one is asked for."""
    album, inbox = context.message.media_group_id, context.people.inbox
    refused = f"album {album} refused"
    if album and not inbox.first_time(context.chat_id, refused):
        return
    context.work.later(lambda: inbox.happened(context.chat_id, refused))
    if draft.data["asking"] in STEPS:
        await proceed(context, s, draft.id, draft.data, trouble, asking=draft.data["asking"])
    else:
        await context.say(Reply((trouble,)))


async def ask_letter(update: Update, context: BotContext) -> None:
    """Ask for the letter of a request that is sent already."""
    s = speech(context.button.language)
    request = context.people.requests.pending(number(context, 1))
    context.work.note("done", "request", s.language)
    if request is None or request.user_id != context.user_id:
        await context.seen(s._("This request is decided on, or withdrawn."), alert=True)
    elif await context.seen_once():
        drafts, data = context.people.drafts, {"request": request.id, "asking": SENT, "spoken": s.language}
        id = drafts.begin(context.user_id, KIND, data, update_id=context.work.update_id)
        text = s._("Send the letter for request no. {number} here, as a document or as photos.", number=request.id)
        prompt = await context.say(Reply((text,)))
        context.work.later(lambda: drafts.update(id, data, prompt))


async def send(update: Update, context: BotContext) -> None:
    """Send the request; pressed again, it comes to the same."""
    s, draft = speech(context.button.language), await unsent(context)
    if draft is None:
        return
    if any(step not in draft.data for step in STEPS):
        await context.seen()
        await proceed(context, s, draft.id, draft.data)
        return
    said = {step: draft.data[step] for step in STEPS}
    name = update.effective_user.first_name[:MAX_NAME] if update.effective_user else ""
    asked = Request(
        0, context.user_id, name, said["region"], said["office"], said["position"], said["letter"], s.language, today()
    )
    outcome, id = context.people.requests.send(asked, draft.token)
    if outcome == "many":
        await context.seen(many(s), alert=True)
        return
    if outcome == "waits":
        await context.seen(waits(context, id, said["region"], s), alert=True)
        return
    await context.seen()
    await context.replace(_sent(context, s, id, bool(said["letter"])))
    data = {"request": id, "asking": SENT, "taken": draft.data["taken"], "spoken": s.language}
    message = context.query.message
    prompt = message.message_id if message else 0
    context.work.later(lambda: context.people.drafts.update(draft.id, data, prompt))
    await tell_admins(context, replace(asked, id=id))


def _sent(context: BotContext, s: Speech, id: int, letter: bool) -> Reply:
    days = s.ngettext("{n} day", "{n} days", context.services.settings.question_log_days)
    lines = [s._("Your request has no. {number}. An admin decides on it, and you are told here.", number=id)]
    if not letter:
        lines.append(s._("A letter can still be added: just send it here."))
    lines.append(
        s._(
            "/{command} tells how it stands, and withdraws it. Undecided, it is deleted after {days}.",
            command=commands.MY_REGION.name(s), days=days,
        )
    )  # fmt: skip
    return Reply(("\n".join(lines),), InlineKeyboardMarkup([[key(MY_REGION, s, s._("My requests"), "h", "0")]]))
