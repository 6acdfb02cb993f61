"""Lossless active-power flows against hand numbers."""

import numpy as np
import pytest
from small_markets import case_of, deals, market, matched, order

from engine.grid.network import compile_network
from engine.market.continuous.linear import linear_flows


def triangle(limit_mva):
    """S, A, B in a ring of equal reactances, 20 kV; two thirds of what A injects take the direct way to S."""
    buses = [{"id": b, "vn_kv": 20.0} for b in "SAB"]
    ends = [("S", "A"), ("A", "B"), ("B", "S")]
    branches = [
        {"id": a + b, "from": a, "to": b, "r_ohm": 0.1, "x_ohm": 1.0, "max_s_mva": limit_mva} for a, b in ends
    ]
    return {"buses": buses, "branches": branches, "coupling": {"bus": "S", "vm_pu": 1.0}}


def test_shift_factors_of_a_ring():
    case = case_of(market([], [], grid=triangle(1.0), units=[], physics="linear"))
    linear = linear_flows(case.grid, compile_network(case.grid))
    np.testing.assert_allclose(linear.shift_factors * 3, [[0, -2, -1], [0, 1, -1], [0, 1, 2]], atol=1e-12)
    np.testing.assert_allclose(linear.flows(np.array([[0.0, 3.0, 0.0]])), [[-2.0, 1.0, 1.0]], atol=1e-12)


def test_a_phase_shift_drives_a_flow_around_the_ring():
    grid = triangle(1.0)
    grid["branches"][0]["shift_degree"] = 1.0
    case = case_of(market([], [], grid=grid, units=[], physics="linear"))
    flows = linear_flows(case.grid, compile_network(case.grid)).flows(np.zeros((1, 3)))
    # 400 MVA per radian in each branch, an angle of 1 degree over three of them in a row.
    np.testing.assert_allclose(flows, np.full((1, 3), -400.0 * np.radians(1.0) / 3), rtol=1e-12)


def test_a_match_stops_at_the_nearest_limit():
    # From A to S 2/3 flow directly: 0.6 MVA are reached at 0.9 MW.
    document = market(
        [order("O", "A", 2.0, 10.0, 1)],
        [order("R", ["S"], 2.0, 50.0, 2)],
        grid=triangle(0.6),
        units=[],
        physics="linear",
    )
    outcome = matched(document)
    assert deals(outcome) == [("O", "R", 0, 0.9, 10.0)]
    assert {(s.reason, s.element, s.kind) for s in outcome.standing} == {("grid", "SA", "loading")}


def test_a_current_limit_counts_at_nominal_voltage():
    document = market(
        [order("O", "S", 5.0, 10.0, 1)], [order("R", ["C"], 5.0, 50.0, 2)], max_i_ka=0.05, physics="linear"
    )
    expected = np.floor((np.sqrt(3) * 20.0 * 0.05 - 0.5) * 1e5) / 1e5
    assert matched(document).accepted[0, 0] == pytest.approx(expected, abs=1e-9)


def test_rights_keep_their_room_in_both_directions():
    # 0.7 MW of the line's 1.2 MW are taken by rights one way; the other way is free up to 1.2 MW and the load.
    line = 1.2 / (np.sqrt(3) * 20.0)
    offers = [order("O", "S", 9.0, 10.0, 1), order("D", "S", 9.0, 10.0, 1, "down")]
    requests = [
        order("right", ["C"], 0.4, 60.0, 2, conditional=True),
        order("firm", ["C"], 9.0, 60.0, 3),
        order("back", ["C"], 9.0, 60.0, 4, "down", conditional=True),
    ]
    document = market(offers, requests, max_i_ka=line, physics="linear")
    quantity = {m.request: m.quantity for m in matched(document).matches}
    # Lines carry 0.5 MW at the baseline: 0.5 + 0.4 + 0.3 = 1.2; then 0.8 - back = -1.2.
    assert quantity == pytest.approx({"right": 0.4, "firm": 0.3, "back": 2.0}, abs=2e-5)


def test_voltages_play_no_part():
    document = market(
        [order("O", "S", 5.0, 10.0, 1)], [order("R", ["C"], 5.0, 50.0, 2)], band=(0.99, 1.01), physics="linear"
    )
    assert matched(document).accepted[0, 0] == 5.0


def test_flows_beyond_their_limit_at_the_baseline_may_not_grow():
    document = market(
        [order("O", "S", 0.1, 10.0, 1), order("D", "S", 0.1, 10.0, 1, "down")],
        [order("R", ["C"], 0.1, 50.0, 2), order("less", ["C"], 0.1, 50.0, 3, "down")],
        max_i_ka=0.01,
        physics="linear",
    )
    assert [deal[1] for deal in deals(matched(document))] == ["less", "R"]
