"""Finding an entry of the knowledge and seeing it as it is stored: for admins all of it, for officers their regions."""

from __future__ import annotations

from html import escape
from typing import Final

from telegram import InlineKeyboardMarkup, Update

from handlers.people import People
from handlers.people.staff import Member, Role
from handlers.rendering import Speech, speech
from handlers.rendering.columns import table_name
from handlers.shared import commands
from handlers.shared.answers import Row as ButtonRow
from handlers.shared.answers import page_row, paged
from handlers.shared.buttons import EDIT
from handlers.shared.context import BotContext
from handlers.shared.keys import argument, key, number
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.shared.words import after_command, words
from handlers.staff.drafts import Awaits
from handlers.staff.entries import found_name, row_at, rows_of, settled, title, to_entry
from handlers.staff.entry import claims_of, entry
from handlers.staff.gate import Gate
from knowledge import store
from knowledge.catalog import Found, find
from knowledge.changes import Tables
from knowledge.fields import Row

KIND: Final = "find"
"""Of the drafts that wait for what to find."""
FOUND: Final = "found"
"""Of those that keep what was looked for, so that its pages can be turned."""
A_PAGE: Final = 8


def handlers(gate: Gate, people: People) -> Handlers:
    """What is registered for finding and seeing."""
    return [
        gate.command(commands.MANAGE, manage, Role.OFFICER),
        gate.button(EDIT, home, Role.OFFICER, "h"),
        gate.button(EDIT, view, Role.OFFICER, "v"),
        gate.button(EDIT, list_claims, Role.OFFICER, "l"),
        gate.button(EDIT, turn_page, Role.OFFICER, "q"),
        gate.button(EDIT, from_report, Role.ADMIN, "r"),
        gate.message(Awaits(people, KIND), found, Role.OFFICER),
    ]


async def manage(update: Update, context: BotContext) -> None:
    """Find what stands behind the command, or ask for it."""
    text = after_command(words(context.message))
    context.work.note("done", "manage", context.language)
    if text:
        await _tell_found(context, text)
    else:
        await _ask(context, context.speech)


async def home(update: Update, context: BotContext) -> None:
    """Ask what to find, below."""
    await context.seen()
    await _ask(context, speech(context.button.language))
    context.work.note("done", "manage", context.button.language)


async def found(update: Update, context: BotContext) -> None:
    """Show what was found."""
    await _tell_found(context, words(context.message))
    context.work.note("done", "manage", context.language)


async def view(update: Update, context: BotContext) -> None:
    """Show an entry, in place."""
    await _show(context, argument(context, 1), argument(context, 2), "")


async def from_report(update: Update, context: BotContext) -> None:
    """Show the statement that a report or a proposal is about; what is changed of it settles that."""
    settled(argument(context, 1))
    await _show(context, "claims", argument(context, 2), argument(context, 1))


async def list_claims(update: Update, context: BotContext) -> None:
    """Show what is stated about a region or a cohort, or the statements that rest on a source, in place."""
    table, named = argument(context, 1), argument(context, 2)
    found = await _opened(context, table, named)
    if found is None:
        return
    tables, row, s = found
    claims = claims_of(tables, table, row)
    shown, page, of = paged(claims, number(context, 3), A_PAGE)
    snapshot = context.engine.snapshot
    buttons = rows_of(to_entry("claims", c["id"], title("claims", c, snapshot, s), s) for c in shown)
    if of > 1:
        buttons.append(page_row(EDIT, ("l", table, named), page, of, s.language))
    buttons.append([key(EDIT, s, s._("‹ Back"), "v", table, named)])
    head = s.ngettext("{n} statement:", "{n} statements:", len(claims))
    name = escape(title(table, row, snapshot, s), quote=False)
    await context.replace(Reply((f"<b>{name}</b>\n{head}",), InlineKeyboardMarkup(buttons)))


# ---------------------------------------------------------------------------------------------------------------- finding


