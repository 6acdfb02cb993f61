"""Properties over small random markets."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import clear

OFFERS = st.lists(
    st.tuples(
        st.sampled_from("123"),
        st.integers(0, 1500),
        st.integers(-5, 300),
        st.sampled_from(["up", "down"]),
        st.integers(0, 23),
    ),
    max_size=6,
)


@settings(
    max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(p_kw=st.lists(st.integers(-2500, 3500), min_size=2, max_size=2), drawn=OFFERS, seed=st.randoms())
def test_any_small_market(p_kw, drawn, seed, feeder, offer, read):
    offers = [
        offer(f"O{i}", bus, kw / 1000, float(price), way, at=f"2026-07-25T{hour:02}:00:00Z", party=f"P{i % 2}")
        for i, (bus, kw, price, way, hour) in enumerate(drawn)
    ]
    result = clear(read(feeder(p_mw=[kw / 1000 for kw in p_kw], n_steps=2, offers=offers))).result
    assert result["status"] in ("cleared", "cleared_with_unmet")
    assert result["proof"]["clean"] == (result["status"] == "cleared")
    assert sum(map(Decimal, result["payments"].values())) == 0
    for made in offers:
        assert all(0 <= x <= made["quantity_mw"] for x in result["awards"][made["id"]]["accepted"])
    shuffled = list(offers)
    seed.shuffle(shuffled)
    again = clear(read(feeder(p_mw=[kw / 1000 for kw in p_kw], n_steps=2, offers=shuffled))).result
    assert again["awards"] == result["awards"]
