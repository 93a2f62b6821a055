"""`bot.py eval`: how well the bot answers sets of test questions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import click

import knowledge
from handlers.shared.options import FileToRead, data_dir_option
from handlers.staff.trial import asker
from knowledge import evaluate as evaluation
from knowledge.evaluate import CLASSES, Report, Result

LAST_RUN = "eval-last.json"
"""Where a run is kept for the next to compare with, in DATA_DIR."""


@click.command("eval")
@click.argument("files", nargs=-1, required=True, type=FileToRead())
@click.option(
    "--at-least", default=0.0, type=click.FloatRange(0, 1), help="The accuracy that exit status 0 needs, 0 to 1."
)
@click.option("--verbose", is_flag=True, help="Show every question that failed, and why.")
@data_dir_option
def evaluate(files: tuple[Path, ...], at_least: float, verbose: bool, data_dir: Path) -> None:
    """Ask the questions in FILES and compare the answers with what is expected of them.

    Exit status: 0 where the accuracy is reached, 1 where it is not, 2 for a file that cannot be read.
    """
    cases = [case for path in files for case in evaluation.load(path)]
    report = evaluation.run(cases, asker(knowledge.open_engine(data_dir)))
    if verbose:
        _failures(report)
    _table("language", report.by(lambda r: [r.case.language]).items())
    _table("tag", report.by(lambda r: r.case.tags).items())
    _table("all", [("", report.results)])
    if report.confusions:
        click.echo("\nTaken for each other:")
        for (said, was), number in report.confusions.most_common(10):
            click.echo(f"  {number:>4}  said {said}, was {was}")
    _compare(report, data_dir / LAST_RUN)
    click.echo(f"\naccuracy {report.accuracy:.2%}")
    if report.accuracy < at_least:
        raise SystemExit(1)


def _failures(report: Report) -> None:
    for result in report.results:
        if result.verdict != "passed":
            click.echo(f"{result.verdict.upper():<10}{result.case.id}  {result.case.text!r}")
            for problem in result.problems:
                click.echo(f"          - {problem}")
            click.echo(f"          > {' '.join(str(result.answer['answer']).split())[:240]}")


def _table(title: str, rows: Iterable[tuple[str, list[Result]]]) -> None:
    click.echo(f"\n{title:<20}{'cases':>7}{'right':>9}" + "".join(f"{name:>11}" for name in CLASSES[1:]))
    for name, results in rows:
        tally = Report().tally(results)
        share = tally["passed"] / len(results)
        click.echo(f"{name:<20}{len(results):>7}{share:>9.1%}" + "".join(f"{tally[c] or '.':>11}" for c in CLASSES[1:]))


def _compare(report: Report, path: Path) -> None:
    """Tell which questions changed sides since the last run, and keep this one."""
    now = {result.case.id: result.verdict for result in report.results}
    try:
        before = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        before = {}
    common = [id for id in now if id in before]
    better = [id for id in common if now[id] == "passed" != before[id]]
    worse = [id for id in common if now[id] != "passed" == before[id]]
    if common:
        click.echo(f"\nSince the last run: {len(better)} better, {len(worse)} worse of {len(common)} asked both times.")
        for id in worse[:20]:
            click.echo(f"  worse: {id} ({now[id]})")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({**before, **now}), encoding="utf-8")
    except OSError as error:
        click.echo(f"This run could not be kept for comparison: {error}.", err=True)
