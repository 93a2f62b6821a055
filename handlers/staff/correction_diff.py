"""A proposal as it is read: what it is about, what was and what shall be, and where that is published."""

from __future__ import annotations

from typing import Final

from handlers.people.corrections import Correction
from handlers.rendering import Speech
from handlers.rendering.columns import choice_name
from handlers.rendering.status import line_name
from handlers.shared.words import html, shorten
from handlers.staff import sources
from handlers.staff.entries import region_in_bold
from knowledge.fields import Row
from knowledge.model import Language
from knowledge.proposing import Proposal, line_named
from knowledge.snapshot import Snapshot
from knowledge.status import status

MAX_SHOWN: Final = 700
"""Characters of a text that are shown: four of them and all around them fit into one message. The longest statement shipped has
455."""


def diff(made: Correction, snapshot: Snapshot, s: Speech) -> list[str]:
    """What is proposed, as lines of HTML: region and line, was and is, source."""
    proposal, lines = made.proposal, [about(made, snapshot, s)]
    now = recorded(made.before, proposal, s) if made.before else _of_cohort(made, snapshot, s) or s._("nothing")
    match proposal.kind:
        case "remark":
            if made.before:
                lines.append(s._("Recorded: {text}", text=now))
            lines.append(s._("Remark: {text}", text=f"<b>{shown(proposal.text)}</b>"))
        case "edit" if not proposal.text:
            lines += [s._("Recorded: {text}", text=now), s._("Proposed: a further source for it")]
        case _:
            struck = f"<s>{now}</s>" if made.before else now
            lines += [
                s._("Recorded: {text}", text=struck),
                s._("Proposed: {text}", text=f"<b>{shown(proposal.text)}</b>"),
            ]
    if proposal.other:
        named = s._("In English") if proposal.language == "id" else s._("In Indonesian")
        lines.append(f"{named}: {shown(proposal.other)}")
    if proposal.kind == "add" and proposal.period:
        lines.append(s._("Year: {year}", year=choice_name(proposal.period, s)))
    return [*lines, *sourced(made, snapshot, s)]


def recorded(row: Row, proposal: Proposal, s: Speech) -> str:
    """What a claim says that a proposal is about, as HTML: its text in the language in which another is proposed, all else in the
    reader's."""
    return worded(row, s, s.language if proposal.kind == "remark" else proposal.language)


def _of_cohort(made: Correction, snapshot: Snapshot, s: Speech) -> str:
    """What is recorded of the cohort, where a region says how it was there; empty for any other line."""
    proposal = made.proposal
    if proposal.region not in snapshot.regions or line_named(proposal.line).of != "cohort":
        return ""
    lines = (one for one in status(snapshot, proposal.region).lines if one.line.id == proposal.line)
    language = s.language if proposal.kind == "remark" else proposal.language
    told = [
        s.date(claim.value) if one.line.id == "mou_date" else claim.text(language)
        for one in lines
        for claim in one.claims
    ]
    return shown("; ".join(told))


def about(made: Correction, snapshot: Snapshot, s: Speech) -> str:
    """What a proposal is about, as HTML (see :func:`head`)."""
    return head(made.proposal.region, made.proposal.line, snapshot, s)


def head(region: str, line: str, snapshot: Snapshot, s: Speech) -> str:
    """A line of a region's card, by its id, as HTML: "Klaten Regency · Masterplan"."""
    return f"{region_in_bold(region, snapshot, s)} · {line_name(line, s)}"


def worded(row: Row, s: Speech, language: Language | None = None) -> str:
    """What a claim says, as HTML: its text; where it has none, its value in words. ``language``: of the text, where that is not
    the reader's."""
    told = row["text_en" if (language or s.language) == "en" else "text_id"]
    if row["attribute"] == "mou_date":
        return shown(told or s.date(row["value"]))
    if row["attribute"] in ("participation", "later_participation"):
        return shown(", ".join(filter(None, (row["value"], choice_name(row["status"], s), told))))
    return shown(told or row["value"])


def sourced(made: Correction, snapshot: Snapshot, s: Speech) -> list[str]:
    """Where it is published, and whether a document came with it."""
    lines = []
    if made.source == {"id": ""}:
        lines.append(s._("Source: those that it has"))
    elif made.source:
        lines.append(s._("Source: {source}", source=html(sources.name(snapshot, made.source, s))))
    if made.document:
        lines.append(s._("📎 A document is attached."))
    return lines


def shown(text: str) -> str:
    """A text that somebody wrote, as HTML, no longer than there is room for."""
    return html(shorten(text, MAX_SHOWN))
