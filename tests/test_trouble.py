"""Faults of the network, of clocks and of what goes on beside the answers, in process."""

from __future__ import annotations

import asyncio
import errno
import socket
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from running import TOKEN, at_work, furnish, play
from structlog.testing import capture_logs
from telegram.error import NetworkError
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop

from handlers.fake_telegram import Cut, FakeTelegram, InProcessRequest
from handlers.people import People, moment
from handlers.people.moment import LEAP, STOOD, Moment
from handlers.service import timers
from handlers.service.running import make
from handlers.settings import Listen, Settings
from handlers.transport import pacing, polling
from handlers.transport import request as request_module
from handlers.transport.listening import REST_SECONDS, listening
from handlers.transport.request import AiohttpRequest
from handlers.transport.trouble import Trouble

HOUR, DAY, YEAR = 3600.0, 86400.0, 365 * 86400.0
WRONG = "this machine's clock is wrong; the bot goes by Telegram's. Set it"


# -------------------------------------------------------------------------------------------------- Telegram is not there


def test_trouble_is_told_when_it_begins_and_when_it_is_over() -> None:
    clock = SimpleNamespace(now=100.0)
    trouble = Trouble("it fails", "it works again", lambda: clock.now)
    with capture_logs() as logs:
        trouble.over()
        for clock.now in (100.0, 130.0, 190.0):
            trouble.failed(detail="no luck")
        clock.now = 3700.0
        trouble.over()
        trouble.over()
        trouble.failed()
    told = [(entry["log_level"], entry["event"], entry.get("after_seconds")) for entry in logs]
    assert [line for line in told if line[0] != "debug"] == [
        ("warning", "it fails", None), ("info", "it works again", 3600), ("warning", "it fails", None),
    ]  # fmt: skip
    assert logs[0]["detail"] == "no luck"


