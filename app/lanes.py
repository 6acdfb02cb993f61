"""Jobs in two lanes: matchings have a runner and a worker process of their own.

So an order waits neither for a clearing that takes minutes nor for a what-if, and no other job waits while a new
installation compiles the matching.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.jobs import AT_ONCE, POLL_S, Execute, JobRunner
from app.worker import Outcome, Worker
from domain.events import Event
from domain.flexibility.market import MarketSession
from domain.flexibility.rules import ClearingMode
from domain.lifecycle import SessionState
from domain.ports import ReadOnly

WARM_UP = "warm_up"


class MatchingRunner(JobRunner):
    """Runs matchings. Its worker starts, and compiles or loads what it needs, once a continuous session is planned
    or open: in a new installation that takes the better part of a minute, and orders wait for it."""

    def __init__(self, execute: Execute, read: ReadOnly, worker: Worker | None = None) -> None:
        super().__init__(execute, read, worker, takes=AT_ONCE.__contains__)
        self._warm: int | None = None

    @property
    def alive(self) -> bool:
        """Whether the thread runs, and the worker process if it is needed."""
        return self._thread.alive and (self._warm is None or self._worker.alive)

    def _start_worker(self) -> None:
        """Not yet."""

    def _make_ready(self) -> None:
        if (self._warm is not None and self._warm == self._worker.pid) or not self._expects_orders():
            return
        self._worker.send(WARM_UP, b"")
        while not (self._thread.stopping.is_set() or isinstance(self._worker.receive(POLL_S), Outcome)):
            pass
        self._warm = self._worker.pid

    def _expects_orders(self) -> bool:
        coming = (SessionState.PLANNED, SessionState.OPEN)
        with self._read() as uow:
            return bool(uow.find(MarketSession, clearing=ClearingMode.CONTINUOUS, state=coming))


class JobLanes:
    """Both lanes as one: each takes the kinds of work that the other does not."""

    def __init__(self, *lanes: JobRunner) -> None:
        self._lanes = lanes

    def start(self) -> None:
        for lane in self._lanes:
            lane.start()

    def stop(self) -> None:
        """Stop at once, as `JobRunner.stop`."""
        for lane in self._lanes:
            lane.stop()

    @property
    def alive(self) -> bool:
        """Whether every lane runs."""
        return all(lane.alive for lane in self._lanes)

    def wake(self) -> None:
        """Look for queued jobs now."""
        for lane in self._lanes:
            lane.wake()

    def on_events(self, events: Sequence[Event]) -> None:
        """For the bus."""
        for lane in self._lanes:
            lane.on_events(events)

    def run_queued_inline(self) -> int:
        """Run all queued jobs in this process, also those that they bring about; how many those were."""
        n_run = 0
        while n_more := sum(lane.run_queued_inline() for lane in self._lanes):
            n_run += n_more
        return n_run


def job_lanes(execute: Execute, read: ReadOnly) -> JobLanes:
    """Matchings, and all other work."""
    rest = JobRunner(execute, read, takes=lambda kind: kind not in AT_ONCE)
    return JobLanes(MatchingRunner(execute, read), rest)
