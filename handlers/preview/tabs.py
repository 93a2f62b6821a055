"""What happens, told to every open tab of the page over a WebSocket."""

from __future__ import annotations

import contextlib
import json
from asyncio import Future
from typing import Any, ClassVar, Final

from tornado.websocket import WebSocketClosedError, WebSocketHandler

from handlers.fake_telegram import Event

from .guard import Guarded, same_origin

PING: Final = 20
"""Seconds between signs of life to a tab."""
MAX_UNSENT: Final = 500
"""Messages to a tab that wait to be sent. One that is behind by more is cut off: it connects again and gets all there is."""
MAX_HEARD: Final = 1024
"""Bytes of what a tab may say, which is nothing."""


class Tab(Guarded, WebSocketHandler):
    """One open tab: first it is told all there is, then each change."""

    needs_origin: ClassVar = True

    def check_origin(self, origin: str) -> bool:
        """This page's own scripts only."""
        return same_origin(origin, self.request.host)

    def open(self, *args: str, **kwargs: str) -> None:
        """Tell all there is."""
        self._unsent = 0
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
        if self._unsent >= MAX_UNSENT:
            self.on_close()
            self.close()
            return
        with contextlib.suppress(WebSocketClosedError):
            sending = self.write_message(json.dumps({"kind": kind, "content": content}))
            self._unsent += 1
            sending.add_done_callback(self._sent)

    def _sent(self, sending: Future[None]) -> None:
        self._unsent -= 1
        if not sending.cancelled():
            sending.exception()  # Of a tab that went away in the middle: on_close has heard of it.
