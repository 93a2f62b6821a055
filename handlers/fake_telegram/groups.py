"""Groups as they drive the bot: forum topics, migration, the bot taken out and in again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .store import KICKED, OPEN, Chat
from .wire import Json

if TYPE_CHECKING:
    from .core import FakeTelegram


class Place:
    """A chat, as somebody sees it who is in it."""

    def __init__(self, telegram: FakeTelegram, room: Chat) -> None:
        self.telegram = telegram
        self.room = room

    @property
    def id(self) -> int:
        """The chat id; of a group that has migrated the new one."""
        return self.room.id

    @property
    def chat(self) -> Json:
        """The Bot API Chat object."""
        return dict(self.room.info)

    @property
    def messages(self) -> list[Json]:
        """The messages one sees here, as they are now."""
        return self.telegram.messages(self)

    @property
    def said(self) -> list[str]:
        """What the bot has said here."""
        return self.telegram.said(self)

    @property
    def last(self) -> Json:
        """The bot's last message here."""
        return self.telegram.last(self)

    def _bot_becomes(self, new: str, by: Json, state: str) -> None:
        """Somebody takes the bot in ("member") or out ("kicked") here, with a my_chat_member update."""
        old = "kicked" if new == "member" else "member"
        self.room.state = state
        self.telegram.updates.add("my_chat_member", membership(self.telegram, self.room.info, by, old, new))


class Group(Place):
    """A group or supergroup; ``User.sends(..., to=group)`` writes in it."""

    def __init__(self, telegram: FakeTelegram, room: Chat) -> None:
        super().__init__(telegram, room)
        self._admin = {"id": 777_000_000 - room.id % 1000, "is_bot": False, "first_name": "Admin"}

    def topic(self, name: str) -> int:
        """Open a forum topic; its message_thread_id."""
        self.room.info["is_forum"] = True
        created = {"name": name, "icon_color": 7322096}
        message = self._service({"forum_topic_created": created, "is_topic_message": True})
        self.room.topics.add(message["message_id"])
        message["message_thread_id"] = message["message_id"]
        self.telegram.updates.add("message", message)
        return int(message["message_id"])

    def migrate(self) -> int:
        """Become a supergroup: the old id refuses with the new one, service messages tell both; the new id."""
        assert self.room.info["type"] == "group", "only a basic group migrates"
        old, new = self.room, self.telegram.new_group_chat(self.room.info["title"], supergroup=True)
        told = self._service({"migrate_to_chat_id": new.id})
        old.migrated_to = new.id
        self.telegram.updates.add("message", told)
        self.room = new
        self.telegram.updates.add("message", self._service({"migrate_from_chat_id": old.id}))
        return new.id

    def removes_bot(self) -> None:
        """Take the bot out: 403 from now on, and a my_chat_member update."""
        self._bot_becomes("kicked", self._admin, KICKED)

    def adds_bot(self) -> None:
        """Take the bot in again, with a my_chat_member update."""
        self._bot_becomes("member", self._admin, OPEN)

    def _service(self, content: Json) -> Json:
        return self.room.add(self._admin, self.telegram.now(), content)


def membership(telegram: FakeTelegram, chat: Json, who: Json, old: str, new: str) -> Json:
    """A ChatMemberUpdated about the bot: who changed it in which chat, from which status to which."""

    def member(status: str) -> Json:
        until = {"until_date": 0} if status == "kicked" else {}
        return {"user": telegram.bot_user(), "status": status, **until}

    told = {"chat": chat, "from": who, "date": telegram.now()}
    return {**told, "old_chat_member": member(old), "new_chat_member": member(new)}
