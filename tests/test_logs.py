"""Logs: one line an event, nothing of what people write, and never the token, whoever wrote the line."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from running import Running, play, running
from structlog.testing import CapturingLogger

from handlers.fake_telegram import FakeTelegram, Refused, ServerError
from handlers.settings import Settings
from handlers.transport import logs, pacing, polling
from handlers.transport.logs import HIDDEN, Redaction
from knowledge import Engine

TOKEN = "4242424242:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"
SHORT = "42:TEST"
NOISY = (
    "httpx",
    "httpcore",
    "telegram",
    "telegram.ext.Application",
    "telegram.Bot",
    "tornado.access",
    "asyncio",
)
LOGFMT = re.compile(
    r'timestamp=\S+ level=(debug|info|warning|error|critical) event=("(?:[^"\\]|\\.)*"|\S+)(?: [\w.]+(=("(?:[^"\\]|\\.)*"|\S*))?)*'
)


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> Iterator[None]:
    """Logging is the process's own: it is given back as it was. The bot answers from the engine that all tests share."""
    monkeypatch.setattr("knowledge.open_engine", lambda _: engine)
    names = [None, *logging.root.manager.loggerDict]
    levels = {name: logging.getLogger(name).level for name in names}
    handlers = list(logging.root.handlers)
    yield
    structlog.reset_defaults()
    logging.root.handlers = handlers
    logging.raiseExceptions = True
    for name in [None, *logging.root.manager.loggerDict]:
        logging.getLogger(name).setLevel(levels.get(name, logging.NOTSET))


def written(monkeypatch: pytest.MonkeyPatch, token: str = TOKEN, **settings: Any) -> io.StringIO:
    """Set the logs up; where they are written to."""
    out = io.StringIO()
    monkeypatch.setattr("sys.stderr", out)
    logs.set_up(Settings(telegram_token=token, **settings))
    return out


BOTH = pytest.mark.parametrize("form", ["text", "json"])
LEVELS = pytest.mark.parametrize("level", ["DEBUG", "INFO"])

# -------------------------------------------------------------------------------------------------------------- secrets


