"""The shipped knowledge is in order, and whatever is not in order is found."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge import edition, snapshot
from knowledge.check import Finding, check, datasette_metadata
from knowledge.edition import TABLES, key_of
from knowledge.errors import saying
from knowledge.lexicon import DATA

Tables = dict[str, list[dict[str, str]]]
SHIPPED = edition.read()


def errors(found: list[Finding]) -> list[str]:
    """The messages of the errors."""
    return [finding.message for finding in found if finding.level == "error"]


@pytest.fixture(scope="module")
def built() -> snapshot.Snapshot:
    """The shipped edition."""
    return snapshot.build(SHIPPED.id, SHIPPED.tables)


@pytest.fixture(scope="module")
def known(built: snapshot.Snapshot) -> set[str]:
    """Errors of the shipped knowledge, so that one test fails for them and not all."""
    return set(errors(check(built)))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of the data folder."""
    return shutil.copytree(DATA, tmp_path / "data")


def test_the_shipped_knowledge_has_no_errors(built: snapshot.Snapshot) -> None:
    assert errors(check(built)) == []


def test_errors_come_first(built: snapshot.Snapshot, data: Path) -> None:
    (data / "id" / "question.questions.jsonl").unlink()
    levels = [finding.level for finding in check(built, data)]
    assert levels == sorted(levels)
    assert set(levels) == {"error", "notice"}


def change(table: str, key: str, **values: str) -> Callable[[Tables], None]:
    """Change one row."""

    def apply(tables: Tables) -> None:
        row = next(row for row in tables[table] if key_of(table, row) == key)
        row.update(values)

    return apply


def add(table: str, **values: str) -> Callable[[Tables], None]:
    """Add a row, its other columns empty."""

    def apply(tables: Tables) -> None:
        tables[table].append({**dict.fromkeys(tables[table][0], ""), **values})

    return apply


