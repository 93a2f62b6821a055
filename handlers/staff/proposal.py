"""How a decision on a cluster is shown before it is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from handlers.people.queue import Decision
from handlers.rendering import Speech
from handlers.rendering.telegram import MAX_LENGTH, visible_length
from handlers.shared.words import html
from handlers.staff import preview
from handlers.staff.trial import Trial
from knowledge.changes import RowChange
from knowledge.meaning import Cluster
from knowledge.model import Language
from knowledge.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Asked:
    """What is decided on."""

    language: Language
    examples: dict[str, str]
    """Its meanings, each with a question, the most frequent first."""

    @property
    def example(self) -> str:
        """The most frequent question."""
        return next(iter(self.examples.values()))


@dataclass(frozen=True, slots=True)
class Proposal(Asked):
    """What would be decided."""

    decision: Decision = "ignore"
    rows: list[dict[str, Any]] = field(default_factory=list)
    """Changes of rows: ``table``, ``before``, ``after``."""
    source: str = ""
    broken: list[str] = field(default_factory=list)
    """Questions that work now and would not any more."""

    @property
    def changes(self) -> tuple[RowChange, ...]:
        """The changes of the knowledge."""
        return tuple(RowChange(row["table"], row["before"], row["after"]) for row in self.rows)


def asked(cluster: Cluster) -> Asked:
    """What a cluster asks."""
    return Asked(cluster.language, {meaning: cluster.phrasing(meaning) for meaning in cluster.signatures})


def head(s: Speech, proposal: Proposal, snapshot: Snapshot, waiting: int) -> list[str]:
    """What would be decided, what would be stored, and that those who wait are told, if there are some."""
    names = {
        "alias": s._("It is another name"),
        "phrasing": s._("It is answered by what is known"),
        "answer": s._("A new answer"),
        "outside": s._("Out of scope"),
        "ignore": s._("Ignore for good"),
    }
    lines = [f"<b>{names[proposal.decision]}</b>"]
    for row in proposal.rows:
        after = row["after"]
        match row["table"]:
            case "aliases":
                region = snapshot.regions[after["region_code"]].label(s.language)
                lines.append(s._('"{alias}" is another name of {region}.', alias=html(after["alias"]), region=region))
            case "claims":
                lines += [f"{after['id']} id: {html(after['text_id'])}", f"{after['id']} en: {html(after['text_en'])}"]
            case "sources":
                lines.append(s._("New source: {title}", title=html(f"{after['publisher']}, {after['title']}")))
            case "phrasings":
                lines.append(
                    s._(
                        "Kept with the knowledge, which may be published: <i>{question}</i>",
                        question=html(after["question"]),
                    )
                )
    if proposal.decision == "ignore":
        lines.append(s._("It does not come back, whoever asks it. Nobody is told."))
    elif proposal.rows and waiting:
        lines.append(s._("Whoever waits for it is told."))
    return lines  # fmt: skip


def effects(s: Speech, proposal: Proposal, tried: Trial) -> list[str]:
    """The answers that would be others, to its questions first, and the questions that would break."""
    if not proposal.rows:
        return []
    lines = ["", *preview.effect_lines(tried, s)]
    own = set(proposal.examples.values())
    if tried.effects and not any(effect.question in own for effect in tried.effects):
        lines.insert(1, s._("Its own answer stays as it is."))
    return lines


def fitting(lines: list[str]) -> str:
    """The lines, as many as fit into one message."""
    while visible_length("\n".join(lines)) > MAX_LENGTH:
        lines = [*lines[:-2], "…"]
    return "\n".join(lines)
