"""InterFlex's interface on the use cases' small market: one domain, two doors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from canned import cleared, publish
from world import DAY, NOON, OPENS, WHO, at_noon, bid

from app.queries.models import ListOffers
from app.rest.problems import MEDIA_TYPE
from app.scheduler import over_call_times
from domain.commands import AcknowledgeActivation, EndCallTime
from domain.events import CallTimeEnded
from domain.flexibility.assets import FlexAsset
from domain.flexibility.market import Activation, Award, FlexOffer, FlexRequest, MarketSession
from domain.ids import PartyId
from domain.lifecycle import ActivationState, OfferState
from domain.time import MARKET_ZONE, DeliveryDay

SOON = (OPENS + timedelta(hours=2)).isoformat()
START = DeliveryDay(day=DAY).instant(NOON).astimezone(MARKET_ZONE).isoformat()
NOW = OPENS.isoformat()


@dataclass
class Door:
    """InterFlex's interface, called by name."""

    api: Any

    def send(self, method: str, path: str, who: str, body: object = None) -> Any:
        return self.api.client.request(
            method, f"/interflex/api/v1{path}", json=body, headers=self.api.headers(who)
        )

    def get(self, path: str, who: str) -> Any:
        answer = self.send("GET", path, who)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def id(self, path: str, who: str) -> str:
        (value,) = self.get(path, who).values()
        return value

    def refused(self, method: str, path: str, who: str, body: object = None) -> tuple[int, str, str]:
        answer = self.send(method, path, who, body)
        assert answer.headers["content-type"] == MEDIA_TYPE, answer.text
        problem = answer.json()
        field = problem["findings"][0]["field"] if problem["findings"] else ""
        return answer.status_code, problem["code"], field

    # -- what each sends

    def request(self, who: str = "dso1", **changes: object) -> dict[str, object]:
        return {
            "request_id": self.id(f"/dsos/{who}/flexibilityRequests/requestId", who),
            "timestamp": NOW,
            "deadline": SOON,
            "region_id": "3",
            "flexible_power": -1500,
            "duration": 900,
            "unit": "kW",
            "activation_time": START,
        } | changes

    def offer(self, who: str = "esp1", **changes: object) -> dict[str, object]:
        return {
            "offer_id": self.id(f"/aggregators/{who}/flexibilityOffers/offerId", who),
            "entity_id": who,
            "timestamp": NOW,
            "deadline": SOON,
            "region_id": "3",
            "flexible_power": -1000,
            "granularity": 100,
            "duration": 900,
            "unit": "kW",
            "activation_time": START,
            "flex_price": 40.5,
            "flex_type": "pv",
            "currency": "EUR",
        } | changes

    def activation(self, offer: Mapping[str, object], who: str = "dso1", **changes: object) -> dict[str, object]:
        same = ("offer_id", "flexible_power", "granularity", "duration", "unit", "activation_time")
        priced = (*same, "flex_price", "flex_type", "currency", "timestamp")
        id = self.id(f"/dsos/{who}/flexibilityActivations/activationId", who)
        return {"activation_id": id} | {key: offer[key] for key in priced} | changes

    def answer(self, kind: str, activation: Mapping[str, object], who: str = "esp1", **changes: object) -> Any:
        same = ("offer_id", "flexible_power", "granularity", "duration", "unit", "activation_time", "timestamp")
        id = self.id(f"/aggregators/{who}/flexibilityActivations/{kind}s/{kind}Id", who)
        return {f"{kind}_id": id} | {key: activation[key] for key in same} | changes

    def post(self, path: str, who: str, body: Mapping[str, object]) -> Mapping[str, object]:
        answer = self.send("POST", path, who, body)
        assert (answer.status_code, answer.text.strip()) == (201, "{}"), answer.text
        return body

    def offered(self, who: str = "esp1", **changes: object) -> Mapping[str, object]:
        return self.post(f"/aggregators/{who}/flexibilityOffers", who, self.offer(who, **changes))

    def left(self, who: str = "dso1") -> list[float]:
        return [offer["flexible_power"] for offer in self.get("/aggregators/flexibilityOffers", who)]

    def called(self, offer: Mapping[str, object], **changes: object) -> Mapping[str, object]:
        body = self.activation(offer, **changes)
        return self.post(f"/dsos/dso1/flexibilityActivations/{offer['entity_id']}", "dso1", body)


@pytest.fixture
def door(api: Any) -> Door:
    api.world.grid()
    return Door(api=api)


