"""`bot.py digest`: what /ringkasan and /digest tell admins, as plain text."""

from __future__ import annotations

from pathlib import Path

import click

import knowledge
from handlers.people import People
from handlers.rendering import speech
from handlers.shared.options import data_dir_option
from handlers.staff.digest import lines, plain
from handlers.staff.week import DAYS, clock, days_now
from knowledge.model import Language


@click.command()
@data_dir_option
@click.option(
    "--days", type=click.IntRange(1, 3650), default=DAYS, show_default=True, help="How many days to look back."
)
@click.option("--lang", "language", type=click.Choice(["id", "en"]), default="id", help="Language of the digest.")
def digest(data_dir: Path, days: int, language: Language) -> None:
    """Print the last days in numbers, what was changed, and what is due for review."""
    engine = knowledge.open_engine(data_dir)
    people = People(data_dir)
    try:
        found = days_now(people, engine, data_dir, clock(), days)
        click.echo(plain(lines(found, engine.snapshot, people, speech(language))))
    finally:
        people.close()
