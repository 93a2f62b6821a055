"""What a file would change: its columns known by many names, every row checked, nothing lost or overwritten silently."""

from __future__ import annotations

import json
import random
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from handlers.rendering import speech
from handlers.rendering.columns import choice_name, column_name, table_name
from knowledge import columns, edition, exporting, importing, origins, sheets, store
from knowledge.changes import Change, RowChange, content_hash, replaced
from knowledge.columns import Choices, recognised
from knowledge.comparing import Kind, Line
from knowledge.errors import ConflictError, InvalidDataError
from knowledge.fields import FIELDS
from knowledge.importing import Plan
from knowledge.lexicon import DATA, LANGUAGES
from knowledge.model import Language
from knowledge.normalize import compact
from knowledge.origins import Current
from knowledge.writer import Writer

SHIPPED = edition.read()
CLAIM = next(row for row in SHIPPED.tables["claims"] if row["id"] == "F001")
KEYBOARD = "abcdefghijklmnopqrstuvwxyz"


def plan(text: str, name: str = "claims.csv", *, choices: Choices | None = None, remove: tuple[str, ...] = ()) -> Plan:
    """What a CSV file would change in the shipped edition."""
    current = Current(SHIPPED.tables, content_hash(SHIPPED.tables), 0, {}, strange=False)
    return importing.plan(current, sheets.read(text.encode(), name).sheets, choices, remove)


def told(found: Plan, kind: Kind) -> list[tuple[int, str, str]]:
    """Row, key and remark of the lines of a kind."""
    return [(line.where.row, line.key, str(line.remark or "")) for line in found.of(kind)]


def error(text: str, name: str = "claims.csv") -> tuple[int, str]:
    """The row and the text of a file's only error."""
    found = plan(text, name)
    assert found.rows == ()
    ((row, _, said),) = told(found, "error")
    return row, said


def after(found: Plan) -> dict[str, Mapping[str, str] | None]:
    """Key -> row as it would be."""
    return {row.key: row.after for row in found.rows}


# ---------------------------------------------------------------------------------------------------- tables and columns


@pytest.mark.parametrize(
    ("name", "head", "table"),
    [
        ("claims.csv", "id,value", "claims"),
        ("Klaim 2026 (2).csv", "id,value", "claims"),
        ("daftar-sumber.csv", "id,title", "sources"),
        ("data.csv", "id,text_en", "claims"),
        ("data.csv", "id,judul,penerbit", "sources"),
        ("data.csv", "kode,nama,kode daerah", "districts"),
        ("data.csv", "daerah,julukan,jenis", "aliases"),
        ("data.csv", "tahun,tahapan", "cohorts"),
        ("data.csv", "bahasa,pertanyaan,klaim", "phrasings"),
        ("data.csv", "id", ""),
        ("data.csv", "code,name", ""),
        ("data.csv", "apples,pears", ""),
    ],
)
def test_a_table_is_known_by_the_files_name_or_its_columns(name: str, head: str, table: str) -> None:
    (sheet,) = sheets.read(f"{head}\n{','.join('1' for _ in head.split(','))}\n".encode(), name).sheets
    (placed,) = columns.place([sheet], Choices())
    assert placed.table == table


def test_columns_go_by_names_of_both_languages_whatever_their_case_and_spacing() -> None:
    heads = [
        "ID Klaim",
        "PERIHAL",
        "Topik",
        "tahun",
        "Nilai",
        "Text ID",
        "english text",
        "Status",
        "Sumber",
        "contradicts",
    ]
    assert list(recognised("claims", heads).values()) == [
        "id", "subject", "attribute", "period", "value", "text_id", "text_en", "status", "sources", "conflicts_with",
    ]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_bot_calls_tables_and_columns_is_known(language: Language) -> None:
    s = speech(language)
    for table, fields in FIELDS.items():
        assert columns.named(table_name(table, s)) == table
        for field in fields:
            label = column_name(field.name, s)
            assert recognised(table, [label]) == {label: field.name}
            assert columns.words().columns[table][compact(label)] == field.name, "without guessing"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_bot_calls_codes_is_known(language: Language) -> None:
    s, words = speech(language), columns.words()
    coded = {(f.name, choice) for fields in FIELDS.values() for f in fields for choice in f.choices if choice.islower()}
    coded |= {(column, row[column]) for row in SHIPPED.tables["claims"] for column in ("attribute", "period")}
    coded.add(("subject", "programme"))
    for column, code in coded:
        label = choice_name(code, s)
        if code in ("yes", "no"):
            assert label in getattr(words, code)
        elif label != code.replace("_", " "):
            assert words.choices[column][compact(label)] == code


