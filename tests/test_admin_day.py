"""A day of an admin, from the invitation to taking an import back, in both languages, with the bot as its own process."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from admins import Chat, sound
from process import bot_process

from handlers.fake_telegram import FakeTelegram, serve
from knowledge import store
from knowledge.changes import content_hash
from knowledge.model import Language

CLAIMS = "id,text_id,text_en\nF001,{},{}\n"
TOLD: dict[Language, tuple[str, str, str, str]] = {
    "id": (
        "Apa itu Gerakan Menuju 100 Smart City?",
        "apakah Zamrudpura peserta?",
        "Ya, Kabupaten Klaten",
        "Apakah Klaten peserta?",
    ),
    "en": (
        "What is the 100 Smart Cities Movement?",
        "is Zamrudpura a participant?",
        "Yes, Klaten Regency",
        "Is Klaten a participant?",
    ),
}
"""A question about F001, one that nobody can answer, and how its answer begins once
Zamrudpura is known to be Klaten; one about Klaten."""


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_day(tmp_path: Path, language: Language) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        owner = Chat(telegram, telegram.user("Sari", language=language), language)
        settings = {"OWNER_IDS": str(owner.person.id), "MESSAGES_PER_SECOND": "0"}
        async with serve(telegram) as url, bot_process(url, tmp_path, **settings):
            admin = await invited(owner, telegram, language)
            await imports(admin, language)
            await edits(admin, language)
            await answers(admin, telegram, language)
            await takes_back(admin, language)
            await kept_from_strangers(admin, owner, telegram, tmp_path)
        sound(tmp_path)

    asyncio.run(scene())


async def invited(owner: Chat, telegram: FakeTelegram, language: Language) -> Chat:
    """The owner invites an admin by a link; the admin opens it."""
    s, admin = owner.s, Chat(telegram, telegram.user("Rina", language=language), language)
    await owner.sends(
        f"/language {language}",
        s._("I will answer in English unless you ask in Indonesian.") if language == "en" else "Indonesia",
    )
    await owner.sends(f"/{'tim' if language == 'id' else 'team'}", f"[{s._('Invite somebody')}]")
    await owner.presses(s._("Invite somebody"), f"[{s._('An admin')}]")
    link = await owner.presses(s._("An admin"), "inv_")
    found = re.search(r"inv_[\w-]+", link)
    assert found
    used = s._("{name} has used invitation no. {invitation}: now no. {number}, {position}.", name="Rina", invitation=1, number=2, position=s._("admin"))  # fmt: skip
    await owner.then(lambda: admin.person.starts(found[0]), used)
    assert "/impor" in admin.shown[-1] or "/import" in admin.shown[-1]
    return admin


async def imports(admin: Chat, language: Language) -> None:
    """A file with an error, mended, applied."""
    s = admin.s
    bad = CLAIMS.format("Sebuah gerakan baru.", "A new movement.") + "F999,Sesuatu.,Something.\n"
    await admin.sends_file("klaim.csv", bad, "F999", s._("Mend the file and send it again. Nothing was changed."))
    good = CLAIMS.format("Sebuah gerakan baru.", "A new movement.")
    await admin.sends_file("klaim.csv", good, "F001", f"[{apply(admin)}]")
    await admin.presses(apply(admin), s._("Applied as change no. {number}: {what}.", number=2, what=s._("{n} changed", n="1")))  # fmt: skip
    await admin.sends(TOLD[language][0], "Sebuah gerakan baru." if language == "id" else "A new movement.")


async def edits(admin: Chat, language: Language) -> None:
    """A status is changed with a few taps; the next answer is another."""
    s = admin.s
    before = await admin.sends(TOLD[language][3], "Klaten")
    view = await admin.sends("/kelola P-33.10-2019", s._("Last change: {change}", change=""))
    assert f"[✏️ {s._('status')}]" in view
    await admin.presses(f"✏️ {s._('status')}", f"[{s._('withdrawn')}]")
    await admin.presses(s._("withdrawn"), f"[{s._('The sources it has')}]")
    preview = await admin.presses(s._("The sources it has"), f"[{s._('Confirm')}]")
    assert f"→ {s._('withdrawn')}" in preview
    assert "Kabupaten Klaten" in preview.split("→")[1] or "Klaten Regency" in preview.split("→")[1]
    await admin.presses(s._("Confirm"), s._("✅ Done: change no. {number}. The next answer is from it.", number=3))
    after = await admin.sends(TOLD[language][3], "Klaten")
    assert after != before


async def answers(admin: Chat, telegram: FakeTelegram, language: Language) -> None:
    """A citizen asks what nobody knows and wants to be told; the admin finds it in the queue and says what it means."""
    s, citizen = admin.s, Chat(telegram, telegram.user("Budi", language=language), language)
    question, told = TOLD[language][1:3]
    await citizen.sends(question, f"[{s._('Tell me when you can answer this')}]")
    citizen.person.presses(s._("Tell me when you can answer this"))
    await telegram.until(lambda: any(answer.get("show_alert") for answer in telegram.callback_answers.values()))
    await admin.sends("/antrean", f"[{question}]")
    await admin.presses(question, s.ngettext("{n} person waits for an answer.", "{n} people wait for an answer.", 1))
    prompt = s._("What do they mean? Type the name of a region, for example Klaten, or a few words about the topic.")
    await admin.presses(s._("It is another name for …"), prompt)
    name = "Kabupaten Klaten" if language == "id" else "Klaten Regency"
    await admin.sends("Klaten", f"[{name}]")
    await admin.presses(name, "[Zamrudpura]")
    await admin.presses("Zamrudpura", f"[{s._('A nickname')}]")
    await admin.presses(s._("A nickname"), f"[{s._('Yes, do it')}]")
    one = s.ngettext("{n} person who waited for it was told.", "{n} people who waited for it were told.", 1)
    await admin.presses(s._("Yes, do it"), one)
    assert told.split()[1] in citizen.shown[-1]
    assert (
        s._("You wanted to know: <i>{question}</i>\nNow I can answer it.", question="").split("<")[0]
        in citizen.shown[-1]
    )


async def takes_back(admin: Chat, language: Language) -> None:
    """The import is taken back; the answer is the old one again."""
    s = admin.s
    await admin.sends("/riwayat 2", f"[{s._('Undo')}]")
    await admin.presses(s._("Undo"), f"[{s._('Yes, take it back')}]")
    done = s._("✅ Change no. {number} is taken back, by change no. {by}. The next answer is from it.", number=2, by=5)
    await admin.presses(s._("Yes, take it back"), done)
    answer = await admin.sends(TOLD[language][0], "2017")
    assert "gerakan baru" not in answer
    assert "new movement" not in answer


async def kept_from_strangers(admin: Chat, owner: Chat, telegram: FakeTelegram, data_dir: Path) -> None:
    """Somebody without a role presses every button that the owner and the admin ever had: no message, and no change."""
    stranger = Chat(telegram, telegram.user("Maling"), "id")
    await stranger.sends("/tim", "/bantuan")
    before, shown, answered = state(data_dir), len(stranger.shown), len(telegram.callback_answers)
    staff = [data for data in (*owner.buttons, *admin.buttons) if data[1] in "tieqhoxz"]
    below = telegram.last(stranger.person)
    for data in staff:
        stranger.person.press_data(data, below)
    await telegram.until(lambda: len(telegram.callback_answers) == answered + len(staff), timeout=30)
    assert len(staff) > 40
    alerts = list(telegram.callback_answers.values())[answered:]
    assert {(answer["text"], answer.get("show_alert")) for answer in alerts} <= refusals(stranger)
    assert len(stranger.shown) == shown
    assert state(data_dir) == before


def refusals(stranger: Chat) -> set[tuple[str, bool]]:
    """What a button of staff says to somebody else, in the language that it is in."""
    return {
        ("Anda tidak (lagi) memiliki peran untuk ini.", True),
        ("You do not have the role for this (any more).", True),
    }


def state(data_dir: Path) -> tuple[str, str]:
    """What the knowledge holds and how often it was changed."""
    return content_hash(store.all_tables(data_dir)), store.state(data_dir)


def apply(admin: Chat) -> str:
    """The label that applies one row."""
    return admin.s.ngettext("Apply ({n} row)", "Apply ({n} rows)", 1)
