"""Questions that a change of some rows may answer otherwise: what an admin sees before it is made."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from functools import cache

from .changes import RowChange
from .lexicon import DATA
from .model import Language
from .snapshot import Row, Snapshot
from .suggestions import questions

MAX_QUESTIONS = 40
"""Questions asked of both knowledges for one change; a source may be cited by a hundred claims."""


def asked(
    rows: Iterable[RowChange], snapshot: Snapshot, topics: Iterable[tuple[str, tuple[str, ...]]], language: Language
) -> list[str]:
    """Questions in a language that the rows bear on, at most :data:`MAX_QUESTIONS`.

    Args:
        rows: what is to be changed.
        snapshot: the knowledge as it is.
        topics: ``(id, ids of its claims)`` of every topic.
        language: of the questions.
    """
    of_claim: dict[str, list[str]] = {}
    for topic, claims in topics:
        for claim in claims:
            of_claim.setdefault(claim, []).append(questions(language)[topic])
    for phrasing in snapshot.phrasings:
        if phrasing.language == language:
            of_claim.setdefault(phrasing.claim, []).append(phrasing.question)
    found: dict[str, None] = {}
    for row in rows:
        for version in (row.before, row.after):
            if version is not None:
                found |= dict.fromkeys(_of(row.table, version, snapshot, of_claim, language))
        if len(found) >= MAX_QUESTIONS:
            break
    return list(found)[:MAX_QUESTIONS]


def _of(
    table: str, row: Row, snapshot: Snapshot, of_claim: dict[str, list[str]], language: Language
) -> Iterator[str]:  # fmt: skip
    match table:
        case "claims":
            yield from of_claim.get(row["id"], ())
            yield from _of_subject(row["subject"], snapshot, language)
        case "sources":
            for claim in snapshot.claims.values():
                if row["id"] in claim.sources:
                    yield from of_claim.get(claim.id, ())
                    yield from _of_subject(claim.subject, snapshot, language)
        case "regions":
            yield from _filled("region", language, name=row["name"] if language == "id" else row["name_en"])
        case "districts":
            yield from _filled("name", language, name=row["name"])
        case "aliases":
            yield from _filled("name", language, name=row["alias"])
        case "cohorts":
            yield from _filled("cohort", language, year=row["year"])
        case "phrasings" if row["language"] == language:
            yield row["question"]


def _of_subject(subject: str, snapshot: Snapshot, language: Language) -> Iterator[str]:
    kind, _, key = subject.partition(":")
    if kind == "region" and key in snapshot.regions:
        yield from _filled("region", language, name=snapshot.regions[key].label(language))
    elif kind == "cohort":
        yield from _filled("cohort", language, year=key)
        took_part = [verdict for verdict in snapshot.participants if str(verdict.cohort) == key]
        for verdict in took_part[:1]:  # What is told of a cohort is told with each of its regions.
            yield from _filled("region", language, name=verdict.region.label(language))


def _filled(kind: str, language: Language, **values: str) -> Iterator[str]:
    for template in _templates(language)[kind]:
        yield template.format(**values)


@cache
def _templates(language: Language) -> dict[str, list[str]]:
    with (DATA / language / "probes.toml").open("rb") as file:
        return tomllib.load(file)