def test_a_name_of_a_code_means_one_of_its_column() -> None:
    for language in LANGUAGES:
        file = tomllib.loads((DATA / language / "choices.toml").read_text(encoding="utf-8"))
        for column, codes in file.items():
            names = [compact(name) for names in codes.values() for name in names.split(",")]
            assert sorted(set(names)) == sorted(names)
            assert {columns.words().choices[column][name] for name in names} == set(codes)


def test_an_exact_name_stands_above_a_synonym() -> None:
    assert recognised("regions", ["kode", "code"]) == {"code": "code"}


def test_every_name_in_the_files_means_one_column_of_a_table() -> None:
    words = columns.words()
    assert {table for names in words.tables.values() for table in [names]} == set(edition.TABLES)
    for table, names in words.columns.items():
        assert set(names.values()) <= {field.name for field in columns.FIELDS[table]} | {columns.REMOVE}
        for name, column in names.items():
            assert recognised(table, [name]) == {name: column}


def test_misspelt_names_are_recognised_and_hardly_ever_wrongly() -> None:
    rng = random.Random(7)
    right = wrong = asked = 0
    for table, names in columns.words().columns.items():
        for name, column in names.items():
            for _ in range(10):
                at = rng.randrange(len(name))
                typed = name[:at] + rng.choice(KEYBOARD) + name[at + 1 :]
                asked += 1
                found = recognised(table, [typed]).get(typed)
                right += found == column
                wrong += found not in (None, column)
    assert right / asked > 0.8
    assert wrong / asked < 0.001


def test_what_is_not_recognised_is_asked_for_and_can_be_said() -> None:
    text = "id,warna\nF001,Halo.\n"
    found = plan(text)
    assert ([column for _, column in found.unmapped], found.open, found.rows) == (["warna"], True, ())
    said = plan(text, choices=Choices(columns={("", "warna"): "text_id"}))
    assert after(said)["F001"] == {**CLAIM, "text_id": "Halo."}
    assert plan(text, choices=Choices(columns={("claims", "warna"): ""})).unchanged == 1


def test_a_column_that_was_recognised_can_be_said_to_be_another() -> None:
    found = plan("id,text_en\nF001,Halo.\n", choices=Choices(columns={("", "text_en"): "text_id"}))
    assert after(found)["F001"] == {**CLAIM, "text_id": "Halo."}


@pytest.mark.parametrize(
    "choices",
    [
        Choices(columns={("", "nope"): "id"}),
        Choices(columns={("", "text_en"): "nope"}),
        Choices(columns={("", "text_en"): "text_id", ("", "value"): "text_id"}),
        Choices(tables={"claims": "nope"}),
    ],
    ids=["no such column", "no such field", "twice", "no such table"],
)
def test_what_makes_no_sense_is_refused(choices: Choices) -> None:
    with pytest.raises(InvalidDataError):
        plan("id,text_en,value\nF001,a,1\n", choices=choices)


def test_a_key_that_is_missing_is_told() -> None:
    found = plan("text_en,text_id\na,b\n")
    assert ([column for _, column in found.lacking], found.open) == (["id"], True)


def test_a_sheet_for_no_table_is_told_beside_others_and_asked_for_alone() -> None:
    book = sheets.read(b'{"notes": [{"apples": "1"}], "claims": [{"id": "F001"}]}', "a.json")
    current = Current(SHIPPED.tables, "", 0, {}, strange=False)
    assert [placed.table for placed in importing.plan(current, book.sheets).placed] == ["", "claims"]
    assert [sheet.name for sheet in plan("apples,pears\n1,2\n", "notes.csv").unplaced] == ["notes"]


# ------------------------------------------------------------------------------------------------------------------ rows


