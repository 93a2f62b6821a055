"""Everything that must be true of the knowledge. The same function serves `bot.py kb check`, the tests and imports."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from . import evaluate, lexicon, suggestions
from .errors import QuestionFileError
from .facts import STRUCTURED, topics_of
from .fuzzy import distance
from .lexicon import DATA, LANGUAGES, ORDINARY, OUTSIDE, STOP
from .normalize import compact
from .snapshot import Snapshot

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found."""

    level: Literal["error", "notice"]
    """An error must be mended; a notice is good to know."""
    message: str


def check(snapshot: Snapshot, data: Path = DATA) -> list[Finding]:
    """All findings on a snapshot and on the phrase files, errors first."""
    found = [
        *_claims(snapshot), *_dates(snapshot), *_codes(snapshot), *_aliases(snapshot), *_near_names(snapshot),
        *_phrases(data), *_topics(snapshot, data), *_asked(snapshot, data), *_question_files(data),
    ]  # fmt: skip
    return sorted(found, key=lambda finding: finding.level != "error")


def _claims(snapshot: Snapshot) -> Iterator[Finding]:
    """Every claim has a source, a subject that exists, and both languages."""
    for claim in snapshot.claims.values():
        if not claim.sources:
            yield Finding("error", f"claim {claim.id} has no source")
        for source in claim.sources:
            if source not in snapshot.sources:
                yield Finding("error", f"claim {claim.id}: there is no source {source!r}")
        kind, _, key = claim.subject.partition(":")
        known = {
            "programme": not key,
            "region": key in snapshot.regions,
            "cohort": key.isdigit() and int(key) in snapshot.cohorts,
        }
        if not known.get(kind, False):
            yield Finding("error", f"claim {claim.id}: there is no subject {claim.subject!r}")
        if bool(claim.text_id) != bool(claim.text_en):
            yield Finding("error", f"claim {claim.id} lacks its text in {'Indonesian' if claim.text_en else 'English'}")
        if not claim.text_id and not claim.value:
            yield Finding("error", f"claim {claim.id} says nothing")
        for other in claim.conflicts:
            if other not in snapshot.claims:
                yield Finding("error", f"claim {claim.id} contradicts {other!r}, which does not exist")


def _dates(snapshot: Snapshot) -> Iterator[Finding]:
    """Dates are ISO, perhaps shortened; years and numbers are numbers."""
    for source in snapshot.sources.values():
        if source.date and not _is_date(source.date):
            yield Finding("error", f"source {source.id}: {source.date!r} is no date like 2019-05-15, 2019-05 or 2019")
    for claim in snapshot.claims.values():
        if claim.attribute == "mou_date" and not _is_date(claim.value):
            yield Finding("error", f"claim {claim.id}: {claim.value!r} is no date")
        numeric = claim.attribute in STRUCTURED - {"mou_date", "mou_place"}
        if numeric and not claim.value.isdigit():
            yield Finding("error", f"claim {claim.id}: {claim.value!r} is no number")
        if claim.period not in ("all", "later") and not (claim.period.isdigit() and len(claim.period) == 4):
            yield Finding("error", f"claim {claim.id}: period {claim.period!r} is no year, all or later")


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text + "0000-01-01"[len(text) :])
    except ValueError:
        return False
    return True


def _codes(snapshot: Snapshot) -> Iterator[Finding]:
    """Regions lie in provinces, districts in regions, aliases belong to something; English names are there."""
    for region in snapshot.regions.values():
        if region.province not in snapshot.regions:
            yield Finding("error", f"region {region.code} lies in province {region.province}, which does not exist")
        if not region.name_en:
            yield Finding("error", f"region {region.code} has no English name")
    for district in snapshot.districts:
        if district.region not in snapshot.regions or "." not in district.region:
            yield Finding("error", f"district {district.code} lies in {district.region}, which is no kabupaten or kota")
    for alias in snapshot.aliases:
        if alias.region not in snapshot.regions:
            yield Finding("error", f"alias {alias.name!r} belongs to {alias.region}, which does not exist")


def _aliases(snapshot: Snapshot) -> Iterator[Finding]:
    """No alias stands for two regions unless both rows say that it is shared."""
    owners: dict[str, set[str]] = defaultdict(set)
    unshared: dict[str, str] = {}
    for alias in snapshot.aliases:
        key = compact(alias.name)
        owners[key].add(alias.region)
        if not alias.shared:
            unshared[key] = alias.name
    for key, regions in sorted(owners.items()):
        if len(regions) > 1 and key in unshared:
            yield Finding(
                "error",
                f"alias {unshared[key]!r} stands for {', '.join(sorted(regions))}; mark every row shared or remove one",
            )
    own = {compact(region.short): region for region in snapshot.regions.values() if region.level == "regency"}
    for alias in snapshot.aliases:
        other = own.get(compact(alias.name))
        if other and other.code != alias.region and "." in alias.region and alias.kind != "capital":
            yield Finding("error", f"alias {alias.name!r} of {alias.region} is the own name of {other.name}")


