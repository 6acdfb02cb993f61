"""Auctions of mode ``requests`` against ipopt: welfare less the cost of losses, and balances."""

from __future__ import annotations

import numpy as np
import pytest
from random_cases import AUCTIONS, random_auction
from reference import evaluate, solve_reference

RELATIVE = 1e-6
FEASIBLE = 3e-5


EVERY = [(base, seed) for base in AUCTIONS for seed in (1, 2, 4, 5)]


@pytest.mark.parametrize(("base", "seed"), EVERY)
def test_the_objective_is_that_of_the_reference(base, seed, cleared):
    document = random_auction(base, seed)
    best = solve_reference(document)
    result = cleared(document)
    assert (result["status"], result["reason"], result["unmet"]) == ("cleared", None, [])
    told = evaluate(document, result)
    assert told.excess <= FEASIBLE
    assert -told.total_eur >= -best.total_eur - RELATIVE * max(1.0, abs(best.total_eur))
    assert result["objective_eur"] == pytest.approx(-told.total_eur, rel=RELATIVE, abs=RELATIVE)


@pytest.mark.parametrize("base", AUCTIONS)
def test_accepted_offers_equal_served_requests(base, cleared):
    document = random_auction(base, 0)
    result = cleared(document)
    for commodity in "PQ":
        for direction in ("up", "down"):
            kind = (commodity, direction)
            given = np.zeros(document["time"]["n_steps"])
            for offer in (o for o in document["offers"] if (o["commodity"], o["direction"]) == kind):
                given += result["awards"][offer["id"]]["accepted"]
            for request in (r for r in document["requests"] if (r["commodity"], r["direction"]) == kind):
                for part in result["served"].get(request["id"], ()):
                    given[part["step"]] -= part["quantity"]
            assert given == pytest.approx(0.0, abs=1e-6), kind