@pytest.mark.parametrize(
    ("plant", "expected"),
    [
        (change("claims", "F001", sources=""), "claim F001 has no source"),
        (change("claims", "F001", sources="nowhere"), "claim F001: there is no source 'nowhere'"),
        (change("claims", "F001", subject="planet"), "claim F001: there is no subject 'planet'"),
        (change("claims", "F001", subject="region:99.99"), "claim F001: there is no subject 'region:99.99'"),
        (change("claims", "F001", subject="cohort:2016"), "claim F001: there is no subject 'cohort:2016'"),
        (change("claims", "F001", text_en=""), "claim F001 lacks its text in English"),
        (change("claims", "F001", text_id=""), "claim F001 lacks its text in Indonesian"),
        (change("claims", "F001", text_id="", text_en=""), "claim F001 says nothing"),
        (change("claims", "F001", conflicts_with="F999"), "claim F001 contradicts 'F999'"),
        (change("claims", "F001", period="soon"), "claim F001: period 'soon'"),
        (change("claims", "P-15.71-2017", value="many"), "claim P-15.71-2017: 'many' is no number"),
        (change("regions", "33.10", province_code="99"), "region 33.10 lies in province 99"),
        (change("regions", "33.10", name_en=""), "region 33.10 has no English name"),
        (change("districts", "11.01.01", region_code="99.99"), "district 11.01.01 lies in 99.99"),
        (change("districts", "11.01.01", region_code="11"), "district 11.01.01 lies in 11"),
        (add("aliases", region_code="99.99", alias="Nowhere", kind="nickname"), "alias 'Nowhere' belongs to 99.99"),
        (add("aliases", region_code="33.10", alias="Serambi Mekkah", kind="nickname"), "Mekkah' stands for 11, 33.10"),
        (add("aliases", region_code="33.10", alias="serambi-mekkah", kind="nickname"), "stands for 11, 33.10"),
        (add("aliases", region_code="33.10", alias="Sragen", kind="nickname"), "is the own name of Kabupaten Sragen"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_rows_is_found(known: set[str], plant: Callable[[Tables], None], expected: str) -> None:
    tables = copy.deepcopy({table: SHIPPED.tables[table] for table in TABLES})
    plant(tables)
    found = set(errors(check(snapshot.build(SHIPPED.id, tables)))) - known
    assert [message for message in found if expected in message], found
    assert len(found) <= 2


@pytest.mark.parametrize(
    "date", ["2019-13", "2019-02-30", "15-05-2019", "Mei 2019", "2019/05", "19", "20190515", "2019-W20", "2019-5-15"]
)
def test_a_bad_date_is_found(known: set[str], date: str) -> None:
    tables = copy.deepcopy({table: SHIPPED.tables[table] for table in TABLES})
    tables["sources"][0]["date"] = date
    (found,) = set(errors(check(snapshot.build(SHIPPED.id, tables)))) - known
    assert repr(date) in found


@pytest.mark.parametrize("date", ["", "2019", "2019-05", "2019-05-15", "2020-02-29"])
def test_a_good_date_is_not_complained_of(known: set[str], date: str) -> None:
    tables = copy.deepcopy({table: SHIPPED.tables[table] for table in TABLES})
    tables["sources"][0]["date"] = date
    assert set(errors(check(snapshot.build(SHIPPED.id, tables)))) == known


def append(name: str, text: str) -> Callable[[Path], None]:
    """Write something at the end of a data file."""

    def apply(data: Path) -> None:
        with (data / name).open("a", encoding="utf-8") as file:
            file.write(text)

    return apply


def topic(claims: str = "F001", about: str = "WHAT") -> Callable[[Path], None]:
    """Add a topic that nothing else knows of."""
    return append("topics.toml", f'\n[zebra]\nclaims = "{claims}"\nabout = "{about}"\nwith = "WHO"\n')


def replace(name: str, old: str, new: str) -> Callable[[Path], None]:
    """Replace something in a data file."""

    def apply(data: Path) -> None:
        text = (data / name).read_text(encoding="utf-8")
        assert old in text
        (data / name).write_text(text.replace(old, new), encoding="utf-8")

    return apply


@pytest.mark.parametrize(
    ("plant", "expected"),
    [
        (append("id/outside.toml", '\nzebra = "menteri"\n'), "id: 'menteri' stands under"),
        (append("en/outside.toml", '\nzebra = "Smart-City!"\n'), "en: 'smart city' stands under"),
        (append("id/outside.toml", '\nzebra = "?!"\n'), "id: an empty phrase stands under outside:zebra"),
        (append("en/stop.txt", "\nministry\n"), "en: 'ministry' is a function word and stands under"),
        (topic(about="WHAT+ZEBRA"), "uses concept ZEBRA"),
        (topic(), "topic zebra has no question in id/"),
        (topic(), "topic zebra has no question in en/"),
        (append("en/suggestions.toml", '\nzebra = "What is a zebra?"\n'), "en/suggestions.toml offers zebra, which is"),
        (replace("id/suggestions.toml", "\nsteps = ", "\nstairs = "), "topic steps has no question in id/"),
        (lambda data: (data / "en/question.questions.jsonl").unlink(), "question.questions.jsonl cannot be read"),
        (lambda data: (data / "en/question.questions.jsonl").write_text("", encoding="utf-8"), "holds no questions"),
        (append("id/question.questions.jsonl", "{}\n"), 'needs a "text" and an "expect"'),
        (append("id/zebra.toml", 'ZEBRA = "zebra belang"\n'), "zebra.questions.jsonl cannot be read"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_files_is_found(
    built: snapshot.Snapshot, data: Path, plant: Callable[[Path], None], expected: str
) -> None:
    plant(data)
    found = errors(check(built, data))
    assert [message for message in found if expected in message], found
    assert all("\n" not in message for message in found)


def test_datasette_is_told_every_column() -> None:
    told = datasette_metadata()["databases"]["knowledge"]["tables"]
    for table in TABLES:
        assert set(SHIPPED.tables[table][0]) - {"sources", "conflicts_with"} <= set(told[table]["columns"])


def test_a_topic_may_outlive_its_claims_and_says_so(built: snapshot.Snapshot, data: Path) -> None:
    topic(claims="F999")(data)
    assert Finding("notice", saying("topic {topic}: there is no claim {claim}", topic="zebra", claim="F999")) in check(
        built, data
    )


def test_every_claim_of_a_shipped_topic_is_there(built: snapshot.Snapshot) -> None:
    assert [finding.message for finding in check(built) if finding.message.startswith("topic ")] == []
