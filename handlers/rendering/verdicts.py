"""Wording of verdicts and of everything about one region. The verdict comes first, in one line."""

from __future__ import annotations

from collections.abc import Sequence

from knowledge.answer import ProfileBlock, Verdict, VerdictBlock
from knowledge.model import Claim, Place
from knowledge.snapshot import Snapshot

from .document import Paragraph, line, marked
from .speech import Speech


def verdicts(block: VerdictBlock, s: Speech, snapshot: Snapshot) -> list[Paragraph]:
    """One region in a few lines, several as a list."""
    if len(block.verdicts) == 1:
        return single(block.verdicts[0], block.years, s, snapshot, asked=block.asked)
    return several(block, s, snapshot)


def profile(block: ProfileBlock, s: Speech, snapshot: Snapshot) -> list[Paragraph]:
    """The verdict, then whatever else is recorded of the region."""
    lines = single(block.verdict, (), s, snapshot, asked=False)
    if block.statements:
        lines.append(line(s._("What is recorded of this region:")))
        lines += [line(claim.text(s.language), bullet=True) for claim in block.statements]
    return lines


def single(verdict: Verdict, years: Sequence[int], s: Speech, snapshot: Snapshot, *, asked: bool) -> list[Paragraph]:
    """The verdict on one region, how the name led there, when and where it signed, remarks, later years; ``asked`` is
    whether yes or no was the question."""
    lines = [Paragraph(marked(headline(verdict, years, s, snapshot, asked=asked), full_name(verdict, s)))]
    lines += [line(text) for text in way(verdict, s, snapshot)]
    if verdict.cohort and verdict.claims[0].status != "added_later":
        told = signing(verdict.cohort, s, snapshot)
        lines += [line(told)] if told else []
    lines += [line(text) for text in remarks(verdict, s)]
    lines += [line(text) for text in later(verdict, years, s, snapshot)]
    return lines


def full_name(verdict: Verdict, s: Speech) -> str:
    """The region's name as the language says it: "Kabupaten Klaten", "Klaten Regency"."""
    return verdict.region.label(s.language)


def headline(verdict: Verdict, years: Sequence[int], s: Speech, snapshot: Snapshot, *, asked: bool) -> str:
    """Yes or no, in one line; a year that was asked for is answered to."""
    name = full_name(verdict, s)
    province = snapshot.regions[verdict.region.province].label(s.language)
    if verdict.participant is None:
        return s._("Not known: no source at hand says whether {name} took part.", name=name)
    if not verdict.participant:
        if verdict.later:
            return s._(
                "No, {name} ({province}) is not among the participants of 2017-2019; it joined the continuation later.",
                name=name, province=province,
            )  # fmt: skip
        stood = s.names(dict.fromkeys(claim.period for claim in verdict.claims))
        if any(claim.status == "withdrawn" for claim in verdict.claims):
            return s._(
                "No, {name} ({province}) stood on the {years} list, but its taking part is recorded as withdrawn.",
                name=name, province=province, years=stood,
            )  # fmt: skip
        if verdict.claims:
            return s._(
                "Not confirmed: {name} ({province}) stood on the {years} list, but whether it took part is disputed.",
                name=name, province=province, years=stood,
            )  # fmt: skip
        return s._(
            "No, {name} ({province}) is in none of the three participant lists: not 2017, not 2018, not 2019.",
            name=name, province=province,
        )  # fmt: skip
    assert verdict.cohort is not None
    values = {
        "name": name,
        "province": province,
        "cohort": verdict.cohort,
        "phase": snapshot.cohorts[verdict.cohort].phase,
    }
    movement = [year for year in years if year in snapshot.cohorts and snapshot.cohorts[year].movement]
    if movement and verdict.cohort not in movement:
        years_said = s.names(str(year) for year in movement)
        return s._(
            "Not {years}, but {cohort}: {name} ({province}) is a participant of phase {phase}.",
            years=years_said,
            **values,
        )
    if verdict.claims[0].status == "added_later":
        return s._(
            "Yes, with a remark: {name} ({province}) is counted in the {cohort} cohort (phase {phase}).", **values
        )
    recorded = {claim.period for claim in verdict.later}
    beyond = [year for year in years if year > 2019]
    if not asked or (beyond and not movement and not any(str(year) in recorded for year in beyond)):
        return s._("{name} ({province}) took part in the {cohort} cohort (phase {phase}).", **values)
    return s._("Yes, {name} ({province}) is a participant: {cohort} cohort (phase {phase}).", **values)


def way(verdict: Verdict, s: Speech, snapshot: Snapshot) -> list[str]:
    """How the name that was typed leads to the region, where it is not the region's own."""
    place = verdict.place
    if place is None:
        return []
    region = full_name(verdict, s)
    lines = []
    sentence = _way(place, region, s)
    if sentence:
        lines.append(sentence)
    if place.type_note:
        kind = s._("a kabupaten (regency)") if verdict.region.type == "kabupaten" else s._("a kota (city)")
        lines.append(s._("{name} is {kind}; there is no other of that name.", name=verdict.region.short, kind=kind))
    if place.also:
        names = s.names(snapshot.regions[code].label(s.language) for code in place.also[:5])
        lines.append(s._("Districts called {name} also lie in {regions}.", name=place.name, regions=names))
    return lines


