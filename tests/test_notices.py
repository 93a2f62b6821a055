"""Who is told of a change, and what: by whichever way the knowledge changed, once each, in their language, as it is in the end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import clock
import pytest
from followers import (
    COHORT,
    GOAL,
    KLATEN,
    MASTERPLAN,
    NOON,
    PARTICIPATION,
    PROGRAMME,
    commit,
    edit,
    follows,
    notices,
    told,
    undo,
)
from running import furnish, play, running

from handlers.fake_telegram import FakeTelegram
from handlers.notices import fanout
from handlers.people import People
from handlers.people.wishes import Wishes
from knowledge import history, store
from knowledge.changes import RowChange
from knowledge.difference import Difference, net, of_change
from knowledge.snapshot import claim_of

DAY = timedelta(days=1)


@pytest.fixture
def now() -> Iterator[clock.Clock]:
    """Noon in Jakarta, until a test says otherwise."""
    with clock.set_to(NOON) as set_to:
        yield set_to


# ---------------------------------------------------------------------------------------------------------- what differs


def test_a_change_concerns_its_subject_and_one_of_taking_part_the_cohort_too(tmp_path: Path) -> None:
    furnish(tmp_path)
    number = edit(tmp_path, PARTICIPATION, MASTERPLAN, GOAL, text_id="Lain.", text_en="Otherwise.")
    assert {d.claim.id: set(d.subjects) for d in of_change(tmp_path, number)} == {
        PARTICIPATION: {KLATEN, COHORT}, MASTERPLAN: {KLATEN}, GOAL: {PROGRAMME},
    }  # fmt: skip
    moved = edit(tmp_path, PARTICIPATION, value="2018", period="2018")
    assert {s for d in of_change(tmp_path, moved) for s in d.subjects} == {KLATEN, COHORT, "cohort:2018"}


def test_what_nobody_reads_is_no_difference(tmp_path: Path) -> None:
    furnish(tmp_path)
    assert of_change(tmp_path, edit(tmp_path, MASTERPLAN, review_by="2030-01-01")) == ()
    assert of_change(tmp_path, edit(tmp_path, MASTERPLAN, sources="klaten-antara-2021b")) == ()


def test_the_net_of_several_changes_is_what_is_different_in_the_end(tmp_path: Path) -> None:
    furnish(tmp_path)
    row = next(row for row in store.all_tables(tmp_path)["claims"] if row["id"] == MASTERPLAN)
    one, two, three = (claim_of({**row, "text_en": text}) for text in ("one", "two", "three"))
    assert net([Difference(one, two), Difference(two, three)]) == [Difference(one, three)]
    assert net([Difference(one, two), Difference(two, one)]) == []
    assert net([Difference(None, two), Difference(two, three)]) == [Difference(None, three)]
    assert net([Difference(None, two), Difference(two, None)]) == []
    assert net([Difference(one, None), Difference(None, one)]) == []


# --------------------------------------------------------------------------------------------------------- who is told


@pytest.mark.usefixtures("one_engine", "now")
def test_followers_are_told_once_each_in_their_language_and_nobody_else_is(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi, kate, sari, _ = people = [telegram.user(name) for name in ("Budi", "Kate", "Sari", "Rudi")]
        for person in people:
            person.starts()
        async with running(telegram, tmp_path) as bot:
            await bot.settles()
            follows(bot.people, budi, KLATEN, COHORT)
            follows(bot.people, kate, COHORT)
            follows(bot.people, sari, PROGRAMME, "region:33.19")
            bot.people.apply(lambda: bot.people.profiles.set_language(kate.id, "en"))
            edit(tmp_path, PARTICIPATION, status="disputed")
            await told(bot)
            assert [len(notices(telegram, person)) for person in people] == [1, 1, 0, 0]
            (said,) = notices(telegram, budi)
            assert "Kabupaten Klaten" in said
            assert "Semula: dalam angkatan 2019\n" in said
            assert "Sekarang: dalam angkatan 2019 (diperselisihkan)" in said
            assert "Sumber: TIMES Indonesia (15 Mei 2019)" in said
            (said,) = notices(telegram, kate)
            assert "Was: in the 2019 cohort\n" in said
            assert "Now: in the 2019 cohort (disputed)" in said
            assert telegram.buttons(telegram.last(kate)) == [
                ["Status of Klaten Regency"], ["Stop following the 2019 cohort"], ["What I follow, and how"],
            ]  # fmt: skip

    play(scene)


@pytest.mark.usefixtures("one_engine", "now")
def test_what_is_the_same_in_the_readers_language_is_not_told(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi, kate = telegram.user("Budi"), telegram.user("Kate")
        budi.starts()
        kate.starts()
        async with running(telegram, tmp_path) as bot:
            await bot.settles()
            follows(bot.people, budi, KLATEN)
            follows(bot.people, kate, KLATEN)
            bot.people.apply(lambda: bot.people.profiles.set_language(kate.id, "en"))
            edit(tmp_path, MASTERPLAN, text_en="Otherwise.")
            await told(bot)
            assert (len(notices(telegram, budi)), len(notices(telegram, kate))) == (0, 1)

    play(scene)


@pytest.mark.usefixtures("one_engine", "now")
def test_added_and_retired_claims_are_told_as_such(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        kate = telegram.user("Kate", language="en")
        kate.starts()
        async with running(telegram, tmp_path, default_language="en") as bot:
            await bot.settles()
            follows(bot.people, kate, KLATEN)
            stands = next(row for row in store.all_tables(tmp_path)["claims"] if row["id"] == MASTERPLAN)
            row = {**stands, "id": "N1", "text_en": "A second one."}
            commit(tmp_path, [RowChange("claims", None, row)])
            await told(bot)
            assert "New: A second one." in notices(telegram, kate)[0]
            commit(tmp_path, [RowChange("claims", row, None)])
            await told(bot)
            assert "Was: A second one.\n  Now: this is not recorded any more." in notices(telegram, kate)[1]

    play(scene)


@pytest.mark.usefixtures("one_engine")
def test_a_change_that_is_taken_back_before_its_hour_is_not_told(tmp_path: Path, now: clock.Clock) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi, kate = telegram.user("Budi"), telegram.user("Kate")
        budi.starts()
        kate.starts()
        async with running(telegram, tmp_path) as bot:
            await bot.settles()
            follows(bot.people, budi, KLATEN, pace="daily")
            follows(bot.people, kate, KLATEN)
            slip = edit(tmp_path, MASTERPLAN, text_id="Keliru.")
            await told(bot)
            undo(tmp_path, slip)
            await told(bot)
            # Whoever read the one is told of the other.
            assert (len(notices(telegram, budi)), len(notices(telegram, kate))) == (0, 2)
            now.now += DAY
            await told(bot)
            assert notices(telegram, budi) == []
            assert not bot.people.deliveries.owing(now.now.timestamp() + 10**7)

    play(scene)


@pytest.mark.usefixtures("one_engine")
def test_a_weekly_reader_gets_one_message_of_what_changed_in_the_end_also_after_the_bot_was_down(
    tmp_path: Path, now: clock.Clock
) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        budi.starts()
        async with running(telegram, tmp_path) as bot:
            await bot.settles()
            follows(bot.people, budi, KLATEN, pace="weekly")
            edit(tmp_path, MASTERPLAN, text_id="Pertama.")
            await told(bot)
            now.now += DAY
            edit(tmp_path, MASTERPLAN, text_id="Kedua.")
            await told(bot)
            assert notices(telegram, budi) == []
        now.now += 12 * DAY
        edit(tmp_path, "R001", text_id="Ketiga.")
        async with running(telegram, tmp_path) as bot:
            await told(bot)
            (said,) = notices(telegram, budi)
            assert "Sekarang: Kedua." in said
            assert "Pertama." not in said
            # What was changed while the bot was down is due next Monday.
            assert "Ketiga." not in said
            now.now += 7 * DAY
            await told(bot)
            assert "Sekarang: Ketiga." in notices(telegram, budi)[1]

    play(scene)


@pytest.mark.usefixtures("one_engine", "now")
def test_who_stops_in_time_is_not_told(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi, kate = telegram.user("Budi"), telegram.user("Kate")
        budi.starts()
        kate.starts()
        async with running(telegram, tmp_path) as bot:
            await bot.settles()
            follows(bot.people, budi, KLATEN, COHORT, pace="daily")
            follows(bot.people, kate, KLATEN, pace="daily")
            edit(tmp_path, PARTICIPATION, MASTERPLAN, text_id="Baru.", text_en="New.")
            await told(bot)
            bot.people.apply(lambda: bot.people.follows.stop(budi.id, KLATEN))
            bot.people.apply(lambda: bot.people.follows.stop_all(kate.id))
            # Whoever wants it sooner gets it sooner.
            follows(bot.people, budi, pace="now")
            follows(bot.people, kate, pace="now")
            await told(bot)
            (said,) = notices(telegram, budi)
            assert said.count("Sekarang:") == 1
            assert notices(telegram, kate) == []

    play(scene)


@pytest.mark.usefixtures("one_engine", "now")
def test_a_change_of_hundreds_of_claims_is_one_message_that_fits(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        kate = telegram.user("Kate")
        kate.starts()
        async with running(telegram, tmp_path, default_language="en") as bot:
            await bot.settles()
            follows(bot.people, kate, KLATEN)
            row = next(row for row in store.all_tables(tmp_path)["claims"] if row["id"] == MASTERPLAN)
            commit(tmp_path, [
                RowChange("claims", None, {**row, "id": f"N{number}", "text_en": f"{number} " + "long " * 300})
                for number in range(200)
            ])  # fmt: skip
            await told(bot)
            (said,) = notices(telegram, kate)
            shown = said.count("• ")
            assert 5 < shown <= 10
            assert said.endswith(f"… and {200 - shown} other changes.")

    play(scene)


def test_an_edition_of_thousands_of_rows_is_spread_in_steps_that_hold_up_nobody(tmp_path: Path) -> None:
    furnish(tmp_path)
    with closing(People(tmp_path)) as people:
        people.apply(lambda: people.notices.set_cursor(history.newest(tmp_path)))
        for user_id in range(1, 2_501):
            people.apply(lambda user_id=user_id: people.follows.follow(user_id, KLATEN))
            people.apply(lambda user_id=user_id: people.follows.follow(user_id, PROGRAMME))
        claims = [row["id"] for row in store.all_tables(tmp_path)["claims"]]
        edit(tmp_path, *claims, text_id="Edisi baru.", text_en="A new edition.")
        services = _services(people, tmp_path)
        spread: list[int] = []

        async def scene() -> None:
            done = asyncio.create_task(fanout.fan_out(services))
            while not done.done():
                await asyncio.sleep(0)
                (number,) = people._connection.execute("select count(*) from deliveries").fetchone()
                spread.append(number)

        asyncio.run(scene())
        # Others had their turn after each thousand.
        assert list(dict.fromkeys(spread)) == [0, 1_000, 2_000, 2_500, 3_500, 4_500, 5_000]
        rows = people._connection.execute("select subject, state from notices order by subject").fetchall()
        assert rows == [(PROGRAMME, "open"), (KLATEN, "open")]
        assert people._connection.execute("select count(*), count(distinct user_id) from deliveries").fetchone() == (
            5_000, 2_500,
        )  # fmt: skip


def test_a_kill_while_it_is_spread_loses_nobody_and_repeats_nobody(tmp_path: Path) -> None:
    furnish(tmp_path)
    people = People(tmp_path)
    people.apply(lambda: people.notices.set_cursor(history.newest(tmp_path)))
    for user_id in range(1, 11):
        people.apply(lambda user_id=user_id: people.follows.follow(user_id, KLATEN))
    number = edit(tmp_path, MASTERPLAN, text_id="Baru.")
    people.apply(lambda: people.notices.add(number, [KLATEN]), lambda: people.notices.set_cursor(number))
    notice = people.notices.spreading()
    assert notice is not None
    people.apply(lambda: people.notices.spread(notice, limit=4))
    people.close()  # as after a kill: nothing else is written

    with closing(People(tmp_path)) as people:
        asyncio.run(fanout.fan_out(_services(people, tmp_path)))
        rows = people._connection.execute("select notice_id, user_id from deliveries order by user_id").fetchall()
        assert rows == [(notice.id, user_id) for user_id in range(1, 11)]
        assert people.notices.spreading() is None


def test_what_was_changed_before_the_first_look_is_no_news_nor_is_an_older_database(tmp_path: Path) -> None:
    furnish(tmp_path)
    edit(tmp_path, MASTERPLAN, text_id="Baru.")
    with closing(People(tmp_path)) as people:
        people.apply(lambda: people.follows.follow(1, KLATEN))
        services = _services(people, tmp_path)
        asyncio.run(fanout.fan_out(services))
        assert people.notices.cursor() == 2
        people.apply(lambda: people.notices.set_cursor(9))  # a newer one was there before
        asyncio.run(fanout.fan_out(services))
        assert people.notices.cursor() == 2
        assert people.notices.spreading() is None
        assert not people.deliveries.owing(10**11)


def test_nobody_is_told_before_answers_are_from_the_change(tmp_path: Path) -> None:
    furnish(tmp_path)
    with closing(People(tmp_path)) as people:
        services = _services(people, tmp_path)
        people.apply(lambda: people.follows.follow(1, KLATEN))
        asyncio.run(fanout.fan_out(services))
        edit(tmp_path, MASTERPLAN, text_id="Baru.")
        asyncio.run(fanout.fan_out(services))
        assert not people.deliveries.owing(10**11)
        services.state = store.state(tmp_path)
        asyncio.run(fanout.fan_out(services))
        assert people.deliveries.owing(10**11)


def test_those_who_cannot_be_reached_get_no_delivery(tmp_path: Path) -> None:
    furnish(tmp_path)
    with closing(People(tmp_path)) as people:
        for user_id in (1, 2):
            people.apply(lambda user_id=user_id: people.follows.follow(user_id, KLATEN))
        people.apply(lambda: people.profiles.set_unreachable(1, True))
        people.apply(lambda: people.notices.add(5, [KLATEN]))
        notice = people.notices.spreading()
        assert notice is not None
        people.apply(lambda: people.notices.spread(notice))
        assert people.notices.progress(notice.id).total == 1
        assert people.follows.followers([KLATEN]) == [2]


def test_old_deliveries_and_notices_go_and_their_numbers_stay_as_long_as_the_notice(tmp_path: Path) -> None:
    with closing(People(tmp_path, retention_days=90)) as people:
        people.apply(lambda: people.notices.announce("admin 1", "a", "b", "all", [1, 2, 3], 7))
        people.apply(lambda: people.deliveries.begin(1, [1], "a", ""), lambda: people.deliveries.sent(1, 5))
        people.apply(lambda: people.deliveries.drop(2, [1]))
        days = 86_400.0
        people.expire(time.time() + 3 * days)
        assert people.notices.progress(1)[:4] == (3, 1, 1, 1)
        assert people._connection.execute("select count(*) from deliveries").fetchone() == (1,)
        people.apply(lambda: people.deliveries.drop(3, [1]))
        people.expire(time.time() + 89 * days)
        assert people.notices.progress(1)[:4] == (3, 1, 2, 0)
        people.expire(time.time() + 91 * days)
        assert people.notices.get(1) is None


def test_a_clock_that_was_wrong_makes_nobody_wait_for_years(tmp_path: Path) -> None:
    with closing(People(tmp_path)) as people:
        with clock.set_to(NOON + 3650 * DAY):
            people.apply(lambda: people.notices.announce("admin 1", "a", "b", "all", [1], 7))
        now = time.time()
        people.expire(now)
        assert people.deliveries.next_person(now + 10 * 86_400) == 1


def test_a_new_wish_moves_what_waits(tmp_path: Path) -> None:
    with clock.set_to(NOON), closing(People(tmp_path)) as people:
        people.apply(lambda: people.follows.follow(1, KLATEN), lambda: people.follows.wish(1, pace="weekly"))
        people.apply(lambda: people.notices.add(5, [KLATEN]))
        notice = people.notices.spreading()
        assert notice is not None
        people.apply(lambda: people.notices.spread(notice))
        assert people.deliveries.next_person(NOON.timestamp()) is None
        people.apply(lambda: people.follows.wish(1, pace="daily"))
        assert people.deliveries.next_person((Wishes(pace="daily").due(NOON)).timestamp()) == 1
        people.apply(lambda: people.follows.wish(1, pace="now"))
        assert people.deliveries.next_person(NOON.timestamp()) == 1


def _services(people: People, data_dir: Path):  # type: ignore[no-untyped-def]
    """The parts of a bot that fan-out uses."""
    from handlers.settings import Settings
    from handlers.shared.services import Services

    return Services(Settings(), None, people, data_dir, store.state(data_dir))  # type: ignore[arg-type]
