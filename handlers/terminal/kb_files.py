"""`bot.py kb import` and `bot.py kb export`: knowledge from files and into files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn, cast

import click

from handlers.people.staff import COMMAND_LINE
from handlers.rendering import Speech, speech
from handlers.shared.options import FileToRead, data_dir_option, stop
from handlers.staff import planwords
from handlers.staff.deskwork import File, Summary, attempted, planned, summed
from handlers.staff.report_file import report
from knowledge import exporting, store
from knowledge.changes import Change
from knowledge.columns import LEFT_OUT, Choices
from knowledge.edition import TABLES
from knowledge.errors import ConflictError, InvalidDataError
from knowledge.exporting import Format
from knowledge.importing import Plan
from knowledge.model import Language
from knowledge.writer import Writer

from .kb_edit import anyway_option

PACKAGE = "datapackage"
_SUFFIXES: dict[str, str] = {".csv": "csv", ".zip": "csv", ".xlsx": "xlsx", ".json": "json", "": PACKAGE}


@click.command("import")
@click.argument("file", type=FileToRead())
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option(
    "--map", "columns", multiple=True, metavar="COLUMN=FIELD",
    help="What a column of the file is; an empty FIELD leaves it out. May be given several times.",
)  # fmt: skip
@click.option("--table", type=click.Choice(TABLES), help="The table that the file's only sheet is for.")
@click.option("--remove-missing", is_flag=True, help="Remove the rows that the file does not name from its tables.")
@click.option(
    "--report", "report_to", type=click.Path(dir_okay=False, path_type=Path), help="Write all lines to a CSV file."
)
@click.option("--source", default="", help="Where the changes are from, for the log; the file's name if left out.")
@click.option("--lang", "language", type=click.Choice(["id", "en"]), default="en", help="Language of what is told.")
@anyway_option
@data_dir_option
def import_(
    file: Path, dry_run: bool, columns: tuple[str, ...], table: str | None, remove_missing: bool, report_to: Path | None,
    source: str, language: Language, yes: bool, data_dir: Path,
) -> None:  # fmt: skip
    """Bring in the knowledge in FILE: CSV, XLSX, a zip of CSV files, or the JSON of an export. All of it or nothing.

    Exit status: 0 where it was applied or nothing is to be done, 1 where rows have errors, questions would break or the
    knowledge changed meanwhile, 2 where the file or the call is wrong.
    """
    s = speech(language)
    store.load(data_dir)
    try:
        plan = _planned(data_dir, file, columns, table, remove_missing)
    except OSError as error:
        stop(f"{file}: {error}", 2)
    except InvalidDataError as error:
        stop(f"{file}: {s.told(error.saying)}", 2)
    removing = TABLES if remove_missing else ()
    found = summed(plan, s, attempted(data_dir, plan, s.language), removing)
    _refuse_open(file, found, s)
    _print(planwords.summary(found, s))
    if report_to:
        _write(report_to, report(plan.lines, s))
    if found.counts["error"]:
        raise SystemExit(1)
    if dry_run or not plan.rows:
        return
    if found.attempt.broken and not yes:
        stop("Questions that work now would break. Add --yes to apply it all the same.", 1)
    try:
        with Writer(data_dir) as writer:
            number = writer.commit(
                Change(COMMAND_LINE, "import", file.name if source else "", source or file.name, plan.rows), plan.hash
            )
    except (ConflictError, InvalidDataError) as error:
        stop(s.told(error.saying), 1)
    click.echo(s._("Applied as change no. {number}.", number=number))


def _planned(data_dir: Path, file: Path, columns: Iterable[str], table: str | None, remove_missing: bool) -> Plan:
    said = {}
    for pair in columns:
        column, mark, field = pair.partition("=")
        if not mark:
            raise InvalidDataError(f"--map {pair!r} is not of the form COLUMN=FIELD.")
        said["", column.strip()] = field.strip() or LEFT_OUT
    given = File(file.name, file.read_bytes(), Choices(columns=said), TABLES if remove_missing else ())
    if table:
        from knowledge import sheets

        names = [sheet.name for sheet in sheets.read(given.content, given.name).sheets]
        if len(names) > 1:
            raise InvalidDataError(f"--table is for files of one sheet; this one has {len(names)}.")
        given = File(given.name, given.content, Choices({names[0]: table}, said), given.remove_missing)
    return planned(data_dir, given)


def _refuse_open(file: Path, found: Summary, s: Speech) -> None:
    """Stop where it has to be said first what something is."""
    problems = planwords.lacking(found, s)
    if found.unplaced:
        problems.append(f"for which table {found.unplaced[0]!r} is cannot be told; say it with --table.")
    for question in found.questions:
        may = ", ".join(question.fields)
        problems.append(
            f"the column {question.column!r} of {question.table} is not known; "
            f"say --map {f'{question.column}=FIELD'!r} (one of {may}), or --map {f'{question.column}='!r} to leave it out."
        )
    if problems:
        stop("\n".join(f"{file}: {problem}" for problem in problems), 2)


@click.command("export")
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--format", "form", type=click.Choice([*exporting.FORMATS, PACKAGE]),
    help="csv (a zip), xlsx, json, or datapackage (a folder); by the ending of OUT if left out.",
)  # fmt: skip
@data_dir_option
def export(out: Path, form: str | None, data_dir: Path) -> None:
    """Write all of the knowledge to OUT: .zip, .xlsx or .json; a Data Package in a folder where OUT has no ending.

    Exit status: 0, or 2 where OUT cannot be written.
    """
    form = form or _SUFFIXES.get(out.suffix.lower())
    if form is None:
        stop(f"{out}: the ending tells no format; use .zip, .xlsx or .json, or say --format.", 2)
    store.load(data_dir)
    found = exporting.contents(data_dir)
    if form == PACKAGE:
        files = {out / name: content for name, content in exporting.package(found).items()}
    else:
        files = {out: exporting.export(found, cast(Format, form))}
    for path, content in files.items():
        _write(path, content)
    click.echo(f"{out}: {sum(map(len, found.tables.values()))} rows, as of change no. {found.change}.")


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        _unwritable(path, error)


def _unwritable(path: Path, error: OSError) -> NoReturn:
    stop(f"{path} cannot be written ({error.strerror}).", 2)


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)
