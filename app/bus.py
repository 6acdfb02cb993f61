"""Committed events to whoever listens in this process: pages, the scheduler, tests."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from threading import Lock
from types import MethodType
from weakref import WeakMethod

from domain.events import Event

Listener = Callable[[Sequence[Event]], object]

_log = logging.getLogger(__name__)


class Bus:
    """Thread-safe. Listeners are called in the publisher's thread, in the order of their subscription."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._next = 0
        self._listeners: dict[int, Callable[[], Listener | None]] = {}

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every published batch; the answer ends that.

        A bound method is held weakly: it is dropped with its object. A function is held until unsubscribed.
        """
        held: Callable[[], Listener | None]
        held = WeakMethod(listener) if isinstance(listener, MethodType) else lambda: listener
        with self._lock:
            key = self._next
            self._next += 1
            self._listeners[key] = held
        return lambda: self._drop(key)

    def publish(self, events: Sequence[Event]) -> None:
        """Tell every listener; one that fails is logged and does not keep the others from hearing."""
        if not events:
            return
        with self._lock:
            listeners = list(self._listeners.items())
        for key, held in listeners:
            listener = held()
            if listener is None:
                self._drop(key)
                continue
            try:
                listener(events)
            except Exception:
                _log.exception("a listener failed on %s", [type(event).__name__ for event in events])

    def __len__(self) -> int:
        """How many listeners there are; those whose object is gone do not count."""
        with self._lock:
            return sum(held() is not None for held in self._listeners.values())

    def _drop(self, key: int) -> None:
        with self._lock:
            self._listeners.pop(key, None)
