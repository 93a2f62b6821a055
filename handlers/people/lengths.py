"""How much waits in people.db, in numbers alone."""

from __future__ import annotations

from typing import Final

from .connection import Connection

_COUNTS: Final = """
    select 'questions', count(*) from (
      select distinct language, meaning from questions where meaning != ''
      except select language, meaning from decisions
    )
    union all select 'people waiting for an answer', count(*) from waiting
    union all select 'reports', count(*) from reports where state = 'open'
    union all select 'requests', count(*) from requests where state = 'open'
    union all select 'proposals', count(*) from corrections where state = 'open'
    union all select 'notices', count(*) from deliveries where state = 'waiting'
    union all select 'notices due', count(*) from deliveries where state = 'waiting' and due_at <= ?
"""


class Lengths:
    """The queues."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, now: float) -> dict[str, int]:
        """Name of each queue -> how much waits in it. ``questions``: meanings of unanswered ones that nobody decided on;
        ``notices due``: those whose time has come by ``now`` (Unix).

        Raises:
            sqlite3.Error: people.db cannot be read.
        """
        return dict(self._connection.execute(_COUNTS, (now,)).fetchall())
