"""The nightly backup: made once a day from BACKUP_HOUR on, while the bot answers; where it fails, the owners are told. And
those from before an upgrade or a restore go in time.
"""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any, Final, NamedTuple

import structlog
from telegram.error import Forbidden, TelegramError
from telegram.ext import Application

from handlers.backup import making, naming
from handlers.backup.manifest import NotNowError
from handlers.people.staff import Role
from handlers.rendering import speech
from handlers.shared.context import BotContext
from handlers.staff.week import clock
from handlers.staff.weekly import ZONE
from handlers.transport.logs import trace_of
from handlers.transport.trouble import Trouble
from knowledge.errors import KnowledgeError

LOOK_SECONDS: Final = 60.0
"""How often it is looked whether the backup of the day is there; a look reads the names in one folder."""
AGAIN_SECONDS: Final = 3600.0
"""How soon it is tried again after it failed: a full disk is seldom seen to within minutes."""
LONGEST_SECONDS: Final = 1800.0
"""How long the folder may take for all of it; one on a network that is gone takes for ever. With a million updates in people.db
it is minutes."""
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


class Looked(NamedTuple):
    """What came of a look into the folder."""

    made: making.Made | None
    """The backup that was due."""
    newest: tuple[float, int] | None
    """When the newest was made (Unix), and its bytes."""
    left: str
    """Why backups that should go could not be removed; empty where they were."""


class Nightly:
    """Looks after the backups of a running bot. It asks the folder what is there, so that restarts change nothing."""

    def __init__(self, context: BotContext) -> None:
        self._context = context
        self._settings = context.services.settings
        self._folder = making.folder_of(self._settings)
        self._told = float("-inf")
        self._looking: asyncio.Task[Looked] | None = None
        self._newest: Path | None = None
        """The backup that this run made last."""
        self._known = False
        """Whether the metrics know of a backup."""
        self._removing = Trouble("old backups cannot be removed; it is tried again", "old backups can be removed again")

    async def keep_making(self) -> None:
        """Make each backup when it is due, until cancelled; where BACKUP_KEEP is 0, only let the old ones go."""
        while True:
            well = False
            try:
                well = await self.look(clock())
            except Exception as error:
                # Such as a full disk that keeps from writing down who was told: it must not be the last look.
                log.error("the nightly backup waits", error=type(error).__name__, trace=trace_of(error))
            await asyncio.sleep(LOOK_SECONDS if well else AGAIN_SECONDS)

    async def look(self, now: datetime) -> bool:
        """Make the backup that is due, if it is not there, and remove those that are to go; False where none could be made."""
        metrics, started = self._context.services.metrics, time.monotonic()
        try:
            found = await self._looked(now)
        except Exception as error:
            # Whatever it is, answers go on, and so do the backups of the next days. What is no error of ours may hold more.
            reason = str(error) if isinstance(error, KnowledgeError | OSError) else type(error).__name__
            if not self._settings.backup_keep:
                self._removing.failed(folder=str(self._folder), detail=reason)
                return False
            log.error("no backup", reason=reason, trace=trace_of(error))
            metrics.backup(False, time.monotonic() - started, 0)
            await self._tell_owners(reason, now)
            return False
        if found.left:
            self._removing.failed(folder=str(self._folder), detail=found.left)
        else:
            self._removing.over()
        if made := found.made:
            self._newest = made.path
            metrics.backup(True, made.seconds, made.size)
            log.info("backup made", file=made.path.name, bytes=made.size, seconds=round(made.seconds, 2))
        elif found.newest and not self._known:
            metrics.backup_known(found.newest[0], 0.0, found.newest[1])  # An earlier run made it.
        self._known = self._known or found.newest is not None
        return True

    async def _looked(self, now: datetime) -> Looked:
        """Look into the folder, in a thread. One that waits for a folder cannot be called off, and is the only one: what comes
        of it is found by a later look.

        Raises:
            BackupError: no backup could be made, or the folder does not answer.
        """
        if self._looking is None:
            self._looking = asyncio.create_task(asyncio.to_thread(self._look, now))
        try:
            done, _ = await asyncio.wait({self._looking}, timeout=LONGEST_SECONDS)
        except asyncio.CancelledError:
            self._looking.cancel()  # The thread goes on to its end; nobody waits for what comes of it.
            raise
        if not done:
            raise NotNowError(f"{self._folder} does not answer. Look at the disk or the network it is on.")
        looking, self._looking = self._looking, None
        return looking.result()

    def _look(self, now: datetime) -> Looked:
        keep, made, newest, left = self._settings.backup_keep, None, None, ""
        try:
            naming.expire(self._folder, now)  # First: it makes room.
        except OSError as error:
            left = making.reason_of(error)
        if keep and not self._there(now):
            made = making.make(self._settings.data_dir, self._folder, "tanya", now=now)
        try:
            if keep:
                naming.rotate(self._folder, "tanya", keep, made.path if made else self._newest)
                for at, path in naming.backups(self._folder, "tanya"):
                    if at <= now + AHEAD:
                        newest = at.timestamp(), path.stat().st_size
        except OSError as error:
            left = making.reason_of(error)
        return Looked(made, newest, left)

    def _there(self, now: datetime) -> bool:
        since = due(now, self._settings.backup_hour)
        return any(since <= at <= now + AHEAD for at, _ in naming.backups(self._folder, "tanya"))

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
    """Look after the backups of a bot, until cancelled."""
    await Nightly(BotContext(application)).keep_making()
