"""Several who change the knowledge at once: nobody overwrites anybody silently, and what another process changes is followed."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import subprocess
import sys
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest
from admins import Chat, sound
from process import ROOT
from running import Running, play, running

from handlers.fake_telegram import FakeTelegram
from handlers.service import timers
from handlers.staff.publishing import follow
from knowledge import history, prepared, store

CLAIM = "F001"
CHANGED = "was changed by somebody else meanwhile"


def set_by_command(data_dir: Path, *arguments: str) -> None:
    """`bot.py kb set`, as its own process."""
    environment = {**os.environ, "DATA_DIR": str(data_dir)}
    command = [sys.executable, str(ROOT / "bot.py"), "kb", "set", *arguments]
    done = subprocess.run(command, cwd=data_dir, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def text_of(data_dir: Path) -> str:
    """The English text of the claim, as stored."""
    return next(row["text_en"] for row in store.all_tables(data_dir)["claims"] if row["id"] == CLAIM)


def test_the_second_of_two_edits_is_refused_and_can_be_put_on_the_first(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari, rina = (Chat(telegram, telegram.user(name, language="en")) for name in ("Sari", "Rina"))
        owners = (sari.person.id, rina.person.id)
        async with running(telegram, tmp_path, owner_ids=owners):
            await sari.edits_text(CLAIM, "As Sari says.")
            await rina.edits_text(CLAIM, "As Rina says.")
            await sari.presses("Confirm", "change no. 2")
            await rina.presses("Confirm", CHANGED)
            assert text_of(tmp_path) == "As Sari says."
            preview = await rina.presses("Look at it as it is now", "[Confirm]")
            assert "As Sari says. → As Rina says." in preview
            await rina.presses("Confirm", "change no. 3")
        assert text_of(tmp_path) == "As Rina says."
        assert [entry.actor for entry in history.of_row(tmp_path, "claims", CLAIM)] == ["owner 2", "owner 1"]
        sound(tmp_path)

    play(scene)


def test_two_who_confirm_at_the_same_moment(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        chats = [Chat(telegram, telegram.user(name, language="en")) for name in ("Sari", "Rina")]
        async with running(telegram, tmp_path, owner_ids=[chat.person.id for chat in chats]) as bot:
            for chat in chats:
                await chat.edits_text(CLAIM, f"As {chat.person.info['first_name']} says.")
            for chat in chats:
                chat.person.presses("Confirm")
            await bot.settles()
        last = [chat.shown[-1] for chat in chats]
        assert [CHANGED in said for said in last].count(True) == 1
        assert ["change no. 2" in said for said in last].count(True) == 1
        assert len(history.of_row(tmp_path, "claims", CLAIM)) == 1

    play(scene)


def test_what_another_process_changes_is_answered_and_an_edit_begun_before_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timers, "FOLLOW_SECONDS", 0.2)

    async def scene() -> None:
        telegram = FakeTelegram()
        sari, budi = (Chat(telegram, telegram.user(name, language="en")) for name in ("Sari", "Budi"))
        async with running(telegram, tmp_path, owner_ids=(sari.person.id,)) as bot:
            await sari.edits_text(CLAIM, "As Sari says.")
            before = bot.bot.services.engine
            set_by_command(tmp_path, "claims", CLAIM, "text_en=As the script says.", "--source", "infopublik-2017")
            await telegram.until(lambda: bot.bot.services.engine is not before, timeout=20)
            await budi.sends("What is the 100 Smart Cities Movement?", "As the script says.")
            await sari.presses("Confirm", CHANGED)
        assert text_of(tmp_path) == "As the script says."

    play(scene)


def test_an_undo_that_another_process_overtook_is_refused(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari = Chat(telegram, telegram.user("Sari", language="en"))
        async with running(telegram, tmp_path, owner_ids=(sari.person.id,)):
            await sari.edits_text(CLAIM, "As Sari says.")
            await sari.presses("Confirm", "change no. 2")
            await sari.presses("Undo", "[Yes, take it back]")
            set_by_command(tmp_path, "claims", CLAIM, "text_en=As the script says.", "--source", "infopublik-2017")
            await sari.presses("Yes, take it back", "Later changes rest on no. 2: no. 3.")
        assert text_of(tmp_path) == "As the script says."

    play(scene)


def test_engines_of_before_a_change_are_let_go(tmp_path: Path) -> None:
    prepared.engine(tmp_path)  # so that the bot has an engine to itself

    async def scene() -> None:
        telegram = FakeTelegram()
        sari = Chat(telegram, telegram.user("Sari", language="en"))
        async with running(telegram, tmp_path, owner_ids=(sari.person.id,)) as bot:
            gone = await edited(bot, sari, tmp_path)
            assert [engine() for engine in gone] == [None] * len(gone)

    play(scene)


async def edited(bot: Running, chat: Chat, data_dir: Path) -> list[Callable[[], object]]:
    """Change the knowledge a few times; references to the engines that were."""
    gone: list[Callable[[], object]] = []
    collecting = gc.isenabled()
    gc.disable()  # They must not hang in circles either: nobody looks for those among what stays.
    try:
        for number in range(3):
            gone.append(weakref.ref(bot.bot.services.engine))
            await chat.edits_text(CLAIM, f"As Sari says for the {number + 1}th time.")
            await chat.presses("Confirm", f"change no. {number + 2}")
            await bot.settles()
        await follow(bot.bot.services)
        with contextlib.suppress(TimeoutError):  # A thread lets go of what it worked on a moment after it is done.
            async with asyncio.timeout(10):
                while any(engine() for engine in gone):
                    await asyncio.sleep(0.01)
    finally:
        if collecting:
            gc.enable()
    return gone
