"""Deliveries go out, one message at a time and slowly enough: each person who can be reached gets each of them exactly once.

That a message is about to be sent is written down before the request. Where that then ends in the dark, because the process
died or the connection broke, it is found out whether it arrived before anything else is done about it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final

import structlog
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from handlers.notices import corrected
from handlers.notices.doubt import Search, keyboard_of
from handlers.notices.letters import Letters
from handlers.people import People
from handlers.people.deliveries import Outgoing
from handlers.people.given import SUBJECT
from handlers.people.notices import Notice
from handlers.people.wishes import clock
from handlers.shared.services import Services
from handlers.transport.api import RawBot
from handlers.transport.logs import trace_of, without_quotes
from handlers.transport.outbox import means
from handlers.transport.pacing import Pacer, asked_to_wait, certainly_not_done
from knowledge import KnowledgeError

IDLE: Final = 5.0
"""Seconds after which it is looked again whether something is due."""
FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 300.0
"""Seconds to wait after a failure; twice as long after each further one, of the same message or of any in a row."""
MAX_TRIES: Final = 100
"""How often one message is tried that fails each time in the dark, hours together: a server that cannot take it must not get
it for ever."""
CROWDED: Final = 2
"""Seconds that a message waits whose chat has just got another one."""
GONE: Final = ("chat not found", "user not found", "peer_id_invalid", "user is deactivated")
"""Refusals that mean: there is nobody to reach."""

log = structlog.get_logger(__name__)


class Courier:
    """Brings what is due."""

    def __init__(self, bot: RawBot, services: Services) -> None:
        assert isinstance(bot.rate_limiter, Pacer)
        self._bot = bot
        self._pacer: Pacer = bot.rate_limiter
        self._services = services
        self._people: People = services.people
        self._letters = Letters(services)
        self._search: dict[int, Search] = {}
        """The search for a message that may have arrived, by whom it is for, until it ends."""
        self._pause = FIRST_PAUSE
        self._paused_until = 0.0

    async def step(self) -> float:
        """Bring one message, or find out what became of one; seconds to wait before the next step.

        Raises:
            sqlite3.Error: people.db cannot be written.
            DatabaseError: knowledge.db cannot be read.
        """
        left = self._paused_until - time.monotonic()
        if left > 0:
            return left
        now = clock().timestamp()
        doubtful = self._people.deliveries.in_doubt(now)
        if doubtful:
            return await self._look_for(doubtful, now)
        user_id = self._people.deliveries.next_person(now)
        return IDLE if user_id is None else await self._bring(user_id, now)

    async def _bring(self, user_id: int, now: float) -> float:
        """Tell somebody what is due to them, unless this is not the time."""
        deliveries = self._people.deliveries
        wishes = self._people.follows.wishes(user_id)
        awake = wishes.awake(datetime.fromtimestamp(now, UTC)).timestamp()
        if awake > now or not self._pacer.rested(user_id):
            until = awake if awake > now else now + CROWDED
            self._people.apply(partial(deliveries.postpone, user_id, now, until))
            return 0
        due = deliveries.due(user_id, now)
        notices = _at_once(self._people.notices.some(due))
        unwanted = [notice.id for notice in notices if not self._wanted(user_id, notice)]
        if unwanted:
            self._people.apply(partial(deliveries.drop, user_id, unwanted))
            return 0
        told = [notice.id for notice in notices]
        try:
            letter = await self._letters.of(user_id, notices)
        except KnowledgeError:
            raise
        except Exception as error:
            # One message that cannot be composed must not hold up everybody else's.
            log.error("notice not composed", error=type(error).__name__, trace=trace_of(error))
            self._people.apply(partial(deliveries.postpone, user_id, now, now + LONGEST_PAUSE))
            return 0
        if letter is None:
            self._people.apply(partial(deliveries.drop, user_id, told))
            return 0
        if deliveries.due(user_id, now) != due or not all(self._wanted(user_id, notice) for notice in notices):
            return 0  # They chose otherwise while it was composed.
        keyboard = letter.keyboard.to_json() if letter.keyboard else ""
        begun: list[Outgoing] = []
        self._people.apply(lambda: begun.append(deliveries.begin(user_id, told, letter.parts[0], keyboard)))
        return await self._send(begun[0])

    def _wanted(self, user_id: int, notice: Notice) -> bool:
        """Whether somebody wants to be told of something at this moment."""
        follows = self._people.follows
        if notice.state == "stopped":
            return False
        if notice.kind == "broadcast":
            return follows.wishes(user_id).broadcasts
        # Who wants no corrections any more was given nothing: what was kept for them is deleted.
        return notice.subject == SUBJECT or notice.subject in follows.of(user_id)

    async def _send(self, outgoing: Outgoing) -> float:
        user_id = outgoing.user_id
        try:
            sent = await self._bot.raw_send(user_id, outgoing.html, keyboard_of(outgoing, self._bot), once=True)
        except TelegramError as error:
            return self._failed(outgoing, error)
        await self._arrived(user_id, sent)
        return 0

    async def _arrived(self, user_id: int, message_id: int) -> None:
        """A message arrived. What its reader was given of what it tells is by now the new."""
        deliveries = self._people.deliveries
        notices = self._people.notices.some(deliveries.on_its_way(user_id))
        self._people.apply(partial(deliveries.sent, user_id, message_id))
        self._pause = FIRST_PAUSE
        differences = await self._letters.differences([notice for notice in notices if notice.subject == SUBJECT])
        if differences:
            self._people.apply(partial(corrected.read, self._people, user_id, differences))

    async def _look_for(self, outgoing: Outgoing, now: float) -> float:
        """Find out whether a message arrived; where it did not, what it told waits again."""
        deliveries, user_id = self._people.deliveries, outgoing.user_id
        if not self._pacer.rested(user_id):
            self._people.apply(partial(deliveries.retry, user_id, now + CROWDED, tried=False))
            return 0
        search = self._search.setdefault(user_id, Search(self._bot, self._people, outgoing))
        tries = search.tries
        try:
            with self._pacer.held(user_id):
                found = await search.found()
        except TelegramError as error:
            return self._failed(outgoing, error, looking=True, further=search.tries > tries)
        del self._search[user_id]
        if found is None:
            self._people.apply(partial(deliveries.not_sent, user_id))
            self._pause = FIRST_PAUSE
        else:
            await self._arrived(user_id, found)
        log.info("looked for a message", arrived=found is not None)
        return 0

    def _failed(
        self, outgoing: Outgoing, error: TelegramError, *, looking: bool = False, further: bool = False
    ) -> float:
        """What to do about a message that was not accepted, or cannot be looked for; seconds to wait before the next step.
        ``further``: the search got further before it failed."""
        deliveries, user_id = self._people.deliveries, outgoing.user_id
        if isinstance(error, Forbidden) or (isinstance(error, BadRequest) and means(error, GONE)):
            self._search.pop(user_id, None)
            self._people.apply(partial(self._people.unreachable, user_id))
            log.info("not reached any more")
            return 0
        if isinstance(error, BadRequest) and not looking:
            log.error("notice refused", detail=without_quotes(error.message))
            self._people.apply(partial(deliveries.dropped, user_id))
            return 0
        wait = self._wait(error)
        log.warning("notice not sent", error=type(error).__name__, seconds=round(wait, 1))
        if certainly_not_done(error) and not looking:
            self._people.apply(partial(deliveries.not_sent, user_id))
        elif outgoing.tries >= MAX_TRIES:
            log.error("notice given up", tries=outgoing.tries)
            self._search.pop(user_id, None)
            self._people.apply(partial(deliveries.dropped, user_id))
        else:
            later = 0.0 if further else min(FIRST_PAUSE * 2**outgoing.tries, LONGEST_PAUSE)
            at = clock().timestamp() + max(wait, later)
            self._people.apply(partial(deliveries.retry, user_id, at, tried=not further))
        self._paused_until = time.monotonic() + wait
        return wait

    def _wait(self, error: TelegramError) -> float:
        """Seconds to wait after a failure: as many as Telegram asks for, else more each time."""
        if isinstance(error, RetryAfter):
            return asked_to_wait(error) + random.uniform(0, 0.5)
        pause, self._pause = self._pause, min(self._pause * 2, LONGEST_PAUSE)
        return pause * random.uniform(0.8, 1)


def _at_once(notices: Sequence[Notice]) -> list[Notice]:
    """What one message tells: a notice of the programme team by itself, or all changes together."""
    if notices[0].kind == "broadcast":
        return [notices[0]]
    return [notice for notice in notices if notice.kind == "change"]
