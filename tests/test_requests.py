"""Being recognised as officer: the store of requests, and the way through the chat with all that can go wrong on it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from running import Running, play, running

from handlers.fake_telegram import FakeTelegram, User
from handlers.people import People
from handlers.people.corrections import Correction
from handlers.people.impersonal import today
from handlers.people.requests import MAX_OPEN, Request
from handlers.people.staff import Role
from handlers.rendering import speech
from handlers.request_writing import MAX_WORDS
from handlers.staff import attached
from handlers.staff.corrections import who
from handlers.staff.request_form import MAX_LETTERS
from knowledge import Engine
from knowledge.proposing import Proposal

BUDI, KATE, SARI = 1_234_567, 7_654_321, 1_111_111
KLATEN, BLORA = "33.10", "33.16"
ASKED = Request(0, BUDI, "Budi", KLATEN, "Diskominfo", "Kabid", "p:A d:B", "id", "2026-05-01")
Scene = Callable[[], Any]


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    """A new people.db with an owner."""
    made = People(tmp_path, owners=(SARI,))
    yield made
    made.close()


def approve(people: People, id: int, update_id: int = 1) -> bool:
    """Approve a request as the chat does."""
    first: list[bool] = []

    def effect() -> None:
        request = people.requests.get(id)
        if request and people.requests.decide(id, "approved", "owner 1", "", update_id):
            made = people.staff.give(request.user_id, request.name, Role.OFFICER, [request.region], 1)
            people.requests.take_up(id, made.id)
            first.append(True)

    people.apply(effect)
    return bool(first)


# ------------------------------------------------------------------------------------------------------------------ store


def test_a_request_is_kept_as_it_was_sent_and_once(people: People) -> None:
    assert people.requests.send(ASKED, "a") == ("sent", 1)
    assert people.requests.send(ASKED, "a") == ("sent", 1)
    assert people.requests.open() == [replace(ASKED, id=1, day=today())]


def test_the_same_region_is_asked_for_once_at_a_time_and_by_several_people(people: People) -> None:
    people.requests.send(ASKED, "a")
    assert people.requests.send(ASKED, "b") == ("waits", 1)
    assert people.requests.send(replace(ASKED, user_id=KATE), "c") == ("sent", 2)
    people.apply(lambda: people.requests.decide(1, "refused", "owner 1", "no", 1))
    assert people.requests.send(ASKED, "d") == ("sent", 3)


def test_one_person_cannot_bury_the_others(people: People) -> None:
    for number in range(MAX_OPEN):
        assert people.requests.send(replace(ASKED, region=f"33.0{number}"), f"a{number}")[0] == "sent"
    assert people.requests.send(replace(ASKED, region="33.20"), "b") == ("many", 0)
    people.apply(lambda: people.requests.withdraw(1, BUDI))
    assert people.requests.send(replace(ASKED, region="33.20"), "b") == ("sent", MAX_OPEN + 1)


def test_a_withdrawn_request_is_gone_and_its_number_is_not_given_again(people: People) -> None:
    people.requests.send(ASKED, "a")
    people.apply(lambda: people.requests.withdraw(1, KATE))
    assert people.requests.get(1)
    people.apply(lambda: people.requests.withdraw(1, BUDI))
    assert people.requests.get(1) is None
    assert people.requests.send(ASKED, "b") == ("sent", 2)


def test_the_first_decision_stands_and_the_same_update_decides_again_alike(people: People) -> None:
    people.requests.send(ASKED, "a")
    assert approve(people, 1, update_id=7)
    assert people.requests.pending(1) is None
    assert people.requests.pending(1, update_id=7)
    assert approve(people, 1, update_id=7)
    decided: list[bool] = []
    people.apply(lambda: decided.append(people.requests.decide(1, "refused", "owner 2", "no", 8)))
    request = people.requests.get(1)
    assert decided == [False]
    assert request
    assert (request.state, request.decided_by, request.note) == ("approved", "owner 1", "")


def test_what_is_decided_cannot_be_withdrawn_or_added_to(people: People) -> None:
    people.requests.send(ASKED, "a")
    people.apply(lambda: people.requests.decide(1, "refused", "owner 1", "no", 1))
    people.apply(lambda: people.requests.withdraw(1, BUDI), lambda: people.requests.add_letter(1, "p:C"))
    request = people.requests.get(1)
    assert request
    assert request.letter == ASKED.letter


def test_once_told_a_decision_keeps_no_name_no_letter_and_of_an_approval_no_number(people: People) -> None:
    people.requests.send(ASKED, "a")
    people.requests.send(replace(ASKED, region=BLORA), "b")
    people.requests.send(replace(ASKED, region="33.20"), "c")
    approve(people, 1)
    people.apply(lambda: people.requests.decide(2, "refused", "owner 1", "no", 2))
    people.apply(*(lambda id=id: people.requests.settle(id) for id in (1, 2, 3)))
    assert [(one.user_id, one.name, one.letter) for id in (1, 2, 3) if (one := people.requests.get(id))] == [
        (0, "", ""), (BUDI, "", ""), (BUDI, "Budi", ASKED.letter),
    ]  # fmt: skip
    assert [one.id for one in people.requests.of(BUDI)] == [2, 3]


def office(people: People, region: str = KLATEN) -> str | None:
    """The office that Budi, member no. 2, named for a region."""
    request = people.requests.held_by(2, region)
    return request.office if request else None


@pytest.mark.parametrize("way", ["revoke", "forget", "give up", "admin"])
def test_office_and_position_are_kept_for_as_long_as_the_role(people: People, way: str) -> None:
    people.requests.send(ASKED, "a")
    people.requests.send(replace(ASKED, region=BLORA, office="Bappeda"), "b")
    approve(people, 1)
    approve(people, 2, update_id=2)
    people.expire(4e9)
    assert (office(people), office(people, BLORA)) == ("Diskominfo", "Bappeda")
    if way == "revoke":
        people.staff.revoke(2)
    elif way == "forget":
        people.apply(lambda: people.forget(BUDI))
    elif way == "admin":
        people.apply(lambda: people.staff.give(BUDI, "Budi", Role.ADMIN, [], 1))
    else:
        people.apply(lambda: people.staff.give_up(BUDI, KLATEN))
        assert (office(people), office(people, BLORA)) == (None, "Bappeda")
        people.apply(lambda: people.staff.give_up(BUDI, BLORA))
    assert (office(people), office(people, BLORA)) == (None, None)


def test_who_proposes_something_is_told_with_the_office_that_they_named(people: People, engine: Engine) -> None:
    made = Correction(Proposal("remark", KLATEN, "other", "id"), member=2)
    people.requests.send(ASKED, "a")
    approve(people, 1)
    s = speech("id")
    assert who(made, people, engine.snapshot, s) == "Budi (no. 2), petugas untuk Kabupaten Klaten (Kabid, Diskominfo)"


def test_giving_up_a_region_leaves_the_others_and_the_last_one_ends_the_role(people: People) -> None:
    people.apply(lambda: people.staff.give(BUDI, "Budi", Role.OFFICER, [KLATEN, BLORA], 1))
    people.apply(lambda: people.staff.give_up(BUDI, "33.20"), lambda: people.staff.give_up(SARI, KLATEN))
    assert people.staff.role(SARI) == Role.OWNER
    people.apply(lambda: people.staff.give_up(BUDI, KLATEN))
    member = people.staff.member(BUDI)
    assert member
    assert member.regions == (BLORA,)
    people.apply(lambda: people.staff.give_up(BUDI, BLORA))
    assert people.staff.member(BUDI) is None
    gone = people.staff.numbered(member.id)
    assert gone
    assert (gone.user_id, gone.name) == (0, "Budi")


def test_whoever_is_officer_in_another_way_is_not_decided_on(people: People) -> None:
    for region in (KLATEN, BLORA, "33.20"):
        people.requests.send(replace(ASKED, region=region), region)
    people.requests.send(replace(ASKED, user_id=KATE), "k")
    people.apply(lambda: people.requests.met(BUDI, [KLATEN]))
    assert [one.id for one in people.requests.open()] == [2, 3, 4]
    people.apply(lambda: people.requests.met(BUDI))
    assert [one.id for one in people.requests.open()] == [4]


# ---------------------------------------------------------------------------------------------------------------- picking


@pytest.mark.parametrize(
    ("typed", "codes", "districts", "province"),
    [
        ("klatne", [KLATEN], [""], ""),
        ("Kab. Klaten?", [KLATEN], [""], ""),
        ("Semarang", ["33.22", "33.74"], ["", ""], ""),
        ("Cepu", [BLORA], ["Cepu"], ""),
        ("kec. prambanan", [KLATEN, "34.04"], ["Prambanan"] * 2, ""),
        ("jateng", [], [], "33"),
        ("klat", [KLATEN], [""], ""),
        ("Dinas Kominfo Kabupaten Klaten, Jawa Tengah", [KLATEN], [""], ""),
        ("xyzzy", [], [], ""),
        ("", [], [], ""),
    ],
)
def test_a_region_is_known_by_what_people_type(
    engine: Engine, typed: str, codes: list[str], districts: list[str], province: str
) -> None:
    found = engine.pick(typed)
    assert [one.region.code for one in found.candidates] == codes
    assert [one.district for one in found.candidates] == districts
    assert (found.province.code if found.province else "") == province


# ------------------------------------------------------------------------------------------------------------ in the chat


class Stage:
    """A Telegram with an owner, another admin, and somebody who asks, all speaking English."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.telegram = FakeTelegram()
        self.sari, self.rina, self.kate = (self.telegram.user(name, language="en") for name in ("Sari", "Rina", "Kate"))

    def running(self) -> Any:
        """The bot at work."""
        return running(self.telegram, self.folder, owner_ids=(self.sari.id, self.rina.id))

    async def greet(self, bot: Running) -> None:
        """Everybody has the bot open; admins speak English."""
        for person in (self.sari, self.rina, self.kate):
            person.sends("/language english")
        await bot.settles()

    async def steps(self, bot: Running, *steps: Callable[[], object]) -> None:
        """One after the other, each when the one before is done."""
        for step in steps:
            step()
            await bot.settles()

    def writing(self, region: str = "Klaten", who: User | None = None) -> list[Callable[[], object]]:
        """The steps as far as the question for a letter."""
        kate = who or self.kate
        return [
            lambda: kate.sends("/myregion"),
            lambda: kate.presses("Another region" if "Another" in str(self.labels(kate)) else "I work for a regency"),
            lambda: kate.sends(region),
            lambda: kate.presses(region),
            lambda: kate.sends("Diskominfo <b>"),
            lambda: kate.sends("Head & all"),
        ]

    async def asks(self, bot: Running, region: str = "Klaten") -> None:
        """Kate sends a request without a letter."""
        kate = self.kate
        without = [lambda: kate.presses("Without a letter"), lambda: kate.presses("Send it")]
        await self.steps(bot, *self.writing(region), *without)

    def labels(self, person: User) -> list[str]:
        """The buttons of the last message to somebody."""
        return [label for row in self.telegram.buttons(self.telegram.last(person)) for label in row]

    def shown(self, person: User) -> list[str]:
        """What the bot's messages to somebody say now."""
        return self.telegram.said(person)

    def toast(self) -> str:
        """What the last press was answered with."""
        return str(list(self.telegram.callback_answers.values())[-1].get("text", ""))

    def files(self, person: User) -> list[str]:
        """What the bot sent somebody: documents and photos, by their captions."""
        messages = self.telegram.messages(person)
        return [m["caption"] for m in messages if m["from"]["is_bot"] and ("document" in m or "photo" in m)]


