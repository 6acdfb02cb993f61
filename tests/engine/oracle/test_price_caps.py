"""A curable case is cured at any price below the cap; a request's cap below the cheapest cure leaves it unmet."""

from __future__ import annotations

import pytest
from random_cases import random_case

PRICES = (60.0, 150.0, 400.0, 2000.0)


def _relief(document, price):
    for offer in document["offers"]:
        offer["price_eur_per_mwh"] = price
    return document


CURABLE = [("over-voltage", 1), ("over-voltage, meshed", 0), ("under-voltage", 3), ("congestion", 3)]


@pytest.mark.parametrize("price", PRICES)
@pytest.mark.parametrize(("base", "seed"), CURABLE)
def test_dear_offers_still_cure(base, seed, price, cleared):
    document = _relief(random_case(base, "P", seed), price)
    result = cleared(document)
    assert result["needs"] != []
    assert (result["status"], result["unmet"], result["proof"]["clean"]) == ("cleared", [], True)
    assert any(max(award["accepted"]) > 0.01 for award in result["awards"].values())


def test_four_prices_at_once(feeder, offer, cleared):
    offers = [offer(f"at {price:g}", "3", 0.45, price) for price in PRICES]
    result = cleared(feeder(offers=offers))
    assert (result["status"], result["unmet"]) == ("cleared", [])
    accepted = [result["awards"][f"at {price:g}"]["accepted"][0] for price in PRICES]
    assert accepted[:3] == pytest.approx([0.45] * 3, abs=2e-6)
    assert 0.0 < accepted[3] < 0.45


@pytest.mark.parametrize("cap", [59.0, 20.0])
def test_a_cap_below_the_cheapest_cure_leaves_need_unmet(cap, feeder, offer, cleared):
    request = {"id": "R", "party": "DSO", "buses": ["3"], "commodity": "P", "direction": "down"}
    request |= {"quantity_mw": 3.0, "price_eur_per_mwh": cap}
    offers = [offer(f"at {price:g}", "3", 2.0, price) for price in PRICES]
    result = cleared(feeder(offers=offers, requests=[request]))
    assert result["status"] == "cleared_with_unmet"
    assert {entry["reason"] for entry in result["unmet"]} == {"above_cap"}
    changes = [entry for entry in result["unmet"] if "bus" in entry]
    assert {(c["bus"], c["request"], c["direction"], c["price_eur_per_mwh"]) for c in changes} == {
        ("3", "R", "down", cap)
    }
    assert all(sum(award["accepted"]) == 0.0 for award in result["awards"].values())


def test_a_cap_above_the_cheapest_cure_changes_nothing(feeder, offer, cleared):
    request = {"id": "R", "party": "DSO", "buses": ["3"], "commodity": "P", "direction": "down"}
    request |= {"quantity_mw": 3.0, "price_eur_per_mwh": 61.0}
    offers = [offer(f"at {price:g}", "3", 2.0, price) for price in PRICES]
    with_cap, without = (cleared(feeder(offers=offers, requests=r)) for r in ([request], []))
    assert (with_cap["awards"], with_cap["unmet"]) == (without["awards"], [])
