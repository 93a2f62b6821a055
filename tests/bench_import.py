"""How long a large file takes: 20,000 claims planned, applied, and then found unchanged; and how fast others are answered
while an admin sends that file to the bot and applies it. Run by `python -m tests.bench_import`."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import logging
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import structlog

sys.path.insert(0, str(Path(__file__).parent))

from running import running

from handlers.fake_telegram import FakeTelegram, User
from knowledge import importing, origins, sheets, store
from knowledge.changes import Change
from knowledge.fields import FIELDS
from knowledge.writer import Writer

ROWS = 20_000
T = TypeVar("T")


def large_file(rows: int = ROWS) -> bytes:
    """A CSV file of claims about regions, each with a statement in both languages."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, [field.name for field in FIELDS["claims"]], restval="")
    writer.writeheader()
    codes = ("33.10", "33.16", "33.72", "12.71", "35.71")
    for number in range(rows):
        said = (
            f"pernyataan nomor {number} tentang layanan kota cerdas, panjang seperti yang biasa ditulis orang di sana"
        )
        writer.writerow({
            "id": f"X{number:05}", "subject": f"region:{codes[number % 5]}", "attribute": f"layanan{number // 5}",
            "period": "all", "text_id": said, "text_en": f"in English: {said}", "status": "stated",
            "sources": "surakartadaily-2019;infopublik-2017",
        })  # fmt: skip
    return file.getvalue().encode()


def measured() -> dict[str, float]:
    """Seconds for each step."""
    times: dict[str, float] = {}

    def timed(name: str, act: Callable[[], T]) -> T:
        started = time.perf_counter()
        done = act()
        times[name] = time.perf_counter() - started
        return done

    content = large_file()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        store.load(data)
        plan = timed("plan", lambda: _plan(data, content))
        change = Change("command line", "import", "bench", "bench", plan.rows)

        def commit() -> int:
            with Writer(data) as writer:
                return writer.commit(change, plan.hash)

        timed("commit", commit)
        again = timed("plan again", lambda: _plan(data, content))
        assert (len(plan.rows), again.rows, again.unchanged) == (ROWS, (), ROWS)
    return times


def _plan(data: Path, content: bytes) -> importing.Plan:
    book = sheets.read(content, "claims.csv")
    return importing.plan(origins.current(data, book.about), book.sheets)


async def meanwhile() -> dict[str, float]:
    """Milliseconds within which others are answered (p50 and p99) while the file is planned and applied, and the seconds
    that either takes in the chat."""
    telegram = FakeTelegram()
    budi, sari = telegram.user("Budi"), telegram.user("Sari")
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        async with running(telegram, Path(folder), owner_ids=(sari.id,), log_level="ERROR") as bot:
            sari.sends("/start")
            await bot.settles()
            for name, act, done in (
                ("plan", lambda: sari.sends_document("claims.csv", large_file()), "20.000"),
                ("apply", lambda: sari.presses("Terapkan"), "no. 2"),
            ):
                act()
                started = time.perf_counter()
                times = await _asked(telegram, budi, lambda done=done: any(done in text for text in sari.said))
                found[f"{name} in the chat"] = time.perf_counter() - started
                await bot.settles()
                found[f"answers while it is at {name}, p50 ms"] = sorted(times)[len(times) // 2] * 1e3
                found[f"answers while it is at {name}, p99 ms"] = sorted(times)[int(0.99 * (len(times) - 1))] * 1e3
    return found


async def _asked(telegram: FakeTelegram, person: User, done: Callable[[], bool]) -> list[float]:
    """Seconds until each question is answered, one after the other, until something is done."""
    times = []
    while not done():
        number = len(person.said)
        asked = time.perf_counter()
        person.sends("apakah Klaten ikut?")
        while len(person.said) == number:
            await asyncio.sleep(0.001)
        times.append(time.perf_counter() - asked)
        await asyncio.sleep(0.01)
    return times


if __name__ == "__main__":
    logging.disable(logging.ERROR)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    print(json.dumps({**measured(), **asyncio.run(meanwhile())}, indent=1))
