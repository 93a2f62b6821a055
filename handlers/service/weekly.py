"""The weekly digest goes out: each Monday morning, or when the bot is up again in that week."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any, Final

import structlog
from telegram.error import BadRequest, Forbidden, TelegramError
from telegram.ext import Application

from handlers.people.staff import Member
from handlers.shared.context import BotContext
from handlers.staff import digest
from handlers.staff.week import Week, clock, week
from handlers.staff.weekly import begun, due, got, owed
from handlers.staff.words import speech_of

LOOK_SECONDS: Final = 60
"""How often it is looked whether somebody is owed one; a look takes some 0.1 ms."""

log = structlog.get_logger(__name__)


async def keep_sending(application: Application[Any, Any, Any, Any, Any, Any]) -> None:
    """Send each digest when it is due, until cancelled. No job of the application's: that would be waited for when the bot
    is told to stop, and a message may be under way for an hour while Telegram cannot be reached."""
    while True:
        try:
            if application.bot_data.people.writable:  # Who got it has to be written down.
                await send_due(BotContext(application), clock())
        except Exception as error:
            # One week's digest must not be the last one; the next look is in a minute.
            application.bot_data.metrics.failed(type(error).__name__)
            log.error("no digest", error=type(error).__name__)
        await asyncio.sleep(LOOK_SECONDS)


async def send_due(context: BotContext, now: datetime) -> None:
    """Send the digest to all who are owed one. That it arrived is written down when Telegram has accepted it: a kill in
    that instant repeats one."""
    this = due(now)
    members = owed(context.people, this) if this else []
    if this and members:
        found = await week(context, now)
        for member in members:
            await _send(context, member, found, this)


async def _send(context: BotContext, member: Member, found: Week, this: str) -> None:
    people = context.people
    if member not in owed(people, this):
        return  # the role or the wish has gone while the others were sent to
    said = digest.reply(found, context.engine.snapshot, people, speech_of(context, member.user_id), weekly=True)
    people.apply(lambda: begun(people, member, this))
    try:
        sent = await context.bot.raw_send(member.user_id, said.parts[0], said.keyboard)
    except Forbidden:
        people.apply(lambda: people.unreachable(member.user_id))
    except BadRequest as error:
        log.warning("digest refused", staff=member.id, error=type(error).__name__)
        people.apply(lambda: got(people, member, this))
    except TelegramError as error:
        log.warning("digest not sent", staff=member.id, error=type(error).__name__)
    else:
        people.apply(lambda: got(people, member, this), lambda: people.inbox.told(member.user_id, sent))
        log.info("digest sent", staff=member.id, week=this)
