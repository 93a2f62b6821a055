"""The bot as a process, over real HTTP: by polling and by webhook, killed, told to stop, and with a server that fails."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from process import BotProcess, bot_process, free_port, handled, launch
from record import Record

from handlers.fake_telegram import Cut, FakeTelegram, Refused, ServerError, Timeout, TooManyRequests, User, serve

Scene = Callable[[FakeTelegram, str], Coroutine[Any, Any, None]]
ROUNDS = 5
BURST = 60
PEOPLE = 15
MOST_REPEATED = 0.02
"""Share of the answers that may appear a second time, where a kill falls between Telegram's acceptance and its record."""
SECRET = "s3cret"


def play(scene: Scene) -> None:
    """Run a scene against a fresh Telegram over HTTP."""

    async def run() -> None:
        telegram = FakeTelegram()
        async with serve(telegram) as url:
            await scene(telegram, url)

    asyncio.run(run())


def webhook(port: int) -> dict[str, str]:
    """The settings for updates by webhook."""
    return {
        "WEBHOOK_URL": f"http://127.0.0.1:{port}/hook",
        "WEBHOOK_LISTEN": f"127.0.0.1:{port}",
        "WEBHOOK_SECRET": SECRET,
    }


async def until_said(telegram: FakeTelegram, person: User, number: int, seconds: float = 30.0) -> None:
    """Wait until the bot has said so many things to somebody."""
    await telegram.until(lambda: len(person.said) >= number, timeout=seconds)


# ------------------------------------------------------------------------------------------------------- nothing is lost


class Questions:
    """Questions that nobody asks twice, and who asked them."""

    def __init__(self, telegram: FakeTelegram, record: Record) -> None:
        self._names = iter(name for code, name in record.names.items() if "." in code)
        self.people = [telegram.user(f"P{number}") for number in range(PEOPLE)]
        self.asked: dict[int, list[str]] = {person.id: [] for person in self.people}

    def burst(self, number: int) -> None:
        """So many questions, the people in turns."""
        for at in range(number):
            person, name = self.people[at % PEOPLE], next(self._names)
            self.asked[person.id].append(name)
            person.sends(f"Apakah {name} peserta?")

    @property
    def answered(self) -> int:
        """How many answers there are."""
        return sum(len(person.said) for person in self.people)

    def answers_to(self, person: User, name: str) -> list[int]:
        """Where the answers to a question stand among all that were given to somebody."""
        heads = [text.splitlines()[0] for text in person.said]
        return [at for at, head in enumerate(heads) if f"{name} (" in head]

    @property
    def unanswered(self) -> list[str]:
        """Questions without an answer."""
        return [n for p in self.people for n in self.asked[p.id] if not self.answers_to(p, n)]

    @property
    def repeated(self) -> float:
        """The share of the answers that came more than once."""
        asked = sum(map(len, self.asked.values()))
        return (self.answered - asked) / asked

    @property
    def out_of_order(self) -> list[User]:
        """People who got the first answer to a later question before that to an earlier one."""
        found = []
        for person in self.people:
            places = [self.answers_to(person, name)[0] for name in self.asked[person.id]]
            if places != sorted(places):
                found.append(person)
        return found


@pytest.mark.parametrize("by", ["polling", "webhook"])
def test_killed_in_the_middle_of_bursts_every_question_is_answered(tmp_path: Path, record: Record, by: str) -> None:
    settings = webhook(free_port()) if by == "webhook" else {}

    async def scene(telegram: FakeTelegram, url: str) -> None:
        telegram.faults.at_random(
            7, 0.03, [TooManyRequests(1), ServerError(), Cut(accepted=False)], methods=["sendMessage"]
        )
        questions = Questions(telegram, record)
        for number in range(ROUNDS):
            bot = await launch(url, tmp_path, **settings)
            questions.burst(BURST)
            wanted = number * BURST + BURST // 3
            await telegram.until(lambda wanted=wanted: questions.answered >= wanted, timeout=40)
            await bot.kill()
        async with bot_process(url, tmp_path, **settings):
            await telegram.until(lambda: not questions.unanswered, timeout=40)
        assert questions.repeated <= MOST_REPEATED
        assert questions.out_of_order == []

    play(scene)


def test_an_update_that_was_confirmed_but_not_answered_is_answered_after_the_restart(tmp_path: Path) -> None:
    async def scene(telegram: FakeTelegram, url: str) -> None:
        budi = telegram.user("Budi")
        budi.sends("Apakah Klaten peserta?")
        telegram.faults.add("sendMessage", Timeout(accepted=False), times=1)
        bot = await launch(url, tmp_path)
        await handled(telegram)
        await telegram.until(lambda: telegram.faults.happened, timeout=10)
        await bot.kill()
        assert budi.said == []
        async with bot_process(url, tmp_path):
            await until_said(telegram, budi, 1)

    play(scene)


