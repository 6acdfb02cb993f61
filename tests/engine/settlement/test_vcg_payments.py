"""VCG: each party gets its cost and what its presence saves all others, found again by clearing without it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine import clear, read_case

PRICED = {"energy": "priced", "coupling_price": 50.0}


@pytest.fixture
def market(feeder, offer):
    """Two steps; ESP-A and ESP-B compete at the needy end, ESP-C is dear; all divisible."""

    def make(without: str = "", **options: Any) -> Any:
        offers = [
            offer("A1", "3", 0.9, 20.0, party="ESP-A"),
            offer("A2", "2", 0.5, 60.0, party="ESP-A"),
            offer("B1", "3", 2.0, [41.0, 45.0], party="ESP-B"),
            offer("C1", "2", 2.5, 140.0, party="ESP-C"),
        ]
        kept = [o for o in offers if o["party"] != without]
        return feeder(p_mw=[2.5, 2.4], n_steps=2, offers=kept, payment="vcg", **options)

    return make


def _cost(result: Any) -> float:
    """The clearing's objective with what stays unmet at its price."""
    unmet = sum(
        u.get("quantity_mw", u.get("quantity_mvar")) * u["price_eur_per_mwh"] / 4
        for u in result["unmet"]
        if "bus" in u
    )
    return result["objective_eur"] + unmet


@pytest.mark.parametrize("options", [{}, PRICED], ids=["redispatch", "priced"])
def test_a_party_is_paid_its_cost_and_what_it_saves_the_others(options, market, read):
    document = market(**options)
    result = clear(read(document)).result
    asked = {
        party: sum(
            sum(x * p / 4 for x, p in zip(result["awards"][o.id]["accepted"], o.price, strict=True))
            for o in read(document).offers
            if o.party == party
        )
        for party in ("ESP-A", "ESP-B", "ESP-C")
    }
    for party, cost in asked.items():
        without = clear(read(market(party, **options))).result
        worth = _cost(without) - _cost(result)
        assert float(result["payments"][party]) == pytest.approx(cost + worth, abs=0.011)
        assert float(result["payments"][party]) >= cost - 0.006
    assert float(result["payments"]["ESP-A"]) > asked["ESP-A"] + 0.5
    assert result["payments"]["ESP-C"] == "0.00"
    assert sum(map(Decimal, result["payments"].values())) == 0


def test_prices_tell_what_a_party_got_per_mwh(market, read):
    result = clear(read(market())).result
    paid = sum(
        x * p / 4
        for name in ("A1", "A2")
        for x, p in zip(result["awards"][name]["accepted"], result["awards"][name]["price"], strict=True)
    )
    assert paid == pytest.approx(float(result["payments"]["ESP-A"]), abs=0.006)


def test_a_party_without_which_need_stays_unmet_is_pivotal(feeder, offer, read):
    offers = [offer("B1", "3", 2.0, 41.0, party="ESP-B"), offer("A1", "3", 0.2, 20.0, party="ESP-A")]
    assert clear(read(feeder(offers=offers, payment="vcg"))).result["pivotal"] == ["ESP-B"]


def test_lying_about_the_price_never_pays(market, read):
    """ESP-A's profit at its true cost, for asking less and more."""

    def profit(asked: float) -> float:
        document = market()
        next(o for o in document["offers"] if o["id"] == "A1")["price_eur_per_mwh"] = asked
        result = clear(read(document)).result
        true = {"A1": 20.0, "A2": 60.0}
        cost = sum(sum(result["awards"][name]["accepted"]) * price / 4 for name, price in true.items())
        return float(result["payments"]["ESP-A"]) - cost

    truthful = profit(20.0)
    assert all(profit(asked) <= truthful + 0.011 for asked in (1.0, 35.0, 43.0, 70.0))


def test_parties_of_a_day_with_storages_are_held_against_whole_clearings(market, read):
    storage = {
        "id": "S", "party": "ESP-S", "asset": "BAT", "bus": "2", "commodity": "storage", "price_eur_per_mwh": 2.0,
        "p_charge_max_mw": 0.5, "p_discharge_max_mw": 0.5, "energy_mwh": 1.0, "energy_start_mwh": 0.2,
        "energy_end_mwh": 0.3, "efficiency_charge": 0.9, "efficiency_discharge": 0.9,
    }  # fmt: skip
    document = market() | {"offers": [*market()["offers"], storage]}
    result = clear(read(document)).result
    alone = clear(read(market())).result
    accepted = result["awards"]["S"]["accepted"]
    cost = sum(abs(x) * 2.0 / 4 for x in accepted)
    assert any(accepted)
    # The end level binds the storage, so its presence may cost the others; then it is paid its cost.
    worth = max(_cost(alone) - _cost(result), 0.0)
    assert float(result["payments"]["ESP-S"]) == pytest.approx(cost + worth, abs=0.011)


def test_whole_or_nothing_offers_are_refused_by_name(market, offer):
    document = market()
    document["offers"].append(offer("D", "3", 0.2, 30.0, block=True))
    case, findings = read_case(document)
    assert case is None
    assert [finding.path for finding in findings] == ["offers[4].block"]
