"""An officer begins to propose a correction of their own region: which line of its card, and which statement of it."""

from __future__ import annotations

from html import unescape
from typing import Final

from telegram import InlineKeyboardMarkup, Update

from handlers.people.staff import Role
from handlers.rendering import Speech, speech
from handlers.rendering.status import line_name
from handlers.shared.answers import Row
from handlers.shared.buttons import CORRECT, StaleButton
from handlers.shared.context import BotContext
from handlers.shared.keys import argument, key
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.shared.words import html
from handlers.staff.correction_diff import head, worded
from handlers.staff.correction_form import KIND, ask_next, begun
from handlers.staff.corrections import answers_for, not_yours
from handlers.staff.entries import ref, region_in_bold, rows_of, to_entry
from handlers.staff.gate import Gate
from knowledge import store
from knowledge.answer import StatusLine
from knowledge.fields import Row as Entry
from knowledge.model import Region
from knowledge.proposing import Kind, Proposal, on_claim, on_line
from knowledge.snapshot import Snapshot
from knowledge.status import LINES, status

MAX_CLAIMS: Final = 12
"""Statements of a line that are shown to choose from; the fullest line of the shipped edition has 8."""


def handlers(gate: Gate) -> Handlers:
    """What is registered for it."""
    acts = {"b": begin, "h": offer_lines, "l": offer_claims, "c": take_claim, "n": take_missing, "m": take_remark}
    return [gate.button(CORRECT, act, Role.OFFICER, verb) for verb, act in acts.items()]


async def begin(update: Update, context: BotContext) -> None:
    """Ask which line of the card is to be corrected, below the card."""
    found = await _own(context)
    if found:
        await context.say(_offered(context, *found))


async def offer_lines(update: Update, context: BotContext) -> None:
    """Ask it again, in place."""
    found = await _own(context)
    if found:
        await context.replace(_offered(context, *found))


async def offer_claims(update: Update, context: BotContext) -> None:
    """Show what is recorded on a line, to choose from, in place."""
    found = await _own(context)
    if found is None:
        return
    region, s = found
    line = _line(context, region, argument(context, 2))
    entries = _entries(context, line)
    lines = [head(region.code, line.line.id, context.engine.snapshot, s)]
    lines += [f"{n}. {_told(row, context.engine.snapshot, s)}" for n, row in enumerate(entries, 1)]
    if line.line.of == "cohort":
        lines.append(s._("This is recorded of the whole cohort, and is not changed for one region. What do you mean?"))
    elif not entries:
        lines.append(s._("Nothing is recorded here yet."))
    back = [key(CORRECT, s, s._("‹ Back"), "h", region.code)]
    await context.replace(Reply(("\n".join(lines),), InlineKeyboardMarkup([*_choices(region, line, entries, s), back])))


async def take_claim(update: Update, context: BotContext) -> None:
    """A statement that is recorded is to be corrected."""
    found = await _own(context)
    if found is None:
        return
    region, s = found
    line = _line(context, region, argument(context, 2))
    row = next(
        (row for row in _entries(context, line) if argument(context, 3) in (row["id"], ref("claims", row["id"]))), None
    )
    if row is None:
        await context.replace(_offered(context, region, s, s._("That statement is not there any more.")))
        return
    kind = on_claim(context.engine.snapshot.claims[row["id"]])
    await _ask(context, Proposal(kind, region.code, line.line.id, s.language, row["id"]), row)


async def take_missing(update: Update, context: BotContext) -> None:
    """Something is missing on a line."""
    await _without_claim(context, "add")


async def take_remark(update: Update, context: BotContext) -> None:
    """Something is to be said about a line as a whole."""
    await _without_claim(context, "remark")


async def _without_claim(context: BotContext, kind: Kind) -> None:
    found = await _own(context)
    if found is None:
        return
    region, s = found
    line = _line(context, region, argument(context, 2)).line
    if kind not in on_line(line):
        raise StaleButton(line.id)
    year = status(context.engine.snapshot, region.code).year if line.of == "cohort" else None
    await _ask(context, Proposal(kind, region.code, line.id, s.language, period=str(year or "")), None)


