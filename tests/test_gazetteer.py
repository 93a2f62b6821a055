"""Names of places: forms in both languages, shared names, aliases, typing errors, and words that are no names."""

from __future__ import annotations

import pytest
from record import DATA, Record, bare

from knowledge.engine import Engine
from knowledge.lexicon import LANGUAGES, read_words
from knowledge.normalize import compact
from knowledge.reading import Reader


def targets(reader: Reader, text: str, *, districts: bool = False) -> set[str]:
    """Codes of the regions and provinces that the names in a text may mean."""
    names = [name for item in reader.read(text).items for name in item.names]
    return {name.target for name in names if districts or not name.district}


@pytest.mark.parametrize(
    ("text", "official"),
    [
        ("West Bandung", "Kabupaten Bandung Barat"),
        ("Bandung West", "Kabupaten Bandung Barat"),
        ("bandung barat", "Kabupaten Bandung Barat"),
        ("South Tangerang", "Kota Tangerang Selatan"),
        ("tangerang south", "Kota Tangerang Selatan"),
        ("North Minahasa", "Kabupaten Minahasa Utara"),
        ("East Luwu", "Kabupaten Luwu Timur"),
        ("luwu east", "Kabupaten Luwu Timur"),
        ("East Lombok", "Kabupaten Lombok Timur"),
        ("Central Lombok", "Kabupaten Lombok Tengah"),
        ("Southwest Sumba", "Kabupaten Sumba Barat Daya"),
        ("Southwest Aceh", "Kabupaten Aceh Barat Daya"),
        ("Southwest Maluku", "Kabupaten Maluku Barat Daya"),
        ("Southern Tapanuli", "Kabupaten Tapanuli Selatan"),
        ("Meranti Islands", "Kabupaten Kepulauan Meranti"),
        ("Central Java", "Jawa Tengah"),
        ("Jawa Tengah", "Jawa Tengah"),
        ("West Sumatra", "Sumatera Barat"),
        ("Sumatra Barat", "Sumatera Barat"),
        ("North Celebes", "Sulawesi Utara"),
        ("East Borneo", "Kalimantan Timur"),
        ("South East Sulawesi", "Sulawesi Tenggara"),
        ("Southeast Sulawesi", "Sulawesi Tenggara"),
        ("kulonprogo", "Kabupaten Kulon Progo"),
        ("Kulon-Progo", "Kabupaten Kulon Progo"),
        ("Gunung Kidul", "Kabupaten Gunungkidul"),
        ("Solo", "Kota Surakarta"),
        ("Kukar", "Kabupaten Kutai Kartanegara"),
        ("Tangsel", "Kota Tangerang Selatan"),
        ("Purwokerto", "Kabupaten Banyumas"),
        ("Cibinong", "Kabupaten Bogor"),
        ("Ungaran", "Kabupaten Semarang"),
        ("Kota Kembang", "Kota Bandung"),
        ("jogjakarta", "Kota Yogyakarta"),
    ],
)
def test_one_place_by_many_names(reader: Reader, record: Record, text: str, official: str) -> None:
    found = targets(reader, text)
    assert {code for code in found if len(code) == len(record.codes[official])} == {record.codes[official]}


@pytest.mark.parametrize(
    ("text", "officials"),
    [
        ("Bandung", ["Kabupaten Bandung", "Kota Bandung"]),
        ("Magelang", ["Kabupaten Magelang", "Kota Magelang"]),
        ("Semarang", ["Kabupaten Semarang", "Kota Semarang"]),
        ("Bima", ["Kabupaten Bima", "Kota Bima"]),
        ("Mura", ["Kabupaten Musi Rawas", "Kabupaten Murung Raya"]),
        ("Martapura", ["Kabupaten Ogan Komering Ulu Timur", "Kabupaten Banjar"]),
    ],
)
def test_shared_names_keep_all_owners(reader: Reader, record: Record, text: str, officials: list[str]) -> None:
    assert targets(reader, text) == {record.codes[name] for name in officials}


def test_every_official_name_is_asked_about_by_itself(engine: Engine, record: Record) -> None:
    wrong = {}
    for code, name in record.names.items():
        for text in (f"Apakah {name} ikut?", f"Is {name} a participant?"):
            got = sorted(v.region.code for v in engine.answer(text, now=0.0).answer.regions)
            if "." in code and got != [code]:
                wrong[text] = got
    assert wrong == {}


