"""What the tests of following share: changes of the knowledge, people who follow, and the notices that reached them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from running import Running

from handlers.fake_telegram import FakeTelegram, User
from handlers.people import People
from handlers.staff.publishing import follow
from knowledge import history, store
from knowledge.changes import Change, RowChange
from knowledge.writer import Writer

NOON = datetime(2027, 6, 1, 5, tzinfo=UTC)
"""Noon in Jakarta, on a Tuesday."""
KLATEN, COHORT, PROGRAMME = "region:33.10", "cohort:2019", "programme"
PARTICIPATION, MASTERPLAN, GOAL = "P-33.10-2019", "R005", "F001"
"""Claims: that Klaten took part, a statement about Klaten, and one about the programme."""


def edit(data_dir: Path, *claims: str, **columns: str) -> int:
    """Change some columns of some claims, as another process does; the number of the change."""
    rows = {row["id"]: row for row in store.all_tables(data_dir)["claims"]}
    changed = tuple(RowChange("claims", rows[id], {**rows[id], **columns}) for id in claims)
    return commit(data_dir, changed)


def commit(data_dir: Path, rows: Iterable[RowChange]) -> int:
    """Change some rows."""
    with Writer(data_dir) as writer:
        return writer.commit(Change("command line", "edit", "a test", "", tuple(rows)))


def undo(data_dir: Path, change: int) -> int:
    """Take a change back."""
    with Writer(data_dir) as writer:
        return writer.commit(history.undo(data_dir, change, "command line", "a test"))


async def told(bot: Running) -> None:
    """Wait until the bot has found what changed and told everybody who is to be told now."""
    await follow(bot.bot.services)
    bot.bot.services.news.set()
    newest = history.newest(bot.bot.services.knowledge_dir)
    await bot.telegram.until(lambda: (bot.people.notices.cursor() or 0) >= newest)
    await bot.settles()


def follows(people: People, user: User | int, *subjects: str, **wishes: Any) -> None:
    """Somebody follows something, and wishes something."""
    user_id = user if isinstance(user, int) else user.id
    for subject in subjects:
        people.apply(lambda subject=subject: people.follows.follow(user_id, subject))
    if wishes:
        people.apply(lambda: people.follows.wish(user_id, **wishes))


def notices(telegram: FakeTelegram, user: User) -> list[str]:
    """The notices that are in somebody's chat."""
    return [said for said in telegram.said(user) if said.startswith(("🔔", "📢"))]
