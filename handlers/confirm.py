"""Making the change of an entry that was asked step by step, or dropping it: the last button, the second thought."""

from __future__ import annotations

from html import escape
from pathlib import Path

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from handlers.people.drafts import Draft
from handlers.people.staff import Role
from handlers.rendering import Speech
from handlers.shared.answers import Row as ButtonRow
from handlers.shared.buttons import EDIT, HISTORY
from handlers.shared.context import BotContext
from handlers.shared.keys import argument, key
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.staff import corrections, reports, sources
from handlers.staff.asking import ask_next, pressed
from handlers.staff.entries import to_entry
from handlers.staff.forms import Form, complete, form_data, rows, said_reason
from handlers.staff.gate import Gate
from handlers.staff.publishing import publish
from knowledge import editing, history, store
from knowledge.changes import Change
from knowledge.edition import key_of
from knowledge.errors import ConflictError, InvalidDataError


def handlers(gate: Gate) -> Handlers:
    """What is registered for confirming."""
    acts = {"o": confirm, "p": confirm, "b": begin_again, "x": cancel}
    return [gate.button(EDIT, act, Role.ADMIN, verb) for verb, act in acts.items()]


async def confirm(update: Update, context: BotContext) -> None:
    """Make the change. Where a question would break, that is asked once more."""
    draft, form, s = await pressed(context)
    if draft is None or not complete(form):
        return
    if form.get("broken") and argument(context, 0) != "p":
        await _ask_once_more(context, draft.id, form["broken"], s)
        return
    folder, token = context.services.knowledge_dir, form.get("token") or draft.token
    if form.get("correction") and not _waits(context, form):
        context.work.note("refused", "edit", s.language)
        text = s._("The proposal was decided on or withdrawn meanwhile. Nothing was changed.")
        await _finished(context, draft.id, s, text)
        return
    try:
        # Made before the process was killed: by now the entry is in its own way.
        made = history.committed(folder, token)
        change = Change(
            context.people.staff.actor(context.user_id), form["op"], said_reason(form, s), _source(form),
            () if made else rows(form, store.all_tables(folder), history.ever(folder, "claims")),
            token=token,
        )  # fmt: skip
        done = await publish(context, change)
        if history.entry(folder, done).actor != change.actor:
            context.work.note("refused", "edit", s.language)
            text = s._("Somebody else accepted the proposal at the same moment, with change no. {number}. Yours was not made.", number=done)  # fmt: skip
            await _finished(context, draft.id, s, text, [[to_history(s)]])
            return
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
    if form.get("correction"):
        await corrections.accepted(context, form["correction"], done)


async def _ask_once_more(context: BotContext, draft: int, n: int, s: Speech) -> None:
    """Ask whether it shall be made although ``n`` questions would break."""
    text = s.ngettext(
        "⚠️ {n} question of the evaluation set would get another answer than expected. Make the change all the same?",
        "⚠️ {n} questions of the evaluation set would get another answer than expected. Make the change all the same?", n,
    )  # fmt: skip
    buttons = [
        [key(EDIT, s, s._("Yes, all the same"), "p", str(draft))],
        [key(EDIT, s, s._("‹ Back"), "e", str(draft))],
    ]
    await context.say(Reply((text,), InlineKeyboardMarkup(buttons)))


def _waits(context: BotContext, form: Form) -> bool:
    """Whether the proposal that a form settles still waits for this decision."""
    made = corrections.pending(context, form["correction"])
    return made is not None and made.change_token == form["token"]


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


async def begin_again(update: Update, context: BotContext) -> None:
    """Put one's own values on the entry as somebody else has left it."""
    draft, form, s = await pressed(context)
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
    draft, _, s = await pressed(context)
    if draft is not None:
        await _finished(context, draft.id, s, s._("Dropped. Nothing was changed."))


def _source(form: Form) -> str:
    """What the log names as source: the chosen one, or those that the entry has."""
    chosen = sources.source_id(form_data(form)) if "source" in form else ""
    return chosen or (form["before"] or {}).get("sources", "") or form["after"].get("url", "")