@pytest.fixture
def open_market(door: Door) -> Door:
    """PV-1 (4 MW) of esp1 and PV-2 (2 MW) of agg1 at bus 3, the session open."""
    world = door.api.world
    world.asset("esp1", "PV-1")
    world.asset("agg1", "PV-2", brp_id=PartyId("brp1"))
    world.session()
    return door


def numbers(entry: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: entry[name] for name in names}


def test_a_negotiation_from_the_request_to_the_acknowledgement(open_market: Door) -> None:
    door, world = open_market, open_market.api.world
    asked = door.post("/dsos/dso1/flexibilityRequests", "dso1", door.request())
    (seen,) = door.get("/dsos/dso1/flexibilityRequests", "agg1")
    assert seen == {
        "request_id": asked["request_id"],
        "region_id": "3",
        "flexible_power": -1500.0,
        "unit": "kW",
        "duration": 900.0,
        "activation_time": START,
        "deadline": datetime.fromisoformat(SOON).astimezone(MARKET_ZONE).isoformat(),
        "timestamp": OPENS.astimezone(MARKET_ZONE).isoformat(),
    }
    request = world.only(FlexRequest)  # the desks' own
    assert (request.id, request.congestion_point, request.quantity_mw) == (
        asked["request_id"],
        "3",
        at_noon("1.5"),
    )

    dear = door.offered("esp1", flex_price=60)
    cheap = door.offered("agg1", flex_price=40.5)
    listed = door.get("/aggregators/flexibilityOffers", "dso1")
    assert {(o["entity_id"], o["flex_price"], o["flexible_power"], o["flex_type"]) for o in listed} == {
        ("esp1", 60.0, -1000.0, "pv"),
        ("agg1", 40.5, -1000.0, "pv"),
    }
    assert [o["entity_id"] for o in door.get("/aggregators/flexibilityOffers", "agg1")] == ["agg1"]

    call = door.called(cheap)
    (seen,) = door.get("/dsos/dso1/flexibilityActivations/agg1", "agg1")
    names = ("activation_id", "offer_id", "flexible_power", "unit", "duration", "activation_time", "granularity")
    assert numbers(seen, *names) == numbers(call, *names)
    ack = door.post("/aggregators/agg1/flexibilityActivations/acks", "agg1", door.answer("ack", call, "agg1"))
    for who in ("dso1", "agg1"):
        (seen,) = door.get("/aggregators/agg1/flexibilityActivations/acks", who)
        assert (seen["ack_id"], seen["offer_id"]) == (ack["ack_id"], cheap["offer_id"])
    assert world.only(Activation).state is ActivationState.ACKNOWLEDGED
    assert world.only(Award).payment_eur == Decimal("10.12")  # 1 MW for a quarter of an hour at 40.50
    assert (
        door.get("/aggregators/flexibilityOffers", "dso1")[0]["offer_id"] == dear["offer_id"]
    )  # the other is gone


def test_what_is_called_is_out_of_the_book_and_cannot_be_offered_again(open_market: Door) -> None:
    door, world = open_market, open_market.api.world
    offer = door.offered("esp1", flexible_power=-3000)
    door.called(offer, flexible_power=-1200)
    assert world.only(FlexOffer).lines[0].quantity_mw == at_noon("1.8")
    assert [o["flexible_power"] for o in door.get("/aggregators/flexibilityOffers", "dso1")] == [-1800.0]
    path = "/dsos/dso1/flexibilityActivations/esp1"
    assert door.refused("POST", path, "dso1", door.activation(offer, flexible_power=-1900)) == (
        409,
        "not_callable",
        "flexible_power",
    )
    more = door.offer("esp1", flexible_power=-1001, granularity=0)  # of 4 MW, 3 stand in this offer or are called
    assert door.refused("POST", "/aggregators/esp1/flexibilityOffers", "esp1", more)[1] == "beyond_asset"
    door.called(offer, flexible_power=-1800)
    assert world.only(FlexOffer).state is OfferState.ACCEPTED
    assert door.get("/aggregators/flexibilityOffers", "dso1") == []


def test_the_clearing_sees_the_call_in_the_baseline_and_pays_it(open_market: Door) -> None:
    door, world = open_market, open_market.api.world
    offer = door.offered("esp1", flexible_power=-3000)
    door.called(offer, flexible_power=-1000)
    case = clear(world, "0.5")
    unit = next(u for u in case["baseline"]["units"] if u["id"] == "PV-1")
    assert unit["p_mw"][NOON] == 3.0  # 4 by the schedule, 1 called down
    assert case["offers"][0]["quantity_mw"][NOON] == 2.0
    assert world.only(FlexOffer).state is OfferState.PARTLY_ACCEPTED


