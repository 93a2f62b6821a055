"""The queue in the chat: who may use it, who is told what, and that neither a kill nor a second admin does harm."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from running import Running, play, running

from handlers.fake_telegram import FakeTelegram, User
from handlers.people import People
from handlers.people.impersonal import today
from handlers.people.reports import Report
from handlers.people.staff import Role
from handlers.service import running as service
from handlers.service import timers
from handlers.staff import reports, telling
from knowledge import history
from knowledge.changes import Change, RowChange
from knowledge.editing import blank
from knowledge.writer import Writer

QUESTION, MEANT = "did Kota Kasunanan join?", "Surakarta City (Central Java) took part"
TELL_ME = "Tell me when"
NAMES = ("Annika", "Bobby", "Cemara")
Json = dict[str, Any]


class Scene:
    """A Telegram with an admin and some people who ask."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.telegram = FakeTelegram()
        self.sari = self.telegram.user("Sari", language="en")
        self.asking = [self.telegram.user(name, language="en") for name in NAMES]

    def running(self) -> Any:
        """The bot at work."""
        return running(self.telegram, self.folder, owner_ids=(self.sari.id,))

    async def wait_for_answers(self, bot: Running) -> None:
        """Everybody asks and wants to be told."""
        for person in self.asking:
            person.sends(QUESTION)
        await bot.settles()
        for person in self.asking:
            person.presses(TELL_ME)
        await bot.settles()

    async def propose(self, bot: Running, admin: User | None = None) -> None:
        """The admin goes as far as the preview of a new name."""
        admin = admin or self.sari
        steps: list[Callable[[], object]] = [
            lambda: admin.sends("/queue"),
            lambda: admin.presses(QUESTION),
            lambda: admin.presses("It is another name"),
            lambda: admin.sends("surakarta"),
            lambda: admin.presses("Surakarta City"),
            lambda: admin.presses("Kasunanan"),
            lambda: admin.presses("A nickname"),
        ]
        for step in steps:
            step()
            await bot.settles()


def told(person: User) -> int:
    """How often somebody was told the answer."""
    return sum("Now I can answer it." in text and MEANT in text for text in person.said)


def test_everybody_who_waits_is_told_once_and_waits_no_more(tmp_path: Path) -> None:
    async def scene() -> None:
        stage = Scene(tmp_path)
        async with stage.running() as bot:
            await stage.wait_for_answers(bot)
            await stage.propose(bot)
            stage.sari.presses("Yes, do it")
            await bot.settles()
            assert [told(person) for person in stage.asking] == [1, 1, 1]
            assert bot.people.queue.waiting() == []
            assert "3 people who waited" in stage.sari.said[-1]

    play(scene)


def test_whoever_blocked_the_bot_or_had_everything_deleted_is_left_alone(tmp_path: Path) -> None:
    async def scene() -> None:
        stage = Scene(tmp_path)
        ann, bob, cem = stage.asking
        async with stage.running() as bot:
            await stage.wait_for_answers(bot)
            ann.blocks()
            bob.sends("/deleteme")
            await bot.settles()
            bob.presses("Yes, delete")
            await bot.settles()
            await stage.propose(bot)
            stage.sari.presses("Yes, do it")
            await bot.settles()
            assert [told(person) for person in (ann, bob, cem)] == [0, 0, 1]
            assert bot.people.queue.waiting() == []

    play(scene)


@pytest.mark.parametrize("sent", [False, True], ids=["before it is sent", "before it is written down"])
def test_stopped_while_it_tells_people_it_forgets_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: bool
) -> None:
    """Only the one message that was under way may come twice."""
    really, count = telling._send, [0]

    async def stuck(*arguments: Any) -> bool:
        count[0] += 1
        if count[0] != 2:
            return await really(*arguments)
        if sent:
            await really(*arguments)
        await asyncio.Event().wait()
        return False

    async def scene() -> None:
        stage = Scene(tmp_path)
        async with stage.running() as bot:
            await stage.wait_for_answers(bot)
            await stage.propose(bot)
            stage.sari.presses("Yes, do it")
            await stage.telegram.until(lambda: count[0] == 2, timeout=20)
        assert [told(person) for person in stage.asking] == [1, int(sent), 0]
        async with stage.running() as bot:
            await bot.settles()
            assert [told(person) for person in stage.asking] == [1, 1 + int(sent), 1]
            assert bot.people.queue.waiting() == []
            assert len([e for e in history.entries(tmp_path) if e.kind == "alias"]) == 1
            stage.sari.sends("/queue")
            await bot.settles()
            assert "Nothing waits for a decision." in stage.sari.said[-1]

    monkeypatch.setattr(telling, "_send", stuck)
    monkeypatch.setattr(service, "GRACE", 0.1)
    play(scene)


