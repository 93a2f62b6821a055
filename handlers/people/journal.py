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
_ADDRESS: Final = re.compile(r"(https?://\S+|(?<![\w@])[\w-]+(?:\.[\w-]+)+/\S+)")
_YEARS: Final = re.compile(r"(?:(?:19|20)\d\d\D*)+")
MAX_TEXT: Final = 500
"""Characters of a question that are kept."""
MAX_NOTE: Final = 2000
"""Characters of what somebody says is right."""


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

    def report(
        self,
        id: int,
        language: str,
        reason: str,
        question: str,
        answer: str,
        note: str,
        reporter: int,
        prompt_id: int = 0,
    ) -> None:
        """Keep a report. ``prompt_id``: the message that asked what is wrong; one of them makes one report."""
        row = (
            id,
            _today(),
            language,
            reason,
            impersonal(question),
            answer,
            impersonal(note, MAX_NOTE),
            reporter,
            prompt_id,
        )
        self._connection.execute(
            "insert into reports (id, day, language, reason, question, answer, note, reporter, prompt_id) "
            "values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )

    def report_of(self, reporter: int, prompt_id: int) -> int | None:
        """The number of the report that somebody made at a prompt; None where they made none."""
        row = self._connection.execute(
            "select id from reports where reporter = ? and prompt_id = ?", (reporter, prompt_id)
        ).fetchone()
        return row[0] if row else None

    def note(self, id: int, note: str, *, add: bool) -> None:
        """Put what somebody says is right into a report, or add it to what they said before."""
        self._connection.execute(
            "update reports set note = case when ? and note != '' then note || char(10) || ? else ? end where id = ?",
            (add, impersonal(note, MAX_NOTE), impersonal(note, MAX_NOTE), id),
        )

    def reports(self) -> Iterator[Report]:
        """Reports, the newest first."""
        rows = self._connection.execute(
            "select id, day, language, reason, question, answer, note from reports order by id desc"
        )
        return (Report(*row) for row in rows)

    def forget(self, user_id: int) -> None:
        """Reports stay, but no longer say whose they were."""
        self._connection.execute("update reports set reporter = null, prompt_id = null where reporter = ?", (user_id,))


def impersonal(text: str, length: int = MAX_TEXT) -> str:
    """A text without what may tell who wrote it: mail addresses, user names and long numbers become "…". The address of a
    page stays whole: it is what a correction rests on."""
    parts = _ADDRESS.split(text)
    parts[::2] = [_blanked(part) for part in parts[::2]]
    return "".join(parts)[:length]


def _blanked(text: str) -> str:
    for pattern in _PRIVATE:
        text = pattern.sub("…", text)
    return _NUMBER.sub(lambda found: found[0] if _YEARS.fullmatch(found[0]) else "…", text)


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
