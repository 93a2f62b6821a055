"""Chats and their messages, files, and what a chat lets the bot do."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from .wire import Json, bad_request, forbidden

Tell = Callable[[str, Json], None]
Key = TypeVar("Key")
Value = TypeVar("Value")
MAX_DOWNLOAD = 20 * 1024 * 1024
"""Bytes of a file that a bot may fetch (https://core.telegram.org/bots/api#getfile)."""
OPEN, NEVER, BLOCKED, KICKED, OUTSIDE = "open", "never", "blocked", "kicked", "outside"


@dataclass
class Sequence:
    """Message ids that several chats share, as the private chats of a bot do."""

    next_id: int = 1


@dataclass
class Chat:
    """One chat: its Bot API object, whether the bot may write there, and its messages by id."""

    info: Json
    tell: Tell = field(repr=False)
    state: str = OPEN
    messages: dict[int, Json] = field(default_factory=dict)
    topics: set[int] = field(default_factory=set)
    migrated_to: int | None = None
    prompts: dict[int, Json] = field(default_factory=dict)
    """By message, what the bot asks the apps to do below it, such as ForceReply: apps see it, the Message does not tell."""
    next_id: int = 1
    shared: Sequence | None = None
    """Where it does not count by itself."""

    @property
    def id(self) -> int:
        """The chat id."""
        number: int = self.info["id"]
        return number

    @property
    def private(self) -> bool:
        """Whether it is the chat of one person with the bot."""
        return bool(self.info["type"] == "private")

    @property
    def upcoming(self) -> int:
        """The id that the next message gets."""
        return max(self.next_id, self.shared.next_id) if self.shared else self.next_id

    def add(self, sender: Json, date: int, content: Json) -> Json:
        """Store a message with the next id; the stored dict itself."""
        message = {"message_id": self.upcoming, "from": sender, "chat": self.info, "date": date, **content}
        self.next_id = self.upcoming + 1
        if self.shared:
            self.shared.next_id = self.next_id
        self.messages[message["message_id"]] = message
        self.tell("message", message)
        return message

    def check_open(self) -> None:
        """Refuse what the bot may not do in this chat."""
        kind = "supergroup chat" if self.info["type"] == "supergroup" else "group chat"
        if self.migrated_to is not None:
            what = "group chat was upgraded to a supergroup chat"
            raise bad_request(what, {"migrate_to_chat_id": self.migrated_to})
        if self.state == NEVER:
            raise forbidden("bot can't initiate conversation with a user")
        if self.state == BLOCKED:
            raise forbidden("bot was blocked by the user")
        if self.state == KICKED:
            raise forbidden(f"bot was kicked from the {kind}")
        if self.state == OUTSIDE:
            raise forbidden(f"bot is not a member of the {kind}")

    def placed(self, topic: int | None, reply_to: Json | None) -> Json:
        """The fields of a new message that tell its topic and what it replies to (one level deep)."""
        fields: Json = {}
        if reply_to is not None:
            fields["reply_to_message"] = as_told(reply_to, "reply_to_message")
            if topic is None and reply_to.get("message_thread_id") in self.topics:
                topic = reply_to["message_thread_id"]
            elif self.info["type"] == "supergroup" and topic is None:
                fields["message_thread_id"] = reply_to.get("message_thread_id", reply_to["message_id"])
        if topic is not None:
            fields.update(message_thread_id=topic, is_topic_message=True)
        return fields


class Recent(dict[Key, Value]):
    """A dict that holds so many things at most, the newest; None for all."""

    def __init__(self, most: int | None = None) -> None:
        super().__init__()
        self._most = most

    def __setitem__(self, key: Key, value: Value) -> None:
        super().__setitem__(key, value)
        if self._most is not None and len(self) > self._most:
            del self[next(iter(self))]


class Files:
    """The files that people and the bot have sent, by file_id and by path; over ``most`` bytes the oldest go."""

    def __init__(self, tell: Tell, most: int | None = None) -> None:
        self.content: dict[str, bytes] = {}
        self.paths: dict[str, str] = {}
        self.next_id = 1
        self._tell = tell
        self._most = most

    def add(self, content: bytes, name: str, folder: str) -> Json:
        """Keep a file; the part of a Document, PhotoSize or Voice that tells it."""
        number, self.next_id = self.next_id, self.next_id + 1
        file_id = f"FILE-{folder}-{number}"
        found = re.search(r"\.[A-Za-z0-9]{1,10}$", name)
        suffix = found[0] if found else ""
        self.content[file_id] = content
        self.paths[file_id] = f"{folder}/file_{number}{suffix}"
        self._tell("file", {"file_id": file_id})
        while self._most is not None and sum(map(len, self.content.values())) > self._most and len(self.content) > 1:
            oldest = next(iter(self.content))
            del self.content[oldest], self.paths[oldest]
            self._tell("file_gone", {"file_id": oldest})
        return {"file_id": file_id, "file_unique_id": f"U{number}", "file_size": len(content)}

    def described(self, file_id: str) -> Json:
        """The File object of a file_id."""
        if file_id not in self.content:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        if len(self.content[file_id]) > MAX_DOWNLOAD:
            raise bad_request("file is too big")
        told = {"file_id": file_id, "file_unique_id": f"U{file_id.rsplit('-', 1)[1]}"}
        return {**told, "file_size": len(self.content[file_id]), "file_path": self.paths[file_id]}

    def at(self, path: str) -> bytes | None:
        """The content of the file with that file_path."""
        return next((self.content[key] for key, known in self.paths.items() if known == path), None)


def as_told(message: Json, *without: str) -> Json:
    """A message as an update tells it: the id by which an inline message is edited is told only to who chose it."""
    return {name: value for name, value in message.items() if name not in ("inline_message_id", *without)}


def bare(content: dict[str, Any]) -> Json:
    """A message's fields without those that are empty or None."""
    return {name: value for name, value in content.items() if value not in (None, [], "")}
