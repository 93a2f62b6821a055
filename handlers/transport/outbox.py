"""The way out: every message that Telegram accepts is written down at once, and not sent again after a restart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, Protocol

import structlog
from telegram import InlineKeyboardMarkup, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, NetworkError, RetryAfter, TelegramError

from handlers.people import People

from .api import FileKind, RawBot
from .work import Work

PRESS_SECONDS: Final = 3.0
"""How long the answer to a pressed button may take: what the button does comes after it, and people wait for that."""
BENIGN: Final = (
    "message is not modified",
    "query is too old",
    "query id is invalid",
    "query_id_invalid",
    "message to delete not found",
    "message can't be deleted",
)
"""Refusals that mean: it is as it should be, or too late to matter. In small letters, as PTB strips the prefix."""
GONE: Final = ("message to edit not found", "message can't be edited", "message_id_invalid", "chat not found")
"""Refusals that mean: the message cannot be changed any more, a new one is needed."""
UNWELCOME: Final = (
    "not enough rights", "have no rights", "chat_write_forbidden", "topic_closed", "topic_deleted", "chat_restricted",
    "message thread not found",
)  # fmt: skip
"""Refusals that mean: the bot may read here, but not write."""

log = structlog.get_logger(__name__)


class Sending(Protocol):
    """Sends one message to a chat and returns its id; ``moved``: the chat has another id than the update said."""

    async def __call__(self, chat: int, *, moved: bool = False) -> int: ...


class Outbox:
    """Sends what the handling of one update says."""

    def __init__(self, bot: RawBot, people: People, work: Work) -> None:
        self._bot = bot
        self._people = people
        self._work = work

    async def send(
        self, chat_id: int, html: str, keyboard: InlineKeyboardMarkup | None = None, *, question_id: int | None = None,
        question: str = "", asks_about: str = "", quote: int | None = None, thread: int | None = None, markup: Any = None,
    ) -> int:  # fmt: skip
        """Send one message and return its id (0 where it was sent before and the id is not known).

        Args:
            chat_id: where to.
            html: the text, at most 4096 characters without its markup.
            keyboard: buttons below.
            question_id: the person's message that it answers; an edit of that one edits this.
            question: that message's text, for a report that something is wrong.
            asks_about: the answer that it asks about, where it asks what is wrong with one.
            quote: a message to show it as a reply to.
            thread: the topic of a forum.
            markup: another reply markup than inline buttons.

        Raises:
            TelegramError: it was refused, or did not arrive.
        """
        reply = ReplyParameters(quote, allow_sending_without_reply=True) if quote else None

        async def sending(chat: int, *, moved: bool = False) -> int:
            if moved:  # What it replied to, and the topic, stayed in the old chat.
                return await self._bot.raw_send(chat, html, keyboard or markup)
            return await self._bot.raw_send(chat, html, keyboard or markup, reply, thread)

        return await self._once(chat_id, sending, question_id, question, asks_about)

    async def send_document(
        self, chat_id: int, name: str, content: bytes, html: str = "", keyboard: InlineKeyboardMarkup | None = None
    ) -> int:
        """Send one file, with a line below it where there is something to say; its message's id, as :meth:`send` returns it.

        Raises:
            TelegramError: it was refused, or did not arrive.
        """

        async def sending(chat: int, *, moved: bool = False) -> int:
            return await self._bot.raw_send_document(chat, name, content, html, keyboard)

        return await self._once(chat_id, sending)

    async def send_file(self, chat_id: int, kind: FileKind, file_id: str, html: str = "") -> int:
        """Send on a file that somebody sent, by Telegram's file_id; its message's id, as :meth:`send` returns it.

        Raises:
            TelegramError: it was refused, such as a file that is gone, or did not arrive.
        """

        async def sending(chat: int, *, moved: bool = False) -> int:
            return await self._bot.raw_send_file(chat, kind, file_id, html)

        return await self._once(chat_id, sending)

    async def _once(
        self, chat_id: int, sending: Sending, question_id: int | None = None, question: str = "", asks_about: str = ""
    ) -> int:
        """The next step of the update: sent unless it was sent before, and written down as soon as it is accepted."""
        work = self._work
        work.step += 1
        if work.step in work.sent:
            return work.sent[work.step]
        chat_id = work.moved.get(chat_id, chat_id)
        try:
            message_id = await sending(chat_id)
        except ChatMigrated as moved:
            chat_id = self._moved(chat_id, moved.new_chat_id)
            message_id = await sending(chat_id, moved=True)
        self._people.inbox.record(work.update_id, work.step, chat_id, message_id, question_id, question, asks_about)
        return message_id

    async def edit(
        self, html: str, keyboard: InlineKeyboardMarkup | None = None, *, chat_id: int | None = None,
        message_id: int | None = None, inline_message_id: str | None = None,
    ) -> bool:  # fmt: skip
        """Change a message; False where it cannot be changed any more."""
        try:
            with tolerant():
                await self._bot.edit_message_text(
                    html, chat_id=chat_id, message_id=message_id, inline_message_id=inline_message_id,
                    parse_mode=ParseMode.HTML, reply_markup=keyboard,
                )  # fmt: skip
        except ChatMigrated as moved:
            self._moved(chat_id or 0, moved.new_chat_id)
            return False
        except BadRequest as error:
            if not means(error, GONE):
                raise
            return False
        return True

    def _moved(self, old: int, new: int) -> int:
        """A group has another id now: what is remembered of it moves along."""
        self._work.moved[old] = new
        self._people.apply(lambda: self._people.migrate_chat(old, new))
        return new

    async def delete(self, chat_id: int, message_id: int) -> None:
        """Remove a message of the bot."""
        with tolerant():
            await self._bot.delete_message(chat_id, message_id)

    async def answer_press(self, query_id: str, text: str | None = None, *, alert: bool = False) -> None:
        """Tell Telegram that a button was seen, with a line for the person where there is something to say."""
        self._work.press_answered = True
        try:
            with tolerant():
                await self._bot.answer_callback_query(query_id, text, show_alert=alert, read_timeout=PRESS_SECONDS)
        except BadRequest:
            raise
        except TelegramError as error:
            # The spinner goes on turning for a while; what the button does must not wait for that.
            log.warning("press not answered", error=type(error).__name__)


def temporary(error: Exception) -> bool:
    """Whether a message that failed so may arrive later."""
    return isinstance(error, NetworkError | RetryAfter) and not isinstance(error, BadRequest)


def means(error: BadRequest, phrases: tuple[str, ...]) -> bool:
    """Whether a refusal is one of some kinds."""
    said = error.message.lower()
    return any(phrase in said for phrase in phrases)


@contextmanager
def tolerant() -> Iterator[None]:
    """Takes no offence at refusals that mean: it is as it should be, or too late to matter."""
    try:
        yield
    except BadRequest as error:
        if not means(error, BENIGN):
            raise
        log.debug("benign", error=error.message)
