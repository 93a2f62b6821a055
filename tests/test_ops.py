"""What an operator's tools ask the running bot: alive, ready, its numbers; before Telegram is there, with a broken disk, and from
the terminal."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import http.client
import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result
from process import TOKEN, bot_process, free_port
from running import Running, furnish, play, running
from structlog.testing import capture_logs
from telegram import WebhookInfo
from telegram.error import NetworkError

from handlers.fake_telegram import FakeTelegram, ServerError, serve
from handlers.people.connection import Outage
from handlers.service import health as looking
from handlers.service import ops
from handlers.service.health import ASK_SECONDS, ASKED_WITHIN, LOOK_SECONDS, POLLED_WITHIN, PROBE, Health
from handlers.service.running import make
from handlers.settings import Listen, Settings
from handlers.shared.services import Services
from handlers.terminal.health import health as health_command
from handlers.transport.metrics import Metrics
from knowledge import store

ROOT = Path(__file__).parent.parent
HOOK = "https://bot.example.org/hook"
HERE = Listen("127.0.0.1", 0)
pytestmark = pytest.mark.usefixtures("one_engine")


class Clock:
    """Seconds that only the test lets go on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def asked(health: Health, metrics: Metrics) -> AsyncIterator[httpx.AsyncClient]:
    """The server, and somebody who asks it."""
    async with (
        ops.serving(HERE, health, metrics) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        yield client


def with_server(data_dir: Path, scene: Callable[[Running, httpx.AsyncClient], Awaitable[None]]) -> None:
    """Play a scene with a running bot and its server."""

    async def whole() -> None:
        async with (
            running(FakeTelegram(), data_dir) as bot,
            asked(bot.bot.health, bot.bot.services.metrics) as client,
        ):
            await scene(bot, client)

    play(whole)


# --------------------------------------------------------------------------------------------------------------- addresses


def test_alive_ready_and_the_numbers(tmp_path: Path) -> None:
    async def scene(bot: Running, client: httpx.AsyncClient) -> None:
        alive, page, ready = [await client.get(path) for path in ("/healthz", "/metrics", "/readyz")]
        assert (alive.status_code, alive.text) == (200, "ok\n")
        assert ready.status_code == 200
        found = ready.json()
        assert found["ready"] is True
        assert {name: check["ok"] for name, check in found["checks"].items()} == dict.fromkeys(
            ("telegram", "knowledge", "data_dir", "people.db"), True
        )
        assert page.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        assert f'tanya_knowledge_info{{edition="{bot.bot.services.engine.snapshot.edition}"}} 1.0' in page.text
        assert 'tanya_check_passed{check="telegram"} 1.0' in page.text
        assert list(tmp_path.glob(f"{PROBE}*")) == []

    with_server(tmp_path, scene)


def test_nothing_but_get_and_head_and_no_word_about_itself(tmp_path: Path) -> None:
    async def scene(bot: Running, client: httpx.AsyncClient) -> None:
        for path in ("/healthz", "/readyz", "/metrics"):
            for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
                refused = await client.request(method, path)
                assert (refused.status_code, refused.content) == (405, b"")
            whole, head = await client.get(path), await client.head(path)
            assert (head.status_code, head.content) == (200, b"")
            for reply in (whole, head):
                assert reply.headers["Cache-Control"] == "no-store"
                assert not {"server", "etag", "set-cookie"} & {name.lower() for name in reply.headers}
        for path in ("/", "/healthz/", "/metrics/x", "/healthz%00", "/../people.db"):
            assert (await client.get(path)).status_code == 404
        assert (await client.post("/metrics", content=b"x" * 10)).status_code == 400

    with_server(tmp_path, scene)


def test_an_address_that_is_taken_is_told_in_one_line_and_served_once_it_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ops, "AGAIN_SECONDS", 0.01)

    async def whole() -> None:
        async with running(FakeTelegram(), tmp_path) as bot:
            with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as other:
                listen = Listen("127.0.0.1", other.server_port)
                serving = ops.beside(listen, bot.bot.health, bot.bot.services.metrics)
                await serving.__aenter__()
                while len(lines) < 3:  # It is tried again and again.
                    await asyncio.sleep(0.01)
            async with httpx.AsyncClient() as client, asyncio.timeout(10):
                alive = None
                while alive is None:
                    with contextlib.suppress(httpx.TransportError):
                        alive = await client.get(f"http://{listen}/healthz")
            await serving.__aexit__(None, None, None)
        assert alive.status_code == 200

    with capture_logs() as lines:
        play(whole)
    told = [(line["event"], line["log_level"]) for line in lines if "OPS_LISTEN" in line["event"]]
    assert [level for _, level in told if level != "debug"] == ["warning", "info"]


