"""The fake over HTTP: the Bot API on 127.0.0.1, and updates by webhook."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.simple_httpclient import SimpleAsyncHTTPClient
from tornado.web import Application, RequestHandler

from .core import FakeTelegram
from .params import decoded
from .wire import Json, NoAnswer, Upload

PAUSE = 0.2
NOT_FOUND: Json = {"ok": False, "error_code": 404, "description": "Not Found"}
UNAUTHORIZED: Json = {"ok": False, "error_code": 401, "description": "Unauthorized"}


class _Handler(RequestHandler):
    """One request to ``/bot<token>/<method>`` or ``/file/bot<token>/<path>``."""

    telegram: FakeTelegram
    tasks: set[asyncio.Future[Any]]

    def initialize(self, telegram: FakeTelegram, tasks: set[asyncio.Future[Any]]) -> None:
        """Take the fake, and the set of what is under way."""
        self.telegram = telegram
        self.tasks = tasks
        self._task: asyncio.Future[Any] | None = None

    async def get(self, token: str, path: str) -> None:
        """A call with its parameters in the URL, or a file."""
        if self.request.path.startswith("/file/"):
            content = self.telegram.files.at(path) if token == self.telegram.token else None
            self.set_status(404 if content is None else 200)
            self.finish(json.dumps(NOT_FOUND) if content is None else content)
            return
        await self.post(token, path)

    async def post(self, token: str, path: str) -> None:
        """A call with its parameters in the body."""
        if token != self.telegram.token:
            self._answer(401, UNAUTHORIZED)
            return
        try:
            params = self._params(path)
        except ValueError:
            self._answer(400, {"ok": False, "error_code": 400, "description": "Bad Request: can't parse JSON"})
            return
        try:
            self._answer(*await self._under_way(self.telegram.handle(path, params)))
        except NoAnswer as error:
            if not error.cut:
                with contextlib.suppress(NoAnswer):
                    await self._under_way(asyncio.Event().wait())
            self._cut()

    def on_connection_close(self) -> None:
        """The bot has gone: what it waited for ends."""
        if self._task is not None:
            self._task.cancel()

    async def _under_way(self, work: Any) -> Any:
        """The outcome of some work; silence where it was cancelled."""
        self._task = asyncio.ensure_future(work)
        self.tasks.add(self._task)
        try:
            await asyncio.wait([self._task])
        finally:
            self.tasks.discard(self._task)
        if self._task.cancelled():
            raise NoAnswer(cut=True)
        return self._task.result()

    def _params(self, method: str) -> Json:
        """The parameters from JSON, form or multipart, of the types that the method takes."""
        if self.request.headers.get("Content-Type", "").startswith("application/json"):
            params = json.loads(self.request.body or b"{}")
            if not isinstance(params, dict):
                raise ValueError("no object")
            return {name: value for name, value in params.items() if value is not None}
        arguments = self.request.arguments.items()
        params = {name: decoded(method, name, values[-1].decode()) for name, values in arguments}
        for name, files in self.request.files.items():
            params[name] = Upload(files[-1]["filename"], files[-1]["body"], files[-1]["content_type"])
        return params

    def _answer(self, status: int, envelope: Json) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(envelope))

    def _cut(self) -> None:
        """Close the socket without an answer."""
        self._auto_finish = False
        stream = getattr(self.request.connection, "stream", None)
        if stream is not None:
            stream.close()


@contextlib.asynccontextmanager
async def serve(telegram: FakeTelegram, port: int = 0, *, webhook_timeout: float = 10.0) -> AsyncIterator[str]:
    """Serve a fake on 127.0.0.1 and deliver to its webhook; the URL, ``http://127.0.0.1:<port>``."""
    tasks: set[asyncio.Future[Any]] = set()
    routes = [(r"/(?:file/)?bot([^/]+)/(.+)", _Handler, {"telegram": telegram, "tasks": tasks})]
    server = HTTPServer(Application(routes, log_function=lambda _: None))
    sockets = bind_sockets(port, "127.0.0.1")
    server.add_sockets(sockets)
    delivery = asyncio.create_task(deliver(telegram, webhook_timeout))
    try:
        yield f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    finally:
        delivery.cancel()
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await delivery
        server.stop()
        await server.close_all_connections()


async def deliver(telegram: FakeTelegram, timeout: float) -> None:
    """Bring updates to the webhook for ever: in order, one at a time, each until the answer is 2xx."""
    client = SimpleAsyncHTTPClient(force_instance=True)
    try:
        while True:
            if telegram.updates.webhook is None or not telegram.updates.waiting:
                await telegram.changed.wait()
                continue
            update = telegram.updates.waiting[0]
            failure = await _posted(client, telegram.updates.webhook, update, timeout)
            if failure is None:
                telegram.updates.delivered(update)
                continue
            if telegram.updates.webhook is not None:
                told = {"last_error_date": telegram.now(), "last_error_message": failure}
                telegram.updates.webhook.update(told)
            await asyncio.sleep(PAUSE)
    finally:
        client.close()


async def _posted(client: SimpleAsyncHTTPClient, webhook: Json, update: Json, timeout: float) -> str | None:
    """Post one update; what went wrong, or None where it was accepted."""
    headers = {"Content-Type": "application/json"}
    if webhook.get("secret_token"):
        headers["X-Telegram-Bot-Api-Secret-Token"] = webhook["secret_token"]
    request = HTTPRequest(
        webhook["url"],
        method="POST",
        headers=headers,
        body=json.dumps(update),
        request_timeout=timeout,
        connect_timeout=timeout,
        follow_redirects=False,
        validate_cert=False,
    )
    try:
        await client.fetch(request)
    except HTTPClientError as error:
        return f"Wrong response from the webhook: {error.code} {error.message}"
    except OSError as error:
        return f"Connection failed: {error}"
    return None
