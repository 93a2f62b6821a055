"""A notice of the programme team as its readers see it: who sends it, the text as it was written, and how to get no more."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Final

from telegram import InlineKeyboardMarkup, Message
from telegram.constants import MessageEntityType

from handlers.people.notices import Notice
from handlers.rendering import Speech, speech
from handlers.rendering.telegram import MAX_LENGTH, utf16_length, visible_length
from handlers.shared.answers import Row
from handlers.shared.buttons import BROADCAST, NOTHING
from handlers.shared.keys import key
from handlers.shared.message import Reply
from handlers.shared.words import words
from knowledge.model import Language

LANGUAGES: Final[tuple[Language, ...]] = ("id", "en")


def announcement(notice: Notice, language: Language) -> Reply:
    """A notice for a reader of a language."""
    texts: Mapping[Language, str] = {"id": notice.text_id, "en": notice.text_en}
    s = speech(language)
    return Reply((as_read(texts[language], s),), InlineKeyboardMarkup([stop_row(s)]))


def preview(text: str, language: Language) -> Reply:
    """The same for who writes it; its button does nothing."""
    s = speech(language)
    return Reply((as_read(text, s),), InlineKeyboardMarkup([[key(NOTHING, s, _stop_label(s))]]))


def as_read(text: str, s: Speech) -> str:
    """A text with what stands around it, as HTML. It is plain: whatever looks like markup is shown as it was typed, and links
    are made by Telegram itself."""
    head = s._("📢 <b>Notice of the programme team</b>")
    foot = s._("<i>You get this because you follow something here.</i>")
    return f"{head}\n\n{escape(text, quote=False)}\n\n{foot}"


def too_many(text: str, s: Speech) -> int:
    """By how many characters, as Telegram counts them, a text is longer than fits into one message; 0 where it fits."""
    return max(0, visible_length(as_read("", s)) + utf16_length(text) - MAX_LENGTH)


def most(s: Speech) -> int:
    """How many characters fit."""
    return MAX_LENGTH - visible_length(as_read("", s))


def written(message: Message) -> str:
    """The text of a message, with the address behind every word that hides one: a plain text shows only what it says."""
    units = words(message).encode("utf-16-le")
    for entity in sorted(message.entities, key=lambda entity: -entity.offset):
        if entity.type == MessageEntityType.TEXT_LINK and entity.url:
            end = 2 * (entity.offset + entity.length)
            units = units[:end] + f" ({entity.url})".encode("utf-16-le") + units[end:]
    return units.decode("utf-16-le").strip()


def stop_row(s: Speech) -> Row:
    """What ends such notices."""
    return [key(BROADCAST, s, _stop_label(s), "n")]


def again_row(s: Speech) -> Row:
    """What begins them again."""
    return [key(BROADCAST, s, s._("Send me such notices again"), "o")]


def _stop_label(s: Speech) -> str:
    return s._("No more such notices")
