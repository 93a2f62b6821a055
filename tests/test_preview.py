"""The local chat page without a browser: who may speak to it, what is bounded, what is kept, and the command itself."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from previewing import Shown, shown
from running import furnish

from handlers.fake_telegram.store import MAX_DOWNLOAD
from handlers.preview import keeping, stage
from handlers.preview.acts import PATIENCE
from handlers.preview.guard import known_host, same_origin
from handlers.preview.server import MAX_ACT, MAX_UPLOADS, PAGE, Posted, Uploads
from handlers.preview.stage import ADMIN, CITIZEN, MAX_MESSAGES, OFFICER, Stage
from handlers.preview.words import words
from handlers.rendering import speech
from handlers.settings import Listen
from knowledge.errors import DatabaseError

ROOT = Path(__file__).parent.parent
SCRIPTS = sorted(PAGE.glob("*.js"))
HERE = Listen("127.0.0.1", 8080)
Scene = Callable[[Shown, aiohttp.ClientSession], Coroutine[Any, Any, None]]
CITIZEN_HERE = {"person": CITIZEN.id, "chat": CITIZEN.id, "language": "id"}


@pytest.fixture(autouse=True)
def _one_engine(one_engine: None) -> None:
    """All pages answer from one engine."""


def play(data_dir: Path, scene: Scene) -> None:
    """Play a scene on a page of its own."""

    async def run() -> None:
        async with shown(data_dir) as page:
            origin = page.address.rstrip("/")
            async with aiohttp.ClientSession(page.address, headers={"Origin": origin}) as session:
                await scene(page, session)

    asyncio.run(run())


async def does(session: aiohttp.ClientSession, act: str, **fields: Any) -> dict[str, Any]:
    """Post an act that works."""
    async with session.post("/act", json={"act": act, **CITIZEN_HERE, **fields}) as answer:
        told = await answer.json(content_type=None)
        assert answer.status == 200, told
        return dict(told)


async def refused(session: aiohttp.ClientSession, body: Any) -> str:
    """Post an act that is refused; why."""
    async with session.post("/act", data=json.dumps(body)) as answer:
        assert answer.status == 400
        return str((await answer.json(content_type=None))["error"])


# ------------------------------------------------------------------------------------------------------- who may speak to it


@pytest.mark.parametrize(
    ("host", "listen", "known"),
    [
        ("127.0.0.1:8080", HERE, True),
        ("localhost:9000", HERE, True),
        ("LOCALHOST", HERE, True),
        ("[::1]:8080", Listen("::1", 8080), True),
        ("evil.example:8080", HERE, False),
        ("127.0.0.1.evil.example", HERE, False),
        ("localhost.evil.example", HERE, False),
        ("192.168.1.7:8080", HERE, False),
        ("192.168.1.7:8080", Listen("0.0.0.0", 8080), True),
        ("evil.example", Listen("0.0.0.0", 8080), False),
        ("demo.go.id", Listen("demo.go.id", 8080), True),
        ("", HERE, False),
        ("[::1", HERE, False),
    ],
)
def test_a_name_that_points_here_by_rebinding_is_refused(host: str, listen: Listen, known: bool) -> None:
    assert known_host(host, listen) is known


@pytest.mark.parametrize(
    ("origin", "same"),
    [
        ("http://127.0.0.1:8080", True),
        ("https://127.0.0.1:8080", True),
        ("http://127.0.0.1:8081", False),
        ("http://evil.example", False),
        ("null", False),
        ("file://127.0.0.1:8080", False),
        ("http://127.0.0.1:8080/x", False),
        ("http://[", False),
        (None, False),
    ],
)
def test_another_origin_is_refused(origin: str | None, same: bool) -> None:
    assert same_origin(origin, "127.0.0.1:8080") is same


@pytest.mark.parametrize(
    "path", ["", "start.json", "app.js", "act", "upload", "updates", "file/FILE-photos-1", "nothing"]
)
def test_every_part_of_the_page_checks_who_asks(tmp_path: Path, path: str) -> None:
    async def scene(page: Shown, session: aiohttp.ClientSession) -> None:
        method = "POST" if path in ("act", "upload") else "GET"
        async with session.request(method, f"/{path}", headers={"Host": "evil.example"}) as answer:
            assert answer.status == 403
        if method == "POST":
            for headers in ({"Origin": "http://evil.example"}, {"Origin": ""}):
                async with session.post(f"/{path}", headers=headers, data=b"{}") as answer:
                    assert answer.status == 403
        if path == "updates":
            for origin in ("http://evil.example", ""):
                with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
                    await session.ws_connect("/updates", headers={"Origin": origin})

    play(tmp_path, scene)


def test_pages_are_sent_with_a_policy_that_lets_nothing_foreign_run(tmp_path: Path) -> None:
    async def scene(page: Shown, session: aiohttp.ClientSession) -> None:
        async with session.get("/") as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'; script-src 'self'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "Server" not in answer.headers
        for strange in ("/../stage.py", "/stage.py", "/page.html", "/.env", "/%2e%2e/stage.py"):
            async with session.get(strange) as answer:
                assert answer.status == 404

    play(tmp_path, scene)


# ------------------------------------------------------------------------------------------------------------ what is done


def test_a_question_is_answered_and_told_to_every_open_tab(tmp_path: Path) -> None:
    async def scene(page: Shown, session: aiohttp.ClientSession) -> None:
        async with session.ws_connect("/updates") as one, session.ws_connect("/updates") as two:
            states = [await tab.receive_json() for tab in (one, two)]
            assert [state["kind"] for state in states] == ["state", "state"]
            assert set(states[0]["content"]["chats"]) == {"1001", "1002", "1003", str(page.stage.group.id)}
            await does(session, "send", text="apakah Klaten peserta?")
            for tab in (one, two):
                heard: list[Any] = []
                while len(heard) < 2:
                    event = await tab.receive_json(timeout=5)
                    heard += [event["content"]] if event["kind"] == "message" else []
                assert heard[0]["text"] == "apakah Klaten peserta?"
                assert heard[1]["text"].startswith("Ya, Kabupaten Klaten")
        assert len(page.stage.telegram.watchers) == 2  # what keeps, and what trims: no tab is left behind

    play(tmp_path, scene)


def test_acts_that_make_no_sense_are_refused_and_change_nothing(tmp_path: Path) -> None:
    async def scene(page: Shown, session: aiohttp.ClientSession) -> None:
        send = {"act": "send", **CITIZEN_HERE, "text": "halo"}
        for wrong in (
            {},
            [],
            {**send, "act": "drop"},
            {**send, "person": 7},
            {**send, "chat": OFFICER.id},
            {**send, "chat": 5},
            {**send, "text": "x" * 4097},
            {**send, "text": "   "},
            {**send, "language": "fr"},
            {**send, "admin": True},
            {**send, "reply_to": 12},
            {**send, "act": "edit", "message": 3},
            {"act": "start", **CITIZEN_HERE, "payload": "../x"},
            {"act": "press", **CITIZEN_HERE, "message": 1, "data": "x"},
            {"act": "choose", **CITIZEN_HERE, "query": "x", "result": "x"},
            {"act": "inline", **CITIZEN_HERE, "query": "x" * 257},
        ):
            assert await refused(session, wrong)
        assert page.stage.people[CITIZEN.id].messages == []
        async with session.post("/act", data=b"x" * (MAX_ACT + 1)) as answer:
            assert answer.status == 413

    play(tmp_path, scene)


def test_a_button_pressed_twice_a_foreign_button_and_a_stale_one_are_all_answered(tmp_path: Path) -> None:
    async def scene(page: Shown, session: aiohttp.ClientSession) -> None:
        await does(session, "send", text="apakah Klaten peserta?")
        await page.bot.settles()
        last = page.stage.telegram.last(CITIZEN.id)
        data = last["reply_markup"]["inline_keyboard"][-1][0]["callback_data"]
        press = {"message": last["message_id"], "data": data}
        first, second = await asyncio.gather(does(session, "press", **press), does(session, "press", **press))
        assert first == second == {"text": "", "alert": False}
        before = page.stage.people[CITIZEN.id].messages
        await does(session, "press", message=last["message_id"], data="gone:1")
        await page.bot.settles()
        assert page.stage.people[CITIZEN.id].messages != before  # what the button stood for is told anew

    play(tmp_path, scene)


def test_a_bot_that_does_not_answer_a_press_keeps_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 5 <= PATIENCE <= 30
    monkeypatch.setattr("handlers.preview.acts.PATIENCE", 0.05)
    monkeypatch.setattr("handlers.fake_telegram.updates.Updates.add", lambda *_: None)

    async def scene(page: Shown, session: aiohttp.ClientSession) -> None:
        room = page.stage.people[CITIZEN.id].room
        sent = room.add(page.stage.telegram.bot_user(), 0, {"text": "x"})
        told = await does(session, "press", message=sent["message_id"], data="x")
        assert told == {"text": "", "alert": False}
        assert (await does(session, "inline", query="x"))["results"] == []

    play(tmp_path, scene)


def post_file(session: aiohttp.ClientSession, content: Any, **fields: Any) -> Any:
    """Post a file as the page does."""
    told = {"person": "1001", "chat": "1001", "language": "id", "name": "a.csv", **fields}
    return session.post("/upload", params=told, data=io.BytesIO(content) if isinstance(content, bytes) else content)


async def endless() -> AsyncIterator[bytes]:
    """A body without a length, of 64 MB."""
    for _ in range(64):
        yield b"x" * 1024 * 1024


def test_uploads_are_bounded_and_files_are_handed_out_harmless(tmp_path: Path) -> None:
    async def scene(page: Shown, session: aiohttp.ClientSession) -> None:
        with contextlib.suppress(aiohttp.ClientError):  # the connection may be closed before the answer is read
            async with post_file(session, b"x" * (MAX_DOWNLOAD + 1)) as answer:
                assert answer.status == 413
        for content, fields in (
            (b"", {}),
            (b"x", {"person": "9"}),
            (b"x", {"caption": "x" * 1025}),
            (b"x", {"name": ""}),
        ):
            async with post_file(session, content, **fields) as answer:
                assert answer.status == 400
        assert page.stage.people[CITIZEN.id].messages == []
        files = {"x.html": b"<script>alert(1)</script>", "x.png": b"\x89PNG\r\n\x1a\n.", "surat % 'x'.pdf": b"%PDF"}
        for name, content in files.items():
            async with post_file(session, content, name=name, photo="false") as answer:
                assert answer.status == 200
        sent = [m["document"] for m in page.stage.people[CITIZEN.id].messages if "document" in m]
        assert [file["file_name"] for file in sent] == list(files)
        for file in sent:
            async with session.get(f"/file/{file['file_id']}") as answer:
                assert "sandbox" in answer.headers["Content-Security-Policy"]
                picture = file["file_name"] == "x.png"
                assert answer.content_type == ("image/png" if picture else "application/octet-stream")
                assert ("attachment" in answer.headers.get("Content-Disposition", "")) is not picture
        async with session.get("/file/FILE-photos-99") as answer:
            assert answer.status == 404

    play(tmp_path, scene)


def test_what_is_called_a_picture_and_is_none_is_sent_as_a_document(tmp_path: Path) -> None:
    async def scene(page: Shown, session: aiohttp.ClientSession) -> None:
        for content in (b"no picture", b"\xff\xd8\xff picture"):
            async with post_file(session, content, photo="true") as answer:
                assert answer.status == 200
        kinds = [[k for k in ("photo", "document") if k in m] for m in page.stage.people[CITIZEN.id].messages]
        assert [kind for kind in kinds if kind] == [["document"], ["photo"]]

    play(tmp_path, scene)


def test_no_more_is_read_than_may_be_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not of a stranger, not of a body without an end, not of an act: what comes is counted where it is kept."""
    kept: list[int] = []
    read = Posted.data_received

    def counted(self: Posted, chunk: bytes) -> None:
        kept.append(len(chunk))
        read(self, chunk)

    monkeypatch.setattr(Posted, "data_received", counted)

    async def scene(page: Shown, session: aiohttp.ClientSession) -> None:
        for path, headers, most in (
            ("/upload", {"Origin": "http://evil.example"}, 0),
            ("/upload", {}, MAX_DOWNLOAD),
            ("/act", {}, MAX_ACT),
        ):
            kept.clear()
            with contextlib.suppress(aiohttp.ClientError):  # the connection may be closed before the answer is read
                async with session.post(path, data=endless(), headers=headers) as answer:
                    assert answer.status in (400, 403, 413)
            assert sum(kept) <= most
        assert page.stage.people[CITIZEN.id].messages == []

    play(tmp_path, scene)


