"""Which claims somebody should look at again, because what they say may have changed since."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import Final

from .changes import Change, RowChange
from .errors import InvalidDataError, saying
from .model import Claim
from .snapshot import Row, Snapshot

REVIEW_YEARS: Final = 1
"""Years until a claim is looked at again: regions are chosen, evaluated and counted once a year, so what can change has
changed within one, and more often there is nothing new to find."""


def stale(snapshot: Snapshot, today: date) -> list[Claim]:
    """The claims whose date of review has passed, the oldest first."""
    dated = [(last_day(claim.review_by), claim) for claim in snapshot.claims.values() if claim.review_by]
    return [claim for _, claim in sorted((d for d in dated if d[0] < today), key=lambda d: d[0])]


def last_day(review_by: str) -> date:
    """The last day on which a claim needs no review: of ``2027`` the end of the year, of ``2027-05`` that of May."""
    year, month, day = (*map(int, review_by.split("-")), 0, 0)[:3]
    month = month or 12
    return date(year, month, day or monthrange(year, month)[1])


def next_review(today: date) -> str:
    """When a claim that holds today is to be looked at again."""
    year = today.year + REVIEW_YEARS
    return date(year, today.month, min(today.day, monthrange(year, today.month)[1])).isoformat()


def reviewed(snapshot: Snapshot, ids: Collection[str], actor: str, reason: str, today: date, token: str = "") -> Change:
    """The change that says of some claims, as the snapshot has them, that they still hold; their own sources stand as its
    source.

    Raises:
        InvalidDataError: there is no such claim, or one that has no date of review.
    """
    for id in ids:
        if id not in snapshot.claims:
            raise InvalidDataError(saying("There is no claim {id}.", id=id))
        if not snapshot.claims[id].review_by:
            raise InvalidDataError(
                saying("Claim {id} has no date of review: what it says cannot change any more.", id=id)
            )
    meant = [snapshot.claims[id] for id in dict.fromkeys(ids)]
    sources = ";".join(dict.fromkeys(source for claim in meant for source in claim.sources))
    rows = [(_row(claim), _row(replace(claim, review_by=next_review(today)))) for claim in meant]
    changes = tuple(RowChange("claims", before, after) for before, after in rows if before != after)
    return Change(actor, "review", reason, sources, changes, token=token)


def _row(claim: Claim) -> Row:
    """A claim as its table has it."""
    return {
        "id": claim.id, "subject": claim.subject, "attribute": claim.attribute, "period": claim.period,
        "value": claim.value, "text_id": claim.text_id, "text_en": claim.text_en, "status": claim.status,
        "sources": ";".join(claim.sources), "conflicts_with": ";".join(claim.conflicts), "review_by": claim.review_by,
    }  # fmt: skip
