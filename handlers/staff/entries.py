"""An entry of the knowledge in words: what its columns are called, what its codes mean, how a button names it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from html import escape
from typing import Final

from telegram import InlineKeyboardButton

from handlers.people import People
from handlers.people.staff import Role
from handlers.rendering import Speech
from handlers.rendering.columns import choice_name, column_name, table_name
from handlers.shared.buttons import EDIT, StaleButton
from handlers.shared.keys import key
from handlers.staff.words import role_name
from knowledge.catalog import Found
from knowledge.changes import Tables
from knowledge.edition import key_of
from knowledge.fields import FIELDS, Row
from knowledge.history import Entry
from knowledge.snapshot import Snapshot

MAX_KEY: Final = 30
"""Bytes of a key that stands in a button as it is; a longer one is named by its hash."""


def title(table: str, row: Row, snapshot: Snapshot, s: Speech) -> str:
    """An entry in a few words, as plain text."""
    match table:
        case "claims":
            about = subject_name(row["subject"], snapshot, s)
            told = row["text_en" if s.language == "en" else "text_id"]
            if not told:
                told = s.date(row["value"]) if row["attribute"] == "mou_date" else row["value"]
            return f"{row['id']} · {about} · {choice_name(row['attribute'], s)}: {told}"
        case "regions":
            return f"{row['name'] if s.language == 'id' else row['name_en']} ({row['code']})"
        case "aliases":
            return f"{row['alias']} = {region_name(row['region_code'], snapshot, s)}"
        case "districts":
            return f"{row['name']} ({region_name(row['region_code'], snapshot, s)})"
        case "sources":
            return f"{row['publisher']}: {row['title']}"
        case "phrasings":
            return f"“{row['question']}”"
    return row["year"]


def found_name(hit: Found, snapshot: Snapshot, s: Speech) -> str:
    """An entry that was found, with what it is, as plain text."""
    return f"{table_name(hit.table, s)} · {title(hit.table, hit.row, snapshot, s)}"


def subject_name(subject: str, snapshot: Snapshot, s: Speech) -> str:
    """What a claim is about."""
    kind, _, code = subject.partition(":")
    if kind == "region":
        return region_name(code, snapshot, s)
    return s._("cohort {year}", year=code) if kind == "cohort" else choice_name(kind, s)


def region_name(code: str, snapshot: Snapshot, s: Speech) -> str:
    """A region by its code; the code where it is not known."""
    return snapshot.regions[code].label(s.language) if code in snapshot.regions else code


def region_in_bold(code: str, snapshot: Snapshot, s: Speech) -> str:
    """The same as HTML, in bold."""
    return f"<b>{escape(region_name(code, snapshot, s), quote=False)}</b>"


def value_of(table: str, column: str, value: str, snapshot: Snapshot, s: Speech) -> str:
    """A value in words, as plain text: codes are told, texts stand as they are."""
    rule = next(f for f in FIELDS[table] if f.name == column)
    if not value:
        return "–"
    if rule.kind == "choice" or column in ("attribute", "period"):
        return choice_name(value, s)
    if column == "subject":
        return subject_name(value, snapshot, s)
    if rule.kind == "date":
        return s.date(value)
    if rule.refers == "regions":
        return f"{region_name(value, snapshot, s)} ({value})"
    if rule.refers == "sources":
        known = snapshot.sources
        return "; ".join(f"{s.source(known[id])} [{id}]" if id in known else id for id in value.split(";"))
    return value


def lines(table: str, row: Row, snapshot: Snapshot, s: Speech) -> list[str]:
    """Every column on a line, as HTML."""
    shown = ((f.name, value_of(table, f.name, row[f.name], snapshot, s)) for f in FIELDS[table])
    return [f"{column_name(name, s)}: <b>{escape(value, quote=False)}</b>" for name, value in shown]


def changed_lines(table: str, before: Row | None, after: Row | None, snapshot: Snapshot, s: Speech) -> list[str]:
    """What differs between two versions of a row, as HTML: "status: before → after"."""
    if before is None or after is None:
        row = after or before or {}
        return [
            f"{column_name(name, s)}: {escape(value_of(table, name, value, snapshot, s), quote=False)}"
            for name, value in ((f.name, row[f.name]) for f in FIELDS[table])
            if value
        ]
    return [
        f"{column_name(name, s)}: <s>{escape(value_of(table, name, before[name], snapshot, s), quote=False)}</s> → "
        f"<b>{escape(value_of(table, name, after[name], snapshot, s), quote=False)}</b>"
        for name in (f.name for f in FIELDS[table])
        if before[name] != after[name]
    ]


def change_line(entry: Entry, people: People, s: Speech) -> str:
    """A change in a line, as HTML: number, day, who, what for."""
    who = escape(actor_name(entry.actor, people, s), quote=False)
    told = s._("no. {number}, {date}, {who}", number=entry.id, date=s.date(entry.at[:10]), who=who)
    why = escape(entry.reason.removeprefix("edition "), quote=False)
    back = s._(" (taken back by no. {number})", number=entry.undone_by) if entry.undone_by else ""
    what = s._("takes no. {number} back", number=entry.undoes) if entry.undoes else kind_name(entry.kind, s)
    return f"{told}: {what}{f', {why}' if why else ''}{back}"


def actor_name(actor: str, people: People, s: Speech) -> str:
    """Who changed something, with the name of who has or had a role."""
    if actor in ("edition", "command line"):
        return {"edition": s._("the curators"), "command line": s._("the command line")}[actor]
    role, _, _ = actor.partition(" ")
    named = people.staff.name_of(actor)
    known = {each.word: each for each in (Role.OFFICER, Role.ADMIN, Role.OWNER)}
    return f"{role_name(known[role], s)}{named.removeprefix(role)}" if role in known else named


def kind_name(kind: str, s: Speech) -> str:
    """What kind of change it was."""
    return {
        "edition": s._("a new edition"), "edit": s._("changed"), "add": s._("added"), "retire": s._("retired"),
        "import": s._("import of a file"), "undo": s._("taken back"), "alias": s._("other name learnt"),
        "phrasing": s._("phrasing learnt"), "answer": s._("question answered"), "outside": s._("declared out of scope"),
        "review": s._("reviewed, still true"),
    }.get(kind, kind)  # fmt: skip


# ------------------------------------------------------------------------------------------------------------- in buttons


def ref(table: str, key: str) -> str:
    """How a button names an entry: by its key, or where that does not fit by its hash."""
    if len(key.encode()) <= MAX_KEY and ":" not in key and not key.startswith("~"):
        return key
    return "~" + hashlib.sha256(f"{table} {key}".encode()).hexdigest()[:12]


def settled(said: str) -> tuple[int, int]:
    """The report and the proposal that a change settles, as buttons name them: ``12`` a report, ``p12`` a proposal; 0 for none.

    Raises:
        StaleButton: it is neither.
    """
    if not re.fullmatch(r"(p?[0-9]{1,9})?", said):
        raise StaleButton(said)
    digits = int(said.removeprefix("p") or 0)
    return (0, digits) if said.startswith("p") else (digits, 0)


def row_at(tables: Tables, table: str, named: str) -> Row | None:
    """The entry that a button names; None where it is there no more, or no such table is."""
    return next((row for row in tables.get(table, ()) if named in (k := key_of(table, row), ref(table, k))), None)


def to_entry(table: str, entry_key: str, label: str, s: Speech) -> InlineKeyboardButton:
    """A button that shows an entry."""
    return key(EDIT, s, label, "v", table, ref(table, entry_key))


def rows_of(buttons: Iterable[InlineKeyboardButton], width: int = 1) -> list[list[InlineKeyboardButton]]:
    """Buttons in rows of some width."""
    listed = list(buttons)
    return [listed[at : at + width] for at in range(0, len(listed), width)]
