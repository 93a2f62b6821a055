"""Files in the chat: applied once or not at all, kept over restarts and not longer than a day, while the bot goes on answering."""

from __future__ import annotations

import asyncio
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from running import TOKEN, Running, play, running

from handlers.fake_telegram import FakeTelegram, Refused, User, serve
from handlers.people import People
from handlers.rendering import speech
from handlers.staff import desk, deskwork, planwords, trial
from handlers.transport.api import RawBot
from handlers.transport.request import AiohttpRequest
from knowledge import history, sheets, store
from knowledge.changes import Change, RowChange
from knowledge.check_rows import Finding
from knowledge.edition import key_of
from knowledge.errors import saying
from knowledge.writer import Writer

pytestmark = pytest.mark.usefixtures("desk_here")
FILE = b"id,text_en\nF001,Another text.\n"
Json = dict[str, Any]


def claim(data: Path, id: str = "F001") -> Json:
    """A claim as it stands."""
    return dict(next(row for row in store.all_tables(data)["claims"] if row["id"] == id))


def imports(data: Path) -> list[int]:
    """Numbers of the imports that were applied."""
    return [entry.id for entry in history.entries(data) if entry.kind == "import"]


def uploads(bot: Running) -> int:
    """How many files are kept."""
    (number,) = bot.people._connection.execute("select count(*) from uploads").fetchone()
    return int(number)


async def begun(bot: Running, sari: User, content: bytes = FILE, name: str = "claims.csv") -> None:
    """Sari, an owner, sends a file."""
    sari.sends("/bahasa en")
    sari.sends_document(name, content)
    await bot.settles()