def test_columns_that_are_not_in_the_file_stay() -> None:
    found = plan("id,text_en\nF001,Another text.\n")
    assert after(found) == {"F001": {**CLAIM, "text_en": "Another text."}}
    (line,) = found.of("changed")
    assert line == Line("changed", line.where, "claims", "F001", "text_en", CLAIM["text_en"], "Another text.")


def test_an_empty_cell_empties_and_what_a_row_of_json_does_not_name_stays() -> None:
    tables = {**SHIPPED.tables, "claims": [{**row, "review_by": "2027"} for row in SHIPPED.tables["claims"]]}
    book = sheets.read(b'{"claims": [{"id": "F001", "review_by": ""}, {"id": "F002", "period": "all"}]}', "a.json")
    found = importing.plan(Current(tables, "", 0, {}, strange=False), book.sheets)
    assert (after(found), found.unchanged) == ({"F001": {**CLAIM, "review_by": ""}}, 1)


@pytest.mark.parametrize(
    ("text", "name", "row", "said"),
    [
        ("id,status\nF001,stated\nF002,nonsense\n", "claims.csv", 3, "status: 'nonsense' is none of"),
        ("id,text_en\nF001,a\nF002,b\nF001,c\n", "claims.csv", 4, "F001 stands in row 2 of claims already"),
        ("id,text_en\nnew,a\n", "claims.csv", 2, "columns too: subject, attribute, period, status, sources"),
        ("id,sources\nF001,nowhere\n", "claims.csv", 2, "there is no source"),
        ("id,subject\nF001,Semarang\n", "claims.csv", 2, "33.22 Kabupaten Semarang, 33.74 Kota Semarang"),
        ("id,subject\nF001,Wakanda\n", "claims.csv", 2, "There is no region named 'Wakanda'"),
        ("id,subject\nF001,region:33.99\n", "claims.csv", 2, "there is no subject"),
        ("id,remove\nF001,perhaps\n", "claims.csv", 2, "neither yes nor no"),
        ("region,alias,kind\nGorontalo,X,nickname\n", "aliases.csv", 2, "75 Gorontalo, 75.01 Kabupaten Gorontalo"),
        ("year,phase,part_of,list_complete\n2019,4,movement,yes\n", "cohorts.csv", 2, "none of I, II, III"),
        ("code,name,region\n33.10.99,A|B,33.10\n", "districts.csv", 2, "must not hold the sign |"),
        ("id,review_by\nF001,soon\n", "claims.csv", 2, "no date"),
        ("id,value\nP-33.10-2019,2031\n", "claims.csv", 2, "cohort '2031'"),
    ],
)  # fmt: skip
def test_an_error_names_its_row(text: str, name: str, row: int, said: str) -> None:
    found = error(text, name)
    assert found[0] == row
    assert said in found[1]


def test_all_errors_are_told_at_once_and_what_rests_on_a_bad_row_is_not_blamed() -> None:
    book = sheets.read(
        b'{"sources": [{"id": "new", "publisher": "", "title": "t"}],'
        b' "claims": [{"id": "F001", "sources": "new"}, {"id": "F002", "status": "x"}]}',
        "a.json",
    )
    current = Current(SHIPPED.tables, "", 0, {}, strange=False)
    found = importing.plan(current, book.sheets)
    assert [(line.where, line.column) for line in found.of("error")] == [(("sources", 1), "publisher"), (("claims", 2), "status")]  # fmt: skip


@pytest.mark.parametrize(
    "said", ["Kabupaten Klaten", "klaten", "KLATEN Regency", "33.10", "33.1", "Kab. Klaten", "kab klaten", "Kab.Klaten"]
)
def test_regions_go_by_name_where_one_bears_it(said: str) -> None:
    (row,) = plan(f"region,alias,kind\n{said},Kota Bersinar,Nickname\n", "aliases.csv").rows
    assert row == RowChange(
        "aliases", None, {"region_code": "33.10", "alias": "Kota Bersinar", "kind": "nickname", "shared": ""}
    )


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Kota Adm. Jakarta Pusat", "31.71"),
        ("Kota Jakarta Pusat", "31.71"),
        ("Kab. Adm. Kep. Seribu", "31.01"),
        ("Kab. Semarang", "33.22"),
        ("Prov. Jawa Tengah", "33"),
        ("Provinsi Jawa Tengah", "33"),
    ],
)
def test_regions_go_by_abbreviated_names(said: str, code: str) -> None:
    (row,) = plan(f"region,alias,kind\n{said},Wakanda,julukan\n", "aliases.csv").rows
    assert row.key == f"{code}|Wakanda"