def staged(tmp_path: Path, scene: Callable[[Stage, Running], Any]) -> None:
    """Play a scene on a stage where everybody has said hello."""

    async def whole() -> None:
        stage = Stage(tmp_path)
        async with stage.running() as bot:
            await stage.greet(bot)
            await scene(stage, bot)

    play(whole)


def test_approval_gives_the_role_the_menu_the_region_to_follow_and_says_so(tmp_path: Path) -> None:
    async def scene(stage: Stage, bot: Running) -> None:
        sari, kate = stage.sari, stage.kate
        await stage.asks(bot)
        assert [len([t for t in who.said if "somebody asks to be officer" in t]) for who in (sari, stage.rina)] == [
            1,
            1,
        ]
        await stage.steps(bot, lambda: sari.presses("Open the request"))
        assert "Office: Diskominfo <b>\nPosition: Head & all" in stage.shown(sari)[-1]
        await stage.steps(bot, lambda: sari.presses("Approve"), lambda: sari.presses("Yes, approve"))
        member = bot.people.staff.member(kate.id)
        assert member
        assert (member.role, member.regions, member.name) == (Role.OFFICER, (KLATEN,), "Kate")
        assert bot.people.follows.of(kate.id) == [f"region:{KLATEN}"]
        assert "manage" in [c["command"] for c in stage.telegram.menu(kate, kate, "en")]
        assert "is approved: you are officer for Klaten Regency." in kate.said[-1]
        assert stage.labels(kate) == ["Card: Klaten Regency", "My regions"]
        assert bot.people.requests.of(kate.id) == []
        await stage.steps(bot, lambda: sari.sends("/team"))
        assert "Kate: officer for Klaten Regency, since" in sari.said[-1]
        assert "(Head & all, Diskominfo <b>)" in sari.said[-1]

    staged(tmp_path, scene)


