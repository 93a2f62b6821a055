"""people.db cannot be used for a while: questions are answered all the same, nobody is told that something was saved that was
not, nothing is answered twice, and all of it ends by itself."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from admins import Chat
from running import Running, play, running
from structlog.testing import capture_logs

from handlers.fake_telegram import FakeTelegram, User
from handlers.people import People, standin
from handlers.people import connection as connection_module
from handlers.people.connection import Unsaved
from handlers.service import timers
from handlers.transport import intake as intake_module
from knowledge import store, writer
from knowledge.errors import DatabaseError

pytestmark = pytest.mark.usefixtures("one_engine", "quick")

ENGLISH = "I cannot save anything at the moment, so nothing was changed. Please try again in a few minutes."
BEGINS, ENDS = "people.db cannot be used", "people.db is in use again"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is tried soon to use the file again, and other processes are not waited for."""
    monkeypatch.setattr(timers, "FIRST_TRY", 0.05)
    monkeypatch.setattr(timers, "LONGEST_TRY", 0.05)
    monkeypatch.setattr(connection_module, "BUSY_MILLISECONDS", 1)
    monkeypatch.setattr(connection_module, "START_SECONDS", 0.01)


# ------------------------------------------------------------------------------------------------------------ the faults


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


FAULTS = [locked, read_only, full, damaged]
Fault = Callable[[People, Path], Any]


# ----------------------------------------------------------------------------------------------------- what the bot does


