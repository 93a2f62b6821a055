"""What an admin sees before a change is made: the rows, the answers that would differ, and questions that would break."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape, unescape
from typing import Final

from handlers.rendering import Speech
from handlers.rendering.columns import table_name
from handlers.rendering.telegram import MAX_LENGTH, visible_length
from handlers.shared.words import shorten
from handlers.staff.entries import changed_lines, title
from handlers.staff.trial import Effect, Trial
from knowledge.changes import RowChange
from knowledge.snapshot import Snapshot

MAX_ROWS: Final = 6
"""Rows shown whole; the rest are counted."""
MAX_EFFECTS: Final = 4
AROUND: Final = 600
"""Characters that a message keeps free for what stands around these lines."""
MAX_ANSWER: Final = 160
"""Characters of an answer that are shown."""


def lines(rows: Sequence[RowChange], tried: Trial, snapshot: Snapshot, s: Speech) -> list[str]:
    """The preview, as lines of HTML that fit into a message with some more around them."""
    return fitted([*row_lines(rows, snapshot, s), "", *effect_lines(tried, s)])


def fitted(lines: Sequence[str]) -> list[str]:
    """Lines of HTML that fit into a message with some more around them: the longest are cut short, without their markup."""
    told = list(lines)
    while sum(visible_length(line) + 1 for line in told) > MAX_LENGTH - AROUND:
        longest = max(range(len(told)), key=lambda at: visible_length(told[at]))
        told[longest] = escape(shorten(_plain(told[longest]), max(visible_length(told[longest]) // 2, 40)), quote=False)
    return told


def named(main: RowChange | None, of: int, snapshot: Snapshot, s: Speech) -> str:
    """What a change is of, in a few words of HTML: the entry that it is called by, and how many more of its ``of`` rows."""
    if main is None:
        return ""
    stands = main.after or main.before or {}
    first = escape(shorten(title(main.table, stands, snapshot, s), 60), quote=False)
    more = of - 1
    return s.ngettext("{entry} and {n} more", "{entry} and {n} more", more, entry=first) if more else first


def row_lines(rows: Sequence[RowChange], snapshot: Snapshot, s: Speech, of: int = 0) -> list[str]:
    """The rows, each with what changes in it. ``of``: how many there are, where only the first are given."""
    told: list[str] = []
    for row in rows[:MAX_ROWS]:
        stands = row.after or row.before
        assert stands is not None
        what = {(False, True): s._("New"), (True, False): s._("Retired"), (True, True): s._("Changed")}[
            row.before is not None, row.after is not None
        ]
        name = escape(shorten(title(row.table, stands, snapshot, s), 120), quote=False)
        told.append(f"<b>{what}</b>: {table_name(row.table, s)} {name}")
        if row.after is not None:
            told += [f"  {line}" for line in changed_lines(row.table, row.before, row.after, snapshot, s)]
    more = max(of, len(rows)) - MAX_ROWS
    if more > 0:
        told.append(s.ngettext("and {n} more entry", "and {n} more entries", more))
    return told


def effect_lines(tried: Trial, s: Speech) -> list[str]:
    """The answers that would differ."""
    if tried.findings:
        return [f"⛔ {escape(s.told(finding.said), quote=False)}" for finding in tried.findings[:MAX_EFFECTS]]
    if not tried.effects:
        told = [s._("Of the questions tried, none is answered otherwise.")]
    else:
        n = len(tried.effects)
        told = [s.ngettext("<b>Changes {n} answer:</b>", "<b>Changes {n} answers:</b>", n)]
        told += [line for effect in tried.effects[:MAX_EFFECTS] for line in _effect(effect, s)]
    if tried.broken:
        n = len(tried.broken)
        told += ["", s.ngettext(
            "⚠️ <b>{n} question of the evaluation set would get another answer than expected:</b>",
            "⚠️ <b>{n} questions of the evaluation set would get another answer than expected:</b>", n,
        )]  # fmt: skip
        told += [line for effect in tried.broken[:MAX_EFFECTS] for line in _effect(effect, s)]
    return told


def _effect(effect: Effect, s: Speech) -> list[str]:
    before, after = _apart(effect.before, effect.after)
    return [
        f"• <i>{escape(shorten(effect.question, MAX_ANSWER), quote=False)}</i>",
        s._("  now: {answer}", answer=escape(before, quote=False)),
        s._("  then: {answer}", answer=escape(after, quote=False)),
    ]


def _apart(before: str, after: str) -> tuple[str, str]:
    """Two answers shortened so that the first difference between them is seen."""
    before, after = " ".join(before.split()), " ".join(after.split())
    same = next(
        (at for at, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    start = max(0, before.rfind(" ", 0, max(same - 40, 0)) + 1) if same > MAX_ANSWER - 60 else 0
    lead = "…" if start else ""
    return tuple(shorten(lead + text[start:], MAX_ANSWER) for text in (before, after))  # type: ignore[return-value]


def _plain(html: str) -> str:
    return unescape(re.sub("<[^>]*>", "", html))
