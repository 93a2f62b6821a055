"""To this computer's own browser only, whatever other pages that browser has open."""

from __future__ import annotations

import contextlib
import ipaddress
import json
from typing import Any, ClassVar
from urllib.parse import urlsplit

import structlog
from tornado.web import HTTPError, RequestHandler

from handlers.settings import Listen

from .stage import Stage

log = structlog.get_logger(__name__)


class Guarded(RequestHandler):
    """What every part of the page does first: turn away other pages, and names that an attacker points at this computer."""

    needs_origin: ClassVar = False
    """Whether even a GET must say which page it comes from."""

    def initialize(self, stage: Stage, listen: Listen, start: dict[str, Any]) -> None:
        """Keep what the server gives."""
        self.stage = stage
        self.start = start
        self._listen = listen

    def prepare(self) -> None:
        """Refuse what does not come from this very page, before anything else of it is read."""
        if not known_host(self.request.host, self._listen):
            raise HTTPError(403, "this server goes by another name")
        asks = self.request.method == "GET" and not self.needs_origin
        if not asks and not same_origin(self.request.headers.get("Origin"), self.request.host):
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
        told = error.log_message % error.args if isinstance(error, HTTPError) and error.log_message else self._reason
        self.set_header("Content-Type", "application/json")
        self.set_header("Connection", "close")  # What follows on it may be a body that was not read.
        self.finish(json.dumps({"error": told}))

    def log_exception(self, *exc_info: Any) -> None:
        """A refusal is no error of ours; anything else is one."""
        if not isinstance(exc_info[1], HTTPError):
            log.error("preview", exc_info=exc_info)


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
    return (origin or "").lower() in {f"{scheme}://{host}".lower() for scheme in ("http", "https")}


def _loopback(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"
