"""Files in the chat are worked on in a process of their own: others are answered meanwhile, and nothing is lost with it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from running import play, running
from test_imports_chat import FILE, begun, claim, imports, uploads

from handlers.fake_telegram import FakeTelegram
from handlers.staff import desk


def test_a_file_is_applied_once_however_often_its_button_is_pressed(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            await begun(bot, sari)
            assert claim(tmp_path)["text_en"] != "Another text."
            message = telegram.messages(sari)[-2]
            for _ in range(3):
                sari.presses("Apply", message=message)
            await bot.settles()
            assert claim(tmp_path)["text_en"] == "Another text."
            assert len(imports(tmp_path)) == 1
            assert uploads(bot) == 0
            alerts = [a.get("text", "") for a in telegram.callback_answers.values()]
            assert sum("done with already" in text for text in alerts) == 2

    play(scene)


def test_others_are_answered_while_a_file_is_worked_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari, budi = telegram.user("Sari"), telegram.user("Budi")
        gate, made = asyncio.Event(), desk._done

        async def held(request: bytes) -> object:
            await gate.wait()
            return await made(request)

        monkeypatch.setattr(desk, "_done", held)
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            sari.sends_document("claims.csv", FILE)
            await telegram.until(lambda: "claims.csv" in "".join(sari.said))
            budi.sends("Klaten ikut?")
            await telegram.until(lambda: budi.said)
            assert [call.params["action"] for call in telegram.called("sendChatAction")] == ["typing"]
            gate.set()
            await bot.settles()
            assert "F001" in sari.said[0]

    play(scene)


def test_a_worker_that_dies_is_told_and_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            await begun(bot, sari)
            with monkeypatch.context() as broken:
                broken.setattr(desk, "_START", "import os; os.kill(os.getpid(), 9)")
                sari.presses("Apply")
                await bot.settles()
            assert (imports(tmp_path), uploads(bot)) == ([], 1)

    play(scene)


def test_a_file_that_takes_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        monkeypatch.setattr(desk, "SECONDS", 0.01)
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            await begun(bot, sari)
            assert "takes too long" in sari.said[-1]

    play(scene)
