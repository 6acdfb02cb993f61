"""Properties over small random markets: limits of offers, money, rationality, and truth under VCG."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_cases import BASES, EXTRAS, random_case

CENTS = 0.011
WATT_MW = 2e-6
MARKETS = st.tuples(st.sampled_from(sorted(BASES)), st.sampled_from(sorted(EXTRAS)), st.integers(10, 10_000))
QUICK = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def _offered(offer: dict[str, Any], n: int) -> tuple[np.ndarray, np.ndarray]:
    if offer["commodity"] == "storage":
        return np.full(n, -offer["p_charge_max_mw"]), np.full(n, offer["p_discharge_max_mw"])
    quantity = offer["quantity_mw" if offer["commodity"] == "P" else "quantity_mvar"]
    return np.zeros(n), np.broadcast_to(quantity, n)


def _cost(offer: dict[str, Any], accepted: np.ndarray, hours: float) -> float:
    """EUR at the offer's own prices; a storage's holds for both directions."""
    price = offer.get("price_eur_per_mwh", offer.get("price_eur_per_mvarh"))
    return float(hours * (np.broadcast_to(price, len(accepted)) * np.abs(accepted)).sum())


@pytest.mark.parametrize("payment", ["pay_as_bid", "nodal"])
@QUICK
@given(market=MARKETS)
def test_any_market(payment, market, cleared):
    document = random_case(*market)
    document["options"]["payment"] = payment
    n, hours = document["time"]["n_steps"], document["time"]["mtu_minutes"] / 60.0
    result = cleared(document)
    assert result["status"] in ("cleared", "cleared_with_unmet")
    assert sum(map(Decimal, result["payments"].values())) == 0
    received: dict[str, float] = {}
    for offer in document["offers"]:
        award = result["awards"][offer["id"]]
        accepted, price = np.array(award["accepted"]), np.array(award["price"])
        low, high = _offered(offer, n)
        assert (accepted >= low - 1e-9).all()
        assert (accepted <= high + 1e-9).all()
        make_whole = float(award["make_whole_eur"])
        assert make_whole >= 0.0
        is_storage_by_bid = offer["commodity"] == "storage" and payment == "pay_as_bid"
        moved = np.abs(accepted) if is_storage_by_bid else accepted
        revenue = float(hours * (price * moved).sum()) + make_whole
        assert revenue >= _cost(offer, accepted, hours) - CENTS - WATT_MW * 2e4 * n, offer["id"]
        received[offer["party"]] = received.get(offer["party"], 0.0) + revenue
    for party, amount in received.items():
        assert float(result["payments"][party]) == pytest.approx(amount, abs=CENTS * len(document["offers"]))


DEVIATIONS = st.tuples(st.floats(0.3, 3.0), st.floats(0.3, 1.0))


@settings(QUICK, max_examples=3)
@given(seed=st.integers(0, 1000), deviations=st.lists(DEVIATIONS, min_size=1, max_size=1))
@pytest.mark.parametrize("base", ["over-voltage", "congestion, meshed, price 50"])
def test_truth_is_best_under_vcg(base, seed, deviations, cleared):
    """No sampled price or quantity gives a party more than its costs told as they are."""
    document = random_case(base, "P", seed)
    document["options"]["payment"] = "vcg"
    for i, offer in enumerate(document["offers"]):
        offer["party"] = f"ESP-{i % 3}"
    hours = document["time"]["mtu_minutes"] / 60.0
    truth = cleared(document)

    def utility(result: dict[str, Any]) -> float:
        mine = [o for o in document["offers"] if o["party"] == "ESP-0"]
        cost = sum(_cost(o, np.array(result["awards"][o["id"]]["accepted"]), hours) for o in mine)
        return float(result["payments"]["ESP-0"]) - cost

    honest = utility(truth)
    assert honest >= -CENTS
    for price_factor, quantity_factor in deviations:
        moved = copy.deepcopy(document)
        for offer in moved["offers"]:
            if offer["party"] == "ESP-0":
                offer["price_eur_per_mwh"] = [min(price_factor * p, 9000.0) for p in offer["price_eur_per_mwh"]]
                offer["quantity_mw"] = [quantity_factor * q for q in offer["quantity_mw"]]
        assert utility(cleared(moved)) <= honest + 2 * CENTS + 1e-6 * abs(truth["objective_eur"])