def test_of_two_admins_at_once_the_first_decides_and_the_other_is_told(tmp_path: Path) -> None:
    async def scene(stage: Stage, bot: Running) -> None:
        sari, rina, kate = stage.sari, stage.rina, stage.kate
        await stage.asks(bot)
        await stage.steps(
            bot,
            lambda: sari.presses("Open the request"),
            lambda: rina.presses("Open the request"),
            lambda: sari.presses("Approve"),
            lambda: rina.presses("Refuse with a note"),
            lambda: rina.sends("No letter."),
        )
        sari.presses("Yes, approve")
        rina.presses("Send and refuse")
        await bot.settles()
        request = bot.people.requests.get(1)
        assert request
        told = [
            text for text in kate.said if "request no. 1" in text and ("is approved" in text or "was refused" in text)
        ]
        assert len(told) == 1
        assert ("is approved" in told[0]) == (request.state == "approved")
        assert (bot.people.staff.role(kate.id) == Role.OFFICER) == (request.state == "approved")
        outcome = {"approved": "is approved", "refused": "is refused"}[request.state]
        assert all(f"Request no. 1 {outcome}" in "".join(stage.shown(who)[-2:]) for who in (sari, rina))

    staged(tmp_path, scene)


def test_a_kill_before_the_mark_decides_once_and_tells_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = People.finish

    def die(*_: object) -> None:
        raise sqlite3.OperationalError("killed")

    async def scene() -> None:
        stage = Stage(tmp_path)
        async with stage.running() as bot:
            await stage.greet(bot)
            kate, sari = stage.kate, stage.sari
            await stage.steps(bot, *stage.writing(), lambda: kate.presses("Without a letter"))
            monkeypatch.setattr(People, "finish", die)
            kate.presses("Send it")
            await stage.telegram.until(lambda: "somebody asks" in sari.said[-1])
        monkeypatch.setattr(People, "finish", finish)
        async with stage.running() as bot:
            await bot.settles()
            assert [one.id for one in bot.people.requests.open()] == [1]
            assert sum("somebody asks" in text for text in sari.said) == 1
            await stage.steps(bot, lambda: sari.presses("Open the request"), lambda: sari.presses("Approve"))
            monkeypatch.setattr(People, "finish", die)
            sari.presses("Yes, approve")
            await stage.telegram.until(lambda: "is approved" in kate.said[-1])
        monkeypatch.setattr(People, "finish", finish)
        async with stage.running() as bot:
            await bot.settles()
            assert sum("is approved: you are officer" in text for text in kate.said) == 1
            assert "Request no. 1 is approved." in stage.shown(sari)
            request = bot.people.requests.get(1)
            assert request
            assert (request.state, request.user_id, request.name) == ("approved", 0, "")
            assert bot.people.follows.of(kate.id) == [f"region:{KLATEN}"]

    play(scene)


