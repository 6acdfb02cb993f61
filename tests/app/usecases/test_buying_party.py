"""A balance responsible party buys: where it may, what it pays, who is told, and what it does to its balance."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from world import CLOSES, DAY, NOON, WHO, World, ask, at_noon, flat

from app.bridge import work
from app.outbox import Dispatcher
from app.queries.models import GetBalance, GetPortfolio, GetResult, ListPurchases, ListRequests, SumByCoupling
from domain import commands as c
from domain.errors import Refused
from domain.flexibility.assets import Direction
from domain.flexibility.commodity import Commodity
from domain.flexibility.market import FlexRequest, GateKind, MarketSession
from domain.flexibility.metering import MeterReading, PodMapping
from domain.flexibility.rules import ClearingMode, EnergyPricing, PaymentRule
from domain.ids import AssetId, PartyId, PodId
from domain.lifecycle import RequestState
from domain.notifications import Notification
from domain.parties import SYSTEM

BRP1 = PartyId("brp1")


def buyers_session(world: World, clearing: ClearingMode = ClearingMode.REQUESTS) -> MarketSession:
    session = world.session()
    payment = PaymentRule.NODAL
    rules = c.SetClearingRules(
        session_id=session.id, clearing=clearing, payment=payment, energy=EnergyPricing.IGNORED
    )
    return world.do("fmo", rules)  # type: ignore[no-any-return]


def wish(session: MarketSession, **changes: Any) -> c.PublishRequest:
    values = {"congestion_point": "Balance", "buses": (), "quantity_mw": at_noon("0.5")} | changes
    return ask(session, **values)


def clear(world: World, session: MarketSession) -> None:
    """The gate, the real engine, and publication."""
    job = world.close(session)
    world.run(job, work.run)
    world.at(session.publishes_at)
    world.do("system", c.PassGate(gate_id=world.gate(session, GateKind.PUBLISH).id))


@pytest.mark.parametrize("clearing", [mode for mode in ClearingMode if mode is not ClearingMode.NETWORK])
def test_it_buys_where_there_are_buyers_of_their_own(world: World, clearing: ClearingMode) -> None:
    world.grid()
    request: FlexRequest = world.do("brp1", wish(buyers_session(world, clearing)))
    assert request.dso_id == BRP1
    assert set(request.buses) == {"1", "2", "3"}


def test_on_the_network_it_is_told_why_not(world: World) -> None:
    world.grid()
    with pytest.raises(Refused, match="where only the DSO buys") as error:
        world.do("brp1", wish(world.session()))
    assert [(f.code, f.field) for f in error.value.findings] == [("no_buyers", "session_id")]


def test_the_rules_do_not_leave_a_buyer_behind(world: World) -> None:
    world.grid()
    session = buyers_session(world)
    world.do("brp1", wish(session))
    back = c.SetClearingRules(
        session_id=session.id,
        clearing=ClearingMode.NETWORK,
        payment=PaymentRule.NODAL,
        energy=EnergyPricing.IGNORED,
    )
    assert world.codes("fmo", back) == [("rules_conflict", "clearing")]


def test_others_do_not_see_or_withdraw_what_is_not_theirs(world: World) -> None:
    world.grid()
    session = buyers_session(world)
    own, theirs = world.do("brp1", wish(session)), world.request(session)
    seen = {name: {r.id for r in world.desk.query(WHO[name], ListRequests())} for name in ("brp1", "brp2", "esp1")}
    assert seen == {"brp1": {own.id}, "brp2": set(), "esp1": {own.id, theirs.id}}
    assert world.desk.query(WHO["brp2"], ListPurchases()) == ()
    for who in ("dso1", "brp2"):
        assert world.codes(who, c.WithdrawRequest(request_id=own.id)) == [("not_yours", "request_id")]
    world.do("brp1", c.WithdrawRequest(request_id=own.id))
    assert world.only(FlexRequest, id=own.id).state is RequestState.WITHDRAWN


def test_the_grid_operator_and_the_sellers_are_told_and_the_needs_of_the_grid_stay_its_own(world: World) -> None:
    world.grid()
    session = buyers_session(world)
    Dispatcher(world.store.dispatch, world.bus.publish).run()
    world.do("brp1", wish(session))
    Dispatcher(world.store.dispatch, world.bus.publish).run()
    told = {n.party_id for n in world.find(Notification) if n.sentence.startswith("Balance one asks for")}
    assert {"fmo", "dso1", "tso", "esp1", "esp2", "agg1"} <= told
    assert not {"brp1", "brp2", "dso2"} & told
    (row,) = world.desk.query(WHO["tso"], SumByCoupling(delivery_day=DAY))
    assert row.requested_down_mw == flat("0")


def test_it_pays_for_what_it_gets_and_the_operator_for_the_rest(world: World) -> None:
    """One seller at 40 EUR/MWh, 0.5 MW for the BRP and 1 MW for the DSO in one quarter hour, nodal prices."""
    world.grid()
    session = buyers_session(world, ClearingMode.COPPERPLATE)
    world.offer("esp1", session, world.asset(), "2")
    own = world.do("brp1", wish(session))
    world.request(session)
    clear(world, session)
    (row,) = world.desk.query(WHO["brp1"], ListPurchases())
    assert row.request.state is RequestState.MET
    assert row.bought_mw == own.quantity_mw
    paid = {party: _paid(world, session, party) for party in ("brp1", "dso1", "esp1")}
    assert sum(paid.values()) == 0
    assert paid["brp1"] == row.payment_eur < 0
    assert paid["dso1"] == 2 * paid["brp1"]
    assert Decimal("5.00") <= -paid["brp1"] <= Decimal("18.75")  # between the offer's 40 and the cap of 150


def _paid(world: World, session: MarketSession, party: str) -> Decimal:
    result = world.desk.query(WHO["fmo"], GetResult(session_id=session.id))
    return result.payments_eur[PartyId(party)]


def test_nothing_is_told_before_publication(world: World) -> None:
    world.grid()
    session = buyers_session(world, ClearingMode.COPPERPLATE)
    world.offer("esp1", session, world.asset(), "2")
    world.do("brp1", wish(session))
    world.run(world.close(session), work.run)
    (row,) = world.desk.query(WHO["brp1"], ListPurchases())
    assert (row.bought_mw, row.payment_eur, row.request.state) == (None, None, RequestState.CLOSED)
    (balance,) = world.desk.query(WHO["brp1"], GetBalance(delivery_day=DAY))
    assert not any(balance.bought_p_mw)
    assert not any(balance.called_p_mw)


def test_called_by_others_is_an_imbalance_and_bought_from_own_assets_closes_it_once(world: World) -> None:
    """All that is sold comes from esp1, who is in the group: 1 MW down for the DSO leaves the group 1 MW short,
    0.5 MW down for the BRP is what it wanted."""
    world.grid()
    session = buyers_session(world, ClearingMode.COPPERPLATE)
    world.offer("esp1", session, world.asset(), "2")
    world.do("brp1", wish(session))
    world.request(session)
    clear(world, session)
    (row,) = world.desk.query(WHO["brp1"], GetBalance(delivery_day=DAY))
    assert row.called_p_mw[NOON] == Decimal("-1.5")
    assert row.bought_p_mw[NOON] == Decimal("-0.5")
    # injected -1.5 against the nomination; 0.5 of it is the group's own purchase, which then counts once
    assert row.imbalance_p_mw[NOON] == Decimal("-1.5")
    assert row.imbalance_p_mw[NOON - 1] == 0
    (other,) = world.desk.query(WHO["brp2"], GetBalance(delivery_day=DAY))
    assert other.n_assets == 0
    assert not any(other.imbalance_p_mw)


def test_a_forecast_moves_the_balance_and_a_reading_replaces_it(world: World) -> None:
    world.grid()
    asset = world.asset()
    (before,) = world.desk.query(WHO["brp1"], GetBalance(delivery_day=DAY))
    assert not any(before.imbalance_p_mw)
    plan = before.nominated_p_mw
    less = tuple(max(Decimal(0), p - Decimal("0.25")) for p in plan)
    world.do("esp1", c.UploadForecast(asset_id=asset.id, delivery_day=DAY, p_mw=less))
    (expected,) = world.desk.query(WHO["brp1"], GetBalance(delivery_day=DAY))
    assert (expected.n_forecast, expected.imbalance_p_mw[NOON]) == (1, Decimal("-0.25"))
    read(world, asset.id, tuple(p + Decimal("0.1") for p in plan))
    (metered,) = world.desk.query(WHO["brp1"], GetBalance(delivery_day=DAY))
    assert (metered.n_metered, metered.n_forecast) == (1, 0)
    assert set(metered.imbalance_p_mw) == {Decimal("0.1")}


def read(world: World, asset_id: AssetId, p_mw: tuple[Decimal, ...]) -> None:
    """A complete reading at the asset's only point of delivery."""
    with world.store.write(SYSTEM, c.MarkNotificationsRead()) as uow:
        pod = PodId("DE-POD-1")
        uow.add(PodMapping(id="m1", pod_id=pod, asset_id=asset_id, valid_from=DAY))
        reading = MeterReading(
            id="r1",
            pod_id=pod,
            delivery_day=DAY,
            revision=1,
            p_mw=p_mw,
            reported_by=PartyId("dso1"),
            reported_at=CLOSES,
        )
        uow.add(reading)


