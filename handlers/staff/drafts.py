"""Which texts belong to something half-finished rather than being questions."""

from __future__ import annotations

from telegram import Message
from telegram.ext import filters

from handlers.people import People
from handlers.people.drafts import Draft
from handlers.rendering import speech
from handlers.shared.context import BotContext
from handlers.staff.keys import number


class Awaits(filters.MessageFilter):
    """Private texts that a draft of a kind waits for: they reply to its prompt, or are typed soon after it. ``files``: also
    documents and photos.

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
        file = self._files and bool(message.document or message.photo)
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