def test_only_so_many_files_are_on_their_way_at_once(tmp_path: Path) -> None:
    async def scene(page: Shown, session: aiohttp.ClientSession) -> None:
        go = asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            yield b"x"
            await go.wait()
            yield b"y"

        async def send() -> int:
            async with post_file(session, slow()) as answer:
                return int(answer.status)

        waiting = [asyncio.create_task(send()) for _ in range(MAX_UPLOADS)]
        while len(Uploads.under_way) < MAX_UPLOADS:
            await asyncio.sleep(0.01)
        async with post_file(session, b"x") as answer:
            assert answer.status == 503
        go.set()
        assert await asyncio.gather(*waiting) == [200] * MAX_UPLOADS
        async with post_file(session, b"x") as answer:
            assert answer.status == 200

    play(tmp_path, scene)


def test_a_tab_that_does_not_listen_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handlers.preview.tabs.MAX_UNSENT", 5)

    async def scene(page: Shown, session: aiohttp.ClientSession) -> None:
        async with session.ws_connect("/updates") as tab:
            assert len(page.stage.telegram.watchers) == 3
            for number in range(50):
                page.stage.people[OFFICER.id].sends(f"{number} " + "x" * 4000)
            assert len(page.stage.telegram.watchers) == 2
            heard = [message.type async for message in tab]
            assert len(heard) < 20

    play(tmp_path, scene)


