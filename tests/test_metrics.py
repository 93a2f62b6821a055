"""The numbers: everything is counted, nothing and nobody is named, and what is described is what there is."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from running import Running, play, running

from handlers.fake_telegram import Cut, FakeTelegram, Refused, ServerError, Timeout, TooManyRequests
from handlers.people.lengths import Lengths
from handlers.people.reports import Report
from handlers.transport import metrics as counting
from handlers.transport.counted import result_of
from handlers.transport.labels import ERRORS, KINDS, LANGUAGES, NONE, OTHER, OUTCOMES, RESULTS, TYPES
from handlers.transport.metrics import Metrics, described
from knowledge import Engine

ROOT = Path(__file__).parent.parent
DASHBOARD = ROOT / "docs" / "grafana.json"
WEBHOOK_ONLY = {"tanya_webhook_pending_updates", "tanya_webhook_last_error_timestamp_seconds"}
QUEUES = {
    "updates", "updates at work", "questions", "people waiting for an answer", "reports", "requests", "proposals", "notices",
    "notices due",
}  # fmt: skip

Values = dict[tuple[str, ...], float]

pytestmark = pytest.mark.usefixtures("one_engine")


def values(metrics: Metrics, name: str) -> Values:
    """The samples of one name: values of the labels, in the order of their names -> value."""
    return {
        tuple(value for _, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(metrics.page().decode())
        for sample in family.samples
        if sample.name == name
    }


# ---------------------------------------------------------------------------------------------------------- what happens


def test_updates_are_counted_by_type_and_by_how_they_ended(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi, kate = telegram.user("Budi"), telegram.user("Kate", language="en")
        async with running(telegram, tmp_path) as bot:
            budi.sends("Apakah Klaten peserta?")
            budi.sends("Apakah Solo peserta?")
            kate.sends("what is the price of rice?")
            kate.sends("/help")
            await bot.settles()
            metrics = bot.bot.services.metrics
            assert values(metrics, "tanya_updates_total") == {("message",): 4}
            assert values(metrics, "tanya_outcomes_total") == {
                ("participation", "id", "answered"): 2, ("out_of_scope", "en", "unknown"): 1, ("help", "en", "done"): 1,
            }  # fmt: skip
            assert values(metrics, "tanya_handling_seconds_count") == {("message",): 4}
            (seconds,) = values(metrics, "tanya_handling_seconds_sum").values()
            assert 0 < seconds < 4 * 20
            assert values(metrics, "tanya_errors_total") == {}

    play(scene)


class Strange(Exception):
    """A class that no library has."""


@pytest.mark.parametrize(("error", "shown"), [(ZeroDivisionError("rahasia"), "ZeroDivisionError"), (Strange(), OTHER)])
def test_an_error_of_ours_is_counted_by_its_class(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: Engine, error: Exception, shown: str
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise error

    async def scene() -> None:
        telegram = FakeTelegram()
        async with running(telegram, tmp_path) as bot:
            monkeypatch.setattr(engine, "answer", fails)
            telegram.user("Budi").sends("Klaten?")
            await bot.settles()
            metrics = bot.bot.services.metrics
            assert values(metrics, "tanya_errors_total") == {(shown,): 1}
            assert values(metrics, "tanya_outcomes_total") == {(NONE, NONE, "error"): 1}

    play(scene)


@pytest.mark.parametrize(
    ("fault", "result"),
    [
        (TooManyRequests(0), "too_many"), (ServerError(), "server_error"), (Timeout(accepted=False), "timeout"),
        (Cut(accepted=False), "network"), (Refused(403, "Forbidden: bot was blocked by the user"), "forbidden"),
        (Refused(400, "Bad Request: chat not found"), "refused"),
    ],
)  # fmt: skip
def test_each_try_of_a_request_is_counted_by_how_it_ended(tmp_path: Path, fault: Any, result: str) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            telegram.faults.add("sendMessage", fault)
            budi.sends("Klaten?")
            await bot.settles()
            requests = values(bot.bot.services.metrics, "tanya_telegram_requests_total")
            sent = {outcome: number for (method, outcome), number in requests.items() if method == "sendMessage"}
            assert sent == {result: 1, **({"ok": 1} if budi.said else {})}
            assert requests["getMe", "ok"] == 1

    play(scene)


def test_every_status_has_a_result() -> None:
    assert {result_of(status) for status in range(100, 600)} | {"timeout", "network"} == set(RESULTS)
    assert result_of(200) == "ok"


def test_waiting_for_updates_is_not_taken_for_a_slow_telegram() -> None:
    metrics = Metrics()
    metrics.requested("getUpdates", "ok", 25.0)
    metrics.requested("sendMessage", "ok", 0.07)
    assert values(metrics, "tanya_telegram_seconds_count") == {(): 1}
    assert metrics.polled_at is not None


def test_a_failed_fetch_is_no_fetch() -> None:
    metrics = Metrics()
    for result in RESULTS[1:]:
        metrics.requested("getUpdates", result, 1.0)
        metrics.requested("getMe", result, 1.0)
    metrics.requested("sendMessage", "ok", 1.0)
    assert metrics.polled_at is None


def test_the_last_good_backup_is_known_after_a_failed_one(monkeypatch: pytest.MonkeyPatch) -> None:
    metrics = Metrics()
    assert values(metrics, "tanya_backup_last_success_timestamp_seconds") == {}
    monkeypatch.setattr(counting.time, "time", lambda: 1_800_000_000.0)
    metrics.backup(True, 0.5, 4096)
    metrics.backup(False, 9.0, 0)
    assert values(metrics, "tanya_backups_total") == {("ok",): 1, ("failed",): 1}
    assert values(metrics, "tanya_backup_last_success_timestamp_seconds") == {(): 1_800_000_000}
    assert values(metrics, "tanya_backup_last_seconds") == {(): 0.5}
    assert values(metrics, "tanya_backup_last_bytes") == {(): 4096}


# ------------------------------------------------------------------------------------------------------------ what waits


def test_what_waits_is_looked_up_when_somebody_asks(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            for question in ("berapa harga beras?", "siapa presiden?", "siapa presiden?"):
                budi.sends(question)
            await bot.settles()
            metrics, people = bot.bot.services.metrics, bot.people
            people.apply(
                lambda: people.reports.add(Report(1, "2026-01-01", "id", "", "", "x", ""), 1),
                lambda: people.reports.add(Report(2, "2026-01-01", "id", "", "", "y", ""), 1),
                lambda: people.reports.decide(2, "rejected", "admin 1"),
            )
            lengths = values(metrics, "tanya_queue_length")
            assert {name for (name,) in lengths} == QUEUES
            assert {name: number for (name,), number in lengths.items() if number} == {"questions": 2, "reports": 1}
            meaning = bot.bot.services.engine.meaning("siapa presiden?")
            people.apply(lambda: people.queue.decide("id", {meaning: "siapa presiden?"}, "answer", "admin 1"))
            assert values(metrics, "tanya_queue_length")["questions",] == 1

    play(scene)


def test_every_queue_of_people_db_is_counted(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(FakeTelegram(), tmp_path) as bot:
            fill(bot)
            found = Lengths(bot.people._connection).all(now=100.0)
            assert found == {
                "questions": 0, "people waiting for an answer": 1, "reports": 0, "requests": 1, "proposals": 1, "notices": 3,
                "notices due": 1,
            }  # fmt: skip

    play(scene)


def fill(bot: Running) -> None:
    """One of each that waits, one of each that does not, and two notices for later."""
    write = bot.people._connection.execute
    write("insert into waiting (user_id, language, meaning, question, day) values (1, 'id', 'm', 'q', '2026-01-01')")
    for table, states in (("requests", ("open", "refused")), ("corrections", ("open", "accepted"))):
        columns = [
            row for row in write(f"pragma table_info({table})") if row[3] and row[1] not in ("id", "state", "token")
        ]
        for number, state in enumerate(states):
            names = ", ".join(["state", "token", *(row[1] for row in columns)])
            filled = [state, str(number), *(0 if row[2] == "INTEGER" else "" for row in columns)]
            write(f"insert into {table} ({names}) values ({', '.join('?' * len(filled))})", filled)
    for notice, due, state in ((1, 50, "waiting"), (2, 150, "waiting"), (3, 200, "waiting"), (4, 50, "sent")):
        write("insert into deliveries (notice_id, user_id, due_at, state) values (?, 1, ?, ?)", (notice, due, state))


def test_a_database_that_cannot_be_read_does_not_break_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        async with running(telegram, tmp_path) as bot:
            telegram.user("Budi").sends("Klaten?")
            await bot.settles()
            monkeypatch.setattr(bot.people.lengths, "_connection", None)
            metrics = bot.bot.services.metrics
            assert values(metrics, "tanya_queue_length") == {("updates",): 0, ("updates at work",): 0}
            assert values(metrics, "tanya_updates_total") == {("message",): 1}
            assert values(metrics, "tanya_database_bytes")["people.db",] > 0

    play(scene)


# --------------------------------------------------------------------------------------------------------- closed sets


@given(st.text(), st.text(), st.text(), st.text(), st.text())
def test_whatever_is_told_the_labels_are_from_closed_sets(a: str, b: str, c: str, d: str, e: str) -> None:
    metrics = Metrics()
    metrics.taken(a)
    metrics.handled(a, b, c, d, 0.1)
    metrics.handled(a, "error", e, d, 0.1)
    metrics.failed(b)
    metrics.requested(c, d, 0.1)
    metrics.requested(f"send{e}", d, 0.1)
    more = {OTHER, NONE}
    allowed = {
        "type": TYPES | more, "outcome": OUTCOMES | more, "kind": KINDS | more, "language": LANGUAGES | more,
        "class": ERRORS | more, "result": {*RESULTS, *more}, "method": more | {c, f"send{e}"},
    }  # fmt: skip
    for family in text_string_to_metric_families(metrics.page().decode()):
        for sample in family.samples:
            for label in allowed.keys() & sample.labels.keys():
                assert sample.labels[label] in allowed[label]
                if label == "method" and sample.labels[label] not in more:
                    assert sample.labels[label].isascii()


def test_nobody_and_nothing_that_was_said_is_on_the_page(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        person = telegram.user("Zulkarnain")
        async with running(telegram, tmp_path) as bot:
            for text in ("Apakah Klaten peserta?", "/start r_33_10", "harga kelapa", "/ikuti klaten"):
                person.sends(text)
            await bot.settles()
            page = bot.bot.services.metrics.page().decode()
            labels = " ".join(re.findall(r'"([^"]*)"', page)).lower()
            assert "participation" in labels
            for said in ("zulkarnain", str(person.id), "klaten", "33", "kelapa", "42:"):
                assert said not in labels

    play(scene)


def noted() -> Iterator[tuple[Path, ast.Call]]:
    """Every place in the code that says how an update ended."""
    for path in sorted((ROOT / "handlers").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "note":
                of = node.func.value
                if (of.attr if isinstance(of, ast.Attribute) else getattr(of, "id", "")) == "work":
                    yield path, node


def literals(node: ast.expr) -> set[str]:
    """The texts that an expression may give, as far as they stand there."""
    match node:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.IfExp():
            return literals(node.body) | literals(node.orelse)
        case ast.BoolOp():
            return set().union(*map(literals, node.values))
        case ast.JoinedStr():
            return {str(node.values[0].value).strip()} if isinstance(node.values[0], ast.Constant) else set()
    return set()


def test_how_an_update_can_end_and_what_it_can_be_about_is_all_known() -> None:
    """A new outcome or kind belongs into the sets of handlers/transport/labels.py, or it is counted as "other"."""
    places = list(noted())
    assert len(places) > 100
    outcomes = {text for _, call in places for text in literals(call.args[0])}
    kinds = {text for _, call in places for text in (literals(call.args[1]) if len(call.args) > 1 else ())}
    assert outcomes - OUTCOMES == set()
    assert kinds - {""} - KINDS == set()


def test_why_a_question_finds_no_answer_is_known(engine: Engine) -> None:
    lines = (ROOT / "tests" / "questions" / "public.jsonl").read_text(encoding="utf-8").splitlines()
    answers = [engine.answer(json.loads(line)["text"], None, now=0.0).answer for line in lines[::5]]
    told = {answer.kind or answer.trace.shape for answer in answers if answer.outcome != "answered"}
    assert len(told) > 3
    assert told - KINDS == set()


# ------------------------------------------------------------------------------------------------------- what is described


def test_what_is_described_is_what_there_is(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        async with running(telegram, tmp_path) as bot:
            telegram.user("Budi").sends("Klaten?")
            await bot.settles()
            metrics = bot.bot.services.metrics
            await bot.bot.health.checks()
            metrics.failed("ValueError")
            metrics.backup(True, 1.0, 1)
            page = metrics.page().decode()
            found = dict(re.findall(r"^# TYPE (\S+) (\S+)$", page, re.MULTILINE))
            told = {name: kind for name, kind, _, _ in described()}
            assert found == {name: kind for name, kind in told.items() if name not in WEBHOOK_ONLY}
            for name, _, labels, _ in described():
                lines = re.findall(rf"^{name}(?:_count)?(?:{{(.*)}})? \S+$", page, re.MULTILINE)
                assert lines or name in WEBHOOK_ONLY, name
                for line in lines:
                    assert set(re.findall(r'(\w+)="', line)) == set(filter(None, labels.split(", "))), name

    play(scene)


def test_each_metric_is_named_by_the_rules_and_told_of_in_one_line() -> None:
    rows = described()
    assert len({name for name, *_ in rows}) == len(rows)
    for name, kind, _, told in rows:
        assert re.fullmatch(r"(tanya|process|python)_[a-z_]+", name)
        assert name.endswith("_total") == (kind == "counter")
        assert 0 < len(told) < 90
        assert "\n" not in told


def expressions(node: Any) -> Iterator[str]:
    """Every query of the dashboard."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("expr", "query") and isinstance(value, str) and "_" in value:
                yield value
            yield from expressions(value)
    elif isinstance(node, list):
        for value in node:
            yield from expressions(value)


