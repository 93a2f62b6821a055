"""A stage on which acts are played (see ``fuzz_acts.py``), and what must hold whatever they were."""

from __future__ import annotations

import asyncio
import io
import logging
import pickle
import re
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from unittest.mock import patch

import pytest
import structlog
from fuzz_acts import MARK, ROLES, Act
from running import Running, running
from telegram import ChatMemberAdministrator, ChatMemberRestricted
from telegram.ext import CallbackQueryHandler, CommandHandler

from handlers.fake_telegram import FakeTelegram, Impossible, User
from handlers.people.staff import Role
from handlers.settings import Settings
from handlers.staff import deskwork
from handlers.transport import logs
from handlers.transport.outbox import BENIGN, GONE, UNWELCOME
from knowledge import Engine

Json = dict[str, Any]
PARTS: Final = (("uploads", "draft_id", "drafts"), ("deliveries", "notice_id", "notices"))
"""What belongs to something else in people.db: table, column, and whose number that is."""


class Stage:
    """One running bot, somebody of each role, and a group."""

    def __init__(self, bot: Running, telegram: FakeTelegram, people: dict[str, User], log: io.StringIO) -> None:
        self.bot, self.telegram, self.people, self.log = bot, telegram, people, log
        self.group = telegram.group(f"Warga {MARK}")
        self.pressed: list[str] = []
        self.entered: set[str] = set()
        """Handlers that were called, by what :func:`called` calls them."""
        self.registered: set[str] = set()
        self._spy()

    @property
    def unhandled(self) -> list[str]:
        """Updates that were written down and are not handled."""
        return [body for (body,) in self.bot.people._connection.execute("select body from inbox where outcome is null")]

    def _spy(self) -> None:
        """Note whichever handler is called."""
        for group in self.bot.bot.application.handlers.values():
            for handler in group:
                self._watch(handler)

    def _watch(self, handler: Any) -> None:
        callback, name = handler.callback, called(handler)
        self.registered.add(name)

        async def noting(update: Any, context: Any) -> Any:
            self.entered.add(name)
            return await callback(update, context)

        handler.callback = noting

    async def play(self, acts: Sequence[Act]) -> None:
        """Do one thing after the other, each after the bot is done with the one before."""
        for act in acts:
            user = self.people[act.who]
            try:
                getattr(self, f"_{act.what}")(user, act)
            except (Impossible, AssertionError, LookupError):
                continue  # No app lets anybody do that here: there is no such button or message, or the bot is blocked.
            await self.bot.settles()

    def _place(self, act: Act) -> Any:
        return self.group if act.at % 5 == 4 else None

    def _says(self, user: User, act: Act) -> None:
        own = self.telegram.messages(self._place(act) or user)
        reply = own[-1 - act.at % 3] if act.at % 4 == 1 and len(own) > 3 else None
        detected = {"entities": act.more} if act.more else {}
        user._sends({"text": act.text, **detected}, self._place(act), reply)

    def _commands(self, user: User, act: Act) -> None:
        user._sends(user._typed(act.text[:4096]), self._place(act))

    def _buttons(self, user: User) -> list[tuple[str, Json]]:
        """What can be pressed below the last messages of the chat, the newest first."""
        bots = [m for m in reversed(self.telegram.messages(user)) if "reply_markup" in m][:3]
        rows = [(m, row) for m in bots for row in m["reply_markup"].get("inline_keyboard", ())]
        return [(button["callback_data"], m) for m, row in rows for button in row if "callback_data" in button]

    def _press(self, user: User, data: str, message: Json) -> None:
        self.pressed.append(user.press_data(data.encode()[:64].decode(errors="ignore"), message)["id"])

    def _presses(self, user: User, act: Act) -> None:
        there = self._buttons(user)
        assert there
        self._press(user, *there[act.at % len(there)])

    def _bends(self, user: User, act: Act) -> None:
        there = self._buttons(user)
        assert there
        data, message = there[act.at % len(there)]
        parts = data.split(":")
        parts[act.more % len(parts)] = act.text
        self._press(user, ":".join(parts) or "x", message)

    def _forges(self, user: User, act: Act) -> None:
        place = self._place(act) or user
        below: Json = {"chat": {**place.chat}, "message_id": 1}
        if act.at % 7 == 6:
            below = {"inline_message_id": "elsewhere"}
        elif self.telegram.said(place):
            below = self.telegram.last(place)
        self._press(user, act.text, below)

    def _edits(self, user: User, act: Act) -> None:
        own = [m for m in self.telegram.messages(user) if m["from"]["id"] == user.id and "text" in m]
        user.edits(own[-1 - act.at % len(own)] if own else {}, act.text)

    def _sends(self, user: User, act: Act) -> None:
        user._sends(dict(act.more), self._place(act))

    def _document(self, user: User, act: Act) -> None:
        name, content = act.more
        user.sends_document(name, content, to=self._place(act))

    def _inline(self, user: User, act: Act) -> None:
        user.types_inline(act.text, act.more, to=self._place(act))

    def _chooses(self, user: User, act: Act) -> None:
        self.telegram.raw({"chosen_inline_result": {"result_id": act.text, "from": user.info, "query": MARK}})

    def _guest(self, user: User, act: Act) -> None:
        user.mentions_as_guest(act.text or "x")

    def _member(self, user: User, act: Act) -> None:
        place = self._place(act)
        if act.at % 5 == 3:
            user.unblocks() if act.at % 2 else user.blocks()
            return
        old, new = ({"user": self.telegram.bot_user(), "status": status} for status in act.more)
        told = {"chat": (place or user).chat, "from": user.info, "date": self.telegram.now()}
        self.telegram.raw(
            {"my_chat_member": {**told, "old_chat_member": _member(old), "new_chat_member": _member(new)}}
        )

    def _links(self, user: User, act: Act) -> None:
        user.starts(act.text)

    def _as_group(self, user: User, act: Act) -> None:
        """Somebody writes as the group, or as a channel that is shown there."""
        user._sends({"text": act.text, "sender_chat": self.group.chat}, self.group)

    def _raw(self, user: User, act: Act) -> None:
        self.telegram.raw(act.more)

    def _plays(self, user: User, act: Act) -> None:
        """An act of a transcript (see ``transcript.py``)."""
        place, verb = self.group if act.at else None, act.more
        pressed = re.fullmatch(r"presses (?:twice )?\[(.*)\]", verb)
        if pressed:
            found = user.presses(pressed[1], to=place)
            self.pressed += [found["id"]] if "id" in found else []
        elif verb.startswith("presses data "):
            self._press(
                user,
                verb.removeprefix("presses data ") + (f":{act.text}" if act.text else ""),
                self.telegram.last(place or user),
            )
        elif verb.startswith("sends file "):
            user.sends_document(verb.removeprefix("sends file "), act.text.encode(), to=place)
        elif verb == "opens the link":
            texts = "".join(text for person in self.people.values() for text in self.telegram.said(person))
            user.starts(re.findall(r"inv_[\w-]{32}", texts)[-1])
        elif verb == "edits":
            self._edits(user, Act(act.who, "edits", act.text))
        elif verb in ("types @", "calls as guest"):
            (user.types_inline if verb == "types @" else user.mentions_as_guest)(act.text)
        elif verb.startswith(("sends a ", "replies with a ")):
            kind = verb.rpartition(" ")[2]
            album = {"album": f"album-{self.telegram.number()}"} if kind == "album" else {}
            sending = {"photo": user.sends_photo, "album": user.sends_photo, "voice": user.sends_voice}.get(
                kind, user.sends_sticker
            )
            sending(**album)  # type: ignore[operator]
        elif verb == "blocks the bot":
            user.blocks()
        elif verb == "unblocks the bot":
            user.unblocks()
        else:
            reply = self.telegram.last(place or user) if "replies" in verb else None
            user.sends(act.text, to=place, reply_to=reply)

    # ----------------------------------------------------------------------------------------------- what must hold then

    def check(self) -> None:
        """What holds whatever was sent."""
        outcomes = self.bot.outcomes()
        assert [at for at, outcome in enumerate(outcomes) if outcome in (None, "error", "unreadable")] == [], (
            self.trouble()
        )
        assert [press for press in self.pressed if press not in self.telegram.callback_answers] == []
        harmless = (*BENIGN, *GONE, *UNWELCOME, "not modified", "forbidden", "wrong file_id")
        refused = [
            c for c in self.telegram.calls if c.error and not any(word in str(c.error).lower() for word in harmless)
        ]
        assert [(call.method, str(call.error), call.params) for call in refused] == []
        for call in self.telegram.calls:
            repr(call.params).encode()  # Over HTTP it goes as UTF-8.
        self.check_people()
        assert MARK not in self.log.getvalue(), self.trouble()

    @property
    def roles(self) -> list[Role]:
        """The roles that people have."""
        return sorted(member.role for member in self.bot.people.staff.members())

    def knowledge(self) -> list[str]:
        """All that knowledge.db holds."""
        with closing(sqlite3.connect(self.bot.bot.services.knowledge_dir / "knowledge.db")) as db:
            return list(db.iterdump())

    def check_people(self) -> None:
        """people.db is sound."""
        db = self.bot.people._connection
        assert db.execute("pragma quick_check").fetchall() == [("ok",)]
        for table, column, other in PARTS:
            assert (
                db.execute(f"select {column} from {table} where {column} not in (select id from {other})").fetchall()
                == []
            )

    def trouble(self) -> str:
        """The lines of the log that tell of something."""
        wanted = re.compile(f'level=(warning|error)|"level": "(warning|error)"|{MARK}')
        return "\n".join(line for line in self.log.getvalue().splitlines() if wanted.search(line))


