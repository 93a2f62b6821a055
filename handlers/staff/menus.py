"""The command menu of each person who has a role: the commands of everybody, and those of their role."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

import structlog
from telegram import BotCommand, BotCommandScopeChat
from telegram.error import BadRequest, Forbidden, TelegramError
from telegram.ext import ExtBot

from handlers.people import People
from handlers.people.staff import Role
from handlers.rendering import Speech, speech
from handlers.shared.commands import MENU, STAFF_MENU, Command
from knowledge.model import Language

LANGUAGES: Final[tuple[Language, ...]] = ("id", "en")
SENT: Final = "menu "
"""What the names of settings begin with that tell which menus were sent."""
_PERSON: Final = "person "

log = structlog.get_logger(__name__)

Call = Callable[[], Awaitable[Any]]


def commands_of(role: Role) -> list[Command]:
    """The commands that a role adds to those of everybody."""
    return [command for command, needed in STAFF_MENU if role >= needed]


def described(commands: list[Command], s: Speech, role: Role = Role.NONE) -> list[str]:
    """A line for each command, as /help shows them to a role."""
    return [f"/{command.name(s)} - {command.described(s, role)}" for command in commands]


async def send_changed(bot: ExtBot[Any], people: People, name: str, content: Any, call: Call) -> None:
    """Make a call that tells Telegram something of the bot, unless it was told just that. A server that does not know the
    call, or is busy, does not stop the bot; it is tried at the next start."""
    key = f"{SENT}{bot.id} {name}"
    digest = hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]
    if people.setting(key) == digest:
        return
    if await _done("person" if name.startswith(_PERSON) else name, call):
        people.apply(partial(people.set_setting, key, digest))


async def bring(
    bot: ExtBot[Any], people: People, user_id: int, default: Language, chosen: Language | None = None
) -> None:
    """Bring one person's menu up to date with their role: in the language they chose, else in that of their app.

    ``chosen``: what they have chosen just now.
    """
    role = people.staff.role(user_id)
    if role == Role.NONE:
        await take_away(bot, people, user_id)
        return
    chosen = chosen or people.profiles.language(user_id)
    languages: dict[str, Language] = {"": default, **{code: code for code in LANGUAGES}}
    for code, language in languages.items():
        s = speech(chosen or language)
        rows = [(c.name(s), c.described(s, role)) for c in (*MENU, *commands_of(role))]
        menu = [BotCommand(*row) for row in rows]
        call = partial(bot.set_my_commands, menu, BotCommandScopeChat(user_id), code or None)
        await send_changed(bot, people, f"{_PERSON}{user_id} {code}", rows, call)


async def take_away(bot: ExtBot[Any], people: People, user_id: int) -> None:
    """A person sees the menu of everybody again."""
    prefix = f"{SENT}{bot.id} {_PERSON}{user_id} "
    for key in people.settings(prefix):
        code = key.removeprefix(prefix)
        call = partial(bot.delete_my_commands, BotCommandScopeChat(user_id), code or None)
        if await _done("person", call, gone=True):
            people.apply(partial(people.drop_setting, key))


async def bring_all(bot: ExtBot[Any], people: People, default: Language) -> None:
    """The same for everybody who has a role, or had one when the bot last ran."""
    prefix = f"{SENT}{bot.id} {_PERSON}"
    before = {int(key.removeprefix(prefix).partition(" ")[0]) for key in people.settings(prefix)}
    for user_id in sorted(before | {member.user_id for member in people.staff.members()}):
        await bring(bot, people, user_id, default)


async def _done(name: str, call: Call, *, gone: bool = False) -> bool:
    """Whether a call was made. ``gone``: it is as good as made where Telegram knows no such chat any more."""
    try:
        await call()
    except TelegramError as error:
        log.warning("menu not sent", menu=name, error=type(error).__name__, detail=error.message)
        return gone and isinstance(error, BadRequest | Forbidden)
    return True
