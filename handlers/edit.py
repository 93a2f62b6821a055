"""Changing one entry: a new value, an addition, a retirement. Asked step by step, shown before it is made, made by one tap.

How far it is stands in a draft, so it survives a restart; nothing is changed before the last button.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Final, cast

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from handlers.people import People
from handlers.people.drafts import Draft
from handlers.people.staff import Role
from handlers.rendering import Speech, speech
from handlers.rendering.columns import column_name
from handlers.shared import commands
from handlers.shared.answers import Row as ButtonRow
from handlers.shared.buttons import EDIT, HISTORY, StaleButton
from handlers.shared.context import BotContext
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.shared.words import shorten, words
from handlers.staff import reports, sources
from handlers.staff.asking import ask_next
from handlers.staff.drafts import Awaits, awaited
from handlers.staff.entries import row_at, rows_of, title, to_entry
from handlers.staff.forms import MODES, Form, answered, choices_of, complete, form_data, new, rows, said_reason
from handlers.staff.gate import Gate
from handlers.staff.keys import argument, key, number
from handlers.staff.publishing import publish
from handlers.staff.typed import understood
from knowledge import editing, history, store
from knowledge.changes import Change
from knowledge.edition import key_of
from knowledge.errors import ConflictError, InvalidDataError
from knowledge.fields import FIELDS, clean, field

KIND: Final = "edit"
"""Of its drafts."""
MAX_NAME: Final = 60
"""Characters of an entry's name above each question."""


def handlers(gate: Gate, people: People) -> Handlers:
    """What is registered for changing."""
    acts = {
        "f": begin_field, "n": begin_new, "d": begin_retiring, "c": take_choice, "k": skip, "s": take_source, "m": take_mode,
        "a": offer_fields, "g": take_field, "w": ask_why, "e": go_on, "b": begin_again, "o": confirm, "p": confirm, "x": cancel,
    }  # fmt: skip
    pressed = [gate.button(EDIT, act, Role.ADMIN, verb) for verb, act in acts.items()]
    return [*pressed, gate.message(Awaits(people, KIND), take_text, Role.ADMIN)]


# -------------------------------------------------------------------------------------------------------------- beginning


async def begin_field(update: Update, context: BotContext) -> None:
    """Ask for a new value of one column."""
    table, named, column = argument(context, 1), argument(context, 2), number(context, 3)
    row = row_at(store.all_tables(context.services.knowledge_dir), table, named)
    report = number(context, 4) if argument(context, 4) else 0
    if row is None or column >= len(FIELDS[table]):
        raise StaleButton(named)
    form: Form = {"op": "edit", "table": table, "before": row, "after": dict(row), "asks": []}
    _ask_for(form, FIELDS[table][column].name)
    await _begin(context, form, report)


async def begin_new(update: Update, context: BotContext) -> None:
    """Ask for the columns of a new entry, one after the other."""
    table, parent_table, named = argument(context, 1), argument(context, 2), argument(context, 3)
    parent = row_at(store.all_tables(context.services.knowledge_dir), parent_table, named) if named else None
    if table not in FIELDS or (named and parent is None):
        raise StaleButton(table)
    await _begin(context, new(table, parent_table, parent))


async def begin_retiring(update: Update, context: BotContext) -> None:
    """Ask after which source an entry goes."""
    table, named = argument(context, 1), argument(context, 2)
    tables = store.all_tables(context.services.knowledge_dir)
    row = row_at(tables, table, named)
    if row is None:
        raise StaleButton(named)
    try:
        editing.retired(tables, table, row)
    except InvalidDataError as error:
        s = speech(context.button.language)
        await context.seen()
        context.work.note("refused", "edit", s.language)
        await context.say(Reply((escape(s.told(error.saying), quote=False),)))
        return
    report = number(context, 3) if argument(context, 3) else 0
    await _begin(context, {"op": "retire", "table": table, "before": row, "after": dict(row), "asks": []}, report)


def _ask_for(form: Form, column: str) -> None:
    """Ask for another value of a column; sources are chosen by name rather than typed."""
    if column == "sources":
        form["resource"] = True
        form.pop("source", None)
        form.pop("mode", None)
    else:
        form["asks"] = [column]


async def _begin(context: BotContext, form: Form, report: int = 0) -> None:
    s = speech(context.button.language)
    form["report"] = report
    if form["before"] is not None:
        form["name"] = shorten(title(form["table"], form["before"], context.engine.snapshot, s), MAX_NAME)
    draft = context.people.drafts.begin(context.user_id, KIND, form, update_id=context.work.update_id)
    await context.seen()
    await ask_next(context, draft, form, s)


