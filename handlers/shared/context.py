"""What a handler gets along with an update: who speaks, in which language, and the ways to reply."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property
from typing import Any, Self

from telegram import CallbackQuery, InaccessibleMessage, InlineKeyboardMarkup, Message, Update
from telegram.constants import ChatType
from telegram.ext import Application, CallbackContext

from handlers.people import People, moment
from handlers.rendering import Speech, speech
from handlers.shared.answers import Row, told_by
from handlers.shared.answers import reply as dress
from handlers.shared.below_card import card_rows, looked_after, with_extras
from handlers.shared.buttons import Button, StaleButton, decode
from handlers.shared.message import Reply
from handlers.shared.references import card_of
from handlers.shared.services import Services
from handlers.transport.api import RawBot
from handlers.transport.order import sender_of
from handlers.transport.outbox import Outbox
from handlers.transport.work import CURRENT, Work
from knowledge import Answer, Engine
from knowledge import Context as Conversation
from knowledge.model import Language


class BotContext(CallbackContext[RawBot, dict[Any, Any], dict[Any, Any], Services]):
    """One update's context."""

    received: Update

    @classmethod
    def from_update(cls, update: object, application: Application[Any, Any, Any, Any, Any, Any]) -> Self:
        """The context of an update."""
        made = super().from_update(update, application)
        assert isinstance(update, Update)
        made.received = update
        return made

    @property
    def services(self) -> Services:
        """The parts of the running bot."""
        return self.bot_data

    @property
    def engine(self) -> Engine:
        """What answers."""
        return self.services.engine

    @property
    def people(self) -> People:
        """What is remembered of people."""
        return self.services.people

    @cached_property
    def work(self) -> Work:
        """How far this update is."""
        return CURRENT.get()

    @cached_property
    def outbox(self) -> Outbox:
        """The way out."""
        return Outbox(self.bot, self.people, self.work)

    # ------------------------------------------------------------------------------------------------- who speaks, where

    @property
    def user_id(self) -> int:
        """Who it is from (see :func:`handlers.transport.order.sender_of`)."""
        return sender_of(self.received)

    @property
    def chat_id(self) -> int:
        """The chat it is in; for an inline query the person."""
        chat = self.received.effective_chat
        return chat.id if chat else self.user_id

    @property
    def private(self) -> bool:
        """Whether nobody else reads along."""
        chat = self.received.effective_chat
        return chat is None or chat.type == ChatType.PRIVATE

    @property
    def message(self) -> Message:
        """The person's message, new or edited."""
        message = self.received.message or self.received.edited_message
        assert message is not None
        return message

    @property
    def query(self) -> CallbackQuery:
        """The button pressed."""
        assert self.received.callback_query is not None
        return self.received.callback_query

    @cached_property
    def button(self) -> Button:
        """What the button pressed says."""
        return decode(self.query.data or "")

    # ---------------------------------------------------------------------------------------- language and conversation

    @cached_property
    def preference(self) -> Language | None:
        """The language the person chose."""
        return self.people.profiles.language(self.user_id)

    @cached_property
    def conversation(self) -> Conversation:
        """Where the conversation stands; a new one where it was long ago."""
        found = self.people.profiles.conversation(self.chat_id, self.user_id)
        return found if found and found.fresh(moment.now()) else Conversation()

    @property
    def hint(self) -> Language:
        """The language to try where nothing was chosen or said: the Telegram app's, else the setting."""
        user = self.received.effective_user
        code = (user.language_code or "" if user else "").split("-")[0]
        found: dict[str, Language] = {"id": "id", "ms": "id", "jv": "id", "su": "id", "en": "en"}
        return found.get(code, self.services.settings.default_language)

    @property
    def language(self) -> Language:
        """The language to speak where no question tells it: that of the button pressed, else of the person."""
        if self.received.callback_query:
            with suppress(StaleButton):
                return self.button.language
        return self.preference or self.conversation.language or self.hint

    @cached_property
    def speech(self) -> Speech:
        """The words of that language."""
        return speech(self.language)

    def remember(self, conversation: Conversation) -> None:
        """Keep where the conversation stands, once the answer is out."""
        moved = self.work.moved
        self.work.later(
            lambda: self.people.profiles.set_conversation(
                moved.get(self.chat_id, self.chat_id), self.user_id, conversation
            )
        )

    # ---------------------------------------------------------------------------------------------------------- replying

    def dressed(self, answer: Answer, *, kept: Iterable[Row] = (), page: int | None = None) -> Reply:
        """The message for an answer, as this chat gets it (see :func:`handlers.shared.answers.reply`). What it tells is kept
        for those who want to hear of corrections. Below a status card in private is what can be done with it."""
        if self.private and self.received.effective_chat:
            told, user_id = told_by(answer, page), self.user_id
            self.work.later(lambda: self.people.given.note(user_id, told))
        snapshot, card = self.engine.snapshot, card_of(answer) if self.private else None
        if card is None:
            return dress(answer, snapshot, self.bot.bot, private=self.private, kept=kept, page=page)
        s, code = speech(answer.language), card.region.code
        rows = [*kept, *card_rows(self.people, self.user_id, code, s)]
        reply = dress(answer, snapshot, self.bot.bot, private=True, kept=rows)
        extra = looked_after(self.people, self.user_id, code)
        return with_extras(reply, card, self.people, snapshot, s) if extra else reply

    async def say(self, reply: Reply, *, quote: bool | None = None, question: str = "", asks_about: str = "") -> int:
        """Send a reply as new messages, and return the id of the last; in groups it quotes what it answers."""
        message = self.received.effective_message
        thread = getattr(message, "message_thread_id", None) if getattr(message, "is_topic_message", None) else None
        question_id = message.message_id if message and not self.received.callback_query else None
        quoted = message.message_id if message and (quote if quote is not None else not self.private) else None
        sent = 0
        for at, part in enumerate(reply.parts):
            last = at == len(reply.parts) - 1
            sent = await self.outbox.send(
                self.chat_id, part, reply.keyboard if last else None, question_id=question_id,
                question=question if self.private else "", asks_about=asks_about, quote=quoted if at == 0 else None, thread=thread,
                markup=reply.markup if last else None,
            )  # fmt: skip
        return sent

    async def replace(self, reply: Reply) -> None:
        """Turn the message under the pressed button into a reply; what does not fit follows in new messages."""
        query, (first, *more) = self.query, reply.parts
        keyboard = None if more else reply.keyboard
        if query.inline_message_id:
            await self.outbox.edit(first, reply.keyboard, inline_message_id=query.inline_message_id)
            return
        message = query.message
        if message is None:
            return
        if isinstance(message, InaccessibleMessage) or not await self.outbox.edit(
            first, keyboard, chat_id=message.chat.id, message_id=message.message_id
        ):
            await self.say(reply, quote=False)
        elif more:
            await self.say(Reply(tuple(more), reply.keyboard), quote=False)

    async def seen(self, text: str | None = None, *, alert: bool = False) -> None:
        """Stop the spinner on the pressed button."""
        await self.outbox.answer_press(self.query.id, text, alert=alert)

    async def seen_once(self) -> bool:
        """The same, for a button whose answer is a new message: True the first time it is pressed on its message."""
        message = self.query.message
        what = f"{message.message_id if message else self.query.inline_message_id}:{self.query.data}"
        first = self.people.inbox.first_time(self.chat_id, what)
        await self.seen(None if first else self.speech._("Already answered below."))
        if first:
            self.work.later(lambda: self.people.inbox.happened(self.chat_id, what))
        return first

    def first_of_album(self) -> bool:
        """Whether nothing was said yet to the album that the message belongs to, if it belongs to one."""
        album = self.message.media_group_id
        if not album:
            return True
        self.work.later(lambda: self.people.inbox.happened(self.chat_id, f"album {album}"))
        return self.people.inbox.first_time(self.chat_id, f"album {album}")

    def buttons_below(self) -> InlineKeyboardMarkup | None:
        """The buttons of the message that was pressed on."""
        message = self.query.message
        return message.reply_markup if isinstance(message, Message) else None
