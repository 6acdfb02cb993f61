"""Whole-or-nothing offers: what is taken is the best of all combinations, and every combination rule holds."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from engine import clear
from engine.market import many

STEPS = 3
ALL_AT_ONCE = many.MANY


@pytest.fixture(autouse=True, params=["all at once", "near its margin only"])
def way(request, monkeypatch):
    """Small markets also the way of the large ones."""
    monkeypatch.setattr(many, "MANY", 0 if request.param == "near its margin only" else ALL_AT_ONCE)


@pytest.fixture(scope="module")
def known():
    """The best of all combinations by seed and price: it is tried once, all at once, whichever way is tested."""
    return {}


def accepted(result, name):
    return np.array(result["awards"][name]["accepted"])


def cleared(case):
    result = clear(case).result
    assert result["status"] == "cleared", (result["status"], result["reason"])
    assert result["proof"]["clean"]
    return result


def test_a_block_is_taken_wholly_or_not_at_all(feeder, offer, read):
    offers = [offer("B", "3", [0.9, 1.0, 1.1], 30.0, block=True), offer("D", "3", 2.0, 60.0)]
    result = cleared(read(feeder(n_steps=STEPS, offers=offers)))
    assert accepted(result, "B").tolist() in ([0.9, 1.0, 1.1], [0.0, 0.0, 0.0])


def test_a_minimum_acceptance_holds_in_every_step(feeder, offer, read):
    offers = [offer("M", "3", 2.0, 30.0, min_acceptance=0.7), offer("D", "3", 2.0, 31.0)]
    result = cleared(read(feeder(n_steps=2, p_mw=[2.0, 2.5], offers=offers)))
    taken = accepted(result, "M")
    assert all(value == 0.0 or value >= 1.4 for value in taken)


def test_of_a_group_one_at_most_is_taken(feeder, offer, read):
    offers = [
        offer("A", "3", 0.4, 30.0, exclusive_group="g"),
        offer("B", "3", 0.8, 40.0, exclusive_group="g"),
        offer("C", "3", 2.0, 90.0),
    ]
    result = cleared(read(feeder(offers=offers)))
    assert (accepted(result, "A") > 0).any() + (accepted(result, "B") > 0).any() <= 1
    assert (accepted(result, "B") > 0).any(), "it saves more of the dear offer than the smaller one"


def test_a_linked_offer_takes_no_greater_share(feeder, offer, read):
    offers = [
        offer("parent", "2", 0.5, 80.0),
        offer("child", "3", 2.0, 10.0, linked_to="parent"),
        offer("D", "3", 2.0, 60.0),
    ]
    result = cleared(read(feeder(offers=offers)))
    share = accepted(result, "child") / 2.0, accepted(result, "parent") / 0.5
    assert share[0] <= share[1] + 1e-6
    assert share[0] > 0, "the cheap child is worth a dear parent"


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("price", [0.0, 50.0])
def test_the_choice_is_the_best_of_all(seed, price, feeder, offer, read, known, monkeypatch):
    """Against every combination of four blocks, each cleared with its choice made for it."""
    rng = np.random.default_rng(seed)
    names = "ABCD"
    blocks = {
        name: (
            str(rng.integers(1, 4)),
            rng.uniform(0.1, 0.6, STEPS).round(3).tolist(),
            round(float(rng.uniform(20, 60)), 2),
        )
        for name in names
    }
    rest = [offer("Z", "3", 2.5, 75.0), offer("Y", "2", 0.4, 33.0)]

    def case(chosen):
        offers = [
            offer(n, b, q, p, block=chosen is None)
            for n, (b, q, p) in blocks.items()
            if chosen is None or n in chosen
        ]
        if chosen is not None:
            offers = [o | {"min_acceptance": 1.0, "price_eur_per_mwh": -9_000.0} for o in offers]
        return read(feeder(n_steps=STEPS, offers=offers + rest, coupling_price=price, energy="priced"))

    def best_of_all():
        for size in range(len(names) + 1):
            for chosen in itertools.combinations(names, size):
                result = clear(case(chosen)).result
                if result["status"] == "cleared" and all((accepted(result, n) > 0).all() for n in chosen):
                    refund = sum((p + 9_000.0) * 0.25 * sum(q) for n, (_, q, p) in blocks.items() if n in chosen)
                    yield result["objective_eur"] + refund

    if (seed, price) not in known:
        with monkeypatch.context() as here:
            here.setattr(many, "MANY", ALL_AT_ONCE)
            known[seed, price] = min(best_of_all())
    best = known[seed, price]
    ours = cleared(case(None))
    assert ours["objective_eur"] <= best + 1e-3 * max(1.0, abs(best))
