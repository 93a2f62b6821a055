"""Requests keep Telegram's limits, and are repeated only where that cannot say something twice. No second is really waited."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from handlers.transport import pacing
from handlers.transport.pacing import (
    CHAT_BURST,
    LONGEST_PAUSE,
    MAX_DOUBTS,
    MESSAGE_SECONDS,
    ONCE,
    ROOM,
    Pacer,
    Unreadable,
    certainly_not_done,
    perhaps_done,
)

BUDI, KATE, GROUP = 1_234_567, 7_654_321, -1_001_000_000_777


class Clockwork(asyncio.SelectorEventLoop):
    """A loop whose clock jumps to whatever comes next, so that hours pass in no time."""

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__()

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self._now

    def _run_once(self) -> None:
        coming = [handle.when() for handle in self._scheduled if not handle.cancelled()]  # type: ignore[attr-defined]
        if coming and not self._ready:  # type: ignore[attr-defined]
            # Time never stands still: a limiter that is short of a rounding error waits again.
            self._now = max(self._now + 1e-6, min(coming))
        super()._run_once()  # type: ignore[misc]


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pacer looks at the loop's clock."""
    monkeypatch.setattr(pacing, "time", SimpleNamespace(monotonic=lambda: asyncio.get_running_loop().time()))


def play(scene: Callable[[], Awaitable[Any]]) -> Any:
    """Play a scene on the clockwork."""
    with asyncio.Runner(loop_factory=Clockwork) as runner:
        return runner.run(scene())  # type: ignore[arg-type]


class Server:
    """Takes requests, each answered as planned, and remembers when each came."""

    def __init__(self, *planned: Exception, seconds: float = 0.0) -> None:
        self._planned = iter(planned)
        self._seconds = seconds
        self.came: list[float] = []

    async def __call__(self) -> str:
        """One request."""
        self.came.append(asyncio.get_running_loop().time())
        await asyncio.sleep(self._seconds)
        failure = next(self._planned, None)
        if failure:
            raise failure
        return "ok"


async def request(pacer: Pacer, server: Server, endpoint: str = "sendMessage", **data: Any) -> Any:
    """One request through a pacer."""
    return await pacer.process_request(server, (), {}, endpoint, {"chat_id": BUDI, **data}, None)


def timed_out(cause: type[TimeoutError] | None) -> TimedOut:
    """A timeout, with what it was of as its cause."""
    error = TimedOut()
    error.__cause__ = cause("late") if cause else None
    return error


# -------------------------------------------------------------------------------------------------------------- repeating


@pytest.mark.parametrize(
    ("endpoint", "error", "expected"),
    [
        ("sendMessage", NetworkError("Bad Gateway"), False),
        ("sendMessage", timed_out(aiohttp.SocketTimeoutError), True),
        ("sendMessage", timed_out(None), True),
        ("sendMessage", timed_out(aiohttp.ConnectionTimeoutError), False),
        ("sendMessage", Unreadable(KeyError("id")), True),
        ("editMessageText", Unreadable(KeyError("id")), False),
        ("sendDocument", timed_out(aiohttp.SocketTimeoutError), True),
        ("editMessageText", timed_out(aiohttp.SocketTimeoutError), False),
        ("deleteMessage", timed_out(aiohttp.SocketTimeoutError), False),
        ("setMyCommands", timed_out(aiohttp.SocketTimeoutError), False),
        ("answerCallbackQuery", timed_out(aiohttp.SocketTimeoutError), False),
    ],
)
def test_what_may_have_been_done_although_it_failed(endpoint: str, error: TelegramError, expected: bool) -> None:
    assert perhaps_done(endpoint, error) == expected


@pytest.mark.parametrize(
    ("endpoint", "error"),
    [
        ("sendMessage", timed_out(aiohttp.SocketTimeoutError)),
        ("sendMessage", timed_out(aiohttp.ConnectionTimeoutError)),
        ("editMessageText", timed_out(aiohttp.SocketTimeoutError)),
        ("sendMessage", NetworkError("cut")),
    ],
)
def test_a_request_that_failed_is_made_again(endpoint: str, error: Exception) -> None:
    async def scene() -> None:
        server = Server(error)
        assert await request(Pacer(0), server, endpoint) == "ok"
        assert len(server.came) == 2

    play(scene)


