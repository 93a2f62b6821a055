"""The digest and what is due for review: the numbers are right, name nobody, and come once a week to who wants them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from clock import Clock, set_to
from running import Running, furnish, play, running
from telegram.error import BadRequest, NetworkError, TelegramError

import bot as entry
import knowledge
from handlers.fake_telegram import FakeTelegram, User
from handlers.people import People
from handlers.people.corrections import Correction
from handlers.people.requests import Request
from handlers.people.staff import Role
from handlers.people.tally import Asked
from handlers.service import weekly as service
from handlers.shared.cards import subject_of
from handlers.shared.context import BotContext
from handlers.staff.publishing import follow
from handlers.staff.weekly import due
from handlers.transport.api import RawBot
from knowledge import history, store
from knowledge.changes import Change, RowChange
from knowledge.errors import InvalidDataError
from knowledge.freshness import last_day, next_review, reviewed, stale
from knowledge.model import Claim
from knowledge.proposing import Proposal
from knowledge.snapshot import Snapshot
from knowledge.writer import Writer

MONDAY_EIGHT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""8:00 in Jakarta."""
LATER = datetime(2027, 6, 1, 12, 0, tzinfo=UTC)
"""A day on which claims of the shipped edition are due."""
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)


@pytest.fixture
def clock() -> Iterator[Clock]:
    """A clock that the test sets; it begins an hour before a digest is due."""
    with set_to(MONDAY_EIGHT - HOUR) as clock:
        yield clock


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    """A new people.db."""
    made = People(tmp_path, retention_days=90)
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the knowledge as it is shipped."""
    furnish(tmp_path)
    return tmp_path


# ------------------------------------------------------------------------------------------------------------ freshness


@pytest.mark.parametrize(
    ("review_by", "last"),
    [
        ("2027", date(2027, 12, 31)), ("2027-05", date(2027, 5, 31)), ("2027-05-21", date(2027, 5, 21)),
        ("2027-12", date(2027, 12, 31)), ("2028-02", date(2028, 2, 29)), ("2027-02", date(2027, 2, 28)),
    ],
)  # fmt: skip
def test_a_shortened_date_lasts_to_its_end(review_by: str, last: date) -> None:
    assert last_day(review_by) == last


def dated(*review_by: str) -> Snapshot:
    """A knowledge of claims with these dates of review, numbered from 0."""
    claims = {
        str(at): Claim(str(at), "programme", "counts", "all", "1", "", "", "stated", ("s",), (), day)
        for at, day in enumerate(review_by)
    }
    return Snapshot("test", {}, {}, "", [], {}, claims)


def test_what_is_past_its_day_is_stale_the_oldest_first() -> None:
    snapshot = dated("2027-05-21", "", "2026", "2027-05", "2027-05-20", "2028")
    assert [c.id for c in stale(snapshot, date(2027, 5, 21))] == ["2", "4"]
    assert [c.id for c in stale(snapshot, date(2027, 5, 22))] == ["2", "4", "0"]
    assert [c.id for c in stale(snapshot, date(2027, 6, 1))] == ["2", "4", "0", "3"]
    assert stale(snapshot, date(2026, 12, 31)) == []


def test_the_next_review_is_a_year_later() -> None:
    assert next_review(date(2026, 11, 22)) == "2027-11-22"
    assert next_review(date(2028, 2, 29)) == "2029-02-28"


def test_what_holds_is_due_again_a_year_later_and_nothing_else_changes(folder: Path) -> None:
    before = store.all_tables(folder)
    change = reviewed(store.load(folder), ["F044", "C-2024-date", "F044"], "admin 3", "looked", date(2027, 6, 1))
    with Writer(folder) as writer:
        number = writer.commit(change)
    after = store.all_tables(folder)
    changed = {row["id"]: row for row in after["claims"] if row not in before["claims"]}
    assert set(changed) == {"F044", "C-2024-date"}
    assert {row["review_by"] for row in changed.values()} == {"2028-06-01"}
    assert [{**row, "review_by": "2027-05-21"} for row in after["claims"] if row["id"] in changed] == [
        row for row in before["claims"] if row["id"] in changed
    ]
    made = history.entry(folder, number)
    assert (made.kind, made.actor, made.rows) == ("review", "admin 3", 2)
    cited = {source for row in changed.values() for source in row["sources"].split(";")}
    assert set(made.source.split(";")) == cited
    assert [c.id for c in stale(store.load(folder), date(2027, 6, 1)) if c.id in changed] == []


@pytest.mark.parametrize(("claim", "said"), [("nowhere", "nowhere"), ("P-15.71-2017", "no date of review")])
def test_what_cannot_be_reviewed_is_refused(folder: Path, claim: str, said: str) -> None:
    with pytest.raises(InvalidDataError, match=said):
        reviewed(store.load(folder), ["F044", claim], "admin 3", "looked", date(2027, 6, 1))


# ---------------------------------------------------------------------------------------------------------------- tally


def test_the_same_on_the_same_day_is_one_row(people: People, clock: Clock) -> None:
    for _ in range(3):
        people.apply(lambda: people.tally.add("answered", "id", "r_33_10"))
    people.apply(lambda: people.tally.add("unknown", "id", ""))
    rows = people._connection.execute("select day, outcome, language, about, times from tally").fetchall()
    assert rows == [("2026-11-23", "answered", "id", "r_33_10", 3), ("2026-11-23", "unknown", "id", "", 1)]


def test_the_numbers_are_since_a_day_and_the_most_asked_first(people: People, clock: Clock) -> None:
    clock.now = LATER
    asked = [
        ("answered", "id", "r_33_10"),
        ("answered", "en", "t_partners"),
        ("unknown", "en", "t_partners"),
        ("unknown", "id", ""),
    ]
    for what in asked:
        people.apply(lambda what=what: people.tally.add(*what))
    clock.now = LATER - DAY
    people.apply(lambda: people.tally.add("answered", "id", "c"))
    assert people.tally.most_asked("2027-06-01", 5) == [Asked("t_partners", 2), Asked("r_33_10", 1)]
    assert people.tally.most_asked("2027-06-01", 1) == [Asked("t_partners", 2)]
    assert people.tally.outcomes("2027-06-01") == {
        ("id", "answered"): 1, ("en", "answered"): 1, ("en", "unknown"): 1, ("id", "unknown"): 1,
    }  # fmt: skip
    assert people.tally.outcomes("2027-05-31")["id", "answered"] == 2


def test_the_numbers_are_forgotten_with_the_questions(people: People, clock: Clock) -> None:
    for days in (91, 90):
        clock.now = LATER - days * DAY
        people.apply(lambda: people.tally.add("answered", "id", ""))
    people.expire(LATER.timestamp())
    assert [day for (day,) in people._connection.execute("select day from tally")] == [
        (LATER - 90 * DAY).date().isoformat()
    ]


@pytest.mark.parametrize(
    ("id_", "about"),
    [("vr_33_10", "r_33_10"), ("r_33_10", "r_33_10"), ("t_quick_win", "t_quick_win"), ("r_33", ""), ("c_2019", ""), ("q_0a1b", "")],
)  # fmt: skip
def test_a_card_tells_what_it_is_about(id_: str, about: str) -> None:
    assert subject_of(id_) == about


def tallied(bot: Running) -> dict[tuple[str, str, str], int]:
    """``(outcome, language, about)`` -> times."""
    rows = bot.people._connection.execute("select outcome, language, about, times from tally")
    return {(outcome, language, about): times for outcome, language, about, times in rows}


@pytest.mark.usefixtures("one_engine")
def test_questions_are_counted_wherever_they_are_asked_and_nothing_else_is(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi, group = telegram.user("Budi"), telegram.group("Warga")
        group.adds_bot()
        async with running(telegram, tmp_path) as bot:
            acts: list[Callable[[], Any]] = [
                lambda: budi.sends("apakah Klaten ikut?"),
                lambda: budi.sends("/tanya apakah Klaten ikut?", to=group),
                lambda: budi.starts("r_33_10"),
                lambda: budi.starts("t_quick_win"),
                lambda: budi.sends("apakah Semarang ikut pada 2018? Bagaimana dengan Magelang?"),
                lambda: budi.sends("berapa harga cabai di pasar?"),
                lambda: budi.sends("halo"),
                lambda: budi.sends("obrolan antar warga tentang Klaten", to=group),
                lambda: budi.sends("/bantuan"),
                lambda: budi.starts(""),
                budi.sends_photo,
                lambda: budi.types_inline("Klaten"),
                lambda: budi.chooses("r_33_10-id"),
                lambda: budi.mentions_as_guest("apakah Klaten ikut?"),
            ]
            for act in acts:
                act()
                await bot.settles()
            counted = tallied(bot)
            assert counted["answered", "id", "r_33_10"] == 5
            assert counted["answered", "id", "t_quick_win"] == 1
            assert counted["unknown", "id", ""] == 1
            assert sum(counted.values()) == 8

    play(scene)


@pytest.mark.usefixtures("one_engine")
def test_a_question_finished_by_a_button_is_counted_as_asked_back_and_as_answered(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            budi.sends("apakah Sukorejo ikut?")
            await bot.settles()
            before = tallied(bot)
            label = telegram.buttons(telegram.last(budi))[0][0]
            budi.presses(label)
            await bot.settles()
            assert sum(before.values()) == 1
            assert sum(tallied(bot).values()) == 2

    play(scene)


# ------------------------------------------------------------------------------------------------------------ the digest


@pytest.mark.parametrize(
    ("now", "week"),
    [
        (MONDAY_EIGHT - timedelta(seconds=1), None), (MONDAY_EIGHT - 8 * HOUR, None), (MONDAY_EIGHT, "2026-W48"),
        (MONDAY_EIGHT - 8 * HOUR - timedelta(seconds=1), "2026-W47"), (MONDAY_EIGHT + 6 * DAY, "2026-W48"),
        (datetime(2027, 1, 1, 12, tzinfo=UTC), "2026-W53"),
    ],
)  # fmt: skip
def test_a_week_begins_on_monday_at_eight_in_jakarta(now: datetime, week: str | None) -> None:
    assert due(now) == week


def sent(telegram: FakeTelegram, user: User) -> list[str]:
    """The digests that came to somebody by themselves."""
    return [text for text in telegram.said(user) if "Since" in text or "Sejak" in text]


def wanting(people: People, *users: User) -> None:
    """These have the digest switched on."""
    for user in users:
        people.apply(lambda user=user: people.staff.set_digest(user.id, True))


async def look(bot: Running, clock: Clock) -> None:
    """Look who is owed a digest, as the bot does at its start and each minute."""
    await service.send_due(BotContext(bot.bot.application), clock.now)


@pytest.mark.usefixtures("one_engine")
def test_it_comes_on_monday_morning_once_through_restarts_and_again_a_week_later(folder: Path, clock: Clock) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari, kate = telegram.user("Sari"), telegram.user("Kate")
        async with running(telegram, folder, owner_ids=(sari.id, kate.id)) as bot:
            sari.sends("/ringkasan")
            await bot.settles()
            assert "tidak aktif" in telegram.said(sari)[-1]
            sari.presses("Mingguan: tidak aktif")
            await bot.settles()
            assert "setiap Senin pukul 08:00 WIB" in telegram.said(sari)[-1]
            shown = len(sent(telegram, sari))
            await look(bot, clock)
            assert len(sent(telegram, sari)) == shown
            clock.now = MONDAY_EIGHT
            await look(bot, clock)
            await look(bot, clock)
            assert len(sent(telegram, sari)) == shown + 1
        for later in (HOUR, 3 * DAY):
            clock.now = MONDAY_EIGHT + later
            async with running(telegram, folder, owner_ids=(sari.id, kate.id)) as bot:
                await look(bot, clock)
        assert len(sent(telegram, sari)) == shown + 1
        clock.now = MONDAY_EIGHT + WEEK + 2 * DAY  # it was down on Monday
        async with running(telegram, folder, owner_ids=(sari.id, kate.id)):
            await telegram.until(lambda: len(sent(telegram, sari)) == shown + 2)
        assert sent(telegram, kate) == []

    play(scene)


@pytest.mark.usefixtures("one_engine")
def test_whoever_switches_it_on_waits_for_monday_and_whoever_switches_it_off_gets_none(
    folder: Path, clock: Clock
) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        clock.now = MONDAY_EIGHT + 2 * DAY
        async with running(telegram, folder, owner_ids=(sari.id,)) as bot:
            sari.sends("/ringkasan")
            await bot.settles()
            sari.presses("Mingguan: tidak aktif")
            await bot.settles()
            await look(bot, clock)
            assert len(sent(telegram, sari)) == 1
            clock.now = MONDAY_EIGHT + WEEK
            await look(bot, clock)
            assert len(sent(telegram, sari)) == 2
            sari.presses("Mingguan: aktif")
            await bot.settles()
            clock.now = MONDAY_EIGHT + 2 * WEEK
            await look(bot, clock)
            assert len(sent(telegram, sari)) == 2
            assert bot.people.staff.members()[0].digest is False

    play(scene)


@pytest.mark.usefixtures("one_engine")
def test_it_reaches_admins_alone_each_in_their_language_and_whoever_blocked_the_bot_stops_nobody(
    folder: Path, clock: Clock
) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari, kate, budi, rudi = (telegram.user(name) for name in ("Sari", "Kate", "Budi", "Rudi"))
        for user in (sari, kate, budi, rudi):
            user.starts()
        people = People(folder, owners=(sari.id,))
        people.apply(
            lambda: people.staff.give(rudi.id, "Rudi", Role.ADMIN, (), 1),
            lambda: people.staff.give(kate.id, "Kate", Role.ADMIN, (), 1),
            lambda: people.staff.give(budi.id, "Budi", Role.OFFICER, ("33.10",), 1),
            lambda: people.profiles.set_language(kate.id, "en"),
        )
        wanting(people, sari, kate, budi, rudi)
        people.close()
        async with running(telegram, folder) as bot:
            await bot.settles()
            rudi.blocks()
            await bot.settles()
            bot.people.apply(lambda: bot.people.profiles.set_unreachable(rudi.id, False))  # it has not heard of it
            clock.now = MONDAY_EIGHT
            await look(bot, clock)
            await look(bot, clock)
            assert "Since 16 November 2026" in sent(telegram, kate)[0]
            assert "Sejak 16 November 2026" in sent(telegram, sari)[0]
            assert [len(sent(telegram, user)) for user in (sari, kate, budi, rudi)] == [1, 1, 0, 0]
            assert bot.people.profiles.unreachable(rudi.id)

    play(scene)


@pytest.mark.usefixtures("one_engine")
def test_what_did_not_go_out_is_tried_again_and_what_is_refused_is_not(
    folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures: list[TelegramError] = []
    send = RawBot.raw_send

    async def sending(*arguments: Any, **others: Any) -> int:
        if failures:
            raise failures.pop()
        return await send(*arguments, **others)

    monkeypatch.setattr(RawBot, "raw_send", sending)

    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        sari.starts()
        people = People(folder, owners=(sari.id,))
        wanting(people, sari)
        people.close()
        async with running(telegram, folder) as bot:
            await bot.settles()
            failures.append(NetworkError("gone"))
            clock.now = MONDAY_EIGHT
            await look(bot, clock)
            assert sent(telegram, sari) == []
            await look(bot, clock)
            assert len(sent(telegram, sari)) == 1
            clock.now = MONDAY_EIGHT + WEEK
            failures.append(BadRequest("Chat not found"))
            await look(bot, clock)
            await look(bot, clock)
            assert len(sent(telegram, sari)) == 1
            assert bot.people.settings("digest ") == {"digest 1": "2026-W49"}

    play(scene)


@pytest.mark.usefixtures("one_engine")
@pytest.mark.parametrize(("failing", "times"), [("begun", 1), ("got", 2)])
def test_a_kill_before_it_is_written_down_repeats_one_at_most(
    folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, failing: str, times: int
) -> None:
    def die(*_: Any) -> None:
        raise OSError("killed")

    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        sari.starts()
        people = People(folder, owners=(sari.id,))
        wanting(people, sari)
        people.close()
        async with running(telegram, folder) as bot:
            await bot.settles()
            clock.now = MONDAY_EIGHT
            with monkeypatch.context() as killed:
                killed.setattr(service, failing, die)
                with pytest.raises(OSError, match="killed"):
                    await look(bot, clock)
            assert len(sent(telegram, sari)) == times - 1
            await look(bot, clock)
            await look(bot, clock)
            assert len(sent(telegram, sari)) == times

    play(scene)


@pytest.mark.usefixtures("one_engine")
def test_a_digest_that_fails_is_not_the_last(folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    failures = iter([OSError("disk")])
    week = service.week

    async def failing(*arguments: Any) -> Any:
        for failure in failures:
            raise failure
        return await week(*arguments)

    monkeypatch.setattr(service, "week", failing)
    monkeypatch.setattr(service, "LOOK_SECONDS", 0.01)

    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        sari.starts()
        people = People(folder, owners=(sari.id,))
        wanting(people, sari)
        people.close()
        clock.now = MONDAY_EIGHT
        async with running(telegram, folder):
            await telegram.until(lambda: len(sent(telegram, sari)) == 1)

    play(scene)
    assert next(failures, None) is None


def test_it_counts_what_happened_and_says_nothing_of_who(folder: Path, clock: Clock) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari, budi, kate = telegram.user("Sari"), telegram.user("Budi"), telegram.user("Kate", language="en")
        clock.now = LATER - 8 * DAY
        async with running(telegram, folder, owner_ids=(sari.id,)) as bot:
            budi.sends("berapa harga cabai di pasar?")
            await bot.settles()
            clock.now = LATER - 7 * DAY
            for text in ("apakah Klaten ikut?", "Klaten?", "berapa harga bawang di toko?"):
                budi.sends(text)
            kate.sends("did Klaten take part?")
            await bot.settles()
            clock.now = LATER
            sari.sends("/ringkasan")
            await bot.settles()
            text = telegram.said(sari)[-1]
            lines = text.splitlines()
            assert lines[0] == "Sejak 25 Mei 2027"
            assert ": 2 terjawab, 0 ditanya balik, 1 tanpa jawaban" in text
            assert "• 3× Kabupaten Klaten" in lines
            assert "• 1× berapa harga bawang di toko?" in lines
            assert "cabai" not in text
            assert "Perubahan: 0" in lines
            assert not any(name in text for name in ("Budi", "Kate", str(budi.id), str(kate.id)))

    play(scene)


# --------------------------------------------------------------------------------------------------------- still true


def test_a_statement_that_still_holds_is_confirmed_once_and_at_once(folder: Path, clock: Clock) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        clock.now = LATER
        number = len(stale(store.load(folder), LATER.date()))
        async with running(telegram, folder, owner_ids=(sari.id,)) as bot:
            sari.sends("/ringkasan")
            await bot.settles()
            sari.presses(f"Perlu ditinjau ({number})")
            await bot.settles()
            first = stale(bot.bot.services.engine.snapshot, LATER.date())[0]
            sari.presses("1. Masih benar")
            await bot.settles()
            assert bot.bot.services.engine.snapshot.claims[first.id].review_by == first.review_by
            assert history.entries(folder)[0].kind == "edition"
            data = f"1zi:y:{first.id}:0:{first.review_by}"
            message = telegram.last(sari)
            for _ in range(2):
                sari.press_data(data, message)
                await bot.settles()
            assert bot.bot.services.engine.snapshot.claims[first.id].review_by == "2028-06-01"
            (made,) = [entry for entry in history.entries(folder) if entry.kind == "review"]
            assert made.actor == "owner 1"
            assert made.source == ";".join(first.sources)
            text = telegram.said(sari)[-1]
            assert f"Pernyataan yang perlu ditinjau: {number - 1}" in text
            assert "1 Juni 2028" in text
            with Writer(folder) as writer:  # taken back, it can be confirmed again
                writer.commit(history.undo(folder, made.id, "command line", "not looked at"))
            await follow(bot.bot.services)
            assert bot.bot.services.engine.snapshot.claims[first.id].review_by == first.review_by
            sari.press_data(data, message)
            await bot.settles()
            assert bot.bot.services.engine.snapshot.claims[first.id].review_by == "2028-06-01"

    play(scene)


def test_what_somebody_else_changed_meanwhile_is_not_confirmed(folder: Path, clock: Clock) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        clock.now = LATER
        async with running(telegram, folder, owner_ids=(sari.id,)) as bot:
            sari.sends("/ringkasan")
            await bot.settles()
            row = next(row for row in store.all_tables(folder)["claims"] if row["id"] == "F044")
            with Writer(folder) as writer:
                writer.commit(
                    Change("command line", "edit", "", "", (RowChange("claims", row, {**row, "period": "2023"}),))
                )
            sari.press_data("1zi:y:F044:0:2027-05-21", telegram.last(sari))
            await bot.settles()
            assert store.load(folder).claims["F044"].review_by == "2027-05-21"
            assert bot.outcomes()[-1] == "done"
            assert [entry.kind for entry in history.entries(folder)][:1] == ["edit"]
            assert "F044" in telegram.said(sari)[-1]

    play(scene)


@pytest.mark.parametrize(
    "data", ["1zi:w:2", "1zi:w", "1zi:s:-1", "1zi:c:nowhere:0", "1zi:y:F001:0:", "1zi:y:F044:x:2027-05-21"]
)
def test_buttons_that_were_never_made_change_nothing(folder: Path, clock: Clock, data: str) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        clock.now = LATER
        async with running(telegram, folder, owner_ids=(sari.id,)) as bot:
            bot.people.apply(lambda: bot.people.staff.set_digest(sari.id, True))
            sari.sends("/ringkasan")
            await bot.settles()
            sari.press_data(data, telegram.last(sari))
            await bot.settles()
            assert bot.people.staff.members()[0].digest
            assert [entry.kind for entry in history.entries(folder)] == ["edition"]

    play(scene)


def test_a_claim_with_the_longest_id_has_its_buttons(folder: Path, clock: Clock) -> None:
    long = "Z" * 64
    row = next(row for row in store.all_tables(folder)["claims"] if row["id"] == "F044")
    with Writer(folder) as writer:
        writer.commit(Change("command line", "add", "", "", (RowChange("claims", None, {**row, "id": long, "review_by": "2020"}),)))  # fmt: skip

    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        async with running(telegram, folder, owner_ids=(sari.id,)) as bot:
            sari.sends("/ringkasan")
            await bot.settles()
            for label in ("Perlu ditinjau (1)", "1. Masih benar", "Sumber sudah dilihat"):
                sari.presses(label)
                await bot.settles()
            assert bot.bot.services.engine.snapshot.claims[long].review_by == "2027-11-23"

    play(scene)


# --------------------------------------------------------------------------------------------------------- command line


def command(folder: Path, *arguments: str) -> Result:
    """`bot.py ...` with a folder of its own."""
    return CliRunner().invoke(entry.bot, [*arguments, "--data-dir", str(folder)])


def test_the_digest_on_the_command_line(folder: Path, clock: Clock) -> None:
    clock.now = LATER
    people = People(folder)
    people.apply(lambda: people.tally.add("answered", "en", "r_33_10"), lambda: people.tally.add("unknown", "en", ""))
    people.close()
    said = command(folder, "digest", "--lang", "en").output
    number = len(stale(store.load(folder), LATER.date()))
    assert said.splitlines()[0] == "Since 25 May 2027"
    assert "• English: 1 answered, 0 asked back, 1 without answer" in said
    assert "• 1× Klaten Regency" in said
    assert f"Statements due for review: {number}" in said
    assert "<" not in said
    assert "officer" not in said
    assert command(folder, "digest", "--days", "1").output.splitlines()[0] == "Sejak 31 Mei 2027"
    assert command(folder, "digest", "--days", "0").exit_code == 2


def test_what_officers_ask_and_propose_is_counted_until_it_is_decided(folder: Path) -> None:
    people = People(folder)
    asked = Request(0, 4, "Budi", "33.10", "Diskominfo", "Kabid", "", "id", "")
    people.requests.send(asked, "a")
    people.requests.send(replace(asked, user_id=5), "b")
    people.apply(lambda: people.requests.decide(2, "refused", "admin 1", "No.", 1))
    people.corrections.send(Correction(Proposal("add", "33.10", "award", "id", text="Baru."), 4, 1, token="c"))
    people.close()
    lines = command(folder, "digest", "--lang", "en").output.splitlines()
    assert "Requests to become an officer: 1" in lines
    assert "Proposals by officers: 1" in lines


def test_claims_are_listed_and_reviewed_on_the_command_line(folder: Path) -> None:
    def listed() -> list[str]:
        return [line.split()[0] for line in command(folder, "kb", "stale", "--on", "2027-06-01").output.splitlines()]

    before = listed()
    assert before == [claim.id for claim in stale(store.load(folder), date(2027, 6, 1))]
    assert {"F044", "C-2024-date"} <= set(before)
    assert command(folder, "kb", "stale", "--on", "2027-05-21").stdout == ""
    done = command(folder, "kb", "review", "F044", "C-2024-date")
    assert (done.exit_code, "2 reviewed" in done.output) == (0, True)
    again = next_review(datetime.now(UTC).date())
    assert {store.load(folder).claims[id].review_by for id in ("F044", "C-2024-date")} == {again}
    assert history.entries(folder)[0].actor == "command line"
    assert "already" in command(folder, "kb", "review", "F044").output
    assert len([entry for entry in history.entries(folder) if entry.kind == "review"]) == 1
    wrong = command(folder, "kb", "review", "F177", "nowhere")
    assert (wrong.exit_code, "nowhere" in wrong.output) == (2, True)
    assert store.load(folder).claims["F177"].review_by == "2027-05-21"


def test_the_shipped_claims_that_can_change_have_a_date() -> None:
    assert len(stale(knowledge.shipped_engine().snapshot, date(2100, 1, 1))) > 0
