"""What went wrong while an update was handled, by class. The person gets a polite word, the owners one notice of each.

Buttons that nothing else takes are among it: they are of an older version, or of another bot."""

from __future__ import annotations

import sqlite3
import traceback
from collections.abc import Awaitable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import structlog
from telegram import Update
from telegram.error import BadRequest, Forbidden, InvalidToken, TelegramError
from telegram.ext import CallbackQueryHandler

from handlers.people.connection import Unsaved
from handlers.people.owed import COMMITTED
from handlers.people.reasons import damaged, unusable
from handlers.people.staff import Role
from handlers.rendering import speech
from handlers.shared import stale
from handlers.shared.buttons import StaleButton
from handlers.shared.context import BotContext
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.transport.logs import trace_of
from handlers.transport.outbox import BENIGN, UNWELCOME, means, temporary
from handlers.transport.work import CURRENT
from knowledge.errors import DatabaseError

ROOT: Final = Path(__file__).parent.parent

log = structlog.get_logger(__name__)


def handlers() -> Handlers:
    """What is registered for buttons that nothing else takes."""
    return [CallbackQueryHandler(old_button)]


async def old_button(update: Update, context: BotContext) -> None:
    """Say that the button is old, and offer ways on."""
    await stale.explain(context)


async def handle(update: object, context: BotContext) -> None:
    """Deal with an error that a handler did not."""
    error = context.error
    if not isinstance(update, Update) or error is None:
        context.services.metrics.failed(type(error).__name__)
        log.error("outside an update", error=type(error).__name__, exc_info=error)
        return
    work = CURRENT.get(None)
    if work is None:
        context.services.metrics.failed(type(error).__name__)
        log.error("after an update", error=type(error).__name__)
        return
    if not COMMITTED.get():
        work.effects.clear()
    match error:
        case StaleButton() | KeyError() if update.callback_query:
            log.info(
                "a button leads nowhere", update_id=work.update_id, error=type(error).__name__, where=_where(error)
            )
            await _safely(stale.explain(context))
        case Forbidden():
            work.note("unreachable", language=work.language)
            if context.private and context.user_id:
                # Nobody is told of it, so it need not be refused where it has to wait.
                work.effects.append(lambda: context.people.unreachable(context.user_id))
        case DatabaseError() | Unsaved():
            await _unsaved(update, context, error)
        case sqlite3.Error() if unusable(error):
            await _unsaved(update, context, error)
        case BadRequest() if means(error, BENIGN):
            work.note("too_late", language=work.language)
        case BadRequest() if means(error, UNWELCOME):
            work.note("unwelcome", language=work.language)
        case _ if temporary(error) or isinstance(error, InvalidToken):  # Whoever fetches updates says it of the token.
            work.note("undelivered", type(error).__name__, work.language)
            log.error("undelivered", update_id=work.update_id, error=type(error).__name__)
        case _:
            await _unexpected(update, context, error)


async def _unsaved(update: Update, context: BotContext, error: sqlite3.Error | DatabaseError) -> None:
    """A database cannot be written, or not be read to its end: nobody is to believe that something was saved that was not."""
    if not isinstance(error, Unsaved):
        log.warning("not saved", update_id=context.work.update_id, detail=str(error), where=_where(error))
        if isinstance(error, sqlite3.Error) and damaged(error):
            context.people.failed(error)
    context.work.note("unsaved", language=context.work.language)
    s = speech(context.language)
    text = s._("I cannot save anything at the moment, so nothing was changed. Please try again in a few minutes.")
    await _apologise(update, context, text)


async def _apologise(update: Update, context: BotContext, text: str) -> None:
    """Say that something did not work, to whoever waits for an answer. Where it comes after a change that was made, that is
    what they have to know."""
    if COMMITTED.get():
        s = speech(context.language)
        text = s._(
            "The change was made, but something went wrong after it. Please look at the history before you do it again."
        )
    pressed = update.callback_query is not None
    if pressed and not context.work.press_answered:
        await _safely(context.seen(text, alert=True))
    elif (pressed or update.message or update.edited_message) and context.private:
        await _safely(context.say(Reply((text,))))


async def _unexpected(update: Update, context: BotContext, error: Exception) -> None:
    where = _where(error)
    context.work.note("error", type(error).__name__, context.work.language)
    # What the error says may hold what the person wrote: only its kind and places go into the log.
    log.error(
        "unexpected", update_id=context.work.update_id, error=type(error).__name__, where=where,
        trace=trace_of(error),
    )  # fmt: skip
    s = speech(context.language)
    told = bool(context.people.staff.reachable(Role.OWNER))
    text = (
        s._("I am sorry, something went wrong on my side. The maintainers are told; please try again later.")
        if told
        else s._("I am sorry, something went wrong on my side; please try again later.")
    )
    await _apologise(update, context, text)
    await _tell_owners(context, type(error).__name__, where)


async def _tell_owners(context: BotContext, kind: str, where: str) -> None:
    """Once a day for each kind of error and place. Only what stands in the code is told: a message of the error might
    hold what a person wrote."""
    settings, people = context.services.settings, context.people
    key = f"told {kind} {where}"
    today = datetime.now(UTC).date().isoformat()
    if people.setting(key) == today or not people.writable:
        return
    people.apply(lambda: people.set_setting(key, today))
    s = speech(settings.default_language)
    text = s._(
        "An error while answering: {kind} at {where}. The log tells more. This is told once a day.",
        kind=kind,
        where=where,
    )
    for owner in people.staff.reachable(Role.OWNER):
        await _safely(context.outbox.send(owner, text))


async def _safely(sending: Awaitable[object]) -> None:
    """Try to say something; that it failed is for the log only."""
    try:
        await sending
    except TelegramError as error:
        log.warning("not said", error=type(error).__name__)


def _where(error: Exception) -> str:
    """The innermost place in the bot's own code: "handlers/ask.py:40"."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if ROOT in Path(f.filename).parents and "site-packages" not in f.filename]
    if not own:
        return "outside the code"
    return f"{Path(own[-1].filename).relative_to(ROOT)}:{own[-1].lineno}"
