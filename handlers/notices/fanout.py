"""Who is told of a change of the knowledge: it is looked what changed since the last look, by whichever way it came about.

A change of the chat, a file, the command line or an edition is found in the log alike. What is found is written down together
with how far the log was read, so that a kill in between loses none and repeats none; and it is spread to those concerned in
steps, between which answers have their turn.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from handlers.notices import corrected
from handlers.people import People
from handlers.people.given import GIVEN, SUBJECT
from handlers.people.notices import Notice
from handlers.shared.services import Services
from knowledge import KnowledgeError, history, store
from knowledge.difference import Difference, of_change


async def fan_out(services: Services) -> None:
    """Give everybody a delivery whom a new change concerns, once answers are from it as well.

    Raises:
        sqlite3.Error: people.db cannot be written; the next look finds the same.
    """
    people, folder = services.people, services.knowledge_dir
    try:
        new = await _new(services)
        if new and services.state == await asyncio.to_thread(store.state, folder):
            for change in new:
                differences = await asyncio.to_thread(of_change, folder, change)
                people.apply(partial(_note, people, change, differences))
    except KnowledgeError as error:
        # The next look is in a few seconds.
        services.following.failed(detail=str(error))
    while notice := people.notices.spreading():
        people.apply(partial(_spread, people, notice, await _told(folder, notice)))
        await asyncio.sleep(0)


async def _new(services: Services) -> list[int]:
    """The changes since the last look. The very first look finds none: what was changed before is no news. Nor does the one
    after an older knowledge.db was put in the place of a newer one."""
    notices, folder = services.people.notices, services.knowledge_dir
    cursor, newest = notices.cursor(), await asyncio.to_thread(history.newest, folder)
    if cursor is None or newest < cursor:
        services.people.apply(partial(notices.set_cursor, newest))
        return []
    return await asyncio.to_thread(history.later, folder, cursor) if newest > cursor else []


def _note(people: People, change: int, differences: Sequence[Difference]) -> None:
    """One notice for each subject that the change is about and anybody follows, and one for those who were given what it makes
    untrue."""
    subjects = {subject for difference in differences for subject in difference.subjects}
    people.notices.add(change, [*people.notices.followed(subjects), *corrected.subjects(people, differences)])
    people.notices.set_cursor(change)


async def _told(folder: Path, notice: Notice) -> list[str]:
    """What was told that the notice's change makes untrue, where it is for those who were told so."""
    if notice.subject != SUBJECT:
        return []
    return corrected.all_untrue(await asyncio.to_thread(of_change, folder, notice.change))


def _spread(people: People, notice: Notice, told: Sequence[str]) -> None:
    """A step of giving everybody a delivery whom a notice concerns."""
    if notice.subject == SUBJECT:
        people.notices.spread(notice, GIVEN, told=json.dumps(told))
    else:
        people.notices.spread(notice)
