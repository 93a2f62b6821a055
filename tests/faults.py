"""Ways in which people.db cannot be used for a while, and what is then seen of the bot."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from running import Running

from handlers.fake_telegram import FakeTelegram, User
from handlers.people import People
from handlers.people.connection import Unsaved

UNSAVED = "I cannot save anything at the moment, so nothing was changed. Please try again in a few minutes."
BEGINS, ENDS = "people.db cannot be used", "people.db is in use again"


@contextmanager
def locked(people: People, folder: Path) -> Iterator[None]:
    """Another process holds the file."""
    with closing(sqlite3.connect(folder / "people.db", isolation_level=None)) as other:
        other.execute("begin exclusive")
        yield
        other.execute("rollback")


@contextmanager
def opened_with(people: People, pragma: str) -> Iterator[None]:
    """The file cannot be written by this process, however often it opens it."""
    connection = people._connection
    opening = connection._opening

    def limited(wait: float) -> sqlite3.Connection:
        file = opening(wait)
        file.execute(pragma)
        with closing(file), file:  # As on a disk that is full: what is opened cannot be written.
            file.execute("insert into settings (key, value) values ('x', zeroblob(100000))")
        raise AssertionError("it can be written")

    connection._opening = limited
    connection._used.execute(pragma)
    yield
    connection._opening = opening


@contextmanager
def read_only(people: People, folder: Path) -> Iterator[None]:
    """DATA_DIR cannot be written."""
    with opened_with(people, "pragma query_only = on"):
        yield


@contextmanager
def full(people: People, folder: Path) -> Iterator[None]:
    """The disk is full: the file cannot grow, though what is in it can be changed."""
    with opened_with(people, "pragma max_page_count = 1"):
        with pytest.raises(Unsaved), people._connection as c:
            c.execute("insert into settings (key, value) values ('x', hex(zeroblob(100000)))")
        yield


@contextmanager
def damaged(people: People, folder: Path) -> Iterator[None]:
    """Something has written over all pages of the file but the first; later a backup is put in its place."""
    used = people._connection._used
    used.execute("pragma wal_checkpoint(truncate)")
    whole = (folder / "people.db").read_bytes()
    with (folder / "people.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\x5a" * (len(whole) - 4096))
    used.execute("pragma shrink_memory")
    yield
    (folder / "people.db").write_bytes(whole)


@contextmanager
def moved(people: People, folder: Path) -> Iterator[None]:
    """Somebody has moved the file away, and later puts it back."""
    (folder / "people.db").rename(folder / "elsewhere.db")
    people.recover()  # As the bot does every two seconds: what it writes meanwhile goes along with the file.
    yield
    assert not (folder / "people.db").exists(), "another one was made"
    (folder / "elsewhere.db").rename(folder / "people.db")


FAULTS = [locked, read_only, full, damaged, moved]
Fault = Callable[[People, Path], Any]


async def answered(bot: Running) -> None:
    """Wait until Telegram holds no update any more: each was handled."""
    await bot.telegram.until(lambda: not bot.telegram.updates.waiting)


def said_to(telegram: FakeTelegram, person: User) -> list[str]:
    """Everything that somebody has read, in messages and beside buttons."""
    return [*person.said, *(call.params.get("text", "") for call in telegram.called("answerCallbackQuery"))]
