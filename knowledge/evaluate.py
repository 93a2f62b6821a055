"""Asking the engine sets of test questions and judging its answers.

A file holds one case a line: ``{"id", "session", "lang_pref", "text", "tags", "expect"}``; ``docs/questions.md`` says what
may be expected. A case passes where every expectation holds. One that fails counts once: as ``abstained`` (unknown or a
question back where an answer was due), ``wrong`` (answered, and false) or ``other`` (right in substance, but language,
kind or choices are not as they should be).
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import QuestionFileError

Record = Mapping[str, Any]
"""An answer as ``bot.py ask --json`` gives it."""

EXPECTATIONS = frozenset((
    "outcome", "language", "kind", "verdicts", "only", "cohorts", "include", "exclude", "exact", "count", "must", "must_not",
    "choices", "choices_include",
))  # fmt: skip
OUTCOMES = frozenset(("answered", "ambiguous", "unknown"))
CLASSES = ("passed", "abstained", "wrong", "other")


@dataclass(frozen=True, slots=True)
class Case:
    """A question and what is expected of its answer."""

    id: str
    text: str
    expect: Mapping[str, Any]
    tags: tuple[str, ...] = ()
    session: str | None = None
    preference: str | None = None

    @property
    def language(self) -> str:
        """The language group it is counted under."""
        if "code_mixed" in self.tags:
            return "mixed"
        return self.expect.get("language") or self.preference or "not stated"


@dataclass(frozen=True, slots=True)
class Result:
    """One case judged."""

    case: Case
    verdict: str
    problems: tuple[str, ...]
    answer: Record


@dataclass
class Report:
    """A whole run."""

    results: list[Result] = field(default_factory=list)

    def tally(self, results: Iterable[Result] | None = None) -> Counter[str]:
        """Cases by class."""
        return Counter(result.verdict for result in (self.results if results is None else results))

    @property
    def accuracy(self) -> float:
        """Share of cases passed; 0 for an empty run."""
        return self.tally()["passed"] / len(self.results) if self.results else 0.0

    def by(self, key: Callable[[Result], Iterable[str]]) -> dict[str, list[Result]]:
        """The results grouped."""
        groups: dict[str, list[Result]] = defaultdict(list)
        for result in self.results:
            for name in key(result):
                groups[name].append(result)
        return dict(sorted(groups.items()))

    @property
    def confusions(self) -> Counter[tuple[str, str]]:
        """``(said, was)`` of the kinds and outcomes that were taken for each other."""
        pairs: Counter[tuple[str, str]] = Counter()
        for result in self.results:
            if result.verdict == "passed":
                continue
            expected = "/".join(_list(result.case.expect.get("kind", ()))) or "/".join(
                _list(result.case.expect.get("outcome", "answered"))
            )
            said = str(result.answer.get("kind") or result.answer.get("outcome"))
            pairs[said, expected] += 1
        return pairs


def load(path: Path) -> list[Case]:
    """The cases of a file.

    Raises:
        QuestionFileError: the file cannot be read, or a line is no case; the message names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionFileError(f"{path} cannot be read: {error}.") from error
    cases: list[Case] = []
    known: set[str] = set()
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        where = f"{path}, line {number}"
        case = _case(text, where)
        if case.id in known:
            raise QuestionFileError(f"{where}: the id {case.id} stands twice.")
        known.add(case.id)
        cases.append(case)
    if not cases:
        raise QuestionFileError(f"{path} holds no questions.")
    return cases


def _case(text: str, where: str) -> Case:
    try:
        row = json.loads(text)
    except ValueError as error:
        raise QuestionFileError(f"{where} is no JSON object: {error}.") from error
    if not isinstance(row, dict) or not isinstance(row.get("text"), str) or not isinstance(row.get("expect"), dict):
        raise QuestionFileError(f'{where} needs a "text" and an "expect".')
    strange = set(row["expect"]) - EXPECTATIONS
    if strange:
        raise QuestionFileError(
            f"{where} expects {sorted(strange)}, which is not known. Known: {sorted(EXPECTATIONS)}."
        )
    outcomes = _list(row["expect"].get("outcome", ()))
    if not set(outcomes) <= OUTCOMES:
        raise QuestionFileError(f"{where}: an outcome is one of {sorted(OUTCOMES)}, not {outcomes}.")
    for key in ("must", "must_not", "choices", "choices_include"):
        for pattern in _list(row["expect"].get(key, ())):
            try:
                re.compile(pattern)
            except re.error as error:
                raise QuestionFileError(f"{where}: {pattern!r} is no regular expression ({error}).") from error
    return Case(
        str(row.get("id", where)),
        row["text"],
        row["expect"],
        tuple(row.get("tags", ())),
        row.get("session"),
        row.get("lang_pref"),
    )


