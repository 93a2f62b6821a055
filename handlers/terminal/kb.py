"""`bot.py kb`: looking after the knowledge from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import click

from handlers.shared.options import data_dir_option
from handlers.terminal import kb_edit, kb_files, kb_history, kb_review
from knowledge import check as checks
from knowledge import edition, history, store


@click.group()
def kb() -> None:
    """Check the knowledge and see what is in it."""


for command in (
    kb_edit.find,
    kb_edit.show,
    kb_edit.set_,
    kb_edit.add,
    kb_edit.retire,
    kb_history.history,
    kb_history.undo,
    kb_history.at,
):
    kb.add_command(command)
kb.add_command(kb_files.import_)
kb.add_command(kb_files.export)
kb.add_command(kb_review.stale)
kb.add_command(kb_review.review)


@kb.command()
@data_dir_option
def check(data_dir: Path) -> None:
    """Validate the knowledge: sources, aliases, codes, dates, both languages, phrase files; and that the rows are what the
    log of changes says.

    Exit status: 0 where nothing is wrong, 1 where something is.
    """
    findings = checks.check(store.load(data_dir))
    for finding in findings:
        click.echo(f"{finding.level}: {finding.message}")
    astray = history.disagreements(data_dir)
    for row in astray:
        click.echo(f"error: {row} is not as the log of changes says; somebody changed knowledge.db without the bot.")
    errors = sum(finding.level == "error" for finding in findings) + len(astray)
    click.echo(f"{errors} errors, {len(findings) + len(astray) - errors} notices.")
    if errors:
        raise SystemExit(1)


@kb.command()
@data_dir_option
def info(data_dir: Path) -> None:
    """Print the edition, how much it holds, and its hash."""
    snapshot = store.load(data_dir)
    click.echo(f"edition      {snapshot.edition}")
    click.echo(f"fingerprint  {edition.fingerprint()}")
    for name, number in {
        "regions": len(snapshot.regions), "districts": len(snapshot.districts), "aliases": len(snapshot.aliases),
        "sources": len(snapshot.sources), "claims": len(snapshot.claims), "participants": len(snapshot.participants),
    }.items():  # fmt: skip
        click.echo(f"{name:<13}{number}")
    for conflict in store.open_conflicts(data_dir / store.FILE):
        click.echo(f"conflict     {conflict}: an admin and the edition both changed it; the admin's row stands")


@kb.command()
def metadata() -> None:
    """Print metadata for Datasette: what every table and column means, licence and sources.

    Use: bot.py kb metadata > metadata.json; datasette var/knowledge.db -m metadata.json
    """
    click.echo(json.dumps(checks.datasette_metadata(), ensure_ascii=False, indent=2))
