"""The queue of unanswered questions: what is kept, what a decision does for good, who is told, and the command line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from running import furnish

import bot
import knowledge
from handlers.people import People
from handlers.people.queue import Queue
from handlers.people.reports import Report, as_trace
from handlers.staff.clusters import clusters_now, name_of
from knowledge import Engine, store
from knowledge.changes import Change, RowChange
from knowledge.editing import blank
from knowledge.meaning import Cluster
from knowledge.writer import Writer

pytestmark = pytest.mark.usefixtures("opened_once")
BUDI, KATE = 1_234_567, 7_654_321
ANTHEM, COLOUR = "who composed the zorgon anthem?", "which colour is the blimpat?"


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    """A new people.db."""
    made = People(tmp_path)
    yield made
    made.close()


def ask(people: People, engine: Engine, *texts: str) -> None:
    """Questions that find no answer."""
    for text in texts:
        people.apply(lambda text=text: people.queue.unanswered(text, "en", "now", "private", engine.meaning))  # type: ignore[misc]


def waiting(queue: Queue, engine: Engine) -> list[str]:
    """The most frequent question of each cluster."""
    return [cluster.examples[0] for cluster in clusters_now(queue, engine)]


def decide(people: People, engine: Engine, text: str, decision: str) -> None:
    """Decide on a question."""
    people.apply(lambda: people.queue.decide("en", {engine.meaning(text): text}, decision, "admin 1"))  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------------------ decisions


def test_nothing_in_the_queue_tells_who_asked(people: People, engine: Engine) -> None:
    ask(people, engine, "mail budi@mail.id about the zorgon 081234567890")
    ((_, meaning, text, _, _),) = people.queue.rows()
    assert text == "mail … about the zorgon …"
    assert not {"budi", "081234567890"} & set(meaning.replace(":", " ").replace("#", " ").split())


@pytest.mark.parametrize("decision", ["alias", "phrasing", "answer", "outside", "ignore"])
def test_what_is_decided_does_not_come_back(people: People, engine: Engine, tmp_path: Path, decision: str) -> None:
    ask(people, engine, ANTHEM, ANTHEM, COLOUR)
    decide(people, engine, ANTHEM, decision)
    assert waiting(people.queue, engine) == [COLOUR]
    again = People(tmp_path)
    ask(again, engine, "Who composed the Zorgon anthem, please")
    assert waiting(again.queue, engine) == [COLOUR]
    again.close()


def test_what_is_settled_is_not_even_kept(people: People, engine: Engine) -> None:
    ask(people, engine, ANTHEM, COLOUR)
    decide(people, engine, ANTHEM, "ignore")
    decide(people, engine, COLOUR, "outside")
    ask(people, engine, "Who composed the zorgon anthem", "colour of the blimpat, which?")
    assert people._connection.execute("select count(*) from questions").fetchone() == (0,)


def test_a_decision_outlives_a_change_of_what_its_words_mean(people: People, tmp_path: Path) -> None:
    """Once "zorgon" is a region's name, the same question has another meaning, and is ignored all the same."""
    furnish(tmp_path)
    before = knowledge.open_engine(tmp_path)
    question = "which colour has the zorgon?"
    decide(people, before, question, "ignore")
    row = RowChange("aliases", None, blank("aliases", region_code="33.10", alias="zorgon", kind="nickname"))
    with Writer(tmp_path) as writer:
        writer.commit(Change("admin 1", "alias", "test", "test", (row,)))
    after = knowledge.open_engine(tmp_path)
    assert after.meaning(question) != before.meaning(question)
    ask(people, after, question)
    assert waiting(people.queue, after) == []


def test_questions_of_an_older_version_get_their_meaning(people: People, engine: Engine) -> None:
    with people._connection as c:
        c.execute(
            "insert into questions (day, text, language, reason) values ('2026-11-01', ?, 'en', 'now')", (ANTHEM,)
        )
    assert waiting(people.queue, engine) == [ANTHEM]


