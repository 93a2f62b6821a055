"""What must be true of the rows of the knowledge, whatever the phrase files say: checked before every change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

from .errors import Saying, saying
from .facts import STRUCTURED
from .fields import is_date
from .model import Alias
from .normalize import compact
from .snapshot import EFFECTIVE, Snapshot

PARTICIPATIONS = (*EFFECTIVE, "withdrawn", "disputed")
"""Statuses that a participation may have."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found."""

    level: Literal["error", "notice"]
    """An error must be mended; a notice is good to know."""
    said: Saying
    table: str = ""
    """The table and key of the row it is about, where it is about one."""
    key: str = ""

    @property
    def message(self) -> str:
        """What was found, in English."""
        return str(self.said)


def rows(snapshot: Snapshot) -> list[Finding]:
    """The errors of the knowledge itself, whatever the phrase files say."""
    return [
        *_claims(snapshot),
        *_participations(snapshot),
        *_dates(snapshot),
        *_codes(snapshot),
        *_aliases(snapshot),
        *_cohorts(snapshot),
        *_phrasings(snapshot),
    ]


def problems(before: Snapshot, after: Snapshot) -> list[Finding]:
    """The errors that a change would bring in."""
    found = rows(after)
    known = {finding.message for finding in rows(before)} if found else set()
    return [finding for finding in found if finding.message not in known]


def _claims(snapshot: Snapshot) -> Iterator[Finding]:
    """Every claim has a source, a subject that exists, and both languages."""
    for claim in snapshot.claims.values():
        wrong = partial(_wrong, "claims", claim.id)
        if not claim.sources:
            yield wrong(saying("claim {id} has no source", id=claim.id))
        for source in claim.sources:
            if source not in snapshot.sources:
                yield wrong(saying("claim {id}: there is no source '{source}'", id=claim.id, source=source))
        kind, _, key = claim.subject.partition(":")
        known = {
            "programme": not key,
            "region": key in snapshot.regions,
            "cohort": key.isdigit() and int(key) in snapshot.cohorts,
        }
        if not known.get(kind, False):
            yield wrong(saying("claim {id}: there is no subject '{subject}'", id=claim.id, subject=claim.subject))
        if claim.text_id and not claim.text_en:
            yield wrong(saying("claim {id} lacks its text in English", id=claim.id))
        if claim.text_en and not claim.text_id:
            yield wrong(saying("claim {id} lacks its text in Indonesian", id=claim.id))
        if not claim.text_id and not claim.value:
            yield wrong(saying("claim {id} says nothing", id=claim.id))
        for other in claim.conflicts:
            if other not in snapshot.claims:
                yield wrong(saying("claim {id} contradicts '{other}', which does not exist", id=claim.id, other=other))


def _wrong(table: str, key: str, said: Saying) -> Finding:
    return Finding("error", said, table, key)


def _participations(snapshot: Snapshot) -> Iterator[Finding]:
    """A participation is of a kabupaten or kota, and in the year of a cohort."""
    for claim in snapshot.claims.values():
        if claim.attribute not in ("participation", "later_participation"):
            continue
        wrong = partial(_wrong, "claims", claim.id)
        region = snapshot.regions.get(claim.subject.removeprefix("region:"))
        if region is None or region.level != "regency":
            yield wrong(saying("claim {id}: only a regency or city takes part", id=claim.id))
        cohort = snapshot.cohorts.get(int(claim.value)) if claim.value.isdecimal() else None
        if cohort is None or cohort.movement != (claim.attribute == "participation"):
            yield wrong(saying("claim {id}: there is no such cohort '{value}' for it", id=claim.id, value=claim.value))
        if claim.status not in PARTICIPATIONS:
            yield wrong(
                saying("claim {id}: '{status}' is no status of a participation", id=claim.id, status=claim.status)
            )


