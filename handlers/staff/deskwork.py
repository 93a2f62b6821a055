"""What takes seconds with files of knowledge: planning, applying, exporting. The command line does it directly, the bot in a
process of its own (see ``desk.py``)."""

from __future__ import annotations

import gc
import os
import pickle
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from handlers.rendering import Speech, speech
from handlers.staff.report_file import report
from handlers.staff.trial import tried
from knowledge import exporting, history, importing, origins, prepared, sheets
from knowledge.changes import Change
from knowledge.columns import REMOVE, Choices
from knowledge.comparing import KINDS, Kind, Line
from knowledge.errors import InvalidDataError, KnowledgeError, saying
from knowledge.exporting import Format
from knowledge.fields import FIELDS
from knowledge.importing import Plan
from knowledge.model import Language
from knowledge.snapshot import Row, Snapshot
from knowledge.writer import Writer

MAX_READ: Final = 5_000
"""Texts that may have to be read to try a change: the shipped edition has a thousand, read in a second."""
SHOWN: Final = 5
"""Lines of each kind that a message shows; the rest stands in the report."""
MEMORY: Final = 2_000_000_000
"""Bytes that the process may ask for: 50,000 rows with their texts take a fifth of it. A file of 60 KB can be packed so that
reading it takes any amount."""
NICE: Final = 2
"""How far the process stands back behind the one that answers."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that somebody wants to import, and what they said of it."""

    name: str
    content: bytes
    choices: Choices = field(default_factory=Choices)
    remove_missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A column that somebody has to name."""

    sheet: str
    table: str
    column: str
    fields: tuple[str, ...]
    """What it may be: the table's columns that no other column is."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of asking questions of the knowledge as it would be."""

    effects: tuple[str, ...] = ()
    """Questions that would be answered otherwise."""
    broken: tuple[str, ...] = ()
    """Questions that are answered now and would not be any more."""
    untried: int = 0
    """Texts that would have to be read for that, where they are too many."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A plan, as far as a message tells it."""

    hash: str
    rows: int
    """How many rows of the knowledge it changes; 0 where it cannot be applied."""
    counts: Mapping[Kind, int]
    lines: Mapping[Kind, int]
    """How many lines there are of each kind: a row may have several."""
    shown: Mapping[Kind, tuple[Line, ...]]
    unchanged: int
    numbered: int
    missing: Mapping[str, int]
    """Table -> how many of its rows the file does not name, and that stay."""
    removable: tuple[str, ...]
    """Those of these tables whose rows may be meant to go."""
    attempt: Attempt
    strange: bool
    renamed: tuple[tuple[str, str], ...]
    """Columns that go by another name in the file: the file's and the table's."""
    left_out: tuple[str, ...]
    """Sheets that are for no table."""
    unplaced: tuple[str, ...]
    """The same, where no sheet is for one: somebody has to say what they are."""
    questions: tuple[Question, ...]
    lacking: tuple[Question, ...]
    report: bytes
    """All lines as a CSV file; empty where there are none."""

    @property
    def grave(self) -> bool:
        """Whether it has to be confirmed once more: rows go, or questions would not be answered any more."""
        return bool(self.rows and (self.counts["removed"] or self.attempt.broken))


@dataclass(frozen=True, slots=True)
class Done:
    """An import that was applied."""

    change: int
    counts: Mapping[Kind, int]


def planned(data_dir: Path, file: File) -> Plan:
    """What a file would change.

    Raises:
        InvalidDataError: it cannot be read, or what was said of it makes no sense.
    """
    book = sheets.read(file.content, file.name)
    return importing.plan(origins.current(data_dir, book.about), book.sheets, file.choices, file.remove_missing)


def preview(data_dir: Path, file: File, language: Language) -> Summary:
    """The same as a message tells it, tried, with the report beside it."""
    plan = planned(data_dir, file)
    attempt = attempted(data_dir, plan, language)
    return summed(plan, speech(language), attempt, file.remove_missing)


def attempted(data_dir: Path, plan: Plan, language: Language) -> Attempt:
    """Ask of the knowledge as it would be what the rows bear on, and the evaluation set. A plan after which some questions
    could not be answered at all is refused."""
    if not plan.rows:
        return Attempt()
    engine = prepared.engine(data_dir)
    read = _to_read(plan, engine.snapshot)
    if read > MAX_READ:
        return Attempt(untried=read)
    found = tried(engine, data_dir, plan.rows, language)
    for finding in found.findings:
        plan.refuse(finding.said)
    effects, broken = (tuple(effect.question for effect in some) for some in (found.effects, found.broken))
    return Attempt(effects, broken)


