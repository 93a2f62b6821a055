"""A server of our own: it listens, and stops listening."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from handlers.settings import Listen


class ListenError(OSError):
    """The address cannot be listened on; ``strerror`` says why."""


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
    server.add_sockets(sockets)
    try:
        yield sockets[0].getsockname()[1]
    finally:
        server.stop()
        await server.close_all_connections()