@pytest.mark.parametrize("error", [timed_out(aiohttp.SocketTimeoutError), TelegramError("no JSON"), KeyError("ok")])
def test_a_message_that_may_have_arrived_is_sent_again_only_a_few_times(error: Exception) -> None:
    async def scene() -> None:
        server = Server(*[error] * 9)
        with pytest.raises(TelegramError):
            await request(Pacer(0), server)
        assert len(server.came) == 1 + MAX_DOUBTS

    play(scene)


@pytest.mark.parametrize(
    "error",
    [BadRequest("chat not found"), Forbidden("blocked"), ChatMigrated(-100), Conflict("other"), InvalidToken("no")],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
@pytest.mark.parametrize("endpoint", ["sendMessage", "editMessageText", "setMyCommands"])
def test_a_refusal_is_final(error: TelegramError, endpoint: str) -> None:
    async def scene() -> None:
        server = Server(error)
        with pytest.raises(type(error)):
            await request(Pacer(30), server, endpoint)
        assert server.came == [0.0]

    play(scene)


@pytest.mark.parametrize("error", [TelegramError("no JSON"), KeyError("ok"), TypeError("list"), AttributeError("get")])
@pytest.mark.parametrize("endpoint", ["sendMessage", "editMessageText"])
def test_after_an_answer_that_cannot_be_read_the_request_is_made_again(endpoint: str, error: Exception) -> None:
    async def scene() -> None:
        server = Server(error)
        assert await request(Pacer(0), server, endpoint) == "ok"
        assert len(server.came) == 2

    play(scene)


@pytest.mark.parametrize("seconds", [3, timedelta(seconds=3)], ids=["int", "timedelta"])
def test_too_many_requests_waits_as_long_as_telegram_says(seconds: int | timedelta) -> None:
    async def scene() -> None:
        server = Server(RetryAfter(seconds), RetryAfter(seconds))
        assert await request(Pacer(0), server) == "ok"
        first, second, third = server.came
        assert 3 <= second - first <= 4
        assert 3 <= third - second <= 4

    play(scene)


def test_pauses_grow_up_to_the_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever chance adds or takes."""

    async def scene(chance: Callable[[float, float], float]) -> None:
        monkeypatch.setattr(pacing, "random", SimpleNamespace(uniform=chance))
        server = Server(*(NetworkError("down") for _ in range(12)))
        assert await request(Pacer(0), server) == "ok"
        waits = [round(b - a, 3) for a, b in zip(server.came, server.came[1:], strict=False)]
        assert waits == sorted(waits)
        assert waits[0] < 1
        assert max(waits) <= LONGEST_PAUSE

    play(lambda: scene(min))
    play(lambda: scene(max))


@pytest.mark.parametrize(
    ("endpoint", "least", "most"),
    [
        ("answerCallbackQuery", 2, 4), ("answerInlineQuery", 2, 4), ("answerGuestQuery", 2, 4), ("sendChatAction", 2, 4),
        ("setMyCommands", 2, 5), ("getMe", 2, 5), ("sendMessage", 3000, 3600), ("editMessageText", 3000, 3600),
    ],
)  # fmt: skip
def test_for_how_long_a_request_is_tried(endpoint: str, least: float, most: float) -> None:
    """What a person has stopped waiting for is not worth it; an answer is, for an hour."""

    async def scene() -> None:
        server = Server(*(NetworkError("down") for _ in range(1000)))
        with pytest.raises(NetworkError):
            await request(Pacer(0), server, endpoint)
        assert least <= server.came[-1] <= most
        assert asyncio.get_running_loop().time() <= most

    play(scene)


@pytest.mark.parametrize(
    ("endpoint", "after"), [("answerCallbackQuery", 10), ("setMyCommands", 6), ("sendMessage", 4000)]
)
def test_a_wait_that_is_too_long_is_not_begun(endpoint: str, after: int) -> None:
    async def scene() -> None:
        server = Server(RetryAfter(after))
        with pytest.raises(RetryAfter):
            await request(Pacer(0), server, endpoint)
        assert asyncio.get_running_loop().time() == 0

    play(scene)


# ----------------------------------------------------------------------------------------------------------------- pace


def times(per_second: float, chats: Sequence[int], endpoint: str = "sendMessage") -> list[float]:
    """When requests to some chats go out that all come at once."""

    async def scene() -> list[float]:
        pacer, server = Pacer(per_second), Server()
        await asyncio.gather(*(request(pacer, server, endpoint, chat_id=chat) for chat in chats))
        return server.came

    return list(play(scene))


def most_within(came: Sequence[float], seconds: float) -> int:
    """How many come within some seconds, at most."""
    return max(sum(start <= other < start + seconds for other in came) for start in came)


def test_a_private_chat_gets_a_few_at_once_then_one_a_second() -> None:
    assert times(1000, [BUDI] * 9) == pytest.approx([0] * CHAT_BURST + [1, 2, 3, 4], abs=0.1)


def test_a_group_gets_no_more_than_twenty_a_minute() -> None:
    """https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this"""
    came = times(1000, [GROUP] * 70)
    assert most_within(came, 60) <= 20
    assert most_within(came, 60) >= 15


def test_all_chats_together_get_no_more_than_was_set() -> None:
    came = times(30, range(1, 101))
    assert came == pytest.approx([ROOM * number / 30 for number in range(100)], abs=0.1)
    # However one looks at it, no second holds more than thirty, even where one is 20 ms late.
    assert most_within(came, 1.02) <= 30


def test_a_busy_chat_does_not_keep_others_waiting() -> None:
    async def scene() -> None:
        pacer, busy, quick = Pacer(30), Server(), Server()
        crowd = [asyncio.create_task(request(pacer, busy)) for _ in range(40)]
        await asyncio.sleep(3)
        await request(pacer, quick, chat_id=KATE)
        assert quick.came[0] <= 3.1
        assert len(busy.came) < 10
        await asyncio.gather(*crowd)

    play(scene)


@pytest.mark.parametrize("chat", [BUDI, GROUP])
def test_nothing_is_paced_where_pacing_is_off(chat: int) -> None:
    assert times(0, [chat] * 100) == [0.0] * 100


@pytest.mark.parametrize("data", [{"endpoint": "sendChatAction"}, {"endpoint": "answerCallbackQuery", "chat_id": None}])
def test_what_is_no_message_is_not_paced(data: dict[str, Any]) -> None:
    async def scene() -> None:
        pacer, server = Pacer(1), Server()
        await asyncio.gather(*(request(pacer, server, **data) for _ in range(50)))
        assert server.came == [0.0] * 50

    play(scene)


def test_a_repeated_message_takes_a_turn_of_its_own() -> None:
    async def scene() -> None:
        pacer, server = Pacer(1000), Server(*(NetworkError("cut") for _ in range(3)))
        await asyncio.gather(*(request(pacer, server) for _ in range(10)))
        assert len(server.came) == 13
        assert most_within(server.came, 1) <= CHAT_BURST + 1

    play(scene)


def test_only_so_many_chats_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "MAX_CHATS", 3)

    async def scene() -> None:
        pacer, server = Pacer(1000), Server()
        for chat in (1, 2, 3, 1, 4, 5):
            await request(pacer, server, chat_id=chat)
        assert list(pacer._chats) == [1, 4, 5]

    play(scene)


# -------------------------------------------------------------------------------------------------------- one on its way


def test_one_message_is_on_its_way_at_a_time() -> None:
    async def scene() -> None:
        pacer, server = Pacer(1000), Server(seconds=MESSAGE_SECONDS / 2)
        await asyncio.gather(*(request(pacer, server, chat_id=chat) for chat in range(1, 6)))
        assert server.came == pytest.approx([number * MESSAGE_SECONDS / 2 for number in range(5)])

    play(scene)


def test_a_slow_message_keeps_the_next_one_waiting_for_a_moment_only() -> None:
    async def scene() -> None:
        pacer, server = Pacer(1000), Server(seconds=20)
        await asyncio.gather(*(request(pacer, server, chat_id=chat) for chat in range(1, 6)))
        assert server.came == pytest.approx([number * MESSAGE_SECONDS for number in range(5)])

    play(scene)


def test_a_message_that_failed_or_was_given_up_lets_the_next_one_out() -> None:
    async def scene() -> None:
        pacer, failing, slow, last = Pacer(1000), Server(Forbidden("blocked")), Server(seconds=20), Server()
        with pytest.raises(Forbidden):
            await request(pacer, failing)
        given_up = asyncio.create_task(request(pacer, slow))
        await asyncio.sleep(0.01)
        given_up.cancel()
        await asyncio.gather(given_up, return_exceptions=True)
        await request(pacer, last)
        assert last.came == pytest.approx([0.01])

    play(scene)


# ----------------------------------------------------------------------------------------------------------- notices


async def once(pacer: Pacer, server: Server, endpoint: str = "sendMessage", chat: int = BUDI) -> Any:
    """One request that is not to be repeated."""
    return await pacer.process_request(server, (), {}, endpoint, {"chat_id": chat}, ONCE)


@pytest.mark.parametrize(
    "error", [NetworkError("cut"), timed_out(None), RetryAfter(5), BadRequest("no"), Forbidden("no")]
)
def test_what_is_sent_once_is_not_tried_again(error: TelegramError) -> None:
    async def scene() -> None:
        server = Server(error)
        with pytest.raises(type(error)):
            await once(Pacer(30), server)
        assert len(server.came) == 1

    play(scene)


def test_an_answer_that_cannot_be_read_leaves_it_open() -> None:
    async def scene() -> None:
        with pytest.raises(Unreadable):
            await once(Pacer(30), Server(KeyError("ok")))

    play(scene)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (RetryAfter(5), True),
        (BadRequest("no"), True),
        (Forbidden("no"), True),
        (timed_out(aiohttp.ConnectionTimeoutError), True),
        (timed_out(aiohttp.SocketTimeoutError), False),
        (timed_out(None), False),
        (NetworkError("Bad Gateway"), False),
        (Unreadable(KeyError("ok")), False),
    ],
)
def test_what_certainly_did_not_arrive(error: TelegramError, expected: bool) -> None:
    assert certainly_not_done(error) == expected


def test_a_chat_is_rested_when_all_it_got_is_a_second_old() -> None:
    async def scene() -> None:
        pacer = Pacer(1_000)
        assert pacer.rested(BUDI)
        for _ in range(3):
            await once(pacer, Server())
        assert not pacer.rested(BUDI)
        assert pacer.rested(KATE)
        await asyncio.sleep(2.9)
        assert not pacer.rested(BUDI)
        await asyncio.sleep(0.2)
        assert pacer.rested(BUDI)

    play(scene)


def test_notices_and_answers_share_the_limit_and_answers_get_their_turn() -> None:
    async def scene() -> None:
        pacer, notices, answers = Pacer(30), Server(), Server()
        loop = asyncio.get_running_loop()

        async def tell() -> None:
            for number in range(300):
                await once(pacer, notices, chat=10_000 + number)

        async def ask(number: int) -> float:
            await asyncio.sleep(number)
            asked = loop.time()
            await request(pacer, answers, chat_id=number)
            return loop.time() - asked

        telling = asyncio.create_task(tell())
        waits = await asyncio.gather(*(ask(number) for number in range(1, 9)))
        await telling
        assert max(waits) < 3 / 30
        came = sorted([*notices.came, *answers.came])
        assert most_within(came, 1.02) <= 30

    play(scene)


def test_while_a_chat_is_held_nothing_is_sent_to_it_and_it_can_be_looked_at() -> None:
    async def scene() -> None:
        pacer, sent, looked = Pacer(30), Server(), Server()
        loop = asyncio.get_running_loop()
        with pacer.held(BUDI):
            waiting = asyncio.create_task(request(pacer, sent))
            await once(pacer, looked, "editMessageText")
            await request(pacer, Server(), chat_id=KATE)
            await asyncio.sleep(2)
            assert (len(sent.came), len(looked.came)) == (0, 1)
            let_go = loop.time()
        await waiting
        assert sent.came[0] - let_go < 0.1

    play(scene)


def test_looking_for_a_message_uses_nothing_of_the_chats_pace() -> None:
    async def scene() -> None:
        pacer = Pacer(30)
        for _ in range(20):
            await once(pacer, Server(), "editMessageText")
        assert asyncio.get_running_loop().time() < 1
        assert pacer.rested(BUDI)

    play(scene)
