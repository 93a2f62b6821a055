"""The knowledge in memory: everything an answer reads. Built once from rows, replaced whole after a change."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest

from .answer import Verdict
from .model import Alias, Claim, Cohort, District, Phrasing, Region, Source
from .thresholds import LIST_SOURCE_SHARE

Row = Mapping[str, str]

EFFECTIVE = ("confirmed", "confirmed_weak", "listed_only", "added_later")
"""Statuses of a participation claim that make a region a participant; ``withdrawn`` and ``disputed`` ones do not."""


@dataclass(frozen=True)
class Snapshot:
    """One edition of the knowledge with the admins' changes on top, ready for reading."""

    edition: str
    sources: Mapping[str, Source]
    regions: Mapping[str, Region]
    district_lines: str
    """``code|name|region`` of every kecamatan, a line each: 7,277 objects are made only where somebody needs them."""
    aliases: Sequence[Alias]
    cohorts: Mapping[int, Cohort]
    claims: Mapping[str, Claim]
    phrasings: Sequence[Phrasing] = ()
    by_subject: Mapping[str, Sequence[Claim]] = field(default_factory=dict)
    compiled: str = ""
    """ISO day on which the edition was compiled; empty where that is not known."""
    checked: Mapping[str, str] = field(default_factory=dict)
    """Subject -> ISO day (UTC) of the newest change of its claims that is no edition's: an edit, a review, an import ..."""

    def about(self, subject: str, attribute: str | None = None) -> list[Claim]:
        """The claims on a subject, all or of one attribute, in the order of the data."""
        return [c for c in self.by_subject.get(subject, ()) if attribute in (None, c.attribute)]

    def verdict(self, code: str) -> Verdict:
        """Whether a kabupaten or kota took part in 2017-2019.

        "No" rests on the lists of all three cohorts being complete (see ``cohorts.csv``); were one not, the verdict on a
        region in none of them would be None.
        """
        if code not in self._verdicts:
            self._verdicts[code] = self._judged(code)
        return self._verdicts[code]

    @cached_property
    def _verdicts(self) -> dict[str, Verdict]:
        return {}

    def _judged(self, code: str) -> Verdict:
        claims = self.about(f"region:{code}", "participation")
        effective = [c for c in claims if c.status in EFFECTIVE]
        later = tuple(self.about(f"region:{code}", "later_participation"))
        if effective:
            first = max(effective, key=lambda c: (c.status != "added_later", c.period))
            rest = tuple(c for c in claims if c is not first)
            return Verdict(self.regions[code], True, int(first.value), (first, *rest), later)
        known = all(cohort.complete for cohort in self.cohorts.values() if cohort.movement)
        return Verdict(self.regions[code], False if known else None, None, tuple(claims), later)

    def lists_of(self, years: Sequence[int]) -> list[Claim]:
        """For each of some cohorts whose list is known, a claim whose only sources are the publications that print it."""
        return [claim for year, claim in self._lists.items() if year in years]

    @cached_property
    def _lists(self) -> dict[int, Claim]:
        """Year -> a claim that stands for the whole list: its sources are those that nearly every entry names."""
        lists = {}
        for year in self.cohorts:
            entries = [
                c for c in self.claims.values()
                if c.attribute in ("participation", "later_participation") and c.period == str(year)
            ]  # fmt: skip
            counted = Counter(source for claim in entries for source in claim.sources)
            sources = tuple(s for s, n in counted.items() if n >= LIST_SOURCE_SHARE * len(entries))
            if sources:
                lists[year] = Claim(
                    f"list-{year}", f"cohort:{year}", "list", str(year), "", "", "", "lead", sources, ()
                )
        return lists

    @cached_property
    def movement(self) -> tuple[int, ...]:
        """The cohorts of 2017-2019."""
        return tuple(cohort.year for cohort in self.cohorts.values() if cohort.movement)

    @cached_property
    def districts(self) -> list[District]:
        """Every kecamatan, by code."""
        return [District(*line.split("|")) for line in self.district_lines.splitlines()]

    @cached_property
    def regencies(self) -> tuple[Region, ...]:
        """Every kabupaten and kota, by code."""
        return tuple(region for region in self.regions.values() if region.level == "regency")

    def regencies_of(self, province: str) -> list[Region]:
        """The same of one province, by its code."""
        return [region for region in self.regencies if region.province == province]

    @cached_property
    def participants(self) -> tuple[Verdict, ...]:
        """The verdict on every region that took part in 2017-2019, by code."""
        return tuple(v for v in map(self.verdict, (r.code for r in self.regencies)) if v.participant)

    def sources_of(self, claims: Sequence[Claim]) -> tuple[Source, ...]:
        """The sources of some claims, each once: the first of every claim, then the second of every claim, and so on, so
        that a short line names something for each."""
        rounds = zip_longest(*(claim.sources for claim in claims))
        return tuple(self.sources[id] for id in dict.fromkeys(id for some in rounds for id in some if id))


def build(
    edition: str, tables: Mapping[str, Sequence[Row]], district_lines: str | None = None, *,
    compiled: str = "", checked: Mapping[str, str] | None = None,
) -> Snapshot:  # fmt: skip
    """A snapshot from rows as the CSV files and the database hold them (all values text, lists joined by ``;``).

    ``district_lines`` may stand for the table of districts; ``compiled`` and ``checked`` are the snapshot's own.
    """
    if district_lines is None:
        district_lines = "\n".join("|".join((r["code"], r["name"], r["region_code"])) for r in tables["districts"])
    claims = {row["id"]: claim_of(row) for row in tables["claims"]}
    by_subject: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims.values():
        by_subject[claim.subject].append(claim)
    return Snapshot(
        edition=edition,
        sources={
            r["id"]: Source(r["id"], r["publisher"], r["title"], r["date"], r["date_note"], r["url"] or None)
            for r in tables["sources"]
        },
        regions={
            r["code"]: Region(r["code"], r["name"], r["name_en"], r["type"], r["province_code"] or r["code"])  # type: ignore[arg-type]
            for r in tables["regions"]
        },
        district_lines=district_lines,
        aliases=[Alias(r["region_code"], r["alias"], r["kind"], r["shared"] == "yes") for r in tables["aliases"]],  # type: ignore[arg-type]
        cohorts={
            int(r["year"]): Cohort(int(r["year"]), r["phase"], r["part_of"] == "movement", r["list_complete"] == "yes")
            for r in tables["cohorts"]
        },
        claims=claims,
        phrasings=[Phrasing(r["language"], r["question"], r["claim"]) for r in tables["phrasings"]],  # type: ignore[arg-type]
        by_subject=dict(by_subject),
        compiled=compiled,
        checked=checked or {},
    )


def claim_of(row: Row) -> Claim:
    """A claim from its row."""
    return Claim(
        row["id"], row["subject"], row["attribute"], row["period"], row["value"], row["text_id"], row["text_en"],
        row["status"], _ids(row["sources"]), _ids(row["conflicts_with"]), row["review_by"],
    )  # fmt: skip


def _ids(text: str) -> tuple[str, ...]:
    return tuple(text.split(";")) if text else ()
