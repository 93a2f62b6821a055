"""Making a change of the knowledge, so that the very next answer is from it."""

from __future__ import annotations

import asyncio
import gc
import sys
from pathlib import Path
from typing import Final

import structlog

import knowledge
from handlers.people.owed import COMMITTED
from handlers.shared.context import BotContext
from handlers.shared.services import Services
from handlers.staff.desk import at_desk
from handlers.staff.deskwork import Done, File
from knowledge import Engine, KnowledgeError, history, store
from knowledge.changes import Change
from knowledge.writer import Writer

SWITCH_SECONDS: Final = 0.0005
"""How soon a thread lets an answer go first. The default, 5 ms, is waited for at every step of an answer."""

log = structlog.get_logger(__name__)


async def publish(context: BotContext, change: Change, expected_hash: str | None = None) -> int:
    """Commit a change and answer from it; returns its number. Answers go on meanwhile.

    Raises:
        ConflictError: the knowledge is not any more what the change was made for; nothing was changed.
        InvalidDataError: a rule would be broken; nothing was changed.
        DatabaseError: the database cannot be written.
        Unsaved: people.db cannot, which holds what belongs to the change, such as that a report is decided on.
    """
    services = context.services
    services.people.must_be_writable()
    async with services.publishing:
        store.present(services.knowledge_dir)
        number = await asyncio.to_thread(_commit, services.knowledge_dir, change, expected_hash)
        COMMITTED.set(True)  # What belongs to it is written as soon as people.db can be, even if that fails just now.
        await _renew(services)
    log.info("knowledge changed", change=number, kind=change.kind, rows=len(change.rows))
    return number


async def publish_file(context: BotContext, file: File, planned_for: str, change: Change) -> Done:
    """Apply a file and answer from it. ``planned_for``: the hash of the knowledge that was shown with it.

    Raises:
        ConflictError: the knowledge is not any more what it was planned for; nothing was changed.
        InvalidDataError: a rule would be broken, and nothing was changed; or it took too long, and it may be changed.
        DatabaseError: the database cannot be written.
        Unsaved: people.db cannot, which holds what belongs to the change.
    """
    services = context.services
    # Held until all is prepared, so that nobody else begins to read 20,000 new texts in this process.
    async with services.publishing:
        services.people.must_be_writable()
        try:
            done: Done = await at_desk(context, "apply", file, planned_for, change, action="typing")
        except Exception:
            # It may have failed at what comes after the change.
            COMMITTED.set(history.committed(services.knowledge_dir, change.token) > 0)
            raise
        COMMITTED.set(True)
    await follow(services)
    return done


async def follow(services: Services) -> None:
    """Answer from the knowledge as it stands, where another process changed it."""
    async with services.publishing:
        try:
            await _renew(services)
        except KnowledgeError as error:
            # The answers go on from memory; the next look is in a few seconds.
            services.following.failed(detail=str(error))
        else:
            services.following.over()


def _commit(folder: Path, change: Change, expected_hash: str | None) -> int:
    with Writer(folder) as writer:
        return writer.commit(change, expected_hash)


async def _renew(services: Services) -> None:
    state = store.present(services.knowledge_dir)
    if state != services.state:
        services.engine = await asyncio.to_thread(_opened, services.engine, services.knowledge_dir)
        services.state = state
        services.news.set()


def _opened(before: Engine, folder: Path) -> Engine:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        engine = knowledge.changed_engine(before, folder)
        engine.warm()
        gc.freeze()  # It stays, as the first did: to look for garbage in it would hold up answers. What follows frees it.
    finally:
        sys.setswitchinterval(interval)
    return engine
