"""One entry of the knowledge as a message: as it is stored, who changed it last, and what can be done with it."""

from __future__ import annotations

from html import escape
from typing import Final

from telegram import InlineKeyboardMarkup

from handlers.people.staff import Role
from handlers.rendering import Speech
from handlers.rendering.columns import column_name, table_name
from handlers.shared.answers import Row as ButtonRow
from handlers.shared.buttons import EDIT, HISTORY
from handlers.shared.context import BotContext
from handlers.shared.keys import key
from handlers.shared.message import Reply
from handlers.shared.words import shorten
from handlers.staff.entries import change_line, lines, ref, rows_of, settled, subject_name, title, to_entry
from handlers.staff.preview import fitted
from knowledge import history
from knowledge.changes import Tables
from knowledge.edition import key_of
from knowledge.fields import FIELDS, Row

EDITABLE: Final = {"sources", "regions", "aliases", "cohorts", "claims", "phrasings"}
"""Tables that are changed entry by entry; districts come with an edition or a file."""
FIXED: Final = {"id", "code", "year", "language", "region_code", "subject"}
"""Columns that make an entry the one it is; to change them means another entry."""


def entry(context: BotContext, tables: Tables, table: str, row: Row, settles: str, s: Speech) -> Reply:
    """An entry as a message. ``settles``: the report or the proposal that its change would settle, as buttons name it."""
    snapshot, folder = context.engine.snapshot, context.services.knowledge_dir
    entry_key = key_of(table, row)
    name = escape(title(table, row, snapshot, s)[:200], quote=False)
    past = history.of_row(folder, table, entry_key, limit=1)
    state = (
        change_line(past[0], context.people, s)
        if past
        else s._("as the edition {edition} brought it", edition=snapshot.edition)
    )
    head = f"<b>{table_name(table, s)}</b> {name}"
    text = "\n".join(
        [
            head,
            "",
            *fitted(lines(table, row, snapshot, s)),
            "",
            *_reported(context, settles, s),
            s._("Last change: {change}", change=state),
        ]
    )
    named = ref(table, entry_key)
    buttons: list[ButtonRow] = []
    claims = claims_of(tables, table, row)
    if claims:
        label = s.ngettext("{n} statement", "{n} statements", len(claims))
        buttons.append([key(EDIT, s, label, "l", table, named, "0")])
    if table == "claims":
        buttons += _around(tables, row, context, s)
    if context.people.staff.role(context.user_id) >= Role.ADMIN:
        buttons += _acts(table, row, named, settles, s)
        buttons.append([key(HISTORY, s, s._("History"), "e", table, named)])
    buttons.append([key(EDIT, s, s._("Find something else"), "h")])
    return Reply((text,), InlineKeyboardMarkup(buttons))


def _reported(context: BotContext, settles: str, s: Speech) -> list[str]:
    """What the report or the proposal says that led here."""
    report, proposal = settled(settles)
    made = context.people.corrections.get(proposal) if proposal else None
    if made:
        remark = escape(shorten(made.proposal.text, 500), quote=False)
        return [s._("📣 Proposal no. {number} says: <i>{text}</i>", number=made.id, text=remark), ""]
    found = context.people.reports.get(report) if report else None
    if found is None:
        return []
    said = escape(shorten(found.note, 500), quote=False)
    if not said:
        return [s._("📣 For report no. {number}", number=found.id), ""]
    return [s._("📣 Report no. {number} says: <i>{note}</i>", number=found.id, note=said), ""]


def _around(tables: Tables, claim: Row, context: BotContext, s: Speech) -> list[ButtonRow]:
    """From a claim to what it is about and to its sources."""
    kind, _, code = claim["subject"].partition(":")
    around = []
    if kind in ("region", "cohort"):
        about = subject_name(claim["subject"], context.engine.snapshot, s)
        around.append(to_entry(f"{kind}s", code, about, s))
    if context.people.staff.role(context.user_id) >= Role.ADMIN:
        known = context.engine.snapshot.sources
        around += [
            to_entry("sources", id, s.source(known[id]), s) for id in claim["sources"].split(";")[:4] if id in known
        ]
    return rows_of(around, 2)


def _acts(table: str, row: Row, named: str, settles: str, s: Speech) -> list[ButtonRow]:
    """What an admin can do with an entry."""
    if table not in EDITABLE:
        return []
    columns = [(at, f.name) for at, f in enumerate(FIELDS[table]) if f.name not in FIXED]
    extra = (settles,) if settles else ()
    fields = rows_of(
        (key(EDIT, s, f"✏️ {column_name(name, s)}", "f", table, named, str(at), *extra) for at, name in columns), 2
    )
    more = []
    if table in ("regions", "cohorts"):
        more.append(key(EDIT, s, s._("Add a statement"), "n", "claims", table, named, *extra))
    if table == "regions":
        more.append(key(EDIT, s, s._("Add another name"), "n", "aliases", table, named, *extra))
    if table == "claims":
        more.append(key(EDIT, s, s._("Another source says otherwise"), "n", "claims", "claims", named, *extra))
    return [*fields, *rows_of(more), [key(EDIT, s, s._("Retire"), "d", table, named, *extra)]]


def claims_of(tables: Tables, table: str, row: Row) -> list[Row]:
    """The claims about a region or cohort, or those that rest on a source."""
    if table == "sources":
        return [c for c in tables["claims"] if row["id"] in c["sources"].split(";")]
    subject = {"regions": f"region:{row.get('code')}", "cohorts": f"cohort:{row.get('year')}"}.get(table)
    return [c for c in tables["claims"] if c["subject"] == subject]
