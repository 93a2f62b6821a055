"""The published copy of the knowledge: in OPEN_DATA_DIR, for Datasette or anything else that reads SQLite.

It is the whole of knowledge.db, its log of changes included; people.db is never in that folder. Whoever has the copy open
goes on reading while it is renewed, and sees the new knowledge with the next query: it stays the same file.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Final

import structlog

from handlers.shared.services import Services
from handlers.transport.trouble import Trouble
from knowledge import check, copying, store
from knowledge.errors import KnowledgeError

LOOK_SECONDS: Final = 5.0
"""How often it is looked whether the knowledge has changed: as often as changes by other processes are looked for."""
AGAIN_SECONDS: Final = 60.0
"""After how long it is tried again where the copy cannot be written."""
BUSY_SECONDS: Final = 10.0
"""How long readers of the copy are waited for: Datasette ends a query after a second, and a bot that is told to stop waits too."""
BESIDE: Final = ("_sqlite_migrations",)
"""Tables of ours that are not described: they are no knowledge."""
READABLE: Final = 0o644
"""Published is published: whoever serves the copy need not be the user the bot runs as."""

log = structlog.get_logger(__name__)


async def keep_publishing(services: Services) -> None:
    """Renew the copy at the start and after each change, until cancelled. Returns at once where OPEN_DATA_DIR is not set."""
    folder = services.settings.open_data_dir
    if folder is None:
        return
    published = ""
    trouble = Trouble(
        "open data cannot be published; it is tried again each minute", "open data can be published again"
    )
    while True:
        state = services.state
        if state != published:
            try:
                await asyncio.to_thread(publish, services.knowledge_dir, folder)
            except (KnowledgeError, OSError, sqlite3.Error) as error:
                trouble.failed(folder=str(folder), detail=str(error))
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            trouble.over()
            log.info("open data published", folder=str(folder))
            published = state
        await asyncio.sleep(LOOK_SECONDS)


def publish(knowledge_dir: Path, folder: Path) -> None:
    """Put the knowledge as it stands into a folder: ``knowledge.db``, and ``metadata.json`` which describes it.

    Raises:
        DatabaseError: knowledge.db is damaged.
        OSError: the folder cannot be written.
        sqlite3.Error: knowledge.db cannot be read, or the copy cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o755)
    fresh, target = folder / f".{store.FILE}.new", folder / store.FILE
    try:
        copying.copy(knowledge_dir / store.FILE, fresh)
        _only_ours(fresh)
        fresh.chmod(READABLE)
        if target.exists():
            _overwrite(fresh, target)
        else:
            copying.replace(fresh, target)
    finally:
        copying.remove(fresh)
    described = folder / ".metadata.json.new"
    described.write_text(json.dumps(check.datasette_metadata(), ensure_ascii=False, indent=2), encoding="utf-8")
    described.chmod(READABLE)
    copying.replace(described, folder / "metadata.json")


def _only_ours(path: Path) -> None:
    """Remove tables that other programs put into knowledge.db, such as Litestream's for its own counting."""
    ours = {*check.datasette_metadata()["databases"]["knowledge"]["tables"], *BESIDE}
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("pragma secure_delete = on")
        found = connection.execute("select type, name from sqlite_master where type in ('table', 'view')").fetchall()
        for kind, name in found:
            if name not in ours and not name.startswith("sqlite_"):
                connection.execute(f'drop {kind} "{name.replace(chr(34), chr(34) * 2)}"')


def _overwrite(fresh: Path, target: Path) -> None:
    """Write a database into the file of another, in one transaction: a reader sees the old one or the new one."""
    until = time.monotonic() + BUSY_SECONDS

    def waited(status: int, _remaining: int, _pages: int) -> None:
        # Without an end of its own a backup would wait for readers for ever.
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() >= until:
            raise sqlite3.OperationalError(f"{target} is locked: somebody reads it without end")

    try:
        with closing(sqlite3.connect(fresh)) as source, closing(sqlite3.connect(target, timeout=0)) as old:
            source.backup(old, progress=waited)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        copying.replace(fresh, target)  # What stood there was no database any more.
