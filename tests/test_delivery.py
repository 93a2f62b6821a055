"""Each person who can be reached gets each message exactly once, whatever goes wrong on the way; nobody else's suffers from it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import clock
import pytest
from followers import KLATEN, MASTERPLAN, NOON, edit, follows, notices, told
from running import TOKEN, furnish, play, running

from handlers.fake_telegram import FakeTelegram, InProcessRequest, User
from handlers.fake_telegram.faults import Cut, Fault, Refused, ServerError, Timeout, TooManyRequests
from handlers.fake_telegram.store import BLOCKED
from handlers.notices import deliver
from handlers.notices.deliver import Courier
from handlers.notices.fanout import fan_out
from handlers.notices.letters import Letters
from handlers.people import People
from handlers.people.deliveries import Deliveries
from handlers.service import delivery
from handlers.settings import Settings
from handlers.shared.services import Services
from handlers.transport.api import RawBot
from handlers.transport.pacing import Pacer
from knowledge import Engine, store

EVENING = NOON.replace(hour=13, minute=59)
"""20:59 in Jakarta, a minute before the quiet hours."""
EVERYTHING: tuple[Fault, ...] = (
    TooManyRequests(3), ServerError(502), Timeout(True), Timeout(False), Cut(True), Cut(False),
)  # fmt: skip


class Rig:
    """A courier at work on people who follow Klaten, and the clock it goes by: no second is really waited."""

    def __init__(
        self, telegram: FakeTelegram, data_dir: Path, engine: Engine, set_to: clock.Clock, pace: float
    ) -> None:
        self.telegram, self.folder, self.engine, self.clock, self.pace = telegram, data_dir, engine, set_to, pace
        self.users: list[User] = []
        self.waited: list[float] = []

    async def start(self) -> None:
        """As after the process has begun."""
        self.people = People(self.folder)
        self.services = Services(Settings(), self.engine, self.people, self.folder, store.state(self.folder))
        request = InProcessRequest(self.telegram)
        self.bot = RawBot(TOKEN, request=request, get_updates_request=request, rate_limiter=Pacer(self.pace))
        self.courier = Courier(self.bot, self.services)
        await fan_out(self.services)

    async def restart(self) -> None:
        """As after a kill."""
        self.people.close()
        await self.start()

    def add(self, number: int, **wishes: Any) -> list[User]:
        """So many more people who follow Klaten and have spoken with the bot."""
        added = [self.telegram.user(f"P{len(self.users) + at}") for at in range(number)]
        for user in added:
            user.starts()
            self.answer(user)
            follows(self.people, user, KLATEN, **wishes)
        self.users += added
        return added

    def answer(self, user: User, *, known: bool = True) -> int:
        """The bot says something in a chat; ``known``: it has written down that it did."""
        chat = self.telegram.chats[user.id]
        sent = int(chat.add(self.telegram.bot_user(), self.telegram.now(), {"text": "An answer."})["message_id"])
        if known:
            self.people.apply(lambda: self.people.inbox.told(user.id, sent))
        return sent

    async def change(self) -> None:
        """Something about Klaten changes."""
        edit(self.folder, MASTERPLAN, text_id=f"Baru sejak {len(self.waited)}.", text_en="New.")
        self.services.state = store.state(self.folder)
        await fan_out(self.services)

    async def brings_all(self, most: int = 5_000) -> None:
        """Step by step until nothing is due, the clock running as long as the courier wants to wait."""
        for _ in range(most):
            if not self.people.deliveries.owing(self.clock.now.timestamp()):
                return
            self.wait(await self.courier.step())
        raise AssertionError("it never ends")

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        if seconds:
            self.waited.append(seconds)
            self.clock.now += timedelta(seconds=seconds, milliseconds=1)

    def got(self) -> list[int]:
        """How many notices are in each chat."""
        return [len(notices(self.telegram, user)) for user in self.users]


Scene = Callable[[Rig], Awaitable[None]]
Play = Callable[..., None]


@pytest.fixture
def rig(tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Plays a scene with a rig."""

    def playing(scene: Scene, *, one_sequence: bool = False, pace: float = 0, at: datetime = NOON) -> None:
        furnish(tmp_path)
        with clock.set_to(at) as set_to:

            def monotonic() -> float:
                return set_to.now.timestamp()

            monkeypatch.setattr(deliver, "time", SimpleNamespace(monotonic=monotonic))

            async def played() -> None:
                made = Rig(FakeTelegram(one_sequence=one_sequence), tmp_path, engine, set_to, pace)
                await made.start()
                await scene(made)
                made.people.close()

            asyncio.run(played())

    return playing


