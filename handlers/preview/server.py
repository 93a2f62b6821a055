"""The page over HTTP: its files, what a person does, the files that people send."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import quote

from pydantic import ValidationError
from tornado.http1connection import HTTP1Connection
from tornado.httpserver import HTTPServer
from tornado.web import Application, HTTPError, stream_request_body

from handlers.fake_telegram import Impossible
from handlers.fake_telegram.store import MAX_DOWNLOAD
from handlers.settings import Listen
from handlers.transport.listening import listening

from . import acts
from .guard import Guarded
from .pictures import kind_of
from .stage import Stage
from .tabs import MAX_HEARD, PING, Tab

PAGE: Final = Path(__file__).parent / "page"
MAX_UPLOAD: Final = MAX_DOWNLOAD
"""Bytes of a file: a bot could not fetch a larger one from Telegram."""
MAX_UPLOADS: Final = 3
"""Files that may be on their way at the same time: they are held in memory."""
BUSY: Final = "busy"
"""What the page is told where there are more."""
MAX_ACT: Final = 64_000
"""Bytes of anything but a file that is posted."""
KINDS: Final = {
    ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}  # fmt: skip


class Missing(Guarded):
    """Whatever is not there."""

    def prepare(self) -> None:
        """Nothing, for anybody who may ask."""
        super().prepare()
        raise HTTPError(404)


class Page(Guarded):
    """The page and its parts."""

    def get(self, name: str) -> None:
        """A file of the page's folder; ``/`` is the page itself."""
        path = PAGE / (name or "index.html")
        if not path.is_file():
            raise HTTPError(404)
        self.set_header("Content-Type", KINDS[path.suffix])
        self.finish(path.read_bytes())


class Beginning(Guarded):
    """What the page needs before anything is said: its words, the people, the bot."""

    def get(self) -> None:
        """As JSON."""
        self.finish(self.start)


class Posted(Guarded):
    """Something posted, of which no more is read than it may hold."""

    most: ClassVar = MAX_ACT

    def prepare(self) -> None:
        """Refuse what is too long by its own word; what is longer than its word is cut off."""
        super().prepare()
        length = self.request.headers.get("Content-Length", "")
        if length.isdecimal() and int(length) > self.most:
            raise HTTPError(413, "this is too long")
        self.body = bytearray()
        connection = self.request.connection
        assert isinstance(connection, HTTP1Connection)
        connection.set_max_body_size(self.most)

    def data_received(self, chunk: bytes) -> None:
        """Keep what has come so far."""
        self.body += chunk


@stream_request_body
class Acts(Posted):
    """What a person does."""

    async def post(self) -> None:
        """One act; what came of it, or ``error`` and status 400."""
        with _refusals():
            told = await acts.do(self.stage, bytes(self.body))
        self.stage.flush()  # What the page is told is done survives a kill.
        self.finish(told)


@stream_request_body
class Uploads(Posted):
    """Files that a person sends."""

    most: ClassVar = MAX_UPLOAD
    under_way: ClassVar[set[Uploads]] = set()

    def prepare(self) -> None:
        """Refuse one too many."""
        super().prepare()
        if len(self.under_way) >= MAX_UPLOADS:
            raise HTTPError(503, BUSY)
        self.under_way.add(self)

    def post(self) -> None:
        """The content of a file; whose it is and where it goes is in the address (see :class:`.acts.Upload`)."""
        told = {name: self.get_query_argument(name, strip=False) for name in self.request.query_arguments}
        with _refusals():
            acts.upload(self.stage, told, bytes(self.body))
        self.stage.flush()
        self.finish({})

    def on_finish(self) -> None:
        """It is there, or refused."""
        self.under_way.discard(self)

    def on_connection_close(self) -> None:
        """It will not come any more."""
        self.under_way.discard(self)


class File(Guarded):
    """A file that somebody has sent."""

    def get(self, file_id: str) -> None:
        """A picture to be shown, anything else to be saved under the name of ``?name=``."""
        content = self.stage.telegram.files.content.get(file_id)
        if content is None:
            raise HTTPError(404, "this file is not kept any more")
        kind = kind_of(content)
        self.set_header("Content-Security-Policy", "sandbox; default-src 'none'")
        self.set_header("Content-Type", kind or "application/octet-stream")
        if kind is None or "name" in self.request.arguments:
            name = quote(self.get_query_argument("name", "file"), safe="")
            self.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{name}")
        self.finish(content)


@contextlib.contextmanager
def _refusals() -> Any:
    """Acts that make no sense, as status 400 with one line."""
    try:
        yield
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False)]
        raise HTTPError(400, "%s", "; ".join(lines)) from error
    except Impossible as error:
        raise HTTPError(400, "%s", str(error)) from error


@asynccontextmanager
async def serve(stage: Stage, listen: Listen, start: dict[str, Any]) -> AsyncIterator[str]:
    """Serve the page; gives its address. ``start`` is what :class:`Beginning` tells.

    Raises:
        ListenError: the address cannot be listened on.
    """
    given = {"stage": stage, "listen": listen, "start": start}
    routes: list[Any] = [
        (r"/start\.json", Beginning, given),
        (r"/act", Acts, given),
        (r"/upload", Uploads, given),
        (r"/file/([A-Za-z0-9-]{1,64})", File, given),
        (r"/updates", Tab, given),
        (r"/(|[a-z]+\.(?:js|css|svg))", Page, given),
    ]
    served = Application(
        routes, default_handler_class=Missing, default_handler_args=given, log_function=lambda _: None,
        websocket_ping_interval=PING, websocket_max_message_size=MAX_HEARD,
    )  # fmt: skip
    server = HTTPServer(served, max_body_size=MAX_ACT, max_buffer_size=2 * MAX_ACT)
    async with listening(server, listen) as port:
        yield _address(listen.host, port)


def _address(host: str, port: int) -> str:
    """What to open in a browser on this computer."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/"
