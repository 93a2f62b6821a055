"""Wording of statements. Those that disagree stand side by side, each with its publisher and date."""

from __future__ import annotations

from knowledge.answer import FactBlock
from knowledge.model import Claim
from knowledge.snapshot import Snapshot

from .document import Paragraph, line
from .speech import Speech


def facts(block: FactBlock, s: Speech, snapshot: Snapshot) -> list[Paragraph]:
    """The best statement first, then what else belongs to it or contradicts it."""
    if block.disputed:
        told = [line(_attributed(claim, block, s, snapshot), bullet=True) for claim in block.claims]
        return [*told, line(s._("Sources differ here; each is shown with where it comes from."))]
    if len(block.claims) == 1:
        return [line(_text(block.claims[0], block, s, snapshot))]
    first, *others = block.claims
    return [
        line(_text(first, block, s, snapshot)),
        *(line(_text(claim, block, s, snapshot), bullet=True) for claim in others),
    ]


def _attributed(claim: Claim, block: FactBlock, s: Speech, snapshot: Snapshot) -> str:
    return f"{_text(claim, block, s, snapshot)} [{s.few(snapshot.sources_of([claim]))}]"


def _text(claim: Claim, block: FactBlock, s: Speech, snapshot: Snapshot) -> str:
    code = claim.subject.removeprefix("region:")
    if code in snapshot.regions and code not in block.named:
        return f"{snapshot.regions[code].label(s.language)}: {claim.text(s.language)}"
    if claim.attribute == "size":
        number = s.ngettext("{n} region", "{n} regions", int(claim.value))
        remark = claim.text(s.language)
        return f"{claim.period}: {number}. {remark}".strip() if claim.period != "all" else f"{number}. {remark}".strip()
    return claim.text(s.language)
