"""Every update is written down before Telegram is told that it arrived, and every answer as soon as it is accepted.

So a question survives the death of the process the instant after, and an answer that went out is not sent again: the
ledger of an update's steps says how far it came.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from . import moment
from .connection import Connection

MAX_STARTS: Final = 10
"""Starts of the process that an update may live through unanswered. One that stops the process each time it is handled
must not do so for ever."""

Raw = Mapping[str, Any]


class Inbox:
    """Received updates and the replies to them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def receive(self, updates: Sequence[Raw]) -> list[Raw]:
        """Write updates down, in one transaction; those that are new are returned, in order."""
        now = int(moment.now())
        insert = "insert or ignore into inbox (update_id, received_at, body) values (?, ?, ?)"

        def written() -> list[Raw]:
            new = []
            for update in updates:
                row = (update["update_id"], now, json.dumps(update, separators=(",", ":")))
                if self._connection.execute(insert, row).rowcount:
                    new.append(update)
            return new

        return self._connection.transact(written)

    def waiting(self) -> list[Raw]:
        """Updates that an earlier run of the process left unhandled, in the order they came. Called once, at start."""
        c = self._connection

        def counted() -> list[tuple[str]]:
            c.execute("update inbox set starts = starts + 1 where outcome is null")
            c.execute(
                "update inbox set outcome = 'given_up', body = null where outcome is null and starts > ?", (MAX_STARTS,)
            )
            return c.execute("select body from inbox where outcome is null order by update_id").fetchall()

        return [json.loads(body) for (body,) in c.transact(counted)]

    def done(self, update_id: int, outcome: str) -> None:
        """An update is handled: its content is forgotten, its number is kept, so that a repetition is known."""
        self._connection.execute("update inbox set outcome = ?, body = null where update_id = ?", (outcome, update_id))

    # ---------------------------------------------------------------------------------------------------------- replies

    def sent(self, update_id: int) -> dict[int, int]:
        """The steps of an update that Telegram accepted before: step -> id of the message (0 where none came back)."""
        rows = self._connection.execute("select step, message_id from replies where update_id = ?", (update_id,))
        return {step: message_id or 0 for step, message_id in rows}

    def record(
        self, update_id: int, step: int, chat_id: int, message_id: int, question_id: int | None, question: str,
        answer: str = "",
    ) -> None:  # fmt: skip
        """Telegram accepted a message: written down at once. ``answer``: the answer that it asks about, if it does."""

        def written() -> None:
            self._connection.execute(
                "insert or ignore into replies "
                "(update_id, step, chat_id, message_id, question_id, question, answer, sent_at) values (?, ?, ?, ?, ?, ?, ?, ?)",
                (update_id, step, chat_id, message_id, question_id, question, answer, int(moment.now())),
            )
            self._newest(chat_id, message_id)

        self._connection.transact(written)

    def told(self, chat_id: int, message_id: int) -> None:
        """Telegram accepted a message that answers nothing, such as a notice. Part of the caller's transaction."""
        if message_id:
            self._connection.execute(
                "insert or ignore into replies (update_id, step, chat_id, message_id, question, answer, sent_at) "
                "values (?, ?, ?, ?, '', '', ?)",
                (-chat_id, message_id, chat_id, message_id, int(moment.now())),
            )
            self._newest(chat_id, message_id)

    def _newest(self, chat_id: int, message_id: int) -> None:
        """Of whoever is told of changes, the last message of their chat is known for longer than the others."""
        self._connection.execute(
            "update wishes set last_message = ? where user_id = ? and last_message < ?",
            (message_id, chat_id, message_id),
        )

    def last_private(self) -> int:
        """The id of the message that was accepted last in any private chat; 0 where none is known."""
        row = self._connection.execute(
            "select message_id from replies where chat_id > 0 and message_id > 0 order by rowid desc limit 1"
        ).fetchone()
        return row[0] if row else 0

    def messages_of(self, chat_id: int) -> set[int]:
        """Ids of messages in a chat of which it is known what they are."""
        rows = self._connection.execute("select message_id, question_id from replies where chat_id = ?", (chat_id,))
        return {number for row in rows for number in row if number}

    def answers_to(self, chat_id: int, question_id: int) -> list[int]:
        """Ids of the messages that answered a question, in order; empty where that is not known any more."""
        rows = self._connection.execute(
            "select message_id from replies where chat_id = ? and question_id = ? and message_id > 0 order by message_id",
            (chat_id, question_id),
        )
        return list(dict.fromkeys(message_id for (message_id,) in rows))

    def question_of(self, chat_id: int, message_id: int) -> str:
        """The question that a message of the bot answers; empty where that is not known any more."""
        row = self._connection.execute(
            "select question from replies where chat_id = ? and message_id = ? and question != '' order by sent_at desc",
            (chat_id, message_id),
        ).fetchone()
        return row[0] if row else ""

    def asked_about(self, chat_id: int, message_id: int) -> tuple[str, str] | None:
        """The question and the answer that a message of the bot asks "what is wrong?" about; None for any other message."""
        row = self._connection.execute(
            "select question, answer from replies where chat_id = ? and message_id = ? and answer != ''",
            (chat_id, message_id),
        ).fetchone()
        return (row[0], row[1]) if row else None

    def reworded(self, chat_id: int, question_id: int, question: str) -> None:
        """A question was edited."""
        self._connection.execute(
            "update replies set question = ? where chat_id = ? and question_id = ? and question != ''",
            (question, chat_id, question_id),
        )

    def gone(self, chat_id: int, message_id: int) -> None:
        """A message of the bot is there no more."""
        self._connection.execute("delete from replies where chat_id = ? and message_id = ?", (chat_id, message_id))

    def first_time(self, chat_id: int, what: str) -> bool:
        """Whether something that must happen once in a chat has not happened yet."""
        row = self._connection.execute("select 1 from once where chat_id = ? and what = ?", (chat_id, what)).fetchone()
        return row is None

    def happened(self, chat_id: int, what: str) -> None:
        """It has happened now."""
        self._connection.execute(
            "insert or ignore into once (chat_id, what, at) values (?, ?, ?)", (chat_id, what, int(moment.now()))
        )