# ---------------------------------------------------------------------------------------------------------------- telegram


def check_of(health: Health, name: str) -> tuple[bool, str]:
    """One check, now."""
    return asyncio.run(health.checks())[name]


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """A bot that is made and not started."""
    furnish(tmp_path)
    bot = make(Settings(telegram_token=TOKEN, data_dir=tmp_path))
    yield bot.services
    bot.services.people.close()


def test_before_telegram_is_reached_it_is_alive_and_not_ready(services: Services) -> None:
    async def scene() -> None:
        health = Health(services, NoTelegram())
        async with asked(health, services.metrics) as client:
            assert (await client.get("/healthz")).status_code == 200
            ready = await client.get("/readyz")
            assert ready.status_code == 503
            assert ready.json()["ready"] is False
            failed = {name: check["detail"] for name, check in ready.json()["checks"].items() if not check["ok"]}
            assert failed == {"telegram": "Telegram could not be reached since the start 0 s ago"}
            assert 'tanya_check_passed{check="telegram"} 0.0' in page_of(services, health)

    play(scene)


def test_it_is_ready_for_as_long_as_updates_are_fetched(services: Services) -> None:
    clock = Clock()
    health = Health(services, NoTelegram(), clock)
    services.metrics.polled_at = clock.now
    clock.now += POLLED_WITHIN
    assert check_of(health, "telegram") == (True, "updates were fetched 90 s ago")
    clock.now += 1
    assert check_of(health, "telegram") == (False, "updates were fetched 91 s ago")
    assert "tanya_last_poll_age_seconds 91.0" in page_of(services, health)


def page_of(services: Services, health: Health) -> str:
    """The page with what a test's own clock says."""
    services.metrics._sources[-1] = health.readings
    return services.metrics.page().decode()


class NoTelegram:
    """Where the bot asks about its webhook: answers are given beforehand, and none are left."""

    def __init__(self, *answers: WebhookInfo | Exception) -> None:
        self.answers = list(answers)
        self.asked = asyncio.Event()

    async def get_webhook_info(self) -> WebhookInfo:
        """The next answer."""
        answer = self.answers.pop(0)
        if not self.answers:
            self.asked.set()
        if isinstance(answer, Exception):
            raise answer
        return answer


def told(pending: int, error: int = 0, message: str = "", url: str = HOOK) -> WebhookInfo:
    """What Telegram says of the webhook."""
    when = datetime.fromtimestamp(error, UTC) if error else None
    return WebhookInfo(url, False, pending, last_error_date=when, last_error_message=message or None)


def after(health: Health, *answers: WebhookInfo | Exception) -> tuple[bool, str]:
    """The check once Telegram has said so, a minute after the last time."""
    telegram = health._telegram = NoTelegram(*answers)

    async def ask() -> None:
        asking = asyncio.create_task(health.keep_asking())
        await telegram.asked.wait()
        await asyncio.sleep(0)
        assert not asking.done()
        asking.cancel()

    asyncio.run(ask())
    return check_of(health, "telegram")


@pytest.fixture
def by_webhook(services: Services) -> Services:
    """The same by webhook."""
    services.settings = services.settings.model_copy(update={"webhook_url": HOOK})
    return services


def test_by_webhook_silence_is_normal(by_webhook: Services) -> None:
    clock = Clock()
    health = Health(by_webhook, NoTelegram(), clock)
    assert check_of(health, "telegram") == (False, "Telegram could not be reached since the start 0 s ago")
    assert after(health, told(0)) == (True, "Telegram delivers by webhook")
    clock.now += ASKED_WITHIN
    assert after(health, NetworkError("gone")) == (True, "Telegram delivers by webhook")
    clock.now += ASK_SECONDS
    assert after(health, NetworkError("gone")) == (False, "Telegram was reached 240 s ago")
    assert after(health, told(0))[0] is True
    assert after(health, TypeError("no answer that can be read"))[0] is True


def test_by_webhook_a_delivery_that_fails_now_is_told_and_one_of_long_ago_is_not(by_webhook: Services) -> None:
    health = Health(by_webhook, NoTelegram(), Clock())
    assert after(health, told(3, 100, "Connection refused"))[0] is True, "nobody knows of when that is"
    assert after(health, told(3, 100, "Connection refused"))[0] is True
    failing = (False, "Telegram holds 4 updates that it cannot deliver: Wrong response: 502 Bad Gateway")
    assert after(health, told(4, 160, "Wrong response:\n502 Bad Gateway")) == failing
    assert after(health, told(4, 160, "Wrong response: 502 Bad Gateway")) == failing, "tried again later"
    page = page_of(by_webhook, health)
    assert "tanya_webhook_pending_updates 4.0" in page
    assert "tanya_webhook_last_error_timestamp_seconds 160.0" in page
    assert "tanya_last_poll_age_seconds " not in page
    assert after(health, told(2, 160, "Wrong response: 502 Bad Gateway"))[0] is True, "fewer wait: it delivers again"
    assert after(health, told(5, 220, "x" * 999))[1].endswith("deliver: " + "x" * 200)
    assert after(health, told(0, 220, "x"))[0] is True


