"""The nine rules of the answer contract in natural questions of both languages; the CSV files say what is right."""

from __future__ import annotations

import pytest
from record import Expected, Record

from knowledge.answer import Answer, ListBlock, VerdictBlock
from knowledge.engine import Engine

PARTICIPATION = ("answered", "participation")


def ask(engine: Engine, text: str) -> Answer:
    """The answer to one question out of the blue."""
    return engine.answer(text, now=0.0).answer


def verdicts(answer: Answer) -> set[Expected]:
    """What an answer says of each region."""
    return {(v.region.name, bool(v.participant), v.cohort) for v in answer.regions if v.participant is not None}


def check_participation(engine: Engine, record: Record, text: str, names: list[str]) -> Answer:
    """Ask, and compare the verdicts with the record's on these regions."""
    answer = ask(engine, text)
    assert (answer.outcome, answer.kind) == PARTICIPATION
    assert verdicts(answer) == {record.verdict(name) for name in names}
    assert answer.sources
    return answer


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Apakah Bandung peserta?", ["Kota Bandung", "Kabupaten Bandung"]),
        ("Is Bandung part of the 100 smart cities?", ["Kota Bandung", "Kabupaten Bandung"]),
        ("Semarang ikut nggak?", ["Kota Semarang", "Kabupaten Semarang"]),
        ("Did Magelang take part?", ["Kota Magelang", "Kabupaten Magelang"]),
        ("Kota Bandung ikut?", ["Kota Bandung"]),
        ("Is Bandung city a participant?", ["Kota Bandung"]),
        ("Is the city of Bogor a participant?", ["Kota Bogor"]),
        ("Apakah Kab. Bandung terpilih?", ["Kabupaten Bandung"]),
        ("Was Bogor Regency selected?", ["Kabupaten Bogor"]),
        ("Bandung Barat ikut?", ["Kabupaten Bandung Barat"]),
        ("Is West Bandung in it?", ["Kabupaten Bandung Barat"]),
        ("Apakah Padang ikut?", ["Kota Padang"]),
        ("Kota Padang ikut ga?", ["Kota Padang"]),
        ("Padang Pariaman ikut?", ["Kabupaten Padang Pariaman"]),
        ("Apakah Luwu peserta?", ["Kabupaten Luwu"]),
        ("Is East Luwu a participant?", ["Kabupaten Luwu Timur"]),
        ("Apakah Kotawaringin Barat ikut?", ["Kabupaten Kotawaringin Barat"]),
        ("Lombok Timur ikut?", ["Kabupaten Lombok Timur"]),
        ("Apakah Sumenep, Madura ikut?", ["Kabupaten Sumenep"]),
        ("sumenap madura ikut ga", ["Kabupaten Sumenep"]),
        ("Is Kutai Kertanegara a participant?", ["Kabupaten Kutai Kartanegara"]),
    ],
)
def test_1_a_shared_name_is_not_guessed(engine: Engine, record: Record, text: str, names: list[str]) -> None:
    check_participation(engine, record, text, names)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Hulu Sungai ikut?", ["Selatan", "Tengah", "Utara"]),
        ("did Hulu Sungai join", ["Selatan", "Tengah", "Utara"]),
    ],
)
def test_1_an_area_means_all_its_regions(engine: Engine, record: Record, text: str, names: list[str]) -> None:
    """A district is called Hulu Sungai too; nobody who says so alone means that one."""
    check_participation(engine, record, text, [f"Kabupaten Hulu Sungai {name}" for name in names])


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Apakah Madura ikut?", "Madura"),
        ("Is Lombok part of the programme?", "Lombok"),
        ("pulau Flores ikut gak?", "Flores"),
        ("Jabodetabek ikut?", "Jabodetabek"),
        ("Is Solo Raya in it?", "Solo Raya"),
    ],
)
def test_1_an_area_is_what_the_aliases_say(engine: Engine, record: Record, text: str, name: str) -> None:
    rows = [row["region_code"] for row in record.rows("aliases") if row["alias"] == name]
    assert len(rows) > 1
    check_participation(engine, record, text, [record.names[code] for code in rows])


