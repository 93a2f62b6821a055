"""What goes wrong between the bot and Telegram: limits, server errors, silence, cut connections, refusals."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from .wire import ApiError, NoAnswer


@dataclass(frozen=True)
class Fault:
    """One way a call fails; ``accepted`` tells whether it had its effect nevertheless."""

    @property
    def effect(self) -> bool:
        """Whether the call still does what it does."""
        return False

    def failure(self) -> Exception:
        """What the call fails with: an ``ApiError``, or ``NoAnswer``."""
        raise NotImplementedError


@dataclass(frozen=True)
class TooManyRequests(Fault):
    """429 with the seconds to wait."""

    retry_after: int

    def failure(self) -> Exception:
        """Error 429."""
        told = f"Too Many Requests: retry after {self.retry_after}"
        return ApiError(429, told, {"retry_after": self.retry_after})


@dataclass(frozen=True)
class ServerError(Fault):
    """An error of Telegram's own servers."""

    code: int = 500

    def failure(self) -> Exception:
        """Error 500, 502 and the like."""
        return ApiError(self.code, HTTPStatus(self.code).phrase)


@dataclass(frozen=True)
class Refused(Fault):
    """Any other refusal, with the whole description, ``Bad Request: ...`` for instance."""

    code: int
    description: str

    def failure(self) -> Exception:
        """That error."""
        return ApiError(self.code, self.description)


@dataclass(frozen=True)
class _Unanswered(Fault):
    """The bot cannot know whether the call was accepted."""

    accepted: bool

    @property
    def effect(self) -> bool:
        """Whether the call still does what it does."""
        return self.accepted


class Timeout(_Unanswered):
    """No answer ever comes."""

    def failure(self) -> Exception:
        """Silence."""
        return NoAnswer(cut=False)


class Cut(_Unanswered):
    """The connection breaks."""

    def failure(self) -> Exception:
        """A cut connection."""
        return NoAnswer(cut=True)


class Faults:
    """The faults that wait for calls: planned ones by method, and random ones."""

    def __init__(self) -> None:
        self.happened: list[tuple[str, Fault]] = []
        self._planned: list[tuple[str, Fault]] = []
        self._random: random.Random | None = None
        self._share = 0.0
        self._kinds: tuple[Fault, ...] = ()
        self._methods: frozenset[str] | None = None

    def add(self, method: str, fault: Fault, times: int = 1) -> None:
        """Let the next ``times`` calls of a method (``*``: of any) fail like this, after those planned before."""
        self._planned += [(method.lower(), fault)] * times

    def at_random(self, seed: int, share: float, kinds: Sequence[Fault], methods: Iterable[str] | None = None) -> None:
        """From now on, let a share of the calls (of some methods, or of all) fail in one of these ways."""
        self._random, self._share, self._kinds = random.Random(seed), share, tuple(kinds)
        self._methods = None if methods is None else frozenset(method.lower() for method in methods)

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self._planned.clear()
        self._random = None

    @property
    def left(self) -> int:
        """How many planned faults have not happened yet."""
        return len(self._planned)

    def take(self, method: str) -> Fault | None:
        """The fault of this call, if it has one."""
        fault = self._next(method.lower())
        if fault is not None:
            self.happened.append((method, fault))
        return fault

    def _next(self, method: str) -> Fault | None:
        for index, (planned, fault) in enumerate(self._planned):
            if planned in {"*", method}:
                del self._planned[index]
                return fault
        if self._random is None or (self._methods is not None and method not in self._methods):
            return None
        return self._random.choice(self._kinds) if self._random.random() < self._share else None