def test_a_webhook_that_points_elsewhere_is_told(by_webhook: Services) -> None:
    health = Health(by_webhook, NoTelegram(), Clock())
    elsewhere = (False, "Telegram delivers to another address than WEBHOOK_URL")
    assert after(health, told(0, url="https://other.example.org/")) == elsewhere
    assert after(health, told(0))[0] is True


# -------------------------------------------------------------------------------------------------------------------- disk


def blocked(folder: Path) -> Path:
    """Something is in the way of every file of that name."""
    (folder / PROBE).mkdir()
    return folder / PROBE


def test_a_folder_that_cannot_be_written_is_told_until_it_can(services: Services, tmp_path: Path) -> None:
    clock = Clock()
    health = Health(services, NoTelegram(), clock)
    assert check_of(health, "data_dir") == (True, f"{tmp_path} can be written")
    in_the_way = blocked(tmp_path)
    clock.now += LOOK_SECONDS
    assert check_of(health, "data_dir")[0] is True, "it was looked at just now"
    clock.now += 1
    assert check_of(health, "data_dir") == (False, f"{tmp_path} cannot be written: {os.strerror(21)}")
    in_the_way.rmdir()
    clock.now += LOOK_SECONDS + 1
    assert check_of(health, "data_dir")[0] is True


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full disk to write to")
def test_a_full_disk_is_told_and_nothing_is_left_on_it(services: Services, tmp_path: Path) -> None:
    (tmp_path / PROBE).symlink_to("/dev/full")
    assert check_of(Health(services, NoTelegram()), "data_dir") == (
        False,
        f"{tmp_path} cannot be written: {os.strerror(28)}",
    )
    assert not (tmp_path / PROBE).is_symlink()


