"""What several commands of the terminal share: options that mean the same everywhere."""

from __future__ import annotations

import os
from collections.abc import Callable, Sized
from pathlib import Path
from typing import Any, Final, NoReturn

import click

TRY_AGAIN: Final = 75
"""Exit status for what may pass by itself, as sysexits.h has it: the service is started again after it, and after 2 it is not."""


def _used(context: click.Context, _: click.Parameter, data_dir: Path) -> Path:
    """The folder, used until the command ends: an older one is backed up before it is brought up to date."""
    from handlers.backup.starting import using

    if not context.resilient_parsing:
        context.with_resource(using(data_dir, lambda: _backups(data_dir), lambda done: click.echo(done, err=True)))
    return data_dir


def _backups(data_dir: Path) -> Path:
    from handlers.backup.making import folder_of
    from handlers.settings import SettingsError, load

    try:
        return folder_of(load(data_dir=data_dir))
    except SettingsError as error:
        stop(str(error), 2)


_DATA_DIR: dict[str, Any] = {
    "envvar": "DATA_DIR", "default": "var", "show_default": True, "type": click.Path(path_type=Path),
    "help": "Folder of the databases; also the environment variable DATA_DIR.",
}  # fmt: skip

data_dir_option: Callable[[Any], Any] = click.option("--data-dir", callback=_used, **_DATA_DIR)
untouched_data_dir_option: Callable[[Any], Any] = click.option("--data-dir", **_DATA_DIR)
"""The same for commands that say themselves how they use the folder."""

language_option: Callable[[Any], Any] = click.option(
    "--lang", type=click.Choice(["id", "en"]), help="Language to reply in where the question's own is not clear."
)


class FileToRead(click.Path):
    """A file that is there and may be read by this user; it is told which of both it lacks."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, exists=True, dir_okay=False, readable=False)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path of the file."""
        try:
            os.stat(value)  # noqa: PTH116 - what comes of it is the same, and why it cannot be read is told
            readable = os.access(value, os.R_OK)
        except (FileNotFoundError, NotADirectoryError):
            readable = True  # There is none, as is said below.
        except OSError:
            readable = False
        if not readable:
            self.fail(f"{str(value)!r} cannot be read by this user.", param, ctx)
        return super().convert(value, param, ctx)


def say_if_none(found: Sized) -> None:
    """Say of an empty list that it is one, where no script reads it."""
    if not found:
        click.echo("Nothing.", err=True)


def stop(message: str, status: int) -> NoReturn:
    """Leave with one clear line instead of a traceback."""
    click.echo(f"Error: {message}", err=True)
    raise SystemExit(status)
