"""Looking around without typing: provinces, then regions, then the card; cohorts; topics. One message, changed in place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from html import escape
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import CallbackQueryHandler, CommandHandler, filters

from handlers.people import moment
from handlers.rendering import Speech, speech
from handlers.shared import buttons, commands
from handlers.shared.answers import Row, page_row, paged, start_rows
from handlers.shared.buttons import BROWSE, Button, StaleButton
from handlers.shared.context import BotContext
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from knowledge import Context as Conversation
from knowledge.answer import Answer, Choice, Filter, Verdict, showing
from knowledge.model import Language
from knowledge.query import Query
from knowledge.suggestions import questions

PROVINCES_A_PAGE: Final = 20
"""In two columns."""
REGIONS_A_PAGE: Final = 10
TOPICS_A_PAGE: Final = 8


def handlers() -> Handlers:
    """What is registered for looking around."""
    return [
        CommandHandler(commands.BROWSE.names, begin, filters=filters.UpdateType.MESSAGE),
        CallbackQueryHandler(walk, buttons.pattern(BROWSE)),
    ]


async def begin(update: Update, context: BotContext) -> None:
    """Show the ways in."""
    await context.say(home(context, speech(context.language)))
    context.work.note("done", "browse", context.language)


async def walk(update: Update, context: BotContext) -> None:
    """Show the view that a button leads to."""
    view, *arguments = (*context.button.arguments, "")
    if view not in VIEWS:
        raise StaleButton(view)
    s = speech(context.button.language)
    try:
        said = VIEWS[view](context, s, *arguments[:-1])
    except (TypeError, ValueError, IndexError):
        raise StaleButton(view) from None
    await context.seen()
    await context.replace(said)
    context.work.note("done", "browse", s.language)


# ---------------------------------------------------------------------------------------------------------------- views


def home(context: BotContext, s: Speech) -> Reply:
    """The three ways in."""
    return Reply((s._("What would you like to look at?"),), InlineKeyboardMarkup(start_rows(s)))


def provinces(context: BotContext, s: Speech, page: str) -> Reply:
    """All provinces with the number of their participants."""
    snapshot = context.engine.snapshot
    taking = Counter(v.region.province for v in snapshot.participants)
    found = sorted((r for r in snapshot.regions.values() if r.level == "province"), key=lambda r: r.label(s.language))
    labels = [(f"{r.label(s.language)} ({taking[r.code]})", ("r", r.code, "0")) for r in found]
    text = s._("Provinces, with the number of participants of 2017-2019:")
    return _view(text, labels, PROVINCES_A_PAGE, ("p",), page, s, back=("h",), columns=2)


def regions(context: BotContext, s: Speech, province: str, page: str) -> Reply:
    """The regions of a province, participants first."""
    snapshot = context.engine.snapshot
    found = [snapshot.verdict(r.code) for r in snapshot.regencies_of(province)]
    found.sort(key=lambda v: (v.cohort or 9999, v.region.code))
    name = f"<b>{escape(snapshot.regions[province].label(s.language), quote=False)}</b>"
    taking = sum(bool(v.participant) for v in found)
    text = s._("{province}: {yes} of {all} regencies and cities took part.", province=name, yes=taking, all=len(found))
    labels = [(_marked(v, s.language), ("k", v.region.code, "r", province, page)) for v in found]
    return _view(text, labels, REGIONS_A_PAGE, ("r", province), page, s, back=("p", "0"))


def cohorts(context: BotContext, s: Speech) -> Reply:
    """The three cohorts, with as many participants as a question for them tells."""
    labels = [
        (s._("{year} (phase {phase}): {n}", year=c.year, phase=c.phase, n=_list(context, c.year).count), ("c", str(c.year), "0"))
        for c in context.engine.snapshot.cohorts.values() if c.movement
    ]  # fmt: skip
    return _view(s._("Cohorts of the movement, with the number of participants:"), labels, 10, (), "0", s, back=("h",))


def cohort(context: BotContext, s: Speech, year: str, page: str) -> Reply:
    """The regions of a cohort's list."""
    phase = context.engine.snapshot.cohorts[int(year)].phase
    found = _list(context, int(year))
    text = s._(
        "The {year} cohort (phase {phase}), {n} regions:", year=f"<b>{int(year)}</b>", phase=phase, n=found.count
    )
    labels = [(v.region.label(s.language), ("k", v.region.code, "c", year, page)) for v in found.regions]
    return _view(text, labels, REGIONS_A_PAGE, ("c", year), page, s, back=("y",))


def _list(context: BotContext, year: int) -> Answer:
    return context.engine.show(Query("list", filter=Filter(years=(year,))), Conversation()).answer


def card(context: BotContext, s: Speech, code: str, *back: str) -> Reply:
    """Everything about one region."""
    return _answer(context, s, showing(context.engine.snapshot.regions[code]), back or ("h",))


def topics(context: BotContext, s: Speech, page: str) -> Reply:
    """A question for every topic."""
    labels = [
        (text, ("t", topic, page))
        for topic, text in questions(s.language).items()
        if topic in context.engine.facts.topics
    ]
    return _view(s._("What is asked about the programme:"), labels, TOPICS_A_PAGE, ("q",), page, s, back=("h",))


def topic(context: BotContext, s: Speech, topic: str, page: str) -> Reply:
    """The answer to one of them."""
    return _answer(context, s, Choice("topic", topic), ("q", page))


VIEWS: Final[dict[str, Callable[..., Reply]]] = {
    "h": home, "p": provinces, "r": regions, "y": cohorts, "c": cohort, "k": card, "q": topics, "t": topic,
}  # fmt: skip
"""The views by the letter that stands for them in a button."""


def _answer(context: BotContext, s: Speech, choice: Choice, back: Sequence[str]) -> Reply:
    turn = context.engine.choose(choice, Conversation(language=s.language), now=moment.now())
    said = context.dressed(turn.answer)
    rows = [list(row) for row in said.keyboard.inline_keyboard] if said.keyboard else []
    context.remember(turn.context)
    return Reply(said.parts, InlineKeyboardMarkup([*rows, _back(back, s)]))


def _view(
    text: str, labels: Sequence[tuple[str, Sequence[str]]], size: int, here: Sequence[str], page: str, s: Speech, *,
    back: Sequence[str], columns: int = 1,
) -> Reply:  # fmt: skip
    """A page of buttons, with what turns pages and leads back."""
    on_page, number, of = paged(labels, int(page), size)
    shown = [
        InlineKeyboardButton(label, callback_data=Button(BROWSE, s.language, tuple(to)).encode())
        for label, to in on_page
    ]
    rows: list[Row] = [shown[at : at + columns] for at in range(0, len(shown), columns)]
    if of > 1:
        rows.append(page_row(BROWSE, tuple(here), number, of, s.language))
    return Reply((text,), InlineKeyboardMarkup([*rows, _back(back, s)]))


def _back(to: Sequence[str], s: Speech) -> Row:
    return [InlineKeyboardButton(s._("‹ Back"), callback_data=Button(BROWSE, s.language, tuple(to)).encode())]


def _marked(verdict: Verdict, language: Language) -> str:
    mark = f"✅ {verdict.cohort} · " if verdict.participant else "▫️ "
    return mark + verdict.region.label(language)