def test_a_disk_that_does_not_answer_holds_up_nothing_else(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    answers, looks, real = threading.Event(), [], looking._look

    def slow(*folders: Path) -> looking.Disk:
        looks.append(folders)
        answers.wait(20)
        return real(*folders)

    monkeypatch.setattr(looking, "_look", slow)
    monkeypatch.setattr(looking, "DISK_SECONDS", 0.01)

    async def scene() -> None:
        health = Health(services, NoTelegram())
        async with asked(health, services.metrics) as client:
            for _ in range(3):
                checks = (await client.get("/readyz")).json()["checks"]
                for name in ("knowledge", "data_dir"):
                    assert checks[name] == {"ok": False, "detail": "the disk did not answer within 0 s"}
                assert (await client.get("/healthz")).status_code == 200
            assert len(looks) == 1, "one thread waits for the disk, however often it is asked"
            answers.set()
            monkeypatch.setattr(looking, "DISK_SECONDS", 20.0)
            assert (await client.get("/readyz")).json()["checks"]["data_dir"]["ok"] is True

    try:
        play(scene)
    finally:
        answers.set()


@pytest.mark.parametrize("missing", [True, False])
def test_a_knowledge_db_that_cannot_be_read_is_told(services: Services, tmp_path: Path, missing: bool) -> None:
    path = tmp_path / store.FILE
    for file in tmp_path.glob(f"{store.FILE}*"):
        file.unlink()
    if not missing:
        path.write_bytes(b"no database at all" * 500)
    ok, detail = check_of(Health(services, NoTelegram()), "knowledge")
    assert ok is False
    assert detail.startswith(f"answers come from memory: {path} ")
    assert "\n" not in detail


def test_a_people_db_that_is_gone_or_another_one_is_told_at_once(tmp_path: Path) -> None:
    """What is written into a file that was moved away is seen by nobody."""

    async def scene(bot: Running, client: httpx.AsyncClient) -> None:
        path, away = tmp_path / "people.db", tmp_path / "elsewhere.db"
        path.rename(away)
        for _ in range(2):
            found = (await client.get("/readyz")).json()["checks"]["people.db"]
            assert found["ok"] is False
            assert "is gone or was replaced while the bot runs" in found["detail"]
            assert not bot.people.writable
            path.write_bytes(away.read_bytes())
        away.replace(path)
        assert bot.people.recover()
        assert (await client.get("/readyz")).json()["checks"]["people.db"] == {"ok": True, "detail": "in use"}

    with_server(tmp_path, scene)


def test_a_people_db_that_cannot_be_written_is_told(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    health = Health(services, NoTelegram())
    assert check_of(health, "people.db") == (True, "in use")
    with monkeypatch.context() as failing:
        failing.setattr(services.people._connection, "outage", Outage("the disk is full; free some space", 13))
        assert check_of(health, "people.db") == (False, "since 0 s: the disk is full; free some space")


# ---------------------------------------------------------------------------------------------------------------- terminal


def health_of(listen: str) -> Result:
    """`bot.py health`."""
    return CliRunner().invoke(health_command, env={"OPS_LISTEN": listen})


def test_the_command_says_what_was_found(tmp_path: Path) -> None:
    async def whole() -> None:
        async with running(FakeTelegram(), tmp_path) as bot:
            anywhere = Listen("0.0.0.0", 0)
            async with ops.serving(anywhere, bot.bot.health, bot.bot.services.metrics) as port:
                well = await asyncio.to_thread(health_of, f"0.0.0.0:{port}")
                bot.bot.services.metrics.polled_at = None
                ill = await asyncio.to_thread(health_of, f"127.0.0.1:{port}")
        assert (well.exit_code, ill.exit_code) == (0, 1)
        assert [line[:3] for line in well.output.splitlines()] == ["ok "] * 4
        assert [line[:14] for line in ill.output.splitlines() if not line.startswith("ok ")] == ["NOT telegram  "]

    play(whole)


@pytest.mark.parametrize(("listen", "host"), [("0.0.0.0", "127.0.0.1"), ("[::]", "::1"), ("10.0.0.5", "10.0.0.5")])
def test_the_command_asks_this_computer_where_the_server_listens_everywhere(
    monkeypatch: pytest.MonkeyPatch, listen: str, host: str
) -> None:
    asked = []

    def connection(host: str, port: int, timeout: float) -> None:
        asked.append((host, port))
        raise OSError("nobody is there")

    monkeypatch.setattr(http.client, "HTTPConnection", connection)
    assert health_of(f"{listen}:8081").exit_code == 1
    assert asked == [(host, 8081)]


def test_the_command_says_what_is_wrong_in_one_line() -> None:
    nobody = health_of(f"127.0.0.1:{free_port()}")
    for done, status, begins in (
        (nobody, 1, "Error: No bot answers at OPS_LISTEN 127.0.0.1:"),
        (health_of("none"), 2, "Error: OPS_LISTEN names no port"),
        (health_of("127.0.0.1:0"), 2, "Error: OPS_LISTEN names no port"),
        (health_of("somewhere"), 2, "Error: OPS_LISTEN should be host:port"),
    ):
        assert done.exit_code == status
        (line,) = done.output.splitlines()
        assert line.startswith(begins)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"ready": true}', b'{"ready": true, "checks": {"a": 1}}', b"\xff"]
)
def test_the_command_knows_a_stranger(body: bytes) -> None:
    class Stranger(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Stranger) as server:
        answering = threading.Thread(target=functools.partial(server.serve_forever, poll_interval=0.01))
        answering.start()
        try:
            done = health_of(f"127.0.0.1:{server.server_port}")
        finally:
            server.shutdown()
            answering.join()
    assert done.exit_code == 1
    (line,) = done.output.splitlines()
    assert "is not this bot" in line


def test_the_process_answers_before_telegram_does_and_until_it_ends(tmp_path: Path) -> None:
    """The one test with the whole process: the container's health check against `bot.py run`."""
    listen = f"127.0.0.1:{free_port()}"

    def health() -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "OPS_LISTEN": listen}
        command = [sys.executable, str(ROOT / "bot.py"), "health"]
        return subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False
        )

    async def scene() -> None:
        telegram = FakeTelegram()
        telegram.faults.add("getMe", ServerError(), times=99)
        furnish(tmp_path)
        async with (
            serve(telegram) as url,
            bot_process(url, tmp_path, OPS_LISTEN=listen) as bot,
            httpx.AsyncClient() as client,
        ):
            alive = None
            async with asyncio.timeout(30):
                while alive is None:
                    with contextlib.suppress(httpx.TransportError):
                        alive = await client.get(f"http://{listen}/healthz")
                assert (await client.get(f"http://{listen}/readyz")).status_code == 503
                telegram.faults.clear()
                while (await client.get(f"http://{listen}/readyz")).status_code != 200:
                    await asyncio.sleep(0.05)
            found = await asyncio.to_thread(health)
            assert (found.returncode, found.stderr) == (0, "")
            assert await bot.stop() == 0
            assert (await asyncio.to_thread(health)).returncode == 1
            assert all(json.loads(line)["level"] != "error" for line in bot.output.splitlines())

    play(scene)
