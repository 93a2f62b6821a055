"""Judging answers: each class by hand-made cases, by the rules of the outside scorer; files that cannot be used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from knowledge.errors import QuestionFileError
from knowledge.evaluate import CLASSES, Case, Report, Result, judge, load, run

KLATEN = {"code": "33.10", "name": "Kabupaten Klaten", "level": "regency", "participant": True, "cohort": 2019}
BLORA = {"code": "33.16", "name": "Kabupaten Blora", "level": "regency", "participant": True, "cohort": 2018}
PATI = {"code": "33.18", "name": "Kabupaten Pati", "level": "regency", "participant": False, "cohort": None}
CENTRAL_JAVA = {"code": "33", "name": "Jawa Tengah", "level": "province", "participant": None, "cohort": None}


def answer(*regions: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """An answer as `ask --json` gives it."""
    return {
        "text": "?", "language": "id", "outcome": "answered", "kind": "participation", "regions": list(regions),
        "count": None, "answer": "Ya. Kabupaten Klaten,\nangkatan 2019.", "sources": [], "choices": [],
        "elapsed_ms": 1.0,
        **fields,
    }  # fmt: skip


def unknown(**fields: Any) -> dict[str, Any]:
    """An answer that says it does not know."""
    return answer(**{"outcome": "unknown", "kind": None, "answer": "Saya tidak tahu.", **fields})


def back(**fields: Any) -> dict[str, Any]:
    """A question back."""
    return answer(**{"outcome": "ambiguous", "kind": None, "choices": ["Sukorejo di Kabupaten Kendal"], **fields})


@pytest.mark.parametrize(
    ("expect", "given"),
    [
        ({}, answer()),
        ({}, unknown()),
        ({"outcome": "answered"}, answer()),
        ({"outcome": ["unknown", "ambiguous"]}, back()),
        ({"outcome": "unknown"}, unknown()),
        ({"language": "id", "kind": ["region", "participation"]}, answer()),
        ({"kind": "participation"}, answer()),
        ({"kind": [None]}, unknown()),
        ({"verdicts": {"33.10": True}}, answer(KLATEN, PATI)),
        ({"verdicts": {"33.10": True, "33.18": False}, "only": True}, answer(KLATEN, PATI)),
        ({"verdicts": {"33.10": True}, "only": True}, answer(KLATEN, CENTRAL_JAVA)),
        ({"verdicts": {"33": None}}, answer(CENTRAL_JAVA)),
        ({"cohorts": {"33.10": 2019, "33.16": [2018, 2019]}}, answer(KLATEN, BLORA)),
        ({"cohorts": {"33.18": None}}, answer(PATI)),
        ({"include": ["33.10"], "exclude": ["33.18"]}, answer(KLATEN, BLORA)),
        ({"exact": ["33.10", "33.16"]}, answer(BLORA, KLATEN, CENTRAL_JAVA)),
        ({"exact": ["33", "33.10"]}, answer(KLATEN, CENTRAL_JAVA)),
        ({"exact": []}, answer()),
        ({"count": 25}, answer(count=25)),
        ({"count": [24, 25]}, answer(count=24)),
        ({"must": ["klaten.*2019", "ANGKATAN"]}, answer()),
        ({"must": "klaten"}, answer()),
        ({"must": ["100 smart"]}, answer(answer="1００\u00a0Smart")),
        ({"must_not": ["2018"]}, answer()),
        ({"choices": ["kendal"]}, back()),
        ({"choices_include": ["Kendal"]}, back()),
        ({"choices_include": ["33.10"]}, answer(KLATEN)),
    ],
)
def test_passed(expect: dict[str, Any], given: dict[str, Any]) -> None:
    assert judge(expect, given) == ("passed", [])


@pytest.mark.parametrize(
    ("expect", "given"),
    [
        ({"verdicts": {"33.10": False}}, answer(KLATEN)),
        ({"verdicts": {"33.18": True}}, answer(PATI)),
        ({"verdicts": {"33.18": None}}, answer(PATI)),
        ({"verdicts": {"33.10": True}}, answer()),
        ({"verdicts": {"33.10": True}, "only": True}, answer(KLATEN, BLORA)),
        ({"cohorts": {"33.10": 2018}}, answer(KLATEN)),
        ({"cohorts": {"33.10": 2019}}, answer()),
        ({"include": ["33.16"]}, answer(KLATEN)),
        ({"exclude": ["33.10"]}, answer(KLATEN)),
        ({"exact": ["33.10"]}, answer(KLATEN, BLORA)),
        ({"exact": ["33.10", "33.16"]}, answer(KLATEN)),
        ({"exact": ["33"]}, answer()),
        ({"count": 25}, answer(count=24)),
        ({"count": 25}, answer()),
        ({"count": 1}, answer(count=True)),
        ({"must": ["Blora"]}, answer()),
        ({"must_not": ["klaten"]}, answer()),
        ({"outcome": "unknown"}, answer()),
        ({"outcome": "ambiguous"}, answer(KLATEN)),
        ({"outcome": ["unknown", "ambiguous"]}, answer()),
        ({"language": "en", "verdicts": {"33.10": False}}, answer(KLATEN)),
    ],
)
def test_wrong(expect: dict[str, Any], given: dict[str, Any]) -> None:
    verdict, problems = judge(expect, given)
    assert (verdict, bool(problems)) == ("wrong", True)


@pytest.mark.parametrize(
    ("expect", "given"),
    [
        ({"outcome": "answered"}, unknown()),
        ({"outcome": "answered"}, back()),
        ({"outcome": ["answered", "unknown"]}, back()),
        ({"verdicts": {"33.10": True}}, unknown()),
        ({"count": 25}, back()),
        ({"must": ["klaten"]}, unknown()),
        ({"language": "en"}, unknown()),
    ],
)
def test_abstained(expect: dict[str, Any], given: dict[str, Any]) -> None:
    verdict, problems = judge(expect, given)
    assert (verdict, bool(problems)) == ("abstained", True)


@pytest.mark.parametrize(
    ("expect", "given"),
    [
        ({"language": "en"}, answer()),
        ({"kind": ["fact"]}, answer()),
        ({"kind": ["fact"], "verdicts": {"33.10": True}}, answer(KLATEN)),
        ({"outcome": "unknown"}, answer(kind="smalltalk")),
        ({"outcome": "ambiguous"}, unknown()),
        ({"outcome": "unknown"}, back()),
        ({"outcome": "unknown", "choices": ["Klaten"]}, unknown()),
        ({"outcome": "ambiguous", "choices_include": ["Sragen"]}, back()),
        ({"outcome": "unknown", "language": "en"}, unknown()),
        ({"outcome": "unknown", "must": ["Klaten"]}, unknown()),
        ({"choices": ["33.10"]}, answer(KLATEN)),
        ({"choices_include": ["33.16"]}, answer(KLATEN)),
    ],
)
def test_other(expect: dict[str, Any], given: dict[str, Any]) -> None:
    verdict, problems = judge(expect, given)
    assert (verdict, bool(problems)) == ("other", True)


def test_every_problem_is_named() -> None:
    expect = {
        "language": "en",
        "kind": ["list"],
        "verdicts": {"33.10": False, "33.16": True},
        "count": 3,
        "must": ["x{9}"],
    }
    verdict, problems = judge(expect, answer(KLATEN))
    assert verdict == "wrong"
    for part in ("language id", "kind participation", "33.10", "33.16", "count None", "x{9}"):
        assert any(part in problem for problem in problems), part


# ---------------------------------------------------------------------------------------------------------------- files


def line(**fields: Any) -> str:
    """A line of a file of questions."""
    return json.dumps({"id": "Q1", "text": "Klaten?", "expect": {"outcome": "answered"}, **fields})


def test_a_case_has_all_its_fields(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(line(session="s", lang_pref="en", tags=["a", "b"]) + "\n\n" + line(id="Q2"), encoding="utf-8")
    assert load(path) == [
        Case("Q1", "Klaten?", {"outcome": "answered"}, ("a", "b"), "s", "en"),
        Case("Q2", "Klaten?", {"outcome": "answered"}),
    ]


@pytest.mark.parametrize(
    "bad",
    [
        "no JSON",
        "[]",
        "null",
        "3",
        '{"text": "Klaten?"}',
        '{"expect": {}}',
        line(text=3),
        line(text=None),
        line(expect=[]),
        line(expect={"outcome": "answered", "colour": "blue"}),
        line(expect={"must": ["("]}),
        line(expect={"must_not": "["}),
        line(expect={"choices": ["*"]}),
        line(expect={"choices_include": ["(?P<"]}),
        line(expect={"outcome": "perhaps"}),
        '{"text": "Klaten?", "expect": {}',
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, bad: str) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(f"{line()}\n\n{bad}\n", encoding="utf-8")
    with pytest.raises(QuestionFileError) as caught:
        load(path)
    assert f"{path}, line 3" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_id_that_stands_twice_is_named(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(f"{line()}\n{line()}\n", encoding="utf-8")
    with pytest.raises(QuestionFileError, match="line 2"):
        load(path)


@pytest.mark.parametrize("content", [b"", b"\n\n", b'{"text": "\xff\xfe", "expect": {}}\n'])
def test_a_file_without_cases(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "q.jsonl"
    path.write_bytes(content)
    with pytest.raises(QuestionFileError, match=r"q\.jsonl") as caught:
        load(path)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_or_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.jsonl"):
        with pytest.raises(QuestionFileError):
            load(path)


@pytest.mark.parametrize("text", ["a\u2028b", "a\u0085b", "a\x0cb"])
def test_only_a_newline_ends_a_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(json.dumps({"text": text, "expect": {}}, ensure_ascii=False), "utf-8")
    assert [case.text for case in load(path)] == [text]


# -------------------------------------------------------------------------------------------------------------- reports


def report(*verdicts: str) -> Report:
    """A run with these classes."""
    return Report(
        [Result(Case(str(n), "?", {}, ("tag",)), verdict, (), answer()) for n, verdict in enumerate(verdicts)]
    )


@pytest.mark.parametrize(
    ("verdicts", "accuracy"), [([], 0.0), (["passed"], 1.0), (["passed", "wrong", "other", "abstained"], 0.25)]
)
def test_accuracy(verdicts: list[str], accuracy: float) -> None:
    made = report(*verdicts)
    assert made.accuracy == accuracy
    assert sum(made.tally().values()) == len(verdicts)
    assert set(made.tally()) <= set(CLASSES)


def test_groups() -> None:
    groups = report("passed", "wrong").by(lambda result: [*result.case.tags, result.verdict])
    assert {name: len(results) for name, results in groups.items()} == {"tag": 2, "passed": 1, "wrong": 1}


def test_a_run_asks_in_order() -> None:
    cases = [Case("1", "a", {"count": 1}), Case("2", "b", {"outcome": "unknown"}), Case("3", "c", {"kind": "list"})]
    texts: list[str] = []

    def ask(case: Case) -> dict[str, Any]:
        texts.append(case.text)
        return answer()

    made = run(cases, ask)
    assert texts == ["a", "b", "c"]
    assert [result.verdict for result in made.results] == ["wrong", "wrong", "other"]
    assert made.confusions == {
        ("participation", "answered"): 1,
        ("participation", "unknown"): 1,
        ("participation", "list"): 1,
    }


@pytest.mark.parametrize(
    ("case", "language"),
    [
        (Case("1", "?", {"language": "en"}, ("code_mixed",)), "mixed"),
        (Case("1", "?", {"language": "en"}, (), None, "id"), "en"),
        (Case("1", "?", {}, (), None, "id"), "id"),
        (Case("1", "?", {}), "not stated"),
    ],
)
def test_the_language_a_case_is_counted_under(case: Case, language: str) -> None:
    assert case.language == language
