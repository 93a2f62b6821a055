"""The status card: what is on it, what is missing, what it rests on, when it was checked, and who reads more below it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import clock
import pytest
from record import Record
from running import Running, furnish, play, running
from telegram import InlineKeyboardMarkup

from handlers.fake_telegram import FakeTelegram, User
from handlers.people import People
from handlers.people.staff import Role
from handlers.rendering import document, plain, speech
from handlers.rendering.status import line_name
from handlers.rendering.telegram import MAX_LENGTH, source_lines, visible_length
from handlers.shared.below_card import extras, with_extras
from handlers.shared.message import Reply
from knowledge import Engine, open_engine, store
from knowledge.changes import Change, RowChange
from knowledge.editing import row_of
from knowledge.edition import about, read
from knowledge.model import Claim, Language
from knowledge.snapshot import Snapshot
from knowledge.status import LINES, Status, disputed, line_of, status
from knowledge.writer import Writer

KLATEN, BLORA, DEPOK, JAMBI, PURWOREJO, MINAHASA, EAST_LOMBOK = (
    "33.10",
    "33.16",
    "32.76",
    "15.71",
    "33.06",
    "71.02",
    "52.03",
)
LANGUAGES: tuple[Language, ...] = ("id", "en")


def claims_on(card: Status, line: str) -> set[str]:
    """Ids of the claims on a line."""
    (found,) = [one for one in card.lines if one.line.id == line]
    return {claim.id for claim in found.claims}


def missing(card: Status) -> list[str]:
    """The lines on which nothing is recorded."""
    return [one.line.id for one in card.lines if not one.behind]


def with_claims(snapshot: Snapshot, *claims: Claim) -> Snapshot:
    """The knowledge with further claims, or others in the place of those with the same id."""
    every = {**snapshot.claims, **{claim.id: claim for claim in claims}}
    subjects = {claim.subject for claim in every.values()}
    by_subject = {subject: [c for c in every.values() if c.subject == subject] for subject in subjects}
    return replace(snapshot, claims=every, by_subject=by_subject)


def said(engine: Engine, text: str) -> str:
    """The words that answer a question out of the blue."""
    return plain(document(engine.answer(text, now=0.0).answer, engine.snapshot))


# --------------------------------------------------------------------------------------------------------------- its lines


def test_every_attribute_recorded_of_regions_has_one_line(record: Record) -> None:
    recorded = {row["attribute"] for row in record.rows("claims") if row["subject"].startswith("region:")}
    named = [attribute for line in LINES for attribute in line.attributes]
    assert recorded <= set(named)
    assert len(named) == len(set(named))


def test_what_is_new_on_a_line_belongs_on_it() -> None:
    assert [line.id for line in LINES if line.attribute not in line.attributes] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_has_a_name_of_its_own(language: Language) -> None:
    assert len({line_name(line.id, speech(language)) for line in LINES}) == len(LINES)


def test_every_claim_on_a_region_is_on_its_card_once(snapshot: Snapshot) -> None:
    for region in snapshot.regencies:
        card = status(snapshot, region.code)
        own = [c.id for one in card.lines for c in one.claims if c.subject == f"region:{region.code}"]
        assert sorted(own) == sorted(c.id for c in snapshot.about(f"region:{region.code}")), region.name


def test_what_is_recorded_under_a_subject_that_no_line_names_stands_on_the_last(snapshot: Snapshot) -> None:
    new = replace(snapshot.claims["R001"], id="R999", attribute="twin_city")
    assert "R999" in claims_on(status(with_claims(snapshot, new), KLATEN), "other")
    assert line_of(new).id == "other"


def test_a_participant_has_all_lines_and_the_empty_ones_are_missing(snapshot: Snapshot) -> None:
    card = status(snapshot, JAMBI)
    assert (card.year, [one.line.id for one in card.lines]) == (2017, [line.id for line in LINES if line.id != "other"])
    assert missing(card) == ["signatory", "mentoring", "masterplan", "quick_win", "evaluation", "award", "later"]


def test_what_cannot_apply_to_who_took_no_part_is_left_out(snapshot: Snapshot) -> None:
    card = status(snapshot, PURWOREJO)
    assert (card.year, [one.line.id for one in card.lines], missing(card)) == (
        None,
        ["participation", "later"],
        ["later"],
    )


def test_no_rests_on_the_lists_of_all_three_cohorts(snapshot: Snapshot, record: Record) -> None:
    sources = {source.id for source in snapshot.sources_of(status(snapshot, PURWOREJO).claims)}
    for year in ("2017", "2018", "2019"):
        cited = [set(r["sources"].split(";")) for r in record.rows("claims") if r["id"].startswith("P-") and r["period"] == year]  # fmt: skip
        assert any(sum(source in some for some in cited) >= 0.9 * len(cited) for source in sources), year


def test_who_joined_the_continuation_alone_has_the_lines_of_that_cohort(snapshot: Snapshot) -> None:
    card = status(snapshot, MINAHASA)
    assert (card.verdict.participant, card.year) == (False, 2021)
    assert claims_on(card, "mou_date") == {"C-2021-date"}
    assert claims_on(card, "later") == {"L-71.02-2021"}


def test_who_was_counted_in_later_did_not_sign_with_the_cohort(snapshot: Snapshot) -> None:
    lines = [one.line.id for one in status(snapshot, EAST_LOMBOK).lines]
    assert "cohort" in lines
    assert not {"mou_date", "mou_place"} & set(lines)


def test_what_disagrees_is_all_there(snapshot: Snapshot) -> None:
    assert claims_on(status(snapshot, DEPOK), "participation") == {"P-32.76-2018", "P-32.76-2019", "R014"}
    assert claims_on(status(snapshot, JAMBI), "cohort") == {"C-2017-size-25", "C-2017-size-24"}


def test_disputed_is_what_differs_is_withdrawn_or_contradicts(snapshot: Snapshot) -> None:
    def found(snapshot: Snapshot, code: str) -> set[str]:
        return {claim.id for claim in disputed(snapshot, status(snapshot, code).claims)}

    assert found(snapshot, KLATEN) == set()
    assert found(snapshot, JAMBI) == {"C-2017-size-24"}
    assert found(snapshot, DEPOK) == {"P-32.76-2018"}
    against = replace(snapshot.claims["R001"], id="R999", conflicts=("R001",))
    assert found(with_claims(snapshot, against), KLATEN) == {"R001", "R999"}


def test_a_region_in_lists_that_are_not_complete_is_not_said_to_have_taken_no_part(
    snapshot: Snapshot, engine: Engine
) -> None:
    cohorts = {year: replace(cohort, complete=False) for year, cohort in snapshot.cohorts.items()}
    partly = Engine(replace(snapshot, cohorts=cohorts), engine.lexicon)
    assert "Participant: Not known" in said(partly, "status of Purworejo")


# --------------------------------------------------------------------------------------------------------- when it was checked


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the shipped knowledge."""
    furnish(tmp_path)
    return tmp_path