Ask = Callable[[Case], Record]


def run(cases: Sequence[Case], ask: Ask) -> Report:
    """Ask every case and judge the answers; ``ask`` keeps the sessions."""
    report = Report()
    for case in cases:
        answer = ask(case)
        verdict, problems = judge(case.expect, answer)
        report.results.append(Result(case, verdict, tuple(problems), answer))
    return report


def judge(expect: Mapping[str, Any], answer: Record) -> tuple[str, list[str]]:
    """The class of an answer and what is wrong with it."""
    false, formal = _substance(expect, answer), _form(expect, answer)
    allowed = _list(expect.get("outcome", "answered"))
    misses = "outcome" in expect and answer["outcome"] not in allowed
    problems = ([f"outcome {answer['outcome']}, expected {'/'.join(allowed)}"] if misses else []) + false + formal
    if not problems:
        return "passed", []
    if answer["outcome"] == "answered":
        invented = "answered" not in allowed and answer.get("kind") != "smalltalk"
        return ("wrong" if false or invented else "other"), problems
    if "answered" in allowed and answer["outcome"] not in allowed:
        return "abstained", problems
    return "other", problems


def _substance(expect: Mapping[str, Any], answer: Record) -> list[str]:
    """What makes an answer false."""
    said = {region["code"]: region for region in answer["regions"]}
    regencies = {code for code in said if "." in code}
    problems = []
    for code, participant in expect.get("verdicts", {}).items():
        if code not in said:
            problems.append(f"no verdict on {code}")
        elif said[code]["participant"] is not participant:
            problems.append(f"{code}: said {said[code]['participant']}, was {participant}")
    if expect.get("only") and regencies - set(expect.get("verdicts", ())):
        problems.append(f"verdicts nobody asked for: {sorted(regencies - set(expect.get('verdicts', ())))}")
    for code, cohort in expect.get("cohorts", {}).items():
        if code not in said or said[code]["cohort"] not in _list(cohort):
            problems.append(f"{code}: cohort {said.get(code, {}).get('cohort')}, was {cohort}")
    problems += [f"not listed: {code}" for code in expect.get("include", ()) if code not in said]
    problems += [f"does not belong in the list: {code}" for code in expect.get("exclude", ()) if code in said]
    if "exact" in expect:
        wanted = set(expect["exact"])
        listed = regencies | (set(said) & wanted)
        if listed != wanted:
            problems.append(f"list: missing {sorted(wanted - listed)}, too much {sorted(listed - wanted)}")
    count = answer["count"]
    if "count" in expect and (isinstance(count, bool) or count not in _list(expect["count"])):
        problems.append(f"count {answer['count']}, was {expect['count']}")
    text = unicodedata.normalize("NFKC", answer["answer"])
    for pattern in _list(expect.get("must", ())):
        if not re.search(pattern, text, re.IGNORECASE | re.DOTALL):
            problems.append(f"the text lacks /{pattern}/")
    for pattern in _list(expect.get("must_not", ())):
        if re.search(pattern, text, re.IGNORECASE | re.DOTALL):
            problems.append(f"the text has /{pattern}/")
    return problems


def _form(expect: Mapping[str, Any], answer: Record) -> list[str]:
    """What is not as it should be in an answer that may still be true."""
    problems = []
    if "language" in expect and answer["language"] != expect["language"]:
        problems.append(f"language {answer['language']}, expected {expect['language']}")
    if "kind" in expect and answer["kind"] not in _list(expect["kind"]):
        problems.append(f"kind {answer['kind']}, expected {'/'.join(map(str, _list(expect['kind'])))}")
    codes = {region["code"] for region in answer["regions"]}
    labels = answer["choices"]
    wanted = [(pattern, False) for pattern in _list(expect.get("choices", ()))]
    wanted += [(pattern, pattern in codes) for pattern in _list(expect.get("choices_include", ()))]
    problems += [
        f"no choice like /{pattern}/"
        for pattern, listed in wanted
        if not listed and not any(re.search(pattern, label, re.IGNORECASE) for label in labels)
    ]
    return problems


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple, set, frozenset)) else [value]
