"""No file can be opened any more: what answers are made of was read before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SCENE = """
import asyncio, os, resource, sys
from pathlib import Path
sys.path[:0] = ["tests", "."]
from running import running
from handlers.fake_telegram import FakeTelegram

SAID = ("Klaten ikut?", "is Blora in it?", "daftar peserta", "Sukadana ikut?", "qwertz", "batal", "stop", "ikuti semua",
        "/help", "/tentang", "/about", "/privacy", "/status klaten", "which ministries were involved?", "halo", "/jelajah")

async def scene():
    telegram = FakeTelegram()
    people = [telegram.user("Budi"), telegram.user("Kate", language="en")]
    async with running(telegram, Path(sys.argv[1])) as bot:
        await bot.settles()
        free = os.dup(0)  # the lowest number that no file has
        os.close(free)
        resource.setrlimit(resource.RLIMIT_NOFILE, (free, free))
        for person in people:
            for text in SAID:
                person.sends(text)
        await bot.telegram.until(lambda: len(bot.outcomes()) == 2 * len(SAID) and None not in bot.outcomes(), timeout=30)
        print("OUTCOMES", *bot.outcomes())

asyncio.run(scene())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is set and counted as on Linux")
def test_questions_are_answered_where_no_more_files_can_be_opened(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCENE, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("OUTCOMES ")]
    outcomes = line.split()[1:]
    assert len(outcomes) == 32
    assert "error" not in outcomes
    assert "answered" in outcomes
