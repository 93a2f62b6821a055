"""people.db cannot be used for a while: questions are answered all the same, nobody is told that something was saved that was
not, nothing is answered twice, and all of it ends by itself."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from admins import Chat
from faults import BEGINS, ENDS, FAULTS, UNSAVED, Fault, answered, locked, moved, read_only, said_to
from running import play, running
from structlog.testing import capture_logs

import knowledge
from handlers.fake_telegram import FakeTelegram, Refused
from handlers.people import People, database, reasons, standin
from handlers.people.connection import Unsaved
from handlers.people.reasons import advice
from handlers.people.staff import Role
from handlers.service import timers
from handlers.shared.context import BotContext
from handlers.staff.desk import at_desk
from handlers.staff.publishing import publish
from handlers.transport import intake as intake_module
from knowledge import store, writer
from knowledge.changes import Change
from knowledge.errors import DatabaseError, UnavailableError

ROUNDS = 3
pytestmark = pytest.mark.usefixtures("one_engine", "quick")


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
            assert UNSAVED in said
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


REPLICATES = """
import sqlite3, sys
c = sqlite3.connect(sys.argv[1], isolation_level=None)
c.execute("create table if not exists _litestream_seq (id integer primary key, seq integer)")
for line in sys.stdin:
    c.execute("begin immediate")
    c.execute("insert into _litestream_seq values (1, 1) on conflict (id) do update set seq = seq + 1")
    print(flush=True)
    next(sys.stdin)
    c.execute("commit")
    c.execute("pragma wal_checkpoint(restart)").fetchall()
    print(flush=True)
"""
"""As replication does: another process that writes to a table of its own for a moment, again and again, and folds in the log."""


def test_another_process_that_locks_for_a_moment_again_and_again(tmp_path: Path) -> None:
    """It is no alarm, nothing is lost, and what could not be saved is told."""

    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi", language="en")
        async with running(telegram, tmp_path) as bot:
            other = await asyncio.create_subprocess_exec(
                sys.executable, "-c", REPLICATES, tmp_path / "people.db",
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            )  # fmt: skip
            assert other.stdin
            assert other.stdout
            with capture_logs() as logs:
                for _ in range(ROUNDS):
                    other.stdin.write(b"\n")
                    await other.stdout.readline()
                    for text in ("Is Blora in?", "/language id", "Who invented bananas?"):
                        budi.sends(text)
                        await answered(bot)
                    assert not bot.people.writable
                    other.stdin.write(b"\n")
                    await other.stdout.readline()
                    await telegram.until(lambda: bot.people.writable)
                    budi.sends("Is Kudus in?")
                    await bot.settles()
            other.stdin.close()
            assert await other.wait() == 0
        assert [text.partition("\n")[0] == UNSAVED for text in budi.said] == [False, True, False, False] * ROUNDS
        told = [(entry["log_level"], entry["event"]) for entry in logs if entry["event"] in (BEGINS, ENDS)]
        assert told == [("warning", BEGINS), ("info", ENDS)] * ROUNDS
        assert not [entry for entry in logs if entry["log_level"] == "error"]
        with closing(sqlite3.connect(tmp_path / "people.db")) as file:
            outcomes = [outcome for (outcome,) in file.execute("select outcome from inbox order by update_id")]
            assert outcomes == ["answered", "unsaved", "unknown", "answered"] * ROUNDS
            assert file.execute("select count(*) from questions").fetchone() == (ROUNDS,)
            assert file.execute("select count(*) from replies where message_id > 0").fetchone() == (len(budi.said),)
            assert file.execute("select seq from _litestream_seq").fetchone() == (ROUNDS,)

    play(scene)


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
    people.apply(lambda: people.profiles.set_language(5, "en"))
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


def test_who_somebody_is_stays_known_while_the_file_is_gone(tmp_path: Path) -> None:
    """It is read from what is still open of it, but for what was not committed."""
    people = People(tmp_path, owners=(1,), stand_in=True)
    people.apply(lambda: people.profiles.set_language(5, "en"))
    people._connection._used.execute("insert into settings (key, value) values ('a', 'b')")
    with moved(people, tmp_path):
        assert people.staff.role(1) == Role.OWNER
        assert people.profiles.language(5) == "en"
        assert people.setting("a") is None
        with pytest.raises(Unsaved, match="is gone or was replaced while the bot runs; put the same file back"):
            people.profiles.set_language(5, "id")
        standin.StandIn(tmp_path / "people.db").close()  # Nor is one made where nothing is open of it.
    assert people.recover()
    people.profiles.set_language(5, "id")
    people.close()


def test_another_file_in_its_place_is_never_used(tmp_path: Path) -> None:
    """As with a backup that is copied over it, or a disk that is not mounted any more; whatever fault came before."""
    people = People(tmp_path, owners=(1,), stand_in=True)
    with locked(people, tmp_path):
        people.inbox.receive([{"update_id": 1}])
        assert not people.writable
    (tmp_path / "people.db").rename(tmp_path / "elsewhere.db")
    People(tmp_path).close()
    with capture_logs() as logs:
        assert not people.recover()
        assert not people.recover()
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == [BEGINS]
    assert people.outage
    assert "is gone or was replaced" in people.outage.reason
    (tmp_path / "elsewhere.db").replace(tmp_path / "people.db")
    assert people.recover()
    assert people.inbox.waiting() == [{"update_id": 1}]
    people.close()


@pytest.mark.parametrize(
    ("error", "said", "passes"),
    [
        (sqlite3.SQLITE_BUSY, "another process keeps it locked", True),
        (sqlite3.SQLITE_IOERR, "the disk fails or is full", True),
        (sqlite3.SQLITE_NOTADB, "restore a backup", False),
        (sqlite3.SQLITE_ERROR, "restore a backup", False),
        (OSError(24, "Too many open files"), "the limit of open files", True),
    ],
)
def test_a_start_without_it_says_what_to_do_and_never_to_begin_elsewhere(
    error: int | OSError, said: str, passes: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In another DATA_DIR the bot would begin without roles and followers."""
    failing = error if isinstance(error, OSError) else sqlite3.OperationalError("x")
    if isinstance(failing, sqlite3.Error):
        assert isinstance(error, int)
        failing.sqlite_errorcode = error

    def fails(path: Path, wait: float) -> sqlite3.Connection:
        raise failing

    monkeypatch.setattr(database, "_opened", fails)
    with pytest.raises(DatabaseError, match=said) as raised:
        People(tmp_path)
    assert "Set DATA_DIR" not in str(raised.value)
    assert "\n" not in str(raised.value)
    assert raised.value.passes is passes


