"""A status card on one page, to forward or to print: always one A4 page, and the same bytes for the same card and day."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any, Final

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Table

from knowledge.answer import Status
from knowledge.model import Source
from knowledge.snapshot import Snapshot

from .print import ACCENT, GREY, HAIRLINE, INK, PALE, Cell, draw_qr_code, fonts, linked, paragraph, plain
from .speech import Speech
from .status import checked, sayings, verdict
from .typeset import STEPS, Numbered, Step, lines_table, note, sources_table

WIDTH, HEIGHT = A4
SIDE: Final = 18 * mm
INNER: Final = WIDTH - 2 * SIDE
TOP: Final = HEIGHT - 15 * mm
BOTTOM: Final = 12 * mm
QR: Final = 28 * mm
"""With 33 modules of code and 8 of quiet zone each is 0.7 mm: telephones read 0.4 mm from paper."""
MAX_WHOLE: Final = 9000
"""Characters of statements that may fit without being cut short: 75 lines of 120, more than a page has in small letters."""
MAX_NAME: Final = 120
"""Characters of the region's name and of its province's: the longest of the shipped edition has 40."""


def card_link(bot: str, code: str) -> str:
    """The address that opens a region's card in Telegram. ``bot``: the bot's user name."""
    return f"https://t.me/{bot}?start=s_{code.replace('.', '_')}"


def file_name(status: Status, day: date, s: Speech) -> str:
    """What the file is called: ``status-kabupaten-klaten-2026-11-22.pdf``."""
    ascii_ = unicodedata.normalize("NFKD", status.region.label(s.language)).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_).strip("-")[:60] or status.region.code
    return f"status-{slug}-{day.isoformat()}.pdf"


def sheet(status: Status, snapshot: Snapshot, s: Speech, bot: str, day: date) -> bytes:
    """The card as a PDF of one A4 page.

    What does not fit is set smaller, and in the end cut short, with a note where the rest is.

    Args:
        status: the card.
        snapshot: the knowledge that it is from.
        s: the language of the page.
        bot: the bot's user name, for the link and its QR code.
        day: when it is printed.
    """
    fonts()
    out = BytesIO()
    canvas = Canvas(out, A4, invariant=1, pageCompression=1, lang=s.language, initialFontName="Sheet")
    name = status.region.label(s.language)
    canvas.setTitle(s._("Status card of {name}", name=name))
    canvas.setSubject("Gerakan Menuju 100 Smart City")
    canvas.setAuthor("Tanya 100 Smart City")
    canvas.setCreator("Tanya 100 Smart City")
    link = card_link(bot, status.region.code)
    top = _head(canvas, status, snapshot, s)
    bottom = _foot(canvas, status, snapshot, s, link, day)
    said = sum(len(saying.text) for one in status.lines for saying in sayings(one, status, s, snapshot))
    for step in STEPS if said <= MAX_WHOLE else [step for step in STEPS if step.characters < MAX_WHOLE]:
        numbered = Numbered()
        lines, cut = lines_table(status, snapshot, s, step, numbered, INNER)
        room = top - bottom - _height(lines)
        listed = _sources(numbered.sources, s, step, room, cut=cut)
        if listed:
            _put(canvas, lines, top)
            _put(canvas, listed, top - _height(lines))
            break
    canvas.showPage()
    canvas.save()
    return out.getvalue()


# ---------------------------------------------------------------------------------------------------- head and foot of it


def _head(canvas: Any, status: Status, snapshot: Snapshot, s: Speech) -> float:
    """Draw what stands above the table; where that begins."""
    canvas.setFillColor(ACCENT)
    canvas.setFont("Sheet-Bold", 7.5)
    canvas.drawString(SIDE, TOP, "GERAKAN MENUJU 100 SMART CITY")
    canvas.setFillColor(GREY)
    canvas.setFont("Sheet", 7.5)
    canvas.drawRightString(WIDTH - SIDE, TOP, s._("Status card of a region"))
    canvas.setStrokeColor(ACCENT)
    canvas.setLineWidth(1.2)
    canvas.line(SIDE, TOP - 6, WIDTH - SIDE, TOP - 6)
    region = status.region
    name, province = (r.label(s.language)[:MAX_NAME] for r in (region, snapshot.regions[region.province]))
    size = 21.0 if len(name) <= 34 else 15.0
    y = _text(canvas, Cell(plain(name), size, "Sheet-Bold"), SIDE, TOP - 15, INNER)
    under = s._("{province} · region code {code}", province=province, code=region.code)
    y = _text(canvas, Cell(plain(under), 9, color=GREY), SIDE, y - 4, INNER)
    told = paragraph(Cell(plain(verdict(status, s, snapshot)), 10.5, "Sheet-Bold", ACCENT))
    _, high = told.wrapOn(canvas, INNER - 20, HEIGHT)
    canvas.setFillColor(PALE)
    canvas.roundRect(SIDE, y - 8 - high - 13, INNER, high + 13, 3, stroke=0, fill=1)
    told.drawOn(canvas, SIDE + 10, y - 8 - high - 6)
    return float(y - 8 - high - 13 - 10)


def _foot(canvas: Any, status: Status, snapshot: Snapshot, s: Speech, link: str, day: date) -> float:
    """Draw what stands at the bottom, with the QR code; where that ends."""
    top = BOTTOM + QR + 4
    canvas.setStrokeColor(HAIRLINE)
    canvas.setLineWidth(0.5)
    canvas.line(SIDE, top, WIDTH - SIDE, top)
    draw_qr_code(canvas, link, WIDTH - SIDE - QR + 6, BOTTOM, QR)
    wide = INNER - QR - 10
    now = s._("How it stands now, with all sources, in Telegram:")
    y = _text(canvas, Cell(plain(now), 8, color=GREY), SIDE, top - 9, wide)
    y = _text(canvas, Cell(linked(link, link), 9, "Sheet-Bold", ACCENT), SIDE, y - 2, wide)
    printed = s._("Printed on {date} from edition {edition}.", date=s.date(day.isoformat()), edition=snapshot.edition)
    y = _text(canvas, Cell(plain(f"{printed} {checked(status, s)}"), 7.5, color=INK), SIDE, y - 7, wide)
    made = s._("Compiled by the bot Tanya 100 Smart City from the sources named here. Not an official document.")
    _text(canvas, Cell(plain(made), 7, "Sheet-Italic", GREY), SIDE, y - 3, wide)
    return float(top + 8)


def _text(canvas: Any, cell: Cell, x: float, y: float, wide: float) -> float:
    """Draw a paragraph below a height; where it ends."""
    made = paragraph(cell)
    _, high = made.wrapOn(canvas, wide, HEIGHT)
    made.drawOn(canvas, x, y - high)
    return float(y - high)


def _sources(sources: Sequence[Source], s: Speech, step: Step, room: float, *, cut: bool) -> Table | None:
    """The numbered list; None where it does not fit. At the last step it is as long as fits."""

    def listed(left_out: int) -> Table:
        return sources_table(sources[: len(sources) - left_out], s, step, note(s, left_out, cut=cut), INNER)

    if _height(listed(0)) <= room:
        return listed(0)
    if step is not STEPS[-1]:
        return None
    return listed(bisect_left(range(len(sources)), True, key=lambda left_out: _height(listed(left_out)) <= room))


def _height(made: Table) -> float:
    _, high = made.wrap(INNER, HEIGHT)
    return float(high)


def _put(canvas: Any, made: Table, top: float) -> None:
    made.wrapOn(canvas, INNER, HEIGHT)
    made.drawOn(canvas, SIDE, top - _height(made))
