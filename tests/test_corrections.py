"""Officers propose, admins decide: what may be proposed, what is kept, and what the transcripts do not show of the chat."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from running import Running, play, running

from handlers.fake_telegram import FakeTelegram, User
from handlers.people import People
from handlers.people import corrections as corrections_module
from handlers.people.corrections import Correction
from handlers.people.staff import Role
from handlers.shared.buttons import StaleButton
from handlers.staff import sources
from handlers.staff.entries import settled
from knowledge import Engine, editing, history, store
from knowledge.changes import Change, RowChange
from knowledge.fields import Row
from knowledge.model import Claim
from knowledge.proposing import Proposal, line_named, on_claim, on_line, stands_already, wanted
from knowledge.writer import Writer

WATI, RATNA = 1_234_567, 7_654_321
MASTERPLAN = Proposal("edit", "33.10", "masterplan", "id", "R005", "Masterplan baru.")
DAY = 86_400


# ------------------------------------------------------------------------------------------------- what may be proposed


def claim(attribute: str, subject: str = "region:33.10") -> Claim:
    """A claim."""
    return Claim("X", subject, attribute, "all", "2019", "t", "t", "stated", ("s",), ())


@pytest.mark.parametrize(
    ("attribute", "subject", "kind"),
    [
        ("masterplan", "region:33.10", "edit"),
        ("participation", "region:33.10", "remark"),
        ("later_participation", "region:33.10", "remark"),
        ("mou_date", "cohort:2019", "remark"),
        ("statement", "cohort:2019", "remark"),
    ],
)
def test_what_is_computed_with_or_is_of_the_cohort_is_only_remarked_on(attribute: str, subject: str, kind: str) -> None:
    assert on_claim(claim(attribute, subject)) == kind


@pytest.mark.parametrize(
    ("line", "kinds"),
    [
        ("masterplan", ("add",)),
        ("other", ("add",)),
        ("participation", ("remark",)),
        ("later", ("remark",)),
        ("cohort", ("remark",)),
        ("mou_date", ("add", "remark")),
        ("mou_place", ("add", "remark")),
    ],
)
def test_what_may_be_said_where_a_line_lacks_something(line: str, kinds: tuple[str, ...]) -> None:
    assert on_line(line_named(line)) == kinds


def test_a_proposal_that_says_what_stands_is_known(engine: Engine) -> None:
    snapshot = engine.snapshot
    stands = snapshot.claims["R005"].text_id
    assert stands_already(snapshot, replace(MASTERPLAN, text=stands)) == snapshot.claims["R005"]
    assert (
        stands_already(snapshot, replace(MASTERPLAN, text=stands.upper())) is None
    )  # A capital may be the correction.
    added = replace(MASTERPLAN, kind="add", claim="", line="award")
    assert stands_already(snapshot, replace(added, text=f" {stands.upper()} ")) == snapshot.claims["R005"]
    assert stands_already(snapshot, replace(added, text=stands, region="33.16")) is None
    assert stands_already(snapshot, replace(MASTERPLAN, claim="gone")) is None


def tables_of(engine: Engine, folder: Path) -> dict[str, list[Row]]:
    """The knowledge as it is shipped."""
    from running import furnish

    furnish(folder)
    return {table: list(rows) for table, rows in store.all_tables(folder).items()}


def test_the_row_of_a_proposal(engine: Engine, tmp_path: Path) -> None:
    tables = tables_of(engine, tmp_path)
    stands = editing.row_of(tables, "claims", "R005")
    assert stands
    edit = wanted(tables, MASTERPLAN)
    assert (edit.before, edit.asks) == (stands, ("text_en",))
    assert edit.after == {**stands, "text_id": "Masterplan baru."}
    both = wanted(tables, replace(MASTERPLAN, other="A new masterplan."))
    assert (both.after["text_en"], both.asks) == ("A new masterplan.", ())
    source_only = wanted(tables, replace(MASTERPLAN, text=""))
    assert (source_only.after, source_only.asks) == (dict(stands), ())
    english = wanted(tables, replace(MASTERPLAN, kind="add", claim="", language="en", text="New.", period="2020"))
    assert (english.before, english.asks) == (None, ("text_id",))
    assert {name: value for name, value in english.after.items() if value} == {
        "subject": "region:33.10", "attribute": "masterplan", "period": "2020", "status": "stated", "text_en": "New.",
    }  # fmt: skip
    own_day = wanted(tables, replace(MASTERPLAN, kind="add", claim="", line="mou_date"))
    assert (own_day.after["subject"], own_day.after["attribute"], own_day.after["value"]) == (
        "region:33.10",
        "signing",
        "",
    )


def test_a_statement_that_was_retired_comes_back_as_a_new_one(engine: Engine, tmp_path: Path) -> None:
    tables = tables_of(engine, tmp_path)
    tables["claims"] = [row for row in tables["claims"] if row["id"] != "R005"]
    found = wanted(tables, MASTERPLAN)
    assert (found.before, found.after["id"], found.after["attribute"]) == (None, "", "masterplan")


# ------------------------------------------------------------------------------------------------------------- the store


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    """An empty people.db."""
    made = People(tmp_path, retention_days=90)
    yield made
    made.close()


def made(token: str = "draft 1", **other: object) -> Correction:
    """A proposal of Wati's."""
    given = {
        "user_id": WATI,
        "member": 4,
        "before": {"id": "R005"},
        "source": {"id": "kominfo-2019"},
        "document": "p:F1",
    }
    return Correction(MASTERPLAN, **{**given, **other}, token=token)  # type: ignore[arg-type]


def test_a_proposal_is_kept_as_it_was_made_and_once(people: People, tmp_path: Path) -> None:
    assert people.corrections.send(made()) == 1
    assert people.corrections.send(made()) == 1
    assert people.corrections.send(made("draft 2", document="", before=None)) == 2
    again = People(tmp_path)
    day = datetime.now(UTC).date().isoformat()
    assert again.corrections.open() == [
        replace(made(), id=1, day=day), replace(made("draft 2", document="", before=None), id=2, day=day),
    ]  # fmt: skip
    again.close()


