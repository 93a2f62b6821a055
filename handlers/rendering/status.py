"""Wording of a status card: what each line says, with the sources of each saying; missing lines are called missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from knowledge.answer import Status, StatusLine
from knowledge.model import Claim, Source
from knowledge.snapshot import Snapshot

from .document import Paragraph, Run, bold, line
from .speech import Speech
from .verdicts import way


class Saying(NamedTuple):
    """One thing that a line says."""

    text: str
    sources: tuple[Source, ...]


def line_name(id: str, s: Speech) -> str:
    """What a line of the card is called."""
    return {
        "participation": s._("Participant"), "cohort": s._("Cohort and phase"), "mou_date": s._("Date of the MoU"),
        "mou_place": s._("Place of the MoU"), "signatory": s._("Signatory"), "mentoring": s._("Mentoring"),
        "masterplan": s._("Masterplan"), "quick_win": s._("Quick wins"), "evaluation": s._("Evaluation"),
        "award": s._("Awards"), "later": s._("Later phases"), "other": s._("Also recorded"),
    }[id]  # fmt: skip


def card(status: Status, s: Speech, snapshot: Snapshot) -> list[Paragraph]:
    """The card as text: its lines, then those that no source tells of, and when it was last checked."""
    province = snapshot.regions[status.region.province].label(s.language)
    head = s._("Status card: {name} ({province})", name=status.region.label(s.language), province=province)
    paragraphs = [line(bold(head)), *(line(text) for text in way(status.verdict, s, snapshot))]
    missing = []
    for one in status.lines:
        name = line_name(one.line.id, s)
        said = [_sourced(saying, s) for saying in sayings(one, status, s, snapshot)]
        if len(said) == 1:
            paragraphs.append(line(bold(name), f": {said[0]}"))
        elif said:
            paragraphs.append(line(bold(name), ":"))
            paragraphs += [line(text, bullet=True) for text in said]
        else:
            missing.append(name)
    if missing:
        paragraphs.append(line(Run(s._("No source yet: {lines}.", lines=s.names(missing)), "quiet")))
    paragraphs.append(line(Run(checked(status, s), "quiet")))
    return paragraphs


def _sourced(saying: Saying, s: Speech) -> str:
    return f"{saying.text} [{s.few(saying.sources, 1)}]" if saying.sources else saying.text


def checked(status: Status, s: Speech) -> str:
    """When the card was last checked."""
    return s._("Last checked on {date}.", date=s.date(status.checked))


def verdict(status: Status, s: Speech, snapshot: Snapshot) -> str:
    """The card in a few words: "Participant of 2017-2019: 2019 cohort (phase III)"."""
    found = status.verdict
    if found.cohort:
        phase = snapshot.cohorts[found.cohort].phase
        return s._("Participant of 2017-2019: {year} cohort (phase {phase})", year=found.cohort, phase=phase)
    if found.participant is None:
        return s._("Participant of 2017-2019: not known")
    if status.year:
        return s._("Not a participant of 2017-2019; joined the continuation in {year}", year=status.year)
    return s._("Not a participant of 2017-2019")


def sayings(one: StatusLine, status: Status, s: Speech, snapshot: Snapshot) -> list[Saying]:
    """What a line says, each with its sources; nothing where no source tells of it."""
    tell = {"participation": _participation, "cohort": _cohort, "later": _later}.get(one.line.id, _plain)
    return list(tell(one, status, s, snapshot))


def told(claim: Claim, s: Speech) -> str:
    """What a claim says: its value as people write it, and its text."""
    value = claim.value
    if claim.attribute == "size":
        value = s.ngettext("{n} region", "{n} regions", int(value))
    elif claim.attribute == "mou_date":
        value = s.date(value)
    return _with(value, claim.text(s.language))


def _participation(one: StatusLine, status: Status, s: Speech, snapshot: Snapshot) -> Iterator[Saying]:
    found = status.verdict
    if found.participant:
        first, *others = one.claims
        yes = s._("Yes, counted in later") if first.status == "added_later" else s._("Yes")
        yield Saying(_with(yes, first.text(s.language)), snapshot.sources_of([first]))
    else:
        others = list(one.claims)
        years = s.names(str(year) for year in snapshot.movement)
        if found.participant is None:
            yield Saying(
                s._("Not known; not every list of participants is known in full"), snapshot.sources_of(one.lists)
            )
        elif not found.claims:
            yield Saying(s._("No, in none of the lists of {years}", years=years), snapshot.sources_of(one.lists))
        else:
            yield Saying(
                s._("No, not confirmed in any of the lists of {years}", years=years), snapshot.sources_of(one.lists)
            )
    for claim in others:
        yield Saying(_entry(claim, s), snapshot.sources_of([claim]))


def _entry(claim: Claim, s: Speech) -> str:
    """What stands against or beside the verdict: an entry of another list, or a remark."""
    if claim.attribute != "participation":
        return claim.text(s.language)
    listed = {
        "withdrawn": s._("List of {year}: withdrawn", year=claim.period),
        "disputed": s._("List of {year}: disputed", year=claim.period),
    }.get(claim.status, s._("List of {year}: named there too", year=claim.period))
    return _with(listed, claim.text(s.language))


def _cohort(one: StatusLine, status: Status, s: Speech, snapshot: Snapshot) -> Iterator[Saying]:
    assert status.year is not None
    cohort = snapshot.cohorts[status.year]
    named = s._("{year} (phase {phase})", year=cohort.year, phase=cohort.phase)
    if not cohort.movement:
        named = s._("{year} (continuation, not among the 100 of 2017-2019)", year=cohort.year)
    entries = status.verdict.claims or status.verdict.later
    leads = [claim for claim in one.claims if claim.status != "differs"]
    if not leads:
        yield Saying(named, snapshot.sources_of(entries[:1]))
    for claim in leads:
        yield Saying(f"{named}; {told(claim, s)}", snapshot.sources_of([claim]))
    for claim in one.claims:
        if claim.status == "differs":
            yield Saying(s._("Another source: {text}", text=told(claim, s)), snapshot.sources_of([claim]))


def _later(one: StatusLine, status: Status, s: Speech, snapshot: Snapshot) -> Iterator[Saying]:
    for claim in one.claims:
        joined = s._("Took part in the continuation of {year}", year=claim.period)
        yield Saying(_with(joined, claim.text(s.language)), snapshot.sources_of([claim]))


def _plain(one: StatusLine, status: Status, s: Speech, snapshot: Snapshot) -> Iterator[Saying]:
    for claim in one.claims:
        said = told(claim, s)
        if claim.status == "differs":
            said = s._("Another source: {text}", text=said)
        yield Saying(said, snapshot.sources_of([claim]))


def _with(said: str, remark: str) -> str:
    """What is said, and the remark on it where there is one."""
    return f"{said}. {remark}" if said and remark else said or remark
