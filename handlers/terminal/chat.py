"""`bot.py chat`: a conversation in the terminal, with numbered buttons."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import click

import knowledge
from handlers.rendering import Document, choice_label, document, speech
from handlers.shared.options import data_dir_option, language_option
from knowledge.answer import Choice
from knowledge.model import Language

STYLES = {"bold": {"bold": True}, "quiet": {"dim": True}}


@click.command()
@language_option
@data_dir_option
def chat(lang: Language | None, data_dir: Path) -> None:
    """Talk with the bot: ask, choose by number, /language, /help, /quit."""
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 - gives line editing and a history to input()
    engine = knowledge.open_engine(data_dir)
    engine.warm()
    Conversation(engine, lang).run()


class Conversation:
    """One person at the terminal."""

    def __init__(self, engine: knowledge.Engine, preference: Language | None) -> None:
        self._engine = engine
        self._preference: Language | None = preference
        self._context = knowledge.Context(language=preference)
        self._choices: Sequence[Choice] = ()

    def run(self) -> None:
        """Until /quit or the end of the input."""
        s = speech(self._preference or "id")
        click.echo(s._("Ask about the 100 Smart Cities Movement. /help for help, /quit to leave."))
        while True:
            try:
                typed = input(click.style("> ", bold=True) if sys.stdout.isatty() else "")
            except (EOFError, KeyboardInterrupt):
                click.echo()
                return
            if typed.strip() in ("/quit", "/exit", "/keluar"):
                return
            if typed.strip():
                self.say(typed.strip())

    def say(self, typed: str) -> None:
        """Answer one line."""
        command, _, rest = typed.partition(" ")
        if command in ("/language", "/bahasa"):
            self._language(rest.strip())
        elif command in ("/help", "/bantuan", "/start"):
            self._show(self._engine.answer("help" if self._speaks == "en" else "bantuan bot", preference=self._speaks))
        elif command.startswith("/"):
            s = speech(self._speaks)
            click.echo(s._("There is no command {command}. Commands: /language, /help, /quit.", command=command))
        elif self._choices and re.fullmatch("[0-9]{1,2}", typed):
            self._choose(int(typed))
        else:
            self._show(self._engine.answer(typed, self._context, preference=self._preference))

    def _choose(self, number: int) -> None:
        if 0 < number <= len(self._choices):
            self._show(self._engine.choose(self._choices[number - 1], self._context))
        else:
            click.echo(speech(self._speaks)._("Please choose a number from 1 to {n}.", n=len(self._choices)))

    @property
    def _speaks(self) -> Language:
        return self._preference or self._context.language or "id"

    def _language(self, wanted: str) -> None:
        other: Language = "id" if self._speaks == "en" else "en"
        if wanted in ("id", "en"):
            other = wanted  # type: ignore[assignment]
        self._preference = other
        click.echo(speech(other)._("I will answer in English wherever the question leaves it open."))

    def _show(self, turn: knowledge.Turn) -> None:
        self._context = turn.context
        self._choices = turn.answer.choices
        click.echo(styled(document(turn.answer, self._engine.snapshot)))
        for number, choice in enumerate(self._choices, 1):
            click.echo(f"  [{number}] {choice_label(choice, turn.answer, self._engine.snapshot)}")
        click.echo()


def styled(message: Document) -> str:
    """The message with bold names and quiet sources, as terminals show them."""
    lines = []
    for paragraph in message.paragraphs:
        text = "".join(click.style(run.text, **STYLES.get(run.style, {})) for run in paragraph.runs)
        lines.append(f"• {text}" if paragraph.bullet else text)
    return "\n".join(lines)
