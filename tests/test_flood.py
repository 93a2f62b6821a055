"""Whoever asks too fast is told so once and answered again after a pause; nobody else notices."""

from __future__ import annotations

from pathlib import Path

import pytest
from running import play, running

from handlers.fake_telegram import FakeTelegram, User
from handlers.rendering import speech
from handlers.transport import limit
from handlers.transport.limit import Limit
from knowledge.lexicon import LANGUAGES

TOO_FAST = "That is faster than I can answer. Please wait half a minute, then ask again."
NOTICE = {language: speech(language)._(TOO_FAST) for language in LANGUAGES}
NOON = 1_700_000_000.0
"""A time that Telegram may tell."""


pytestmark = pytest.mark.usefixtures("one_engine")


# --------------------------------------------------------------------------------------------------------------- bucket


def taken(bucket: Limit, number: int, *, sent: float = NOON, now: float = 0.0, person: int = 1) -> list[bool | None]:
    """What becomes of so many messages at the same moment."""
    return [bucket.take(person, sent, now) for _ in range(number)]


@pytest.mark.parametrize("per_minute", [1, 2, 30])
def test_so_many_are_answered_at_once_then_the_person_is_told_once(per_minute: int) -> None:
    assert taken(Limit(per_minute), per_minute + 4) == [True] * per_minute + [None, False, False, False]


@pytest.mark.parametrize(("seconds", "answered"), [(1, 0), (2, 1), (3, 1), (4, 2), (30, 15), (60, 30), (6000, 30)])
def test_the_bucket_fills_up_evenly(seconds: float, answered: int) -> None:
    """Thirty a minute is one every two seconds; more than a minute's worth is never saved up."""
    bucket = Limit(30)
    taken(bucket, 31)
    later = taken(bucket, 40, sent=NOON + seconds, now=seconds)
    assert later.count(True) == answered
    assert later[:answered] == [True] * answered


def test_an_even_pace_is_never_too_fast() -> None:
    bucket = Limit(30)
    assert {bucket.take(1, NOON + 2 * number, 2.0 * number) for number in range(500)} == {True}


def test_nobody_is_told_again_for_every_drop_that_runs_in() -> None:
    bucket = Limit(30)
    assert taken(bucket, 31)[-1] is None
    assert taken(bucket, 3, sent=NOON + 2, now=2) == [True, False, False]
    assert taken(bucket, 1, sent=NOON + 62, now=62) == [True]
    assert taken(bucket, 30, sent=NOON + 62, now=62)[-1] is None


def test_people_do_not_share_a_bucket() -> None:
    bucket = Limit(2)
    taken(bucket, 5, person=1)
    assert taken(bucket, 2, person=2) == [True, True]


def test_after_an_outage_nobody_is_too_fast() -> None:
    """What was written over an hour comes at once; Telegram tells when it was written."""
    bucket = Limit(30)
    assert {bucket.take(1, NOON + 30 * number, 5.0) for number in range(120)} == {True}


def test_what_was_too_fast_when_it_was_written_is_so_after_an_outage_too() -> None:
    assert taken(Limit(30), 40, sent=NOON, now=9999.0).count(True) == 30


@pytest.mark.parametrize("number", [1, 29])
def test_a_press_tells_no_time_and_gives_none_away(number: int) -> None:
    """Telegram does not say when a button was pressed: a message after presses is no pause of fifty years."""
    bucket = Limit(30)
    assert taken(bucket, number, sent=0.0) == [True] * number
    assert taken(bucket, 40, sent=NOON).count(True) == 30 - number


def test_no_limit() -> None:
    bucket = Limit(0)
    assert set(taken(bucket, 1000)) == {True}
    assert not bucket._buckets


def test_only_so_many_people_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever was idle longest is forgotten first."""
    monkeypatch.setattr(limit, "MAX_PEOPLE", 3)
    bucket = Limit(1)
    for person in (1, 2, 3, 1, 4, 5):
        bucket.take(person, NOON, 0.0)
    assert list(bucket._buckets) == [1, 4, 5]
    assert bucket.take(1, NOON, 0.0) is False


# ------------------------------------------------------------------------------------------------------------ in the bot


def asks(person: User, number: int) -> None:
    """Quick questions."""
    for _ in range(number):
        person.sends("Klaten?")


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_one_too_many_gets_one_polite_word_and_the_next_ones_none(tmp_path: Path, language: str) -> None:
    assert len(set(NOTICE.values())) == 2

    async def scene() -> None:
        telegram = FakeTelegram()
        budi, kate = telegram.user("Budi", language=language), telegram.user("Kate", language=language)
        async with running(telegram, tmp_path, questions_per_minute=30) as bot:
            asks(budi, 40)
            asks(kate, 3)
            await bot.settles()
            assert budi.said.count(NOTICE[language]) == 1
            assert len(budi.said) == 31
            assert len(kate.said) == 3
            assert NOTICE[language] not in kate.said
            assert sorted(bot.outcomes()) == ["answered"] * 33 + ["flooded"] * 10

    play(scene)


def test_there_is_no_limit_where_none_is_set(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path, questions_per_minute=0) as bot:
            asks(budi, 60)
            await bot.settles()
            assert bot.outcomes() == ["answered"] * 60

    play(scene)


def test_pressing_too_fast_is_told_above_the_chat_once(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        kate = telegram.user("Kate", language="en")
        async with running(telegram, tmp_path, questions_per_minute=5) as bot:
            kate.sends("is Klaten in?")
            await bot.settles()
            for _ in range(8):
                kate.press_data("1ne", kate.last)
            await bot.settles()
            told = [answer.get("text") for answer in telegram.callback_answers.values()]
            assert sorted(told, key=str) == sorted([None] * 7 + [NOTICE["en"]], key=str)
            assert len(kate.said) == 1
            assert bot.outcomes() == ["answered"] + ["done"] * 4 + ["flooded"] * 4

    play(scene)


def test_a_group_is_not_told(tmp_path: Path) -> None:
    """Others read along, who did nothing."""

    async def scene() -> None:
        telegram = FakeTelegram()
        budi, group = telegram.user("Budi"), telegram.group("Warga")
        async with running(telegram, tmp_path, questions_per_minute=3) as bot:
            for _ in range(6):
                budi.sends("/tanya Klaten ikut?", to=group)
            await bot.settles()
            assert len(group.said) == 3
            assert NOTICE["id"] not in group.said

    play(scene)


def test_what_arrives_together_after_an_outage_is_all_answered(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        for number in range(40):
            budi.sends("Klaten?", date=telegram.now() - 3600 + 60 * number)
        async with running(telegram, tmp_path, questions_per_minute=5) as bot:
            await bot.settles()
            assert bot.outcomes() == ["answered"] * 40
            assert len(budi.said) == 40

    play(scene)