def _member(member: Json) -> Json:
    """A ChatMember with every field that a status may need."""
    return {
        **dict.fromkeys((*ChatMemberAdministrator.__slots__, *ChatMemberRestricted.__slots__), False),
        "until_date": 0,
        **member,
    }


def called(handler: Any) -> str:
    """What a handler is called: a command by its name, a button by its pattern, anything else by file and function."""
    if isinstance(handler, CommandHandler):
        return f"/{min(handler.commands)}"
    if isinstance(handler, CallbackQueryHandler) and handler.pattern:
        return str(getattr(handler.pattern, "pattern", handler.pattern))
    return f"{handler.callback.__module__.rpartition('.')[2]}.{handler.callback.__name__}"


@contextmanager
def written(level: str = "DEBUG") -> Iterator[io.StringIO]:
    """Where everything that is logged is written to until the block ends."""
    before = list(logging.root.handlers), logging.root.level
    out = io.StringIO()
    with patch("sys.stderr", out):
        logs.set_up(Settings(telegram_token="42:TEST", log_level=level))  # type: ignore[arg-type]
        try:
            yield out
        finally:
            structlog.reset_defaults()
            logging.root.handlers[:], logging.root.level = before
            logging.raiseExceptions = True


async def _at_once(request: bytes) -> Any:
    """The work of the desk in this process: what matters here is what is done with what it comes to."""
    job, arguments = pickle.loads(request)
    return deskwork.result(deskwork.JOBS[job], arguments)


