"""people.db: nothing received is lost or done twice, nothing is kept longer than it may be, and a person is forgotten whole."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import running

from handlers.fake_telegram import FakeTelegram
from handlers.people import People
from handlers.people import database as database_module
from handlers.people.corrections import Correction
from handlers.people.impersonal import MAX_TEXT, impersonal
from handlers.people.inbox import MAX_STARTS
from handlers.people.reports import Report
from handlers.people.requests import Request
from knowledge import Context, Engine
from knowledge.errors import DatabaseError
from knowledge.proposing import Proposal

QUESTIONS = Path(__file__).parent / "questions"
HOUR, DAY = 3600, 86400
BUDI, KATE, GROUP = 1_234_567, 7_654_321, -1_001_000_000_777


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    """A new people.db."""
    made = People(tmp_path, retention_days=90)
    yield made
    made.close()


def reopened(people: People, folder: Path) -> People:
    """The same file after a restart."""
    people.close()
    return People(folder)


def update(number: int, text: str = "Klaten?") -> dict[str, Any]:
    """A received update."""
    return {"update_id": number, "message": {"message_id": number, "text": text}}


def outcomes(people: People) -> dict[int, str | None]:
    """How each update ended."""
    return dict(people._connection.execute("select update_id, outcome from inbox"))


def rows(people: People, table: str) -> int:
    """How many rows a table has."""
    return int(people._connection.execute(f"select count(*) from {table}").fetchone()[0])


# ---------------------------------------------------------------------------------------------------------------- inbox


def test_updates_are_received_once_and_in_order(people: People) -> None:
    assert people.inbox.receive([update(3), update(1), update(2)]) == [update(3), update(1), update(2)]
    assert people.inbox.receive([update(2), update(4), update(4), update(1)]) == [update(4)]
    assert people.inbox.receive([]) == []


def test_an_update_is_still_known_after_it_is_handled_and_after_a_restart(people: People, tmp_path: Path) -> None:
    people.inbox.receive([update(1), update(2)])
    people.finish(1, "answered")
    again = reopened(people, tmp_path)
    assert again.inbox.receive([update(1), update(2), update(3)]) == [update(3)]
    again.close()


def test_nothing_is_received_where_one_of_them_cannot_be(people: People) -> None:
    class Broken(dict[str, Any]):
        """An update that cannot be written down."""

        def __getitem__(self, key: str) -> Any:
            raise sqlite3.OperationalError("disk is full")

    with pytest.raises(sqlite3.OperationalError):
        people.inbox.receive([update(1), Broken()])
    assert outcomes(people) == {}


def test_the_content_of_an_update_goes_when_it_is_handled(people: People) -> None:
    people.inbox.receive([update(1, "secret words")])
    people.finish(1, "answered")
    assert people._connection.execute("select update_id, body, outcome from inbox").fetchall() == [
        (1, None, "answered")
    ]


def test_what_waits_comes_back_in_order_and_as_it_was(people: People, tmp_path: Path) -> None:
    said = [update(3, "ç 😀 \u2028"), update(1), update(2)]
    people.inbox.receive(said)
    people.finish(2, "done")
    again = reopened(people, tmp_path)
    assert again.inbox.waiting() == [update(1), said[0]]
    again.close()


def test_an_update_that_never_gets_handled_is_given_up(people: People) -> None:
    people.inbox.receive([update(1)])
    for _ in range(MAX_STARTS):
        assert people.inbox.waiting() == [update(1)]
    people.inbox.receive([update(2)])
    assert people.inbox.waiting() == [update(2)]
    assert outcomes(people) == {1: "given_up", 2: None}


# -------------------------------------------------------------------------------------------------------------- effects


def test_effects_come_with_the_mark(people: People, tmp_path: Path) -> None:
    people.inbox.receive([update(1)])
    effects: list[Callable[[], object]] = [
        lambda: people.profiles.set_language(BUDI, "en"),
        lambda: people.inbox.happened(BUDI, "press"),
    ]
    people.finish(1, "done", effects)
    again = reopened(people, tmp_path)
    assert (outcomes(again), again.profiles.language(BUDI)) == ({1: "done"}, "en")
    assert not again.inbox.first_time(BUDI, "press")
    again.close()


def test_an_effect_that_fails_leaves_the_update_waiting_and_nothing_changed(people: People, tmp_path: Path) -> None:
    def fails() -> None:
        raise ValueError

    people.inbox.receive([update(1)])
    with pytest.raises(ValueError):  # noqa: PT011
        people.finish(1, "done", [lambda: people.profiles.set_language(BUDI, "en"), fails])
    assert (outcomes(people), people.profiles.language(BUDI)) == ({1: None}, None)
    again = reopened(people, tmp_path)
    assert (again.inbox.waiting(), again.profiles.language(BUDI)) == ([update(1)], None)
    again.close()


def test_changes_that_belong_to_no_update_are_all_made_or_none(people: People, tmp_path: Path) -> None:
    def fails() -> None:
        raise ValueError

    people.apply(lambda: people.set_setting("a", "1"), lambda: people.set_setting("a", "2"))
    with pytest.raises(ValueError):  # noqa: PT011
        people.apply(lambda: people.set_setting("a", "3"), lambda: people.set_setting("b", "1"), fails)
    again = reopened(people, tmp_path)
    assert (again.setting("a"), again.setting("b")) == ("2", None)
    again.close()


# -------------------------------------------------------------------------------------------------------------- replies


def test_the_ledger_of_steps(people: People, tmp_path: Path) -> None:
    people.inbox.record(1, 1, BUDI, 11, 5, "Klaten?")
    people.inbox.record(1, 2, BUDI, 0, 5, "Klaten?")
    people.inbox.record(2, 1, BUDI, 13, 6, "Blora?")
    people.inbox.record(1, 1, BUDI, 99, 5, "another")
    again = reopened(people, tmp_path)
    assert [again.inbox.sent(number) for number in (1, 2, 3)] == [{1: 11, 2: 0}, {1: 13}, {}]
    again.close()


def test_which_messages_answer_a_question(people: People) -> None:
    for step, message in ((2, 12), (1, 11), (3, 0)):
        people.inbox.record(1, step, BUDI, message, 5, "Klaten?")
    people.inbox.record(2, 1, BUDI, 12, 5, "Klaten?")
    people.inbox.record(3, 1, KATE, 14, 5, "Blora?")
    people.inbox.record(4, 1, BUDI, 15, None, "")
    assert people.inbox.answers_to(BUDI, 5) == [11, 12]
    assert people.inbox.answers_to(KATE, 5) == [14]
    assert people.inbox.answers_to(BUDI, 6) == []


def test_which_question_a_message_answers(people: People) -> None:
    people.inbox.record(1, 1, BUDI, 11, 5, "Klaten?")
    people.inbox.record(2, 1, BUDI, 12, None, "")
    assert [people.inbox.question_of(BUDI, message) for message in (11, 12, 13)] == ["Klaten?", "", ""]
    assert people.inbox.question_of(KATE, 11) == ""


def test_what_happens_once_in_a_chat(people: People) -> None:
    assert people.inbox.first_time(BUDI, "press")
    people.inbox.happened(BUDI, "press")
    people.inbox.happened(BUDI, "press")
    assert not people.inbox.first_time(BUDI, "press")
    assert people.inbox.first_time(KATE, "press")
    assert people.inbox.first_time(BUDI, "other")


# ------------------------------------------------------------------------------------------------------------- profiles


def test_the_language_somebody_chose(people: People) -> None:
    assert people.profiles.language(BUDI) is None
    for chosen in ("en", "id"):
        people.profiles.set_language(BUDI, chosen)  # type: ignore[arg-type]
        assert people.profiles.language(BUDI) == chosen
    assert people.profiles.language(KATE) is None


def test_reachability_does_not_touch_the_language(people: People) -> None:
    people.profiles.set_language(BUDI, "en")
    for gone in (True, False):
        people.profiles.set_unreachable(BUDI, gone)
        assert (people.profiles.unreachable(BUDI), people.profiles.language(BUDI)) == (gone, "en")


def test_whoever_comes_back_and_chose_nothing_is_not_kept(people: People) -> None:
    people.profiles.set_unreachable(KATE, True)
    assert people.profiles.unreachable(KATE)
    people.profiles.set_unreachable(KATE, False)
    assert not people.profiles.unreachable(KATE)
    assert rows(people, "people") == 0


@pytest.mark.parametrize("file", ["public", "independent-id", "independent-en", "independent-mixed"])
def test_a_conversation_survives(engine: Engine, people: People, file: str) -> None:
    """Whatever was asked, the next turn leans on the same thing before and after a restart."""
    context: Context | None = None
    for number, row in enumerate((QUESTIONS / f"{file}.jsonl").read_text(encoding="utf-8").splitlines()):
        context = engine.answer(json.loads(row)["text"], context, now=float(number)).context
        people.profiles.set_conversation(BUDI, BUDI, context)
        assert people.profiles.conversation(BUDI, BUDI) == context
    assert rows(people, "conversations") == 1


@pytest.mark.parametrize(
    "written",
    ["", "null", "[]", "{", '{"query": 1}', '{"query": {"shape": "list", "places": "x"}}', '{"language": "fr"}'],
)
def test_a_conversation_of_another_version_counts_as_none(people: People, written: str) -> None:
    people.profiles.set_conversation(BUDI, BUDI, Context())
    people._connection.execute("update conversations set context = ?", (written,))
    assert people.profiles.conversation(BUDI, BUDI) is None


def test_everybody_has_a_conversation_of_their_own_in_every_chat(people: People) -> None:
    people.profiles.set_conversation(GROUP, BUDI, Context(language="id"))
    people.profiles.set_conversation(GROUP, KATE, Context(language="en"))
    assert people.profiles.conversation(GROUP, BUDI) == Context(language="id")
    assert people.profiles.conversation(GROUP, KATE) == Context(language="en")
    assert people.profiles.conversation(BUDI, BUDI) is None


# ------------------------------------------------------------------------------------------------ questions and reports


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("surel saya budi.s+kota@mail.go.id ya", "surel saya … ya"),
        ("hubungi @budi_santoso", "hubungi …"),
        ("telp 081234567890", "telp …"),
        ("telp 0812-3456-7890 sore", "telp … sore"),
        ("telp +62 812 3456 7890", "telp …"),
        ("NIK 3310012345670001", "NIK …"),
        ("Apakah Klaten peserta 2019?", "Apakah Klaten peserta 2019?"),
        ("33.10 ikut tanggal 15 Mei 2019?", "33.10 ikut tanggal 15 Mei 2019?"),
        ("siapa peserta 2017-2019?", "siapa peserta 2017-2019?"),
        ("siapa ikut 2017 2018 2019?", "siapa ikut 2017 2018 2019?"),
        ("", ""),
    ],
)
def test_a_text_without_what_tells_whose_it_is(text: str, expected: str) -> None:
    """Mail addresses, user names and numbers as long as a telephone's go; years are what is asked about."""
    assert impersonal(text) == expected


