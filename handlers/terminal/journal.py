"""`bot.py journal`: what people asked that could not be answered, and what they reported as wrong."""

from __future__ import annotations

from pathlib import Path

import click

from handlers.people import People
from handlers.shared.options import data_dir_option


@click.command()
@data_dir_option
def journal(data_dir: Path) -> None:
    """Print the unanswered questions, the most frequent first, and the reports, the newest first."""
    people = People(data_dir)
    for asked in people.journal.questions():
        click.echo(
            f"{asked.times:>5}  {asked.language}  {asked.last_day}  {asked.reason:<16} {' '.join(asked.text.split())}"
        )
    for report in people.journal.reports():
        click.echo(f"\nreport {report.id}  {report.day}  {report.language}  reason {report.reason}")
        for label, text in (("question", report.question), ("answer", report.answer), ("note", report.note)):
            if text:
                click.echo(f"  {label}: {' '.join(text.split())}")
    people.close()