@pytest.mark.usefixtures("one_engine")
def test_an_hour_without_telegram(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hours pass in pauses, which are not slept: no pause is longer than half a minute, so nobody waits longer after it."""
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def briefly(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    now = SimpleNamespace(monotonic=lambda: sum(pauses))
    for module in (polling, pacing):
        monkeypatch.setattr(module, "asyncio", SimpleNamespace(**{**vars(asyncio), "sleep": briefly}))
    monkeypatch.setattr(pacing, "time", now)

    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        furnish(tmp_path)
        settings = Settings(telegram_token=TOKEN, data_dir=tmp_path, messages_per_second=0, questions_per_minute=0)
        bot = make(settings, InProcessRequest(telegram), InProcessRequest(telegram))
        tasks = len(asyncio.all_tasks())
        with capture_logs() as logs:
            async with at_work(telegram, bot) as running:
                budi.sends("Klaten ikut?")
                await running.settles()
                before = sum(pauses)
                telegram.faults.at_random(seed=1, share=1.0, kinds=[Cut(False)])
                telegram.raw({"something_new": {}})  # It ends the request that waits for updates; the next one fails.
                await telegram.until(lambda: sum(pauses) > before)
                budi.sends("Blora ikut?")
                await telegram.until(lambda: sum(pauses) > before + HOUR)
                telegram.faults.clear()
                budi.sends("Kudus ikut?")
                await running.settles()
                assert len(budi.said) == 3
        assert max(pauses) == pacing.LONGEST_PAUSE
        told = [entry["event"] for entry in logs if entry["log_level"] != "debug"]
        assert told.count("Telegram cannot be reached for updates; trying again") == 1
        assert told.count("Telegram is reached again for updates") == 1
        assert not [event for event in told if event == "again"]
        await telegram.until(lambda: len(asyncio.all_tasks()) == tasks)  # What is cancelled ends within a few turns.

    play(scene)


async def failing(url: str, **given: Any) -> str:
    """What is said of a request that fails."""
    request = AiohttpRequest(1, connect_timeout=2, read_timeout=2)
    await request.initialize()
    try:
        with pytest.raises(NetworkError) as raised:
            await request.do_request(f"{url}/bot{TOKEN}/getMe", "POST")
    finally:
        await request.shutdown()
    assert TOKEN not in raised.value.message
    return raised.value.message


def test_a_name_that_cannot_be_resolved_points_at_dns() -> None:
    said = asyncio.run(failing("https://api.telegram.invalid"))
    assert said == "the name api.telegram.invalid cannot be resolved; look at the DNS of this machine"


def test_no_connection_names_the_server_and_why() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        said = asyncio.run(failing(f"http://127.0.0.1:{probe.getsockname()[1]}"))
    assert said.startswith("there is no connection to 127.0.0.1 (")


def test_no_file_handles_are_no_fault_of_the_names(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*arguments: Any) -> int:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(request_module, "os", SimpleNamespace(open=none, devnull="", O_RDONLY=0, close=lambda _: None))
    assert asyncio.run(failing("https://api.telegram.invalid")).startswith("no more files can be opened")


# ------------------------------------------------------------------------------------------------------------- the clocks


class Clocks:
    """A clock that is set, and one that only goes on."""

    def __init__(self) -> None:
        self.wall, self.steady = 1_795_000_000.0, 50.0
        self.moment = Moment(lambda: self.wall, lambda: self.steady)

    def passes(self, seconds: float) -> None:
        """Time passes."""
        self.wall += seconds
        self.steady += seconds


@pytest.mark.parametrize("leap", [2 * HOUR, DAY, 10 * YEAR, -DAY, -YEAR, -1_795_000_000.0])
def test_a_leap_is_not_believed_until_telegram_has_it_too(leap: float) -> None:
    clocks = Clocks()
    right = clocks.wall
    clocks.passes(7 * HOUR)
    clocks.wall += leap
    assert clocks.moment.now() == pytest.approx(right + 7 * HOUR)
    with capture_logs() as logs:
        for _ in range(3):
            clocks.passes(60)
            clocks.moment.heard(right + 7 * HOUR + clocks.steady - 50 - 7 * HOUR)
    assert [entry["event"] for entry in logs] == [WRONG]
    assert logs[0]["hours_ahead"] == pytest.approx(leap / HOUR, abs=0.1)
    assert clocks.moment.now() == pytest.approx(right + 7 * HOUR + 180)
    clocks.wall -= leap  # somebody sets it right
    with capture_logs() as logs:
        clocks.moment.heard(clocks.wall)
    assert [entry["event"] for entry in logs] == ["this machine's clock is right again"]
    assert clocks.moment.correction() == 0


def test_a_machine_that_slept_is_believed_as_soon_as_telegram_says_so() -> None:
    clocks = Clocks()
    clocks.wall += 8 * HOUR  # the steady clock sleeps along
    assert clocks.moment.now() == clocks.wall - 8 * HOUR
    with capture_logs() as logs:
        clocks.moment.heard(clocks.wall + 2)
    assert logs == []
    assert clocks.moment.now() == clocks.wall


def test_a_leap_that_has_stood_long_is_believed_and_an_hour_is_none() -> None:
    clocks = Clocks()
    clocks.wall += LEAP - 1
    assert clocks.moment.correction() == 0
    clocks.wall += DAY
    assert clocks.moment.correction() < -HOUR
    clocks.passes(STOOD - 1)
    assert clocks.moment.correction() < -HOUR
    clocks.passes(2)
    assert clocks.moment.correction() == 0


def test_one_wrong_answer_does_not_move_the_time_and_telegram_alone_is_believed_in_the_end() -> None:
    clocks = Clocks()

    def said(seconds: float) -> float:
        """An hour passes, and Telegram says a time that much ahead; how far what is believed is ahead of this machine's clock."""
        clocks.passes(HOUR)
        clocks.moment.heard(clocks.wall + seconds)
        return clocks.moment.correction()

    assert said(0) == 0
    with capture_logs() as logs:
        assert said(10 * YEAR) == 0
        assert said(0) == 0
        for _ in range(int(STOOD / HOUR)):
            assert said(-YEAR) == 0
        assert said(10 * YEAR) == 0  # It was not the same all the time.
        for _ in range(int(STOOD / HOUR) + 1):
            assert said(-YEAR) == 0
        assert WRONG not in [entry["event"] for entry in logs]
        assert said(-YEAR) == pytest.approx(-YEAR)
    assert [entry["event"] for entry in logs].count(WRONG) == 1


def test_a_clock_that_was_wrong_from_the_start_is_known_at_once_and_sure_after_a_day() -> None:
    """What is forgotten is forgotten by the earlier of the two times until then: Telegram's first answer may be the wrong one."""
    for wrong in (-10 * YEAR, 10 * YEAR):
        clocks = Clocks()
        clocks.passes(60)
        clocks.moment.heard(clocks.wall - wrong)
        assert clocks.moment.correction() == pytest.approx(-wrong)
        assert clocks.moment.surely() == pytest.approx(clocks.wall - max(wrong, 0))
        clocks.passes(HOUR)
        clocks.moment.heard(clocks.wall)  # It was the answer.
        assert clocks.moment.surely() == clocks.moment.now() == clocks.wall
        clocks = Clocks()
        for _ in range(int(STOOD / HOUR)):
            clocks.moment.heard(clocks.wall - wrong)
            assert clocks.moment.surely() == pytest.approx(clocks.wall - max(wrong, 0))
            clocks.passes(HOUR)
        clocks.passes(HOUR)
        assert clocks.moment.surely() == clocks.moment.now() == pytest.approx(clocks.wall - wrong)


def test_a_wrong_clock_forgets_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clocks = Clocks()
    monkeypatch.setattr(moment, "MACHINE", clocks.moment)
    people = People(tmp_path)
    people.inbox.receive([{"update_id": 1}])
    people.finish(1, "done")
    draft = people.drafts.begin(5, "report", {})
    clocks.wall += 10 * YEAR
    people.expire()
    assert people.drafts.get(draft, 5) is not None
    assert people.inbox.receive([{"update_id": 1}]) == []  # known still
    clocks.wall -= 10 * YEAR
    clocks.moment.heard(clocks.wall + 10 * YEAR)  # the first that Telegram says
    people.expire()
    clocks.moment.heard(clocks.wall)
    assert people.drafts.get(draft, 5) is not None
    clocks.passes(3 * DAY)
    people.expire()
    assert people.drafts.get(draft, 5) is None
    people.close()


@asynccontextmanager
async def dated(date: str) -> AsyncIterator[str]:
    """A server that says what time it is."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 200 OK\r\nDate: {date}\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{{}}".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    ("date", "heard"),
    [
        ("Sun, 22 Nov 2026 12:00:00 GMT", [1795348800.0]), ("yesterday", []), ("", []),
        (f"Sun, 22 Nov {'9' * 40} 12:00:00 GMT", []), (f"Sun, 22 Nov 2026 12:00:00 +{'9' * 40}", []),
    ],
)  # fmt: skip
def test_what_time_it_is_by_telegram(date: str, heard: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[float] = []
    monkeypatch.setattr(moment, "MACHINE", SimpleNamespace(heard=said.append))

    async def scene() -> None:
        async with dated(date) as url:
            request = AiohttpRequest(1)
            await request.initialize()
            for _ in range(2):  # asked at most now and then
                assert await request.do_request(url, "POST") == (200, b"{}")
            await request.shutdown()

    asyncio.run(scene())
    assert said == []  # a server on this machine goes by its clock
    monkeypatch.setattr(request_module, "_THIS_MACHINE", ())
    asyncio.run(scene())
    assert said == heard


# --------------------------------------------------------------------------------------------------- no more file handles


def test_no_connection_is_taken_for_a_while_where_there_is_no_handle_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The socket goes on telling that a connection waits: asked each time, the bot would do nothing else."""
    tried, rests, full = 0, [], True
    accept = socket.socket.accept

    def accepted(self: socket.socket) -> Any:
        nonlocal tried
        tried += 1
        if full:
            raise OSError(errno.EMFILE, "Too many open files")
        return accept(self)

    monkeypatch.setattr(socket.socket, "accept", accepted)
    monkeypatch.setattr(IOLoop, "call_later", lambda _, seconds, go_on, *given: rests.append((seconds, go_on, given)))

    async def turns() -> None:
        for _ in range(100):
            await asyncio.sleep(0)

    async def scene() -> None:
        nonlocal full
        server = HTTPServer(lambda request: request.connection.finish())
        with capture_logs() as logs:
            async with listening(server, Listen("127.0.0.1", 0)) as port:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                for rested in (1, 2):
                    while tried < rested:
                        await asyncio.sleep(0)
                    await turns()
                    assert (tried, len(rests)) == (rested, rested)
                    seconds, go_on, given = rests[-1]
                    assert seconds == REST_SECONDS
                    full = rested < 2
                    go_on(*given)
                while "connections are taken again" not in [entry["event"] for entry in logs]:
                    await asyncio.sleep(0)
                writer.close()
        assert [entry["event"] for entry in logs if entry["log_level"] != "debug"] == [
            "connections wait", "connections are taken again",
        ]  # fmt: skip

    asyncio.run(scene())


# ------------------------------------------------------------------------------------------------------ beside the answers


def test_what_fails_beside_the_answers_goes_on_and_is_told_once() -> None:
    results = [RuntimeError("a secret"), RuntimeError("a secret"), None, RuntimeError("a secret")]
    done = asyncio.Event()

    async def step() -> None:
        result = results.pop(0)
        if not results:
            done.set()
        if result:
            raise result

    async def scene() -> None:
        task = asyncio.create_task(timers.every(0, "looking", step))
        await done.wait()
        await asyncio.sleep(0)
        task.cancel()

    with capture_logs() as logs:
        asyncio.run(scene())
    told = [entry["event"] for entry in logs if entry["log_level"] != "debug"]
    assert told == ["looking fails; it is tried again", "looking works again", "looking fails; it is tried again"]
    assert "secret" not in str(logs)


def test_what_ends_with_an_error_is_begun_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timers, "AGAIN_SECONDS", 0)
    ends = iter([ValueError(), sqlite3.OperationalError("x"), None])

    async def runs() -> None:
        end = next(ends)
        if end:
            raise end

    with capture_logs() as logs:
        asyncio.run(timers.kept("the digest", runs))
    assert next(ends, "all") == "all"
    assert [entry["event"] for entry in logs if entry["log_level"] != "debug"] == [
        "the digest ended; it begins anew each minute", "the digest ended well",
    ]  # fmt: skip
