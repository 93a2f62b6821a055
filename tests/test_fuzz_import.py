"""Whatever a file holds: it is planned or refused, within bounds, and nothing is written by that."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import pickle
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from fuzz_acts import MARK, examples
from hypothesis import given
from hypothesis import strategies as st
from running import furnish
from test_importing import SHIPPED
from test_sheets import EXCEL, zipped

from handlers.rendering import speech
from handlers.staff import desk, deskwork
from handlers.staff.report_file import report
from knowledge import cells, importing, sheets
from knowledge.cells import restored
from knowledge.changes import content_hash
from knowledge.columns import Choices
from knowledge.errors import InvalidDataError, KnowledgeError
from knowledge.fields import FIELDS
from knowledge.importing import Plan
from knowledge.origins import Current

CURRENT = Current(SHIPPED.tables, content_hash(SHIPPED.tables), 0, {}, strange=False)
KNOWN = sorted(
    {value for rows in SHIPPED.tables.values() for row in rows[:40] for value in row.values() if len(value) < 60}
)
CELLS = st.one_of(
    st.sampled_from(KNOWN), st.sampled_from(KNOWN),
    st.sampled_from((
        "", " ", "=1+1", "=cmd|' /C calc'!A0", "@SUM(A1)", "-1", "+62", "\t", "\r", "a\nb", "x" * 9000, "x" * 10001,
        "\x00", "\ud800", "\ufffe",
        "\u202e33.10", "33.1", "33,10", "F001;F002", ";" * 50, "F001", "F999", "claims", "2019-02-30", "31/12/2026",
        "9999999", "1e308", "NaN", "ya",
        "no", "<script>", "https://a.example/\u202e", "http://[::1", "javascript:alert(1)", "region:33.10", "region:",
        "cohort:2017", "_x0041_", "#N/A",
    )),
    st.text(max_size=8), st.integers(-5, 99999).map(str),
)  # fmt: skip
TABLES = st.sampled_from(sorted(FIELDS))


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, list[list[str]]]:
    """A table that begins with column names, most of them right."""
    table = draw(TABLES)
    names = [field.name for field in FIELDS[table]]
    columns = draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    if draw(st.integers(0, 4)) == 0:
        columns.append(draw(st.one_of(CELLS, st.just("remove"))))
    elif draw(st.booleans()):
        columns = names
    rows = draw(
        st.lists(
            st.lists(CELLS, min_size=len(columns), max_size=len(columns) + draw(st.sampled_from((0,) * 9 + (1,)))),
            min_size=1,
            max_size=6,
        )
    )
    return table, [columns, *rows]


def as_csv(lines: list[list[str]], encoding: str = "utf-8", separator: str = ",") -> bytes:
    """A CSV file."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=separator).writerows(lines)
    return file.getvalue().encode(encoding, "replace")


