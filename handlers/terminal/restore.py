"""`bot.py restore`: a backup takes the place of the databases."""

from __future__ import annotations

from pathlib import Path

import click

from handlers.shared.options import FileToRead, stop, untouched_data_dir_option


@click.command()
@click.argument("file", type=FileToRead())
@click.option("--check", is_flag=True, help="Only say whether FILE could be restored, and what is in it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@untouched_data_dir_option
def restore(file: Path, check: bool, yes: bool, data_dir: Path) -> None:
    """Put the databases in FILE in the place of those in DATA_DIR. Stop the bot first.

    FILE is a backup, or one database: knowledge.db or people.db, as `bot.py kb at` or Litestream write it. It is read from
    end to end first. What it replaces is kept: as a backup, or, where it is damaged, in a folder as it is.

    Exit status: 0; 1 where the question was answered with no, 2 where FILE cannot be restored, 75 where it cannot be now, such
    as while the bot runs. Nothing is changed then.
    """
    from handlers.backup.making import folder_of
    from handlers.backup.restoring import checked, prepared_for
    from handlers.backup.telling import lines
    from handlers.settings import SettingsError, load

    if check:
        manifest = checked(file)
        click.echo(f"{file}: sound, made at {manifest.made_at:%Y-%m-%d %H:%M} UTC.")
        click.echo("\n".join(lines(manifest)))
        return
    try:
        backups = folder_of(load(data_dir=data_dir))
    except SettingsError as error:
        stop(str(error), 2)
    with prepared_for(data_dir, file) as ready:
        click.echo(f"{file}, made at {ready.manifest.made_at:%Y-%m-%d %H:%M} UTC:")
        click.echo("\n".join(lines(ready.manifest)))
        if ready.replaces:
            click.echo(f"It takes the place of {' and '.join(ready.replaces)} in {data_dir}.")
        for name in ready.stays:
            click.echo(f"{name} in {data_dir} stays as it is.")
        if not yes and not click.confirm("Restore it?"):
            stop("Nothing was changed.", 1)
        kept = ready.take_place(backups)
    if ready.left:
        click.echo(ready.left, err=True)
    click.echo(f"Restored into {data_dir}." + (f" What was there is in {kept}." if kept else ""))
