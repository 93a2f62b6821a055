"""Tanya 100 Smart City: the entry point. Each command is a file under ``handlers/terminal``, loaded when it is called."""

from __future__ import annotations

import importlib
import os
import sys

import click

COMMANDS = {
    "ask": "handlers.terminal.ask:ask",
    "chat": "handlers.terminal.chat:chat",
    "preview": "handlers.terminal.preview:preview",
    "eval": "handlers.terminal.evaluate:evaluate",
    "kb": "handlers.terminal.kb:kb",
    "run": "handlers.terminal.run:run",
    "health": "handlers.terminal.health:health",
    "settings": "handlers.terminal.settings:settings",
    "backup": "handlers.terminal.backup:backup",
    "restore": "handlers.terminal.restore:restore",
    "team": "handlers.terminal.team:team",
    "digest": "handlers.terminal.digest:digest",
    "status": "handlers.terminal.status:status",
    "queue": "handlers.terminal.queue:queue",
}


class LazyGroup(click.Group):
    """A group that imports a command only when it is called: `ask` starts fast whatever the others need."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of ``COMMANDS``."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, imported."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=LazyGroup)
def bot() -> None:
    """Answers questions about Indonesia's Gerakan Menuju 100 Smart City (2017-2019), in Indonesian and English."""


def main() -> None:
    """Run a command; what the person can mend is one line and exit status 2, what may pass by itself 75, never a traceback."""
    from knowledge.errors import KnowledgeError

    # Where the folder cannot even be entered, nobody has put settings for this user there.
    if os.path.isfile(".env"):  # noqa: PTH113 - a Path raises there
        from dotenv import load_dotenv

        try:
            load_dotenv(".env", encoding="utf-8-sig")  # What the environment says stands above it.
        except UnicodeDecodeError:
            click.echo("Error: .env is not a text in UTF-8. Save it again as UTF-8.", err=True)
            sys.exit(2)
        except OSError as error:
            click.echo(
                f"Error: .env cannot be read ({error.strerror}). Let this user read it, or move it away.", err=True
            )
            sys.exit(2)
    try:
        bot(prog_name="bot.py")
    except KnowledgeError as error:
        from handlers.shared.options import TRY_AGAIN

        click.echo(f"Error: {error}", err=True)
        sys.exit(TRY_AGAIN if error.passes else 2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


if __name__ == "__main__":
    main()
