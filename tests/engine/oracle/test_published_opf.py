"""PGLib-OPF's published AC optima, cleared as markets (see the folders' README)."""

from __future__ import annotations

import pytest
from reference import solve_reference

CASES = ["pglib-case5", "pglib-case14", "pglib-case30", "pglib-case57"]
REFERENCE_ONLY = [
    "pglib-case118"
]  # its long cables at no load, where the engine's power flow starts, are at 3.8 pu
RELATIVE = 1e-6


@pytest.mark.parametrize("folder", CASES)
def test_the_engine_meets_the_published_optimum(folder, load_case, cleared):
    result, expected = cleared(load_case(folder, "case")), load_case(folder, "expected")
    assert (result["status"], result["proof"]["clean"]) == ("cleared", True)
    cost = result["objective_eur"] + expected["cost_of_baseline_usd_per_h"]
    assert cost == pytest.approx(expected["cost_usd_per_h"], rel=RELATIVE)


@pytest.mark.parametrize("folder", CASES + REFERENCE_ONLY)
def test_the_reference_meets_the_published_optimum(folder, load_case):
    found, expected = solve_reference(load_case(folder, "case"), starts=1), load_case(folder, "expected")
    cost = found.objective_eur + expected["cost_of_baseline_usd_per_h"]
    assert cost == pytest.approx(expected["cost_usd_per_h"], rel=RELATIVE)
