"""How many requests a caller may send, on the wall clock, in memory."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from app.auth import Throttled

WINDOW_S = 60.0
MAX_CALLERS = 10_000
"""Counters kept; the longest unused is forgotten first."""


class Rates:
    """At most `per_minute` requests at once, and as many a minute after that. Thread-safe.

    One instant is kept per caller, at which all that it sent would have been let in evenly (the generic cell rate
    algorithm of ITU-T I.371).
    """

    def __init__(self, per_minute: int = 30_000, clock: Callable[[], float] = time.time) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._lock = Lock()
        self._due: OrderedDict[str, float] = OrderedDict()

    def count(self, caller: str, per_minute: int | None = None) -> None:
        """Raises `Throttled` when the caller has to wait; that request is not counted.

        per_minute : the caller's own limit, if that is lower than the server's
        """
        interval_s = WINDOW_S / min(per_minute or self._per_minute, self._per_minute)
        now = self._clock()
        with self._lock:
            due = min(max(self._due.pop(caller, now), now), now + WINDOW_S)
            wait_s = due + interval_s - now - WINDOW_S
            refused = wait_s > 1e-6
            self._due[caller] = due if refused else due + interval_s
            while len(self._due) > MAX_CALLERS:
                self._due.popitem(last=False)
        if refused:
            raise Throttled(max(1, math.ceil(wait_s)), "requests")