@pytest.mark.parametrize(
    ("text", "name", "via"),
    [
        ("Apakah Purwokerto ikut?", "Kabupaten Banyumas", "capital"),
        ("Is Purwokerto in the programme?", "Kabupaten Banyumas", "capital"),
        ("Cibinong peserta bukan?", "Kabupaten Bogor", "capital"),
        ("Is Ungaran a participant?", "Kabupaten Semarang", "capital"),
        ("Kecamatan Cepu ikut?", "Kabupaten Blora", "district"),
        ("apakah cepu termasuk peserta", "Kabupaten Blora", "district"),
        ("Did Cepu join?", "Kabupaten Blora", "district"),
        ("Ngaliyan ikut?", "Kota Semarang", "district"),
        ("Is the district of Ngaliyan in it?", "Kota Semarang", "district"),
        ("Apakah Kecamatan Sukorejo, Kendal ikut?", "Kabupaten Kendal", "district"),
        ("Apakah Karanganyar ikut?", "Kabupaten Karanganyar", ""),
    ],
)
def test_2_a_place_inside_a_region_leads_to_it(engine: Engine, record: Record, text: str, name: str, via: str) -> None:
    answer = check_participation(engine, record, text, [name])
    assert [v.place.via for v in answer.regions if v.place] == [via]


@pytest.mark.parametrize(
    ("text", "district"),
    [
        ("Apakah Sukorejo ikut?", "Sukorejo"),
        ("Did the district of Sukorejo join?", "Sukorejo"),
        ("Banjarsari peserta bukan?", "Banjarsari"),
        ("Is Pakem part of it?", "Pakem"),
        ("Kecamatan Karanganyar ikut?", "Karanganyar"),
    ],
)
def test_2_a_district_of_several_regions_is_asked_back(
    engine: Engine, record: Record, text: str, district: str
) -> None:
    answer = ask(engine, text)
    assert (answer.outcome, answer.kind, answer.regions) == ("ambiguous", None, ())
    assert {choice.code for choice in answer.choices} == record.districts[district]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Are Klaten, Solo and Jogja in it?", ["Kabupaten Klaten", "Kota Surakarta", "Kota Yogyakarta"]),
        ("Apakah Sleman, Gresik dan Makassar peserta?", ["Kabupaten Sleman", "Kabupaten Gresik", "Kota Makassar"]),
        ("Klaten sama Boyolali ikut ga?", ["Kabupaten Klaten", "Kabupaten Boyolali"]),
        ("Is Sragen or Karanganyar in the programme?", ["Kabupaten Sragen", "Kabupaten Karanganyar"]),
        ("Kota Kediri dan Kabupaten Kediri ikut?", ["Kota Kediri", "Kabupaten Kediri"]),
        ("Is Sleman in? What about Bantul?", ["Kabupaten Sleman", "Kabupaten Bantul"]),
        ("sleman/bantul/klaten ikut?", ["Kabupaten Sleman", "Kabupaten Bantul", "Kabupaten Klaten"]),
    ],
)
def test_3_several_regions_several_verdicts(engine: Engine, record: Record, text: str, names: list[str]) -> None:
    check_participation(engine, record, text, names)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Apakah Karanganyar ikut?", "Kabupaten Karanganyar"),
        ("Kota Salatiga terpilih tidak?", "Kota Salatiga"),
        ("Is Ponorogo a participant?", "Kabupaten Ponorogo"),
        ("Apakah Bitung peserta?", "Kota Bitung"),
        ("Is Bangli in it?", "Kabupaten Bangli"),
        ("Did North Luwu take part?", "Kabupaten Luwu Utara"),
        ("Minahasa Utara ikut?", "Kabupaten Minahasa Utara"),
    ],
)
def test_4_no_rests_on_all_lists_and_tells_what_came_later(
    engine: Engine, record: Record, text: str, name: str
) -> None:
    answer = check_participation(engine, record, text, [name])
    assert record.verdict(name) == (name, False, None)
    lists = {"natgeo-2018", "times-batu-2019"}
    assert lists <= {source.id for source in answer.sources}
    assert any(source.date.startswith("2017") for source in answer.sources)
    joined = record.later.get(record.codes[name])
    assert [int(claim.value) for claim in answer.regions[0].later] == ([joined] if joined else [])


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("Apakah Konoha peserta?", None),
        ("Apakah Kabupaten Wakanda ikut?", None),
        ("Is Gotham a participant?", None),
        ("Is Kuala Lumpur a participant?", None),
        ("Apakah Singapura ikut?", None),
        ("Apakah Gresik Timur ikut?", "Kabupaten Gresik"),
        ("Is North Sleman a participant?", "Kabupaten Sleman"),
        ("Apakah Surakalska ikut?", "Kota Surakarta"),
    ],
)
def test_4_what_is_no_region_is_unknown(engine: Engine, record: Record, text: str, nearest: str | None) -> None:
    answer = ask(engine, text)
    assert (answer.outcome, answer.kind, answer.regions) == ("unknown", None, ())
    if nearest:
        assert record.codes[nearest] in [choice.code for choice in answer.choices if choice.kind == "region"]


