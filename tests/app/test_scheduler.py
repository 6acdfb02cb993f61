"""The poll: due gates in order and once, also with two schedulers and across a restart."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from canned import cleared
from world import CLOSES, OPENS, PUBLISHES, R2, WHO, World, plan

from app.bus import Bus
from app.desk import Desk
from app.jobs import JobRunner
from app.outbox import Dispatcher
from app.persistence import Store, open_store
from app.queries import HANDLERS
from app.scheduler import Scheduler, due_gates
from app.worker import Worker
from domain import commands as c
from domain import events as e
from domain.flexibility.grids import Job
from domain.flexibility.market import FlexOffer, Gate, GateKind, MarketSession
from domain.lifecycle import JobState, OfferState, SessionState
from domain.notifications import Notification
from domain.parties import SYSTEM

PATIENCE_S = 10.0


class NoJobs(JobRunner):
    """A runner that leaves all jobs in the queue."""

    def __init__(self) -> None:
        self.n_wakes = 0

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def wake(self) -> None:
        self.n_wakes += 1


def scheduler(store: Store, bus: Bus, jobs: JobRunner | None = None, poll_seconds: float = 1.0) -> Scheduler:
    return Scheduler(
        desk=Desk(store.write, store.read, HANDLERS),
        read=store.read,
        dispatcher=Dispatcher(store.dispatch, bus.publish),
        jobs=jobs or NoJobs(),
        poll_seconds=poll_seconds,
    )


def test_after_a_jump_all_due_gates_pass_in_their_order(world: World) -> None:
    world.grid()
    world.do("fmo", plan())
    world.do("fmo", plan(region_id=R2))
    world.at(CLOSES)
    assert scheduler(world.store, world.bus).pass_due_gates() == 6
    passed = [(t.kind, t.region_id) for t in world.told(e.GatePassed)]
    kinds = [kind for kind, _ in passed]
    assert kinds == sorted(kinds, key=list(GateKind).index)
    assert {s.region_id: s.state for s in world.find(MarketSession)} == {
        "R1": SessionState.CLEARING,
        "R2": SessionState.NOT_CLEARED,
    }


def test_a_gate_that_waits_for_its_result_is_tried_again(world: World) -> None:
    world.grid()
    session = world.session()
    poll = scheduler(world.store, world.bus)
    world.at(PUBLISHES)
    poll.pass_due_gates()
    assert [gate.kind for gate in due_gates(world.store.read)] == [GateKind.PUBLISH]
    assert poll.pass_due_gates() == 0
    with cleared():
        world.run(world.only(Job, session_id=session.id), lambda *_: b"")
    assert poll.pass_due_gates() == 1
    assert world.only(MarketSession).state is SessionState.PUBLISHED
    assert due_gates(world.store.read) == []


def test_a_gate_that_fails_does_not_keep_the_others_from_passing(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = world.do("fmo", plan()), world.do("fmo", plan(region_id=R2))
    world.at(OPENS)
    poll = scheduler(world.store, world.bus)
    execute = Desk.execute

    def broken(desk: Desk, principal: object, command: c.PassGate) -> object:
        if world.only(Gate, id=command.gate_id).session_id == first.id:
            raise RuntimeError("disk full")
        return execute(desk, principal, command)  # type: ignore[arg-type]

    monkeypatch.setattr(Desk, "execute", broken)
    assert poll.pass_due_gates() == 1
    assert world.only(MarketSession, id=second.id).state is SessionState.OPEN
    assert "could not be passed" in caplog.text


def test_two_schedulers_on_one_database_close_a_gate_once(world: World) -> None:
    world.grid()
    session = world.session()
    world.offer("esp1", session, world.asset(), "1")
    world.at(CLOSES)
    with open_store(_url(world), wall_clock=world.wall, on_commit=world.bus.publish) as other:
        polls = [scheduler(store, world.bus) for store in (world.store, other)]
        start = threading.Barrier(2)
        n_passed: list[int] = []

        def run(poll: Scheduler) -> None:
            start.wait()
            n_passed.append(poll.pass_due_gates())

        threads = [threading.Thread(target=run, args=(poll,)) for poll in polls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sum(n_passed) == 2
    assert len(world.find(Job, session_id=session.id)) == 1
    assert len(world.told(e.GateClosed)) == 1
    assert world.only(FlexOffer).state is OfferState.LOCKED


def _url(world: World) -> str:
    with world.store.snapshot() as connection:
        path = connection.exec_driver_sql("PRAGMA database_list").fetchone()
    assert path is not None
    return f"sqlite:///{path[2]}"


def test_a_restart_across_a_gate_closes_it_once(world: World) -> None:
    world.grid()
    session = world.session()
    scheduler(world.store, world.bus).poll()
    url = _url(world)
    world.store.close()
    world.wall.now = world.wall.now.replace(year=2027)
    for _ in range(2):
        with open_store(url, wall_clock=world.wall, on_commit=world.bus.publish) as restarted:
            with restarted.write(SYSTEM, plan()) as uow:
                uow.set_clock(uow.clock().moved(uow.wall, CLOSES))
            scheduler(restarted, world.bus).poll()
            with restarted.read() as uow:
                (job,) = uow.find(Job, session_id=session.id)
                assert job.state is JobState.QUEUED
                assert uow.get(MarketSession, session.id).state is SessionState.CLEARING
    assert len(world.told(e.GateClosed)) == 1


@pytest.fixture
def beating(world: World) -> Iterator[World]:
    """The scheduler as the server runs it, at a quick beat."""
    world.grid()
    world.do("fmo", plan())
    jobs = JobRunner(lambda command: world.desk.execute(SYSTEM, command), world.store.read, Worker(_idle))
    made = scheduler(world.store, world.bus, jobs, poll_seconds=0.05)
    made.start()
    yield world
    made.stop()
    assert not [t for t in threading.enumerate() if t.name.startswith(("APScheduler", "flexdesk"))]


def _idle(pipe: object) -> None:
    time.sleep(60)


def test_a_moved_clock_passes_its_gate_and_people_hear_of_it(beating: World) -> None:
    (opening,) = beating.find(Gate, kind=GateKind.OPEN)
    beating.desk.execute(WHO["fmo"], c.MoveToGate(gate_id=opening.id))
    end = time.monotonic() + PATIENCE_S
    while not beating.told(e.Notified):
        assert time.monotonic() < end
        time.sleep(0.01)
    while not beating.find(Notification, event="SessionOpened"):
        assert time.monotonic() < end
        time.sleep(0.01)
    assert beating.only(MarketSession).state is SessionState.OPEN


def test_the_poll_wakes_the_runner_even_when_a_step_fails(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = NoJobs()
    poll = scheduler(world.store, world.bus, jobs)

    def broken() -> int:
        raise RuntimeError("database away")

    monkeypatch.setattr(poll, "pass_due_gates", broken)
    poll.poll()
    assert jobs.n_wakes == 1
