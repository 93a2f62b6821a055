"""python-telegram-bot's way to the fake without any network."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit

import httpx
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from .core import FakeTelegram
from .wire import Json, NoAnswer, Upload


class InProcessRequest(BaseRequest):
    """A request object for ``telegram.Bot`` whose server is a ``FakeTelegram``."""

    def __init__(self, telegram: FakeTelegram) -> None:
        self.telegram = telegram

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    @property
    def read_timeout(self) -> float | None:
        """Five seconds, as python-telegram-bot has it by default; nothing here waits for it."""
        return 5

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = None,
        write_timeout: Any = None,
        connect_timeout: Any = None,
        pool_timeout: Any = None,
    ) -> tuple[int, bytes]:
        """Hand a call over to the fake; its status and its JSON, or the errors of a broken network."""
        await asyncio.sleep(0)
        path = urlsplit(url).path
        if path.startswith("/file/bot"):
            content = self.telegram.files.at(path.split("/", 3)[3])
            return (
                (404, b'{"ok":false,"error_code":404,"description":"Not Found"}') if content is None else (200, content)
            )
        token, _, name = path.removeprefix("/bot").rpartition("/")
        if token != self.telegram.token:
            return 401, b'{"ok":false,"error_code":401,"description":"Unauthorized"}'
        try:
            status, envelope = await self.telegram.handle(name, params_of(request_data))
        except NoAnswer as error:
            if error.cut:
                cause: httpx.HTTPError = httpx.RemoteProtocolError("Server disconnected without sending a response.")
                raise NetworkError(f"httpx.{type(cause).__name__}: {cause}") from cause
            raise TimedOut from httpx.ReadTimeout("no answer")
        return status, json.dumps(envelope).encode()


def params_of(request_data: RequestData | None) -> Json:
    """The parameters of a call as they would arrive: plain JSON values, and files as ``Upload``."""
    if request_data is None:
        return {}
    params: Json = json.loads(json.dumps(request_data.parameters))
    for name, (filename, content, mime_type) in request_data.multipart_data.items():
        data = content if isinstance(content, bytes) else content.read()
        params[name] = Upload(filename, data, mime_type)
    return params
