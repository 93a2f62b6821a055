"""What an import would do, or did, in words: the same for the chat and for the command line. Plain text, not yet escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from handlers.rendering import Speech
from handlers.shared.words import shorten
from handlers.staff.deskwork import SHOWN, Attempt, Done, Summary
from handlers.staff.rowwords import column_word, sides, table_word
from knowledge.comparing import Kind, Line
from knowledge.normalize import compact

MAX_VALUE: Final = 70
"""Characters of a value that a line shows; the report has it whole."""
MAX_REMARK: Final = 300
ORDER: Final[tuple[Kind, ...]] = ("error", "conflict", "disagrees", "changed", "added", "removed")


def counted(counts: Mapping[Kind, int], s: Speech) -> str:
    """ "2 added, 1 changed": in one line, without what there is none of."""
    words = {
        "added": s._("{n} added", n=s.number(counts.get("added", 0))),
        "changed": s._("{n} changed", n=s.number(counts.get("changed", 0))),
        "removed": s._("{n} removed", n=s.number(counts.get("removed", 0))),
    }
    return ", ".join(text for kind, text in words.items() if counts.get(kind)) or s._("nothing")  # type: ignore[call-overload]


def summary(found: Summary, s: Speech) -> list[str]:
    """What a file would do: numbers first, then the first few of each kind."""
    lines = [
        s._("Changes: {what}. Unchanged rows: {same}.", what=counted(found.counts, s), same=s.number(found.unchanged))
    ]
    errors = found.counts["error"]
    if errors:
        lines = [s.ngettext("Nothing can be applied: {n} row has an error.", "Nothing can be applied: {n} rows have errors.", errors)]  # fmt: skip
    elif not found.rows:
        lines = [s._("Nothing would change: all {n} rows are as they stand.", n=s.number(found.unchanged))]
    if found.numbered and not errors:
        lines.append(s.ngettext("{n} new row without an id gets a number.", "{n} new rows without an id get numbers.", found.numbered))  # fmt: skip
    shown = [(column, column_word(known, s)) for column, known in found.renamed]
    named = ", ".join(f"{column} = {known}" for column, known in shown if compact(column) != compact(known))
    if named:
        lines.append(s._("Columns read as: {columns}.", columns=shorten(named, MAX_REMARK)))
    if found.strange:
        lines.append(s._("The file was exported from other knowledge than this: what changed since cannot be told."))
    if found.left_out:
        lines.append(
            s._("Not read, since they are for no table that I know: {sheets}.", sheets=s.names(found.left_out))
        )
    for kind in ORDER:
        if found.counts[kind]:
            lines += ["", *_few(kind, found, s)]
    if found.rows:
        lines += ["", *_attempt(found.attempt, s)]
    if found.missing and not errors:
        named = s.names(f"{table_word(table, s)} ({s.number(number)})" for table, number in found.missing.items())
        lines += ["", s._("Rows that the file does not name, and that stay: {tables}.", tables=named)]
    return lines


def _few(kind: Kind, found: Summary, s: Speech) -> Iterable[str]:
    heads = {
        "error": s._("Errors"), "conflict": s._("Conflicts: what stands stays"), "disagrees": s._("Disagree with others: both will be shown"),
        "changed": s._("Changed"), "added": s._("Added"), "removed": s._("Removed"),
    }  # fmt: skip
    yield f"{heads[kind]} ({s.number(found.lines[kind])}):"
    for line in found.shown[kind]:
        yield f"• {_line(line, s)}"
    more = found.lines[kind] - len(found.shown[kind])
    if more > 0:
        yield s.ngettext("and {n} more, see the report", "and {n} more, see the report", more)


def _attempt(attempt: Attempt, s: Speech) -> Iterable[str]:
    """What answers would come of it."""
    if attempt.untried:
        yield s._("Not tried beforehand, since {n} texts would have to be read for it: ask a few questions afterwards.", n=s.number(attempt.untried))  # fmt: skip
        return
    if attempt.effects:
        yield s.ngettext("{n} answer that was tried changes.", "{n} answers that were tried change.", len(attempt.effects))  # fmt: skip
    else:
        yield s._("No answer that I tried changes.")
    if attempt.broken:
        yield f"⚠️ {broken(len(attempt.broken), s)}"
        yield from (f"• {shorten(question, MAX_VALUE)}" for question in attempt.broken[:SHOWN])


def broken(number: int, s: Speech) -> str:
    """How many questions would not be answered any more."""
    return s.ngettext(
        "{n} question that is answered now would not be any more.",
        "{n} questions that are answered now would not be any more.", number,
    )  # fmt: skip


def removed(number: int, s: Speech) -> str:
    """How many rows would go."""
    return s.ngettext("{n} row would be removed.", "{n} rows would be removed.", number)


def _line(line: Line, s: Speech) -> str:
    name = f"{table_word(line.table, s)} {line.key}".strip()
    before, after = (_short(text) for text in sides(line, s))
    if line.kind == "error":
        remark = shorten(s.told(line.remark), MAX_REMARK) if line.remark else ""
        if line.where.row:
            where = s._("{sheet}, row {row}", sheet=line.where.sheet, row=line.where.row)
            return f"{where}: {remark}"
        return remark if line.key in remark else f"{name}: {remark}"
    if line.kind in ("added", "removed"):
        return f"{name}: {before or after}"
    if line.kind == "disagrees" and line.remark:
        return f"{name}: {after}; {s.told(line.remark)}"
    if line.kind == "conflict" and not line.column and line.remark:
        return f"{name}: {s.told(line.remark)}"
    return f"{name}, {column_word(line.column, s)}: {before or '–'} → {after or '–'}"


def _short(text: str) -> str:
    return shorten(" ".join(text.split()), MAX_VALUE)


def lacking(found: Summary, s: Speech) -> list[str]:
    """What has to be in a file and is not, one line a sheet."""
    return [
        s._("{sheet}: rows of {table} are told apart by the column {column}, which is not there.", sheet=q.sheet, table=table_word(q.table, s), column=column_word(q.column, s))
        for q in found.lacking
    ]  # fmt: skip


def applied(done: Done, s: Speech) -> str:
    """What an import did."""
    return s._("Applied as change no. {number}: {what}.", number=done.change, what=counted(done.counts, s))
