"""Logs: one line an event, as text or JSON, and never a token in it, whoever wrote the line."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from traceback import extract_tb
from typing import Any, Final

import structlog

from handlers.settings import Settings

_TOKEN: Final = re.compile(r"\d{3,}:[A-Za-z0-9_-]{10,}")
"""A bot's token, wherever it stands; the one in use is known and taken out whatever it looks like."""
HIDDEN: Final = "[token]"


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
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _without_nothing,
                structlog.processors.format_exc_info,
                dressed,
                Redaction(secrets),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level)
    for noisy in ("httpx", "httpcore", "telegram", "tornado", "apscheduler", "asyncio"):
        # Their lines on every request hold its address, and with it the token, or what people wrote.
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))


def trace_of(error: BaseException) -> str:
    """The places in the code that an error came through, the innermost first: "ask.py:40 < order.py:88". What it says is left
    out: that may hold what a person wrote."""
    return " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(extract_tb(error.__traceback__)))


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
