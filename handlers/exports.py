"""The knowledge as a file: /ekspor, and the buttons for its formats."""

from __future__ import annotations

from telegram import InlineKeyboardMarkup, Update

from handlers.people.staff import Role
from handlers.rendering import speech
from handlers.shared import commands
from handlers.shared.buttons import EXPORT, StaleButton
from handlers.shared.context import BotContext
from handlers.shared.keys import argument, key
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.staff.desk import at_desk
from handlers.staff.gate import Gate
from knowledge.exporting import FORMATS


def handlers(gate: Gate) -> Handlers:
    """What is registered for exports."""
    return [gate.command(commands.EXPORT, ask_format, Role.ADMIN), gate.button(EXPORT, send, Role.ADMIN)]


async def ask_format(update: Update, context: BotContext) -> None:
    """Ask in which format."""
    s = context.speech
    lines = [
        s._("All of the knowledge as one file. In which format?"),
        s._("• <b>Excel</b>: to look through and to change by hand;"),
        s._("• <b>CSV (zip)</b>: for programs, a Data Package with a description of every column;"),
        s._("• <b>JSON</b>: for programs, all in one."),
        s._("Sent back to me, each changes just what you changed in it."),
    ]
    rows = [[key(EXPORT, s, "Excel", "xlsx"), key(EXPORT, s, "CSV (zip)", "csv"), key(EXPORT, s, "JSON", "json")]]
    await context.say(Reply(("\n".join(lines),), InlineKeyboardMarkup(rows)))
    context.work.note("done", "export", s.language)


async def send(update: Update, context: BotContext) -> None:
    """Make the file and send it. Pressed again later it is made anew: the knowledge may have changed."""
    s, form = speech(context.button.language), argument(context, 0)
    if form not in FORMATS:
        raise StaleButton(form)
    context.work.note("done", "export", s.language)
    await context.seen()
    name, content = await at_desk(context, "export", form, action="upload_document")
    await context.outbox.send_document(context.chat_id, name, content)
