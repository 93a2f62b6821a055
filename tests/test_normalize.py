"""Folding and cutting into words: case, markup, emoji, stretched letters, sentence ends."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.normalize import ABBREVIATED, compact, fold, tokenize

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
PIECES = st.lists(
    st.sampled_from(
        [
            "<",
            ">",
            "</b>",
            "<script>",
            "'",
            "’",
            "2",
            "aa",
            "a",
            "Aaa",
            "s",
            " ",
            "İ",
            "ß",
            "ſ",
            "Ⅲ",
            "²",
            "\u200d",
            "-",
        ]
    )
).map("".join)


@given(TEXT)
def test_fold_twice_is_fold_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(PIECES)
def test_fold_twice_is_fold_once_for_awkward_pieces(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(TEXT)
def test_tokens_lie_in_the_text_where_they_say(text: str) -> None:
    folded = fold(text)
    tokens = tokenize(folded)
    assert [folded[t.start : t.end] for t in tokens] == [t.text for t in tokens]
    assert all(a.end <= b.start and a.clause <= b.clause for a, b in pairwise(tokens))


@given(TEXT, st.integers(1, 12))
def test_a_limit_holds(text: str, limit: int) -> None:
    every = tokenize(fold(text))
    limited = tokenize(fold(text), limit)
    assert len(limited) == min(len(every), limit)
    assert set(limited) <= set(every)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("   ", ""),
        ("KLATEN", "klaten"),
        ("  Apakah Klaten ikut? ", "apakah klaten ikut?"),
        ("haloooo", "haloo"),
        ("HALOOOO bangeeeet", "haloo bangeet"),
        ("Maassa", "maassa"),
        ("beda2 daerah2", "beda daerah"),
        ("ke2", "ke2"),
        ("2018", "2018"),
        ("Klaten's cohort", "klaten s cohort"),
        ("Klaten’s cohort", "klaten s cohort"),
        ("Jum'at", "jumat"),
        ("<b>Klaten</b>", "klaten"),
        ("<script>alert(1)</script>Klaten", "klaten"),
        ("<style>b{}", ""),
        ("1 < 2", "1 2"),
        ("Ｋｌａｔｅｎ", "klaten"),
        ("Klatén", "klaten"),
        ("Klate\u0301n", "klaten"),
        ("Kla\u200bten", "klaten"),
        ("Klaten\x00ikut", "klaten ikut"),
        ("klaten\nsragen", "klaten\nsragen"),
    ],
)
def test_fold(text: str, expected: str) -> None:
    assert fold(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Klaten 👍 ikut?", ["klaten", "ikut"]),
        ("👨‍👩‍👧🇮🇩", []),
        ("Klaten👋🏽Sragen", ["klaten", "sragen"]),
        ("<b>Klaten</b><i>ikut</i>", ["klaten", "ikut"]),
        ("*Klaten* _ikut_ `ya`", ["klaten", "ikut", "ya"]),
        ("tahun2018", ["tahun", "2018"]),
        ("25kota", ["25", "kota"]),
        ("Kulon-Progo", ["kulon", "progo"]),
        ("@bot #smartcity", ["bot", "smartcity"]),
        ("?!...", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert [token.text for token in tokenize(fold(text))] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Klaten ikut", 1),
        ("Klaten ikut? Kapan?", 2),
        ("Klaten ikut. Sragen juga.", 2),
        ("Klaten; Sragen: Blora!", 3),
        ("Klaten\nSragen", 2),
        ("Hmm... Klaten", 1),
        ("Kab. Klaten ikut", 1),
        ("Kec. Cepu, Kab. Blora, Prov. Jawa Tengah", 1),
        ("St. Petersburg", 1),
        ("Dr. Budi dan Mr. Smith dll. ikut", 1),
        ("Kab.? Klaten", 2),
        ("Klaten 2.0", 1),
    ],
)
def test_clauses(text: str, expected: int) -> None:
    assert len({token.clause for token in tokenize(fold(text))}) == expected


@pytest.mark.parametrize("word", sorted(ABBREVIATED))
def test_a_full_stop_after_an_abbreviation_ends_nothing(word: str) -> None:
    assert {token.clause for token in tokenize(fold(f"{word}. Klaten"))} == {0}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Klaten, Sragen", [False, True]),
        ("Klaten (Jawa Tengah)", [False, True, False]),
        ("Klaten & Sragen", [False, True]),
        ("Klaten Sragen", [False, False]),
    ],
)
def test_commas_and_brackets(text: str, expected: list[bool]) -> None:
    assert [token.comma for token in tokenize(fold(text))] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Klaten-nya", [False, True]),
        ("kab/kota", [False, True]),
        ("tahun2018", [False, True]),
        ("kab kota", [False, False]),
    ],
)
def test_glued_words(text: str, expected: list[bool]) -> None:
    assert [token.glued for token in tokenize(fold(text))] == expected


@pytest.mark.parametrize("text", ["Kulon Progo", "Kulonprogo", "kulon-progo", "KULON  PROGO", "<b>Kulon</b> Progo"])
def test_spellings_of_one_name_have_one_key(text: str) -> None:
    assert compact(text) == "kulonprogo"
