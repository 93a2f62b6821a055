"""Whatever happens on the way, a question is answered once: servers that fail, people who block, restarts, errors of ours."""

from __future__ import annotations

import asyncio
import types
from pathlib import Path
from typing import Any

import pytest
from running import TOKEN, play, running

from handlers.fake_telegram import Cut, FakeTelegram, Fault, Refused, ServerError, Timeout, TooManyRequests
from handlers.people import People
from handlers.rendering import speech
from handlers.transport import pacing
from handlers.transport.pacing import MAX_DOUBTS
from knowledge import Engine
from knowledge.lexicon import LANGUAGES
from knowledge.model import Language

SORRY = "I am sorry, something went wrong on my side. The maintainers are told; please try again later."
BLOCKED = Refused(403, "Forbidden: bot was blocked by the user")
KLATEN, BLORA = "Kabupaten Klaten", "Kabupaten Blora"
Json = dict[str, Any]


pytestmark = pytest.mark.usefixtures("one_engine")


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that the pacer would have waited before trying again."""
    found: list[float] = []

    async def at_once(seconds: float) -> None:
        found.append(seconds)
        await asyncio.sleep(0)

    quick = types.ModuleType("asyncio")
    quick.__dict__.update(asyncio.__dict__, sleep=at_once)
    monkeypatch.setattr(pacing, "asyncio", quick)
    return found


def waiting(telegram: FakeTelegram) -> list[Json]:
    """Take what waits for the bot out of Telegram: an earlier run of the bot has confirmed it."""
    taken, telegram.updates.pending = telegram.updates.pending, []
    return taken


def received(folder: Path, updates: list[Json]) -> None:
    """Leave updates behind as a process does that received them and died."""
    people = People(folder)
    people.inbox.receive(updates)
    people.close()


# ------------------------------------------------------------------------------------------------------------- failures


@pytest.mark.parametrize(
    ("faults", "waited"),
    [
        ([ServerError(500)], 0.4), ([ServerError(502), ServerError(500)], 1.0), ([TooManyRequests(3)], 3.0),
        ([TooManyRequests(1), ServerError(502), Cut(accepted=False)], 1.4), ([Cut(accepted=False)], 0.4),
    ],
    ids=["500", "502-500", "429", "429-502-cut", "cut"],
)  # fmt: skip
def test_a_question_is_answered_once_however_often_sending_fails(
    tmp_path: Path, waits: list[float], faults: list[Fault], waited: float
) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            for fault in faults:
                telegram.faults.add("sendMessage", fault)
            budi.sends("Klaten ikut?")
            await bot.settles()
            assert len(budi.said) == 1
            assert KLATEN in budi.said[0]
            assert len(telegram.called("sendMessage")) == len(faults) + 1
            assert len(waits) == len(faults)
            assert sum(waits) >= waited
            assert bot.outcomes() == ["answered"]

    play(scene)


def test_an_edit_that_timed_out_is_made_again(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            said = budi.sends("Klaten ikut?")
            await bot.settles()
            telegram.faults.add("editMessageText", Timeout(accepted=True))
            telegram.faults.add("editMessageText", Timeout(accepted=False))
            budi.edits(said, "Blora ikut?")
            await bot.settles()
            assert len(budi.said) == 1
            assert BLORA in budi.said[0]

    play(scene)


@pytest.mark.parametrize(("accepted", "answers"), [(False, 1), (True, 2)])
def test_what_timed_out_is_sent_again(tmp_path: Path, accepted: bool, answers: int) -> None:
    """Nobody can tell whether it arrived, and an answer that comes twice is better than none."""

    async def scene() -> None:
        telegram = FakeTelegram()
        kate = telegram.user("Kate", language="en")
        async with running(telegram, tmp_path) as bot:
            telegram.faults.add("sendMessage", Timeout(accepted=accepted))
            kate.sends("Did Klaten take part?")
            await bot.settles()
            assert len(kate.said) == answers
            assert all("2019" in text for text in kate.said)

    play(scene)


def test_what_times_out_again_and_again_is_given_up_and_the_next_question_is_answered(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            telegram.faults.add("sendMessage", Timeout(accepted=False), times=1 + MAX_DOUBTS)
            budi.sends("Klaten ikut?")
            budi.sends("Blora ikut?")
            await bot.settles()
            assert [BLORA in text for text in budi.said] == [True]
            assert bot.outcomes() == ["undelivered", "answered"]

    play(scene)


def test_a_button_whose_answer_was_given_up_may_be_pressed_again(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            budi.sends("Klaten ikut?")
            await bot.settles()
            message = budi.last
            telegram.faults.add("sendMessage", Timeout(accepted=False), times=1 + MAX_DOUBTS)
            for expected in (1, 2, 2):
                budi.presses("Semua tentang", message=message)
                await bot.settles()
                assert len(budi.said) == expected

    play(scene)


@pytest.mark.parametrize("fault", [Timeout(accepted=False), BLOCKED], ids=["lost", "blocked"])
def test_a_report_is_kept_where_the_owner_cannot_be_told(tmp_path: Path, fault: Fault) -> None:
    """The person is thanked and told that it is noted."""

    async def scene() -> None:
        telegram = FakeTelegram()
        budi, sari = telegram.user("Budi"), telegram.user("Sari")
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            for person in (budi, sari):
                person.sends("Klaten ikut?")
            await bot.settles()
            budi.presses("Ada yang salah?")
            await bot.settles()
            telegram.faults.add("sendMessage", fault)
            budi.presses("Faktanya")
            await bot.settles()
            assert not telegram.faults.left
            assert "no. 1" in budi.said[-1]
            assert [report.reason for report in bot.people.reports.all()] == ["f"]

    play(scene)


# ------------------------------------------------------------------------------------------------------- out of reach


def test_whoever_blocks_the_bot_is_known_to_be_out_of_reach_until_they_come_back(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            telegram.faults.add("sendMessage", BLOCKED)
            budi.sends("Klaten ikut?")
            await bot.settles()
            assert bot.outcomes() == ["unreachable"]
            assert len(telegram.called("sendMessage")) == 1
            states = [bot.people.profiles.unreachable(budi.id)]
            for acts in (budi.unblocks, budi.blocks, budi.unblocks):
                acts()
                await bot.settles()
                states.append(bot.people.profiles.unreachable(budi.id))
            assert states == [True, False, True, False]
            budi.sends("Klaten ikut?")
            await bot.settles()
            assert len(budi.said) == 1

    play(scene)


def test_a_group_that_shuts_the_bot_out_makes_nobody_unreachable(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi, group = telegram.user("Budi"), telegram.group("Warga")
        async with running(telegram, tmp_path) as bot:
            telegram.faults.add("sendMessage", Refused(403, "Forbidden: bot was kicked from the supergroup chat"))
            budi.sends("/tanya Klaten ikut?", to=group)
            await bot.settles()
            assert bot.outcomes() == ["unreachable"]
            assert not bot.people.profiles.unreachable(budi.id)

    play(scene)


@pytest.mark.parametrize("told", [True, False], ids=["told", "not told"])
def test_a_group_that_became_a_supergroup_is_answered_there(tmp_path: Path, told: bool) -> None:
    """With the service messages that tell so, and without."""

    async def scene() -> None:
        telegram = FakeTelegram()
        budi, group = telegram.user("Budi"), telegram.group("Warga", supergroup=False)
        async with running(telegram, tmp_path) as bot:
            budi.sends("/tanya Blora ikut?", to=group)
            await bot.settles()
            old = group.id
            budi.sends("/tanya Klaten ikut?", to=group)
            question = telegram.updates.pending[-1:]
            new = group.migrate()
            if not told:
                telegram.updates.pending = question
            await bot.settles()
            assert [KLATEN in text for text in group.said] == [True]
            assert bot.people.profiles.conversation(new, budi.id) is not None
            for table in ("conversations", "replies", "once"):
                query = f"select count(*) from {table} where chat_id = ?"
                assert bot.people._connection.execute(query, (old,)).fetchone() == (0,)

    play(scene)


# ------------------------------------------------------------------------------------------------------- errors of ours


def fails(*arguments: Any, **named: Any) -> None:
    """What breaks, with words of a person in its message."""
    raise RuntimeError("apa itu rahasia")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_error_of_ours_gets_a_polite_word_and_the_next_message_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: Engine, language: Language
) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        kate = telegram.user("Kate", language=language)
        async with running(telegram, tmp_path, owner_ids=(1,)) as bot:
            with monkeypatch.context() as broken:
                broken.setattr(engine, "answer", fails)
                kate.sends("Klaten?")
                await bot.settles()
            assert kate.said == [speech(language)._(SORRY)]
            kate.sends("Klaten?")
            await bot.settles()
            assert "2019" in kate.said[-1]
            assert bot.outcomes() == ["error", "answered"]

    play(scene)


def test_owners_are_told_once_a_day_and_not_what_was_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: Engine
) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi, sari, putu = (telegram.user(name) for name in ("Budi", "Sari", "Putu"))
        async with running(telegram, tmp_path, owner_ids=(sari.id, putu.id)) as bot:
            for owner in (sari, putu):
                owner.sends("/start")
            await bot.settles()
            before = len(sari.said)
            monkeypatch.setattr(engine, "answer", fails)
            for _ in range(3):
                budi.sends("apa itu rahasia saya?")
            await bot.settles()
            for owner in (sari, putu):
                (notice,) = owner.said[before:]
                assert "RuntimeError" in notice
                assert "rahasia" not in notice
            bot.people.apply(
                lambda: bot.people._connection.execute(
                    "update settings set value = '2000-01-01' where key like 'told %'"
                )
            )
            budi.sends("apa itu rahasia saya?")
            await bot.settles()
            assert len(sari.said) == before + 2

    play(scene)


def test_owners_who_cannot_be_told_do_not_spoil_the_polite_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: Engine
) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi, stranger = telegram.user("Budi"), telegram.user("Sari")
        async with running(telegram, tmp_path, owner_ids=(stranger.id,)) as bot:
            monkeypatch.setattr(engine, "answer", fails)
            budi.sends("Klaten?")
            await bot.settles()
            assert budi.said == [speech("id")._(SORRY)]
            assert bot.outcomes() == ["error"]

    play(scene)


def test_an_error_after_a_press_is_told_above_the_chat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: Engine
) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path, owner_ids=(1,)) as bot:
            budi.sends("Klaten ikut?")
            await bot.settles()
            monkeypatch.setattr(engine, "choose", fails)
            budi.presses("Semua tentang")
            await bot.settles()
            (answer,) = telegram.callback_answers.values()
            assert (answer["text"], answer["show_alert"]) == (speech("id")._(SORRY), True)
            assert len(budi.said) == 1

    play(scene)


def test_an_error_in_a_group_is_not_told_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: Engine) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi, group = telegram.user("Budi"), telegram.group("Warga")
        async with running(telegram, tmp_path) as bot:
            monkeypatch.setattr(engine, "answer", fails)
            budi.sends("/tanya Klaten?", to=group)
            await bot.settles()
            assert (group.said, bot.outcomes()) == ([], ["error"])

    play(scene)


# ------------------------------------------------------------------------------------------------- once, and not lost


@pytest.mark.parametrize("at_once", [True, False])
def test_an_update_that_comes_twice_counts_once(tmp_path: Path, at_once: bool) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            for text in ("apakah Wakandaa ikut?", "/bahasa en"):
                budi.sends(text)
                number = telegram.updates.pending[-1]["update_id"]
                if not at_once:
                    await bot.settles()
                telegram.redeliver(number)
                await bot.settles()
            assert len(budi.said) == 2
            assert [row.text for row in bot.people.queue.rows()] == ["apakah Wakandaa ikut?"]
            assert len(bot.outcomes()) == 2

    play(scene)


def test_what_was_received_and_not_answered_is_answered_after_a_restart(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi, kate = telegram.user("Budi"), telegram.user("Kate", language="en")
        budi.sends("Klaten ikut?")
        kate.sends("is Blora in it?")
        budi.sends("kalau Blora?")
        updates = waiting(telegram)
        received(tmp_path, updates)
        async with running(telegram, tmp_path) as bot:
            await bot.settles()
            assert [KLATEN in budi.said[0], BLORA in budi.said[1]] == [True, True]
            assert len(kate.said) == 1
            assert bot.outcomes() == ["answered"] * 3
            telegram.redeliver(updates[0]["update_id"])
            await bot.settles()
        async with running(telegram, tmp_path) as bot:
            await bot.settles()
            assert (len(budi.said), len(kate.said)) == (2, 1)

    play(scene)


def test_what_was_sent_before_a_restart_is_not_sent_again(tmp_path: Path) -> None:
    """The rest of the handling is done: the thread of the conversation, the mark."""

    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        question = budi.sends("Klaten ikut?")
        (update,) = waiting(telegram)
        received(tmp_path, [update])
        people = People(tmp_path)
        people.inbox.record(update["update_id"], 1, budi.id, 77, question["message_id"], "Klaten ikut?")
        people.close()
        async with running(telegram, tmp_path) as bot:
            await bot.settles()
            assert telegram.called("sendMessage") == []
            assert bot.outcomes() == ["answered"]
            budi.sends("kalau Blora?")
            await bot.settles()
            assert [BLORA in text for text in budi.said] == [True]

    play(scene)


@pytest.mark.parametrize(
    "update",
    [
        {}, {"some_new_thing": {"a": 1}}, {"some_new_thing": 5}, {"message": {}}, {"message": 5}, {"message": []},
        {"message": {"message_id": 1}}, {"message": {"message_id": 1, "date": "x", "chat": {"id": 5, "type": "private"}}},
        {"callback_query": {"id": "1"}}, {"callback_query": None}, {"inline_query": {"id": 1}}, {"poll": {"id": "1"}},
        {"channel_post": {"message_id": 1, "date": 0, "chat": {"id": -100, "type": "channel", "title": "x"}, "text": "Klaten?"}},
        {"message": {"message_id": 1, "date": 0, "chat": {"id": -5, "type": "group", "title": "x"}, "text": "Klaten?"}},
    ],
    ids=str,
)  # fmt: skip
def test_a_strange_update_is_marked_and_stops_no_other(tmp_path: Path, update: Json) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            telegram.raw(update)
            budi.sends("Klaten ikut?")
            await bot.settles()
            assert len(budi.said) == 1
            strange, usual = bot.outcomes()
            assert strange in ("unreadable", "ignored")
            assert usual == "answered"

    play(scene)


# ---------------------------------------------------------------------------------------------------------------- order


class Slow(FakeTelegram):
    """A Telegram that takes its time over the messages to one chat."""

    held = 0

    def __init__(self) -> None:
        super().__init__(token=TOKEN)
        self.gate = asyncio.Event()

    async def handle(self, method: str, params: Json) -> tuple[int, Json]:
        """One call; a message to the chat that is held waits for the gate."""
        if method == "sendMessage" and params["chat_id"] == self.held:
            await self.gate.wait()
        return await super().handle(method, params)


def test_a_chat_stays_in_order_and_keeps_no_other_waiting(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = Slow()
        budi, kate = telegram.user("Budi"), telegram.user("Kate")
        telegram.held = budi.id
        async with running(telegram, tmp_path) as bot:
            for name in ("Klaten", "Blora", "Sragen", "Demak"):
                budi.sends(f"{name} ikut?")
                kate.sends(f"{name} ikut?")
            await telegram.until(lambda: len(kate.said) == 4)
            assert budi.said == []
            telegram.gate.set()
            await bot.settles()
            for person in (kate, budi):
                names = [next(n for n in ("Klaten", "Blora", "Sragen", "Demak") if n in text) for text in person.said]
                assert names == ["Klaten", "Blora", "Sragen", "Demak"]

    play(scene)


def test_one_chat_takes_its_messages_in_order_although_the_first_fails_at_first(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            telegram.faults.add("sendMessage", ServerError(), times=3)
            budi.sends("Klaten ikut?")
            budi.sends("Blora ikut?")
            await bot.settles()
            assert [KLATEN in budi.said[0], BLORA in budi.said[1]] == [True, True]

    play(scene)
