"""What people write, and the token, stand in no line of the log, no page of metrics and no message to others, whatever fails."""

from __future__ import annotations

import ast
import asyncio
import gc
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from fuzz_acts import MARK, Act
from fuzzing import Stage, staged
from telegram.error import BadRequest, NetworkError

from handlers.fake_telegram import InProcessRequest, Refused
from handlers.transport import logs
from handlers.transport.logs import without_quotes
from knowledge import Engine

ROOT = Path(__file__).parent.parent
TOKEN = "42:TEST"
LONG = "4242424242:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"
SECRETS = (MARK, TOKEN, LONG)
WORDS = f"{MARK} https://api.telegram.org/bot{TOKEN}/sendMessage {LONG}"
"""What an error might say: a person's words, and an address that holds the token."""
Provoke = Callable[[Stage, pytest.MonkeyPatch], None]


def raising(error: Exception) -> Callable[..., Any]:
    """A function that fails, in a way that another error led to."""

    def fails(*_: Any, **__: Any) -> None:
        try:
            raise ValueError(f"{WORDS}\n{WORDS}")
        except ValueError as before:
            raise error from before

    return fails


def in_handler(stage: Stage, patch: pytest.MonkeyPatch) -> None:
    """The handler fails."""
    patch.setattr(stage.bot.bot.services.engine, "answer", raising(RuntimeError(WORDS)))


def in_effect(stage: Stage, patch: pytest.MonkeyPatch) -> None:
    """What waits until the answer is sent cannot be written."""
    patch.setattr(stage.bot.people.profiles, "set_conversation", raising(TypeError(WORDS)))


def in_sqlite(stage: Stage, patch: pytest.MonkeyPatch) -> None:
    """people.db refuses something while it is handled."""
    patch.setattr(stage.bot.people.profiles, "language", raising(sqlite3.IntegrityError(WORDS)))


def in_telegram(stage: Stage, patch: pytest.MonkeyPatch) -> None:
    """Telegram refuses an answer and quotes it."""
    for _ in range(6):
        stage.telegram.faults.add(
            "sendMessage", Refused(400, f'Bad Request: can\'t parse entities: unsupported start tag "{WORDS}"')
        )


def in_network(stage: Stage, patch: pytest.MonkeyPatch) -> None:
    """The way to Telegram breaks, and the error names the address."""
    sending = InProcessRequest.do_request

    async def broken(self: Any, url: str, *rest: Any, **named: Any) -> Any:
        if url.endswith("sendMessage"):
            cause = aiohttp.ClientConnectionError(f"cannot connect to {url} {WORDS}")
            raise NetworkError(f"aiohttp.{type(cause).__name__}") from cause
        return await sending(self, url, *rest, **named)

    patch.setattr(InProcessRequest, "do_request", broken)
    patch.setattr("handlers.transport.pacing.SEND_FOR", 0.0)


def in_error_handler(stage: Stage, patch: pytest.MonkeyPatch) -> None:
    """What deals with errors fails as well."""
    in_handler(stage, patch)
    patch.setattr("handlers.errors._unexpected", raising(RuntimeError(WORDS)))


def in_background(stage: Stage, patch: pytest.MonkeyPatch) -> None:
    """Tasks and callbacks that nobody waits for fail."""
    loop = asyncio.get_running_loop()
    logs.catch_forgotten(loop)
    loop.call_soon(raising(RuntimeError(WORDS)))

    async def task() -> None:
        raising(RuntimeError(WORDS))()

    loop.call_soon(lambda: loop.create_task(task(), name=WORDS))


async def provoked(engine: Engine, provoke: Provoke, act: Act) -> tuple[str, str]:
    """What is logged, and told to the owner, of an error."""
    async with staged(engine) as stage:
        with pytest.MonkeyPatch.context() as patch:
            told = len(stage.telegram.said(stage.people["owner"]))
            provoke(stage, patch)
            await stage.play([act])
            gc.collect()
            page = stage.bot.bot.services.metrics.page().decode()
            owner = "\n".join(stage.telegram.said(stage.people["owner"])[told:])
    return f"{stage.log.getvalue()}\n{page}", owner


