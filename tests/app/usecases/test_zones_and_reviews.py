"""Zones and congested regions of a DSO, conditions of its assets, and the TSO's word on requests."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from canned import cleared, publish
from world import DAY, N_STEPS, NOON, R1, R2, WHO, World, at_noon, bid, flat, network

from app.bridge import cases
from app.letters import LETTERS
from app.queries import models as q
from domain import commands as c
from domain.commands import Verdict
from domain.errors import Refused
from domain.events import AssetConfirmedConditionally, RequestReviewed
from domain.flexibility.assets import Direction, FlexAsset
from domain.flexibility.conditions import Condition
from domain.flexibility.market import FlexOffer, FlexRequest, MarketSession
from domain.flexibility.rules import ClearingMode, EnergyPricing, PaymentRule
from domain.flexibility.zones import Corner, GridZone
from domain.lifecycle import AssetState, OfferState, RequestState, ReviewState


def corners(west: str, east: str, south: str = "52.99", north: str = "53.01") -> tuple[Corner, ...]:
    places = ((west, south), (east, south), (east, north), (west, north))
    return tuple(Corner(lon=Decimal(lon), lat=Decimal(lat)) for lon, lat in places)


def define(name: str = "East", west: str = "9.015", east: str = "9.035") -> c.DefineZone:
    return c.DefineZone(region_id=R1, name=name, corners=corners(west, east))


def ask(world: World, who: str, query: q.Query[Any]) -> Any:
    return world.desk.query(WHO[who], query)


def zone_buses(world: World, who: str = "dso1") -> dict[str, tuple[str, ...]]:
    return {row.zone.name: row.buses for row in ask(world, who, q.ListZones())}


# -- zones ------------------------------------------------------------------------------------------------


def test_a_zone_has_the_buses_within_and_follows_a_new_network(world: World) -> None:
    world.grid()
    world.do("dso1", define())
    assert zone_buses(world) == {"East": ("2", "3")}
    moved = json.loads(network())
    moved["buses"][1]["lon"] = 9.0
    world.do("dso1", c.UploadNetwork(region_id=R1, document=json.dumps(moved)))
    assert zone_buses(world) == {"East": ("3",)}


def test_a_zone_without_a_bus_or_with_a_taken_name_is_refused(world: World) -> None:
    assert world.codes("dso1", define()) == [("no_network", "region_id")]
    world.grid()
    assert world.codes("dso1", define(west="9.1", east="9.2")) == [("no_bus_inside", "corners")]
    world.do("dso1", define())
    assert ("duplicate", "name") in world.codes("dso1", define(" East "))
    both = world.codes("dso1", c.DefineZone(region_id=R1, name="x\ny", corners=corners("9.0", "181")))
    assert {field for _, field in both} == {"name", "corners[1].lon", "corners[2].lon"}
    zone = world.only(GridZone)
    assert world.codes("dso1", c.ChangeZone(zone_id=zone.id, name="East", corners=corners("8.9", "9.1"))) == []
    assert zone_buses(world) == {"East": ("1", "2", "3")}


def test_a_network_without_coordinates_takes_no_zone(world: World) -> None:
    bare = json.loads(network())
    for bus in bare["buses"]:
        del bus["lon"], bus["lat"]
    world.do("dso1", c.UploadNetwork(region_id=R1, document=json.dumps(bare)))
    with pytest.raises(Refused, match="does not say where its buses are"):
        world.do("dso1", define())


def test_each_sees_zones_and_congested_regions_of_its_regions_only(world: World) -> None:
    world.grid()
    zone = world.do("dso1", define())
    point = world.do("dso1", c.RegisterCongestedRegion(region_id=R1, name="Short", zone_id=zone.id))
    for who, n in (("dso1", 1), ("dso2", 0), ("tso", 1), ("fmo", 1), ("esp1", 1)):
        assert len(ask(world, who, q.ListZones())) == n, who
        assert len(ask(world, who, q.ListCongestedRegions())) == n, who
    with pytest.raises(Refused, match="not_found"):
        ask(world, "dso2", q.ListZones(region_id=R1))
    with pytest.raises(Refused, match="not_permitted"):
        ask(world, "retailer1", q.ListZones())
    assert world.codes("dso1", c.RemoveZone(zone_id=zone.id)) == [("in_use", "zone_id")]
    world.do("dso1", c.CloseCongestedRegion(congested_region_id=point.id))
    again = world.codes("dso1", c.CloseCongestedRegion(congested_region_id=point.id))
    assert again == [("wrong_state", "congested_region_id")]
    assert ask(world, "tso", q.ListCongestedRegions()) == ()
    (closed,) = ask(world, "tso", q.ListCongestedRegions(all_states=True))
    assert not closed.point.active
    world.do("dso1", c.RemoveZone(zone_id=zone.id))
    assert zone_buses(world) == {}
    assert ask(world, "tso", q.ListCongestedRegions(all_states=True))[0].zone_name == ""


def test_a_congested_region_has_the_buses_of_its_zone_and_of_what_it_names(world: World) -> None:
    world.grid()
    zone = world.do("dso1", define(west="9.025"))
    command = c.RegisterCongestedRegion(region_id=R1, name="Short", zone_id=zone.id, elements=("L1",))
    world.do("dso1", command)
    (row,) = ask(world, "esp1", q.ListCongestedRegions(region_id=R1))
    assert (row.zone_name, row.buses) == ("East", ("1", "2", "3"))
    assert world.codes("dso1", command) == [("duplicate", "name")]
    nothing = c.RegisterCongestedRegion(region_id=R1, name="Other")
    assert world.codes("dso1", nothing) == [("missing", "elements")]
    foreign = c.RegisterCongestedRegion(region_id=R2, name="Other", zone_id=zone.id)
    assert world.codes("dso1", foreign) == [("not_yours", "region_id")]


# -- conditions -------------------------------------------------------------------------------------------


def confirm(asset: FlexAsset, most: str, **more: Any) -> c.ConfirmConditionally:
    condition = Condition(most_down_mw=Decimal(most), **more)
    return c.ConfirmConditionally(asset_id=asset.id, condition=condition, reason="Weak line.")


def test_a_condition_limits_offers_headroom_and_checks_in_its_hours(world: World) -> None:
    world.grid()
    session, asset = world.session(), world.asset(confirmed=False)
    world.do("dso1", confirm(asset, "0.5", from_hour=12, to_hour=13))
    assert asset.state is AssetState.REGISTERED
    assert world.only(FlexAsset).state is AssetState.CONDITIONAL
    too_much = bid(session, [(asset.id, at_noon("0.6"))])
    assert world.codes("esp1", too_much) == [("beyond_asset", f"lines[0].quantity_mw[{NOON}]")]
    assert ask(world, "esp1", q.CheckOffer(command=too_much)).findings[0][0] == "beyond_asset"
    assert world.codes("esp1", bid(session, [(asset.id, at_noon("0.3"))])) == []
    assert world.codes("esp1", bid(session, [(asset.id, at_noon("0.3"))])) != []
    assert world.codes("esp1", bid(session, [(asset.id, at_noon("2", step=46))])) == []
    day = ask(world, "esp1", q.GetAssetDay(asset_id=asset.id, delivery_day=DAY))
    assert (day.headroom.down_mw[NOON], day.headroom.down_mw[46]) == (Decimal("0.5"), Decimal(4))
    assert day.asset.condition == Condition(most_down_mw=Decimal("0.5"), from_hour=12, to_hour=13)


def test_the_owner_reads_limit_and_reason_and_a_plain_confirmation_takes_the_limit_away(world: World) -> None:
    world.grid()
    asset = world.asset()
    world.do("dso1", confirm(asset, "0.5"))
    (event,) = world.told(AssetConfirmedConditionally)
    with world.store.read() as uow:
        (letter,) = LETTERS[AssetConfirmedConditionally](uow, event)
    assert letter.to == ("esp1",)
    assert letter.sentence.endswith("conditionally, at most 0.5 MW down: Weak line.")
    world.do("dso1", c.ConfirmAsset(asset_id=asset.id))
    kept = world.only(FlexAsset)
    assert (kept.state, kept.condition, kept.reason) == (AssetState.CONFIRMED, None, "")
    world.do("dso1", confirm(asset, "0.5"))
    refused = world.do("dso1", c.RefuseAsset(asset_id=asset.id, reason="Meter gone."))
    assert refused.condition is None


def test_offers_beyond_a_later_condition_leave_the_clearing(world: World) -> None:
    world.grid()
    session, asset, other = world.session(), world.asset(), world.asset("esp2", "PV-2")
    world.offer("esp1", session, asset, "2")
    world.offer("esp2", session, other, "1")
    world.do("dso1", confirm(asset, "1.5"))
    world.do("dso1", confirm(other, "1"))
    world.close(session)
    assert {o.party_id: o.state for o in world.find(FlexOffer)} == {
        "esp1": OfferState.REJECTED,
        "esp2": OfferState.LOCKED,
    }


def test_a_conditionally_confirmed_asset_keeps_its_unit(world: World) -> None:
    world.grid()
    world.do("dso1", confirm(world.asset(), "0.5"))
    units = {row.unit_id: row.asset for row in ask(world, "dso1", q.ListUnits(region_id=R1))}
    assert units["PV-1"] is not None
    with pytest.raises(Refused, match="duplicate"):
        world.asset("esp2", "PV-1", confirmed=False)


# -- reviews ----------------------------------------------------------------------------------------------


def say(request: FlexRequest, verdict: Verdict, note: str = "We switch.") -> c.ReviewRequest:
    return c.ReviewRequest(request_id=request.id, verdict=verdict, note=note)


def test_only_the_tso_above_reviews_and_only_until_the_gate(world: World) -> None:
    world.grid()
    session = world.session()
    request = world.request(session)
    for who in ("dso1", "esp1", "fmo"):
        assert world.codes(who, say(request, Verdict.HOLD)) == [("not_permitted", "")]
    world.do("tso", say(request, Verdict.HOLD))
    assert world.codes("tso", say(request, Verdict.HOLD)) == [("wrong_state", "verdict")]
    assert world.codes("tso", say(request, Verdict.ASK_CHANGE, " ")) == [("missing", "note")]
    assert world.codes("tso", say(request, Verdict.ACCEPT, "")) == []
    world.do("dso1", c.WithdrawRequest(request_id=request.id))
    assert world.codes("tso", say(request, Verdict.HOLD)) == [("wrong_state", "request_id")]
    late = world.request(session)
    world.close(session)
    assert world.codes("tso", say(late, Verdict.HOLD)) == [("gate_closed", "session_id")]


def test_a_held_request_is_left_out_of_the_case_and_stays_closed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.grid()
    session, asset = world.session(), world.asset()
    kept = world.request(session)
    held = world.request(session, congestion_point="Held", direction=Direction.UP)
    changed = world.request(session, congestion_point="Changed")
    world.do("tso", say(held, Verdict.HOLD))
    world.do("tso", say(changed, Verdict.ASK_CHANGE))
    world.offer("esp1", session, asset, "1")
    case: list[set[str]] = []
    build = cases.case_from

    def seen(
        network: str, schedule: str, session: Any, assets: Any, offers: Any, requests: Any, *more: Any
    ) -> bytes:
        case.append({request.id for request in requests})
        return build(network, schedule, session, assets, offers, requests, *more)

    monkeypatch.setattr(cases, "case_from", seen)
    job = world.close(session)
    assert case == [{kept.id, changed.id}]
    with cleared():
        world.run(job, lambda *_: b"result")
    publish(world, session)
    states = {row.id: (row.state, row.review) for row in ask(world, "dso1", q.ListRequests())}
    assert states[kept.id] == (RequestState.MET, ReviewState.NONE)
    assert states[held.id] == (RequestState.CLOSED, ReviewState.HELD)
    assert states[changed.id] == (RequestState.MET, ReviewState.CHANGE_ASKED)


def test_nothing_is_held_where_requests_are_matched_as_they_come(world: World) -> None:
    continuous = c.SetClearingRules(
        session_id=world.session().id,
        clearing=ClearingMode.CONTINUOUS,
        payment=PaymentRule.NODAL,
        energy=EnergyPricing.IGNORED,
    )
    world.grid()
    request = world.request(world.only(MarketSession))
    world.do("tso", say(request, Verdict.HOLD))
    assert world.codes("fmo", continuous) == [("rules_conflict", "clearing")]
    world.do("dso1", c.WithdrawRequest(request_id=request.id))
    world.do("fmo", continuous)
    matched = world.request(world.only(MarketSession))
    assert world.codes("tso", say(matched, Verdict.HOLD)) == [("wrong_state", "verdict")]
    assert world.codes("tso", say(matched, Verdict.ASK_CHANGE)) == []


def test_everybody_sees_that_it_is_held_and_only_operators_why(world: World) -> None:
    world.grid()
    request = world.request(world.session())
    world.do("tso", say(request, Verdict.HOLD, "Our line 7 is out."))
    for who, note in (("dso1", "Our line 7 is out."), ("tso", "Our line 7 is out."), ("esp1", ""), ("agg1", "")):
        (seen,) = ask(world, who, q.ListRequests())
        assert (seen.review, seen.review_note) == (ReviewState.HELD, note), who
    (event,) = world.told(RequestReviewed)
    with world.store.read() as uow:
        to_dso, to_sellers = LETTERS[RequestReviewed](uow, event)
    assert (to_dso.to, to_dso.sentence.count("Our line 7 is out.")) == (("dso1", "fmo"), 1)
    assert set(to_sellers.to) == {"esp1", "esp2", "agg1"}
    assert "line 7" not in to_sellers.sentence
    world.do("tso", say(request, Verdict.ACCEPT, ""))
    world.do("tso", say(request, Verdict.ASK_CHANGE))
    _, released, asked = world.told(RequestReviewed)
    with world.store.read() as uow:
        assert [len(list(LETTERS[RequestReviewed](uow, event))) for event in (released, asked)] == [2, 1]


# -- the TSO's figures ------------------------------------------------------------------------------------


def test_locations_sum_schedules_by_bus_and_baselines_replace_them(world: World) -> None:
    assert ask(world, "tso", q.GetLocations(region_id=R1, delivery_day=DAY)) is None
    world.grid()
    asset = world.asset()
    before = ask(world, "tso", q.GetLocations(region_id=R1, delivery_day=DAY))
    assert before.bus_ids == ("1", "2", "3")
    assert before.production_mw[NOON].tolist() == [0.0, 0.5, 6.0]
    assert before.load_mw[NOON].tolist() == pytest.approx([0.0, -0.2, -0.2])
    assert np.array_equal(before.baseline_mw, before.schedule_mw)
    world.do("esp1", c.UploadBaseline(asset_id=asset.id, delivery_day=DAY, p_mw=at_noon("1")))
    after = ask(world, "tso", q.GetLocations(region_id=R1, delivery_day=DAY))
    assert (after.n_assets, after.n_baselines) == (1, 1)
    assert after.baseline_mw[NOON, 2] == pytest.approx(6.0 - 4.0 + 1.0 - 0.2)
    assert after.schedule_mw[NOON, 2] == before.schedule_mw[NOON, 2]
    with pytest.raises(Refused, match="not_found"):
        ask(world, "dso2", q.GetLocations(region_id=R1, delivery_day=DAY))
    with pytest.raises(Refused, match="not_permitted"):
        ask(world, "esp1", q.GetLocations(region_id=R1, delivery_day=DAY))


def test_calls_are_summed_from_publication_on_and_held_requests_are_not_asked(world: World) -> None:
    world.grid()
    session, sun, more = world.session(), world.asset(), world.asset("esp2", "PV-2")
    world.request(session)
    world.do("tso", say(world.request(session, quantity_mw=at_noon("9")), Verdict.HOLD))
    world.offer("esp1", session, sun, "2")
    world.offer("esp2", session, more, "1")

    def row() -> q.CallRow:
        (found,) = ask(world, "tso", q.SumCalls(delivery_day=DAY))
        return found  # type: ignore[no-any-return]

    assert (row().down.requested_mw[NOON], row().n_held) == (Decimal(1), 1)
    assert row().down.awarded_mw == flat("0")
    job = world.close(session)
    with cleared():
        world.run(job, lambda *_: b"result")
    assert row().down.awarded_mw == flat("0")
    publish(world, session)
    first, second = (next(r.activation for r in ask(world, who, q.ListActivations())) for who in ("esp1", "esp2"))
    world.do("esp1", c.AcknowledgeActivation(activation_id=first.id))
    world.do("esp2", c.RefuseActivation(activation_id=second.id, reason="Broken."))
    down = row().down
    assert [series[NOON] for series in (down.awarded_mw, down.acknowledged_mw, down.refused_mw)] == [3, 2, 1]
    assert row().delivered_if_kept_mwh == Decimal("-0.5")
    assert row().up.awarded_mw == (Decimal(0),) * N_STEPS
