"""What officers propose, for those who decide: read as was and is, and accepted into the usual form of a change."""

from __future__ import annotations

from typing import Final

from telegram import InlineKeyboardMarkup, Update

from handlers.people.corrections import Correction
from handlers.people.staff import Role
from handlers.rendering import Speech, speech
from handlers.shared.answers import Row, page_row, paged
from handlers.shared.buttons import CORRECTIONS, EDIT
from handlers.shared.context import BotContext
from handlers.shared.keys import key, number
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.shared.words import html
from handlers.staff import corrections
from handlers.staff.asking import KIND, ask_next
from handlers.staff.attached import send_attached
from handlers.staff.correction_accepting import form_of
from handlers.staff.correction_diff import about, diff, recorded
from handlers.staff.corrections import gone, state_of, to_list, told, who
from handlers.staff.entries import ref, region_name, title, to_entry
from handlers.staff.gate import Gate
from handlers.staff.proposals import to_list as to_queue
from knowledge import store
from knowledge.fields import Row as Entry
from knowledge.proposing import line_named
from knowledge.status import status

A_PAGE: Final = 5
MAX_CLAIMS: Final = 8
"""Statements of a line to choose from, where a remark leads to a change of one."""


def handlers(gate: Gate) -> Handlers:
    """What is registered for it."""
    acts = {"l": show, "v": view, "d": send_document, "a": accept, "k": settle}
    return [gate.button(CORRECTIONS, act, Role.ADMIN, verb) for verb, act in acts.items()]


async def show(update: Update, context: BotContext) -> None:
    """Show a page of the proposals that wait, in place."""
    s, snapshot, found = speech(context.button.language), context.engine.snapshot, context.people.corrections.open()
    await context.seen()
    context.work.note("done", "corrections", s.language)
    shown, page, of = paged(found, number(context, 1), A_PAGE)
    head = s._("Proposals of officers")
    lines = [f"<b>{head}</b>"]
    for made in shown:
        by = who(made, context.people, snapshot, s)
        lines.append(s._("• No. {number}, {day}, {who}: {about}", number=made.id, day=s.date(made.day), who=by, about=about(made, snapshot, s)))  # fmt: skip
    if not found:
        lines.append(s._("No proposal waits for a decision."))
    rows: list[Row] = [[key(CORRECTIONS, s, s._("No. {number}: {text}", number=m.id, text=m.proposal.text or "…"), "v", str(m.id))] for m in shown]  # fmt: skip
    if of > 1:
        rows.append(page_row(CORRECTIONS, ("l",), page, of, s.language))
    await context.replace(Reply(("\n".join(lines),), InlineKeyboardMarkup([*rows, to_queue(s)])))


async def view(update: Update, context: BotContext) -> None:
    """Show one proposal, in place: who made it, what was and what shall be, and what stands now."""
    s, made = speech(context.button.language), context.people.corrections.get(number(context, 1))
    await context.seen()
    context.work.note("done", "corrections", s.language)
    await context.replace(_view(context, made, s) if made else gone(s))


async def send_document(update: Update, context: BotContext) -> None:
    """Send the document that came with a proposal, below it."""
    s, made = speech(context.button.language), context.people.corrections.get(number(context, 1))
    context.work.note("done", "corrections", s.language)
    if made is None or not made.document:
        await context.seen()
        await context.replace(gone(s))
        return
    await context.seen()
    line = s._("Document of proposal no. {number}", number=made.id)
    if not await send_attached(context, context.chat_id, made.document, line):
        await context.say(Reply((s._("Telegram does not have that file any more. Ask the officer for it."),)))


async def accept(update: Update, context: BotContext) -> None:
    """Open the form of the change; for a remark, ask first what is to be changed."""
    found = await _pending(context)
    if found is None:
        return
    made, s = found
    if made.proposal.kind == "remark":
        await context.replace(_entries(context, made, s))
        return
    form = form_of(context, made, s)
    draft = context.people.drafts.begin(context.user_id, KIND, form, update_id=context.work.update_id)
    await ask_next(context, draft, form, s)


async def settle(update: Update, context: BotContext) -> None:
    """Accept it without a change of its own: it was corrected in another way."""
    found = await _pending(context)
    if found is None:
        return
    made, s = found
    await corrections.accepted(context, made.id, 0)
    await context.replace(told(s._("Proposal no. {number} is accepted.", number=made.id), s))


