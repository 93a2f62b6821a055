"""The same with the bot as a process: a disk that is really full or read-only, a file that is locked, no file handles left, and
a Telegram that is not there."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from process import BotProcess, bot_process, free_port
from running import furnish

from handlers.fake_telegram import FakeTelegram, User, serve

Scene = Callable[[FakeTelegram, str], Coroutine[Any, Any, None]]
BEGINS, ENDS = "people.db cannot be used", "people.db is in use again"
SECONDS = 90.0


def play(scene: Scene) -> None:
    """Run a scene against a fresh Telegram over HTTP."""

    async def run() -> None:
        telegram = FakeTelegram()
        async with serve(telegram) as url:
            await scene(telegram, url)

    asyncio.run(run())


@contextmanager
def disk(folder: Path, megabytes: int = 48) -> Iterator[Path]:
    """A small disk of its own, which only root can make."""
    folder.mkdir()
    made = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder], capture_output=True, check=False
    )
    if not made or made.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def remount(folder: Path, how: str) -> None:
    """Make a disk read-only ("ro") or writable ("rw")."""
    subprocess.run(["mount", "-o", f"remount,{how}", folder], check=True)


async def said(telegram: FakeTelegram, person: User, number: int) -> None:
    """Wait until somebody has read so much."""
    await telegram.until(lambda: len(person.said) >= number, timeout=SECONDS)


async def logged(bot: BotProcess, event: str) -> None:
    """Wait for a line of the log."""
    async with asyncio.timeout(SECONDS):
        while event not in bot.output:
            assert bot.process.returncode is None, bot.output
            await asyncio.sleep(0.05)


def lines(bot: BotProcess, *levels: str) -> list[str]:
    """The lines of these levels."""
    return [line for line in bot.output.splitlines() if any(f'"level": "{level}"' in line for level in levels)]


def test_a_disk_that_is_full_and_then_read_only(tmp_path: Path) -> None:
    async def scene(telegram: FakeTelegram, url: str) -> None:
        budi = telegram.user("Budi", language="en")
        with disk(tmp_path / "data") as data:
            furnish(data)
            async with bot_process(url, tmp_path, DATA_DIR=str(data)) as bot:
                budi.sends("Is Klaten in?")
                await said(telegram, budi, 1)
                with (data / "filler").open("wb", buffering=0) as filler, contextlib.suppress(OSError):
                    while True:
                        filler.write(bytes(4096))
                # What the file has room for is saved; then nothing is.
                for number in range(2, 40):
                    budi.sends("Is Blora in?")
                    await said(telegram, budi, number)
                    if BEGINS in bot.output:
                        break
                heard = len(budi.said)
                budi.sends("/language id")
                budi.sends("since when?")
                await said(telegram, budi, heard + 2)
                assert budi.said[-2].startswith("I cannot save anything")
                assert "Blora" in budi.said[-1]
                (data / "filler").unlink()
                await logged(bot, ENDS)
                assert len(lines(bot, "warning", "error")) == 1
                assert await bot.stop() == 0
            with closing(sqlite3.connect(data / "people.db")) as file:
                assert file.execute("select count(*) from inbox where outcome is null").fetchone() == (0,)
                assert file.execute("select count(*) from replies").fetchone() == (len(budi.said),)
            remount(data, "ro")
            heard, before = len(budi.said), len(lines(bot, "warning", "error"))
            async with bot_process(url, tmp_path, DATA_DIR=str(data)) as bot:
                budi.sends("Is Kudus in?")
                budi.sends("/language id")
                await said(telegram, budi, heard + 2)
                assert "Kudus" in budi.said[-2]
                assert budi.said[-1].startswith("I cannot save anything")
                remount(data, "rw")
                await telegram.until(lambda: bot.output.count(ENDS) == 2, timeout=SECONDS)
                budi.sends("/language id")
                await said(telegram, budi, heard + 3)
                assert await bot.stop() == 0
                assert len(lines(bot, "warning", "error")) == before + 1, lines(bot, "warning", "error")
            with closing(sqlite3.connect(data / "people.db")) as file:
                assert file.execute("select language from people").fetchall() == [("id",)]

    play(scene)


def test_a_file_that_another_process_keeps_locked_at_the_start(tmp_path: Path) -> None:
    async def scene(telegram: FakeTelegram, url: str) -> None:
        budi = telegram.user("Budi", language="en")
        furnish(tmp_path)
        async with bot_process(url, tmp_path) as bot:
            budi.sends("/language en")
            await said(telegram, budi, 1)
            assert await bot.stop() == 0
        with closing(sqlite3.connect(tmp_path / "people.db", isolation_level=None)) as other:
            other.execute("begin exclusive")
            async with bot_process(url, tmp_path) as bot:
                budi.sends("Is Klaten in?")
                await said(telegram, budi, 2)
                assert "another process keeps it locked" in bot.output
                other.execute("rollback")
                await logged(bot, ENDS)
                assert await bot.stop() == 0
        assert len(lines(bot, "warning", "error")) == 1

    play(scene)


def test_no_file_handles_left(tmp_path: Path) -> None:
    """Telegram's posts wait, and all goes on when the limit is raised."""

    async def scene(telegram: FakeTelegram, url: str) -> None:
        budi, port = telegram.user("Budi"), free_port()
        settings = {"WEBHOOK_URL": f"http://127.0.0.1:{port}/hook", "WEBHOOK_LISTEN": f"127.0.0.1:{port}"}
        furnish(tmp_path)
        async with bot_process(url, tmp_path, **settings) as bot:
            budi.sends("Klaten?")
            await said(telegram, budi, 1)
            process = bot.process.pid
            usual = resource.prlimit(process, resource.RLIMIT_NOFILE)
            held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
            resource.prlimit(
                process, resource.RLIMIT_NOFILE, (len(list(Path(f"/proc/{process}/fd").iterdir())), usual[1])
            )
            held += [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
            await logged(bot, "connections wait")
            resource.prlimit(process, resource.RLIMIT_NOFILE, usual)
            budi.sends("Blora?")
            await said(telegram, budi, 2)
            await logged(bot, "connections are taken again")
            for _, writer in held:
                writer.close()
            assert await bot.stop() == 0
            assert "Traceback" not in bot.output
            assert bot.output.count("connections wait") == 1

    play(scene)


def test_telegram_is_not_there_at_the_start(tmp_path: Path) -> None:
    """One line says so, however often it is tried, and one that it is there."""

    async def run() -> None:
        telegram, port = FakeTelegram(), free_port()
        budi = telegram.user("Budi")
        furnish(tmp_path)
        async with bot_process(f"http://127.0.0.1:{port}", tmp_path, LOG_LEVEL="DEBUG") as bot:
            budi.sends("Klaten?")
            await logged(bot, "there is no connection to 127.0.0.1")
            await telegram.until(
                lambda: bot.output.count("Telegram cannot be reached; trying again") > 2, timeout=SECONDS
            )
            async with serve(telegram, port=port):
                await said(telegram, budi, 1)
                await logged(bot, "Telegram is reached again")
                assert await bot.stop() == 0
        assert len(lines(bot, "warning", "error")) == 1

    asyncio.run(run())