def test_after_the_gate_only_what_was_awarded_can_be_called_and_once(open_market: Door) -> None:
    door, world = open_market, open_market.api.world
    offer = door.offered("esp1", flexible_power=-2000, flex_price=40)
    path = "/dsos/dso1/flexibilityActivations/esp1"
    clear(world, "0.4")
    assert door.refused("POST", path, "dso1", door.activation(offer))[:2] == (
        409,
        "gate_closed",
    )
    publish(world, world.only(MarketSession))
    assert door.left() == [-800.0]
    assert door.refused("POST", path, "dso1", door.activation(offer, flexible_power=-900))[:2] == (
        409,
        "not_callable",
    )
    before = sum((a.payment_eur for a in world.find(Award)), Decimal(0))
    door.called(offer, flexible_power=-500)
    assert door.left() == [-300.0]
    assert door.refused("POST", path, "dso1", door.activation(offer, flexible_power=-400))[:2] == (
        409,
        "not_callable",
    )
    door.called(offer, flexible_power=-300)
    assert door.left() == []
    assert sum((a.payment_eur for a in world.find(Award)), Decimal(0)) == before
    assert sum(sum(a.p_mw) for a in world.find(Activation)) == Decimal("-0.8")
    called = door.get(path, "dso1")
    assert sorted(c["flexible_power"] for c in called) == [-500.0, -300.0]
    assert door.refused("DELETE", f"{path}/{called[0]['activation_id']}", "dso1")[:2] == (409, "gate_closed")


def test_the_book_of_the_desks_stays_sealed_for_the_dso(open_market: Door) -> None:
    door, world = open_market, open_market.api.world
    offer = door.offered("agg1")
    hidden = world.do("esp1", bid_on(world, "esp1"))
    assert [o["offer_id"] for o in door.get("/aggregators/flexibilityOffers", "dso1")] == [offer["offer_id"]]
    body = door.activation(offer, offer_id=hidden.id)
    path = "/dsos/dso1/flexibilityActivations/esp1"
    assert door.refused("POST", path, "dso1", body) == (404, "not_found", "offer_id")
    assert [o["offer_id"] for o in door.get("/aggregators/flexibilityOffers", "esp1")] == [hidden.id]


def clear(world: Any, share: str) -> Any:
    """The gate closes and `share` of each offer is accepted; the case that was cleared."""
    job = world.close(world.only(MarketSession))
    with cleared(share):
        world.run(job, lambda *_: b"{}")
    return json.loads(job.inputs)


def bid_on(world: Any, who: str) -> Any:
    (asset,) = world.find(FlexAsset, owner_id=who)
    return bid(world.only(MarketSession), [(asset.id, at_noon("1"))])


def test_who_has_none_says_so(open_market: Door) -> None:
    door, world = open_market, open_market.api.world
    none = door.offered("agg1", flexible_power=0, granularity=0)
    (seen,) = door.get("/aggregators/flexibilityOffers", "dso1")
    assert numbers(seen, "offer_id", "flexible_power", "entity_id") == numbers(
        none, "offer_id", "flexible_power", "entity_id"
    )
    assert world.find(FlexOffer) == ()
    assert (
        door.send("DELETE", f"/aggregators/agg1/flexibilityOffers/{none['offer_id']}", "agg1").status_code == 200
    )
    assert door.get("/aggregators/flexibilityOffers", "agg1") == []


def test_the_loser_learns_it_when_the_time_is_over(open_market: Door) -> None:
    door, world = open_market, open_market.api.world
    offer = door.offered("agg1")
    assert [row.call_until for row in world.desk.query(WHO["fmo"], ListOffers())] == [datetime.fromisoformat(SOON)]
    world.at(datetime.fromisoformat(SOON))
    assert [row.call_until for row in world.desk.query(WHO["fmo"], ListOffers())] == [None]
    assert door.get("/aggregators/flexibilityOffers", "agg1") == []
    path = "/dsos/dso1/flexibilityActivations/agg1"
    assert door.refused("POST", path, "dso1", door.activation(offer))[:2] == (409, "deadline_passed")
    assert [terms.id for terms in over_call_times(world.store.read)] == [offer["offer_id"]]
    world.do("system", EndCallTime(offer_id=offer["offer_id"]))
    assert [event.party_id for event in world.told(CallTimeEnded)] == ["agg1"]
    assert over_call_times(world.store.read) == []
    assert world.only(FlexOffer).state is OfferState.SUBMITTED  # it stays in the book