def test_an_inline_result_is_chosen_whatever_was_asked_since(tmp_path: Path) -> None:
    """After "more results", and beside another tab of the same person."""

    async def scene(page: Shown, session: aiohttp.ClientSession) -> None:
        first = await does(session, "inline", query="kota")
        more = await does(session, "inline", query="kota", offset=first["next_offset"])
        assert first["next_offset"]
        assert {one["id"] for one in first["results"]} & {one["id"] for one in more["results"]} == set()
        await does(session, "inline", query="sragen")
        for told in (first, more):
            await does(session, "choose", query=told["query"], result=told["results"][0]["id"])
        texts = [m["text"] for m in page.stage.people[CITIZEN.id].messages if "via_bot" in m]
        assert len(set(texts)) == 2

    play(tmp_path, scene)


# ------------------------------------------------------------------------------------------------------------ what is kept


def test_the_conversation_survives_a_restart_with_its_files_menus_and_numbers(tmp_path: Path) -> None:
    before: dict[str, Any] = {}

    async def first(page: Shown, session: aiohttp.ClientSession) -> None:
        await does(session, "send", text="apakah Klaten peserta?")
        async with post_file(session, b"a;b") as answer:
            assert answer.status == 200
        await does(session, "send", chat=page.stage.group.id, text="/tanya xyzzy qwrt")
        await page.bot.settles()
        # Two scopes for everybody, and the officer's and the admin's own menus, each in three ways.
        await page.stage.telegram.until(lambda: len(page.stage.telegram.commands) == 12)
        before.update(json.loads(json.dumps(page.stage.state())), next=page.stage.telegram.updates.next_id)
        assert any("reactions" in message for chat in before["chats"].values() for message in chat)

    async def second(page: Shown, session: aiohttp.ClientSession) -> None:
        now = json.loads(json.dumps(page.stage.state()))
        assert {**now, "next": page.stage.telegram.updates.next_id} == before
        assert list(page.stage.telegram.files.content.values()) == [b"a;b"]
        await does(session, "send", text="apakah Sragen peserta?")
        await page.bot.settles()
        assert "Sragen" in page.stage.telegram.last(CITIZEN.id)["text"]

    play(tmp_path, first)
    play(tmp_path, second)