def test_deleted_data_leave_nothing_for_admins_to_see(tmp_path: Path) -> None:
    async def scene(stage: Stage, bot: Running) -> None:
        sari, kate = stage.sari, stage.kate
        await stage.asks(bot)
        await stage.steps(
            bot,
            lambda: sari.presses("Open the request"),
            lambda: sari.presses("Refuse with a note"),
            lambda: kate.sends("/deleteme"),
            lambda: kate.presses("Yes, delete"),
            lambda: sari.sends("Please add a letter."),
        )
        assert sari.said[-1] == "Request no. 1 was withdrawn, or is no longer kept."
        await stage.steps(bot, lambda: sari.sends("/queue"))
        assert "Requests (1)" not in stage.labels(sari)
        assert not any(str(kate.id) in str(row) for row in bot.people._connection.execute("select * from requests"))
        notice = next(text for text in stage.rina.said if "somebody asks" in text)
        assert "Kate" not in notice
        assert "Diskominfo" not in notice

    staged(tmp_path, scene)


def test_a_letter_is_kept_by_its_name_at_telegram_and_sent_on(tmp_path: Path) -> None:
    async def scene(stage: Stage, bot: Running) -> None:
        sari, kate = stage.sari, stage.kate
        await stage.steps(
            bot, *stage.writing(),
            lambda: kate.sends_document("letter.pdf", b"the secret letter"),
            lambda: kate.presses("Send it"),
            lambda: kate.sends_photo("and the stamp"),
            lambda: sari.presses("Open the request"),
            lambda: sari.presses("Show the letter (2)"),
        )  # fmt: skip
        assert stage.files(sari) == ["Letter of request no. 1, 1 of 2", "Letter of request no. 1, 2 of 2"]
        assert sum("A letter was added to request no. 1" in text for text in stage.rina.said) == 1
        assert not any(
            b"the secret letter" in (tmp_path / name).read_bytes() for name in ("people.db", "people.db-wal")
        )
        await stage.steps(bot, lambda: sari.presses("Show the letter (2)"))
        assert stage.toast() == "Already answered below."
        assert len(stage.files(sari)) == 2

    staged(tmp_path, scene)


def test_a_letter_that_telegram_does_not_have_any_more_is_told_and_the_request_decided(tmp_path: Path) -> None:
    async def scene(stage: Stage, bot: Running) -> None:
        sari, kate = stage.sari, stage.kate
        first = [lambda: kate.sends_photo(content=b"1"), lambda: kate.sends_photo(content=b"2")]
        await stage.steps(bot, *stage.writing(), *first, lambda: kate.presses("Send it"))
        gone = next(iter(stage.telegram.files.content))
        del stage.telegram.files.content[gone], stage.telegram.files.paths[gone]
        await stage.steps(bot, lambda: sari.presses("Open the request"), lambda: sari.presses("Show the letter (2)"))
        assert stage.files(sari) == ["Letter of request no. 1, 2 of 2"]
        assert sari.said[-1].startswith("1 file of the letter cannot be shown")
        await stage.steps(bot, lambda: sari.presses("Approve"), lambda: sari.presses("Yes, approve"))
        assert bot.people.staff.role(kate.id) == Role.OFFICER

    staged(tmp_path, scene)


def test_an_album_is_one_letter_with_one_answer_and_so_many_files(tmp_path: Path) -> None:
    async def scene(stage: Stage, bot: Running) -> None:
        kate = stage.kate
        await stage.steps(bot, *stage.writing())
        said = len(kate.said)
        for _ in range(MAX_LETTERS + 2):
            kate.sends_photo(album="a")
        await bot.settles()
        new = kate.said[said:]
        assert len(new) == 2
        assert f"Letter: {MAX_LETTERS} files" in new[0]
        assert new[1] == f"A letter may have at most {MAX_LETTERS} files; this one is left out."
        await stage.steps(bot, lambda: kate.presses("Another letter"), kate.sends_photo)
        assert "Letter: 1 file\n" in kate.said[-1]

    staged(tmp_path, scene)