def test_a_number_is_not_given_again(people: People) -> None:
    people.corrections.send(made())
    people.apply(lambda: people.corrections.decide(1, "refused", "admin 1", "No."))
    people.expire(datetime.now(UTC).timestamp() + 100 * DAY)
    assert people.corrections.get(1) is None
    assert people.corrections.send(made("draft 2")) == 2


def test_only_so_many_of_one_person_wait(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corrections_module, "MAX_OPEN", 2)
    assert [people.corrections.send(made(f"draft {n}")) for n in range(3)] == [1, 2, 0]
    assert people.corrections.send(made("another", user_id=RATNA)) == 3
    people.apply(lambda: people.corrections.decide(1, "withdrawn"))
    assert people.corrections.send(made("draft 9")) == 4


def test_the_first_decision_counts(people: People) -> None:
    people.corrections.send(made())
    people.apply(lambda: people.corrections.decide(1, "accepted", "admin 1", change=7))
    people.apply(lambda: people.corrections.decide(1, "refused", "admin 2", "No."))
    found = people.corrections.get(1)
    assert found
    assert (found.state, found.decided_by, found.note, found.change) == ("accepted", "admin 1", "", 7)
    assert people.corrections.pending(1) is None
    assert [one.id for one in people.corrections.settled_by(7)] == [1]
    assert people.corrections.settled_by(0) == []


def test_which_changes_somebody_read_of(people: People) -> None:
    for number, user in enumerate((WATI, WATI, RATNA), 1):
        people.corrections.send(made(str(number), user_id=user))
    people.apply(
        lambda: people.corrections.decide(1, "accepted", "admin 1", change=7),
        lambda: people.corrections.decide(2, "accepted", "admin 1"),  # It was corrected in another way.
        lambda: people.corrections.decide(3, "accepted", "admin 1", change=8),
    )
    assert people.corrections.told(WATI) == {7}
    people.apply(lambda: people.corrections.reopen(1))
    assert people.corrections.told(WATI) == set()


def test_one_that_waits_again_is_settled_by_another_change(people: People) -> None:
    people.corrections.send(made())
    first = people.corrections.pending(1)
    people.apply(lambda: people.corrections.decide(1, "accepted", "admin 1", change=7))
    people.apply(lambda: people.corrections.reopen(1))
    again = people.corrections.pending(1)
    assert first
    assert again
    assert (again.state, again.decided_day, again.change) == ("open", "", 0)
    assert first.change_token != again.change_token
    people.apply(lambda: people.corrections.decide(1, "refused", "admin 1", "No."))
    people.apply(lambda: people.corrections.reopen(1))
    assert people.corrections.pending(1) is None  # What was refused is not opened by a change that is taken back.


def test_others_on_the_same_statement_or_line(people: People) -> None:
    people.corrections.send(made())
    other_line = replace(MASTERPLAN, line="award", claim="", kind="add")
    people.corrections.send(replace(made("2"), proposal=other_line))
    people.corrections.send(replace(made("3"), proposal=replace(MASTERPLAN, text="Lain.")))
    people.corrections.send(replace(made("4"), proposal=replace(MASTERPLAN, region="33.16")))
    assert [one.id for one in people.corrections.beside(MASTERPLAN, 1)] == [3]
    assert [one.id for one in people.corrections.beside(other_line)] == [2]


def test_whoever_is_forgotten_leaves_the_proposal_without_number_and_document(people: People) -> None:
    people.corrections.send(made())
    people.corrections.send(made("2", user_id=RATNA, member=5))
    people.apply(lambda: people.forget(WATI))
    first, second = people.corrections.open()
    assert (first.user_id, first.member, first.document, first.proposal) == (0, 0, "", MASTERPLAN)
    assert (second.user_id, second.member, second.document) == (RATNA, 5, "p:F1")
    assert people.corrections.of(WATI) == []
    assert people.corrections.of(0) == []


def test_what_is_decided_is_forgotten_after_its_time_and_what_waits_is_not(people: People) -> None:
    for token in ("1", "2"):
        people.corrections.send(made(token))
    people.apply(lambda: people.corrections.decide(1, "accepted", "admin 1"))
    now = datetime.now(UTC).timestamp()
    people.expire(now + 89 * DAY)
    assert [one.id for one in people.corrections.of(WATI)] == [1, 2]
    people.expire(now + 92 * DAY)
    assert [one.id for one in people.corrections.of(WATI)] == [2]


@pytest.mark.parametrize(("said", "meant"), [("", (0, 0)), ("12", (12, 0)), ("p3", (0, 3))])
def test_what_a_change_settles(said: str, meant: tuple[int, int]) -> None:
    assert settled(said) == meant


@pytest.mark.parametrize("said", ["p", "x3", "p-1", "²", "1234567890123", "p3:1"])
def test_what_a_change_cannot_settle(said: str) -> None:
    with pytest.raises(StaleButton):
        settled(said)


# ------------------------------------------------------------------------------------------------------------- in the chat


class Desk:
    """A running bot with an admin, another one, an officer of Klaten and Blora, and one of Klaten alone; all in English."""

    def __init__(self, telegram: FakeTelegram, bot: Running, folder: Path, people: dict[str, User]) -> None:
        self.telegram = telegram
        self.bot = bot
        self.folder = folder
        self.sari, self.ratna, self.wati, self.kate = people.values()

    async def does(self, who: User, *acts: str) -> str:
        """Somebody presses (in brackets) or says things, one after the other; what the bot said last to them."""
        for act in acts:
            if act.startswith("["):
                who.presses(act.strip("[]"))
            elif act.startswith("data "):
                who.press_data(act.removeprefix("data "), self.telegram.last(who))
            else:
                who.sends(act)
            await self.bot.settles()
        return self.shown(who)

    def shown(self, who: User) -> str:
        """The message of the bot's to somebody that is the newest."""
        last = self.telegram.last(who)
        return str(last.get("text") or last.get("caption", ""))

    def labels(self, who: User) -> list[str]:
        """The buttons below it."""
        return [label for row in self.telegram.buttons(self.telegram.last(who)) for label in row]

    def row(self, key: str) -> Row | None:
        """A claim as it is stored."""
        return editing.row_of(store.all_tables(self.folder), "claims", key)

    def toast(self) -> str:
        """What the last pressed button said by itself."""
        return str(list(self.telegram.callback_answers.values())[-1].get("text"))

    def change(self, before: Row | None, after: Row | None) -> int:
        """Change a claim as another process does."""
        with Writer(self.folder) as writer:
            return writer.commit(Change("command line", "edit", "", "s", (RowChange("claims", before, after),)))