def test_whoever_waits_is_told_of_an_answer_that_came_another_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process adds the name; the bot follows, and tells."""
    monkeypatch.setattr(timers, "FOLLOW_SECONDS", 0.05)
    monkeypatch.setattr(timers, "CATCH_UP_SECONDS", 0.05)

    async def scene() -> None:
        stage = Scene(tmp_path)
        async with stage.running() as bot:
            await stage.wait_for_answers(bot)
            row = RowChange("aliases", None, blank("aliases", region_code="33.72", alias="Kasunanan", kind="nickname"))
            with Writer(tmp_path) as writer:
                writer.commit(Change("command line", "alias", "test", "test", (row,)))
            await stage.telegram.until(lambda: not bot.people.queue.waiting(), timeout=20)
            assert [told(person) for person in stage.asking] == [1, 1, 1]

    play(scene)


def test_pressed_after_the_answer_is_known_the_button_answers(tmp_path: Path) -> None:
    async def scene() -> None:
        stage = Scene(tmp_path)
        ann = stage.asking[0]
        async with stage.running() as bot:
            ann.sends(QUESTION)
            await bot.settles()
            await stage.propose(bot)
            stage.sari.presses("Yes, do it")
            await bot.settles()
            ann.presses(TELL_ME)
            await bot.settles()
            assert MEANT in ann.said[-1]
            assert bot.people.queue.waiting() == []

    play(scene)


def test_groups_are_not_offered_to_be_told(tmp_path: Path) -> None:
    async def scene() -> None:
        stage = Scene(tmp_path)
        group = stage.telegram.group("Citizens")
        async with stage.running() as bot:
            stage.asking[0].sends(f"/ask {QUESTION}", to=group)
            await bot.settles()
            labels = [
                label for m in stage.telegram.messages(group) for row in stage.telegram.buttons(m) for label in row
            ]
            assert [label for label in labels if label.startswith(TELL_ME)] == []

    play(scene)


# --------------------------------------------------------------------------------------------------------------- admins


def test_two_admins_at_once_do_not_do_it_twice(tmp_path: Path) -> None:
    async def scene() -> None:
        stage = Scene(tmp_path)
        putu = stage.telegram.user("Putu", language="en")
        async with stage.running() as bot:
            bot.people.apply(lambda: bot.people.staff.give(putu.id, "Putu", Role.ADMIN, (), None))
            await stage.wait_for_answers(bot)
            for admin in (stage.sari, putu):
                await stage.propose(bot, admin)
            stage.sari.presses("Yes, do it")
            await bot.settles()
            putu.presses("Yes, do it")
            await bot.settles()
            assert "changed by somebody else" in putu.said[-1]
            assert [told(person) for person in stage.asking] == [1, 1, 1]
            assert len([e for e in history.entries(tmp_path) if e.kind == "alias"]) == 1

    play(scene)


def test_a_role_that_is_taken_away_ends_what_was_begun(tmp_path: Path) -> None:
    async def scene() -> None:
        stage = Scene(tmp_path)
        putu = stage.telegram.user("Putu", language="en")
        async with stage.running() as bot:
            bot.people.apply(lambda: bot.people.staff.give(putu.id, "Putu", Role.ADMIN, (), None))
            stage.asking[0].sends(QUESTION)
            await bot.settles()
            await stage.propose(bot, putu)
            member = bot.people.staff.member(putu.id)
            assert member
            bot.people.staff.revoke(member.id)
            putu.presses("Yes, do it")
            await bot.settles()
            assert bot.outcomes()[-1] == "refused"
            assert len(history.entries(tmp_path)) == 1

    play(scene)


def test_what_is_half_finished_is_gone_after_a_day(tmp_path: Path) -> None:
    async def scene() -> None:
        stage = Scene(tmp_path)
        async with stage.running() as bot:
            stage.asking[0].sends(QUESTION)
            await bot.settles()
            await stage.propose(bot)
            bot.people._connection.execute("update drafts set expires_at = expires_at - 86401")
            stage.sari.presses("Yes, do it")
            await bot.settles()
            assert "older than a day" in stage.sari.said[-1]
            assert len(history.entries(tmp_path)) == 1

    play(scene)


def test_the_names_of_those_who_ask_are_in_no_message_to_admins_and_not_in_the_knowledge(tmp_path: Path) -> None:
    async def scene() -> None:
        stage = Scene(tmp_path)
        async with stage.running() as bot:
            await stage.wait_for_answers(bot)
            await stage.propose(bot)
            stage.sari.presses("Yes, do it")
            await bot.settles()
            seen = "\n".join(stage.sari.said)
            who = [*NAMES, *(str(person.id) for person in stage.asking)]
            assert [found for found in who if found in seen] == []
            stored = (tmp_path / "knowledge.db").read_bytes()
            assert [found for found in who if found.encode() in stored] == []

    play(scene)


# -------------------------------------------------------------------------------------------------------------- reports


async def report(bot: Running, person: User) -> None:
    """Somebody reports the answer about Klaten."""
    person.sends("Is Klaten a participant?")
    await bot.settles()
    person.presses("Something wrong?")
    await bot.settles()
    person.presses("Out of date")
    await bot.settles()


def test_a_report_says_who_by_role_alone_and_what_the_answer_rests_on(tmp_path: Path) -> None:
    async def scene() -> None:
        stage = Scene(tmp_path)
        ann, bob, _ = stage.asking
        async with stage.running() as bot:
            bot.people.apply(lambda: bot.people.staff.give(bob.id, "Bob", Role.OFFICER, ("33.10",), None))
            for person in (ann, bob):
                await report(bot, person)
            first, second = bot.people.reports.open()
            assert (first.role, second.role) == ("citizen", "officer 33.10")
            assert "P-33.10-2019" in first.claims
            assert [found for found in (*NAMES, str(ann.id), str(bob.id)) if found in f"{first} {second}"] == []

    play(scene)


def test_a_rejected_report_is_told_once_and_nobody_after_deleteme(tmp_path: Path) -> None:
    async def scene() -> None:
        stage = Scene(tmp_path)
        ann, bob, _ = stage.asking
        async with stage.running() as bot:
            for person in (ann, bob):
                await report(bot, person)
            bob.sends("/deleteme")
            await bot.settles()
            bob.presses("Yes, delete")
            await bot.settles()
            for number in (1, 2):
                for press in ("/queue", "Reports (", f"No. {number}", "Reject"):
                    stage.sari.sends(press) if press.startswith("/") else stage.sari.presses(press)
                    await bot.settles()
                stage.sari.sends("The lists of 2019 say so.")
                await bot.settles()
                stage.sari.presses("Send")
                await bot.settles()
            assert sum("The lists of 2019 say so." in text for text in ann.said) == 1
            assert sum("The lists of 2019 say so." in text for text in bob.said) == 0
            assert [r.state for r in bot.people.reports.all()] == ["rejected", "rejected"]

    play(scene)


def test_whoever_reported_is_told_what_bot_py_queue_decided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        stage = Scene(tmp_path)
        ann = stage.asking[0]
        async with stage.running() as bot:
            await report(bot, ann)
            (made,) = bot.people.reports.open()
            reports.reject(bot.people, made, "The lists say so.", "command line")
            await stage.telegram.until(lambda: any("The lists say so." in text for text in ann.said), timeout=20)
            assert bot.people.settings(reports.OWED) == {}

    monkeypatch.setattr(timers, "CATCH_UP_SECONDS", 0.05)
    play(scene)


def test_accepting_leads_to_what_the_answer_rests_on_and_is_told(tmp_path: Path) -> None:
    async def scene() -> None:
        stage = Scene(tmp_path)
        ann = stage.asking[0]
        async with stage.running() as bot:
            await report(bot, ann)
            for press in ("/queue", "Reports (", "No. 1", "Accept"):
                stage.sari.sends(press) if press.startswith("/") else stage.sari.presses(press)
                await bot.settles()
            labels = [row[0] for row in stage.telegram.buttons(stage.telegram.last(stage.sari))]
            assert labels[0].startswith("P-33.10-2019")
            stage.sari.presses("It is corrected already")
            await bot.settles()
            assert "your report no. 1 was looked at and is settled" in ann.said[-1]
            assert "is right" not in ann.said[-1]
            assert [r.state for r in bot.people.reports.all()] == ["accepted"]

    play(scene)


def test_a_correction_is_told_in_the_language_of_whoever_reported_it() -> None:
    before = {"id": "F001", "text_id": "lama", "text_en": "old", "status": "stated"}
    rows = [
        RowChange("claims", before, {**before, "text_id": "baru", "text_en": "new"}),
        RowChange("sources", None, {"id": "new-2026", "title": "Something"}),
    ]
    assert reports.differences(rows, "en") == [("old", "new")]
    assert reports.differences(rows, "id") == [("lama", "baru")]


def corrections(bot: Running) -> list[str]:
    """What the reports say is right."""
    return [report.note for report in reversed(bot.people.reports.all())]


@pytest.mark.parametrize("reason", ["", "The facts are wrong"], ids=["before a reason", "after a reason"])
def test_what_is_right_is_taken_without_a_reply_after_a_restart_too(tmp_path: Path, reason: str) -> None:
    async def scene() -> None:
        stage = Scene(tmp_path)
        ann = stage.asking[0]
        async with stage.running() as bot:
            for press in filter(None, ("Something wrong?", reason)):
                if press == "Something wrong?":
                    ann.sends("Is Klaten a participant?")
                    await bot.settles()
                ann.presses(press)
                await bot.settles()
        async with stage.running() as bot:
            ann.sends("It was on 16 May in Bandung")
            await bot.settles()
            assert corrections(bot) == ["It was on 16 May in Bandung"]
            assert bot.people.queue.rows() == []
            ann.sends("what colour is zorgon?")
            await bot.settles()
            assert corrections(bot) == ["It was on 16 May in Bandung"]
            assert len(bot.people.queue.rows()) == 1

    play(scene)


@pytest.mark.parametrize(
    "text",
    [
        "Klaten did not join",
        "the date is 16 May",
        "it is Bandung, see https://example.org/?a",
        "who knows: www.example.org",
    ],
)
def test_what_tells_something_is_no_question(tmp_path: Path, text: str) -> None:
    async def scene() -> None:
        stage = Scene(tmp_path)
        ann = stage.asking[0]
        async with stage.running() as bot:
            await report(bot, ann)
            ann.sends(text)
            await bot.settles()
            assert len(corrections(bot)) == 1
            assert corrections(bot)[0].startswith(text[:10])

    play(scene)


@pytest.mark.parametrize("text", ["is Blora a participant", "siapa bupati klaten", "blora ikut nggak ya min", "solo?"])
def test_a_question_amid_a_report_is_answered_and_a_reply_still_adds_to_it(tmp_path: Path, text: str) -> None:
    async def scene() -> None:
        stage = Scene(tmp_path)
        ann = stage.asking[0]
        async with stage.running() as bot:
            await report(bot, ann)
            ann.sends(text)
            await bot.settles()
            assert corrections(bot) == [""]
            assert "answered" in bot.outcomes()
            ann.sends("is Bandung right?", reply_to=stage.telegram.last(ann))
            await bot.settles()
            assert corrections(bot) == ["is Bandung right?"]
            ann.sends("zorgon blimpat")
            await bot.settles()
            assert corrections(bot) == ["is Bandung right?"]

    play(scene)


def test_what_is_typed_after_a_reply_to_the_prompt_is_a_question_again(tmp_path: Path) -> None:
    async def scene() -> None:
        stage = Scene(tmp_path)
        ann = stage.asking[0]
        async with stage.running() as bot:
            ann.sends("Is Klaten a participant?")
            await bot.settles()
            ann.presses("Something wrong?")
            await bot.settles()
            for text, to in (("it was 16 May", stage.telegram.last(ann)), ("zorgon blimpat", None)):
                ann.sends(text, reply_to=to)
                await bot.settles()
            assert corrections(bot) == ["it was 16 May"]
            assert sum("Report no. 1 is noted" in text for text in ann.said) == 1

    play(scene)


def test_a_command_ends_the_report(tmp_path: Path) -> None:
    async def scene() -> None:
        stage = Scene(tmp_path)
        ann = stage.asking[0]
        async with stage.running() as bot:
            await report(bot, ann)
            for text in ("/about", "zorgon blimpat"):
                ann.sends(text)
                await bot.settles()
            assert corrections(bot) == [""]
            assert len(bot.people.queue.rows()) == 1

    play(scene)


def test_an_edit_of_what_is_right_edits_the_report(tmp_path: Path) -> None:
    async def scene() -> None:
        stage = Scene(tmp_path)
        ann = stage.asking[0]
        async with stage.running() as bot:
            await report(bot, ann)
            sent = ann.sends("it was 15 May")
            await bot.settles()
            ann.edits(sent, "it was 16 May")
            await bot.settles()
            assert corrections(bot) == ["it was 16 May"]

    play(scene)


# ------------------------------------------------------------------------------------------------------------ rejecting


async def reject(stage: Scene, bot: Running) -> None:
    """The admin goes as far as the question for a reason."""
    await report(bot, stage.asking[0])
    for press in ("/queue", "Reports (", "No. 1", "Reject"):
        stage.sari.sends(press) if press.startswith("/") else stage.sari.presses(press)
        await bot.settles()


@pytest.mark.parametrize("command", ["/manage klaten", "/start", "/unheard-of"])
def test_after_any_command_a_text_is_a_question_again(tmp_path: Path, command: str) -> None:
    async def scene() -> None:
        stage = Scene(tmp_path)
        async with stage.running() as bot:
            await reject(stage, bot)
            for text in (command, "is Blora a participant?"):
                stage.sari.sends(text)
                await bot.settles()
            assert "Blora Regency" in stage.sari.said[-1]
            assert [r.state for r in bot.people.reports.all()] == ["open"]
            assert not any("Blora" in text for text in stage.asking[0].said)

    play(scene)


def test_the_reason_is_shown_before_it_is_sent(tmp_path: Path) -> None:
    async def scene() -> None:
        stage = Scene(tmp_path)
        ann = stage.asking[0]
        async with stage.running() as bot:
            await reject(stage, bot)
            stage.sari.sends("The lsits say so.")
            await bot.settles()
            assert "The lsits say so." in stage.sari.said[-1]
            assert [r.state for r in bot.people.reports.all()] == ["open"]
            stage.sari.presses("Change it")
            await bot.settles()
            stage.sari.sends("The lists say so.")
            await bot.settles()
            stage.sari.presses("Send")
            await bot.settles()
            assert [text for text in ann.said if "say so" in text and "lsits" in text] == []
            assert "The lists say so." in ann.said[-1]

    play(scene)


def test_a_rejection_that_is_cancelled_leaves_the_report_open(tmp_path: Path) -> None:
    async def scene() -> None:
        stage = Scene(tmp_path)
        async with stage.running() as bot:
            await reject(stage, bot)
            stage.sari.presses("Cancel")
            await bot.settles()
            assert [r.state for r in bot.people.reports.all()] == ["open"]
            assert bot.people.drafts.of(stage.sari.id) == []

    play(scene)


def test_a_report_is_open_again_once_its_change_is_taken_back(tmp_path: Path) -> None:
    people = People(tmp_path)
    made = Report(1, today(), "en", "f", "Klaten?", "yes", "")
    people.apply(lambda: people.reports.add(made, 5), lambda: people.reports.decide(1, "accepted", "admin 1", change=7))
    assert (people.reports.settled_by(7), people.reports.settled_by(8)) == ([1], [])
    people.apply(lambda: people.reports.reopen(1))
    assert [report.id for report in people.reports.open()] == [1]
    assert people.reports.settled_by(7) == []


def test_reports_that_no_change_settled_are_settled_by_none(tmp_path: Path) -> None:
    people = People(tmp_path)
    made = Report(1, today(), "en", "f", "Klaten?", "yes", "")
    people.apply(lambda: people.reports.add(made, 5), lambda: people.reports.decide(1, "accepted", "admin 1"))
    assert people.reports.settled_by(0) == []


# --------------------------------------------------------------------------------------------------------- other things


def test_what_admins_type_is_neither_kept_nor_counted_where_it_finds_no_answer(tmp_path: Path) -> None:
    async def scene() -> None:
        stage = Scene(tmp_path)
        async with stage.running() as bot:
            for person in (stage.sari, stage.asking[0]):
                person.sends("zorgon blimpat")
                await bot.settles()
            assert len(bot.people.queue.rows()) == 1
            counted = bot.people._connection.execute(
                "select sum(times) from tally where outcome = 'unknown'"
            ).fetchone()
            assert counted == (1,)

    play(scene)


def test_what_is_ignored_can_be_put_back_with_all_its_wordings(tmp_path: Path) -> None:
    async def scene() -> None:
        stage = Scene(tmp_path)
        async with stage.running() as bot:
            for person, text in zip(stage.asking, ("what colour is zorgon?", "zorgon colour?"), strict=False):
                person.sends(text)
                await bot.settles()
            before = {row.meaning for row in bot.people.queue.rows()}
            for press in ("/queue", "what colour", "Ignore for good", "Yes, do it"):
                stage.sari.sends(press) if press.startswith("/") else stage.sari.presses(press)
                await bot.settles()
            assert bot.people.queue.rows() == []
            stage.sari.presses("Put it back")
            await bot.settles()
            assert {row.meaning for row in bot.people.queue.rows()} == before
            assert bot.people.queue.decisions() == []

    play(scene)


def test_a_name_is_offered_with_its_type_and_with_capital_letters(tmp_path: Path) -> None:
    async def scene() -> None:
        stage = Scene(tmp_path)
        async with stage.running() as bot:
            stage.asking[0].sends("apakah kota zorgon ikut?")
            await bot.settles()
            for press in ("/queue", "apakah kota", "It is another name", "klaten", "Klaten Regency"):
                stage.sari.sends(press) if press in ("/queue", "klaten") else stage.sari.presses(press)
                await bot.settles()
            labels = [row[0] for row in stage.telegram.buttons(stage.telegram.last(stage.sari))]
            assert labels == ["Kota Zorgon", "Zorgon", "Cancel"]
            stage.sari.sends("Negeri Zorgon")
            await bot.settles()
            stage.sari.presses("A nickname")
            await bot.settles()
            assert '"Negeri Zorgon" is another name of Klaten Regency.' in stage.sari.said[-1]

    play(scene)


def test_a_region_that_is_typed_is_what_an_answer_is_about(tmp_path: Path) -> None:
    async def scene() -> None:
        stage = Scene(tmp_path)
        async with stage.running() as bot:
            stage.asking[0].sends("who composed the zorgon anthem of Klaten?")
            await bot.settles()
            stage.sari.sends("/queue")
            await bot.settles()
            for press in ("who composed", "Write the answer"):
                stage.sari.presses(press)
                await bot.settles()
            for text in ("Lagu zorgon.", "The zorgon anthem.", "xyzzy qwerty", "kediri", "sragen"):
                stage.sari.sends(text)
                await bot.settles()
                if text == "xyzzy qwerty":
                    assert "I know of no such region." in stage.sari.said[-1]
                if text == "kediri":
                    labels = [row[0] for row in stage.telegram.buttons(stage.telegram.last(stage.sari))]
                    assert {"Kediri Regency", "Kediri City"} <= set(labels)
            (draft,) = bot.people.drafts.of(stage.sari.id)
            assert draft.data["subject"] == "33.14"

    play(scene)
