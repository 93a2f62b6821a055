"""Follow-ups: what a turn leaves out is taken from the turn before, for ten minutes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from record import Record

from knowledge.answer import Answer, RankingBlock, SourcesBlock
from knowledge.engine import Engine
from knowledge.thresholds import CONTEXT_SECONDS

Talk = Callable[..., list[Answer]]


def names(answer: Answer) -> set[str]:
    """Official names of the regions of an answer."""
    return {v.region.name for v in answer.regions}


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["Apakah Klaten ikut?", "Kalau Blora?"], {"Kabupaten Blora"}),
        (["Apakah Klaten ikut?", "kalo sragen gimana"], {"Kabupaten Sragen"}),
        (["Is Klaten in it?", "and Solo?"], {"Kota Surakarta"}),
        (["Is Klaten in it?", "What about Boyolali?"], {"Kabupaten Boyolali"}),
        (["Apakah Klaten ikut?", "kapan?"], {"Kabupaten Klaten"}),
        (["Apakah Klaten ikut?", "Kalau Blora?", "kapan?"], {"Kabupaten Blora"}),
        (["Is Klaten in it?", "since when?"], {"Kabupaten Klaten"}),
        (["Apakah Klaten ikut?", "makasih", "kapan?"], {"Kabupaten Klaten"}),
        (["Apakah Klaten ikut?", "tahun 2018?"], {"Kabupaten Klaten"}),
        (["Bandung ikut?", "yang kota aja"], {"Kota Bandung"}),
        (["Bandung ikut?", "kabupatennya?"], {"Kabupaten Bandung"}),
        (["Is Bandung in it?", "only the city"], {"Kota Bandung"}),
    ],
)
def test_verdicts_of_a_follow_up(talk: Talk, record: Record, texts: list[str], expected: set[str]) -> None:
    last = talk(*texts)[-1]
    assert (last.outcome, last.kind, names(last)) == ("answered", "participation", expected)
    assert {v.region.name: v.cohort for v in last.regions} == {name: record.verdict(name)[2] for name in expected}


@pytest.mark.parametrize(
    ("texts", "kind", "province", "type_"),
    [
        (["Daerah mana saja di Jawa Timur yang ikut?", "jumlahnya?"], "count", "Jawa Timur", ""),
        (["Daerah mana saja di Jawa Timur yang ikut?", "jumlahnya berapa?"], "count", "Jawa Timur", ""),
        (["Which regions in East Java take part?", "how many?"], "count", "Jawa Timur", ""),
        (["Siapa saja peserta di Jawa Timur?", "yang kota aja"], "list", "Jawa Timur", "Kota"),
        (["Siapa saja peserta di Jawa Timur?", "yang kabupaten aja"], "list", "Jawa Timur", "Kabupaten"),
        (["Which regions in East Java take part?", "only the cities"], "list", "Jawa Timur", "Kota"),
        (["Siapa saja peserta di Jawa Timur?", "kalau Bali?"], "list", "Bali", ""),
        (["Which regions in East Java take part?", "and Bali?"], "list", "Bali", ""),
        (["Berapa peserta di Jawa Timur?", "apa saja?"], "list", "Jawa Timur", ""),
        (
            ["di jogja yg ikut mana aja", "kabupatennya nggak usah, yang kota aja"],
            "list",
            "Daerah Istimewa Yogyakarta",
            "Kota",
        ),
        (["Apakah Klaten ikut?", "siapa lagi di provinsi itu?"], "list", "Jawa Tengah", ""),
    ],
)
def test_lists_of_a_follow_up(
    talk: Talk, record: Record, texts: list[str], kind: str, province: str, type_: str
) -> None:
    last = talk(*texts)[-1]
    expected = record.participants(province, type_)
    assert (last.kind, last.count, names(last)) == (kind, len(expected), expected)


@pytest.mark.parametrize(
    ("texts", "count"),
    [
        (["Berapa yang ikut tahun 2017?", "kalau 2018?"], 50),
        (["How many joined in 2018?", "and in 2019?"], 25),
    ],
)
def test_counts_of_another_year(talk: Talk, texts: list[str], count: int) -> None:
    last = talk(*texts)[-1]
    assert (last.kind, last.count) == ("count", count)


@pytest.mark.parametrize(
    "texts",
    [
        ["Apakah Klaten ikut?", "sumbernya?"],
        ["Apakah Klaten ikut?", "sumbernya apa?"],
        ["Is Klaten in it?", "what are the sources?"],
        ["Siapa saja peserta di Bali?", "dari mana sumbernya?"],
        ["Apa itu quick win?", "sumbernya?"],
        ["Is Klaten in it?", "source?", "source?"],
    ],
)
def test_the_sources_of_the_answer_before(talk: Talk, texts: list[str]) -> None:
    first, *_, last = talk(*texts)
    assert [type(block) for block in last.blocks] == [SourcesBlock]
    assert (last.outcome, last.sources) == ("answered", first.sources)


@pytest.mark.parametrize(
    ("text", "wish", "language"),
    [
        ("Apakah Klaten ikut?", "in English please", "en"),
        ("Apa itu quick win?", "English please", "en"),
        ("Siapa saja peserta di Bali?", "pakai bahasa Inggris dong", "en"),
        ("Is Klaten in it?", "pakai bahasa Indonesia", "id"),
        ("Is Klaten in it?", "in Indonesian please", "id"),
    ],
)
def test_the_same_in_another_language(talk: Talk, text: str, wish: str, language: str) -> None:
    first, last = talk(text, wish)
    assert (last.language, last.kind, names(last), last.sources) == (language, first.kind, names(first), first.sources)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["Apakah Sukorejo ikut?", "yang di Kendal"], "Kabupaten Kendal"),
        (["Apakah Sukorejo ikut?", "Kendal"], "Kabupaten Kendal"),
        (["Apakah Sukorejo ikut?", "2"], "Kabupaten Ponorogo"),
        (["Apakah Sukorejo ikut?", "yang pertama"], "Kabupaten Kendal"),
        (["Did Sukorejo join?", "the second one"], "Kabupaten Ponorogo"),
        (["Did Sukorejo join?", "the one in Blitar"], "Kota Blitar"),
        (["Mura ikut?", "yang di Sumatera Selatan"], "Kabupaten Musi Rawas"),
        (["Martapura ikut?", "Banjar"], "Kabupaten Banjar"),
    ],
)
def test_choosing_an_option_in_words(talk: Talk, record: Record, texts: list[str], expected: str) -> None:
    first, last = talk(*texts)
    assert first.outcome == "ambiguous"
    assert [(v.region.name, v.participant, v.cohort) for v in last.regions] == [record.verdict(expected)]


@pytest.mark.parametrize("text", ["Apakah Sukorejo ikut?", "Did Sukorejo join?", "Martapura ikut?", "Mura ikut?"])
def test_choosing_an_option_by_button(engine: Engine, record: Record, text: str) -> None:
    turn = engine.answer(text, now=0.0)
    codes = [choice.code for choice in turn.answer.choices]
    taken = [engine.choose(choice, turn.context, now=1.0).answer for choice in turn.answer.choices]
    assert [(a.language, a.kind, names(a)) for a in taken] == [
        (turn.answer.language, "participation", {record.names[code]}) for code in codes
    ]


@pytest.mark.parametrize(
    ("pause", "outcome"),
    [(1.0, "answered"), (CONTEXT_SECONDS, "answered"), (CONTEXT_SECONDS + 1.0, "unknown")],
)
@pytest.mark.parametrize(
    "texts",
    [
        ["Apakah Klaten ikut?", "kapan?"],
        ["Siapa saja peserta di Jawa Timur?", "yang kota aja"],
        ["Did Sukorejo join?", "2"],
    ],
)
def test_forgetting_after_ten_minutes(talk: Talk, texts: list[str], pause: float, outcome: str) -> None:
    assert CONTEXT_SECONDS == 600
    assert talk(*texts, pause=pause)[-1].outcome == outcome


def test_every_turn_keeps_the_conversation_alive(talk: Talk) -> None:
    answers = talk("Apakah Klaten ikut?", "Kalau Blora?", "makasih", "kapan?", pause=400.0)
    assert names(answers[-1]) == {"Kabupaten Blora"}


def test_an_english_wish_is_forgotten_too(talk: Talk) -> None:
    answers = talk("Apakah Klaten ikut?", "in English please", "Sleman?", pause=CONTEXT_SECONDS + 1.0)
    assert answers[-1].language == "id"


@pytest.mark.parametrize(
    "text", ["kapan?", "yang kota aja", "when?", "only the cities", "2", "yang pertama", "jumlahnya?"]
)
def test_a_follow_up_to_nothing(talk: Talk, text: str) -> None:
    assert [answer.outcome for answer in talk(text)] == ["unknown"]


@pytest.mark.parametrize(
    "first", ["Did Klaten win anything?", "quick win Klaten apa?", "Apa itu quick win?", "Peserta Bali?"]
)
@pytest.mark.parametrize("word", ["makasih", "thanks!", "ok", "halo"])
def test_a_friendly_word_repeats_nothing(talk: Talk, first: str, word: str) -> None:
    answered, last = talk(first, word)
    assert (answered.outcome, last.kind) == ("answered", "smalltalk")


@pytest.mark.parametrize("texts", [["Boyolali ikut?", "and its mayor?"], ["Boyolali ikut?", "bupatinya?"], ["mayor?"]])
def test_who_governs_is_not_taken_from_elsewhere(talk: Talk, texts: list[str]) -> None:
    """Nothing is recorded of Boyolali's regent; the statements that speak of regents are about others."""
    assert talk(*texts)[-1].outcome == "unknown"


def test_a_general_question_is_not_narrowed_to_the_region_before(talk: Talk) -> None:
    alone = talk("Apa itu quick win?")[-1]
    after = talk("Klaten ikut?", "Apa itu quick win?")[-1]
    assert after.trace.claims == alone.trace.claims
    assert talk("Klaten ikut?", "quick win-nya apa?")[-1].trace.claims != alone.trace.claims


def test_a_ranking_is_turned_round(talk: Talk) -> None:
    most, fewest = talk("Provinsi mana yang paling banyak?", "paling sedikit?")
    ranked = [block for block in (*most.blocks, *fewest.blocks) if isinstance(block, RankingBlock)]
    assert [block.asked for block in ranked] == ["most", "fewest"]


@pytest.mark.parametrize("text", ["kalau Sukorejo 24", "Sukorejo 24?", "Sukorejo nomor 24 ikut?"])
def test_a_shared_name_with_a_stray_number_is_asked_about(engine: Engine, text: str) -> None:
    answer = engine.answer(text, now=0.0).answer
    assert answer.outcome in ("ambiguous", "unknown")
    assert not answer.regions
