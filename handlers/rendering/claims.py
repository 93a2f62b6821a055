"""Wording of a single claim, by itself: what it is called, and what it says. Changes of it are told in these words."""

from __future__ import annotations

from typing import Final

from knowledge.model import Claim
from knowledge.snapshot import Snapshot
from knowledge.status import line_of
from knowledge.suggestions import questions

from .columns import choice_name
from .speech import Speech
from .status import line_name

_PLAIN: Final = frozenset(("", "stated", "compiled", "lead", "confirmed"))
"""Statuses that go without saying."""


def subject_name(subject: str, snapshot: Snapshot, s: Speech) -> str:
    """What a claim is about: "Klaten Regency", "the 2018 cohort", "the programme"."""
    kind, _, code = subject.partition(":")
    if kind == "region":
        return snapshot.regions[code].label(s.language) if code in snapshot.regions else code
    if kind == "cohort":
        return s._("the {year} cohort", year=code)
    return s._("the programme")


def claim_name(claim: Claim, s: Speech) -> str:
    """What a claim is called: the line of the status card that it stands on, or the question that it answers."""
    line = line_of(claim)
    if line.id != "other" and claim.subject != "programme":
        return line_name(line.id, s)
    return questions(s.language).get(claim.attribute) or choice_name(claim.attribute, s)


def claim_text(claim: Claim, s: Speech) -> str:
    """What a claim says, as plain text: its value in words, its status where that matters, its text."""
    value = claim.value
    match claim.attribute:
        case "participation":
            value = s._("in the {year} cohort", year=claim.value or claim.period)
        case "later_participation":
            value = s._("took part in the continuation of {year}", year=claim.value or claim.period)
        case "size" if claim.value.isdecimal():
            value = s.ngettext("{n} region", "{n} regions", int(claim.value))
        case "mou_date":
            value = s.date(claim.value)
    if claim.status not in _PLAIN:
        status = choice_name(claim.status, s)
        value = f"{value} ({status})" if value else f"({status})"
    text = claim.text(s.language)
    return (f"{value}. {text}" if claim.value else f"{text} {value}") if value and text else value or text