def _way(place: Place, region: str, s: Speech) -> str:
    values = {"name": place.name, "region": region}
    match place.via:
        case "district":
            return s._("{name} is a district (kecamatan) of {region}.", **values)
        case "capital":
            return s._("{name} is the seat of {region}.", **values)
        case "nickname":
            return s._("{name} is a nickname of {region}.", **values)
        case "former_name":
            return s._("{name} is a former name of {region}.", **values)
        case "abbreviation":
            return s._("{name} is short for {region}.", **values)
    return ""


def signing(cohort: int, s: Speech, snapshot: Snapshot) -> str:
    """When and where the cohort signed; empty where that is not known."""
    days, places = (snapshot.about(f"cohort:{cohort}", a) for a in ("mou_date", "mou_place"))
    if not days or not places:
        return ""
    day, place = days[0], places[0]
    return s._("MoU signed on {date} at {place}.", date=s.date(day.value), place=place.text(s.language))


def remarks(verdict: Verdict, s: Speech) -> list[str]:
    """What the lists say beside the name, of the effective entry and of those that do not count."""
    told = notable(verdict) or [claim for claim in verdict.claims if claim.text_id]
    return [claim.text(s.language) for claim in told]


def later(verdict: Verdict, years: Sequence[int], s: Speech, snapshot: Snapshot) -> list[str]:
    """The continuation of 2021-2024: what is recorded, and what absence means for a year asked for."""
    lines = []
    for claim in verdict.later:
        text = claim.text(s.language)
        joined = s._("Continuation: it took part in {year}.", year=claim.period)
        lines.append(f"{joined} {text}" if text else joined)
    recorded = {claim.period for claim in verdict.later}
    for year in years:
        cohort = snapshot.cohorts.get(year)
        if year > 2019 and str(year) not in recorded:
            if cohort is None:
                lines.append(s._("No source was found for a cohort in {year}.", year=year))
            elif cohort.complete:
                lines.append(s._("It is not on the complete list of {year}.", year=year))
            else:
                lines.append(
                    s._("For {year} only part of the list is known, so nothing can be said of that year.", year=year)
                )
    return lines


def several(block: VerdictBlock, s: Speech, snapshot: Snapshot) -> list[Paragraph]:
    """Several verdicts: who took part in one line, then each."""
    taking = [v for v in block.verdicts if v.participant]
    lines = [line(_summary(block, s))]
    for verdict in block.verdicts:
        name = full_name(verdict, s)
        lines.append(Paragraph(marked(_entry(verdict, name, block.years, s, snapshot), name), bullet=True))
    if block.when:
        cohorts = sorted({v.cohort for v in taking if v.cohort})
        signed = ((cohort, signing(cohort, s, snapshot)) for cohort in cohorts)
        lines += [line(f"{cohort}: {told}") for cohort, told in signed if told]
    return lines


def _summary(block: VerdictBlock, s: Speech) -> str:
    """Who took part, or who took part in the years asked for, in one line."""
    total = len(block.verdicts)
    asked = [year for year in block.years if year <= 2019]
    taking = [v for v in block.verdicts if v.participant and (not asked or v.cohort in asked)]
    if block.compare and len(taking) > 1:
        years = sorted({v.cohort for v in taking if v.cohort})
        if len(years) == 1:
            return s._("At the same time, in {year}:", year=years[0])
        first = s.names(full_name(v, s) for v in taking if v.cohort == years[0])
        return s._("{names} came first, in {year}:", names=first, year=years[0])
    when = s.names(map(str, asked)) if asked else "2017-2019"
    if not taking:
        if total == 2:
            return s._("No, neither took part in {years}:", years=when)
        return s._("No, none of these {n} took part in {years}:", n=total, years=when)
    if len(taking) == total:
        if total == 2:
            return s._("Yes, both took part in {years}:", years=when)
        return s._("Yes, all {n} took part in {years}:", n=total, years=when)
    return s._("{yes} of these {n} took part in {years}:", yes=len(taking), n=total, years=when)


def _entry(verdict: Verdict, name: str, years: Sequence[int], s: Speech, snapshot: Snapshot) -> str:
    """One verdict among several: yes or no, then what changes its meaning, each a sentence."""
    asked = [year for year in years if year <= 2019]
    if not verdict.participant:
        standing = verdict.claims[0].status if verdict.claims else ""
        head = {
            "": s._("{name}: no, in none of the three lists", name=name),
            "withdrawn": s._("{name}: no, recorded as withdrawn", name=name),
        }.get(standing, s._("{name}: disputed", name=name))
    elif asked and verdict.cohort not in asked:
        head = s._(
            "{name}: not {years}, but {cohort}", name=name, years=s.names(map(str, asked)), cohort=verdict.cohort
        )
    else:
        head = s._("{name}: yes, {cohort} cohort", name=name, cohort=verdict.cohort)
    head = "; ".join([head, *(s._("continuation {year}", year=claim.period) for claim in verdict.later)])
    remarks = [claim.text(s.language) for claim in notable(verdict)]
    return " ".join([f"{head}.", *remarks, *way(verdict, s, snapshot)])


def notable(verdict: Verdict) -> list[Claim]:
    """Entries whose remark changes what "yes" means."""
    return [c for c in verdict.claims if c.status in ("withdrawn", "disputed", "added_later") and c.text_id]