def test_a_conversation_that_was_thrown_away_does_not_silence_the_bot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """people.db remembers the numbers of updates and messages: a new telegram.db must not use them again."""

    async def scene(page: Shown, session: aiohttp.ClientSession) -> None:
        await does(session, "send", text="apakah Klaten peserta?")
        await page.bot.settles()
        last = page.stage.telegram.last(CITIZEN.id)
        assert "Klaten" in last["text"]
        numbers.append((page.stage.telegram.updates.next_id, last["message_id"], page.stage.telegram.next_number))

    numbers: list[tuple[int, ...]] = []
    play(tmp_path, scene)
    for file in (tmp_path / "preview").glob("telegram.db*"):
        file.unlink()
    monkeypatch.setattr(keeping, "now", lambda: int(time.time()) + 60)
    play(tmp_path, scene)
    assert all(later > earlier for earlier, later in zip(*numbers, strict=True))


def test_menus_are_sent_again_where_the_conversation_was_thrown_away(tmp_path: Path) -> None:
    def menus() -> Any:
        command = Command(tmp_path)
        told = asyncio.run(_menus(command.address))
        assert command.ends()[0] == 0
        return told

    first = menus()
    assert first[str(CITIZEN.id)][str(CITIZEN.id)]["en"][0]["command"] == "ask"
    for file in (tmp_path / "preview").glob("telegram.db*"):
        file.unlink()
    assert menus() == first


