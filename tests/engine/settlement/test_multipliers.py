"""Multipliers: the only ones that fit, the least where many do, and prices that a hard limit makes steep."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine import clear
from engine.grid.network import compile_network
from engine.market.linear import problem_of
from engine.market.multipliers import Multipliers
from engine.market.prices import nodal_prices
from engine.market.search import search, silent
from engine.market.solve import solve

MARKETS = {
    "one price setter": {"energy": "ignored"},
    "energy priced": {"coupling_price": 50.0},
    "congestion": {"energy": "ignored", "max_i_ka": 0.05},
}


@pytest.fixture
def solved(read):
    """Problem and outcome of a document."""

    def make(document: Any):
        case = read(document)
        return solve(problem_of(case, compile_network(case.grid)), silent)

    return make


def _asked(problem: Any, outcome: Any) -> Multipliers:
    prices = nodal_prices(problem, outcome)
    return Multipliers(problem, outcome, prices.rows, prices.by, prices.derivatives.slopes)


@pytest.mark.parametrize("market", MARKETS)
def test_equations_and_programme_agree_where_one_answer_fits(market, solved, feeder, offer):
    offers = [offer("A", "3", 2.0, 40.0), offer("B", "2", 2.0, 55.0), offer("U", "1", 0.3, 90.0, "up")]
    asked = _asked(*solved(feeder(p_mw=[2.5, 2.4, 0.5], n_steps=3, offers=offers, **MARKETS[market])))
    only, least = asked.only(), asked.least()
    assert only is not None
    assert only[0] == pytest.approx(least[0], rel=1e-5, abs=1e-5)
    assert only[0].max() > 1.0


def test_rows_that_tie_variables_have_their_own(solved, feeder, offer):
    """A budget that is used up in part of two steps: its multiplier is what both steps' offers would earn more."""
    offers = [offer("A", "3", 2.0, 20.0, max_energy_mwh=0.1), offer("B", "3", 2.0, 55.0)]
    asked = _asked(*solved(feeder(p_mw=[2.5, 2.5], n_steps=2, offers=offers, energy="ignored")))
    worth, links = asked.found()
    assert worth.max() > 1.0
    assert links == pytest.approx([35.0], abs=1e-4)


def test_where_several_fit_the_least_squares_are_taken(solved, feeder, offer):
    """The price setter is used up: any price between its own and the next one fits, the least is its own."""
    problem, outcome = solved(
        feeder(offers=[offer("A", "3", 2.0, 40.0), offer("B", "3", 2.0, 60.0)], energy="ignored")
    )
    used = outcome.point.x[0]
    tight = [offer("A", "3", float(used), 40.0), offer("B", "3", 2.0, 60.0)]
    problem, outcome = solved(feeder(offers=tight, energy="ignored"))
    asked = _asked(problem, outcome)
    assert asked.only() is None
    assert not asked.is_only.any()
    assert -nodal_prices(problem, outcome).total[0, 0, 4] == pytest.approx(40.0, abs=1e-3)


def _steep(feeder: Any, offer: Any) -> Any:
    """L1 is beyond its rating; a trade from bus 3 to bus 2 loads it by the losses it saves, nothing else does."""
    request = {
        "id": "R", "party": "B", "buses": ["2"], "commodity": "P", "direction": "down", "quantity_mw": 0.2,
        "price_eur_per_mwh": 100.0,
    }  # fmt: skip
    document = feeder(offers=[offer("O", "3", 0.2, 20.0)], requests=[request], clearing="requests", max_i_ka=0.05)
    for bus in document["grid"]["buses"]:
        bus |= {"vm_min_pu": None, "vm_max_pu": None}
    for line in document["grid"]["branches"][2:]:
        line.pop("max_i_ka")
    return document


def test_a_limit_that_trades_hardly_move_has_a_steep_price_that_is_real(solved, feeder, offer):
    """Without virtual changes nothing bounds an auction's prices; one watt less at bus 3 saves what they say."""
    problem, outcome = solved(_steep(feeder, offer))
    prices, bus = nodal_prices(problem, outcome).total[0, 0], problem.network.bus_index["3"]
    assert not outcome.point.x.any()
    assert prices[bus] < -1500.0
    less_mw = 1e-6
    p_mw = problem.case.net_p_mw.copy()
    p_mw[0, bus] -= less_mw
    other = problem_of(replace(problem.case, net_p_mw=p_mw), problem.network)
    other.relief = problem.relief
    saved = outcome.point.cost.sum() - search(other, silent).point.cost.sum()
    assert saved / (less_mw * problem.case.time.hours) == pytest.approx(-prices[bus], rel=0.01)


def test_an_auctions_result_names_limits_with_a_price_beyond_that_of_unmet_need(read, feeder, offer):
    document = _steep(feeder, offer)
    assert clear(read(document)).result["prices"]["steep"] == []
    document["options"]["unmet_price_eur_per_mwh"] = 500.0
    result = clear(read(document)).result
    assert result["status"] == "cleared"
    steep = result["prices"]["steep"]
    assert {(limit["element"], limit["kind"], limit["step"]) for limit in steep} == {("L1", "loading", 0)}
    parts = sum(limit["price"] for limit in steep)
    assert parts == pytest.approx(min(bus["congestion"][0] for bus in result["prices"]["p_eur_per_mwh"].values()))


def test_no_limits_and_no_rows_have_no_multipliers(solved, feeder):
    asked = _asked(*solved(feeder(p_mw=0.1)))
    assert [len(part) for part in asked.found()] == [0, 0]
    assert np.array_equal(asked.found()[0], np.zeros(0))