SURAKARTA = next(row for row in SHIPPED.tables["sources"] if row["publisher"] == "Surakarta Daily")


@pytest.mark.parametrize(
    "said", ["surakarta daily", SURAKARTA["url"], SURAKARTA["url"].removeprefix("https://") + "/", SURAKARTA["id"]]
)
def test_sources_go_by_publisher_or_address_where_one_has_it(said: str) -> None:
    assert (after(plan(f"id,sources\nF001,{said};infopublik-2017\n"))["F001"] or {})["sources"] == (
        f"{SURAKARTA['id']};infopublik-2017"
    )


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Warta Sulut", "several sources: wartasulut-mou-2017, wartasulut-pilih-2017."),
        ("Koran Wakanda", "There is no source 'Koran Wakanda'"),
        ("https://wakanda.go.id/x", "There is no source"),
    ],
)
def test_a_source_that_is_not_clear_is_told(said: str, told: str) -> None:
    assert told in error(f"id,sources\nF001,{said}\n")[1]


@pytest.mark.parametrize(("said", "stored"), [("15/05/2029", "2029-05-15"), ("15 Mei 2029", "2029-05-15"), ("May 2029", "2029-05")])  # fmt: skip
def test_dates_are_read_as_people_write_them(said: str, stored: str) -> None:
    assert (after(plan(f"id,review_by\nF001,{said}\n"))["F001"] or {})["review_by"] == stored


# ------------------------------------------------------------------------------------------------------ rows without id


NEW = "tentang,pokok bahasan,periode,teks Indonesia,teks Inggris,status,sumber"
ROW = "Kab. Boyolali,yang dikatakan,tanpa tahun tertentu,Satu{n}.,One{n}.,dinyatakan,infopublik-2017"


def stands(found: Plan, **current: Any) -> Current:
    """The knowledge after a plan."""
    return Current(replaced(SHIPPED.tables, found.rows), "", 0, {}, strange=False, **current)


def test_claims_without_id_are_numbered_and_the_same_again_are_known() -> None:
    text = "\n".join([NEW, ROW.format(n=1), ROW.format(n=2), ROW.format(n=1)])
    found = plan(text, "klaim.csv")
    assert ([row.key for row in found.rows], found.numbered) == (["A-001", "A-002"], 2)
    assert dict(found.rows[0].after or {}) == {
        "id": "A-001", "subject": "region:33.09", "attribute": "statement", "period": "all", "value": "", "text_id": "Satu1.",
        "text_en": "One1.", "status": "stated", "sources": "infopublik-2017", "conflicts_with": "", "review_by": "",
    }  # fmt: skip
    book = sheets.read(f"{text}\n{ROW.format(n=3)}\n".encode(), "klaim.csv")
    again = importing.plan(stands(found, ever=frozenset(["A-007"])), book.sheets)
    assert ([row.key for row in again.rows], again.numbered, again.unchanged) == (["A-008"], 1, 2)


def test_a_number_that_the_file_names_is_not_given() -> None:
    found = plan(f"id,{NEW}\n,{ROW.format(n=1)}\nA-004,{ROW.format(n=2)}\n")
    assert sorted(row.key for row in found.rows) == ["A-004", "A-005"]


def test_a_figure_without_id_that_disagrees_is_the_same_again() -> None:
    text = "subject,attribute,period,value,status,sources,conflicts_with\ncohort:2017,size,2017,26,stated,infopublik-2017,\n"
    found = plan(text)
    assert (after(found)["A-001"] or {})["conflicts_with"] == "C-2017-size-25;C-2017-size-24"
    assert importing.plan(stands(found), sheets.read(text.encode(), "claims.csv").sheets).rows == ()


def test_sources_without_id_are_named_after_their_publisher_and_the_same_again_are_known() -> None:
    text = "penerbit,judul,tanggal\nKoran Baru,Satu,2019\nKoran Baru,Dua,3 Mei 2019\n"
    found = plan(text, "sumber.csv")
    assert [row.key for row in found.rows] == ["koranbaru-2019", "koranbaru-2019-2"]
    assert importing.plan(stands(found), sheets.read(text.encode(), "sumber.csv").sheets).rows == ()


