"""What the privacy page says of people.db is so: every table and column, who is named where, when it goes, and what is forgotten."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

import pytest
from pages import LANGUAGES, STORED
from running import play, running

from handlers import privacy
from handlers.backup import naming
from handlers.fake_telegram import FakeTelegram
from handlers.people import People
from handlers.people.corrections import Correction
from handlers.people.reports import Report
from handlers.people.requests import Request
from handlers.people.staff import Member, Role
from handlers.rendering import speech
from handlers.settings import Settings
from handlers.staff import menus
from knowledge import Context
from knowledge.model import Language
from knowledge.proposing import Proposal

ROOT: Final = Path(__file__).parent.parent
TABLES: Final[dict[str, dict[str, Any]]] = STORED["table"]
DAYS: Final = 30
HOUR, DAY, YEARS = 3600.0, 86400.0, 10 * 365 * 86400.0
BAMBANG, WATI, SARI = 1_234_567, 7_654_321, 1_000_003
NAMES = {BAMBANG: "Bambang", WATI: "Wati"}


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    """A new people.db, which keeps what it logs for 30 days."""
    made = People(tmp_path, retention_days=DAYS)
    yield made
    made.close()


def table_columns(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Every table of people.db and its columns, in order."""
    tables = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
    return {
        table: [column for _, column, *_ in connection.execute(f"pragma table_info('{table}')")] for (table,) in tables
    }


def count(people: People, table: str) -> int:
    """How many rows a table has."""
    return int(people._connection.execute(f"select count(*) from {table}").fetchone()[0])


def traces(people: People, user: int) -> dict[str, set[str]]:
    """Table -> columns in which somebody's number in Telegram or first name stands anywhere."""
    found: dict[str, set[str]] = {}
    for table, columns in table_columns(people._connection).items():
        for column in columns:
            where = f'instr(cast("{column}" as text), ?) or instr(cast("{column}" as text), ?)'
            query = f"select exists (select 1 from {table} where {where})"
            if people._connection.execute(query, (str(user), NAMES[user])).fetchone()[0]:
                found.setdefault(table, set()).add(column)
    return found


class Menus:
    """A Telegram that takes command menus."""

    id = 42

    async def set_my_commands(self, *_: Any) -> None:
        """A person's menu."""

    async def delete_my_commands(self, *_: Any) -> None:
        """It is that of everybody again."""


BOT = cast(Any, Menus())


def officer(people: People, user: int, region: str) -> Member:
    """Somebody becomes officer of a region."""
    people.apply(lambda: people.staff.give(user, NAMES[user], Role.OFFICER, [region], None))
    member = people.staff.member(user)
    assert member is not None
    return member


def fill(people: People, user: int, base: int) -> None:
    """A row in every table that what ``user`` does leaves one in. ``base``: tells what they do from what others do."""
    name, number = NAMES[user], base
    people.inbox.receive(
        [{"update_id": number, "message": {"from": {"id": user, "first_name": name}, "text": "Klaten?"}}]
    )
    people.inbox.record(number, 1, user, 11, 5, "Klaten?")
    member = officer(people, user, "33.10")
    people.invitations.create(Role.OFFICER, ["33.11"], member.id, update_id=number)
    asyncio.run(menus.bring(BOT, people, user, "id"))
    draft = people.drafts.begin(user, "import", {"table": "claims"}, update_id=number)
    people.requests.send(Request(0, user, name, "33.12", "Diskominfo", "Kabid", "p:A", "id", ""), f"draft {number}")
    proposal = Correction(Proposal("add", "33.10", "award", "id", text="Baru."), user, member.id, document="p:A", token=f"draft {number}")  # fmt: skip
    decided = people.corrections.send(proposal)
    today = datetime.now(UTC).date().isoformat()
    people.apply(
        lambda: people.uploads.keep(draft, "claims.csv", b"id,text_id"),
        lambda: people.corrections.decide(decided, "refused", "admin 1", "No."),
        lambda: people.profiles.set_language(user, "en"),
        lambda: people.profiles.set_conversation(user, user, Context(at=datetime.now(UTC).timestamp())),
        lambda: people.inbox.happened(user, "press"),
        lambda: people.queue.unanswered("apa", "id", "out_of_scope", "private", str.upper),
        lambda: people.queue.decide("id", {"SIAPA": "siapa"}, "alias", "admin 1"),
        lambda: people.queue.wait(user, "id", "APA", "apa"),
        lambda: people.tally.add("unknown", "id", ""),
        lambda: people.reports.add(Report(number, today, "id", "f", "Klaten?", "Ya.", ""), user, 12),
        lambda: people.follows.follow(user, "region:33.10", "en"),
        lambda: people.follows.wish(user, corrections=True, quiet_from=0, quiet_to=0),
        lambda: people.given.note(user, ["F001"]),
        lambda: people.notices.announce("admin 1", "kabar", "news", "all", [user], number),
    )  # fmt: skip


