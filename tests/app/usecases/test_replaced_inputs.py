"""Networks and schedules replaced after others have built on them: offers, needs, results, other days."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from canned import publish
from world import CLOSES, DAY, NOON, OPENS, R1, UNITS, WHO, World, at_noon, bid, network, schedule

from app.bridge import work
from app.outbox import Dispatcher
from app.queries import models as q
from domain import commands as c
from domain import events as e
from domain.flexibility.grids import GridState, Job, Network, Schedule
from domain.flexibility.market import FlexOffer, GateKind, MarketSession
from domain.lifecycle import JobState, OfferState, SessionState
from domain.notifications import Notification

NEXT_DAY = DAY + timedelta(days=1)
MORE = (*UNITS, {"id": "PV-9", "bus": "2", "kind": "generator", "type": "pv", "p_max_mw": 1.0})
FEWER = tuple(unit for unit in UNITS if unit["id"] != "LD-2")


def schedules(document: str, day: object = DAY) -> c.UploadSchedules:
    return c.UploadSchedules(region_id=R1, delivery_day=day, document=document)  # type: ignore[arg-type]


def rebuilt(units: object) -> c.UploadNetwork:
    return c.UploadNetwork(region_id=R1, document=network(units=units))


def schedule_for(units: object) -> str:
    """The day's file with the rows of these units."""
    header, *rows = schedule().splitlines()
    by_unit = {row.split(",")[0]: row for row in rows}
    zeros = ",".join(["0"] * 96)
    names = [str(unit["id"]) for unit in units]  # type: ignore[attr-defined]
    return "\n".join([header, *(by_unit.get(name, f"{name},p_mw,{zeros}") for name in names)]) + "\n"


def grid_of(world: World, who: str = "dso1") -> q.GridView:
    view = world.desk.query(WHO[who], q.GetGrid(region_id=R1, delivery_day=DAY))
    assert view is not None
    return view


def compute(world: World) -> None:
    for job in world.find(Job, kind="needs", state=JobState.QUEUED):
        world.run(job, work.run)


# -- offers at the gate -----------------------------------------------------------------------------------


def test_offers_beyond_lowered_schedules_do_not_enter_the_clearing(world: World) -> None:
    world.grid()
    session = world.session()
    asset, other = world.asset(), world.asset("esp2", "PV-2")
    first = world.offer("esp1", session, asset, "2")
    world.at(OPENS + timedelta(minutes=1))
    second = world.offer("esp1", session, asset, "1.5")
    world.at(OPENS + timedelta(minutes=2))
    third = world.offer("esp1", session, asset, "0.5")
    rival = world.offer("esp2", session, other, "2")
    world.do("dso1", schedules(schedule(pv_mw=2.5)))
    job = world.close(session)
    states = {offer.id: offer.state for offer in world.find(FlexOffer)}
    assert states == {
        first.id: OfferState.LOCKED,
        second.id: OfferState.REJECTED,
        third.id: OfferState.LOCKED,
        rival.id: OfferState.LOCKED,
    }
    assert second.id.encode() not in job.inputs
    assert third.id.encode() in job.inputs
    assert world.told(e.GateClosed)[0].n_offers == 3


def test_an_offer_of_several_assets_falls_with_one_of_them_and_takes_nothing(world: World) -> None:
    world.grid()
    session = world.session()
    asset, other = world.asset(), world.asset("esp1", "PV-2")
    both = world.do("esp1", bid(session, [(other.id, at_noon("2")), (asset.id, at_noon("3"))]))
    world.do("dso1", schedules(schedule(pv_mw=1.0)))
    world.do("esp1", c.WithdrawOffer(offer_id=both.id))
    world.do("dso1", schedules(schedule()))
    both = world.do("esp1", bid(session, [(other.id, at_noon("1.5")), (asset.id, at_noon("3"))]))
    world.at(OPENS + timedelta(minutes=1))
    later = world.offer("esp1", session, other, "0.5")
    world.do("dso1", schedules(schedule(pv_mw=1.0)))
    world.close(session)
    assert world.only(FlexOffer, id=both.id).state is OfferState.REJECTED
    assert world.only(FlexOffer, id=later.id).state is OfferState.LOCKED


def test_an_offer_of_a_unit_that_is_gone_does_not_hold_up_the_gate(world: World) -> None:
    world.grid()
    session, asset = world.session(), world.asset("esp1", "PV-3")
    offer = world.offer("esp1", session, asset, "0.5")
    world.do("dso1", c.RefuseAsset(asset_id=asset.id, reason="The unit is torn down."))
    left = tuple(unit for unit in UNITS if unit["id"] != "PV-3")
    world.do("dso1", rebuilt(left))
    world.do("dso1", schedules(schedule_for(left)))
    world.do("dso1", c.ConfirmAsset(asset_id=asset.id))
    job = world.close(session)
    assert world.only(FlexOffer).state is OfferState.REJECTED
    assert offer.id.encode() not in job.inputs


# -- after the gate ---------------------------------------------------------------------------------------


