"""`bot.py kb history|undo|at`: what was changed, taking it back, and the knowledge as of a day."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from handlers.people.staff import COMMAND_LINE
from handlers.shared.options import data_dir_option, say_if_none, stop
from knowledge import history as log
from knowledge import store
from knowledge.history import Entry

from .kb_edit import anyway_option, make, reason_option

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("table", required=False)
@click.argument("key", required=False)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000), help="Changes printed at most.")
@data_dir_option
def history(table: str | None, key: str | None, limit: int, data_dir: Path) -> None:
    """Print the latest changes, or with TABLE and KEY those of one entry: number, time, who, kind, reason, source."""
    store.load(data_dir)
    if (table is None) != (key is None):
        stop("Give both TABLE and KEY, for example: kb history claims F001.", 2)
    found = log.of_row(data_dir, table, key, limit=limit) if table and key else log.entries(data_dir, limit=limit)
    say_if_none(found)
    for entry in found:
        _print(entry)
        for row in log.rows(data_dir, entry.id) if table and key else ():
            if (row.table, row.key) == (table, key):
                for column in row.after or row.before or {}:
                    old, new = ((version or {}).get(column, "") for version in (row.before, row.after))
                    if old != new:
                        click.echo(f"      {column}: {old!r} -> {new!r}")


def _print(entry: Entry) -> None:
    undone = f" (taken back by no. {entry.undone_by})" if entry.undone_by else ""
    back = f" of no. {entry.undoes}" if entry.undoes else ""
    rest = "; ".join(part for part in (entry.reason, entry.source) if part)
    click.echo(f"{entry.id:>5}  {entry.at}  {entry.actor:<13} {entry.kind}{back}, {entry.rows} rows{undone}  {rest}")


@click.command()
@click.argument("change", type=int)
@reason_option
@anyway_option
@data_dir_option
def undo(change: int, reason: str, yes: bool, data_dir: Path) -> None:
    """Take CHANGE back, as a new change. Refused where later changes rest on it."""
    store.load(data_dir)
    back = log.undo(data_dir, change, COMMAND_LINE, reason)
    make(data_dir, back, anyway=yes)


@click.command()
@click.argument("day", type=DAY, metavar="DAY")
@click.argument("out", type=click.Path(path_type=Path))
@data_dir_option
def at(day: datetime, out: Path, data_dir: Path) -> None:
    """Write the knowledge as it stood at the end of DAY (UTC) into a new database OUT."""
    store.load(data_dir)
    last = log.at(data_dir, day.date(), out)
    click.echo(f"{out}: the knowledge after change no. {last}.")
