"""The people who drive the bot: they write, edit, press buttons, ask inline and as guests, block and come back."""

from __future__ import annotations

import copy
import mimetypes
import re
from collections import deque
from typing import TYPE_CHECKING

from .groups import Place
from .markup import detected, utf16_length
from .store import BLOCKED, NEVER, OPEN, Chat, as_told, bare
from .wire import Impossible, Json

if TYPE_CHECKING:
    from .core import FakeTelegram

TEXT_LIMIT = 4096
QUERY_LIMIT = 256


def captioned(caption: str | None) -> Json:
    """The fields of a caption, if there is one."""
    return {"caption": caption, "caption_entities": detected(caption)} if caption else {}


class User(Place):
    """A person, and the private chat with the bot; ``to=`` takes a group to act there instead."""

    def __init__(self, telegram: FakeTelegram, info: Json, room: Chat) -> None:
        super().__init__(telegram, room)
        self.info = info
        self._asked: deque[str] = deque(maxlen=2)
        """The last inline queries: the newest may not be answered yet."""

    def sends(
        self,
        text: str,
        *,
        to: Place | None = None,
        reply_to: Json | None = None,
        date: int | None = None,
        topic: int | None = None,
    ) -> Json:
        """Write a text; the Message."""
        return self._sends(self._typed(text), to, reply_to, date, topic)

    def starts(self, payload: str = "") -> Json:
        """Open the bot by its link (and unblock it, if need be); the Message."""
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,64}", payload):
            raise Impossible("no valid start payload")
        if self.room.state == BLOCKED:
            self.unblocks()
        return self.sends(f"/start {payload}".strip())

    def edits(self, message: Json, text: str) -> Json:
        """Edit an own message; the Message as it is now."""
        stored = self._stored(message)
        if stored["from"]["id"] != self.id or "text" not in stored or "via_bot" in stored:
            raise Impossible("people edit texts of their own only")
        typed = self._typed(text)
        stored.pop("entities", None)
        stored.update(typed, edit_date=self.telegram.now())
        self.telegram.tell("message", stored)
        room = self.telegram.chats[stored["chat"]["id"]]
        if self._seen(stored, room):
            self.telegram.updates.add("edited_message", stored)
        return copy.deepcopy(stored)

    def sends_photo(
        self,
        caption: str | None = None,
        content: bytes = b"photo",
        *,
        to: Place | None = None,
        reply_to: Json | None = None,
        album: str | None = None,
    ) -> Json:
        """Send a photo, alone or as one of an ``album``; the Message."""
        photo = {**self.telegram.files.add(content, "photo.jpg", "photos"), "width": 640, "height": 480}
        return self._sends({"photo": [photo], **captioned(caption), **bare({"media_group_id": album})}, to, reply_to)

    def sends_voice(self, *, to: Place | None = None) -> Json:
        """Send a voice message; the Message."""
        voice = {**self.telegram.files.add(b"voice", "voice.oga", "voice"), "duration": 3, "mime_type": "audio/ogg"}
        return self._sends({"voice": voice}, to)

    def sends_sticker(self, *, to: Place | None = None) -> Json:
        """Send a sticker; the Message."""
        size = {"width": 512, "height": 512, "is_animated": False, "is_video": False}
        told = self.telegram.files.add(b"sticker", "sticker.webp", "stickers")
        return self._sends({"sticker": {**told, **size, "type": "regular", "emoji": "👍"}}, to)

    def sends_location(self, *, to: Place | None = None) -> Json:
        """Send a location; the Message."""
        return self._sends({"location": {"latitude": -6.2, "longitude": 106.8}}, to)

    def sends_document(
        self,
        name: str,
        content: bytes,
        caption: str | None = None,
        *,
        to: Place | None = None,
        reply_to: Json | None = None,
    ) -> Json:
        """Send a file; the Message."""
        told = self.telegram.files.add(content, name, "documents")
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return self._sends(
            {"document": {**told, "file_name": name, "mime_type": kind}, **captioned(caption)}, to, reply_to
        )

    def presses(self, label_or_prefix: str, *, message: Json | None = None, to: Place | None = None) -> Json:
        """Press the button with that label, or one that begins so, on a message or on the last that has it.

        The callback query, or the button itself where it makes none (links and the like).
        """
        room = to.room if to else self.room
        seen = [self._stored(message)] if message else list(reversed(room.messages.values()))
        bots = [one for one in seen if "inline_message_id" in one or one["from"]["id"] == self.telegram.bot["id"]]
        for one in bots:
            rows = one.get("reply_markup", {}).get("inline_keyboard", [])
            fitting = [button for row in rows for button in row if button["text"].startswith(label_or_prefix)]
            if fitting:
                button = next((button for button in fitting if button["text"] == label_or_prefix), fitting[0])
                return self.press_data(button["callback_data"], one) if "callback_data" in button else dict(button)
        there = [self.telegram.buttons(one) for one in bots if "reply_markup" in one]
        raise AssertionError(f'there is no button "{label_or_prefix}"; there are: {there}')

    def press_data(self, data: str, message: Json) -> Json:
        """Press a button with that callback data, whether the message has it or not; the callback query."""
        query: Json = {"from": self.info, "chat_instance": "1", "data": data}
        if "inline_message_id" in message:
            query["inline_message_id"] = message["inline_message_id"]
        else:
            chat = message["chat"]
            gone = {"chat": chat, "message_id": message["message_id"], "date": 0}
            query["message"] = self.telegram.chats[chat["id"]].messages.get(message["message_id"], gone)
        query = {"id": self.telegram.new_query("callback_query", query), **query}
        self.telegram.updates.add("callback_query", query)
        return copy.deepcopy(query)

    def types_inline(self, query: str, offset: str = "", *, to: Place | None = None) -> str:
        """Type ``@bot query`` in a chat that the bot is in, or (None) elsewhere; the id of the inline query."""
        assert self.telegram.bot["supports_inline_queries"], "the bot has inline mode off"
        kind = "private" if to is None else "sender" if to is self else to.room.info["type"]
        content: Json = {"from": self.info, "query": query[:QUERY_LIMIT], "offset": offset, "chat_type": kind}
        number = self.telegram.new_query("inline_query", content)
        self._asked.append(number)
        self.telegram.updates.add("inline_query", {"id": number, **content})
        return number

    def chooses(self, result_id: str, *, query: str = "", to: Place | None = None) -> Json:
        """Send a result of an inline query (or of the last that was answered), to a chat that the bot is in or (None)
        elsewhere; the message as it stands in that chat."""
        answered = [one for one in ([query] if query else self._asked) if one in self.telegram.inline_answers]
        if not answered:
            raise Impossible("no inline query was answered")
        results = {result["id"]: result for result in self.telegram.inline_answers[answered[-1]]["results"]}
        if result_id not in results:
            raise Impossible(f"there is no result {result_id}; there are: {list(results)}")
        sent = {"via_bot": self.telegram.bot_user(), **self.telegram.result_message(results[result_id])}
        if to is None:
            message = {"from": self.info, "date": self.telegram.now(), **sent}
        else:
            message = to.room.messages[self._sends(sent, to)["message_id"]]
        told = {"result_id": result_id, "from": self.info, "query": self.telegram.queries[answered[-1]]["query"]}
        if "reply_markup" in message:
            told["inline_message_id"] = message["inline_message_id"]
            self.telegram.inline_messages[message["inline_message_id"]] = message
        self.telegram.updates.add("chosen_inline_result", told)
        return copy.deepcopy(message)

    def mentions_as_guest(self, text: str, *, to: Place | None = None) -> Json:
        """Call the bot in a chat that it is not in, with its @username before the text where it is missing.

        The Message, with its guest_query_id.
        """
        assert self.telegram.bot["supports_guest_queries"], "the bot has guest queries off"
        group = to or self.telegram.group(f"Friends of {self.info['first_name']}", member=False)
        name = f"@{self.telegram.bot['username']}"
        content = self._typed(text if name in text else f"{name} {text}")
        stored = group.room.add(self.info, self.telegram.now(), content)
        stored["guest_query_id"] = self.telegram.new_query("guest_message", stored)
        self.telegram.updates.add("guest_message", stored)
        return copy.deepcopy(stored)

    def blocks(self) -> None:
        """Block the bot: 403 from now on, and a my_chat_member update."""
        self._bot_becomes("kicked", self.info, BLOCKED)

    def unblocks(self) -> None:
        """Unblock the bot, with a my_chat_member update."""
        self._bot_becomes("member", self.info, OPEN)

    def _sends(
        self,
        content: Json,
        to: Place | None,
        reply_to: Json | None = None,
        date: int | None = None,
        topic: int | None = None,
    ) -> Json:
        """Store a message in the private chat or a group, and queue its update."""
        room = to.room if to else self.room
        if room.state == BLOCKED:
            raise Impossible(f"{self.info['first_name']} has blocked the bot")
        if room.state == NEVER:
            room.state = OPEN
        replied = self._stored(reply_to) if reply_to else None
        fields = bare({**room.placed(topic, replied), **content})
        message = room.add(self.info, self.telegram.now() if date is None else date, fields)
        if self._seen(message, room):
            self.telegram.updates.add("message", as_told(message))
        return copy.deepcopy(message)

    def _seen(self, message: Json, room: Chat) -> bool:
        """Whether the bot gets to see a message: it is there, and privacy mode lets it through."""
        if room.state != OPEN:
            return False
        text = str(message.get("text", message.get("caption", "")))
        answered = message.get("reply_to_message", {}).get("from", {}).get("id")
        own = self.telegram.bot["id"]
        meant = f"@{self.telegram.bot['username']}" in text or own in (answered, message.get("via_bot", {}).get("id"))
        command = re.match(r"/\w+(?!\w*@)", text)
        return bool(room.private or self.telegram.bot["can_read_all_group_messages"] or meant or command)

    def _typed(self, text: str) -> Json:
        text = text.strip()
        if not 1 <= utf16_length(text) <= TEXT_LIMIT:
            raise Impossible("an app sends 1 to 4096 characters")
        return bare({"text": text, "entities": detected(text)})

    def _stored(self, message: Json) -> Json:
        """The stored message that a copy of it means."""
        if "inline_message_id" in message:
            return self.telegram.inline_messages.get(message["inline_message_id"], message)
        found = self.telegram.chats[message["chat"]["id"]].messages.get(message["message_id"])
        if found is None:
            raise Impossible(f"message {message['message_id']} is deleted")
        return found