def test_told_to_stop_it_ends_with_0_and_leaves_the_rest_for_the_next_start(tmp_path: Path, record: Record) -> None:
    async def scene(telegram: FakeTelegram, url: str) -> None:
        questions = Questions(telegram, record)
        bot = await launch(url, tmp_path, MESSAGES_PER_SECOND="20")
        questions.burst(2 * BURST)
        await telegram.until(lambda: questions.answered >= 5, timeout=30)
        assert await bot.stop() == 0
        async with bot_process(url, tmp_path):
            await telegram.until(lambda: not questions.unanswered, timeout=40)
        assert questions.repeated == 0

    play(scene)


# -------------------------------------------------------------------------------------------------------------- webhook


def test_the_webhook_gives_the_same_answers_and_lets_nobody_else_in(tmp_path: Path) -> None:
    port = free_port()
    question = "Apakah Klaten peserta?"

    async def scene(telegram: FakeTelegram, url: str) -> None:
        budi = telegram.user("Budi")
        budi.sends(question)
        async with bot_process(url, tmp_path / "polling"):
            await until_said(telegram, budi, 1)
        async with bot_process(url, tmp_path / "webhook", **webhook(port)), httpx.AsyncClient() as client:
            budi.sends(question)
            await until_said(telegram, budi, 2)
            hook, right = f"http://127.0.0.1:{port}/hook", {"X-Telegram-Bot-Api-Secret-Token": SECRET}
            update = {"update_id": 1, "message": budi.messages[0]}
            tried = [
                await client.post(hook, json=update),
                await client.post(hook, json=update, headers={"X-Telegram-Bot-Api-Secret-Token": "wrong"}),
                await client.get(hook, headers=right),
                await client.post(f"http://127.0.0.1:{port}/other", json=update, headers=right),
                await client.post(hook, content=b"no json", headers=right),
                await client.post(hook, json=[1], headers=right),
                await client.post(hook, json={"message": {}}, headers=right),
                await client.post(hook, json={"update_id": 2, "some_new_thing": {}}, headers=right),
            ]
            assert [reply.status_code for reply in tried] == [403, 403, 405, 404, 400, 400, 400, 200]
            assert all(not reply.content for reply in tried if reply.status_code in (400, 403))
            assert await refused_for_its_size(client, hook, right)
            budi.sends(question)
            await until_said(telegram, budi, 3)
        assert len(set(budi.said)) == 1

    play(scene)


async def refused_for_its_size(client: httpx.AsyncClient, hook: str, headers: dict[str, str]) -> bool:
    """Whether a body of 2 MB is turned away, by an answer or by closing the connection."""
    try:
        return (await client.post(hook, content=b"x" * 2_000_000, headers=headers)).is_client_error
    except httpx.TransportError:
        return True


# --------------------------------------------------------------------------------------------------------------- trouble


def test_another_poller_ends_it_with_one_clear_line(tmp_path: Path) -> None:
    async def scene(telegram: FakeTelegram, url: str) -> None:
        telegram.faults.add("getUpdates", Refused(409, "Conflict: terminated by other getUpdates request"), times=99)
        async with bot_process(url, tmp_path) as bot:
            assert await bot.ends(40) == 1
            assert bot.output.count("Error: Another process fetches updates") == 1
            assert "Traceback" not in bot.output

    play(scene)


def test_a_refused_token_ends_it_with_one_clear_line(tmp_path: Path) -> None:
    async def scene(telegram: FakeTelegram, url: str) -> None:
        async with bot_process(url, tmp_path, TELEGRAM_TOKEN="43:WRONG-TOKEN") as bot:
            assert await bot.ends() == 2
            (line,) = [line for line in bot.output.splitlines() if line.startswith("Error")]
            assert "TELEGRAM_TOKEN" in line
            assert "WRONG" not in bot.output
            assert "Traceback" not in bot.output

    play(scene)


def test_it_waits_for_a_telegram_that_is_not_there_yet(tmp_path: Path) -> None:
    async def scene(telegram: FakeTelegram, url: str) -> None:
        telegram.faults.add("getMe", ServerError(), times=2)
        budi = telegram.user("Budi")
        async with bot_process(url, tmp_path):
            budi.sends("Klaten?")
            await until_said(telegram, budi, 1)

    play(scene)


@pytest.mark.parametrize("refusal", [Refused(400, "Bad Request"), Refused(404, "Not Found"), ServerError(501)])
def test_a_server_without_webhooks_is_polled(tmp_path: Path, refusal: Refused | ServerError) -> None:
    async def scene(telegram: FakeTelegram, url: str) -> None:
        telegram.faults.add("deleteWebhook", refusal, times=99)
        budi = telegram.user("Budi")
        async with bot_process(url, tmp_path):
            budi.sends("Klaten?")
            await until_said(telegram, budi, 1)

    play(scene)