def test_questions_and_those_who_wait_go_when_they_are_too_old_and_decisions_stay(
    people: People, engine: Engine
) -> None:
    ask(people, engine, ANTHEM)
    decide(people, engine, COLOUR, "ignore")
    people.apply(lambda: people.queue.wait(BUDI, "en", engine.meaning(ANTHEM), ANTHEM))
    people.expire((datetime.now(UTC) + timedelta(days=89)).timestamp())
    assert (len(people.queue.rows()), len(people.queue.waiting())) == (1, 1)
    people.expire((datetime.now(UTC) + timedelta(days=92)).timestamp())
    assert (people.queue.rows(), people.queue.waiting()) == ([], [])
    assert [decided.decision for decided in people.queue.decisions()] == ["ignore"]


def test_waiting_is_remembered_once_and_forgotten_with_the_person(people: People, engine: Engine) -> None:
    meaning = engine.meaning(ANTHEM)
    for user in (BUDI, BUDI, KATE):
        people.apply(lambda user=user: people.queue.wait(user, "en", meaning, ANTHEM))  # type: ignore[misc]
    assert [who.user_id for who in people.queue.waiting()] == [BUDI, KATE]
    people.apply(lambda: people.forget(BUDI))
    assert [who.user_id for who in people.queue.waiting()] == [KATE]


def test_nobody_waits_for_what_is_ignored(people: People, engine: Engine) -> None:
    people.apply(lambda: people.queue.wait(BUDI, "en", engine.meaning(ANTHEM), ANTHEM))
    decide(people, engine, ANTHEM, "ignore")
    assert people.queue.waiting() == []


# ------------------------------------------------------------------------------------------------------- command line


