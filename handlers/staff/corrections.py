"""What becomes of a proposal: the admins are told of it, and whoever made it of the decision and why."""

from __future__ import annotations

from functools import partial
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from handlers.people import People
from handlers.people.corrections import Correction, State
from handlers.people.staff import Role
from handlers.rendering import Speech, speech
from handlers.shared.answers import Row
from handlers.shared.buttons import CORRECT, CORRECTIONS, STATUS
from handlers.shared.context import BotContext
from handlers.shared.keys import key
from handlers.shared.message import Reply
from handlers.shared.words import html
from handlers.staff.correction_diff import about, diff, worded
from handlers.staff.entries import changed_lines, region_name
from handlers.staff.words import office, person, position, speech_of, tell
from knowledge import history
from knowledge.changes import RowChange
from knowledge.fields import Row as Entry
from knowledge.snapshot import Snapshot

MAX_CHANGED: Final = 3
"""Statements of a change that whoever proposed it reads: what was proposed is one, a contradiction beside it another."""
_UNTOLD: Final = ("text_id", "text_en", "value", "sources", "conflicts_with", "review_by")
"""Columns of a claim that are told in other ways, or to admins alone."""


def answers_for(context: BotContext, region: str) -> bool:
    """Whether the person is an officer of a region at this moment."""
    return region in context.people.staff.regions_of(context.user_id)


def not_yours(context: BotContext, region: str, s: Speech) -> str:
    """What is said to whoever is no officer of the region (any more), as HTML."""
    name = region_name(region, context.engine.snapshot, s)
    return s._("{region} is not one of your regions (any more). Nothing was sent.", region=html(name))


def who(made: Correction, people: People, snapshot: Snapshot, s: Speech) -> str:
    """Who proposed something, as HTML: name, number, region, position and office; and whether they still answer for it."""
    member, region = people.staff.numbered(made.member), made.proposal.region
    if member is None:
        return s._("somebody who had their data deleted")
    told = f"{person(member, s)}, {html(position(Role.OFFICER, (region,), snapshot, s))}"
    if said := office(people, member, region):
        told += f" ({html(said)})"
    ended = not member.user_id or (member.role == Role.OFFICER and region not in member.regions)
    return " ".join((told, s._("(not any more)"))) if ended else told


def state_of(made: Correction, s: Speech) -> str:
    """How far a proposal is, in a line of plain text."""
    told = {
        "open": s._("waits for a decision"), "accepted": s._("accepted"), "refused": s._("refused"), "withdrawn": s._("withdrawn by whoever made it"),
    }[made.state]  # fmt: skip
    return f"{told}, {s.date(made.decided_day)}" if made.decided_day else told


def to_own(number: int, s: Speech) -> InlineKeyboardButton:
    """A button to one's own proposal."""
    return key(CORRECT, s, s._("Show the proposal"), "v", str(number))


def to_list(s: Speech) -> Row:
    """The way back to the proposals, for those who decide."""
    return [key(CORRECTIONS, s, s._("‹ To the proposals"), "l", "0")]


def told(text: str, s: Speech) -> Reply:
    """A text with the way back to the proposals."""
    return Reply((text,), InlineKeyboardMarkup([to_list(s)]))


def gone(s: Speech) -> Reply:
    """There is nothing (more) to decide."""
    return told(s._("This proposal is decided on or withdrawn, or no longer kept."), s)


async def announce(context: BotContext, number: int) -> None:
    """Tell the admins of a new proposal, each in their language."""
    made = context.people.corrections.get(number)
    assert made is not None
    for admin in context.people.staff.reachable(Role.ADMIN):
        s, snapshot = speech_of(context, admin), context.engine.snapshot
        by = who(made, context.people, snapshot, s)
        head = s._("<b>Proposal no. {number}</b>, by: {who}", number=number, who=by)
        button = key(CORRECTIONS, s, s._("Open the proposal"), "v", str(number))
        await tell(context, admin, "\n".join([head, *diff(made, snapshot, s)]), InlineKeyboardMarkup([[button]]))


# -------------------------------------------------------------------------------------------------------------- decisions


def pending(context: BotContext, number: int) -> Correction | None:
    """A proposal that can be decided on now; None where it was before, is withdrawn, or not kept. Decided on by this very
    update before a kill, it is told to the end."""
    return context.people.corrections.pending(number, context.work.update_id)


async def accepted(context: BotContext, number: int, change_id: int) -> None:
    """A proposal led to a change of the knowledge: whoever made it reads what was and what is now. Nothing happens where
    another decision came first. ``change_id``: 0 where it led to none of its own."""
    made = pending(context, number)
    if made is None:
        return
    _decide(context, made, "accepted", change=change_id)
    rows = history.rows(context.services.knowledge_dir, change_id, table="claims") if change_id else []
    await _tell(context, made, agreement(made, rows, context.engine.snapshot))


