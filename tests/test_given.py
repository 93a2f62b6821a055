"""Corrections reach those who were given what is untrue by now and asked to hear of that: once, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import clock
import pytest
from followers import KLATEN, MASTERPLAN, NOON, PARTICIPATION, commit, edit, follows, notices, told
from running import Running, play, running

from handlers.fake_telegram import FakeTelegram, User
from handlers.people import People
from handlers.rendering.lists import PAGE
from handlers.shared.answers import told_by
from handlers.staff import telling
from knowledge import Engine, store
from knowledge.changes import RowChange
from knowledge.difference import Difference
from knowledge.told import NO, untrue

BUDI, KATE = 1_234_567, 7_654_321
DAY = timedelta(days=1)


@pytest.fixture
def now() -> Iterator[clock.Clock]:
    """Noon in Jakarta, until a test says otherwise."""
    with clock.set_to(NOON) as set_to:
        yield set_to


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    """A new people.db."""
    made = People(tmp_path)
    yield made
    made.close()


def wants(people: People, user: User | int) -> None:
    """Somebody wants to hear of corrections."""
    user_id = user if isinstance(user, int) else user.id
    people.apply(lambda: people.follows.wish(user_id, corrections=True))


# --------------------------------------------------------------------------------------------------- what an answer tells


def test_an_answer_tells_the_claims_it_rests_on(engine: Engine) -> None:
    assert PARTICIPATION in told_by(engine.answer("apakah klaten ikut?").answer)
    assert MASTERPLAN in told_by(engine.answer("profil klaten").answer)
    both = told_by(engine.answer("apakah klaten dan solo ikut?").answer)
    assert {PARTICIPATION, "P-33.72-2018"} <= set(both)


def test_a_no_is_told_by_the_region(engine: Engine) -> None:
    assert told_by(engine.answer("apakah wonogiri ikut?").answer) == (f"{NO}33.12",)
    assert f"{NO}33.12" in told_by(engine.answer("profil wonogiri").answer)
    assert f"{NO}33.12" in told_by(engine.answer("status wonogiri").answer)


def test_a_list_tells_the_regions_it_names(engine: Engine) -> None:
    """A page tells those on it, and a count none."""
    province = told_by(engine.answer("siapa saja peserta dari jateng?").answer)
    assert PARTICIPATION in province
    cohort = engine.answer("siapa saja peserta 2018?").answer
    pages = [{id for id in told_by(cohort, page) if id.startswith("P-")} for page in (0, 1)]
    assert [len(page) for page in pages] == [PAGE, PAGE]
    assert not pages[0] & pages[1]
    assert {id for id in told_by(engine.answer("berapa peserta 2018?").answer) if id.startswith("P-")} == set()
    absent = told_by(engine.answer("kabupaten mana di jateng yang tidak ikut?").answer)
    assert f"{NO}33.12" in absent


def test_what_a_change_makes_untrue(engine: Engine) -> None:
    claims = engine.snapshot.claims
    assert untrue(Difference(claims[PARTICIPATION], None)) == (PARTICIPATION, f"{NO}33.10")
    assert untrue(Difference(None, claims[PARTICIPATION])) == (PARTICIPATION, f"{NO}33.10")
    assert untrue(Difference(claims[MASTERPLAN], None)) == (MASTERPLAN,)


# ------------------------------------------------------------------------------------------------------------ what is kept


def test_it_is_kept_only_of_those_who_want_corrections_and_from_then_on(people: People) -> None:
    people.apply(
        lambda: people.follows.follow(KATE, KLATEN),
        lambda: people.given.note(BUDI, ["F001"]),
        lambda: people.given.note(KATE, ["F001"]),
    )
    wants(people, BUDI)
    people.apply(lambda: people.given.note(BUDI, ["F002", "F003"]))
    assert list(people.given.of(BUDI)) == ["F002", "F003"]
    assert people.given.of(KATE) == {}
    assert people.given.anybody(["F003", "F009"])
    assert not people.given.anybody(["F001"])


def test_the_last_day_counts(people: People, now: clock.Clock) -> None:
    wants(people, BUDI)
    people.apply(lambda: people.given.note(BUDI, ["F001", "F002"]))
    now.now += DAY
    people.apply(lambda: people.given.note(BUDI, ["F001"]))
    assert people.given.of(BUDI) == {"F001": "2027-06-02", "F002": "2027-06-01"}


@pytest.mark.parametrize("end", ["off", "unreachable", "forgotten"])
def test_it_goes_with_the_wish(people: People, end: str) -> None:
    ends = {
        "off": lambda: people.follows.wish(BUDI, corrections=False),
        "unreachable": lambda: people.follows.unreachable(BUDI),
        "forgotten": lambda: people.forget(BUDI),
    }
    for user in (BUDI, KATE):
        wants(people, user)
        people.apply(lambda user=user: people.given.note(user, ["F001"]))
    people.apply(ends[end])
    assert (people.given.of(BUDI), list(people.given.of(KATE))) == ({}, ["F001"])


def test_it_is_forgotten_after_the_days_of_the_setting(people: People) -> None:
    wants(people, BUDI)
    start = datetime.now(NOON.tzinfo)
    people.apply(lambda: people.given.note(BUDI, ["F001"]))
    people.expire((start + 89 * DAY).timestamp())
    assert list(people.given.of(BUDI)) == ["F001"]
    people.expire((start + 92 * DAY).timestamp())
    assert people.given.of(BUDI) == {}


# ------------------------------------------------------------------------------------------------- every way of being told


async def _asks(bot: Running, budi: User) -> None:
    budi.sends("profil klaten")


async def _link(bot: Running, budi: User) -> None:
    budi.starts("r_33_10")


async def _edits(bot: Running, budi: User) -> None:
    message = budi.sends("halo")
    await bot.settles()
    budi.edits(message, "profil klaten")


async def _chooses(bot: Running, budi: User) -> None:
    budi.sends("apakah klaten ikut?")
    await bot.settles()
    budi.presses("Semua tentang")


async def _browses(bot: Running, budi: User) -> None:
    budi.sends("/jelajah")
    await bot.settles()
    budi.press_data("1bi:k:33.10:r:33:0", bot.telegram.last(budi))


async def _status(bot: Running, budi: User) -> None:
    budi.sends("/status klaten")


async def _card(bot: Running, budi: User) -> None:
    budi.sends("halo")
    await bot.settles()
    budi.press_data("1vi:v:33.10", bot.telegram.last(budi))


@pytest.mark.usefixtures("one_engine")
@pytest.mark.parametrize("way", [_asks, _link, _edits, _chooses, _browses, _status, _card])
def test_whichever_way_it_is_told_it_is_kept(tmp_path: Path, way) -> None:  # type: ignore[no-untyped-def]
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        budi.starts()
        async with running(telegram, tmp_path) as bot:
            await bot.settles()
            wants(bot.people, budi)
            await way(bot, budi)
            await bot.settles()
            assert MASTERPLAN in bot.people.given.of(budi.id)

    play(scene)


@pytest.mark.usefixtures("one_engine")
def test_a_page_that_is_turned_is_told(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            wants(bot.people, budi)
            budi.sends("siapa saja peserta 2018?")
            await bot.settles()
            first = {id for id in bot.people.given.of(budi.id) if id.startswith("P-")}
            budi.presses("›")
            await bot.settles()
            both = {id for id in bot.people.given.of(budi.id) if id.startswith("P-")}
            assert (len(first), len(both)) == (PAGE, 2 * PAGE)

    play(scene)


@pytest.mark.usefixtures("one_engine")
def test_an_answer_that_was_waited_for_is_told(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        budi.starts()
        async with running(telegram, tmp_path) as bot:
            await bot.settles()
            wants(bot.people, budi)
            bot.people.apply(lambda: bot.people.queue.wait(budi.id, "id", "profil klaten", "profil klaten"))
            assert await telling.tell(bot.bot.application.bot, bot.bot.services) == 1
            assert MASTERPLAN in bot.people.given.of(budi.id)

    play(scene)


@pytest.mark.usefixtures("one_engine")
def test_what_a_group_reads_is_kept_of_nobody(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi, group = telegram.user("Budi"), telegram.group("Warga")
        budi.starts()
        async with running(telegram, tmp_path) as bot:
            await bot.settles()
            wants(bot.people, budi)
            budi.sends("/tanya profil klaten", to=group)
            budi.mentions_as_guest("profil klaten")
            await bot.settles()
            assert bot.people.given.of(budi.id) == {}

    play(scene)


# ------------------------------------------------------------------------------------------------------------ correcting


@pytest.mark.usefixtures("one_engine")
def test_a_correction_says_when_what_was_told_and_how_it_is_now(tmp_path: Path, now: clock.Clock) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi, kate, rudi = telegram.user("Budi"), telegram.user("Kate"), telegram.user("Rudi")
        for person in (budi, kate, rudi):
            person.starts()
        async with running(telegram, tmp_path) as bot:
            await bot.settles()
            kate.sends("profil klaten")  # before she wants to hear of it
            await bot.settles()
            wants(bot.people, budi)
            wants(bot.people, kate)
            budi.sends("profil klaten")
            rudi.sends("profil klaten")  # who never said so
            kate.sends("apakah wonogiri ikut?")
            await bot.settles()
            now.now += 2 * DAY
            edit(tmp_path, MASTERPLAN, text_id="Masterplan selesai 2020.")
            await told(bot)
            (said,) = notices(telegram, budi)
            assert said.startswith("🔔 Ada yang berubah dari yang pernah saya sampaikan kepada Anda.")
            assert "Kabupaten Klaten" in said
            assert "Ini disampaikan kepada Anda pada 1 Juni 2027." in said
            assert "Sekarang: Masterplan selesai 2020." in said
            assert (notices(telegram, kate), notices(telegram, rudi)) == ([], [])

    play(scene)


@pytest.mark.usefixtures("one_engine")
def test_whoever_was_told_no_hears_that_it_is_yes(tmp_path: Path, now: clock.Clock) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        kate = telegram.user("Kate", language="en")
        kate.starts()
        async with running(telegram, tmp_path) as bot:
            await bot.settles()
            bot.people.apply(lambda: bot.people.profiles.set_language(kate.id, "en"))
            wants(bot.people, kate)
            kate.sends("did Wonogiri take part?")
            await bot.settles()
            now.now += DAY
            rows = {row["id"]: row for row in store.all_tables(tmp_path)["claims"]}
            new = {**rows[PARTICIPATION], "id": "P-33.12-2019", "subject": "region:33.12"}
            commit(tmp_path, [RowChange("claims", None, new)])
            await told(bot)
            (said,) = notices(telegram, kate)
            assert "Wonogiri Regency" in said
            assert "On 1 June 2027 you were told that it took no part." in said
            assert "New: in the 2019 cohort" in said
            assert list(bot.people.given.of(kate.id)) == ["P-33.12-2019"]

    play(scene)


@pytest.mark.usefixtures("one_engine")
def test_whoever_follows_it_as_well_gets_one_message(tmp_path: Path, now: clock.Clock) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        budi.starts()
        async with running(telegram, tmp_path) as bot:
            await bot.settles()
            follows(bot.people, budi, KLATEN, corrections=True)
            budi.sends("profil klaten")
            await bot.settles()
            now.now += DAY
            edit(tmp_path, MASTERPLAN, text_id="Masterplan selesai 2020.")
            await told(bot)
            (said,) = notices(telegram, budi)
            assert "1 Juni 2027" in said
            assert said.count("Masterplan selesai 2020.") == 1
            assert ["Berhenti mengikuti Kabupaten Klaten"] in telegram.buttons(telegram.last(budi))

    play(scene)


@pytest.mark.usefixtures("one_engine")
def test_a_second_correction_names_the_day_of_the_first(tmp_path: Path, now: clock.Clock) -> None:
    """What was told last is what the first correction told."""

    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        budi.starts()
        async with running(telegram, tmp_path) as bot:
            await bot.settles()
            wants(bot.people, budi)
            budi.sends("profil klaten")
            await bot.settles()
            now.now += DAY
            edit(tmp_path, MASTERPLAN, text_id="Yang kedua.")
            await told(bot)
            now.now += DAY
            edit(tmp_path, MASTERPLAN, text_id="Yang ketiga.")
            await told(bot)
            _, said = notices(telegram, budi)
            assert "2 Juni 2027" in said
            assert "1 Juni 2027" not in said

    play(scene)


@pytest.mark.usefixtures("one_engine")
def test_whoever_asks_again_before_the_message_comes_needs_none(tmp_path: Path, now: clock.Clock) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi, kate = telegram.user("Budi"), telegram.user("Kate")
        budi.starts()
        kate.starts()
        async with running(telegram, tmp_path) as bot:
            await bot.settles()
            for person in (budi, kate):
                follows(bot.people, person, corrections=True, pace="weekly")
                person.sends("profil klaten")
            await bot.settles()
            now.now += DAY
            edit(tmp_path, MASTERPLAN, text_id="Masterplan selesai 2020.")
            await told(bot)
            now.now += DAY
            budi.sends("profil klaten")
            await bot.settles()
            now.now += 6 * DAY
            await told(bot)
            assert (len(notices(telegram, budi)), len(notices(telegram, kate))) == (0, 1)

    play(scene)


@pytest.mark.usefixtures("one_engine")
def test_one_tap_ends_corrections(tmp_path: Path, now: clock.Clock) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        budi.starts()
        async with running(telegram, tmp_path) as bot:
            await bot.settles()
            wants(bot.people, budi)
            budi.sends("profil klaten")
            await bot.settles()
            edit(tmp_path, MASTERPLAN, text_id="Yang kedua.")
            await told(bot)
            (said,) = notices(telegram, budi)
            budi.presses("Hentikan pemberitahuan ralat")
            await bot.settles()
            assert not bot.people.follows.wishes(budi.id).corrections
            assert bot.people.given.of(budi.id) == {}
            assert notices(telegram, budi) == [said]  # what it told stays readable
            budi.sends("profil klaten")
            await bot.settles()
            edit(tmp_path, MASTERPLAN, text_id="Yang ketiga.")
            await told(bot)
            assert len(notices(telegram, budi)) == 1

    play(scene)


@pytest.mark.usefixtures("one_engine")
def test_what_waits_is_not_told_to_who_wants_no_corrections_any_more(tmp_path: Path, now: clock.Clock) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        budi.starts()
        async with running(telegram, tmp_path) as bot:
            await bot.settles()
            follows(bot.people, budi, corrections=True, pace="daily")
            budi.sends("profil klaten")
            await bot.settles()
            edit(tmp_path, MASTERPLAN, text_id="Yang kedua.")
            await told(bot)
            follows(bot.people, budi, corrections=False)
            now.now += DAY
            await told(bot)
            assert notices(telegram, budi) == []

    play(scene)
