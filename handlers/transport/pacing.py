"""Requests to Telegram: paced to its limits, and repeated where that is right.

Limits: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from typing import Any, Final, Literal

import aiohttp
import structlog
from aiolimiter import AsyncLimiter
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.ext import BaseRateLimiter

ROOM: Final = 1.03
"""So much further apart than the limit asks for are messages over all chats: a second holds 31 that begin and end it, and on
their way some get closer."""
CHAT_BURST: Final = 5
"""Messages one private chat may get at once; then one a second, as Telegram asks for."""
GROUP_LIMIT: Final = 20
"""Messages a group may get in any minute, at once if need be: a group that asks a lot at times is answered at once."""
MAX_CHATS: Final = 10_000
"""Chats whose pace is remembered; the one idle longest is forgotten first."""
SEND_FOR: Final = 3600.0
"""Seconds for which a message is tried again while Telegram cannot be reached."""
PERISHABLE_FOR: Final = 4.0
"""Seconds for which it is worth answering a button or an inline query: Telegram forgets those soon."""
START_UP_FOR: Final = 5.0
"""Seconds for which the menus are tried again: the bot works without."""
LONGEST_PAUSE: Final = 30.0
"""Seconds between two tries, at most."""

MESSAGE_SECONDS: Final = 0.1
"""How long one message may be on its way before the next one follows: more than Telegram's usual 30-80 ms."""

MAX_DOUBTS: Final = 5
"""How often a message is sent again that may have been delivered. Telegram does not tell, and an answer that comes twice is
better than none; but a server that always delivers and never says so must not get it for ever."""

Once = Literal["once"]
ONCE: Final[Once] = "once"
"""``rate_limit_args`` of a request that is not repeated here: whoever makes it looks into what became of it first."""

_NEVER_SENT: Final = (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError)
"""Failures after which Telegram cannot have acted: there was no connection yet."""

log = structlog.get_logger(__name__)

Result = Any


class Unreadable(TelegramError):
    """The server answered, but nobody can tell what."""

    def __init__(self, error: Exception) -> None:
        super().__init__(f"the server's answer cannot be read ({type(error).__name__})")


