"""Notices to followers: written in two languages, shown as they will look, sent once to those they are for, watched, stopped."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import clock
import pytest
from running import Running, play, running
from telegram import Chat, Message, MessageEntity
from telegram.constants import MessageEntityType

from handlers.fake_telegram import FakeTelegram, User
from handlers.notices.announcing import LANGUAGES, as_read, most, too_many, written
from handlers.notices.audience import reach, subjects
from handlers.notices.progress import lasting
from handlers.people import People
from handlers.rendering import speech
from handlers.rendering.telegram import MAX_LENGTH, visible_length
from handlers.shared.buttons import StaleButton
from knowledge.model import Language
from knowledge.snapshot import Snapshot

KLATEN, SURABAYA = "region:33.10", "region:35.78"
TEXT_ID, TEXT_EN = "Lokakarya Senin depan: https://layanan.example/daftar", "Workshop next Monday: https://layanan.example/register"  # fmt: skip
NOON = datetime(2026, 11, 25, 5, tzinfo=UTC)
"""Noon in Jakarta, when nobody sleeps who said nothing else."""
NIGHT = datetime(2026, 11, 25, 16, tzinfo=UTC)
"""23:00 in Jakarta."""
MORNING = datetime(2026, 11, 26, 0, 1, tzinfo=UTC)
"""A minute after 7:00 there."""
s = speech("en")


class Desk:
    """Sari, an admin who reads English, and what she does."""

    def __init__(self, bot: Running, sari: User, other: User) -> None:
        self.bot, self.telegram, self.sari, self.other = bot, bot.telegram, sari, other

    def follows(self, *subjects: str, language: str = "id") -> User:
        """Somebody new who follows some subjects and has no quiet hours."""
        user = self.telegram.user("Reader")
        user.sends("/start")  # a bot can write only to those who began
        people = self.bot.people
        for subject in subjects:
            people.apply(lambda subject=subject: people.follows.follow(user.id, subject))
        people.apply(
            lambda: people.follows.wish(user.id, quiet_from=0, quiet_to=0),
            lambda: people.profiles.set_language(user.id, language),  # type: ignore[arg-type]
        )
        return user

    async def writes(self, text: str, *, later: int = 0) -> str:
        """She sends a text, some seconds from now; the bot's last message."""
        self.sari.sends(text, date=self.telegram.now() + later)
        return await self.said()

    async def presses(self, label: str, user: User | None = None) -> str:
        """She presses the newest button that begins so; the message with the newest buttons."""
        (user or self.sari).presses(label)
        return await self.said(user)

    async def said(self, user: User | None = None) -> str:
        """The text of the last message."""
        await self.bot.settles()
        return str(self.telegram.last(user or self.sari)["text"])

    def buttons(self) -> list[str]:
        """The labels below the last message."""
        return [label for row in self.telegram.buttons(self.telegram.last(self.sari)) for label in row]

    def data(self, label: str) -> str:
        """What the button below the last message carries that begins so."""
        rows = self.telegram.last(self.sari)["reply_markup"]["inline_keyboard"]
        return next(b["callback_data"] for row in rows for b in row if b["text"].startswith(label))

    async def drafts(self) -> str:
        """Both texts are written; what stands below the previews."""
        await self.writes("/broadcast")
        await self.presses("Write a notice")
        await self.writes(TEXT_ID)
        return await self.writes(TEXT_EN)

    def text_of(self, message: dict[str, Any]) -> str:
        """What a message says by now."""
        now = self.telegram.messages(self.sari)
        return str(next(m["text"] for m in now if m["message_id"] == message["message_id"]))

    def notices(self, user: User) -> list[dict[str, Any]]:
        """The notices of the programme team that somebody has got."""
        heads = {as_read("", speech(language)).split(">")[1].split("<")[0] for language in LANGUAGES}
        return [m for m in self.telegram.messages(user) if any(head in m.get("text", "") for head in heads)]

    async def delivered(self, user: User, many: int = 1) -> list[dict[str, Any]]:
        """The same, once there are so many."""
        await self.telegram.until(lambda: len(self.notices(user)) >= many)
        return self.notices(user)

    def toast(self) -> str:
        """What the last press was answered with."""
        return str(list(self.telegram.callback_answers.values())[-1].get("text"))

    def broadcasts(self) -> list[Any]:
        """What was sent, the newest first."""
        return self.bot.people.notices.broadcasts()

    def told(self, notice_id: int) -> set[int]:
        """Who gets a notice, or would have."""
        rows = self.bot.people._connection.execute("select user_id from deliveries where notice_id = ?", (notice_id,))
        return {user_id for (user_id,) in rows}


