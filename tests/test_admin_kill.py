"""The bot killed with SIGKILL at random moments while an admin imports, edits, adds and takes back: after each restart every
act is done once and whole, and the log says what the tables say.

KILLS=100 in the environment kills as often as that; KILL_SEED begins the random moments elsewhere.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

from admins import Chat, sound
from process import bot_process

from handlers.fake_telegram import FakeTelegram, serve
from knowledge import store

KILLS = int(os.environ.get("KILLS", "8"))
SEED = os.environ.get("KILL_SEED", "5")
ROWS = 400
CLAIM = "F001"
WINDOWS = {"check": 1.2, "apply": 2.0, "edit": 0.5, "add": 0.5, "undo": 0.5}
"""Seconds after a tap within which the process is killed: about what the act takes."""


def file(number: int) -> str:
    """A CSV file of several hundred new claims."""
    head = "id,subject,attribute,period,text_id,text_en,status,sources"
    rows = (
        f"K{number}-{row},region:33.10,layanan{number},all,layanan {number} nomor {row},service {number} no. {row},stated,"
        "infopublik-2017"
        for row in range(ROWS)
    )
    return "\n".join((head, *rows))


class Acts:
    """What an admin does: each begins with what leads to the last tap, whose effect a kill must not halve or double."""

    def __init__(self, chat: Chat, data_dir: Path) -> None:
        self.chat = chat
        self.data_dir = data_dir
        self.changes = 1
        """Changes that are to be in the log; the first is the edition."""
        self.text = ""
        """What the edited claim is to say; nothing before the first edit."""

    def __iter__(self) -> Iterator[str]:
        while True:
            yield from ("check", "edit", "apply", "add", "undo")

    async def begun(self, act: str, number: int) -> None:
        """Walk up to the tap, and tap."""
        chat = self.chat
        match act:
            case "check":
                chat.person.sends_document(f"k{number}.csv", file(number).encode())
            case "apply":
                await chat.sends_file(f"k{number}.csv", file(number), f"k{number}.csv", "[Apply")
                chat.person.presses("Apply")
            case "edit":
                self.text = f"It is a movement, said the {number}th time."
                await chat.edits_text(CLAIM, self.text)
                chat.person.presses("Confirm")
            case "add":
                await chat.sends("/manage 33.10", "[Add another name]")
                await chat.presses("Add another name", "[Cancel]")
                await chat.sends(f"Klatenia {number}", "[nickname]")
                await chat.presses("nickname", "Where is that published?")
                await chat.sends("infopublik 2017", "[InfoPublik")
                await chat.presses("InfoPublik", "[Confirm]")
                chat.person.presses("Confirm")
            case "undo":
                await chat.sends(f"/history {self.changes}", f"Change no. {self.changes}", "[Undo]")
                await chat.presses("Undo", "[Yes, ")
                chat.person.presses("Yes, ")

    def words(self, act: str, number: int) -> tuple[str, ...]:
        """What tells that it is done; the restarted bot has to say so, if the killed one did not."""
        if act == "check":
            return (f"k{number}.csv", "[Apply")
        if act == "apply":
            return (f"k{number}.csv", f"Applied as change no. {self.changes + 1}: {ROWS} added.")
        return (f"no. {self.changes + 1}{'' if act == 'undo' else '.'}",)

    def done(self, act: str) -> None:
        """Every act but a look at a file is a change."""
        self.changes += act != "check"

    def verify(self, imported: list[int]) -> None:
        """Every change is there once, every import whole."""
        sound(self.data_dir)
        with closing(sqlite3.connect(self.data_dir / store.FILE)) as connection:
            claims = "select attribute, count(*) from claims where id like 'K%' group by attribute"
            rows = dict(connection.execute(claims).fetchall())
            says = connection.execute("select text_en from claims where id = ?", (CLAIM,)).fetchone()
        assert rows == {f"layanan{number}": ROWS for number in imported}
        assert self.logged() == list(range(1, self.changes + 1))
        assert not self.text or says == (self.text,)

    def logged(self) -> list[int]:
        """The changes in the log."""
        with closing(sqlite3.connect(self.data_dir / store.FILE)) as connection:
            return [id for (id,) in connection.execute("select id from changes order by id")]


def test_killed_at_any_moment_every_act_is_done_once_and_whole(tmp_path: Path) -> None:
    asyncio.run(scene(tmp_path, random.Random(SEED)))


async def scene(data_dir: Path, rng: random.Random) -> None:
    telegram = FakeTelegram()
    chat = Chat(telegram, telegram.user("Sari", language="en"))
    budi = Chat(telegram, telegram.user("Budi", language="en"))
    acts, imported, waits = Acts(chat, data_dir), [], None
    settings = {"OWNER_IDS": str(chat.person.id), "MESSAGES_PER_SECOND": "0"}
    async with serve(telegram) as url:
        for number, act in zip(range(KILLS + 1), acts, strict=False):
            async with bot_process(url, data_dir, **settings) as bot:
                if waits:
                    await telegram.until(waits, timeout=60)
                    acts.verify(imported)
                await budi.sends("is Klaten a participant?", "Yes, Klaten Regency")
                if number == KILLS:
                    return
                mark = len(chat.shown)
                await acts.begun(act, number)
                after = rng.uniform(0, WINDOWS[act])
                await asyncio.sleep(after)
                helpers = children(bot.process.pid) if rng.random() < 0.5 else []
                await bot.kill()
            for helper in helpers:
                with suppress(ProcessLookupError):
                    os.kill(helper, signal.SIGKILL)
            words = acts.words(act, number)
            at = "told" if said(chat, mark, words) else "made" if acts.logged()[-1] > acts.changes else "not made"
            sys.stdout.write(json.dumps({"kill": number, "act": act, "after": round(after, 3), "was": at}) + "\n")
            waits = partial(said, chat, mark, words)
            acts.done(act)
            imported += [number] if act == "apply" else []


def children(process: int) -> list[int]:
    """The processes that the bot started for a file (Linux): half of the kills take them along, half leave them at work."""
    listed = Path(f"/proc/{process}/task/{process}/children")
    return [int(child) for child in listed.read_text(encoding="ascii").split()] if listed.exists() else []


def said(chat: Chat, mark: int, words: tuple[str, ...]) -> bool:
    """Whether something with these words was shown since a moment."""
    return any(all(word in shown for word in words) for shown in chat.shown[mark:])
