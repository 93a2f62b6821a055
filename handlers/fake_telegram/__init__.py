"""The project's own Telegram: a Bot API server with a message store, driven by people, in process or over HTTP."""

from __future__ import annotations

from .core import FakeTelegram
from .faults import Cut, Fault, Refused, ServerError, Timeout, TooManyRequests
from .groups import Group, Place
from .inprocess import InProcessRequest
from .markup import parse, utf16_length
from .people import User
from .server import serve
from .wire import ApiError, Call, Event, Impossible, NoAnswer, Upload

__all__ = [
    "ApiError",
    "Call",
    "Cut",
    "Event",
    "FakeTelegram",
    "Fault",
    "Group",
    "Impossible",
    "InProcessRequest",
    "NoAnswer",
    "Place",
    "Refused",
    "ServerError",
    "Timeout",
    "TooManyRequests",
    "Upload",
    "User",
    "parse",
    "serve",
    "utf16_length",
]
