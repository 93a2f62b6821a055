"""Answers as articles, for inline mode and for questions from chats that the bot is not in."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InlineQueryResultArticle, InputTextMessageContent, User
from telegram.constants import ParseMode
from telegram.helpers import create_deep_linked_url

from handlers.rendering import document, plain, speech
from handlers.rendering.telegram import html_parts
from handlers.shared.references import said, subject
from handlers.shared.words import shorten
from knowledge import Answer, Engine
from knowledge import Context as Conversation
from knowledge.answer import Choice, Filter, ListBlock, showing
from knowledge.model import Language, Region

MAX_TITLE: Final = 100
MAX_DESCRIPTION: Final = 180
"""Characters that a result shows; phones cut longer ones off."""


def card(region: Region, engine: Engine, bot: User, language: Language) -> InlineQueryResultArticle:
    """A region's card, or a province's list."""
    return article(engine.choose(showing(region), Conversation(language=language)).answer, engine, bot)


def topic(name: str, engine: Engine, bot: User, language: Language) -> InlineQueryResultArticle:
    """The answer to a topic's question."""
    return article(engine.choose(Choice("topic", name), Conversation(language=language)).answer, engine, bot)


def article(answer: Answer, engine: Engine, bot: User) -> InlineQueryResultArticle:
    """An answer as one article. Its id says what it is about, so that the same thing has the same id every time."""
    s = speech(answer.language)
    message = document(answer, engine.snapshot)
    title, *more = [line.removeprefix("• ") for line in plain(message).splitlines()]
    id_, payload = _about(answer)
    link = create_deep_linked_url(bot.username or "", payload)
    named = subject(answer)
    if named:
        title, more = named[0], [title, *more]
    return InlineQueryResultArticle(
        f"{id_}-{answer.language}",
        shorten(title.removesuffix(":"), MAX_TITLE),
        InputTextMessageContent(html_parts(message)[0], ParseMode.HTML),
        description=shorten(" ".join(more), MAX_DESCRIPTION) or None,
        reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton(s._("Ask the bot"), url=link)]]),
    )


def subject_of(id_: str) -> str:
    """What a card is about by the id of :func:`_about`, in the words of :func:`handlers.shared.references.subject`."""
    found = re.fullmatch(r"(?:vr|r|s)(_\d\d_\d\d)|(t_\w+)", id_)
    return (f"r{found[1]}" if found[1] else found[2]) if found else ""


def _about(answer: Answer) -> tuple[str, str]:
    """A short stable id, and the deep link's payload that leads to the same."""
    named = subject(answer)
    if named:
        _, payload = named
        return (f"v{payload}" if payload.startswith("r_") and answer.kind != "region" else payload), payload
    match said(answer):
        case (ListBlock(filter=filter_),) if len(filter_.provinces) == 1 and filter_ == Filter(
            provinces=filter_.provinces
        ):
            return f"r_{filter_.provinces[0]}", f"r_{filter_.provinces[0]}"
        case (ListBlock(filter=filter_),) if len(filter_.years) == 1 and filter_ == Filter(years=filter_.years):
            return f"c_{filter_.years[0]}", f"c_{filter_.years[0]}"
    claims = ",".join(answer.trace.claims) or answer.trace.folded
    return "q_" + hashlib.sha256(claims.encode()).hexdigest()[:16], "inline"
