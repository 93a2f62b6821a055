"""What could not be answered, without saying whose question it was, and what people reported as wrong."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, NamedTuple

_PRIVATE: Final = (re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"), re.compile(r"(?<!\w)@\w{3,}"))
"""Mail addresses and user names."""
_NUMBER: Final = re.compile(r"\+?\d[\d .()-]{6,}\d")
"""What is long enough for a telephone or an identity card."""
_YEARS: Final = re.compile(r"(?:(?:19|20)\d\d\D*)+")
MAX_TEXT: Final = 500
"""Characters of a text that are kept."""


class Report(NamedTuple):
    """What somebody reported as wrong."""

    id: int
    day: str
    language: str
    reason: str
    question: str
    answer: str
    note: str


class Unanswered(NamedTuple):
    """A question without an answer, and how often it came."""

    text: str
    language: str
    reason: str
    times: int
    last_day: str


class Journal:
    """The question log and the reports."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._last = 0
        """The last report's number, kept or about to be."""

    def unanswered(self, text: str, language: str, reason: str, place: str) -> None:
        """Keep a question that found no answer. ``place``: ``private``, ``group`` or ``inline``."""
        self._connection.execute(
            "insert into questions (day, text, language, reason, place) values (?, ?, ?, ?, ?)",
            (_today(), impersonal(text), language, reason, place),
        )

    def questions(self) -> Iterator[Unanswered]:
        """Unanswered questions, the most frequent first."""
        rows = self._connection.execute(
            "select text, language, reason, count(*), max(day) from questions group by lower(text), language, reason "
            "order by count(*) desc, max(day) desc, min(id)"
        )
        return (Unanswered(*row) for row in rows)

    def next_report(self) -> int:
        """The number that the next report gets; no two that are made at the same time get the same."""
        (kept,) = self._connection.execute("select coalesce(max(id), 0) from reports").fetchone()
        self._last = max(self._last, int(kept)) + 1
        return self._last

    def report(self, id: int, language: str, reason: str, question: str, answer: str, note: str, reporter: int) -> None:
        """Keep a report."""
        row = (id, _today(), language, reason, impersonal(question), answer, impersonal(note), reporter)
        self._connection.execute(
            "insert into reports (id, day, language, reason, question, answer, note, reporter) "
            "values (?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )

    def reports(self) -> Iterator[Report]:
        """Reports, the newest first."""
        rows = self._connection.execute(
            "select id, day, language, reason, question, answer, note from reports order by id desc"
        )
        return (Report(*row) for row in rows)

    def forget(self, user_id: int) -> None:
        """Reports stay, but no longer say whose they were."""
        self._connection.execute("update reports set reporter = null where reporter = ?", (user_id,))


def impersonal(text: str) -> str:
    """A text without what may tell who wrote it: mail addresses, user names and long numbers become "…"."""
    for pattern in _PRIVATE:
        text = pattern.sub("…", text)
    text = _NUMBER.sub(lambda found: found[0] if _YEARS.fullmatch(found[0]) else "…", text)
    return text[:MAX_TEXT]


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
