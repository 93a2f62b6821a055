"""What people reported as wrong, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple

from .connection import Connection
from .impersonal import MAX_NOTE, impersonal, today

State = Literal["open", "accepted", "rejected"]
_COLUMNS: Final = (
    "id, day, language, reason, question, answer, note, role, trace, state, decided_day, decided_by, decision_note"
)


class Report(NamedTuple):
    """What somebody reported as wrong."""

    id: int
    day: str
    language: str
    reason: str
    question: str
    answer: str
    note: str
    role: str = "citizen"
    """Who reported it, by role alone: ``citizen``, ``officer 33.10``, ``admin`` ..."""
    trace: str = ""
    """How the answer came about, as JSON: ``words``, ``claims``."""
    state: str = "open"
    decided_day: str = ""
    decided_by: str = ""
    decision_note: str = ""

    @property
    def claims(self) -> tuple[str, ...]:
        """Ids of the claims that the answer rested on."""
        return tuple(json.loads(self.trace).get("claims", ())) if self.trace else ()


class Reports:
    """The reports."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._last = 0
        """The last report's number, kept or about to be."""

    def next_number(self) -> int:
        """The number that the next report gets; no two that are made at the same time get the same."""
        (kept,) = self._connection.execute("select coalesce(max(id), 0) from reports").fetchone()
        self._last = max(self._last, int(kept)) + 1
        return self._last

    def add(self, report: Report, reporter: int, prompt_id: int = 0) -> None:
        """Keep a report. ``prompt_id``: the message that asked what is wrong; one of them makes one report."""
        self._connection.execute(
            "insert into reports (id, day, language, reason, question, answer, note, role, trace, state, reporter, prompt_id) "
            "values (?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', ?, ?)",
            (
                report.id, report.day or today(), report.language, report.reason, impersonal(report.question), report.answer,
                impersonal(report.note, MAX_NOTE), report.role, report.trace, reporter, prompt_id,
            ),
        )  # fmt: skip

    def number_of(self, reporter: int, prompt_id: int) -> int | None:
        """The number of the report that somebody made at a prompt; None where they made none."""
        row = self._connection.execute(
            "select id from reports where reporter = ? and prompt_id = ?", (reporter, prompt_id)
        ).fetchone()
        return row[0] if row else None

    def note(self, id: int, note: str, *, add: bool) -> None:
        """Put what somebody says is right into a report, or add it to what they said before: then it is open again."""
        if add:
            self._connection.execute("update reports set state = 'open' where id = ?", (id,))
        self._connection.execute(
            "update reports set note = case when ? and note != '' then note || char(10) || ? else ? end where id = ?",
            (add, impersonal(note, MAX_NOTE), impersonal(note, MAX_NOTE), id),
        )

    def get(self, id: int) -> Report | None:
        """A report; None where there is none of that number (any more)."""
        row = self._connection.execute(f"select {_COLUMNS} from reports where id = ?", (id,)).fetchone()
        return Report(*row) if row else None

    def pending(self, id: int) -> Report | None:
        """A report that waits for a decision; None where it is decided on or there is none of that number (any more)."""
        report = self.get(id)
        return report if report and report.state == "open" else None

    def all(self) -> list[Report]:
        """All reports, the newest first."""
        return [Report(*row) for row in self._connection.execute(f"select {_COLUMNS} from reports order by id desc")]

    def open(self) -> list[Report]:
        """The reports that wait for a decision, the oldest first."""
        return [report for report in reversed(self.all()) if report.state == "open"]

    def reporter(self, id: int) -> int:
        """Who made a report; 0 where that is not known (any more)."""
        row = self._connection.execute("select reporter from reports where id = ?", (id,)).fetchone()
        return int(row[0] or 0) if row else 0

    def decide(self, id: int, state: State, actor: str, note: str = "", change: int = 0) -> None:
        """Accept or reject a report. ``change``: the change of the knowledge that it led to; 0 where it led to none."""
        self._connection.execute(
            "update reports set state = ?, decided_day = ?, decided_by = ?, decision_note = ?, decided_change = ? where id = ?",
            (state, today(), actor, note, change, id),
        )

    def settled_by(self, change: int) -> list[int]:
        """The numbers of the reports that were accepted with a change."""
        rows = self._connection.execute(
            "select id from reports where state = 'accepted' and decided_change = ? and decided_change > 0 order by id",
            (change,),
        )
        return [id for (id,) in rows]

    def reopen(self, id: int) -> None:
        """A report waits for a decision again."""
        self._connection.execute(
            "update reports set state = 'open', decided_day = '', decided_by = '', decision_note = '', decided_change = 0 "
            "where id = ?",
            (id,),
        )

    def forget(self, user_id: int) -> None:
        """Reports stay, but no longer say whose they were."""
        self._connection.execute("update reports set reporter = null, prompt_id = null where reporter = ?", (user_id,))


def as_trace(words: Mapping[str, Any]) -> str:
    """How an answer came about, as it is kept."""
    return json.dumps(dict(words), ensure_ascii=False, separators=(",", ":"))
