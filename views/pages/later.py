"""Do something once the changes have paused, off the event loop where it asks the desk."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, Generic, TypeVar

import panel as pn

from views.widgets.turns import in_turn as in_turn

T = TypeVar("T")
log = logging.getLogger(__name__)


class Later(Generic[T]):
    """`soon(work, then)`: after a pause without another call run `work()` in a thread, then `then(result)`.

    threads : where work that may wait long runs, so that it keeps no thread from shorter work

    Without an open document (a unit test) both run at once.
    """

    def __init__(self, pause_ms: int = 250, threads: Executor | None = None) -> None:
        self._pause_ms, self._threads = pause_ms, threads
        self._document = pn.state.curdoc
        self._waiting: Any = None
        self._generation = 0
        self._task: asyncio.Future[None] | None = None

    def cancel(self) -> None:
        """Forget what was asked; work under way ends unheard."""
        self._generation += 1
        if self._waiting is not None and self._document is not None:
            self._document.remove_timeout_callback(self._waiting)
            self._waiting = None

    def soon(self, work: Callable[[], T], then: Callable[[T], None]) -> None:
        """A later call replaces an earlier one, also one whose work is under way."""
        self._generation += 1
        mine = self._generation
        if self._document is None or self._document.session_context is None:
            then(work())
            return

        def start() -> None:
            self._waiting = None
            self._task = asyncio.ensure_future(self._run(mine, work, then))

        if self._waiting is not None:
            self._document.remove_timeout_callback(self._waiting)
        self._waiting = self._document.add_timeout_callback(start, self._pause_ms)

    async def _run(self, mine: int, work: Callable[[], T], then: Callable[[T], None]) -> None:
        """The page changes only in a callback of its document: awaiting inside one would lose its lock."""
        try:
            result = await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except Exception:
            log.exception("A page's question failed.")
            return
        if self._document is not None and mine == self._generation:
            self._document.add_next_tick_callback(lambda: self._deliver(mine, result, then))

    def _deliver(self, mine: int, result: T, then: Callable[[T], None]) -> None:
        if mine == self._generation:
            then(result)