def test_a_claim_may_name_a_source_that_the_file_brings_without_id() -> None:
    book = sheets.read(
        b'{"claims": [{"id": "F001", "sources": "Koran Baru"}], "sources": [{"publisher": "Koran Baru", "title": "x"}]}',
        "a.json",
    )
    found = importing.plan(Current(SHIPPED.tables, "", 0, {}, strange=False), book.sheets)
    assert (after(found)["F001"] or {})["sources"] == "koranbaru"


def test_a_row_without_id_cannot_go_and_must_be_whole() -> None:
    assert "must not be empty" in error(f"{NEW},hapus\n{ROW.format(n=1)},ya\n")[1]
    assert error(f"id,{NEW}\n,,,,,,,\n,Klaten,,all,a,b,stated,infopublik-2017\n")[0] == 3


# -------------------------------------------------------------------------------------------------------------- headings


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_titles_above_the_column_names_are_left_out(mark: str) -> None:
    title = f'"Daftar pernyataan, per; Mei"{mark}\n{mark}\nDinas Kominfo{mark}\n\n'
    found = plan(title + mark.join(("id", "text_en")) + "\n" + mark.join(("F001", "Another, text; of it.")).replace("Another, text; of it.", '"Another, text; of it."') + "\n")  # fmt: skip
    assert after(found) == {"F001": {**CLAIM, "text_en": "Another, text; of it."}}
    assert found.of("changed")[0].where.row == 6


def test_a_row_of_names_that_nobody_knows_is_no_title() -> None:
    assert [column for _, column in plan("kunci,warna\nid,text_en\n").unmapped] == ["kunci", "warna"]


def test_an_extra_comma_is_told() -> None:
    with pytest.raises(InvalidDataError, match=r"row 2: cell 3 stands in no named column.*quotation marks"):
        plan("id,text_en\nF001,One, two.\n")


def test_a_region_that_the_file_brings_can_be_named_in_it() -> None:
    book = sheets.read(
        b'{"regions": [{"code": "33.77", "name": "Kota Baru Sekali", "name_en": "Baru Sekali City", "type": "kota",'
        b' "province_code": "Jawa Tengah"}], "aliases": [{"region": "Kota Baru Sekali", "alias": "Barus", "kind": "nickname"}]}',
        "a.json",
    )  # fmt: skip
    current = Current(SHIPPED.tables, "", 0, {}, strange=False)
    found = importing.plan(current, book.sheets)
    assert (found.of("error"), [row.key for row in found.rows]) == ([], ["33.77", "33.77|Barus"])
    assert (found.rows[0].after or {})["province_code"] == "33"


@pytest.mark.parametrize(("said", "stored"), [("ya", "yes"), ("YES", "yes"), ("1", "yes"), ("tidak", ""), ("", "")])
def test_yes_and_no_go_by_several_words(said: str, stored: str) -> None:
    (row,) = plan(f"region,alias,kind,shared\n33.10,Kota Bersinar,nickname,{said}\n", "aliases.csv").rows
    assert (row.after or {})["shared"] == stored


# --------------------------------------------------------------------------------------------------------------- removing


def test_rows_go_only_where_that_is_said() -> None:
    text = "".join(f"{row['year']},{row['list_complete']}\n" for row in SHIPPED.tables["cohorts"][:-1])
    text = f"year,list_complete\n{text}"
    last = SHIPPED.tables["cohorts"][-1]["year"]
    assert (plan(text, "cohorts.csv").rows, plan(text, "cohorts.csv").missing) == ((), {"cohorts": 1})
    asked = plan(text, "cohorts.csv", remove=("cohorts",))
    assert [line.key for line in asked.of("removed")] == [last]
    assert asked.of("error"), "claims speak of that cohort"


def test_a_column_removes_rows_and_what_contradicted_them_no_longer_names_them() -> None:
    one = {**CLAIM, "id": "A1", "conflicts_with": "A2"}
    two = {**CLAIM, "id": "A2", "conflicts_with": "A1"}
    tables = {**SHIPPED.tables, "claims": [*SHIPPED.tables["claims"], one, two]}
    found = importing.plan(
        Current(tables, "", 0, {}, strange=False), sheets.read(b"id,hapus\nA2,ya\nA1,\n", "claims.csv").sheets
    )
    assert {row.key: row.after for row in found.rows} == {"A2": None, "A1": {**one, "conflicts_with": ""}}


