"""The job runner: one thread that hands queued jobs to the worker process and takes their outcomes back."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from app.woken import WokenThread
from app.worker import Outcome, Progress, Worker, attempt
from domain.commands import ApplyJob, Command, ReportProgress, RequeueJob, StartJob
from domain.errors import Refused
from domain.events import Event, JobChanged
from domain.flexibility.grids import Job
from domain.ids import JobId
from domain.lifecycle import JobState
from domain.ports import ReadOnly

log = logging.getLogger(__name__)

Execute = Callable[[Command], object]
"""The desk's doorway as the market itself."""

POLL_S = 0.05
REPORT_EVERY_S = 1.0
AT_ONCE = frozenset({"matching"})
"""Kinds of work that traders wait for; they take milliseconds."""
IN_SPARE_TIME = frozenset({"try", "what_if"})
"""Questions: the market's own work comes before them."""


class JobRunner:
    """Runs queued jobs one by one: matchings first, then the oldest. All changes of a job go through the desk.

    takes : which kinds of work are its own, all of them unless it is told
    """

    def __init__(
        self,
        execute: Execute,
        read: ReadOnly,
        worker: Worker | None = None,
        takes: Callable[[str], bool] = lambda _kind: True,
    ) -> None:
        self._execute = execute
        self._read = read
        self._worker = worker or Worker()
        self._thread = WokenThread("flexdesk-jobs", self._turn)
        self._stumbled = False
        self._dropped = threading.Event()
        self._current: JobId | None = None
        self._takes = takes

    def start(self) -> None:
        """Queue again what a killed process left running, warm the worker, and run what is queued."""
        self._recover()
        self._start_worker()
        self._thread.start()

    def stop(self) -> None:
        """Stop at once. A job that runs is queued again, so that the next start takes it up."""
        self._thread.stop()
        self._worker.kill()

    def _start_worker(self) -> None:
        self._worker.start()

    @property
    def alive(self) -> bool:
        """Whether the runner's thread and its worker process run."""
        return self._thread.alive and self._worker.alive

    def wake(self) -> None:
        """Look for queued jobs now."""
        self._thread.wake()

    def on_events(self, events: Sequence[Event]) -> None:
        """For the bus: new jobs wake the runner, the cancelling of the running one drops it."""
        for event in events:
            if not isinstance(event, JobChanged):
                continue
            if event.state == JobState.QUEUED.value:
                self._thread.wake()
            elif event.state == JobState.CANCELLED.value and event.job_id == self._current:
                self._dropped.set()

    def run_inline(self, job_id: JobId) -> None:
        """Run one queued job in this process, for the command line. Raises `Refused` as `StartJob`."""
        job = self._started(job_id)
        if job.state is JobState.RUNNING:
            self._apply(job, attempt(job.kind, job.inputs))

    def _started(self, job_id: JobId) -> Job:
        """The job with the inputs that it started with. Raises `Refused` as `StartJob`."""
        self._execute(StartJob(job_id=job_id))
        with self._read() as uow:
            return uow.get(Job, job_id)

    def run_queued_inline(self) -> int:
        """Run all queued jobs in this process; how many those were."""
        n_run = 0
        while queued := self._in_state(JobState.QUEUED):
            self.run_inline(queued[0].id)
            n_run += 1
        return n_run

    def _turn(self) -> None:
        try:
            if self._stumbled:
                self._recover()
            self._stumbled = False
            self._make_ready()
            self._run_queued()
        except Exception:
            self._stumbled = True
            log.exception("the job runner stumbled; it goes on at the next poll")

    def _make_ready(self) -> None:
        """What the worker has to do before the queue."""

    def _recover(self) -> None:
        """Queue again what runs nowhere: there is one runner for each kind, and it is between two jobs."""
        for job in self._in_state(JobState.RUNNING):
            self._execute(RequeueJob(job_id=job.id))

    def _run_queued(self) -> None:
        while not self._thread.stopping.is_set():
            queued = self._in_state(JobState.QUEUED)
            if not queued:
                return
            self._run(queued[0])

    def _in_state(self, state: JobState) -> list[Job]:
        with self._read() as uow:
            mine = [job for job in uow.find(Job, state=state) if self._takes(job.kind)]
        return sorted(mine, key=lambda job: (*_turn(job), job.id))

    def _run(self, job: Job) -> None:
        self._dropped.clear()
        self._current = job.id
        try:
            started = self._started(job.id)
            outcome = self._attempt(started) if started.state is JobState.RUNNING else None
            if outcome is not None:
                self._apply(job, outcome)
        except Refused as refused:
            log.info("job %s is no longer ours: %s", job.id, refused)
        finally:
            self._current = None

    def _attempt(self, job: Job) -> Outcome | None:
        """As `_solve`; what goes wrong around the worker fails this job instead of trying it for ever."""
        try:
            return self._solve(job)
        except Refused:
            raise
        except Exception:
            log.exception("job %s could not be followed", job.id)
            self._worker.kill()
            return Outcome(
                succeeded=False, error="The work could not be followed. The server's log has the fault."
            )

    def _solve(self, job: Job) -> Outcome | None:
        """The worker's outcome; None when the job was cancelled or the runner stops."""
        try:
            self._worker.send(job.kind, job.inputs)
        except OSError:
            self._worker.kill()
            return Outcome(succeeded=False, error="The worker process could not take the job.")
        reported_at = time.monotonic()
        while True:
            message = self._worker.receive(POLL_S)
            if isinstance(message, Outcome):
                return message
            if self._dropped.is_set() or self._thread.stopping.is_set():
                break
            now = time.monotonic()
            if isinstance(message, Progress) and now - reported_at >= REPORT_EVERY_S:
                reported_at = now
                if not self._report(job, message):
                    break
        self._abandon(job)
        return None

    def _report(self, job: Job, message: Progress) -> bool:
        """Store the progress; False when the job no longer runs."""
        try:
            self._execute(ReportProgress(job_id=job.id, stage=message.stage, progress=message.fraction))
        except Refused:
            return False
        return True

    def _abandon(self, job: Job) -> None:
        self._worker.kill()
        if self._thread.stopping.is_set() and not self._dropped.is_set():
            self._execute(RequeueJob(job_id=job.id))
        else:
            self._worker.start()

    def _apply(self, job: Job, outcome: Outcome) -> None:
        applied = ApplyJob(job_id=job.id, succeeded=outcome.succeeded, result=outcome.result, error=outcome.error)
        try:
            self._execute(applied)
        except Exception:
            log.exception("the result of job %s was not taken over", job.id)
            sentence = "The result could not be taken over. The server's log has the fault."
            self._execute(ApplyJob(job_id=job.id, succeeded=False, error=sentence))


def _turn(job: Job) -> tuple[bool, bool, datetime]:
    return job.kind not in AT_ONCE, job.kind in IN_SPARE_TIME, job.submitted_at
