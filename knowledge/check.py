"""Everything that must be true of the knowledge. The same function serves `bot.py kb check`, the tests and imports."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import evaluate, lexicon, suggestions
from .check_rows import Finding, rows
from .errors import QuestionFileError, Saying, saying
from .facts import topics_of
from .fuzzy import distance
from .lexicon import DATA, LANGUAGES, ORDINARY, OUTSIDE, STOP
from .normalize import compact
from .snapshot import Snapshot


def check(snapshot: Snapshot, data: Path = DATA) -> list[Finding]:
    """All findings on a snapshot and on the phrase files, errors first."""
    found = [
        *rows(snapshot), *_near_names(snapshot), *_phrases(data), *_topics(snapshot, data), *_question_files(data),
    ]  # fmt: skip
    return sorted(found, key=lambda finding: finding.level != "error")


def _near_names(snapshot: Snapshot) -> Iterator[Finding]:
    """Names one edit apart, which typing errors can turn into each other."""
    names = sorted({compact(region.short) for region in snapshot.regions.values()})
    for at, left in enumerate(names):
        for right in names[at + 1 :]:
            if abs(len(left) - len(right)) < 2 and distance(left, right) == 1:
                yield Finding("notice", saying("one edit apart: {left} / {right}", left=left, right=right))


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
                yield Finding("error", Saying(f"{language}: an empty phrase stands under {where[0]}", {}))
            elif len(where) > 1:
                yield Finding("error", Saying(f"{language}: {phrase!r} stands under {' and '.join(where)}", {}))
        stop = lexicon.read_words(data / language / f"{STOP}.txt")
        for word in stop:
            if word in meanings:
                yield Finding(
                    "error",
                    Saying(
                        f"{language}: {word!r} is a function word and stands under {meanings[word][0]}; the one shadows the other",
                        {},
                    ),
                )
        for word in sorted(
            (set(stop) | meanings.keys()) & set(lexicon.read_words(data / language / f"{ORDINARY}.txt"))
        ):
            yield Finding(
                "error",
                Saying(
                    f"{language}: {word!r} is listed as an ordinary word and has a meaning; remove it from ordinary.txt",
                    {},
                ),
            )
    grammar = {"AUX", "PRONOUN"}  # English forms its questions with these, Indonesian does not
    for concept in sorted((concepts["id"] ^ concepts["en"]) - grammar):
        if not concept.startswith(OUTSIDE):
            missing = "en" if concept in concepts["id"] else "id"
            yield Finding("error", Saying(f"concept {concept} has no word in {missing}", {}))
    used = {c for topic in topics_of(lexicon.read_rules(data)["topics"]) for c in topic.fits}
    computed = {"YEAR-2020", "YEAR-LATER"}
    for concept in sorted(used - concepts["id"] - concepts["en"] - computed):
        yield Finding("error", Saying(f"topics.toml uses concept {concept}, which no phrase file has a word for", {}))


def _topics(snapshot: Snapshot, data: Path) -> Iterator[Finding]:
    """Topics refer to claims that exist and have a question to offer in every language."""
    topics = topics_of(lexicon.read_rules(data)["topics"])
    ids = {topic.id for topic in topics}
    for topic in topics:
        for claim in topic.claims:
            if claim not in snapshot.claims:
                yield Finding("notice", saying("topic {topic}: there is no claim {claim}", topic=topic.id, claim=claim))
    for language in LANGUAGES:
        offered = set(suggestions.read(data / language / "suggestions.toml"))
        for topic_id in sorted(ids - offered):
            yield Finding("error", Saying(f"topic {topic_id} has no question in {language}/suggestions.toml", {}))
        for topic_id in sorted(offered - ids):
            yield Finding("error", Saying(f"{language}/suggestions.toml offers {topic_id}, which is no topic", {}))


def _question_files(data: Path) -> Iterator[Finding]:
    """Every phrase file has its questions beside it, and they can be read."""
    for language in LANGUAGES:
        for path in lexicon.phrase_files(language, data):
            questions = path.with_suffix(".questions.jsonl")
            try:
                evaluate.load(questions)
            except QuestionFileError as error:
                yield Finding("error", error.saying)


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