@BOTH
def test_a_line_holds_no_secret_whoever_wrote_it(monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    out = written(monkeypatch, token=SHORT, webhook_secret="hush-hush", log_format=form)
    structlog.get_logger("a").warning("trouble", url=f"https://x/bot{SHORT}/getMe", secret="hush-hush")
    logging.getLogger("library").warning("POST https://x/bot%s/getMe hush-hush %s", SHORT, TOKEN)
    try:
        raise RuntimeError(f"refused {SHORT} hush-hush {TOKEN}")
    except RuntimeError as error:
        structlog.get_logger("a").error("failed", exc_info=error)
        logging.getLogger("library").exception("failed")
    lines = out.getvalue().splitlines()
    assert len(lines) == 4
    assert [line for line in lines if SHORT in line or "hush" in line or TOKEN in line] == []
    assert [HIDDEN in line for line in lines] == [True, True, False, False]
    assert all("RuntimeError at test_logs.py" in line for line in lines[2:])


@pytest.mark.parametrize("token", [SHORT, TOKEN, '4242:quo"ted', "4242:back\\slash", "4242:ümläut"])
@BOTH
def test_the_token_in_use_is_refused_or_taken_out_whatever_it_looks_like(
    monkeypatch: pytest.MonkeyPatch, token: str, form: str
) -> None:
    try:
        out = written(monkeypatch, token=token, log_format=form)
    except ValidationError:
        assert token not in (SHORT, TOKEN)
        return
    structlog.get_logger("a").error("failed", detail=f"bot{token} refused")
    assert HIDDEN in out.getvalue()
    assert [piece for piece in re.findall(r"\w{3,}", token) if piece in out.getvalue()] == []


@given(st.text(), st.from_regex(r"\d{8,10}:[A-Za-z0-9_-]{35}", fullmatch=True), st.text())
def test_anything_that_looks_like_a_token_is_taken_out(before: str, token: str, after: str) -> None:
    assert token not in Redaction([])(CapturingLogger(), "info", f"{before}{token}{after}")


@given(st.text(st.characters(exclude_characters=":")))
def test_everything_else_is_left_as_it_is(line: str) -> None:
    assert Redaction(["", "42:TEST"])(CapturingLogger(), "info", line) == line


# ----------------------------------------------------------------------------------------------------------------- form


@BOTH
def test_an_event_is_one_line_that_can_be_read(monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    out = written(monkeypatch, log_format=form)
    log = structlog.get_logger("a")
    log.info("plain", number=1, nothing=None, flag=True)
    log.warning("with words", text='two\nlines "quoted" = 1 ✓')
    logging.getLogger("library").warning("several\nlines")
    try:
        raise ValueError("several\nlines")
    except ValueError as error:
        log.error("failed", exc_info=error)
    lines = out.getvalue().splitlines()
    assert len(lines) == 4
    if form == "json":
        events = [json.loads(line) for line in lines]
        assert {k: v for k, v in events[0].items() if k != "timestamp"} == {
            "event": "plain", "level": "info", "number": 1, "flag": True,
        }  # fmt: skip
        assert events[1]["text"] == 'two\nlines "quoted" = 1 ✓'
        assert re.fullmatch(r"ValueError at test_logs\.py:\d+", events[3]["exception"])
        assert (events[2]["event"], events[2]["logger"]) == ("several", "library")
        assert [event["level"] for event in events] == ["info", "warning", "warning", "error"]
    else:
        assert [line for line in lines if not LOGFMT.fullmatch(line)] == []
        assert "nothing" not in lines[0]


@pytest.mark.parametrize(
    ("level", "expected"),
    [("DEBUG", ["d", "i", "w", "e"]), ("INFO", ["i", "w", "e"]), ("WARNING", ["w", "e"]), ("ERROR", ["e"])],
)
def test_the_level_that_was_set_decides(monkeypatch: pytest.MonkeyPatch, level: str, expected: list[str]) -> None:
    out = written(monkeypatch, log_level=level, log_format="json")
    log = structlog.get_logger("a")
    for name, event in (("debug", "d"), ("info", "i"), ("warning", "w"), ("error", "e")):
        getattr(log, name)(event)
    assert [json.loads(line)["event"] for line in out.getvalue().splitlines()] == expected


@pytest.mark.parametrize("name", NOISY)
@LEVELS
def test_libraries_that_tell_of_every_request_are_silent_below_warning(
    monkeypatch: pytest.MonkeyPatch, name: str, level: str
) -> None:
    out = written(monkeypatch, log_level=level)
    for call in ("debug", "info"):
        getattr(logging.getLogger(name), call)("POST https://x/bot%s/getMe", TOKEN)
    assert out.getvalue() == ""
    logging.getLogger(name).warning("trouble")
    assert len(out.getvalue().splitlines()) == 1


def test_set_up_twice_writes_a_line_once(monkeypatch: pytest.MonkeyPatch) -> None:
    written(monkeypatch)
    out = written(monkeypatch)
    structlog.get_logger("a").info("once")
    assert len(out.getvalue().splitlines()) == 1


# ------------------------------------------------------------------------------------------------------------ in the bot

PRIVATE = "wakandaforever"
"""A word that only people say here."""


async def everything(telegram: FakeTelegram, bot: Running) -> None:
    """Questions of all kinds, and a group, buttons, inline mode, a voice message, an edit, a block."""
    budi, kate, group = telegram.user("Budi"), telegram.user("Kate", language="en"), telegram.group("Warga")
    said = budi.sends("Klaten ikut?")
    for text in (
        f"apakah {PRIVATE} ikut?",
        f"apa itu {PRIVATE} sukorejo",
        "Sukorejo ikut?",
        f"/{PRIVATE}",
        f"/start {PRIVATE[:9]}",
    ):
        kate.sends(text)
    await bot.settles()
    budi.presses("Sumber")
    budi.press_data(PRIVATE, budi.last)
    budi.edits(said, f"Blora dan {PRIVATE} ikut?")
    budi.sends_voice()
    group.adds_bot()
    kate.sends(f"/ask {PRIVATE}", to=group)
    kate.sends(f"hello {PRIVATE}", to=group)
    kate.types_inline(f"kla {PRIVATE}")
    kate.blocks()
    telegram.raw({"some_new_thing": {"text": PRIVATE}})
    await bot.settles()


@BOTH
@LEVELS
def test_every_update_is_one_line_with_its_outcome_and_nothing_that_was_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, level: str
) -> None:
    out = written(monkeypatch, token=SHORT, log_format=form, log_level=level)

    async def scene() -> None:
        telegram = FakeTelegram()
        async with running(telegram, tmp_path) as bot:
            await everything(telegram, bot)
            number = len(bot.outcomes())
        lines = out.getvalue().splitlines()
        marks = '"event": "update"' if form == "json" else "event=update "
        updates = [line for line in lines if marks in line]
        assert len(updates) == number >= 14
        named = re.compile(r'"?update_id"?(?:=|: )(\d+)')
        assert len({named.search(line)[1] for line in updates}) == number  # type: ignore[index]
        for field in ("outcome", "type", "ms"):
            assert all(re.search(rf'[ "]{field}"?(=|: )"?\w', line) for line in updates)
        assert SHORT not in out.getvalue()
        assert PRIVATE[:9] not in out.getvalue()
        if form == "json":
            assert all(isinstance(json.loads(line), dict) for line in lines)
        else:
            assert [line for line in lines if not LOGFMT.fullmatch(line)] == []

    play(scene)


@BOTH
@LEVELS
def test_an_error_is_told_with_its_place_and_without_the_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: Engine, form: str, level: str
) -> None:
    out = written(monkeypatch, token=SHORT, log_format=form, log_level=level)

    def fails(*arguments: Any, **named: Any) -> None:
        raise RuntimeError(f"cannot reach https://api.telegram.org/bot{SHORT}/sendMessage nor {TOKEN}")

    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            monkeypatch.setattr(engine, "answer", fails)
            budi.sends(f"apa itu {PRIVATE}")
            await bot.settles()
            assert bot.outcomes() == ["error"]
        lines = out.getvalue().splitlines()
        assert sum("unexpected" in line and "RuntimeError" in line and "running.py" not in line for line in lines) >= 1
        # What the error says may hold what the person wrote.
        assert not any("cannot reach" in line for line in lines)
        assert sum("update" in line and "outcome" in line for line in lines) == 1
        assert SHORT not in out.getvalue()
        assert TOKEN not in out.getvalue()
        assert PRIVATE not in out.getvalue()

    play(scene)