def test_a_claim_that_goes_takes_its_phrasings_along() -> None:
    phrasings = {"|".join((p["language"], p["question"])) for p in SHIPPED.tables["phrasings"] if p["claim"] == "F001"}
    assert len(phrasings) > 1
    found = plan("id,hapus\nF001,ya\n")
    assert {row.key for row in found.rows if row.after is None} == {"F001", *phrasings}


def test_a_phrasing_that_the_file_gives_to_another_claim_stays() -> None:
    one = next(p for p in SHIPPED.tables["phrasings"] if p["claim"] == "F001")
    content = {"claims": [{"id": "F001", "remove": "yes"}], "phrasings": [{**one, "claim": "F002"}]}
    found = importing.plan(
        Current(SHIPPED.tables, "", 0, {}, strange=False), sheets.read(json.dumps(content).encode(), "a.json").sheets
    )
    assert RowChange("phrasings", one, {**one, "claim": "F002"}) in found.rows


@pytest.mark.parametrize(("kept", "removable"), [(4, ("cohorts",)), (3, ())])
def test_the_rest_may_be_meant_to_go_only_where_the_file_holds_half(kept: int, removable: tuple[str, ...]) -> None:
    assert len(SHIPPED.tables["cohorts"]) == 7
    years = "".join(f"{row['year']}\n" for row in SHIPPED.tables["cohorts"][:kept])
    found = plan(f"year\n{years}", "cohorts.csv")
    assert (found.missing, found.removable) == ({"cohorts": 7 - kept}, removable)


# ---------------------------------------------------------------------------------------------------------- disagreements


FIGURE = "id,subject,attribute,period,value,status,sources\n"


def test_another_value_for_the_same_is_shown_beside_it_and_each_names_the_other() -> None:
    found = plan(f"{FIGURE}N1,cohort:2017,size,2017,26,stated,infopublik-2017\n")
    assert [said for *_, said in told(found, "disagrees")] == [
        "disagrees with C-2017-size-25: 25; both will be shown",
        "disagrees with C-2017-size-24: 24; both will be shown",
    ]
    assert {key: (row or {})["conflicts_with"] for key, row in after(found).items()} == {
        "N1": "C-2017-size-25;C-2017-size-24", "C-2017-size-25": "N1", "C-2017-size-24": "N1",
    }  # fmt: skip
    assert found.of("error") == []


def test_the_same_value_or_another_year_disagrees_with_nothing() -> None:
    found = plan(f"{FIGURE}N1,cohort:2017,assessed,2018,26,stated,infopublik-2017\nN2,cohort:2018,size,2018,50,stated,infopublik-2017\n")  # fmt: skip
    assert (found.of("disagrees"), len(found.rows)) == ([], 2)


def test_a_file_whose_rows_all_disagree_is_not_meant_so() -> None:
    rows = "".join(f"N{n},cohort:2017,assessed,2017,{n},stated,infopublik-2017\n" for n in range(1000, 1040))
    found = plan(FIGURE + rows)
    assert len(found.of("error")) == 40
    assert "at most 20 may" in str(found.of("error")[0].remark)


