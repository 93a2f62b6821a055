"""What each person chose, whether messages reach them, and the thread of each conversation."""

from __future__ import annotations

from functools import cache
from typing import Any

from knowledge import Context
from knowledge.model import Language

from . import moment
from .connection import Connection


class Profiles:
    """Languages, reachability and conversations."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def language(self, user_id: int) -> Language | None:
        """The language a person chose; None where they never did."""
        row = self._connection.execute("select language from people where user_id = ?", (user_id,)).fetchone()
        return row[0] if row else None

    def set_language(self, user_id: int, language: Language) -> None:
        """A person chose a language."""
        self._set(user_id, "language", language)

    def unreachable(self, user_id: int) -> bool:
        """Whether the person has blocked the bot."""
        row = self._connection.execute("select unreachable_since from people where user_id = ?", (user_id,)).fetchone()
        return bool(row and row[0])

    def set_unreachable(self, user_id: int, unreachable: bool) -> None:
        """The person blocked the bot, or came back. Whoever comes back and chose nothing is not kept."""
        if unreachable:
            self._set(user_id, "unreachable_since", int(moment.now()))
            return
        self._connection.execute("update people set unreachable_since = null where user_id = ?", (user_id,))
        self._connection.execute("delete from people where user_id = ? and language is null", (user_id,))

    def _set(self, user_id: int, column: str, value: str | int) -> None:
        self._connection.execute(
            f"insert into people (user_id, {column}) values (?, ?) on conflict (user_id) do update set {column} = excluded.{column}",
            (user_id, value),
        )

    def conversation(self, chat_id: int, user_id: int) -> Context | None:
        """Where the conversation stands; None where nothing is remembered or an older version wrote it."""
        row = self._connection.execute(
            "select context from conversations where chat_id = ? and user_id = ?", (chat_id, user_id)
        ).fetchone()
        if row is None:
            return None
        from pydantic import ValidationError

        try:
            found = _form().validate_json(row[0])
        except ValidationError:
            return None
        assert isinstance(found, Context)
        return found

    def set_conversation(self, chat_id: int, user_id: int, context: Context) -> None:
        """Remember where the conversation stands."""
        self._connection.execute(
            "insert or replace into conversations (chat_id, user_id, context, at) values (?, ?, ?, ?)",
            (chat_id, user_id, _form().dump_json(context).decode(), int(context.at)),
        )


@cache
def _form() -> Any:
    """How a conversation is written as JSON: read off its dataclasses, so that both never differ."""
    from pydantic import TypeAdapter

    return TypeAdapter(Context)