def test_a_file_that_is_too_large_or_no_letter_is_refused_and_asked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attached, "MAX_FILE", 3)

    async def scene(stage: Stage, bot: Running) -> None:
        kate = stage.kate
        for act, words in (
            (lambda: kate.sends_document("a.pdf", b"1234"), "is larger than"),
            (kate.sends_voice, "A letter is a document or a photo."),
            (lambda: kate.sends("later"), "A letter is a document or a photo."),
        ):
            await stage.steps(bot, *(stage.writing() if "larger" in words else ()), act)
            assert words in kate.said[-1]
            assert stage.labels(kate) == ["Without a letter", "Cancel"]
        await stage.steps(bot, lambda: kate.sends_document("a.pdf", b"123"))
        assert "Letter: 1 file\n" in kate.said[-1]

    staged(tmp_path, scene)


def test_a_letter_sent_early_is_kept_while_the_rest_is_asked_for(tmp_path: Path) -> None:
    async def scene(stage: Stage, bot: Running) -> None:
        kate = stage.kate
        early, *rest = stage.writing()[4:]
        await stage.steps(bot, *stage.writing()[:4], kate.sends_photo)
        assert kate.said[-1].startswith("The letter is noted.\n\nWhat is the name of your office?")
        await stage.steps(bot, early, *rest)
        assert "Letter: 1 file\n" in kate.said[-1]

    staged(tmp_path, scene)


def test_after_it_is_sent_only_files_are_taken_for_the_letter(tmp_path: Path) -> None:
    async def scene(stage: Stage, bot: Running) -> None:
        kate = stage.kate
        await stage.asks(bot)
        await stage.steps(bot, kate.sends_sticker)
        assert kate.said[-1].startswith("I can only read text")
        await stage.steps(bot, lambda: kate.sends("is Klaten a participant?"))
        assert kate.said[-1].startswith("Yes, Klaten Regency")
        await stage.steps(bot, lambda: kate.sends_document("letter.pdf", b"%PDF"))
        assert kate.said[-1] == "Thank you: the letter goes with request no. 1."

    staged(tmp_path, scene)


def test_whoever_is_made_admin_while_writing_sends_files_to_import_and_no_request(tmp_path: Path) -> None:
    async def scene(stage: Stage, bot: Running) -> None:
        kate = stage.kate
        await stage.steps(bot, *stage.writing(), lambda: kate.presses("Without a letter"))
        bot.people.apply(lambda: bot.people.staff.give(kate.id, "Kate", Role.ADMIN, [], 1))
        await stage.steps(bot, lambda: kate.presses("Send it"))
        assert stage.toast() == "As an admin you see every region already."
        assert bot.people.requests.open() == []
        await stage.steps(bot, lambda: kate.sends_document("claims.csv", b"id,subject\n"))
        assert bot.people.drafts.of(kate.id)[0].data["letter"] == ""
        assert "claims.csv" in kate.said[-1]

    staged(tmp_path, scene)


def test_a_letter_for_a_request_that_is_decided_on_goes_nowhere(tmp_path: Path) -> None:
    async def scene(stage: Stage, bot: Running) -> None:
        kate = stage.kate
        await stage.asks(bot)
        bot.people.apply(lambda: bot.people.requests.decide(1, "refused", "owner 1", "no", 999))
        await stage.steps(bot, kate.sends_photo)
        assert kate.said[-1] == "Request no. 1 is decided on, or no longer kept: the letter goes nowhere."
        await stage.steps(bot, kate.sends_photo)
        assert kate.said[-1].startswith("I can only read text")

    staged(tmp_path, scene)


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("-", "too short"), ("7!", "too short"), ("x" * (MAX_WORDS["office"] + 1), "too long"),
        ("ab", ""), ("x" * MAX_WORDS["office"], ""), ("Dinas\nKominfo   Klaten", ""), ("Who cares for the streets", ""),
    ],
)  # fmt: skip
def test_an_office_is_a_line_of_words_within_reason(tmp_path: Path, text: str, trouble: str) -> None:
    async def scene(stage: Stage, bot: Running) -> None:
        await stage.steps(bot, *stage.writing()[:4], lambda: stage.kate.sends(text))
        said = stage.kate.said[-1]
        assert ("position" in said) == (not trouble)
        assert trouble in said
        drafts = bot.people.drafts.of(stage.kate.id)
        assert drafts[0].data.get("office") == (None if trouble else " ".join(text.split()))

    staged(tmp_path, scene)


def test_a_question_in_between_is_answered_and_nothing_is_lost(tmp_path: Path) -> None:
    async def scene(stage: Stage, bot: Running) -> None:
        kate = stage.kate
        await stage.steps(bot, *stage.writing()[:4], lambda: kate.sends("is Klaten a participant?"))
        assert kate.said[-2].startswith("Yes, Klaten Regency")
        assert "Your request is kept." in kate.said[-1]
        await stage.steps(bot, lambda: kate.sends("Diskominfo"), lambda: kate.sends("what does my chief do, you ask?"))
        assert bot.people.drafts.of(kate.id)[0].data["office"] == "Diskominfo"

    staged(tmp_path, scene)


