"""Ten thousand followers told of one change at the pace that Telegram allows, over a server that answers 429, 403, 502 or cuts the
connection at times, with two SIGKILLs and questions meanwhile: who got how many, how fast, and how long answers took.

The server is the fake Telegram of the tests, in this process; the bot is a process of its own. It takes some nine minutes:
``PYTHONPATH=. python tests/bench_delivery.py``, or with ``500`` behind it for so many followers.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from followers import MASTERPLAN, edit
from process import bot_process, handled
from running import furnish
from test_delivery_kill import awake, owing

from handlers.fake_telegram import FakeTelegram, User, serve
from handlers.fake_telegram.faults import Cut, ServerError, TooManyRequests
from handlers.fake_telegram.store import BLOCKED
from handlers.fake_telegram.wire import Event

FOLLOWERS = 10_000
PER_SECOND = 30
GONE_SHARE = 0.02
"""Followers who blocked the bot, which the bot has not heard of."""
FAULT_SHARE = 0.005
FAULTS = (TooManyRequests(1), TooManyRequests(3), ServerError(502), Cut(True), Cut(False))
ASKERS = 5
ASK_EVERY = 0.4
"""Seconds between two questions."""
QUIET_SECONDS = 20
"""How long it is asked while nothing is told, to compare with."""
SEED = 1


class Measured(NamedTuple):
    """What came of a run; times in seconds."""

    followers: int
    reachable: int
    told_once: int
    """Of the reachable."""
    told_twice_or_more: int
    not_told: int
    told_though_gone: int
    seconds: float
    """From the change until the last message, with the two restarts."""
    most_in_a_second: int
    """Messages that the server accepted in any one second, answers among them."""
    shortest_gap_in_a_chat: float
    """Between a notice and the message of the bot before it in the same chat: those who ask follow as well."""
    faults: dict[str, int]
    answers: int
    answer_median: float
    """Of the questions asked while notices went out and the bot was up."""
    answer_95th: float
    answer_longest: float
    """Answers are refused at times as well: one that is asked to wait three seconds takes as long."""
    quiet_median: float
    """The same where nothing was told."""
    quiet_95th: float


class Watch:
    """Keeps what arrives: when, in which chat, and whether it is a notice."""

    def __init__(self, telegram: FakeTelegram) -> None:
        self.notices: Counter[int] = Counter()
        self.last_in_chat: dict[int, float] = {}
        self.gap = float("inf")
        self.most = 0
        self.answered: dict[int, float] = {}
        self._second: deque[float] = deque()
        telegram.watchers.append(self._see)

    def _see(self, event: Event) -> None:
        message = event.content
        if event.kind != "message" or not message["from"]["is_bot"] or "edit_date" in message:
            return
        now, chat = time.perf_counter(), message["chat"]["id"]
        self._second.append(now)
        while self._second[0] < now - 1:
            self._second.popleft()
        self.most = max(self.most, len(self._second))
        notice = message.get("text", "").startswith("🔔")
        if notice:
            self.gap = min(self.gap, now - self.last_in_chat.get(chat, float("-inf")))
        self.last_in_chat[chat] = now
        self.notices[chat] += notice
        self.answered.setdefault(chat, now)


class Asking:
    """People who ask a question, wait for its answer, and ask again."""

    def __init__(self, watch: Watch, people: list[User]) -> None:
        self.watch = watch
        self.people = people
        self.took: list[float] = []
        self.up = True
        """Whether the bot is up: what is asked while it is not waits for the restart, and is not counted."""

    async def keep_asking(self) -> None:
        """Ask in turns, until cancelled."""
        turn = 0
        while True:
            asker = self.people[turn % len(self.people)]
            turn += 1
            counted, asked = self.up, time.perf_counter()
            self.watch.answered.pop(asker.id, None)
            asker.sends("is Klaten a participant?")
            while asker.id not in self.watch.answered:
                await asyncio.sleep(0.002)
                counted = counted and self.up
            if counted:
                self.took.append(self.watch.answered[asker.id] - asked)
            await asyncio.sleep(ASK_EVERY)


def measure(followers: int = FOLLOWERS, per_second: int = PER_SECOND) -> Measured:
    """Tell so many."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measure(Path(folder), followers, per_second))