@pytest.mark.parametrize("fault", FAULTS)
def test_questions_are_answered_and_what_cannot_be_saved_is_refused(fault: Fault, tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi", language="en")
        async with running(telegram, tmp_path) as bot:
            budi.sends("Is Klaten in?")
            await bot.settles()
            with capture_logs() as logs:
                with fault(bot.people, tmp_path):
                    for text in ("Is Blora in?", "since when?", "/language id", "/start", "Is Kudus in?"):
                        budi.sends(text)
                        await answered(bot)
                    assert bot.people.writable is False
                    said = budi.said
                await telegram.until(lambda: bot.people.writable)
            assert "Blora" in said[1]
            assert "Blora" in said[2]
            assert "Kudus" in said[-1]
            assert ENGLISH in said
            assert [entry["event"] for entry in logs if entry["log_level"] in ("warning", "error")] == [BEGINS]
            assert [entry["event"] for entry in logs].count(ENDS) == 1
            with closing(sqlite3.connect(tmp_path / "people.db")) as file:
                assert file.execute("select outcome from inbox").fetchall()[1:] == [
                    ("answered",), ("answered",), ("unsaved",), ("done",), ("answered",),
                ]  # fmt: skip
                assert file.execute("select count(*) from people").fetchone() == (0,)
                assert file.execute("select sum(times) from tally").fetchone() == (4,)
                assert file.execute("select count(*) from replies where message_id > 0").fetchone() == (len(said),)
            budi.sends("/language id")
            await bot.settles()
            assert bot.people.profiles.language(budi.id) == "id"

    play(scene)


async def answered(bot: Running) -> None:
    """Wait until Telegram holds no update any more: each was handled."""
    await bot.telegram.until(lambda: not bot.telegram.updates.waiting)


def test_what_was_told_as_done_just_before_is_written_as_soon_as_possible(tmp_path: Path) -> None:
    people = People(tmp_path, stand_in=True)
    people.inbox.receive([{"update_id": 1}, {"update_id": 2}])
    kept = "select update_id, outcome from inbox"
    with locked(people, tmp_path):
        people.finish(1, "done", [lambda: people.profiles.set_language(5, "en")])
        people.finish(2, "answered", [lambda: people.tally.add("answered", "id", "")])
        assert not people.writable
        assert not people.recover()
        with closing(sqlite3.connect(tmp_path / "people.db")) as file:
            assert file.execute(kept).fetchall() == [(1, None), (2, None)]  # a start would handle both again
    assert people.recover()
    assert people.profiles.language(5) == "en"
    assert people._connection.execute(kept).fetchall() == [(1, "done"), (2, "answered")]
    people.close()


def test_what_was_told_as_done_and_cannot_be_written_does_not_keep_back_the_rest(tmp_path: Path) -> None:
    def fails() -> None:
        people.profiles.set_language(5, "en")
        raise TypeError("no")

    people = People(tmp_path, stand_in=True)
    people.inbox.receive([{"update_id": 1}, {"update_id": 2}])
    with locked(people, tmp_path):
        people.finish(1, "done", [fails])
        people.finish(2, "done", [lambda: people.profiles.set_language(6, "en")])
    assert people.recover()
    assert (people.profiles.language(5), people.profiles.language(6)) == (None, "en")
    assert people._connection.execute("select outcome from inbox").fetchall() == [("error",), ("done",)]
    people.close()


def test_part_of_a_transaction_is_never_kept(tmp_path: Path) -> None:
    """What came before the fault in it went to the file, and is gone with it."""
    people = People(tmp_path, stand_in=True)
    people.profiles.set_language(5, "en")
    people._connection.commit()
    with read_only(people, tmp_path):
        with pytest.raises(Unsaved):
            people.apply(lambda: people.tally.add("answered", "id", ""), lambda: people.forget(5))
        assert people.tally.outcomes("") == {}
        with pytest.raises(Unsaved):
            people.apply(lambda: people.tally.add("answered", "id", ""), lambda: people.forget(5))
        assert people.tally.outcomes("") == {}
    assert people.recover()
    assert people.tally.outcomes("") == {}
    assert people.profiles.language(5) == "en"
    people.close()


def test_a_transaction_that_fails_half_way_is_kept_whole(tmp_path: Path) -> None:
    """SQLite takes back what came before by itself; it is done again in memory."""
    people = People(tmp_path, stand_in=True)
    people._connection._used.execute("pragma max_page_count = 1")
    long = "insert into questions (day, text, language, reason) values ('', hex(zeroblob(100000)), 'id', '')"
    people.apply(lambda: people.tally.add("answered", "id", ""), lambda: people._connection.execute(long))
    assert not people.writable
    assert people.recover()
    assert people.tally.outcomes("") == {("id", "answered"): 1}
    assert people._connection.execute("select length(text) from questions").fetchall() == [(200_000,)]
    people.close()


def test_memory_does_not_grow_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standin, "MOST", 10)
    people = People(tmp_path, stand_in=True)
    people.inbox.receive([{"update_id": 0}])
    with locked(people, tmp_path):
        for number in range(1, 101):
            people.inbox.receive([{"update_id": number}])
            people.inbox.record(number, 1, 5, number, None, "", "")
            people.finish(number, "answered")
        assert not people.recover()
        count = "select (select count(*) from inbox), (select count(*) from replies)"
        # The one that is not handled stays.
        assert people._connection.execute(count).fetchone() == (21, 20)
    assert people.recover()
    people.close()


@pytest.mark.parametrize("fault", [locked, read_only])
def test_it_starts_without_people_db_and_uses_it_later(fault: Fault, tmp_path: Path) -> None:
    first = People(tmp_path)
    first.apply(lambda: first.profiles.set_language(5, "en"))
    with locked(first, tmp_path):
        first.close()
        with pytest.raises(DatabaseError, match=r"people\.db cannot be used"):
            People(tmp_path)
        people = People(tmp_path, stand_in=True)
        assert not people.writable
        assert people.profiles.language(5) == "en"
        assert people.inbox.receive([{"update_id": 1}])
        assert not people.inbox.receive([{"update_id": 1}])
    assert people.recover()
    assert people.inbox.waiting() == [{"update_id": 1}]
    people.close()


def test_a_damaged_file_is_no_start(tmp_path: Path) -> None:
    People(tmp_path).close()
    (tmp_path / "people.db").write_bytes(b"\x5a" * 8192)
    with pytest.raises(DatabaseError, match=r"people\.db"):
        People(tmp_path, stand_in=True)


