"""`bot.py queue`: what the bot could not answer and what was reported, decided on from the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

import knowledge
from handlers.people import People
from handlers.people.staff import COMMAND_LINE
from handlers.settings import SettingsError, load
from handlers.shared.options import data_dir_option, say_if_none, stop
from handlers.staff import reports as decided_reports
from handlers.staff.clusters import clusters_now, find, name_of
from handlers.staff.proposal import Proposal, asked
from handlers.staff.proposals import overwriting, proposed
from handlers.staff.proposals import settled as answered
from handlers.staff.trial import tried
from knowledge import history, store
from knowledge.changes import Change, RowChange
from knowledge.editing import blank, claim_id
from knowledge.errors import KnowledgeError
from knowledge.fields import clean
from knowledge.meaning import Cluster
from knowledge.writer import Writer

name_argument = click.argument("name")
reason_option = click.option("--reason", default="", help="Why, for the log of changes.")
source_option = click.option("--source", default="", help="Where it is from, for the log.")
yes_option = click.option(
    "--yes", is_flag=True, help="Do it although a question that is answered well now would break."
)


@click.group()
def queue() -> None:
    """See what could not be answered and what was reported, and decide on it."""


@queue.command("list")
@data_dir_option
def list_(data_dir: Path) -> None:
    """Print the unanswered questions, those that mean the same together, the most frequent first."""
    with _people(data_dir) as people:
        found = clusters_now(people.queue, knowledge.open_engine(data_dir))
        say_if_none(found)
        for cluster in found:
            name, example = ":".join(name_of(cluster)), " ".join(cluster.examples[0].split())
            click.echo(f"{name}  {cluster.times:>5}  {cluster.language}  {cluster.first}  {cluster.last}  {example}")


@queue.command()
@name_argument
@data_dir_option
def show(name: str, data_dir: Path) -> None:
    """Print all of the cluster NAME, as `queue list` calls it."""
    with _people(data_dir) as people:
        engine = knowledge.open_engine(data_dir)
        cluster = _cluster(people, engine, name)
        click.echo(f"asked {cluster.times} times in {cluster.language}, first {cluster.first}, last {cluster.last}")
        for text, times in sorted(cluster.texts.items(), key=lambda found: (-found[1], found[0])):
            click.echo(f"{times:>5}  {' '.join(text.split())}")
        click.echo(f"reasons: {', '.join(sorted(cluster.reasons))}")
        trace = engine.answer(cluster.examples[0], preference=cluster.language).answer.trace
        click.echo("understood: " + ", ".join(f"{said} = {taken}" for said, taken in trace.spans))


@queue.command()
@name_argument
@click.argument("region")
@click.argument("words")
@click.option(
    "--kind", type=click.Choice(["nickname", "spelling"]), default="nickname", help="What kind of name it is."
)
@source_option
@reason_option
@yes_option
@data_dir_option
def alias(name: str, region: str, words: str, kind: str, source: str, reason: str, yes: bool, data_dir: Path) -> None:
    """The questions of NAME call a region (REGION is its code, such as 33.10) by another name: WORDS.

    Exit status: 0, 1 where a question would break (see --yes) or a rule forbids it, 2 for a wrong call.
    """
    with _people(data_dir) as people:
        engine = knowledge.open_engine(data_dir)
        if region not in engine.snapshot.regions:
            stop(f"There is no region {region}. A code is like 33.10.", 2)
        row = RowChange("aliases", None, blank("aliases", region_code=region, alias=words, kind=kind))
        cluster = _cluster(people, engine, name)
        _decide(people, engine, data_dir, proposed(asked(cluster), "alias", [row], source), reason, yes)


@queue.command()
@name_argument
@click.argument("claim")
@source_option
@reason_option
@yes_option
@data_dir_option
def phrasing(name: str, claim: str, source: str, reason: str, yes: bool, data_dir: Path) -> None:
    """The questions of NAME are answered by CLAIM, such as F001.

    Exit status: 0, 1 where a question would break (see --yes) or a rule forbids it, 2 for a wrong call.
    """
    with _people(data_dir) as people:
        engine = knowledge.open_engine(data_dir)
        if claim not in engine.snapshot.claims:
            stop(f"There is no claim {claim}.", 2)
        cluster = _cluster(people, engine, name)
        _decide(people, engine, data_dir, proposed(asked(cluster), "phrasing", source=source, claim=claim), reason, yes)


@queue.command()
@name_argument
@click.option("--text-id", required=True, help="The answer in Indonesian.")
@click.option("--text-en", required=True, help="The answer in English.")
@click.option("--source", required=True, help="Id of the source that says so; `kb add sources` makes one.")
@click.option("--region", default="", help="Code of the region that it is about; the programme if left out.")
@reason_option
@yes_option
@data_dir_option
def answer(
    name: str, text_id: str, text_en: str, source: str, region: str, reason: str, yes: bool, data_dir: Path
) -> None:  # fmt: skip
    """Write the answer to the questions of NAME: a new statement with its source.

    Exit status: 0, 1 where a question would break (see --yes) or a rule forbids it, 2 for a wrong call.
    """
    with _people(data_dir) as people:
        engine = knowledge.open_engine(data_dir)
        id = claim_id(store.all_tables(data_dir), history.ever(data_dir, "claims"))
        row = blank(
            "claims", id=id, subject=f"region:{region}" if region else "programme", attribute="answer", period="all",
            text_id=clean("claims", "text_id", text_id), text_en=clean("claims", "text_en", text_en), status="stated",
            sources=source,
        )  # fmt: skip
        asks = asked(_cluster(people, engine, name))
        made = proposed(asks, "answer", [RowChange("claims", None, row)], source, id)
        _decide(people, engine, data_dir, made, reason, yes)


@queue.command()
@name_argument
@source_option
@reason_option
@yes_option
@data_dir_option
def outside(name: str, source: str, reason: str, yes: bool, data_dir: Path) -> None:
    """The questions of NAME lie outside the programme.

    Exit status: 0, 1 where a question would break (see --yes) or a rule forbids it, 2 for a wrong call.
    """
    with _people(data_dir) as people:
        engine = knowledge.open_engine(data_dir)
        cluster = _cluster(people, engine, name)
        _decide(people, engine, data_dir, proposed(asked(cluster), "outside", source=source, claim=""), reason, yes)


@queue.command()
@name_argument
@data_dir_option
def ignore(name: str, data_dir: Path) -> None:
    """The questions of NAME do not come back, whoever asks them."""
    with _people(data_dir) as people:
        cluster = _cluster(people, knowledge.open_engine(data_dir), name)
        people.apply(
            lambda: people.queue.decide(cluster.language, asked(cluster).examples, "ignore", COMMAND_LINE)
        )  # fmt: skip
        click.echo("Done.")


@queue.command()
@click.option("--all", "everything", is_flag=True, help="Those too that were decided on.")
@data_dir_option
def reports(everything: bool, data_dir: Path) -> None:
    """Print what people reported as wrong."""
    with _people(data_dir) as people:
        for report in people.reports.all() if everything else people.reports.open():
            head = f"report {report.id}  {report.day}  {report.language}  reason {report.reason}  {report.role}"
            click.echo(f"{head}  {report.state}")
            parts = {"question": report.question, "answer": report.answer, "note": report.note}
            parts |= {"claims": " ".join(report.claims), "decided": report.decision_note}
            for label, text in parts.items():
                if text:
                    click.echo(f"  {label}: {' '.join(text.split())}")


@queue.command()
@click.argument("number", type=int)
@click.argument("note")
@data_dir_option
def reject(number: int, note: str, data_dir: Path) -> None:
    """Reject the report NUMBER; whoever made it reads NOTE, told by the bot as it runs.

    Exit status: 0, or 2 where no open report has that number.
    """
    with _people(data_dir) as people:
        report = people.reports.pending(number)
        if report is None:
            stop(f"There is no open report {number}.", 2)
        decided_reports.reject(people, report, note, COMMAND_LINE)
        click.echo(f"Report {number} is rejected.")


@queue.command()
@click.argument("number", type=int)
@click.argument("change", type=int)
@data_dir_option
def accept(number: int, change: int, data_dir: Path) -> None:
    """Accept the report NUMBER, which led to CHANGE (as `kb set` numbers it); whoever made it is told by the bot as it runs.

    Exit status: 0, or 2 where no open report has that number or there is no such change.
    """
    with _people(data_dir) as people:
        knowledge.open_engine(data_dir)
        report, made = people.reports.pending(number), history.entry(data_dir, change)
        if report is None:
            stop(f"There is no open report {number}.", 2)
        decided_reports.accept(people, report, made.id, COMMAND_LINE)
        click.echo(f"Report {number} is accepted.")


# ---------------------------------------------------------------------------------------------------------------- parts


@contextmanager
def _people(data_dir: Path) -> Iterator[People]:
    """people.db in a folder."""
    try:
        settings = load()
    except SettingsError as error:
        stop(str(error), 2)
    people = People(data_dir, retention_days=settings.question_log_days, owners=settings.owner_ids)
    try:
        yield people
    finally:
        people.close()


def _cluster(people: People, engine: knowledge.Engine, name: str) -> Cluster:
    letter, _, short = name.partition(":")
    language = {"i": "id", "e": "en"}.get(letter)
    found = find(clusters_now(people.queue, engine), language, short) if language and short else None  # type: ignore[arg-type]
    if found is None:
        stop(f"Nothing in the queue is called {name}. `bot.py queue list` tells the names.", 2)
    return found


def _decide(
    people: People, engine: knowledge.Engine, folder: Path, proposal: Proposal, reason: str, yes: bool
) -> None:  # fmt: skip
    """Try it, print what it would change, and do it where nothing breaks or that is wanted."""
    proposal = overwriting(proposal, engine)
    found = tried(engine, folder, proposal.changes, proposal.language, tuple(proposal.examples.values()))
    for finding in found.findings:
        click.echo(f"error: {finding.message}")
    for effect in found.effects:
        click.echo(f"{effect.question}\n  - {' '.join(effect.before.split())}\n  + {' '.join(effect.after.split())}")
    for effect in found.broken:
        click.echo(f"breaks: {effect.question}\n  + {' '.join(effect.after.split())}")
    if found.findings or (found.broken and not yes):
        stop("Nothing was changed." + ("" if found.findings else " --yes does it all the same."), 1)
    change = Change(COMMAND_LINE, proposal.decision, reason, proposal.source, proposal.changes)
    try:
        with Writer(folder) as writer:
            number = writer.commit(change)
    except KnowledgeError as error:
        stop(str(error), 1)
    done = answered(knowledge.open_engine(folder), proposal)
    people.apply(lambda: people.queue.decide(proposal.language, done, proposal.decision, COMMAND_LINE))
    left = len(proposal.examples) - len(done)
    click.echo(f"Done: change {number}." + (f" Wordings that still find no answer: {left}." if left else ""))
