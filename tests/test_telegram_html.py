"""Messages in Telegram's HTML: within its limit as Telegram counts, valid, and with every word of the document."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from handlers.fake_telegram import parse, utf16_length
from handlers.rendering import Document, document, plain, speech
from handlers.rendering.document import Paragraph, Run, line
from handlers.rendering.telegram import (
    MAX_LENGTH,
    folded,
    html_parts,
    source_lines,
    visible_length,
)
from handlers.rendering.telegram import utf16_length as counted
from handlers.shared.answers import folded_parts, with_sources
from knowledge import Context, Engine
from knowledge.answer import Choice
from knowledge.model import Source

LETTERS = st.characters(exclude_categories=("Cs", "Cc", "Z"), exclude_characters="•")
HARD = st.sampled_from(
    ["<b>", "</b>", "&amp;", "&lt", "a<b", "x>y", "R&D", '"', "'", "<a href='x'>", "&#60;", "😀", "👨‍👩‍👧", "𝔸𝔹"]
)
WORD = st.one_of(st.text(LETTERS, min_size=1, max_size=12), HARD)
LONG_WORD = st.one_of(WORD, st.text(LETTERS, min_size=60, max_size=130), st.just("😀" * 70))
HREF = st.one_of(st.none(), st.from_regex(r"https?://[a-z]{1,8}\.id/[a-z&?=\"'<>]{0,12}", fullmatch=True))
STYLE = st.sampled_from(["plain", "bold", "quiet"])
SMALL = 64
"""A limit that a few words reach; the rules are the same at any."""


def html(document: Document) -> str:
    """A document in one part, however long."""
    (whole,) = html_parts(document, 10**9)
    return whole


def texts(words: st.SearchStrategy[str], most: int) -> st.SearchStrategy[str]:
    """Some words, one blank between them."""
    return st.lists(words, min_size=1, max_size=most).map(" ".join)


def documents(words: st.SearchStrategy[str], most: int) -> st.SearchStrategy[Document]:
    """Documents of a few paragraphs, each of up to three runs of up to ``most`` words."""
    run = st.builds(Run, texts(words, most), STYLE, HREF)
    paragraph = st.builds(
        Paragraph, st.lists(run, min_size=1, max_size=3).map(tuple), st.booleans(), st.sampled_from(["body", "sources"])
    )
    return st.builds(Document, st.lists(paragraph, min_size=1, max_size=8).map(tuple))


def read(parts: tuple[str, ...]) -> list[str]:
    """The parts as people read them."""
    return [parse(part)[0] for part in parts]


def solid(text: str) -> str:
    """A text without blanks and bullets: what must not get lost."""
    return re.sub(r"[\s•]", "", text)


def sentence(length: int) -> str:
    """Words of five letters, so many characters in all."""
    return ("kata " * (length // 5 + 1))[: length - 1] + "."


# ---------------------------------------------------------------------------------------------------------------- parts


@settings(max_examples=120)
@given(documents(LONG_WORD, 12))
def test_every_part_is_within_the_limit_and_not_empty(found: Document) -> None:
    for text in read(html_parts(found, SMALL)):
        assert 1 <= utf16_length(text) <= SMALL
        assert text.strip()


@settings(max_examples=120)
@given(documents(LONG_WORD, 12))
def test_nothing_of_the_text_is_lost_or_moved(found: Document) -> None:
    assert solid("".join(read(html_parts(found, SMALL)))) == solid(plain(found))


@given(documents(WORD, 2))
@example(Document((line("a"), line("b", bullet=True))))
def test_words_stay_whole(found: Document) -> None:
    """Words up to a few characters, far from the limit."""
    for part in read(html_parts(found, 4 * SMALL)):
        assert set(part.replace("•", " ").split()) <= set(plain(found).replace("•", " ").split())


@settings(max_examples=200)
@given(
    st.lists(
        st.builds(line, texts(st.text("abc", min_size=1, max_size=8), 5), bullet=st.booleans()), min_size=1, max_size=12
    )
)
def test_parts_break_between_paragraphs_where_each_fits(paragraphs: list[Paragraph]) -> None:
    found = Document(tuple(paragraphs))
    assert "\n".join(read(html_parts(found, SMALL))) == plain(found)


def test_a_message_is_filled_before_the_next_begins() -> None:
    tens = Document(tuple(line(sentence(1000)) for _ in range(10)))
    assert [text.count(".") for text in read(html_parts(tens))] == [4, 4, 2]


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [([4000], 1), ([2000, 2000], 1), ([2000, 2200], 2), ([4000, 4000, 50], 2), ([1000] * 9, 3), ([1] * 1000, 1)],
)
def test_how_many_messages_some_paragraphs_make(lengths: list[int], expected: int) -> None:
    found = Document(tuple(line(sentence(length)) for length in lengths))
    assert len(html_parts(found)) == expected


@pytest.mark.parametrize(
    "word", ["a" * 9000, "😀" * 5000, "&" * 9000, "<" * 9000], ids=["ascii", "emoji", "amp", "less"]
)
def test_a_word_longer_than_a_message_is_cut_into_messages(word: str) -> None:
    texts = read(html_parts(Document((line(word),))))
    assert "".join(text.replace("\n", "") for text in texts) == word
    assert all(utf16_length(text) <= MAX_LENGTH for text in texts)


def test_an_over_long_paragraph_is_cut_between_words() -> None:
    words = [f"kata{number}" for number in range(3000)]
    texts = read(html_parts(Document((line(" ".join(words)),))))
    assert len(texts) > 1
    assert " ".join(texts).split() == words


def test_style_and_link_go_with_every_piece_of_a_cut_run() -> None:
    found = Document((Paragraph((Run(sentence(6000), "bold", "https://x.id/a"),)),))
    for part in html_parts(found):
        text, entities = parse(part)
        covered = {kind: sum(e["length"] for e in entities if e["type"] == kind) for kind in ("bold", "text_link")}
        assert covered == dict.fromkeys(("bold", "text_link"), len(text.replace("\n", "")))


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_longest_answers_are_within_the_limit(engine: Engine, language: str) -> None:
    """Every list there is, and the profile of every participant."""
    wanted = [Choice("list", r.code) for r in engine.snapshot.regions.values() if r.level == "province"]
    wanted += [Choice("region", v.region.code) for v in engine.snapshot.participants]
    context = Context(language=language)  # type: ignore[arg-type]
    for answer in (engine.choose(choice, context, 0.0).answer for choice in wanted):
        found = document(answer, engine.snapshot)
        texts = read(html_parts(found))
        assert all(utf16_length(text) <= 4096 for text in texts)
        assert solid("".join(texts)) == solid(plain(found))


# --------------------------------------------------------------------------------------------------------------- markup


@given(documents(WORD, 3))
def test_the_markup_is_valid_and_says_what_the_plain_text_says(found: Document) -> None:
    """The sources stand apart, by an empty line; otherwise the lines are the same."""
    text, _ = parse(html(found))
    assert [row for row in text.split("\n") if row] == plain(found).split("\n")


@given(documents(WORD, 3))
def test_visible_length_is_what_telegram_counts(found: Document) -> None:
    assert visible_length(html(found)) == utf16_length(parse(html(found))[0])


@given(st.text(st.characters(exclude_categories=("Cs",))))
@example("😀a")
@example("é")
def test_utf16_length(text: str) -> None:
    assert counted(text) == len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (Run("R&D <b>"), "R&amp;D &lt;b&gt;"),
        (Run('a "quoted" word'), 'a "quoted" word'),
        (Run("a", "bold"), "<b>a</b>"),
        (Run("a<", "quiet"), "<i>a&lt;</i>"),
        (Run("a", url="https://x.id"), '<a href="https://x.id">a</a>'),
        (Run("a", url="http://x.id/?a=1&b=2"), '<a href="http://x.id/?a=1&amp;b=2">a</a>'),
        (Run("a", url='https://x.id/"><b>'), '<a href="https://x.id/&quot;&gt;&lt;b&gt;">a</a>'),
        (Run("a", "bold", "https://x.id"), '<b><a href="https://x.id">a</a></b>'),
        (Run("a", url="ftp://x.id"), "a"),
        (Run("a", url="javascript:alert(1)"), "a"),
        (Run("a", url="tg://user?id=1"), "a"),
        (Run("a", url="x.id"), "a"),
        (Run("a", url=""), "a"),
        (Run(" ", "bold", "https://x.id"), " "),
    ],
)
def test_a_run(run: Run, expected: str) -> None:
    assert html(Document((Paragraph((run,)),))) == expected


def test_bullets_and_sources() -> None:
    found = Document((line("a"), line("b", bullet=True), Paragraph((Run("s"),), role="sources")))
    assert html(found) == "a\n• b\n\ns"
    assert html(Document((Paragraph((Run("s"),), role="sources"),))) == "s"


@given(st.lists(texts(WORD, 4), min_size=1, max_size=6))
def test_folded_lines_are_one_quotation_that_unfolds(lines: list[str]) -> None:
    escaped = html(Document(tuple(line(text) for text in lines)))
    text, entities = parse(folded(escaped.split("\n")))
    assert text.split("\n") == lines
    assert entities == [{"type": "expandable_blockquote", "offset": 0, "length": utf16_length(text)}]


# -------------------------------------------------------------------------------------------------------------- sources


def source(title: str = "Judul", date: str = "2018-05-15", url: str | None = None) -> Source:
    """A source."""
    return Source("s", "Detik & <Kawan>", title, date, "", url)


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        (source(), "• Detik &amp; &lt;Kawan&gt; (15 Mei 2018): Judul"),
        (source(date="2018-05"), "• Detik &amp; &lt;Kawan&gt; (Mei 2018): Judul"),
        (source(date=""), "• Detik &amp; &lt;Kawan&gt;: Judul"),
        (
            source("A<B", "", "https://x.id/?a&b"),
            '• Detik &amp; &lt;Kawan&gt;: <a href="https://x.id/?a&amp;b">A&lt;B</a>',
        ),
        (source(date="", url="ftp://x.id"), "• Detik &amp; &lt;Kawan&gt;: Judul"),
        (source(date="", url=""), "• Detik &amp; &lt;Kawan&gt;: Judul"),
    ],
)
def test_a_source_line(given_: Source, expected: str) -> None:
    assert source_lines([given_], speech("id")) == [expected]


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_source_is_a_valid_line_that_links_where_it_can(engine: Engine, language: str) -> None:
    every = list(engine.snapshot.sources.values())
    lines = source_lines(every, speech(language))  # type: ignore[arg-type]
    assert len(lines) == len(every) > 20
    for found, row in zip(every, lines, strict=True):
        text, entities = parse(row)
        assert found.title.removesuffix("(judul tidak tampil)") in text  # that is said in the reader's language
        assert found.publisher in text
        assert [e["url"] for e in entities] == ([found.url] if found.url else [])
        assert visible_length(row) == utf16_length(text)


@given(st.lists(texts(WORD, 200), min_size=1, max_size=60))
def test_many_folded_lines_become_messages_none_too_long(rows: list[str]) -> None:
    lines = [html(Document((line(row),))) for row in rows]
    texts_ = read(tuple(folded_parts(lines)))
    assert "\n".join(texts_).split("\n") == rows
    assert all(utf16_length(text) <= 4096 for text in texts_)


@pytest.mark.parametrize(("length", "expected"), [(100, 1), (4000, 1), (4090, 2)])
def test_sources_follow_in_the_last_message_where_they_fit(length: int, expected: int) -> None:
    parts = with_sources((sentence(length),), ["• a: b", "• c: d"])
    assert len(parts) == expected
    assert "".join(map(unescape, read(tuple(parts)))).endswith("• a: b\n• c: d")
    assert all(utf16_length(text) <= 4096 for text in read(tuple(parts)))