@asynccontextmanager
async def desk(folder: Path) -> AsyncIterator[Desk]:
    """The bot at work."""
    telegram = FakeTelegram()
    people = {name: telegram.user(name, language="en") for name in ("Sari", "Ratna", "Wati", "Kate")}
    async with running(telegram, folder, owner_ids=(people["Sari"].id,)) as bot:
        with bot.people._connection:
            bot.people.staff.give(people["Ratna"].id, "Ratna", Role.ADMIN, (), None)
            bot.people.staff.give(people["Wati"].id, "Wati", Role.OFFICER, ("33.10", "33.16"), None)
            bot.people.staff.give(people["Kate"].id, "Kate", Role.OFFICER, ("33.10",), None)
            for person in people.values():
                bot.people.profiles.set_language(person.id, "en")
        for person in people.values():
            person.sends("/start")
        await bot.settles()
        yield Desk(telegram, bot, folder, people)


def at_desk(folder: Path, scene: Callable[[Desk], Awaitable[None]]) -> None:
    """Play a scene."""

    async def whole() -> None:
        async with desk(folder) as opened:
            await scene(opened)

    play(whole)


EDIT = ("data 1ke:c:33.10:masterplan:R005", "Klaten's masterplan holds until 2029.", "[Leave that to the admins]")
SENT = (*EDIT, "[The sources it has]", "[Send]")
ACCEPTED = ("[Accept]", "[Leave it as it is]")


