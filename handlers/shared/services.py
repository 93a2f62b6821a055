"""What every handler may use, made once at the start."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from handlers.people import People
from handlers.settings import Settings
from handlers.transport.metrics import Metrics
from handlers.transport.trouble import Trouble
from knowledge import Engine


@dataclass(slots=True)
class Services:
    """The parts of the running bot."""

    settings: Settings
    engine: Engine
    people: People
    knowledge_dir: Path
    """Where knowledge.db is."""
    state: str = ""
    """The state of knowledge.db that the engine answers from (see :func:`knowledge.store.state`)."""
    publishing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while the knowledge is changed, and while the engine follows it."""
    desk: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    """Held while a file is worked on in a process of its own."""
    metrics: Metrics = field(default_factory=Metrics)
    """What is counted."""
    told: str = ""
    """The state from which those were told who wait for an answer."""
    news: asyncio.Event = field(default_factory=asyncio.Event)
    """Set where there may be something that people are to be told of without asking."""
    following: Trouble = field(
        default_factory=lambda: Trouble(
            "knowledge.db cannot be read; answers go on from memory", "knowledge.db is read again"
        )
    )
    """Whether it is seen what other processes make of the knowledge."""
    telling: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while those are told who wait for an answer, so that nobody is told twice."""
