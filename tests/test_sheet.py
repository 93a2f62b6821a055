"""The status card as a page: always one, everything on it and inside its margins, the same bytes for the same card and day."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph

from handlers.rendering import Speech, speech
from handlers.rendering.print import FACES, fonts, linked, shown
from handlers.rendering.sheet import QR, card_link, file_name, sheet
from handlers.rendering.status import line_name, sayings
from handlers.rendering.typeset import STEPS
from knowledge.model import Claim, Language, Source
from knowledge.snapshot import Snapshot
from knowledge.status import status

DAY = date(2026, 11, 25)
BOT = "tanya100_bot"
KLATEN, DEPOK, JAMBI, PURWOREJO, MINAHASA = "33.10", "32.76", "15.71", "33.06", "71.02"
KINDS = [KLATEN, DEPOK, "33.02", JAMBI, PURWOREJO, MINAHASA, "71.06", "32.04", "31.01"]
"""Much data, disputes, little, none, the continuation alone, both, and the longest name."""
LANGUAGES: tuple[Language, ...] = ("id", "en")
MARGIN = 17 * mm


@dataclass(frozen=True)
class Drawn:
    """A paragraph as it stands on the page."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Drawn]:
    """What is drawn from now on."""
    found: list[Drawn] = []
    original = Paragraph.drawOn

    def spied(self: Any, canvas: Any, x: float, y: float, _sW: float = 0) -> None:
        left, bottom = canvas.absolutePosition(x, y)
        text = " ".join(self.getPlainText(identify=True).split())
        if text:
            found.append(Drawn(text, left, bottom, left + self.width, bottom + self.height, self.style.fontSize))
        original(self, canvas, x, y, _sW)

    monkeypatch.setattr(Paragraph, "drawOn", spied)
    return found


def made(snapshot: Snapshot, code: str, language: Language = "en", bot: str = BOT, day: date = DAY) -> bytes:
    """A region's page."""
    return sheet(status(snapshot, code), snapshot, speech(language), bot, day)


def pages(pdf: bytes) -> int:
    """How many pages a PDF has."""
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def overlapping(found: list[Drawn]) -> list[tuple[str, str]]:
    """Paragraphs that stand on each other."""
    return [
        (a.text, b.text)
        for at, a in enumerate(found) for b in found[at + 1 :]
        if min(a.top, b.top) - max(a.bottom, b.bottom) > 0.5 and min(a.right, b.right) - max(a.left, b.left) > 0.5
    ]  # fmt: skip


def outside(found: list[Drawn]) -> list[Drawn]:
    """Paragraphs that leave the margins."""
    wide, high = A4
    return [
        d for d in found if d.left < MARGIN or d.right > wide - MARGIN or d.bottom < 10 * mm or d.top > high - 10 * mm
    ]


def crowded(snapshot: Snapshot, claims: int, sources: int, length: int, wide: int) -> Snapshot:
    """Klaten with many statements on every line, each from several sources; ``wide``: how long titles and addresses are."""
    word = "Pneumonoultramicroscopic" * wide
    cited = {
        f"s{n}": Source(f"s{n}", f"Publisher {n} {word}"[:300], f"Title {n} “{word}”"[:300], "2020-01-02", "", f"https://example.org/{n}/{word * 2}")
        for n in range(sources)
    }  # fmt: skip
    attributes = ["signing", "process", "masterplan", "quick_win", "evaluation", "award", "statement", "status"]
    ids = sorted(cited)
    more = {
        f"X{n}": Claim(
            f"X{n}", f"region:{KLATEN}", attributes[n % len(attributes)], "all", "", (f"Nomor {n} " * 999)[:length],
            (f"Number {n} " * 999)[:length], "stated", tuple(ids[k % sources] for k in range(n, n + 40, 2)), (),
        )
        for n in range(claims)
    }  # fmt: skip
    every = {**snapshot.claims, **more}
    by_subject = {**snapshot.by_subject, f"region:{KLATEN}": [*snapshot.about(f"region:{KLATEN}"), *more.values()]}
    return replace(snapshot, claims=every, by_subject=by_subject, sources={**snapshot.sources, **cited})


# ------------------------------------------------------------------------------------------------------------- on the page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", KINDS)
def test_a_card_is_one_page_with_everything_on_it(
    snapshot: Snapshot, drawn: list[Drawn], code: str, language: Language
) -> None:
    card, s = status(snapshot, code), speech(language)
    pdf = made(snapshot, code, language)
    texts = [d.text for d in drawn]
    assert pages(pdf) == 1
    assert (outside(drawn), overlapping(drawn)) == ([], [])
    assert card.region.label(language) in texts
    for one in card.lines:
        assert line_name(one.line.id, s) in texts
        for said in sayings(one, card, s, snapshot):
            assert said.text in texts
    assert texts.count(s._("no source yet")) == sum(not sayings(one, card, s, snapshot) for one in card.lines)
    for source in snapshot.sources_of(card.claims):
        (listed,) = [t for t in texts if t.startswith(f"{source.publisher}: {s.title(source)}.")]
        assert s.date(source.date) in listed
        assert (source.url or "") in listed
    assert min(d.size for d in drawn) >= 5.8


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_foot_tells_the_day_the_edition_and_the_address(
    snapshot: Snapshot, drawn: list[Drawn], language: Language
) -> None:
    made(snapshot, KLATEN, language)
    s = speech(language)
    link = "https://t.me/tanya100_bot?start=s_33_10"
    texts = [d.text for d in drawn]
    assert link in texts
    (printed,) = [text for text in texts if s.date("2026-11-25") in text]
    assert snapshot.edition in printed
    assert s.date(snapshot.compiled) in printed


