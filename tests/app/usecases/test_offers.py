"""What an offer is refused for, beside its field, and what one's own other offers leave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from world import CLOSES, DAY, NOON, OPENS, R2, WHO, World, at_noon, bid, flat, network, register, schedule

from app.queries import models as q
from domain import commands as c
from domain.flexibility.assets import Direction, FlexAsset
from domain.flexibility.market import FlexOffer, GateKind, MarketSession, OfferLine
from domain.ids import AssetId, PartyId
from domain.lifecycle import OfferState
from domain.units import Series

Change = Callable[[FlexAsset], dict[str, Any]]


@pytest.fixture
def market(world: World) -> tuple[World, MarketSession, FlexAsset]:
    """An open session and one confirmed PV plant of 4 MW."""
    world.grid()
    return world, world.session(), world.asset()


def one(asset: FlexAsset, quantity: Series) -> dict[str, Any]:
    return {"lines": (OfferLine(asset_id=asset.id, quantity_mw=quantity),)}


HUGE = Decimal("1.000000000000000000000000000000000000001")

BAD: dict[str, tuple[Change, list[tuple[str, str]]]] = {
    "negative": (
        lambda a: one(a, at_noon("-1")),
        [("negative", f"lines[0].quantity_mw[{NOON}]")],
    ),
    "not a number": (
        lambda a: one(a, at_noon("NaN")),
        [("not_finite", f"lines[0].quantity_mw[{NOON}]")],
    ),
    "signalling NaN": (
        lambda a: one(a, at_noon("sNaN")),
        [("not_finite", f"lines[0].quantity_mw[{NOON}]")],
    ),
    "infinite price": (
        lambda a: {"price_eur_per_mwh": at_noon("Infinity")},
        [("not_finite", f"price_eur_per_mwh[{NOON}]")],
    ),
    "beyond the plant": (
        lambda a: one(a, at_noon("4.000001")),
        [("beyond_asset", f"lines[0].quantity_mw[{NOON}]")],
    ),
    "PV cannot be raised": (
        lambda a: {"direction": Direction.UP, **one(a, at_noon("0.000001"))},
        [("beyond_asset", f"lines[0].quantity_mw[{NOON}]")],
    ),
    "part of a watt": (
        lambda a: one(a, at_noon("0.0000001")),
        [("too_many_decimals", f"lines[0].quantity_mw[{NOON}]")],
    ),
    "a decimal far out": (
        lambda a: one(a, tuple(HUGE if s == NOON else Decimal(0) for s in range(96))),
        [("too_many_decimals", f"lines[0].quantity_mw[{NOON}]")],
    ),
    "part of a cent": (
        lambda a: {"price_eur_per_mwh": at_noon("40.001")},
        [("too_many_decimals", f"price_eur_per_mwh[{NOON}]")],
    ),
    "price beyond the limit": (
        lambda a: {"price_eur_per_mwh": at_noon("10000.01")},
        [("out_of_range", f"price_eur_per_mwh[{NOON}]")],
    ),
    "an hour short": (
        lambda a: {**one(a, at_noon("1", n_steps=92)), "price_eur_per_mwh": flat("1", 92)},
        [("wrong_length", "lines[0].quantity_mw"), ("wrong_length", "price_eur_per_mwh")],
    ),
    "nothing": (lambda a: one(a, flat("0")), [("zero_quantity", "lines[0].quantity_mw")]),
    "no lines": (lambda a: {"lines": ()}, [("out_of_range", "lines")]),
    "too many lines": (
        lambda a: {"lines": one(a, at_noon("1"))["lines"] * 201},
        [("out_of_range", "lines")],
    ),
    "unknown asset": (
        lambda a: {"lines": (OfferLine(asset_id=AssetId("FA-x"), quantity_mw=at_noon("1")),)},
        [("unknown_asset", "lines[0].asset_id")],
    ),
    "the same asset twice": (
        lambda a: {"lines": one(a, at_noon("1"))["lines"] * 2},
        [("duplicate", "lines[1].asset_id")],
    ),
    "all findings at once": (
        lambda a: {**one(a, at_noon("-1")), "price_eur_per_mwh": at_noon("0.001")},
        [("negative", f"lines[0].quantity_mw[{NOON}]"), ("too_many_decimals", f"price_eur_per_mwh[{NOON}]")],
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_offers_are_refused_by_name_and_nothing_is_stored(
    market: tuple[World, MarketSession, FlexAsset], name: str
) -> None:
    world, session, asset = market
    change, findings = BAD[name]
    command = replace(bid(session, [(asset.id, at_noon("1"))]), **change(asset))
    assert world.codes("esp1", command) == findings
    assert world.find(FlexOffer) == ()
    check = world.desk.query(WHO["esp1"], q.CheckOffer(command=command))
    assert [(code, field) for code, field, _ in check.findings] == findings


def test_exactly_what_the_plant_can_do_is_taken(market: tuple[World, MarketSession, FlexAsset]) -> None:
    world, session, asset = market
    command = bid(session, [(asset.id, at_noon("4"))])
    assert world.desk.query(WHO["esp1"], q.CheckOffer(command=command)).findings == ()
    offer = world.do("esp1", command)
    assert world.only(FlexOffer) == offer
    assert offer.state is OfferState.SUBMITTED
    assert offer.submitted_at == OPENS


def test_own_submitted_offers_of_that_direction_leave_the_rest(
    market: tuple[World, MarketSession, FlexAsset],
) -> None:
    world, session, asset = market
    first = world.offer("esp1", session, asset, "3")
    too_much = bid(session, [(asset.id, at_noon("1.000001"))])
    assert world.codes("esp1", too_much) == [("beyond_asset", f"lines[0].quantity_mw[{NOON}]")]
    assert world.codes("esp1", bid(session, [(asset.id, at_noon("1"))])) == []
    world.do("esp1", c.WithdrawOffer(offer_id=first.id))
    assert world.codes("esp1", bid(session, [(asset.id, at_noon("3"))])) == []


def test_up_and_down_do_not_take_from_each_other(market: tuple[World, MarketSession, FlexAsset]) -> None:
    world, session, _ = market
    battery = world.asset("esp1", "BAT-1")
    assert world.codes("esp1", bid(session, [(battery.id, flat("1"))])) == []
    assert world.codes("esp1", bid(session, [(battery.id, flat("1"))], direction=Direction.UP)) == []


def test_the_stricter_of_schedule_and_baseline_counts(market: tuple[World, MarketSession, FlexAsset]) -> None:
    world, session, asset = market
    world.do("esp1", c.UploadBaseline(asset_id=asset.id, delivery_day=DAY, p_mw=at_noon("1.5")))
    refused = world.codes("esp1", bid(session, [(asset.id, at_noon("1.6"))]))
    assert refused == [("beyond_asset", f"lines[0].quantity_mw[{NOON}]")]
    assert world.codes("esp1", bid(session, [(asset.id, at_noon("1.5"))])) == []


def test_anothers_asset_and_an_unconfirmed_one(market: tuple[World, MarketSession, FlexAsset]) -> None:
    world, session, asset = market
    assert world.codes("esp2", bid(session, [(asset.id, at_noon("1"))])) == [("not_yours", "lines[0].asset_id")]
    waiting = world.asset("esp1", "PV-2", confirmed=False)
    line = [(waiting.id, at_noon("1"))]
    assert world.codes("esp1", bid(session, line)) == [("asset_not_confirmed", "lines[0].asset_id")]


def test_an_asset_of_another_region(market: tuple[World, MarketSession, FlexAsset]) -> None:
    world, session, _ = market
    world.grid(R2, "dso2")
    far = world.do("esp1", register(region_id=R2))
    world.do("dso2", c.ConfirmAsset(asset_id=far.id))
    assert world.codes("esp1", bid(session, [(far.id, at_noon("1"))])) == [("unknown_asset", "lines[0].asset_id")]


def test_an_independent_aggregator_offers_assets_of_one_brp(
    market: tuple[World, MarketSession, FlexAsset],
) -> None:
    world, session, _ = market
    brp1, brp2 = PartyId("brp1"), PartyId("brp2")
    first = world.asset("agg1", "PV-2", brp_id=brp1)
    second, third = (world.asset("agg1", unit, brp_id=brp) for unit, brp in (("PV-3", brp2), ("LD-1", brp1)))
    mixed = [(first.id, at_noon("1")), (second.id, at_noon("0.5"))]
    assert world.codes("agg1", bid(session, mixed)) == [("mixed_brp", "lines")]
    same = [(first.id, at_noon("1")), (third.id, at_noon("0.1"))]
    assert world.codes("agg1", bid(session, same)) == []


def test_the_rule_of_one_brp_says_nothing_of_anothers_asset(
    market: tuple[World, MarketSession, FlexAsset],
) -> None:
    world, session, rival = market
    own = world.asset("agg1", "PV-2", brp_id=PartyId("brp2"))
    assert rival.brp_id == "brp1"
    lines = [(own.id, at_noon("1")), (rival.id, at_noon("1"))]
    assert world.codes("agg1", bid(session, lines)) == [("not_yours", "lines[1].asset_id")]


def test_others_may_mix_brps(market: tuple[World, MarketSession, FlexAsset]) -> None:
    world, session, asset = market
    other = world.asset("esp1", "PV-2", brp_id=PartyId("brp2"))
    assert asset.brp_id == "brp1"
    assert world.codes("esp1", bid(session, [(asset.id, at_noon("1")), (other.id, at_noon("1"))])) == []


def test_the_gate_opens_and_closes_on_the_market_clock(world: World) -> None:
    world.grid()
    asset, session = world.asset(), world.session(opened=False)
    command = bid(session, [(asset.id, at_noon("1"))])
    assert world.codes("esp1", command) == [("gate_closed", "session_id")]
    world.at(OPENS)
    world.do("system", c.PassGate(gate_id=world.gate(session, GateKind.OPEN).id))
    world.at(CLOSES - timedelta(microseconds=1))
    assert world.codes("esp1", command) == []
    offer = world.only(FlexOffer)
    world.at(CLOSES)
    assert world.only(MarketSession).state.value == "open"
    assert world.codes("esp1", command) == [("gate_closed", "session_id")]
    assert world.codes("esp1", c.WithdrawOffer(offer_id=offer.id)) == [("gate_closed", "session_id")]


def test_what_is_withdrawn_stays_withdrawn(market: tuple[World, MarketSession, FlexAsset]) -> None:
    world, session, asset = market
    offer = world.offer("esp1", session, asset, "1")
    world.do("esp1", c.WithdrawOffer(offer_id=offer.id))
    assert world.codes("esp1", c.WithdrawOffer(offer_id=offer.id)) == [("wrong_state", "offer_id")]


def test_without_schedules_nothing_can_be_offered(world: World) -> None:
    world.do("dso1", c.UploadNetwork(region_id="R1", document=network()))
    asset, session = world.asset(), world.session()
    assert world.codes("esp1", bid(session, [(asset.id, at_noon("1"))])) == [("no_schedule", "delivery_day")]
    world.do("dso1", c.UploadSchedules(region_id="R1", delivery_day=DAY, document=schedule()))
    assert world.codes("esp1", bid(session, [(asset.id, at_noon("1"))])) == []
