"""Wording of lists, counts and rankings. The filter that was applied is always told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from knowledge.answer import Filter, ListBlock, RankingBlock, Verdict
from knowledge.snapshot import Snapshot
from knowledge.thresholds import MAX_LISTED

from .document import Paragraph, bold, line
from .speech import Speech
from .verdicts import full_name, notable

MAX_COUNTED = 12
"""Names listed where only the number was asked for."""
ONE_PAGE = 40
"""Names that a list shows at once to those who can turn pages: about what a telephone's screen holds."""
PAGE = 25
"""Names on a page of a longer list."""


def island_name(island: str, s: Speech) -> str:
    """An island group's name in the language."""
    names = {
        "sumatra": s._("Sumatra"), "java": s._("Java"), "kalimantan": s._("Kalimantan"), "sulawesi": s._("Sulawesi"),
        "nusa_tenggara": s._("Nusa Tenggara"), "papua": s._("Papua (all provinces)"),
        "eastern_indonesia": s._("eastern Indonesia"), "outside_java": s._("the islands outside Java"),
    }  # fmt: skip
    return names[island]


def area(filter_: Filter, s: Speech, snapshot: Snapshot) -> str:
    """Where the list is from: provinces, an island group, or all of Indonesia."""
    if filter_.provinces:
        return s.names(snapshot.regions[code].label(s.language) for code in filter_.provinces)
    return island_name(filter_.island, s) if filter_.island else s._("all of Indonesia")


def kind(filter_: Filter, number: int, s: Speech) -> str:
    """ "16 kabupaten/kota", with the type where one was asked for."""
    if filter_.type == "kabupaten":
        return s.ngettext("{n} regency", "{n} regencies", number)
    if filter_.type == "kota":
        return s.ngettext("{n} city", "{n} cities", number)
    return s.ngettext("{n} regency or city", "{n} regencies and cities", number)


