"""A message ready to be sent to Telegram: its parts and its buttons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from telegram import InlineKeyboardMarkup


@dataclass(frozen=True, slots=True)
class Reply:
    """What is to be said."""

    parts: tuple[str, ...]
    """HTML, each part at most 4096 characters without its markup."""
    keyboard: InlineKeyboardMarkup | None = None
    """Buttons below the last part."""
    markup: Any = None
    """Another reply markup, such as a request to reply."""
