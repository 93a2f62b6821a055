"""The queue of what is to be told: a delivery for each notice and person, and the one message that is on its way.

A delivery waits, is being sent, and is sent or dropped. That a message is about to go out is written down with its whole
text before the request: after a kill in between it is known what may have arrived, and can be looked for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from .connection import Connection
from .inbox import Inbox
from .wishes import Wishes, clock

LONGEST_WAIT: Final = 9 * 86_400
"""Seconds that a delivery may wait for its hour: a week and the quiet hours after it. What waits for longer was put down by a
clock that was wrong."""


class Outgoing(NamedTuple):
    """A message that is being sent, or was when the process died or the connection broke."""

    user_id: int
    html: str
    keyboard: str
    """The buttons as JSON; empty where there are none."""
    before_here: int
    """The last message of the chat that was known before it."""
    before: int
    """The last message of any private chat that was known before it."""
    tries: int
    """How often it was tried to send it, or to find out whether it arrived."""


class Deliveries:
    """The deliveries. What is written is part of the caller's transaction."""

    def __init__(self, connection: Connection, inbox: Inbox) -> None:
        self._connection = connection
        self._inbox = inbox

    # -------------------------------------------------------------------------------------------------------- what is due

    def next_person(self, now: float) -> int | None:
        """Who has waited longest for something that is due; None where nobody has. Not whoever has a message on its way."""
        row = self._connection.execute(
            "select user_id from deliveries where state = 'waiting' and due_at <= ? "
            "and user_id not in (select user_id from outgoing) order by due_at, notice_id limit 1",
            (now,),
        ).fetchone()
        return row[0] if row else None

    def due(self, user_id: int, now: float) -> list[int]:
        """The notices that are due to somebody, in the order they were made."""
        rows = self._connection.execute(
            "select notice_id from deliveries where user_id = ? and state = 'waiting' and due_at <= ? order by notice_id",
            (user_id, now),
        )
        return [notice_id for (notice_id,) in rows]

    def postpone(self, user_id: int, now: float, until: float) -> None:
        """What is due to somebody comes later."""
        self._connection.execute(
            "update deliveries set due_at = ? where user_id = ? and state = 'waiting' and due_at <= ?",
            (math.ceil(until), user_id, now),
        )

    def reschedule(self, user_id: int, wishes: Wishes) -> None:
        """What waits for somebody comes when they wish it by now."""
        for kind, when in (("change", wishes.due), ("broadcast", wishes.awake)):
            self._connection.execute(
                "update deliveries set due_at = ? where user_id = ? and state = 'waiting' "
                "and notice_id in (select id from notices where kind = ?)",
                (int(when(clock()).timestamp()), user_id, kind),
            )

    def owing(self, now: float) -> bool:
        """Whether anything is due or on its way."""
        found = self._connection.execute(
            "select exists (select 1 from deliveries where state = 'waiting' and due_at <= ?) "
            "or exists (select 1 from outgoing)",
            (now,),
        ).fetchone()
        return bool(found[0])

    def set_right(self) -> None:
        """Where the clock was wrong when something was put down, it does not wait for longer than it may."""
        latest = int(clock().timestamp() + LONGEST_WAIT)
        self._connection.execute(
            "update deliveries set due_at = ? where state = 'waiting' and due_at > ?", (latest, latest)
        )

    # --------------------------------------------------------------------------------------------------------- on its way

    def begin(self, user_id: int, notices: Sequence[int], html: str, keyboard: str) -> Outgoing:
        """A message that tells somebody of some notices is about to be sent."""
        self._mark(user_id, "waiting", "sending", notices)
        row = self._connection.execute("select last_message from wishes where user_id = ?", (user_id,)).fetchone()
        made = Outgoing(user_id, html, keyboard, row[0] if row else 0, self._inbox.last_private(), 1)
        self._connection.execute(
            "insert into outgoing (user_id, html, keyboard, before_here, before, tries, retry_at) values (?, ?, ?, ?, ?, ?, 0)",
            made,
        )
        return made

    def on_its_way(self, user_id: int) -> list[int]:
        """The notices that the message tells which is being sent to somebody."""
        rows = self._connection.execute(
            "select notice_id from deliveries where user_id = ? and state = 'sending' order by notice_id", (user_id,)
        )
        return [notice_id for (notice_id,) in rows]

    def sent(self, user_id: int, message_id: int) -> None:
        """It arrived, as a message of this id (0 where the server does not say). Whoever is forgotten meanwhile stays so."""
        if self._connection.execute("select 1 from outgoing where user_id = ?", (user_id,)).fetchone():
            self._ended(user_id, "sent")
            self._inbox.told(user_id, message_id)

    def not_sent(self, user_id: int) -> None:
        """It certainly did not arrive: what it told waits again."""
        self._ended(user_id, "waiting")

    def dropped(self, user_id: int) -> None:
        """It will not be sent."""
        self._ended(user_id, "dropped")

    def retry(self, user_id: int, at: float, *, tried: bool = True) -> None:
        """It may have arrived or not; that is looked into at some time (Unix). ``tried``: it was tried now, in vain."""
        self._connection.execute(
            "update outgoing set tries = tries + ?, retry_at = ? where user_id = ?", (tried, math.ceil(at), user_id)
        )

    def in_doubt(self, now: float) -> Outgoing | None:
        """A message that may have arrived or not, and is to be looked into now."""
        row = self._connection.execute(
            "select user_id, html, keyboard, before_here, before, tries from outgoing where retry_at <= ? "
            "order by retry_at, user_id limit 1",
            (now,),
        ).fetchone()
        return Outgoing(*row) if row else None

    # ------------------------------------------------------------------------------------------------------------ dropping

    def drop(self, user_id: int, notices: Iterable[int]) -> None:
        """Some notices are not told to somebody: there is nothing in them for this person, or they want none any more."""
        self._mark(user_id, "waiting", "dropped", notices)

    def drop_broadcasts(self, user_id: int) -> None:
        """No notice of the programme team that waits is told to somebody any more."""
        self._connection.execute(
            "update deliveries set state = 'dropped', at = ? where user_id = ? and state = 'waiting' "
            "and notice_id in (select id from notices where kind = 'broadcast')",
            (int(clock().timestamp()), user_id),
        )

    def drop_all(self, user_id: int) -> None:
        """Nothing that waits is told to somebody any more, nor what is on its way looked for."""
        self._ended(user_id, "dropped")
        self._connection.execute(
            "update deliveries set state = 'dropped', at = ? where user_id = ? and state = 'waiting'",
            (int(clock().timestamp()), user_id),
        )

    def forget(self, user_id: int) -> None:
        """No delivery says any more whose it was: how many there were is kept with the notices."""
        self.drop_all(user_id)
        for state in ("sent", "dropped"):
            self._connection.execute(
                f"update notices set {state} = {state} + 1 where id in "
                f"(select notice_id from deliveries where user_id = ? and state = '{state}')",
                (user_id,),
            )
        self._connection.execute("delete from deliveries where user_id = ?", (user_id,))

    def _ended(self, user_id: int, state: str) -> None:
        """What is being sent to somebody is so no more."""
        self._connection.execute(
            "update deliveries set state = ?, at = ? where user_id = ? and state = 'sending'",
            (state, int(clock().timestamp()), user_id),
        )
        self._connection.execute("delete from outgoing where user_id = ?", (user_id,))

    def _mark(self, user_id: int, before: str, after: str, notices: Iterable[int]) -> None:
        self._connection.executemany(
            "update deliveries set state = ?, at = ? where user_id = ? and notice_id = ? and state = ?",
            [(after, int(clock().timestamp()), user_id, notice_id, before) for notice_id in notices],
        )
