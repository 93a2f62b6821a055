"""A server of our own: it listens, and stops listening."""

from __future__ import annotations

import errno
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.netutil import bind_sockets

from handlers.settings import Listen

from .trouble import Trouble

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
    try:
        sockets = bind_sockets(listen.port, listen.host)
    except OSError as error:
        raise ListenError(error.errno, error.strerror) from error
    waiting = [_Listening(found) for found in sockets]
    server.add_sockets(waiting)
    try:
        yield waiting[0].getsockname()[1]
    finally:
        server.stop()
        await server.close_all_connections()
