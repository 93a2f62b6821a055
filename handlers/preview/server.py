"""The page over HTTP: to this computer's own browser only, whatever other pages that browser has open."""

from __future__ import annotations

import contextlib
import ipaddress
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

import structlog
from pydantic import ValidationError
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from handlers.fake_telegram import Event, Impossible
from handlers.fake_telegram.store import MAX_DOWNLOAD
from handlers.settings import Listen

from . import acts
from .stage import Stage

PAGE: Final = Path(__file__).parent / "page"
MAX_UPLOAD: Final = MAX_DOWNLOAD
"""Bytes of a file: a bot could not fetch a larger one from Telegram."""
MAX_ACT: Final = 64_000
"""Bytes of anything but a file that is posted."""
ENVELOPE: Final = 10_000
"""Bytes that a post may have beside its file."""
PICTURES: Final = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}
"""What pictures begin with. Only these are shown; any other file is handed out for download."""
KINDS: Final = {
    ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}  # fmt: skip
PING: Final = 20
"""Seconds between signs of life to a tab."""

log = structlog.get_logger(__name__)


class Guarded(RequestHandler):
    """What every part of the page does first: turn away other pages, and names that an attacker points at this computer."""

    def initialize(self, stage: Stage, listen: Listen, start: dict[str, Any]) -> None:
        """Keep what the server gives."""
        self.stage = stage
        self._listen = listen
        self.start = start

    def prepare(self) -> None:
        """Refuse what does not come from this very page."""
        if not known_host(self.request.host, self._listen):
            raise HTTPError(403, "this server goes by another name")
        if self.request.method != "GET" and not same_origin(self.request.headers.get("Origin"), self.request.host):
            raise HTTPError(403, "another page sent this")

    def set_default_headers(self) -> None:
        """Nothing runs, loads or frames but what comes from here."""
        host = self.request.host
        self.set_header(
            "Content-Security-Policy",
            f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ws://{host} "
            f"wss://{host}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        )
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.set_header("Cross-Origin-Opener-Policy", "same-origin")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-cache")
        self.clear_header("Server")

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """One line."""
        error = kwargs.get("exc_info", (None, None))[1]
        told = error.log_message if isinstance(error, HTTPError) and error.log_message else self._reason
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps({"error": told}))

    def log_exception(self, *exc_info: Any) -> None:
        """A refusal is no error of ours; anything else is one."""
        if not isinstance(exc_info[1], HTTPError):
            log.error("preview", exc_info=exc_info)


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


class Acts(Guarded):
    """What a person does."""

    async def post(self) -> None:
        """One act; what came of it, or ``error`` and status 400."""
        if len(self.request.body) > MAX_ACT:
            raise HTTPError(413, "this is too long")
        try:
            self.finish(await acts.do(self.stage, self.request.body))
        except (ValidationError, Impossible) as error:
            raise HTTPError(400, _one_line(error)) from error


class Uploads(Guarded):
    """Files that a person sends."""

    def post(self) -> None:
        """A form with one ``file`` and the fields of :class:`handlers.preview.acts.Upload`."""
        files = self.request.files.get("file", [])
        if len(files) != 1:
            raise HTTPError(400, "one file is sent at a time")
        if len(files[0]["body"]) > MAX_UPLOAD:
            raise HTTPError(413, "this file is too large")
        told = {name: self.get_body_argument(name) for name in self.request.body_arguments}
        try:
            self.finish(acts.upload(self.stage, told, files[0]["body"]))
        except (ValidationError, Impossible) as error:
            raise HTTPError(400, _one_line(error)) from error


class File(Guarded):
    """A file that somebody has sent."""

    def get(self, file_id: str) -> None:
        """A picture to be shown, anything else to be saved under the name of ``?name=``."""
        content = self.stage.telegram.files.content.get(file_id)
        if content is None:
            raise HTTPError(404, "this file is not kept any more")
        kind = next((kind for magic, kind in PICTURES.items() if content.startswith(magic)), None)
        self.set_header("Content-Security-Policy", "sandbox; default-src 'none'")
        self.set_header("Content-Type", kind or "application/octet-stream")
        if kind is None or "name" in self.request.arguments:
            name = quote(self.get_query_argument("name", "file"), safe="")
            self.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{name}")
        self.finish(content)


class Updates(Guarded, WebSocketHandler):
    """What happens, told to an open tab: first all there is, then each change."""

    def check_origin(self, origin: str) -> bool:
        """This page's own scripts only."""
        return same_origin(origin, self.request.host)

    def open(self, *args: str, **kwargs: str) -> None:
        """Tell all there is."""
        self._send("state", self.stage.state())
        self.stage.telegram.watchers.append(self._watch)

    def on_message(self, message: str | bytes) -> None:
        """Tabs have nothing to say here."""

    def on_close(self) -> None:
        """A tab has gone."""
        with contextlib.suppress(ValueError):
            self.stage.telegram.watchers.remove(self._watch)

    def _watch(self, event: Event) -> None:
        told = self.stage.seen(event)
        if told:
            self._send(*told)

    def _send(self, kind: str, content: Any) -> None:
        with contextlib.suppress(WebSocketClosedError):
            self.write_message(json.dumps({"kind": kind, "content": content}))


def known_host(given: str, listen: Listen) -> bool:
    """Whether a Host header names this server. A web page elsewhere can point a name of its own at this address (DNS
    rebinding), but not make the browser send another name than that: so names are refused, but for our own.

    ``listen`` on this computer only: its own addresses; else any address, and the name that was configured.
    """
    try:
        name = (urlsplit(f"//{given}").hostname or "").rstrip(".")
    except ValueError:
        return False
    if name in ("localhost", listen.host.lower()):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or not _loopback(listen.host)


def same_origin(origin: str | None, host: str) -> bool:
    """Whether an Origin header is that of the page which the Host header names."""
    parts = urlsplit(origin or "")
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()


def _loopback(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def _one_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
    return str(error)


@asynccontextmanager
async def serve(stage: Stage, listen: Listen, start: dict[str, Any]) -> AsyncIterator[str]:
    """Serve the page; gives its address. ``start`` is what :class:`Beginning` tells.

    Raises:
        OSError: the address cannot be listened on.
    """
    given = {"stage": stage, "listen": listen, "start": start}
    routes: list[Any] = [
        (r"/start\.json", Beginning, given),
        (r"/act", Acts, given),
        (r"/upload", Uploads, given),
        (r"/file/([A-Za-z0-9-]{1,64})", File, given),
        (r"/updates", Updates, given),
        (r"/(|[a-z]+\.(?:js|css|svg))", Page, given),
    ]
    served = Application(routes, log_function=lambda _: None, websocket_ping_interval=PING)
    most = MAX_UPLOAD + ENVELOPE
    server = HTTPServer(served, max_body_size=most, max_buffer_size=most + ENVELOPE)
    sockets = bind_sockets(listen.port, listen.host)
    server.add_sockets(sockets)
    port = sockets[0].getsockname()[1]
    shown = "127.0.0.1" if listen.host in ("0.0.0.0", "::") else listen.host
    try:
        yield f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/"
    finally:
        server.stop()
        await server.close_all_connections()
