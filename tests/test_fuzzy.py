"""The index finds exactly what a search through all strings would find."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from knowledge.fuzzy import FuzzyIndex, allowed_edits, distance, swapped

WORD = st.text("abc", min_size=0, max_size=13)


def brute_force(keys: set[str], query: str) -> list[tuple[int, str]]:
    """Every key within the edits that its length forgives, by comparing with all."""
    scored = ((OSA.distance(query, key), key) for key in keys)
    return sorted((edits, key) for edits, key in scored if len(key) > 4 and edits <= allowed_edits(len(key)))


@settings(max_examples=400)
@given(st.sets(WORD, max_size=40), WORD)
def test_near_equals_brute_force(keys: set[str], query: str) -> None:
    assert FuzzyIndex(keys).near(query) == brute_force(keys, query)


@st.composite
def key_and_typo(draw: st.DrawFn) -> tuple[str, str]:
    """A key and the same with up to three random edits."""
    key = draw(st.text("abcdef", min_size=5, max_size=16))
    typed = key
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, max(0, len(typed) - 1)))
        match draw(st.sampled_from("idrs")):
            case "i":
                typed = typed[:at] + draw(st.sampled_from("abcdefg")) + typed[at:]
            case "d":
                typed = typed[:at] + typed[at + 1 :]
            case "r":
                typed = typed[:at] + draw(st.sampled_from("abcdefg")) + typed[at + 1 :]
            case _:
                typed = typed[:at] + typed[at + 1 : at + 2] + typed[at : at + 1] + typed[at + 2 :]
    return key, typed


@settings(max_examples=600)
@given(key_and_typo())
@example(("banyumas", "banyms"))
def test_near_finds_what_was_mistyped(pair: tuple[str, str]) -> None:
    key, typed = pair
    assert FuzzyIndex([key]).near(typed) == brute_force({key}, typed)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("klaten", "klaten", 0),
        ("klaten", "kalten", 1),
        ("klaten", "klatn", 1),
        ("klaten", "klatten", 1),
        ("ca", "abc", 3),
    ],
)
def test_distance(left: str, right: str, expected: int) -> None:
    assert distance(left, right) == expected


@pytest.mark.parametrize(("length", "expected"), [(0, 0), (4, 0), (5, 1), (7, 1), (8, 2), (30, 2)])
def test_edits_forgiven(length: int, expected: int) -> None:
    assert allowed_edits(length) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sleman", [(0, "sleman")]),
        ("slemna", [(1, "sleman")]),
        ("slem", []),
        ("badung", [(0, "badung"), (1, "bandung")]),
        ("batu", []),
        ("patu", []),
        ("banyuwagni", [(1, "banyuwangi")]),
        ("bnyuwagni", [(2, "banyuwangi")]),
        ("", []),
    ],
)
def test_near(query: str, expected: list[tuple[int, str]]) -> None:
    index = FuzzyIndex(["sleman", "bandung", "badung", "batu", "banyuwangi"])
    assert index.near(query) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("", []), ("a", []), ("ab", ["ba"]), ("aab", ["aba"]), ("abc", ["bac", "acb"])]
)
def test_swapped(text: str, expected: list[str]) -> None:
    assert list(swapped(text)) == expected
