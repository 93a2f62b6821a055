"""The lines of a status card and its sources as tables for print: numbered, set in letters of a size, cut short where told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from reportlab.platypus import Table

from knowledge.answer import Status
from knowledge.model import Source
from knowledge.snapshot import Snapshot

from .print import GREY, INK, Cell, linked, plain, table
from .speech import Speech
from .status import line_name, sayings

LABELS: Final = 114.0
NUMBERS: Final = 48.0
"""Widths of the first and the last column, in points."""
BODY: Final = 9.0
"""Size of the letters of the table, in points, before they are scaled."""
MAX_RUNS: Final = 6
"""Numbers of sources behind one statement, neighbours counted once: those fit into two lines of their narrow column."""


class Step(NamedTuple):
    """How the page is set. The first way in which all of it fits is taken."""

    scale: float
    """Of the letters of the table and of the sources; at the smallest the sources have 5.8 points."""
    sayings: int = 10_000
    """Most statements of a line; more are counted."""
    characters: int = 10_000
    """Most characters of each statement, publisher and title."""
    addresses: bool = True
    """Whether the sources' addresses are printed; else their titles lead there."""


STEPS: Final = (
    Step(1.0), Step(0.94), Step(0.88), Step(0.82), Step(0.82, addresses=False), Step(0.82, 5, 400, addresses=False),
    Step(0.82, 3, 220, addresses=False), Step(0.82, 2, 160, addresses=False), Step(0.82, 1, 110, addresses=False),
)  # fmt: skip


class Numbered:
    """The sources in the order in which the page first names them."""

    def __init__(self) -> None:
        self.sources: list[Source] = []

    def of(self, sources: Iterable[Source]) -> str:
        """The numbers of some sources, neighbours drawn together: "1-4, 7"."""
        for source in sources:
            if source not in self.sources:
                self.sources.append(source)
        found = sorted(self.sources.index(source) + 1 for source in sources)
        runs: list[list[int]] = []
        for number in found:
            if runs and number == runs[-1][-1] + 1:
                runs[-1].append(number)
            else:
                runs.append([number])
        told = [", ".join(map(str, run)) if len(run) < 3 else f"{run[0]}–{run[-1]}" for run in runs[:MAX_RUNS]]
        return ", ".join(told) + " …" * (len(runs) > MAX_RUNS)


def lines_table(
    status: Status, snapshot: Snapshot, s: Speech, step: Step, numbered: Numbered, width: float
) -> tuple[Table, bool]:
    """The lines of the card as a table, and whether something was left out."""
    size, cut = BODY * step.scale, not step.addresses
    nothing = Cell("", size)
    rows = [[nothing, nothing, Cell(plain(s._("sources")), 6.5, color=GREY, right=True)]]
    ruled = []
    for one in status.lines:
        ruled.append(len(rows))
        label, told = plain(line_name(one.line.id, s)), sayings(one, status, s, snapshot)
        if not told:
            missing = Cell(plain(s._("no source yet")), size, "Sheet-Italic", GREY)
            rows.append([Cell(label, size, color=GREY), missing, nothing])
        for at, said in enumerate(told[: step.sayings]):
            cut |= len(said.text) > step.characters
            name = Cell("" if at else label, size, "Sheet-Bold")
            numbers = Cell(plain(numbered.of(said.sources)), size * 0.86, color=GREY, right=True)
            rows.append([name, Cell(plain(_shortened(said.text, step)), size), numbers])
        if len(told) > step.sayings:
            cut = True
            more = s.ngettext("and {n} more", "and {n} more", len(told) - step.sayings)
            rows.append([nothing, Cell(plain(more), size, "Sheet-Italic", GREY), nothing])
    return table(rows, [LABELS, width - LABELS - NUMBERS, NUMBERS], ruled, 2.6 * step.scale), cut


def note(s: Speech, left_out: int, *, cut: bool) -> str:
    """Where the rest is, if not all is on the page. ``left_out``: sources that are not."""
    if left_out:
        return s.ngettext(
            "Not all of it fits on this page: {n} more source is in Telegram, at the address below.",
            "Not all of it fits on this page: {n} more sources are in Telegram, at the address below.",
            left_out,
        )
    return s._("Not all of it fits on this page: the rest is in Telegram, at the address below.") if cut else ""


def sources_table(sources: Sequence[Source], s: Speech, step: Step, below: str, width: float) -> Table:
    """The numbered list of sources. ``below``: a note that follows it; empty for none."""
    size = 7.1 * step.scale
    rows = [[Cell(plain(s._("Sources")), BODY, "Sheet-Bold"), Cell("", BODY)]]
    for number, source in enumerate(sources, 1):
        url, title = source.url or "", _shortened(s.title(source), step)
        told = [f"<b>{plain(_shortened(source.publisher, step))}</b>:"]
        told.append(f"{plain(title) if step.addresses else linked(title, url)}.")
        told += [plain(f"{s.date(source.date)}.")] if source.date else []
        address = f"<br/>{linked(url, url)}" if url and step.addresses else ""
        rows.append([Cell(str(number), size, color=GREY, right=True), Cell(" ".join(told) + address, size)])
    if below:
        rows.append([Cell("", size), Cell(plain(below), size, "Sheet-Italic", INK)])
    return table(rows, [20, width - 20], [0], 1.1 * step.scale, headed=True)


def _shortened(text: str, step: Step) -> str:
    return text if len(text) <= step.characters else f"{text[: step.characters - 1].rstrip()}…"