def test_a_session_that_is_not_cleared_keeps_its_inputs(world: World) -> None:
    world.grid()
    session, asset = world.session(), world.asset()
    world.offer("esp1", session, asset, "3")
    closing = c.PassGate(gate_id=world.gate(session, GateKind.CLOSE).id)
    world.do("fmo", closing)
    world.do("fmo", c.CancelJob(job_id=world.only(Job, session_id=session.id).id))
    assert world.only(MarketSession).state is SessionState.NOT_CLEARED
    assert world.codes("dso1", schedules(schedule(pv_mw=1.0))) == [("gate_closed", "delivery_day")]
    assert world.codes("dso1", rebuilt(UNITS[::-1])) == [("gate_closed", "region_id")]
    lowered = c.UploadBaseline(asset_id=asset.id, delivery_day=DAY, p_mw=at_noon("0"))
    assert world.codes("esp1", lowered) == [("gate_closed", "delivery_day")]
    world.at(CLOSES + timedelta(hours=12))
    assert world.codes("dso1", rebuilt(UNITS[::-1])) == []


def test_locked_offers_count_as_taken(world: World) -> None:
    world.grid()
    session, asset = world.session(), world.asset()
    world.offer("esp1", session, asset, "3")
    world.close(session)
    day = world.desk.query(WHO["esp1"], q.GetAssetDay(asset_id=asset.id, delivery_day=DAY))
    assert day.offered.down_mw[NOON] == 3


# -- a changed network ------------------------------------------------------------------------------------


@pytest.mark.parametrize("units", [MORE, FEWER], ids=["a unit more", "a unit less"])
def test_a_network_with_other_units_is_taken_and_asks_for_new_schedules(world: World, units: object) -> None:
    world.grid()
    compute(world)
    world.do("dso1", schedules(schedule()))
    world.do("dso1", rebuilt(units))
    assert json.loads(world.only(Network).document)["units"] == [dict(unit) for unit in units]  # type: ignore[attr-defined]
    assert world.find(Schedule) == world.find(GridState) == ()
    assert world.find(Job, state=(JobState.QUEUED, JobState.RUNNING)) == ()
    view = grid_of(world)
    assert (view.before, view.proposed, view.schedule_uploaded_at) == (None, (), None)
    assert [(told.region_id, told.delivery_day) for told in world.told(e.SchedulesDropped)] == [(R1, DAY)]
    Dispatcher(world.store.dispatch, world.bus.publish).run()
    (letter,) = world.find(Notification, event="SchedulesDropped")
    assert letter.party_id == "dso1"
    assert "25.07.2016" in letter.sentence
    assert world.codes("dso1", schedules(schedule_for(units))) == []
    compute(world)
    assert grid_of(world).before is not None


def test_results_and_portfolios_of_decided_days_outlive_a_changed_network(world: World) -> None:
    world.grid()
    compute(world)
    session = world.session()
    world.request(session, quantity_mw=at_noon("1"))
    world.offer("esp1", session, world.asset(), "3")
    world.run(world.close(session), work.run)
    before = world.desk.query(WHO["brp1"], q.GetPortfolio(delivery_day=DAY))
    world.do("dso1", rebuilt(MORE))
    cleared = grid_of(world)
    assert cleared.before is not None
    assert cleared.after is None
    publish(world, session)
    for who in ("dso1", "fmo", "esp1"):
        assert grid_of(world, who).after is not None
    (row,) = world.desk.query(WHO["tso"], q.SumByCoupling(delivery_day=DAY))
    assert row.p_after_mw is not None
    for market in (session.publishes_at, session.publishes_at + timedelta(days=3)):
        world.at(market)
        assert len(world.desk.query(WHO["brp1"], q.GetPortfolio(delivery_day=DAY))) == len(before) == 1
    assert world.told(e.SchedulesDropped) == []


def test_schedules_that_fit_are_kept_and_their_needs_computed_on_the_new_network(world: World) -> None:
    world.grid()
    world.do("dso1", schedules(schedule(NEXT_DAY), NEXT_DAY))
    compute(world)
    world.do("dso1", c.UploadNetwork(region_id=R1, document=network(name="Anew")))
    assert grid_of(world).before is None
    assert {job.delivery_day for job in world.find(Job, state=JobState.QUEUED)} == {DAY, NEXT_DAY}
    compute(world)
    assert grid_of(world).before is not None
    assert world.told(e.SchedulesDropped) == []


# -- replaced schedules -----------------------------------------------------------------------------------


def test_needs_of_replaced_schedules_are_left_out(world: World) -> None:
    world.grid()
    compute(world)
    assert grid_of(world).proposed != ()
    world.do("dso1", schedules(schedule(pv_mw=0.0)))
    world.do("dso1", c.CancelJob(job_id=world.only(Job, state=JobState.QUEUED).id))
    view = grid_of(world)
    assert (view.before, view.proposed, view.computing) == (None, (), None)
    (row,) = world.desk.query(WHO["tso"], q.SumByCoupling(delivery_day=DAY))
    assert row.p_before_mw is None
