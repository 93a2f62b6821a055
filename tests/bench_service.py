"""How many messages a second the whole bot answers, against a bare echo bot on the same server in the same run.

The server is the fake Telegram of the tests, in this process; each bot is a process of its own, fetches its updates by long
polling, and answers the same messages of the same people. Both wait for the same server, so the ratio is what counts.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from handlers.fake_telegram import FakeTelegram, serve

ROOT = Path(__file__).parent.parent
QUESTIONS = ROOT / "tests" / "questions" / "public.jsonl"
PEOPLE = 50
MESSAGES = 1_500
ROUNDS = 3
MANY = 50_000
"""Messages after which the memory is looked at again."""
TOKEN = "42:TEST"

ECHO = """
import sys
from telegram.ext import ApplicationBuilder, MessageHandler, filters

async def echo(update, context):
    await update.message.reply_text(update.message.text)

application = ApplicationBuilder().token("42:TEST").base_url(sys.argv[1] + "/bot").build()
application.add_handler(MessageHandler(filters.TEXT, echo))
application.run_polling()
"""


class Measured(NamedTuple):
    """What came of a run."""

    ratio: float
    whole: float
    """Messages a second of the whole bot."""
    bare: float
    """Messages a second of the echo bot."""
    at_rest: float
    """Megabytes of the whole bot before the first message."""
    warm: float
    """Megabytes after :data:`MESSAGES` messages, when everything was asked for once."""
    after: float
    """Megabytes after :data:`MANY` messages."""
    messages: int = MANY


def measure() -> Measured:
    """Run both bots in turns, then the whole one for long."""
    return asyncio.run(_measure())


async def _measure() -> Measured:
    texts = [json.loads(line)["text"] for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    whole, bare = [], []
    for _ in range(ROUNDS):
        bare.append(await _rate(["-c", ECHO], texts))
        whole.append(await _rate([str(ROOT / "bot.py"), "run"], texts))
    at_rest, warm, after = await _memory(texts)
    ratio = statistics.median(w / b for w, b in zip(whole, bare, strict=True))
    return Measured(ratio, statistics.median(whole), statistics.median(bare), at_rest, warm, after)


async def _rate(command: list[str], texts: list[str]) -> float:
    """Messages a second: from the first update until the last answer."""
    async with _Bot(command) as bot:
        await bot.answers(texts[:PEOPLE])  # warm up
        started = time.perf_counter()
        await bot.answers([texts[at % len(texts)] for at in range(MESSAGES)])
        return MESSAGES / (time.perf_counter() - started)


async def _memory(texts: list[str]) -> tuple[float, float, float]:
    async with _Bot([str(ROOT / "bot.py"), "run"]) as bot:
        await bot.answers(texts[:PEOPLE])
        found = [bot.megabytes]
        for first in range(0, MANY, MESSAGES):
            await bot.answers([texts[(first + at) % len(texts)] for at in range(min(MESSAGES, MANY - first))])
            found.append(bot.megabytes)
        return found[0], found[1], found[-1]


class _Bot:
    """A bot in a process, and the Telegram it speaks to."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._telegram = FakeTelegram()
        self._people = [self._telegram.user(f"P{number}") for number in range(PEOPLE)]
        self._folder = tempfile.TemporaryDirectory()
        self._server = serve(self._telegram)

    async def __aenter__(self) -> _Bot:
        url = await self._server.__aenter__()
        environment = {
            **os.environ, "TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_BASE_URL": url, "DATA_DIR": self._folder.name,
            "MESSAGES_PER_SECOND": "0", "QUESTIONS_PER_MINUTE": "0", "LOG_LEVEL": "INFO",
        }  # fmt: skip
        log = Path(self._folder.name) / "log"
        with log.open("wb") as file:
            arguments = [*self._command, url] if "-c" in self._command else self._command
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, *arguments, env=environment, stdout=file, stderr=file
            )
        return self

    async def __aexit__(self, *exception: object) -> None:
        self._process.terminate()
        await self._process.wait()
        await self._server.__aexit__(None, None, None)
        self._folder.cleanup()

    async def answers(self, texts: list[str]) -> None:
        """Send messages, the people in turns, and wait until each has its answer."""
        self._telegram.calls.clear()
        for at, text in enumerate(texts):
            self._people[at % PEOPLE].sends(text)
        await self._until(lambda: self._sent() >= len(texts))

    def _sent(self) -> int:
        return sum(call.method == "sendMessage" and call.error is None for call in self._telegram.calls)

    @staticmethod
    async def _until(done: Callable[[], bool]) -> None:
        while not done():
            await asyncio.sleep(0.02)

    @property
    def megabytes(self) -> float:
        """Resident memory of the bot's process."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        (line,) = [line for line in status.splitlines() if line.startswith("VmRSS")]
        return int(line.split()[1]) / 1024


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure()._asdict(), indent=2) + "\n")
