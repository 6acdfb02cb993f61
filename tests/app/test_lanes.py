"""Matchings have a lane of their own: they wait for no other job, and their warm-up keeps none from running."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pretending
import pytest
from patience import until
from world import OPENS, World, plan

from app.jobs import JobRunner
from app.lanes import JobLanes, MatchingRunner, job_lanes
from app.worker import Message, Outcome, Worker
from domain import commands as c
from domain.flexibility.grids import Job
from domain.flexibility.market import GateKind
from domain.flexibility.rules import ClearingMode, PaymentRule
from domain.lifecycle import JobState
from domain.parties import SYSTEM

CONTINUOUS = {"clearing": ClearingMode.CONTINUOUS, "payment": PaymentRule.NODAL}


class Slow:
    """A worker in this process: notes what it is given, and answers when it is let."""

    def __init__(self) -> None:
        self.pid: int | None = None
        self.given: list[str] = []
        self.may_answer = True

    @property
    def alive(self) -> bool:
        return self.pid is not None

    def start(self) -> None:
        self.pid = self.pid or 7

    def send(self, kind: str, inputs: bytes) -> None:
        self.start()
        self.given.append(kind)

    def receive(self, timeout_s: float) -> Message | None:
        if self.may_answer:
            return Outcome(succeeded=False, error="No result.")
        time.sleep(0.01)
        return None

    def kill(self) -> None:
        self.pid = None


@pytest.fixture
def grid(world: World) -> World:
    """A region with a grid, whose needs job waits."""
    world.grid()
    return world


@pytest.fixture
def matcher() -> Slow:
    return Slow()


@pytest.fixture
def lanes(grid: World, matcher: Slow) -> Iterator[JobLanes]:
    def execute(command: c.Command) -> object:
        return grid.desk.execute(SYSTEM, command)

    rest = JobRunner(execute, grid.store.read, Worker(pretending.serve), takes=lambda kind: kind != "matching")
    made = JobLanes(MatchingRunner(execute, grid.store.read, matcher), rest)
    grid.bus.subscribe(made.on_events)
    yield made
    made.stop()


def opened(world: World) -> None:
    session = world.do("fmo", plan(**CONTINUOUS))
    world.at(OPENS)
    world.do("system", c.PassGate(gate_id=world.gate(session, GateKind.OPEN).id))


def state(world: World, kind: str) -> JobState:
    return world.only(Job, kind=kind).state


def test_without_a_continuous_session_nothing_is_compiled(grid: World, lanes: JobLanes, matcher: Slow) -> None:
    grid.do("fmo", plan())
    lanes.start()
    lanes.wake()
    until(lambda: state(grid, "needs") is not JobState.QUEUED, "the needs taken")
    assert (matcher.given, matcher.pid) == ([], None)
    assert lanes.alive


def test_while_the_matching_is_compiled_other_jobs_run_and_orders_wait(
    grid: World, lanes: JobLanes, matcher: Slow
) -> None:
    matcher.may_answer = False
    opened(grid)
    lanes.start()
    until(lambda: matcher.given == ["warm_up"], "compiling")
    until(lambda: state(grid, "needs") not in (JobState.QUEUED, JobState.RUNNING), "the needs computed meanwhile")
    assert state(grid, "matching") is JobState.QUEUED
    matcher.may_answer = True
    until(lambda: state(grid, "matching") is JobState.FAILED, "the order's turn")
    assert matcher.given == ["warm_up", "matching"], "once"
    matcher.pid = None
    lanes.wake()
    until(lambda: matcher.given[2:] == ["warm_up"], "a new process warms up anew")


def test_stopping_does_not_wait_for_the_compiler(grid: World, lanes: JobLanes, matcher: Slow) -> None:
    matcher.may_answer = False
    opened(grid)
    lanes.start()
    until(lambda: matcher.given == ["warm_up"], "compiling")
    began = time.monotonic()
    lanes.stop()
    assert time.monotonic() - began < 5
    assert not lanes.alive


def test_in_this_process_both_kinds_are_run(grid: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bytes:
        raise RuntimeError("no engine here")

    monkeypatch.setattr("app.bridge.work.run", broken)
    opened(grid)
    made = job_lanes(lambda command: grid.desk.execute(SYSTEM, command), grid.store.read)
    assert made.run_queued_inline() == 2
    assert {job.kind: job.state for job in grid.find(Job)} == dict.fromkeys(("needs", "matching"), JobState.FAILED)
