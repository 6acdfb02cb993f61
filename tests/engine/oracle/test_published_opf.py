"""PGLib-OPF's published AC optima, cleared as markets (see the folders' README)."""

from __future__ import annotations

import pytest
from reference import solve_reference

CASES = [f"pglib-case{n}" for n in (3, 5, 14, 30, 57, 118)]
RELATIVE = 1e-6


@pytest.mark.parametrize("folder", CASES)
def test_the_engine_meets_the_published_optimum(folder, load_case, cleared):
    result, expected = cleared(load_case(folder, "case")), load_case(folder, "expected")
    assert (result["status"], result["proof"]["clean"]) == ("cleared", True)
    cost = result["objective_eur"] + expected["cost_of_baseline_usd_per_h"]
    assert cost == pytest.approx(expected["cost_usd_per_h"], rel=RELATIVE)


@pytest.mark.parametrize("folder", CASES)
def test_the_reference_meets_the_published_optimum(folder, load_case):
    found, expected = solve_reference(load_case(folder, "case"), starts=1), load_case(folder, "expected")
    cost = found.objective_eur + expected["cost_of_baseline_usd_per_h"]
    assert cost == pytest.approx(expected["cost_usd_per_h"], rel=RELATIVE)


def test_the_engine_meets_the_published_prices(load_case, cleared):
    result, expected = cleared(load_case("pglib-case3", "case")), load_case("pglib-case3", "expected")
    prices = {bus: parts["total"][0] for bus, parts in result["prices"]["p_eur_per_mwh"].items()}
    assert prices == pytest.approx(expected["p_price_usd_per_mwh"], abs=expected["p_price_tolerance_usd_per_mwh"])
