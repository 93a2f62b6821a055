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
    """Private texts that a draft of a kind waits for: they reply to its prompt, or are typed soon after it.

    Put it before free text, and through the gate: it says whose text it is, not what that person may do.
    """

    def __init__(self, people: People, kind: str) -> None:
        super().__init__(f"Awaits({kind})")
        self._people = people
        self._kind = kind

    def filter(self, message: Message) -> bool:
        """Whether it is one."""
        if message.chat.type != "private" or not message.from_user or not message.text or message.text.startswith("/"):
            return False
        draft = awaiting(self._people, message)
        return draft is not None and draft.kind == self._kind


async def pressed(context: BotContext, kind: str) -> Draft | None:
    """The draft of a kind that the pressed button belongs to, by its first argument; where it is gone that is said."""
    draft = context.people.drafts.get(number(context, 1), context.user_id)
    if draft is not None and draft.kind == kind:
        return draft
    s = speech(context.button.language)
    await context.seen(s._("This was finished or dropped before, or is older than a day."), alert=True)
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
