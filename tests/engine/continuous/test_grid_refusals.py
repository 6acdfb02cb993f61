"""What the grid forbids: the largest allowed quantity, the next counter-order, retries, rights, reasons."""

import numpy as np
import pytest
from small_markets import case_of, deals, market, matched, order

from engine.grid.network import compile_network
from engine.grid.powerflow import power_flow
from engine.market.proof import prove


def flow_with(document, *changes):
    """Power flow of the baseline with (bus, MW) changes."""
    case = case_of(document)
    network = compile_network(case.grid)
    p_mw = case.net_p_mw.copy()
    for bus, mw in changes:
        p_mw[:, network.bus_index[bus]] += mw
    return power_flow(network, p_mw, case.net_q_mvar)


def test_bisection_finds_the_last_ten_watts_that_a_line_carries():
    # An offer up at S and a request at C: C draws more over all three lines, of which one is weak.
    document = market([order("O", "S", 2.0, 10.0, 1)], [order("R", ["C"], 2.0, 50.0, 2)])
    document["grid"]["branches"][1]["max_i_ka"] = 0.03
    outcome = matched(document)
    taken = float(outcome.accepted[0, 0])
    assert 0.1 < taken < 1.0
    assert taken == pytest.approx(round(taken, 5), abs=1e-12)
    assert flow_with(document, ("C", -taken)).loading_percent.max() <= 100.0 + 1e-7
    assert flow_with(document, ("C", -taken - 1e-5)).loading_percent.max() > 100.0
    assert [(s.id, s.reason, s.element, s.kind, s.counter_order) for s in outcome.standing] == [
        ("O", "grid", "AB", "loading", "R"),
        ("R", "grid", "AB", "loading", "O"),
    ]
    assert outcome.standing[0].left == pytest.approx(2.0 - taken)


def test_voltage_refuses_too_and_is_named():
    document = market([order("O", "S", 9.0, 10.0, 1)], [order("R", ["C"], 9.0, 50.0, 2)], band=(0.98, 1.1))
    outcome = matched(document)
    taken = float(outcome.accepted[0, 0])
    low = [flow_with(document, ("C", -q)).vm_pu[0, 3] for q in (taken, taken + 1e-5)]
    assert low[0] >= 0.98 - 1e-9 > low[1]
    assert {(s.element, s.kind) for s in outcome.standing} == {("C", "voltage")}


def test_the_next_counter_order_is_taken_where_the_best_one_is_forbidden():
    offers = [order("far", "S", 1.0, 10.0, 1), order("near", "C", 1.0, 20.0, 2)]
    document = market(offers, [order("R", ["C"], 1.2, 50.0, 3)], max_i_ka=0.02)
    found = deals(matched(document))
    assert [deal[0] for deal in found] == ["far", "near"]
    assert found[0][3] < 0.3
    assert found[1][3] == 1.0


def test_standing_offers_are_retried_after_an_unconditional_match():
    # The request at C waits for the line; a change down at C (less injection offered at S) frees it again.
    offers = [order("O", "S", 1.0, 10.0, 1), order("relief", "S", 0.5, 10.0, 3, "down")]
    requests = [order("R", ["C"], 1.0, 50.0, 2), order("less", ["C"], 0.5, 50.0, 4, "down")]
    found = deals(matched(market(offers, requests, max_i_ka=0.02)))
    assert [deal[:2] for deal in found] == [("O", "R"), ("relief", "less"), ("O", "R")]
    assert found[1][3] == 0.5
    assert found[2][3] == pytest.approx(0.5, abs=2e-5)


def test_a_right_does_not_free_the_line():
    offers = [order("O", "S", 1.0, 10.0, 1), order("relief", "S", 0.5, 10.0, 3, "down")]
    requests = [
        order("R", ["C"], 1.0, 50.0, 2),
        order("less", ["C"], 0.5, 50.0, 4, "down", conditional=True),
    ]
    outcome = matched(market(offers, requests, max_i_ka=0.02))
    assert [(m.offer, m.conditional) for m in outcome.matches] == [("O", False), ("relief", True)]
    assert outcome.served.sum() == pytest.approx(outcome.accepted.sum())
    # Rights stay out of the operating point.
    assert outcome.p_mw[0, 3] == pytest.approx(-0.5 - outcome.matches[0].quantity)


def test_a_right_keeps_its_room_on_the_line():
    offers = [order("O", "S", 2.0, 10.0, 1)]
    requests = [order("right", ["C"], 0.3, 60.0, 2, conditional=True), order("R", ["B"], 2.0, 50.0, 3)]
    document = market(offers, requests, max_i_ka=0.03)
    outcome = matched(document)
    right, firm = (m.quantity for m in outcome.matches)
    assert right == 0.3
    with_right = [flow_with(document, ("C", -0.3), ("B", -q)).loading_percent.max() for q in (firm, firm + 1e-5)]
    assert with_right[0] <= 100.0 + 1e-7 < with_right[1]
    assert flow_with(document, ("B", -firm)).loading_percent.max() < 75.0