def test_beginning_again_goes_on_with_what_was_begun(tmp_path: Path) -> None:
    async def scene(stage: Stage, bot: Running) -> None:
        kate = stage.kate
        await stage.steps(bot, *stage.writing(), lambda: kate.sends("/myregion"))
        assert stage.labels(kate) == ["Go on with the request", "Drop it"]
        await stage.steps(bot, lambda: kate.sends("/myregion blora"), lambda: kate.presses("I work for Blora"))
        assert [draft.data["region"] for draft in bot.people.drafts.of(kate.id)] == [BLORA]
        assert "Do you have a letter" in kate.said[-1]
        await stage.steps(bot, lambda: kate.sends("/myregion"), lambda: kate.presses("Drop it"))
        assert bot.people.drafts.of(kate.id) == []
        assert bot.people.requests.open() == []
        await stage.steps(bot, lambda: kate.presses("I work for Blora"))
        assert "name of your office" in kate.said[-1]
        said = len(kate.said)
        await stage.steps(bot, lambda: kate.presses("I work for Blora"))
        assert len(kate.said) == said

    staged(tmp_path, scene)


def test_a_region_that_is_held_or_waits_is_not_asked_for_again(tmp_path: Path) -> None:
    async def scene(stage: Stage, bot: Running) -> None:
        kate = stage.kate
        bot.people.apply(lambda: bot.people.staff.give(kate.id, "Kate", Role.OFFICER, [KLATEN], 1))
        await stage.steps(bot, lambda: kate.sends("/myregion klaten"), lambda: kate.presses("I work for Klaten"))
        assert stage.toast() == "You are officer for Klaten Regency already."
        await stage.asks(bot, "Blora")
        await stage.steps(bot, *stage.writing("Blora")[:4])
        assert stage.toast() == "Your request no. 1 for Blora Regency waits already."
        for number in range(MAX_OPEN - 1):
            bot.people.requests.send(replace(ASKED, user_id=kate.id, region=f"33.0{number + 1}"), f"t{number}")
        await stage.steps(bot, lambda: kate.sends("Kudus"), lambda: kate.presses("Kudus"))
        assert stage.toast().startswith(f"{MAX_OPEN} requests of yours wait already.")

    staged(tmp_path, scene)


@pytest.mark.parametrize("first", ["waits", "many"])
def test_what_changed_while_it_was_written_is_seen_when_it_is_sent(tmp_path: Path, first: str) -> None:
    async def scene(stage: Stage, bot: Running) -> None:
        kate = stage.kate
        await stage.steps(bot, *stage.writing(), lambda: kate.presses("Without a letter"))
        for number in range(1 if first == "waits" else MAX_OPEN):
            region = KLATEN if first == "waits" else f"33.0{number + 1}"
            bot.people.requests.send(replace(ASKED, user_id=kate.id, region=region), f"t{number}")
        before = bot.people.requests.open()
        await stage.steps(bot, lambda: kate.presses("Send it"))
        assert "already" in stage.toast()
        assert bot.people.requests.open() == before
        assert not any("somebody asks" in text for text in stage.sari.said)

    staged(tmp_path, scene)


def test_an_admin_needs_no_region_and_is_not_decided_on(tmp_path: Path) -> None:
    """Whoever asked and was made an admin since, themselves too: nothing is lowered, nothing is left over."""

    async def scene(stage: Stage, bot: Running) -> None:
        sari, kate = stage.sari, stage.kate
        await stage.steps(bot, lambda: sari.sends("/myregion"))
        assert "you see every region already" in sari.said[-1]
        assert "reply_markup" not in stage.telegram.last(sari)
        await stage.asks(bot)
        bot.people.apply(lambda: bot.people.staff.give(kate.id, "Kate", Role.ADMIN, [], 1))
        await stage.steps(
            bot, lambda: kate.sends("/queue"), lambda: kate.presses("Requests (1)"), lambda: kate.presses("No. 1")
        )
        assert "there is nothing to decide" in stage.shown(kate)[-1]
        assert stage.labels(kate) == ["Close", "‹ To the queue"]
        for verb in ("a", "y"):
            await stage.steps(bot, lambda verb=verb: sari.press_data(f"1re:{verb}:1", stage.telegram.last(sari)))  # type: ignore[misc]
            assert bot.people.staff.role(kate.id) == Role.ADMIN
        await stage.steps(bot, lambda: kate.presses("Close"))
        assert bot.people.requests.get(1) is None

    staged(tmp_path, scene)


