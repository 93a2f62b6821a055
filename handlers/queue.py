"""What the bot could not answer: /antrean, /queue. Clusters of questions, each to be decided on with a tap."""

from __future__ import annotations

from typing import Final

from telegram import InlineKeyboardMarkup, Update

from handlers.people import People
from handlers.people.staff import Role
from handlers.rendering import Speech, speech
from handlers.shared import commands
from handlers.shared.answers import Row, page_row, paged
from handlers.shared.buttons import CORRECTIONS, QUEUE, REPORTS, REQUESTS
from handlers.shared.context import BotContext
from handlers.shared.keys import key, number
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.shared.words import html, shorten
from handlers.staff import proposals
from handlers.staff.clusters import clusters, ignored, meant, name_of
from handlers.staff.gate import Gate
from handlers.staff.proposal import asked
from handlers.staff.proposals import to_list
from handlers.staff.words import understood
from knowledge.meaning import Cluster

CLUSTERS_A_PAGE: Final = 5
MAX_EXAMPLE: Final = 200
"""Characters of an example that are shown."""


def handlers(gate: Gate) -> Handlers:
    """What is registered for the queue."""
    return [
        gate.command(commands.QUEUE, show, Role.ADMIN),
        gate.button(QUEUE, turn_page, Role.ADMIN, "l"),
        gate.button(QUEUE, view, Role.ADMIN, "v"),
        gate.button(QUEUE, leave_outside, Role.ADMIN, "o"),
        gate.button(QUEUE, ignore, Role.ADMIN, "i"),
        gate.button(QUEUE, close, Role.ADMIN, "d"),
        gate.button(QUEUE, confirm, Role.ADMIN, "y"),
        gate.button(QUEUE, confirm_all_the_same, Role.ADMIN, "f"),
        gate.button(QUEUE, give_up, Role.ADMIN, "x"),
    ]


async def show(update: Update, context: BotContext) -> None:
    """Show what waits for a decision."""
    await context.say(_list(context, context.speech, await clusters(context), 0))
    context.work.note("done", "queue", context.language)


async def turn_page(update: Update, context: BotContext) -> None:
    """Show a page of it, in place."""
    s = speech(context.button.language)
    await context.seen()
    await context.replace(_list(context, s, await clusters(context), number(context, 1)))
    context.work.note("done", "queue", s.language)


async def view(update: Update, context: BotContext) -> None:
    """Show one cluster: how often, since when, in which words, how it was understood, and what can be done."""
    s, cluster = speech(context.button.language), await meant(context)
    await context.seen()
    await context.replace(_view(context, s, cluster) if cluster else _decided(s))
    context.work.note("done", "queue", s.language)


async def leave_outside(update: Update, context: BotContext) -> None:
    """Propose that it lies outside the programme: it is declined from then on."""
    await _propose(context, "outside")


async def ignore(update: Update, context: BotContext) -> None:
    """Propose that it is ignored for good."""
    await _propose(context, "ignore")


async def close(update: Update, context: BotContext) -> None:
    """Close what is answered by now, because something else was changed; whoever waits for it is told."""
    await _propose(context, "answer")


async def confirm(update: Update, context: BotContext) -> None:
    """Do what was proposed."""
    await _confirmed(context, all_the_same=False)


async def confirm_all_the_same(update: Update, context: BotContext) -> None:
    """Do it although a question breaks."""
    await _confirmed(context, all_the_same=True)


async def give_up(update: Update, context: BotContext) -> None:
    """Drop what is half-finished: another name, an answer."""
    s, drafts = speech(context.button.language), context.people.drafts
    draft = drafts.get(number(context, 1), context.user_id)
    await context.seen()
    context.work.note("done", "queue", s.language)
    if draft:
        context.work.later(lambda: drafts.drop(draft.id))
    text = s._("Stopped. What was half-finished is dropped; nothing was changed.")
    await context.replace(Reply((text,), InlineKeyboardMarkup([to_list(s)])))


async def _propose(context: BotContext, decision: proposals.Decision) -> None:
    s, cluster = speech(context.button.language), await meant(context)
    await context.seen()
    context.work.note("done", "queue", s.language)
    if cluster is None:
        await context.replace(_decided(s))
        return
    claim = "" if decision == "outside" else None
    await context.replace(await proposals.offer(context, s, proposals.proposed(asked(cluster), decision, claim=claim)))


async def _confirmed(context: BotContext, *, all_the_same: bool) -> None:
    s = speech(context.button.language)
    await context.seen()
    context.work.note("done", "queue", s.language)
    await proposals.confirmed(context, s, number(context, 1), all_the_same=all_the_same)