def sending(people: People, user: int) -> None:
    """A message to somebody is on its way."""
    (notice,) = (one.id for one in people.notices.broadcasts())
    people.apply(lambda: people.deliveries.begin(user, [notice], "news", ""))


def arrived(people: People, user: int, number: int) -> None:
    """Whatever of somebody's is under way, is over: the message to them arrived, and theirs is answered."""
    people.apply(lambda: people.deliveries.sent(user, 13))
    people.finish(number, "answered")


# ------------------------------------------------------------------------------------------------------------- what is listed


def test_every_table_and_column_is_listed_and_no_other(people: People) -> None:
    listed = {table: list(told["columns"]) for table, told in TABLES.items()}
    assert listed == table_columns(people._connection)


def test_every_text_is_there_in_both_languages() -> None:
    texts = [says for table in TABLES.values() for says in (table["what"], *table["columns"].values())]
    texts += [one["says"] for kind in ("kept", "deleted") for one in STORED[kind].values()]
    assert [says for says in texts if len(says) != len(LANGUAGES) or not all(says)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_with_something_of_a_person_has_a_line_in_privacy(language: Language) -> None:
    lines = privacy.told(speech(language), Settings.model_construct())
    assert {table["line"] for table in TABLES.values() if "line" in table} == set(lines)
    assert [name for name, table in TABLES.items() if table["person"] and "line" not in table] == []


def test_periods_are_all_used_and_all_tried() -> None:
    assert {table["kept"] for table in TABLES.values()} == set(STORED["kept"])
    assert {table["deleted"] for table in TABLES.values()} == set(STORED["deleted"])


# ------------------------------------------------------------------------------------------------------------------- who


def test_a_person_is_named_where_the_page_says_and_nowhere_else(people: People) -> None:
    fill(people, BAMBANG, 100)
    people.apply(lambda: people.notices.add(1, ["region:33.10"]))
    spreading = people.notices.spreading()
    assert spreading is not None
    people.apply(lambda: people.notices.spread(spreading, limit=1))
    sending(people, BAMBANG)
    found = traces(people, BAMBANG)
    people.apply(lambda: people.deliveries.sent(BAMBANG, 13))
    found["replies"] |= traces(people, BAMBANG)["replies"]
    assert found == {name: set(table["person"]) for name, table in TABLES.items() if table["person"]}


def test_somebody_is_forgotten_as_the_page_says_and_nobody_else(people: People) -> None:
    fill(people, BAMBANG, 100)
    theirs = {table: count(people, table) for table in TABLES}
    assert min(count for table, count in theirs.items() if table != "outgoing") > 0
    fill(people, WATI, 200)
    before, others = {table: count(people, table) for table in TABLES}, traces(people, WATI)
    arrived(people, BAMBANG, 100)
    asyncio.run(menus.take_away(BOT, people, BAMBANG))
    people.apply(lambda: people.forget(BAMBANG))
    assert traces(people, BAMBANG) == {}
    assert traces(people, WATI) == others
    kept = {table for table in TABLES if TABLES[table]["deleted"] != "rows"} - {"settings"}
    assert {table: count(people, table) for table in kept} == {table: before[table] for table in kept}
    for table in TABLES.keys() - kept - {"settings", "outgoing"}:
        assert count(people, table) < before[table], table


def test_what_is_begun_and_too_old_is_forgotten_too(people: People) -> None:
    people.drafts.begin(BAMBANG, "request", {"office": "Diskominfo"})
    people.apply(lambda: people._connection.execute("update drafts set expires_at = 0"), lambda: people.forget(BAMBANG))
    assert traces(people, BAMBANG) == {}


# ------------------------------------------------------------------------------------------------------------ for how long


def seconds(table: str) -> float | None:
    """How long after it is done with a row of a table is kept at least; None where time does not end it."""
    kept = STORED["kept"][TABLES[table]["kept"]]
    return DAYS * DAY if kept.get("log") else kept["hours"] * HOUR if "hours" in kept else None


PASSING = [table for table in TABLES if seconds(table)]


@pytest.mark.parametrize("table", PASSING)
def test_what_passes_goes_when_the_page_says(people: People, table: str) -> None:
    fill(people, BAMBANG, 100)
    sending(people, BAMBANG)
    arrived(people, BAMBANG, 100)
    now, kept = datetime.now(UTC).timestamp(), seconds(table)
    assert kept is not None
    before = count(people, table)
    assert before > 0
    people.expire(now + kept - HOUR)
    assert count(people, table) == before
    # Days are counted by the calendar: what is kept for 30 of them goes in the course of the day after.
    people.expire(now + kept + (DAY if kept > 2 * DAY else 0) + HOUR)
    assert count(people, table) == 0


@pytest.mark.parametrize("table", [table for table in TABLES if table not in PASSING and table != "outgoing"])
def test_what_is_kept_until_something_ends_it_does_not_pass(people: People, table: str) -> None:
    fill(people, BAMBANG, 100)
    before = count(people, table)
    people.expire(datetime.now(UTC).timestamp() + YEARS)
    assert count(people, table) == before > 0


def test_what_waits_does_not_pass_before_it_is_dealt_with(people: People) -> None:
    """An unanswered update, an open proposal, a message on its way, and what is to be told."""
    fill(people, BAMBANG, 100)
    people.apply(lambda: people._connection.execute("update corrections set state = 'open'"))
    sending(people, BAMBANG)
    people.expire(datetime.now(UTC).timestamp() + YEARS)
    waiting = ("inbox", "corrections", "outgoing", "deliveries", "notices")
    assert {table: count(people, table) for table in waiting} == dict.fromkeys(waiting, 1)
    arrived(people, BAMBANG, 100)
    assert count(people, "outgoing") == 0
    assert people._connection.execute("select body from inbox").fetchall() == [(None,)]


def test_what_somebody_follows_is_kept_until_they_stop_or_block_the_bot(people: People) -> None:
    for ending in (people.follows.stop_all, people.unreachable):
        people.apply(lambda: people.follows.follow(BAMBANG, "region:33.10"))
        assert [count(people, table) for table in ("follows", "wishes")] == [1, 1]
        people.apply(lambda ending=ending: ending(BAMBANG))  # type: ignore[misc]
        assert [count(people, table) for table in ("follows", "wishes")] == [0, 0]


def test_whoever_waited_is_not_kept_once_they_are_told(people: People) -> None:
    people.apply(lambda: people.queue.wait(BAMBANG, "id", "APA", "apa"))
    (who,) = people.queue.waiting()
    people.apply(lambda: people.queue.told(who))
    assert count(people, "waiting") == 0


def test_what_was_told_is_not_kept_where_corrections_are_switched_off(people: People) -> None:
    for wanted, kept in ((True, 1), (False, 0)):
        people.apply(
            lambda wanted=wanted: people.follows.wish(BAMBANG, corrections=wanted),  # type: ignore[misc]
            lambda: people.given.note(BAMBANG, ["F001"]),
        )
        assert count(people, "given") == kept


def test_of_a_role_that_is_taken_away_the_first_name_stays_and_the_number_goes(people: People) -> None:
    fill(people, BAMBANG, 100)
    member = people.staff.member(BAMBANG)
    assert member is not None
    people.staff.revoke(member.id)
    asyncio.run(menus.bring_all(BOT, people, "id"))
    left = traces(people, BAMBANG)
    assert (left["staff"], "settings" in left) == ({"name"}, False)


def test_of_an_approved_request_office_and_position_stay_as_long_as_the_role(people: People) -> None:
    _, number = people.requests.send(
        Request(0, BAMBANG, "Bambang", "33.12", "Diskominfo", "Kabid", "p:A", "id", ""), "d"
    )
    member = officer(people, BAMBANG, "33.12")
    people.apply(
        lambda: people.requests.decide(number, "approved", "admin 1", "", 7),
        lambda: people.requests.take_up(number, member.id),
        lambda: people.requests.settle(number),
    )
    people.expire(datetime.now(UTC).timestamp() + YEARS)
    row = people._connection.execute("select user_id, name, office, position, letter from requests").fetchone()
    assert row == (None, "", "Diskominfo", "Kabid", "")
    people.staff.revoke(member.id)
    assert count(people, "requests") == 0


def test_a_withdrawn_request_goes_at_once(people: People) -> None:
    request = Request(0, BAMBANG, "Bambang", "33.12", "Diskominfo", "Kabid", "p:A", "id", "")
    _, number = people.requests.send(request, "d")
    people.apply(lambda: people.requests.withdraw(number, BAMBANG))
    assert count(people, "requests") == 0


def test_of_a_refused_request_name_and_letter_go_at_once_and_the_rest_with_time(people: People) -> None:
    _, number = people.requests.send(
        Request(0, BAMBANG, "Bambang", "33.12", "Diskominfo", "Kabid", "p:A", "id", ""), "d"
    )
    people.apply(
        lambda: people.requests.decide(number, "refused", "admin 1", "", 7), lambda: people.requests.settle(number)
    )
    row = people._connection.execute("select user_id, name, office, letter from requests").fetchone()
    assert row == (BAMBANG, "", "Diskominfo", "")
    people.expire(datetime.now(UTC).timestamp() + (DAYS + 1) * DAY + HOUR)
    assert count(people, "requests") == 0


# --------------------------------------------------------------------------------------------------------------- the chat


@pytest.mark.parametrize("language", LANGUAGES)
def test_privacy_names_the_days_and_the_backups_that_are_set(language: Language) -> None:
    s = speech(language)
    lines = privacy.told(s, Settings.model_construct(question_log_days=17)).values()
    assert [line for line in lines if "90" in line] == []
    assert len([line for line in lines if "17" in line]) >= 7
    copies, none = (privacy.copies(s, Settings.model_construct(backup_keep=keep)) for keep in (5, 0))
    assert ("5" in copies, "14" in copies, copies == none) == (True, False, False)
    assert copies in privacy.limits(s, Settings.model_construct(backup_keep=5))
    assert all(str(naming.BEFORE_DAYS) in said for said in (copies, none))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_tells_how_long_backups_are_kept(language: Language) -> None:
    page = (ROOT / "docs" / f"privacy.{language}.md").read_text(encoding="utf-8")
    (told,) = re.findall(r"^- \*\*(?:Backups|Cadangan)\..*?(?=^- )", page, re.MULTILINE | re.DOTALL)
    nights = Settings.model_fields["backup_keep"].default
    assert {str(nights), str(naming.BEFORE_DAYS)} <= set(re.findall(r"\d+", told))
    assert "`BACKUP_KEEP`" in told


def test_whoever_deletes_everything_in_the_chat_is_told_what_stays_and_nothing_else_does(
    one_engine: None, tmp_path: Path
) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        telegram.user("Sari", id=SARI)
        bambang = telegram.user("Bambang", id=BAMBANG)
        async with running(telegram, tmp_path, owner_ids=(SARI,)) as bot:
            invitation = bot.people.invitations.create(Role.OFFICER, ["33.10"], None)[1]
            for said in (f"/start {invitation}", "/ikuti klaten", "Klaten ikut?", "siapa penggubah lagu zorgon?"):
                bambang.sends(said)
                await bot.settles()
            for pressed in ("Beri tahu saya", "Ada yang salah?"):
                bambang.presses(pressed)
                await bot.settles()
            found = set(traces(bot.people, BAMBANG))
            assert {"staff", "settings", "follows", "wishes", "conversations", "replies", "waiting", "once"} <= found
            bambang.sends("/hapusdata")
            await bot.settles()
            bambang.presses("Ya, hapus")
            await bot.settles()
            assert privacy.copies(speech("id"), bot.bot.services.settings) in bambang.said[-1]
            assert traces(bot.people, BAMBANG) == {}

    play(scene)
