"""What a question means: the same in other words of the same kind, another where something else is asked."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import Answer, Engine
from knowledge.meaning import Cluster, Row, clusters
from knowledge.model import Language, Phrasing
from knowledge.taught import TOPIC, Taught

QUESTIONS = Path(__file__).parent / "questions"

SAME = [
    ("berapa harga tiket bus di Klaten?", "min, tiket bus klaten harganya brp ya"),
    ("resep rendang padang", "Tolong dong kak, resep rendang Padang apa?"),
    ("when does the zorgon bus leave?", "Please, when does the Zorgon bus leave"),
    ("the zorgon bus, when does it leave?", "when does the zorgon bus leave"),
    ("apakah Solo punya zorgon?", "Surakarta punya zorgon?"),
    ("harga zorgon solo berapa", "berapa HARGA   zorgon SOLO???"),
]
DIFFERENT = [
    ("berapa harga tiket bus di Klaten?", "berapa harga tiket bus di Blora?"),
    ("who pays for the zorgon?", "when do they pay for the zorgon?"),
    ("zorgon 2018", "zorgon 2019"),
    ("siapa yang ikut zorgon", "siapa yang tidak ikut zorgon"),
    ("zorgon di Kota Semarang", "zorgon di Kabupaten Semarang"),
    ("zorgon di Klaten 2018", "zorgon di Klaten"),
]


@pytest.mark.parametrize(("left", "right"), SAME)
def test_other_words_of_the_same_kind_mean_the_same(engine: Engine, left: str, right: str) -> None:
    assert engine.meaning(left) == engine.meaning(right)


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_another_question_means_something_else(engine: Engine, left: str, right: str) -> None:
    assert engine.meaning(left) != engine.meaning(right)


def test_what_a_participant_costs_is_not_what_the_programme_costs(engine: Engine) -> None:
    assert engine.meaning("how much does it cost?") != engine.meaning("how much do the participants cost?")


def test_what_is_nothing_but_function_words_means_its_words(engine: Engine) -> None:
    assert engine.meaning("itu dong kak") == engine.meaning("Itu, dong, KAK!") != engine.meaning("ini dong kak")
    assert engine.meaning("?!") == ""


@given(st.text(max_size=60))
def test_a_meaning_is_a_sorted_set(engine: Engine, text: str) -> None:
    meaning = engine.meaning(text)
    assert meaning.split() == sorted(set(meaning.split()))


# ------------------------------------------------------------------------------------------------------------- clusters


def row(engine: Engine, text: str, day: str = "2026-11-02", language: Language = "id", reason: str = "now") -> Row:
    """A question that waits."""
    return Row(language, engine.meaning(text), text, day, reason)


def texts(found: list[Cluster]) -> list[set[str]]:
    """The questions of each cluster."""
    return [set(cluster.texts) for cluster in found]


def test_a_cluster_tells_how_often_since_when_and_in_which_words(engine: Engine) -> None:
    rows = [
        row(engine, "zorgon klaten kapan", "2026-11-03"), row(engine, "kapan zorgon klaten?", "2026-11-01", reason="no_fact"),
        row(engine, "kapan zorgon klaten?", "2026-11-05"), row(engine, "kpn zorgon klaten", "2026-11-04"),
        row(engine, "kapan ya zorgon klaten"),
    ]  # fmt: skip
    (found,) = clusters(rows)
    assert (found.times, found.first, found.last) == (5, "2026-11-01", "2026-11-05")
    assert found.examples == ("kapan zorgon klaten?", "kapan ya zorgon klaten", "kpn zorgon klaten")
    assert dict(found.reasons) == {"now": 4, "no_fact": 1}


def test_misspelt_unknown_words_and_what_is_nearly_the_same_are_put_together(engine: Engine) -> None:
    near = ["zorgonia blimpat wakanda kapan", "zorgonnia blimpat wakanda kapan", "zorgonia blinpat wakanda kapan"]
    assert texts(clusters(row(engine, text) for text in near)) == [set(near)]


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_questions_that_differ_in_what_decides_stay_apart(engine: Engine, left: str, right: str) -> None:
    assert len(clusters([row(engine, left), row(engine, right)])) == 2


def test_languages_are_never_put_together(engine: Engine) -> None:
    found = clusters([row(engine, "zorgon", language="id"), row(engine, "zorgon", language="en")])
    assert sorted(cluster.language for cluster in found) == ["en", "id"]


def gold() -> list[tuple[Language, str, set[str]]]:
    """Questions with the statements that answer them."""
    read = (QUESTIONS / f"{name}.jsonl" for name in ("facts", "facts-later", "region-facts"))
    lines = [json.loads(line) for path in read for line in path.read_text(encoding="utf-8").splitlines()]
    return [(line["lang"], line["text"], {line["fact"], *line.get("also", ())}) for line in lines]


def test_the_order_of_the_questions_does_not_matter(engine: Engine) -> None:
    rows = [row(engine, text, language=language) for language, text, _ in gold()[:300]]
    mixed = rows.copy()
    random.Random(7).shuffle(mixed)
    assert [(c.examples, c.signatures) for c in clusters(rows)] == [(c.examples, c.signatures) for c in clusters(mixed)]


def test_what_is_put_together_is_mostly_one_question(engine: Engine) -> None:
    """85 % of the pairs are answered by one statement (see ``MEANT_ALIKE``)."""
    facts = {(language, text): answers for language, text, answers in gold()}
    found = clusters(row(engine, text, language=language) for language, text in facts)
    pairs = [(c.language, pair) for c in found for pair in combinations(c.texts, 2)]
    right = [bool(facts[language, a] & facts[language, b]) for language, (a, b) in pairs]
    assert len(pairs) >= 40
    assert sum(right) / len(right) >= 0.8


# --------------------------------------------------------------------------------------------------------------- taught


def taught(engine: Engine, *phrasings: Phrasing) -> Engine:
    """An engine that was taught some questions more."""
    more = [*engine.snapshot.phrasings, *phrasings]
    return Engine(replace(engine.snapshot, phrasings=more), engine.lexicon)


def asked(engine: Engine, text: str) -> Answer:
    """Its answer to a question."""
    return engine.answer(text, now=0.0).answer


def test_a_taught_question_is_answered_in_other_words_too(engine: Engine) -> None:
    question = "Kota Kasunanan ikut ga?"
    assert asked(engine, question).outcome == "unknown"
    knows = taught(engine, Phrasing("id", question, "F001"))
    for text in (question, "min, ikut ga ya kota KASUNANAN"):
        answer = asked(knows, text)
        assert (answer.outcome, answer.kind, answer.trace.topic) == ("answered", "fact", TOPIC)
        assert answer.trace.claims == ("F001",)
        assert [source.id for source in answer.sources] == list(engine.snapshot.claims["F001"].sources)
    assert asked(knows, "Kota Kasultanan ikut ga?").outcome == "unknown"


def test_what_contradicts_a_taught_answer_is_told_with_it(engine: Engine) -> None:
    disputed = next(c for c in engine.facts.statements if c.conflicts)
    question = "Kota Kasunanan ikut ga?"
    answer = asked(taught(engine, Phrasing("id", question, disputed.id)), question)
    assert set(answer.trace.claims) >= {disputed.id, *disputed.conflicts}


def test_what_was_taught_to_be_outside_is_declined(engine: Engine) -> None:
    knows = taught(engine, Phrasing("id", "Kota Kasunanan ikut ga?", ""))
    before, after = asked(engine, "Kota Kasunanan ikut ga?"), asked(knows, "kota kasunanan ikut ga")
    assert (before.outcome, before.trace.shape) == ("unknown", "unknown_region")
    assert (after.outcome, after.trace.shape, after.trace.topic) == ("unknown", "out_of_scope", TOPIC)


def test_teaching_changes_no_question_that_is_answered_or_asks_back(engine: Engine) -> None:
    answered, ambiguous = "Apakah Klaten peserta?", "apakah Sukasari ikut?"
    assert (asked(engine, answered).outcome, asked(engine, ambiguous).outcome) == ("answered", "ambiguous")
    knows = taught(engine, Phrasing("id", answered, ""), Phrasing("id", ambiguous, "F001"))
    assert asked(knows, answered) == asked(engine, answered)
    assert asked(knows, ambiguous) == asked(engine, ambiguous)


def test_teaching_stays_in_its_language(engine: Engine) -> None:
    reading = engine.reader.read("zorgon blimpat")
    content = engine.parser.content(engine.parser.slots(reading.items))
    phrasings = [Phrasing("id", "Blimpat zorgon?", "F001")]
    knows = Taught(replace(engine.snapshot, phrasings=phrasings), engine.reader)
    found = knows.query(reading, "id", content)
    assert found
    assert [candidate.claim.id for candidate in found.candidates] == ["F001"]
    assert knows.query(reading, "en", content) is None


def test_what_was_taught_with_a_claim_that_is_gone_is_unknown_again(engine: Engine) -> None:
    knows = taught(engine, Phrasing("id", "resep rendang padang", "A-999"))
    answer = asked(knows, "resep rendang padang")
    assert (answer.outcome, answer.trace.topic) == ("unknown", "")
