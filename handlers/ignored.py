"""What was ignored for good: shown, and put back into the queue."""

from __future__ import annotations

from typing import Final

from telegram import InlineKeyboardMarkup, Update

from handlers.people.staff import Role
from handlers.rendering import Speech, speech
from handlers.shared.answers import Row, page_row, paged
from handlers.shared.buttons import QUEUE
from handlers.shared.context import BotContext
from handlers.shared.keys import argument, key, number
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.shared.words import html, shorten
from handlers.staff.clusters import ignored
from handlers.staff.gate import Gate
from handlers.staff.proposals import to_list

A_PAGE: Final = 5
MAX_EXAMPLE: Final = 200
"""Characters of a question that are shown."""


def handlers(gate: Gate) -> Handlers:
    """What is registered for it."""
    return [
        gate.button(QUEUE, show, Role.ADMIN, "g"),
        gate.button(QUEUE, put_back, Role.ADMIN, "b"),
    ]


async def show(update: Update, context: BotContext) -> None:
    """Show a page of what is ignored, in place."""
    s = speech(context.button.language)
    await context.seen()
    context.work.note("done", "ignored", s.language)
    await context.replace(_list(context, s, number(context, 1)))


async def put_back(update: Update, context: BotContext) -> None:
    """Let it wait for a decision again. Pressed again, it comes to the same."""
    s, queue = speech(context.button.language), context.people.queue
    await context.seen()
    context.work.note("done", "ignored", s.language)
    decided = ignored(queue).get(f"{argument(context, 1)}:{argument(context, 2)}", [])
    context.work.later(lambda: queue.restore(decided))
    text = s._("It waits for a decision again. From now on it is kept whenever it is asked.")
    await context.replace(Reply((text,), InlineKeyboardMarkup([to_list(s)])))


def _list(context: BotContext, s: Speech, page: int) -> Reply:
    found = ignored(context.people.queue)
    shown, page, of = paged(list(found), page, A_PAGE)
    head = s._("Ignored for good")
    lines = [f"<b>{head}</b>"]
    rows: list[Row] = []
    for name in shown:
        first = found[name][0]
        example = html(shorten(first.example, MAX_EXAMPLE))
        lines.append(s._("• {day}: <i>{example}</i>", day=s.date(first.day), example=example))
        rows.append([key(QUEUE, s, s._("Put back: {example}", example=first.example), "b", *name.split(":"))])
    if not found:
        lines.append(s._("Nothing is ignored."))
    if of > 1:
        rows.append(page_row(QUEUE, ("g",), page, of, s.language))
    return Reply(("\n".join(lines),), InlineKeyboardMarkup([*rows, to_list(s)]))
