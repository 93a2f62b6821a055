"""Numbers that are given once and never again, even where what they named is gone: an old button must not reach a newer thing."""

from __future__ import annotations

from .connection import Connection


def next_number(connection: Connection, what: str) -> int:
    """The next number of a kind, kept in the settings under its name; part of the caller's transaction."""
    row = connection.execute("select value from settings where key = ?", (what,)).fetchone()
    number = int(row[0]) + 1 if row else 1
    connection.execute("insert or replace into settings (key, value) values (?, ?)", (what, str(number)))
    return number