@pytest.mark.parametrize(("role", "left"), [(Role.OFFICER, [2]), (Role.ADMIN, [])])
def test_an_invitation_meets_what_was_asked_for_and_follows_the_region(
    tmp_path: Path, role: Role, left: list[int]
) -> None:
    async def scene(stage: Stage, bot: Running) -> None:
        kate = stage.kate
        for region in (KLATEN, BLORA):
            bot.people.requests.send(replace(ASKED, user_id=kate.id, region=region), region)
        regions = [KLATEN] if role == Role.OFFICER else []
        _, payload = bot.people.invitations.create(role, regions, 1)
        await stage.steps(bot, lambda: kate.starts(payload))
        assert [one.id for one in bot.people.requests.open()] == left
        assert bot.people.follows.of(kate.id) == [f"region:{code}" for code in regions]

    staged(tmp_path, scene)


def test_an_officer_whose_role_ends_meanwhile_keeps_what_they_asked_for_and_no_more(tmp_path: Path) -> None:
    async def scene(stage: Stage, bot: Running) -> None:
        sari, kate = stage.sari, stage.kate
        bot.people.apply(lambda: bot.people.staff.give(kate.id, "Kate", Role.OFFICER, [KLATEN], 1))
        await stage.asks(bot, "Blora")
        await stage.steps(bot, lambda: kate.sends("/myregion"), lambda: kate.presses("Give up a region"))
        member = bot.people.staff.member(kate.id)
        assert member
        bot.people.staff.revoke(member.id)
        await stage.steps(bot, lambda: kate.presses("Yes, give it up"))
        assert stage.toast() == "You do not have the role for this (any more)."
        await stage.steps(bot, lambda: kate.sends("/myregion"))
        assert "For those who work for a regency" in kate.said[-1]
        assert "No. 1, Blora Regency: waits for an admin" in kate.said[-1]
        steps = ("Open the request", "Approve", "Yes, approve")
        await stage.steps(bot, *(lambda label=label: sari.presses(label) for label in steps))
        member = bot.people.staff.member(kate.id)
        assert member
        assert member.regions == (BLORA,)

    staged(tmp_path, scene)


def test_a_request_is_only_ones_own_to_withdraw_or_add_to(tmp_path: Path) -> None:
    async def scene(stage: Stage, bot: Running) -> None:
        kate, budi = stage.kate, stage.telegram.user("Budi", language="en")
        await stage.asks(bot)
        await stage.steps(bot, lambda: budi.sends("/myregion"))
        below = stage.telegram.last(budi)
        for verb in ("w", "y", "l"):
            await stage.steps(bot, lambda verb=verb: budi.press_data(f"1me:{verb}:1", below))  # type: ignore[misc]
        draft = bot.people.drafts.of(kate.id)[0].id
        for verb in ("s", "x", "n", "c", f"g:{draft}:{KLATEN}"):
            data = f"1me:{verb}" if ":" in verb else f"1me:{verb}:{draft}"
            await stage.steps(bot, lambda data=data: budi.press_data(data, below))  # type: ignore[misc]
        assert [one.id for one in bot.people.requests.open()] == [1]
        assert [draft.user_id for draft in bot.people.drafts.of(kate.id)] == [kate.id]
        assert bot.people.drafts.of(budi.id) == []

    staged(tmp_path, scene)


def test_an_officer_gives_up_only_regions_of_their_own(tmp_path: Path) -> None:
    async def scene(stage: Stage, bot: Running) -> None:
        kate = stage.kate
        bot.people.apply(lambda: bot.people.staff.give(kate.id, "Kate", Role.OFFICER, [KLATEN, BLORA], 1))
        await stage.steps(bot, lambda: kate.sends("/myregion"))
        below = stage.telegram.last(kate)
        for verb in ("u", "z"):
            await stage.steps(bot, lambda verb=verb: kate.press_data(f"1me:{verb}:33.20", below))  # type: ignore[misc]
            assert "This is not one of your regions (any more)." in stage.shown(kate)
        steps = (lambda: kate.sends("/myregion"), lambda: kate.presses("Give up a region"))
        await stage.steps(bot, *steps, lambda: kate.presses("Klaten"), lambda: kate.presses("Yes, give it up"))
        member = bot.people.staff.member(kate.id)
        assert member
        assert member.regions == (BLORA,)

    staged(tmp_path, scene)


def test_whoever_has_blocked_the_bot_is_approved_and_the_admin_knows(tmp_path: Path) -> None:
    async def scene(stage: Stage, bot: Running) -> None:
        sari, kate = stage.sari, stage.kate
        await stage.asks(bot)
        steps = ("Open the request", "Approve", "Yes, approve")
        await stage.steps(bot, kate.blocks, *(lambda label=label: sari.presses(label) for label in steps))
        assert bot.people.staff.role(kate.id) == Role.OFFICER
        assert stage.shown(sari)[-1].endswith("Whoever asked has blocked me, and cannot be told.")

    staged(tmp_path, scene)


def test_nothing_of_it_works_in_a_group(tmp_path: Path) -> None:
    async def scene(stage: Stage, bot: Running) -> None:
        kate, group = stage.kate, stage.telegram.group("Warga")
        await stage.asks(bot)
        await stage.steps(bot, lambda: kate.sends("/myregion", to=group))
        assert stage.telegram.said(group) == ["Please send me /myregion in a private chat."]
        before = "\n".join(bot.people._connection._used.iterdump())
        for verb in "hwybcxepgnsl":
            await stage.steps(bot, lambda verb=verb: kate.press_data(f"1me:{verb}:1", stage.telegram.last(group)))  # type: ignore[misc]
            assert stage.toast() == "This works only in a private chat with me."
        after = "\n".join(bot.people._connection._used.iterdump())
        assert [line for line in after.splitlines() if line not in before.splitlines() and '"inbox"' not in line] == []

    staged(tmp_path, scene)


