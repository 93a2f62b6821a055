"""Knowledge from a file: /impor, and any document that an admin sends. Read, shown as a dry run, applied with one tap."""

from __future__ import annotations

from html import escape
from pathlib import PurePath
from typing import Final

import structlog
from telegram import Document, InlineKeyboardMarkup, Update
from telegram.error import TelegramError
from telegram.ext import filters

from handlers.people import People
from handlers.people.drafts import Draft
from handlers.people.owed import COMMITTED
from handlers.people.staff import Role
from handlers.rendering import speech
from handlers.shared import commands
from handlers.shared.buttons import EXPORT, HISTORY, IMPORT, StaleButton
from handlers.shared.context import BotContext
from handlers.shared.keys import argument, key, number
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.shared.words import shorten, words
from handlers.staff import planwords
from handlers.staff.drafts import Awaits, awaited
from handlers.staff.dryrun import SURE, cancel_row, check, confirm, file_of, state_of, tell
from handlers.staff.gate import Gate
from handlers.staff.publishing import publish_file
from knowledge.changes import Change
from knowledge.columns import LEFT_OUT, named, recognised
from knowledge.edition import TABLES
from knowledge.errors import ConflictError, InvalidDataError
from knowledge.normalize import compact
from knowledge.sheets import MAX_FILE

KIND: Final = "import"
"""Of its drafts."""
MAX_NAME: Final = 60
MEGABYTE: Final = 1_000_000

log = structlog.get_logger(__name__)


def handlers(gate: Gate, people: People) -> Handlers:
    """What is registered for imports, before everything else that takes documents."""
    return [
        gate.command(commands.IMPORT, explain, Role.ADMIN),
        gate.message(filters.Document.ALL, take_file, Role.ADMIN),
        gate.message(Awaits(people, KIND), take_words, Role.ADMIN),
        gate.button(IMPORT, take_column, Role.ADMIN, "m"),
        gate.button(IMPORT, take_table, Role.ADMIN, "b"),
        gate.button(IMPORT, apply, Role.ADMIN, "a"),
        gate.button(IMPORT, also_remove, Role.ADMIN, "r"),
        gate.button(IMPORT, keep_missing, Role.ADMIN, "n"),
        gate.button(IMPORT, check_again, Role.ADMIN, "k"),
        gate.button(IMPORT, cancel, Role.ADMIN, "c"),
    ]


