"""The last days in numbers, and what is due for review: gathered for the digest, wherever it is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from handlers.people import People
from handlers.people.moment import correction
from handlers.people.tally import Asked
from handlers.shared.context import BotContext
from handlers.staff.clusters import clusters, clusters_now
from knowledge import Engine, history
from knowledge.freshness import stale
from knowledge.history import Entry
from knowledge.meaning import Cluster
from knowledge.model import Claim

DAYS: Final = 7
MOST_ASKED: Final = 5
"""Subjects that are named."""
_READ_AT_ONCE: Final = 100
"""Changes of the log that are read at once."""


@dataclass(frozen=True, slots=True)
class Week:
    """What happened."""

    since: date
    """The first day; this day counts as well, so that nothing falls between two digests."""
    outcomes: Mapping[tuple[str, str], int]
    """``(language, outcome)`` -> questions."""
    asked: Sequence[Asked]
    clusters: Sequence[Cluster]
    """Unanswered questions whose like was first asked in these days."""
    reports: int
    """Open reports, however old."""
    requests: int
    """Of people to be recognised as officers, undecided, however old."""
    proposals: int
    """Of officers, undecided, however old."""
    changes: Sequence[Entry]
    """What people changed, the newest first."""
    stale: Sequence[Claim]
    """Claims that are due for review, however long."""


def clock() -> datetime:
    """This moment."""
    return datetime.now(UTC) + correction()


async def week(context: BotContext, now: datetime) -> Week:
    """The last seven days; the answers go on meanwhile."""
    found = await clusters(context)
    folder, since = context.services.knowledge_dir, now.date() - timedelta(DAYS)
    changes = await asyncio.to_thread(_changes, folder, since)
    return _gathered(context.people, context.engine, found, changes, since, now.date())


def days_now(people: People, engine: Engine, folder: Path, now: datetime, days: int) -> Week:
    """The last so many days, for the command line."""
    since = now.date() - timedelta(days)
    found = clusters_now(people.queue, engine)
    return _gathered(people, engine, found, _changes(folder, since), since, now.date())


def _gathered(
    people: People, engine: Engine, found: Sequence[Cluster], changes: Sequence[Entry], since: date, today: date
) -> Week:
    first = since.isoformat()
    return Week(
        since, people.tally.outcomes(first), people.tally.most_asked(first, MOST_ASKED),
        [cluster for cluster in found if cluster.first >= first], len(people.reports.open()), len(people.requests.open()),
        len(people.corrections.open()), changes, stale(engine.snapshot, today),
    )  # fmt: skip


def _changes(folder: Path, since: date) -> list[Entry]:
    return list(_newer(folder, since.isoformat()))


def _newer(folder: Path, since: str) -> Iterator[Entry]:
    """The changes since a day but those that came with an edition, which nobody here made."""
    before: int | None = None
    while page := history.entries(folder, limit=_READ_AT_ONCE, before=before):
        for entry in page:
            if entry.at < since:
                return
            if entry.kind != "edition":
                yield entry
        before = page[-1].id
