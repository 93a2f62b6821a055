"""A decision on a cluster: tried, shown, confirmed with one tap, published, and told to those who wait."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any, Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from handlers.people.queue import Decision
from handlers.rendering import Speech, speech
from handlers.shared.answers import Row as Keys
from handlers.shared.buttons import HISTORY, QUEUE
from handlers.shared.context import BotContext
from handlers.shared.keys import key
from handlers.shared.message import Reply
from handlers.shared.words import html
from handlers.staff import publishing, telling
from handlers.staff.clusters import clusters, letter_of, meant, short
from handlers.staff.proposal import Asked, Proposal, asked, effects, fitting, head
from handlers.staff.trial import Trial, trial
from knowledge import Engine, KnowledgeError, editing, history, store
from knowledge.changes import Change, RowChange
from knowledge.fields import MAX_LINE
from knowledge.taught import TOPIC as TAUGHT

KIND: Final = "queue"
"""The kind of the drafts."""
MAX_OTHERS: Final = 50
"""Other questions without answer of which it is seen beforehand whether they would get one: what a new answer says must not be
told to whoever asks something else with the same rare word."""


def proposed(
    asked: Asked, decision: Decision, added: Sequence[RowChange] = (), source: str = "", claim: str | None = None
) -> Proposal:  # fmt: skip
    """A decision on a cluster.

    Args:
        asked: what is decided on.
        decision: what it is.
        added: what is added to the knowledge.
        source: ids of the sources.
        claim: the claim that answers each of its questions; "" where they lie outside the programme; None where no
            phrasings are wanted.
    """
    rows = [{"table": row.table, "before": row.before, "after": row.after} for row in added]
    if claim is not None:
        lines = dict.fromkeys(" ".join(text.split()) for text in asked.examples.values())
        rows += [
            {
                "table": "phrasings",
                "before": None,
                "after": {"language": asked.language, "question": line, "claim": claim},
            }
            for line in lines
            if len(line) <= MAX_LINE
        ]
    return Proposal(asked.language, asked.examples, decision, rows, source)


async def begun(context: BotContext, kind: str) -> tuple[int, dict[str, Any]] | None:
    """A new draft on the cluster that the pressed button names: its number and what it holds. None where that is decided on, or
    the button was pressed before, which is said."""
    cluster = await meant(context)
    if cluster is None:
        s = speech(context.button.language)
        await context.seen(s._("This was decided on meanwhile."), alert=True)
        return None
    if not await context.seen_once():
        return None
    data = asdict(asked(cluster))
    return context.people.drafts.begin(context.user_id, kind, data, update_id=context.work.update_id), data


async def offer(context: BotContext, s: Speech, proposal: Proposal, finished: int = 0) -> Reply:
    """The preview of a proposal, which is kept as a draft. ``finished``: the draft that led to it, which goes."""
    proposal = overwriting(proposal, context.engine)
    tried = Trial()
    if proposal.rows:
        others = [cluster.examples[0] for cluster in await clusters(context)]
        tried = await trial(context, proposal.changes, (*proposal.examples.values(), *others[:MAX_OTHERS]))
    proposal = replace(proposal, broken=[effect.question for effect in tried.broken])
    drafts = context.people.drafts
    if tried.findings:
        lines = [s._("This cannot be done:"), *(f"• {html(s.told(found.said))}" for found in tried.findings)]
        return Reply((fitting(lines),), InlineKeyboardMarkup([[back_to(s, proposal)]]))
    draft_id = drafts.begin(context.user_id, KIND, asdict(proposal), update_id=context.work.update_id)
    if finished:
        context.work.later(lambda: drafts.drop(finished))
    waiting = len(waiting_for(context, proposal))
    lines = [*head(s, proposal, context.engine.snapshot, waiting), *effects(s, proposal, tried)]
    rows: list[Keys] = [[key(QUEUE, s, s._("Yes, do it"), "y", str(draft_id))], [back_to(s, proposal)]]
    return Reply((fitting(lines),), InlineKeyboardMarkup(rows))


async def confirmed(context: BotContext, s: Speech, draft_id: int, *, all_the_same: bool) -> None:
    """Do what a draft says, or ask once more where a question would break that works now."""
    draft = context.people.drafts.get(draft_id, context.user_id)
    if draft is None or draft.kind != KIND:
        await context.replace(Reply((s._("This was finished or dropped before, or is older than a day."),)))
        return
    proposal = Proposal(**draft.data)
    if proposal.broken and not all_the_same:
        text = s.ngettext(
            "{n} question that is answered well now would no longer be. Really go on?",
            "{n} questions that are answered well now would no longer be. Really go on?",
            len(proposal.broken),
        )
        lines = [text, *(f"• {html(question)}" for question in proposal.broken)]
        rows: list[Keys] = [[key(QUEUE, s, s._("Do it all the same"), "f", str(draft_id))], [back_to(s, proposal)]]
        await context.replace(Reply((fitting(lines),), InlineKeyboardMarkup(rows)))
        return
    number = 0
    if proposal.rows:
        try:
            number = await publishing.publish(context, _change(context, proposal, draft.token))
        except KnowledgeError as error:
            rows = [[key(QUEUE, s, s._("Try again"), "y", str(draft_id))], [back_to(s, proposal)]]
            await context.replace(Reply((html(s.told(error.saying)),), InlineKeyboardMarkup(rows)))
            return
    await _finish(context, s, proposal, draft_id, number)


def _change(context: BotContext, proposal: Proposal, token: str) -> Change:
    changes = overwriting(_renumbered(context, proposal), context.engine).changes
    actor = context.people.staff.actor(context.user_id)
    return Change(actor, proposal.decision, "", proposal.source, changes, token=token)


async def _finish(context: BotContext, s: Speech, proposal: Proposal, draft_id: int, number: int) -> None:
    """Write down what is settled, say so, and tell those who wait."""
    queue, drafts, actor = context.people.queue, context.people.drafts, context.people.staff.actor(context.user_id)
    engine = context.engine
    done = proposal.examples
    if proposal.rows:
        done = await asyncio.to_thread(settled, engine, proposal)
    context.work.later(lambda: queue.decide(proposal.language, done, proposal.decision, actor))
    context.work.later(lambda: drafts.drop(draft_id))
    lines = [s._("Done. It is change no. {number}.", number=number) if number else s._("Done.")]
    left = len(proposal.examples) - len(done)
    if left:
        lines.append(
            s.ngettext(
                "{n} wording still finds no answer and stays in the queue.",
                "{n} wordings still find no answer and stay in the queue.",
                left,
            )
        )
    rows = [to_list(s)]
    if number:
        rows.insert(0, [key(HISTORY, s, s._("Undo"), "u", str(number))])
    elif proposal.decision == "ignore":
        name = (letter_of(proposal.language), short(next(iter(proposal.examples))))
        rows.insert(0, [key(QUEUE, s, s._("Put it back"), "b", *name)])
    await context.replace(Reply(("\n".join(lines),), InlineKeyboardMarkup(rows)))
    if proposal.decision != "ignore":
        told = await telling.tell(context.bot, context.services)
        if told:
            text = s.ngettext("{n} person who waited for it was told.", "{n} people who waited for it were told.", told)
            await context.say(Reply((text,)), quote=False)


def waiting_for(context: BotContext, what: Asked) -> set[int]:
    """Who waits for an answer to it."""
    waiting = context.people.queue.waiting()
    return {who.user_id for who in waiting if who.language == what.language and who.meaning in what.examples}


def settled(engine: Engine, proposal: Proposal) -> dict[str, str]:
    """Those of the meanings that are answered now, or declined as outside."""
    found = {}
    for meaning, text in proposal.examples.items():
        answer = engine.answer(text, preference=proposal.language).answer
        if answer.outcome == "answered" or answer.trace.topic == TAUGHT:
            found[meaning] = text
    return found


def next_claim(context: BotContext) -> str:
    """The number of the next claim of an admin."""
    folder = context.services.knowledge_dir
    return editing.claim_id(store.all_tables(folder), history.ever(folder, "claims"))


def _renumbered(context: BotContext, proposal: Proposal) -> Proposal:
    """The same with another number for a new claim, where somebody else used it meanwhile."""
    taken = next((r["after"]["id"] for r in proposal.rows if r["table"] == "claims"), "")
    if taken not in context.engine.snapshot.claims:
        return proposal
    free = next_claim(context)
    names = {"claims": "id", "phrasings": "claim"}
    rows = [
        {**row, "after": {**row["after"], names[row["table"]]: free}} if row["table"] in names else row
        for row in proposal.rows
    ]
    return replace(proposal, rows=rows)


def overwriting(proposal: Proposal, engine: Engine) -> Proposal:
    """The same, aware of what was taught for the very same words before: that is replaced."""
    known = {(p.language, p.question): p for p in engine.snapshot.phrasings}
    rows = []
    for row in proposal.rows:
        before = row["before"]
        if row["table"] == "phrasings":
            same = known.get((row["after"]["language"], row["after"]["question"]))
            before = {"language": same.language, "question": same.question, "claim": same.claim} if same else None
        if before != row["after"]:
            rows.append({**row, "before": before})
    return replace(proposal, rows=rows)


def back_to(s: Speech, proposal: Proposal) -> InlineKeyboardButton:
    return key(QUEUE, s, s._("‹ Back"), "v", letter_of(proposal.language), short(next(iter(proposal.examples))))


def to_cancel(s: Speech, draft_id: int) -> Keys:
    """Giving up what is half-finished, at every step of it."""
    return [key(QUEUE, s, s._("Cancel"), "x", str(draft_id))]


def to_list(s: Speech) -> Keys:
    """The way back to the queue."""
    return [key(QUEUE, s, s._("‹ To the queue"), "l", "0")]
