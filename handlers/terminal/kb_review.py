"""`bot.py kb stale` and `bot.py kb review`: what is due for review, and that it still holds."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import click

from handlers.people.staff import COMMAND_LINE
from handlers.shared.options import data_dir_option, say_if_none, stop
from knowledge import KnowledgeError, freshness, store
from knowledge.writer import Writer


@click.command()
@data_dir_option
@click.option(
    "--on", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="Another day than today, such as 2027-06-01."
)
def stale(data_dir: Path, on: datetime | None) -> None:
    """List the claims whose date of review has passed, the oldest first."""
    snapshot = store.load(data_dir)
    found = freshness.stale(snapshot, on.date() if on else _today())
    say_if_none(found)
    for claim in found:
        told = claim.text_en or f"{claim.period} {claim.value}".strip()
        click.echo(f"{claim.id:<16} {claim.review_by:<10}  {claim.subject} {claim.attribute}: {told}")


@click.command()
@data_dir_option
@click.argument("claims", metavar="CLAIM...", nargs=-1, required=True)
def review(data_dir: Path, claims: tuple[str, ...]) -> None:
    """Say of each CLAIM that its sources were looked at and it still holds: it is due again a year later. All or none.

    Exit status: 0, or 2 where there is no such claim or it has no date of review.
    """
    try:
        change = freshness.reviewed(store.load(data_dir), claims, COMMAND_LINE, "its sources were looked at", _today())
        if not change.rows:
            click.echo("Reviewed today already; nothing was changed.")
            return
        with Writer(data_dir) as writer:
            number = writer.commit(change)
    except KnowledgeError as error:
        stop(str(error), 2)
    click.echo(f"change no. {number}: {len(change.rows)} reviewed, due again after {freshness.next_review(_today())}")


def _today() -> date:
    return datetime.now(UTC).date()
