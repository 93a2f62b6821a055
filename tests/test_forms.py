"""Forms in the chat: the words that stop them, and what cannot be read while they wait for a text."""

from __future__ import annotations

from pathlib import Path

import pytest
from running import Running, play, running

from handlers.fake_telegram import FakeTelegram, User
from handlers.people.staff import Role
from knowledge.forms import stops

ROLES = {
    "request": Role.NONE, "report": Role.NONE, "correct": Role.OFFICER, "approving": Role.ADMIN, "refusing": Role.ADMIN,
    "corrections": Role.ADMIN, "reports": Role.ADMIN, "edit": Role.ADMIN, "naming": Role.ADMIN, "writing": Role.ADMIN,
    "broadcast": Role.ADMIN, "import": Role.ADMIN, "inviting": Role.OWNER,
}  # fmt: skip
"""Every kind of draft that waits for texts, and who has such."""
STOPPED = "Stopped. What was half-finished is dropped; nothing was changed."
NOTHING = "Nothing is half-finished."


@pytest.mark.parametrize(
    "text", ["batal", "Batal dong!", "GAK JADI", "tidak jadi deh kak", "cancel it please", "Stop.", "never mind"]
)
def test_words_that_stop_a_form(text: str) -> None:
    assert stops(text)


@pytest.mark.parametrize(
    "text", ["", "?", "oke", "dong", "please", "MoU batal ditandatangani", "stop di Klaten", "tidak", "it"]
)
def test_words_that_are_content(text: str) -> None:
    assert not stops(text)


def begun(bot: Running, user: User, role: Role, kind: str, data: dict[str, object]) -> int:
    """Somebody of a role has a draft of a kind that waits for a text; its number."""
    if role:
        bot.people.apply(lambda: bot.people.staff.give(user.id, user.info["first_name"], role, ["33.10"], None))
    prompt = bot.telegram.last(user)["message_id"]
    return bot.people.drafts.begin(user.id, kind, data, prompt)


@pytest.mark.parametrize(("kind", "role"), ROLES.items())
def test_the_word_alone_stops_every_form(tmp_path: Path, kind: str, role: Role) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        kate = telegram.user("Kate", language="en")
        async with running(telegram, tmp_path) as bot:
            kate.sends("/start")
            await bot.settles()
            bot.people.drafts.begin(kate.id, "import", {})  # something else, which waits for a button
            begun(bot, kate, role, kind, {})
            kate.sends("Batal")
            await bot.settles()
            assert kate.said[-1] == STOPPED
            assert [draft.kind for draft in bot.people.drafts.of(kate.id)] == ["import"]
            assert bot.outcomes()[-1] == "done"

    play(scene)


@pytest.mark.parametrize("command", ["/batal", "/cancel"])
@pytest.mark.parametrize("role", [Role.NONE, Role.OFFICER, Role.OWNER])
def test_everybody_has_the_command(tmp_path: Path, command: str, role: Role) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        kate, group = telegram.user("Kate", language="en"), telegram.group("Warga")
        async with running(telegram, tmp_path) as bot:
            kate.sends("/start")
            kate.sends(command)
            await bot.settles()
            assert kate.said[-1] == NOTHING
            begun(bot, kate, role, "request", {"asking": "office"})
            kate.sends(command, to=group)
            await bot.settles()
            assert len(bot.people.drafts.of(kate.id)) == 1
            kate.sends(command)
            await bot.settles()
            assert (kate.said[-1], bot.people.drafts.of(kate.id)) == (STOPPED, [])

    play(scene)


@pytest.mark.parametrize("text", ["batal", "/cancel"])
def test_what_is_sent_is_not_half_finished(tmp_path: Path, text: str) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        kate = telegram.user("Kate", language="en")
        async with running(telegram, tmp_path) as bot:
            kate.sends("is Klaten in?")
            await bot.settles()
            kate.presses("Something wrong?")
            await bot.settles()
            kate.sends("It was in 2018: klatenkab.go.id")
            await bot.settles()
            assert "Report no. 1 is noted" in kate.said[-1]
            begun(bot, kate, Role.NONE, "request", {"asking": "sent", "request": 1})
            kate.sends(text)
            await bot.settles()
            assert kate.said[-1] == "That is sent already. Requests and proposals that wait are withdrawn in /myregion."
            assert {draft.kind for draft in bot.people.drafts.of(kate.id)} == {"report", "request"}
            (report,) = bot.people.reports.open()
            assert "batal" not in report.note

    play(scene)


def test_without_a_form_the_word_is_a_text_like_any_other(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        kate = telegram.user("Kate", language="en")
        async with running(telegram, tmp_path) as bot:
            kate.sends("gak jadi")
            await bot.settles()
            assert kate.said[-1] not in (STOPPED, NOTHING)

    play(scene)


@pytest.mark.parametrize("way", ["sticker", "voice", "photo", "caption"])
def test_what_cannot_be_read_at_a_step_is_answered_with_that_step(tmp_path: Path, way: str) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari", language="en")
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            sari.sends("/team")
            await bot.settles()
            for label in ("Invite", "An officer"):
                sari.presses(label)
                await bot.settles()
            prompt = telegram.last(sari)
            acts = {
                "sticker": sari.sends_sticker, "voice": sari.sends_voice, "photo": sari.sends_photo,
                "caption": lambda: sari.sends_photo("ini suratnya"),
            }  # fmt: skip
            acts[way]()
            await bot.settles()
            told = telegram.last(sari)
            assert told["text"] == "I can only read text here; please type it. /cancel stops this."
            assert told["reply_to_message"]["message_id"] == prompt["message_id"]
            sari.sends("Klaten", reply_to=told)
            await bot.settles()
            assert "Which one?" in sari.said[-1]

    play(scene)


@pytest.mark.parametrize(
    ("caption", "role"), [("", Role.NONE), ("ini suratnya", Role.NONE), ("ini suratnya", Role.OFFICER)]
)
def test_whoever_sends_a_letter_out_of_the_blue_is_told_where_it_begins(
    tmp_path: Path, caption: str, role: Role
) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        kate = telegram.user("Kate", language="en")
        async with running(telegram, tmp_path) as bot:
            if role:
                bot.people.apply(lambda: bot.people.staff.give(kate.id, "Kate", role, ["33.10"], None))
            kate.sends_photo(caption or None)
            await bot.settles()
            assert kate.said[-1].startswith("I can only read text")
            assert ("begin with /myregion" in kate.said[-1]) == (role == Role.NONE)
            assert bot.people.queue.rows() == []
            kate.sends_photo("is Klaten in?")
            await bot.settles()
            assert "Klaten Regency" in kate.said[-1]

    play(scene)
