"""`bot.py run`: the Telegram bot."""

from __future__ import annotations

import asyncio
import errno
from pathlib import Path

import click
import structlog

from handlers.settings import SettingsError, load, needed_token
from handlers.shared.options import TRY_AGAIN, stop, untouched_data_dir_option


@click.command()
@untouched_data_dir_option
def run(data_dir: Path) -> None:
    """Run the Telegram bot: by polling, or by webhook where WEBHOOK_URL is set.

    Exit status: 0 after SIGTERM or SIGINT; 1 where another process polls with the same token; 2 for a setting that is missing
    or wrong, and for databases that are damaged or of a newer version; 75 for what may pass by itself, such as a full disk, a
    database that is locked, or a folder or an address that another process uses.
    """
    try:
        settings = load(data_dir=data_dir)
        needed_token(settings)
    except SettingsError as error:
        stop(str(error), 2)
    from handlers.backup.making import folder_of
    from handlers.backup.starting import using
    from handlers.service.running import make
    from handlers.service.running import run as run_bot
    from handlers.transport import logs
    from handlers.transport.listening import ListenError
    from handlers.transport.polling import ConflictError, PollingError

    async def work() -> None:
        await run_bot(make(settings))

    def done(what: str) -> None:
        structlog.get_logger(__name__).info("before the start", done=what)

    logs.set_up(settings)
    logs.catch_crashes()
    try:
        with using(settings.data_dir, lambda: folder_of(settings), done, "as the bot", thorough=True):
            asyncio.run(work())
    except ConflictError as error:
        stop(str(error), 1)
    except PollingError as error:
        stop(str(error), 2)
    except ListenError as error:
        status = TRY_AGAIN if error.errno == errno.EADDRINUSE else 2
        stop(f"WEBHOOK_LISTEN {settings.webhook_listen} cannot be listened on: {error}.", status)
