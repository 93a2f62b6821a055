"""A clock that a test sets, for what depends on the day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, tzinfo
from unittest.mock import patch

MODULES = ("handlers.people.impersonal", "handlers.people.wishes", "handlers.staff.week", "knowledge.changes")
"""Where the day of a question, when somebody is told of a change, the day of the digest and of a change of the knowledge are
read."""


class Clock:
    """What is taken for this moment."""

    def __init__(self, now: datetime) -> None:
        self.now = now


@contextmanager
def set_to(now: datetime) -> Iterator[Clock]:
    """This moment is another one until the block ends."""
    clock = Clock(now)

    class Told(datetime):
        """A datetime whose present is the clock's."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            """The present."""
            return clock.now.astimezone(tz)

    with ExitStack() as stack:
        for module in MODULES:
            stack.enter_context(patch(f"{module}.datetime", Told))
        yield clock
