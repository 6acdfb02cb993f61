"""Servers of the desks on a thread of their own: the product's over whichever market a test gives, or another."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from types import SimpleNamespace
from typing import Any, Protocol, TypeVar

from app.bus import Bus
from app.free_ports import free_port
from views import app as desks_app

START_WITHIN_S, STOP_WITHIN_S = 30, 10


class Server(Protocol):
    def start(self) -> object: ...
    def stop(self) -> object: ...


S = TypeVar("S", bound=Server)


@contextmanager
def on_a_thread(build: Callable[[], S]) -> Iterator[S]:
    """What `build` makes, started on an event loop of its own; stopped when the block is left."""
    ready, held = threading.Event(), {}

    async def serve() -> None:
        server, stop = build(), asyncio.Event()
        server.start()
        held.update(server=server, loop=asyncio.get_running_loop(), stop=stop)
        ready.set()
        await stop.wait()
        server.stop()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(START_WITHIN_S), "the server did not start"
    try:
        yield held["server"]
    finally:
        held["loop"].call_soon_threadsafe(held["stop"].set)
        thread.join(STOP_WITHIN_S)


class _Market(SimpleNamespace):
    """A market of which nobody knows when it changes, so that no answer serves twice."""

    _asked = count()

    @property
    def revision(self) -> int:
        return next(self._asked)


@contextmanager
def serving(desk: Any, auth: Any, applying: Any = None, bus: Bus | None = None) -> Iterator[str]:
    """The address of the product's desks over a market, until the block is left. `bus`: of its news."""
    gc.freeze()  # garbage is looked for after every closed page: not in what was there before
    port = free_port()
    market = _Market(desk=desk, auth=auth, applying=applying, bus=Bus() if bus is None else bus)
    settings = SimpleNamespace(
        secret=lambda: b"s" * 40,
        desks_port=port,
        host="127.0.0.1",
        websocket_origins=(),
        secure_cookies=False,
        reached_by_https=False,
        proxy=(),
    )
    with on_a_thread(lambda: desks_app.build_desks(market, settings)):
        yield f"http://127.0.0.1:{port}"
