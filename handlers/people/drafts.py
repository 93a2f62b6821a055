"""What somebody has half-finished: an entry being changed, a file being read in, an invitation that lacks its region.

A draft waits for a button (which names it) or for a text that belongs to its prompt. It is gone after a day.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from . import moment
from .connection import Connection
from .numbers import next_number

KEPT_SECONDS: Final = 24 * 3600
"""How long a draft is kept after it was last touched."""
AWAITED_SECONDS: Final = 15 * 60
"""How long after a prompt a text belongs to it without replying to it. Later it is taken for a question again."""

_COLUMNS: Final = "id, user_id, kind, data, prompt_id, token"


@dataclass(frozen=True, slots=True)
class Draft:
    """One half-finished thing."""

    id: int
    user_id: int
    kind: str
    """What it is, by the name of the file of handlers/ that understands it."""
    data: dict[str, Any]
    """How far it is."""
    prompt_id: int
    """The message that asks for the next text; 0 where none does."""
    token: str
    """What tells it from all other drafts, of other databases too: a change that is made of it happens once."""


class Drafts:
    """All drafts. ``begin`` is written at once, since buttons need its number; all else belongs into ``work.later``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, user_id: int, kind: str, data: Mapping[str, Any], prompt_id: int = 0, *, update_id: int = 0) -> int:
        """Begin a draft and return its number. ``update_id``: the update that it is made of; handled again after a
        kill, it finds the draft that it began."""
        now = int(moment.now())
        with self._connection as c:
            if update_id:
                known = c.execute(
                    "select id from drafts where user_id = ? and kind = ? and update_id = ?", (user_id, kind, update_id)
                ).fetchone()
                if known:
                    return int(known[0])
            number = next_number(c, "drafts")
            c.execute(
                "insert into drafts (id, user_id, kind, data, prompt_id, prompted_at, expires_at, update_id, token) "
                "values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    number,
                    user_id,
                    kind,
                    _packed(data),
                    prompt_id,
                    now,
                    now + KEPT_SECONDS,
                    update_id,
                    f"draft {number} {secrets.token_hex(8)}",
                ),
            )
        return number

    def get(self, id: int, user_id: int) -> Draft | None:
        """Somebody's draft; None where it is finished, too old, or another person's."""
        row = self._connection.execute(
            f"select {_COLUMNS} from drafts where id = ? and user_id = ? and expires_at > ?",
            (id, user_id, moment.now()),
        ).fetchone()
        return _draft(row) if row else None

    def update(self, id: int, data: Mapping[str, Any], prompt_id: int = 0) -> None:
        """Bring a draft further. ``prompt_id``: the message that asks for the next text; 0 where none does."""
        now = int(moment.now())
        self._connection.execute(
            "update drafts set data = ?, prompt_id = ?, prompted_at = ?, expires_at = ? where id = ?",
            (_packed(data), prompt_id, now, now + KEPT_SECONDS, id),
        )
        if prompt_id:  # What is typed answers what was asked last; the others are answered by replying to them.
            others = "user_id = (select user_id from drafts where id = ?1) and id != ?1"
            self._connection.execute(f"update drafts set prompted_at = 0 where {others}", (id,))

    def unprompt(self, user_id: int) -> None:
        """What somebody types from now on is a question again, unless it replies to a prompt."""
        self._connection.execute("update drafts set prompted_at = 0 where user_id = ?", (user_id,))

    def drop(self, id: int) -> None:
        """A draft is finished or given up, with the file that belongs to it."""
        self._connection.execute("delete from uploads where draft_id = ?", (id,))
        self._connection.execute("delete from drafts where id = ?", (id,))

    def drop_all(self, user_id: int, kind: str = "") -> None:
        """Give up everything that somebody has half-finished, or all of one kind; what is too old already goes as well."""
        rows = self._connection.execute("select id from drafts where user_id = ? and ? in ('', kind)", (user_id, kind))
        for (id,) in rows.fetchall():
            self.drop(id)

    def of(self, user_id: int) -> list[Draft]:
        """Everything that somebody has half-finished, the oldest first."""
        rows = self._connection.execute(
            f"select {_COLUMNS} from drafts where user_id = ? and expires_at > ? order by id", (user_id, moment.now())
        )
        return [_draft(row) for row in rows]

    def waiting(self, user_id: int, reply_to: int | None, at: float | None = None) -> Draft | None:
        """The draft that a text belongs to: the one whose prompt it replies to; where it replies to nothing, the one
        that was prompted last, if that is not long ago.

        Args:
            user_id: who wrote it.
            reply_to: the message that it replies to, if it does.
            at: when it was written; by default, now.
        """
        if reply_to:
            where, value = "prompt_id = ?", float(reply_to)
        else:
            where, value = "prompt_id > 0 and prompted_at >= ?", (moment.now() if at is None else at) - AWAITED_SECONDS
        row = self._connection.execute(
            f"select {_COLUMNS} from drafts where user_id = ? and expires_at > ? and {where} "
            "order by prompted_at desc, id desc",
            (user_id, moment.now(), value),
        ).fetchone()
        return _draft(row) if row else None

    def expire(self, now: float) -> None:
        """Forget what is too old."""
        old = "select id from drafts where expires_at <= ?"
        self._connection.execute(f"delete from uploads where draft_id in ({old})", (now,))
        self._connection.execute("delete from drafts where expires_at <= ?", (now,))


def _packed(data: Mapping[str, Any]) -> str:
    return json.dumps(dict(data), ensure_ascii=False, separators=(",", ":"))


def _draft(row: tuple[int, int, str, str, int | None, str]) -> Draft:
    id, user_id, kind, data, prompt_id, token = row
    return Draft(id, user_id, kind, json.loads(data), prompt_id or 0, token)
