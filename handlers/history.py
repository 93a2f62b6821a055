"""What was changed, by whom and why; and taking a change back."""

from __future__ import annotations

import asyncio
from html import escape
from typing import Final

from telegram import InlineKeyboardMarkup, Update

from handlers.people.staff import Role
from handlers.rendering import Speech, speech
from handlers.rendering.columns import table_name
from handlers.shared import commands
from handlers.shared.answers import Row as ButtonRow
from handlers.shared.buttons import HISTORY, StaleButton
from handlers.shared.context import BotContext
from handlers.shared.keys import argument, key, number
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.shared.words import after_command, words
from handlers.staff import corrections, preview, reports
from handlers.staff.entries import actor_name, change_line, found_name, kind_name, ref, row_at, title
from handlers.staff.entry import claims_of
from handlers.staff.gate import Gate
from handlers.staff.publishing import publish
from handlers.staff.trial import trial
from knowledge import history, store
from knowledge.catalog import find
from knowledge.changes import Tables
from knowledge.edition import key_of
from knowledge.errors import ConflictError, InvalidDataError
from knowledge.fields import Row
from knowledge.history import Entry
from knowledge.normalize import compact

A_PAGE: Final = 8


def handlers(gate: Gate) -> Handlers:
    """What is registered for the history."""
    return [
        gate.command(commands.HISTORY, show, Role.ADMIN),
        gate.button(HISTORY, latest, Role.ADMIN, "l"),
        gate.button(HISTORY, show_below, Role.ADMIN, "n"),
        gate.button(HISTORY, of_entry, Role.ADMIN, "e"),
        gate.button(HISTORY, view, Role.ADMIN, "v"),
        gate.button(HISTORY, ask_first, Role.ADMIN, "u"),
        gate.button(HISTORY, undo, Role.ADMIN, "y"),
        gate.button(HISTORY, undo, Role.ADMIN, "f"),
    ]


async def show(update: Update, context: BotContext) -> None:
    """Show the latest changes; with a number behind the command that change, with other words those of an entry."""
    s, text = context.speech, after_command(words(context.message)).removeprefix("#")
    context.work.note("done", "history", s.language)
    if text.isascii() and text.isdecimal() and len(text) < 9 and int(text) < 1900:
        await context.say(_change(context, int(text), s))
    elif text:
        await context.say(_found(context, text, s))
    else:
        await context.say(_latest(context, None, s))


async def latest(update: Update, context: BotContext) -> None:
    """Show further changes, in place."""
    s, before = speech(context.button.language), number(context, 1)
    await context.seen()
    await context.replace(_latest(context, before or None, s))
    context.work.note("done", "history", s.language)


async def show_below(update: Update, context: BotContext) -> None:
    """Show the latest changes below, where the message above keeps its buttons."""
    s = speech(context.button.language)
    await context.seen()
    await context.say(_latest(context, None, s))
    context.work.note("done", "history", s.language)


async def of_entry(update: Update, context: BotContext) -> None:
    """Show what was changed of one entry, below it."""
    s, table, named = speech(context.button.language), argument(context, 1), argument(context, 2)
    tables = store.all_tables(context.services.knowledge_dir)
    row = row_at(tables, table, named)
    if row is None:
        raise StaleButton(named)
    await context.seen()
    await context.say(_of_entry(context, tables, table, row, s))
    context.work.note("done", "history", s.language)


async def view(update: Update, context: BotContext) -> None:
    """Show one change, in place."""
    s = speech(context.button.language)
    await context.seen()
    await context.replace(_change(context, number(context, 1), s))
    context.work.note("done", "history", s.language)


async def ask_first(update: Update, context: BotContext) -> None:
    """Show what taking a change back would do."""
    s, change = speech(context.button.language), number(context, 1)
    await context.seen()
    context.work.note("done", "undo", s.language)
    try:
        back = await asyncio.to_thread(history.undo, context.services.knowledge_dir, change, "", "")
    except (InvalidDataError, ConflictError) as error:
        await context.say(Reply((escape(s.told(error.saying), quote=False),)))
        return
    tried = await trial(context, back.rows)
    snapshot = context.engine.snapshot
    lines = [
        s._("<b>Take change no. {number} back?</b>", number=change),
        "",
        *preview.lines(back.rows, tried, snapshot, s),
    ]
    if tried.findings:
        await context.say(Reply(("\n".join(lines),)))
        return
    label = s._("Yes, all the same") if tried.broken else s._("Yes, take it back")
    buttons = [
        [key(HISTORY, s, label, "f" if tried.broken else "y", str(change))],
        [key(HISTORY, s, s._("No"), "v", str(change))],
    ]
    await context.say(Reply(("\n".join(lines),), InlineKeyboardMarkup(buttons)))


async def undo(update: Update, context: BotContext) -> None:
    """Take it back, as a new change. Pressed again, it comes to the same."""
    s, change = speech(context.button.language), number(context, 1)
    actor, folder = context.people.staff.actor(context.user_id), context.services.knowledge_dir
    await context.seen()
    context.work.note("done", "undo", s.language)
    try:
        done = await publish(context, await asyncio.to_thread(history.undo, folder, change, actor, ""))
    except (InvalidDataError, ConflictError) as error:
        context.work.note("refused", "undo", s.language)
        await context.replace(Reply((escape(s.told(error.saying), quote=False),)))
        return
    text = s._(
        "✅ Change no. {number} is taken back, by change no. {by}. The next answer is from it.", number=change, by=done
    )
    again = reports.reopened(context, change)
    if again:
        numbers = s.names(s._("no. {number}", number=number) for number in again)
        text += "\n" + s.ngettext(
            "Report {numbers} waits for a decision again.",
            "Reports {numbers} wait for a decision again.",
            len(again),
            numbers=numbers,
        )
    proposed = await corrections.reopened(context, change)
    if proposed:
        numbers = s.names(s._("no. {number}", number=number) for number in proposed)
        text += "\n" + s.ngettext(
            "Proposal {numbers} waits for a decision again.",
            "Proposals {numbers} wait for a decision again.",
            len(proposed),
            numbers=numbers,
        )
    buttons = [[key(HISTORY, s, s._("Undo"), "u", str(done)), key(HISTORY, s, s._("History"), "n")]]
    await context.replace(Reply((text,), InlineKeyboardMarkup(buttons)))


