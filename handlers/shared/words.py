"""What a message says, without what only addresses the bot."""

from __future__ import annotations

import re
from html import escape

from telegram import Message

from knowledge.snapshot import Snapshot


def words(message: Message) -> str:
    """What a message says, in its text or under its picture."""
    text = message.text or message.caption or ""
    return text.encode("utf-8", "replace").decode()  # half a surrogate pair cannot be written anywhere


def command(text: str) -> tuple[str, str]:
    """The name of the command that a text begins with, and whom it is addressed to; both empty where there is none."""
    found = re.match(r"/(\w+)(?:@(\w+))?", text)
    return (found[1].lower(), found[2] or "") if found else ("", "")


def after_command(text: str) -> str:
    """What stands behind a command."""
    return re.sub(r"\A/\S*\s*", "", text).strip()


def without_name(text: str, username: str) -> str:
    """A text without the bot's name in it."""
    return re.sub(rf"@{re.escape(username)}\b", " ", text, flags=re.IGNORECASE).strip()


def names(text: str, username: str) -> bool:
    """Whether a text calls the bot by its name."""
    return re.search(rf"@{re.escape(username)}\b", text, re.IGNORECASE) is not None


def status_question(named: str, snapshot: Snapshot) -> str:
    """The question for the status card of what is named: a region as people call it, or by its code."""
    region = snapshot.regions.get(named.strip().replace("_", "."))
    return f"status {region.name if region else named}"


def html(text: str) -> str:
    """A text that somebody wrote, as HTML."""
    return escape(text, quote=False)


def shorten(text: str, length: int) -> str:
    """A text that is no longer than it may be."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
