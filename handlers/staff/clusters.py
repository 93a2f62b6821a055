"""The questions that wait for a decision, clustered; thinking is done beside the answers."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping

from handlers.people.queue import Decided, Queue
from handlers.shared.buttons import StaleButton
from handlers.shared.context import BotContext
from handlers.shared.keys import argument
from knowledge import Engine
from knowledge.meaning import Cluster, Row
from knowledge.meaning import clusters as clustered
from knowledge.model import Language

_LETTERS: Mapping[str, Language] = {"i": "id", "e": "en"}


async def clusters(context: BotContext) -> list[Cluster]:
    """All clusters, the largest first."""
    queue, engine = context.people.queue, context.engine
    unknown, decided = queue.without_meaning(), queue.decisions()
    meanings, now = await asyncio.to_thread(_renewed, engine, unknown, decided)
    context.people.apply(lambda: keep(queue, meanings, now))
    return await asyncio.to_thread(clustered, queue.rows())


def clusters_now(queue: Queue, engine: Engine) -> list[Cluster]:
    """The same at once, for the command line; what is renewed is not written down."""
    meanings, now = _renewed(engine, queue.without_meaning(), queue.decisions())
    keep(queue, meanings, now)
    return clustered(queue.rows())


def _renewed(
    engine: Engine, unknown: list[str], decided: list[Decided]
) -> tuple[dict[str, str], list[tuple[Decided, str]]]:
    """Meanings of questions that have none, and what the decided ones mean as the knowledge is now."""
    return {text: engine.meaning(text) for text in unknown}, [(one, engine.meaning(one.example)) for one in decided]


def keep(queue: Queue, meanings: Mapping[str, str], now: list[tuple[Decided, str]]) -> None:
    """Write these down."""
    queue.set_meanings(meanings)
    queue.carry_over(now)


def ignored(queue: Queue) -> dict[str, list[Decided]]:
    """What is ignored for good, under the name that a button gives it: decisions on what means nearly the same together, the
    latest first."""
    decided = {(one.language, one.meaning): one for one in queue.decisions() if one.decision == "ignore"}
    rows = [Row(one.language, one.meaning, one.example, one.day, "") for one in decided.values()]
    found = sorted(clustered(rows), key=lambda cluster: cluster.last, reverse=True)
    return {":".join(name_of(c)): [decided[c.language, meaning] for meaning in c.signatures] for c in found}


def name_of(cluster: Cluster) -> tuple[str, str]:
    """What a button calls a cluster: its language in a letter, and a hash of its most frequent meaning."""
    return letter_of(cluster.language), short(cluster.signatures[0])


def letter_of(language: Language) -> str:
    """A language in one letter."""
    return next(letter for letter, known in _LETTERS.items() if known == language)


def short(meaning: str) -> str:
    """A meaning in 12 hexadecimal digits."""
    return hashlib.sha256(meaning.encode()).hexdigest()[:12]


async def meant(context: BotContext) -> Cluster | None:
    """The cluster that the pressed button names; None where it is decided by now.

    Raises:
        StaleButton: the button names none.
    """
    letter, name = argument(context, 1), argument(context, 2)
    if letter not in _LETTERS or not name:
        raise StaleButton(name)
    return find(await clusters(context), _LETTERS[letter], name)


def find(some: list[Cluster], language: Language, name: str) -> Cluster | None:
    """The cluster that holds a meaning, by its :func:`short` form."""
    return next((c for c in some if c.language == language and name in map(short, c.signatures)), None)
