"""Mistyped names never get another region's verdict, and no text of any kind makes the engine fail."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from record import Record

from knowledge.engine import Engine
from knowledge.fuzzy import swapped

Outcomes = dict[str, tuple[str, frozenset[str], frozenset[str]]]
"""Mistyped name -> outcome, codes of the answer, codes of those who bear the name."""
SHARE_RECOGNISED = 0.85
"""Of all transposed names, how many must be recognised at least: never to guess is no excuse for never to answer."""


def transposed(name: str) -> Iterator[str]:
    """The name with two neighbouring letters of one word swapped."""
    yield from (typo for typo in swapped(name) if [len(w) for w in typo.split()] == [len(w) for w in name.split()])


@pytest.fixture(scope="module")
def outcomes(engine: Engine, record: Record) -> Outcomes:
    """What comes of every mistyped name: no sample is needed, it takes 3 s."""
    found: Outcomes = {}
    for name, codes in record.sharers.items():
        if len(name) < 8:
            continue
        for typo in transposed(name):
            answer = engine.answer(f"Apakah {typo} ikut?", now=0.0).answer
            found[typo] = answer.outcome, frozenset(v.region.code for v in answer.regions), frozenset(codes)
    return found


def test_no_verdict_on_another_region(outcomes: Outcomes, record: Record) -> None:
    assert len(outcomes) > 3000
    wrong = {
        typo: sorted(record.names[code] for code in got - meant)[:3]
        for typo, (outcome, got, meant) in outcomes.items()
        if outcome == "answered" and not got <= meant
    }
    assert wrong == {}


def test_most_are_recognised(outcomes: Outcomes) -> None:
    right = sum(outcome == "answered" and got == meant for outcome, got, meant in outcomes.values())
    assert right / len(outcomes) >= SHARE_RECOGNISED


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fail, without waiting for the end, where the block takes longer."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"longer than {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


CHARACTER = st.characters(exclude_categories=["Cs"])
SAID = """apakah is Klaten Bandung kota kabupaten kec. kapan when siapa who berapa 2018 0 angkatan ke-2 the in ? ! , ;
( ) Jawa Tengah kalau dan and bukan not semua all Sukorejo sumbernya 24 atau 25 <b> </b> 's -nya yang english please"""
WORDS = st.sampled_from([*SAID.split(), "\n"])


@settings(max_examples=300, deadline=None)
@given(st.text(CHARACTER, max_size=300))
def test_no_text_raises(engine: Engine, text: str) -> None:
    assert engine.answer(text, now=0.0).answer.outcome in ("answered", "ambiguous", "unknown")


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(WORDS, max_size=12).map(" ".join), min_size=1, max_size=4))
def test_no_conversation_raises(engine: Engine, texts: list[str]) -> None:
    context = None
    for text in texts:
        turn = engine.answer(text, context, now=0.0)
        context = turn.context
        assert (turn.answer.kind is None) == (turn.answer.outcome != "answered")


@settings(max_examples=15, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(st.text(CHARACTER, min_size=1, max_size=40))
def test_no_long_text_raises(engine: Engine, text: str) -> None:
    long = (text * 4000)[:4000]
    with within(1):
        assert engine.answer(long, now=0.0).answer.outcome in ("answered", "ambiguous", "unknown")


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "\n" * 4000, "?" * 4000, "a" * 4000, "ab" * 2000, "1" * 4000, "1 " * 2000, "<" * 4000,
        "<script>" * 500,
        "klaten " * 571, "klaten," * 571, "apakah " * 571, "klaten? " * 500, "qwx " * 1000, "kota Jawa",
        "abcdefghij" * 400, "klatenikut" * 400,
        "klatne " * 571, "\x00" * 4000, "\x1b[31mKlaten", "\u202eKlaten", "\ufeffKlaten", "e" + "\u0301" * 3999,
        "👍" * 2000,
        "١٢٣ ২০১৮ ²⁰¹⁸ ⅣⅤ", "東京は参加していますか", "هل كلاتين مشارك؟", "ß" * 4000, "'" * 4000,
        "2" * 4, "²0¹8", "angkatan ke-٢",
    ],
)  # fmt: skip
def test_odd_texts(engine: Engine, text: str) -> None:
    with within(1):
        assert engine.answer(text, now=0.0).answer.outcome in ("answered", "ambiguous", "unknown")