def test_a_refusal_a_change_of_mind_and_a_call_taken_back(open_market: Door) -> None:
    door, world = open_market, open_market.api.world
    offer = door.offered("esp1", flexible_power=-2000)
    call = door.called(offer, flexible_power=-1500)
    nacks = "/aggregators/esp1/flexibilityActivations/nacks"
    nack = door.post(nacks, "esp1", door.answer("nack", call))
    assert world.only(Activation).state is ActivationState.REFUSED
    assert door.refused("POST", nacks, "esp1", door.answer("nack", call))[:2] == (409, "wrong_state")
    at = f"/dsos/dso1/flexibilityActivations/esp1/{call['activation_id']}"
    assert door.refused("DELETE", at, "dso1")[:2] == (409, "wrong_state")
    assert door.send("DELETE", f"{nacks}/{nack['nack_id']}", "esp1").status_code == 200
    assert door.get(nacks, "esp1") == []
    assert door.send("DELETE", at, "dso1").status_code == 200
    assert world.only(FlexOffer).lines[0].quantity_mw == at_noon("2")
    assert world.find(Award) == ()
    offers = f"/aggregators/esp1/flexibilityOffers/{offer['offer_id']}"
    assert door.send("DELETE", offers, "esp1").status_code == 200


def test_a_called_offer_cannot_be_withdrawn(open_market: Door) -> None:
    offer = open_market.offered("esp1", flexible_power=-2000)
    open_market.called(offer, flexible_power=-1500)
    at = f"/aggregators/esp1/flexibilityOffers/{offer['offer_id']}"
    assert open_market.refused("DELETE", at, "esp1")[:2] == (409, "wrong_state")


IMPLAUSIBLE = [
    ({"flexible_power": -0.0005}, "too_many_decimals", "flexible_power"),
    ({"duration": 1000}, "not_on_grid", "duration"),
    ({"duration": 0}, "out_of_range", "duration"),
    ({"duration": 86400}, "not_on_grid", "duration"),
    ({"activation_time": "2016-07-25T12:31:00+02:00"}, "not_on_grid", "activation_time"),
    ({"activation_time": "2016-07-25T12:30:00"}, "naive_time", "activation_time"),
    ({"activation_time": "2017-07-25T12:30:00Z"}, "no_session", "activation_time"),
    ({"deadline": "2016-07-24T00:00:00Z"}, "deadline_passed", "deadline"),
    ({"deadline": "2016-07-26T00:00:00Z"}, "out_of_range", "deadline"),
    ({"granularity": 2000}, "out_of_range", "granularity"),
    ({"granularity": -1}, "out_of_range", "granularity"),
    ({"flex_price": 40.555}, "too_many_decimals", "flex_price"),
    ({"unit": "mW"}, "malformed", "unit"),
    ({"currency": "USD"}, "malformed", "currency"),
    ({"region_id": "nowhere"}, "unknown_place", "region_id"),
    ({"offer_id": "FO-0000000000000000-0000000000000000"}, "unknown_id", "offer_id"),
    ({"entity_id": "agg1"}, "not_yours", "entity_id"),
    ({"flexible_power": "much"}, "malformed", "flexible_power"),
    ({"flexibible_power": 1}, "unknown_field", "flexibible_power"),
    ({"flexible_power": -1e18}, "out_of_range", "flexible_power"),
]


def test_implausible_offers_are_refused(open_market: Door) -> None:
    door = open_market
    for change, code, field in IMPLAUSIBLE:
        found = door.refused("POST", "/aggregators/esp1/flexibilityOffers", "esp1", door.offer() | change)
        assert found[1:] == (code, field), change
    assert door.api.world.find(FlexOffer) == ()


def test_units_of_active_and_reactive_power(open_market: Door) -> None:
    door, world = open_market, open_market.api.world
    for unit, power in (("W", -1_500_000), ("kW", -1500), ("MW", -1.5)):
        door.post("/dsos/dso1/flexibilityRequests", "dso1", door.request(unit=unit, flexible_power=power))
    assert {r.quantity_mw for r in world.find(FlexRequest)} == {at_noon("1.5")}
    door.post("/dsos/dso1/flexibilityRequests", "dso1", door.request(unit="kvar", flexible_power=200))
    reactive = next(r for r in door.get("/dsos/dso1/flexibilityRequests", "esp1") if r["unit"] == "kvar")
    assert reactive["flexible_power"] == 200.0


def test_a_request_without_a_time_is_for_the_first_hour_that_can_be_delivered(open_market: Door) -> None:
    door = open_market
    body = door.request(duration=3600)
    del body["activation_time"]
    door.post("/dsos/dso1/flexibilityRequests", "dso1", body)
    (seen,) = door.get("/dsos/dso1/flexibilityRequests", "esp1")
    assert seen["activation_time"] == f"{DAY}T00:00:00+02:00"


