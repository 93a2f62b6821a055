"""An answer as programs read it: the fields that `bot.py ask --json` promises."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from knowledge.answer import Answer
from knowledge.snapshot import Snapshot

from .answers import choice_label, document
from .document import plain


def record(
    text: str, answer: Answer, snapshot: Snapshot, elapsed_ms: float, *, explain: bool = False
) -> dict[str, Any]:
    """The answer to ``text`` as plain values; ``explain`` adds how it came about."""
    regions = {
        v.region.code: {
            "code": v.region.code, "name": v.region.name, "level": v.region.level, "participant": v.participant,
            "cohort": v.cohort,
        }
        for v in answer.regions
    }  # fmt: skip
    found: dict[str, Any] = {
        "text": text,
        "language": answer.language,
        "outcome": answer.outcome,
        "kind": answer.kind,
        "regions": list(regions.values()),
        "count": answer.count,
        "answer": plain(document(answer, snapshot)),
        "sources": [
            {"id": s.id, "publisher": s.publisher, "title": s.title, "date": s.date or None, "url": s.url}
            for s in answer.sources
        ],
        "choices": [choice_label(choice, answer, snapshot) for choice in answer.choices],
        "elapsed_ms": round(elapsed_ms, 3),
    }
    if explain:
        found["trace"] = asdict(answer.trace)
    return found