async def _menus(address: str) -> Any:
    """The command menus, once the bot has sent them."""
    async with asyncio.timeout(20), aiohttp.ClientSession(address) as session:
        while True:
            async with session.ws_connect("/updates", origin=address.rstrip("/")) as tab:
                told = (await tab.receive_json())["content"]
            last = told["menus"][str(ADMIN.id)][str(ADMIN.id)]["en"]
            if "team" in {command["command"] for command in last}:
                return told["menus"]
            await asyncio.sleep(0.1)


def test_the_oldest_messages_and_files_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "MAX_FILES", 10)
    monkeypatch.setattr(stage, "REMEMBERED", 3)
    before = Stage(tmp_path)
    budi = before.people[CITIZEN.id]
    for number in range(5):
        budi.sends_document(f"{number}.txt", b"1234")
        budi.types_inline("x")
    budi.room.tell("reaction", {"chat": budi.chat, "message_id": budi.messages[0]["message_id"]})
    before.telegram.reactions[budi.id, budi.messages[0]["message_id"]] = ["👍"]
    for number in range(MAX_MESSAGES + 5):
        budi.sends(str(number))
    assert (len(before.telegram.queries), before.telegram.calls.maxlen) == (3, 3)
    before.close()
    again = Stage(tmp_path)
    texts = [message["text"] for message in again.people[CITIZEN.id].messages]
    assert texts == [str(number) for number in range(5, MAX_MESSAGES + 5)]
    assert list(again.telegram.files.content) == ["FILE-documents-4", "FILE-documents-5"]
    assert again.telegram.reactions == {}
    again.close()