@given(st.text(max_size=2 * MAX_TEXT))
def test_what_is_kept_of_a_text_is_short_and_impersonal_for_good(text: str) -> None:
    kept = impersonal(text)
    assert len(kept) <= 500
    assert impersonal(kept) == kept


def report(number: int, question: str = "Klaten?", note: str = "", language: str = "id") -> Report:
    """A report that the facts are wrong."""
    return Report(number, datetime.now(UTC).date().isoformat(), language, "f", question, "Ya.", note)


def request(user: int) -> Request:
    """Somebody asks to be officer."""
    return Request(0, user, "Budi", "33.10", "Diskominfo", "Kabid", "p:A", "id", "")


def correction(user: int, token: str) -> Correction:
    """Somebody proposes something, with a document."""
    return Correction(Proposal("add", "33.10", "award", "id", text="Baru."), user, 4, document="p:A", token=token)


def test_the_question_log(people: People) -> None:
    for text in ("apa itu x", "telp 081234567890"):
        people.queue.unanswered(text, "id", "out_of_scope", "private", str.upper)
    today = datetime.now(UTC).date().isoformat()
    assert people.queue.rows() == [
        ("id", "APA ITU X", "apa itu x", today, "out_of_scope"),
        ("id", "TELP …", "telp …", today, "out_of_scope"),
    ]