def test_a_webhook_that_cannot_be_set_yet_is_set_later_and_a_refused_one_ends_it(tmp_path: Path) -> None:
    async def scene(telegram: FakeTelegram, url: str) -> None:
        telegram.faults.add("setWebhook", ServerError(), times=5)
        budi = telegram.user("Budi")
        async with bot_process(url, tmp_path, **webhook(free_port())):
            budi.sends("Klaten?")
            await until_said(telegram, budi, 1)
        telegram.faults.add("setWebhook", Refused(400, "Bad Request: bad webhook: HTTPS url must be provided"), times=9)
        async with bot_process(url, tmp_path, **webhook(free_port())) as bot:
            assert await bot.ends() == 2
            assert "Error: WEBHOOK_URL is refused by Telegram" in bot.output

    play(scene)


def test_told_to_stop_before_telegram_is_reached_it_stops(tmp_path: Path) -> None:
    async def scene(telegram: FakeTelegram, url: str) -> None:
        async with bot_process(f"http://127.0.0.1:{free_port()}", tmp_path) as bot:
            while "again" not in bot.output:
                await asyncio.sleep(0.05)
            assert await bot.stop() == 0

    play(scene)


def test_a_server_that_knows_no_menus_does_not_stop_it(tmp_path: Path) -> None:
    async def scene(telegram: FakeTelegram, url: str) -> None:
        for method in ("setMyCommands", "setMyDescription", "setMyShortDescription"):
            telegram.faults.add(method, Refused(404, "Not Found"), times=99)
        budi = telegram.user("Budi")
        async with bot_process(url, tmp_path) as bot:
            budi.sends("Klaten?")
            await until_said(telegram, budi, 1)
            assert "menu not sent" in bot.output

    play(scene)


def test_menus_are_sent_once_and_again_only_when_they_changed(tmp_path: Path) -> None:
    async def scene(telegram: FakeTelegram, url: str) -> None:
        def sent() -> int:
            return sum(len(telegram.called(m)) for m in ("setMyCommands", "setMyDescription", "setMyShortDescription"))

        def written() -> int:
            with closing(sqlite3.connect(tmp_path / "people.db")) as db:
                return int(db.execute("select count(*) from settings where key like 'menu %'").fetchone()[0])

        budi = telegram.user("Budi")
        for number in range(2):
            async with bot_process(url, tmp_path) as bot:
                budi.sends("Klaten?")
                await until_said(telegram, budi, number + 1)
                # Two scopes and two texts, each for everybody, for Indonesian and for English.
                await telegram.until(lambda: sent() >= 12)
                async with asyncio.timeout(10):
                    while written() < 12:  # What was sent last is written down when it is answered.
                        await asyncio.sleep(0.05)
                await bot.stop()
        assert sent() == 12
        assert ("all_private_chats", "en") in telegram.commands
        with closing(sqlite3.connect(tmp_path / "people.db")) as db, db:
            db.execute(
                "update settings set value = 'old' where key like 'menu % description en' and key not like '%short%'"
            )
        async with bot_process(url, tmp_path):
            budi.sends("Klaten?")
            await until_said(telegram, budi, 3)
            await telegram.until(lambda: sent() >= 13)
        assert [call.params["language_code"] for call in telegram.called("setMyDescription")[-1:]] == ["en"]
        assert sent() == 13

    play(scene)


def test_one_line_an_update_and_neither_token_nor_text_in_it(tmp_path: Path) -> None:
    question = "Apakah Klaten peserta smart city?"

    async def scene(telegram: FakeTelegram, url: str) -> None:
        budi = telegram.user("Budi")
        async with bot_process(url, tmp_path, first=True) as bot:
            budi.sends(question)
            await until_said(telegram, budi, 1)
            await bot.stop()
            lines = [json.loads(line) for line in bot.output.splitlines()]
            (line,) = [line for line in lines if line["event"] == "update"]
            assert {key: line[key] for key in ("type", "outcome", "kind", "language")} == {
                "type": "message", "outcome": "answered", "kind": "participation", "language": "id",
            }  # fmt: skip
            assert line["ms"] > 0
            assert "42:TEST" not in bot.output
            assert "Klaten" not in bot.output

    play(scene)


def test_an_address_that_is_taken_ends_it_with_one_clear_line(tmp_path: Path) -> None:
    async def scene(telegram: FakeTelegram, url: str) -> None:
        port = int(url.rsplit(":", 1)[1])
        bot: BotProcess
        async with bot_process(url, tmp_path, **webhook(port)) as bot:
            assert await bot.ends() == 75  # The other may end.
            assert "Error: WEBHOOK_LISTEN" in bot.output
            assert "Traceback" not in bot.output

    play(scene)
