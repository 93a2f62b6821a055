"""Those who wait for an answer are told: once each, and nobody is forgotten when the bot is killed meanwhile.

Whoever is told waits no more, which is written down at once: what a kill can do is that one message comes a second time.
"""

from __future__ import annotations

import asyncio
from functools import partial
from html import escape
from typing import Final

import structlog
from telegram.error import Forbidden, TelegramError

from handlers.people.queue import Waiting
from handlers.rendering import speech
from handlers.rendering.telegram import MAX_LENGTH, visible_length
from handlers.shared.answers import reply, told_by
from handlers.shared.message import Reply
from handlers.shared.services import Services
from handlers.shared.words import shorten
from handlers.transport.api import RawBot
from knowledge import Answer, Engine
from knowledge.snapshot import Snapshot
from knowledge.taught import TOPIC as TAUGHT

MAX_QUESTION: Final = 300
"""Characters of the question that are repeated."""

log = structlog.get_logger(__name__)


async def tell(bot: RawBot, services: Services) -> int:
    """Tell everybody whose question is answered by now, or declined for good, and return how many were told. The others go
    on waiting."""
    told = 0
    async with services.telling:
        people, engine = services.people, services.engine
        for who, answer in await asyncio.to_thread(_answers, engine, people.queue.waiting()):
            if people.queue.waits(who.user_id, who.language, who.meaning):
                reachable = not people.profiles.unreachable(who.user_id)
                if reachable and await _send(bot, services, who, _said(bot, engine.snapshot, who, answer)):
                    told += 1
                    people.apply(partial(people.given.note, who.user_id, told_by(answer)))
                people.apply(partial(people.queue.told, who))
    return told


async def catch_up(bot: RawBot, services: Services) -> None:
    """The same where the knowledge changed since it was looked last."""
    if services.told != services.state:
        state = services.state
        await tell(bot, services)
        services.told = state


def _answers(engine: Engine, waiting: list[Waiting]) -> list[tuple[Waiting, Answer]]:
    """What the bot says by now to those who wait, where that is something new."""
    answers = [(who, engine.answer(who.question, preference=who.language).answer) for who in waiting]
    return [(who, a) for who, a in answers if a.outcome == "answered" or a.trace.topic == TAUGHT]


async def _send(bot: RawBot, services: Services, who: Waiting, said: Reply) -> bool:
    people = services.people
    for at, part in enumerate(said.parts):
        keyboard = said.keyboard if at == len(said.parts) - 1 else None
        try:
            sent = await bot.raw_send(who.user_id, part, keyboard)
        except Forbidden:
            people.apply(partial(people.unreachable, who.user_id))
            return False
        except TelegramError as error:
            log.warning("who waits is not told", error=type(error).__name__)
            return False
        people.inbox.record(-who.user_id, sent, who.user_id, sent, None, who.question)
    return True


def _said(bot: RawBot, snapshot: Snapshot, who: Waiting, answer: Answer) -> Reply:
    s, question = speech(who.language), escape(shorten(who.question, MAX_QUESTION), quote=False)
    if answer.outcome != "answered":
        text = s._(
            "You wanted to know: <i>{question}</i>\nIt was looked at: this is outside what I can answer, so I will not come "
            "back to it.",
            question=question,
        )
        return Reply((text,))
    head = s._("You wanted to know: <i>{question}</i>\nNow I can answer it.", question=question)
    said = reply(answer, snapshot, bot.bot, private=True)
    first, *others = said.parts
    if visible_length(head) + visible_length(first) + 2 <= MAX_LENGTH:
        return Reply((f"{head}\n\n{first}", *others), said.keyboard)
    return Reply((head, *said.parts), said.keyboard)
