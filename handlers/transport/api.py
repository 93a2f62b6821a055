"""The Bot API as the bot uses it: python-telegram-bot's, and some calls whose results are left as they come."""

from __future__ import annotations

from typing import Any, Final, Literal

from telegram import InlineKeyboardMarkup, InputFile, ReplyParameters
from telegram.constants import ParseMode
from telegram.ext import ExtBot

from handlers.people.inbox import Raw

from .pacing import ONCE, Once, Unreadable

ALLOWED_UPDATES: Final = (
    "message", "edited_message", "callback_query", "inline_query", "chosen_inline_result", "my_chat_member",
    "guest_message",
)  # fmt: skip
"""What the bot asks Telegram for. Always sent: a setting left out stays as it was."""
LONG_POLL: Final = 25
"""Seconds that Telegram holds a request open for when there is nothing new."""
ANSWER_WITHIN: Final = 10
"""Further seconds that the answer may take."""

FileKind = Literal["document", "photo"]
"""Of files that people send and that the bot sends on."""


class RawBot(ExtBot[Once]):
    """A bot with raw updates and raw sending."""

    async def raw_updates(self, offset: int) -> list[Raw]:
        """Updates from a number on, as they are, so that they are written down before anything is read into them; waits
        for one where there is none.

        Raises:
            TelegramError: they cannot be fetched.
        """
        data = {"offset": offset, "timeout": LONG_POLL, "allowed_updates": ALLOWED_UPDATES}
        try:
            updates = await self._post("getUpdates", data, read_timeout=LONG_POLL + ANSWER_WITHIN)
        except (KeyError, TypeError, AttributeError) as error:
            raise Unreadable(error) from error
        if not isinstance(updates, list):
            raise Unreadable(TypeError(type(updates).__name__))
        return updates

    async def raw_send(
        self, chat_id: int, html: str, markup: InlineKeyboardMarkup | Any = None, reply: ReplyParameters | None = None,
        thread: int | None = None, *, once: bool = False,
    ) -> int:  # fmt: skip
        """Send a message and return its id, or 0 where the server does not say. The message that comes back is not read
        any further: with a keyboard below it, that costs as much as thinking of the answer. ``once``: where it fails, it is
        not tried again.

        Raises:
            TelegramError: it was refused, or did not arrive.
        """
        data = {
            "chat_id": chat_id, "text": html, "parse_mode": ParseMode.HTML, "reply_markup": markup,
            "reply_parameters": reply, "message_thread_id": thread, "link_preview_options": {"is_disabled": True},
        }  # fmt: skip
        message = await self._post(
            "sendMessage", data, api_kwargs=self._merge_api_rl_kwargs(None, ONCE) if once else None
        )
        number = message.get("message_id") if isinstance(message, dict) else None
        return number if isinstance(number, int) else 0

    async def raw_edit(self, chat_id: int, message_id: int, html: str, markup: InlineKeyboardMarkup | None) -> None:
        """Change a message to what :meth:`raw_send` would send, without trying again where that fails.

        Raises:
            TelegramError: it was refused, such as a message that says just that already, or did not arrive.
        """
        data = {
            "chat_id": chat_id, "message_id": message_id, "text": html, "parse_mode": ParseMode.HTML, "reply_markup": markup,
            "link_preview_options": {"is_disabled": True},
        }  # fmt: skip
        await self._post("editMessageText", data, api_kwargs=self._merge_api_rl_kwargs(None, ONCE))

    async def raw_delete(self, chat_id: int, message_id: int) -> None:
        """Take a message away, without trying again where that fails.

        Raises:
            TelegramError: it was refused, or did not arrive.
        """
        data = {"chat_id": chat_id, "message_id": message_id}
        await self._post("deleteMessage", data, api_kwargs=self._merge_api_rl_kwargs(None, ONCE))

    async def raw_send_document(
        self, chat_id: int, name: str, content: bytes, html: str = "", markup: InlineKeyboardMarkup | Any = None
    ) -> int:
        """Send a file and return the id of its message, or 0 where the server does not say.

        Raises:
            TelegramError: it was refused, or did not arrive.
        """
        data = {
            "chat_id": chat_id, "document": InputFile(content, filename=name), "caption": html or None,
            "parse_mode": ParseMode.HTML if html else None, "reply_markup": markup,
        }  # fmt: skip
        message = await self._post("sendDocument", {key: value for key, value in data.items() if value is not None})
        number = message.get("message_id") if isinstance(message, dict) else None
        return number if isinstance(number, int) else 0

    async def raw_send_file(self, chat_id: int, kind: FileKind, file_id: str, html: str = "") -> int:
        """Send a file that Telegram has already, by its file_id, and return the id of its message, or 0 where the server does
        not say. ``kind``: as it came; a photo cannot be sent as a document.

        Raises:
            TelegramError: it was refused, such as a file that is gone, or did not arrive.
        """
        data = {
            "chat_id": chat_id,
            kind: file_id,
            "caption": html or None,
            "parse_mode": ParseMode.HTML if html else None,
        }
        method = "sendPhoto" if kind == "photo" else "sendDocument"
        message = await self._post(method, {key: value for key, value in data.items() if value is not None})
        number = message.get("message_id") if isinstance(message, dict) else None
        return number if isinstance(number, int) else 0
