"""Where the knowledge comes from: the edition, its sources, the licences."""

from __future__ import annotations

from html import escape

from telegram import Update
from telegram.ext import CommandHandler, filters

from handlers.shared import commands
from handlers.shared.context import BotContext
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers


def handlers() -> Handlers:
    """What is registered for this."""
    return [CommandHandler(commands.ABOUT.names, about, filters=filters.UpdateType.MESSAGE)]


async def about(update: Update, context: BotContext) -> None:
    """Tell the edition, how much it holds, and under which licence."""
    s, snapshot = context.speech, context.engine.snapshot
    lines = [
        s._("<b>100 Smart Cities Movement, 2017-2019</b>"),
        s._("Edition {edition}, compiled on {date}.", edition=escape(snapshot.edition), date=s.date(snapshot.compiled)),
        s._(
            "It holds {claims} statements on {regions} regencies and cities, and {sources} published sources. Sources that "
            "disagree are both shown.",
            claims=s.number(len(snapshot.claims)),
            regions=s.number(len(snapshot.regencies)),
            sources=s.number(len(snapshot.sources)),
        ),
        s._('Under every answer, the button "Sources" shows what it rests on.'),
        s._(
            "Data: Open Database License 1.0; names and codes of regions and districts are from idn-area-data (Kemendagri). "
            "Code: MIT."
        ),
        s._("I am an information service of my own and speak for no ministry."),
    ]
    await context.say(Reply(("\n\n".join(lines),)))
    context.work.note("done", "about", s.language)
