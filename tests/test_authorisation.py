"""The table of who may do what, and every way of trying it: each handler, each person, in private and in a group.

Whoever adds a handler that needs a role adds it to ``STAFF``; one for everybody, to ``EVERYBODY``. What is in neither
fails here.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any

import pytest
from running import Running, play, running
from telegram.ext import CallbackQueryHandler, CommandHandler, MessageHandler, filters

from handlers import registry
from handlers.fake_telegram import FakeTelegram, Group, User
from handlers.people import People
from handlers.people.staff import Role
from handlers.people.wishes import Wishes
from handlers.rendering import speech
from handlers.shared import buttons
from handlers.shared.commands import ALL, HELP, STAFF_MENU
from handlers.shared.context import BotContext
from handlers.staff.drafts import Awaits
from handlers.staff.gate import Gate, Holds

OFFICER, ADMIN, OWNER = Role.OFFICER, Role.ADMIN, Role.OWNER

STAFF: dict[str, Role] = {
    "/tim": ADMIN,
    "t:l": ADMIN,  # the list of who has which role
    "t:r": OWNER,  # take a role away: asked first
    "t:y": OWNER,  # ... and done
    "t:n": OWNER,  # invite
    "t:f": OWNER,
    "t:i": OWNER,
    "t:g": OWNER,
    "t:o": ADMIN,  # open invitations
    "t:w": OWNER,  # withdraw one
    "inviting.offer_regions": OWNER,
    # The entries: officers find and see them, admins change them.
    **dict.fromkeys(("/kelola", "manage.found", "e:h", "e:v", "e:l", "e:q"), OFFICER),
    **dict.fromkeys(("edit.take_text", "e:r", "e:f", "e:n", "e:d", "e:c", "e:k", "e:s", "e:m", "e:a"), ADMIN),
    **dict.fromkeys(("e:g", "e:w", "e:e", "e:b", "e:o", "e:p", "e:x"), ADMIN),
    **dict.fromkeys(("/riwayat", "h:l", "h:n", "h:e", "h:v", "h:u", "h:y", "h:f"), ADMIN),
    **dict.fromkeys(("/ringkasan", "z:v", "z:w", "z:s", "z:c", "z:y"), ADMIN),
    **dict.fromkeys(("/impor", "imports.take_file", "i:m", "i:b", "i:a", "i:r", "i:k", "i:c", "i:n"), ADMIN),
    "imports.take_words": ADMIN,
    **dict.fromkeys(("/ekspor", "x"), ADMIN),
    # Notices to followers, by broadcasts, broadcast and recipients.
    **dict.fromkeys(("/siaran", "u:l", "u:v", "u:e", "u:s", "broadcast_writing.take_words"), ADMIN),
    **dict.fromkeys(("u:w", "u:f", "u:t", "u:y", "u:x", "u:k", "u:a", "u:p", "u:c", "u:g", "u:z"), ADMIN),
    # What could not be answered, by queue, naming and writing; and what was reported.
    **dict.fromkeys(("/antrean", "q:l", "q:v", "q:o", "q:i", "q:d", "q:y", "q:f", "q:x", "q:g", "q:b"), ADMIN),
    **dict.fromkeys(("q:a", "q:r", "q:s", "q:k", "q:c", "naming.take_words"), ADMIN),
    **dict.fromkeys(("q:w", "q:p", "q:u", "writing.take_words"), ADMIN),
    **dict.fromkeys(("o:l", "o:v", "o:a", "o:k", "o:r", "o:c", "o:s", "o:x", "rejecting.take_note"), ADMIN),
    # One's own regions as an officer; and who asks to be one, by requests and deciding.
    **dict.fromkeys(("m:k", "m:u", "m:z"), OFFICER),
    **dict.fromkeys(
        ("r:l", "r:v", "r:f", "r:k", "r:a", "r:y", "request_deciding.take_welcome", "request_deciding.take_reason"),
        ADMIN,
    ),
    **dict.fromkeys(("r:n", "r:m", "r:t", "r:z", "r:r", "r:c", "r:s", "r:x"), ADMIN),
    # What officers propose for their own regions, by correct, proposing, submitting and proposed; and what admins decide on it.
    **dict.fromkeys(("k:b", "k:h", "k:l", "k:c", "k:n", "k:m", "correction_writing.take_words"), OFFICER),
    **dict.fromkeys(
        ("k:k", "k:y", "k:u", "k:o", "k:r", "k:t", "k:f", "k:g", "k:s", "k:x", "k:a", "k:v", "k:w", "k:z"), OFFICER
    ),
    **dict.fromkeys(
        ("j:l", "j:v", "j:d", "j:a", "j:k", "j:r", "j:c", "j:s", "j:x", "correction_refusing.take_note"), ADMIN
    ),
}
"""The least role for each handler: commands by their Indonesian name, buttons by action and first argument, messages by
file and function."""

EVERYBODY = {
    "about.about", "ask.ask", "ask.ask_again_edited", "ask.ask_by_command", "ask.ask_in_group", "broadcasts.again",
    "broadcasts.no_more", "browse.begin", "browse.walk", "cancel.cancel", "cancel.stop", "choose.choose",
    "choose.label_only", "choose.show_sources", "choose.turn_page", "errors.old_button", "follow.ask_stop_all",
    "follow.begin", "follow.by_command", "follow.offer_regions", "follow.show", "follow.stop", "follow.stop_all",
    "follow.stop_listed", "follow.turn_page", "giving_up.ask_withdraw", "giving_up.withdraw", "guest.answer",
    "inline.answer", "inline.chosen", "invited.accept", "language.offer", "language.take", "media.decline",
    "membership.changed", "membership.migrated", "myregion.show", "myregion.turn_page", "privacy.decide",
    "privacy.offer", "privacy.privacy", "report.ask_why", "report.take_reason", "report.take_words",
    "request_sending.ask_letter", "request_sending.no_letter", "request_sending.send", "request_sending.take_file",
    "request_writing.begin", "request_writing.change", "request_writing.give_up", "request_writing.go_on",
    "request_writing.show_province", "request_writing.take_edited", "request_writing.take_region",
    "request_writing.take_words", "start.help_", "start.start", "start.unknown_command", "status.by_command",
    "status.by_name", "status.offer_cards", "status.send_sheet", "status.show", "status.turn_page", "stop.by_command",
    "stop.by_words", "waiting.wait", "wishes.ask_from", "wishes.ask_to",
    "wishes.ask_zone", "wishes.no_more_corrections", "wishes.show", "wishes.take_broadcasts",
    "wishes.take_corrections", "wishes.take_pace", "wishes.take_quiet", "wishes.take_zone",
}  # fmt: skip
"""Handlers that need no role."""

ACTORS = {
    "a stranger": Role.NONE, "a citizen": Role.NONE, "an officer": OFFICER, "an officer of another region": OFFICER,
    "an admin": ADMIN, "an owner": OWNER, "one whose role was taken away": Role.NONE,
}  # fmt: skip
REGIONS = {"an officer": "33.10", "an officer of another region": "35.78"}
BOOKKEEPING = {"inbox", "replies", "once", "conversations", "questions", "tally", "settings", "sqlite_sequence"}
"""Tables in which any message leaves traces, whoever sends it. So it does in that of wishes: the last message of the chat."""


# --------------------------------------------------------------------------------------------------- what is registered


def name_of(callback: Any) -> str:
    """A handler's function: ``ask.ask``."""
    return f"{callback.__module__.rpartition('.')[2]}.{callback.__name__}"


