"""The runner and its worker process: order, progress, cancelling, crashes, restarts."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import timedelta

import pretending
import pytest
from canned import cleared, payload_of
from patience import PATIENCE_S, until
from world import DAY, R1, World

from app import jobs as runner_module
from app.jobs import JobRunner
from app.worker import Outcome, Worker, attempt
from domain import commands as c
from domain import events as e
from domain.flexibility.grids import GridState, Job
from domain.ids import JobId, PartyId
from domain.lifecycle import JobState
from domain.parties import SYSTEM


@pytest.fixture
def grid(world: World) -> World:
    """A region with a grid, its own needs job done."""
    world.grid()
    with cleared():
        world.run(world.only(Job), lambda *_: b"first")
        yield world


def put(world: World, name: str, inputs: bytes, state: JobState = JobState.QUEUED, age_s: int = 0) -> JobId:
    job = Job(
        id=JobId(name),
        kind="needs",
        owner_id=PartyId("dso1"),
        region_id=R1,
        delivery_day=DAY,
        session_id=None,
        submitted_at=world.wall() - timedelta(seconds=age_s),
        inputs=inputs,
        state=state,
    )
    with world.store.write(SYSTEM, c.StartJob(job_id=job.id)) as uow:
        uow.add(job)
        uow.record(e.JobChanged(job_id=job.id, region_id=R1, state=state.value))
    return job.id


def state(world: World, job_id: JobId) -> JobState:
    return world.only(Job, id=job_id).state  # type: ignore[no-any-return]


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker(pretending.serve)
    yield made
    made.kill()


@pytest.fixture
def runner(grid: World, worker: Worker) -> Iterator[JobRunner]:
    made = JobRunner(lambda command: grid.desk.execute(SYSTEM, command), grid.store.read, worker)
    grid.bus.subscribe(made.on_events)
    yield made
    made.stop()


def test_queued_jobs_are_done_oldest_first(grid: World, runner: JobRunner) -> None:
    young, old = put(grid, "JB-1", b"abc"), put(grid, "JB-2", b"xyz", age_s=60)
    runner.start()
    until(lambda: state(grid, young) is JobState.DONE, "both done")
    assert grid.only(Job, id=old).result == b"zyx"
    running = [t.job_id for t in grid.told(e.JobChanged) if t.state == "running"]
    assert running[-2:] == [old, young]


def test_a_job_queued_later_is_taken_at_once(grid: World, runner: JobRunner) -> None:
    runner.start()
    job = put(grid, "JB-1", b"abc")
    until(lambda: state(grid, job) is JobState.DONE, "done without a poll")
    assert grid.only(GridState).payload == payload_of(b"cba")


def test_the_worker_computes_with_one_thread_and_the_server_keeps_its_own(worker: Worker) -> None:
    before = dict(os.environ)
    worker.send("needs", b"threads")
    outcome = worker.receive(PATIENCE_S)
    assert isinstance(outcome, Outcome)
    assert outcome.result == b"1,1,1,1,1"
    assert dict(os.environ) == before


def test_a_failure_is_told_with_its_reason(grid: World, runner: JobRunner) -> None:
    job = put(grid, "JB-1", b"fail")
    runner.start()
    until(lambda: state(grid, job) is JobState.FAILED, "failed")
    assert grid.only(Job, id=job).error == "The power flow has no solution."


def test_progress_is_stored_now_and_then(grid: World, runner: JobRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner_module, "REPORT_EVERY_S", 0.3)
    job = put(grid, "JB-1", b"slow")
    runner.start()
    until(lambda: grid.only(Job, id=job).progress > 0, "some progress")
    assert grid.only(Job, id=job).stage == "clearing"
    started = time.monotonic()
    before = grid.only(Job, id=job).version
    until(lambda: grid.only(Job, id=job).version >= before + 2, "more progress")
    assert time.monotonic() - started > 0.3


def test_cancelling_ends_the_work_and_the_next_job_runs_in_a_new_process(
    grid: World, runner: JobRunner, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner_module, "REPORT_EVERY_S", 1e9)
    slow = put(grid, "JB-1", b"slow", age_s=60)
    runner.start()
    until(lambda: state(grid, slow) is JobState.RUNNING, "running")
    pid = worker.pid
    next_one = put(grid, "JB-2", b"abc")
    grid.do("fmo", c.CancelJob(job_id=slow))
    until(lambda: state(grid, next_one) is JobState.DONE, "the next one done")
    assert state(grid, slow) is JobState.CANCELLED
    assert worker.pid != pid


def test_cancelling_is_noticed_without_the_bus(
    grid: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner_module, "REPORT_EVERY_S", 0.05)
    deaf = JobRunner(lambda command: grid.desk.execute(SYSTEM, command), grid.store.read, worker)
    slow, next_one = put(grid, "JB-1", b"slow", age_s=60), put(grid, "JB-2", b"abc")
    deaf.start()
    until(lambda: state(grid, slow) is JobState.RUNNING, "running")
    grid.do("fmo", c.CancelJob(job_id=slow))
    until(lambda: state(grid, next_one) is JobState.DONE, "the next one done")
    deaf.stop()


def test_a_crash_fails_the_job_and_the_next_one_runs(grid: World, runner: JobRunner) -> None:
    crash, next_one = put(grid, "JB-1", b"crash", age_s=60), put(grid, "JB-2", b"abc")
    runner.start()
    until(lambda: state(grid, next_one) is JobState.DONE, "the next one done")
    assert state(grid, crash) is JobState.FAILED
    assert grid.only(Job, id=crash).error == "The worker process ended unexpectedly."


def test_what_a_killed_server_left_running_is_done_after_the_next_start(grid: World, runner: JobRunner) -> None:
    left = put(grid, "JB-1", b"abc", JobState.RUNNING)
    runner.start()
    until(lambda: state(grid, left) is JobState.DONE, "done after all")


def test_stopping_in_mid_work_queues_the_job_again_and_ends_the_process(
    grid: World, runner: JobRunner, worker: Worker
) -> None:
    slow = put(grid, "JB-1", b"slow")
    runner.start()
    until(lambda: state(grid, slow) is JobState.RUNNING, "running")
    pid = worker.pid
    assert pid is not None
    runner.stop()
    assert state(grid, slow) is JobState.QUEUED
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_result_that_cannot_be_taken_over_fails_the_job(
    grid: World, runner: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_result: bytes) -> bytes:
        raise ValueError("no state")

    monkeypatch.setattr("app.bridge.states.before_from", broken)
    job = put(grid, "JB-1", b"abc")
    runner.start()
    until(lambda: state(grid, job) is JobState.FAILED, "failed")
    assert grid.only(Job, id=job).error == "The result could not be taken over. The server's log has the fault."


def test_what_goes_wrong_around_the_worker_fails_that_job_only(
    grid: World, runner: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> bool:
        raise RuntimeError("progress cannot be stored")

    monkeypatch.setattr(runner_module, "REPORT_EVERY_S", 0.05)
    monkeypatch.setattr(runner, "_report", broken)
    slow, next_one = put(grid, "JB-1", b"slow", age_s=60), put(grid, "JB-2", b"abc")
    runner.start()
    until(lambda: state(grid, next_one) is JobState.DONE, "the next one done")
    assert state(grid, slow) is JobState.FAILED


def test_a_job_left_running_by_a_stumble_is_taken_up_at_the_next_poll(
    grid: World, runner: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply, stumbles = runner._apply, iter([True])

    def once_broken(job: Job, outcome: Outcome) -> None:
        if next(stumbles, False):
            raise OSError("database away")
        apply(job, outcome)

    monkeypatch.setattr(runner, "_apply", once_broken)
    job = put(grid, "JB-1", b"abc")
    runner.start()
    until(lambda: runner.wake() or state(grid, job) is JobState.DONE, "done at the second try")


def test_the_real_worker_computes_the_needs(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner_module, "REPORT_EVERY_S", 0.0)
    world.grid()
    runner = JobRunner(lambda command: world.desk.execute(SYSTEM, command), world.store.read)
    runner.start()
    try:
        until(lambda: world.only(Job).state is JobState.DONE, "the needs computed")
    finally:
        runner.stop()
    assert world.told(e.GridStateComputed)[0].n_needs > 0


def test_without_a_server_jobs_run_in_this_process(world: World) -> None:
    world.grid()
    runner = JobRunner(lambda command: world.desk.execute(SYSTEM, command), world.store.read)
    assert runner.run_queued_inline() == 1
    assert world.only(Job).state is JobState.DONE
    assert runner.run_queued_inline() == 0


def test_an_unforeseen_fault_is_told_without_its_inner_text(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> bytes:
        raise KeyError("secret path /x")

    monkeypatch.setattr("app.bridge.work.run", broken)
    outcome = attempt("needs", b"")
    assert outcome.error == "The computation failed. The server's log has the fault."
    assert "secret path /x" in caplog.text