def test_an_update_that_is_not_written_down_is_confirmed_when_it_is_handled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Meanwhile others are answered, and it is answered once however often it comes."""
    monkeypatch.setattr(intake_module, "HANDLED_WITHIN", 0.05)

    async def scene() -> None:
        telegram = FakeTelegram()
        budi, wati = telegram.user("Budi"), telegram.user("Wati")
        async with running(telegram, tmp_path) as bot:
            order = bot.bot.order
            with locked(bot.people, tmp_path):
                async with order._locks.setdefault(("chat", budi.id), asyncio.Lock()):
                    budi.sends("Klaten ikut?")
                    await telegram.until(lambda: not bot.people.writable)
                    wati.sends("Blora ikut?")
                    await telegram.until(lambda: len(wati.said) == 1)
                    for _ in range(3):  # asked for again and again, and never confirmed
                        polls = len(telegram.called("getUpdates"))
                        await telegram.until(lambda was=polls: len(telegram.called("getUpdates")) > was)
                        assert telegram.updates.waiting[0]["message"]["from"]["id"] == budi.id
                await answered(bot)
            await telegram.until(lambda: bot.people.writable)
            await bot.settles()
        assert len(budi.said) == len(wati.said) == 1

    play(scene)


def test_whoever_pressed_a_button_reads_it_too(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi", language="en")
        async with running(telegram, tmp_path) as bot:
            budi.sends("/language")
            await bot.settles()
            with locked(bot.people, tmp_path):
                budi.presses("English")
                await answered(bot)
                assert telegram.called("answerCallbackQuery")[-1].params["text"] == ENGLISH
                assert len(budi.said) == 1
                # Here the press has been answered already, which Telegram lets happen once.
                budi.sends("Klaten?")
                await answered(bot)
                budi.presses("Something wrong?")
                await answered(bot)
                assert budi.said[-1] == ENGLISH
            await telegram.until(lambda: bot.people.writable)

    play(scene)


# ---------------------------------------------------------------------------------------------------- the knowledge too


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Another process writes to a database and does not end."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin immediate")
        yield
        other.execute("rollback")


@pytest.mark.parametrize("name", ["people.db", "knowledge.db"])
def test_a_change_that_cannot_be_saved_is_not_made_and_may_be_made_later(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "LOCK_SECONDS", 0.01)

    async def scene() -> None:
        telegram = FakeTelegram()
        owner = telegram.user("Owner", language="en")
        async with running(telegram, tmp_path, owner_ids=(owner.id,)) as bot:
            chat = Chat(telegram, owner)
            await chat.edits_text("F001", "It took part.")
            before = store.state(tmp_path)
            with held(tmp_path / name):
                bot.people.recover()
                if name == "people.db":
                    owner.sends("Klaten?")
                    await telegram.until(lambda: not bot.people.writable)
                owner.presses("Confirm")
                await telegram.until(lambda: ENGLISH in said_to(telegram, owner))
                assert store.state(tmp_path) == before
            await telegram.until(lambda: bot.people.writable)
            await chat.presses("Confirm", "Done: change no.")
            assert store.state(tmp_path) != before
            await bot.settles()

    play(scene)


def said_to(telegram: FakeTelegram, person: User) -> list[str]:
    """Everything that somebody has read, in messages and beside buttons."""
    return [*person.said, *(call.params.get("text", "") for call in telegram.called("answerCallbackQuery"))]


def test_knowledge_that_cannot_be_read_for_a_while_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timers, "FOLLOW_SECONDS", 0.02)

    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            path, looks = tmp_path / "knowledge.db", 0
            whole, state = path.read_bytes(), store.state

            def looked(folder: Path) -> str:
                nonlocal looks
                looks += 1
                return state(folder)

            monkeypatch.setattr(store, "state", looked)
            with capture_logs() as logs:
                path.write_bytes(b"\x5a" * len(whole))
                await telegram.until(lambda: looks > 5)
                budi.sends("Klaten ikut?")
                await bot.settles()
                assert "Klaten" in budi.said[0]
                path.write_bytes(whole)
                await telegram.until(lambda: "knowledge.db is read again" in [entry["event"] for entry in logs])
            assert [entry["event"] for entry in logs if entry["log_level"] == "warning"] == [
                "knowledge.db cannot be read; answers go on from memory"
            ]

    play(scene)