def test_opposite_rights_do_not_help_each_other():
    offers = [order("O", "S", 9.0, 10.0, 1), order("D", "S", 9.0, 10.0, 1, "down")]
    requests = [
        order("raise", ["C"], 9.0, 60.0, 2, "down", conditional=True),
        order("lower", ["C"], 9.0, 60.0, 3, conditional=True),
    ]
    document = market(offers, requests, max_i_ka=0.03)
    quantity = {m.request: m.quantity for m in matched(document).matches}
    for change, step in ((quantity["raise"], 1e-5), (-quantity["lower"], -1e-5)):
        alone = [flow_with(document, ("C", q)).loading_percent.max() for q in (change, change + step)]
        assert alone[0] <= 100.0 + 1e-7 < alone[1]


def test_a_limit_violated_at_the_baseline_becomes_its_baseline_value():
    overloaded = [{"id": "LD", "bus": "C", "kind": "load", "p_mw": 1.5}]
    worse = market(
        [order("O", "S", 0.1, 10.0, 1)], [order("R", ["C"], 0.1, 50.0, 2)], units=overloaded, max_i_ka=0.03
    )
    assert matched(worse).matches == ()
    better = market(
        [order("O", "C", 0.1, 10.0, 1)], [order("R", ["S"], 0.1, 50.0, 2)], units=overloaded, max_i_ka=0.03
    )
    assert len(matched(better).matches) == 1


def test_a_request_is_served_at_its_buses_in_the_order_given():
    # What is offered and asked at A meets there; the line to C is weak.
    document = market([order("O", "A", 1.5, 10.0, 1)], [order("R", ["C", "A"], 1.5, 50.0, 2)], max_i_ka=0.03)
    outcome = matched(document)
    assert [m.bus for m in outcome.matches] == ["C", "A"]
    assert outcome.matches[0].quantity < 0.6
    assert outcome.served.tolist() == [[1.5]]
    document["requests"][0]["buses"] = ["A", "C"]
    assert [(m.bus, m.quantity) for m in matched(document).matches] == [("A", 1.5)]


def test_a_step_without_a_power_flow_is_told():
    document = market(
        [order("O", "A", 0.1, 10.0, 1)],
        [order("R", ["A"], 0.1, 50.0, 2)],
        n_steps=2,
        units=[{"id": "LD", "bus": "C", "kind": "load", "p_mw": [300.0, 0.5]}],
    )
    outcome = matched(document)
    assert outcome.diverged_steps == (0,)
    assert [m.step for m in outcome.matches] == [1]
    assert {(s.step, s.reason) for s in outcome.standing} == {(0, "no_power_flow")}


def test_a_match_beyond_what_the_network_can_carry_is_bisected():
    # Without limits of its own the network still has a largest load.
    document = market([order("O", "S", 900.0, 10.0, 1)], [order("R", ["C"], 900.0, 50.0, 2)], max_i_ka=None)
    for bus in document["grid"]["buses"]:
        bus |= {"vm_min_pu": None, "vm_max_pu": None}
    outcome = matched(document)
    taken = float(outcome.accepted[0, 0])
    # By hand: 400 kV^2 / (2 (|z| + r)) with z = 3 + j3 ohm is the largest active power a source can deliver.
    largest = 400.0 / (2 * (np.hypot(3.0, 3.0) + 3.0))
    assert taken + 0.5 == pytest.approx(largest, rel=2e-3)
    assert taken + 0.5 <= largest
    assert {(s.element, s.kind) for s in outcome.standing} == {(None, "power_flow")}


def test_pandapower_agrees_with_and_without_the_rights():
    offers = [order(f"O{k}", "SABC"[k % 4], 0.8, 5.0 * k, k) for k in range(6)]
    requests = [order(f"R{k}", ["CBAS"[k % 4]], 0.7, 60.0, 10 + k, conditional=k % 2 == 0) for k in range(6)]
    document = market(offers, requests, max_i_ka=0.03, band=(0.97, 1.03))
    case, outcome = case_of(document), matched(document)
    index = {bus.id: i for i, bus in enumerate(case.grid.buses)}
    at = {offer.id: index[offer.bus] for offer in case.offers}
    rights = [m for m in outcome.matches if m.conditional]
    assert rights
    assert any(s.reason == "grid" for s in outcome.standing)
    states = []
    for subset in range(2 ** len(rights)):
        p_mw = outcome.p_mw[0].copy()
        for k, right in enumerate(rights):
            if subset >> k & 1:
                p_mw[at[right.offer]] += right.quantity
                p_mw[index[right.bus]] -= right.quantity
        states.append(p_mw)
    proof = prove(case.grid, np.array(states), np.zeros((len(states), 4)))
    assert proof.clean
    assert proof.max_loading_percent == pytest.approx(100.0, abs=0.05)