async def _ask(context: BotContext, s: Speech) -> None:
    member = context.people.staff.member(context.user_id)
    snapshot, drafts = context.engine.snapshot, context.people.drafts
    rows: list[ButtonRow] = []
    if member and member.role == Role.OFFICER:
        codes = [code for code in member.regions if code in snapshot.regions]
        text = s._("Your regions, as they are recorded:")
        rows = rows_of(to_entry("regions", code, snapshot.regions[code].label(s.language), s) for code in codes)
    else:
        text = s._(
            "What are you looking for? Type a region, another name, a year, a code, or words of a statement or source. "
            "You see it as it is stored, and can change it."
        )
        half_done = [draft for draft in drafts.of(context.user_id) if draft.kind == "edit"]
        rows = [
            [key(EDIT, s, s._("Go on: {what}", what=_draft_name(draft.data, s)), "e", str(draft.id))]
            for draft in half_done
        ]
        new = (("claims", s._("Add a statement")), ("sources", s._("Add a source")), ("cohorts", s._("Add a cohort")), ("regions", s._("Add a region")))  # fmt: skip
        rows += rows_of((key(EDIT, s, label, "n", table) for table, label in new), 2)
    draft = drafts.begin(context.user_id, KIND, {}, update_id=context.work.update_id)
    sent = await context.say(Reply((text,), InlineKeyboardMarkup(rows)))
    context.work.later(lambda: drafts.update(draft, {}, sent))


def _draft_name(data: dict[str, str], s: Speech) -> str:
    return data.get("name") or table_name(data["table"], s)


async def _tell_found(context: BotContext, typed: str) -> None:
    """Show what was found. What is typed next is a question again, unless it is asked for."""
    s, drafts, tables = context.speech, context.people.drafts, store.all_tables(context.services.knowledge_dir)
    hits = _hits(context, tables, typed)
    if not hits:
        keyboard = InlineKeyboardMarkup([[key(EDIT, s, s._("Find something else"), "h")]])
        said = Reply((s._("Nothing was found for that. Try fewer or other words, or a code such as 33.10."),), keyboard)
    elif len(hits) == 1 or hits[0].key.casefold() == typed.strip().casefold():
        said = entry(context, tables, hits[0].table, hits[0].row, "", s)
    else:
        draft = drafts.begin(context.user_id, FOUND, {"typed": typed[:200]}, update_id=context.work.update_id)
        said = _page(context, s, hits, draft, 0)
    await context.say(said)
    context.work.later(lambda: drafts.drop_all(context.user_id, KIND))


async def turn_page(update: Update, context: BotContext) -> None:
    """Show another page of what was found, in place."""
    s = speech(context.button.language)
    draft = context.people.drafts.get(number(context, 1), context.user_id)
    context.work.note("done", "manage", s.language)
    if draft is None or draft.kind != FOUND:
        await context.seen(s._("That was too long ago; please look for it again."), alert=True)
        return
    await context.seen()
    hits = _hits(context, store.all_tables(context.services.knowledge_dir), draft.data["typed"])
    await context.replace(_page(context, s, hits, draft.id, number(context, 2)))


def _hits(context: BotContext, tables: Tables, typed: str) -> list[Found]:
    """The entries for what was typed that the person may see."""
    return [hit for hit in find(tables, context.engine.search, typed) if _may_see(context, hit.table, hit.row)]


def _page(context: BotContext, s: Speech, hits: list[Found], draft: int, page: int) -> Reply:
    shown, page, of = paged(hits, page, A_PAGE)
    buttons = [[to_entry(hit.table, hit.key, found_name(hit, context.engine.snapshot, s), s)] for hit in shown]
    if of > 1:
        buttons.append(page_row(EDIT, ("q", str(draft)), page, of, s.language))
    return Reply((s.ngettext("{n} entry found:", "{n} entries found:", len(hits)),), InlineKeyboardMarkup(buttons))


def _may_see(context: BotContext, table: str, row: Row) -> bool:
    """An officer sees what is recorded of their regions, and nothing else."""
    member: Member | None = context.people.staff.member(context.user_id)
    if member is None or member.role > Role.OFFICER:
        return member is not None
    subject = row.get("subject", "").removeprefix("region:")
    code = {"regions": row.get("code"), "claims": subject, "aliases": row.get("region_code")}.get(table)
    return code in member.regions


# ----------------------------------------------------------------------------------------------------------------- seeing


async def _show(context: BotContext, table: str, named: str, settles: str) -> None:
    found = await _opened(context, table, named)
    if found:
        tables, row, s = found
        await context.replace(entry(context, tables, table, row, settles, s))


async def _opened(context: BotContext, table: str, named: str) -> tuple[Tables, Row, Speech] | None:
    """The entry that a button names, if it is there and the person may see it; else that is said."""
    s = speech(context.button.language)
    tables = store.all_tables(context.services.knowledge_dir)
    row = row_at(tables, table, named)
    await context.seen()
    context.work.note("done", "manage", s.language)
    if row is None or not _may_see(context, table, row):
        await context.replace(Reply((s._("This entry is not there (any more), or it is not one of yours."),)))
        return None
    return tables, row, s
