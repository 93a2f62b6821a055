"""What a printed page is made of: fonts that are embedded, paragraphs, tables and a QR code, in one calm style."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple
from xml.sax.saxutils import escape, quoteattr

import reportlab
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.lib.colors import HexColor, black
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, Table

INK: Final = HexColor("#1f2933")
GREY: Final = HexColor("#78838f")
HAIRLINE: Final = HexColor("#d3d9df")
ACCENT: Final = HexColor("#1f5a6b")
PALE: Final = HexColor("#edf3f4")
FACES: Final = {"Sheet": "Vera.ttf", "Sheet-Bold": "VeraBd.ttf", "Sheet-Italic": "VeraIt.ttf"}
"""The fonts by name: Bitstream Vera, which comes with reportlab and may be embedded. It has typographic quotes and dashes."""
QUIET: Final = 4
"""Modules of white around a QR code, as its standard asks for."""
UNKNOWN: Final = "?"
"""What stands for a character that the fonts do not have, nor a plainer form of it."""


class Cell(NamedTuple):
    """A paragraph to be: its text, as markup, and how it looks."""

    markup: str
    size: float
    font: str = "Sheet"
    color: Any = INK
    right: bool = False


@cache
def fonts() -> dict[str, frozenset[int]]:
    """Make the fonts known to reportlab; the characters that each has."""
    folder = Path(reportlab.__file__).parent / "fonts"
    made = {name: TTFont(name, folder / file) for name, file in FACES.items()}
    for font in made.values():
        pdfmetrics.registerFont(font)
    pdfmetrics.registerFontFamily(
        "Sheet", normal="Sheet", bold="Sheet-Bold", italic="Sheet-Italic", boldItalic="Sheet-Bold"
    )
    return {name: frozenset(font.face.charToGlyph) for name, font in made.items()}


def shown(text: str) -> str:
    """A text in characters that the fonts have: others in a plainer form where there is one, else as "?"."""
    return "".join(map(_shown, " ".join(text.split())))


@cache
def _shown(character: str) -> str:
    known = frozenset.intersection(*fonts().values())
    if ord(character) in known:
        return character
    plainer = [c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c)]
    if plainer and all(ord(c) in known for c in plainer):
        return "".join(plainer)
    # What only changes how its neighbours look, such as a variation selector, has no look of its own.
    return "" if unicodedata.category(character) in ("Mn", "Me", "Cf", "Cc") else UNKNOWN


def plain(text: str) -> str:
    """A text as markup of a paragraph."""
    return escape(shown(text))


def linked(text: str, url: str) -> str:
    """The same, leading to a page where that is an address of the web."""
    if not url.startswith(("https://", "http://")):
        return plain(text)
    return f"<link href={quoteattr(url)}>{plain(text)}</link>"


def paragraph(cell: Cell) -> Paragraph:
    """A cell as reportlab draws it; a word that is too long for its line is broken."""
    style = ParagraphStyle(
        "cell", fontName=cell.font, fontSize=cell.size, leading=cell.size * 1.32, textColor=cell.color,
        alignment=2 if cell.right else 0, splitLongWords=1,
    )  # fmt: skip
    return Paragraph(cell.markup, style)


def table(
    rows: list[list[Cell]], widths: list[float], ruled: list[int], padding: float, *, headed: bool = False
) -> Table:  # fmt: skip
    """Rows of cells. ``ruled``: the rows that have a hairline above them; ``headed``: the first is a heading as wide as all."""
    look: list[tuple[Any, ...]] = [
        ("FONTNAME", (0, 0), (-1, -1), "Sheet"), ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-2, -1), 8), ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), padding), ("BOTTOMPADDING", (0, 0), (-1, -1), padding),
    ]  # fmt: skip
    look += [("LINEABOVE", (0, at), (-1, at), 0.5, HAIRLINE) for at in ruled]
    look += [("SPAN", (0, 0), (-1, 0)), ("TOPPADDING", (0, 0), (-1, 0), 8)] if headed else []
    return Table([[paragraph(cell) for cell in row] for row in rows], widths, style=look)


def draw_qr_code(canvas: Any, text: str, x: float, y: float, size: float) -> None:
    """Draw a QR code with its quiet zone, as wide and high as given in points. 15 % of it may be unreadable."""
    code = QrCodeWidget(text, barLevel="M").qr
    code.make()
    count = code.getModuleCount()
    module = size / (count + 2 * QUIET)
    canvas.setFillColor(black)
    for row in range(count):
        dark = "".join("#" if code.isDark(row, column) else " " for column in range(count))
        bottom = y + module * (QUIET + count - 1 - row)
        for run in re.finditer("#+", dark):  # one bar for neighbours: between two, some printers leave a hair
            canvas.rect(x + module * (QUIET + run.start()), bottom, module * len(run[0]), module, stroke=0, fill=1)
