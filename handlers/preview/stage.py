"""Who is there to try the bot with: three people, a group, and the Telegram they and the bot meet in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from handlers.fake_telegram import Event, FakeTelegram, Group, Place, User
from handlers.fake_telegram.store import OPEN, Chat

from .keeping import Keeping

USERNAME: Final = "tanya100_preview_bot"
TOKEN: Final = "100100:PREVIEW"
"""Opens nothing: it only has the shape of a token."""
GROUP_TITLE: Final = "Warga Smart City"
MAX_MESSAGES: Final = 300
"""Messages of a chat that are kept; the oldest go."""
MAX_FILES: Final = 100 * 1024 * 1024
"""Bytes of files that are kept; the oldest go."""
REMEMBERED: Final = 300
"""Calls of the bot, open buttons and inline queries that are remembered."""


@dataclass(frozen=True, slots=True)
class Person:
    """One of the people the page can be used as."""

    role: str
    id: int
    name: str


CITIZEN: Final = Person("citizen", 1001, "Budi")
OFFICER: Final = Person("officer", 1002, "Ratna")
ADMIN: Final = Person("admin", 1003, "Sari")
OFFICERS_REGION: Final = "33.10"
"""Kabupaten Klaten."""
PEOPLE: Final = (CITIZEN, OFFICER, ADMIN)


class Stage:
    """The Telegram of the page, with what was said there before."""

    def __init__(self, folder: Path) -> None:
        """``folder``: where the conversations are kept.

        Raises:
            DatabaseError: they cannot be, or another page keeps its own there.
        """
        self.telegram = FakeTelegram(
            username=USERNAME, name="Tanya 100 Smart City", token=TOKEN, privacy=True, guest_queries=False,
            remembers=REMEMBERED, file_bytes=MAX_FILES,
        )  # fmt: skip
        self.people: dict[int, User] = {p.id: self.telegram.user(p.name, id=p.id) for p in PEOPLE}
        self.group: Group = self.telegram.group(GROUP_TITLE)
        self.people[ADMIN.id].room.state = OPEN  # The admin is told of reports without having asked anything.
        self._keeping = Keeping(folder, self.telegram)
        self.telegram.watchers.append(self._trim)

    @property
    def fresh(self) -> bool:
        """Whether nothing was said here before, and the bot has told nothing of itself."""
        return self._keeping.fresh

    def flush(self) -> None:
        """Write down what has happened so far."""
        self._keeping.flush()

    def close(self) -> None:
        """Close the file of the conversations."""
        self._keeping.close()

    def room(self, person: int, chat: int) -> Place | None:
        """A chat that a person is in: the one with the bot, or the group."""
        if chat == self.group.id:
            return self.group
        return self.people[person] if chat == person else None

    # ------------------------------------------------------------------------------------------------ what the page shows

    def state(self) -> dict[str, Any]:
        """Everything there is to see."""
        rooms: list[Place] = [*self.people.values(), self.group]
        return {
            "chats": {
                place.id: [shown(self.telegram, place.room, number) for number in place.room.messages]
                for place in rooms
            },
            **self.profile(),
        }

    def profile(self) -> dict[str, Any]:
        """What the bot tells of itself: commands by person, chat and language of the app, and descriptions by language."""
        menus = {
            person.id: {
                place.id: {language: self.telegram.menu(place, person, language) for language in ("id", "en")}
                for place in (person, self.group)
            }
            for person in self.people.values()
        }
        described = self.telegram.profile["description"]
        about = {language: described.get(language) or described.get("", "") for language in ("id", "en")}
        return {"menus": menus, "about": about}

    def seen(self, event: Event) -> tuple[str, Any] | None:
        """An event as the page is told it: its kind and what to show; None where there is nothing to show."""
        content = event.content
        if event.kind in ("message", "reaction"):
            room = self.telegram.chats[content["chat"]["id"]]
            return "message", shown(self.telegram, room, content["message_id"])
        if event.kind == "deleted":
            return "deleted", {"chat": content["chat"]["id"], "message_id": content["message_id"]}
        if event.kind == "action":
            return "action", {"chat": content["chat"]["id"], "action": content["action"]}
        return ("profile", self.profile()) if event.kind == "profile" else None

    def _trim(self, event: Event) -> None:
        if event.kind == "message":
            room = self.telegram.chats[event.content["chat"]["id"]]
            while len(room.messages) > MAX_MESSAGES:
                self.telegram.remove(room, next(iter(room.messages)))


def shown(telegram: FakeTelegram, room: Chat, message_id: int) -> dict[str, Any]:
    """A message as an app shows it: the Bot API's Message with its reactions and what it asks the app to do."""
    told = dict(room.messages[message_id])
    reactions = telegram.reactions.get((room.id, message_id))
    if reactions:
        told["reactions"] = reactions
    if message_id in room.prompts:
        told["prompt"] = room.prompts[message_id]
    return told