# ----------------------------------------------------------------------------------------------------------------- views


async def _pending(context: BotContext) -> tuple[Correction, Speech] | None:
    """The proposal of a button, if it still waits for a decision; else that is said."""
    s = speech(context.button.language)
    await context.seen()
    context.work.note("done", "corrections", s.language)
    made = corrections.pending(context, number(context, 1))
    if made is None:
        await context.replace(gone(s))
        return None
    return made, s


def _view(context: BotContext, made: Correction, s: Speech) -> Reply:
    snapshot, people, id = context.engine.snapshot, context.people, str(made.id)
    head = s._("<b>Proposal no. {number}</b>, {day}, by: {who}", number=made.id, day=s.date(made.day), who=who(made, people, snapshot, s))  # fmt: skip
    lines = [head, *diff(made, snapshot, s)]
    rows: list[Row] = []
    document = [key(CORRECTIONS, s, s._("Show the document"), "d", id)] if made.document else []
    if made.state != "open":
        lines += [f"<b>{html(state_of(made, s))}</b>", *([html(made.note)] if made.note else [])]
        return Reply(("\n".join(lines),), InlineKeyboardMarkup([*([document] if document else []), to_list(s)]))
    now = _stored(context, made)
    lines += _meanwhile(made, now, s)
    if made.proposal.kind != "remark" and made.proposal.text and not made.proposal.other:
        lines.append(s._("The text in the other language is missing: you are asked for it."))
    beside = people.corrections.beside(made.proposal, made.id)
    if beside:
        lines.append(s._("There are others on the same: compare them before you decide."))
    rows += [[key(CORRECTIONS, s, s._("Proposal no. {number}", number=one.id), "v", str(one.id))] for one in beside]
    about_it = to_entry("regions", made.proposal.region, s._("Show the entry"), s)
    if now:
        about_it = key(EDIT, s, s._("Show the entry"), "r", f"p{made.id}", ref("claims", now["id"]))
    rows += [
        [key(CORRECTIONS, s, s._("Accept"), "a", id), key(CORRECTIONS, s, s._("Refuse"), "r", id)],
        [*document, about_it],
        to_list(s),
    ]
    return Reply(("\n".join(lines),), InlineKeyboardMarkup(rows))


def _meanwhile(made: Correction, now: Entry | None, s: Speech) -> list[str]:
    """What stands now, where it is not what stood when it was proposed."""
    if made.before is None or now == made.before:
        return []
    if now is None:
        return [s._("⚠️ The statement was retired meanwhile. Accepted, it comes back as a new one.")]
    return [
        s._(
            "⚠️ The statement was changed meanwhile. It says now: {text}",
            text=recorded(now, made.proposal, s),
        )
    ]


def _stored(context: BotContext, made: Correction) -> Entry | None:
    """The statement that a proposal is about, as it stands."""
    return store.claims(context.services.knowledge_dir).get(made.proposal.claim)


def _entries(context: BotContext, made: Correction, s: Speech) -> Reply:
    """What may be changed after a remark: the statements of its line, or a new one about the region."""
    snapshot, region, settles = context.engine.snapshot, made.proposal.region, f"p{made.id}"
    stored = store.claims(context.services.knowledge_dir)
    line = line_named(made.proposal.line)
    on_line = [claim.id for one in status(snapshot, region).lines if one.line == line for claim in one.claims]
    ids = dict.fromkeys((made.proposal.claim, *on_line))
    entries = [stored[id] for id in ids if id in stored][:MAX_CLAIMS]
    rows: list[Row] = [[key(EDIT, s, title("claims", row, snapshot, s), "r", settles, ref("claims", row["id"]))] for row in entries]  # fmt: skip
    name = region_name(region, snapshot, s)
    rows += [
        [key(EDIT, s, s._("Add a statement on {region}", region=name), "n", "claims", "regions", region, settles)],
        [key(CORRECTIONS, s, s._("It is corrected already"), "k", str(made.id))],
        [key(CORRECTIONS, s, s._("‹ Back"), "v", str(made.id))],
    ]
    text = s._("Which entry is to be corrected? The officer is told once the correction is published.")
    return Reply((f"{about(made, snapshot, s)}\n{text}",), InlineKeyboardMarkup(rows))