# ----------------------------------------------------------------------------------------------------------------- views


def _list(context: BotContext, s: Speech, found: list[Cluster], page: int) -> Reply:
    shown, page, of = paged(found, page, CLUSTERS_A_PAGE)
    head = s._("What I could not answer")
    lines = [f"<b>{head}</b>", *(_line(cluster, s) for cluster in shown)]
    beside = _beside(context.people, s)
    if not found:
        lines.append(s._("No question waits for a decision.") if beside else s._("Nothing waits for a decision."))
    rows: list[Row] = [[key(QUEUE, s, cluster.examples[0], "v", *name_of(cluster))] for cluster in shown]
    if of > 1:
        rows.append(page_row(QUEUE, ("l",), page, of, s.language))
    put_away = len(ignored(context.people.queue))
    if put_away:
        rows.append([key(QUEUE, s, s._("Ignored ({n})", n=put_away), "g", "0")])
    rows += beside
    return Reply(("\n".join(lines),), InlineKeyboardMarkup(rows) if rows else None)


def _beside(people: People, s: Speech) -> list[Row]:
    """What else waits for a decision."""
    reports, requests, proposed = (len(kind.open()) for kind in (people.reports, people.requests, people.corrections))
    waiting = (
        (reports, REPORTS, s._("Reports ({n})", n=reports)),
        (requests, REQUESTS, s._("Requests ({n})", n=requests)),
        (proposed, CORRECTIONS, s._("Proposals ({n})", n=proposed)),
    )
    return [[key(action, s, label, "l", "0")] for n, action, label in waiting if n]


def _line(cluster: Cluster, s: Speech) -> str:
    return s._(
        "• {times}×, {language}, last {day}: <i>{example}</i>",
        times=s.number(cluster.times), language=_language(cluster, s), day=s.date(cluster.last),
        example=html(shorten(cluster.examples[0], MAX_EXAMPLE)),
    )  # fmt: skip


def _view(context: BotContext, s: Speech, cluster: Cluster) -> Reply:
    answer = context.engine.answer(cluster.examples[0], preference=cluster.language).answer
    words = understood(answer.trace.spans, context.engine.snapshot, s)
    waiting = proposals.waiting_for(context, asked(cluster))
    lines = [
        s._("<b>{times}×, {language}</b>", times=s.number(cluster.times), language=_language(cluster, s)),
        s._("First {first}, last {last}", first=s.date(cluster.first), last=s.date(cluster.last)),
        *(f"• <i>{html(shorten(text, MAX_EXAMPLE))}</i>" for text in cluster.examples),
        s._("Why there was no answer: {reasons}", reasons=", ".join(_reason(r, s) for r in sorted(cluster.reasons))),
    ]
    if words:
        lines.append(s._("How it is understood: {words}", words=html(shorten(words, 4 * MAX_EXAMPLE))))
    if waiting:
        lines.append(s.ngettext("{n} person waits for an answer.", "{n} people wait for an answer.", len(waiting)))
    name = name_of(cluster)
    rows: list[Row] = []
    if answer.outcome == "answered":
        lines.append(s._("By now this is answered."))
        rows.append([key(QUEUE, s, s._("Take it off the queue"), "d", *name)])
    rows += [
        [key(QUEUE, s, s._("It is another name for …"), "a", *name)],
        [key(QUEUE, s, s._("Write the answer"), "w", *name)],
        [key(QUEUE, s, s._("Out of scope"), "o", *name), key(QUEUE, s, s._("Ignore for good"), "i", *name)],
        to_list(s),
    ]
    return Reply(("\n".join(lines),), InlineKeyboardMarkup(rows))


def _language(cluster: Cluster, s: Speech) -> str:
    return s._("Indonesian") if cluster.language == "id" else s._("English")


def _reason(reason: str, s: Speech) -> str:
    """Why a question found no answer (see :class:`knowledge.answer.UnknownBlock`), in words."""
    return {
        "out_of_scope": s._("outside what I know"),
        "unknown_region": s._("a name that I do not know"),
        "no_such_region": s._("no region of that name"),
        "no_fact": s._("a region, but nothing recorded on that"),
        "no_region_named": s._("no region was named"),
        "now": s._("how it is today"),
        "empty": s._("no words with a meaning"),
    }.get(reason, reason)


def _decided(s: Speech) -> Reply:
    return Reply((s._("This was decided on meanwhile."),), InlineKeyboardMarkup([to_list(s)]))
