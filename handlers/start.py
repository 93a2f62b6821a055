"""Beginning: /start, the links that carry a payload to it, and /help."""

from __future__ import annotations

import re

from telegram import InlineKeyboardMarkup, Update
from telegram.ext import CommandHandler, MessageHandler, filters

from handlers.people import moment
from handlers.people.staff import Role
from handlers.rendering import Speech
from handlers.shared import commands
from handlers.shared.answers import start_rows
from handlers.shared.context import BotContext
from handlers.shared.counting import count
from handlers.shared.examples import examples
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.staff.menus import commands_of, described
from handlers.staff.words import role_name
from knowledge import Context as Conversation
from knowledge import Turn
from knowledge.answer import Choice, Filter, showing
from knowledge.query import Query

_TO_BOT = filters.UpdateType.MESSAGE


def handlers() -> Handlers:
    """What is registered for beginning."""
    return [
        CommandHandler(commands.START.names, start, filters=_TO_BOT),
        CommandHandler(commands.HELP.names, help_, filters=_TO_BOT),
    ]


def last_handlers() -> Handlers:
    """What is tried after all other commands."""
    return [MessageHandler(_TO_BOT & filters.COMMAND & filters.ChatType.PRIVATE, unknown_command)]


async def start(update: Update, context: BotContext) -> None:
    """Greet, or follow the link that led here."""
    payload = " ".join(context.args or [])
    s = context.speech
    turn = _followed(payload, context)
    if turn:
        said = context.dressed(turn.answer)
        await context.say(said)
        context.remember(turn.context)
        count(context, turn.answer)
        context.work.note(turn.answer.outcome, f"link {payload.split('_')[0]}", turn.answer.language)
        return
    lines = [welcome(s)]
    if payload not in ("", "inline"):
        lines.insert(0, s._("That link leads to nothing I know; perhaps it is of another edition."))
    await context.say(Reply(("\n\n".join(lines),), _ways_in(context, s)))
    context.work.note("done", "start", s.language)


async def help_(update: Update, context: BotContext) -> None:
    """Tell what can be asked, and every command."""
    s = context.speech
    parts = [welcome(s), "\n".join(described([c for c in commands.MENU if context.private or c.in_groups], s))]
    role = context.people.staff.role(context.user_id) if context.private else Role.NONE
    own = commands_of(role)
    if own:
        head = s._("For you as {role}:", role=role_name(role, s))
        parts.append("\n".join([head, *described(own, s, role)]))
    await context.say(Reply(("\n\n".join(parts),), _ways_in(context, s)))
    context.work.note("done", "help", s.language)


async def unknown_command(update: Update, context: BotContext) -> None:
    """Say that there is no such command, and which there are."""
    s = context.speech
    text = s._("I do not know that command. /{help} shows all; or simply ask.", help=commands.HELP.name(s))
    await context.say(Reply((text,)))
    context.work.note("unknown", "command", s.language)


def welcome(s: Speech) -> str:
    """What the bot is for, with examples, as HTML."""
    head = s._(
        "Hello! I answer questions about Indonesia's <b>100 Smart Cities Movement</b> (2017-2019) from published sources, "
        "and say so when I do not know."
    )
    middle = s._("Ask as you like, in Indonesian, English or both; nicknames and typing errors are fine:")
    return f"{head}\n\n{middle}\n" + "\n".join(f"• <i>{example}</i>" for example in examples(s))


def _ways_in(context: BotContext, s: Speech) -> InlineKeyboardMarkup | None:
    return InlineKeyboardMarkup(start_rows(s)) if context.private else None


def _followed(payload: str, context: BotContext) -> Turn | None:
    """What a link's payload asks for: ``r_33_10`` a region, ``r_33`` a province, ``s_33_10`` a region's status card,
    ``c_2019`` a cohort, ``t_partners`` a topic; None where it leads nowhere."""
    kind, _, rest = payload.partition("_")
    engine, before = context.engine, Conversation(language=context.language)
    now = moment.now()
    if kind == "r" and re.fullmatch(r"\d\d(_\d\d)?", rest):
        region = engine.snapshot.regions.get(rest.replace("_", "."))
        if region:
            return engine.choose(showing(region), before, now)
    if kind == "s" and re.fullmatch(r"\d\d_\d\d", rest) and rest.replace("_", ".") in engine.snapshot.regions:
        return engine.choose(Choice("region", rest.replace("_", "."), card=True), before, now)
    if kind == "c" and re.fullmatch(r"\d{4}", rest) and int(rest) in engine.snapshot.cohorts:
        return engine.show(Query("list", filter=Filter(years=(int(rest),))), before, now)
    if kind == "t" and rest in engine.facts.topics:
        return engine.choose(Choice("topic", rest), before, now)
    return None
