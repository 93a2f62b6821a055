"""`bot.py kb find|show|set|add|retire`: the entries of the knowledge, for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

import knowledge
from handlers.people.staff import COMMAND_LINE
from handlers.rendering import speech
from handlers.shared.options import data_dir_option, stop
from handlers.staff.entries import title
from handlers.staff.trial import tried
from knowledge import catalog, editing, history, store
from knowledge.changes import Change, RowChange, Tables
from knowledge.edition import KEYS
from knowledge.fields import FIELDS, Row, clean
from knowledge.writer import Writer

_TABLE = click.Choice(list(FIELDS))
reason_option = click.option("--reason", default="", help="Why, for the history.")
source_option = click.option("--source", required=True, help="After which source: its id, an address, or words.")
anyway_option = click.option("--yes", is_flag=True, help="Make the change even if questions that work now would break.")


@click.command()
@click.argument("text")
@data_dir_option
def find(text: str, data_dir: Path) -> None:
    """Find entries by a code, a name, a year, or words of a statement or source.

    Exit status: 0 where something was found, 1 where nothing was.
    """
    engine, tables = knowledge.open_engine(data_dir), store.all_tables(data_dir)
    hits = catalog.find(tables, engine.search, text)
    for hit in hits:
        click.echo(f"{hit.table:<10} {hit.key:<24} {title(hit.table, hit.row, engine.snapshot, speech('en'))}")
    if not hits:
        raise SystemExit(1)


@click.command()
@click.argument("table", type=_TABLE)
@click.argument("key")
@data_dir_option
def show(table: str, key: str, data_dir: Path) -> None:
    """Print an entry as it is stored. A key of two columns is joined by |, as in "33.10|Kota Bersinar"."""
    store.load(data_dir)
    for column, value in _there(store.all_tables(data_dir), table, key).items():
        click.echo(f"{column:<16}{value}")


@click.command("set")
@click.argument("table", type=_TABLE)
@click.argument("key")
@click.argument("values", nargs=-1, required=True, metavar="COLUMN=VALUE...")
@source_option
@reason_option
@anyway_option
@data_dir_option
def set_(
    table: str, key: str, values: tuple[str, ...], source: str, reason: str, yes: bool, data_dir: Path
) -> None:  # fmt: skip
    """Change columns of an entry, for example: kb set claims F001 "text_en=..." --source kominfo-2019."""
    store.load(data_dir)
    tables = store.all_tables(data_dir)
    before = _there(tables, table, key)
    after = {**before, **_values(table, values)}
    make(data_dir, _change("edit", editing.edited(tables, table, before, after), source, reason), anyway=yes)


@click.command()
@click.argument("table", type=_TABLE)
@click.argument("values", nargs=-1, required=True, metavar="COLUMN=VALUE...")
@source_option
@reason_option
@anyway_option
@data_dir_option
def add(table: str, values: tuple[str, ...], source: str, reason: str, yes: bool, data_dir: Path) -> None:
    """Add an entry. A claim or source without an id gets one."""
    store.load(data_dir)
    tables = store.all_tables(data_dir)
    row = editing.blank(table, **_values(table, values))
    if table == "claims":
        row["id"] = row["id"] or editing.claim_id(tables, history.ever(data_dir, "claims"))
    if table == "sources":
        row["id"] = row["id"] or editing.source_id(tables, row["publisher"], row["url"], row["date"])
    missing = [column for column in KEYS[table] if not row[column]]
    if missing:
        stop(f"Missing: {', '.join(missing)}. Give it as {missing[0]}=VALUE.", 2)
    make(data_dir, _change("add", editing.added(tables, table, row), source, reason), anyway=yes)


@click.command()
@click.argument("table", type=_TABLE)
@click.argument("key")
@source_option
@reason_option
@anyway_option
@data_dir_option
def retire(table: str, key: str, source: str, reason: str, yes: bool, data_dir: Path) -> None:
    """Take an entry out of the knowledge; the history keeps it."""
    store.load(data_dir)
    tables = store.all_tables(data_dir)
    rows = editing.retired(tables, table, _there(tables, table, key))
    make(data_dir, _change("retire", rows, source, reason), anyway=yes)


def _change(kind: str, rows: Sequence[RowChange], source: str, reason: str) -> Change:
    return Change(COMMAND_LINE, kind, reason, source, tuple(rows))


def make(data_dir: Path, change: Change, *, anyway: bool) -> None:
    """Try a change, tell what it does, and make it unless a question that works would break."""
    if not change.rows:
        click.echo("Nothing is different from what is stored.")
        return
    tried_ = tried(knowledge.open_engine(data_dir), data_dir, change.rows, "en")
    if tried_.findings:
        stop("; ".join(finding.message for finding in tried_.findings[:5]), 1)
    for effect in tried_.effects:
        click.echo(f"changes: {effect.question}")
    for effect in tried_.broken:
        click.echo(f"breaks: {effect.question}")
    if tried_.broken and not anyway:
        stop("Questions that work now would break. Add --yes to make the change all the same.", 1)
    with Writer(data_dir) as writer:
        number = writer.commit(change)
    click.echo(f"Change no. {number}: {len(change.rows)} rows.")


def _there(tables: Tables, table: str, key: str) -> Row:
    row = editing.row_of(tables, table, key)
    if row is None:
        stop(f"There is no entry {key} in {table}. `bot.py kb find` looks for one.", 1)
    return row


def _values(table: str, given: Sequence[str]) -> dict[str, str]:
    """What ``column=value`` says, checked."""
    columns = [f.name for f in FIELDS[table]]
    found = {}
    for text in given:
        column, equals, value = text.partition("=")
        if not equals or column not in columns:
            stop(f"{text!r} is no COLUMN=VALUE. Columns of {table}: {', '.join(columns)}.", 2)
        found[column] = clean(table, column, value)
    return found
