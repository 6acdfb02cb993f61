"""Bounds and gaps of markets with whole-or-nothing offers, against every combination of their blocks."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linprog

from engine import assess, clear
from engine.market import many
from engine.market.choices import together_of
from engine.market.flat import Flat
from engine.market.limits import no_rows
from engine.market.linear import problem_of

STEPS = 2
HOURS = 0.25


def ask(name, bus, quantity, price):
    return {
        "id": name,
        "party": "D",
        "buses": [bus],
        "direction": "up",
        "quantity_mw": quantity,
        "price_eur_per_mwh": price,
    }


@pytest.fixture
def auction(feeder, offer):
    """Five blocks and three other offers for three requests; on linear physics line L3 carries 1 MW."""

    def make(seed, clearing):
        rng = np.random.default_rng(seed)
        blocks = [
            offer(
                f"B{i}",
                str(rng.integers(1, 4)),
                rng.uniform(0.1, 0.6, STEPS).round(3).tolist(),
                round(float(rng.uniform(10, 50)), 2),
                "up",
                block=True,
            )
            for i in range(5)
        ]
        rest = [offer(f"O{i}", str(i + 1), 0.3, 30.0 + 10 * i, "up") for i in range(3)]
        requests = [ask(f"R{i}", str(i + 1), 0.5, 80.0 - 15 * i) for i in range(3)]
        document = feeder(
            p_mw=0.0, n_steps=STEPS, offers=blocks + rest, requests=requests, clearing=clearing, physics="linear"
        )
        document["grid"]["branches"][-1]["max_s_mva"] = 0.3
        return document

    return make


def best_by_enumeration(document):
    """The highest welfare over all combinations of blocks, each by a linear programme of its own."""
    offers, requests = document["offers"], document["requests"]
    is_limited = document["options"]["clearing"] == "requests"
    columns = [(t, o, 1.0) for t in range(STEPS) for o in offers] + [
        (t, r, -1.0) for t in range(STEPS) for r in requests
    ]
    cost = np.array([HOURS * sign * entry["price_eur_per_mwh"] for _, entry, sign in columns])
    balance = np.array([[sign * (t == step) for t, _, sign in columns] for step in range(STEPS)])
    at_end = np.array(
        [
            [
                sign * (t == step and "3" in (entry.get("bus"), *entry.get("buses", ())))
                for t, entry, sign in columns
            ]
            for step in range(STEPS)
        ]
    )
    limits = np.vstack([at_end, -at_end]) if is_limited else None
    best = np.inf
    for on in itertools.product((False, True), repeat=5):
        bounds = []
        for t, entry, _ in columns:
            quantity = np.broadcast_to(entry["quantity_mw"], STEPS)[t]
            taken = on[int(entry["id"][1])] if entry["id"].startswith("B") else None
            bounds.append((quantity * bool(taken), quantity if taken is None else quantity * taken))
        found = linprog(
            cost, limits, None if limits is None else np.full(len(limits), 0.3), balance, np.zeros(STEPS), bounds
        )
        best = min(best, found.fun) if found.success else best
    return -best


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("clearing", ["copperplate", "requests"])
@pytest.mark.parametrize("seed", range(4))
def test_on_linear_physics_the_gap_is_certified(seed, clearing, large, auction, read, monkeypatch):
    monkeypatch.setattr(many, "MANY", 0 if large else many.MANY)
    document = auction(seed, clearing)
    best = best_by_enumeration(document)
    result = clear(read(document)).result
    assert result["status"] == "cleared"
    bound, gap = result["lower_bound_eur"], result["gap"]
    assert result["welfare_eur"] == pytest.approx(best, abs=1e-4)
    assert bound >= best - 1e-6
    assert gap == pytest.approx(
        (bound - result["objective_eur"]) / max(1.0, abs(result["objective_eur"])), abs=1e-6
    )
    assert gap <= (0.5 if large else 1e-4), "near its margin only, the bound is that of divisible blocks"
    assert "model_gap" not in result["solve"]


def test_without_choices_the_bound_is_the_optimum(auction, read):
    document = auction(0, "requests")
    document["offers"] = [offer for offer in document["offers"] if not offer.get("block")]
    result = clear(read(document)).result
    assert result["gap"] <= 1e-7
    assert result["lower_bound_eur"] == pytest.approx(result["objective_eur"], abs=1e-5)


@pytest.mark.parametrize("seed", range(6))
def test_no_multipliers_give_a_bound_beyond_the_best(seed, auction, read):
    """Weak duality: random multipliers, of the right sign, on limits and balances."""
    document = auction(seed, "requests")
    case = read(document)
    problem = problem_of(case, assess(case).network)
    idle = problem.at(np.zeros(len(problem.columns)))
    everywhere = replace(idle, excesses=tuple(np.where(np.isfinite(e), 0.0, e) for e in idle.excesses))
    flat = Flat(problem, idle, problem.rows_near(everywhere, no_rows()), problem.links)
    together = together_of(case, problem.columns, ())
    best = best_by_enumeration(document)
    rng = np.random.default_rng(seed)
    assert len(flat.rows) == 2 * STEPS
    for scale in (0.0, 0.1, 1.0, 30.0):
        worth = rng.uniform(0.0, scale, len(flat.rows))
        links = np.where(
            np.isfinite(problem.links.lower), rng.uniform(-scale, scale, len(problem.links.upper)), 0.0
        )
        assert flat.bound(np.concatenate([worth, links]), together) <= -best + 1e-9


@pytest.mark.parametrize("large", [False, True])
def test_on_the_ac_grid_nothing_is_certified(large, feeder, offer, read, monkeypatch):
    monkeypatch.setattr(many, "MANY", 0 if large else many.MANY)
    offers = [offer("B", "3", [0.9, 1.0], 30.0, block=True), offer("D", "3", 2.0, 60.0)]
    result = clear(read(feeder(n_steps=2, offers=offers))).result
    assert (result["lower_bound_eur"], result["gap"]) == (None, None)
    assert 0.0 <= result["solve"]["model_gap"] <= (1.0 if large else 1e-4)
    plain = clear(read(feeder(n_steps=2, offers=offers[1:]))).result
    assert "model_gap" not in plain["solve"]


def test_a_large_market_is_cleared_the_same_again(feeder, offer, read, monkeypatch):
    """Also with its offers in another order; and as well as with all of it in one programme."""
    rng = np.random.default_rng(5)
    offers = [
        offer(f"O{i:02}", str(rng.integers(1, 4)), 0.05, round(float(rng.uniform(10, 90)), 2), block=bool(i % 2))
        for i in range(80)
    ]
    document = feeder(n_steps=3, offers=offers, energy="priced", coupling_price=20.0)
    ordinary = clear(read(document)).result
    monkeypatch.setattr(many, "MANY", 0)
    results = [clear(read(document | {"offers": order})).result for order in (offers, offers, offers[::-1])]
    assert results[0]["solve"]["result_sha256"] == results[1]["solve"]["result_sha256"]
    assert results[0]["awards"] == results[2]["awards"]
    assert results[0]["proof"]["clean"]
    assert results[0]["objective_eur"] <= ordinary["objective_eur"] + 1e-3 * abs(ordinary["objective_eur"])
    assert results[0]["solve"]["model_gap"] <= 5e-3
