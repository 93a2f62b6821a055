"""The notices of the programme team: /siaran. Which there were, how far each is, stopping one; and, for readers, getting none."""

from __future__ import annotations

from html import escape
from typing import Final

from telegram import InlineKeyboardMarkup, Message, Update

from handlers.notices import audience, progress
from handlers.notices.announcing import again_row, stop_row
from handlers.notices.drafting import KIND, begun
from handlers.people.notices import Notice
from handlers.people.staff import Role
from handlers.rendering import Speech, speech
from handlers.rendering.telegram import MAX_LENGTH, visible_length
from handlers.shared import commands
from handlers.shared.answers import Row, page_row, paged
from handlers.shared.buttons import BROADCAST
from handlers.shared.context import BotContext
from handlers.shared.keys import argument, key, number
from handlers.shared.message import Reply
from handlers.shared.private import private_button
from handlers.shared.registering import Handlers
from handlers.shared.words import shorten
from handlers.staff.gate import Gate

NOTICES_A_PAGE: Final = 5
MAX_LINE: Final = 80
"""Characters of a notice that the list shows."""


def handlers(gate: Gate) -> Handlers:
    """What is registered for notices that are sent, and for those who read them."""
    return [
        gate.command(commands.BROADCAST, show, Role.ADMIN),
        gate.button(BROADCAST, turn_page, Role.ADMIN, "l"),
        gate.button(BROADCAST, view, Role.ADMIN, "v"),
        gate.button(BROADCAST, show_texts, Role.ADMIN, "e"),
        gate.button(BROADCAST, stop, Role.ADMIN, "s"),
        private_button(BROADCAST, no_more, "n"),
        private_button(BROADCAST, again, "o"),
    ]


async def show(update: Update, context: BotContext) -> None:
    """Show the notices, and the way to write one."""
    await context.say(_list(context, context.speech, 0))
    context.work.note("done", "broadcast", context.language)


async def turn_page(update: Update, context: BotContext) -> None:
    """Show a page of them, in place."""
    s = _pressed(context)
    await context.seen()
    await context.replace(_list(context, s, number(context, 1)))


async def view(update: Update, context: BotContext) -> None:
    """Show one, and how far it is by now."""
    s, notice = _pressed(context), await _opened(context)
    if notice:
        told = context.people.notices.progress(notice.id)
        await context.seen(progress.state(told, s) if argument(context, 2) == progress.REFRESHED else None)
        await context.replace(progress.view(context, s, notice))


async def show_texts(update: Update, context: BotContext) -> None:
    """Show what it says, in both languages."""
    s, notice = _pressed(context), await _opened(context)
    if not notice:
        return
    await context.seen()
    head = progress.heading(context, notice, s)
    texts = ((s._("Indonesian"), notice.text_id), (s._("English"), notice.text_en))
    told = [f"<b>{language}</b>\n{escape(text, quote=False)}" for language, text in texts]
    parts = ["\n\n".join([head, *told])] if _fit([head, *told]) else [head, *told]
    back = [[key(BROADCAST, s, s._("‹ Back"), "v", str(notice.id))]]
    await context.replace(Reply(tuple(parts), InlineKeyboardMarkup(back)))


async def stop(update: Update, context: BotContext) -> None:
    """Whoever has not got it yet shall not get it."""
    s, notice = _pressed(context), await _opened(context)
    if not notice:
        return
    notices = context.people.notices
    before = notices.progress(notice.id)
    if before.state == "stopped":
        await context.seen(s._("It was stopped before."))
    elif not before.waiting:
        await context.seen(s._("Too late: everybody has got it who could."), alert=True)
    else:
        context.people.apply(lambda: notices.stop(notice.id))
        await context.seen(s._("Stopped."))
    await context.replace(progress.view(context, s, notice))


# ----------------------------------------------------------------------------------------------------------- for readers


async def no_more(update: Update, context: BotContext) -> None:
    """Somebody wants no notices of the programme team any more."""
    await _wish(context, False)


async def again(update: Update, context: BotContext) -> None:
    """They want them after all."""
    await _wish(context, True)


async def _wish(context: BotContext, wanted: bool) -> None:
    s, message = _pressed(context), context.query.message
    context.work.later(lambda: context.people.follows.wish(context.user_id, broadcasts=wanted))
    text = s._("You will get the notices of the programme team again.")
    if not wanted:
        text = s._(
            "You will get no more notices of the programme team. What you follow stays. /{command} shows all of it.",
            command=commands.FOLLOW.name(s),
        )
    await context.seen(text, alert=True)
    row = stop_row(s) if wanted else again_row(s)
    if isinstance(message, Message) and message.text:
        await context.replace(Reply((message.text_html,), InlineKeyboardMarkup([row])))


# ----------------------------------------------------------------------------------------------------------------- views


def _list(context: BotContext, s: Speech, page: int) -> Reply:
    people, found = context.people, context.people.notices.broadcasts()
    shown, page, of = paged(found, page, NOTICES_A_PAGE)
    willing = people.follows.count(wanting_broadcasts=True)
    lines = [
        s._("<b>Notices to followers</b>"),
        s._("People who can be reached and want them: {n}.", n=s.number(willing)),
    ]
    lines += [_line(context, notice, s) for notice in shown]
    rows: list[Row] = [[key(BROADCAST, s, s._("Write a notice"), "w")]]
    drafts = [draft for draft in people.drafts.of(context.user_id) if draft.kind == KIND and begun(draft)]
    rows += [[key(BROADCAST, s, s._("Go on with the unfinished one"), "f", str(draft.id))] for draft in drafts[-1:]]
    rows += [[key(BROADCAST, s, f"{notice.id}. {_first_words(notice, s)}", "v", str(notice.id))] for notice in shown]
    if of > 1:
        rows.append(page_row(BROADCAST, ("l",), page, of, s.language))
    return Reply(("\n".join(lines),), InlineKeyboardMarkup(rows))


def _line(context: BotContext, notice: Notice, s: Speech) -> str:
    told = progress.state(context.people.notices.progress(notice.id), s)
    to = s._("To: {audience}", audience=audience.name(notice.audience, context.engine.snapshot, s))
    return f"{notice.id}. <i>{escape(_first_words(notice, s), quote=False)}</i>\n   {to}. {told}"


def _first_words(notice: Notice, s: Speech) -> str:
    text = notice.text_en if s.language == "en" else notice.text_id
    return shorten(" ".join(text.split()), MAX_LINE)


def _pressed(context: BotContext) -> Speech:
    s = speech(context.button.language)
    context.work.note("done", "broadcast", s.language)
    return s


async def _opened(context: BotContext) -> Notice | None:
    """The notice that a button is about; that it is there no more is said."""
    notice = context.people.notices.get(number(context, 1))
    if notice and notice.kind == "broadcast":
        return notice
    await context.seen(speech(context.button.language)._("This notice is not kept any more."), alert=True)
    return None


def _fit(parts: list[str]) -> bool:
    return sum(visible_length(part) + 2 for part in parts) <= MAX_LENGTH
