"""Results are taken over once, for the session's present clearing only; cancelling and trying again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from canned import cleared, payload_of, publish
from world import DAY, N_STEPS, NOON, R1, World, at_noon, bid, flat, schedule

from domain import commands as c
from domain import events as e
from domain.flexibility.assets import Direction
from domain.flexibility.grids import GridState, Job
from domain.flexibility.market import Activation, Award, FlexOffer, FlexRequest, MarketSession
from domain.lifecycle import JobState, OfferState, RequestState, SessionState
from domain.parties import SYSTEM


@pytest.fixture
def closed(world: World) -> tuple[World, MarketSession, Job]:
    """A session being cleared with a request and an offer of two plants."""
    world.grid()
    session = world.session()
    world.request(session)
    lines = [(world.asset("esp1", unit).id, at_noon(mw)) for unit, mw in (("PV-1", "3"), ("PV-2", "1"))]
    world.do("esp1", bid(session, lines))
    return world, session, world.close(session)


def result(*_: object) -> bytes:
    return b"result"


@pytest.mark.parametrize(
    ("share", "offer", "n_awards"),
    [("1", OfferState.ACCEPTED, 2), ("0.5", OfferState.PARTLY_ACCEPTED, 2), ("0", OfferState.REJECTED, 0)],
)
def test_offers_become_what_was_accepted_of_them(
    closed: tuple[World, MarketSession, Job], share: str, offer: OfferState, n_awards: int
) -> None:
    world, session, job = closed
    with cleared(share):
        world.run(job, result)
    assert world.only(FlexOffer).state is offer
    assert len(world.find(Award)) == n_awards
    assert world.only(MarketSession).state is SessionState.CLEARED
    assert world.told(e.SessionCleared)[0].n_awards == n_awards
    assert world.only(GridState, session_id=session.id).payload == payload_of(b"result")
    assert world.only(Job, id=job.id).result == b"result"


@pytest.mark.parametrize(("unmet", "state"), [("0", RequestState.MET), ("0.25", RequestState.UNMET)])
def test_requests_are_met_or_keep_what_is_missing(
    closed: tuple[World, MarketSession, Job], unmet: str, state: RequestState
) -> None:
    world, _, job = closed
    with cleared(unmet=unmet):
        world.run(job, result)
    request = world.only(FlexRequest)
    assert request.state is state
    assert str(request.unmet_mw[0].normalize()) == unmet
    assert len(request.unmet_mw) == N_STEPS


def test_a_request_that_nobody_had_to_serve_is_not_called_met(closed: tuple[World, MarketSession, Job]) -> None:
    world, _, job = closed
    with cleared("0"):
        world.run(job, result)
    assert world.only(FlexRequest).state is RequestState.NOT_NEEDED


@pytest.mark.parametrize(
    "elsewhere", [{"quantity_mw": at_noon("1", NOON + 1)}, {"direction": Direction.UP}], ids=["step", "direction"]
)
def test_awards_of_other_quarter_hours_or_directions_do_not_meet_a_request(
    world: World, elsewhere: dict[str, object]
) -> None:
    world.grid()
    session = world.session()
    served, other = world.request(session), world.request(session, **elsewhere)
    world.offer("esp1", session, world.asset(), "1")
    with cleared():
        world.run(world.close(session), result)
    states = {request.id: request.state for request in world.find(FlexRequest)}
    assert states == {served.id: RequestState.MET, other.id: RequestState.NOT_NEEDED}


def test_not_cleared_keeps_the_book_for_another_try(closed: tuple[World, MarketSession, Job]) -> None:
    world, session, job = closed
    with cleared(status="not_cleared", reason="power_flow_diverged"):
        world.run(job, result)
    failed = world.only(MarketSession)
    assert (failed.state, failed.reason) == (
        SessionState.NOT_CLEARED,
        "The AC power flow of the schedules has no solution.",
    )
    assert world.find(Award) == ()
    assert world.only(FlexOffer).state is OfferState.LOCKED
    again = world.do("fmo", c.RetryClearing(session_id=session.id))
    assert (again.state, again.reason) == (SessionState.CLEARING, "")
    assert again.job_id != job.id
    retried = world.only(Job, id=again.job_id)
    assert retried.inputs == job.inputs
    with cleared():
        world.run(retried, result)
    assert world.only(MarketSession).state is SessionState.CLEARED


def test_a_failed_job_says_why_at_the_session(closed: tuple[World, MarketSession, Job]) -> None:
    world, _, job = closed
    world.do("system", c.StartJob(job_id=job.id))
    world.do("system", c.ApplyJob(job_id=job.id, succeeded=False, error="The worker process ended."))
    assert world.only(Job, id=job.id).state is JobState.FAILED
    assert world.only(MarketSession).reason == "The worker process ended."


@pytest.mark.parametrize("running", [False, True])
def test_a_cancelled_clearing_leaves_its_session_uncleared_and_drops_its_result(
    closed: tuple[World, MarketSession, Job], running: bool
) -> None:
    world, _, job = closed
    if running:
        world.do("system", c.StartJob(job_id=job.id))
    for who in ("dso1", "esp1"):
        assert world.codes(who, c.CancelJob(job_id=job.id)) == [("not_yours", "job_id")]
    world.do("fmo", c.CancelJob(job_id=job.id))
    session = world.only(MarketSession)
    assert (session.state, session.reason) == (SessionState.NOT_CLEARED, "The clearing was cancelled.")
    with cleared():
        world.do("system", c.ApplyJob(job_id=job.id, succeeded=True, result=b"late"))
    assert world.only(Job, id=job.id).state is JobState.CANCELLED
    assert world.only(MarketSession) == session
    assert world.find(Award) == ()
    assert world.codes("fmo", c.CancelJob(job_id=job.id)) == [("wrong_state", "job_id")]


def test_a_result_is_taken_over_once(closed: tuple[World, MarketSession, Job]) -> None:
    world, _, job = closed
    with cleared():
        world.run(job, result)
        awards = world.find(Award)
        world.do("system", c.ApplyJob(job_id=job.id, succeeded=True, result=b"again"))
    assert world.find(Award) == awards
    assert len(world.told(e.SessionCleared)) == 1


def test_the_result_of_an_older_clearing_is_dropped(closed: tuple[World, MarketSession, Job]) -> None:
    world, session, job = closed
    world.do("system", c.StartJob(job_id=job.id))
    with world.store.write(SYSTEM, c.StartJob(job_id=job.id)) as uow:
        uow.save(replace(uow.get(MarketSession, session.id), job_id=None))
    with cleared():
        world.do("system", c.ApplyJob(job_id=job.id, succeeded=True, result=b"old"))
    assert world.find(Award) == ()
    assert world.only(MarketSession).state is SessionState.CLEARING


def test_a_running_clearing_keeps_its_inputs(closed: tuple[World, MarketSession, Job]) -> None:
    world, session, job = closed
    upload = c.UploadSchedules(region_id=R1, delivery_day=DAY, document=schedule(pv_mw=1.0))
    assert world.codes("dso1", upload) == [("gate_closed", "delivery_day")]
    with cleared():
        world.run(job, result)
    assert world.codes("dso1", upload) == [("gate_closed", "delivery_day")]
    assert world.codes("fmo", c.RetryClearing(session_id=session.id)) == [("wrong_state", "session_id")]


def test_no_retry_once_the_delivery_day_has_started(closed: tuple[World, MarketSession, Job]) -> None:
    world, session, job = closed
    world.do("fmo", c.CancelJob(job_id=job.id))
    world.at(session.publishes_at + timedelta(hours=12))
    assert world.codes("fmo", c.RetryClearing(session_id=session.id)) == [("deadline_passed", "session_id")]


def test_a_plants_answer_to_a_call_is_given_once_and_in_time(closed: tuple[World, MarketSession, Job]) -> None:
    world, session, job = closed
    with cleared():
        world.run(job, result)
    publish(world, session)
    first, second = world.find(Activation)
    assert {call.p_mw[NOON] for call in (first, second)} == {-3, -1}
    assert first.p_mw[0] == flat("0")[0]
    world.do("esp1", c.AcknowledgeActivation(activation_id=first.id))
    again = c.RefuseActivation(activation_id=first.id, reason="Changed my mind.")
    assert world.codes("esp1", again) == [("wrong_state", "activation_id")]
    world.at(session.publishes_at + timedelta(days=3))
    late = c.AcknowledgeActivation(activation_id=second.id)
    assert world.codes("esp1", late) == [("deadline_passed", "activation_id")]
