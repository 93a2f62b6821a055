"""The nightly backup: made once a day from BACKUP_HOUR on, while the bot answers; where it fails, the owners are told."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timedelta
from html import escape
from typing import Any, Final

import structlog
from telegram.error import Forbidden, TelegramError
from telegram.ext import Application

from handlers.backup import making, naming
from handlers.people.staff import Role
from handlers.rendering import speech
from handlers.shared.context import BotContext
from handlers.staff.week import clock
from handlers.staff.weekly import ZONE
from handlers.transport.logs import trace_of
from knowledge.errors import KnowledgeError

LOOK_SECONDS: Final = 60.0
"""How often it is looked whether the backup of the day is there; a look reads the names in one folder."""
AGAIN_SECONDS: Final = 3600.0
"""How soon it is tried again after it failed: a full disk is seldom seen to within minutes."""
TOLD_SECONDS: Final = 86_400.0
"""How often the owners are told at most, though nothing can be written down."""
AHEAD: Final = timedelta(hours=1)
"""A backup whose name is further ahead was made while the clock was wrong: it does not stand for the backups until then."""

log = structlog.get_logger(__name__)


def due(now: datetime, hour: int) -> datetime:
    """The moment from which the backup that should be there by now may be: the last time it was that hour, in WIB."""
    here = now.astimezone(ZONE)
    today = here.replace(hour=hour, minute=0, second=0, microsecond=0)
    return today if today <= here else today - timedelta(days=1)


class Nightly:
    """Makes the backups of a running bot. It asks the folder what is there, so that restarts change nothing."""

    def __init__(self, context: BotContext) -> None:
        self._context = context
        self._settings = context.services.settings
        self._folder = making.folder_of(self._settings)
        self._told = float("-inf")

    async def keep_making(self) -> None:
        """Make each backup when it is due, until cancelled. Returns at once where BACKUP_KEEP is 0."""
        if not self._settings.backup_keep:
            return
        self._known()
        while True:
            made = False
            try:
                made = await self.look(clock())
            except Exception as error:
                # Such as a full disk that keeps from writing down who was told: it must not be the last look.
                log.error("the nightly backup waits", error=type(error).__name__, trace=trace_of(error))
            await asyncio.sleep(LOOK_SECONDS if made else AGAIN_SECONDS)

    async def look(self, now: datetime) -> bool:
        """Make the backup that is due, if it is not there; False where that failed."""
        metrics, started = self._context.services.metrics, time.monotonic()
        try:
            if self._there(now):
                return True
            made = await asyncio.to_thread(
                making.make, self._settings.data_dir, self._folder, "tanya", self._settings.backup_keep, now
            )
            naming.expire(self._folder, now)
        except Exception as error:
            # Whatever it is, answers go on, and so do the backups of the next days. What is no error of ours may hold more.
            reason = str(error) if isinstance(error, KnowledgeError | OSError) else type(error).__name__
            log.error("no backup", reason=reason, trace=trace_of(error))
            metrics.backup(False, time.monotonic() - started, 0)
            await self._tell_owners(reason, now)
            return False
        metrics.backup(True, made.seconds, made.size)
        log.info("backup made", file=made.path.name, bytes=made.size, seconds=round(made.seconds, 2))
        return True

    def _there(self, now: datetime) -> bool:
        since = due(now, self._settings.backup_hour)
        return any(since <= at <= now + AHEAD for at, _ in naming.backups(self._folder, "tanya"))

    def _known(self) -> None:
        """Tell the metrics of the backup that an earlier run made."""
        try:
            for at, path in naming.backups(self._folder, "tanya")[-1:]:
                self._context.services.metrics.backup_known(at.timestamp(), 0.0, path.stat().st_size)
        except OSError as error:
            log.warning("backups not read", error=type(error).__name__)

    async def _tell_owners(self, reason: str, now: datetime) -> None:
        """Once a day, even where a full disk keeps that from being written down."""
        people, today = self._context.people, now.astimezone(ZONE).date().isoformat()
        if time.monotonic() - self._told < TOLD_SECONDS or people.setting("told no backup") == today:
            return
        self._told = time.monotonic()
        s = speech(self._settings.default_language)
        text = s._(
            "The nightly backup could not be made: {reason} It is tried again every hour; this is told once a day.",
            reason=escape(reason),
        )
        for owner in people.staff.reachable(Role.OWNER):
            try:
                await self._context.bot.raw_send(owner, text, None)
            except Forbidden:
                continue
            except TelegramError as error:
                log.warning("not told of the backup", error=type(error).__name__)
        people.apply(lambda: people.set_setting("told no backup", today))


async def keep_backing_up(application: Application[Any, Any, Any, Any, Any, Any]) -> None:
    """Make the nightly backups of a bot, until cancelled."""
    await Nightly(BotContext(application)).keep_making()