NONSENSE = ("", ":", ":1", ":2:x", ":999999999", ":-1", ":1:99.99", ":²:33.10", ":1:a", ":33", ":1:office:x", ":😀")


def test_forged_buttons_are_no_error_and_keep_nothing(tmp_path: Path) -> None:
    async def scene(stage: Stage, bot: Running) -> None:
        kate = stage.kate
        await stage.steps(bot, lambda: kate.sends("/myregion"))
        for data in [
            f"1m{language}:{verb}{tail}" for language in "ie" for verb in "hwybcxepgnslkuz" for tail in NONSENSE
        ]:
            kate.press_data(data, stage.telegram.last(kate))
        await bot.settles()
        assert "error" not in bot.outcomes()
        assert bot.people.requests.open() == []
        assert [draft.data for draft in bot.people.drafts.of(kate.id) if draft.data.get("region")] == []

    staged(tmp_path, scene)


@pytest.mark.parametrize("text", ["send", "Head of section", "ok", "kirim"])
def test_words_below_the_summary_do_not_send_it_and_it_is_said(tmp_path: Path, text: str) -> None:
    async def scene(stage: Stage, bot: Running) -> None:
        kate = stage.kate
        await stage.steps(bot, *stage.writing(), lambda: kate.presses("Without a letter"), lambda: kate.sends(text))
        assert kate.said[-1].startswith("❗ Your request is not sent yet. To send it, press “Send it” below.")
        assert stage.labels(kate)[0] == "Send it"
        assert (bot.people.requests.open(), bot.people.queue.rows()) == ([], [])
        await stage.steps(bot, lambda: kate.sends("is Klaten a participant?"))
        assert kate.said[-2].startswith("Yes, Klaten Regency")
        assert "not sent yet" in kate.said[-1]
        await stage.steps(bot, lambda: kate.presses("Go on"), lambda: kate.presses("Send it"))
        assert [one.id for one in bot.people.requests.open()] == [1]

    staged(tmp_path, scene)


@pytest.mark.parametrize("steps", range(2, 8))
def test_the_word_alone_stops_a_request_at_any_step(tmp_path: Path, steps: int) -> None:
    async def scene(stage: Stage, bot: Running) -> None:
        kate = stage.kate
        whole = [*stage.writing(), lambda: kate.presses("Without a letter")]
        await stage.steps(bot, *whole[:steps], lambda: kate.sends("Batal"))
        assert kate.said[-1] == "Stopped. What was half-finished is dropped; nothing was changed."
        assert bot.people.drafts.of(kate.id) == []

    staged(tmp_path, scene)


def test_a_request_keeps_its_language_whatever_is_asked_in_between(tmp_path: Path) -> None:
    async def scene(stage: Stage, bot: Running) -> None:
        kate = stage.telegram.user("Nia", language="en")
        steps = [*stage.writing(who=kate)[:4], lambda: kate.sends("apakah Klaten peserta?")]
        await stage.steps(bot, *steps)
        assert kate.said[-2].startswith("Ya, Kabupaten Klaten")
        assert kate.said[-1].startswith("Your request is kept.")
        await stage.steps(bot, lambda: kate.sends("Diskominfo"))
        assert kate.said[-1].startswith("What is your position there?")

    staged(tmp_path, scene)


def test_what_cannot_be_read_is_answered_with_the_step(tmp_path: Path) -> None:
    async def scene(stage: Stage, bot: Running) -> None:
        kate = stage.kate
        await stage.steps(bot, *stage.writing()[:4], kate.sends_voice)
        assert kate.said[-1].startswith("I can only read text here; please type it.")
        assert "What is the name of your office?" in kate.said[-1]
        await stage.steps(bot, *stage.writing()[4:], lambda: kate.presses("Without a letter"), kate.sends_sticker)
        assert kate.said[-1].startswith("A letter is a document or a photo.")
        assert stage.labels(kate)[0] == "Send it"

    staged(tmp_path, scene)


def test_who_decided_is_told_in_the_language_of_whoever_reads(tmp_path: Path) -> None:
    async def scene(stage: Stage, bot: Running) -> None:
        sari, rina = stage.sari, stage.rina
        await stage.asks(bot)
        await stage.steps(bot, lambda: rina.presses("Open the request"))
        steps = ("Open the request", "Approve", "Yes, approve")
        await stage.steps(bot, *(lambda label=label: sari.presses(label) for label in steps))
        below = stage.telegram.last(rina)
        await stage.steps(bot, lambda: rina.press_data("1ri:v:1", below))
        assert "disetujui oleh pemilik 1" in stage.shown(rina)[-1]

    staged(tmp_path, scene)
