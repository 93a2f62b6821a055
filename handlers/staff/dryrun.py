"""The dry run of an import in the chat: what a file would change, what has to be asked first, and what can be done then."""

from __future__ import annotations

from html import escape
from pathlib import PurePath
from typing import Any, Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from handlers.people.drafts import Draft
from handlers.rendering import Speech
from handlers.shared.answers import Row
from handlers.shared.buttons import IMPORT
from handlers.shared.context import BotContext
from handlers.shared.keys import key
from handlers.shared.message import Reply
from handlers.shared.words import shorten
from handlers.staff import planwords
from handlers.staff.desk import at_desk
from handlers.staff.deskwork import File, Summary
from handlers.staff.rowwords import column_word, table_word
from knowledge.columns import Choices
from knowledge.edition import TABLES
from knowledge.errors import InvalidDataError

SURE: Final = "y"
"""Of a button: the second time that it is asked."""
MAX_SUMMARY: Final = 3500
"""Characters of the summary: with its markup it stays one message."""


async def check(context: BotContext, s: Speech, draft: Draft) -> None:
    """Show what the file would change, or ask what has to be known for that."""
    file, drafts = file_of(context, draft), context.people.drafts
    shown = f"<b>{escape(file.name, quote=False)}</b>"
    try:
        found: Summary = await at_desk(context, "preview", file, s.language, action="typing")
    except InvalidDataError as error:
        text = f"{shown}\n{escape(s.told(error.saying), quote=False)}\n{_mend(s)}"
        await tell(context, draft.data["message"], Reply((text,)))
        context.work.later(lambda: drafts.drop(draft.id))
        return
    lines, rows = _question(found, s, draft)
    if not lines:
        lines, rows = planwords.summary(found, s), _buttons(found, s, draft)
    if not rows:
        lines = [*lines, "", _mend(s)] if found.counts["error"] or found.lacking else lines
    text = f"{shown}\n" + escape(shorten("\n".join(lines), MAX_SUMMARY), quote=False)
    draft.data["grave"] = [found.counts["removed"], len(found.attempt.broken), found.rows] if found.grave else []
    sent = await tell(context, draft.data["message"], Reply((text,), InlineKeyboardMarkup(rows) if rows else None))
    prompt = sent if found.questions or found.unplaced else 0
    if found.report:
        name = s._("report-{name}.csv", name=PurePath(file.name).stem)
        await context.outbox.send_document(context.chat_id, name, found.report)
    context.work.later(lambda: drafts.update(draft.id, draft.data, prompt) if rows else drafts.drop(draft.id))


async def confirm(context: BotContext, s: Speech, draft: Draft) -> None:
    """Ask once more before rows go or answers are lost."""
    (removed, broken, rows), (hash, state) = draft.data["grave"], context.button.arguments[2:4]
    lines = [planwords.removed(removed, s)] if removed else []
    lines += [planwords.broken(broken, s)] if broken else []
    lines.append(s._("Apply all the same?"))
    label = s.ngettext("Yes, apply ({n} row)", "Yes, apply ({n} rows)", rows)
    keys = [
        [key(IMPORT, s, label, "a", str(draft.id), hash, state, SURE)],
        [key(IMPORT, s, s._("‹ Back"), "k", str(draft.id))],
        cancel_row(s, draft),
    ]
    await tell(context, draft.data["message"], Reply((f"⚠️ {' '.join(lines)}",), InlineKeyboardMarkup(keys)))


def _mend(s: Speech) -> str:
    return s._("Mend the file and send it again. Nothing was changed.")


def _question(found: Summary, s: Speech, draft: Draft) -> tuple[list[str], list[Row]]:
    """What has to be asked first; nothing where all is known."""
    id, asked = str(draft.id), len(draft.data["columns"])
    if found.unplaced:
        draft.data["asked"] = {"sheet": found.unplaced[0]}
        tables = [key(IMPORT, s, table_word(table, s), "b", id, str(at)) for at, table in enumerate(TABLES)]
        return [s._("Which table is “{sheet}” for?", sheet=found.unplaced[0])], [*_paired(tables), cancel_row(s, draft)]
    if found.questions:
        question = found.questions[0]
        asks = {"sheet": question.sheet, "table": question.table, "column": question.column}
        draft.data["asked"] = {**asks, "fields": list(question.fields)}
        text = s._("I do not know the column “{column}” of {sheet}. What is it in the table {table}?", column=question.column, sheet=question.sheet, table=table_word(question.table, s))  # fmt: skip
        fields = [
            key(IMPORT, s, column_word(name, s), "m", id, str(asked), str(at))
            for at, name in enumerate(question.fields)
        ]
        leave = [key(IMPORT, s, s._("Leave it out"), "m", id, str(asked), "x")]
        return [text], [*_paired(fields), leave, cancel_row(s, draft)]
    return planwords.lacking(found, s), []


def _buttons(found: Summary, s: Speech, draft: Draft) -> list[Row]:
    """What can be done with a dry run; nothing where nothing can."""
    rows: list[Row] = []
    if found.rows:
        label = s.ngettext("Apply ({n} row)", "Apply ({n} rows)", found.rows)
        rows.append([key(IMPORT, s, label, "a", str(draft.id), found.hash, state_of(draft))])
    missing = sum(found.missing[table] for table in found.removable)
    if draft.data["remove"]:
        rows.append([key(IMPORT, s, s._("Keep the rows not in the file"), "n", str(draft.id))])
    elif missing and not found.counts["error"]:
        draft.data["missing"] = list(found.removable)
        label = s.ngettext(
            "Also remove the {n} row not in the file", "Also remove the {n} rows not in the file", missing
        )
        rows.append([key(IMPORT, s, label, "r", str(draft.id))])
    return [*rows, cancel_row(s, draft)] if rows else []


def _paired(buttons: list[InlineKeyboardButton]) -> list[Row]:
    return [buttons[at : at + 2] for at in range(0, len(buttons), 2)]


def cancel_row(s: Speech, draft: Draft) -> Row:
    """The button that drops the file."""
    return [key(IMPORT, s, s._("Cancel"), "c", str(draft.id))]


def state_of(draft: Draft) -> str:
    """What was said of the file so far, in short: a button applies only what was shown above it."""
    return f"{len(draft.data['columns'])}{'r' if draft.data['remove'] else ''}"


def file_of(context: BotContext, draft: Draft) -> File:
    """The file of a draft with all that was said of it."""
    found = context.people.uploads.get(draft.id)
    assert found is not None, "a draft of this kind always has its file"
    data: dict[str, Any] = draft.data
    choices = Choices(data["tables"], {(sheet, column): said for sheet, column, said in data["columns"]})
    return File(*found, choices, tuple(data["remove"]))


async def tell(context: BotContext, message_id: int, reply: Reply) -> int:
    """Turn the message about the file into another; a new one where it is gone. Returns its id."""
    (text,) = reply.parts
    there = message_id and await context.outbox.edit(
        text, reply.keyboard, chat_id=context.chat_id, message_id=message_id
    )
    return message_id if there else await context.say(reply, quote=False)