# ------------------------------------------------------------------------------------------------------------ step by step


async def take_text(update: Update, context: BotContext) -> None:
    """Take what was typed for the step that the draft is at."""
    s = context.speech
    draft = awaited(context)
    form, text, trouble = _form(draft), words(context.message), ""
    try:
        if form.get("asking") == "why":
            form["why"], form["asking"] = clean("sources", "title", text), ""
        elif form["asks"]:
            answered(form, form["asks"][0], understood(context, form, form["asks"][0], text))
        elif "source" in form and not sources.chosen(form_data(form)):
            sources.take(context, form_data(form), text)
    except InvalidDataError as error:
        trouble = s.told(error.saying)
    await ask_next(context, draft.id, form, s, trouble)


async def take_choice(update: Update, context: BotContext) -> None:
    """Take one of the values offered."""
    draft, form, s = await _pressed(context)
    if draft is None or not form["asks"]:
        return
    column, at = form["asks"][0], number(context, 2)
    offered = choices_of(form, column)
    if at >= len(offered):
        raise StaleButton(str(at))
    answered(form, column, offered[at])
    await ask_next(context, draft.id, form, s)


async def skip(update: Update, context: BotContext) -> None:
    """Leave a column empty."""
    draft, form, s = await _pressed(context)
    if draft is None or not form["asks"] or field(form["table"], form["asks"][0]).required:
        return
    answered(form, form["asks"][0], "")
    await ask_next(context, draft.id, form, s)


async def take_source(update: Update, context: BotContext) -> None:
    """Take a source that was offered."""
    draft, form, s = await _pressed(context)
    if draft is None or "source" not in form or sources.chosen(form_data(form)):
        return
    sources.press(context, form_data(form), argument(context, 2))
    await ask_next(context, draft.id, form, s)


async def take_mode(update: Update, context: BotContext) -> None:
    """Put the source beside the present ones, or in their place."""
    draft, form, s = await _pressed(context)
    at = number(context, 2)
    if draft is None or at >= len(MODES):
        return
    form["mode"] = MODES[at]
    await ask_next(context, draft.id, form, s)


async def offer_fields(update: Update, context: BotContext) -> None:
    """Offer the other columns: a text is often changed in both languages at once."""
    draft, form, s = await _pressed(context)
    if draft is None:
        return
    fixed = {*editing.key_columns(form["table"]), "subject"} - {"alias", "question"}
    offered = [(at, f.name) for at, f in enumerate(FIELDS[form["table"]]) if f.name not in fixed]
    buttons = rows_of((key(EDIT, s, column_name(name, s), "g", str(draft.id), str(at)) for at, name in offered), 2)
    text = s._("What else shall be changed?")
    await context.say(
        Reply((text,), InlineKeyboardMarkup([*buttons, [key(EDIT, s, s._("‹ Back"), "e", str(draft.id))]]))
    )


async def take_field(update: Update, context: BotContext) -> None:
    """Ask for one of them."""
    draft, form, s = await _pressed(context)
    at = number(context, 2)
    if draft is None or at >= len(FIELDS[form["table"]]):
        return
    _ask_for(form, FIELDS[form["table"]][at].name)
    await ask_next(context, draft.id, form, s)


async def ask_why(update: Update, context: BotContext) -> None:
    """Ask for the reason, which the history tells."""
    draft, form, s = await _pressed(context)
    if draft is None:
        return
    form["asking"] = "why"
    await ask_next(context, draft.id, form, s)


async def go_on(update: Update, context: BotContext) -> None:
    """Go on with what is half-finished."""
    draft, form, s = await _pressed(context)
    if draft is not None:
        await ask_next(context, draft.id, form, s)


async def begin_again(update: Update, context: BotContext) -> None:
    """Put one's own values on the entry as somebody else has left it."""
    draft, form, s = await _pressed(context)
    before = form["before"] if draft else None
    if draft is None or before is None:
        return
    now = editing.row_of(store.all_tables(context.services.knowledge_dir), form["table"], key_of(form["table"], before))
    if now is None:
        await _finished(context, draft.id, s, s._("The entry is not there any more. Nothing was changed."))
        return
    form["after"], form["before"] = dict(editing.merged(before, form["after"], now)), now
    await ask_next(context, draft.id, form, s)


async def cancel(update: Update, context: BotContext) -> None:
    """Drop it; nothing was changed."""
    draft, _, s = await _pressed(context)
    if draft is not None:
        await _finished(context, draft.id, s, s._("Dropped. Nothing was changed."))


