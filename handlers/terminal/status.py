"""`bot.py status`: a region's status card, as text and as a page to print."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

import knowledge
from handlers.rendering import choice_label, document, plain, speech
from handlers.shared.options import data_dir_option, language_option, stop
from handlers.shared.references import card_of
from handlers.shared.words import status_question
from knowledge.model import Language

_USERNAME: Final = re.compile(r"@?(\w{5,32})", re.ASCII)


@click.command()
@click.argument("region")
@click.option("--pdf", type=click.Path(path_type=Path), help="Also write the card to this file, as one page to print.")
@click.option("--bot", default="", help="The bot's user name: the link and the QR code of the page lead to it.")
@language_option
@data_dir_option
def status(region: str, pdf: Path | None, bot: str, lang: Language | None, data_dir: Path) -> None:
    """Print the status card of REGION: a regency or city by its name, or by its code such as 33.10.

    Exit status: 0 where there is an answer, 1 where no region of that name is known, 2 for a wrong call.
    """
    username = _USERNAME.fullmatch(bot)
    if pdf and not username:
        stop("--pdf needs --bot with the bot's user name: the page carries a link to it.", 2)
    engine = knowledge.open_engine(data_dir)
    answer = engine.answer(status_question(region, engine.snapshot), preference=lang).answer
    click.echo(plain(document(answer, engine.snapshot)))
    for choice in answer.choices if answer.outcome != "answered" else ():
        click.echo(f"- {choice_label(choice, answer, engine.snapshot)}")
    if answer.outcome == "unknown":
        raise SystemExit(1)
    if pdf and username:
        card = card_of(answer)
        if card is None:
            stop("This is not one region's card. Name one regency or city, or give its code.", 2)
        from handlers.rendering.sheet import sheet

        content = sheet(card, engine.snapshot, speech(answer.language), username[1], datetime.now(UTC).date())
        try:
            pdf.write_bytes(content)
        except OSError as error:
            stop(f"{pdf} cannot be written ({error.strerror}). Choose another file.", 2)