def test_the_page_takes_nothing_of_the_real_bot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the environment says of the bot on Telegram: the page has its own token, server, owner and folder."""
    for name, value in {
        "TELEGRAM_TOKEN": "1:real", "TELEGRAM_API_BASE_URL": "http://localhost:1/foo/bar", "OWNER_IDS": "5",
        "WEBHOOK_URL": "https://example.org/hook",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)

    async def scene(page: Shown, session: aiohttp.ClientSession) -> None:
        settings = page.bot.bot.services.settings
        assert settings.owner_ids == (ADMIN.id,)
        assert settings.data_dir == tmp_path / "preview"
        await does(session, "send", text="apakah Klaten peserta?")
        await page.bot.settles()
        assert "Klaten" in page.stage.telegram.last(CITIZEN.id)["text"]

    play(tmp_path, scene)


def test_a_message_and_its_update_are_kept_together_or_not_at_all(tmp_path: Path) -> None:
    """Whenever the process is killed: what stands in the conversation reaches the bot after the next start."""

    async def scene() -> None:
        before = Stage(tmp_path)
        before.people[CITIZEN.id].sends("halo")
        rows = lambda: before._keeping._connection.execute("select count(*) from messages").fetchone()[0]  # noqa: E731
        assert rows() == 0
        await asyncio.sleep(0)
        (state,) = before._keeping._connection.execute("select body from state").fetchone()
        assert rows() == len(json.loads(state)["pending"]) == 1
        before.close()

    asyncio.run(scene())


def test_what_the_page_is_told_is_done_is_written_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping.Keeping, "keep", lambda self, event: self._changes.append(event))  # nothing by itself

    async def scene(page: Shown, session: aiohttp.ClientSession) -> None:
        kept = page.stage._keeping._connection
        await does(session, "send", text="halo")
        assert kept.execute("select count(*) from messages where body like '%halo%'").fetchone() == (1,)
        async with post_file(session, b"a;b") as answer:
            assert answer.status == 200
        assert kept.execute("select content from files").fetchall() == [(b"a;b",)]

    play(tmp_path, scene)


def test_a_full_disk_stops_nothing_but_the_keeping(tmp_path: Path) -> None:
    before = Stage(tmp_path)
    seen: list[str] = []
    before.telegram.watchers.append(lambda event: seen.append(event.kind))
    before._keeping._connection.execute("pragma max_page_count = 1")
    for number in range(200):
        before.people[CITIZEN.id].sends(f"{number} " + "x" * 4000)
    assert seen.count("message") == 200
    before.close()
    again = Stage(tmp_path)
    assert len(again.people[CITIZEN.id].messages) < 200
    again.close()


@pytest.mark.parametrize(
    "damage", ["update state set body = '{'", "update state set body = '[]'", "update messages set body = 'x'"]
)
def test_a_damaged_conversation_is_one_line_that_says_what_to_do(tmp_path: Path, damage: str) -> None:
    before = Stage(tmp_path)
    before.people[CITIZEN.id].sends("halo")
    before.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "telegram.db")) as connection, connection:
        connection.execute(damage)
    for _ in range(2):
        with pytest.raises(DatabaseError, match=r"telegram\.db is damaged .*Delete it to begin the conversation anew"):
            Stage(tmp_path)


def test_two_previews_cannot_share_a_conversation(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    with pytest.raises(DatabaseError, match="is in use: another preview runs on the same data"):
        Stage(tmp_path)
    stage.close()


def test_a_stray_database_is_not_taken_for_the_conversation(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "telegram.db")) as stray, stray:
        stray.execute("create table mine (id)")
    with pytest.raises(DatabaseError, match="is no database of this bot"):
        Stage(tmp_path)


# ------------------------------------------------------------------------------------------------------------- the command


class Command:
    """`bot.py preview` as a process."""

    def __init__(self, data_dir: Path, *arguments: str, **environment: str) -> None:
        given = {**os.environ, "DATA_DIR": str(data_dir), "PREVIEW_LISTEN": "127.0.0.1:0", **environment}
        given.pop("TELEGRAM_TOKEN", None)
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "bot.py"), "preview", *arguments],
            env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=data_dir,
        )  # fmt: skip

    @property
    def address(self) -> str:
        """Where it serves the page; waits until it does."""
        assert self.process.stdout is not None
        found = re.search(r"http://\S+", self.process.stdout.readline())
        assert found, self.process.stderr and self.process.stderr.read()
        return found[0]

    def ends(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Its exit status, told to stop, and what it wrote to standard error."""
        self.process.send_signal(number)
        return self.waits()

    def waits(self) -> tuple[int, str]:
        """Its exit status and standard error, once it ends by itself."""
        _, errors = self.process.communicate(timeout=30)
        return self.process.returncode, errors


async def _asks(address: str, text: str) -> list[str]:
    """What the citizen reads after a question."""
    async with (
        aiohttp.ClientSession(address, headers={"Origin": address.rstrip("/")}) as session,
        session.ws_connect("/updates") as tab,
    ):
        before = (await tab.receive_json())["content"]["chats"]["1001"]
        await does(session, "send", text=text)
        while True:
            event = await tab.receive_json(timeout=10)
            if event["kind"] == "message" and event["content"]["from"]["is_bot"]:
                return [*(message["text"] for message in before), event["content"]["text"]]


def test_the_command_serves_the_real_bot_on_data_of_its_own(tmp_path: Path) -> None:
    command = Command(tmp_path)
    said = asyncio.run(_asks(command.address, "apakah Klaten peserta?"))
    assert said[-1].startswith("Ya, Kabupaten Klaten")
    status, errors = command.ends()
    assert (status, "Traceback" in errors, "Warning" in errors) == (0, False, False)
    assert {path.name for path in tmp_path.iterdir()} == {"preview"}
    again = Command(tmp_path)
    said = asyncio.run(_asks(again.address, "kalau Sragen?"))
    assert said[0] == "apakah Klaten peserta?"
    assert "Sragen" in said[-1]
    again.process.kill()
    again.process.communicate()


