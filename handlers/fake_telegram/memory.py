"""What a fake Telegram holds, as plain JSON to be kept somewhere, and back again after a restart."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .wire import Json

if TYPE_CHECKING:
    from .core import FakeTelegram


def state(telegram: FakeTelegram) -> Json:
    """Everything but messages and files: what runs on, what waits for the bot, what the bot has told of itself."""
    return {
        "next_update": telegram.updates.next_id,
        "next_number": telegram.next_number,
        "next_file": telegram.files.next_id,
        "pending": telegram.updates.pending,
        "chats": [
            {"id": chat.id, "state": chat.state, "next_message": chat.next_id, "prompts": list(chat.prompts.items())}
            for chat in telegram.chats.values()
        ],
        "reactions": [[*place, emoji] for place, emoji in telegram.reactions.items()],
        "commands": [[*key, commands] for key, commands in telegram.commands.items()],
        "profile": telegram.profile,
    }


def restore(
    telegram: FakeTelegram, kept: Json, messages: Iterable[Json], files: Iterable[tuple[str, str, bytes]]
) -> None:
    """Put back what :func:`state` told, messages in order, and files as ``(file_id, path, content)``. Queries that were open
    are too old now, as in Telegram after a while. Chats that the fake does not have (yet) are left out.
    """
    telegram.updates.next_id, telegram.next_number = kept["next_update"], kept["next_number"]
    telegram.files.next_id = kept["next_file"]
    telegram.updates.pending = kept["pending"]
    for told in kept["chats"]:
        chat = telegram.chats.get(told["id"])
        if chat:
            chat.state, chat.next_id = told["state"], told["next_message"]
            chat.prompts = dict(told["prompts"])
    for message in messages:
        room = telegram.chats.get(message["chat"]["id"])
        if room:
            message["chat"] = room.info
            room.messages[message["message_id"]] = message
            if "inline_message_id" in message:
                telegram.inline_messages[message["inline_message_id"]] = message
    for file_id, path, content in files:
        telegram.files.content[file_id], telegram.files.paths[file_id] = content, path
    telegram.reactions = {(chat_id, message_id): emoji for chat_id, message_id, emoji in kept["reactions"]}
    telegram.commands = {(scope, language): commands for scope, language, commands in kept["commands"]}
    telegram.profile = kept["profile"]
