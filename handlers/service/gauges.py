"""What the page of metrics looks up when somebody asks for it: what waits, what is answered from, how large the files are."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from handlers.people.database import FILE as PEOPLE_FILE
from handlers.shared.services import Services
from handlers.transport.metrics import Reading
from handlers.transport.order import ChatOrder
from knowledge import store

QUEUE = "tanya_queue_length"


def watch(services: Services, order: ChatOrder, updates: asyncio.Queue[Any]) -> None:
    """Have it looked up. ``updates``: what was received and is not taken up yet. Each part by itself: where one cannot be read,
    the others are."""
    services.metrics.reads(lambda: _updates(order, updates))
    services.metrics.reads(lambda: _waiting(services))
    services.metrics.reads(lambda: _knowledge(services))
    services.metrics.reads(lambda: _files(services))


def _updates(order: ChatOrder, updates: asyncio.Queue[Any]) -> Iterator[Reading]:
    working = order.at_work
    yield QUEUE, ("updates",), updates.qsize() + max(0, order.current_concurrent_updates - working)
    yield QUEUE, ("updates at work",), working


def _waiting(services: Services) -> Iterator[Reading]:
    for name, length in services.people.lengths.all(time.time()).items():
        yield QUEUE, (name,), length


def _knowledge(services: Services) -> Iterator[Reading]:
    snapshot = services.engine.snapshot
    yield "tanya_knowledge_info", (snapshot.edition,), 1
    yield "tanya_knowledge_claims", (), len(snapshot.claims)
    yield "tanya_knowledge_regions", (), len(snapshot.regions)


def _files(services: Services) -> Iterator[Reading]:
    for path in (services.settings.data_dir / PEOPLE_FILE, services.knowledge_dir / store.FILE):
        parts = (path, path.with_name(f"{path.name}-wal"))
        yield "tanya_database_bytes", (path.name,), sum(map(_size, parts))


def _size(path: Path) -> int:
    """Bytes of a file; 0 where there is none."""
    return path.stat().st_size if path.exists() else 0
