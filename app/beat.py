"""The beat of schedulers: a poll in a thread of its own, and steps that are done now and then only.

APScheduler only gives the beat; a missed or late one loses nothing, since each takes all that is due.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable

from apscheduler.schedulers.background import BackgroundScheduler

log = logging.getLogger(__name__)
Step = Callable[[], object]


class Beat:
    """Calls `poll` every so many seconds, one call at a time."""

    def __init__(self, poll: Step, seconds: float) -> None:
        self._poll, self._seconds = poll, seconds
        self._running: BackgroundScheduler | None = None

    def start(self) -> None:
        self._running = BackgroundScheduler(timezone="UTC")
        self._running.add_job(
            self._poll,
            "interval",
            seconds=self._seconds,
            id="poll",
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        self._running.start()

    def stop(self) -> None:
        """After a poll that runs."""
        if self._running is not None:
            self._running.shutdown(wait=True)
            self._running = None


class Seldom:
    """A step that is done at most every so many seconds; between, nothing is."""

    def __init__(self, step: Step, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._step, self._seconds, self._now = step, seconds, now
        self._next = 0.0

    def __call__(self) -> None:
        if self._now() >= self._next:
            self._next = self._now() + self._seconds
            self._step()


def each(steps: Iterable[Step]) -> None:
    """Do them in their order; one that fails is logged and does not keep the others from being done."""
    for step in steps:
        try:
            step()
        except Exception:
            log.exception("a step of a poll failed")
