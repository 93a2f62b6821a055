"""The bot killed with SIGKILL twice while it tells three hundred followers of a change, over a network that fails at times: each
gets exactly one message, who blocked the bot none, and questions are answered meanwhile.

KILL_SEED in the environment begins the random moments elsewhere.
"""

from __future__ import annotations

import asyncio
import os
import random
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from followers import MASTERPLAN, edit, notices
from process import bot_process, handled
from running import furnish

from handlers.fake_telegram import FakeTelegram, User, serve
from handlers.fake_telegram.faults import Cut, ServerError, TooManyRequests
from handlers.fake_telegram.store import BLOCKED
from handlers.fake_telegram.wire import Event
from handlers.people import People

FOLLOWERS, GONE = 300, 10
SEED = int(os.environ.get("KILL_SEED", "7"))
FAULTS = (TooManyRequests(1), ServerError(502), Cut(True), Cut(False))


@pytest.mark.parametrize("one_sequence", [False, True], ids=["ids by chat", "ids by bot"])
def test_killed_twice_everybody_is_told_once(tmp_path: Path, one_sequence: bool) -> None:
    asyncio.run(scene(tmp_path, FakeTelegram(one_sequence=one_sequence), random.Random(SEED)))


async def scene(data_dir: Path, telegram: FakeTelegram, rng: random.Random) -> None:
    furnish(data_dir)
    people = [telegram.user(f"P{number}") for number in range(FOLLOWERS)]
    gone = people[:GONE]
    asker = telegram.user("Kate", language="en")
    told: set[int] = set()
    telegram.watchers.append(partial(watch, told))
    async with serve(telegram) as url:
        async with bot_process(url, data_dir, MESSAGES_PER_SECOND="0") as bot:
            for person in people:
                person.sends("/ikuti klaten")
            await handled(telegram)
            await telegram.until(lambda: all(telegram.said(person) for person in people), timeout=60)
            assert await bot.stop() == 0
        awake(data_dir, people)
        for person in gone:
            telegram.chats[person.id].state = BLOCKED  # the bot has not heard of it
        edit(data_dir, MASTERPLAN, text_id="Baru.", text_en="New.")
        telegram.faults.at_random(SEED, 0.03, FAULTS, ["sendMessage"])
        for kill in (1, 2):
            until = rng.randrange(30, 100) + len(told)
            async with bot_process(url, data_dir, MESSAGES_PER_SECOND="120") as bot:
                asker.sends(f"is Klaten a participant? {kill}")
                await telegram.until(lambda until=until: len(told) >= until, timeout=60)
                await asyncio.sleep(rng.uniform(0, 0.02))
                await bot.kill()
        async with bot_process(url, data_dir, MESSAGES_PER_SECOND="120") as bot:
            asker.sends("is Klaten a participant? 3")
            await telegram.until(lambda: len(told) >= FOLLOWERS - GONE, timeout=60)
            await telegram.until(lambda: not owing(data_dir), timeout=60)
            assert await bot.stop() == 0
    assert [len(notices(telegram, person)) for person in people] == [0] * GONE + [1] * (FOLLOWERS - GONE)
    assert sum(said.startswith("Yes, Klaten Regency") for said in telegram.said(asker)) >= 3
    with closing(People(data_dir)) as kept:
        assert kept.follows.followers() == [person.id for person in people[GONE:]]
        assert kept.notices.progress(1)[:4] == (FOLLOWERS, FOLLOWERS - GONE, GONE, 0)


def watch(told: set[int], event: Event) -> None:
    """Keep who has a notice."""
    if event.kind == "message" and event.content.get("text", "").startswith("🔔"):
        told.add(event.content["chat"]["id"])


def awake(data_dir: Path, people: list[User]) -> None:
    """Nobody has quiet hours: the bot goes by the clock of this computer."""
    with closing(People(data_dir)) as kept:
        for person in people:
            kept.apply(lambda person=person: kept.follows.wish(person.id, quiet_from=0, quiet_to=0))


def owing(data_dir: Path) -> bool:
    """Whether anything is still to be sent."""
    with closing(People(data_dir)) as kept:
        return kept.deliveries.owing(10**11)
