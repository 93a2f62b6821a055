"""What takes seconds with files of knowledge: planning, applying, exporting. The command line does it directly, the bot in a
process of its own (see ``desk.py``)."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from handlers.rendering import Speech, speech
from handlers.staff.report_file import report
from knowledge import exporting, history, importing, origins, prepared, sheets
from knowledge.changes import Change
from knowledge.columns import REMOVE, Choices
from knowledge.comparing import KINDS, Kind, Line
from knowledge.errors import KnowledgeError
from knowledge.exporting import Format
from knowledge.fields import FIELDS
from knowledge.importing import Plan
from knowledge.model import Language
from knowledge.writer import Writer

SHOWN: Final = 5
"""Lines of each kind that a message shows; the rest stands in the report."""
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
class Summary:
    """A plan, as far as a message tells it."""

    hash: str
    rows: int
    """How many rows of the knowledge it changes; 0 where it cannot be applied."""
    counts: Mapping[Kind, int]
    shown: Mapping[Kind, tuple[Line, ...]]
    unchanged: int
    missing: Mapping[str, int]
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
    """The same as a message tells it, with the report beside it."""
    return summed(planned(data_dir, file), speech(language))


def summed(plan: Plan, s: Speech) -> Summary:
    """A plan as a message tells it."""
    unplaced = tuple(sheet.name for sheet in plan.unplaced)
    return Summary(
        hash=plan.hash,
        rows=len(plan.rows),
        counts={kind: plan.number(kind) for kind in KINDS},
        shown={kind: tuple(plan.of(kind)[:SHOWN]) for kind in KINDS},
        unchanged=plan.unchanged,
        missing=plan.missing,
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
    if hasattr(os, "nice"):
        os.nice(NICE)
    sys.stdout.flush()
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # What anything prints must not get among it.
    job, arguments = pickle.load(sys.stdin.buffer)
    result = _result(JOBS[job], arguments)
    with answer:
        pickle.dump(result, answer)


def _result(job: Callable[..., Any], arguments: Sequence[Any]) -> Any:
    try:
        return job(*arguments)
    except KnowledgeError as error:
        return error
