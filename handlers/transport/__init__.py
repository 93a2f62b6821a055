"""What carries updates in and messages out: nothing lost, nothing done twice, within Telegram's limits."""

from __future__ import annotations

import os

# python-telegram-bot then gives durations as timedelta, as its next major version will.
os.environ.setdefault("PTB_TIMEDELTA", "1")