@BOTH
@pytest.mark.parametrize("method", ["getUpdates", "sendMessage"])
@pytest.mark.parametrize(
    "refusal",
    [Refused(409, f"Conflict: {SHORT} is used"), Refused(401, f"Unauthorized: {SHORT}"), ServerError(502), Refused(404, "Not Found")],
    ids=["conflict", "token", "server", "unknown"],
)  # fmt: skip
def test_trouble_with_telegram_is_told_without_the_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, method: str, refusal: Any
) -> None:
    out = written(monkeypatch, token=SHORT, log_format=form, log_level="DEBUG")
    monkeypatch.setattr(pacing, "pauses", lambda _: iter([0.001] * 99))

    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            telegram.faults.add(method, refusal)
            budi.sends("Klaten ikut?")
            if method == "sendMessage":
                await bot.settles()
            await telegram.until(lambda: any(call.error for call in telegram.called(method)))
            for _ in range(20):  # What the bot makes of it takes a few turns of the loop.
                await asyncio.sleep(0)

    told = ""
    try:
        play(scene)
    except polling.PollingError as error:
        told = str(error)
    # Other pollers are waited for in silence: only if they stay, one line says so.
    waited = method == "getUpdates" and "Conflict" in refusal.description if isinstance(refusal, Refused) else False
    assert told or waited or re.search(r'level=(warning|error)|"level": "(warning|error)"', out.getvalue())
    assert SHORT not in out.getvalue()
    assert SHORT not in told


def test_a_token_that_is_refused_is_not_told_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """python-telegram-bot's own message holds it."""
    out = written(monkeypatch, token=SHORT)

    async def scene() -> None:
        with pytest.raises(polling.PollingError) as caught:
            async with running(FakeTelegram(token="43:OTHER"), tmp_path):
                pass
        assert SHORT not in str(caught.value)
        assert caught.value.__suppress_context__

    play(scene)
    assert SHORT not in out.getvalue()