class Pacer(BaseRateLimiter[Once]):
    """Between the bot and the network."""

    def __init__(self, per_second: float) -> None:
        """``per_second``: messages over all chats; 0 turns all pacing off: then several are on their way at the same time,
        and a kill may let as many appear twice."""
        self._overall = AsyncLimiter(1, ROOM / per_second) if per_second else None
        self._chats: OrderedDict[int, AsyncLimiter | Window] = OrderedDict()
        self._narrow: AbstractAsyncContextManager[None] = OneOnItsWay() if per_second else nullcontext()
        self._held: dict[int, asyncio.Event] = {}

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to give back."""

    async def process_request(
        self, callback: Callable[..., Coroutine[Any, Any, Result]], args: Any, kwargs: dict[str, Any], endpoint: str,
        data: dict[str, Any], rate_limit_args: Once | None,
    ) -> Result:  # fmt: skip
        """Make a request when its turn has come, and again where it failed and may be repeated.

        Raises:
            TelegramError: it failed for good, or, with :data:`ONCE`, at all.
        """
        if rate_limit_args == ONCE:
            return await self._once(callback, args, kwargs, endpoint, data)
        until = time.monotonic() + _patience(endpoint)
        doubts = 0
        for pause in pauses(0.5):
            await self._turn(endpoint, data)
            try:
                return await self._made(callback, args, kwargs, endpoint)
            except (BadRequest, Forbidden, ChatMigrated, Conflict, InvalidToken):
                raise
            except RetryAfter as error:
                wait = asked_to_wait(error) + random.uniform(0, 0.5)
                problem: TelegramError = error
            except (TelegramError, KeyError, TypeError, AttributeError) as error:
                # The last three: the server's answer is JSON, but not of the form that the library relies on.
                problem = error if isinstance(error, NetworkError) else Unreadable(error)
                doubts += perhaps_done(endpoint, problem)
                if doubts > MAX_DOUBTS:
                    raise problem from (error.__cause__ if problem is error else error)
                wait = pause * random.uniform(0.8, 1)
            if time.monotonic() + wait > until:
                raise problem
            # Of a network that fails, and of what is not Telegram, whoever makes the requests tells once (see counted.py).
            level = logging.WARNING if isinstance(problem, RetryAfter) else logging.DEBUG
            log.log(level, "again", method=endpoint, error=type(problem).__name__, seconds=round(wait, 1))
            await asyncio.sleep(wait)
        raise AssertionError("pauses never end")

    async def _once(
        self, callback: Callable[..., Coroutine[Any, Any, Result]], args: Any, kwargs: dict[str, Any], endpoint: str,
        data: dict[str, Any],
    ) -> Result:  # fmt: skip
        await self._turn(endpoint, data, looks_only=not endpoint.startswith("send"))
        try:
            return await self._made(callback, args, kwargs, endpoint)
        except (KeyError, TypeError, AttributeError) as error:
            raise Unreadable(error) from error

    async def _made(
        self, callback: Callable[..., Coroutine[Any, Any, Result]], args: Any, kwargs: dict[str, Any], endpoint: str
    ) -> Result:
        async with self._narrow if endpoint.startswith("send") else nullcontext():
            return await callback(*args, **kwargs)

    def rested(self, chat: int) -> bool:
        """Whether a private chat got no message for as long as the ones before make it wait: the next one keeps to one a
        second."""
        limiter = self._chats.get(chat)
        return not isinstance(limiter, AsyncLimiter) or limiter.has_capacity(CHAT_BURST)

    @contextmanager
    def held(self, chat: int) -> Iterator[None]:
        """No message goes to a chat until the block ends: what is found there meanwhile is none that has just been sent."""
        self._held[chat] = asyncio.Event()
        try:
            yield
        finally:
            self._held.pop(chat).set()

    async def _turn(self, endpoint: str, data: dict[str, Any], *, looks_only: bool = False) -> None:
        """Wait until a request may be made. ``looks_only``: it puts nothing into the chat."""
        chat = data.get("chat_id")
        if isinstance(chat, int) and not looks_only and (held := self._held.get(chat)):
            await held.wait()
        if self._overall is None or not isinstance(chat, int) or endpoint == "sendChatAction":
            return
        if not looks_only:
            await self._chat(chat).acquire()
        await self._overall.acquire()

    def _chat(self, chat: int) -> AsyncLimiter | Window:
        limiter = self._chats.pop(chat, None)
        if limiter is None:
            limiter = Window(GROUP_LIMIT, 60) if chat < 0 else AsyncLimiter(CHAT_BURST, CHAT_BURST)
        self._chats[chat] = limiter
        if len(self._chats) > MAX_CHATS:
            self._chats.popitem(last=False)
        return limiter


class Window:
    """So many in any span of time. (A leaky bucket of that size lets twice as many through at first.)"""

    def __init__(self, limit: int, seconds: float) -> None:
        self._seconds = seconds
        self._latest: deque[float] = deque(maxlen=limit)

    async def acquire(self) -> None:
        """Wait until there is room."""
        loop = asyncio.get_running_loop()
        while len(self._latest) == self._latest.maxlen and self._latest[0] + self._seconds >= loop.time():
            await asyncio.sleep(self._latest[0] + self._seconds - loop.time() + 0.01)
        self._latest.append(loop.time())


class OneOnItsWay(AbstractAsyncContextManager[None]):
    """Lets one message out at a time, unless Telegram takes long over it.

    A message that Telegram accepted and that the process died before writing down is sent a second time after the restart.
    So as few as can be are on their way together; but nobody waits for a slow one longer than ``MESSAGE_SECONDS``.
    """

    def __init__(self) -> None:
        self._gate = asyncio.Semaphore(1)
        self._timers: dict[asyncio.Task[Any] | None, asyncio.TimerHandle] = {}

    async def __aenter__(self) -> None:
        await self._gate.acquire()
        task = asyncio.current_task()
        self._timers[task] = asyncio.get_running_loop().call_later(MESSAGE_SECONDS, self._open, task)

    async def __aexit__(self, *exception: object) -> None:
        self._open(asyncio.current_task())

    def _open(self, task: asyncio.Task[Any] | None) -> None:
        """Let the next one out, once for each that came in."""
        timer = self._timers.pop(task, None)
        if timer:
            timer.cancel()
            self._gate.release()


def perhaps_done(endpoint: str, error: TelegramError) -> bool:
    """Whether a message may have been delivered although its request failed: it timed out or was cut off after it was sent
    whole, or got an answer that cannot be read. What only sets something may be repeated without any doubt."""
    if not endpoint.startswith("send"):
        return False
    if isinstance(error, Unreadable):
        return True
    began = isinstance(error, TimedOut) or isinstance(error.__cause__, aiohttp.ClientError)
    return began and not isinstance(error.__cause__, _NEVER_SENT)


def certainly_not_done(error: TelegramError) -> bool:
    """Whether a message that failed so cannot have been delivered: it was refused, or there was no connection yet."""
    if isinstance(error, BadRequest | Forbidden | ChatMigrated | Conflict | InvalidToken | RetryAfter):
        return True
    return isinstance(error.__cause__, _NEVER_SENT)


def _patience(endpoint: str) -> float:
    if endpoint.startswith("answer") or endpoint == "sendChatAction":
        return PERISHABLE_FOR
    at_start = endpoint.startswith(("set", "get", "deleteMy", "deleteWebhook")) and endpoint != "setMessageReaction"
    return START_UP_FOR if at_start else SEND_FOR


def pauses(pause: float) -> Iterator[float]:
    """Seconds to wait after the first, second ... failure: each twice as long as the one before, up to :data:`LONGEST_PAUSE`."""
    while True:
        yield pause
        pause = min(pause * 2, LONGEST_PAUSE)


def asked_to_wait(error: RetryAfter) -> float:
    """Seconds that Telegram asks to wait."""
    after = error.retry_after
    return float(after) if isinstance(after, int) else after.total_seconds()