def change(folder: Path, kind: str, *rows: RowChange) -> None:
    """Commit a change on 3 March 2027."""
    with clock.set_to(datetime(2027, 3, 3, 12, tzinfo=UTC)), Writer(folder) as writer:
        writer.commit(Change("admin 1", kind, "looked at it", "", rows))


def reviewed(folder: Path, claim: str, review_by: str = "2029") -> RowChange:
    """A claim, given another date of review."""
    before = row_of(store.all_tables(folder), "claims", claim)
    assert before
    return RowChange("claims", before, {**before, "review_by": review_by})


def checked(folder: Path, code: str) -> str:
    """When a card was last checked, as a bot that reads the database anew says it."""
    return status(open_engine(folder).snapshot, code).checked


def test_a_card_was_checked_when_the_edition_was_compiled(folder: Path) -> None:
    assert checked(folder, KLATEN) == about().compiled


def test_a_change_of_the_regions_claims_counts_for_it_alone(folder: Path) -> None:
    change(folder, "review", reviewed(folder, "R005"))
    assert (checked(folder, KLATEN), checked(folder, DEPOK)) == ("2027-03-03", about().compiled)


def test_a_change_of_the_cohort_counts_for_its_regions(folder: Path) -> None:
    change(folder, "edit", reviewed(folder, "C-2019-date"))
    days = [checked(folder, code) for code in (KLATEN, DEPOK, JAMBI, PURWOREJO)]
    assert days == ["2027-03-03", "2027-03-03", about().compiled, about().compiled]


def test_a_claim_that_is_retired_counts_too(folder: Path) -> None:
    tables = store.all_tables(folder)
    asks = [RowChange("phrasings", row, None) for row in tables["phrasings"] if row["claim"] == "R005"]
    change(folder, "edit", *asks, RowChange("claims", row_of(tables, "claims", "R005"), None))
    assert checked(folder, KLATEN) == "2027-03-03"


