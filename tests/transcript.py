"""Conversations as readable files: what people do is played, what the bot does is written below it.

A line is one of (names are those of ``PEOPLE``):

    Budi: apakah klaten ikut?              a message in private; "Budi in the group: ..." in the group
    Budi replies: ...                      a reply to the bot's last message ("in the group replies: ...")
    Budi edits: ...                        the last message edited
    Budi presses [Sumber]                  a button, by its label or its beginning; "presses twice [...]" at once
    Budi presses data xyz                  a button with any callback data, under the bot's last message
    Budi types @: kla                      inline mode
    Budi calls as guest: ...               a mention where the bot is not a member
    Budi sends a photo | voice | sticker | location;  Budi sends an album;  Budi replies with a photo
    Budi sends file a.csv: id,value\\nF001,2   a document; what the bot sends is shown by its name, a CSV file by its first lines
    Budi opens the link                    the invitation that the bot wrote last, to whomever
    Budi blocks | unblocks the bot;  the bot joins the group;  the bot restarts
    the bot lives on 2027-06-01 at 22:30   for what is counted, due and told, from then on; 12:00 where no time is said, as in
                                           Jakarta; before, it is noon of this day

Lines that begin with ``#`` are remarks. Everything else is what the bot does; what differs each time is left out: of
invitations all but ``inv_…``, this day's date, the time, and of an export's name its edition.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, ExitStack
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import clock
from running import Running, running

from handlers.fake_telegram import FakeTelegram, Group, User
from handlers.rendering import speech
from knowledge.edition import about
from knowledge.model import Language

PEOPLE = {"Budi": "id", "Kate": "en", "Sari": "id"}
OWNER = "Sari"
JAKARTA = timezone(timedelta(hours=7))
LANGUAGES: tuple[Language, ...] = ("id", "en")
Json = dict[str, Any]
_INVITATION = re.compile(r"inv_[\w-]{32}")
_EXPORT = re.compile(r"(?<=100-smart-city-)[\w.]+-\d+(?=\.)")
FILE_LINES = 12
_ACT = re.compile(rf"({'|'.join(PEOPLE)}|the bot)\b( in the group)?(?P<rest>.*)")


async def play(script: str, data_dir: Path) -> str:
    """The transcript that comes of a script: its lines, each followed by what the bot does."""
    return await _Stage(data_dir).play(script)


class _Stage:
    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.telegram = FakeTelegram()
        self.people = {name: self.telegram.user(name, language=code) for name, code in PEOPLE.items()}
        self.group = self.telegram.group("Warga")
        self.before: dict[tuple[int, int], Json] = {}
        self.toasts: set[str] = set()
        self.asked: set[str] = set()
        self.links: list[str] = []
        self._days = ExitStack()
        self.bot: Running | None = None

    async def play(self, script: str) -> str:
        lines: list[str] = []
        self._live_on(datetime.now(JAKARTA).strftime("%Y-%m-%d"))
        await self._start()
        try:
            await self._play(script, lines)
        finally:
            await self._stack.aclose()
            self._days.close()
        refused = [
            (c.method, str(c.error))
            for c in self.telegram.calls
            if c.error and c.method not in ("getUpdates", "answerCallbackQuery")
        ]
        assert [error for error in refused if "not modified" not in error[1]] == []
        return "\n".join(lines) + "\n"

    async def _play(self, script: str, lines: list[str]) -> None:
        self._changes()
        for line in script.splitlines():
            found = _ACT.match(line)
            if not found or line.startswith("#"):
                if line.startswith("#"):
                    lines += [*([""] if lines else []), line]
                continue
            lines += ["", line]
            if line == "the bot restarts":
                await self._stack.aclose()
                await self._start()
            elif line.startswith("the bot lives on "):
                self._live_on(line.removeprefix("the bot lives on "))
            else:
                self._act(found[1], bool(found[2]), found["rest"])
            assert self.bot is not None
            await self.bot.settles()
            lines += self._changes()

    def _live_on(self, moment: str) -> None:
        """Set the clock to "2027-06-01" or "2027-06-01 at 22:30"."""
        day, _, time = moment.partition(" at ")
        self._days.enter_context(
            clock.set_to(datetime.fromisoformat(f"{day} {time or '12:00'}").replace(tzinfo=JAKARTA))
        )
        if self.bot:
            self.bot.bot.services.news.set()

    async def _start(self) -> None:
        self._stack = AsyncExitStack()
        owner = self.people[OWNER].id
        self.bot = await self._stack.enter_async_context(running(self.telegram, self.data_dir, owner_ids=(owner,)))

    # ---------------------------------------------------------------------------------------------------- what people do

    def _act(self, name: str, in_group: bool, rest: str) -> None:
        group = self.group if in_group else None
        if name == "the bot":
            {" joins the group": self.group.adds_bot, " leaves the group": self.group.removes_bot}[rest]()
            return
        person = self.people[name]
        verb, _, said = rest.partition(": ")
        said = said.replace("\\n", "\n")
        verb = verb.strip().removesuffix(":")
        pressed = re.fullmatch(r"presses (twice )?\[(.*)\]", verb)
        acts: dict[str, Callable[[], object]] = {
            "": lambda: person.sends(said, to=group),
            "replies": lambda: person.sends(said, to=group, reply_to=self.telegram.last(group or person)),
            "edits": lambda: person.edits(self._last_of(person, group), said),
            "types @": lambda: person.types_inline(said),
            "calls as guest": lambda: person.mentions_as_guest(said),
            "sends a photo": lambda: person.sends_photo(said or None, to=group),
            "sends an album": lambda: self._sends_album(person),
            "replies with a photo": lambda: person.sends_photo(reply_to=self.telegram.last(person)),
            "sends a voice": lambda: person.sends_voice(to=group),
            "sends a sticker": lambda: person.sends_sticker(to=group),
            "sends a location": lambda: person.sends_location(to=group),
            "opens the link": lambda: person.starts(self._invitation()),
            "blocks the bot": person.blocks,
            "unblocks the bot": person.unblocks,
        }
        if pressed:
            for _ in range(2 if pressed[1] else 1):
                person.presses(pressed[2], to=group)
        elif verb.startswith("sends file "):
            person.sends_document(verb.removeprefix("sends file "), said.encode(), to=group)
        elif verb.startswith("presses data "):
            person.press_data(verb.removeprefix("presses data "), self.telegram.last(group or person))
        else:
            acts[verb]()

    def _sends_album(self, person: User) -> None:
        """Three photos that belong together."""
        album = f"album-{self.telegram.number()}"
        for _ in range(3):
            person.sends_photo(album=album)

    def _invitation(self) -> str:
        """What the link of the newest invitation carries."""
        texts = "".join(text for person in self.people.values() for text in self.telegram.said(person))
        self.links = list(dict.fromkeys([*self.links, *_INVITATION.findall(texts)]))
        return self.links[-1]

    def _last_of(self, person: User, group: Group | None) -> Json:
        return next(m for m in reversed(self.telegram.messages(group or person)) if m["from"]["id"] == person.id)

    # -------------------------------------------------------------------------------------------------- what the bot does

    def _changes(self) -> list[str]:
        """What is new since the last look: toasts, messages, edits, deletions, reactions, inline results."""
        lines = [
            f"  ({t['text']})"
            for id_, t in self.telegram.callback_answers.items()
            if id_ not in self.toasts and t.get("text")
        ]
        self.toasts = set(self.telegram.callback_answers)
        now = {}
        for place in (*self.people.values(), self.group):
            for message in self.telegram.messages(place):
                if message["from"]["is_bot"] and message["from"]["id"] == self.telegram.bot["id"]:
                    now[place.id, message["message_id"]] = message
        for key, message in now.items():
            if self.before.get(key) != message:
                lines += self._shown(message, "edits" if key in self.before else "says")
        lines += ["  bot deletes a message" for key in self.before if key not in now]
        self.before = now
        for answers in (self.telegram.inline_answers, self.telegram.guest_answers):
            for id_, answer in answers.items():
                if id_ not in self.asked:
                    lines += self._results(answer)
        self.asked = {*self.telegram.inline_answers, *self.telegram.guest_answers}
        for reaction in self.telegram.reactions.values():
            lines.append(f"  bot reacts {' '.join(reaction)}")
        self.telegram.reactions.clear()
        return lines

    def _shown(self, message: Json, verb: str) -> list[str]:
        where = "" if message["chat"]["type"] == "private" else " in the group"
        to = next((name for name, person in self.people.items() if person.id == message["chat"]["id"]), "")
        head = f"  bot {verb}{where}{f' to {to}' if to else ''}:"
        body = [f"    {line}" for line in _lasting(_folded(message)).splitlines()]
        if "document" in message:
            body = [*self._document(message["document"]), *body]
        if "photo" in message:
            body = ["    (photo)", *body]
        rows = [" ".join(f"[{label}]" for label in row) for row in self.telegram.buttons(message)]
        return [head, *body, *(f"      {row}" for row in rows)]

    def _document(self, document: Json) -> list[str]:
        content = self.telegram.files.content[document["file_id"]]
        size = next(
            word for limit, word in ((1000, "small"), (100_000, "some KB"), (10**9, "large")) if len(content) < limit
        )
        lines = content.decode("utf-8-sig").splitlines() if document["file_name"].endswith(".csv") else []
        more = ["    | …"] if len(lines) > FILE_LINES else []
        name = _EXPORT.sub("…", document["file_name"]).replace(datetime.now(UTC).date().isoformat(), "(today)")
        return [f"    (file {name}, {size})", *(f"    | {line}" for line in lines[:FILE_LINES]), *more]

    @staticmethod
    def _results(answer: Json) -> list[str]:
        results = answer["results"] if "results" in answer else [answer["result"]]
        lines = [f"  {r['id']:<16} {r['title']} | {r.get('description', '')}"[:150].rstrip(" |") for r in results]
        if "button" in answer:
            lines.append(f"  [{answer['button']['text']}]")
        return lines or ["  (no results)"]


def _lasting(text: str) -> str:
    """A text without what differs each time."""
    told = [speech(language) for language in LANGUAGES]
    edition = [
        s._("Edition {edition}, compiled on {date}.", edition=about().id, date=s.date(about().compiled)) for s in told
    ]
    edition += [s._("Last checked on {date}.", date=s.date(about().compiled)) for s in told]
    for at, compiled in enumerate(edition):
        text = text.replace(compiled, f"\0{at}\0")
    for s in told:
        text = text.replace(s.date(datetime.now(UTC).date().isoformat()), "(today)")
    for at, compiled in enumerate(edition):
        text = text.replace(f"\0{at}\0", compiled)
    text = re.sub(r"\d\d:\d\d UTC", "(time)", text)
    return _INVITATION.sub("inv_…", text)


def _folded(message: Json) -> str:
    """The text, with what is folded behind bars."""
    text = message.get("text", message.get("caption", ""))
    for entity in message.get("entities", ()):
        if entity["type"] == "expandable_blockquote":
            units = text.encode("utf-16-le")
            start, end = 2 * entity["offset"], 2 * (entity["offset"] + entity["length"])
            inner = units[start:end].decode("utf-16-le").replace("\n", "\n| ")
            text = units[:start].decode("utf-16-le") + "| " + inner + units[end:].decode("utf-16-le")
    return text


def run(scene: Callable[[], Awaitable[Any]]) -> Any:
    """Run a scene to its end."""
    return asyncio.run(scene())  # type: ignore[arg-type]
