"""Buttons that carry arguments: made, and read back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import InlineKeyboardButton

from handlers.rendering import Speech
from handlers.shared.answers import Row
from handlers.shared.buttons import TEAM, Button, StaleButton
from handlers.shared.words import shorten

if TYPE_CHECKING:  # Which puts buttons below answers itself.
    from handlers.shared.context import BotContext

MAX_LABEL = 60


def key(action: str, s: Speech, label: str, *arguments: str) -> InlineKeyboardButton:
    """A button that carries some arguments."""
    return InlineKeyboardButton(shorten(label, MAX_LABEL), callback_data=Button(action, s.language, arguments).encode())


def argument(context: BotContext, at: int) -> str:
    """An argument of the pressed button; empty where it has fewer."""
    return (*context.button.arguments, *[""] * (at + 1))[at]


def number(context: BotContext, at: int) -> int:
    """An argument that is a number.

    Raises:
        StaleButton: it is none.
    """
    said = argument(context, at)
    if not (said.isascii() and said.isdecimal() and len(said) < 10):
        raise StaleButton(said)
    return int(said)


def to_team(s: Speech) -> Row:
    """The way back to the list of who has which role."""
    return [key(TEAM, s, s._("‹ Back"), "l", "0")]
