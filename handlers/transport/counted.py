"""Requests to Telegram, counted: each try, whoever makes it and whether it is repeated."""

from __future__ import annotations

import time
from typing import Any, Final

from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from .metrics import Metrics
from .trouble import Trouble

_TELEGRAMS: Final = (400, 401, 403, 404, 409, 413, 429)
"""Statuses by which Telegram refuses a request; any other means that it is not Telegram that answers, or not in order."""


class CountedRequest(BaseRequest):
    """Another request object, whose requests are counted; that Telegram cannot be reached is told when it begins."""

    def __init__(self, request: BaseRequest, metrics: Metrics, reach: Trouble) -> None:
        """``reach``: whether Telegram can be reached by such requests."""
        self._request = request
        self._metrics = metrics
        self._reach = reach

    async def initialize(self) -> None:
        """Open what the other one opens."""
        await self._request.initialize()

    async def shutdown(self) -> None:
        """Close it."""
        await self._request.shutdown()

    @property
    def read_timeout(self) -> float | None:
        """Seconds to wait for an answer."""
        return self._request.read_timeout

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE, connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:  # fmt: skip
        """Make a request; its status and its body.

        Raises:
            TelegramError: as the other one raises it.
        """
        began, result = time.perf_counter(), ""
        try:
            status, body = await self._request.do_request(
                url, method, request_data, read_timeout, write_timeout, connect_timeout, pool_timeout
            )
            result = result_of(status)
            if status >= 300 and status not in _TELEGRAMS:
                self._reach.failed(detail=f"the server answers with status {status}")
            elif method != "GET" and not body.startswith(b"{"):
                self._reach.failed(detail="what answers is not Telegram; look at TELEGRAM_API_BASE_URL")
            else:
                self._reach.over()
            return status, body
        except Exception as error:
            result = "timeout" if isinstance(error, TimedOut) else "network"
            self._reach.failed(detail=error.message if isinstance(error, NetworkError) else type(error).__name__)
            raise
        finally:
            if result:  # One that was called off ended in no way.
                # A file is fetched by GET, at an address that holds its name; all else is posted to a method.
                called = "download" if method == "GET" else url.rpartition("/")[2]
                self._metrics.requested(called, result, time.perf_counter() - began)


def result_of(status: int) -> str:
    """How a request ended, by its HTTP status: one of :data:`.labels.RESULTS`."""
    match status:
        case 401 | 404:
            return "unauthorized"  # Telegram says "Not Found" of a token that it cannot read.
        case 403:
            return "forbidden"
        case 409:
            return "conflict"
        case 429:
            return "too_many"
        case _ if status >= 500:
            return "server_error"
        case _:
            return "ok" if 200 <= status < 300 else "refused"
