"""What the change of an entry asks next, and how it is shown before it is made."""

from __future__ import annotations

from html import escape
from typing import Final, cast

from telegram import InlineKeyboardMarkup

from handlers.people.drafts import Draft
from handlers.rendering import Speech, speech
from handlers.rendering.columns import choice_name, column_name
from handlers.shared import commands
from handlers.shared.answers import Row as ButtonRow
from handlers.shared.buttons import EDIT
from handlers.shared.context import BotContext
from handlers.shared.keys import key, number
from handlers.shared.message import Reply
from handlers.staff import preview, sources
from handlers.staff.entries import rows_of, subject_name, value_of
from handlers.staff.forms import (
    MODES,
    Form,
    asks_for_source,
    choices_of,
    form_data,
    may_lack_source,
    needs_mode,
    rows,
    said_reason,
)
from handlers.staff.trial import trial
from knowledge import history, store
from knowledge.errors import ConflictError, InvalidDataError
from knowledge.fields import field

KIND: Final = "edit"
"""Of the drafts of changes."""
KEEP: Final = "="
"""What a button says that leaves a column as it is."""
OTHER_TEXT: Final = {"text_id": "text_en", "text_en": "text_id"}


async def ask_next(context: BotContext, draft: int, form: Form, s: Speech, trouble: str = "") -> None:
    """Ask for what is missing, or show what would be changed. ``trouble``: why the answer before will not do."""
    context.work.note("done", "edit", s.language)
    if not form["asks"] and form.get("asking") != "why" and asks_for_source(form) and "source" not in form:
        same = form["op"] != "add" and bool((form["before"] or {}).get("sources")) and not form.get("resource")
        sources.begin(form_data(form), same=same, none=may_lack_source(form))
    text, buttons = await _asked(context, draft, form, s)
    if trouble:
        text = f"❗ {escape(trouble, quote=False)}\n\n{text}"
    sent = await context.say(
        Reply((text,), InlineKeyboardMarkup([*buttons, [key(EDIT, s, s._("Cancel"), "x", str(draft))]]))
    )
    waits = form["asks"] or form.get("asking") == "why" or ("source" in form and not sources.chosen(form_data(form)))
    context.work.later(lambda: context.people.drafts.update(draft, form, sent if waits else 0))


async def _asked(context: BotContext, draft: int, form: Form, s: Speech) -> tuple[str, list[ButtonRow]]:
    if form.get("asking") == "why":
        return s._("Why is it changed? One line, which the history tells."), []
    if form["asks"]:
        return _ask_column(context, draft, form, s)
    if asks_for_source(form) and not sources.chosen(form_data(form)):
        return sources.prompt(
            context, form_data(form), s, lambda label, what: key(EDIT, s, label, "s", str(draft), what)
        )  # fmt: skip
    if needs_mode(form):
        labels = {"replace": s._("It takes the place of the present ones"), "add": s._("It stands beside them")}
        return s._("What about the sources that the entry has?"), [
            [key(EDIT, s, labels[mode], "m", str(draft), str(at))] for at, mode in enumerate(MODES)
        ]
    return await _preview(context, draft, form, s)


def _ask_column(context: BotContext, draft: int, form: Form, s: Speech) -> tuple[str, list[ButtonRow]]:
    table, column = form["table"], form["asks"][0]
    offered, rule = choices_of(form, column), field(table, column)
    name = column_name(column, s)
    if offered:
        text = s._("<b>{column}</b>: choose.", column=name)
        if rule.kind != "choice":
            text = s._("<b>{column}</b>: choose, or type another.", column=name)
        if column == "subject":
            text = s._("What is it about? Choose, or type the name of a region.")
    elif form["before"] is None:
        text = s._("<b>{column}</b>: type it.", column=name)
    else:
        text = s._("<b>{column}</b>: type the new value.", column=name)
    if form.get("name"):
        text = f"<i>{escape(form['name'], quote=False)}</i>\n{text}"
    if column in ("text_id", "text_en"):
        text += " " + s._("Write it as it shall stand in an answer.")
    if rule.kind == "refs":
        text += " " + s._("Ids, separated by semicolons.")
    if rule.kind == "date":
        text += " " + s._("Like 15 May 2019, May 2019 or 2019.")
    if form["before"] is not None:
        now = value_of(table, column, form["after"][column], context.engine.snapshot, s)
        text += "\n" + s._("Now: {value}", value=escape(now, quote=False))
    if form.get("correction") and (beside := form["after"].get(OTHER_TEXT.get(column, ""))):
        told = column_name(OTHER_TEXT[column], s)
        text += f"\n{told}: <b>{escape(beside, quote=False)}</b>"
    snapshot = context.engine.snapshot
    labels = [subject_name(v, snapshot, s) if column == "subject" else choice_name(v, s) for v in offered]
    labelled = (key(EDIT, s, label, "c", str(draft), str(at)) for at, label in enumerate(labels))
    buttons = rows_of(labelled, 3 if column in ("period", "subject") else 1)
    if form.get("correction") and form["before"] is not None and form["after"][column]:
        buttons.append([key(EDIT, s, s._("Leave it as it is"), "k", str(draft), KEEP)])
    elif not rule.required and "" not in offered and not (form.get("correction") and column in OTHER_TEXT):
        label = s._("Leave it empty") if form["before"] is not None else s._("Skip")
        buttons.append([key(EDIT, s, label, "k", str(draft))])
    return text, buttons


async def _preview(context: BotContext, draft: int, form: Form, s: Speech) -> tuple[str, list[ButtonRow]]:
    snapshot = context.engine.snapshot
    back = [key(EDIT, s, s._("Change another field"), "a", str(draft))]
    try:
        folder = context.services.knowledge_dir
        changed = rows(form, store.all_tables(folder), history.ever(folder, "claims"))
    except (ConflictError, InvalidDataError) as error:
        return escape(s.told(error.saying), quote=False), [back]
    if not changed:
        return s._("Nothing is different from what is stored."), [back]
    reported = context.people.reports.get(form["report"]) if form.get("report") else None
    tried = await trial(context, changed, [reported.question] if reported and reported.question else ())
    form["broken"] = len(tried.broken)
    head = [s._("<b>Please check</b>")]
    if asks_for_source(form):
        head.append(s._("Source: {source}", source=escape(_source_name(context, form, s), quote=False)))
    if said_reason(form, s):
        head.append(s._("Why: {reason}", reason=escape(said_reason(form, s), quote=False)))
    text = "\n".join([*head, "", *preview.lines(changed, tried, snapshot, s)])
    if not tried.findings:
        text += "\n\n" + s._("Nothing is changed until you press the button.")
    buttons = [] if tried.findings else [[key(EDIT, s, s._("Confirm"), "o", str(draft))]]
    if form["op"] != "retire":
        buttons.append(back)
    if not form.get("why"):
        buttons.append([key(EDIT, s, s._("Say why"), "w", str(draft))])
    return text, buttons


def _source_name(context: BotContext, form: Form, s: Speech) -> str:
    data, known = form_data(form), context.engine.snapshot.sources
    id = sources.source_id(data)
    if not id:
        return s._("the sources it has") if (form["before"] or {}).get("sources") else "–"
    new = data["source"].get("row")
    return f"{new['publisher']}: {new['title']}" if new else s.source(known[id]) if id in known else id


async def pressed(context: BotContext) -> tuple[Draft | None, Form, Speech]:
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
    return draft, form_of(draft), s


def form_of(draft: Draft) -> Form:
    """The form that a draft holds."""
    return cast(Form, draft.data)