def key_of(handler: Any) -> str:
    """What a handler is called in the table."""
    if isinstance(handler, CommandHandler):
        (command,) = [c for c in ALL if set(c.names) == set(handler.commands)]
        return f"/{command.id}"
    if isinstance(handler, CallbackQueryHandler):
        found = re.fullmatch(r"\\A1(\w)\[ie\]:?(\w*)\(:\|\\Z\)", handler.pattern.pattern)  # type: ignore[union-attr]
        assert found, handler.pattern
        return ":".join(filter(None, found.groups()))
    return name_of(handler.callback)


def registered(people: People) -> tuple[dict[str, Any], list[Any]]:
    """The handlers that need a role by what they are called, and all others."""
    handlers = registry.in_order(people)
    gated = [handler for handler in handlers if hasattr(handler, "role")]
    named = {key_of(handler): handler for handler in gated}
    assert len(named) == len(gated)
    return named, [handler for handler in handlers if not hasattr(handler, "role")]


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    """An empty people.db."""
    made = People(tmp_path)
    yield made
    made.close()


def test_every_handler_is_in_the_table(people: People) -> None:
    gated, others = registered(people)
    assert {key: handler.role for key, handler in gated.items()} == STAFF
    assert {name_of(handler.callback) for handler in others} == EVERYBODY


