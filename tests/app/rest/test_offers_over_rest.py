"""Terms of offers, offers sent together, and dry clearings over REST."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from conftest import Api, Market, at_noon, opened_market, served
from trying import InProcess
from world import NOON, World

from app.desk import Desk
from app.queries import HANDLERS
from app.queries.models import TryOffers
from app.trials import Trials
from domain import commands as c
from domain.flexibility.market import FlexOffer
from domain.flexibility.rules import ClearingMode, EnergyPricing, PaymentRule
from domain.flexibility.terms import OfferTerms
from domain.lifecycle import OfferState


@pytest.fixture
def room(world: World) -> Iterator[tuple[Api, Market]]:
    world.desk = Desk(world.store.write, world.store.read, HANDLERS, {TryOffers: Trials(InProcess()).answer})
    with served(world, desk=world.desk) as api:
        yield api, opened_market(api)


def test_terms_go_in_and_come_back_exactly(room: tuple[Api, Market]) -> None:
    api, market = room
    terms = {"max_energy_mwh": "0.031", "min_acceptance": 0.25}
    answer = api.post("/offers", market.offer(terms=terms))
    assert answer.status_code == 201
    said = {"block": False, "min_acceptance": "0.25", "max_energy_mwh": "0.031", "ramp_mw_per_step": None}
    assert answer.json()["terms"] == said
    assert api.get(f"/offers/{answer.json()['id']}").json()["terms"] == said
    plain = api.post("/offers", market.offer()).json()
    assert plain["terms"] == said | {"min_acceptance": "0", "max_energy_mwh": None}
    assert api.world.only(FlexOffer, id=plain["id"]).terms == OfferTerms()


@pytest.mark.parametrize(
    ("terms", "code", "field"),
    [
        ({"max_energy_mwh": 0}, "out_of_range", "terms.max_energy_mwh"),
        ({"min_acceptance": "1.5"}, "out_of_range", "terms.min_acceptance"),
        ({"block": True, "min_acceptance": 0.5}, "terms_conflict", "terms.min_acceptance"),
        ({"block": "yes"}, "malformed", "terms.block"),
        ({"blocks": True}, "unknown_field", "terms.blocks"),
    ],
)
def test_bad_terms_are_refused_at_their_field(
    room: tuple[Api, Market], terms: dict[str, Any], code: str, field: str
) -> None:
    api, market = room
    for path in ("/offers", "/offers/dry-clearing"):
        answer = api.post(path, market.offer(terms=terms))
        found = answer.json()["findings"][0]
        assert (found["code"], found["field"]) == (code, field), path
        assert answer.status_code == (200 if path.endswith("clearing") and code in _TAKEN else 422)


_TAKEN = ("out_of_range", "terms_conflict")
"""Findings of the market rather than of the body: a dry clearing answers with them."""


def test_a_dry_clearing_tells_award_revenue_and_why_and_stores_nothing(room: tuple[Api, Market]) -> None:
    api, market = room
    before = api.row_counts()
    body = market.offer(lines=[market.line(quantity_mw=at_noon(4))])
    answer = api.post("/offers/dry-clearing", body)
    assert answer.status_code == 200
    told = answer.json()
    assert (told["feasible"], told["findings"], told["reason"]) == (True, [], "")
    assert 0 < float(told["accepted_mw"][NOON]) < 4
    assert float(told["revenue_eur"]) == pytest.approx(float(told["accepted_mw"][NOON]) * 10, abs=0.005)
    assert told["lines"][0]["asset_id"] == market.asset_id
    assert "it sets the price" in told["why"][0]["sentence"]
    assert api.row_counts() == before


def test_what_cannot_be_expected_has_a_reason_and_no_figures(room: tuple[Api, Market]) -> None:
    api, market = room
    for rules, said in (
        ((ClearingMode.CONTINUOUS, PaymentRule.NODAL, EnergyPricing.IGNORED), "one by one"),
        ((ClearingMode.NETWORK, PaymentRule.NODAL, EnergyPricing.PRICED), "no day-ahead prices"),
    ):
        clearing, payment, energy = rules
        api.world.do(
            "fmo",
            c.SetClearingRules(session_id=market.session_id, clearing=clearing, payment=payment, energy=energy),
        )
        told = api.post("/offers/dry-clearing", market.offer()).json()
        assert said in told["reason"]
        assert (told["feasible"], told["accepted_mw"], told["revenue_eur"]) == (True, None, None)


@pytest.mark.parametrize("who", ["fmo", "dso1", "tso", "retailer1"])
def test_only_sellers_try(room: tuple[Api, Market], who: str) -> None:
    api, market = room
    assert api.post("/offers/dry-clearing", market.offer(), who=who).status_code == 403
    assert api.post("/offers/together", {"offers": [market.offer()]}, who=who).status_code == 403


def test_offers_are_replaced_together_or_not_at_all(room: tuple[Api, Market]) -> None:
    api, market = room
    first = api.post("/offers", market.offer()).json()["id"]
    bad = api.post("/offers/together", {"offers": [market.offer(price_eur_per_mwh=[1])], "replaces": [first]})
    assert bad.json()["findings"][0]["field"] == "offers[0].price_eur_per_mwh"
    assert api.world.only(FlexOffer).state is OfferState.SUBMITTED
    good = api.post("/offers/together", {"offers": [market.offer(), market.offer()], "replaces": [first]})
    assert good.status_code == 201
    assert len(good.json()["items"]) == 2
    assert api.world.only(FlexOffer, id=first).state is OfferState.WITHDRAWN
    stolen = api.post(
        "/offers/together", {"offers": [market.offer()], "replaces": [good.json()["items"][0]["id"]]}, who="esp2"
    )
    assert stolen.status_code == 404
