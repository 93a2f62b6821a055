"""`bot.py backup`: the databases into one file, while the bot goes on."""

from __future__ import annotations

from pathlib import Path

import click

from handlers.shared.options import untouched_data_dir_option


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--keep", type=click.IntRange(min=1),
    help="Remove the oldest backups in DIR until so many are left; without it all stay. Other files are left alone.",
)  # fmt: skip
@untouched_data_dir_option
def backup(folder: Path, keep: int | None, data_dir: Path) -> None:
    """Write knowledge.db and people.db, as they stand at one moment, into one file in DIR, and read it back.

    The bot may run meanwhile. The file holds personal data: it is made for this user alone.

    Exit status: 0; 2 where there is nothing sound to back up, 75 where it could not be made now. No backup was made then.
    """
    from handlers.backup.making import make
    from handlers.backup.starting import joined
    from handlers.backup.telling import lines

    with joined(data_dir, lambda done: click.echo(done, err=True)):
        made = make(data_dir, folder, "tanya", keep)
    click.echo(f"{made.path}: {made.size / 1e6:.1f} MB, verified.")
    for line in lines(made.manifest):
        click.echo(line)
    if made.left:
        click.echo(made.left, err=True)