@asynccontextmanager
async def staged(engine: Engine) -> AsyncIterator[Stage]:
    """A bot with somebody of each role, who have all begun to speak with it, answering from the engine that tests share."""
    telegram = FakeTelegram()
    people = {name: telegram.user(f"{name} {MARK}", language="en" if name == "officer" else "id") for name in ROLES}
    with written() as log, pytest.MonkeyPatch.context() as patching, TemporaryDirectory() as name:
        folder = Path(name)
        patching.setattr("knowledge.open_engine", lambda _: engine)
        patching.setattr("handlers.staff.desk._done", _at_once)
        async with running(telegram, folder, owner_ids=(people["owner"].id,), ops_listen=None) as bot:
            stage = Stage(bot, telegram, people, log)
            for who, role in ROLES.items():
                people[who].sends("/start")
                if role in (Role.OFFICER, Role.ADMIN):
                    regions = ("33.10",) if role == Role.OFFICER else ()
                    people[who].starts(bot.people.invitations.create(role, regions, None)[1])
            await bot.settles()
            yield stage


def played(engine: Engine, acts: Sequence[Act]) -> Stage:
    """Play some acts and check what must hold; the stage as it is then."""

    async def scene() -> Stage:
        async with staged(engine) as stage:
            await stage.play(acts)
            stage.check()
            return stage

    return asyncio.run(scene())