def _dates(snapshot: Snapshot) -> Iterator[Finding]:
    """Dates are ISO, perhaps shortened; years and numbers are numbers."""
    for source in snapshot.sources.values():
        if source.date and not is_date(source.date):
            said = saying(
                "source {id}: '{date}' is no date like 2019-05-15, 2019-05 or 2019", id=source.id, date=source.date
            )
            yield _wrong("sources", source.id, said)
    for claim in snapshot.claims.values():
        wrong = partial(_wrong, "claims", claim.id)
        for value in (claim.value if claim.attribute == "mou_date" else "", claim.review_by):
            if value and not is_date(value):
                yield wrong(saying("claim {id}: '{value}' is no date", id=claim.id, value=value))
        numeric = claim.attribute in STRUCTURED - {"mou_date", "mou_place"}
        if numeric and not claim.value.isdecimal():
            yield wrong(saying("claim {id}: '{value}' is no number", id=claim.id, value=claim.value))
        if claim.period not in ("all", "later") and not (claim.period.isdecimal() and len(claim.period) == 4):
            yield wrong(
                saying("claim {id}: period '{period}' is no year, all or later", id=claim.id, period=claim.period)
            )


def _codes(snapshot: Snapshot) -> Iterator[Finding]:
    """Regions lie in provinces, districts in regions, aliases belong to something; English names are there."""
    for region in snapshot.regions.values():
        wrong = partial(_wrong, "regions", region.code)
        if region.province not in snapshot.regions:
            yield wrong(
                saying(
                    "region {code} lies in province {province}, which does not exist",
                    code=region.code, province=region.province,
                )
            )  # fmt: skip
        if not region.name_en:
            yield wrong(saying("region {code} has no English name", code=region.code))
    for district in snapshot.districts:
        if district.region not in snapshot.regions or "." not in district.region:
            said = saying(
                "district {code} lies in {region}, which is no kabupaten or kota",
                code=district.code,
                region=district.region,
            )
            yield _wrong("districts", district.code, said)
    for alias in snapshot.aliases:
        if alias.region not in snapshot.regions:
            said = saying(
                "alias '{name}' belongs to {region}, which does not exist", name=alias.name, region=alias.region
            )
            yield _wrong("aliases", f"{alias.region}|{alias.name}", said)


def _cohorts(snapshot: Snapshot) -> Iterator[Finding]:
    """Cohorts of the movement have each a phase of their own."""
    phases: dict[str, int] = {}
    for cohort in snapshot.cohorts.values():
        if cohort.movement and not cohort.phase:
            yield _wrong(
                "cohorts", str(cohort.year), saying("cohort {year} of the movement has no phase", year=cohort.year)
            )
        elif cohort.movement and phases.setdefault(cohort.phase, cohort.year) != cohort.year:
            said = saying(
                "cohort {year} has the phase {phase} that cohort {other} has",
                year=cohort.year, phase=cohort.phase, other=phases[cohort.phase],
            )  # fmt: skip
            yield _wrong("cohorts", str(cohort.year), said)


def _aliases(snapshot: Snapshot) -> Iterator[Finding]:
    """No alias stands for two regions unless both rows say that it is shared."""
    owners: dict[str, set[str]] = defaultdict(set)
    unshared: dict[str, Alias] = {}
    keyed = [(compact(alias.name), alias) for alias in snapshot.aliases]
    for key, alias in keyed:
        owners[key].add(alias.region)
        if not alias.shared:
            unshared[key] = alias
    for key, regions in sorted(owners.items()):
        if len(regions) > 1 and key in unshared:
            alias = unshared[key]
            said = saying(
                "alias '{name}' stands for {regions}; mark every row shared or remove one",
                name=alias.name, regions=", ".join(sorted(regions)),
            )  # fmt: skip
            yield _wrong("aliases", f"{alias.region}|{alias.name}", said)
    own = {compact(region.short): region for region in snapshot.regions.values() if region.level == "regency"}
    for key, alias in keyed:
        other = own.get(key)
        if not key:
            yield _wrong(
                "aliases", f"{alias.region}|{alias.name}", saying("alias '{name}' has no letters", name=alias.name)
            )
        if other and other.code != alias.region and "." in alias.region and alias.kind != "capital":
            said = saying(
                "alias '{name}' of {region} is the own name of {other}",
                name=alias.name,
                region=alias.region,
                other=other.name,
            )
            yield _wrong("aliases", f"{alias.region}|{alias.name}", said)


def _phrasings(snapshot: Snapshot) -> Iterator[Finding]:
    """Phrasings belong to claims that exist."""
    for phrasing in snapshot.phrasings:
        if phrasing.claim and phrasing.claim not in snapshot.claims:
            said = saying(
                "phrasing '{question}': there is no claim {claim}", question=phrasing.question, claim=phrasing.claim
            )
            yield _wrong("phrasings", f"{phrasing.language}|{phrasing.question}", said)