def test_every_alias_leads_to_an_owner_of_the_name_or_is_asked_back(engine: Engine, record: Record) -> None:
    owners: dict[str, set[str]] = {}
    for code, name in record.names.items():
        owners.setdefault(compact(bare(name)), set()).add(code)
    for row in record.rows("aliases"):
        owners.setdefault(compact(row["alias"]), set()).add(row["region_code"])
    for district, regions in record.districts.items():
        owners.setdefault(compact(district), set()).update(regions)
    wrong = {}
    for row in record.rows("aliases"):
        answer = engine.answer(f"Apakah {row['alias']} ikut?", now=0.0).answer
        got = {v.region.code for v in answer.regions}
        if "." in row["region_code"] and not got <= owners[compact(row["alias"])]:
            wrong[row["alias"]] = sorted(got)[:3]
    assert wrong == {}


def test_every_district_is_found_in_its_region_or_asked_back(engine: Engine, record: Record) -> None:
    wrong = {}
    for district, regions in record.districts.items():
        answer = engine.answer(f"Kecamatan {district} ikut?", now=0.0).answer
        if not {v.region.code for v in answer.regions} <= regions:
            wrong[district] = [v.region.name for v in answer.regions][:3]
    assert wrong == {}


@pytest.mark.parametrize(
    ("text", "official"),
    [
        ("klatn", "Kabupaten Klaten"),
        ("Klatten", "Kabupaten Klaten"),
        ("slemna", "Kabupaten Sleman"),
        ("Banyuwngi", "Kabupaten Banyuwangi"),
        ("Bnyuwagni", "Kabupaten Banyuwangi"),
        ("Purwokreto", "Kabupaten Banyumas"),
        ("Palmebang", "Kota Palembang"),
        ("Surabayu", "Kota Surabaya"),
        ("Kulon Porgo", "Kabupaten Kulon Progo"),
        ("Gunungkidal", "Kabupaten Gunungkidul"),
        ("Tangerang Selatn", "Kota Tangerang Selatan"),
        ("Sumatra Selatn", "Sumatera Selatan"),
    ],
)
def test_typing_errors_are_forgiven(reader: Reader, record: Record, text: str, official: str) -> None:
    assert targets(reader, text) == {record.codes[official]}


def test_four_letters_are_no_fuzzy_match(engine: Engine, record: Record) -> None:
    short = [name for name in record.sharers if len(compact(name)) <= 4]
    typos = [typo for n in short for typo in (n[:1] + "q" + n[2:], n + "q", n[:-1])]
    unknown = [typo for typo in typos if not engine.gazetteer.lookup(compact(typo))]
    assert len(unknown) > 40
    taken = {typo: targets(engine.reader, typo) & {c for n in short for c in record.sharers[n]} for typo in unknown}
    assert {typo: codes for typo, codes in taken.items() if codes} == {}


def test_abbreviations_are_no_fuzzy_match(engine: Engine, record: Record) -> None:
    aliases = record.rows("aliases")
    named = {compact(r["alias"]) for r in aliases if r["kind"] != "abbreviation"} | {compact(n) for n in record.sharers}
    named |= {compact(district) for district in record.districts}
    short = {compact(r["alias"]) for r in aliases if r["kind"] == "abbreviation"} - named
    assert len(short) > 100
    assert {key for key in short if key in {near for _, near in engine.gazetteer.typo_index.near(key)}} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_ordinary_words_never_become_a_region(engine: Engine, language: str) -> None:
    """A word that is exactly a place's name ("batu", "serang") may: what stands around it decides."""
    wrong = {}
    for word in read_words(DATA / language / "ordinary.txt"):
        if engine.gazetteer.lookup(compact(word)):
            continue
        for text in (word, f"Apakah {word} ikut?", f"Is {word} in it?"):
            names = [item.said for item in engine.reader.read(text).items if item.kind == "name"]
            if names:
                wrong[text] = names
    assert wrong == {}


@pytest.mark.parametrize(
    "text",
    [
        "sampah menumpuk", "harga padi naik", "bantuan sosial", "anggaran daerah", "bandara baru", "obat batu ginjal",
        "malang benar nasibku", "medan magnet", "serang musuh", "kacang padang", "bone marrow", "metro bus fares",
    ],
)  # fmt: skip
def test_ordinary_talk_gets_no_verdict(engine: Engine, text: str) -> None:
    assert [v.region.name for v in engine.answer(text, now=0.0).answer.regions] == []


@pytest.mark.parametrize(
    ("key", "official"), [("klatem", "Kabupaten Klaten"), ("bandumg", "Kota Bandung"), ("surakartta", "Kota Surakarta")]
)
def test_suggestions_hold_the_nearest_name(engine: Engine, record: Record, key: str, official: str) -> None:
    assert record.codes[official] in [name.target for name in engine.gazetteer.suggest(key)]