def _near_names(snapshot: Snapshot) -> Iterator[Finding]:
    """Names one edit apart, which typing errors can turn into each other."""
    names = sorted({compact(region.short) for region in snapshot.regions.values()})
    for at, left in enumerate(names):
        for right in names[at + 1 :]:
            if abs(len(left) - len(right)) < 2 and distance(left, right) == 1:
                yield Finding("notice", f"one edit apart: {left} / {right}")


def _phrases(data: Path) -> Iterator[Finding]:
    """A phrase of a language has one meaning, and every concept that topics use has a word in both languages."""
    concepts: dict[str, set[str]] = {}
    for language in LANGUAGES:
        meanings: dict[str, list[str]] = defaultdict(list)
        for path in lexicon.phrase_files(language, data):
            for concept, phrases in lexicon.read_phrases(path).items():
                for phrase in phrases:
                    meanings[phrase].append(f"{concept} ({path.stem})")
        concepts[language] = {m.partition(" ")[0] for ms in meanings.values() for m in ms}
        for phrase, where in sorted(meanings.items()):
            if not phrase:
                yield Finding("error", f"{language}: an empty phrase stands under {where[0]}")
            elif len(where) > 1:
                yield Finding("error", f"{language}: {phrase!r} stands under {' and '.join(where)}")
        stop = lexicon.read_words(data / language / f"{STOP}.txt")
        for word in stop:
            if word in meanings:
                yield Finding(
                    "error",
                    f"{language}: {word!r} is a function word and stands under {meanings[word][0]}; the one shadows the other",
                )
        for word in sorted(
            (set(stop) | meanings.keys()) & set(lexicon.read_words(data / language / f"{ORDINARY}.txt"))
        ):
            yield Finding(
                "error",
                f"{language}: {word!r} is listed as an ordinary word and has a meaning; remove it from ordinary.txt",
            )
    grammar = {"AUX", "PRONOUN"}  # English forms its questions with these, Indonesian does not
    for concept in sorted((concepts["id"] ^ concepts["en"]) - grammar):
        if not concept.startswith(OUTSIDE):
            missing = "en" if concept in concepts["id"] else "id"
            yield Finding("error", f"concept {concept} has no word in {missing}")
    used = {c for topic in topics_of(lexicon.read_rules(data)["topics"]) for c in topic.fits}
    computed = {"YEAR-2020", "YEAR-LATER"}
    for concept in sorted(used - concepts["id"] - concepts["en"] - computed):
        yield Finding("error", f"topics.toml uses concept {concept}, which no phrase file has a word for")


def _topics(snapshot: Snapshot, data: Path) -> Iterator[Finding]:
    """Topics refer to claims that exist and have a question to offer in every language."""
    topics = topics_of(lexicon.read_rules(data)["topics"])
    ids = {topic.id for topic in topics}
    for topic in topics:
        for claim in topic.claims:
            if claim not in snapshot.claims:
                yield Finding("error", f"topic {topic.id}: there is no claim {claim}")
    for language in LANGUAGES:
        offered = set(suggestions.read(data / language / "suggestions.toml"))
        for topic_id in sorted(ids - offered):
            yield Finding("error", f"topic {topic_id} has no question in {language}/suggestions.toml")
        for topic_id in sorted(offered - ids):
            yield Finding("error", f"{language}/suggestions.toml offers {topic_id}, which is no topic")


def _asked(snapshot: Snapshot, data: Path) -> Iterator[Finding]:
    """Phrasings belong to claims that exist."""
    for language in LANGUAGES:
        for claim, question in lexicon.read_asked(data / language / "asked.csv"):
            if claim not in snapshot.claims:
                yield Finding("error", f"{language}/asked.csv: there is no claim {claim} ({question!r})")


def _question_files(data: Path) -> Iterator[Finding]:
    """Every phrase file has its questions beside it, and they can be read."""
    for language in LANGUAGES:
        for path in lexicon.phrase_files(language, data):
            questions = path.with_suffix(".questions.jsonl")
            try:
                evaluate.load(questions)
            except QuestionFileError as error:
                yield Finding("error", str(error))


def datasette_metadata(data: Path = DATA) -> dict[str, Any]:
    """Title, licence and the meaning of every table and column, as Datasette reads it."""
    with (data / "dictionary.toml").open("rb") as file:
        dictionary = tomllib.load(file)
    with (data / "edition.toml").open("rb") as file:
        about = tomllib.load(file)
    tables = {
        name: {"description": columns["_"], "columns": {c: text for c, text in columns.items() if c != "_"}}
        for name, columns in dictionary.items()
    }
    return {
        "title": about["title"],
        "license": "ODbL 1.0 (regions, districts); the rest compiled for this project, see LICENSE-DATA.md",
        "license_url": "https://opendatacommons.org/licenses/odbl/1-0/",
        "source": "Public reports named in the table sources; region codes from idn-area-data after the Kemendagri decree",
        "databases": {"knowledge": {"description": about["licence"], "tables": tables}},
    }
