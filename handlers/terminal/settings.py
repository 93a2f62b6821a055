"""`bot.py settings`: what is in force."""

from __future__ import annotations

import click

from handlers.settings import SettingsError, in_force, load
from handlers.shared.options import stop


@click.command()
def settings() -> None:
    """Print every setting that is in force, secrets hidden.

    Exit status: 0, or 2 where one of them is wrong.
    """
    try:
        rows = in_force(load())
    except SettingsError as error:
        stop(str(error), 2)
    for name, value, description in rows:
        click.echo(f"{name:<23} {value:<26} {description}")
