"""The reference is held against a case by hand, finite differences and the rules of storage."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from random_cases import random_case
from reference import evaluate, solve_reference


def test_two_buses_by_hand(load_case):
    """The closed form is in the case's README."""
    document, expected = load_case("two-bus", "case"), load_case("two-bus", "expected")
    found = solve_reference(document)
    for name, accepted in expected["accepted"].items():
        assert found.accepted[name] == pytest.approx(accepted, abs=1e-6)
    assert found.objective_eur == pytest.approx(0.5 * 10 + 0.168498 * 20, abs=2e-5)
    assert found.p_price["B"] == pytest.approx([-20.0, 0.0], abs=1e-6)


@pytest.mark.parametrize("base", ["over-voltage, price 50", "congestion, meshed, price 50", "under-voltage"])
def test_prices_are_derivatives(base):
    document = random_case(base, "P and Q", 3)
    here = solve_reference(document, starts=1)
    bus = document["offers"][0]["bus"]
    for field, prices in (("p_mw", here.p_price), ("q_mvar", here.q_price)):
        for step in range(document["time"]["n_steps"]):
            falls = []
            for change in (-1e-3, 1e-3):
                moved = copy.deepcopy(document)
                series = np.zeros(document["time"]["n_steps"])
                series[step] = change
                unit = {"id": "moved", "bus": bus, "kind": "generator", field: series.tolist()}
                moved["baseline"]["units"].append(unit)
                falls.append((here.total_eur - solve_reference(moved, starts=1).total_eur) / change)
            assert min(falls) - 1e-2 <= prices[bus][step] <= max(falls) + 1e-2


def test_a_storage_that_would_burn_energy_does_one_thing_at_a_time():
    """At -30 EUR/MWh and a storage price of 0.1 charging and discharging at once would pay."""
    document = random_case("over-voltage, price -30", "storage", 0)
    for offer in document["offers"]:
        if offer["commodity"] == "storage":
            offer["price_eur_per_mwh"] = 0.1
    found = solve_reference(document, starts=1)
    for offer in (o for o in document["offers"] if o["commodity"] == "storage"):
        net = found.accepted[offer["id"]]
        stored = np.maximum(-net, 0.0) * 0.95 - np.maximum(net, 0.0) / 0.93
        assert stored.sum() == pytest.approx(offer["energy_end_mwh"] - offer["energy_start_mwh"], abs=1e-6)
        assert np.abs(net).max() > 0.01


def test_an_award_is_evaluated_as_it_stands(load_case):
    document = load_case("two-bus", "case")
    awards = {"cheap": {"accepted": [0.5, 0.0]}, "dear": {"accepted": [0.1, 0.0]}}
    told = evaluate(document, {"awards": awards, "unmet": []})
    assert told.objective_eur == pytest.approx(7.0, abs=1e-9)
    assert told.excess > 1e-3