def test_every_command_in_the_menus_of_staff_is_one_that_their_role_allows() -> None:
    for command, role in STAFF_MENU:
        assert STAFF[f"/{command.id}"] == role


# ------------------------------------------------------------------------------------------------------- trying all of it


Ran = list[tuple[str, int]]
"""Handlers that were called, and for whom."""


@dataclass
class Try:
    """What came of one person trying one thing."""

    ran: list[str] = field(default_factory=list)
    """Handlers that need a role and were called."""
    outcome: str = ""
    said: list[str] = field(default_factory=list)
    """New messages of the bot, to anybody."""
    alert: str = ""
    changed: bool = False
    """Whether people.db or knowledge.db holds something else than before, or a message of the bot's says something else."""


class Stage:
    """A running bot with somebody of each kind; handlers that need a role only tell that they were called."""

    def __init__(self, bot: Running, telegram: FakeTelegram, data_dir: Path, ran: Ran) -> None:
        self.bot, self.telegram, self.ran = bot, telegram, ran
        self.group: Group = telegram.group("Warga")
        self.actors: dict[str, User] = {}
        self.gated, _ = registered(bot.people)
        self._knowledge = sqlite3.connect(data_dir / "knowledge.db")

    async def prepare(self) -> None:
        """Give the roles, as links do, and take one away again."""
        staff = self.bot.people.staff
        for name, role in ACTORS.items():
            if name == "a stranger":
                continue
            user = self.actors[name] = self.telegram.user("Somebody")
            user.sends("/start")
            given = ADMIN if name == "one whose role was taken away" else role
            if given:
                region = REGIONS.get(name, "")
                _, payload = self.bot.people.invitations.create(given, filter(None, [region]), None)
                user.starts(payload)
        await self.bot.settles()
        gone = staff.member(self.actors["one whose role was taken away"].id)
        assert gone
        assert staff.revoke(gone.id) == "done"

    async def tries(self, key: str, call: str, place: Group | None) -> dict[str, Try]:
        """Everybody tries something. ``call``: the command's name or the letter of the button's language."""
        users = {name: self.actors.get(name) or self.telegram.user("Nobody") for name in ACTORS}
        for user in users.values():
            self._prompt(user, key)
        before, calls = self._state(), len(self.telegram.calls)
        self.ran.clear()
        acts = {name: self._act(user, key, call, place) for name, user in users.items()}
        await self.bot.settles()
        changed, new = self._state() != before, list(self.telegram.calls)[calls:]
        found = {}
        for (name, user), outcome in zip(users.items(), self.bot.outcomes()[-len(users) :], strict=True):
            own = [made for made in new if made.params.get("chat_id") == (place or user).id]
            answer = self.telegram.callback_answers.get(str(acts[name].get("id")), {})
            found[name] = Try(
                [called for called, by in self.ran if by == user.id],
                outcome,
                [made.params["text"] for made in own if made.method == "sendMessage"],
                answer.get("text", ""),
                changed or any(made.method.startswith(("edit", "delete")) for made in own),
            )
        return found

    def _act(self, user: User, key: str, call: str, place: Group | None) -> dict[str, Any]:
        handler = self.gated[key]
        if isinstance(handler, CommandHandler):
            return user.sends(f"/{call}", to=place)
        if isinstance(handler, CallbackQueryHandler):
            action, _, verb = key.partition(":")
            chat = {"id": place.id, "type": "group"} if place else {"id": user.id, "type": "private"}
            own = self.telegram.said(place or user)
            below = self.telegram.last(place or user) if own else {"chat": chat, "message_id": 1}
            return user.press_data(":".join(filter(None, [f"1{action}{call}", verb])), below)
        if any(isinstance(part, filters.Document) or "Document" in repr(part) for part in parts(handler.filters)):
            return user.sends_document("claims.csv", b"id,subject\n", to=place)
        return user.sends("klaten", to=place)

    def _prompt(self, user: User, key: str) -> None:
        """A half-finished thing of the person's, where the handler takes texts for one."""
        self.bot.people.apply(lambda: self.bot.people.drafts.drop_all(user.id))
        handler = self.gated[key]
        if isinstance(handler, MessageHandler):
            for part in parts(handler.filters):
                if isinstance(part, Awaits):
                    self.bot.people.drafts.begin(user.id, part._kind, {}, 999_999)

    def _state(self) -> object:
        db = self.bot.people._connection
        tables = [name for (name,) in db.execute("select name from sqlite_master where type = 'table' order by name")]
        kept = {table: db.execute(f"select * from {table}").fetchall() for table in tables if table not in BOOKKEEPING}
        kept["wishes"] = db.execute(f"select {', '.join(Wishes.__dataclass_fields__)}, user_id from wishes").fetchall()
        return kept, self._knowledge.execute("pragma data_version").fetchone()