# ----------------------------------------------------------------------------------------- what changed since the export


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with the shipped edition."""
    store.load(tmp_path)
    return tmp_path


def commit(data: Path, table: str, key: str, **values: str) -> int:
    """Change, add or (without values) remove a row, as an admin does."""
    before = next((r for r in store.all_tables(data)[table] if edition.key_of(table, r) == key), None)
    row = RowChange(table, before, {**(before or {}), **values} if values else None)
    with Writer(data) as writer:
        return writer.commit(Change("admin 1", "edit", "test", "test", (row,)))


def exported(data: Path) -> dict[str, Any]:
    """The claims of an export, to be changed and sent back."""
    book = sheets.read(exporting.export(exporting.contents(data), "json"), "a.json")
    (sheet,) = [sheet for sheet in book.sheets if sheet.name == "claims"]
    return {"about": book.about, "sheet": sheet}


def returned(data: Path, export: dict[str, Any], remove: tuple[str, ...] = (), **texts: str | None) -> Plan:
    """What the export would change, with other English texts for some claims, or without them."""
    rows = [
        (number, {**row, "text_en": texts.get(row["id"]) or row["text_en"]})
        for number, row in export["sheet"].rows
        if texts.get(row["id"], "") is not None
    ]
    current = origins.current(data, export["about"])
    return importing.plan(current, [export["sheet"]._replace(rows=rows)], None, remove)


def test_what_somebody_else_changed_meanwhile_is_left_alone(data: Path) -> None:
    export = exported(data)
    commit(data, "claims", "F001", text_en="By somebody else.")
    found = returned(data, export, F002="By me.")
    assert ([row.key for row in found.rows], found.of("conflict")) == (["F002"], [])


def test_what_both_changed_stays_and_both_are_shown(data: Path) -> None:
    export = exported(data)
    commit(data, "claims", "F001", text_en="By somebody else.")
    found = returned(data, export, F001="By me.", F002="By me.")
    assert [row.key for row in found.rows] == ["F002"]
    (line,) = found.of("conflict")
    assert (line.key, line.column, line.before, line.after) == ("F001", "text_en", "By somebody else.", "By me.")


def test_what_both_changed_to_the_same_is_no_conflict(data: Path) -> None:
    export = exported(data)
    commit(data, "claims", "F001", text_en="The same.")
    found = returned(data, export, F001="The same.")
    assert (found.rows, found.of("conflict")) == ((), [])


def test_what_was_added_meanwhile_is_not_missing(data: Path) -> None:
    export = exported(data)
    commit(data, "claims", "NEW", **{**CLAIM, "id": "NEW"})
    found = returned(data, export, ("claims",))
    assert (found.rows, found.missing) == ((), {})


def test_what_was_changed_meanwhile_is_not_removed(data: Path) -> None:
    commit(data, "claims", "NEW", **{**CLAIM, "id": "NEW"})
    export = exported(data)
    assert [row.key for row in returned(data, export, ("claims",), NEW=None).rows] == ["NEW"]
    commit(data, "claims", "NEW", text_en="By somebody else.")
    found = returned(data, export, ("claims",), NEW=None)
    assert (found.rows, [line.key for line in found.of("conflict")]) == ((), ["NEW"])


def test_what_was_removed_meanwhile_does_not_come_back(data: Path) -> None:
    commit(data, "claims", "NEW", **{**CLAIM, "id": "NEW"})
    export = exported(data)
    commit(data, "claims", "NEW")
    assert (returned(data, export).rows, returned(data, export).of("conflict")) == ((), [])
    changed = returned(data, export, NEW="By me.")
    assert (changed.rows, [line.key for line in changed.of("conflict")]) == ((), ["NEW"])


def test_an_export_of_other_knowledge_is_told(data: Path) -> None:
    export = exported(data)
    assert not returned(data, export).strange
    export["about"] = {**export["about"], "hash": "0123456789abcdef"}
    assert returned(data, export).strange


def test_a_plan_is_applied_to_the_knowledge_it_was_made_for_or_not_at_all(data: Path) -> None:
    book = sheets.read(b"id,text_en\nF001,By me.\n", "claims.csv")
    found = importing.plan(origins.current(data), book.sheets)
    change = Change("admin 1", "import", "claims.csv", "claims.csv", found.rows)
    commit(data, "claims", "F002", text_en="By somebody else.")
    before = store.all_tables(data)
    with Writer(data) as writer, pytest.raises(ConflictError):
        writer.commit(change, found.hash)
    assert store.all_tables(data) == before


def test_a_source_of_tomorrow_is_an_error_and_a_review_is_not() -> None:
    row = "s-1,Kominfo,Berita,{date},,https://a.go.id/x\n"
    head = ",".join(field.name for field in FIELDS["sources"]) + "\n"
    assert error(head + row.format(date="2199-05"), "sources.csv") == (2, "date: 2199-05 lies in the future.")
    assert error(head + row.format(date="1 Mei 2199"), "sources.csv") == (2, "date: 2199-05-01 lies in the future.")
    assert after(plan("id,review_by\nF001,2199-05-01\n"))
