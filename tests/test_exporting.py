"""What is exported is all of the knowledge, cannot run in a spreadsheet, describes itself, and read back changes nothing."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge import edition, exporting, importing, sheets, store
from knowledge.changes import content_hash
from knowledge.edition import KEYS, TABLES
from knowledge.exporting import FORMATS, Contents
from knowledge.fields import FIELDS
from knowledge.origins import Current

SHIPPED = edition.read()
EMPTY: dict[str, Any] = {table: [] for table in TABLES}
NASTY = st.text(
    st.one_of(
        st.sampled_from("=+-@\t\r\n'\",;\\ _x000D_é\u2028\ufeff𝄞\u0000\x0b"),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    ).filter(lambda c: c != "\0"),
    max_size=12,
)


def of(tables: dict[str, Any], change: int = 5) -> Contents:
    """Contents of some tables."""
    return Contents(tables, SHIPPED.id, SHIPPED.title, change, content_hash(tables))


def imported(tables: dict[str, Any], content: bytes, name: str) -> importing.Plan:
    """What a file would change in some tables."""
    book = sheets.read(content, name)
    return importing.plan(Current(tables, content_hash(tables), 5, {}, strange=False), book.sheets)


@pytest.fixture(scope="module")
def shipped() -> Contents:
    """The shipped edition."""
    return of(SHIPPED.tables)


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_of_everything_changes_nothing(shipped: Contents, form: exporting.Format) -> None:
    plan = imported(SHIPPED.tables, exporting.export(shipped, form), f"a.{FORMATS[form]}")
    assert (plan.open, plan.rows, plan.lines, plan.missing) == (False, (), [], {})
    assert plan.unchanged == sum(map(len, SHIPPED.tables.values()))


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(NASTY, NASTY), min_size=1, max_size=4, unique_by=lambda pair: pair[0].strip()))
def test_an_export_of_anything_changes_nothing(form: exporting.Format, pairs: list[tuple[str, str]]) -> None:
    """Whatever texts stand in the tables, also such as no admin could enter today."""
    sources = [
        {
            **dict.fromkeys((field.name for field in FIELDS["sources"]), ""),
            "id": f"s{at}",
            "title": title,
            "publisher": text,
        }
        for at, (title, text) in enumerate(pairs)
    ]
    aliases = [{"region_code": "33", "alias": f"a{title}", "kind": "area", "shared": text} for title, text in pairs]
    tables = {**EMPTY, "sources": sources, "aliases": aliases}
    plan = imported(tables, exporting.export(of(tables), form), f"a.{FORMATS[form]}")
    assert [line for line in plan.lines if line.kind != "error"] == []
    assert plan.unchanged == len(sources) + len(aliases)


@pytest.mark.parametrize("form", ["csv", "json"])
def test_the_same_knowledge_gives_the_same_bytes(shipped: Contents, form: exporting.Format) -> None:
    other = of({table: [dict(row) for row in rows] for table, rows in SHIPPED.tables.items()})
    assert exporting.export(shipped, form) == exporting.export(other, form)


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_says_what_it_was_made_from(shipped: Contents, form: exporting.Format) -> None:
    about = sheets.read(exporting.export(shipped, form), "a").about
    assert (about["change"], about["hash"], about["edition"]) == ("5", shipped.hash, SHIPPED.id)


@pytest.mark.parametrize("bad", ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1", "'=1", "＝1"])
def test_no_cell_begins_a_formula(bad: str) -> None:
    tables = {
        **EMPTY,
        "cohorts": [{"year": "2017", "phase": bad, "part_of": "", "list_complete": ""}],
    }
    with zipfile.ZipFile(io.BytesIO(exporting.export(of(tables), "csv"))) as archive:
        text = archive.read("cohorts.csv").decode()
    (row,) = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert row[1] == f"'{bad}"
    book = openpyxl.load_workbook(io.BytesIO(exporting.export(of(tables), "xlsx")))
    cell = book["cohorts"]["B2"]
    assert (cell.data_type, cell.value[0]) == ("s", "'")


def test_excel_shows_column_names_always_filters_and_keeps_codes_as_texts(shipped: Contents) -> None:
    book = openpyxl.load_workbook(io.BytesIO(exporting.export(shipped, "xlsx")))
    assert book.sheetnames == [*TABLES, "_about"]
    sheet = book["regions"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", f"A1:E{len(SHIPPED.tables['regions']) + 1}")
    assert {(cell.data_type, cell.number_format) for (cell,) in sheet["A2:A9"]} == {("s", "@")}


# ----------------------------------------------------------------------------------------------------- the Data Package


@pytest.fixture(scope="module")
def package(shipped: Contents) -> dict[str, bytes]:
    """The files of the package."""
    return exporting.package(shipped)


def test_the_description_has_what_its_profile_demands(package: dict[str, bytes], shipped: Contents) -> None:
    """https://specs.frictionlessdata.io/profiles/tabular-data-package/"""
    described = json.loads(package["datapackage.json"])
    assert described["profile"] == "tabular-data-package"
    assert (described["title"], described["version"]) == (SHIPPED.title, f"{SHIPPED.id}+5")
    assert [set(licence) for licence in described["licenses"]] == [{"name", "title", "path"}]
    assert all(source["title"] for source in described["sources"])
    assert [resource["name"] for resource in described["resources"]] == list(TABLES)
    for resource in described["resources"]:
        content = package[resource["path"]]
        assert (resource["profile"], resource["encoding"]) == ("tabular-data-resource", "utf-8")
        assert resource["bytes"] == len(content)
        head, *_ = csv.reader(io.StringIO(content.decode(), newline=""))
        assert [field["name"] for field in resource["schema"]["fields"]] == head
        assert all(field["description"] for field in resource["schema"]["fields"]), resource["name"]
        assert resource["schema"]["primaryKey"] == list(KEYS[resource["name"]])
        assert resource["schema"]["missingValues"] == [""]


def test_every_link_of_the_description_leads_to_a_row(package: dict[str, bytes]) -> None:
    described = json.loads(package["datapackage.json"])
    rows = {name: list(csv.DictReader(io.StringIO(package[f"{name}.csv"].decode(), newline=""))) for name in TABLES}
    checked = 0
    for resource in described["resources"]:
        for link in resource["schema"].get("foreignKeys", ()):
            to = link["reference"]["resource"] or resource["name"]
            there = {row[link["reference"]["fields"]] for row in rows[to]}
            named = {row[link["fields"]] for row in rows[resource["name"]]} - {""}
            assert named <= there
            checked += 1
    assert checked == 4


def test_values_fit_the_types_that_the_description_gives_them(package: dict[str, bytes]) -> None:
    described = json.loads(package["datapackage.json"])
    for resource in described["resources"]:
        fields = {field["name"]: field for field in resource["schema"]["fields"]}
        for row in csv.DictReader(io.StringIO(package[resource["path"]].decode(), newline="")):
            for name, text in row.items():
                field = fields[name]
                if field["type"] == "boolean":
                    assert text in ("", *field["trueValues"], *field["falseValues"])
                if field["type"] == "year":
                    assert 1900 < int(text) < 2100
                if "enum" in field.get("constraints", {}):
                    assert text in ("", *field["constraints"]["enum"])


def test_the_folder_is_exported_as_it_stands(tmp_path: Path) -> None:
    store.load(tmp_path)
    found = exporting.contents(tmp_path)
    assert {table: len(rows) for table, rows in found.tables.items()} == SHIPPED.counts
    assert found.hash == content_hash(found.tables)
    assert found.change == 1
