"""Which texts belong to something half-finished rather than being questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from telegram import Message
from telegram.ext import filters

from handlers.people import People
from handlers.people.drafts import Draft
from handlers.rendering import Speech, speech
from handlers.shared.context import BotContext
from handlers.shared.keys import number
from knowledge.forms import stops
from knowledge.model import Language

SENT: Final = "sent"
"""What a draft asks for (``asking``) once what it is of was sent: it is kept for what may come later, and is not half-finished."""
SPLIT_SECONDS: Final = 2
"""Telegram's apps send what is longer than 4,096 characters as several messages, at once; dates are told in whole seconds."""
SPLIT_LENGTH: Final = 3000
"""Characters that all such messages but the last have at least: apps look for the end of a line or word to part them at."""


class Awaits(filters.MessageFilter):
    """Private texts that a draft of a kind waits for: they reply to its prompt, or are typed soon after it. ``files``: also
    anything else that is sent, such as documents, photos, stickers and voice messages.

    Put it before free text, and through the gate: it says whose text it is, not what that person may do.
    """

    def __init__(self, people: People, kind: str, *, files: bool = False) -> None:
        super().__init__(f"Awaits({kind})")
        self._people = people
        self._kind = kind
        self._files = files

    def filter(self, message: Message) -> bool:
        """Whether it is one."""
        text = bool(message.text) and not (message.text or "").startswith("/")
        file = self._files and bool(message.effective_attachment)
        if message.chat.type != "private" or not message.from_user or not (text or file):
            return False
        draft = awaiting(self._people, message)
        return draft is not None and draft.kind == self._kind


class Typed(Awaits):
    """The same, and edits of texts that went into a draft of that kind (see :func:`taken`)."""

    def filter(self, message: Message) -> bool:
        """Whether it is one."""
        if message.edit_date:
            return taken(self._people, message, self._kind) is not None
        return super().filter(message)


class Stops(filters.MessageFilter):
    """Private texts that say, and say nothing else, that the draft that waits for a text shall be stopped."""

    def __init__(self, people: People) -> None:
        super().__init__("Stops")
        self._people = people

    def filter(self, message: Message) -> bool:
        """Whether it is one."""
        private = message.chat.type == "private" and message.from_user is not None
        return private and stops(message.text or "") and awaiting(self._people, message) is not None


def sent(draft: Draft) -> bool:
    """Whether what a draft is of was sent already."""
    return draft.data.get("asking") == SENT


def form_speech(context: BotContext, data: Mapping[str, Any]) -> Speech:
    """The words of the language that a form began in (``spoken``), whatever is asked in between; the person's where its data
    hold none."""
    return speech(data.get("spoken") or context.language)


def wordless(text: str) -> bool:
    """Whether a text has neither a letter nor a digit: a slip of the finger."""
    return not any(map(str.isalnum, text))


def not_in(wanted: Language, s: Speech) -> str:
    """What is said of a text that seems to be in the other language than the one that is wanted."""
    return {
        "id": s._("That seems to be English, but the Indonesian text is wanted here. Write it in Indonesian, or press “{button}”.", button=as_it_is(s)),
        "en": s._("That seems to be Indonesian, but the English text is wanted here. Write it in English, or press “{button}”.", button=as_it_is(s)),
    }[wanted]  # fmt: skip


def as_it_is(s: Speech) -> str:
    """The label of the button that takes such a text all the same."""
    return s._("Take it as it is")


def too_long(message: Message) -> dict[str, float]:
    """What a draft's data keep of a text that was too long: what comes right after it may be its end (see :func:`rest_of_it`)."""
    split = len(message.text or "") >= SPLIT_LENGTH
    return {"too_long": message.date.timestamp() if split else 0}


def rest_of_it(message: Message, data: Mapping[str, Any]) -> bool:
    """Whether a text came right after one that was too long, as the rest of what an app has split does."""
    return 0 <= message.date.timestamp() - data.get("too_long", 0) <= SPLIT_SECONDS


def rest_refused(s: Speech) -> str:
    """Why such a text is not taken."""
    return s._(
        "This came right after a text that was too long, so it seems to be the rest of it, and is not taken. Shorten the whole, and "
        "send it as one message."
    )


def taken(people: People, message: Message, kind: str) -> Draft | None:
    """The draft of a kind that a private text went into: its data holds the numbers of such messages under ``taken``."""
    drafts = people.drafts.of(message.chat.id) if message.chat.type == "private" else []
    texts = (draft for draft in drafts if draft.kind == kind)
    return next((draft for draft in texts if str(message.message_id) in draft.data.get("taken", {})), None)


async def pressed(context: BotContext, kind: str, gone: str = "") -> Draft | None:
    """The draft of a kind that the pressed button belongs to, by its first argument; where it is gone that is said, in the
    words of ``gone`` if there are any."""
    draft = context.people.drafts.get(number(context, 1), context.user_id)
    if draft is not None and draft.kind == kind:
        return draft
    s = speech(context.button.language)
    await context.seen(gone or s._("This was finished or dropped before, or is older than a day."), alert=True)
    return None


def awaiting(people: People, message: Message) -> Draft | None:
    """The draft that a private text belongs to; None where it is a question like any other."""
    replied = message.reply_to_message
    return people.drafts.waiting(message.chat.id, replied.message_id if replied else None, message.date.timestamp())


def awaited(context: BotContext) -> Draft:
    """The draft that the text belongs to, for what is registered behind :class:`Awaits`."""
    draft = awaiting(context.people, context.message)
    assert draft is not None
    return draft
