"""Changes of people.db that are owed: they belong to something that is done already, and wait until the file can be used."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

import structlog

from .connection import Connection, Unsaved
from .inbox import Inbox

Effect = Callable[[], object]
"""A change to people.db that waits until the answer it belongs to is sent."""

COMMITTED: Final[ContextVar[bool]] = ContextVar("committed", default=False)
"""Whether the update that the running task handles has changed something else for good, such as the knowledge. From then on
all that it changes in people.db is written, at once or as soon as that is possible, and whatever fails, nobody may be told that
nothing was changed."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Changes:
    """What is changed together."""

    effects: tuple[Effect, ...]
    update_id: int | None = None
    """The update that ends with them; None where it goes on."""


class Owed:
    """Writes changes, and remembers those that could not be written."""

    def __init__(self, connection: Connection, inbox: Inbox) -> None:
        self._connection = connection
        self._inbox = inbox
        self._waiting: list[Changes] = []

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def write(self, changes: Changes, *, or_owe: bool) -> None:
        """Make changes in one transaction. ``or_owe``: those that cannot be made now wait.

        Raises:
            Unsaved: people.db cannot be written at the moment; nothing was changed.
        """

        def all_of_them() -> None:
            for effect in changes.effects:
                effect()

        try:
            self._connection.transact(all_of_them)
        except Unsaved:
            if not or_owe:
                raise
            self._waiting.append(changes)

    def write_down(self) -> None:
        """Make what waits, in the order it came."""
        waiting, self._waiting = self._waiting, []
        for changes in waiting:
            try:
                self.write(changes, or_owe=True)
            except Exception as error:
                # What one update wants to write must not keep the others' from being written.
                log.error("not written", update_id=changes.update_id, error=type(error).__name__)
                if changes.update_id is not None:
                    self.end(changes.update_id, "error")

    def end(self, update_id: int, outcome: str, effects: tuple[Effect, ...] = ()) -> None:
        """Mark an update as handled, together with all that it changed: both or neither."""
        self.write(Changes((*effects, lambda: self._inbox.done(update_id, outcome)), update_id), or_owe=True)
