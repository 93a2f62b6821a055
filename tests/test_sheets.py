"""Files of tables: what people save from Excel comes out as they see it, and no bytes at all make anything but a clear refusal."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from knowledge import cells, sheets
from knowledge.cells import defused, restored
from knowledge.errors import InvalidDataError
from knowledge.sheets import read

ROWS = [(2, {"id": "F001", "text": "café – “ya”"}), (3, {"id": "F002", "text": "b"})]


def rows(content: bytes, name: str = "claims.csv") -> list[tuple[int, dict[str, str]]]:
    """The rows of a file of one sheet."""
    (sheet,) = read(content, name).sheets
    return [(number, dict(row)) for number, row in sheet.rows]


def xlsx(*lines: list[object], change: Callable[[openpyxl.Workbook], object] = lambda book: None) -> bytes:
    """An Excel file as a person makes it."""
    book = openpyxl.Workbook()
    book.active.title = "claims"
    for line in lines:
        book.active.append(line)
    change(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def zipped(**files: str | bytes) -> bytes:
    """A zip; ``__`` in a name is a full stop."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return file.getvalue()


def refusal(content: bytes, name: str = "claims.csv") -> str:
    """Why a file is refused."""
    with pytest.raises(InvalidDataError) as refused:
        read(content, name)
    return str(refused.value)


# ------------------------------------------------------------------------------------------------------------------- CSV


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_separators_and_line_ends_are_recognised(encoding: str, separator: str, end: str) -> None:
    text = f"id{separator}text{end}F001{separator}café – “ya”{end}F002{separator}b{end}"
    assert rows(text.encode(encoding)) == ROWS


def test_the_separator_within_a_quoted_name_does_not_count() -> None:
    assert rows(b'id;"text, in, full"\nF001;x\n') == [(2, {"id": "F001", "text, in, full": "x"})]


def test_excels_own_hint_at_the_separator_is_followed() -> None:
    assert rows(b"sep=;\nid;a,b,c\nF001;x\n") == [(2, {"id": "F001", "a,b,c": "x"})]


def test_a_quoted_line_break_begins_no_row_and_an_empty_line_is_one() -> None:
    assert rows(b'id,text\nF001,"one\ntwo"\n\nF002,b\n') == [
        (2, {"id": "F001", "text": "one\ntwo"}),
        (4, {"id": "F002", "text": "b"}),
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"id,text\nF001,a\nF002,b,c\n", "row 3: cell 3"),
        (b"id,text\nF001,a\nF002\n", "row 3: 1 cells"),
        (b'id,text\nF001,a\nF002,"b\n', "row 3: a quotation mark"),
        (b'id,text\nF001,"a" b\n', "row 2: a quotation mark"),
        (b"id,ID\nF001,a\n", "two columns named 'ID'"),
        (b"id,text\n", "no rows"),
        (b" \n \n", "empty"),
        (b"", "empty"),
        (b"%PDF-1.4\x00\x01", "no file of tables"),
        (b"%PDF-1.4\n1 0 obj\n", "no file of tables"),
        (b"{\\rtf1 Klaten}", "no file of tables"),
        (b"<html><table><tr><td>id</td></tr></table>", "no file of tables"),
        (b"\xd0\xcf\x11\xe0old", "Save it as .xlsx"),
        (b"id,text\nF001," + b"x" * (cells.MAX_CELL + 1) + b"\n", "row 2, text: 10001 characters"),
        (b"id\n" + b"a\n" * (cells.MAX_ROWS + 1), "more than 50000 rows"),
        (",".join(f"c{n}" for n in range(61)).encode() + b"\n1\n", "61 columns"),
        (b"id,text\n" + b"x" * sheets.MAX_FILE, "larger than 10 MB"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_file_is_refused_with_its_row(content: bytes, told: str) -> None:
    assert told in refusal(content)


# ------------------------------------------------------------------------------------------------------------------ XLSX


def test_excel_cells_are_what_a_person_sees() -> None:
    def formats(book: openpyxl.Workbook) -> None:
        book.active["G2"].number_format = "0.00"

    head = ["id", "year", "day", "moment", "share", "yes", "code", "none"]
    line = ["F001", 2019.0, date(2019, 5, 15), datetime(2019, 5, 15, 10, 30), 0.1, True, 33.1, None]
    assert rows(xlsx(head, line, change=formats), "a.xlsx") == [
        (2, {
            "id": "F001", "year": "2019", "day": "2019-05-15", "moment": "2019-05-15 10:30:00", "share": "0.1", "yes": "yes",
            "code": "33.10", "none": "",
        })
    ]  # fmt: skip


def test_rows_keep_the_number_that_excel_shows() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.active["A3"], book.active["A7"] = "id", "F001"

    assert rows(xlsx(change=fill), "a.xlsx") == [(7, {"id": "F001"})]


def test_every_visible_sheet_is_read_and_a_wrong_claim_of_size_loses_nothing() -> None:
    def more(book: openpyxl.Workbook) -> None:
        sheet = book.create_sheet("sources")
        for line in (["id"], ["a"], ["b"]):
            sheet.append(line)
        book.create_sheet("secret").sheet_state = "hidden"

    content = xlsx(["id"], ["F001"], change=more)
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'<dimension ref="A1:A3"', b'<dimension ref="A1:A1"'))
    found = read(packed.getvalue(), "a.xlsx").sheets
    assert [(sheet.name, [row["id"] for _, row in sheet.rows]) for sheet in found] == [("claims", ["F001"]), ("sources", ["a", "b"])]  # fmt: skip


