"""Requests inside the DSO's grid and before the gate; assets that fit their unit."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from world import CLOSES, DAY, NOON, OPENS, R1, UNITS, World, ask, at_noon, bid, flat, network, register, schedule

from domain import commands as c
from domain.flexibility.assets import AssetKind, FlexAsset
from domain.flexibility.grids import Job, Network
from domain.flexibility.market import FlexRequest
from domain.ids import PartyId
from domain.lifecycle import AssetState, JobState, RequestState

BAD_REQUESTS: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "outside the grid": ({"buses": ("3", "Z")}, [("unknown_bus", "buses[1]")]),
    "no bus": ({"buses": ()}, [("out_of_range", "buses")]),
    "a bus twice": ({"buses": ("3", "3")}, [("duplicate", "buses[1]")]),
    "deadline past": ({"deadline": OPENS}, [("deadline_passed", "deadline")]),
    "deadline after the gate": (
        {"deadline": CLOSES + timedelta(seconds=1)},
        [("out_of_range", "deadline")],
    ),
    "deadline without offset": ({"deadline": datetime(2016, 7, 24, 9)}, [("naive_time", "deadline")]),  # noqa: DTZ001
    "negative cap": ({"price_cap_eur_per_mwh": Decimal(-1)}, [("negative", "price_cap_eur_per_mwh")]),
    "cap beyond the limit": (
        {"price_cap_eur_per_mwh": Decimal("10000.01")},
        [("out_of_range", "price_cap_eur_per_mwh")],
    ),
    "no quantity": ({"quantity_mw": flat("0")}, [("zero_quantity", "quantity_mw")]),
    "infinite quantity": (
        {"quantity_mw": at_noon("Infinity")},
        [("not_finite", f"quantity_mw[{NOON}]")],
    ),
    "blank name": ({"congestion_point": "  "}, [("missing", "congestion_point")]),
    "long name": ({"congestion_point": "x" * 81}, [("out_of_range", "congestion_point")]),
    "line break in the name": ({"congestion_point": "a\nb"}, [("malformed", "congestion_point")]),
    "reversed text": ({"congestion_point": "a\u202eb"}, [("malformed", "congestion_point")]),
    "two findings": (
        {"buses": ("Z",), "deadline": OPENS},
        [("unknown_bus", "buses[0]"), ("deadline_passed", "deadline")],
    ),
}


@pytest.mark.parametrize("name", BAD_REQUESTS)
def test_bad_requests_are_refused_by_name(world: World, name: str) -> None:
    world.grid()
    changes, findings = BAD_REQUESTS[name]
    assert world.codes("dso1", ask(world.session(), **changes)) == findings
    assert world.find(FlexRequest) == ()


def test_a_request_is_published_before_and_during_the_session_only_in_ones_own_region(world: World) -> None:
    world.grid()
    session = world.session(opened=False)
    assert world.codes("dso2", ask(session)) == [("not_yours", "session_id")]
    assert world.request(session).state is RequestState.PUBLISHED
    world.at(CLOSES)
    assert ("gate_closed", "session_id") in world.codes("dso1", ask(session))


def test_a_request_is_withdrawn_once_and_before_the_gate(world: World) -> None:
    world.grid()
    session = world.session()
    first, second = world.request(session), world.request(session)
    assert world.do("dso1", c.WithdrawRequest(request_id=first.id)).state is RequestState.WITHDRAWN
    assert world.codes("dso1", c.WithdrawRequest(request_id=first.id)) == [("wrong_state", "request_id")]
    world.at(CLOSES)
    assert world.codes("dso1", c.WithdrawRequest(request_id=second.id)) == [("gate_closed", "session_id")]


BAD_ASSETS: dict[str, tuple[str, dict[str, Any], list[tuple[str, str]]]] = {
    "no unit": ("esp1", {"unit_id": "PV-9"}, [("unknown_unit", "unit_id")]),
    "a load behind a generator": ("esp1", {"kind": AssetKind.LOAD}, [("out_of_range", "kind")]),
    "more than the unit": ("esp1", {"p_max_mw": Decimal("4.000001")}, [("out_of_range", "p_max_mw")]),
    "a consuming plant": ("esp1", {"p_min_mw": Decimal("-0.1")}, [("out_of_range", "p_min_mw")]),
    "least above most": ("esp1", {"p_min_mw": Decimal(4)}, [("out_of_range", "p_max_mw")]),
    "not finite": ("esp1", {"p_max_mw": Decimal("NaN")}, [("not_finite", "p_max_mw")]),
    "share above one": ("esp1", {"flexible_share": Decimal("1.1")}, [("out_of_range", "flexible_share")]),
    "negative rating": ("esp1", {"s_max_mva": Decimal(-1)}, [("negative", "s_max_mva")]),
    "no name": ("esp1", {"name": ""}, [("missing", "name")]),
    "unknown BRP": ("esp1", {"brp_id": PartyId("nobody")}, [("unknown_party", "brp_id")]),
    "a BRP that is none": ("esp1", {"brp_id": PartyId("dso1")}, [("unknown_party", "brp_id")]),
    "independent without a BRP": ("agg1", {}, [("missing", "brp_id")]),
    "several": (
        "esp1",
        {"name": "\t", "unit_id": "?"},
        [("missing", "name"), ("unknown_unit", "unit_id")],
    ),
}


@pytest.mark.parametrize("name", BAD_ASSETS)
def test_bad_assets_are_refused_by_name(world: World, name: str) -> None:
    world.grid()
    who, changes, findings = BAD_ASSETS[name]
    assert world.codes(who, register(**changes)) == findings
    assert world.find(FlexAsset) == ()


def test_a_region_without_a_network_has_no_assets(world: World) -> None:
    assert world.codes("esp1", register()) == [("no_network", "region_id")]


def test_one_standing_asset_per_unit(world: World) -> None:
    world.grid()
    asset = world.asset(confirmed=False)
    assert (asset.bus, asset.brp_id) == ("3", "brp1")
    assert world.codes("esp2", register()) == [("duplicate", "unit_id")]
    world.do("dso1", c.RefuseAsset(asset_id=asset.id, reason="Not yours, says the register."))
    rival = world.do("esp2", register())
    assert world.codes("dso1", c.ConfirmAsset(asset_id=asset.id)) == [("duplicate", "asset_id")]
    assert world.do("dso1", c.ConfirmAsset(asset_id=rival.id)).state is AssetState.CONFIRMED


def test_a_baseline_stays_within_the_asset_and_the_own_offers(world: World) -> None:
    world.grid()
    asset, session = world.asset(), world.session()

    def baseline(quantity: str) -> c.UploadBaseline:
        return c.UploadBaseline(asset_id=asset.id, delivery_day=DAY, p_mw=at_noon(quantity))

    assert world.codes("esp1", baseline("4.1")) == [("out_of_range", f"p_mw[{NOON}]")]
    assert world.codes("esp1", baseline("3")) == []
    world.do("esp1", bid(session, [(asset.id, at_noon("2"))]))
    assert world.codes("esp1", baseline("1.9")) == [("beyond_asset", "p_mw")]
    assert world.codes("esp1", baseline("2")) == []
    world.at(CLOSES)
    assert world.codes("esp1", baseline("2")) == [("gate_closed", "delivery_day")]


def test_baselines_and_schedules_of_the_past_come_too_late(world: World) -> None:
    world.grid()
    asset = world.asset()
    past = DAY - timedelta(days=2)
    late = c.UploadBaseline(asset_id=asset.id, delivery_day=past, p_mw=flat("0"))
    assert world.codes("esp1", late) == [("deadline_passed", "delivery_day")]
    document = schedule(past)
    late_schedule = c.UploadSchedules(region_id=R1, delivery_day=past, document=document)
    assert world.codes("dso1", late_schedule) == [("deadline_passed", "delivery_day")]


def test_each_upload_computes_the_needs_anew_and_drops_the_older_job(world: World) -> None:
    world.grid()
    first = world.only(Job)
    world.do("dso1", c.UploadSchedules(region_id=R1, delivery_day=DAY, document=schedule(pv_mw=2.0)))
    assert world.only(Job, id=first.id).state is JobState.CANCELLED
    second = world.only(Job, state=JobState.QUEUED)
    assert second.inputs != first.inputs
    world.do("dso1", c.UploadNetwork(region_id=R1, document=network(name="Anew")))
    assert world.only(Job, state=JobState.QUEUED).id != second.id
    assert world.only(Network).version == 1


def test_bad_documents_are_refused_with_their_places(world: World) -> None:
    def upload(document: str) -> list[tuple[str, str]]:
        return world.codes("dso1", c.UploadNetwork(region_id=R1, document=document))

    assert upload("{")[0][0] == "malformed"
    assert upload(network(coupling={"bus": "9", "vm_pu": 1.0})) != []
    assert world.find(Network) == ()
    world.grid()
    rows = schedule().replace("PV-1,p_mw,0.0", "PV-1,p_mw,abc", 1)
    refused = world.codes("dso1", c.UploadSchedules(region_id=R1, delivery_day=DAY, document=rows))
    assert refused == [("not_finite", "row 2, column 3")]


def test_a_network_that_loses_an_asset_or_a_requested_bus_is_refused(world: World) -> None:
    world.grid()
    world.asset()
    world.request(world.session())
    units = [dict(unit, bus="2") if unit["id"] == "PV-1" else unit for unit in UNITS]
    moved = c.UploadNetwork(region_id=R1, document=network(units=units))
    assert world.codes("dso1", moved) == [("unknown_unit", "document")]
    renamed = c.UploadNetwork(region_id=R1, document=network().replace('"3"', '"4"'))
    assert world.codes("dso1", renamed) == [("unknown_unit", "document"), ("unknown_bus", "document")]
    assert json.loads(world.only(Network).document)["buses"][2]["id"] == "3"