def test_nothing_changes_before_an_admin_has_decided(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        before = store.state(d.folder)
        assert "Sent: proposal no. 1" in await d.does(d.wati, *SENT)
        assert store.state(d.folder) == before
        assert "Proposal no. 1, by: Wati (no. 3), officer for Klaten Regency" in d.shown(d.sari)
        assert "Proposal no. 1" in d.shown(d.ratna)
        assert "holds until 2029" in await d.does(d.ratna, "[Open the proposal]", *ACCEPTED)
        assert store.state(d.folder) == before
        assert "Done" in await d.does(d.ratna, "[Confirm]")
        row = d.row("R005")
        assert row
        assert row["text_en"] == "Klaten's masterplan holds until 2029."
        told = d.shown(d.wati)
        assert "no. 1 is accepted and published" in told
        assert "Was: Klaten's masterplan was enacted by Regent Regulation 52/2020." in told
        assert "Now: Klaten's masterplan holds until 2029." in told
        entry = history.entries(d.folder)[0]
        assert (entry.actor, entry.reason) == ("admin 2", "proposal no. 1")

    at_desk(tmp_path, scene)


def test_whoever_proposed_a_change_reads_of_it_once_and_other_followers_of_it(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        follows = d.bot.people.follows
        for officer in (d.wati, d.kate):
            d.bot.people.apply(lambda who=officer.id: follows.follow(who, "region:33.10", "en"))
            d.bot.people.apply(lambda who=officer.id: follows.wish(who, quiet_from=0, quiet_to=0))
        await d.does(d.wati, *SENT)
        await d.does(d.sari, "[Open the proposal]", *ACCEPTED, "[Confirm]")
        await d.telegram.until(lambda: any("holds until 2029" in text for text in d.telegram.said(d.kate)), timeout=20)
        waiting = "select count(*) from deliveries where state in ('waiting', 'sending')"
        await d.telegram.until(lambda: d.bot.people._connection.execute(waiting).fetchone() == (0,), timeout=20)
        assert sum("Now: Klaten's masterplan holds until 2029." in text for text in d.telegram.said(d.wati)) == 1

    at_desk(tmp_path, scene)


@pytest.mark.parametrize(
    "data", ["1ke:b:33.17", "1ke:l:33.17:masterplan", "1ke:h:33.17", "1ke:n:33.17:award", "1ke:m:33.17:participation"]
)
def test_another_region_is_refused_at_every_step(tmp_path: Path, data: str) -> None:
    async def scene(d: Desk) -> None:
        assert "is not one of your regions" in await d.does(d.kate, f"data {data}")
        assert d.bot.people.drafts.of(d.kate.id) == []
        assert "You are an admin" in await d.does(d.sari, f"data {data}")

    at_desk(tmp_path, scene)


def test_a_region_that_was_taken_away_ends_what_is_half_finished(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        staff = d.bot.people.staff
        await d.does(d.wati, *EDIT, "[The sources it has]")
        with d.bot.people._connection:
            staff.give_up(d.wati.id, "33.10")
        assert "is not one of your regions" in await d.does(d.wati, "[Send]")
        assert d.bot.people.corrections.open() == []
        await d.does(d.wati, "data 1ke:n:33.16:award")
        with d.bot.people._connection:
            staff.give_up(d.wati.id, "33.16")
        await d.does(d.wati, "Blora was awarded.")
        assert d.bot.people.drafts.of(d.wati.id) == []

    at_desk(tmp_path, scene)


def test_a_text_is_refused_while_the_region_is_gone(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        await d.does(d.wati, "data 1ke:n:33.10:award")
        with d.bot.people._connection:
            d.bot.people.staff.give_up(d.wati.id, "33.10")
        assert "is not one of your regions" in await d.does(d.wati, "Klaten was awarded.")
        assert d.bot.people.drafts.of(d.wati.id) == []

    at_desk(tmp_path, scene)


def test_the_proposal_of_whoever_lost_the_role_stays_and_they_are_told(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        await d.does(d.kate, *SENT)
        assert d.bot.people.staff.revoke(4) == "done"
        assert "Kate (no. 4), officer for Klaten Regency (not any more)" in await d.does(d.sari, "[Open the proposal]")
        await d.does(d.sari, "[Refuse]", "The regulation says nothing of 2029.", "[Send]")
        assert "The regulation says nothing of 2029." in d.shown(d.kate)

    at_desk(tmp_path, scene)


def test_only_ones_own_proposal_is_seen_and_withdrawn(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        await d.does(d.wati, *SENT)
        for verb in ("v", "w", "z"):
            assert "is not yours" in await d.does(d.kate, f"data 1ke:{verb}:1")
        assert d.bot.people.corrections.pending(1)
        assert "Withdraw proposal no. 1?" in await d.does(d.wati, "[Show the proposal]", "[Withdraw]")
        await d.does(d.wati, "[Yes, withdraw it]")
        assert d.bot.people.corrections.pending(1) is None
        assert "withdrawn" in await d.does(d.wati, "data 1ke:z:1")

    at_desk(tmp_path, scene)


def test_what_is_withdrawn_while_an_admin_looks_at_it_is_not_made(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        await d.does(d.wati, *SENT)
        await d.does(d.sari, "[Open the proposal]", *ACCEPTED)
        await d.does(d.wati, "[Show the proposal]", "[Withdraw]", "[Yes, withdraw it]")
        before = store.state(d.folder)
        assert "decided on or withdrawn meanwhile" in await d.does(d.sari, "[Confirm]")
        assert store.state(d.folder) == before

    at_desk(tmp_path, scene)


def test_two_admins_make_one_change_of_a_proposal(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        new = ("data 1ke:n:33.10:award", "Klaten was awarded.", "Klaten diberi penghargaan.", "[2022]", "surakartadaily", "[Surakarta Daily]")  # fmt: skip
        await d.does(d.wati, *new, "[Send]")
        for admin in (d.sari, d.ratna):
            assert "Please check" in await d.does(admin, "[Open the proposal]", "[Accept]")
        for admin in (d.sari, d.ratna):  # At the same moment: chats are handled side by side.
            admin.presses("Confirm")
        await d.bot.settles()
        awards = [row for row in store.all_tables(d.folder)["claims"] if row["text_en"] == "Klaten was awarded."]
        assert len(awards) == 1
        said = sorted(("Done" in d.shown(admin), "Yours was not made" in d.shown(admin)) for admin in (d.sari, d.ratna))
        assert said == [(False, True), (True, False)]
        assert sum("is accepted" in text for text in d.telegram.said(d.wati)) == 1

    at_desk(tmp_path, scene)


def test_of_two_admins_who_refuse_at_once_one_decides_and_the_officer_reads_one_note(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        await d.does(d.wati, *SENT)
        for admin in (d.sari, d.ratna):
            await d.does(admin, "[Open the proposal]", "[Refuse]", f"Not enough, says {admin.id}.")
        for admin in (d.sari, d.ratna):
            admin.presses("Send")
        await d.bot.settles()
        (note,) = (text for text in d.telegram.said(d.wati) if "is not accepted" in text)
        (refused,) = d.bot.people.corrections.of(d.wati.id)
        assert refused.note in note
        said = sorted(
            ("is refused." in d.shown(admin), "is decided on" in d.shown(admin)) for admin in (d.sari, d.ratna)
        )
        assert said == [(False, True), (True, False)]

    at_desk(tmp_path, scene)


def test_a_kill_after_a_decision_tells_of_it_once_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    finish = People.finish

    def die(*_: object) -> None:
        raise sqlite3.OperationalError("killed")

    def told(d: Desk) -> int:
        return sum("is not accepted: Not enough." in text for text in d.telegram.said(d.wati))

    async def whole() -> None:
        async with desk(tmp_path) as d:
            await d.does(d.wati, *SENT)
            await d.does(d.sari, "[Open the proposal]", "[Refuse]", "Not enough.")
            monkeypatch.setattr(People, "finish", die)
            d.sari.presses("Send")
            await d.telegram.until(lambda: bool(told(d)))
        monkeypatch.setattr(People, "finish", finish)
        async with running(d.telegram, tmp_path, owner_ids=(d.sari.id,)) as bot:
            await bot.settles()
            (refused,) = bot.people.corrections.of(d.wati.id)
            assert (refused.state, refused.note) == ("refused", "Not enough.")
            assert (told(d), bot.people.drafts.of(d.sari.id)) == (1, [])
            assert "Proposal no. 1 is refused." in [d.shown(d.sari), *d.telegram.said(d.sari)]

    play(whole)


def test_a_kill_after_the_change_was_made_does_not_make_it_twice(tmp_path: Path) -> None:
    """The knowledge is changed, but people.db knows nothing of it yet: the update is handled again."""

    async def scene(d: Desk) -> None:
        award = ("data 1ke:n:33.10:award", "Klaten was awarded.", "Klaten diberi penghargaan.", "[2022]")
        await d.does(d.wati, *award, "surakartadaily", "[Surakarta Daily]", "[Send]")
        await d.does(d.sari, "[Open the proposal]", "[Accept]")
        (draft,) = d.bot.people.drafts.of(d.sari.id)
        db = d.bot.people._connection
        kept = db.execute("select * from drafts where id = ?", (draft.id,)).fetchone()
        await d.does(d.sari, "[Confirm]")
        first = history.entries(d.folder)[0].id
        with db:
            db.execute(f"insert into drafts values ({', '.join('?' * len(kept))})", kept)
            db.execute("update corrections set state = 'open', change_id = 0")
        await d.does(d.sari, f"data 1ee:o:{draft.id}")
        assert history.entries(d.folder)[0].id == first
        (settled_one,) = d.bot.people.corrections.of(d.wati.id)
        assert (settled_one.state, settled_one.change) == ("accepted", first)

    at_desk(tmp_path, scene)


def test_an_admin_who_comes_second_is_told(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        await d.does(d.wati, *SENT)
        for admin in (d.sari, d.ratna):
            await d.does(admin, "[Open the proposal]", *ACCEPTED)
        assert "Done" in await d.does(d.sari, "[Confirm]")
        assert "decided on or withdrawn meanwhile" in await d.does(d.ratna, "[Confirm]")
        assert "This proposal is decided on" in await d.does(d.ratna, "data 1je:a:1")
        assert "This proposal is decided on" in await d.does(d.ratna, "data 1je:k:1")
        assert "accepted" in await d.does(d.ratna, "data 1je:v:1")

    at_desk(tmp_path, scene)


def test_published_with_changes_is_said(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        await d.does(d.wati, *SENT)
        await d.does(d.sari, "[Open the proposal]", *ACCEPTED, "[Change another field]", "[text in English]")
        await d.does(d.sari, "Klaten's masterplan holds until 2030.", "[Confirm]")
        assert "published with changes" in d.shown(d.wati)
        assert "Now: Klaten's masterplan holds until 2030." in d.shown(d.wati)
        await d.does(d.wati, "[Show the proposal]")
        (shown,) = [text for text in d.telegram.said(d.wati) if "What was published" in text]
        assert "Proposed: Klaten's masterplan holds until 2029." in shown
        assert "Now: Klaten's masterplan holds until 2030." in shown

    at_desk(tmp_path, scene)


def test_an_admin_sees_what_stands_now_where_it_was_changed_meanwhile(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        await d.does(d.wati, *SENT)
        before = d.row("R005")
        assert before
        d.change(before, {**before, "text_en": "By somebody else."})
        shown = await d.does(d.sari, "[Open the proposal]")
        assert "changed meanwhile. It says now: By somebody else." in shown
        assert "By somebody else. → Klaten's masterplan holds until 2029." in await d.does(d.sari, *ACCEPTED)

    at_desk(tmp_path, scene)


def retire(d: Desk, key: str) -> None:
    """Take a claim out as another process does."""
    tables = store.all_tables(d.folder)
    row = editing.row_of(tables, "claims", key)
    assert row
    with Writer(d.folder) as writer:
        writer.commit(Change("command line", "retire", "", "s", editing.retired(tables, "claims", row)))


def test_a_statement_that_was_retired_meanwhile_comes_back_with_a_source(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        await d.does(d.wati, *SENT)
        retire(d, "R005")
        assert "retired meanwhile. Accepted, it comes back as a new one" in await d.does(d.sari, "[Open the proposal]")
        asked = await d.does(d.sari, "[Accept]", "Masterplan Klaten berlaku sampai 2029.")
        assert "Where is that published?" in asked  # The sources that it had went with it.
        assert "Done" in await d.does(d.sari, "surakartadaily", "[Surakarta Daily]", "[Confirm]")
        new = d.row("A-001")
        assert new
        assert (new["attribute"], new["text_en"]) == ("masterplan", "Klaten's masterplan holds until 2029.")

    at_desk(tmp_path, scene)


def test_an_officer_is_shown_what_was_changed_before_they_send(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        await d.does(d.wati, *EDIT, "[The sources it has]")
        before = d.row("R005")
        assert before
        d.change(before, {**before, "text_en": "By somebody else."})
        shown = await d.does(d.wati, "[Send]")
        assert "changed meanwhile" in shown
        assert "Recorded: By somebody else." in shown
        retire(d, "R005")
        assert "retired meanwhile" in await d.does(d.wati, "[Send]")
        assert d.bot.people.corrections.open() == []
        assert "Where is that published?" in await d.does(d.wati, "[2020]")
        await d.does(d.wati, "surakartadaily", "[Surakarta Daily]", "[Send]")
        (sent,) = d.bot.people.corrections.open()
        assert (sent.proposal.kind, sent.proposal.claim, sent.before, sent.proposal.period) == ("add", "", None, "2020")

    at_desk(tmp_path, scene)


def test_two_officers_on_the_same_statement_know_of_each_other(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        await d.does(d.wati, *SENT)
        shown = await d.does(d.kate, EDIT[0], "It holds until 2030.", EDIT[2], "[The sources it has]")
        assert "Proposal no. 1 of another officer on this waits already." in shown
        await d.does(d.kate, "[Send]")
        assert "compare them" in await d.does(d.sari, "data 1je:v:1")
        assert "Proposal no. 2" in d.labels(d.sari)
        again = await d.does(d.wati, *EDIT[:2])
        assert "You have proposed just that already: no. 1." in again
        assert "Your proposal no. 1 on this waits already." in await d.does(d.wati, "It holds until 2031.", *EDIT[2:], "[The sources it has]")  # fmt: skip

    at_desk(tmp_path, scene)


def test_a_further_source_is_proposed_and_stands_beside_the_others(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        only = ("data 1ke:c:33.10:masterplan:R005", "[It is right]")
        asked = await d.does(d.wati, *only, "https://jateng.antaranews.com/berita/392338")
        had = d.row("R005")
        assert had
        assert "Who published it?" in asked
        assert "The sources it has" not in d.labels(d.wati)
        known = d.bot.bot.services.engine.snapshot.sources[had["sources"]]
        await d.does(d.wati, "[Cancel]", *only)
        assert known.url
        again = await d.does(d.wati, known.url.replace("https://", "http://www.") + "/#top")
        assert "rests on that source already" in again
        await d.does(d.wati, "surakartadaily", "[Surakarta Daily]", "[Send]")
        assert "a further source for it" in await d.does(d.sari, "[Open the proposal]")
        await d.does(d.sari, "[Accept]", "[Confirm]")
        now = d.row("R005")
        assert now
        assert now["sources"].split(";") == [*had["sources"].split(";"), "surakartadaily-2019"]
        assert {k: v for k, v in now.items() if k != "sources"} == {k: v for k, v in had.items() if k != "sources"}

    at_desk(tmp_path, scene)


def test_the_same_new_source_of_two_proposals_is_brought_in_once(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        where = ("klatenkab.go.id/berita/7", "Kabupaten Klaten", "Berita", "[Not known]", "[Send]")
        await d.does(d.wati, *EDIT, *where)
        await d.does(
            d.kate, "data 1ke:n:33.10:award", "Klaten was awarded.", "Klaten diberi penghargaan.", "[2022]", *where
        )
        await d.does(d.sari, "data 1je:v:1", *ACCEPTED, "[It stands beside them]", "[Confirm]")
        assert "New: Source" not in await d.does(d.sari, "data 1je:v:2", "[Accept]")
        assert "Done" in await d.does(d.sari, "[Confirm]")
        tables = store.all_tables(d.folder)
        assert len([row for row in tables["sources"] if row["url"] == "https://klatenkab.go.id/berita/7"]) == 1

    at_desk(tmp_path, scene)


def test_a_remark_leads_to_a_change_of_what_it_is_about(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        remark = (
            "data 1ke:m:33.10:mou_date",
            "The signing was on 16 May.",
            "surakartadaily",
            "[Surakarta Daily]",
            "[Send]",
        )
        await d.does(d.wati, *remark)
        assert "Remark: The signing was on 16 May." in await d.does(d.sari, "[Open the proposal]")
        assert "Which entry is to be corrected?" in await d.does(d.sari, "[Accept]")
        assert any(label.startswith("C-2019-date") for label in d.labels(d.sari))
        assert "Proposal no. 1 says: The signing was on 16 May." in await d.does(d.sari, "[C-2019-date]")
        asked = await d.does(d.sari, "[✏️ value]", "16 May 2019")
        assert "What about the sources" in asked  # Its source is the one that the officer named.
        assert "Done" in await d.does(d.sari, "[It takes the place]", "[Confirm]")
        row = d.row("C-2019-date")
        assert row
        assert (row["value"], row["sources"]) == ("2019-05-16", "surakartadaily-2019")
        told = d.shown(d.wati)
        assert "no. 1 is accepted and published" in told
        assert "Was: 15 May 2019" in told
        assert "Now: 16 May 2019" in told

    at_desk(tmp_path, scene)


def test_a_remark_leads_to_a_new_statement(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        later = ("data 1ke:m:33.10:later", "We took part in 2022 too.", "surakartadaily", "[Surakarta Daily]", "[Send]")
        await d.does(d.wati, *later)
        await d.does(d.sari, "[Open the proposal]", "[Accept]", "[Add a statement on Klaten Regency]")
        await d.does(d.sari, "[took part after 2019]", "[2022]", "[Confirm]")
        new = d.row("A-001")
        assert new
        assert (new["attribute"], new["value"], new["sources"]) == (
            "later_participation",
            "2022",
            "surakartadaily-2019",
        )
        assert "no. 1 is accepted and published" in d.shown(d.wati)

    at_desk(tmp_path, scene)


def test_a_remark_that_needs_no_change_is_settled(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        await d.does(d.wati, "data 1ke:c:33.10:masterplan:R005", "[It is wrong altogether]", "There is none.")
        await d.does(d.wati, "[The sources it has]", "[Send]")
        await d.does(d.sari, "[Open the proposal]", "[Accept]", "[It is corrected already]")
        assert "was looked at and is settled" in d.shown(d.wati)
        (kept,) = d.bot.people.corrections.of(d.wati.id)
        assert (kept.state, kept.decided_by, kept.change) == ("accepted", "owner 1", 0)

    at_desk(tmp_path, scene)


def test_a_form_for_a_proposal_that_is_decided_is_not_begun(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        await d.does(d.wati, *SENT)
        await d.does(d.sari, "data 1je:v:1", "[Show the entry]")
        assert "✏️ text in English" in d.labels(d.sari)
        d.bot.people.apply(lambda: d.bot.people.corrections.decide(1, "refused", "admin 2", "No."))
        assert "This proposal is decided on" in await d.does(d.sari, "[✏️ text in English]")
        assert d.bot.people.drafts.of(d.sari.id) == []

    at_desk(tmp_path, scene)


def test_documents_are_kept_by_name_only_and_within_their_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(d: Desk) -> None:
        await d.does(d.wati, *EDIT)
        monkeypatch.setattr("handlers.staff.attached.MAX_FILE", 3)
        d.wati.sends_document("a.pdf", b"%PDF")
        await d.bot.settles()
        assert "larger than" in d.shown(d.wati)
        monkeypatch.setattr("handlers.staff.attached.MAX_FILE", 4)
        d.wati.sends_document("a.pdf", b"%PDF")
        await d.bot.settles()
        assert "Who published it?" in d.shown(d.wati)
        await d.does(d.wati, "Kabupaten Klaten", "Surat", "[Not known]", "[Send]")
        (sent,) = d.bot.people.corrections.open()
        assert sent.document.startswith("d:FILE-documents-")
        assert d.telegram.called("getFile") == []  # It is never fetched.
        d.telegram.files.content.clear()
        await d.does(d.sari, "[Open the proposal]", "[Show the document]")
        assert "does not have that file any more" in d.shown(d.sari)

    at_desk(tmp_path, scene)


def test_the_text_and_the_source_can_be_changed_before_sending(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        await d.does(d.wati, *EDIT)
        d.wati.sends_photo()
        await d.bot.settles()
        await d.does(d.wati, "Kabupaten Klaten", "Surat", "[Not known]", "[Change the source]", "surakartadaily")
        await d.does(d.wati, "[Surakarta Daily]", "[Change the text]", "It holds until 2030.", "Sampai 2030.", "[Send]")
        (sent,) = d.bot.people.corrections.open()
        assert (sent.document, sent.source) == ("", {"id": "surakartadaily-2019"})
        assert (sent.proposal.text, sent.proposal.other) == ("It holds until 2030.", "Sampai 2030.")

    at_desk(tmp_path, scene)


def test_a_button_of_a_step_that_is_done_says_so(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        await d.does(d.wati, *EDIT[:2], "[It is wrong altogether]")
        assert d.toast() == "Already answered below."
        (draft,) = d.bot.people.drafts.of(d.wati.id)
        assert draft.data["kind"] == "edit"
        for verb in ("s", "t", "f", "u:0", "y:0", "o"):
            await d.does(d.wati, f"data 1ke:{verb.partition(':')[0]}:{draft.id}:{verb.partition(':')[2]}")
            assert d.toast() == "Already answered below."
        await d.does(d.kate, f"data 1ke:x:{draft.id}")
        assert d.toast().startswith("This was finished or dropped before")
        assert "Dropped" in await d.does(d.wati, "[Cancel]")
        assert d.bot.people.drafts.of(d.wati.id) == []

    at_desk(tmp_path, scene)


def test_too_many_that_wait_are_refused_and_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corrections_module, "MAX_OPEN", 1)

    async def scene(d: Desk) -> None:
        await d.does(d.wati, *SENT)
        await d.does(d.wati, EDIT[0], "It holds until 2030.", EDIT[2], "[The sources it has]")
        assert "Too many of your proposals wait" in await d.does(d.wati, "[Send]")
        assert len(d.bot.people.drafts.of(d.wati.id)) == 1
        d.bot.people.apply(lambda: d.bot.people.corrections.decide(1, "withdrawn"))
        assert "Sent: proposal no. 2" in await d.does(d.wati, f"data 1ke:s:{d.bot.people.drafts.of(d.wati.id)[0].id}")

    at_desk(tmp_path, scene)


def test_what_people_type_is_text_and_no_markup(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        await d.does(d.wati, EDIT[0], "<b>2 < 3</b> & more", EDIT[2], "[The sources it has]", "[Send]")
        assert "Proposed: <b>2 < 3</b> & more" in d.shown(d.sari)
        await d.does(d.sari, "[Open the proposal]", "[Refuse]", "<i>No</i>", "[Send]")
        assert "<i>No</i>" in d.shown(d.wati)

    at_desk(tmp_path, scene)


def test_a_long_proposal_still_fits_into_a_message(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        await d.does(d.wati, EDIT[0], "x " * 990, "y " * 990, "[The sources it has]", "[Send]")
        assert "Proposal no. 1" in d.shown(d.sari)
        assert "Proposal no. 1" in await d.does(d.sari, "[Open the proposal]")
        too_long = await d.does(d.wati, "data 1ke:m:33.10:participation", "z" * 1001)
        assert "at most 1000 characters" in too_long

    at_desk(tmp_path, scene)


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("https://a.go.id/x", "https://a.go.id/x"),
        ("www.a.go.id/x", "https://www.a.go.id/x"),
        ("a.go.id/x", "https://a.go.id/x"),
        ("lihat https://a.go.id/x.", "https://a.go.id/x"),
        ("(www.a.go.id/x)", "https://www.a.go.id/x"),
        ("blorakab.go.id", "https://blorakab.go.id"),
        ("WWW.Blorakab.go.id/", "https://WWW.Blorakab.go.id/"),
        ("detik.com", "https://detik.com"),
        ("kompas.id/", "https://kompas.id/"),
        ("Perbup 52/2020", ""),
        ("Perbup No.52", ""),
        ("dr.Sumarsono", ""),
        ("https://a.go.id/x https://b.go.id/y", ""),
        ("kominfo", ""),
    ],
)
def test_an_address_is_recognised_as_people_write_it(typed: str, url: str) -> None:
    assert sources._address(typed) == url


@pytest.mark.parametrize(
    "url", ["http://a.go.id/x", "https://www.a.go.id/x/", "https://a.go.id/x#top", "HTTPS://a.go.id/x"]
)
def test_the_same_page_is_known_by_any_of_its_addresses(url: str) -> None:
    assert sources._page(url) == sources._page("https://a.go.id/x")


# ------------------------------------------------------------------------------------------------- what people take for sent


WHOLE = (*EDIT, "[The sources it has]")


def test_words_below_the_whole_do_not_send_it_and_it_is_said(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        for text in ("send", "ok"):
            told = await d.does(d.wati, *WHOLE, text)
            assert told.startswith("❗ Your proposal is not sent yet. To send it, press “Send” below.")
            assert "Please check" in told
            assert "Send" in d.labels(d.wati)
            await d.does(d.wati, "/cancel")
        assert (d.bot.people.corrections.open(), d.bot.people.queue.rows()) == ([], [])
        told = await d.does(d.wati, *WHOLE, "is Klaten a participant?")
        assert "Klaten Regency" in d.telegram.said(d.wati)[-2]
        assert told == "Your proposal is still here, and not sent yet:"
        assert "Sent: proposal no. 1" in await d.does(d.wati, "[Go on]", "[Send]")

    at_desk(tmp_path, scene)


def test_the_word_alone_stops_a_proposal_at_any_step(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        for steps in (EDIT[:1], EDIT[:2], EDIT, WHOLE):
            assert (await d.does(d.wati, *steps, "batal")).startswith("Stopped.")
            assert d.bot.people.drafts.of(d.wati.id) == []
        told = await d.does(d.wati, EDIT[0], "The masterplan was to stop in 2029.")
        assert "The same in Indonesian?" in told

    at_desk(tmp_path, scene)


def test_a_text_in_the_other_language_is_asked_about(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        indonesian = "Masterplan Klaten ditetapkan dengan peraturan bupati dan berlaku sampai 2029."
        assert "Write in English." in await d.does(d.wati, EDIT[0])
        told = await d.does(d.wati, indonesian)
        assert "seems to be Indonesian" in told
        assert "How should it read?" in told
        assert "The same in Indonesian?" in await d.does(d.wati, EDIT[1])
        told = await d.does(d.wati, "The masterplan of Klaten was enacted by the regent and is valid until 2029.")
        assert "seems to be English" in told
        assert "Where is that published?" in await d.does(d.wati, "[Take it as it is]")
        (draft,) = d.bot.people.drafts.of(d.wati.id)
        assert draft.data["other"].startswith("The masterplan")
        await d.does(d.wati, "data " + f"1ke:a:{draft.id}")
        assert d.toast() == "Already answered below."
        told = await d.does(d.wati, "/cancel", "data 1ke:m:33.10:participation", indonesian)
        assert "Where is that published?" in told  # A remark is read by admins.

    at_desk(tmp_path, scene)


def test_a_proposal_keeps_its_language_whatever_is_asked_in_between(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        told = await d.does(d.wati, EDIT[0], "apakah Klaten peserta?")
        assert d.telegram.said(d.wati)[-2].startswith("Ya, Kabupaten Klaten")
        assert told == "Your proposal is still here; write it below, or:"
        assert "The same in Indonesian?" in await d.does(d.wati, EDIT[1])

    at_desk(tmp_path, scene)


@pytest.mark.parametrize("typed", ["th 2021", "tahun 2021", "in 2021", "2021."])
def test_a_year_is_understood_as_people_write_it(tmp_path: Path, typed: str) -> None:
    async def scene(d: Desk) -> None:
        steps = ("data 1ke:n:33.10:award", "Klaten was awarded.", "[Leave that to the admins]")
        assert "Where is that published?" in await d.does(d.wati, *steps, typed)
        assert d.bot.people.drafts.of(d.wati.id)[0].data["period"] == "2021"

    at_desk(tmp_path, scene)


@pytest.mark.parametrize("typed", ["2018 or 2019", "not 2021", "last year"])
def test_what_is_no_single_year_is_asked_for_again(tmp_path: Path, typed: str) -> None:
    async def scene(d: Desk) -> None:
        steps = ("data 1ke:n:33.10:award", "Klaten was awarded.", "[Leave that to the admins]")
        assert "is no year like 2019" in await d.does(d.wati, *steps, typed)

    at_desk(tmp_path, scene)


def test_a_source_of_tomorrow_is_refused(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        told = await d.does(d.wati, *EDIT, "blorakab.go.id", "Pemkab Blora", "Berita", "1 May 2199")
        assert told.startswith("❗ date: 2199-05-01 lies in the future.")
        assert "When was it published?" in told
        assert "Please check" in await d.does(d.wati, "May 2019")

    at_desk(tmp_path, scene)


def test_what_cannot_be_read_is_answered_with_the_step(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        for steps, asks in ((EDIT[:1], "How should it read?"), (WHOLE, "Please check")):
            await d.does(d.wati, *steps)
            d.wati.sends_sticker()
            await d.bot.settles()
            assert d.shown(d.wati).startswith("❗ I can only read text here; please type it.")
            assert asks in d.shown(d.wati)

    at_desk(tmp_path, scene)


def test_the_end_of_a_text_that_an_app_has_split_is_not_what_is_proposed(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        await d.does(d.wati, EDIT[0])
        long = "words " * 900
        first = d.wati.sends(long[:4096])
        d.wati.sends(long[4096:])
        await d.bot.settles()
        assert "right after a text that was too long" in d.shown(d.wati)
        assert "text" not in d.bot.people.drafts.of(d.wati.id)[0].data
        d.wati.edits(first, "Klaten's masterplan holds until 2029.")
        await d.bot.settles()
        assert "The same in Indonesian?" in d.shown(d.wati)

    at_desk(tmp_path, scene)


def test_values_are_told_in_the_language_of_whoever_reads(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        steps = ("data 1ke:c:33.10:participation:P-33.10-2019", "It was in 2018.", "https://a.go.id/x")
        await d.does(d.wati, *steps, "Kominfo", "A letter", "2019", "[Send]")
        assert "Recorded: 2019, " in await d.does(d.sari, "[Open the proposal]")
        d.bot.people.apply(lambda: d.bot.people.profiles.set_language(d.ratna.id, "id"))
        d.ratna.press_data("1ji:v:1", d.telegram.last(d.ratna))
        await d.bot.settles()
        told = next(text for text in d.telegram.said(d.ratna) if "Tercatat: 2019" in text)
        assert "Tercatat: 2019, dikuatkan beberapa sumber" in told

    at_desk(tmp_path, scene)


@pytest.mark.parametrize("text", [".", "👍"])
def test_a_note_without_a_word_is_refused(tmp_path: Path, text: str) -> None:
    async def scene(d: Desk) -> None:
        await d.does(d.wati, *SENT)
        told = await d.does(d.sari, "[Open the proposal]", "[Refuse]", text)
        assert told.startswith("Please write it in words.")
        told = await d.does(d.sari, "Not shown there.")
        assert "This is what they are told:" in told
        told = await d.does(d.sari, "send")
        assert told.startswith("❗ It is not sent yet. To send it, press “Send” below.")
        assert "Not shown there." in told
        assert d.bot.people.corrections.open()
        await d.does(d.sari, "[Change it]", "Shown there otherwise.", "[Send]")
        assert "Shown there otherwise." in d.shown(d.wati)

    at_desk(tmp_path, scene)


def test_giving_up_a_region_withdraws_what_waits_on_it_and_says_so(tmp_path: Path) -> None:
    async def scene(d: Desk) -> None:
        await d.does(d.kate, *SENT)
        told = await d.does(d.kate, "/myregion", "[Give up a region]")
        assert "Your 1 proposal on it that waits for a decision is withdrawn." in told
        assert "Your 1 proposal on it is withdrawn." in await d.does(d.kate, "[Yes, give it up]")
        (made,) = d.bot.people.corrections.of(d.kate.id)
        assert made.state == "withdrawn"
        assert "withdrawn" in await d.does(d.sari, "[Open the proposal]")
        await d.does(d.wati, "data 1ke:n:33.16:award", "Blora was awarded.", "[Leave that to the admins]", "2021")
        await d.does(d.wati, "https://a.go.id/x", "Kominfo", "A letter", "2019", "[Send]")
        told = await d.does(d.wati, "/myregion", "[Give up a region]", "[Klaten Regency]")
        assert "withdrawn" not in told
        await d.does(d.wati, "[Yes, give it up]")
        assert [one.state for one in d.bot.people.corrections.of(d.wati.id)] == ["open"]

    at_desk(tmp_path, scene)
