"""Attempts (to sign in, to apply) counted per account or remote address, on the wall clock, in memory."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from domain.errors import Finding, Refused

MAX_KEYS = 10_000
"""Counters kept; the longest unused is forgotten first."""


class Throttled(Refused):
    """Too many attempts. `retry_after_s`: seconds until the next one is looked at."""

    def __init__(self, retry_after_s: int, what: str = "sign-in attempts") -> None:
        sentence = f"Too many {what}. Try again in {retry_after_s} s."
        super().__init__([Finding(code="throttled", field="account", sentence=sentence)])
        self.retry_after_s, self.what = retry_after_s, what

    def __reduce__(self) -> tuple[type[Throttled], tuple[int, str]]:  # type: ignore[override]
        return (Throttled, (self.retry_after_s, self.what))


@dataclass(frozen=True, kw_only=True)
class Limit:
    """At most `attempts` within any `window`."""

    attempts: int
    window: timedelta


class Throttle:
    """Attempts by key. Each is counted before it is looked at, so parallel ones cannot slip through."""

    def __init__(self, limit: Limit, wall_clock: Callable[[], datetime], what: str = "sign-in attempts") -> None:
        self._limit, self._what = limit, what
        self._wall_clock = wall_clock
        self._lock = Lock()
        self._attempts: OrderedDict[str, deque[datetime]] = OrderedDict()

    def count(self, key: str) -> None:
        """Count an attempt.

        Raises:
            Throttled: there were too many; this one is not counted.
        """
        now = self._wall_clock()
        with self._lock:
            past = self._attempts.setdefault(key, deque())
            self._attempts.move_to_end(key)
            while past and past[0] <= now - self._limit.window:
                past.popleft()
            if len(past) >= self._limit.attempts:
                wait = past[0] + self._limit.window - now
                raise Throttled(max(1, -(-wait // timedelta(seconds=1))), self._what)
            past.append(now)
            while len(self._attempts) > MAX_KEYS:
                self._attempts.popitem(last=False)

    def forgive(self, key: str, *, all_of_them: bool = False) -> None:
        """Take back the last attempt, which succeeded, or all of them."""
        with self._lock:
            past = self._attempts.get(key)
            if past:
                past.pop()
            if past is not None and (all_of_them or not past):
                del self._attempts[key]