def test_reports(people: People) -> None:
    assert people.reports.next_number() == 1
    people.reports.add(report(1), BUDI)
    people.reports.add(report(2, "mail a@b.id", "call 081234567890"), KATE)
    assert people.reports.all() == [report(2, "mail …", "call …"), report(1)]
    assert people.reports.next_number() == 3


def test_reports_made_at_the_same_time_are_all_kept(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chats are handled side by side; no report may push out another."""
    monkeypatch.setattr("knowledge.open_engine", lambda _: engine)

    async def scene() -> None:
        telegram = FakeTelegram()
        everybody = [telegram.user(f"P{number}") for number in range(5)]
        async with running(telegram, tmp_path) as bot:
            for person in everybody:
                person.sends("Klaten ikut?")
            await bot.settles()
            for person in everybody:
                person.presses("Ada yang salah?")
            await bot.settles()
            for person in everybody:
                person.presses("Faktanya")
            with contextlib.suppress(AssertionError):  # What is missing is told better below.
                await telegram.until(lambda: rows(bot.people, "reports") == len(everybody), timeout=1)
            assert [report.id for report in bot.people.reports.all()] == [5, 4, 3, 2, 1]
            told = [int(re.search(r"no\. (\d+)", person.said[-1])[1]) for person in everybody]  # type: ignore[index]
            assert sorted(told) == [1, 2, 3, 4, 5]

    asyncio.run(scene())


# ------------------------------------------------------------------------------------------------------------ forgetting


def fill(people: People, user: int, number: int) -> None:
    """Whatever the bot may hold about somebody, in private and in a group."""
    people.inbox.receive([update(number)])
    people.inbox.record(number, 1, user, 11, 5, "Klaten?")
    people.inbox.record(number, 2, GROUP, 12, 6, "")
    people.requests.send(request(user), f"draft {number}")
    people.corrections.send(correction(user, f"draft {number}"))
    people.apply(
        lambda: people.profiles.set_language(user, "en"),
        lambda: people.profiles.set_unreachable(user, True),
        lambda: people.profiles.set_conversation(user, user, Context()),
        lambda: people.profiles.set_conversation(GROUP, user, Context()),
        lambda: people.inbox.happened(user, "press"),
        lambda: people.queue.unanswered("apa", "id", "out_of_scope", "private", str.upper),
        lambda: people.reports.add(report(number), user),
        lambda: people.follows.follow(user, "region:33.10", "en"),
        lambda: people.follows.wish(user, corrections=True),
        lambda: people.given.note(user, ["F001"]),
        lambda: people.notices.announce("admin 1", "kabar", "news", "all", [user], number),
        lambda: people.notices.announce("admin 1", "lagi", "again", "all", [user], 100 + number),
        lambda: people.deliveries.begin(user, [2 * number], "again", ""),
    )
    people.finish(number, "answered")


def held(people: People, value: int) -> list[tuple[str, str]]:
    """Every table and column that holds a number."""
    tables = [name for (name,) in people._connection.execute("select name from sqlite_master where type = 'table'")]
    assert len(tables) >= 8
    found = []
    for table in tables:
        for _, column, *_ in people._connection.execute(f"pragma table_info('{table}')").fetchall():
            query = f"""select count(*) from "{table}" where cast("{column}" as text) = ?"""
            if people._connection.execute(query, (str(value),)).fetchone() != (0,):
                found.append((table, column))
    return found


def test_a_person_is_forgotten_in_every_table_and_nobody_else(people: People) -> None:
    fill(people, BUDI, 1)
    fill(people, KATE, 2)
    before = held(people, KATE)
    assert {table for table, _ in held(people, BUDI)} == {
        "people", "conversations", "replies", "once", "reports", "requests", "corrections", "follows", "wishes",
        "given", "deliveries", "outgoing",
    }  # fmt: skip
    people.apply(lambda: people.forget(BUDI))
    assert held(people, BUDI) == []
    assert held(people, KATE) == before
    assert (rows(people, "reports"), rows(people, "corrections")) == (2, 2)


def test_who_is_forgotten_while_a_notice_is_spread_is_not_where_it_goes_on(people: People) -> None:
    for user in (BUDI, KATE):
        people.apply(lambda user=user: people.follows.follow(user, "region:33.10"))  # type: ignore[misc]
    people.apply(lambda: people.notices.add(1, ["region:33.10"]))
    notice = people.notices.spreading()
    assert notice is not None
    people.apply(lambda: people.notices.spread(notice, limit=1))
    assert ("notices", "spread_to") in held(people, BUDI)
    people.apply(lambda: people.forget(BUDI))
    assert held(people, BUDI) == []
    while left := people.notices.spreading():
        people.apply(lambda left=left: people.notices.spread(left, limit=1))  # type: ignore[misc]
    assert people._connection.execute("select user_id from deliveries").fetchall() == [(KATE,)]
    assert ("notices", "spread_to") not in held(people, KATE)


def test_forgetting_somebody_unknown_changes_nothing(people: People) -> None:
    fill(people, KATE, 2)
    before = "\n".join(people._connection._used.iterdump())
    people.apply(lambda: people.forget(BUDI))
    assert "\n".join(people._connection._used.iterdump()) == before


@pytest.mark.parametrize(
    ("age", "kept"),
    [
        (47 * HOUR, {"inbox": 1, "replies": 1, "once": 1, "conversations": 1, "questions": 1, "reports": 1, "requests": 1, "corrections": 2, "people": 1}),
        (49 * HOUR, {"inbox": 0, "replies": 0, "once": 0, "conversations": 0, "questions": 1, "reports": 1, "requests": 1, "corrections": 2, "people": 1}),
        (89 * DAY, {"inbox": 0, "replies": 0, "once": 0, "conversations": 0, "questions": 1, "reports": 1, "requests": 1, "corrections": 2, "people": 1}),
        (92 * DAY, {"inbox": 0, "replies": 0, "once": 0, "conversations": 0, "questions": 0, "reports": 0, "requests": 0, "corrections": 1, "people": 1}),
    ],
)  # fmt: skip
def test_what_is_old_is_forgotten_and_the_rest_is_not(people: People, age: int, kept: dict[str, int]) -> None:
    """Two days, as long as Telegram lets people edit; questions and reports ninety, as proposals after the
    decision; what people chose, and what waits, as long as they like."""
    now = datetime.now(UTC).timestamp()
    people.inbox.receive([update(1)])
    people.inbox.record(1, 1, BUDI, 11, 5, "Klaten?")
    people.apply(
        lambda: people.profiles.set_language(BUDI, "en"),
        lambda: people.profiles.set_conversation(BUDI, BUDI, Context(at=now)),
        lambda: people.inbox.happened(BUDI, "press"),
        lambda: people.queue.unanswered("apa", "id", "out_of_scope", "private", str.upper),
        lambda: people.reports.add(report(1), BUDI),
    )
    people.requests.send(request(BUDI), "draft")
    decided = people.corrections.send(correction(BUDI, "decided"))
    people.corrections.send(correction(BUDI, "waiting"))
    people.apply(lambda: people.corrections.decide(decided, "refused", "admin 1", "No."))
    people.finish(1, "answered")
    people.expire(now + age)
    assert {table: rows(people, table) for table in kept} == kept


def test_what_waits_is_never_too_old(people: People) -> None:
    people.inbox.receive([update(1)])
    people.expire((datetime.now(UTC) + timedelta(days=400)).timestamp())
    assert people.inbox.waiting() == [update(1)]


def test_only_so_many_handled_updates_are_remembered(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "MAX_LEDGER", 3)
    people.inbox.receive([update(number) for number in range(1, 7)])
    for number in range(2, 7):
        people.finish(number, "done")
    people.expire()
    assert outcomes(people) == {1: None, 4: "done", 5: "done", 6: "done"}


# ------------------------------------------------------------------------------------------------------------ migration


def test_a_group_that_becomes_a_supergroup_keeps_what_it_has(people: People) -> None:
    new = -1_001_000_000_888
    people.profiles.set_conversation(GROUP, BUDI, Context(language="id"))
    people.profiles.set_conversation(new, KATE, Context(language="en"))
    people.inbox.record(1, 1, GROUP, 11, 5, "")
    people.inbox.happened(GROUP, "press")
    people.inbox.happened(new, "press")
    people.apply(lambda: people.migrate_chat(GROUP, new))
    assert held(people, GROUP) == []
    assert people.profiles.conversation(new, BUDI) == Context(language="id")
    assert people.profiles.conversation(new, KATE) == Context(language="en")
    assert people.inbox.answers_to(new, 5) == [11]
    assert not people.inbox.first_time(new, "press")


# ----------------------------------------------------------------------------------------------------------------- file


def test_a_file_of_a_newer_version_is_refused(people: People, tmp_path: Path) -> None:
    (table,) = people._connection.execute(
        "select name from sqlite_master where name like '%migrations%' and type = 'table'"
    ).fetchone()
    with people._connection as c:
        c.execute(
            f"insert into {table} (migration_set, name, applied_at) values ('people', 'm999_of_the_future', '2030-01-01')"
        )
    people.close()
    with pytest.raises(DatabaseError, match="newer version"):
        People(tmp_path)


@pytest.mark.parametrize(
    "content", [b"no database at all, " * 100, b"SQLite format 3\0" + b"\xff" * 500], ids=["text", "torn"]
)
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "people.db").write_bytes(content)
    with pytest.raises(DatabaseError, match=r"people\.db"):
        People(tmp_path)
    assert (tmp_path / "people.db").read_bytes() == content


def test_a_database_of_somebody_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "people.db")
    other.execute("create table people (name text)")
    other.commit()
    other.close()
    before = (tmp_path / "people.db").read_bytes()
    with pytest.raises(DatabaseError, match="no database of this bot"):
        People(tmp_path)
    assert (tmp_path / "people.db").read_bytes() == before


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseError, match="DATA_DIR"):
        People(tmp_path / "file" / "var")


def test_opening_twice_changes_nothing(people: People, tmp_path: Path) -> None:
    fill(people, BUDI, 1)
    before = "\n".join(people._connection._used.iterdump())
    again = reopened(people, tmp_path)
    assert "\n".join(again._connection._used.iterdump()) == before
    again.close()