@pytest.mark.parametrize(
    ("text", "province"),
    [
        ("Apakah Jawa Tengah ikut?", "Jawa Tengah"),
        ("Does Central Java take part?", "Jawa Tengah"),
        ("Is Bali a participant?", "Bali"),
        ("Sulawesi Selatan peserta bukan?", "Sulawesi Selatan"),
        ("Banten peserta?", "Banten"),
        ("Apakah Provinsi Jawa Timur terpilih?", "Jawa Timur"),
        ("Did West Sumatra join?", "Sumatera Barat"),
        ("Apakah Papua Barat peserta?", "Papua Barat"),
        ("Is DKI Jakarta in it?", "DKI Jakarta"),
    ],
)
def test_5_a_province_does_not_take_part(engine: Engine, record: Record, text: str, province: str) -> None:
    answer = ask(engine, text)
    expected = record.participants(province)
    assert (answer.outcome, answer.kind, answer.count) == ("answered", "list", len(expected))
    assert {v.region.name for v in answer.regions} == expected
    assert [b.province_asked for b in answer.blocks if isinstance(b, ListBlock)] == [True]
    assert answer.sources


@pytest.mark.parametrize(
    ("text", "kind", "province", "type_"),
    [
        ("Daerah mana saja di Jawa Timur yang ikut?", "list", "Jawa Timur", ""),
        ("Which cities in East Java take part?", "list", "Jawa Timur", "Kota"),
        ("Kabupaten apa saja di Jawa Tengah yang jadi peserta?", "list", "Jawa Tengah", "Kabupaten"),
        ("Berapa peserta dari Jawa Barat?", "count", "Jawa Barat", ""),
        ("How many participants are there in Bali?", "count", "Bali", ""),
    ],
)
def test_lists_and_counts_of_a_province(
    engine: Engine, record: Record, text: str, kind: str, province: str, type_: str
) -> None:
    answer = ask(engine, text)
    assert (answer.kind, answer.count) == (kind, len(record.participants(province, type_)))


@pytest.mark.parametrize(
    ("text", "name", "year"),
    [
        ("Was Klaten in the 2018 cohort?", "Kabupaten Klaten", 2018),
        ("Apakah Klaten ikut tahun 2018?", "Kabupaten Klaten", 2018),
        ("Apakah Banyuwangi angkatan 2018?", "Kabupaten Banyuwangi", 2018),
        ("Did Makassar join in 2017?", "Kota Makassar", 2017),
        ("Was Surabaya selected in 2017?", "Kota Surabaya", 2017),
        ("Apakah Banyumas ikut 2018?", "Kabupaten Banyumas", 2018),
        ("Was Depok in the 2018 cohort?", "Kota Depok", 2018),
        ("Did Bangli join in 2024?", "Kabupaten Bangli", 2024),
    ],
)
def test_6_a_year_is_answered_to(engine: Engine, record: Record, text: str, name: str, year: int) -> None:
    answer = check_participation(engine, record, text, [name])
    assert [block.years for block in answer.blocks if isinstance(block, VerdictBlock)] == [(year,)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Kapan Klaten ikut?", "Kabupaten Klaten"),
        ("When did Sleman join?", "Kabupaten Sleman"),
        ("Depok angkatan berapa?", "Kota Depok"),
        ("Which year was Lombok Timur in?", "Kabupaten Lombok Timur"),
    ],
)
def test_6_when(engine: Engine, record: Record, text: str, name: str) -> None:
    check_participation(engine, record, text, [name])


