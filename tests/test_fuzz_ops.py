"""Whatever reaches the bot's two servers and its settings: it is answered by the rules or refused, and nothing is let in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from fuzz_acts import MARK, examples
from fuzzing import written
from hypothesis import example, given
from hypothesis import strategies as st

from handlers.service.health import Check
from handlers.service.ops import serving
from handlers.settings import Listen, Settings, SettingsError, load
from handlers.transport.metrics import Metrics
from handlers.transport.webhook import hook

SECRET = "hush-hush"
ANYWHERE = Listen("127.0.0.1", 0)
PLAIN = st.text(st.characters(codec="latin-1", exclude_characters="\r\n\x00"), max_size=20)
PATHS = st.one_of(
    st.sampled_from((
        "/hook", "/hook/", "/hook?a=b", "//hook", "/HOOK", "/hook/../hook", "/%68ook", "/healthz", "/readyz",
        "/metrics", "/metrics?x=1", "/", "*",
        "/../../etc/passwd", "/healthz%00", "/debug", "http://elsewhere/hook", "/favicon.ico", "/metrics/",
    )),
    PLAIN.map(lambda text: f"/{text}".replace(" ", "")),
)  # fmt: skip
METHODS = st.sampled_from(
    ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH", "get", "X" * 50)
)
SECRETS = st.sampled_from(
    (None, "", "hush-hus", "hush-hush ", "HUSH-HUSH", "hush-hushh", "ü", "\x80", "hush-hush, hush-hush", "x" * 5000)
)
BODIES = st.one_of(
    st.sampled_from((
        b"", b"null", b"[]", b"{}", b'{"update_id": 1}', b'{"update_id": "1"}', b'{"update_id": 1e3}',
        b'{"update_id": NaN}', b'{"update_id": true}',
        b'{"update_id": 99999999999999999999}', b'{"update_id": -1, "message": {"text": "' + MARK.encode() + b'"}}',
        b"[" * 100_000, b'{"a":' * 50_000,
        b"\xff\xfe", b'{"update_id": 1, "update_id": 2}', b'"\\ud800"',
        b'{"update_id": 5, "message": {"text": "\\ud800"}}', b"9" * 5000, b"x" * 1_000_001,
    )),
    st.binary(max_size=30),
)  # fmt: skip
HEADERS = st.lists(
    st.sampled_from((
        "Content-Length: -1", "Content-Length: 99999999999", "Transfer-Encoding: chunked", "Transfer-Encoding: gzip",
        "Content-Encoding: gzip",
        "Content-Length: 1\r\nContent-Length: 2", "Host: \r\nHost: x", "X" * 9000 + ": 1", ": ", "no header",
        "Cookie: a=b", "Connection: upgrade",
        "Expect: 100-continue", "X-Forwarded-For: ::1", "Content-Type: application/x-www-form-urlencoded",
        "Content-Type: multipart/form-data; boundary=x",
    )), max_size=2,
)  # fmt: skip


def asked(method: str, path: str, secret: str | None, headers: Sequence[str], body: bytes) -> bytes:
    """A request, as it goes over the wire."""
    told = [] if secret is None else [f"X-Telegram-Bot-Api-Secret-Token: {secret}"]
    sized = (
        []
        if any("ength" in header or "ncoding: chunked" in header for header in headers)
        else [f"Content-Length: {len(body)}"]
    )
    lines = [f"{method} {path} HTTP/1.1", "Host: bot", *told, *headers, *sized, "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace") + body


LAST = ("Connection: close",)
RAW = st.one_of(
    st.binary(max_size=80),
    st.builds(asked, METHODS, PATHS, SECRETS, HEADERS, BODIES),
    st.builds(asked, METHODS, PATHS, SECRETS, HEADERS, BODIES),
)


async def answered(port: int, request: bytes, *, ends: bool = True) -> tuple[int, bytes]:
    """The status of the answer and all of it; 0 where the connection is closed without one. ``ends``: nothing more is sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        if ends:
            writer.write_eof()
        whole = await asyncio.wait_for(reader.read(), 10)
    except ConnectionError:
        return 0, b""
    finally:
        writer.close()
    return (int(whole[9:12]) if whole.startswith(b"HTTP/1.1 ") else 0), whole


class Kept:
    """What comes in."""

    def __init__(self) -> None:
        self.updates: list[Any] = []

    async def receive(self, updates: Sequence[Any]) -> set[int]:
        """Keep it."""
        self.updates += updates
        return set()


