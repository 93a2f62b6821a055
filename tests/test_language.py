"""The language of the reply: that of the question where it is clear, else the preference, else the turn before."""

from __future__ import annotations

import pytest

from knowledge.engine import Engine
from knowledge.language import choose, clear, surely
from knowledge.model import Language


@pytest.mark.parametrize(
    ("votes", "expected"),
    [
        ({}, None),
        ({"id": 1}, "id"),
        ({"en": 1}, "en"),
        ({"id": 3, "en": 1}, "id"),
        ({"id": 1, "en": 3}, "en"),
        ({"id": 2, "en": 1}, None),
        ({"id": 2, "en": 2}, None),
        ({"id": 0, "en": 0}, None),
    ],
)
def test_clear(votes: dict[str, float], expected: Language | None) -> None:
    assert clear(votes) == expected


@pytest.mark.parametrize(
    ("votes", "preference", "before", "pinned", "expected"),
    [
        ({}, None, None, False, "id"),
        ({}, "en", None, False, "en"),
        ({}, None, "en", False, "en"),
        ({}, "id", "en", False, "id"),
        ({"en": 2}, "id", "id", False, "en"),
        ({"id": 2}, "en", "en", False, "id"),
        ({"id": 1, "en": 1}, "en", "id", False, "en"),
        ({}, "id", "en", True, "en"),
        ({"en": 2}, "id", "en", True, "en"),
        ({"id": 2}, None, "en", True, "id"),
        ({}, "en", None, True, "en"),
    ],
)
def test_choose(
    votes: dict[str, float], preference: Language | None, before: Language | None, pinned: bool, expected: Language
) -> None:
    assert choose(votes, preference, before, pinned) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Apakah Klaten ikut?", "id"),
        ("klaten ikut ga sih", "id"),
        ("Kapan Sleman gabung?", "id"),
        ("Daerah mana saja yang ikut tahun 2018?", "id"),
        ("Resep rendang dong", "id"),
        ("selamat pagi", "id"),
        ("makasih ya", "id"),
        ("Is Klaten in it?", "en"),
        ("When did Sleman join?", "en"),
        ("Which regions joined in 2018?", "en"),
        ("What is the weather tomorrow?", "en"),
        ("good morning", "en"),
        ("thank you", "en"),
    ],
)
@pytest.mark.parametrize("preference", ["id", "en", None])
def test_a_clear_question_is_answered_in_its_language(
    engine: Engine, text: str, expected: Language, preference: Language | None
) -> None:
    assert engine.answer(text, preference=preference, now=0.0).answer.language == expected


@pytest.mark.parametrize(
    "text", ["Klaten?", "Klaten", "ok", "Bandung", "2018", "Kulon Progo", "Is Klaten peserta?", "", "👍", "???"]
)
@pytest.mark.parametrize(("preference", "expected"), [("id", "id"), ("en", "en"), (None, "id")])
def test_what_is_not_clear_is_answered_as_preferred(
    engine: Engine, text: str, preference: Language | None, expected: Language
) -> None:
    assert engine.answer(text, preference=preference, now=0.0).answer.language == expected


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["Is Klaten in it?", "Sleman?"], ["en", "en"]),
        (["Apakah Klaten ikut?", "Sleman?"], ["id", "id"]),
        (["Is Klaten in it?", "kalau Sleman gimana?"], ["en", "id"]),
        (["Apakah Klaten ikut?", "in English please", "Sleman?"], ["id", "en", "en"]),
        (["Is Klaten in it?", "bahasa Indonesia dong", "Sleman?"], ["en", "id", "id"]),
    ],
)
def test_a_conversation_keeps_its_language(talk, texts: list[str], expected: list[Language]) -> None:  # type: ignore[no-untyped-def]
    assert [answer.language for answer in talk(*texts)] == expected


@pytest.mark.parametrize(
    ("votes", "language"),
    [
        ({"id": 4.0}, "id"),
        ({"en": 12.0, "id": 4.0}, "en"),
        ({"id": 3.0}, None),
        ({"id": 5.0, "en": 2.0}, None),
        ({}, None),
    ],
)
def test_a_text_is_surely_in_a_language_only_with_words_enough(votes: dict[str, float], language: str | None) -> None:
    assert surely(votes) == language