async def _ask(context: BotContext, proposal: Proposal, before: Entry | None) -> None:
    """Begin the draft of a proposal."""
    data = begun(proposal, before)
    draft = context.people.drafts.begin(context.user_id, KIND, data, update_id=context.work.update_id)
    await ask_next(context, draft, data)


# ----------------------------------------------------------------------------------------------------------------- pieces


async def _own(context: BotContext) -> tuple[Region, Speech] | None:
    """The region that the button names, where the person answers for it; else that is said."""
    s, code = speech(context.button.language), argument(context, 1)
    region = context.engine.snapshot.regions.get(code)
    context.work.note("done", "correct", s.language)
    if region is None or region.level != "regency":
        raise StaleButton(code)
    await context.seen()
    if answers_for(context, code):
        return region, s
    context.work.note("refused", "correct", s.language)
    if context.people.staff.role(context.user_id) > Role.OFFICER:
        keyboard = InlineKeyboardMarkup([[to_entry("regions", code, s._("Show the entry"), s)]])
        await context.say(Reply((s._("You are an admin: change it yourself, in the entry."),), keyboard))
    else:
        await context.say(Reply((not_yours(context, code, s),)))
    return None


def _offered(context: BotContext, region: Region, s: Speech, trouble: str = "") -> Reply:
    """The lines of a region's card, to choose from."""
    buttons = (
        key(CORRECT, s, f"{line_name(line.line.id, s)} ({len(line.claims)})", "l", region.code, line.line.id)
        for line in _lines(context, region)
    )
    text = s._("What is to be corrected or added? Behind each line is how many statements are recorded on it.")
    lines = [f"❗ {trouble}\n"] if trouble else []
    name = region_in_bold(region.code, context.engine.snapshot, s)
    return Reply(("\n".join([*lines, name, text]),), InlineKeyboardMarkup(rows_of(buttons, 2)))


def _lines(context: BotContext, region: Region) -> list[StatusLine]:
    """The lines of the card, and the last one even where nothing stands on it: whatever fits nowhere else is said there."""
    lines = status(context.engine.snapshot, region.code).lines
    last = [] if lines[-1].line is LINES[-1] else [StatusLine(LINES[-1], ())]
    return [*lines, *last]


def _line(context: BotContext, region: Region, id: str) -> StatusLine:
    found = next((line for line in _lines(context, region) if line.line.id == id), None)
    if found is None:
        raise StaleButton(id)
    return found


def _entries(context: BotContext, line: StatusLine) -> list[Entry]:
    """What is recorded on a line, as it is stored at this moment."""
    stored = store.claims(context.services.knowledge_dir)
    return [stored[claim.id] for claim in line.claims if claim.id in stored][:MAX_CLAIMS]


def _choices(region: Region, line: StatusLine, entries: list[Entry], s: Speech) -> list[Row]:
    """What may be meant: one of the statements, or something that is not there."""
    named = (region.code, line.line.id)
    if line.line.of == "cohort":
        ways = {
            "add": ("n", s._("It was otherwise in our region")),
            "remark": ("m", s._("It is wrong for the whole cohort")),
        }
        return [[key(CORRECT, s, ways[kind][1], ways[kind][0], *named)] for kind in on_line(line.line)]
    rows = [
        [key(CORRECT, s, f"{n}. {_plain(row, s)}", "c", *named, ref("claims", row["id"]))]
        for n, row in enumerate(entries, 1)
    ]
    if "add" in on_line(line.line):
        return [*rows, [key(CORRECT, s, s._("Something is missing here"), "n", *named)]]
    return [*rows, [key(CORRECT, s, s._("Something else about it"), "m", *named)]]


def _told(row: Entry, snapshot: Snapshot, s: Speech) -> str:
    """A statement with its sources, as HTML."""
    sources = snapshot.sources_of([snapshot.claims[row["id"]]]) if row["id"] in snapshot.claims else ()
    return f"{worded(row, s)} [{html(s.few(sources))}]"


def _plain(row: Entry, s: Speech) -> str:
    """The same for a button's label."""
    return unescape(worded(row, s))
