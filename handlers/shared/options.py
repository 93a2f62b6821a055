"""What several commands of the terminal share: options that mean the same everywhere."""

from __future__ import annotations

from collections.abc import Callable, Sized
from pathlib import Path
from typing import Any, NoReturn

import click

data_dir_option: Callable[[Any], Any] = click.option(
    "--data-dir", envvar="DATA_DIR", default="var", show_default=True, type=click.Path(path_type=Path),
    help="Folder of the databases; also the environment variable DATA_DIR.",
)  # fmt: skip

language_option: Callable[[Any], Any] = click.option(
    "--lang", type=click.Choice(["id", "en"]), help="Language to reply in where the question's own is not clear."
)


def say_if_none(found: Sized) -> None:
    """Say of an empty list that it is one, where no script reads it."""
    if not found:
        click.echo("Nothing.", err=True)


def stop(message: str, status: int) -> NoReturn:
    """Leave with one clear line instead of a traceback."""
    click.echo(f"Error: {message}", err=True)
    raise SystemExit(status)