# ----------------------------------------------------------------------------------------------------------------- views


def _found(context: BotContext, typed: str, s: Speech) -> Reply:
    """The history of the entry that was typed; where several may be meant, which."""
    tables, snapshot = store.all_tables(context.services.knowledge_dir), context.engine.snapshot
    hits = find(tables, context.engine.search, typed)
    if not hits:
        return Reply((s._("Nothing was found for that. Try fewer or other words, or a code such as 33.10."),))
    first = hits[0]
    region = snapshot.regions.get(first.key) if first.table == "regions" else None
    names = {compact(name) for name in (region.name, region.name_en, region.short)} if region else set()
    if (len(hits) == 1 and not region) or first.key.casefold() == typed.casefold() or compact(typed) in names:
        return _of_entry(context, tables, first.table, first.row, s)
    buttons = [
        [key(HISTORY, s, found_name(hit, snapshot, s), "e", hit.table, ref(hit.table, hit.key))]
        for hit in hits[:A_PAGE]
    ]
    return Reply((s._("The history of which entry?"),), InlineKeyboardMarkup(buttons))


def _latest(context: BotContext, before: int | None, s: Speech) -> Reply:
    found = history.entries(context.services.knowledge_dir, limit=A_PAGE + 1, before=before)
    more = [key(HISTORY, s, s._("Older ›"), "l", str(found[A_PAGE - 1].id))] if len(found) > A_PAGE else []
    return _listed(context, s._("The latest changes"), found[:A_PAGE], more, s)


def _of_entry(context: BotContext, tables: Tables, table: str, row: Row, s: Speech) -> Reply:
    folder, snapshot, entry_key = context.services.knowledge_dir, context.engine.snapshot, key_of(table, row)
    head = f"{table_name(table, s)} {title(table, row, snapshot, s)}"
    about = [(table, entry_key)]
    if table in ("regions", "cohorts"):  # What is stated of it is its history too.
        about += [("claims", claim["id"]) for claim in claims_of(tables, table, row)]
        about += [("aliases", key_of("aliases", r)) for r in tables["aliases"] if r["region_code"] == entry_key]
    found = history.of_rows(folder, about, limit=A_PAGE)
    if not found:
        told = s._("Never changed: it is as the edition {edition} brought it.", edition=snapshot.edition)
        return Reply((f"<b>{escape(head[:300], quote=False)}</b>\n{told}",))
    return _listed(context, head[:300], found, [], s)


def _listed(context: BotContext, head: str, found: list[Entry], more: ButtonRow, s: Speech) -> Reply:
    folder, snapshot = context.services.knowledge_dir, context.engine.snapshot
    lines = [f"<b>{escape(head, quote=False)}</b>"]
    for change in found:
        named = preview.named(history.main_row(folder, change.id), change.rows, snapshot, s)
        lines.append(f"• {change_line(change, context.people, s)}{f': {named}' if named else ''}")
    buttons: list[ButtonRow] = [
        [key(HISTORY, s, s._("{number} · {kind}", number=e.id, kind=kind_name(e.kind, s)), "v", str(e.id))]
        for e in found
    ]
    if more:
        buttons.append(more)
    return Reply(("\n".join(preview.fitted(lines)),), InlineKeyboardMarkup(buttons) if buttons else None)


def _change(context: BotContext, change: int, s: Speech) -> Reply:
    folder, snapshot = context.services.knowledge_dir, context.engine.snapshot
    try:
        entry = history.entry(folder, change)
    except InvalidDataError as error:
        return Reply((escape(s.told(error.saying), quote=False),))
    lines = [
        s._("<b>Change no. {number}</b>: {kind}", number=change, kind=kind_name(entry.kind, s)),
        s._("{date}, {time} UTC, {who}", date=s.date(entry.at[:10]), time=entry.at[11:16], who=escape(actor_name(entry.actor, context.people, s), quote=False)),
    ]  # fmt: skip
    if entry.source:
        named = [s.source(snapshot.sources[id]) if id in snapshot.sources else id for id in entry.source.split(";")]
        lines.append(s._("Source: {source}", source=escape("; ".join(named), quote=False)))
    if entry.reason:
        lines.append(s._("Why: {reason}", reason=escape(entry.reason, quote=False)))
    if entry.undoes:
        lines.append(s._("Takes back no. {number}.", number=entry.undoes))
    if entry.undone_by:
        lines.append(s._("Taken back by no. {number}.", number=entry.undone_by))
    lines += ["", *preview.row_lines(history.rows(folder, change, preview.MAX_ROWS), snapshot, s, of=entry.rows)]
    buttons: list[ButtonRow] = []
    if entry.kind != "edition" and not entry.undone_by:
        buttons.append([key(HISTORY, s, s._("Undo"), "u", str(change))])
    buttons.append([key(HISTORY, s, s._("The latest changes"), "l", "0")])
    return Reply(("\n".join(preview.fitted(lines)),), InlineKeyboardMarkup(buttons))
