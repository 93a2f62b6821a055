"""Pressing a button under an answer: an option, a page of a list, all sources."""

from __future__ import annotations

from telegram import InlineKeyboardMarkup, Message, Update
from telegram.constants import MessageEntityType
from telegram.ext import CallbackQueryHandler

from handlers.people import moment
from handlers.rendering import Speech, speech
from handlers.rendering.lists import pages
from handlers.rendering.telegram import MAX_LENGTH, folded, source_lines, visible_length
from handlers.shared import buttons, references
from handlers.shared.answers import folded_parts, options_left
from handlers.shared.context import BotContext
from handlers.shared.counting import count
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from knowledge import Context as Conversation
from knowledge.answer import ListBlock
from knowledge.query import Query


def handlers() -> Handlers:
    """What is registered for buttons under answers."""
    return [
        CallbackQueryHandler(choose, buttons.pattern(buttons.CHOOSE)),
        CallbackQueryHandler(turn_page, buttons.pattern(buttons.LIST)),
        CallbackQueryHandler(show_sources, buttons.pattern(buttons.SOURCES)),
        CallbackQueryHandler(label_only, buttons.pattern(buttons.NOTHING)),
    ]


async def choose(update: Update, context: BotContext) -> None:
    """Answer with what was chosen: in place where it finishes a question, else below, once."""
    choice = buttons.to_choice(context.button)
    turn = context.engine.choose(choice, _fresh(context), now=moment.now())
    kept = options_left(context.buttons_below(), context.query.data or "") if choice.asked else []
    said = context.dressed(turn.answer, kept=kept)
    context.work.note(turn.answer.outcome, turn.answer.kind or "", turn.answer.language)
    if choice.asked or choice.kind == "topic":
        await context.seen()
        await context.replace(said)
        count(context, turn.answer)
    elif await context.seen_once():
        await context.say(said)
        count(context, turn.answer)
    context.remember(turn.context)


async def turn_page(update: Update, context: BotContext) -> None:
    """Show another page of a list, in place."""
    packed, number = (*context.button.arguments, "", "")[:2]
    if not number.isdecimal():
        raise buttons.StaleButton(number)
    query = Query("list", filter=buttons.to_filter(packed))
    answer = context.engine.show(query, _fresh(context), now=moment.now()).answer
    await context.seen()
    (block,) = (block for block in answer.blocks if isinstance(block, ListBlock))
    page = min(int(number), max(pages(block) - 1, 0))
    await context.replace(context.dressed(answer, page=page))
    context.work.note("done", "page", answer.language)


async def show_sources(update: Update, context: BotContext) -> None:
    """Unfold every source of the answer below it; where it does not fit, in a message of its own, once."""
    button, message = context.button, context.query.message
    s = speech(button.language)
    found = references.sources(button, context.engine)
    context.work.note("done", "sources", button.language)
    if not found:
        await context.seen(s._("The knowledge has changed since; please ask again."), alert=True)
        return
    lines = source_lines(found, s)
    if isinstance(message, Message) and message.text:
        if any(e.type == MessageEntityType.EXPANDABLE_BLOCKQUOTE for e in message.entities):
            await context.seen()
            return
        unfolded = f"{_without_short_line(message.text_html, s)}\n\n{folded(lines)}"
        if visible_length(unfolded) <= MAX_LENGTH:
            await context.seen()
            await context.replace(Reply((unfolded,), _without(message.reply_markup, context.query.data)))
            return
    if await context.seen_once():
        await context.say(Reply(tuple(folded_parts(lines))))


async def label_only(update: Update, context: BotContext) -> None:
    """A button that only shows where one is."""
    await context.seen()
    context.work.note("done", "label")


def _fresh(context: BotContext) -> Conversation:
    """A conversation that begins with the button: it means the same whenever it is pressed."""
    return Conversation(language=context.button.language)


def _without_short_line(html: str, s: Speech) -> str:
    """The answer without the line that names a few of its sources."""
    body, gap, last = html.rpartition("\n\n")
    begins = s._("Source: {sources}.").partition("{")[0]
    return body if gap and last.startswith(f"<i>{begins}") else html


def _without(keyboard: InlineKeyboardMarkup | None, data: str | None) -> InlineKeyboardMarkup | None:
    rows = [[b for b in row if b.callback_data != data] for row in (keyboard.inline_keyboard if keyboard else ())]
    left = [row for row in rows if row]
    return InlineKeyboardMarkup(left) if left else None