@asynccontextmanager
async def desk(
    tmp_path: Path, telegram: FakeTelegram | None = None, sari: User | None = None, other: User | None = None,
    **settings: Any,
) -> AsyncIterator[Desk]:  # fmt: skip
    """A running bot with two owners."""
    telegram = telegram or FakeTelegram()
    sari, other = sari or telegram.user("Sari", language="en"), other or telegram.user("Tono", language="en")
    async with running(telegram, tmp_path, owner_ids=(sari.id, other.id), **settings) as bot:
        yield Desk(bot, sari, other)


def at(tmp_path: Path, scene: Callable[[Desk], Awaitable[None]], **settings: Any) -> None:
    """Play a scene at the desk."""

    async def whole() -> None:
        async with desk(tmp_path, **settings) as made:
            await scene(made)

    play(whole)


@pytest.fixture(autouse=True)
def _one_engine(one_engine: None) -> None:
    """All bots answer from one engine."""


# -------------------------------------------------------------------------------------------------------------- writing


def test_a_notice_is_written_shown_as_it_will_look_and_sent_to_those_it_is_for(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        budi, kate, other = desk.follows(KLATEN), desk.follows(KLATEN, "programme", language="en"), desk.follows(SURABAYA)  # fmt: skip
        await desk.drafts()
        previews = desk.telegram.messages(desk.sari)[-3:-1]
        assert "Everybody who follows something (3)" in desk.buttons()
        assert "Followers of programme news (1)" in desk.buttons()
        await desk.presses("Of a region")
        await desk.writes("klaten")
        assert "Klaten Regency (2)" in desk.buttons()
        assert "2 people get it." in await desk.presses("Klaten Regency (2)")
        assert "It goes to 2 people." in await desk.presses("Send to 2 people")
        (notice,) = desk.broadcasts()
        assert (notice.text_id, notice.text_en, notice.audience) == (TEXT_ID, TEXT_EN, KLATEN)
        assert desk.told(notice.id) == {budi.id, kate.id}
        for reader, preview in zip((budi, kate), previews, strict=True):
            (got,) = await desk.delivered(reader)
            assert (got["text"], got["entities"]) == (preview["text"], preview["entities"])
            assert desk.telegram.buttons(got) == desk.telegram.buttons(preview)
        assert TEXT_ID in previews[0]["text"]
        assert TEXT_EN in previews[1]["text"]
        assert "Notice of the programme team" in previews[1]["text"]
        assert desk.notices(other) == []
        told = await desk.presses("Refresh")
        assert "Done: 2 of 2 got it" in told

    at(tmp_path, scene)


def test_the_text_is_plain_whatever_it_looks_like(tmp_path: Path) -> None:
    odd = "<b>Penting</b> & <a href='x'>sini</a> @orang *tebal* &amp; </blockquote>"

    async def scene(desk: Desk) -> None:
        budi = desk.follows(KLATEN)
        await desk.writes("/broadcast")
        await desk.presses("Write a notice")
        await desk.writes(odd)
        await desk.writes(odd)
        await desk.presses("Take it as it is")
        await desk.presses("Everybody")
        await desk.presses("Send to 1 person")
        (got,) = await desk.delivered(budi)
        assert odd in got["text"]
        assert "text_link" not in {entity["type"] for entity in got["entities"]}

    at(tmp_path, scene)


def test_an_address_behind_a_word_is_written_out() -> None:
    text = "😀 Daftar di sini, lalu datang"
    link = MessageEntity(MessageEntityType.TEXT_LINK, offset=3, length=14, url="https://layanan.example/")
    chat = Chat(1, "private")
    message = Message(1, NOON, chat, text=text, entities=[link, MessageEntity("bold", 0, 2)])
    assert written(message) == "😀 Daftar di sini (https://layanan.example/), lalu datang"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_room_is_counted_as_telegram_counts(language: Language) -> None:
    told = speech(language)
    room = most(told)
    fits = "😀" * (room // 2) + "x" * (room % 2)
    assert visible_length(as_read(fits, told)) == MAX_LENGTH
    assert (too_many(fits, told), too_many(fits + "x", told), too_many("&" * room, told)) == (0, 1, 0)


def test_a_text_that_is_too_long_is_asked_for_again_and_nothing_is_lost(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        desk.follows(KLATEN)
        await desk.writes("/broadcast")
        await desk.presses("Write a notice")
        await desk.writes(TEXT_ID)
        told = await desk.writes("x" * (most(s) + 1))
        assert "1 character too long" in told
        assert str(s.number(most(s))) in told
        await desk.writes(TEXT_EN, later=3)
        await desk.presses("Everybody")
        await desk.presses("Send to 1 person")
        (notice,) = desk.broadcasts()
        assert (notice.text_id, notice.text_en) == (TEXT_ID, TEXT_EN)

    at(tmp_path, scene)


def test_a_picture_is_no_notice(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.writes("/broadcast")
        await desk.presses("Write a notice")
        desk.sari.sends_photo("Lokakarya")
        assert "A notice is text alone" in await desk.said()
        assert "English" in await desk.writes(TEXT_ID)

    at(tmp_path, scene)


def test_a_changed_text_is_shown_again_and_the_older_preview_sends_nothing(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        budi = desk.follows(KLATEN)
        await desk.drafts()
        await desk.presses("Everybody")
        older, old_button = desk.telegram.last(desk.sari), desk.data("Send to")
        await desk.presses("Change the Indonesian text")
        assert "2 people" not in await desk.writes("Yang benar: Selasa depan.")
        assert "Yang benar: Selasa depan." in desk.telegram.said(desk.sari)[-3]
        assert "Send to 1 person" in desk.buttons()  # for whom it is stays chosen
        assert desk.text_of(older) == "There is a newer preview below."
        desk.sari.press_data(old_button, older)
        await desk.bot.settles()
        assert "was changed after this" in desk.toast()
        assert desk.broadcasts() == []
        await desk.presses("Send to 1 person")
        (got,) = await desk.delivered(budi)
        assert "Yang benar: Selasa depan." in got["text"]

    at(tmp_path, scene)


def test_editing_the_message_changes_the_text(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        desk.follows(KLATEN)
        await desk.writes("/broadcast")
        await desk.presses("Write a notice")
        typed = desk.sari.sends("Lokakarya Senin")
        await desk.bot.settles()
        desk.sari.edits(typed, "Lokakarya Selasa")
        assert "English" in await desk.said()  # what is still missing
        await desk.writes(TEXT_EN)
        desk.sari.edits(typed, "Lokakarya Rabu")
        await desk.said()
        assert "Lokakarya Rabu" in desk.telegram.said(desk.sari)[-3]
        await desk.presses("Everybody")
        await desk.presses("Send to")
        assert desk.broadcasts()[0].text_id == "Lokakarya Rabu"

    at(tmp_path, scene)


def test_the_end_of_a_text_that_an_app_has_split_is_not_taken_for_the_text(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.writes("/broadcast")
        await desk.presses("Write a notice")
        long = "kata " * 1000
        desk.sari.sends(long[:4096])
        desk.sari.sends(long[4096:])
        assert "right after a text that was too long" in await desk.said()
        (draft,) = desk.bot.people.drafts.of(desk.sari.id)
        assert "text_id" not in draft.data
        assert "Now the same in English" in await desk.writes(TEXT_ID, later=3)

    at(tmp_path, scene)


@pytest.mark.parametrize("text", [".", "👍", " - ? "])
def test_a_text_without_a_word_is_no_notice(tmp_path: Path, text: str) -> None:
    async def scene(desk: Desk) -> None:
        await desk.writes("/broadcast")
        await desk.presses("Write a notice")
        told = await desk.writes(text)
        assert told.startswith("Please write it in words.")
        assert "in Indonesian" in told

    at(tmp_path, scene)


def test_a_text_in_the_other_language_is_asked_about(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        desk.follows(KLATEN)
        await desk.writes("/broadcast")
        await desk.presses("Write a notice")
        english = "All regions are invited to the workshop next Monday, and they will get a letter."
        assert "seems to be English" in await desk.writes(english)
        assert "Now the same in English" in await desk.writes(TEXT_ID)
        indonesian = "Semua daerah diundang ke lokakarya hari Senin, dan akan mendapat surat."
        assert "seems to be Indonesian" in await desk.writes(indonesian)
        old = desk.data("Take it as it is")
        await desk.presses("Take it as it is")
        assert "Whom is it for?" in await desk.said()
        desk.sari.press_data(old, desk.telegram.last(desk.sari))
        await desk.said()
        assert desk.toast() == "Already answered below."
        await desk.presses("Everybody")
        await desk.presses("Send to")
        assert [(n.text_id, n.text_en) for n in desk.broadcasts()] == [(TEXT_ID, indonesian)]

    at(tmp_path, scene)


@pytest.mark.parametrize("chosen", [False, True])
def test_words_below_the_previews_do_not_send_and_it_is_said(tmp_path: Path, chosen: bool) -> None:
    async def scene(desk: Desk) -> None:
        desk.follows(KLATEN)
        await desk.drafts()
        if chosen:
            await desk.presses("Everybody")
        assert "is not sent yet" in await desk.writes("kirim")
        assert desk.broadcasts() == []
        assert "is not sent yet" in await desk.writes("did Klaten take part?")
        assert "Klaten Regency" in desk.telegram.said(desk.sari)[-2]
        await desk.presses("Go on with the notice")
        await desk.presses("Send to" if chosen else "Everybody")

    at(tmp_path, scene)


def test_a_word_alone_stops_a_notice_and_in_a_text_it_is_part_of_it(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.writes("/broadcast")
        await desk.presses("Write a notice")
        assert "Now the same in English" in await desk.writes("Lokakarya Senin batal")
        assert (await desk.writes("Tidak jadi")).startswith("Stopped.")
        assert desk.bot.people.drafts.of(desk.sari.id) == []
        await desk.drafts()
        assert (await desk.writes("cancel")).startswith("Stopped.")
        assert desk.bot.people.drafts.of(desk.sari.id) == []

    at(tmp_path, scene)


def test_a_notice_being_written_keeps_its_language(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.writes("/siaran")
        await desk.presses("Write a notice")
        desk.bot.people.apply(lambda: desk.bot.people.profiles.set_language(desk.sari.id, "id"))
        assert "Now the same in" in await desk.writes(TEXT_ID)
        assert "Whom is it for?" in await desk.writes(TEXT_EN)

    at(tmp_path, scene)


def test_a_half_written_notice_outlives_a_restart(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        async with desk(tmp_path, telegram) as before:
            await before.writes("/broadcast")
            await before.presses("Write a notice")
            await before.writes(TEXT_ID)
        async with desk(tmp_path, telegram, sari=before.sari, other=before.other) as after:
            await after.writes("/broadcast")
            assert "English" in await after.presses("Go on with the unfinished one")
            await after.writes(TEXT_EN)
            assert TEXT_ID in after.telegram.said(after.sari)[-3]

    play(scene)


# ------------------------------------------------------------------------------------------------------------- for whom


def test_who_is_meant(snapshot: Snapshot) -> None:
    assert subjects("all", snapshot) is None
    assert subjects("programme", snapshot) == {"programme"}
    assert subjects(KLATEN, snapshot) == {KLATEN}
    assert subjects("province:31", snapshot) == {f"region:{r.code}" for r in snapshot.regencies if r.code[:2] == "31"}
    cohort = subjects("cohort:2019", snapshot)
    assert cohort is not None
    assert {"cohort:2019", KLATEN} <= cohort
    assert SURABAYA not in cohort


@pytest.mark.parametrize("odd", ["", "region:99.99", "region:33", "province:33.10", "province:", "cohort:1999", "cohort:²", "x:33"])  # fmt: skip
def test_nobody_is_meant_by_what_is_not_known(odd: str, snapshot: Snapshot) -> None:
    with pytest.raises(StaleButton):
        subjects(odd, snapshot)


def test_those_are_counted_who_can_be_reached_and_want_it(tmp_path: Path, snapshot: Snapshot) -> None:
    people = People(tmp_path)

    def follow(user_id: int, *followed: str, **wishes: Any) -> None:
        for subject in followed:
            people.follows.follow(user_id, subject)
        people.follows.wish(user_id, **wishes)

    def prepare() -> None:
        follow(1, KLATEN, "programme")
        follow(2, KLATEN, broadcasts=False)
        follow(3, KLATEN)
        people.profiles.set_unreachable(3, True)
        follow(4, "cohort:2019", quiet_from=22, quiet_to=6, zone="Asia/Jayapura")
        follow(5, SURABAYA)
        follow(6, "programme", quiet_from=0, quiet_to=0)

    people.apply(prepare)
    at_noon = {a: reach(people, snapshot, a, NOON) for a in ("all", "programme", KLATEN, "province:33", "cohort:2019")}
    assert {a: r.people for a, r in at_noon.items()} == {
        "all": (1, 4, 5, 6), "programme": (1, 6), KLATEN: (1,), "province:33": (1,), "cohort:2019": (1, 4),
    }  # fmt: skip
    assert {a: (r.unwilling, r.later, r.until) for a, r in at_noon.items()} == {
        a: (0 if a == "programme" else 1, 0, None) for a in at_noon
    }
    night = reach(people, snapshot, "all", NIGHT)
    assert (night.people, night.later) == ((1, 4, 5, 6), 3)
    assert night.until == datetime(
        2026, 11, 26, 0, tzinfo=UTC
    )  # 7:00 in Jakarta; in Jayapura it is 6:00 three hours before
    people.close()


def test_how_long_it_takes() -> None:
    assert lasting(10_000, 30, s) == "about 6 minutes"
    assert lasting(60, 30, s) == "about 2 seconds"
    assert lasting(31, 30, s) == "about 2 seconds"
    assert lasting(1, 1, s) == "about 1 second"
    assert lasting(500, 0, s) == "a moment"


def test_provinces_and_cohorts_are_chosen_by_buttons_that_count(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        desk.follows(KLATEN)
        desk.follows(KLATEN, "cohort:2018")
        desk.follows(SURABAYA)  # of the 2018 cohort
        await desk.drafts()
        await desk.presses("Of a province")
        assert desk.buttons() == ["Central Java (2)", "East Java (1)", "‹ Back"]
        assert "followers of a region in Central Java" in await desk.presses("Central Java")
        await desk.presses("Other followers")
        await desk.presses("Of a cohort")
        assert "2018 and its regions (2)" in desk.buttons()
        assert "2019 and its regions (2)" in desk.buttons()
        told = await desk.presses("2019 and its regions")
        assert "followers of the 2019 cohort and of its regions" in told
        assert "2 people get it." in told

    at(tmp_path, scene)


def test_a_region_that_is_none_is_asked_for_again(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.drafts()
        await desk.presses("Of a region")
        assert "no such regency or city" in await desk.writes("zzqx")
        await desk.writes("klatn")
        assert "Klaten Regency (0)" in desk.buttons()

    at(tmp_path, scene)


def test_where_nobody_follows_nothing_can_be_sent(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.drafts()
        assert "Everybody who follows something (0)" in desk.buttons()
        assert "Nobody follows a region" in await desk.presses("Of a province")
        await desk.presses("‹ Back")
        told = await desk.presses("Everybody")
        assert "Nobody among them can be reached" in told
        assert not any(label.startswith("Send") for label in desk.buttons())

    at(tmp_path, scene)


# --------------------------------------------------------------------------------------------------------------- sending


def test_pressed_twice_it_is_sent_once(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        budi = desk.follows(KLATEN)
        await desk.drafts()
        await desk.presses("Everybody")
        below, data = desk.telegram.last(desk.sari), desk.data("Send to")
        desk.sari.press_data(data, below)
        desk.sari.press_data(data, below)
        await desk.bot.settles()
        assert len(desk.broadcasts()) == 1
        assert "was sent or dropped before" in desk.toast()
        assert len(await desk.delivered(budi)) == 1

    at(tmp_path, scene)


def test_a_kill_after_it_was_sent_sends_no_second_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two taps, and the process dies before either is marked as handled."""
    finish = People.finish

    def die(*_: Any, **__: Any) -> None:
        raise sqlite3.OperationalError("killed")

    async def scene() -> None:
        telegram = FakeTelegram()
        async with desk(tmp_path, telegram) as before:
            budi = before.follows(KLATEN)
            await before.drafts()
            await before.presses("Everybody")
            below, data = telegram.last(before.sari), before.data("Send to")
            monkeypatch.setattr(People, "finish", die)
            before.sari.press_data(data, below)
            before.sari.press_data(data, below)
            await telegram.until(lambda: "changed after this" in before.toast())
        monkeypatch.setattr(People, "finish", finish)
        async with desk(tmp_path, telegram, sari=before.sari, other=before.other) as after:
            await after.bot.settles()
            assert len(after.broadcasts()) == 1
            assert len(await after.delivered(budi)) == 1
            assert any("It goes to 1 person." in text for text in telegram.said(after.sari))

    play(scene)


def test_whoever_came_or_went_since_the_preview_is_counted(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        desk.follows(KLATEN)
        await desk.drafts()
        await desk.presses("Everybody")
        desk.follows(SURABAYA)
        told = await desk.presses("Send to 1 person")
        assert "It goes to 2 people. When it was shown to you, there were 1." in told

    at(tmp_path, scene)


def test_where_the_last_follower_went_meanwhile_nothing_is_sent(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        budi = desk.follows(KLATEN)
        await desk.drafts()
        await desk.presses("Everybody")
        desk.bot.people.apply(lambda: desk.bot.people.follows.stop_all(budi.id))
        told = await desk.presses("Send to 1 person")
        assert "Nobody is left who could get it." in desk.toast()
        assert "Nobody among them" in told
        assert desk.broadcasts() == []

    at(tmp_path, scene)


def test_two_admins_at_once_see_each_other(tmp_path: Path) -> None:
    """The second to press is shown that another notice went out, and then may send hers."""

    async def scene(desk: Desk) -> None:
        budi = desk.follows(KLATEN)
        await desk.drafts()
        await desk.presses("Everybody")
        tono = desk.other
        tono.sends("/broadcast")
        await desk.bot.settles()
        await desk.presses("Write a notice", tono)
        for text in (TEXT_ID, TEXT_EN):
            tono.sends(text)
            await desk.bot.settles()
        await desk.presses("Everybody", tono)
        assert "It goes to 1 person." in await desk.presses("Send to 1 person", tono)
        told = await desk.presses("Send to 1 person")
        assert "another one was sent" in desk.toast()
        assert "The very same texts went out before: Notice no. 1" in told
        assert len(desk.broadcasts()) == 1
        await desk.presses("Send to 1 person")
        assert [notice.actor for notice in desk.broadcasts()] == ["owner 1", "owner 2"]
        assert len(await desk.delivered(budi, 2)) == 2

    at(tmp_path, scene)


def test_cancelled_it_is_gone(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        desk.follows(KLATEN)
        await desk.drafts()
        await desk.presses("Everybody")
        below, data = desk.telegram.last(desk.sari), desk.data("Send to")
        assert await desk.presses("Cancel") == "Stopped. Nothing was sent."
        desk.sari.press_data(data, below)
        await desk.bot.settles()
        assert "was sent or dropped before" in desk.toast()
        assert desk.broadcasts() == []

    at(tmp_path, scene)


def test_a_button_of_somebody_elses_draft_does_nothing(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        desk.follows(KLATEN)
        await desk.drafts()
        await desk.presses("Everybody")
        data = desk.data("Send to")
        desk.other.sends("/start")
        await desk.bot.settles()
        desk.other.press_data(data, desk.telegram.last(desk.other))
        await desk.bot.settles()
        assert desk.broadcasts() == []

    at(tmp_path, scene)


# ------------------------------------------------------------------------------------------------------------- underway


async def sent_at_night(desk: Desk) -> User:
    """A notice that waits for the morning of the only one whom it is for; him."""
    budi = desk.follows(KLATEN)
    desk.bot.people.apply(lambda: desk.bot.people.follows.wish(budi.id, quiet_from=21, quiet_to=7))
    await desk.drafts()
    await desk.presses("Everybody")
    await desk.presses("Send to")
    return budi


def test_it_waits_for_the_morning_of_those_who_sleep(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        with clock.set_to(NIGHT) as now:
            desk.follows(SURABAYA)
            budi = await sent_at_night(desk)
            told = next(text for text in reversed(desk.telegram.said(desk.sari)) if "It goes to" in text)
            assert "Until their quiet hours end: 1 of them, the last at 07:00 WIB." in told
            assert desk.notices(budi) == []
            now.now = MORNING
            desk.bot.bot.services.news.set()
            assert len(await desk.delivered(budi)) == 1

    at(tmp_path, scene)


def test_the_preview_says_who_gets_it_later(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        with clock.set_to(NIGHT):
            desk.follows(SURABAYA)
            budi = desk.follows(KLATEN)
            desk.bot.people.apply(lambda: desk.bot.people.follows.wish(budi.id, quiet_from=21, quiet_to=7))
            await desk.drafts()
            told = await desk.presses("Everybody")
            assert "2 people get it." in told
            assert "Only after their quiet hours: 1 of them, the last at 07:00 WIB." in told
            assert "about 1 second" in told

    at(tmp_path, scene, messages_per_second=1000)


def test_stopped_it_reaches_nobody_more(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        with clock.set_to(NIGHT) as now:
            budi = await sent_at_night(desk)
            below, data = desk.telegram.last(desk.sari), desk.data("⛔ Stop")
            told = await desk.presses("⛔ Stop")
            assert "Stopped: 0 of 1 got it" in told
            desk.sari.press_data(data, below)
            await desk.bot.settles()
            assert desk.toast() == "It was stopped before."
            now.now = MORNING
            tono = desk.follows(SURABAYA)  # who then gets another one, when the queue has moved on
            people = desk.bot.people
            people.apply(lambda: people.notices.announce("owner 1", "lain", "other", "all", [tono.id], -1))
            desk.bot.bot.services.news.set()
            await desk.delivered(tono)
            assert desk.notices(budi) == []

    at(tmp_path, scene)


def test_stop_comes_too_late_once_all_have_it(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        with clock.set_to(NIGHT) as now:
            budi = await sent_at_night(desk)
            below, data = desk.telegram.last(desk.sari), desk.data("⛔ Stop")
            now.now = MORNING
            desk.bot.bot.services.news.set()
            await desk.delivered(budi)
            desk.sari.press_data(data, below)
            await desk.bot.settles()
            assert "Too late" in desk.toast()
            assert "Done: 1 of 1 got it" in await desk.said()

    at(tmp_path, scene)


def test_what_a_kill_left_on_its_way_is_not_sent_after_it_was_stopped(tmp_path: Path) -> None:
    telegram = FakeTelegram()
    budi = telegram.user("Budi")
    people = People(tmp_path)

    def left() -> None:
        people.follows.follow(budi.id, KLATEN)
        people.follows.wish(budi.id, quiet_from=0, quiet_to=0)
        notice = people.notices.announce("owner 1", TEXT_ID, TEXT_EN, "all", [budi.id], 1)
        people.deliveries.begin(budi.id, [notice], TEXT_ID, "")
        people.notices.stop(notice)

    people.apply(left)
    people.close()

    async def scene() -> None:
        budi.sends("/start")
        async with desk(tmp_path, telegram) as made:
            ended = made.bot.people.notices
            await telegram.until(lambda: ended.progress(1).dropped == 1)
            assert made.notices(budi) == []

    play(scene)


def test_those_who_blocked_the_bot_are_counted(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        with clock.set_to(NIGHT) as now:
            gone = await sent_at_night(desk)
            gone.blocks()
            await desk.bot.settles()
            now.now = MORNING
            assert "Done: 0 of 1 got it" in await desk.presses("Refresh")

    at(tmp_path, scene)


def test_the_list_tells_what_was_sent_and_the_texts(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        people = desk.bot.people
        budi = desk.follows(KLATEN)
        for number in range(1, 8):
            people.apply(
                lambda n=number: people.notices.announce("owner 1", f"kabar {n}", f"news {n}", "all", [budi.id], -n)
            )
        told = await desk.writes("/broadcast")
        assert "7. news 7" in told
        assert "2. news 2" not in told
        told = await desk.presses("›")
        assert "2. news 2" in told
        await desk.presses("2. news 2")
        told = await desk.presses("Show the texts")
        assert "kabar 2" in told
        assert "news 2" in told
        assert "from Sari (no. 1)" in told

    at(tmp_path, scene)


def test_a_notice_that_is_kept_no_more_is_said_to_be_gone(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.writes("/broadcast")
        for verb in "vse":
            desk.sari.press_data(f"1ue:{verb}:77", desk.telegram.last(desk.sari))
            await desk.bot.settles()
            assert desk.toast() == "This notice is not kept any more."

    at(tmp_path, scene)


# --------------------------------------------------------------------------------------------------------- its readers


def test_a_reader_ends_such_notices_with_one_tap_and_begins_them_again(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        people = desk.bot.people
        kate = desk.follows(KLATEN, language="en")
        await desk.bot.settles()
        people.apply(lambda: people.notices.announce("owner 1", TEXT_ID, TEXT_EN, "all", [kate.id], -1))
        desk.bot.bot.services.news.set()
        (got,) = await desk.delivered(kate)
        kate.presses("No more such notices")
        await desk.bot.settles()
        assert not people.follows.wishes(kate.id).broadcasts
        assert people.follows.of(kate.id) == [KLATEN]
        assert "no more notices of the programme team" in desk.toast()
        assert desk.telegram.buttons(desk.telegram.last(kate)) == [["Send me such notices again"]]
        assert desk.telegram.last(kate)["text"] == got["text"]
        await desk.drafts()
        told = await desk.presses("Everybody")
        assert "Nobody among them" in told
        assert "1 more wants no such notices." in told
        kate.presses("Send me such notices again")
        await desk.bot.settles()
        assert people.follows.wishes(kate.id).broadcasts

    at(tmp_path, scene)


def test_who_wants_none_any_more_does_not_get_what_waits(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        with clock.set_to(NIGHT) as now:
            budi = await sent_at_night(desk)
            people = desk.bot.people
            people.apply(lambda: people.follows.wish(budi.id, broadcasts=False))
            now.now = MORNING
            desk.bot.bot.services.news.set()
            await desk.telegram.until(lambda: not people.notices.progress(1).waiting)
            assert desk.notices(budi) == []
            told = await desk.presses("Refresh")
            assert "Done: 0 of 1 got it" in told
            assert "Do not get it: 1 (they have blocked me, or want no such notices any more)." in told

    at(tmp_path, scene)


def test_each_reads_it_in_their_language(tmp_path: Path) -> None:
    """The one they chose; else the one they spoke when they began to follow; else the setting."""

    async def scene(desk: Desk) -> None:
        spoke = desk.telegram.user("Kate", language="en")
        spoke.sends("/follow Klaten")
        chose = desk.telegram.user("Budi", language="en")
        chose.sends("/follow Klaten")
        await desk.bot.settles()
        chose.sends("/bahasa indonesia")
        await desk.bot.settles()
        people, neither = desk.bot.people, desk.follows(KLATEN)
        people.apply(
            lambda: people._connection.execute("delete from people where user_id = ?", (neither.id,)),
            *(lambda user=user: people.follows.wish(user.id, quiet_from=0, quiet_to=0) for user in (spoke, chose)),
        )
        await desk.drafts()
        await desk.presses("Everybody")
        await desk.presses("Send to 3 people")
        texts = [(await desk.delivered(user))[0]["text"] for user in (spoke, chose, neither)]
        assert [TEXT_EN in text for text in texts] == [True, False, False]
        assert [TEXT_ID in text for text in texts] == [False, True, True]

    at(tmp_path, scene)


def test_the_texts_are_kept_as_long_as_questions(tmp_path: Path) -> None:
    people = People(tmp_path, retention_days=90)
    people.apply(lambda: people.notices.announce("admin 1", TEXT_ID, TEXT_EN, "all", [5, 6], 1))
    people.apply(lambda: people.notices.stop(1))
    start = time.time()
    people.expire(start + 89 * 86_400)
    (notice,) = people.notices.broadcasts()
    assert people.notices.progress(notice.id)[:4] == (2, 0, 2, 0)  # how many there were outlives who they were
    people.expire(start + 92 * 86_400)
    assert people.notices.broadcasts() == []
    people.close()