def test_an_edition_that_changes_a_claim_counts_by_its_own_day_only(folder: Path) -> None:
    shipped = read()
    newer = {**shipped.tables, "claims": [{**r, "review_by": "2029"} if r["id"] == "R005" else r for r in shipped.tables["claims"]]}  # fmt: skip
    with clock.set_to(datetime(2027, 3, 3, 12, tzinfo=UTC)), Writer(folder) as writer:
        assert writer.apply(shipped._replace(id="2027.1", tables=newer), "f" * 16).changes
    assert status(store.read(folder), KLATEN).checked == about().compiled


# ------------------------------------------------------------------------------------------------------------------- asked


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_on_a_card_has_its_source_behind_it(engine: Engine, language: Language) -> None:
    question = {"id": "statusnya klaten apa", "en": "what is the status of Klaten?"}[language]
    head, *lines = said(engine, question).splitlines()
    said_of = [line for line in lines if not line.endswith(":")][:-2]
    assert "Klaten" in head
    assert len(said_of) == 11
    assert [line for line in said_of if not line.endswith("]")] == []


def test_a_value_has_the_same_words_on_the_card_as_in_the_claim(engine: Engine) -> None:
    told = said(engine, "status of Bandung City")
    assert "• 2017 (phase I); 25 regions [" in told
    assert "• Another source: 24 regions. Had finished" in told
    assert "Date of the MoU: 22 May 2017 [" in told


def test_a_bare_name_and_a_profile_are_no_card(engine: Engine) -> None:
    for text in ("Klaten", "profil Klaten", "all about Klaten"):
        assert not any(isinstance(block, Status) for block in engine.answer(text, now=0.0).answer.blocks), text


