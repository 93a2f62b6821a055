"""The one message that tells somebody all that is due to them; messages that many get are composed once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from handlers.notices import announcing, compose, corrected
from handlers.people.given import SUBJECT
from handlers.people.notices import Notice
from handlers.rendering import speech
from handlers.shared.message import Reply
from handlers.shared.services import Services
from knowledge.difference import Difference, net, of_change
from knowledge.model import Language

MAX_KEPT: Final = 64
"""Changes, and messages, that are kept in memory: what a burst of deliveries is about. An import may be a megabyte."""


class Letters:
    """Composes what is due."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._changes: dict[int, tuple[Difference, ...]] = {}
        self._composed: dict[tuple[object, ...], Reply | None] = {}

    async def of(self, user_id: int, notices: Sequence[Notice]) -> Reply | None:
        """The message that tells somebody of some notices: of one of the programme team, or of changes. None where there is
        nothing to tell (any more), such as a change that was taken back, or one that they proposed and read of.

        Raises:
            DatabaseError: knowledge.db cannot be read.
        """
        people, settings = self._services.people, self._services.settings
        language = people.follows.language(user_id) or settings.default_language
        if notices[0].kind == "broadcast":
            return announcing.announcement(notices[0], language)
        told = people.corrections.told(user_id)
        notices = [notice for notice in notices if notice.change not in told]
        if not notices:
            return None
        given: dict[str, str] = {}
        for notice in notices:
            given |= corrected.days(people, user_id, notice, await self._differences(notice.change))
        key = (language, self._services.state, *(notice.id for notice in notices), *given.items())
        if key not in self._composed:
            _make_room(self._composed)
            self._composed[key] = await self._changed(notices, language, given)
        return self._composed[key]

    async def differences(self, notices: Sequence[Notice]) -> list[Difference]:
        """What some notices tell, step by step; of one of the programme team, nothing.

        Raises:
            DatabaseError: knowledge.db cannot be read.
        """
        changes = dict.fromkeys(notice.change for notice in notices if notice.kind == "change")
        return [difference for change in changes for difference in await self._differences(change)]

    async def _changed(self, notices: Sequence[Notice], language: Language, given: Mapping[str, str]) -> Reply | None:
        """What some notices of changes tell, in the order in which the knowledge was changed. ``given``: the claims of which
        the reader was given the old, with the day of that."""
        about: dict[int, set[str]] = {}
        for notice in sorted(notices, key=lambda notice: notice.change):
            about.setdefault(notice.change, set()).add(notice.subject)
        steps = [
            step for change, subjects in about.items() for step in await self._differences(change)
            if step.subjects & subjects or (SUBJECT in subjects and step.claim.id in given)
        ]  # fmt: skip
        followed = list(dict.fromkeys(notice.subject for notice in notices if notice.subject != SUBJECT))
        return compose.changes(net(steps), followed, self._services.engine.snapshot, speech(language), given)

    async def _differences(self, change: int) -> tuple[Difference, ...]:
        if change not in self._changes:
            _make_room(self._changes)
            self._changes[change] = await asyncio.to_thread(of_change, self._services.knowledge_dir, change)
        return self._changes[change]


def _make_room(kept: dict[Any, Any]) -> None:
    """Forget the oldest where there are too many."""
    if len(kept) >= MAX_KEPT:
        del kept[next(iter(kept))]
