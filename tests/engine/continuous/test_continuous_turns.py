"""Matches at limits that are already met, turn by turn, and what the compiled functions are compiled for."""

import pytest
from small_markets import deals, market, matched, order
from test_against_plain_matcher import compared

from engine.market.continuous.session import match_orders


def test_a_match_within_one_bus_needs_no_room_on_a_full_line():
    offers = [order("O", "S", 2.0, 10.0, 1), order("here", "C", 0.4, 20.0, 3)]
    found = deals(matched(market(offers, [order("R", ["C"], 2.0, 50.0, 2)], max_i_ka=0.02)))
    assert [deal[0] for deal in found] == ["O", "here"]
    assert found[0][3] < 0.3
    assert found[1][3] == 0.4


@pytest.mark.parametrize("limit", [0.02, 0.03])
def test_books_that_free_each_other_trade_in_turns(limit):
    # P up fills the line towards C, P down frees it again, by less than it takes.
    offers = [order("O", "S", 1.5, 10.0, 1), order("D", "S", 0.6, 10.0, 3, "down")]
    offers += [order(f"d{k}", "SA"[k % 2], 0.05, 20.0 + k, 5 + k, "down") for k in range(4)]
    requests = [order("R", ["C"], 1.5, 50.0, 2), order("less", ["B"], 0.6, 50.0, 4, "down")]
    requests += [order(f"r{k}", ["CB"[k % 2]], 0.03, 60.0, 6 + k, "down") for k in range(4)]
    outcome = compared(market(offers, requests, max_i_ka=limit))
    assert len(outcome.matches) > 6


def test_steps_and_sizes_share_one_compilation():
    for n_steps in (1, 3):
        matched(market([order("O", "S", 1.0, 10.0, 1)], [order("R", ["C"], 1.0, 50.0, 2)], n_steps=n_steps))
    assert len(match_orders.signatures) == 1