def parts(filter_: Any) -> Iterator[Any]:
    """The filters that a filter is made of."""
    yield filter_
    for name in ("base_filter", "and_filter", "or_filter"):
        inner = getattr(filter_, name, None)
        if inner is not None and not isinstance(inner, bool):
            yield from parts(inner)


def calls(key: str) -> tuple[str, ...]:
    """The ways to call a handler: a command by both names, a button in both languages."""
    if key.startswith("/"):
        (command,) = [c for c in ALL if c.id == key[1:]]
        return command.names
    return ("",) if "." in key else ("i", "e")


def spying(monkeypatch: pytest.MonkeyPatch, ran: Ran) -> None:
    """Handlers that need a role tell that they were called instead of doing anything."""

    def spied(name: str) -> None:
        original = getattr(Gate, name)

        def made(self: Gate, what: Any, callback: Any, role: Role, *rest: Any, **named: Any) -> Any:
            @wraps(callback)
            async def tell(update: object, context: BotContext) -> None:
                ran.append((name_of(callback), context.user_id))
                context.work.note("done", "spied")

            return original(self, what, tell, role, *rest, **named)

        monkeypatch.setattr(Gate, name, made)

    for name in ("command", "button", "message"):
        spied(name)


Tried = dict[tuple[str, str, str, bool], Try]


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Tried:
    """Everything tried by everybody, everywhere: by key, call, person, and whether in a group."""
    results: Tried = {}
    ran: Ran = []
    folder = tmp_path_factory.mktemp("roles")

    async def scene() -> None:
        telegram = FakeTelegram()
        async with running(telegram, folder) as bot:
            stage = Stage(bot, telegram, folder, ran)
            await stage.prepare()
            for key in stage.gated:
                for call in calls(key):
                    for place in (None, stage.group):
                        for name, found in (await stage.tries(key, call, place)).items():
                            results[key, call, name, place is not None] = found

    with pytest.MonkeyPatch.context() as monkeypatch:
        spying(monkeypatch, ran)
        asyncio.run(scene())
    return results


@pytest.mark.parametrize("key", STAFF)
def test_a_handler_works_in_private_for_those_with_the_role_and_for_nobody_else(tried: Tried, key: str) -> None:
    for call in calls(key):
        for name, role in ACTORS.items():
            found, who = tried[key, call, name, False], f"{name} by {call!r}"
            if role >= STAFF[key]:
                assert (len(found.ran), found.outcome) == (1, "done"), who
            else:
                assert (found.ran, found.changed) == ([], False), who
                refused(found, key, call)


def refused(found: Try, key: str, call: str) -> None:
    """Somebody without the role is told so, or that there is no such command."""
    if key.startswith("/"):
        assert found.outcome == "unknown"
        s = speech("id")
        unknown = s._("I do not know that command. /{help} shows all; or simply ask.", help=HELP.name(s))
        assert found.said == [unknown]
    elif "." not in key:
        told = speech("id" if call == "i" else "en")._("You do not have the role for this (any more).")
        assert (found.outcome, found.said, found.alert) == ("refused", [], told)
    else:
        assert found.outcome in ("answered", "unknown")


