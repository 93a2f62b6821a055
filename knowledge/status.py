"""A region's status card: the lines that are known of every participant, each with its claims; what is missing is there too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from .answer import Line, Status, StatusLine, Verdict
from .model import Claim
from .snapshot import Snapshot

__all__ = ["LINES", "Line", "Status", "StatusLine", "disputed", "line_of", "status"]

LINES: Final = (
    Line("participation", ("participation", "status", "dispute", "disputed_2018"), "participation", "region"),
    Line("cohort", ("size",), "size", "cohort"),
    Line("mou_date", ("mou_date",), "mou_date", "cohort"),
    Line("mou_place", ("mou_place",), "mou_place", "cohort"),
    Line("signatory", ("signing", "head_at_signing"), "signing", "region"),
    Line("mentoring", ("process",), "process", "region"),
    Line("masterplan", ("masterplan",), "masterplan", "region"),
    Line("quick_win", ("quick_win",), "quick_win", "region"),
    Line("evaluation", ("evaluation",), "evaluation", "region"),
    Line("award", ("award",), "award", "region"),
    Line("later", ("later_participation",), "later_participation", "region"),
    Line(
        "other",
        ("statement", "selection", "programmes", "vision", "branding", "regulation", "host", "benefit", "background"),
        "statement",
        "region",
    ),
)
"""The lines in the order of the card. A region's claim of an attribute that none of them names belongs on the last one."""

_PLACED: Final = frozenset(attribute for line in LINES for attribute in line.attributes)
_ALWAYS: Final = frozenset(("participation", "later"))
"""Lines that every region has: whether it took part, and whether it joined the continuation."""
_SIGNING: Final = frozenset(("mou_date", "mou_place"))
"""Lines that say nothing of a region that was counted in later: it did not sign with its cohort."""
_DISPUTED: Final = frozenset(("differs", "disputed", "withdrawn"))
"""Statuses of claims that tell of a disagreement themselves."""
_OPTIONAL: Final = "other"
"""The line that nobody misses where it is empty."""


def status(snapshot: Snapshot, code: str) -> Status:
    """The card of a kabupaten or kota.

    Raises:
        KeyError: there is no region with that code.
    """
    region, verdict = snapshot.regions[code], snapshot.verdict(code)
    year = verdict.cohort or min((int(claim.period) for claim in verdict.later), default=None)
    subjects = {"region": f"region:{code}", "cohort": f"cohort:{year}" if year else ""}
    lines = tuple(_lines(snapshot, verdict, year, subjects))
    checked = max(snapshot.compiled, *(snapshot.checked.get(subject, "") for subject in subjects.values()))
    return Status(region, verdict, year, lines, checked)


def line_of(claim: Claim) -> Line:
    """The line that a claim belongs on."""
    of = "cohort" if claim.subject.startswith("cohort:") else "region"
    return next((line for line in LINES if line.of == of and claim.attribute in line.attributes), LINES[-1])


def disputed(snapshot: Snapshot, claims: tuple[Claim, ...]) -> list[Claim]:
    """Those of some claims that sources disagree about: another claim says otherwise, or the claim itself tells of it."""
    contradicted = {id for claim in snapshot.claims.values() for id in claim.conflicts}
    return [
        claim for claim in claims
        if claim.conflicts or claim.id in contradicted or claim.status in _DISPUTED or claim.attribute.startswith("dispute")
    ]  # fmt: skip


def _lines(snapshot: Snapshot, verdict: Verdict, year: int | None, subjects: dict[str, str]) -> Iterator[StatusLine]:
    unsigned = verdict.participant and verdict.claims[0].status == "added_later"
    for line in LINES:
        if unsigned and line.id in _SIGNING:
            continue
        found = tuple(claim for claim in snapshot.about(subjects[line.of]) if _belongs(claim, line))
        if line.id == "participation":
            others = tuple(claim for claim in found if claim not in verdict.claims)
            lists = () if verdict.participant else tuple(snapshot.lists_of(snapshot.movement))
            yield StatusLine(line, (*verdict.claims, *others), lists)
        elif found or line.id in _ALWAYS or (year and line.id != _OPTIONAL):
            yield StatusLine(line, found)


def _belongs(claim: Claim, line: Line) -> bool:
    unplaced = line.id == _OPTIONAL and claim.attribute not in _PLACED
    return claim.attribute in line.attributes or unplaced
