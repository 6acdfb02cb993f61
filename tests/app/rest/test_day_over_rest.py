"""Requests, offers and results over REST, through the real desk and database."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from world import PUBLISHES, at_noon
from written import explained

from app.bridge import work
from domain.commands import MarkNotificationsRead, PassGate
from domain.events import OfferSubmitted
from domain.flexibility.grids import Job
from domain.flexibility.market import FlexOffer, FlexRequest, GateKind, MarketSession
from domain.ids import NotificationId, PartyId
from domain.lifecycle import OfferState, RequestState
from domain.notifications import Notification
from domain.parties import SYSTEM


def test_health_needs_no_token(api: Any) -> None:
    answer = api.get("/health", who=None)
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "version": "0.1.0", "market_time": "2016-07-24T06:30:00Z"}


def test_token_is_issued_and_works(api: Any) -> None:
    issued = api.post("/token", {"account": "esp1", "password": "demo-esp1"}, who=None).json()
    assert issued["token_type"] == "bearer"
    answer = api.client.get("/api/v1/sessions", headers={"Authorization": f"Bearer {issued['access_token']}"})
    assert answer.status_code == 200


def test_request_is_published_read_and_withdrawn(api: Any, market: Any) -> None:
    answer = api.post("/requests", market.request(), who="dso1")
    assert answer.status_code == 201
    request = answer.json()
    assert (request["state"], request["price_cap_eur_per_mwh"]) == ("published", "150.25")
    assert request["deadline"] == "2016-07-24T10:00:00Z"
    assert answer.headers["location"] == f"/api/v1/requests/{request['id']}"

    assert api.get(f"/requests/{request['id']}").json() == request
    assert api.get("/requests", session_id=market.session_id).json()["items"] == [request]
    assert api.get("/requests", session_id="S-none").json()["items"] == []

    assert api.delete(f"/requests/{request['id']}", who="dso1").status_code == 204
    assert api.world.only(FlexRequest, id=request["id"]).state is RequestState.WITHDRAWN


def test_offer_is_submitted_read_and_withdrawn(api: Any, market: Any) -> None:
    answer = api.post("/offers", market.offer())
    assert answer.status_code == 201, answer.text
    offer = answer.json()
    stored = api.world.only(FlexOffer, id=offer["id"])
    assert stored.lines[0].quantity_mw[50] == Decimal("0.123456")
    assert [event.offer_id for event in api.world.told(OfferSubmitted)] == [offer["id"]]

    row = api.get(f"/offers/{offer['id']}").json()
    assert row.items() >= offer.items()
    assert (row["offered_mwh"], row["accepted_mwh"], row["payment_eur"]) == ("0.030864", None, None)
    assert [item["id"] for item in api.get("/offers", session_id=market.session_id).json()["items"]] == [
        offer["id"]
    ]

    assert api.delete(f"/offers/{offer['id']}").status_code == 204
    assert api.world.only(FlexOffer, id=offer["id"]).state is OfferState.WITHDRAWN


def test_reactive_power_is_asked_for_and_offered_in_mvar(api: Any, market: Any) -> None:
    asset = api.world.asset("esp1", "PV-2", s_max_mva=Decimal("2.5"))
    request = api.post("/requests", market.request(commodity="Q"), who="dso1").json()
    assert (request["commodity"], request["quantity_mw"][50]) == ("Q", "0.4")
    line = {"asset_id": asset.id, "quantity_mw": [*map(str, at_noon("1.5"))]}
    body = market.offer(commodity="Q", lines=[line])
    offer = api.post("/offers", body).json()
    assert (offer["commodity"], api.get(f"/offers/{offer['id']}").json()["offered_mwh"]) == ("Q", "0.375")
    row = api.get(f"/sessions/{market.session_id}", who="fmo").json()
    assert {key: row[key] for key in row if key.endswith(("_mwh", "_mvarh"))} == {
        **dict.fromkeys(("requested_mwh", "offered_mwh", "awarded_mwh", "awarded_mvarh"), "0"),
        "requested_mvarh": "0.1",
        "offered_mvarh": "0.375",
    }
    refused = api.post("/offers", body).json()
    assert "0.000000 Mvar are left to offer" in refused["findings"][0]["sentence"]
    for bad in ("R", "q", None, 1):
        answer = api.post("/offers", market.offer(commodity=bad))
        assert (answer.status_code, answer.json()["findings"][0]["field"]) == (422, "commodity")


def test_numbers_keep_every_digit(api: Any, market: Any) -> None:
    body = json.dumps(market.offer()).replace('"0.123456"', "0.000003")
    offer = api.raw("/offers", body).json()
    assert offer["lines"][0]["quantity_mw"][50] == "0.000003"
    assert offer["price_eur_per_mwh"][0] == "40"


def test_sessions_with_gates(api: Any, market: Any) -> None:
    (row,) = api.get("/sessions", region_id="R1", delivery_day="2016-07-25").json()["items"]
    assert (row["id"], row["state"], row["delivery_day"]) == (market.session_id, "open", "2016-07-25")
    assert {gate["kind"] for gate in row["gates"]} == {"open", "interim", "close", "publish"}
    assert api.get(f"/sessions/{market.session_id}").json() == row
    assert api.get("/sessions", delivery_day="2016-07-26").json()["items"] == []


def test_session_is_planned_by_the_market_operator(api: Any, market: Any) -> None:
    answer = api.post("/sessions", market.plan(), who="fmo")
    assert answer.status_code == 201, answer.text
    session = answer.json()
    assert (session["state"], session["region_id"], session["delivery_day"]) == ("planned", "R2", "2016-07-25")
    assert session["gate_closes_at"] == "2016-07-24T10:00:00Z"
    assert [gate["kind"] for gate in session["gates"]] == ["open", "interim", "interim", "close", "publish"]
    assert answer.headers["location"] == f"/api/v1/sessions/{session['id']}"
    assert api.get(f"/sessions/{session['id']}").json() == session


@pytest.mark.parametrize(
    ("who", "changes", "status", "code"),
    [
        ("esp1", {}, 403, "not_permitted"),
        ("dso2", {}, 403, "not_permitted"),
        ("fmo", {"region_id": "R9"}, 404, "not_found"),
        ("fmo", {"delivery_day": "2016-07-24"}, 409, "deadline_passed"),
        ("fmo", {"opens_at": "2016-07-24T09:00:00"}, 422, "naive_time"),
        ("fmo", {"publishes_at": "2016-07-24T12:00:00+02:00"}, 422, "out_of_range"),
    ],
)
def test_session_that_is_not_planned(
    api: Any, market: Any, who: str, changes: Any, status: int, code: str
) -> None:
    answer = api.post("/sessions", market.plan(**changes), who=who)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert api.world.find(MarketSession, region_id="R2") == ()


def test_rules_are_planned_read_and_set(api: Any, market: Any) -> None:
    rules = {"clearing": "requests", "payment": "vcg", "energy": "priced"}
    defaults = {"clearing": "network", "payment": "pay_as_bid", "energy": "ignored"}
    planned = api.post("/sessions", market.plan(**rules), who="fmo").json()
    assert planned.items() >= rules.items()
    path = f"/sessions/{market.session_id}"
    assert api.get(path).json().items() >= defaults.items()
    answer = api.put(f"{path}/rules", rules, who="fmo")
    assert answer.status_code == 200, answer.text
    assert answer.json() == api.get(path, who="fmo").json()
    assert answer.json().items() >= rules.items()


@pytest.mark.parametrize(
    ("who", "changes", "status", "code", "field"),
    [
        ("esp1", {}, 403, "not_permitted", ""),
        ("fmo", {"clearing": "continuous"}, 422, "rules_conflict", "payment"),
        ("fmo", {"clearing": "auction"}, 422, "malformed", "clearing"),
        ("fmo", {"physics": "linear"}, 422, "unknown_field", "physics"),
        ("fmo", {"energy": None}, 422, "malformed", "energy"),
    ],
)
def test_rules_that_are_not_set(
    api: Any, market: Any, who: str, changes: Any, status: int, code: str, field: str
) -> None:
    body = {"clearing": "network", "payment": "vcg", "energy": "ignored"} | changes
    answer = api.put(f"/sessions/{market.session_id}/rules", body, who=who)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["findings"][0]["field"] == field
    assert api.get(f"/sessions/{market.session_id}").json()["payment"] == "pay_as_bid"


def test_prices_and_reasons_after_publication(api: Any, market: Any) -> None:
    world = api.world
    offer = api.post("/offers", market.offer(lines=[market.line(quantity_mw=[*map(str, at_noon("4"))])])).json()
    session = world.only(MarketSession, id=market.session_id)
    world.run(world.close(session), explained)
    path = f"/results/{session.id}/prices"
    assert (api.get(path).status_code, api.get(path).json()["code"]) == (404, "no_result")
    assert [row["bus"] for row in api.get(path, who="fmo").json()["items"]] == ["1", "2", "3"]
    assert api.get(f"/offers/{offer['id']}").json()["why"] == []

    world.at(PUBLISHES)
    world.do("system", PassGate(gate_id=world.gate(session, GateKind.PUBLISH).id))
    (own,) = api.get(path).json()["items"]
    assert own["bus"] == "3"
    assert {name: values[50] for name, values in own["p_eur_per_mwh"].items()} == {
        "up": -15.5,
        "down": 15.5,
        "total": -15.5,
        "energy": 50.0,
        "loss": -6.5,
        "congestion": 0.0,
        "voltage": -59.0,
    }
    assert own["q_eur_per_mvarh"]["total"][0] == pytest.approx(-8.2)
    assert api.get(path, who="esp2").json()["items"] == []
    (why,) = api.get(f"/offers/{offer['id']}").json()["why"]
    assert (why["element"], why["step"], why["accepted_if_eur_per_mwh"]) == ("3", 50, "15.49")
    assert why["sentence"].startswith("At this price not needed: would have been accepted at 15.49 EUR/MWh")


def test_no_result_before_publication(api: Any, market: Any) -> None:
    answer = api.get(f"/results/{market.session_id}")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_result")


def test_result_after_publication(api: Any, market: Any) -> None:
    world = api.world
    api.post("/requests", market.request(), who="dso1")
    offer = api.post("/offers", market.offer()).json()
    session = world.only(MarketSession, id=market.session_id)
    world.run(world.close(session), work.run)
    assert api.get(f"/results/{session.id}").status_code == 404
    assert api.get(f"/results/{session.id}", who="fmo").json()["session_state"] == "cleared"

    world.at(PUBLISHES)
    world.do("system", PassGate(gate_id=world.gate(session, GateKind.PUBLISH).id))
    result = api.get(f"/results/{session.id}").json()
    assert result["session_state"] == "published"
    assert [award["offer_id"] for award in result["awards"]] == [offer["id"]]
    assert set(result["payments_eur"]) <= {"esp1"}
    assert Decimal(result["awards"][0]["payment_eur"]) == Decimal(result["payments_eur"]["esp1"])
    assert len(result["case_sha256"]) == 64
    assert result["unmet"]
    assert result["proof"]["clean"] is False
    assert api.get(f"/results/{session.id}", who="esp2").json()["awards"] == []


def test_grid_regions_assets_needs(api: Any, market: Any) -> None:
    assert [row["id"] for row in api.get("/regions").json()["items"]] == ["R1", "R2"]
    (asset,) = api.get("/assets", region_id="R1").json()["items"]
    assert (asset["id"], asset["p_max_mw"], asset["s_max_mva"]) == (market.asset_id, "4", None)
    answer = api.get("/needs", who="dso1", region_id="R1", delivery_day="2016-07-25")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_result")


def test_needs_once_computed(api: Any, market: Any) -> None:
    for job in api.world.find(Job, kind="needs"):
        api.world.run(job, work.run)
    needs = api.get("/needs", who="dso1", region_id="R1", delivery_day="2016-07-25").json()["items"]
    assert {need["kind"] for need in needs} == {"voltage"}
    assert all(need["worst_value"] > need["limit"] for need in needs)


def test_notifications_are_listed_and_marked_read(api: Any, market: Any) -> None:
    with api.world.store.write(SYSTEM, MarkNotificationsRead()) as uow:
        uow.add(
            Notification(
                id=NotificationId("N-1"),
                party_id=PartyId("esp1"),
                event="SessionOpened",
                sentence="<b>open</b>",
                link="/supply",
                market_at=uow.market,
            )
        )
    (row,) = api.get("/notifications").json()["items"]
    assert (row["id"], row["read"], row["sentence"]) == ("N-1", False, "<b>open</b>")
    assert api.get("/notifications", who="esp2").json()["items"] == []
    assert api.client.post("/api/v1/notifications/read", headers=api.headers("esp1")).status_code == 204
    assert api.get("/notifications").json()["items"][0]["read"] is True