def test_each_acts_for_itself_and_reads_what_it_may(open_market: Door) -> None:
    door = open_market
    offer = door.offered("esp1")
    for method, path, who in (
        ("GET", "/dsos/dso1/flexibilityRequests/requestId", "dso2"),
        ("GET", "/dsos/dso1/flexibilityRequests", "dso2"),
        ("GET", "/dsos/dso1/flexibilityRequests/requestId", "esp1"),
        ("GET", "/aggregators/esp1/flexibilityOffers/offerId", "agg1"),
        ("GET", "/aggregators/esp1/flexibilityOffers/offerId", "dso1"),
        ("GET", "/dsos/dso1/flexibilityActivations/esp1", "agg1"),
        ("GET", "/dsos/dso1/flexibilityActivations/esp1", "dso2"),
        ("GET", "/aggregators/esp1/flexibilityActivations/acks", "agg1"),
        ("GET", "/aggregators/flexibilityOffers", "retailer1"),
        ("DELETE", f"/aggregators/esp1/flexibilityOffers/{offer['offer_id']}", "agg1"),
    ):
        assert door.refused(method, path, who)[0] == 403, (method, path, who)
    assert door.get("/aggregators/flexibilityOffers", "dso2") == []
    assert door.get("/aggregators/esp1/flexibilityActivations/acks", "dso2") == []
    stolen = door.offer("esp1")
    assert door.refused("POST", "/aggregators/agg1/flexibilityOffers", "agg1", stolen | {"entity_id": "agg1"})[
        1
    ] == ("unknown_id")
    path = "/dsos/dso2/flexibilityActivations/esp1"
    assert door.refused("POST", path, "dso2", door.activation(offer, "dso2"))[:2] == (404, "not_found")
    for method, path in (("GET", "/aggregators/flexibilityOffers"), ("POST", "/dsos/dso1/flexibilityRequests")):
        answer = door.api.client.request(method, f"/interflex/api/v1{path}", json={})
        assert answer.status_code in (401, 422)


def test_what_the_desks_do_is_seen_here_too(open_market: Door) -> None:
    door, world = open_market, open_market.api.world
    session = world.only(MarketSession)
    request = world.request(session)
    (seen,) = door.get("/dsos/dso1/flexibilityRequests", "esp1")
    assert (seen["request_id"], seen["region_id"]) == (request.id, request.congestion_point)
    offer = world.do("esp1", bid_on(world, "esp1"))
    clear(world, "0.5")
    publish(world, session)
    (call,) = door.get("/dsos/dso1/flexibilityActivations/esp1", "esp1")
    assert (call["offer_id"], call["flexible_power"]) == (offer.id, -500.0)
    world.do("esp1", AcknowledgeActivation(activation_id=world.only(Activation).id))
    (ack,) = door.get("/aggregators/esp1/flexibilityActivations/acks", "dso1")
    assert (ack["offer_id"], ack["flexible_power"]) == (offer.id, -500.0)


def test_lists_can_be_of_one_day(open_market: Door) -> None:
    door = open_market
    door.offered("esp1")
    assert len(door.get(f"/aggregators/flexibilityOffers?date={DAY}", "esp1")) == 1
    assert door.get("/aggregators/flexibilityOffers?date=2016-07-26", "esp1") == []
    assert door.refused("GET", "/aggregators/flexibilityOffers?date=soon", "esp1")[1] == "malformed"


def test_two_hundred_ask_for_ids_at_once(open_market: Door) -> None:
    path = "/aggregators/esp1/flexibilityOffers/offerId"
    with ThreadPoolExecutor(20) as crowd:
        found = list(crowd.map(lambda _: open_market.id(path, "esp1"), range(200)))
    assert len(set(found)) == 200


def test_two_hundred_call_the_last_megawatt_at_once(open_market: Door) -> None:
    """Each wants a tenth of it, so that ten get it and nobody more."""
    door, world = open_market, open_market.api.world
    offer = door.offered("esp1", flexible_power=-1000)
    path = "/dsos/dso1/flexibilityActivations/esp1"
    bodies = [door.activation(offer, flexible_power=-100) for _ in range(200)]
    with ThreadPoolExecutor(20) as crowd:
        answers = list(crowd.map(lambda body: door.send("POST", path, "dso1", body).status_code, bodies))
    assert (answers.count(201), set(answers)) == (10, {201, 409})
    called = [sum(call.p_mw) for call in world.find(Activation)]
    assert (len(called), sum(called)) == (10, Decimal("-1.0"))
    assert world.only(FlexOffer).lines[0].quantity_mw == at_noon("0")
