"""Command menus and descriptions, in both languages and by scope: sent at the start where they changed since."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from telegram import BotCommand, BotCommandScope, BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats
from telegram.ext import ExtBot

from handlers.people import People
from handlers.rendering import Speech, speech
from handlers.shared.commands import MENU
from handlers.staff.menus import LANGUAGES, SENT, Call, bring_all, send_changed
from knowledge.model import Language


async def send(bot: ExtBot[Any], people: People, default: Language) -> None:
    """Send what changed, to everybody and to each of those with a role; what fails is tried at the next start."""
    for name, content, call in _wanted(bot, default):
        await send_changed(bot, people, name, content, call)
    await bring_all(bot, people, default)


def forget(people: People) -> None:
    """Send everything again at the next start: who got it before is not there any more."""
    people.apply(partial(people.drop_settings, SENT))


def _wanted(bot: ExtBot[Any], default: Language) -> Iterator[tuple[str, Any, Call]]:
    """``(name, content, call that sends it)``; the empty code is for all languages but those named."""
    scopes: tuple[tuple[BotCommandScope, bool], ...] = (
        (BotCommandScopeAllPrivateChats(), True), (BotCommandScopeAllGroupChats(), False),
    )  # fmt: skip
    languages: dict[str, Language] = {"": default, **{code: code for code in LANGUAGES}}
    for code, language in languages.items():
        s = speech(language)
        for scope, private in scopes:
            listed = commands(s, private=private)
            call = partial(bot.set_my_commands, [BotCommand(*row) for row in listed], scope, code or None)
            yield f"commands {scope.type} {code}", listed, call
        text, short = description(s), short_description(s)
        yield f"description {code}", text, partial(bot.set_my_description, text, code or None)
        yield f"short description {code}", short, partial(bot.set_my_short_description, short, code or None)


def commands(s: Speech, *, private: bool) -> list[tuple[str, str]]:
    """Name and description of every command in a menu."""
    return [(c.name(s), c.describe(s)) for c in MENU if private or c.in_groups]


def description(s: Speech) -> str:
    """What an empty chat shows; at most 512 characters."""
    return s._(
        "Ask about Indonesia's 100 Smart Cities Movement (2017-2019): which regencies and cities took part, when, and how "
        "the programme worked. Every answer names its sources, and where I do not know I say so. Indonesian and English; "
        "nicknames and typing errors are fine."
    )


def short_description(s: Speech) -> str:
    """What is shown when the bot is shared; at most 120 characters."""
    return s._("Answers about Indonesia's 100 Smart Cities Movement 2017-2019, each with its sources.")
