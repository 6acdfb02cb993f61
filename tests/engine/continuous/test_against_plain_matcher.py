"""The compiled matcher against the rules spelled out in plain Python, on books drawn at random."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plain_matcher import plain_deals
from small_markets import MINUTE, case_of, market, order

from engine.grid.network import compile_network
from engine.market.continuous import Matching, match

PLACES = "SABC"


def compared(document: dict[str, Any]) -> Matching:
    """The compiled outcome, equal to the plain one."""
    case = case_of(document)
    network = compile_network(case.grid)
    outcome = match(case, network)
    for step, expected in enumerate(plain_deals(case, network)):
        found = [
            (m.offer, m.request, m.bus, round(m.quantity * 1e6), m.price)
            for m in outcome.matches
            if m.step == step
        ]
        assert [deal[:3] for deal in found] == [deal[:3] for deal in expected]
        # A limit is met within 1e-9 pu, which may be worth a few units of 10 W.
        np.testing.assert_allclose([d[3] for d in found], [d[3] for d in expected], atol=30)
        assert [deal[4] for deal in found] == [deal[4] for deal in expected]
    return outcome


def random_market(seed: int, conditional: float = 0.0, n: int = 9, **changes: Any) -> dict[str, Any]:
    """n offers and n requests of up to 2 MW on a feeder of 5 ohm lines that carry 40 A."""
    rng = np.random.default_rng(seed)
    commodities, directions = ["P", "P", "Q"], ["up", "down"]

    def drawn(name: str, bus: Any, **fields: Any) -> dict[str, Any]:
        fields |= {"direction": str(rng.choice(directions)), "commodity": str(rng.choice(commodities))}
        quantity, price = round(float(rng.uniform(0.05, 2.0)), 6), float(rng.integers(0, 8) * 10)
        return order(name, bus, quantity, price, int(rng.integers(0, 12)), **fields)

    offers = [drawn(f"O{k}", str(rng.choice(list(PLACES)))) for k in range(n)]
    requests = []
    for k in range(n):
        buses = [str(bus) for bus in rng.choice(list(PLACES), int(rng.integers(1, 3)), replace=False)]
        requests.append(drawn(f"R{k}", buses, conditional=bool(rng.random() < conditional)))
    return market(offers, requests, max_i_ka=0.04, band=(0.95, 1.05), **changes)


@pytest.mark.parametrize("seed", range(12))
def test_unconditional_books(seed):
    assert compared(random_market(seed)).matches


@pytest.mark.parametrize("seed", range(12))
def test_books_with_withdrawals(seed):
    document = random_market(seed)
    rng = np.random.default_rng(seed)
    for entry in (*document["offers"], *document["requests"]):
        if rng.random() < 0.5:
            minute = int(entry["submitted_at"][14:16])
            entry["withdrawn_at"] = MINUTE.format(int(rng.integers(minute, 14)))
    assert compared(document).matches


@pytest.mark.parametrize("seed", range(12))
def test_books_with_rights(seed):
    compared(random_market(seed, conditional=0.6))


def test_room_for_rights_grows(monkeypatch):
    monkeypatch.setattr("engine.market.continuous.matching.RIGHTS_AT_FIRST", 1)
    rights = {m.request for m in compared(random_market(1, conditional=1.0)).matches}
    assert len(rights) > 1


def test_the_grid_has_a_say_in_these_books():
    outcomes = [compared(random_market(seed, conditional=0.3)) for seed in range(6)]
    reasons = {(s.reason, s.kind) for outcome in outcomes for s in outcome.standing}
    assert {("grid", "loading"), ("price", None)} <= reasons
    assert any(m.conditional for outcome in outcomes for m in outcome.matches)


def test_apparent_power_limits_and_a_baseline_beyond_them():
    for seed in range(4):
        document = random_market(
            seed, units=[{"id": "LD", "bus": "C", "kind": "load", "p_mw": 1.8, "q_mvar": 0.4}]
        )
        for branch in document["grid"]["branches"]:
            branch |= {"max_i_ka": None, "max_s_mva": 1.5}
        compared(document)


def test_a_meshed_grid_with_a_tap_and_several_steps():
    for seed in range(4):
        document = random_market(seed, n=5, n_steps=2)
        loop = {
            "id": "SC",
            "from": "S",
            "to": "C",
            "r_ohm": 2.0,
            "x_ohm": 3.0,
            "max_i_ka": 0.04,
            "tap_ratio": 0.98,
        }
        document["grid"]["branches"].append(loop | {"shift_degree": 1.0, "b_us": 40.0})
        compared(document)


def test_controlled_buses_move_to_their_limits():
    for seed in range(6):
        document = random_market(seed, n=6, conditional=0.3)
        document["grid"]["controls"] = [{"bus": "B", "vm_pu": 1.0, "q_min_mvar": -0.3, "q_max_mvar": 0.3}]
        compared(document)


quantities = st.integers(1, 150_000).map(lambda units: units * 1e-5)
orders = st.tuples(st.sampled_from(PLACES), quantities, st.integers(0, 5), st.integers(0, 5), st.booleans())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(orders, min_size=1, max_size=5), st.lists(orders, min_size=1, max_size=4))
def test_any_small_book(offers, requests):
    document = market(
        [order(f"O{k}", bus, q, c, t, "up" if up else "down") for k, (bus, q, c, t, up) in enumerate(offers)],
        [order(f"R{k}", [bus], q, c, t, conditional=right) for k, (bus, q, c, t, right) in enumerate(requests)],
        max_i_ka=0.03,
    )
    outcome = compared(document)
    case = case_of(document)
    assert (outcome.accepted <= [o.quantity + 1e-12 for o in case.offers]).all()
    assert (outcome.served <= [r.quantity + 1e-12 for r in case.requests]).all()
    assert outcome.accepted.sum() == pytest.approx(outcome.served.sum(), abs=1e-12)