def test_a_file_of_another_user_is_named_with_its_rights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "people.db"
    path.touch(0o640)
    error = sqlite3.OperationalError("attempt to write a readonly database")
    error.sqlite_errorcode = sqlite3.SQLITE_READONLY
    assert "DATA_DIR cannot be written" in advice(error, path)
    monkeypatch.setattr(reasons.os, "access", lambda looked, how: Path(looked) == tmp_path)
    said = f"{path} cannot be read and written (rights -rw-r-----, owner {path.stat().st_uid})"
    assert advice(error, path).startswith(said)
    monkeypatch.setattr(reasons.os, "access", lambda looked, how: False)  # As on a disk that is read-only.
    assert "DATA_DIR cannot be written" in advice(error, path)


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
                assert telegram.called("answerCallbackQuery")[-1].params["text"] == UNSAVED
                assert len(budi.said) == 1
                # Here the press has been answered already, which Telegram lets happen once.
                budi.sends("Klaten?")
                await answered(bot)
                budi.presses("Something wrong?")
                await answered(bot)
                assert budi.said[-1] == UNSAVED
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
                await telegram.until(lambda: UNSAVED in said_to(telegram, owner))
                assert store.state(tmp_path) == before
            await telegram.until(lambda: bot.people.writable)
            await chat.presses("Confirm", "Done: change no.")
            assert store.state(tmp_path) != before
            await bot.settles()

    play(scene)


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


def test_a_knowledge_db_that_is_gone_is_not_made_by_a_running_bot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be the shipped edition without what admins changed since."""
    monkeypatch.setattr(timers, "FOLLOW_SECONDS", 0.02)

    async def scene() -> None:
        telegram = FakeTelegram()
        owner = telegram.user("Owner", language="en")
        async with running(telegram, tmp_path, owner_ids=(owner.id,)) as bot:
            chat = Chat(telegram, owner)
            await chat.edits_text("F001", "It took part.")
            path, away = tmp_path / "knowledge.db", tmp_path / "elsewhere.db"
            with capture_logs() as logs:
                path.rename(away)
                await telegram.until(lambda: "missing" in str(logs))
                owner.presses("Confirm")
                await telegram.until(lambda: UNSAVED in said_to(telegram, owner))
                owner.sends("Klaten?")
                await bot.settles()
                assert "Klaten" in owner.said[-1]
                context = BotContext(bot.bot.application)
                for attempt in (
                    publish(context, Change("owner 1", "edit", "", "F001", ())),
                    at_desk(context, "attempted", None, "en", action="typing"),
                ):
                    with pytest.raises(UnavailableError, match="is missing"):
                        await attempt
                with pytest.raises(DatabaseError):
                    knowledge.changed_engine(bot.bot.services.engine, tmp_path)
                assert not path.exists()
                away.rename(path)
                await telegram.until(lambda: "knowledge.db is read again" in [entry["event"] for entry in logs])
            await chat.presses("Confirm", "Done: change no.")

    play(scene)


# ------------------------------------------------------------------------------------------------------------- the token


def test_a_token_that_is_revoked_is_no_error_in_the_code(tmp_path: Path) -> None:
    """Whoever fetches updates says what it is, and ends the bot; of the answer that could not be sent there is one line."""

    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            telegram.faults.add("sendMessage", Refused(401, "Unauthorized"))
            with capture_logs() as logs:
                budi.sends("Klaten ikut?")
                await bot.settles()
            assert [(entry["event"], entry.get("error")) for entry in logs if entry["log_level"] == "error"] == [
                ("undelivered", "InvalidToken")
            ]
            assert "trace" not in str(logs)

    play(scene)
