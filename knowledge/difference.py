"""What changes of the knowledge come to, claim by claim, and whom each concerns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from . import history
from .changes import RowChange
from .model import Claim
from .snapshot import claim_of

_BY_YEAR: Final = ("participation", "later_participation")
"""Attributes of a region's claims that concern the cohort of their year too."""
_TOLD: Final = ("subject", "attribute", "period", "value", "text_id", "text_en", "status")
"""Fields of a claim that people read; to look at a claim again, or to add a source, changes nothing of what it says."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One claim, as it was and as it is."""

    before: Claim | None
    """None where it was added."""
    after: Claim | None
    """None where it was retired."""

    @property
    def claim(self) -> Claim:
        """The claim as it is, or as it was last."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def subjects(self) -> frozenset[str]:
        """What it is about, before or after: ``region:33.10`` and, where it is about taking part, ``cohort:2018``."""
        return frozenset(subject for claim in (self.before, self.after) if claim for subject in _subjects(claim))


def of_change(data_dir: Path, change: int) -> tuple[Difference, ...]:
    """What one change of the knowledge made different in what claims say.

    Raises:
        DatabaseError: the database cannot be read.
    """
    return differences(history.rows(data_dir, change, table="claims"))


def differences(rows: Iterable[RowChange]) -> tuple[Difference, ...]:
    """The same of some changed rows."""
    found = (
        Difference(*(claim_of(row) if row else None for row in (change.before, change.after)))
        for change in rows
        if change.table == "claims"
    )
    return tuple(difference for difference in found if _differs(difference))


def net(steps: Iterable[Difference]) -> list[Difference]:
    """What some differences come to, made in this order: one for each claim, and none for what is as it was before."""
    found: dict[str, Difference] = {}
    for step in steps:
        id = step.claim.id
        found[id] = Difference(found[id].before, step.after) if id in found else step
    return [difference for difference in found.values() if _differs(difference)]


def _differs(difference: Difference) -> bool:
    before, after = difference.before, difference.after
    if before is None or after is None:
        return before is not after
    return any(getattr(before, name) != getattr(after, name) for name in _TOLD)


def _subjects(claim: Claim) -> list[str]:
    years = {claim.value, claim.period} if claim.attribute in _BY_YEAR else set()
    return [claim.subject, *(f"cohort:{year}" for year in years if year.isdecimal())]
