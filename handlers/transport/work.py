"""One update being handled: how far it came, what it will change, and how it ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field

from handlers.people.owed import Effect


@dataclass(slots=True)
class Work:
    """One update being handled."""

    update_id: int
    refuse: Callable[[Effect], None]
    """Finds out, while people.db cannot be written, whether a change can be kept (see :meth:`People.refuse`)."""
    sent: dict[int, int]
    """Steps that Telegram accepted before the process died: step -> id of the message."""
    within_limit: bool | None = True
    """Whether the person asks slowly enough; None where they do not and are to be told."""
    started: float = field(default_factory=time.perf_counter)
    step: int = 0
    """Messages sent so far, or found sent."""
    moved: dict[int, int] = field(default_factory=dict)
    """Groups that turned out to have another id now: old -> new."""
    effects: list[Effect] = field(default_factory=list)
    """Changes to people.db, made together with the mark that the update is handled."""
    outcome: str = "ignored"
    """How it ended: ``answered``, ``unknown``, ``ambiguous``, ``done``, ``ignored``, ``flooded``, ``error`` ..."""
    kind: str = ""
    """What was answered or done."""
    language: str = ""
    press_answered: bool = False
    """Whether Telegram was told that the pressed button was seen: only the first time it shows what is said with that."""

    def later(self, effect: Effect) -> None:
        """A change that waits until the answer is sent. Said before the answer, so that nobody is told that something was
        done that cannot be.

        Raises:
            Unsaved: people.db cannot be written at the moment, and the change is neither one of mere answering nor part of
                something that is done already.
        """
        self.refuse(effect)
        self.effects.append(effect)

    def note(self, outcome: str, kind: str = "", language: str = "") -> None:
        """Say how it ended, for the log."""
        self.outcome, self.kind, self.language = outcome, kind, language or self.language

    @property
    def said_before(self) -> bool:
        """Whether Telegram accepted the next message already, before the process died."""
        return self.step + 1 in self.sent

    @property
    def milliseconds(self) -> float:
        """Since it began."""
        return round((time.perf_counter() - self.started) * 1000, 1)


CURRENT: ContextVar[Work] = ContextVar("work")
"""The update that the running task handles."""
