"""Nobody keeps the others waiting: a person who asks too fast is told so once, and answered again after a pause."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from telegram import Update
from telegram.ext import ApplicationHandlerStop, TypeHandler

from handlers.shared.context import BotContext
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers

MAX_PEOPLE: Final = 20_000
"""People whose pace is remembered; the one idle longest is forgotten first."""


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float
    """Seconds of a steady clock."""
    sent: float
    """When the last message was sent, as Telegram tells: after an outage, an hour's messages come at once."""
    told: bool = False


class Limit:
    """A bucket of questions for each person, filled up again evenly."""

    def __init__(self, per_minute: int) -> None:
        """``per_minute``: how many a person may ask, at once or in a minute; 0 for no limit."""
        self._size = per_minute
        self._buckets: OrderedDict[int, _Bucket] = OrderedDict()

    def take(self, person: int, sent: float, now: float) -> bool | None:
        """Whether to answer: True, or False, or None the first time it is False, when the person is told."""
        if not self._size:
            return True
        bucket = self._buckets.pop(person, None) or _Bucket(self._size, now, sent)
        passed = max(now - bucket.at, sent - bucket.sent, 0.0)
        bucket.left = min(self._size, bucket.left + passed * self._size / 60)
        bucket.at, bucket.sent = now, max(sent, bucket.sent)
        self._buckets[person] = bucket
        if len(self._buckets) > MAX_PEOPLE:
            self._buckets.popitem(last=False)
        if bucket.left >= 1:
            bucket.left -= 1
            # Told again only after a real pause, not for every drop that runs in.
            bucket.told = bucket.told and bucket.left < self._size / 2
            return True
        told, bucket.told = bucket.told, True
        return False if told else None


def handlers(per_minute: int) -> Handlers:
    """What is registered before everything else."""
    limit = Limit(per_minute)

    async def check(update: Update, context: BotContext) -> None:
        """Stop here where somebody asks too fast."""
        counted = update.message or update.edited_message or update.callback_query
        if not counted or not context.user_id:
            return
        message = update.message or update.edited_message
        sent = (message.edit_date or message.date).timestamp() if message else 0.0
        fine = limit.take(context.user_id, sent, time.monotonic())
        if fine:
            return
        s = context.speech
        context.work.note("flooded", language=s.language)
        text = s._("That is faster than I can answer. Please wait half a minute, then ask again.")
        if update.callback_query:
            await context.seen(text if fine is None else None)
        elif fine is None and context.private:
            await context.say(Reply((text,)))
        raise ApplicationHandlerStop

    return [TypeHandler(Update, check)]