def _to_read(plan: Plan, snapshot: Snapshot) -> int:
    """How many texts the changed knowledge has that have not been read: all, where names of places change."""
    if any(row.table in ("regions", "districts", "aliases") for row in plan.rows):
        return len(snapshot.claims) + len(snapshot.phrasings) + sum(row.before is None for row in plan.rows)
    return sum(row.after is not None and _texts(row.after) != _texts(row.before or {}) for row in plan.rows)


def _texts(row: Row) -> list[str]:
    return [row[column] for column in ("text_id", "text_en", "question") if column in row]


def summed(plan: Plan, s: Speech, attempt: Attempt, removing: Collection[str] = ()) -> Summary:
    """A plan as a message tells it. ``removing``: tables whose rows go where the file does not name them."""
    lines = {kind: plan.of(kind) for kind in KINDS}
    unplaced = tuple(sheet.name for sheet in plan.unplaced)
    return Summary(
        hash=plan.hash,
        rows=len(plan.rows),
        counts={kind: plan.number(kind) for kind in KINDS},
        lines={kind: len(found) for kind, found in lines.items()},
        shown={kind: tuple(found[:SHOWN]) for kind, found in lines.items()},
        unchanged=plan.unchanged,
        numbered=plan.numbered,
        missing={table: number for table, number in plan.missing.items() if table not in removing},
        removable=tuple(table for table in plan.removable if table not in removing),
        attempt=attempt,
        strange=plan.strange,
        renamed=tuple((c, known) for p in plan.placed for c, known in p.columns.items() if c != known),
        left_out=() if unplaced else tuple(placed.sheet.name for placed in plan.placed if not placed.table),
        unplaced=unplaced,
        questions=tuple(Question(p.sheet.name, p.table, c, _free(p.table, p.columns)) for p, c in plan.unmapped),
        lacking=tuple(Question(p.sheet.name, p.table, c, ()) for p, c in plan.lacking),
        report=report(plan.lines, s) if plan.lines else b"",
    )


def _free(table: str, columns: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(name for name in (*(rule.name for rule in FIELDS[table]), REMOVE) if name not in columns.values())


def apply(data_dir: Path, file: File, expected_hash: str, change: Change) -> Done:
    """Make the change that a file is, all or nothing; a token that was committed before is not committed again.

    Raises:
        ConflictError: the knowledge is not any more what it was planned for.
        InvalidDataError: it breaks a rule.
    """
    plan = planned(data_dir, file)
    filled = Change(
        change.actor, change.kind, change.reason, change.source, plan.rows, token=change.token
    )  # The rows are made anew from the file; that the knowledge is the same is checked with the commit.
    with Writer(data_dir) as writer:
        number = writer.commit(filled, expected_hash)
    # Here rather than where people are answered: thousands of new texts take seconds to read.
    prepared.engine(data_dir)
    counts = dict.fromkeys(KINDS, 0)
    for row in history.rows(data_dir, number):
        counts["added" if row.before is None else "removed" if row.after is None else "changed"] += 1
    return Done(number, counts)


def export(data_dir: Path, form: Format) -> tuple[str, bytes]:
    """``(name, content)`` of a file of all the knowledge."""
    found = exporting.contents(data_dir)
    return f"{found.name}.{exporting.FORMATS[form]}", exporting.export(found, form)


JOBS: Mapping[str, Callable[..., Any]] = {"preview": preview, "apply": apply, "export": export}


def main() -> None:
    """Do the one job that is said on standard input, and say on standard output what came of it."""
    _stand_back()
    gc.disable()  # One job and the process ends: looking for garbage among its rows costs a tenth of it.
    sys.stdout.flush()
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # What anything prints must not get among it.
    job, arguments = pickle.load(sys.stdin.buffer)
    answered = result(JOBS[job], arguments)
    with answer:
        pickle.dump(answered, answer)


def result(job: Callable[..., Any], arguments: Sequence[Any]) -> Any:
    """What a job comes to, which may be what it raises."""
    try:
        return job(*arguments)
    except KnowledgeError as error:
        return error
    except MemoryError:
        pass  # Only when this is left, what took it is let go.
    return InvalidDataError(saying("This takes too much memory. Send the file in smaller parts."))


def _stand_back() -> None:
    """Leave the computer to the process that answers: its time, and its memory. Where there is too little for both, the system
    ends this one."""
    if hasattr(os, "nice"):
        os.nice(NICE)
    with suppress(ImportError, OSError, ValueError):  # Windows has no limits, and not every system knows this one.
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with suppress(OSError):  # Only Linux asks whom to end first.
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
