"""The gate that every handler for staff goes through: in private chats only, and only for who holds the role right then."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

from telegram import Message, Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, MessageHandler, filters

from handlers.people import People
from handlers.people.staff import Role
from handlers.rendering import speech
from handlers.shared import buttons
from handlers.shared.commands import Command
from handlers.shared.context import BotContext

from .menus import bring

Callback = Callable[[Update, BotContext], Coroutine[Any, Any, None]]
Handler = BaseHandler[Any, Any, Any]


class Holds(filters.MessageFilter):
    """Private messages of those who hold a role or a higher one. Asked anew for each message."""

    def __init__(self, people: People, role: Role) -> None:
        super().__init__(f"Holds({role.word})")
        self._people = people
        self._role = role

    def filter(self, message: Message) -> bool:
        """Whether it is one."""
        sender = message.from_user
        private = message.chat.type == "private" and sender is not None and sender.id == message.chat.id
        return private and sender is not None and self._people.staff.role(sender.id) >= self._role


class Gate:
    """Makes handlers that need a role. Each has it as ``role``, so that all of them can be counted."""

    def __init__(self, people: People) -> None:
        self._people = people

    def command(self, command: Command, callback: Callback, role: Role) -> Handler:
        """A command by both of its names; without the role it is one that the bot does not know."""
        made = _Command(command.names, _taking_names(callback), filters.UpdateType.MESSAGE & Holds(self._people, role))
        made.role = role
        return made

    def message(self, wanted: filters.BaseFilter, callback: Callback, role: Role, *, edited: bool = False) -> Handler:
        """Messages of a kind, ``edited``: also those that were edited; without the role they are what they would be anyway."""
        updates = filters.UpdateType.MESSAGES if edited else filters.UpdateType.MESSAGE
        holds = updates & Holds(self._people, role)
        made = _Message(holds & wanted, _taking_names(callback))
        made.role = role
        return made

    def button(self, action: str, callback: Callback, role: Role, verb: str = "") -> Handler:
        """The buttons of an action, or only those of them whose first argument is ``verb``. Without the role they do
        nothing, and say so."""

        @wraps(callback)
        async def guarded(update: Update, context: BotContext) -> None:
            s = speech(context.button.language)
            if self._people.staff.role(context.user_id) < role:
                refused = s._("You do not have the role for this (any more).")
            elif context.query.message is None or context.query.message.chat.id != context.user_id:
                refused = s._("This works only in a private chat with me.")
            else:
                await callback(update, context)
                return
            context.work.note("refused", callback.__name__, s.language)
            await context.seen(refused, alert=True)

        made = _Button(guarded, buttons.pattern(action, verb))
        made.role = role
        return made


class _Command(CommandHandler[BotContext, None]):
    __slots__ = ("role",)
    role: Role


class _Message(MessageHandler[BotContext, None]):
    __slots__ = ("role",)
    role: Role


class _Button(CallbackQueryHandler[BotContext, None]):
    __slots__ = ("role",)
    role: Role


def _taking_names(callback: Callback) -> Callback:
    """Whoever is an owner by OWNER_IDS has no name, and maybe no menu, until they first do something as one."""

    @wraps(callback)
    async def named(update: Update, context: BotContext) -> None:
        user, people = update.effective_user, context.people
        member = people.staff.member(context.user_id)
        if user and member and not member.name and people.writable:
            people.apply(lambda: people.staff.set_name(user.id, user.first_name))
            await bring(context.bot, people, user.id, context.services.settings.default_language)
        await callback(update, context)

    return named