def test_the_portfolio_lists_its_assets_with_their_day(world: World) -> None:
    world.grid()
    world.asset()
    world.asset("esp2", "PV-2")
    rows = world.desk.query(WHO["brp1"], GetPortfolio(delivery_day=DAY))
    (entry,) = [one for row in rows for one in row.assets]
    assert (entry.asset.unit_id, entry.owner) == ("PV-1", "Sun and storage")
    assert entry.schedule_p_mw[NOON] == 4
    assert rows[0].production_p_mw == entry.schedule_p_mw


def test_a_retailer_registers_and_sees_its_own(world: World) -> None:
    world.grid()
    asset = world.asset("retailer1", "PV-2")
    rows = world.desk.query(WHO["retailer1"], GetPortfolio(delivery_day=DAY))
    assert [one.asset.id for row in rows for one in row.assets] == [asset.id]
    with pytest.raises(Refused, match="not_permitted"):
        world.offer("retailer1", world.session(), asset, "1")


def test_reactive_power_is_no_balance(world: World) -> None:
    world.grid()
    session = buyers_session(world)
    command = replace(wish(session), commodity=Commodity.Q, direction=Direction.UP)
    assert world.codes("brp1", command) == [("out_of_range", "commodity")]
    assert world.find(FlexRequest, session_id=session.id) == ()