def test_each_statement_has_the_numbers_of_its_sources(snapshot: Snapshot, drawn: list[Drawn]) -> None:
    made(snapshot, DEPOK)
    numbers = {d.text: d for d in drawn if re.fullmatch(r"[\d, –]+", d.text) and d.right > 500}
    (yes,) = [d for d in drawn if d.text.startswith("Yes. Was on")]
    (withdrawn,) = [d for d in drawn if d.text.startswith("List of 2018: withdrawn.")]
    assert abs(numbers["1–4"].top - yes.top) < 3
    assert abs(numbers["3, 5"].top - withdrawn.top) < 3
    listed = [d for d in drawn if d.left < 60 and re.fullmatch(r"\d+", d.text)]
    assert [d.text for d in sorted(listed, key=lambda d: -d.top)] == [str(n) for n in range(1, 9)]


def test_what_is_missing_is_grey(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    colors: dict[str, str] = {}
    original = Paragraph.drawOn

    def spied(self: Any, *where: Any) -> None:
        colors[self.getPlainText(identify=True)] = self.style.textColor.hexval()
        original(self, *where)

    monkeypatch.setattr(Paragraph, "drawOn", spied)
    made(snapshot, JAMBI)
    assert colors["Awards"] == colors["no source yet"] != colors["Participant"] == colors["22 May 2017"]


@pytest.mark.parametrize(
    ("claims", "sources", "length", "wide", "cut"),
    [
        (6, 4, 60, 1, False),
        (8, 6, 60, 1, True),
        (14, 8, 90, 1, True),
        (40, 30, 500, 9, True),
        (400, 200, 2000, 9, True),
        (16, 3, 2000, 9, True),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_much_is_set_smaller_or_cut_short_with_a_note(
    snapshot: Snapshot,
    drawn: list[Drawn],
    language: Language,
    claims: int,
    sources: int,
    length: int,
    wide: int,
    cut: bool,
) -> None:
    pdf = made(crowded(snapshot, claims, sources, length, wide), KLATEN, language)
    s = speech(language)
    assert pages(pdf) == 1
    assert (outside(drawn), overlapping(drawn)) == ([], [])
    assert {line_name(one.line.id, s) for one in status(snapshot, KLATEN).lines} <= {d.text for d in drawn}
    begins = s._("Not all of it fits on this page: the rest is in Telegram, at the address below.").partition(":")[0]
    notes = [d.text for d in drawn if d.text.startswith(begins)]
    assert bool(notes) == cut
    assert min(d.size for d in drawn) < 7.1 * 0.99
    listed = [d.text for d in sorted(drawn, key=lambda d: -d.top) if d.left < 60 and re.fullmatch(r"\d+", d.text)]
    assert listed == [str(n) for n in range(1, len(listed) + 1)]
    told = re.search(r"\d+", "".join(notes))
    numbers = [
        int(n)
        for d in drawn
        if d.right > 500 and re.fullmatch(r"[\d, –…]+", d.text)
        for n in re.findall(r"\d+", d.text)
    ]
    assert len(listed) + (int(told[0]) if told else 0) >= max(numbers)


def test_a_long_name_stays_on_the_page(snapshot: Snapshot, drawn: list[Drawn]) -> None:
    region = replace(snapshot.regions[KLATEN], name_en="Regency of " + "Very Long Names " * 18)
    crowd = crowded(snapshot, 400, 200, 2000, 9)
    pdf = made(replace(crowd, regions={**crowd.regions, KLATEN: region}), KLATEN, bot="b" * 32)
    assert (pages(pdf), outside(drawn), overlapping(drawn)) == (1, [], [])


def test_a_card_without_any_source_is_a_page_too(snapshot: Snapshot, drawn: list[Drawn]) -> None:
    bare = replace(snapshot, claims={}, by_subject={})
    assert pages(made(bare, PURWOREJO)) == 1
    assert "Purworejo Regency" in [d.text for d in drawn]


def test_the_last_step_cuts_more_than_those_before() -> None:
    assert (
        tuple(sorted(STEPS, key=lambda step: (-step.scale, not step.addresses, -step.sayings, -step.characters)))
        == STEPS
    )


def test_what_was_typed_is_no_markup(snapshot: Snapshot, drawn: list[Drawn]) -> None:
    said = 'A <b>bold</b> & "quoted" <font size=99>claim</font>'
    claim = replace(snapshot.claims["R001"], text_en=said)
    every = [claim if c.id == "R001" else c for c in snapshot.about(f"region:{KLATEN}")]
    made(replace(snapshot, by_subject={**snapshot.by_subject, f"region:{KLATEN}": every}), KLATEN)
    assert said in [d.text for d in drawn]


# ------------------------------------------------------------------------------------------------------------ bytes, fonts


def test_the_same_card_on_the_same_day_is_the_same_file(snapshot: Snapshot) -> None:
    assert made(snapshot, KLATEN) == made(snapshot, KLATEN)
    others = [
        made(snapshot, KLATEN, day=date(2026, 11, 26)),
        made(snapshot, KLATEN, "id"),
        made(snapshot, KLATEN, bot="other_bot"),
    ]
    assert len({made(snapshot, KLATEN), *others}) == 4


def test_all_fonts_are_embedded_and_no_other_is_used(snapshot: Snapshot) -> None:
    pdf = made(snapshot, KLATEN)
    assert len(re.findall(rb"/FontFile2 ", pdf)) == len(FACES)
    named = set(re.findall(rb"/BaseFont\s*/([\w+-]+)", pdf))
    assert {name.partition(b"+")[2] for name in named} == {
        b"BitstreamVeraSans-Roman", b"BitstreamVeraSans-Bold", b"BitstreamVeraSans-Oblique",
    }  # fmt: skip


def test_the_fonts_have_every_character_of_the_knowledge(snapshot: Snapshot) -> None:
    texts = [text for c in snapshot.claims.values() for text in (c.value, c.text_id, c.text_en)]
    texts += [text for s in snapshot.sources.values() for text in (s.publisher, s.title, s.date_note, s.url or "")]
    texts += [text for r in snapshot.regions.values() for text in (r.name, r.name_en)]
    needed = {ord(c) for c in "".join(texts)} | set(map(ord, "“”‘’–—…·•"))
    assert {name: needed - known for name, known in fonts().items()} == {name: set() for name in FACES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_page_itself_says_is_in_the_fonts(snapshot: Snapshot, drawn: list[Drawn], language: Language) -> None:
    made(snapshot, MINAHASA, language)
    assert [d.text for d in drawn if "?" in d.text and "http" not in d.text] == []


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("“Kota” – ‘cerdas’ — 2019…", "“Kota” – ‘cerdas’ — 2019…"),
        ("Ḥaḍramawt", "Hadramawt"),
        ("№ ½", "No ½"),
        ("✅ 漢字", "? ??"),
        ("a\u200bb\ufe0fc\x07", "abc"),
        ("two\n\n  lines", "two lines"),
    ],
)
def test_a_character_without_a_glyph_has_a_plainer_form_or_a_mark(typed: str, printed: str) -> None:
    assert shown(typed) == printed


def test_only_addresses_of_the_web_are_links() -> None:
    assert linked("x", 'https://a.id/?a=1&b="2"') == "<link href='https://a.id/?a=1&amp;b=\"2\"'>x</link>"
    assert linked("x", "javascript:alert(1)") == "x"


# --------------------------------------------------------------------------------------------------- link, QR code, name


def test_the_link_and_the_code_lead_to_the_card(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[str] = []
    original = QrCodeWidget.__init__

    def spied(self: Any, value: str, **options: Any) -> None:
        encoded.append(value)
        original(self, value, **options)

    monkeypatch.setattr(QrCodeWidget, "__init__", spied)
    pdf = made(snapshot, KLATEN)
    assert encoded == ["https://t.me/tanya100_bot?start=s_33_10"]
    assert b"/URI (https://t.me/tanya100_bot?start=s_33_10)" in pdf


@pytest.mark.parametrize("bot", ["tanya", "b" * 32])
def test_a_module_of_the_code_is_large_enough_for_print(bot: str) -> None:
    widget = QrCodeWidget(card_link(bot, KLATEN), barLevel="M")
    widget.draw()
    assert QR / (widget.qr.getModuleCount() + 8) >= 0.6 * mm


@pytest.mark.parametrize(("code", "language", "name"), [
    (KLATEN, "id", "status-kabupaten-klaten-2026-11-25.pdf"), (KLATEN, "en", "status-klaten-regency-2026-11-25.pdf"),
])  # fmt: skip
def test_the_file_is_called_by_region_and_day(snapshot: Snapshot, code: str, language: Language, name: str) -> None:
    s: Speech = speech(language)
    assert file_name(status(snapshot, code), DAY, s) == name


def test_a_name_in_other_letters_is_called_by_its_code(snapshot: Snapshot) -> None:
    region = replace(snapshot.regions[KLATEN], name="漢字")
    card = replace(status(snapshot, KLATEN), region=region)
    assert file_name(card, DAY, speech("id")) == "status-33.10-2026-11-25.pdf"