def test_a_cell_that_shows_an_error_is_told() -> None:
    assert "claims, row 2: a cell shows #N/A" in refusal(xlsx(["id"], ["#N/A"]), "a.xlsx")


def test_a_row_far_below_costs_nothing() -> None:
    def far(book: openpyxl.Workbook) -> None:
        book.active["A1048576"] = "F001"

    assert rows(xlsx(["id"], change=far), "a.xlsx") == [(1048576, {"id": "F001"})]


def test_titles_above_a_table_of_excel_are_left_out() -> None:
    def head(book: openpyxl.Workbook) -> None:
        book.active.insert_rows(1, 2)
        book.active["A1"] = "Daftar pernyataan 2026"

    assert rows(xlsx(["id", "nilai"], ["F001", "3"], change=head), "a.xlsx") == [(4, {"id": "F001", "nilai": "3"})]


def test_excel_is_known_by_its_content_not_by_its_name() -> None:
    assert rows(xlsx(["id"], ["F001"]), "claims.csv") == [(2, {"id": "F001"})]


# ------------------------------------------------------------------------------------------------------------ zip and JSON


def test_a_zip_holds_a_sheet_for_each_csv_file() -> None:
    found = read(zipped(claims__csv="id\nF001\n", readme__txt="x", sources__csv="id\na\n"), "a.zip").sheets
    assert [(sheet.name, len(sheet.rows)) for sheet in found] == [("claims", 1), ("sources", 1)]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (zipped(a__csv="id\n" + "1" * (sheets.MAX_UNPACKED + 1)), "more than 60 MB"),
        (zipped(**{f"f{n}__csv": "" for n in range(sheets.MAX_PACKED + 1)}), "more than 60 MB"),
        (zipped(readme__txt="x"), "no CSV file"),
        (zipped(**{"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}), "no file of tables"),
        (zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "no file of tables"),
        (zipped(a__csv="id\n1\n")[:-30], "damaged"),
        (zipped(**{"xl/workbook.xml": "<!DOCTYPE x [<!ENTITY a 'b'>]><workbook/>"}), "XML of a kind"),
        (zipped(**{"xl/workbook.xml": "<workbook/>"}), "damaged"),
        (zipped(datapackage__json="{", a__csv="id\n1\n"), "datapackage.json"),
    ],
    ids=["large", "many", "no table", "Word", "OpenDocument", "cut", "entities", "no workbook", "description"],
)
def test_a_bad_packed_file_is_refused(content: bytes, told: str) -> None:
    assert told in refusal(content)


def test_a_size_that_a_zip_understates_is_found_out() -> None:
    """The declared size is there for show: what is really unpacked counts."""
    content = zipped(a__csv="id\n" + "1\n" * (sheets.MAX_UNPACKED // 2 + 10))
    size = (sheets.MAX_UNPACKED // 2 + 10) * 2 + 3
    assert content.count(size.to_bytes(4, "little")) == 2
    assert read_or_refusal(content.replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little"))) is None


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[]", "not what an export makes"),
        ('{"claims": 5}', "not what an export makes"),
        ('{"claims": [1]}', "not what an export makes"),
        ('{"claims": [{"id": ["a"]}]}', "claims, row 1, id: no list"),
        ('{"claims": [\n{]}', "line 2, column 2"),
        ('{"claims": [{"id": "\\ud800"}]}', "claims, row 1, id: there is a character"),
        ("[" * 100_000, "not what an export makes"),
    ],
    ids=lambda value: value[:30],
)
def test_a_bad_json_file_is_refused(content: str, told: str) -> None:
    assert told in refusal(content.encode(), "a.json")


def test_numbers_in_json_stay_as_they_are_written() -> None:
    content = json.dumps({"claims": [{"id": "F001", "value": 33.10, "shared": True, "text": None}]}).replace(
        "33.1", "33.10"
    )
    assert rows(content.encode(), "a.json") == [(1, {"id": "F001", "value": "33.10", "shared": "yes", "text": ""})]


# ------------------------------------------------------------------------------------------------------- whatever the bytes


def read_or_refusal(content: bytes, name: str = "claims.csv") -> int | None:
    """How many rows a file has; None where it is refused."""
    try:
        return sum(len(sheet.rows) for sheet in read(content, name).sheets)
    except InvalidDataError:
        return None


EXCEL = xlsx(["id", "text"], ["F001", "a"], ["F002", 5])
PACKED = zipped(claims__csv="id,text\nF001,a\n", datapackage__json="{}")


@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.xlsx", "a.zip", "a.json"]))
@example(b"PK\x03\x04", "a.xlsx")
@example(b"\xff\xfe\x00", "a.csv")
@example(b'{"a":' * 1000, "a.json")
def test_any_bytes_are_read_or_refused(content: bytes, name: str) -> None:
    read_or_refusal(content, name)
    read_or_refusal(b"PK\x03\x04" + content, name)
    read_or_refusal(b"{" + content, name)


@given(st.sampled_from([EXCEL, PACKED]), st.data())
def test_damaged_files_are_read_or_refused(whole: bytes, data: st.DataObject) -> None:
    content = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    read_or_refusal(bytes(content[: data.draw(st.integers(0, len(content)))]) or b"x")


@given(st.text(max_size=300))
def test_damaged_sheets_of_excel_are_read_or_refused(text: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(EXCEL)) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            body = old.read(name)
            new.writestr(name, body.replace(b"<v>5</v>", f"<v>{text}</v>".encode("utf-8", "replace")))
    read_or_refusal(packed.getvalue())


# ---------------------------------------------------------------------------------------------------- formulas defused


@given(st.text(st.sampled_from("'=+-@\t\r\nA1"), max_size=6))
@example("'=1")
@example("''=1")
@example("'")
def test_what_is_defused_is_restored_and_begins_no_formula(text: str) -> None:
    assert restored(defused(text)) == text
    assert defused(text)[:1] not in tuple("=+-@\t\r\n")


def test_a_csv_file_of_ours_reads_back(tmp_path: object) -> None:
    file = io.StringIO(newline="")
    csv.writer(file).writerows([["id", "text"], ["F001", defused("=HYPERLINK(1)")]])
    assert rows(file.getvalue().encode()) == [(2, {"id": "F001", "text": "=HYPERLINK(1)"})]