@pytest.mark.parametrize(
    "provoke", [in_handler, in_effect, in_sqlite, in_telegram, in_network, in_error_handler, in_background],
    ids=lambda f: f.__name__
)  # fmt: skip
def test_an_error_is_told_by_its_kind_and_place_alone(engine: Engine, provoke: Provoke) -> None:
    logged, owner = asyncio.run(provoked(engine, provoke, Act("citizen", "says", f"apakah {MARK} ikut?")))
    assert "error" in logged
    assert logged.count("a task failed") == (2 if provoke is in_background else 0)
    assert [secret for secret in SECRETS if secret in logged + owner] == []


def test_a_cell_of_a_file_stands_in_no_line(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it is refused, or the work on it fails, or its process ends with the cell's text on its lips."""
    refused = Act("admin", "document", more=(f"{MARK}.csv", f"id,value\nF001,{MARK}\n{MARK},1\n".encode()))
    logged, _ = asyncio.run(provoked(engine, lambda *_: None, refused))
    assert "kind=import" in logged
    assert MARK not in logged
    failing = {"preview": raising(RuntimeError(f"first line\n{WORDS}"))}
    logged, owner = asyncio.run(
        provoked(engine, lambda _, patch: patch.setattr("handlers.staff.deskwork.JOBS", failing), refused)
    )
    assert "RuntimeError" in logged
    assert [secret for secret in SECRETS if secret in logged + owner] == []


# -------------------------------------------------------------------------------------------------- the process as a whole

CRASHES = """
import asyncio, gc, sys, threading
from handlers.settings import Settings
from handlers.transport import logs
logs.set_up(Settings(telegram_token="42:TEST", log_level="DEBUG"))
logs.catch_crashes()
WORDS = sys.stdin.read()

class Ends:
    def __del__(self):
        raise RuntimeError(WORDS)

def fails():
    raise RuntimeError(WORDS)

async def task():
    loop = asyncio.get_running_loop()
    logs.catch_forgotten(loop)
    loop.create_task(asyncio.to_thread(fails))
    await asyncio.sleep(0.05)
    gc.collect()
    raise RuntimeError(WORDS)

Ends()
thread = threading.Thread(target=fails)
thread.start()
thread.join()
asyncio.run(task())
"""


def ended(code: str, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A process of Python that runs some code, with the words on its standard input."""
    given = {**os.environ, **environment}
    return subprocess.run(
        [sys.executable, *options, "-c", code],
        input=WORDS,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=given,
        check=False,
    )


def test_a_task_of_the_bot_that_nobody_waits_for_is_told_so() -> None:
    """By what `bot.py run` sets up, before anything else."""
    code = (
        CRASHES.split("class Ends", maxsplit=1)[0]
        + "import handlers.service.running as running\n"
        + "async def fails(): raise RuntimeError(WORDS)\n"
        + "async def work(*_):\n    asyncio.get_running_loop().create_task(fails())\n    await asyncio.sleep(0)\n    await asyncio.sleep(0)\n"
        + "    gc.collect()\n"
        + "running._work = work\nasyncio.run(running.run(None))"
    )
    done = ended(code)
    assert (done.returncode, "a task failed" in done.stderr) == (0, True)
    assert [secret for secret in SECRETS if secret in done.stdout + done.stderr] == []


def test_a_line_that_cannot_be_written_is_not_shown_with_its_arguments() -> None:
    """Python's logging would print the line, what stands in it, and the error."""
    code = CRASHES.split("class Ends", maxsplit=1)[0] + (
        "import logging\nlogging.getLogger('library').warning('number %d of %s', WORDS)\n"
        "class Unsayable:\n    def __repr__(self): raise RuntimeError(WORDS)\n"
        "import structlog\nstructlog.get_logger().warning('odd', text=WORDS[:0], thing=Unsayable())\n"
    )
    done = ended(code)
    assert "number %d of %s" in done.stderr
    assert [secret for secret in SECRETS if secret in done.stdout + done.stderr] == []


@pytest.mark.parametrize("options", [(), ("-X", "dev")], ids=["as usual", "in development mode"])
def test_a_process_ends_without_a_word_of_what_was_said(options: tuple[str, ...]) -> None:
    done = ended(CRASHES, *options)
    assert done.returncode == 1
    for event in ("ignored", "a thread ended", "a task failed", "crashed"):
        assert event in done.stderr
    assert [secret for secret in SECRETS if secret in done.stdout + done.stderr] == []
    assert "Traceback" not in done.stderr


def test_a_signal_that_ends_it_shows_places_alone() -> None:
    """faulthandler names files, lines and functions; there is no picture of the memory."""
    code = (
        CRASHES.split("class Ends", maxsplit=1)[0]
        + "import os, resource\nprint(resource.getrlimit(resource.RLIMIT_CORE))\nos.abort()"
    )
    done = ended(code, "-X", "faulthandler")
    assert done.returncode < 0
    assert "(0, 0)" in done.stdout
    assert "Fatal Python error: Aborted" in done.stderr
    assert [secret for secret in SECRETS if secret in done.stdout + done.stderr] == []


def test_the_bots_own_commands_take_care_of_that(tmp_path: Path) -> None:
    """`bot.py run` that fails in a way nobody thought of."""
    code = (
        "import sys; words = sys.stdin.read()\n"
        "def fails(*_): raise RuntimeError(words)\n"
        "import handlers.service.running as running\n"
        "running.make = fails\n"
        "from handlers.terminal.run import run; run()\n"
    )
    done = ended(code, DATA_DIR=str(tmp_path), TELEGRAM_TOKEN=TOKEN, OPS_LISTEN="none")
    assert (done.returncode, "crashed" in done.stderr) == (1, True)
    assert [secret for secret in SECRETS if secret in done.stdout + done.stderr] == []


# ------------------------------------------------------------------------------------------------------------- the rule

KNOWN = {
    "handlers/errors.py": "of SQLite, which names tables and files",
    "handlers/service/opendata.py": "of the system, which names files",
    "handlers/service/ops.py": "of the system, about an address to listen on",
    "handlers/notices/fanout.py": "of knowledge.db, which names files",
    "handlers/staff/publishing.py": "of knowledge.db, which names files",
    "handlers/people/connection.py": "of SQLite, which names tables and files",
    "handlers/preview/keeping.py": "of SQLite, which names tables and files",
    "handlers/transport/webhook.py": "of the way in, which says that there is no room",
    "handlers/transport/outbox.py": "of Telegram, one of the refusals that are listed there",
    "handlers/transport/counted.py": "of the way to Telegram, which names its host",
    "handlers/staff/menus.py": "of Telegram, about the bot's own menus",
}
"""Where what an error says is logged, and why nobody's words can be in it."""


PLAIN = re.compile(r"type\(error\)\.__name__|(trace_of|_where|without_quotes|isinstance)\(error[^)]*\)")
"""What may be told of any error."""


def speaking(call: ast.Call) -> bool:
    """Whether a line of the log, or the beginning of a trouble, says what an error says."""
    called = call.func
    if not isinstance(called, ast.Attribute) or called.attr not in (
        "debug",
        "info",
        "warning",
        "error",
        "critical",
        "failed",
    ):
        return False
    if ast.unparse(called) == "self._connection.failed":  # It looks at the error, and says nothing of it.
        return False
    values = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg != "exc_info")]
    told = [PLAIN.sub("", ast.unparse(value)) for value in values if not isinstance(value, ast.Constant)]
    return any(re.search(r"\berror\b", text) for text in told)


def test_what_an_error_says_is_logged_only_where_it_is_known_to_be_nobodys_words() -> None:
    found = set()
    for path in sorted((ROOT / "handlers").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.Call) and speaking(node) for node in ast.walk(tree)):
            found.add(path.relative_to(ROOT).as_posix())
    assert found == set(KNOWN)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('unsupported start tag "wakanda" at byte offset 4', "unsupported start tag … at byte offset 4"),
        ("can't find end of \"wakanda", "can…"),
        ("message is too long", "message is too long"),
    ],
)
def test_a_refusal_is_told_without_what_it_quotes(said: str, told: str) -> None:
    assert without_quotes(BadRequest(said).message.lower()) == told.lower()


# --------------------------------------------------------------------------------------------------------- docs/security.md


def test_every_test_that_the_threat_model_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / "security.md").read_text(encoding="utf-8")))
    written = {
        name
        for path in (ROOT / "tests").glob("*.py")
        for name in re.findall(r"def (test_\w+)\(", path.read_text(encoding="utf-8"))
    }
    assert len(named) > 20
    assert named - written == set()
