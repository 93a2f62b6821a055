"""Somebody at work in a chat with the bot as its own process: each act waits for what the bot then shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from handlers.fake_telegram import FakeTelegram, User
from handlers.fake_telegram.wire import Event
from handlers.rendering import Speech, speech
from knowledge import check, history, store
from knowledge.model import Language

Json = dict[str, Any]


class Chat:
    """A person's private chat with the bot: everything that was ever shown in it, edited messages as often as they were."""

    def __init__(self, telegram: FakeTelegram, person: User, language: Language = "en") -> None:
        self.telegram = telegram
        self.person = person
        self.s: Speech = speech(language)
        self.shown: list[str] = []
        """Texts, each followed by the labels of its buttons in brackets."""
        self.buttons: dict[str, None] = {}
        """The data of every button."""
        telegram.watchers.append(self._watch)

    def _watch(self, event: Event) -> None:
        message = event.content
        if event.kind != "message" or message["chat"]["id"] != self.person.id or not message["from"]["is_bot"]:
            return
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        self.buttons |= {b["callback_data"]: None for row in rows for b in row if "callback_data" in b}
        said = message.get("text", message.get("document", {}).get("file_name", ""))
        self.shown.append("\n".join([said, *(f"[{button['text']}]" for row in rows for button in row)]))

    async def then(self, act: Callable[[], object], *words: str, seconds: float = 40.0) -> str:
        """Act, and wait for something with all these words (or labels); it."""
        mark = len(self.shown)
        act()

        def found() -> str:
            return next((said for said in self.shown[mark:] if all(word in said for word in words)), "")

        try:
            return await self.telegram.until(found, timeout=seconds)
        except AssertionError:
            raise AssertionError(f"nothing with {words} came, but: {self.shown[mark:]}") from None

    async def sends(self, text: str, *words: str) -> str:
        """Write a text and wait for an answer with these words."""
        return await self.then(lambda: self.person.sends(text), *words)

    async def sends_file(self, name: str, content: str, *words: str) -> str:
        """Send a file and wait for these words."""
        return await self.then(lambda: self.person.sends_document(name, content.encode()), *words)

    async def presses(self, label: str, *words: str) -> str:
        """Press the newest button of that label (or one that begins so) and wait for these words."""
        return await self.then(lambda: self.person.presses(label), *words)

    async def edits_text(self, claim: str, text: str) -> str:
        """Walk as far as the preview of another English text of a claim, which keeps its sources."""
        s = self.s
        await self.sends(f"/manage {claim}", f"✏️ {s._('text in English')}")
        await self.presses(f"✏️ {s._('text in English')}", f"[{s._('Cancel')}]")
        await self.sends(text, f"[{s._('The sources it has')}]")
        return await self.presses(s._("The sources it has"), f"[{s._('Confirm')}]")


def sound(data_dir: Path) -> None:
    """The knowledge keeps all rules, and the log says what the tables say."""
    assert [found.message for found in check.check(store.read(data_dir)) if found.level == "error"] == []
    assert history.disagreements(data_dir) == []
