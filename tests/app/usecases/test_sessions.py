"""Sessions and their gates: planned, passed once, in order, and early only by the market operator."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from canned import cleared, publish
from world import CLOSES, DAY, OPENS, PUBLISHES, R2, START, World, at_noon, bid, flat, plan

from domain import commands as c
from domain import events as e
from domain.flexibility.grids import Job
from domain.flexibility.market import (
    Activation,
    Award,
    FlexOffer,
    FlexRequest,
    Gate,
    GateKind,
    MarketSession,
    PriceKind,
)
from domain.flexibility.rules import ClearingMode, ClearingRules, EnergyPricing, PaymentRule
from domain.ids import RegionId
from domain.lifecycle import AwardState, JobState, OfferState, RequestState, SessionState
from domain.parties import SYSTEM, Party, Role

HOUR = timedelta(hours=1)

BAD_PLANS: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "today": (
        {"delivery_day": DAY - timedelta(days=1)},
        [("deadline_passed", "delivery_day")],
    ),
    "beyond all calendars": ({"delivery_day": DAY.replace(year=9999)}, [("out_of_range", "delivery_day")]),
    "before all calendars": ({"delivery_day": DAY.replace(year=1)}, [("deadline_passed", "delivery_day")]),
    "closes before it opens": ({"opens_at": CLOSES}, [("out_of_range", "gate_closes_at")]),
    "closes in the past": (
        {"opens_at": START - 2 * HOUR, "gate_closes_at": START},
        [("deadline_passed", "gate_closes_at")],
    ),
    "publishes with the gate": ({"publishes_at": CLOSES}, [("out_of_range", "publishes_at")]),
    "publishes in the delivery day": (
        {"publishes_at": datetime.fromisoformat("2016-07-24T22:00:01+00:00")},
        [("out_of_range", "publishes_at")],
    ),
    "open for weeks": ({"opens_at": CLOSES - 8 * 24 * HOUR}, [("out_of_range", "opens_at")]),
    "no offset": (
        {"opens_at": OPENS.replace(tzinfo=None), "publishes_at": PUBLISHES.replace(tzinfo=None)},
        [("naive_time", "opens_at"), ("naive_time", "publishes_at")],
    ),
    "rules that do not go together": (
        {"clearing": ClearingMode.COPPERPLATE, "energy": EnergyPricing.PRICED},
        [("rules_conflict", "energy")],
    ),
    "unknown region": ({"region_id": RegionId("R9")}, [("not_found", "id")]),
}


@pytest.mark.parametrize("name", BAD_PLANS)
def test_bad_plans_are_refused_by_name(world: World, name: str) -> None:
    changes, findings = BAD_PLANS[name]
    assert world.codes("fmo", plan(**changes)) == findings
    assert world.find(MarketSession) == ()


def test_a_plan_makes_its_gates_and_is_the_days_only_one(world: World) -> None:
    session = world.do("fmo", plan())
    gates = sorted(world.find(Gate), key=lambda gate: gate.due_at)
    assert [(gate.kind.value, gate.due_at) for gate in gates] == [
        ("open", OPENS),
        ("interim", OPENS + HOUR),
        ("interim", OPENS + 2 * HOUR),
        ("close", CLOSES),
        ("publish", PUBLISHES),
    ]
    assert {gate.session_id for gate in gates} == {session.id}
    assert world.codes("fmo", plan()) == [("duplicate", "delivery_day")]
    assert world.codes("fmo", plan(region_id=R2)) == []


def nodal(session: MarketSession, **changes: Any) -> c.SetClearingRules:
    values = {"clearing": ClearingMode.NETWORK, "payment": PaymentRule.NODAL, "energy": EnergyPricing.PRICED}
    return c.SetClearingRules(session_id=session.id, **values | changes)


def test_rules_are_planned_changed_and_told_once(world: World) -> None:
    session = world.do("fmo", plan(clearing=ClearingMode.REQUESTS, payment=PaymentRule.VCG))
    assert session.rules == ClearingRules(clearing=ClearingMode.REQUESTS, payment=PaymentRule.VCG)
    changed = world.do("fmo", nodal(session))
    assert changed.rules == ClearingRules(payment=PaymentRule.NODAL, energy=EnergyPricing.PRICED)
    assert (changed.state, changed.version) == (SessionState.PLANNED, session.version + 1)
    assert world.do("fmo", nodal(session)) == changed
    (told,) = world.told(e.ClearingRulesSet)
    assert (told.session_id, told.payment, told.energy) == (session.id, PaymentRule.NODAL, EnergyPricing.PRICED)


def test_rules_stand_from_the_gate_on(world: World) -> None:
    world.grid()
    session = world.session()
    world.do("fmo", nodal(session, energy=EnergyPricing.IGNORED))
    world.at(CLOSES)
    assert world.codes("fmo", nodal(session, payment=PaymentRule.VCG)) == [("gate_closed", "session_id")]
    world.close(session)
    assert world.codes("fmo", nodal(session, payment=PaymentRule.VCG)) == [("wrong_state", "session_id")]
    assert world.only(MarketSession).payment is PaymentRule.NODAL


@pytest.mark.parametrize("who", ["dso1", "tso", "esp1", "agg1", "brp1", "system"])
def test_only_the_market_operator_sets_rules(world: World, who: str) -> None:
    assert world.codes(who, nodal(world.session())) == [("not_permitted", "")]


def test_priced_energy_needs_the_days_prices_and_takes_them_at_the_gate(world: World) -> None:
    world.grid()
    session = world.session()
    world.do("fmo", nodal(session))
    world.at(CLOSES)
    world.do("system", c.PassGate(gate_id=world.gate(session, GateKind.CLOSE).id))
    stuck = world.only(MarketSession)
    assert (stuck.state, stuck.job_id) == (SessionState.NOT_CLEARED, None)
    assert "25.07.2016 has no day-ahead prices yet" in stuck.reason
    for kind, price in ((PriceKind.BALANCING, "99.00"), (PriceKind.DAY_AHEAD, "-4.25")):
        prices = c.UploadPrices(kind=kind, delivery_day=DAY, price_eur_per_mwh=flat(price), source="CSV")
        world.do("fmo", prices)
    world.do("fmo", c.RetryClearing(session_id=session.id))
    case = json.loads(world.only(Job, session_id=session.id).inputs)
    assert set(case["coupling_price_eur_per_mwh"]) == {-4.25}
    assert case["options"]["payment"] == "nodal"
    assert case["options"]["energy"] == "priced"


def test_the_market_passes_no_gate_before_it_is_due_and_none_twice(world: World) -> None:
    session = world.session(opened=False)
    opening = c.PassGate(gate_id=world.gate(session, GateKind.OPEN).id)
    world.at(OPENS - timedelta(microseconds=1))
    assert world.codes("system", opening) == [("wrong_state", "gate_id")]
    world.at(OPENS)
    assert world.codes("system", opening) == []
    assert world.only(MarketSession).state is SessionState.OPEN
    assert world.codes("system", opening) == [("wrong_state", "gate_id")]
    assert len(world.told(e.SessionOpened)) == 1


def test_the_operator_passes_only_the_next_gate_early(world: World) -> None:
    world.grid()
    session = world.session(opened=False)
    kinds = (GateKind.OPEN, GateKind.INTERIM, GateKind.CLOSE, GateKind.PUBLISH)
    opening, interim, closing, publishing = (c.PassGate(gate_id=world.gate(session, kind).id) for kind in kinds)
    for command in (interim, closing, publishing):
        assert world.codes("fmo", command) == [("wrong_state", "gate_id")]
    assert world.codes("fmo", opening) == []
    asset = world.asset()
    assert world.codes("esp1", bid(session, [(asset.id, at_noon("1"))])) == []
    assert world.codes("fmo", publishing) == [("wrong_state", "gate_id")]
    assert world.codes("fmo", closing) == []
    assert world.only(MarketSession).state is SessionState.CLEARING
    assert world.codes("fmo", publishing) == [("wrong_state", "gate_id")]
    assert all(gate.done for gate in world.find(Gate, kind=GateKind.INTERIM))
    with cleared():
        world.run(world.only(Job, session_id=session.id), lambda *_: b"")
    assert world.codes("fmo", publishing) == []
    assert world.only(MarketSession).state is SessionState.PUBLISHED


def test_the_interim_gate_reports_what_is_there(world: World) -> None:
    world.grid()
    session = world.session()
    world.request(session)
    world.request(session)
    world.offer("esp1", session, world.asset(), "1")
    world.at(OPENS + HOUR)
    interim = c.PassGate(gate_id=world.gate(session, GateKind.INTERIM).id)
    world.do("system", interim)
    assert world.codes("system", interim) == [("wrong_state", "gate_id")]
    (report,) = world.told(e.SessionStatusReported)
    assert (report.n_requests, report.n_offers) == (2, 1)


def test_status_reports_that_are_late_are_one_report(world: World) -> None:
    world.do("fmo", plan(opens_at=START - timedelta(days=2)))
    world.do("fmo", plan(region_id=R2))
    world.at(CLOSES - HOUR / 2)
    gates = sorted(world.find(Gate, done=False), key=lambda gate: gate.due_at)
    due = [gate for gate in gates if gate.due_at <= CLOSES - HOUR / 2]
    assert len(due) > 50
    taken = [gate.kind for gate in due if not world.codes("system", c.PassGate(gate_id=gate.id))]
    assert sorted(taken) == ["interim", "interim", "open", "open"]
    assert [report.region_id for report in world.told(e.SessionStatusReported)] == ["R1", "R2"]
    assert {gate.kind for gate in world.find(Gate, done=False)} == {GateKind.CLOSE, GateKind.PUBLISH}


def test_a_report_leaves_the_later_ones_to_their_time(world: World) -> None:
    session = world.session()
    world.at(OPENS + HOUR)
    world.do("system", c.PassGate(gate_id=world.gate(session, GateKind.INTERIM).id))
    (later,) = world.find(Gate, kind=GateKind.INTERIM, done=False)
    assert later.due_at == OPENS + 2 * HOUR


def test_closing_locks_and_stores_the_case_in_one_step(world: World) -> None:
    world.grid()
    session = world.session()
    request = world.request(session)
    taken_back = world.request(session)
    world.do("dso1", c.WithdrawRequest(request_id=taken_back.id))
    offer = world.offer("esp1", session, world.asset(), "1")
    job = world.close(session)
    assert world.only(MarketSession).job_id == job.id
    assert (job.kind, job.owner_id, job.delivery_day) == ("clearing", "fmo", DAY)
    assert offer.id.encode() in job.inputs
    assert request.id.encode() in job.inputs
    assert taken_back.id.encode() not in job.inputs
    assert world.only(FlexOffer).state is OfferState.LOCKED
    assert world.only(FlexRequest, id=request.id).state is RequestState.CLOSED
    assert world.only(FlexRequest, id=taken_back.id).state is RequestState.WITHDRAWN
    assert world.told(e.GateClosed)[0].n_offers == 1
    assert world.codes("esp1", c.WithdrawOffer(offer_id=offer.id)) == [("gate_closed", "session_id")]


def test_an_offer_whose_asset_was_refused_does_not_enter_the_clearing(world: World) -> None:
    world.grid()
    session = world.session()
    good, bad = world.asset(), world.asset("esp1", "PV-2")
    mixed = world.do("esp1", bid(session, [(good.id, at_noon("1")), (bad.id, at_noon("1"))]))
    stands = world.offer("esp1", session, good, "1")
    world.do("dso1", c.RefuseAsset(asset_id=bad.id, reason="Out of order."))
    job = world.close(session)
    assert world.only(FlexOffer, id=mixed.id).state is OfferState.REJECTED
    assert world.only(FlexOffer, id=stands.id).state is OfferState.LOCKED
    assert mixed.id.encode() not in job.inputs
    assert world.told(e.GateClosed)[0].n_offers == 1


def test_a_session_without_a_grid_closes_and_says_why(world: World) -> None:
    session = world.session()
    world.at(CLOSES)
    world.do("system", c.PassGate(gate_id=world.gate(session, GateKind.CLOSE).id))
    closed = world.only(MarketSession)
    assert closed.state is SessionState.NOT_CLEARED
    assert "no network" in closed.reason
    assert world.find(Job) == ()
    assert [event.reason for event in world.told(e.ClearingFailed)] == [closed.reason]


def test_a_session_without_a_market_operator_closes_and_says_why(world: World) -> None:
    world.grid()
    session = world.session()
    with world.store.write(SYSTEM, plan()) as uow:
        uow.save(replace(uow.get(Party, "fmo"), role=Role.CUSTOMER))
    world.at(CLOSES)
    world.do("system", c.PassGate(gate_id=world.gate(session, GateKind.CLOSE).id))
    closed = world.only(MarketSession)
    assert (closed.state, closed.reason) == (SessionState.NOT_CLEARED, "There is no market operator to clear it.")


def test_publication_waits_for_a_running_clearing(world: World) -> None:
    world.grid()
    session = world.session()
    world.offer("esp1", session, world.asset(), "1")
    job = world.close(session)
    world.at(PUBLISHES)
    publishing = c.PassGate(gate_id=world.gate(session, GateKind.PUBLISH).id)
    assert world.codes("system", publishing) == [("wrong_state", "gate_id")]
    with cleared():
        world.run(job, lambda *_: b"")
    assert {award.state for award in world.find(Award)} == {AwardState.PROVISIONAL}
    assert world.find(Activation) == ()
    assert world.codes("system", publishing) == []
    assert {award.state for award in world.find(Award)} == {AwardState.PUBLISHED}
    assert len(world.find(Activation)) == 1
    assert world.codes("system", publishing) == [("wrong_state", "gate_id")]
    assert len(world.find(Activation)) == 1


def test_publication_without_a_result_is_missed_once_and_comes_after_a_retry(world: World) -> None:
    world.grid()
    session = world.session()
    world.offer("esp1", session, world.asset(), "1")
    world.do("fmo", c.CancelJob(job_id=world.close(session).id))
    publish(world, session)
    assert [event.reason for event in world.told(e.PublicationMissed)] == ["The clearing was cancelled."]
    assert world.only(MarketSession).state is SessionState.NOT_CLEARED
    world.do("fmo", c.RetryClearing(session_id=session.id))
    (later,) = world.find(Gate, kind=GateKind.PUBLISH, done=False)
    with cleared():
        world.run(world.only(Job, session_id=session.id, state=JobState.QUEUED), lambda *_: b"")
    world.do("system", c.PassGate(gate_id=later.id))
    assert world.only(MarketSession).state is SessionState.PUBLISHED


def test_the_operator_does_not_publish_nothing_early(world: World) -> None:
    world.grid()
    session = world.session()
    world.do("fmo", c.CancelJob(job_id=world.close(session).id))
    publishing = c.PassGate(gate_id=world.gate(session, GateKind.PUBLISH).id)
    assert world.codes("fmo", publishing) == [("wrong_state", "gate_id")]