# ------------------------------------------------------------------------------------------------------------- confirming


async def confirm(update: Update, context: BotContext) -> None:
    """Make the change. Where a question would break, that is asked once more."""
    draft, form, s = await _pressed(context)
    if draft is None or not complete(form):
        return
    if form.get("broken") and argument(context, 0) != "p":
        n = form["broken"]
        text = s.ngettext(
            "⚠️ {n} question of the evaluation set would get another answer than expected. Make the change all the same?",
            "⚠️ {n} questions of the evaluation set would get another answer than expected. Make the change all the same?", n,
        )  # fmt: skip
        buttons = [
            [key(EDIT, s, s._("Yes, all the same"), "p", str(draft.id))],
            [key(EDIT, s, s._("‹ Back"), "e", str(draft.id))],
        ]
        await context.say(Reply((text,), InlineKeyboardMarkup(buttons)))
        return
    folder = context.services.knowledge_dir
    try:
        # Made before the process was killed: by now the entry is in its own way.
        made = history.committed(folder, draft.token)
        change = Change(
            context.people.staff.actor(context.user_id), form["op"], said_reason(form, s), _source(form),
            () if made else rows(form, store.all_tables(folder), history.ever(folder, "claims")),
            token=draft.token,
        )  # fmt: skip
        done = await publish(context, change)
    except (ConflictError, InvalidDataError) as error:
        await _refused(context, draft, form, error, s)
        return
    buttons = [[key(HISTORY, s, s._("Undo"), "u", str(done)), to_history(s)]]
    if form["op"] != "retire":
        buttons.insert(0, [to_entry(form["table"], _made(folder, done, form), s._("Show the entry"), s)])
    text = s._("✅ Done: change no. {number}. The next answer is from it.", number=done)
    await _finished(context, draft.id, s, text, buttons)
    if form.get("report"):
        await reports.accepted(context, form["report"], done)


def _made(folder: Path, change: int, form: Form) -> str:
    """The key of the entry that was changed or added."""
    rows_of_table = [
        row for row in history.rows(folder, change) if row.table == form["table"] and row.after is not None
    ]
    return rows_of_table[0].key if form["op"] == "add" and rows_of_table else key_of(form["table"], form["after"])


def to_history(s: Speech) -> InlineKeyboardButton:
    """A button to the latest changes."""
    return key(HISTORY, s, s._("History"), "n")


async def _refused(
    context: BotContext, draft: Draft, form: Form, error: ConflictError | InvalidDataError, s: Speech
) -> None:
    """Say why it was not made; the draft stays."""
    context.work.note("refused", "edit", s.language)
    buttons = [[key(EDIT, s, s._("Cancel"), "x", str(draft.id))]]
    if isinstance(error, ConflictError) and form["op"] == "edit":
        buttons.insert(0, [key(EDIT, s, s._("Look at it as it is now"), "b", str(draft.id))])
    else:
        buttons.insert(0, [key(EDIT, s, s._("‹ Back"), "e", str(draft.id))])
    await context.replace(Reply((escape(s.told(error.saying), quote=False),), InlineKeyboardMarkup(buttons)))


async def _finished(
    context: BotContext, draft: int, s: Speech, text: str, buttons: list[ButtonRow] | None = None
) -> None:
    context.work.later(lambda: context.people.drafts.drop(draft))
    await context.replace(Reply((text,), InlineKeyboardMarkup(buttons) if buttons else None))


# ---------------------------------------------------------------------------------------------------------------- helpers


async def _pressed(context: BotContext) -> tuple[Draft | None, Form, Speech]:
    """The draft that a button belongs to; where it is finished, that is said."""
    s = speech(context.button.language)
    draft = context.people.drafts.get(number(context, 1), context.user_id)
    context.work.note("done", "edit", s.language)
    if draft is None or draft.kind != KIND:
        await context.seen(
            s._(
                "This is finished already, or older than a day. Begin again with /{command}.",
                command=commands.MANAGE.name(s),
            ),
            alert=True,
        )
        return None, {}, s
    await context.seen()
    return draft, _form(draft), s


def _form(draft: Draft) -> Form:
    return cast(Form, draft.data)


def _source(form: Form) -> str:
    """What the log names as source: the chosen one, or those that the entry has."""
    chosen = sources.source_id(form_data(form)) if "source" in form else ""
    return chosen or (form["before"] or {}).get("sources", "") or form["after"].get("url", "")