@pytest.fixture
def queue(people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> People:
    """A queue with two questions, beside a knowledge of its own."""
    monkeypatch.chdir(tmp_path)
    furnish(tmp_path)
    ask(people, knowledge.open_engine(tmp_path), "did Kota Kasunanan join?", "did Kota Kasunanan join", COLOUR)
    return people


def run(folder: Path, *arguments: str) -> Result:
    """`bot.py queue` with some arguments."""
    return CliRunner().invoke(bot.bot, ["queue", *arguments, "--data-dir", str(folder)])


def cluster(folder: Path, people: People, text: str) -> Cluster:
    """The cluster of a question."""
    found = clusters_now(people.queue, knowledge.open_engine(folder))
    return next(cluster for cluster in found if text in cluster.texts)


def name(folder: Path, people: People, text: str) -> str:
    """What `queue list` calls it."""
    return ":".join(name_of(cluster(folder, people, text)))


def test_the_list_and_one_of_it(queue: People, tmp_path: Path) -> None:
    listed = run(tmp_path, "list").output.splitlines()
    assert [line.split()[1:3] for line in listed] == [["2", "en"], ["1", "en"]]
    shown = run(tmp_path, "show", listed[0].split()[0]).output
    assert "did Kota Kasunanan join?" in shown
    assert "kasunanan = unknown" in shown
    wrong = run(tmp_path, "show", "e:none")
    assert (wrong.exit_code, "queue list" in wrong.output) == (2, True)


def answer(folder: Path, text: str) -> tuple[str, tuple[str, ...]]:
    """The outcome of a question and the regions that its answer is about."""
    found = knowledge.open_engine(folder).answer(text).answer
    return found.outcome, tuple(verdict.region.code for verdict in found.regions)


def test_another_name(queue: People, tmp_path: Path) -> None:
    named = name(tmp_path, queue, "did Kota Kasunanan join?")
    assert run(tmp_path, "alias", named, "99.99", "Kasunanan").exit_code == 2
    done = run(tmp_path, "alias", named, "33.72", "Kasunanan", "--reason", "asked often", "--source", "a letter")
    assert done.exit_code == 0
    assert answer(tmp_path, "did Kota Kasunanan join?") == ("answered", ("33.72",))
    assert len(run(tmp_path, "list").output.splitlines()) == 1


def test_a_phrasing(queue: People, tmp_path: Path) -> None:
    named = name(tmp_path, queue, "did Kota Kasunanan join?")
    assert run(tmp_path, "phrasing", named, "F999").exit_code == 2
    assert run(tmp_path, "phrasing", named, "F001").exit_code == 0
    assert answer(tmp_path, "Kota Kasunanan, did it join?")[0] == "answered"


def test_a_change_that_breaks_a_question_needs_yes(queue: People, tmp_path: Path) -> None:
    named = name(tmp_path, queue, COLOUR)
    refused = run(tmp_path, "alias", named, "33.10", "bus")
    assert refused.exit_code == 1
    assert "breaks: Is there a bus from Solo to Wonosobo?" in refused.output
    assert answer(tmp_path, "Is there a bus from Solo to Wonosobo?")[0] == "unknown"
    assert run(tmp_path, "alias", named, "33.10", "bus", "--yes").exit_code == 0
    assert answer(tmp_path, "Is there a bus from Solo to Wonosobo?")[0] == "answered"


def test_what_breaks_a_rule_is_refused_in_any_case(queue: People, tmp_path: Path) -> None:
    done = run(tmp_path, "alias", name(tmp_path, queue, COLOUR), "33.10", "Blora", "--yes")
    assert (done.exit_code, "Blora" in done.output) == (1, True)
    assert answer(tmp_path, "did Blora join?") == ("answered", ("33.16",))


def test_outside_and_ignore(queue: People, tmp_path: Path) -> None:
    assert run(tmp_path, "outside", name(tmp_path, queue, "did Kota Kasunanan join?")).exit_code == 0
    assert run(tmp_path, "ignore", name(tmp_path, queue, COLOUR)).exit_code == 0
    assert run(tmp_path, "list").stdout == ""
    assert knowledge.open_engine(tmp_path).answer("did Kota Kasunanan join?").answer.trace.shape == "out_of_scope"


def test_an_answer_is_written_and_given(queue: People, tmp_path: Path) -> None:
    said = ("--text-id", "Warnanya hijau.", "--text-en", "It is green.", "--source", "tribunnews-2019", "--yes")
    assert run(tmp_path, "answer", name(tmp_path, queue, COLOUR), *said).exit_code == 0
    (claim,) = [c for c in store.read(tmp_path).claims.values() if c.id.startswith("A-")]
    assert (claim.text_en, claim.sources) == ("It is green.", ("tribunnews-2019",))
    assert answer(tmp_path, COLOUR)[0] == "answered"


def test_an_accepted_report_names_its_change(queue: People, tmp_path: Path) -> None:
    queue.apply(lambda: queue.reports.add(Report(1, "", "en", "f", "Klaten?", "Yes.", "No!", "citizen", ""), BUDI))
    assert run(tmp_path, "accept", "1", "99").exit_code != 0
    assert run(tmp_path, "accept", "1", "1").exit_code == 0
    assert run(tmp_path, "accept", "1", "1").exit_code == 2
    assert [r.state for r in queue.reports.all()] == ["accepted"]


def test_reports_on_the_command_line(queue: People, tmp_path: Path) -> None:
    trace = as_trace({"words": [], "claims": ["F001"]})
    queue.apply(
        lambda: queue.reports.add(Report(1, "", "en", "f", "Klaten?", "Yes.", "No!", "officer 33.10", trace), BUDI)
    )
    shown = run(tmp_path, "reports").output
    assert all(part in shown for part in ("report 1", "officer 33.10", "claims: F001", "note: No!"))
    assert run(tmp_path, "reject", "1", "The list says so.").exit_code == 0
    assert run(tmp_path, "reject", "1", "again").exit_code == 2
    assert run(tmp_path, "reports").output == ""
    assert "decided: The list says so." in run(tmp_path, "reports", "--all").output
