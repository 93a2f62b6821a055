"""What a backup holds, in lines for the operator: numbers, and nothing of what anybody wrote."""

from __future__ import annotations

from typing import Final

from .manifest import KINDS, Manifest

_TOLD: Final = {
    "knowledge.db": {"claims": "claims", "sources": "sources", "changes": "changes"},
    "people.db": {"staff": "roles", "follows": "follows", "questions": "unanswered questions", "inbox": "updates"},
}
"""Tables whose rows tell one backup from another, and what they are called."""


def lines(manifest: Manifest) -> list[str]:
    """A line for each database."""
    said = []
    for name in KINDS:
        content = manifest.there.get(name)
        if content is None:
            said.append(f"  {name:<13} not in it")
            continue
        counts = [f"{content.rows.get(table, 0)} {word}" for table, word in _TOLD[name].items()]
        edition = [f"edition {manifest.edition}"] if name == "knowledge.db" else []
        schema = [f"schema {content.migrations[-1].partition('_')[0]}"] if content.migrations else []
        said.append(f"  {name:<13} {', '.join((*edition, *counts, *schema))}")
    return said