@examples(12)
@given(requests=st.lists(RAW, min_size=20, max_size=30))
def test_nothing_comes_in_at_the_webhook_without_the_secret(requests: list[bytes]) -> None:
    async def scene() -> None:
        kept: Any = Kept()
        with written() as log:
            async with hook(kept, ANYWHERE, "https://bot.example/hook", SECRET) as port:
                for request in requests:
                    status, whole = await answered(port, request)
                    assert status in (0, 100, 400, 403, 404, 405, 413, 431), (status, request)
                    assert MARK.encode() not in whole
                assert kept.updates == []
                told = asked("POST", "/hook", SECRET, LAST, json.dumps({"update_id": 7}).encode())
                assert (await answered(port, told, ends=False))[0] == 200
                assert kept.updates == [{"update_id": 7}]
        assert "error" not in log.getvalue()
        assert SECRET not in log.getvalue()
        assert MARK not in log.getvalue()

    asyncio.run(scene())


@examples(12)
@given(bodies=st.lists(BODIES, min_size=10, max_size=20))
def test_with_the_secret_only_updates_come_in(bodies: list[bytes]) -> None:
    async def scene() -> None:
        kept: Any = Kept()
        with written() as log:
            async with hook(kept, ANYWHERE, "https://bot.example/hook", SECRET) as port:
                for body in bodies:
                    status, _ = await answered(port, asked("POST", "/hook", SECRET, LAST, body), ends=False)
                    assert status in (200, 400, 413) or (status == 0 and len(body) > 1_000_000)
        assert all(isinstance(update["update_id"], int) for update in kept.updates)
        assert "level=error" not in log.getvalue()

    asyncio.run(scene())


@examples(12)
@given(requests=st.lists(RAW, min_size=20, max_size=30))
def test_the_operators_server_tells_three_pages_and_takes_nothing(requests: list[bytes]) -> None:
    async def checks() -> dict[str, Check]:
        return {"knowledge": Check(True, "loaded")}

    async def scene() -> None:
        health: Any = SimpleNamespace(checks=checks)
        with written() as log:
            async with serving(ANYWHERE, health, Metrics()) as port:
                for request in requests:
                    status, whole = await answered(port, request)
                    assert status in (0, 100, 200, 400, 404, 405, 413, 431), (status, request)
                    if status == 200:
                        assert request.split(b" ")[0] in (b"GET", b"HEAD")
                    assert b"Traceback" not in whole
                    assert b"ornado" not in whole
                for path in ("/healthz", "/readyz", "/metrics"):
                    assert (await answered(port, asked("GET", path, None, LAST, b""), ends=False))[0] == 200
        assert "level=error" not in log.getvalue()

    asyncio.run(scene())


# -------------------------------------------------------------------------------------------------------------- settings

VALUES = st.one_of(
    st.sampled_from((
        "", " ", "none", "0", "-1", "1e9", "999999999999999999999", "nan", "inf", "127.0.0.1:8080", ":8080",
        "[::1]:80", "a:b:c", "host:99999", "http://",
        "https://bot.example/hook", "javascript:1", "4242:AAbb-secret", "secret with spaces", "1,2,,x", "1;2", "id",
        "EN", "DEBUG", "text", "../..", "~", "\u202e",
        "x" * 5000, "²", "٣:٣", "0.0.0.0:٨٠",
    )),
    st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=20),
)  # fmt: skip
HIDDEN = ("TELEGRAM_TOKEN", "WEBHOOK_SECRET")


@examples(200)
@given(values=st.dictionaries(st.sampled_from([name.upper() for name in Settings.model_fields]), VALUES, max_size=4))
@example(values={"OPS_LISTEN": "0.0.0.0:٨٠", "OWNER_IDS": "²"})
@example(values={"SECRETS_DIR": "x" * 5000})
@example(values={"TELEGRAM_TOKEN": "secret with spaces", "WEBHOOK_SECRET": "secret with spaces"})
def test_any_value_of_a_setting_is_taken_or_refused_in_one_line(values: dict[str, str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setenv(name, value)
        taken = loaded()
    if isinstance(taken, str):
        assert "\n" not in taken
        assert any(name in taken for name in values)
        for name in HIDDEN:
            secret = values.get(name, "").strip()
            assert len(secret) < 9 or secret not in taken
        return
    for listen in (taken.webhook_listen, taken.preview_listen, taken.ops_listen):
        assert listen is None or 0 <= listen.port <= 65535
    for secret in (taken.telegram_token, taken.webhook_secret):
        assert not secret.get_secret_value() or secret.get_secret_value() not in f"{secret!r} {secret}"


def loaded() -> Settings | str:
    """The settings in force, or what is wrong with them."""
    try:
        return load()
    except SettingsError as error:
        return str(error)
