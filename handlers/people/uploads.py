"""Files that people sent and that are not dealt with yet: each belongs to a draft and goes with it."""

from __future__ import annotations

from .connection import Connection


class Uploads:
    """The file of each draft that has one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, draft_id: int, name: str, content: bytes) -> None:
        """Keep a file for a draft, once."""
        self._connection.execute(
            "insert or replace into uploads (draft_id, name, content) values (?, ?, ?)", (draft_id, name, content)
        )

    def get(self, draft_id: int) -> tuple[str, bytes] | None:
        """``(name, content)`` of a draft's file; None where there is none."""
        row = self._connection.execute("select name, content from uploads where draft_id = ?", (draft_id,)).fetchone()
        return (row[0], row[1]) if row else None