@pytest.mark.parametrize("one_sequence", [False, True], ids=["ids by chat", "ids by bot"])
@pytest.mark.parametrize("seed", range(4))
def test_whatever_goes_wrong_everybody_gets_one(rig: Play, seed: int, one_sequence: bool) -> None:
    async def scene(rig: Rig) -> None:
        rig.add(40)
        rig.telegram.faults.at_random(seed, 0.2, EVERYTHING)
        await rig.change()
        await rig.brings_all()
        assert len(rig.telegram.faults.happened) > 10
        assert rig.got() == [1] * 40

    rig(scene, one_sequence=one_sequence)


@pytest.mark.parametrize("one_sequence", [False, True], ids=["ids by chat", "ids by bot"])
def test_killed_before_or_after_telegram_has_it_it_comes_once(
    rig: Play, one_sequence: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """As if the process ended here."""

    def killed(*_: object, **__: object) -> None:
        raise Killed

    async def scene(rig: Rig) -> None:
        rig.add(2)
        await rig.change()
        sent = Deliveries.sent
        monkeypatch.setattr(Deliveries, "sent", killed)
        with pytest.raises(Killed):
            await rig.courier.step()
        monkeypatch.setattr(Deliveries, "sent", sent)
        assert rig.got() == [1, 0]  # it has arrived, and nobody knows
        await rig.restart()

        # The person writes and is answered meanwhile: neither is taken for it.
        rig.users[0].sends("apa kabar?")
        rig.answer(rig.users[0])
        await rig.courier.step()
        assert rig.got() == [1, 0]
        assert not rig.people.deliveries.in_doubt(rig.clock.now.timestamp())

        raw_send = RawBot.raw_send
        monkeypatch.setattr(RawBot, "raw_send", killed)
        with pytest.raises(Killed):
            await rig.courier.step()
        monkeypatch.setattr(RawBot, "raw_send", raw_send)
        await rig.restart()
        await rig.brings_all()
        assert rig.got() == [1, 1]
        assert [rig.telegram.said(user).count("An answer.") for user in rig.users] == [2, 1]

    rig(scene, one_sequence=one_sequence)


def test_a_full_disk_after_it_was_sent_sends_it_no_second_time(rig: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    async def scene(rig: Rig) -> None:
        rig.add(1)
        await rig.change()
        with monkeypatch.context() as patched:
            patched.setattr(Deliveries, "sent", full)
            with pytest.raises(sqlite3.OperationalError):
                await rig.courier.step()
        await rig.brings_all()
        assert rig.got() == [1]

    rig(scene)


def test_a_message_nobody_knows_of_does_not_stay_as_a_second_one(rig: Play) -> None:
    """Such as an answer that the same kill cut off, and that comes again after the restart."""

    async def scene(rig: Rig) -> None:
        (budi,) = rig.add(1)
        await rig.change()
        rig.telegram.faults.add("sendMessage", Cut(True))
        unknown = rig.answer(budi, known=False)
        rig.wait(await rig.courier.step())
        await rig.brings_all()
        assert rig.got() == [1]
        assert unknown not in {message["message_id"] for message in rig.telegram.messages(budi)}

    rig(scene)


def test_an_unknown_message_stands_for_one_that_did_not_arrive(rig: Play) -> None:
    async def scene(rig: Rig) -> None:
        (budi,) = rig.add(1)
        await rig.change()
        rig.telegram.faults.add("sendMessage", Cut(False))
        rig.answer(budi, known=False)
        rig.wait(await rig.courier.step())
        await rig.brings_all()
        assert rig.got() == [1]

    rig(scene)


def test_who_blocked_the_bot_is_dropped_and_the_others_are_told(rig: Play) -> None:
    async def scene(rig: Rig) -> None:
        budi, kate, sari = rig.add(3)
        rig.telegram.chats[budi.id].state = BLOCKED  # the bot has not heard of it
        del rig.telegram.chats[kate.id]  # "chat not found"
        rig.users = [sari]
        await rig.change()
        await rig.brings_all()
        assert rig.got() == [1]
        for gone in (budi, kate):
            assert rig.people.profiles.unreachable(gone.id)
            assert rig.people.follows.of(gone.id) == []
        assert rig.people.notices.progress(1)[:4] == (3, 1, 2, 0)

    rig(scene)


def test_one_that_is_refused_for_good_holds_up_nobody(rig: Play) -> None:
    async def scene(rig: Rig) -> None:
        rig.add(2)
        await rig.change()
        rig.telegram.faults.add("sendMessage", Refused(400, "Bad Request: can't parse entities"))
        await rig.brings_all()
        assert sum(rig.got()) == 1
        assert rig.waited == []
        assert rig.people.notices.progress(1)[:4] == (2, 1, 1, 0)

    rig(scene)


def test_one_that_cannot_be_composed_holds_up_nobody_and_comes_later(
    rig: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    compose, broken = Letters.of, {"P0"}

    async def scene(r: Rig) -> None:
        first, *_ = r.add(3)

        async def failing(self: Letters, user_id: int, found: Any) -> Any:
            if broken and user_id == first.id:
                raise IndexError("whatever")
            return await compose(self, user_id, found)

        monkeypatch.setattr(Letters, "of", failing)
        await r.change()
        for _ in range(10):
            r.wait(await r.courier.step())
        assert r.got() == [0, 1, 1]
        broken.clear()
        r.wait(deliver.LONGEST_PAUSE)
        await r.brings_all()
        assert r.got() == [1, 1, 1]

    rig(scene)


def test_asked_to_wait_it_waits_as_long(rig: Play) -> None:
    async def scene(rig: Rig) -> None:
        rig.add(2)
        await rig.change()
        rig.telegram.faults.add("sendMessage", TooManyRequests(30))
        assert await rig.courier.step() >= 30
        rig.wait(29)
        assert 1 <= await rig.courier.step() <= 1.5
        assert rig.got() == [0, 0]
        rig.wait(1.5)
        await rig.brings_all()
        assert rig.got() == [1, 1]

    rig(scene)


def test_a_server_that_fails_is_left_alone_for_longer_each_time(rig: Play) -> None:
    async def scene(rig: Rig) -> None:
        rig.add(1)
        await rig.change()
        rig.telegram.faults.add("*", ServerError(), 8)
        await rig.brings_all()
        failures = [wait for wait in rig.waited if wait != deliver.IDLE]
        assert all(later > 1.4 * sooner for sooner, later in pairwise(failures))
        assert rig.got() == [1]

    rig(scene)


def test_one_chat_that_always_fails_in_the_dark_is_given_up_and_keeps_nobody_waiting(
    rig: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(rig: Rig) -> None:
        budi, *_ = rig.add(20)
        await rig.change()
        raw_send, raw_edit = RawBot.raw_send, RawBot.raw_edit
        tried = 0

        async def hostile(self: RawBot, chat_id: int, *rest: Any, **named: Any) -> Any:
            nonlocal tried
            if chat_id == budi.id:
                tried += 1
                rig.telegram.faults.add("*", Timeout(False))
            return await raw_send(self, chat_id, *rest, **named)

        async def dark(self: RawBot, chat_id: int, *rest: Any) -> None:
            rig.telegram.faults.add("*", Timeout(False))
            await raw_edit(self, chat_id, *rest)

        monkeypatch.setattr(RawBot, "raw_send", hostile)
        monkeypatch.setattr(RawBot, "raw_edit", dark)
        while sum(rig.got()) < 19:
            rig.wait(await rig.courier.step())
        assert sum(rig.waited) < 10
        await rig.brings_all()
        assert rig.got() == [0] + [1] * 19
        assert tried == 1
        assert rig.people.notices.progress(1)[:4] == (20, 19, 1, 0)

    rig(scene)


def test_the_hour_counts_when_it_is_sent(rig: Play) -> None:
    async def scene(rig: Rig) -> None:
        rig.add(2)
        await rig.change()
        await rig.courier.step()
        rig.telegram.faults.add("sendMessage", TooManyRequests(90))
        rig.wait(await rig.courier.step())
        await rig.brings_all()
        assert rig.got() == [1, 0]  # it is past nine
        rig.wait(10 * 3600 - 100)
        assert not rig.people.deliveries.owing(rig.clock.now.timestamp())
        rig.wait(100)
        await rig.brings_all()
        assert rig.got() == [1, 1]

    rig(scene, at=EVENING)


def test_a_chat_that_just_got_a_message_waits_a_second_for_the_next(rig: Play) -> None:
    async def scene(rig: Rig) -> None:
        budi, _ = rig.add(2)
        await rig.bot.raw_send(budi.id, "An answer.")
        await rig.change()
        await rig.courier.step()
        await rig.courier.step()
        assert rig.got() == [0, 1]  # the other one is not kept waiting
        rig.courier._pacer._chats.clear()  # as when a second has passed
        rig.wait(deliver.CROWDED)
        await rig.brings_all()
        assert rig.got() == [1, 1]

    rig(scene, pace=1000)


def test_a_notice_of_the_team_and_a_change_are_two_messages(rig: Play) -> None:
    async def scene(rig: Rig) -> None:
        _, kate, sari = rig.add(3)
        people = rig.people
        people.apply(lambda: people.notices.announce("admin 1", "Salam", "Hello", "all", [u.id for u in rig.users], 9))
        people.apply(lambda: people.follows.wish(kate.id, broadcasts=False))
        people.apply(lambda: people.follows.follow(sari.id, "programme"))
        people.apply(lambda: people.follows.stop(sari.id, KLATEN))
        await rig.change()
        await rig.brings_all()
        assert rig.got() == [2, 1, 1]
        assert [notices(rig.telegram, user)[0][0] for user in rig.users] == ["📢", "🔔", "📢"]
        assert people.notices.progress(1)[:4] == (3, 2, 1, 0)

    rig(scene)


def test_what_is_stopped_on_its_way_is_not_sent_again(rig: Play) -> None:
    async def scene(rig: Rig) -> None:
        (budi,) = rig.add(1)
        people = rig.people
        people.apply(lambda: people.notices.announce("admin 1", "Salam", "Hello", "all", [budi.id], 9))
        rig.telegram.faults.add("sendMessage", Cut(False))
        rig.wait(await rig.courier.step())
        people.apply(lambda: people.notices.stop(1))
        await rig.brings_all()
        assert rig.got() == [0]
        assert people.notices.progress(1)[:4] == (1, 0, 1, 0)

    rig(scene)


def test_who_is_forgotten_while_a_message_is_on_its_way_stays_forgotten(
    rig: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(rig: Rig) -> None:
        (budi,) = rig.add(1)
        await rig.change()
        raw_send = RawBot.raw_send

        async def meanwhile(self: RawBot, *rest: Any, **named: Any) -> int:
            rig.people.apply(lambda: rig.people.forget(budi.id))
            return await raw_send(self, *rest, **named)

        monkeypatch.setattr(RawBot, "raw_send", meanwhile)
        await rig.brings_all()
        assert rig.got() == [1]
        assert str(budi.id) not in "\n".join(rig.people._connection._used.iterdump())

    rig(scene)


# --------------------------------------------------------------------------------------------------------- in the bot


@pytest.fixture
def noon() -> Iterator[clock.Clock]:
    """Noon in Jakarta."""
    with clock.set_to(NOON) as set_to:
        yield set_to


@asynccontextmanager
async def following(telegram: FakeTelegram, data_dir: Path, budi: User) -> AsyncIterator[Any]:
    """A bot, and Budi who follows Klaten."""
    async with running(telegram, data_dir) as bot:
        await bot.settles()
        follows(bot.people, budi, KLATEN)
        yield bot


@pytest.mark.usefixtures("one_engine", "noon")
def test_told_to_stop_the_bot_stops_while_a_message_is_on_its_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "STOP_SECONDS", 0.05)
    raw_send = RawBot.raw_send

    async def slow(self: RawBot, *rest: Any, once: bool = False, **named: Any) -> int:
        sent = await raw_send(self, *rest, once=once, **named)
        if once:
            await asyncio.sleep(60)
        return sent

    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        budi.starts()
        monkeypatch.setattr(RawBot, "raw_send", slow)
        async with following(telegram, tmp_path, budi) as bot:
            edit(tmp_path, MASTERPLAN, text_id="Baru.")
            bot.bot.services.state = store.state(tmp_path)
            bot.bot.services.news.set()
            await telegram.until(lambda: notices(telegram, budi))
        monkeypatch.setattr(RawBot, "raw_send", raw_send)
        async with running(telegram, tmp_path) as bot:
            await told(bot)
        assert len(notices(telegram, budi)) == 1

    play(scene)


@pytest.mark.usefixtures("one_engine", "noon")
def test_one_error_is_not_the_end_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "IDLE", 0.01)
    failures = [RuntimeError("whatever")]
    step = Courier.step

    async def failing(self: Courier) -> float:
        if failures:
            raise failures.pop()
        return await step(self)

    monkeypatch.setattr(Courier, "step", failing)

    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        budi.starts()
        async with following(telegram, tmp_path, budi) as bot:
            edit(tmp_path, MASTERPLAN, text_id="Baru.")
            await told(bot)
            assert len(notices(telegram, budi)) == 1
        assert failures == []

    play(scene)


@pytest.mark.usefixtures("one_engine", "noon")
def test_who_blocks_the_bot_gets_nothing_of_what_waits(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        budi.starts()
        async with following(telegram, tmp_path, budi) as bot:
            follows(bot.people, budi, pace="daily")
            edit(tmp_path, MASTERPLAN, text_id="Baru.")
            await told(bot)
            budi.blocks()
            budi.unblocks()
            await bot.settles()
            assert bot.people.follows.of(budi.id) == []
            assert not bot.people.deliveries.owing(10**11)
            assert not bot.people.profiles.unreachable(budi.id)

    play(scene)
