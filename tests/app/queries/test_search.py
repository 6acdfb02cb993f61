"""Search finds by words what the asker may see, and nothing of the sealed book."""

from __future__ import annotations

import pytest
from world import DAY, NOON, PUBLISHES, R1, R2, WHO, World, at_noon, bid

from app import policy, policy_place
from app.bridge import work
from app.queries import models as q
from app.queries.models import place
from app.queries.search import FINDERS, rank
from domain import commands as c
from domain.flexibility.assets import Direction
from domain.flexibility.grids import Job
from domain.flexibility.market import GateKind, MarketSession

K = q.HitKind
QUERIES = {**policy.QUERIES, **policy_place.QUERIES}


def found(world: World, who: str, text: str, limit: int = 50) -> list[tuple[q.HitKind, str]]:
    hits = world.desk.query(WHO[who], q.Search(text=text, limit=limit))
    return [(hit.kind, hit.id) for hit in hits]


@pytest.fixture
def market(world: World) -> tuple[World, MarketSession]:
    """Both regions have a grid; esp1 and esp2 each have an asset and an offer in the first."""
    world.grid()
    world.grid(R2, "dso2")
    session = world.session()
    for who, unit in (("esp1", "PV-1"), ("esp2", "PV-2")):
        asset = world.asset(who, unit)
        world.do(who, bid(session, [(asset.id, at_noon("1"))], direction=Direction.DOWN))
    return world, session


def offers(world: World, who: str) -> set[str]:
    return {id for kind, id in found(world, who, "FO-") if kind is K.OFFER}


def owner(world: World, who: str) -> set[str]:
    return {row.offer.id for row in world.desk.query(WHO[who], q.ListOffers())}


def test_every_kind_is_found_by_the_roles_that_may_list_it() -> None:
    listing = {
        K.BUS: q.GetGrid,
        K.BRANCH: q.GetGrid,
        K.UNIT: q.ListUnits,
        K.ASSET: q.ListAssets,
        K.PARTY: q.ListParties,
        K.SESSION: q.ListSessions,
        K.REQUEST: q.ListRequests,
        K.OFFER: q.ListOffers,
        K.COMPANY: place.ListRegistrations,
        K.SERVICE_OFFER: place.SearchServices,
        K.SERVICE_REQUEST: place.ListServiceRequests,
        K.SUBSCRIPTION: place.ListSubscriptions,
    }
    assert {kind: roles for kind, (_find, roles) in FINDERS.items()} == {
        kind: QUERIES[query] for kind, query in listing.items()
    }
    assert set(FINDERS) == set(K)


def test_the_book_is_sealed_to_search_too(market: tuple[World, MarketSession]) -> None:
    world, session = market
    all_offers = owner(world, "fmo")
    assert len(all_offers) == 2
    assert offers(world, "fmo") == all_offers
    for who in ("esp1", "esp2"):
        assert offers(world, who) == owner(world, who)
        assert len(offers(world, who)) == 1
    for who in ("dso1", "dso2", "tso", "agg1", "brp1", "retailer1"):
        assert offers(world, who) == set()
    for rival in ("esp1", "agg1", "brp1", "tso", "dso1"):
        names = {hit.id for hit in world.desk.query(WHO[rival], q.Search(text="wind", limit=50))}
        assert names <= {"esp2"}, "a rival's name is public, what it does is not"
    world.close(session)
    assert offers(world, "dso1") == all_offers
    assert offers(world, "dso2") == set()
    assert len(offers(world, "esp1")) == 1


def test_an_outcome_is_not_found_by_its_word_before_it_is_published(market: tuple[World, MarketSession]) -> None:
    world, session = market
    world.run(world.close(session), work.run)
    words = ("accepted", "rejected")
    assert any(found(world, "fmo", f"{word} FO-") for word in words)
    assert not any(found(world, who, f"{word} FO-") for word in words for who in ("dso1", "esp1"))
    world.at(PUBLISHES)
    world.do("system", c.PassGate(gate_id=world.gate(session, GateKind.PUBLISH).id))
    assert any(found(world, "esp1", f"{word} FO-") for word in words)


def test_elements_are_found_in_the_regions_one_may_see(market: tuple[World, MarketSession]) -> None:
    world, _session = market
    hits = world.desk.query(WHO["dso2"], q.Search(text="PV-1"))
    assert [(hit.kind, hit.id, hit.region_id) for hit in hits] == [(K.UNIT, "PV-1", R2)]
    everywhere = world.desk.query(WHO["fmo"], q.Search(text="L1"))
    assert [(hit.kind, hit.region_id) for hit in everywhere] == [(K.BRANCH, R1), (K.BRANCH, R2)]
    assert found(world, "tso", "PV-1") == []
    assert found(world, "brp1", "L1") == []
    assert found(world, "customer1", "esp") == []


def test_assets_are_found_by_their_owner_their_dso_and_the_operator(market: tuple[World, MarketSession]) -> None:
    world, _session = market

    def assets(who: str) -> int:
        return len([kind for kind, _ in found(world, who, "asset") if kind is K.ASSET])

    assert [assets(who) for who in ("fmo", "dso1", "dso2", "esp1", "esp2", "agg1")] == [2, 2, 0, 1, 1, 0]


def test_requests_and_sessions_carry_where_they_are(market: tuple[World, MarketSession]) -> None:
    world, session = market
    request = world.request(session, quantity_mw=at_noon("1", NOON))
    (hit,) = world.desk.query(WHO["esp1"], q.Search(text=request.id))
    assert (hit.kind, hit.session_id, hit.region_id, hit.delivery_day) == (K.REQUEST, session.id, R1, DAY)
    assert found(world, "dso2", request.id) == []
    assert found(world, "dso1", session.id)[0] == (K.SESSION, session.id)
    world.do("dso1", c.WithdrawRequest(request_id=request.id))
    assert found(world, "esp1", request.id) == []


def test_the_best_come_first_and_no_more_than_asked_for(market: tuple[World, MarketSession]) -> None:
    world, _session = market
    assert found(world, "fmo", "pv-1", limit=1) == [(K.UNIT, "PV-1")]
    assert len(found(world, "fmo", "p", limit=3)) == 3
    assert found(world, "fmo", "  ") == found(world, "fmo", "p", limit=-1) == []


@pytest.mark.parametrize(
    ("text", "worth"),
    [("bus 12", 0), ("b", 1), ("12", 2), ("us", 3), ("rural bus", 3), ("bus 13", None), ("<b>", None)],
)
def test_rank(text: str, worth: int | None) -> None:
    hit = q.Hit(kind=K.BUS, id="Bus 12", label="Bus 12", note="Rural")
    assert rank(hit, text.split()) == worth


def test_what_a_dso_uploads_is_found_at_once(market: tuple[World, MarketSession]) -> None:
    world, _session = market
    assert world.find(Job)
    assert found(world, "dso1", "LD-2") == [(K.UNIT, "LD-2")]