async def _measure(data_dir: Path, followers: int, per_second: int) -> Measured:
    rng, telegram = random.Random(SEED), FakeTelegram(remembers=1_000, one_sequence=True)
    people = [telegram.user(f"P{number}") for number in range(followers)]
    gone = people[: round(followers * GONE_SHARE)]
    rng.shuffle(people)
    watch = Watch(telegram)
    asking = Asking(watch, [person for person in people if person not in gone][:ASKERS])
    furnish(data_dir)
    async with serve(telegram) as url:
        async with bot_process(url, data_dir, MESSAGES_PER_SECOND="0") as bot:
            for person in people:
                person.sends("/ikuti klaten")
            await handled(telegram, 600)
            await telegram.until(lambda: len(watch.last_in_chat) >= followers, timeout=600)
            await bot.stop()
        awake(data_dir, people)
        pace = {"MESSAGES_PER_SECOND": str(per_second), "LOG_LEVEL": "WARNING"}
        async with bot_process(url, data_dir, **pace), _meanwhile(asking):
            await asyncio.sleep(QUIET_SECONDS)
        quiet, asking.took = asking.took, []
        for person in gone:
            telegram.chats[person.id].state = BLOCKED
        watch.most = 0
        telegram.faults.at_random(SEED, FAULT_SHARE, FAULTS, ["sendMessage"])
        edit(data_dir, MASTERPLAN, text_id="Baru.", text_en="New.")
        began = time.perf_counter()
        reachable = followers - len(gone)
        for share in (rng.uniform(0.2, 0.4), rng.uniform(0.6, 0.8)):
            async with bot_process(url, data_dir, **pace) as bot, _meanwhile(asking):
                goal = share * reachable
                await telegram.until(lambda goal=goal: len(+watch.notices) >= goal, timeout=3_600)
                asking.up = False
                await bot.kill()
        async with bot_process(url, data_dir, **pace) as bot, _meanwhile(asking):
            await telegram.until(lambda: len(+watch.notices) >= reachable, timeout=3_600)
            took = time.perf_counter() - began
            while owing(data_dir):
                await asyncio.sleep(0.5)
            await bot.stop()
    told = [watch.notices[person.id] for person in people if person not in gone]
    happened = Counter(f"{type(fault).__name__} {fault}" for _, fault in telegram.faults.happened)
    return Measured(
        followers, reachable, told.count(1), sum(n > 1 for n in told), told.count(0),
        sum(watch.notices[person.id] for person in gone), round(took, 1), watch.most, round(watch.gap, 2), dict(happened),
        len(asking.took), *_times(asking.took), round(max(asking.took), 3), *_times(quiet),
    )  # fmt: skip


def _times(took: list[float]) -> tuple[float, float]:
    """The median, and what 95 of 100 are below."""
    return round(statistics.median(took), 4), round(statistics.quantiles(took, n=20)[-1], 4)


@asynccontextmanager
async def _meanwhile(asking: Asking) -> AsyncIterator[None]:
    """Questions are asked until the block ends; the first one waits until the bot has started, and is not counted."""
    asking.up = False
    task = asyncio.create_task(asking.keep_asking())
    first = asyncio.create_task(_up_after_first(asking))
    try:
        yield
    finally:
        task.cancel()
        first.cancel()
        await asyncio.gather(task, first, return_exceptions=True)


async def _up_after_first(asking: Asking) -> None:
    asker = asking.people[0].id
    await asyncio.sleep(0.1)
    while asker not in asking.watch.answered:
        await asyncio.sleep(0.01)
    asking.up = True


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(*map(int, sys.argv[1:]))._asdict(), indent=2) + "\n")
