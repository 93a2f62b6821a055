"""Inline mode: the bot's name and a few letters, in any chat."""

from __future__ import annotations

from typing import Final

from telegram import InlineQueryResultArticle, InlineQueryResultsButton, Update
from telegram.ext import ChosenInlineResultHandler, InlineQueryHandler

from handlers.people import moment
from handlers.rendering import speech
from handlers.shared import cards
from handlers.shared.context import BotContext
from handlers.shared.counting import count_as
from handlers.shared.registering import Handlers
from handlers.transport.outbox import tolerant
from knowledge import language
from knowledge.answer import Filter
from knowledge.dialogue import Context as Conversation
from knowledge.model import Language
from knowledge.query import Query

RESULTS_A_PAGE: Final = 15
CACHE_SECONDS: Final = 300
"""How long Telegram may show an answer again without asking; an edit of the knowledge is seen after that at the latest."""
STARTING_TOPICS: Final = ("definition", "partners", "dimensions", "quick_win")
"""Shown before anything is typed, after the cohorts."""


def handlers() -> Handlers:
    """What is registered for inline mode."""
    return [InlineQueryHandler(answer), ChosenInlineResultHandler(chosen)]


async def answer(update: Update, context: BotContext) -> None:
    """Show cards for what is typed so far; for nothing yet, starting points."""
    query = update.inline_query
    assert query is not None
    typed = query.query.strip()
    own = language.clear(context.engine.reader.read(typed).votes) if typed else None
    speak = own or context.language
    found = _found(context, typed, speak) if typed else _starting_points(context, speak)
    first = int(query.offset) if query.offset.isdecimal() else 0
    page = found[first : first + RESULTS_A_PAGE]
    more = str(first + RESULTS_A_PAGE) if first + RESULTS_A_PAGE < len(found) else None
    s = speech(speak)
    label = s._("Ask the bot itself") if found else s._("Nothing found: ask the bot itself")
    with tolerant():
        await query.answer(
            page,
            # Telegram keeps one answer a query for everybody: only what does not depend on the person may be shared.
            is_personal=own is None,
            cache_time=CACHE_SECONDS,
            next_offset=more,
            button=InlineQueryResultsButton(label, start_parameter="inline"),
        )
    context.work.note("answered" if found else "unknown", "inline", speak)


async def chosen(update: Update, context: BotContext) -> None:
    """Somebody sent a card: noted in the log, and counted as asked."""
    result = update.chosen_inline_result
    assert result is not None
    context.work.note("done", f"chosen {result.result_id}")
    about, _, spoken = result.result_id.rpartition("-")
    if spoken in ("id", "en"):
        count_as(context, "answered", spoken, cards.subject_of(about))


def _found(context: BotContext, typed: str, speak: Language) -> list[InlineQueryResultArticle]:
    """The answer to what is typed, where it is a question, and the regions whose names begin so. A statement stands behind
    them: "sura" is rather on its way to Surabaya than a "surat" with a letter missing."""
    engine, bot = context.engine, context.bot.bot
    found = [cards.card(region, engine, bot, speak) for region in engine.search.regions(typed)]
    reply = engine.answer(typed, preference=speak, now=moment.now()).answer
    if reply.outcome == "answered" and reply.kind != "smalltalk":
        one = cards.article(reply, engine, bot)
        found.insert(len(found) if reply.kind == "fact" else 0, one)
    return list({one.id: one for one in found}.values())


def _starting_points(context: BotContext, speak: Language) -> list[InlineQueryResultArticle]:
    engine, bot = context.engine, context.bot.bot
    years = [cohort.year for cohort in engine.snapshot.cohorts.values() if cohort.movement]
    lists = [
        cards.article(engine.show(Query("list", filter=Filter(years=(year,))), Conversation(language=speak)).answer, engine, bot)
        for year in years
    ]  # fmt: skip
    return lists + [cards.topic(topic, engine, bot, speak) for topic in STARTING_TOPICS]
