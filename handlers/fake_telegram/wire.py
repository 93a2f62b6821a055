"""What goes over the wire: errors, uploads, kept calls, and a signal that wakes whoever waits."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    """A refusal of the Bot API: an HTTP status, a description, and parameters like ``retry_after``."""

    def __init__(self, code: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(f"{code} {description}")
        self.code = code
        self.description = description
        self.parameters = parameters

    def envelope(self) -> Json:
        """The JSON body that tells it."""
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = dict(self.parameters)
        return body


def bad_request(what: str, parameters: Json | None = None) -> ApiError:
    """Error 400 with a text."""
    return ApiError(400, f"Bad Request: {what}", parameters)


def forbidden(what: str) -> ApiError:
    """Error 403 with a text."""
    return ApiError(403, f"Forbidden: {what}")


def conflict(what: str) -> ApiError:
    """Error 409 with a text."""
    return ApiError(409, f"Conflict: {what}")


class NoAnswer(Exception):
    """A call that gets no answer: the server is silent, or (``cut``) the connection breaks."""

    def __init__(self, *, cut: bool) -> None:
        super().__init__("the connection is cut" if cut else "there is no answer")
        self.cut = cut


@dataclass(frozen=True)
class Upload:
    """A file as the bot uploads it."""

    name: str
    content: bytes
    mime_type: str = "application/octet-stream"


class Impossible(Exception):
    """What no Telegram app lets a person do; the message says why."""


@dataclass(frozen=True)
class Event:
    """Something that whoever looks on sees: ``message`` (new or edited), ``deleted``, ``reaction``, ``action`` (the bot is
    typing), ``profile`` (commands and descriptions), ``file`` and ``file_gone``, ``state`` (anything else worth keeping)."""

    kind: str
    content: Json = field(default_factory=dict)


@dataclass
class Call:
    """One call of the bot: the method, its parameters, and what came of it."""

    method: str
    params: Json
    result: Any = None
    error: ApiError | None = None
    answered: bool = False

    @property
    def ok(self) -> bool:
        """Whether the bot was told that it worked."""
        return self.answered and self.error is None


class Signal:
    """Wakes all who wait for a change; belongs to no event loop."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []

    def fire(self) -> None:
        """Wake all who wait now."""
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    async def wait(self, timeout: float | None = None) -> bool:
        """Wait for the next ``fire``, ``timeout`` seconds at most; whether it came."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        try:
            done, _ = await asyncio.wait([future], timeout=timeout)
            return bool(done)
        finally:
            self._waiting.remove(future)
