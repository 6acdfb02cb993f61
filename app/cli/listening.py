"""Addresses to listen at, the REST server on somebody else's loop, and the signal to stop."""

from __future__ import annotations

import asyncio
import errno
import logging
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from app.correlation import Correlated

if TYPE_CHECKING:
    from ssl import SSLContext

    from app.settings import Settings

GRACE_S = 5


class Served(Protocol):
    """An application whose open streams can be ended."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...
    def close(self) -> None: ...


class AddressTakenError(Exception):
    """An address cannot be bound; the message is for people."""


def log_to_stderr(level: str) -> None:
    """What a server logs, with the correlation of requests."""
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s:%(correlation)s %(message)s")
    for handler in logging.getLogger().handlers:
        handler.addFilter(Correlated())
    for chatty in ("apscheduler", "alembic", "bokeh", "uvicorn", "httpx", "tornado.access", "pandapower"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLogger().level))
    # Polls that a busy machine skips are caught up by the next one; a closed page is no news.
    for name in ("apscheduler.scheduler", "bokeh.server.views.ws"):
        logging.getLogger(name).setLevel(logging.ERROR)


@contextmanager
def bound(host: str, port: int) -> Iterator[socket.socket]:
    """A listening socket, closed at the end. What it accepts sends at once: an answer goes out in two parts, and
    the second would wait some 40 ms for the first to be acknowledged.

    Raises:
        AddressTakenError: the address is in use or not of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        raise taken(host, port, error) from None
    with listening:
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listening


def taken(host: str, port: int, error: OSError) -> AddressTakenError:
    why = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be bound ({error.strerror})"
    advice = "Stop what uses it, or set another with FLEXDESK_DESKS_PORT, FLEXDESK_API_PORT or FLEXDESK_HOST."
    return AddressTakenError(f"{host}, port {port}, {why}. {advice}")


def stop_signal() -> asyncio.Event:
    """Set by SIGINT and SIGTERM."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped


def rest_server(served: Served, settings: Settings, tls: SSLContext | None) -> Any:
    """uvicorn, to be started with sockets; what it serves is closed with it."""
    import uvicorn

    from views.edge import HSTS

    class Server(uvicorn.Server):
        """uvicorn on a loop that is not its own: signals are the command line's; open streams end with it."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            served.close()
            await super().shutdown(sockets)

    config = uvicorn.Config(
        served,
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=bool(settings.proxy),
        forwarded_allow_ips=list(settings.proxy),
        ssl_context_factory=(lambda _config, _default: tls) if tls else None,
        headers=[("Strict-Transport-Security", HSTS)] if settings.reached_by_https else None,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    return Server(config)
