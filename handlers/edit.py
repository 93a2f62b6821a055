"""Changing one entry: a new value, an addition, a retirement. Asked step by step, shown before it is made, made by one tap.

How far it is stands in a draft, so it survives a restart; nothing is changed before the last button.
"""

from __future__ import annotations

from html import escape

from telegram import InlineKeyboardMarkup, Update

from handlers.people import People
from handlers.people.staff import Role
from handlers.rendering import speech
from handlers.rendering.columns import column_name
from handlers.shared.buttons import EDIT, StaleButton
from handlers.shared.context import BotContext
from handlers.shared.keys import argument, key, number
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.shared.words import shorten, words
from handlers.staff import sources
from handlers.staff.asking import KEEP, KIND, ask_next, form_of, pressed
from handlers.staff.correction_accepting import MAX_NAME, settling
from handlers.staff.corrections import gone
from handlers.staff.drafts import Awaits, awaited
from handlers.staff.entries import row_at, rows_of, settled, title
from handlers.staff.forms import MODES, Form, answered, choices_of, form_data, new
from handlers.staff.gate import Gate
from handlers.staff.typed import understood
from knowledge import editing, store
from knowledge.edition import KEYS
from knowledge.errors import InvalidDataError
from knowledge.fields import FIELDS, clean, field


def handlers(gate: Gate, people: People) -> Handlers:
    """What is registered for changing."""
    acts = {
        "f": begin_field, "n": begin_new, "d": begin_retiring, "c": take_choice, "k": skip, "s": take_source, "m": take_mode,
        "a": offer_fields, "g": take_field, "w": ask_why, "e": go_on,
    }  # fmt: skip
    by_button = [gate.button(EDIT, act, Role.ADMIN, verb) for verb, act in acts.items()]
    return [*by_button, gate.message(Awaits(people, KIND), take_text, Role.ADMIN)]


# -------------------------------------------------------------------------------------------------------------- beginning


async def begin_field(update: Update, context: BotContext) -> None:
    """Ask for a new value of one column."""
    table, named, column = argument(context, 1), argument(context, 2), number(context, 3)
    row = row_at(store.all_tables(context.services.knowledge_dir), table, named)
    if row is None or column >= len(FIELDS[table]):
        raise StaleButton(named)
    form: Form = {"op": "edit", "table": table, "before": row, "after": dict(row), "asks": []}
    _ask_for(form, FIELDS[table][column].name)
    await _begin(context, form, argument(context, 4))


async def begin_new(update: Update, context: BotContext) -> None:
    """Ask for the columns of a new entry, one after the other."""
    table, parent_table, named = argument(context, 1), argument(context, 2), argument(context, 3)
    parent = row_at(store.all_tables(context.services.knowledge_dir), parent_table, named) if named else None
    if table not in FIELDS or (named and parent is None):
        raise StaleButton(table)
    await _begin(context, new(table, parent_table, parent), argument(context, 4))


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
    form: Form = {"op": "retire", "table": table, "before": row, "after": dict(row), "asks": []}
    await _begin(context, form, argument(context, 3))


def _ask_for(form: Form, column: str) -> None:
    """Ask for another value of a column; sources are chosen by name rather than typed."""
    if column == "sources":
        form["resource"] = True
        form.pop("source", None)
        form.pop("mode", None)
    else:
        form["asks"] = [column]


async def _begin(context: BotContext, form: Form, settles: str) -> None:
    """Begin a draft. ``settles``: the report or the proposal that leads to it, as buttons name it."""
    s = speech(context.button.language)
    report, proposal = settled(settles)
    form["report"] = report
    if proposal:
        made = context.people.corrections.pending(proposal)
        if made is None:
            await context.seen()
            context.work.note("refused", "edit", s.language)
            await context.say(gone(s))
            return
        settling(context, form, made)
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
    form, text, trouble = form_of(draft), words(context.message), ""
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
    draft, form, s = await pressed(context)
    if draft is None or not form["asks"]:
        return
    column, at = form["asks"][0], number(context, 2)
    offered = choices_of(form, column)
    if at >= len(offered):
        raise StaleButton(str(at))
    answered(form, column, offered[at])
    await ask_next(context, draft.id, form, s)


async def skip(update: Update, context: BotContext) -> None:
    """Leave a column empty, or as it is."""
    draft, form, s = await pressed(context)
    kept = argument(context, 2) == KEEP
    if draft is None or not form["asks"] or (field(form["table"], form["asks"][0]).required and not kept):
        return
    answered(form, form["asks"][0], form["after"][form["asks"][0]] if kept else "")
    await ask_next(context, draft.id, form, s)


async def take_source(update: Update, context: BotContext) -> None:
    """Take a source that was offered."""
    draft, form, s = await pressed(context)
    if draft is None or "source" not in form or sources.chosen(form_data(form)):
        return
    sources.press(context, form_data(form), argument(context, 2))
    await ask_next(context, draft.id, form, s)


async def take_mode(update: Update, context: BotContext) -> None:
    """Put the source beside the present ones, or in their place."""
    draft, form, s = await pressed(context)
    at = number(context, 2)
    if draft is None or at >= len(MODES):
        return
    form["mode"] = MODES[at]
    await ask_next(context, draft.id, form, s)


async def offer_fields(update: Update, context: BotContext) -> None:
    """Offer the other columns: a text is often changed in both languages at once."""
    draft, form, s = await pressed(context)
    if draft is None:
        return
    fixed = {*KEYS[form["table"]], "subject"} - {"alias", "question"}
    offered = [(at, f.name) for at, f in enumerate(FIELDS[form["table"]]) if f.name not in fixed]
    buttons = rows_of((key(EDIT, s, column_name(name, s), "g", str(draft.id), str(at)) for at, name in offered), 2)
    text = s._("What else shall be changed?")
    await context.say(
        Reply((text,), InlineKeyboardMarkup([*buttons, [key(EDIT, s, s._("‹ Back"), "e", str(draft.id))]]))
    )


async def take_field(update: Update, context: BotContext) -> None:
    """Ask for one of them."""
    draft, form, s = await pressed(context)
    at = number(context, 2)
    if draft is None or at >= len(FIELDS[form["table"]]):
        return
    _ask_for(form, FIELDS[form["table"]][at].name)
    await ask_next(context, draft.id, form, s)


async def ask_why(update: Update, context: BotContext) -> None:
    """Ask for the reason, which the history tells."""
    draft, form, s = await pressed(context)
    if draft is None:
        return
    form["asking"] = "why"
    await ask_next(context, draft.id, form, s)


async def go_on(update: Update, context: BotContext) -> None:
    """Go on with what is half-finished."""
    draft, form, s = await pressed(context)
    if draft is not None:
        await ask_next(context, draft.id, form, s)
