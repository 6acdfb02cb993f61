"""Books by hand: price, time, id; the earlier order's price; every step for itself."""

import itertools

import numpy as np
import pytest
from small_markets import case_of, deals, market, matched, order

from engine.grid.network import compile_network
from engine.market.case import read_case
from engine.market.continuous import match


def test_best_price_then_time_then_id():
    offers = [
        order("dear", "A", 1.0, 40.0, 1),
        order("late", "A", 0.2, 30.0, 3),
        order("early", "A", 0.2, 30.0, 2),
        order("twin-b", "A", 0.2, 20.0, 4),
        order("twin-a", "A", 0.2, 20.0, 4),
    ]
    request = order("R", ["A"], 0.9, 50.0, 9)
    assert deals(matched(market(offers, [request]))) == [
        ("twin-a", "R", 0, 0.2, 20.0),
        ("twin-b", "R", 0, 0.2, 20.0),
        ("early", "R", 0, 0.2, 30.0),
        ("late", "R", 0, 0.2, 30.0),
        ("dear", "R", 0, 0.1, 40.0),
    ]


def test_requests_that_pay_more_come_first_then_earlier_ones():
    requests = [
        order("low", ["A"], 0.2, 40.0, 1),
        order("high", ["A"], 0.2, 60.0, 3),
        order("mid", ["A"], 0.2, 40.0, 2),
    ]
    outcome = matched(market([order("O", "A", 0.5, 10.0, 9)], requests))
    assert deals(outcome) == [("O", "high", 0, 0.2, 60.0), ("O", "low", 0, 0.2, 40.0), ("O", "mid", 0, 0.1, 40.0)]
    assert outcome.accepted.tolist() == [[0.5]]
    # Requests are in the order of their ids: high, low, mid.
    assert outcome.served.tolist() == [[0.2], [0.2], [0.1]]


@pytest.mark.parametrize(("offer_at", "request_at", "price"), [(1, 2, 30.0), (2, 1, 50.0), (1, None, 50.0)])
def test_the_order_submitted_first_sets_the_price(offer_at, request_at, price):
    document = market([order("O", "A", 0.1, 30.0, offer_at)], [order("R", ["A"], 0.1, 50.0, request_at)])
    assert deals(matched(document)) == [("O", "R", 0, 0.1, price)]


def test_equal_prices_cross_and_a_cent_apart_does_not():
    requests = [order("R", ["A"], 0.1, 30.0, 2)]
    assert len(matched(market([order("O", "A", 0.1, 30.0, 1)], requests)).matches) == 1
    outcome = matched(market([order("O", "A", 0.1, 30.01, 1)], requests))
    assert outcome.matches == ()
    assert [(s.side, s.id, s.reason, s.counter_order) for s in outcome.standing] == [
        ("offer", "O", "price", "R"),
        ("request", "R", "price", "O"),
    ]


def test_directions_and_commodities_and_steps_do_not_mix():
    offers = [order("up", "A", [0.1, 0.0], 10.0, 1), order("q", "A", 0.1, 10.0, 1, commodity="Q")]
    requests = [order("down", ["A"], 0.1, 90.0, 2, "down"), order("second", ["A"], [0.0, 0.1], 90.0, 2)]
    outcome = matched(market(offers, requests, n_steps=2))
    assert outcome.matches == ()
    assert {s.reason for s in outcome.standing} == {"no_counter_order"}
    assert len(outcome.standing) == 6


def test_prices_and_quantities_are_those_of_the_step():
    offers = [order("O", "A", [0.1, 0.2], [10.0, 20.0], 1)]
    requests = [order("R", ["B"], [0.3, 0.1], [15.0, 25.0], 2)]
    assert deals(matched(market(offers, requests, n_steps=2))) == [
        ("O", "R", 0, 0.1, 10.0),
        ("O", "R", 1, 0.1, 20.0),
    ]


def test_matches_are_numbered_by_the_order_that_arrives_then_step():
    offers = [order("O", "A", 1.0, 10.0, 1)]
    requests = [order("late", ["A"], 0.1, 50.0, 3), order("soon", ["A"], 0.1, 20.0, 2)]
    found = [(request, step) for _, request, step, *_ in deals(matched(market(offers, requests, n_steps=2)))]
    assert found == [("soon", 0), ("soon", 1), ("late", 0), ("late", 1)]


def test_less_than_ten_watts_is_not_traded():
    outcome = matched(market([order("O", "A", 0.100009, 10.0, 1)], [order("R", ["A"], [0.1], 50.0, 2)]))
    assert deals(outcome) == [("O", "R", 0, 0.1, 10.0)]
    assert [(s.id, s.left, s.reason) for s in outcome.standing] == [("O", 9e-6, "below_minimum")]


def test_the_operating_point_moves_by_offers_and_requests():
    offers = [order("up", "A", 0.1, 10.0, 1), order("down", "B", 0.2, 10.0, 1, "down")]
    requests = [order("R", ["C"], 0.1, 50.0, 2), order("D", ["C"], 0.2, 50.0, 2, "down")]
    document = market([*offers, order("q", "B", 0.3, 1.0, 1, commodity="Q")], requests)
    document["requests"].append(order("RQ", ["A"], 0.3, 2.0, 2, commodity="Q"))
    case, outcome = case_of(document), matched(document)
    np.testing.assert_allclose(outcome.p_mw - case.net_p_mw, [[0.0, 0.1, -0.2, 0.1]], atol=1e-12)
    np.testing.assert_allclose(outcome.q_mvar - case.net_q_mvar, [[0.0, -0.3, 0.3, 0.0]], atol=1e-12)


def test_the_order_of_the_document_changes_nothing():
    offers = [order(f"O{k}", "ABC"[k % 3], 0.1 + 0.05 * k, 10.0 * (k % 2), 2) for k in range(3)]
    requests = [order(f"R{k}", ["CBA"[k]], 0.2, 30.0, k) for k in range(3)]
    expected = matched(market(offers, requests, max_i_ka=0.016))
    assert len(expected.matches) > 2
    for shuffled in itertools.permutations(range(3)):
        document = market([offers[k] for k in shuffled], [requests[k] for k in shuffled], max_i_ka=0.016)
        outcome = matched(document)
        assert outcome.matches == expected.matches
        assert outcome.standing == expected.standing


def test_no_orders_and_one_bus():
    empty = matched(market([], []))
    assert empty.matches == empty.standing == ()
    assert empty.accepted.shape == (0, 1)
    document = market([order("O", "S", 0.1, 1.0, 1)], [order("R", ["S"], 0.1, 2.0, 2)], units=[])
    document["grid"] = {"buses": document["grid"]["buses"][:1], "branches": [], "coupling": {"bus": "S"}}
    assert len(matched(document).matches) == 1


def test_what_ties_orders_is_a_finding_and_a_storage_misuse():
    bound = order("O", "A", 0.1, 1.0, 1, max_energy_mwh=1.0)
    case, findings = read_case(market([bound], []))
    assert case is None
    assert [finding.path for finding in findings] == ["offers[0].max_energy_mwh"]
    storage = {"id": "S", "party": "p", "bus": "A", "commodity": "storage", "price_eur_per_mwh": 1.0}
    storage |= {"p_charge_max_mw": 1.0, "p_discharge_max_mw": 1.0, "energy_mwh": 1.0}
    case = case_of(market([storage], [], clearing="network"))
    with pytest.raises(ValueError, match="storages"):
        match(case, compile_network(case.grid))
