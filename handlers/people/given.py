"""What was told to those who want to hear of corrections: each claim of an answer, and the day. Of nobody else it is kept."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Final

from .connection import Connection
from .impersonal import today

SUBJECT: Final = "given"
"""Stands for the subject in a notice that is for those who were told what a change makes untrue, whatever they follow."""
GIVEN: Final = (
    "select user_id from wishes where corrections and exists (select 1 from given "
    "where given.user_id = wishes.user_id and +told in (select value from json_each(:told)))"
)
"""A select of the ``user_id`` of all who were told any of ``:told`` (JSON) and want to hear of it when it is corrected. Asked
person by person, and of what each was told (the plus turns off the index of it): an import may change twenty thousand claims."""


class Given:
    """What was told, by the names that :func:`knowledge.told.told` gives it. What is written is part of the caller's
    transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(self, user_id: int, told: Collection[str]) -> None:
        """Somebody is told this today; nothing is kept of whoever does not want to hear of corrections."""
        self._connection.execute(
            "insert or replace into given (user_id, told, day) select user_id, value, ? from wishes, json_each(?) "
            "where user_id = ? and corrections",
            (today(), json.dumps(list(told)), user_id),
        )

    def anybody(self, told: Collection[str]) -> bool:
        """Whether anybody was told any of this and wants to hear of it when it is corrected."""
        found = self._connection.execute(f"select exists ({GIVEN})", {"told": json.dumps(list(told))}).fetchone()
        return bool(found[0])

    def of(self, user_id: int) -> dict[str, str]:
        """What somebody was told -> the last day (ISO) on which they were."""
        return dict(self._connection.execute("select told, day from given where user_id = ?", (user_id,)).fetchall())

    def corrected(self, user_id: int, told: Collection[str], now: Collection[str]) -> None:
        """Somebody has read that what they were told is otherwise: they have been told, by now, what is in its place."""
        self._connection.execute(
            "delete from given where user_id = ? and told in (select value from json_each(?))",
            (user_id, json.dumps(list(told))),
        )
        self.note(user_id, now)

    def forget(self, user_id: int) -> None:
        """Somebody wants no corrections any more, or cannot be reached, or is to be forgotten."""
        self._connection.execute("delete from given where user_id = ?", (user_id,))
