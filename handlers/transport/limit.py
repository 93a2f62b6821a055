"""How fast one person may ask: a bucket of questions for each, filled up again evenly."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

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
        """Whether to answer: True, or False, or None the first time it is False, when the person is told.

        ``sent``: when the message was sent, in seconds; 0 for what does not tell, such as the press of a button. ``now``:
        seconds of a steady clock.
        """
        if not self._size:
            return True
        bucket = self._buckets.pop(person, None) or _Bucket(self._size, now, sent)
        passed = max(now - bucket.at, sent - bucket.sent if sent and bucket.sent else 0.0, 0.0)
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
