"""The values that labels of metrics may have: closed sets, so that nothing that people send can become one, and the page of
metrics stays as long as it is."""

from __future__ import annotations

import asyncio
import builtins
import sqlite3
from collections.abc import Iterable
from types import ModuleType
from typing import Final, get_args

import aiohttp
import telegram.error
from telegram import Update

import knowledge.errors
from knowledge.answer import Kind
from knowledge.model import Language

OTHER: Final = "other"
"""Stands for every value that is not in a label's set."""
NONE: Final = "none"
"""Stands for no value: an ignored update has no language."""

TYPES: Final = frozenset(name for name in Update.__slots__ if not name.startswith("_") and name != "update_id")
LANGUAGES: Final = frozenset(get_args(Language))
OUTCOMES: Final = frozenset((
    "answered", "ambiguous", "unknown", "done", "refused", "ignored", "flooded", "unreachable", "unwelcome", "too_late",
    "undelivered", "unsaved", "error",
))  # fmt: skip
"""How an update can end (see :class:`handlers.transport.work.Work`)."""
REASONS: Final = (
    "empty", "unknown_region", "no_such_region", "no_fact", "no_region_named", "now", "out_of_scope", "ambiguous",
)  # fmt: skip
"""Why a question found no answer."""
DOINGS: Final = (
    "about", "approving", "broadcast", "browse", "cancel", "chosen", "command", "correct", "corrections", "deleteme",
    "digest", "edit", "export", "follow", "guest", "help", "history", "how told", "ignored", "import", "inline",
    "invitation", "invitations", "inviting", "label", "language", "link", "manage", "media", "member", "migrated",
    "my region", "naming", "no_reaction", "page", "privacy", "prompt", "proposed", "queue", "refusing", "report",
    "reports", "request", "requests", "sheet", "sources", "stale_button", "start", "status", "team", "tell_me",
    "undo", "writing",
)  # fmt: skip
"""What else than a question an update can be about."""
KINDS: Final = frozenset((*get_args(Kind), *REASONS, *DOINGS))
RESULTS: Final = (
    "ok", "refused", "forbidden", "too_many", "conflict", "unauthorized", "server_error", "timeout", "network",
)  # fmt: skip
"""How a request to Telegram can end (see :func:`handlers.transport.counted.result_of`)."""


def _errors_of(*modules: ModuleType) -> frozenset[str]:
    """The names of all exceptions that modules define."""
    return frozenset(
        name for module in modules for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, BaseException)
    )  # fmt: skip


ERRORS: Final = _errors_of(builtins, sqlite3, asyncio, aiohttp, telegram.error, knowledge.errors)
"""Classes of errors that are told apart; any other is :data:`OTHER`."""


def one_of(known: Iterable[str], value: str) -> str:
    """A value, or what stands for it where it is in no set or empty."""
    return value if value in known else OTHER if value else NONE


def method_of(name: str) -> str:
    """A method of the Bot API; ``download`` for a file."""
    return name if name == "download" or hasattr(telegram.Bot, name) else OTHER
