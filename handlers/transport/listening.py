"""A server of our own: it listens, and stops listening."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop

from handlers.settings import Listen

from .trouble import Trouble

BACKLOG: Final = 128
"""Connections that may wait to be taken: what Telegram opens to a webhook at once is a third of that."""
REST_SECONDS: Final = 1.0
"""How long no connection is taken where there is no file handle for one: others end meanwhile."""
_EXHAUSTED: Final = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class ListenError(OSError):
    """The address cannot be listened on; ``strerror`` says why."""


class _Listening(socket.socket):
    """A socket that rests for a moment where the process has no file handle left for a connection. It would be told of the
    connection that waits again and again, without end."""

    __slots__ = ("_trouble",)

    def __init__(self, like: socket.socket) -> None:
        """Take the place of a socket that listens."""
        super().__init__(like.family, like.type, like.proto, like.detach())
        self.setblocking(False)
        self._trouble = Trouble("connections wait", "connections are taken again")

    def accept(self) -> tuple[socket.socket, Any]:
        """The next connection.

        Raises:
            BlockingIOError: there is none, or it cannot be taken now.
        """
        try:
            accepted = super().accept()
        except OSError as error:
            if error.errno not in _EXHAUSTED:
                raise
            self._trouble.failed(
                detail="no more files can be opened; raise the limit of open files (ulimit -n, LimitNOFILE)"
            )
            loop = IOLoop.current()
            loop.update_handler(self, 0)
            loop.call_later(REST_SECONDS, self._go_on, loop)
            raise BlockingIOError from error
        self._trouble.over()
        return accepted

    def _go_on(self, loop: IOLoop) -> None:
        if self.fileno() >= 0:  # closed otherwise
            loop.update_handler(self, IOLoop.READ)


@asynccontextmanager
async def listening(server: HTTPServer, listen: Listen) -> AsyncIterator[int]:
    """A server at an address until the block ends; gives its port, which is chosen where the address has port 0.

    Raises:
        ListenError: the address cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    try:
        bound = socket.create_server(listen, family=family, backlog=BACKLOG)
    except OSError as error:
        number = error.errno or 0  # of a name that cannot be resolved it is negative
        raise ListenError(number, os.strerror(number) if number > 0 else error.strerror) from error
    waiting = _Listening(bound)
    server.add_socket(waiting)
    try:
        yield waiting.getsockname()[1]
    finally:
        server.stop()
        await server.close_all_connections()