@pytest.mark.parametrize("key", STAFF)
def test_nothing_of_it_works_in_a_group(tried: Tried, key: str) -> None:
    for call in calls(key):
        for name in ACTORS:
            found, who = tried[key, call, name, True], f"{name} by {call!r}"
            assert (found.ran, found.said, found.changed) == ([], [], False), who
            assert "." in key or found.outcome in ("ignored", "refused"), who


# ---------------------------------------------------------------------------------------------------- forged and odd ways


NONSENSE = ("", ":", ":1", ":2:x", ":999999999", ":-1", ":1:99.99", ":²:33.10", ":1:a", ":F001", ":y:1", ":😀")


def forged() -> list[str]:
    """Buttons that the bot never made. The letter only says which language they are in: it takes turns."""
    keys = [key for key in STAFF if re.match(r"\w(:|$)", key)]
    return sorted(
        f"1{key[0]}{'ie'[(one + other) % 2]}{key[1:]}{tail}"
        for one, key in enumerate(keys)
        for other, tail in enumerate(NONSENSE)
    )


@pytest.mark.parametrize("role", [Role.NONE, OFFICER, OWNER])
def test_forged_buttons_are_no_error_and_do_nothing_without_the_role(tmp_path: Path, role: Role) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        user = telegram.user("Budi")
        async with running(telegram, tmp_path, owner_ids=(user.id,) if role == OWNER else ()) as bot:
            stage = Stage(bot, telegram, tmp_path, [])
            if role == OFFICER:
                _, payload = bot.people.invitations.create(OFFICER, ("33.10",), None)
                user.starts(payload)
            user.sends("/start")
            await bot.settles()
            before, spoken = stage._state(), telegram.said(user)
            earlier = len(bot.outcomes())
            for data in forged():
                user.press_data(data, telegram.last(user))
                await bot.settles()
            outcomes = dict(zip(forged(), bot.outcomes()[earlier:], strict=True))
            assert [data for data, outcome in outcomes.items() if outcome == "error"] == []
            needed = {data: STAFF.get(":".join(filter(None, (data[1], data[4:].split(":")[0]))), STAFF.get(data[1])) for data in outcomes}  # fmt: skip
            beyond = [data for data, least in needed.items() if least and role < least]
            assert {outcomes[data] for data in beyond} <= {"refused"}
            if role == Role.NONE:
                assert len(beyond) > 20
                assert stage._state() == before
                assert telegram.said(user)[: len(spoken)] == spoken

    play(scene)


def test_an_inline_message_cannot_carry_a_button_of_staff(tmp_path: Path) -> None:
    """It would be in a chat of others, whoever presses it."""

    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            sari.press_data("1ti:l:0", {"inline_message_id": "somewhere"})
            await bot.settles()
            assert bot.outcomes() == ["refused"]
            (answer,) = telegram.callback_answers.values()
            assert answer["text"] == speech("id")._("This works only in a private chat with me.")
            assert telegram.called("editMessageText") == []

    play(scene)


def test_an_edited_message_is_no_command(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari")
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            message = sari.sends("Klaten?")
            await bot.settles()
            sari.edits(message, "/tim")
            await bot.settles()
            assert not any("1. Sari" in text for text in telegram.said(sari))

    play(scene)


def test_a_role_counts_from_one_message_to_the_next(people: People) -> None:
    holds = Holds(people, ADMIN)
    user = FakeTelegram().user("Budi")
    _, payload = people.invitations.create(ADMIN, (), None)
    from telegram import Message

    message = Message.de_json(user.sends("/tim"), None)
    assert message
    assert not holds.filter(message)
    member = people.invitations.accept(payload, user.id, "Budi").member
    assert member
    assert holds.filter(message)
    joined = people.invitations.create(Role.OWNER, (), None)[1]
    people.invitations.accept(joined, 5, "Sari")
    assert people.staff.revoke(member.id) == "done"
    assert not holds.filter(message)


def test_every_letter_of_a_button_for_staff_is_one_that_is_known() -> None:
    assert {key[0] for key in STAFF if ":" in key} <= buttons.ACTIONS
