"""Whether the bot can do its work now: what it needs is looked at whenever somebody asks."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import structlog
from telegram import WebhookInfo
from telegram.ext import ExtBot

from handlers.shared.services import Services
from handlers.transport.metrics import Reading
from knowledge import store
from knowledge.errors import KnowledgeError

POLLED_WITHIN: Final = 90.0
"""Seconds since updates were last fetched. A poll takes up to 25 seconds where nothing is new; one that fails after its 35 and
the next that takes its 25 stay below."""
ASK_SECONDS: Final = 60.0
"""How often Telegram is asked how its deliveries by webhook go."""
ASKED_WITHIN: Final = 3 * ASK_SECONDS
"""Seconds since Telegram last answered that: one answer may be missing."""
LOOK_SECONDS: Final = 5.0
"""For so long what was found on the disk holds, so that asking often does not mean writing often."""
DISK_SECONDS: Final = 3.0
"""How long the disk may take; a folder on a network that is gone takes for ever."""
PROBE: Final = ".writable"
"""The file by which it is seen that DATA_DIR can be written."""
PROBE_BYTES: Final = 4096
"""A block of most file systems: a full one has no room for it."""

log = structlog.get_logger(__name__)


class Check(NamedTuple):
    """What was found."""

    ok: bool
    detail: str
    """One line, that holds nothing of what people said."""


class Disk(NamedTuple):
    """What was found on the disk."""

    checks: dict[str, Check]
    free: int | None
    """Bytes that can be written; None where the folder does not say."""


class Health:
    """What the bot needs to do its work."""

    def __init__(self, services: Services, telegram: ExtBot[Any], clock: Callable[[], float] = time.monotonic) -> None:
        """``clock``: seconds that only go on."""
        self._services = services
        self._telegram = telegram
        self._clock = clock
        self._began = clock()
        self._looked = float("-inf")
        self._looking: asyncio.Task[Disk] | None = None
        self._disk = Disk({}, None)
        self._found: dict[str, Check] = {}
        self._asked: float | None = None
        self._webhook: WebhookInfo | None = None
        self._failing: str = ""
        """What Telegram says of its deliveries, where the last ones failed."""

    async def checks(self) -> dict[str, Check]:
        """Name -> what was found: ``telegram``, ``knowledge``, ``data_dir``, ``people.db``."""
        telegram = self._by_webhook() if self._services.settings.webhook_url else self._by_polling()
        self._found = {"telegram": telegram, **(await self._on_disk()), "people.db": self._people()}
        return self._found

    def readings(self) -> Iterator[Reading]:
        """The same for the page of metrics, as it was found last."""
        for name, check in self._found.items():
            yield "tanya_check_passed", (name,), check.ok
        polled = self._services.metrics.polled_at
        if self._webhook:
            yield "tanya_webhook_pending_updates", (), self._webhook.pending_update_count
            if self._webhook.last_error_date:
                yield "tanya_webhook_last_error_timestamp_seconds", (), self._webhook.last_error_date.timestamp()
        elif polled is not None:
            yield "tanya_last_poll_age_seconds", (), self._clock() - polled
        if self._disk.free is not None:
            yield "tanya_disk_free_bytes", (), self._disk.free

    # ----------------------------------------------------------------------------------------------------------- Telegram

    def _by_polling(self) -> Check:
        polled = self._services.metrics.polled_at
        if polled is None:
            return Check(False, f"Telegram could not be reached since the start {self._since(self._began)} ago")
        return Check(self._clock() - polled <= POLLED_WITHIN, f"updates were fetched {self._since(polled)} ago")

    def _by_webhook(self) -> Check:
        if self._asked is None:
            return Check(False, f"Telegram could not be reached since the start {self._since(self._began)} ago")
        if self._clock() - self._asked > ASKED_WITHIN:
            return Check(False, f"Telegram was reached {self._since(self._asked)} ago")
        return Check(not self._failing, self._failing or "Telegram delivers by webhook")

    async def keep_asking(self) -> None:
        """Ask Telegram again and again how its deliveries by webhook go, until cancelled: that none come may mean that nobody
        asks anything."""
        while True:
            try:
                self._told(await self._telegram.get_webhook_info())
            except Exception as error:
                # Whatever it is, updates go on being received; that Telegram was not reached shows by itself.
                log.debug("webhook not asked about", error=type(error).__name__)
            await asyncio.sleep(ASK_SECONDS)

    def _told(self, info: WebhookInfo) -> None:
        before, self._webhook, self._asked = self._webhook, info, self._clock()
        if info.url != self._services.settings.webhook_url:
            self._failing = "Telegram delivers to another address than WEBHOOK_URL"
        elif not info.pending_update_count or before is None:
            self._failing = ""
        elif info.last_error_date and info.last_error_date != before.last_error_date:
            # An error that was there before may be of long ago; only a new one shows that deliveries fail now.
            said = " ".join((info.last_error_message or "").split())[:200]
            self._failing = f"Telegram holds {info.pending_update_count} updates that it cannot deliver: {said}"
        elif info.pending_update_count < before.pending_update_count:
            self._failing = ""

    def _since(self, then: float) -> str:
        return f"{self._clock() - then:.0f} s"

    # ---------------------------------------------------------------------------------------------------------------- disk

    def _people(self) -> Check:
        self._services.people.in_place()
        outage = self._services.people.outage
        return Check(False, f"since {outage.seconds:.0f} s: {outage.reason}") if outage else Check(True, "in use")

    async def _on_disk(self) -> dict[str, Check]:
        """What was found on the disk, no longer ago than some seconds."""
        if self._clock() - self._looked > LOOK_SECONDS:
            settings = self._services.settings
            if self._looking is None or self._looking.done():
                looking = asyncio.to_thread(_look, settings.data_dir, self._services.knowledge_dir)
                self._looking = asyncio.create_task(looking)
            with contextlib.suppress(TimeoutError):
                # Not called off: a thread that waits for a disk cannot be, and one is enough.
                self._disk = await asyncio.wait_for(asyncio.shield(self._looking), DISK_SECONDS)
                self._looked = self._clock()
                return self._disk.checks
            late = Check(False, f"the disk did not answer within {DISK_SECONDS:.0f} s")
            self._disk = Disk({"knowledge": late, "data_dir": late}, None)
        return self._disk.checks


def _look(data_dir: Path, knowledge_dir: Path) -> Disk:
    try:
        free: int | None = shutil.disk_usage(data_dir).free
    except OSError:
        free = None
    return Disk({"knowledge": _knowledge(knowledge_dir), "data_dir": _written(data_dir)}, free)


def _knowledge(folder: Path) -> Check:
    """Whether knowledge.db can be read; where it cannot, answers go on from what was read before."""
    try:
        found = store.state(folder)
    except KnowledgeError as error:
        return Check(False, f"answers come from memory: {error}")
    if not found:
        return Check(False, f"answers come from memory: {folder / store.FILE} is missing")
    return Check(True, "knowledge.db can be read")


def _written(folder: Path) -> Check:
    """Whether a file can be written in a folder: that is tried."""
    path = folder / PROBE
    try:
        with path.open("wb") as file:
            file.write(bytes(PROBE_BYTES))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except OSError as error:
        with contextlib.suppress(OSError):
            path.unlink()
        return Check(False, f"{folder} cannot be written: {error.strerror}")
    return Check(True, f"{folder} can be written")