def test_the_button_works_after_a_restart(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            await begun(bot, sari)
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            sari.presses("Apply")
            await bot.settles()
            assert claim(tmp_path)["text_en"] == "Another text."

    play(scene)


def test_what_was_committed_before_a_kill_is_not_committed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies when the change is made and nobody has been told."""

    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            await begun(bot, sari)
            made = desk._done

            async def dies(request: bytes) -> object:
                await made(request)
                raise asyncio.CancelledError

            with monkeypatch.context() as killed:
                killed.setattr(desk, "_done", dies)
                sari.presses("Apply")
                await telegram.until(lambda: imports(tmp_path))
        assert len(imports(tmp_path)) == 1
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            await bot.settles()
            assert len(imports(tmp_path)) == 1
            assert "Applied as change no. 2: 1 changed." in sari.said[-2]

    play(scene)


def test_a_file_is_forgotten_after_a_day(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            await begun(bot, sari)
            assert uploads(bot) == 1
            bot.people.expire(time.time() + 25 * 3600)
            assert uploads(bot) == 0
            sari.presses("Apply")
            await bot.settles()
            assert imports(tmp_path) == []

    play(scene)


def test_knowledge_that_changed_stops_what_was_shown_before(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            await begun(bot, sari)
            before = claim(tmp_path, "F002")
            with Writer(tmp_path) as writer:
                row = RowChange("claims", before, {**before, "text_en": "By the command line."})
                writer.commit(Change("command line", "edit", "test", "test", (row,)))
            sari.presses("Apply")
            await bot.settles()
            assert imports(tmp_path) == []
            sari.presses("Check again")
            await bot.settles()
            sari.presses("Apply")
            await bot.settles()
            assert len(imports(tmp_path)) == 1
            assert claim(tmp_path, "F002")["text_en"] == "By the command line."

    play(scene)


def test_a_button_applies_only_what_was_shown_above_it(tmp_path: Path) -> None:
    """Pressed right after "also remove", before the message has changed, it must not remove what nobody has seen."""

    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            kept = store.all_tables(tmp_path)["phrasings"][:-1]
            new = {"language": "en", "question": "What is it good for?", "claim": "F001"}
            await begun(bot, sari, json.dumps({"phrasings": [*kept, new]}).encode(), "phrasings.json")
            shown = telegram.messages(sari)[-2]
            sari.presses("Also remove the 1 row", message=shown)
            sari.press_data(shown["reply_markup"]["inline_keyboard"][0][0]["callback_data"], shown)
            await bot.settles()
            assert imports(tmp_path) == []
            sari.presses("Apply")
            await bot.settles()
            sari.presses("Yes, apply")
            await bot.settles()
            assert store.all_tables(tmp_path)["phrasings"] == [*kept, new]

    play(scene)


def test_rows_go_and_questions_break_only_after_a_second_tap(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            aliases = store.all_tables(tmp_path)["aliases"]
            kept = aliases[len(aliases) // 2 :]
            await begun(bot, sari, json.dumps({"aliases": kept}).encode(), "aliases.json")
            gone = len(aliases) - len(kept)
            assert f"that stay: Other name ({gone})" in sari.said[-1]
            sari.presses("Also remove")
            await bot.settles()
            text = next(said for said in sari.said if "Removed" in said)
            broken = int(re.search(r"⚠️ (\d+) questions? that (?:is|are) answered now would not be", text)[1])  # type: ignore[index]
            assert broken > 0
            assert "that stay" not in text
            sari.presses("Apply")
            await bot.settles()
            assert imports(tmp_path) == []
            asked = next(said for said in sari.said if "Apply all the same?" in said)
            assert f"{gone} rows would be removed. {broken} question" in asked
            sari.presses("Yes, apply")
            await bot.settles()
            assert store.all_tables(tmp_path)["aliases"] == kept

    play(scene)


def test_a_part_of_a_table_is_not_taken_for_all_of_it(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            await begun(bot, sari)
            assert [label for row in telegram.buttons(telegram.messages(sari)[-2]) for label in row] == [
                "Apply (1 row)", "Cancel",
            ]  # fmt: skip

    play(scene)


def test_too_much_to_read_is_not_tried_and_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store.load(tmp_path)
    plan = deskwork.planned(tmp_path, deskwork.File("claims.csv", FILE))
    assert deskwork.attempted(tmp_path, plan, "en").untried == 0
    monkeypatch.setattr(deskwork, "MAX_READ", 0)
    found = deskwork.summed(plan, speech("en"), deskwork.attempted(tmp_path, plan, "en"))
    assert "Not tried beforehand, since 1 texts" in "\n".join(planwords.summary(found, speech("en")))
    assert (found.rows, found.grave) == (1, False)


def test_knowledge_that_cannot_be_answered_from_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> trial.Trial:
        return trial.Trial(findings=(Finding("error", saying("Of no use.")),))

    store.load(tmp_path)
    monkeypatch.setattr(deskwork, "tried", fails)
    found = deskwork.preview(tmp_path, deskwork.File("claims.csv", FILE), "en")
    assert (found.rows, found.counts["error"], str(found.shown["error"][0].remark)) == (0, 1, "Of no use.")


def test_what_was_asked_can_be_typed(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            await begun(bot, sari, b"id,warna,lain\nF001,Another text.,x\n", "notes.csv")
            assert "Which table" in sari.said[-1]
            for typed, told in (
                ("nonsense", "I do not know “nonsense” either"), ("statements", "“warna” of notes"),
                ("value of it all", "I do not know “value of it all” either"), ("Text in English", "“lain” of notes"),
                ("leave it out", "1 changed"),
            ):  # fmt: skip
                sari.sends(typed)
                await bot.settles()
                assert told in "\n".join(sari.said[-2:])
            sari.presses("Apply")
            await bot.settles()
            assert claim(tmp_path)["text_en"] == "Another text."
            sari.sends("Klaten?")
            await bot.settles()
            assert "Klaten Regency" in sari.said[-1], "a question again"

    play(scene)


def test_the_log_names_the_file_once(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            await begun(bot, sari)
            sari.presses("Apply")
            await bot.settles()
            (entry, *_) = history.entries(tmp_path)
            assert (entry.kind, entry.reason, entry.source) == ("import", "", "claims.csv")

    play(scene)


def test_another_admins_button_reaches_no_file(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari, putu = telegram.user("Sari"), telegram.user("Putu")
        async with running(telegram, tmp_path, owner_ids=(sari.id, putu.id)) as bot:
            await begun(bot, sari)
            (row, *_) = telegram.messages(sari)[-2]["reply_markup"]["inline_keyboard"]
            putu.sends("/start")
            await bot.settles()
            putu.press_data(row[0]["callback_data"], putu.last)
            await bot.settles()
            assert imports(tmp_path) == []

    play(scene)


@pytest.mark.parametrize(
    "data", ["1ie:a", "1ie:a:x:y", "1ie:a:1", "1ie:m:1:0:99", "1ie:m:1:x:0", "1ie:b:1:99", "1ie:zz:1"]
)
def test_strange_buttons_change_nothing(tmp_path: Path, data: str) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            await begun(bot, sari, b"id,warna\nF001,x\n")
            sari.press_data(data, sari.last)
            await bot.settles()
            assert imports(tmp_path) == []
            assert "error" not in bot.outcomes()

    play(scene)


def test_a_file_too_large_is_not_even_fetched(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            await begun(bot, sari, b"x" * (sheets.MAX_FILE + 1))
            assert "larger than 10 MB" in sari.said[-1]
            assert telegram.called("getFile") == []

    play(scene)


def test_a_file_that_cannot_be_fetched_is_asked_for_again(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            telegram.faults.add("getFile", Refused(400, "Bad Request: file is temporarily unavailable"))
            await begun(bot, sari)
            assert "Send it again" in sari.said[-1]
            assert uploads(bot) == 0

    play(scene)


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", "C:\\x\\claims.csv", "x" * 300 + ".csv", "<b>claims</b>.csv", 'a"\n\r;b.csv']
)
def test_any_name_of_a_file_will_do(tmp_path: Path, name: str) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            await begun(bot, sari, name=name)
            sari.presses("Apply")
            await bot.settles()
            assert len(imports(tmp_path)) == 1
            assert "error" not in bot.outcomes()

    play(scene)


def test_an_export_sent_back_changes_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            sari.sends("/bahasa en")
            sari.sends("/ekspor")
            await bot.settles()
            for label in ("CSV (zip)", "Excel", "JSON"):
                sari.presses(label)
                await bot.settles()
                document = sari.last["document"]
                content = telegram.files.content[document["file_id"]]
                sari.sends_document(document["file_name"], content)
                await bot.settles()
                assert "Nothing would change" in sari.said[-1]
            assert uploads(bot) == 0
            rows = {key_of("claims", row) for row in store.all_tables(tmp_path)["claims"]}
            (sheet,) = [s for s in sheets.read(content, "a.json").sheets if s.name == "claims"]
            assert {row["id"] for _, row in sheet.rows} == rows

    play(scene)


# --------------------------------------------------------------------------------------------------------------- sending


async def sends_a_file(telegram: FakeTelegram, url: str) -> int:
    """Send a document over HTTP, as the running bot does; the id of its message."""
    request = AiohttpRequest(2)
    bot = RawBot(TOKEN, base_url=f"{url}/bot", base_file_url=f"{url}/file/bot", request=request)
    await request.initialize()
    try:
        (chat,) = telegram.chats
        return await bot.raw_send_document(chat, "laporan é.csv", b"\xef\xbb\xbfa;b\r\n", "<b>ok</b>")
    finally:
        await request.shutdown()


def test_a_document_goes_over_http_with_its_name_and_every_byte() -> None:
    async def scene() -> None:
        telegram = FakeTelegram(token=TOKEN)
        sari = telegram.user("Sari")
        sari.sends("/start")
        async with serve(telegram) as url:
            assert await sends_a_file(telegram, url) == sari.last["message_id"]
        document = sari.last["document"]
        assert (document["file_name"], sari.last["caption"]) == ("laporan é.csv", "ok")
        assert telegram.files.content[document["file_id"]] == b"\xef\xbb\xbfa;b\r\n"

    play(scene)


def test_a_report_that_was_sent_before_a_restart_is_not_sent_again(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        sari.sends_document("claims.csv", FILE)
        (update,), telegram.updates.pending = telegram.updates.pending, []
        people = People(tmp_path)
        people.inbox.receive([update])
        people.inbox.record(update["update_id"], 2, sari.id, 77, None, "")
        people.close()
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            await bot.settles()
            assert "F001" in sari.said[0]
            assert telegram.called("sendDocument") == []

    play(scene)