async def explain(update: Update, context: BotContext) -> None:
    """Say how it is done."""
    s = context.speech
    lines = [
        s._("Send me a file here: CSV, Excel (.xlsx), a zip of CSV files, or the JSON of an export; up to {limit} MB.", limit=MAX_FILE // MEGABYTE),
        s._("I show first what it would change, and change nothing before you say so."),
        s._("• The first row names the columns; I know them by several names, and ask where I do not."),
        s._("• A column that is not in the file leaves what stands. Rows that are not in it stay, unless you say otherwise."),
        s._("• A column “remove” with “yes” removes a row."),
        s._("The easiest way: take an export, change it, send it back."),
    ]  # fmt: skip
    rows = [[key(EXPORT, s, "Excel", "xlsx"), key(EXPORT, s, "CSV (zip)", "csv"), key(EXPORT, s, "JSON", "json")]]
    await context.say(Reply(("\n".join(lines),), InlineKeyboardMarkup(rows)))
    context.work.note("done", "import", s.language)


async def take_file(update: Update, context: BotContext) -> None:
    """Take a file and show what it would change."""
    s, document = context.speech, context.message.document
    assert document is not None
    context.work.note("done", "import", s.language)
    name = _name(document)
    shown = f"<b>{escape(name, quote=False)}</b>"
    if (document.file_size or 0) > MAX_FILE:
        text = s._("{file} is larger than {limit} MB. Send it in parts.", file=shown, limit=MAX_FILE // MEGABYTE)
        await context.say(Reply((text,)))
        return
    message_id = await context.say(Reply((s._("I am reading {file} …", file=shown),)))
    try:
        content = bytes(await (await context.bot.get_file(document.file_id)).download_as_bytearray())
    except TelegramError as error:
        log.warning("file not fetched", error=type(error).__name__)
        await tell(
            context, message_id, Reply((s._("I could not fetch {file} from Telegram. Send it again.", file=shown),))
        )
        return
    data = {"message": message_id, "tables": {}, "columns": [], "remove": []}
    drafts = context.people.drafts
    id = drafts.begin(context.user_id, KIND, data, update_id=context.work.update_id)
    context.people.apply(lambda: context.people.uploads.keep(id, name, content))
    draft = drafts.get(id, context.user_id)
    assert draft is not None
    await check(context, s, draft)


async def take_column(update: Update, context: BotContext) -> None:
    """A column is named by hand; the next is asked for, or the dry run shown."""
    s, draft = speech(context.button.language), await _pressed(context)
    if draft is None:
        return
    asked, column = number(context, 2), argument(context, 3)
    if asked == len(draft.data["columns"]):
        question = draft.data["asked"]
        if column != "x" and not (column.isdecimal() and int(column) < len(question["fields"])):
            raise StaleButton(column)
        said = LEFT_OUT if column == "x" else question["fields"][int(column)]
        draft.data["columns"].append([question["sheet"], question["column"], said])
    await check(context, s, draft)


async def take_table(update: Update, context: BotContext) -> None:
    """Which table a sheet is for is said by hand."""
    s, draft = speech(context.button.language), await _pressed(context)
    if draft is None:
        return
    table = number(context, 2)
    if table >= len(TABLES):
        raise StaleButton(str(table))
    draft.data["tables"][draft.data["asked"]["sheet"]] = TABLES[table]
    await check(context, s, draft)


async def take_words(update: Update, context: BotContext) -> None:
    """The column or table that was asked for is typed rather than pressed."""
    s, draft, typed = context.speech, awaited(context), " ".join(words(context.message).split())
    context.work.note("done", "import", s.language)
    asked = draft.data.get("asked", {})
    if "column" in asked:
        said = LEFT_OUT if compact(typed) == compact(s._("Leave it out")) else recognised(asked["table"], [typed]).get(typed)  # fmt: skip
        known = said is not None and said in (LEFT_OUT, *asked["fields"])
        draft.data["columns"] += [[asked["sheet"], asked["column"], said]] if known else []
    else:
        table = named(typed)
        known = bool(asked and table)
        if known:
            draft.data["tables"][asked["sheet"]] = table
    if known:
        draft.data["message"] = 0  # A new one, below what was typed.
        await check(context, s, draft)
        return
    text = s._("I do not know “{name}” either. Press one of the buttons above, or type what one of them says.", name=escape(shorten(typed, MAX_NAME), quote=False))  # fmt: skip
    sent = await context.say(Reply((text,)))
    context.work.later(lambda: context.people.drafts.update(draft.id, draft.data, sent))


async def also_remove(update: Update, context: BotContext) -> None:
    """Rows that the file does not name shall go: shown first, as everything else."""
    s, draft = speech(context.button.language), await _pressed(context)
    if draft is None:
        return
    draft.data["remove"] = list(draft.data["missing"])
    await check(context, s, draft)


async def keep_missing(update: Update, context: BotContext) -> None:
    """They shall stay after all."""
    s, draft = speech(context.button.language), await _pressed(context)
    if draft is not None:
        draft.data["remove"] = []
        await check(context, s, draft)


async def check_again(update: Update, context: BotContext) -> None:
    """The knowledge has changed: show what the file would change now."""
    s, draft = speech(context.button.language), await _pressed(context)
    if draft is not None:
        await check(context, s, draft)


async def cancel(update: Update, context: BotContext) -> None:
    """Drop the file."""
    s, draft = speech(context.button.language), await _pressed(context)
    if draft is not None:
        await tell(context, draft.data["message"], Reply((s._("Stopped. Nothing was changed."),)))
        context.work.later(lambda: context.people.drafts.drop(draft.id))


async def apply(update: Update, context: BotContext) -> None:
    """Make the change that was shown, once, and only if the knowledge is still the one it was shown for."""
    s, draft = speech(context.button.language), await _pressed(context)
    if draft is None:
        return
    if argument(context, 3) != state_of(draft):
        await check(context, s, draft)
        return
    if draft.data.get("grave") and argument(context, 4) != SURE:
        await confirm(context, s, draft)
        return
    file = file_of(context, draft)
    shown = f"<b>{escape(file.name, quote=False)}</b>"
    message_id = draft.data["message"]
    await tell(context, message_id, Reply((s._("I am applying {file} …", file=shown),)))
    change = Change(context.people.staff.actor(context.user_id), "import", "", file.name, (), token=draft.token)
    try:
        done = await publish_file(context, file, argument(context, 2), change)
    except (ConflictError, InvalidDataError) as error:
        if COMMITTED.get():  # It was applied, and failed after that.
            raise
        context.work.note("refused", "import", s.language)
        text = escape(s.told(error.saying), quote=False)
        rows = [[key(IMPORT, s, s._("Check again"), "k", str(draft.id))], cancel_row(s, draft)]
        await tell(context, message_id, Reply((text,), InlineKeyboardMarkup(rows)))
        return
    undo = key(HISTORY, s, s._("Undo"), "u", str(done.change))
    text = f"{shown}\n{planwords.applied(done, s)}"
    await tell(context, message_id, Reply((text,), InlineKeyboardMarkup([[undo]])))
    context.work.later(lambda: context.people.drafts.drop(draft.id))
    log.info("file applied", change=done.change)


# ----------------------------------------------------------------------------------------------------------------- pieces


def _name(document: Document) -> str:
    """The file's name without any folder, short enough to be shown."""
    said = (document.file_name or "").encode("utf-8", "replace").decode().replace("\\", "/")
    name = PurePath("".join(c for c in said if c.isprintable() and c not in '"<>')).name
    return name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 10]}…{name[-8:]}"


async def _pressed(context: BotContext) -> Draft | None:
    """The draft that the pressed button belongs to; told where it is finished, too old or another person's."""
    s = speech(context.button.language)
    context.work.note("done", "import", s.language)
    found = context.people.drafts.get(number(context, 1), context.user_id)
    if found is None or found.kind != KIND:
        text = s._("This file is done with already, or too old. Send it again to check it anew.")
        await context.seen(text, alert=True)
        return None
    await context.seen()
    message = context.query.message
    found.data["message"] = message.message_id if message else 0
    return found
