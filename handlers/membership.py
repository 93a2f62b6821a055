"""People who block the bot or come back, groups it is added to, and groups that become supergroups."""

from __future__ import annotations

from telegram import ChatMemberUpdated, Update
from telegram.constants import ChatMemberStatus
from telegram.ext import ChatMemberHandler, MessageHandler, filters

from handlers.shared import commands
from handlers.shared.context import BotContext
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers

_IN = (ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.OWNER, ChatMemberStatus.RESTRICTED)


def handlers() -> Handlers:
    """What is registered for this."""
    return [
        ChatMemberHandler(changed, ChatMemberHandler.MY_CHAT_MEMBER),
        MessageHandler(filters.UpdateType.MESSAGE & filters.StatusUpdate.MIGRATE, migrated),
    ]


async def changed(update: Update, context: BotContext) -> None:
    """Keep whether a person can be reached, and drop what waits for whoever cannot; say hello to a group."""
    change = update.my_chat_member
    assert change is not None
    context.work.note("done", "member")
    if context.private:
        people, user_id = context.people, context.user_id
        if change.new_chat_member.status in _IN:
            context.work.later(lambda: people.profiles.set_unreachable(user_id, False))
        else:
            context.work.later(lambda: people.unreachable(user_id))
    elif _joined(change) and change.chat.type in ("group", "supergroup"):
        s = context.speech
        ask = commands.ASK.name(s)
        text = s._(
            "Hello! Ask me about the 100 Smart Cities Movement with /{ask} and your question, or reply to a message of mine. "
            "I read nothing else here.",
            ask=ask,
        )
        await context.say(Reply((text,)), quote=False)


def _joined(change: ChatMemberUpdated) -> bool:
    return change.old_chat_member.status not in _IN and change.new_chat_member.status in _IN


async def migrated(update: Update, context: BotContext) -> None:
    """A group has a new number: what is remembered of it moves along."""
    new = context.message.migrate_to_chat_id
    if new:
        context.work.later(lambda: context.people.migrate_chat(context.message.chat.id, new))
    context.work.note("done", "migrated")