def test_the_dashboard_asks_for_what_there_is() -> None:
    rows = {name: set(filter(None, labels.split(", "))) for name, _, labels, _ in described()}
    for name, kind, labels, _ in described():
        if kind == "histogram":
            rows[f"{name}_bucket"] = {"le", *filter(None, labels.split(", "))}
    asked = list(expressions(json.loads(DASHBOARD.read_text(encoding="utf-8"))))
    used: set[str] = set()
    for query in asked:
        names = re.findall(r"\b(?:tanya|process|python)_\w+", query)
        assert names, query
        used |= set(names)
        assert set(names) <= rows.keys(), query
        known = set().union(*(rows[name] for name in names)) | {"instance", "job"}
        grouped = {label.strip() for group in re.findall(r"\bby \(([^)]*)\)", query) for label in group.split(",")}
        matched = set(re.findall(r'(\w+)(?:=~|!=|=)"', query))
        assert grouped | matched <= known, query
        for given_ in re.findall(r'queue=~?"([^"]*)"', query):
            assert set(given_.split("|")) <= QUEUES
        for given_ in re.findall(r'outcome=~?"([^"]*)"', query):
            assert set(given_.split("|")) <= OUTCOMES
    ours = {name for name in rows if name.startswith("tanya_") and f"{name}_bucket" not in rows}
    assert ours - used == set(), "told of, and on no panel"


def test_the_dashboard_has_no_panel_on_another() -> None:
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = [
        (at["x"] + x, at["y"] + y)
        for panel in panels for at in [panel["gridPos"]] for x in range(at["w"]) for y in range(at["h"])
    ]  # fmt: skip
    assert len(set(places)) == len(places)
    assert max(x for x, _ in places) < 24