def pages(block: ListBlock) -> int:
    """How many pages a list has for those who turn pages; 0 where its names fit under the headline."""
    fits = MAX_COUNTED if block.count_only else ONE_PAGE
    return 0 if len(block.verdicts) <= fits else -(-len(block.verdicts) // PAGE)


def names_shown(block: ListBlock, page: int | None = None) -> Sequence[Verdict]:
    """The regions whose names a list shows; with ``page``, from 0, only those of a page where there are several."""
    if page is not None and pages(block):
        return _of_page(block, page)
    return block.verdicts if len(block.verdicts) <= (MAX_COUNTED if block.count_only else MAX_LISTED) else ()


def listing(block: ListBlock, s: Speech, snapshot: Snapshot, page: int | None = None) -> list[Paragraph]:
    """A list or a count: the number first, then the names by year; with ``page``, from 0, only those of a page."""
    if block.partial and block.filter.negated:
        years = s.names(str(year) for year in block.filter.years)
        return [
            line(
                s._("The list of {years} is known only in part, so who did not take part cannot be said.", years=years)
            )
        ]
    paged = page is not None and pages(block) > 0
    listed = names_shown(block, page)
    shown = paged or bool(listed)
    headline = _headline(block, s, snapshot)
    lines = [line(headline if shown and not paged else headline.removesuffix(":").rstrip(".") + ".")]
    if block.province_asked and block.filter.provinces:
        lines.append(line(s._("A province does not take part itself; its regencies and cities do.")))
    if block.counted_by_type:
        lines.append(line(_by_type(block, s)))
    if paged and page is not None:
        first, last, total = page * PAGE + 1, page * PAGE + len(listed), len(block.verdicts)
        if block.count in (None, total):
            lines.append(line(s._("Names {first} to {last} of {all}:", first=first, last=last, all=total)))
        else:
            lines.append(
                line(s._("By name the lists hold {all}; names {first} to {last}:", first=first, last=last, all=total))
            )
    if shown:
        lines += _names(replace(block, verdicts=tuple(listed)), s, snapshot)
    elif len(block.verdicts) > MAX_LISTED:
        lines.append(line(s._("Name a province to see them one by one.")))
    asked = [str(year) for year in block.filter.years]
    for verdict in listed if shown and asked else ():
        doubtful = [claim for claim in notable(verdict) if claim.period in asked and claim.status != "added_later"]
        lines += [line(f"{full_name(verdict, s)}: {claim.text(s.language)}") for claim in doubtful]
    for verdict in block.added_later:
        name = full_name(verdict, s)
        lines.append(line(s._("Counted in later: {name}.", name=name), " ", verdict.claims[0].text(s.language)))
    return lines


def _of_page(block: ListBlock, page: int) -> Sequence[Verdict]:
    """The regions on a page of a long list, those of one year together."""
    ordered = sorted(block.verdicts, key=lambda v: (v.cohort or 0, v.region.code))
    return ordered[page * PAGE : (page + 1) * PAGE]


def _by_type(block: ListBlock, s: Speech) -> str:
    """Kabupaten and kota counted apart; where they do not add up to the number told, it is said what they count."""
    assert block.counted_by_type is not None
    regencies, cities = block.counted_by_type
    split = s._("{regencies} regencies (kabupaten) and {cities} cities (kota).", regencies=regencies, cities=cities)
    return split if regencies + cities == block.count else s._("By name the lists hold {split}", split=split)


def _headline(block: ListBlock, s: Speech, snapshot: Snapshot) -> str:
    filter_ = block.filter
    where = area(filter_, s, snapshot)
    years = s.names(str(year) for year in filter_.years)
    number = block.count if block.count is not None else len(block.verdicts)
    things = kind(filter_, number, s)
    whole = not (filter_.provinces or filter_.island)
    if filter_.negated:
        if not number:
            total = kind(filter_, block.out_of, s)
            return s._("None: all {things} of {where} took part.", things=total, where=where)
        if filter_.years:
            return s._("{things} of {where} are not on the list of {years}:", things=things, where=where, years=years)
        return s._("{things} of {where} are in none of the three lists (2017, 2018, 2019):", things=things, where=where)
    if not number:
        if filter_.years:
            return s._("None: the list of {years} holds no region of {where}.", years=years, where=where)
        return s._("None: no region of {where} is in the three lists (2017, 2018, 2019).", where=where)
    if whole and block.partial:
        return s._(
            "{things} took part in {years}; {known} of them are known by name:",
            things=things, years=years, known=len(block.verdicts),
        )  # fmt: skip
    if whole and filter_.years:
        return s._("The {years} cohort has {things}:", years=years, things=things)
    if whole:
        return s._("{things} took part in 2017-2019:", things=things)
    if filter_.years:
        return s._("{things} of {where} took part in {years}:", things=things, where=where, years=years)
    total = kind(filter_, block.out_of, s)
    return s._("{yes} of the {things} of {where} took part in 2017-2019:", yes=number, things=total, where=where)


def _names(block: ListBlock, s: Speech, snapshot: Snapshot) -> list[Paragraph]:
    """The names, grouped by cohort, or by province where they did not take part."""
    groups: dict[str, list[Verdict]] = defaultdict(list)
    several_provinces = len({v.region.province for v in block.verdicts}) > 1
    late = bool(block.filter.years) and min(block.filter.years) > 2019
    for verdict in block.verdicts:
        if late or len(block.filter.years) == 1:
            groups[""].append(verdict)
        elif verdict.participant:
            groups[str(verdict.cohort)].append(verdict)
        else:
            groups[snapshot.regions[verdict.region.province].label(s.language) if several_provinces else ""].append(
                verdict
            )
    lines = []
    for label, verdicts in sorted(groups.items()):
        names = ", ".join(full_name(v, s) if late else _name(v, s) for v in verdicts)
        lines.append(line(bold(f"{label}: "), names, ".", bullet=True) if label else line(names, "."))
    return lines


def _name(verdict: Verdict, s: Speech) -> str:
    """A name in a list, with the continuation year of a region that joined later."""
    name = full_name(verdict, s)
    if not verdict.participant and verdict.later:
        return s._("{name} (continuation {year})", name=name, year=verdict.later[0].period)
    return name


def ranking(block: RankingBlock, s: Speech, snapshot: Snapshot) -> list[Paragraph]:
    """Provinces or years by number of participants."""
    if block.of == "year":
        rows = [(label, number) for label, number in block.rows]
    else:
        rows = [(snapshot.regions[code].label(s.language), number) for code, number in block.rows]
    if block.asked == "none":
        names = s.names(name for name, _ in rows)
        return [
            line(
                s.ngettext(
                    "{n} province has no participant: {names}.",
                    "{n} provinces have no participant: {names}.",
                    len(rows),
                    names=names,
                )
            )
        ]
    if not rows:
        return [line(s._("No region is recorded as a participant there."))]
    (first, most), *_ = rows
    tied = [name for name, number in rows if number == most]
    rest = [s._("{name} ({n})", name=name, n=s.number(number)) for name, number in rows if number != most]
    if block.asked == "all":
        told = s.names([s._("{name} ({n})", name=name, n=s.number(number)) for name, number in rows])
        head = s.ngettext("Participants come from {n} province:", "Participants come from {n} provinces:", len(rows))
        return [line(head), line(told, ".")]
    if len(tied) > 1:
        head = s._("{names} are equal: {n} each.", names=s.names(tied), n=most)
    elif block.asked == "fewest":
        head = s._("{name} has the fewest of those that took part: {n}.", name=first, n=most)
    elif block.asked == "compare":
        head = s._("{name} has more: {n}.", name=first, n=most)
    else:
        head = s._("{name} has the most: {n}.", name=first, n=most)
    return [line(head), *([line(s._("Then: {rows}.", rows=s.names(rest)))] if rest else [])]
