"""`bot.py health`: asks the running bot whether it is ready."""

from __future__ import annotations

import http.client
import json
from typing import Any, Final

import click

from handlers.settings import Listen, SettingsError, load
from handlers.shared.options import stop

SECONDS: Final = 5.0
"""How long the answer may take: the bot itself gives a slow disk 3."""
ANYWHERE: Final = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}
"""Addresses that mean "every one of this computer" -> one to ask."""


@click.command()
def health() -> None:
    """Ask the running bot at OPS_LISTEN whether it is ready, and print what it says.

    Exit status: 0 where it is, 1 where it is not or does not answer, 2 for a setting that is wrong.
    """
    try:
        listen = load().ops_listen
    except SettingsError as error:
        stop(str(error), 2)
    if listen is None or not listen.port:
        stop("OPS_LISTEN names no port that can be asked. Set it to host:port, for example 127.0.0.1:8081.", 2)
    try:
        said = _asked(listen)
        checks = [(name, bool(check["ok"]), str(check["detail"])) for name, check in said["checks"].items()]
    except OSError as error:
        stop(f"No bot answers at OPS_LISTEN {listen} ({error}). Is it running, and with the same OPS_LISTEN?", 1)
    except (ValueError, KeyError, TypeError, AttributeError, http.client.HTTPException):
        stop(f"What answers at OPS_LISTEN {listen} is not this bot. Set another OPS_LISTEN, for the bot and here.", 1)
    for name, ok, detail in checks:
        click.echo(f"{'ok ' if ok else 'NOT'} {name:<10} {detail}")
    if not said["ready"]:
        raise SystemExit(1)


def _asked(listen: Listen) -> Any:
    """What /readyz says."""
    connection = http.client.HTTPConnection(ANYWHERE.get(listen.host, listen.host), listen.port, timeout=SECONDS)
    try:
        connection.request("GET", "/readyz")
        return json.loads(connection.getresponse().read(1_000_000))
    finally:
        connection.close()
