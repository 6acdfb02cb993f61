"""Reactive power all the way: proposed by the network, asked for, offered within the rating, cleared, called."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from canned import publish
from world import DAY, NOON, R1, WHO, World, at_noon, bid, flat, network, schedule

from app.bridge import work
from app.queries import models as q
from domain import commands as c
from domain import events as e
from domain.errors import Refused
from domain.flexibility.assets import Direction, FlexAsset
from domain.flexibility.commodity import Commodity
from domain.flexibility.grids import Job
from domain.flexibility.market import Activation, Award, FlexOffer, FlexRequest, MarketSession
from domain.flexibility.rules import ClearingMode, PaymentRule
from domain.lifecycle import OfferState, RequestState

Q = Commodity.Q
Market = tuple[World, MarketSession, FlexAsset]


def over_noon(quantity: str) -> tuple[Decimal, ...]:
    """The quarter hours in which the PV feeds in."""
    return tuple(Decimal(quantity) if 44 <= step < 56 else Decimal(0) for step in range(96))


@pytest.fixture
def market(world: World) -> Market:
    """An open session; a PV plant that feeds in 4 MW at noon behind an inverter of 4.5 MVA, on overhead lines
    (X above R, so that a Mvar does more than a MW)."""
    line = {"r_ohm": 2.5, "x_ohm": 3.5, "max_i_ka": 0.4}
    branches = [{"id": f"L{k}", "from": str(k), "to": str(k + 1), **line} for k in (1, 2)]
    world.do("dso1", c.UploadNetwork(region_id=R1, document=network(branches=branches)))
    world.do("dso1", c.UploadSchedules(region_id=R1, delivery_day=DAY, document=schedule()))
    return world, world.session(), world.asset(s_max_mva=Decimal("4.5"))


def proposed(world: World) -> list[q.ProposedRequest]:
    """What the network asks for when P and Q may change."""
    world.run(world.only(Job, kind="needs"), work.run)
    view = world.desk.query(WHO["dso1"], q.GetGrid(region_id=R1, delivery_day=DAY))
    assert view is not None
    return [row for row in view.proposed if row.plan is q.Plan.PQ]


def test_a_day_cured_by_reactive_power(market: Market) -> None:
    world, session, plant = market
    rows = proposed(world)
    assert Q in {row.commodity for row in rows}
    for row in rows:
        world.request(
            session,
            congestion_point=row.zone,
            buses=row.buses,
            commodity=row.commodity,
            direction=Direction(row.direction),
            quantity_mw=row.quantity_mw,
        )
    cheap = world.do("esp1", bid(session, [(plant.id, over_noon("2"))], price_eur_per_mwh=flat("5"), commodity=Q))
    dear = world.do("esp1", bid(session, [(plant.id, over_noon("4"))], price_eur_per_mwh=flat("90")))

    world.run(world.close(session), work.run)
    assert world.told(e.SessionCleared)[0].proof_clean
    by_offer = {award.offer_id: award for award in world.find(Award)}
    award = by_offer[cheap.id]
    assert (award.commodity, award.price_eur_per_mwh[NOON]) == (Q, Decimal(5))
    assert 0 < award.accepted_mw[NOON] < 2
    assert award.payment_eur == pytest.approx(sum(award.accepted_mw) * 5 / 4, abs=Decimal("0.01"))
    assert dear.id not in by_offer, "P for 90 EUR/MWh is dearer"
    answers = {(request.commodity, request.state) for request in world.find(FlexRequest)}
    assert (Q, RequestState.MET) in answers
    assert not any(state is RequestState.UNMET for _, state in answers)

    publish(world, session)
    call = world.only(Activation, award_id=award.id)
    assert (call.commodity, call.p_mw[NOON]) == (Q, -award.accepted_mw[NOON])
    (row,) = world.desk.query(WHO["fmo"], q.ListSessions(region_id=R1))
    assert row.requested_mvarh > 0
    assert (row.offered_mwh, row.offered_mvarh) == (Decimal(12), Decimal(6))
    assert row.awarded_mvarh == sum(award.accepted_mw) / 4


def test_q_is_offered_within_what_the_rating_leaves_beside_p(market: Market) -> None:
    """sqrt(4.5^2 - 4^2) = 2.061552 Mvar at noon, all of the rating at night; an own offer takes its part."""
    world, session, plant = market
    one = bid(session, [(plant.id, at_noon("2.061553"))], commodity=Q)
    with pytest.raises(Refused, match=r"2\.061553 Mvar at .*; 2\.061552 Mvar are left"):
        world.do("esp1", one)
    for direction in Direction:
        night = bid(session, [(plant.id, at_noon("4.5", step=0))], commodity=Q, direction=direction)
        assert world.codes("esp1", night) == []
    assert world.codes("esp1", replace(one, lines=night.lines)) == [("beyond_asset", "lines[0].quantity_mw[0]")]
    assert world.codes("esp1", bid(session, [(plant.id, at_noon("4"))])) == [], "P has its own room"


def test_without_a_rating_there_is_no_q_to_offer(market: Market) -> None:
    world, session, _ = market
    plain = world.asset("esp2", "PV-2")
    offer = bid(session, [(plain.id, at_noon("0.000001"))], commodity=Q)
    assert world.codes("esp2", offer) == [("beyond_asset", f"lines[0].quantity_mw[{NOON}]")]


def test_a_request_of_q_is_met_by_q_alone(market: Market) -> None:
    """An award of P in the same quarter hours is no answer to it."""
    world, session, plant = market
    world.request(session, commodity=Q, quantity_mw=over_noon("1"))
    world.do("esp1", bid(session, [(plant.id, over_noon("4"))], price_eur_per_mwh=flat("30")))
    world.run(world.close(session), work.run)
    assert world.only(FlexRequest).state is RequestState.NOT_NEEDED


@pytest.mark.parametrize("mode", [ClearingMode.NETWORK, ClearingMode.CONTINUOUS])
def test_offers_of_p_and_q_share_the_rating(market: Market, mode: ClearingMode) -> None:
    """Each named by its unit, so that the baseline counts; an asset without an offer of Q is as it was."""
    world, session, plant = market
    other = world.asset("esp2", "PV-2", s_max_mva=Decimal("2.5"))
    payment = PaymentRule.NODAL
    world.do(
        "fmo", c.SetClearingRules(session_id=session.id, clearing=mode, payment=payment, energy=session.energy)
    )
    world.do("esp1", bid(session, [(plant.id, at_noon("1"))], commodity=Q))
    world.do("esp1", bid(session, [(plant.id, at_noon("1"))]))
    world.do("esp2", bid(session, [(other.id, at_noon("1"))]))
    case: dict[str, Any] = json.loads(world.close(session).inputs)
    rating = 4.5 if mode is ClearingMode.NETWORK else None
    found = {(o["asset"], o["commodity"]): o for o in case["offers"]}
    assert {key: offer.get("s_max_mva") for key, offer in found.items()} == {
        ("PV-1", "P"): rating,
        ("PV-1", "Q"): rating,
        ("PV-2", "P"): None,
    }
    assert found["PV-1", "Q"]["quantity_mvar"][NOON] == 1.0
    assert found["PV-1", "Q"]["price_eur_per_mvarh"][NOON] == 40.0
    assert "quantity_mw" not in found["PV-1", "Q"]


def test_a_baseline_that_leaves_no_room_for_an_offer_of_q_is_refused(market: Market) -> None:
    world, session, plant = market
    world.do("esp1", bid(session, [(plant.id, at_noon("2.061552"))], commodity=Q))
    plan = c.UploadBaseline(asset_id=plant.id, delivery_day=DAY, p_mw=over_noon("4"))
    assert world.codes("esp1", plan) == []
    assert world.only(FlexOffer).state is OfferState.SUBMITTED
    small = world.asset("esp2", "PV-2", s_max_mva=Decimal(2))
    night = world.do("esp2", bid(session, [(small.id, at_noon("2", step=0))], commodity=Q))
    plan = c.UploadBaseline(asset_id=small.id, delivery_day=DAY, p_mw=at_noon("1", step=0))
    assert world.codes("esp2", plan) == [("beyond_asset", "p_mw")]
    assert night.commodity is Q
