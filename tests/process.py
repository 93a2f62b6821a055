"""The bot as its own process, speaking HTTP to a fake Telegram that the test runs."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from running import furnish

from handlers.fake_telegram import FakeTelegram

ROOT = Path(__file__).parent.parent
TOKEN = "42:TEST"
START_SECONDS = 30.0


class BotProcess:
    """A process of `bot.py run` and what it has written."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self.process = process
        self.log = log

    @property
    def output(self) -> str:
        """Everything it wrote, on standard output and standard error."""
        return self.log.read_text(encoding="utf-8")

    async def kill(self) -> None:
        """SIGKILL: not a moment to finish anything."""
        self.process.kill()
        await self.process.wait()

    async def stop(self, seconds: float = 15.0) -> int:
        """SIGTERM, and its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return await self.ends(seconds)

    async def ends(self, seconds: float = 30.0) -> int:
        """Its exit status, once it ends by itself."""
        return await asyncio.wait_for(self.process.wait(), seconds)


async def launch(url: str, data_dir: Path, *, first: bool = False, **environment: str) -> BotProcess:
    """Start `bot.py run` and do not wait for it. ``first``: it has to make the knowledge, if there is none; else it finds it."""
    data_dir.mkdir(parents=True, exist_ok=True)
    if not first:
        furnish(data_dir)
    log = data_dir / "bot.log"
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("TELEGRAM_", "WEBHOOK_"))}
    given = {
        **clean, "TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_BASE_URL": url, "DATA_DIR": str(data_dir), "LOG_FORMAT": "json",
        "QUESTIONS_PER_MINUTE": "0", "OPS_LISTEN": "none", "BACKUP_KEEP": "0", **environment,
    }  # fmt: skip
    with log.open("ab") as file:
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(ROOT / "bot.py"), "run", env=given, cwd=data_dir, stdout=file, stderr=file
        )
    return BotProcess(process, log)


@asynccontextmanager
async def bot_process(
    url: str, data_dir: Path, *, first: bool = False, **environment: str
) -> AsyncIterator[BotProcess]:
    """`bot.py run`, killed at the end of the block where it still runs."""
    bot = await launch(url, data_dir, first=first, **environment)
    try:
        yield bot
    finally:
        if bot.process.returncode is None:
            await bot.kill()


async def handled(telegram: FakeTelegram, seconds: float = START_SECONDS) -> None:
    """Wait until Telegram holds no update that the bot has not confirmed."""
    await telegram.until(lambda: not telegram.updates.waiting, timeout=seconds)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def megabytes(process: int) -> float:
    """Resident memory of a process (Linux)."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    (line,) = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024
