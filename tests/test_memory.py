"""What memory keeps while people.db cannot be used is written down once, at the latest when the bot stops."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from faults import answered, full, locked
from running import play, running
from structlog.testing import capture_logs

from handlers.fake_telegram import FakeTelegram
from handlers.people import People, connection
from handlers.people.connection import Unsaved
from handlers.people.staff import Role
from handlers.people.standin import StandIn

pytestmark = pytest.mark.usefixtures("quick", "one_engine")


# ------------------------------------------------------------------------------------------------------ until the end


def test_what_memory_kept_is_written_down_when_the_bot_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault is over, and nobody has tried to use the file again yet."""
    monkeypatch.setattr("handlers.service.timers.FIRST_TRY", 3600.0)

    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi", language="en")
        async with running(telegram, tmp_path) as bot:
            with locked(bot.people, tmp_path):
                budi.sends("Who invented bananas?")
                budi.sends("Is Klaten in?")
                await answered(bot)
            assert not bot.people.writable
        with closing(sqlite3.connect(tmp_path / "people.db")) as file:
            assert [text for (text,) in file.execute("select text from questions")] == ["Who invented bananas?"]
            assert [outcome for (outcome,) in file.execute("select outcome from inbox")] == ["unknown", "answered"]
            assert file.execute("select sum(times) from tally").fetchone() == (2,)

    play(scene)


def test_what_is_lost_at_the_end_is_told(tmp_path: Path) -> None:
    people = People(tmp_path, stand_in=True)
    people.inbox.receive([{"update_id": 1}])
    with locked(people, tmp_path):
        people.finish(1, "done", [lambda: people.profiles.set_language(5, "en")])
        people.inbox.receive([{"update_id": 2}, {"update_id": 3}])
        people.apply(lambda: people.queue.unanswered("Bananas?", "en", "no_fact", "private", str))
        with capture_logs() as logs:
            people.close()
    assert [entry for entry in logs if entry["log_level"] == "error"] == [
        {
            "event": "people.db could not be written to the end", "log_level": "error",
            "updates": 2, "questions": 1, "owed": 1,
        }
    ]  # fmt: skip


def test_the_end_waits_for_another_process_a_little(tmp_path: Path) -> None:
    """A backup that is under way is no reason to lose anything; it is waited for as at the start."""
    people = People(tmp_path, stand_in=True)
    with locked(people, tmp_path):
        people.inbox.receive([{"update_id": 1}])
        waits: list[float] = []
        opening = people._connection._opening

        def noted(wait: float) -> sqlite3.Connection:
            waits.append(wait)
            return opening(wait)

        people._connection._opening = noted
        assert not people.recover()
        assert not people.recover(at_last=True)
    assert waits == [0.0, 0.01]
    people.close()


def test_the_last_bytes_of_a_disk_are_for_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people = People(tmp_path, stand_in=True)
    with full(people, tmp_path):
        people.inbox.receive([{"update_id": 1}])
    usual = connection.ROOM
    monkeypatch.setattr(connection.shutil, "disk_usage", lambda _: SimpleNamespace(free=usual - 1))
    assert not people.recover()
    people.close()
    with closing(sqlite3.connect(tmp_path / "people.db")) as file:
        assert file.execute("select update_id from inbox").fetchall() == [(1,)]


# -------------------------------------------------------------------------------------------------------- and meanwhile


def test_what_was_written_down_is_not_written_down_again(tmp_path: Path) -> None:
    """However often that is done, and though the file can be opened once and not a second time."""
    people = People(tmp_path, stand_in=True)
    with locked(people, tmp_path):
        people.apply(lambda: people.queue.unanswered("Bananas?", "en", "no_fact", "private", str))
    used = people._connection._used
    assert isinstance(used, StandIn)
    used.write_down()
    opening, opened = people._connection._opening, 0

    def every_other(wait: float) -> sqlite3.Connection:
        nonlocal opened
        opened += 1
        if opened % 2 == 0:
            raise sqlite3.OperationalError("unable to open database file")
        return opening(wait)

    people._connection._opening = every_other
    assert people.recover() or people.recover() or people.recover()
    assert people._connection.execute("select count(*) from questions").fetchone() == (1,)
    people.close()


def test_whoever_blocks_the_bot_meanwhile_is_unreachable_afterwards(tmp_path: Path) -> None:
    people = People(tmp_path, stand_in=True)
    people.apply(lambda: people.follows.follow(5, "region:33.10", "en"))
    people.close()

    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi", language="en")
        async with running(telegram, tmp_path) as bot:
            budi.sends("Is Klaten in?")
            await bot.settles()
            with locked(bot.people, tmp_path):
                budi.sends("Is Blora in?")
                await answered(bot)
                budi.sends("Is Kudus in?")
                budi.blocks()
                with capture_logs() as logs:
                    await answered(bot)
            await telegram.until(lambda: bot.people.writable)
            await bot.settles()
            assert [entry["event"] for entry in logs if entry["log_level"] in ("warning", "error")] == []
            assert bot.people.profiles.unreachable(budi.id)
            assert "unreachable" in bot.outcomes()

    play(scene)


def test_owners_are_appointed_as_soon_as_that_is_possible(tmp_path: Path) -> None:
    People(tmp_path, owners=(1,)).close()
    with closing(sqlite3.connect(tmp_path / "people.db", isolation_level=None)) as other:
        other.execute("begin exclusive")
        people = People(tmp_path, owners=(1, 2), stand_in=True)
        assert not people.writable
        assert (people.staff.role(1), people.staff.role(2)) == (Role.OWNER, Role.NONE)
        other.execute("rollback")
    assert people.recover()
    assert people.staff.role(2) == Role.OWNER
    people.close()


def test_what_is_only_tried_is_taken_back_whatever_blocks_it_has(tmp_path: Path) -> None:
    people = People(tmp_path, stand_in=True)

    def within_blocks() -> None:
        with people._connection:
            people.apply(lambda: people.tally.add("answered", "id", ""))

    with locked(people, tmp_path):
        people.inbox.receive([{"update_id": 1}])
        people.refuse(within_blocks)
        assert people.tally.outcomes("") == {}
        with pytest.raises(Unsaved):
            people.refuse(lambda: people.profiles.set_language(5, "en"))
    assert people.recover()
    assert people.tally.outcomes("") == {}
    people.close()


def test_a_block_within_another_is_part_of_its_transaction(tmp_path: Path) -> None:
    people = People(tmp_path)

    def fails() -> None:
        people.apply(lambda: people.tally.add("answered", "id", ""))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        people.apply(fails)
    assert people.tally.outcomes("") == {}
    people.close()