@pytest.mark.parametrize(
    "text",
    [
        "Berapa daerah yang ikut tahun 2017?",
        "How many regions were selected in 2017?",
        "24 atau 25 daerah di 2017?",
        "Was it 24 or 25 regions in 2017?",
        "Kenapa ada yang bilang 24 daerah tahun 2017?",
    ],
)
def test_7_sources_that_disagree_are_both_shown(engine: Engine, record: Record, text: str) -> None:
    answer = ask(engine, text)
    publishers = {source.publisher for source in answer.sources}
    assert answer.outcome == "answered"
    assert "infopublik-2017" in {source.id for source in answer.sources}
    assert len(publishers) > 1


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("Berapa daerah yang ikut tahun 2017?", 2017),
        ("How many regions joined in 2018?", 2018),
        ("Berapa jumlah peserta 2019?", 2019),
    ],
)
def test_7_the_number_most_sources_give_leads(engine: Engine, record: Record, text: str, year: int) -> None:
    answer = ask(engine, text)
    sizes = [r for r in record.rows("claims") if r["subject"] == f"cohort:{year}" and r["attribute"] == "size"]
    lead = [int(row["value"]) for row in sizes if row["status"] == "lead"]
    assert (answer.kind, [answer.count]) == ("count", lead)


@pytest.mark.parametrize(
    ("first", "then", "names"),
    [
        ("Apakah Klaten ikut?", "Kalau Blora?", ["Kabupaten Blora"]),
        ("Is Klaten a participant?", "What about Solo?", ["Kota Surakarta"]),
        ("Apakah Klaten ikut?", "kapan?", ["Kabupaten Klaten"]),
        ("Tell me about Klaten", "when did it join?", ["Kabupaten Klaten"]),
        ("Apakah Karanganyar ikut?", "Bandung?", ["Kota Bandung", "Kabupaten Bandung"]),
    ],
)
def test_8_a_follow_up_keeps_what_it_leaves_out(
    engine: Engine, record: Record, first: str, then: str, names: list[str]
) -> None:
    context = engine.answer(first, now=0.0).context
    answer = engine.answer(then, context, now=1.0).answer
    assert (answer.outcome, answer.kind) == PARTICIPATION
    assert verdicts(answer) == {record.verdict(name) for name in names}


@pytest.mark.parametrize(
    "text",
    [
        "Siapa presiden Indonesia?",
        "Who is the president of Indonesia?",
        "Siapa Menkominfo sekarang?",
        "Who is the mayor of Surabaya now?",
        "What is the weather in Klaten tomorrow?",
        "harga beras di Klaten",
        "jadwal kereta ke Surabaya",
        "Resep rendang dong",
        "how do I cook rice?",
        "what's the capital of France?",
        "berapa harga emas hari ini",
        "tolong buatkan puisi tentang hujan",
        "asdfghjkl qwerty",
        "kapan?",
        "",
    ],
)
def test_9_what_is_outside_is_unknown(engine: Engine, text: str) -> None:
    answer = ask(engine, text)
    assert (answer.outcome, answer.kind, answer.regions, answer.count) == ("unknown", None, (), None)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Klaten", "region"),
        ("Klaten?", "region"),
        ("Bandung?", "region"),
        ("status Klaten", "region"),
        ("Tell me about Klaten", "region"),
        ("What is the 100 smart city movement?", "fact"),
        ("Kementerian mana saja yang terlibat?", "fact"),
        ("halo", "smalltalk"),
        ("thank you!", "smalltalk"),
        ("siapa kamu?", "smalltalk"),
        ("help", "smalltalk"),
    ],
)
def test_the_kind_of_an_answer(engine: Engine, text: str, kind: str) -> None:
    answer = ask(engine, text)
    assert (answer.outcome, answer.kind) == ("answered", kind)
    assert bool(answer.sources) == (kind != "smalltalk")


@pytest.mark.parametrize(
    "text",
    ["daftar lengkap 100 daerah", "tampilkan semua 100 kota", "list of all 100 regions", "what are the 100 cities?"],
)
def test_all_hundred_are_listed(engine: Engine, record: Record, text: str) -> None:
    """ "100 kota" means kabupaten as well; what officials counted in later is told on top of the signed lists."""
    answer = ask(engine, text)
    assert (answer.outcome, answer.kind, answer.count) == ("answered", "list", 100)
    assert {v.region.code for v in answer.regions} == set(record.cohorts)