@pytest.mark.parametrize("text", ["status klaten blora", "status klaten dan blora", "status of Klaten and Blora"])
def test_of_several_regions_each_has_a_way_to_its_card(engine: Engine, text: str) -> None:
    choices = engine.answer(text, now=0.0).answer.choices
    assert [(choice.code, choice.card) for choice in choices] == [(KLATEN, True), (BLORA, True)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("fresh", [True, False])
def test_the_status_of_a_year_or_of_the_programme_is_no_regions(
    engine: Engine, language: Language, fresh: bool
) -> None:
    before = None if fresh else engine.answer("status klaten", now=0.0).context
    of_year = engine.answer("status 2018", before, preference=language, now=1.0).answer
    assert (of_year.kind, of_year.count, of_year.choices) == ("list", 50, ())
    of_all = engine.answer("status program", before, preference=language, now=1.0).answer
    assert of_all.outcome == "answered"
    assert not any(isinstance(block, Status) for block in of_all.blocks)


def test_a_title_that_was_made_up_says_so_in_the_readers_language(engine: Engine) -> None:
    source = next(s for s in engine.snapshot.sources.values() if s.title.endswith("(judul tidak tampil)"))
    assert speech("en").title(source).endswith(" (title not shown)")
    assert speech("id").title(source) == source.title
    (line,) = source_lines([source], speech("en"))
    assert "judul" not in line


def test_the_evaluation_kinds_stay(engine: Engine) -> None:
    answer = engine.answer("status Klaten", now=0.0).answer
    assert (answer.outcome, answer.kind, [v.region.code for v in answer.regions]) == ("answered", "region", [KLATEN])
    assert answer.sources


# ------------------------------------------------------------------------------------------------------------- in the chat


class Chat:
    """A running bot, and whoever speaks to it."""

    def __init__(self, bot: Running, telegram: FakeTelegram) -> None:
        self.bot, self.telegram = bot, telegram

    async def sees(self, act: Callable[[], object], who: User) -> str:
        """What the bot said last after somebody did something."""
        act()
        await self.bot.settles()
        return self.telegram.said(who)[-1]

    async def officer(self, *regions: str, role: Role = Role.OFFICER) -> User:
        """Somebody with a role."""
        user = self.telegram.user("Ratna", language="en")
        user.starts(self.bot.people.invitations.create(role, regions, None)[1])
        await self.bot.settles()
        return user

    def labels(self, who: User) -> set[str]:
        """The buttons below the last message."""
        return {label for row in self.telegram.buttons(self.telegram.last(who)) for label in row}


def in_chat(folder: Path, scene: Callable[[Chat], object]) -> None:
    """Play a scene with a running bot."""

    async def played() -> None:
        telegram = FakeTelegram()
        async with running(telegram, folder) as bot:
            await scene(Chat(bot, telegram))  # type: ignore[misc]

    play(played)


EXTRAS = "For those who answer for this region"


@pytest.mark.parametrize(
    ("role", "regions", "more", "proposes"),
    [
        (Role.OFFICER, (KLATEN,), True, True),
        (Role.OFFICER, (DEPOK,), False, False),
        (Role.ADMIN, (), True, False),
        (None, (), False, False),
    ],
    ids=["its officer", "another's officer", "admin", "citizen"],
)
def test_who_reads_more_below_a_card(
    tmp_path: Path, role: Role | None, regions: tuple[str, ...], more: bool, proposes: bool
) -> None:
    async def scene(chat: Chat) -> None:
        user = await chat.officer(*regions, role=role) if role else chat.telegram.user("Kate", language="en")
        told = await chat.sees(lambda: user.sends("/status Klaten"), user)
        assert ("Status card: Klaten Regency" in told, EXTRAS in told) == (True, more)
        follow = (
            "✓ You follow it" if proposes else "Follow this region"
        )  # who has become officer of a region follows it
        assert {"PDF, one page", follow} <= chat.labels(user)
        assert ("Propose a correction" in chat.labels(user)) == proposes

    in_chat(tmp_path, scene)


def test_a_province_has_a_way_to_the_cards_of_its_regions(tmp_path: Path) -> None:
    async def scene(chat: Chat) -> None:
        user = chat.telegram.user("Kate", language="en")
        for act in ("/status Bali", "[Status cards in Bali", "[›", "[Denpasar City"):
            told = await chat.sees(lambda act=act: user.presses(act[1:]) if act[0] == "[" else user.sends(act), user)
        assert told.startswith("Status card: Denpasar City (Bali)")
        before = len(chat.telegram.said(user))
        for data in ("1ve:o:33.10", "1ve:o:99", "1ve:l:51:x", "1ve:l:51"):
            told = await chat.sees(lambda data=data: user.press_data(data, chat.telegram.last(user)), user)
            assert "older version" in told, data
        assert len(chat.telegram.said(user)) == before + 4

    in_chat(tmp_path, scene)


def test_in_a_group_an_officer_reads_what_all_read(tmp_path: Path) -> None:
    async def scene(chat: Chat) -> None:
        user = await chat.officer(KLATEN)
        group = chat.telegram.group("Warga")
        user.sends("/status Klaten", to=group)
        await chat.bot.settles()
        (told,) = chat.telegram.said(group)
        assert "Status card: Klaten Regency" in told
        assert EXTRAS not in told
        rows = chat.telegram.buttons(chat.telegram.last(group))
        assert {label for row in rows for label in row} == {"Sources (8)", "Share"}

    in_chat(tmp_path, scene)


def test_a_role_that_is_taken_away_ends_it_at_once(tmp_path: Path) -> None:
    async def scene(chat: Chat) -> None:
        user = await chat.officer(KLATEN)
        assert EXTRAS in await chat.sees(lambda: user.sends("status of Klaten"), user)
        member = chat.bot.people.staff.member(user.id)
        assert member
        chat.bot.people.apply(lambda: chat.bot.people.staff.revoke(member.id))
        assert EXTRAS not in await chat.sees(lambda: user.sends("status of Klaten"), user)

    in_chat(tmp_path, scene)


def test_what_was_asked_about_a_region_is_counted_by_outcome_and_language(tmp_path: Path) -> None:
    async def scene(chat: Chat) -> None:
        budi = chat.telegram.user("Budi")
        for text in ("apakah klaten ikut?", "status klaten", "masterplan klaten kapan?", "siapa kepala dinas klaten?"):
            budi.sends(text)
        budi.sends("Is Klaten a participant?")
        budi.sends("apakah blora ikut?")
        budi.sends("Are Klaten and Solo in it?")
        officer = await chat.officer(KLATEN)
        told = await chat.sees(lambda: officer.sends("status of Klaten"), officer)
        assert "Asked about this month: 5 times (4 answered, 1 not answered; 4 in Indonesian, 1 in English)." in told

    in_chat(tmp_path, scene)


def test_what_was_asked_last_month_does_not_count(tmp_path: Path) -> None:
    async def scene(chat: Chat) -> None:
        budi = chat.telegram.user("Budi")
        with clock.set_to(datetime(2027, 2, 28, 23, tzinfo=UTC)):
            budi.sends("apakah klaten ikut?")
            await chat.bot.settles()
        with clock.set_to(datetime(2027, 3, 1, 1, tzinfo=UTC)):
            officer = await chat.officer(KLATEN)
            assert "Asked about this month: not once." in await chat.sees(
                lambda: officer.sends("status of Klaten"), officer
            )

    in_chat(tmp_path, scene)


def test_what_is_long_is_shortened_and_what_is_much_is_counted(tmp_path: Path, snapshot: Snapshot) -> None:
    new = [
        replace(snapshot.claims["R004"], id=f"R9{n:02}", text_en=f"No. {n}: {'<much> & more ' * 30}", status="disputed")
        for n in range(8)
    ]
    changed = with_claims(snapshot, *new)
    people = People(tmp_path)
    lines = extras(status(changed, KLATEN), people, changed, speech("en"))
    people.close()
    named = [unescape(line).removeprefix("• ") for line in lines if "No. " in line]
    assert [line[:21] for line in named] == [f"Also recorded: No. {n}:" for n in range(5)]
    assert {len(line) for line in named} == {160}
    assert lines[7] == "• and 3 more"


@pytest.mark.parametrize(("length", "messages"), [(3000, 1), (4090, 2)])
def test_what_does_not_fit_below_a_card_is_a_message_of_its_own(
    tmp_path: Path, snapshot: Snapshot, length: int, messages: int
) -> None:
    people, keyboard = People(tmp_path), InlineKeyboardMarkup([])
    whole = with_extras(
        Reply(("first", "x" * length), keyboard), status(snapshot, JAMBI), people, snapshot, speech("en")
    )
    people.close()
    assert (len(whole.parts) - 1, whole.keyboard) == (messages, keyboard)
    assert EXTRAS in whole.parts[-1]
    assert all(visible_length(part) <= MAX_LENGTH for part in whole.parts)


def test_the_page_is_sent_once_and_can_be_read(tmp_path: Path) -> None:
    async def scene(chat: Chat) -> None:
        kate = chat.telegram.user("Kate", language="en")
        await chat.sees(lambda: kate.sends("status of Klaten"), kate)
        kate.presses("PDF, one page")
        kate.presses("PDF, one page")
        await chat.bot.settles()
        (sent,) = [m for m in chat.telegram.messages(kate) if "document" in m]
        content = chat.telegram.files.content[sent["document"]["file_id"]]
        assert (content[:5], content.rstrip()[-5:]) == (b"%PDF-", b"%%EOF")
        assert sent["document"]["file_name"].startswith("status-klaten-regency-")
        assert f"https://t.me/{chat.telegram.bot['username']}?start=s_33_10".encode() in content

    in_chat(tmp_path, scene)


def test_a_reply_to_the_question_for_a_region_is_its_name_and_nothing_else_is(tmp_path: Path) -> None:
    async def scene(chat: Chat) -> None:
        kate = chat.telegram.user("Kate", language="en")
        await chat.sees(lambda: kate.sends("/status"), kate)
        asked = chat.telegram.last(kate)
        assert "Status card: Blora Regency" in await chat.sees(lambda: kate.sends("blora", reply_to=asked), kate)
        lena = chat.telegram.user("Lena", language="en")
        assert "Status card" not in await chat.sees(lambda: lena.sends("blora"), lena)

    in_chat(tmp_path, scene)


def test_the_page_is_drawn_beside_the_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    threads = []

    def drawing(*_: object) -> bytes:
        threads.append(threading.current_thread())
        return b"%PDF-"

    monkeypatch.setattr("handlers.status.sheet", drawing)

    async def scene(chat: Chat) -> None:
        kate = chat.telegram.user("Kate", language="en")
        await chat.sees(lambda: kate.sends("status of Klaten"), kate)
        kate.presses("PDF, one page")
        await chat.bot.settles()
        assert len(threads) == 1
        assert threads[0] is not threading.main_thread()

    in_chat(tmp_path, scene)


def test_a_card_that_is_sent_from_another_chat_counts_for_its_region(tmp_path: Path) -> None:
    async def scene(chat: Chat) -> None:
        kate = chat.telegram.user("Kate", language="en")
        kate.types_inline("status of Klaten")
        await chat.bot.settles()
        (answer,) = chat.telegram.inline_answers.values()
        first = answer["results"][0]
        assert (first["id"], first["title"]) == ("s_33_10-en", "Status Klaten Regency")
        kate.chooses(first["id"])
        await chat.bot.settles()
        officer = await chat.officer(KLATEN)
        told = await chat.sees(lambda: officer.sends("status of Klaten"), officer)
        assert "Asked about this month: 1 time (1 answered; 1 in English)." in told

    in_chat(tmp_path, scene)