def test_other_knowledge_is_used_with_a_warning_and_conversations_stay_apart(tmp_path: Path) -> None:
    other = tmp_path / "real"
    command = Command(tmp_path, "--data", str(other))
    asyncio.run(_asks(command.address, "apakah Klaten peserta?"))
    status, errors = command.ends(signal.SIGINT)
    assert status == 0
    assert f"Warning: the knowledge in {other} is in use" in errors
    assert (other / "knowledge.db").exists()
    assert not (other / "people.db").exists()
    assert (tmp_path / "preview" / "people.db").exists()


@pytest.mark.parametrize(
    ("listen", "told"),
    [
        ("nowhere", "PREVIEW_LISTEN should be host:port"),
        ("127.0.0.1:99999", "PREVIEW_LISTEN should be host:port"),
        ("a..b:80", "PREVIEW_LISTEN should be host:port"),
        ("*:8080", "PREVIEW_LISTEN should be host:port"),
        ("no.such.host.invalid:8080", "PREVIEW_LISTEN no.such.host.invalid:8080 cannot be listened on"),
    ],
)
def test_an_address_that_cannot_be_used_is_one_line(tmp_path: Path, listen: str, told: str) -> None:
    status, errors = Command(tmp_path, PREVIEW_LISTEN=listen).waits()
    assert status == 2
    assert told in errors
    assert len(errors.splitlines()) == 1


@pytest.mark.parametrize("folder", ["", "file"])
def test_knowledge_that_is_no_folder_is_one_line(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").touch()
    status, errors = Command(tmp_path, "--data", folder).waits()
    assert (status, errors) == (2, "Error: --data should be the folder of a knowledge.db.\n")


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    furnish(tmp_path / "preview")
    command = Command(tmp_path)
    listen = command.address.removeprefix("http://").rstrip("/")
    status, errors = Command(tmp_path / "preview", PREVIEW_LISTEN=listen).waits()
    assert status == 2
    assert f"PREVIEW_LISTEN {listen} cannot be listened on: Address already in use" in errors
    status, errors = Command(tmp_path).waits()
    assert status == 2
    assert "another preview runs on the same data" in errors
    command.ends()


# --------------------------------------------------------------------------------------------------------- the page's files


def test_every_word_of_the_page_is_there_and_is_used() -> None:
    html = (PAGE / "index.html").read_text(encoding="utf-8")
    scripts = "\n".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
    named = set(re.findall(r'data-(?:word|label|placeholder)="(\w+)"', html))
    spoken = {word for call in re.findall(r"\bw\((.*?)\)", scripts) for word in re.findall(r'"(\w+)"', call)}
    roles = {person.role for person in (CITIZEN, OFFICER, ADMIN)} | {"theme_auto", "theme_light", "theme_dark"}
    quoted = set(re.findall(r'"(\w+)"', scripts))
    have = set(words(speech("id")))
    assert (named | spoken | roles) - have == set()
    assert have - named - spoken - roles - quoted == set()


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_make_nodes_and_never_parse_text(path: Path) -> None:
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|srcdoc|setHTML"
    assert re.findall(forbidden, path.read_text(encoding="utf-8")) == []


def _light(colour: str) -> float:
    """Relative luminance (https://www.w3.org/TR/WCAG22/#dfn-relative-luminance)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    """Contrast ratio (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio)."""
    high, low = sorted((_light(one), _light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


GROUNDS = {
    "text": "panel panel-2 theirs mine quote quote-mine",
    "quiet": "panel panel-2 theirs quote",
    "mine-quiet": "mine",
    "accent": "panel panel-2 theirs mine",
    "on-accent": "accent",
    "key-text": "key quote quote-mine panel theirs mine",
    "warn": "warn-ground",
    "bad": "bad-ground",
    "panel": "text",
    "citizen": "theirs panel-2",
    "officer": "theirs panel-2",
    "admin": "theirs panel-2",
}
"""Which colour of text stands on which ground in style.css."""


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_stands_out_from_its_ground(theme: int) -> None:
    css = (PAGE / "style.css").read_text(encoding="utf-8")
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", css)
    colours = {name: pair[theme] for name, *pair in found}
    used = set(re.findall(r"[ {;]color: var\(--([\w-]+)\)", css))
    assert used - set(GROUNDS) == set()
    weak = {
        f"{text} on {ground}": round(_contrast(colours[text], colours[ground]), 2)
        for text, grounds in GROUNDS.items()
        for ground in grounds.split()
        if _contrast(colours[text], colours[ground]) < 4.5
    }
    assert weak == {}
