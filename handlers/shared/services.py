"""What every handler may use, made once at the start."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.people import People
from handlers.settings import Settings
from knowledge import Engine


@dataclass(slots=True)
class Services:
    """The parts of the running bot."""

    settings: Settings
    engine: Engine
    people: People
