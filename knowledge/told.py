"""What an answer tells, claim by claim, and what of it a change makes untrue: whoever was told can then be told anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from .answer import Answer, ProfileBlock, Status, Verdict, VerdictBlock
from .difference import Difference

NO: Final = "no "
"""Before a region's code: that it took no part, which rests on there being no claim that it did."""
_LIST: Final = "list-"
"""What the names of the claims begin with that stand for a cohort's whole list; no change is of one."""


def told(answer: Answer, listed: Iterable[Verdict] = ()) -> tuple[str, ...]:
    """What an answer tells: ids of claims, and ``no 33.19`` for a region that it says took no part.

    Args:
        answer: what is told.
        listed: the regions of its list that are shown by name.
    """
    found = [id for id in answer.trace.claims if not id.startswith(_LIST)]
    for block in answer.blocks:
        if isinstance(block, VerdictBlock):
            found += _noes(block.verdicts)
        elif isinstance(block, ProfileBlock | Status):
            found += _noes([block.verdict])
    for verdict in listed:
        found += [claim.id for claim in verdict.claims[:1] if verdict.participant]
        found += _noes([verdict])
    return tuple(dict.fromkeys(found))


def untrue(difference: Difference) -> tuple[str, ...]:
    """What was told, as :func:`told` names it, that a change makes untrue: its claim, and where the claim is that a region
    takes part, that it does not."""
    claim = difference.claim
    kind, _, code = claim.subject.partition(":")
    if kind == "region" and claim.attribute == "participation":
        return (claim.id, NO + code)
    return (claim.id,)


def _noes(verdicts: Iterable[Verdict]) -> Iterator[str]:
    return (NO + verdict.region.code for verdict in verdicts if verdict.participant is False)