def as_excel(lines: list[list[str]]) -> bytes:
    """An Excel file; what Excel cannot hold is left out."""
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append([re.sub(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]", "", cell) for cell in line])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@st.composite
def files(draw: st.DrawFn) -> tuple[str, bytes]:
    """A name and a content that belong together, or not."""
    table, lines = draw(tables())
    match draw(st.sampled_from(("csv", "csv", "xlsx", "json", "zip", "nested"))):
        case "csv":
            content = as_csv(
                lines,
                draw(st.sampled_from(("utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-32"))),
                draw(st.sampled_from(",;\t|")),
            )
        case "xlsx":
            content = as_excel(lines)
        case "json":
            rows = [dict(zip(lines[0], row, strict=False)) for row in lines[1:]]
            content = json.dumps({table: draw(st.sampled_from((rows, rows, rows[:1] * 3, {}, [rows])))}).encode()
        case "zip":
            inner = draw(
                st.sampled_from(
                    (
                        f"{table}.csv",
                        f"../../../{table}.csv",
                        f"/etc/{table}.csv",
                        f"C:\\{table}.csv",
                        "__MACOSX/._a.csv",
                    )
                )
            )
            content = zipped(
                **{
                    inner: as_csv(lines),
                    "datapackage.json": draw(st.sampled_from((b"{}", b'{"tanya": {"change": "99"}}', b"[]"))),
                }
            )
        case _:
            content = zipped(**{"a.zip": zipped(**{f"{table}.csv": as_csv(lines)}), "a.csv": b"PK\x03\x04"})
    name = draw(
        st.sampled_from((f"{table}.csv", "a.xlsx", "a.json", "../../a.csv", f"{table}\u202e.csv", "x" * 300, "", "."))
    )
    return name, content


@examples(60)
@given(file=files(), choices=st.dictionaries(st.tuples(st.one_of(TABLES, st.just("")), CELLS), CELLS, max_size=2))
def test_any_file_is_planned_or_refused(file: tuple[str, bytes], choices: dict[tuple[str, str], str]) -> None:
    name, content = file
    plan = planned(content, name, Choices(columns=choices))
    if isinstance(plan, str):
        assert "\n" not in plan
    else:
        assert not (plan.rows and plan.of("error"))
        check_report(plan)


def planned(content: bytes, name: str, choices: Choices) -> Plan | str:
    """What a file would change, or why it is refused."""
    try:
        return importing.plan(CURRENT, sheets.read(content, name).sheets, choices)
    except KnowledgeError as error:
        return str(error)


def check_report(plan: Plan) -> None:
    """The report can be read, and is no formula where somebody opens it."""
    for line in csv.reader(io.StringIO(report(plan.lines, speech("id")).decode("utf-8-sig"), newline="")):
        for cell in line:
            assert cell[:1] not in tuple("=+-@\t\r\n") or restored(cell) != cell


# ---------------------------------------------------------------------------------------------------------- within bounds


def excel(body: bytes, part: str = "xl/worksheets/sheet1.xml") -> bytes:
    """An Excel file with other cells, or (another ``part``) with something else instead."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(EXCEL)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            whole = old.read(name)
            if name == part:
                whole = re.sub(rb"<sheetData>.*</sheetData>", lambda _: b"<sheetData>" + body + b"</sheetData>", whole)
            new.writestr(name, whole)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("cell", "times"), [(b"<c/>", 14_000_000), (b"<a>", 19_000_000), (b"<c><v>1</v></c>", 3_800_000)],
    ids=["empty cells", "elements in elements", "cells"],
)  # fmt: skip
def test_a_row_without_end_is_refused_before_it_is_read(cell: bytes, times: int) -> None:
    """60 KB that would take 4 GB of memory."""
    content = excel(b"<row>" + cell * times + b"</row>")
    assert len(content) < 200_000
    with pytest.raises(InvalidDataError, match="XML of a kind"):
        sheets.read(content, "a.xlsx")


def test_rows_and_links_of_every_size_that_people_make_are_read() -> None:
    """Rows of 60 cells, each as long as it may be, and 50,000 links behind them."""
    row = b"<row>" + b'<c t="inlineStr"><is><t>' + b"x" * cells.MAX_CELL + b"</t></is></c>"
    heads = b"".join(b'<c t="inlineStr"><is><t>c%d</t></is></c>' % number for number in range(cells.MAX_COLUMNS))
    wide = (
        b"<row>"
        + b"".join([b'<c t="inlineStr"><is><t>' + b"x" * cells.MAX_CELL + b"</t></is></c>"] * cells.MAX_COLUMNS)
        + b"</row>"
    )
    links = (
        b"<hyperlinks>"
        + b'<hyperlink ref="A1" location="claims!A1" display="a text that is shown"/>' * 50_000
        + b"</hyperlinks>"
    )
    content = excel(b"<row>" + heads + b"</row>" + wide * 3 + row + b"</row></sheetData>" + links + b"<sheetData>")
    (sheet,) = sheets.read(content, "a.xlsx").sheets
    assert len(sheet.rows) == 4


def test_a_file_that_asks_for_more_memory_than_there_may_be_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the process that works on files; its limit is made small here, so that it is reached soon."""
    monkeypatch.setattr(
        desk, "_START", f"from handlers.staff import deskwork; deskwork.MEMORY = 150_000_000; {desk._START}"
    )
    furnish(tmp_path)
    before = held(tmp_path)
    content = excel(b"<row><c><v>1</v></c></row>" * 2_000_000)
    request = pickle.dumps(("preview", (tmp_path, deskwork.File(f"{MARK}.xlsx", content), "en")))
    answer = asyncio.run(desk._done(request))
    assert "too much memory" in str(answer)
    assert held(tmp_path) == before


def held(folder: Path) -> list[tuple[Path, bytes]]:
    """All files in a folder and beside it, and what is in them."""
    return [(path, path.read_bytes() if path.is_file() else b"") for path in sorted(folder.parent.rglob("*"))]


@pytest.mark.parametrize("name", ["../../../evil.csv", "/tmp/evil.csv", "C:\\evil.csv", "a/../../evil.csv"])
def test_no_name_in_a_zip_leads_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    before = held(tmp_path)
    (sheet,) = sheets.read(zipped(**{name: "id\nF001\n"}), "a.zip").sheets
    assert "/" not in sheet.name
    assert held(tmp_path) == before
