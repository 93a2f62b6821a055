"""What the bot says: yes and no stand first and only where they answer, sources are named, nothing is left unworded."""

from __future__ import annotations

import re

import pytest

from handlers.rendering.answers import document
from handlers.rendering.document import plain
from knowledge.engine import Engine

YES = re.compile(r"^(Ya|Yes)\b")
NO = re.compile(r"^(Tidak|No)\b")


def said(engine: Engine, text: str) -> str:
    """The words that answer a question out of the blue."""
    return plain(document(engine.answer(text, now=0.0).answer, engine.snapshot))


@pytest.mark.parametrize("text", ["Apakah Klaten ikut?", "Is Klaten a participant?", "klaten ikut ga", "Bandung ikut?"])
def test_yes_comes_first(engine: Engine, text: str) -> None:
    assert YES.match(said(engine, text))


@pytest.mark.parametrize("text", ["Apakah Cilacap ikut?", "Is Toraja a participant?", "Cilacap sama Sumba ikut ga?"])
def test_no_comes_first(engine: Engine, text: str) -> None:
    assert NO.match(said(engine, text))


@pytest.mark.parametrize(
    "text",
    [
        "Is Sleman a city?",
        "Apakah Sleman kota?",
        "Is Klaten a participant now?",
        "Klaten sekarang ikut?",
        "apakah Surabaya jadi peserta tahun 2025?",
        "Kapan Klaten ikut?",
        "When did Klaten join?",
        "why was Klaten selected?",
        "Klaten keluar?",
        "Apakah Klaten ikut tahun 2017?",
        "Did Klaten join in 2018?",
        "Apakah Cilacap ikut?",
    ],
)
def test_yes_is_not_said_where_it_would_mislead(engine: Engine, text: str) -> None:
    """The status of a name, today, a year of which nothing is recorded, another year, a date, and a plain no."""
    assert not YES.match(said(engine, text))


@pytest.mark.parametrize(
    ("text", "note"), [("Is Klaten a participant now?", "today"), ("Klaten sekarang ikut?", "sekarang")]
)
def test_today_is_not_known(engine: Engine, text: str, note: str) -> None:
    assert "2019" in said(engine, text)
    assert note in said(engine, text)


@pytest.mark.parametrize("text", ["Kenapa Cianjur tidak ikut?", "Why did Cianjur not take part?"])
def test_a_reason_that_nobody_recorded_is_not_known(engine: Engine, text: str) -> None:
    assert len(said(engine, text).splitlines()) == 3  # the verdict, that no source tells why, the sources


def test_a_reason_that_is_recorded_is_told(engine: Engine) -> None:
    words = said(engine, "Why is Banyumas on two lists?")
    assert "2018" in words
    assert "guess" not in words


@pytest.mark.parametrize(
    ("text", "offer"), [("Klaten dan Wakanda ikut?", "Mungkin"), ("Klaten and Wakanda?", "Perhaps")]
)
def test_beside_an_answer_no_other_name_is_offered(engine: Engine, text: str, offer: str) -> None:
    """The buttons under it belong to the region that was answered."""
    words = said(engine, text)
    assert "akanda" in words
    assert offer not in words


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("Peserta dari Bali tahun 2018?", ["Bali", "2018"]),
        ("Which cities from West Java joined in 2017?", ["West Java", "2017"]),
        ("Kabupaten mana saja di Sumatra yang tidak ikut?", ["Sumatra", "2017", "2019"]),
    ],
)
def test_a_list_tells_its_filter(engine: Engine, text: str, needed: list[str]) -> None:
    first = said(engine, text).splitlines()[0]
    assert [word for word in needed if word not in first] == []


@pytest.mark.parametrize(
    "text",
    [
        "Apakah Klaten ikut?", "Is Cilacap a participant?", "Bandung", "Peserta 2018?", "How many took part in 2018?",
        "Apa itu quick win?", "Which ministries are involved?", "Provinsi mana yang paling banyak?",
    ],
)  # fmt: skip
def test_every_answer_names_its_sources(engine: Engine, text: str) -> None:
    """At the end, or in brackets behind each statement where sources disagree."""
    words = said(engine, text)
    assert re.search(r"^(Sumber|Source)s?: \S", words, re.M) or re.search(r"\[[^]]+\]$", words, re.M)


@pytest.mark.parametrize(
    "text",
    [
        "halo", "thanks", "kamu siapa?", "help", "dasar bodoh", "ok", "bye", "", "Wakanda ikut?", "Kabupaten Solo Barat ikut?",
        "Resep rendang?", "Who is the regent of Klaten now?", "Sukorejo ikut?", "Mura ikut?", "anggaran Klaten?",
        "Klaten ikut? Siapa menterinya? Berapa harga cabai?", "Mana duluan, Klaten atau Sleman?", "Ceritakan soal Sleman",
        "How many regencies and cities took part?", "Which provinces had none?", "Jawa Timur ikut?", "Peserta 2022?",
    ],
)  # fmt: skip
def test_everything_is_worded(engine: Engine, text: str) -> None:
    """No placeholder is left, no Python name shines through, and something is always said."""
    words = said(engine, text)
    assert words.strip()
    assert not re.search(r"[{}]|Block\(|frozenset|Region\(", words)
