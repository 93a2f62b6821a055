"""`bot.py preview`: the chat page, for whoever wants to try the bot without Telegram."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from pathlib import Path

import click

from handlers.settings import SettingsError
from handlers.shared.options import stop, untouched_data_dir_option


@click.command()
@untouched_data_dir_option
@click.option(
    "--data", "knowledge_dir", type=click.Path(path_type=Path),
    help="Folder whose knowledge.db is used, instead of one for the page alone: what its admin changes is changed there.",
)  # fmt: skip
def preview(data_dir: Path, knowledge_dir: Path | None) -> None:
    """Serve a chat page on this computer (PREVIEW_LISTEN): the real bot, without a token and without Telegram.

    Its data are its own, in DATA_DIR/preview. Exit status: 0 after SIGTERM or SIGINT, 2 for a setting or a folder that
    cannot be used.
    """
    from handlers.backup.making import FOLDER
    from handlers.backup.starting import using
    from handlers.preview.running import run, settings_for
    from handlers.transport import logs
    from handlers.transport.listening import ListenError

    try:
        settings = settings_for(data_dir)
    except SettingsError as error:
        stop(str(error), 2)
    if knowledge_dir == Path() or (knowledge_dir and knowledge_dir.is_file()):
        stop("--data should be the folder of a knowledge.db.", 2)
    if knowledge_dir:
        click.echo(
            f"Warning: the knowledge in {knowledge_dir} is in use. What the page's admin changes is changed there; without "
            "--data the page has knowledge of its own.",
            err=True,
        )
    logs.set_up(settings)
    logs.catch_crashes()
    try:
        with ExitStack() as stack:
            for folder in filter(None, (settings.data_dir, knowledge_dir)):
                stack.enter_context(using(folder, (folder / FOLDER).absolute, click.echo, thorough=True))
            asyncio.run(run(settings, knowledge_dir, _ready))
    except ListenError as error:
        stop(f"PREVIEW_LISTEN {settings.preview_listen} cannot be listened on: {error.strerror}. Set another one.", 2)


def _ready(address: str) -> None:
    click.echo(f"Open {address} in a browser. Ctrl+C ends it.")
