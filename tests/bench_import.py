"""How long a large file takes: 20,000 claims planned, applied, and then found unchanged; and how fast others are answered
while an admin sends that file to the bot, a process of its own, and applies it. Run by `python -m tests.bench_import`."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

sys.path.insert(0, str(Path(__file__).parent))

from admins import Chat
from process import bot_process, handled, megabytes

from handlers.fake_telegram import FakeTelegram, User, serve
from knowledge import importing, origins, sheets, store
from knowledge.changes import Change
from knowledge.fields import FIELDS
from knowledge.writer import Writer

ROWS = 20_000
PEOPLE = 40
"""Who ask meanwhile, in turns."""
A_SECOND = 10
"""Questions."""
QUESTION = "Apakah Klaten ikut?"
EDITS = 10
"""Further imports of one row each, after which the memory is looked at: what is replaced must be let go."""
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


class Stopwatch(FakeTelegram):
    """A Telegram that measures how long each question waits for its answer."""

    def __init__(self) -> None:
        super().__init__(remembers=500)
        self.asked: dict[int, float] = {}
        self.waited: list[float] = []

    async def handle(self, method: str, params: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """A call of the bot."""
        chat = params.get("chat_id")
        if method.lower() == "sendmessage" and chat in self.asked:
            self.waited.append(time.perf_counter() - self.asked.pop(chat))
        return await super().handle(method, params)


async def meanwhile() -> dict[str, float]:
    """What an import in the chat of a running bot takes, and how long others wait for an answer meanwhile: seconds, answers
    in milliseconds, memory in megabytes."""
    telegram = Stopwatch()
    admin = Chat(telegram, telegram.user("Sari", language="en"))
    people = [telegram.user(f"P{number}") for number in range(PEOPLE)]
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        async with serve(telegram) as url, bot_process(url, Path(folder), OWNER_IDS=str(admin.person.id)) as bot:
            for person in people:
                person.sends(QUESTION)
            await admin.sends("/language en", "English")
            await handled(telegram)

            async def measured(name: str, act: Callable[[], object], *words: str) -> None:
                step = asyncio.create_task(admin.then(act, *words, seconds=120) if words else asyncio.sleep(10))
                started = time.perf_counter()
                waited = await _asked(telegram, people, step)
                found[name] = time.perf_counter() - started
                for part, share in (("p50", 0.5), ("p99", 0.99), ("max", 1.0)):
                    found[f"{name}: answers, {part}"] = sorted(waited)[int(share * (len(waited) - 1))] * 1e3
                found[f"{name}: memory"] = megabytes(bot.process.pid)

            await measured("at rest", lambda: None)
            await measured("dry run", lambda: admin.person.sends_document("claims.csv", large_file()), "[Apply")
            await handled(telegram)
            await measured("apply", lambda: admin.person.presses("Apply"), "Applied as change")
            for number in range(EDITS):
                row = f"id,text_en\nX00001,Another text: the {number}th.\n"
                await admin.sends_file(f"{number}.csv", row, f"{number}.csv", "[Apply")
                await measured("a row more" if number < EDITS - 1 else f"the {EDITS}th row more", lambda: admin.person.presses("Apply"), "Applied as")  # fmt: skip
    return found


async def _asked(telegram: Stopwatch, people: Sequence[User], step: asyncio.Future[Any]) -> list[float]:
    """Seconds until each question is answered, ten a second, while a step is under way."""
    telegram.waited.clear()
    started = time.perf_counter()
    number = 0
    while not step.done():
        person = people[number % len(people)]
        number += 1
        telegram.asked[person.id] = time.perf_counter()
        person.sends(QUESTION)
        await asyncio.sleep(max(0.0, started + number / A_SECOND - time.perf_counter()))
    await step
    await telegram.until(lambda: not telegram.asked, timeout=30)
    return list(telegram.waited)


if __name__ == "__main__":
    print(json.dumps({**measured(), **asyncio.run(meanwhile())}, indent=1))
