"""What comes in: numbers that go back, what cannot be written, people who write as a group."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from running import play, running

from handlers.fake_telegram import FakeTelegram, TooManyRequests
from handlers.transport.intake import number_of

ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
"""https://core.telegram.org/bots/api#message, sender_chat"""


pytestmark = pytest.mark.usefixtures("one_engine")


@pytest.mark.parametrize(
    ("update", "number"),
    [({"update_id": 5}, 5), ({"update_id": "5"}, None), ({"update_id": True}, None), ({}, None), (None, None), ([5], None),
     ({"update_id": 2**70}, None)],
)  # fmt: skip
def test_only_what_has_a_number_is_an_update(update: Any, number: int | None) -> None:
    assert number_of(update) == number


def test_numbers_may_go_back_after_a_quiet_week(tmp_path: Path) -> None:
    """https://core.telegram.org/bots/api#update: then the next number is chosen at random."""

    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            message = budi.sends("Klaten ikut?")
            await bot.settles()
            for number, text in ((7, "Blora ikut?"), (8, "Kudus ikut?")):
                telegram.raw({"update_id": number, "message": {**message, "message_id": 900 + number, "text": text}})
                await bot.settles()
        assert len(budi.said) == 3

    play(scene)


def test_half_a_surrogate_pair_is_answered_like_anything_else(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi, group = telegram.user("Budi"), telegram.group("Warga")
        async with running(telegram, tmp_path) as bot:
            for text in ("resep \ud800 rendang", "apakah \udc00 klaten ikut?"):
                message = budi.sends("x")
                telegram.raw({"update_id": 900_000 + len(text), "message": {**message, "text": text}})
                group_message = budi.sends("x", to=group)
                command = {"offset": 0, "length": 6, "type": "bot_command"}
                telegram.raw(
                    {
                        "update_id": 910_000 + len(text),
                        "message": {**group_message, "text": f"/tanya {text}", "entities": [command]},
                    }
                )
            await bot.settles()
            assert None not in bot.outcomes()
            assert "error" not in bot.outcomes()

    play(scene)


def test_what_cannot_be_written_does_not_come_back_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*arguments: Any) -> None:
        raise TypeError("no")

    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            monkeypatch.setattr(bot.people.profiles, "set_conversation", fails)
            budi.sends("Klaten ikut?")
            await bot.settles()
            assert bot.outcomes() == ["error"]
        assert len(budi.said) == 1

    play(scene)


def test_a_press_that_cannot_be_answered_in_time_still_does_what_it_does(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            budi.sends("Klaten ikut?")
            await bot.settles()
            telegram.faults.add("answerCallbackQuery", TooManyRequests(30))
            budi.presses("Semua tentang")
            await bot.settles()
            assert len(budi.said) == 2

    play(scene)


def test_anonymous_admins_of_two_groups_are_two(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        groups = [telegram.group("A"), telegram.group("B")]
        async with running(telegram, tmp_path) as bot:
            for at, (group, text) in enumerate(
                ((groups[0], "/bahasa en"), (groups[0], "/bantuan"), (groups[1], "/bantuan"))
            ):
                written = budi.sends(text, to=group)
                telegram.raw(
                    {"update_id": 900_000 + at, "message": {**written, "from": ANONYMOUS, "sender_chat": group.chat}}
                )
                await bot.settles()
        assert "I answer questions" in groups[0].said[-1]
        assert "Saya menjawab" in groups[1].said[-1]

    play(scene)
