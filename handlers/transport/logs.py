"""Logs: one line an event, as text or JSON, and never a token nor what people wrote in it, whoever wrote the line.

What an error says is left out everywhere: nobody knows whose words are in it. Its kinds and places are told instead. Of what
libraries say, the words that stand in their code are told, and not what they put into them.
"""

from __future__ import annotations

import asyncio
import logging
import re
import sys
import threading
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from pathlib import Path
from traceback import extract_tb
from typing import Any, Final

import structlog

from handlers.settings import Settings

_TOKEN: Final = re.compile(r"\d{3,}:[A-Za-z0-9_-]{10,}")
"""A bot's token, wherever it stands; the one in use is known and taken out whatever it looks like."""
HIDDEN: Final = "[token]"
_QUOTED: Final = re.compile(r"\"[^\"]*\"?|'[^']*'?|“[^”]*”?")

log = structlog.get_logger(__name__)


def set_up(settings: Settings) -> None:
    """Send everything, that of libraries too, to standard error in one form."""
    secrets = [settings.telegram_token.get_secret_value(), settings.webhook_secret.get_secret_value()]
    before: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    dressed: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.log_format == "json"
        else structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], bool_as_flag=False)
    )
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    # Where a line cannot be written, Python would show it with all that stands in it.
    logging.raiseExceptions = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*before, _as_in_the_code],
            use_get_message=False,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _without_nothing,
                _without_words,
                dressed,
                Redaction(secrets),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level)
    for noisy in ("httpx", "httpcore", "telegram", "tornado", "asyncio"):
        # Their lines on every request hold its address, and with it the token, or what people wrote.
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
    # It tells of each answer that is not Telegram's; counted.py tells of the first.
    logging.getLogger("telegram.request").setLevel(logging.CRITICAL)


def catch_crashes() -> None:
    """Write what ends the process or a thread unforeseen into the log too: Python itself would print what the error says. No
    picture of the memory is left behind either, as there is a token in it."""
    sys.excepthook = lambda *said: _ended("crashed", said[1])
    threading.excepthook = lambda said: _ended("a thread ended", said.exc_value)
    sys.unraisablehook = lambda said: _ended("ignored", said.exc_value)
    with suppress(ImportError, OSError, ValueError):  # Windows has none.
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def catch_forgotten(loop: asyncio.AbstractEventLoop) -> None:
    """The same for the errors of tasks and callbacks that nobody waits for."""
    loop.set_exception_handler(_forgotten)


def _ended(event: str, error: BaseException | None) -> None:
    if isinstance(error, KeyboardInterrupt):
        log.warning("interrupted")
    elif error is not None:
        log.critical(event, exc_info=error)


def _forgotten(loop: asyncio.AbstractEventLoop, told: Mapping[str, Any]) -> None:
    error = told.get("exception")
    words = str(told.get("message", "")).partition("\n")[0]
    log.error("a task failed", detail=words, exc_info=error if isinstance(error, BaseException) else None)


def trace_of(error: BaseException) -> str:
    """The places in the code that an error came through, the innermost first: "ask.py:40 < order.py:88". What it says is left
    out: that may hold what a person wrote."""
    return " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(extract_tb(error.__traceback__)))


def without_quotes(text: str) -> str:
    """What Telegram says of a refusal, without what it quotes of a message: 'unsupported start tag "…"'."""
    return _QUOTED.sub("…", text)


class Redaction:
    """Takes secrets out of a finished line."""

    def __init__(self, secrets: list[str]) -> None:
        self._secrets = [secret for secret in secrets if secret]

    def __call__(self, logger: Any, method: str, line: Any) -> str:
        """The line without secrets."""
        for secret in self._secrets:
            line = line.replace(secret, HIDDEN)
        return _TOKEN.sub(HIDDEN, str(line))


def _without_nothing(logger: Any, method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Leave out what is None: an update without a kind has no kind."""
    return {key: value for key, value in event.items() if value is not None}


def _as_in_the_code(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The line of a library as it stands in its code, and which library that is."""
    record: logging.LogRecord = event["_record"]
    said = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
    event["event"] = next(iter(said.splitlines()), "")
    event["logger"] = record.name
    event.pop("stack_info", None)
    return event


def _without_words(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An error by the kinds and places of all that led to it, instead of what it says."""
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else given[1] if isinstance(given, tuple) else sys.exc_info()[1]
    if not given or error is None:
        return event
    told, seen = [], set[int]()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        told.append(f"{type(error).__name__} at {trace_of(error) or 'no place'}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    event["exception"] = "; after ".join(told)
    return event