async def refused(context: BotContext, made: Correction, note: str) -> None:
    """A proposal that waits (see :func:`pending`) is not followed, for a reason that whoever made it reads."""
    _decide(context, made, "refused", note)
    await _tell(context, made, refusal(made, note, context.engine.snapshot))


def _decide(context: BotContext, made: Correction, state: State, note: str = "", change: int = 0) -> None:
    """Decide at once, before anybody is told: of two who decide at the same moment, the second finds nothing that waits."""
    corrections, actor, update_id = (
        context.people.corrections,
        context.people.staff.actor(context.user_id),
        context.work.update_id,
    )
    context.people.apply(lambda: corrections.decide(made.id, state, actor, note, change=change, update_id=update_id))


async def reopened(context: BotContext, change_id: int) -> list[int]:
    """A change was taken back: the proposals that it settled wait for a decision again, and whoever made them is told. Their
    numbers are returned."""
    again = context.people.corrections.settled_by(change_id)
    for made in again:
        context.work.later(partial(context.people.corrections.reopen, made.id))
        s = speech(made.proposal.language)
        text = s._(
            "What your proposal no. {number} led to was taken back. It waits for a decision again.", number=made.id
        )
        await _tell(context, made, f"{text}\n{about(made, context.engine.snapshot, s)}")
    return [made.id for made in again]


def agreement(made: Correction, rows: list[RowChange], snapshot: Snapshot) -> str:
    """What whoever proposed it reads when it is accepted, as HTML. ``rows``: what was changed; nothing where it was settled in
    another way."""
    s = speech(made.proposal.language)
    claims = [row for row in rows if row.table == "claims" and _bears(row)]
    lines = [s._("✅ Your proposal no. {number} is accepted and published.", number=made.id), about(made, snapshot, s)]
    if not claims:
        lines[0] = s._(
            "✅ Your proposal no. {number} was looked at and is settled. The card shows how it stands.", number=made.id
        )
    texts = {row.after[made.proposal.column] for row in claims if row.after}
    if claims and made.proposal.kind != "remark" and made.proposal.text and made.proposal.text not in texts:
        lines[0] = s._("✅ Your proposal no. {number} is accepted, and published with changes.", number=made.id)
    return "\n".join([*lines, *published(rows, snapshot, s)])


def refusal(made: Correction, note: str, snapshot: Snapshot) -> str:
    """What they read when it is refused, as HTML."""
    s = speech(made.proposal.language)
    text = s._("Your proposal no. {number} is not accepted: {note}", number=made.id, note=html(note))
    return f"{text}\n{about(made, snapshot, s)}"


def published(rows: list[RowChange], snapshot: Snapshot, s: Speech) -> list[str]:
    """What a change did to statements, as lines of HTML: was and now."""
    claims = [row for row in rows if row.table == "claims" and _bears(row)][:MAX_CHANGED]
    return [line for row in claims for line in _changed(row, snapshot, s)]


def _bears(row: RowChange) -> bool:
    """Whether a claim was changed in itself, rather than only now named beside one that disagrees."""
    before, after = dict(row.before or {}), dict(row.after or {})
    return any(before.get(column) != after.get(column) for column in (*before, *after) if column != "conflicts_with")


def _changed(row: RowChange, snapshot: Snapshot, s: Speech) -> list[str]:
    """What was and what is now."""
    was, now = (worded(version, s) if version else "" for version in (row.before, row.after))
    if row.after is None:
        return [s._("Was: {text}", text=f"<s>{was}</s>"), s._("Now: no longer told")]
    lines = [s._("Was: {text}", text=f"<s>{was}</s>")] if was and was != now else []
    lines.append(s._("Now: {text}", text=f"<b>{now}</b>"))
    if row.before:
        rest: Entry = {**row.after, **{column: row.before[column] for column in _UNTOLD}}
        lines += changed_lines("claims", row.before, rest, snapshot, s)
    known = [snapshot.sources[id] for id in row.after["sources"].split(";") if id in snapshot.sources]
    return [*lines, s._("Source: {source}", source=html(s.few(known)))]


async def _tell(context: BotContext, made: Correction, html: str) -> None:
    """Tell whoever proposed it, with the card below."""
    if made.user_id:
        s = speech(made.proposal.language)
        button = key(STATUS, s, s._("Show the card"), "v", made.proposal.region)
        await tell(context, made.user_id, html, InlineKeyboardMarkup([[button]]))
