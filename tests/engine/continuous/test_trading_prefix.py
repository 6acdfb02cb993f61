"""What was matched stays matched: later orders and withdrawals change nothing of before."""

from typing import Any

import numpy as np
import pytest
from small_markets import MINUTE, deals, market, matched, order

from engine.market.case import read_case
from engine.market.continuous import Match

N = 10


def _key(found: Match) -> tuple[Any, ...]:
    return found.offer, found.request, found.bus, found.step, found.quantity, found.price, found.at


def _drawn(seed: int, conditional: float) -> dict[str, Any]:
    """N offers and N requests of two steps on a tight feeder, each at a minute of its own, a third withdrawn."""
    rng = np.random.default_rng(seed)
    minutes = rng.permutation(2 * N)
    orders = []
    for k, minute in enumerate(minutes.tolist()):
        buses = rng.choice(list("SABC"), 2, replace=False).tolist()
        fields: dict[str, Any] = {"direction": str(rng.choice(["up", "down"]))}
        if k >= N:
            fields["conditional"] = bool(rng.random() < conditional)
        quantity, price = rng.uniform(0.05, 2.0, 2).round(6).tolist(), float(rng.integers(0, 8) * 10)
        # Ids run against the sequence, so that nothing hangs on them.
        name = f"{'O' if k < N else 'R'}{99 - minute}"
        found = order(name, buses[0] if k < N else buses, quantity, price, minute, **fields)
        if rng.random() < 0.35:
            found["withdrawn_at"] = MINUTE.format(minute + int(rng.integers(1, 12)))
        orders.append(found)
    return market(orders[:N], orders[N:], n_steps=2, max_i_ka=0.04, band=(0.95, 1.05))


def _until(document: dict[str, Any], minute: int) -> dict[str, Any]:
    """The case as it was after a minute."""
    last = MINUTE.format(minute)

    def standing(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        come = [entry for entry in entries if entry["submitted_at"] <= last]
        return [{k: v for k, v in entry.items() if k != "withdrawn_at" or v <= last} for entry in come]

    return document | {"offers": standing(document["offers"]), "requests": standing(document["requests"])}


@pytest.mark.parametrize("conditional", [0.0, 0.5])
@pytest.mark.parametrize("seed", range(6))
def test_matches_of_every_prefix_are_those_of_the_whole(seed, conditional):
    document = _drawn(seed, conditional)
    whole = [_key(found) for found in matched(document).matches]
    assert len(whole) > 3
    grown = 0
    for minute in range(2 * N):
        now = MINUTE.format(minute)[:16]
        so_far = [_key(found) for found in matched(_until(document, minute)).matches]
        assert so_far == [key for key in whole if key[-1].isoformat()[:16] <= now]
        grown += bool(so_far)
    assert grown > 2


def test_a_withdrawn_rest_is_no_longer_matched_and_no_longer_stands():
    offer = order("O", "A", 0.3, 30.0, 1) | {"withdrawn_at": MINUTE.format(5)}
    requests = [order("soon", ["A"], 0.1, 50.0, 3), order("late", ["A"], 0.1, 50.0, 6)]
    outcome = matched(market([offer], requests))
    assert deals(outcome) == [("O", "soon", 0, 0.1, 30.0)]
    assert [(s.side, s.id, s.reason) for s in outcome.standing] == [("request", "late", "no_counter_order")]


def test_withdrawn_orders_of_one_queue_do_not_hide_what_stands_behind_them():
    front = [order(f"F{k}", "A", 0.1, 10.0, k) | {"withdrawn_at": MINUTE.format(9)} for k in range(3)]
    behind = order("behind", "A", 0.1, 20.0, 4)
    outcome = matched(market([*front, behind], [order("R", ["A"], 0.5, 50.0, 12)]))
    assert deals(outcome) == [("behind", "R", 0, 0.1, 20.0)]


def test_at_one_moment_the_order_comes_before_the_withdrawal():
    offer = order("O", "A", 0.1, 30.0, 1) | {"withdrawn_at": MINUTE.format(5)}
    assert len(deals(matched(market([offer], [order("R", ["A"], 0.1, 50.0, 5)])))) == 1


@pytest.mark.parametrize("side", ["offers", "requests"])
def test_a_withdrawal_before_the_order_or_outside_continuous_clearing_is_a_finding(side):
    document = market([order("O", "A", 0.1, 30.0, 5)], [order("R", ["A"], 0.1, 50.0, 5)])
    document[side][0]["withdrawn_at"] = MINUTE.format(4)
    _, findings = read_case(document)
    assert [(f.path, f.code) for f in findings] == [(f"{side}[0].withdrawn_at", "contradiction")]
    document[side][0]["withdrawn_at"] = MINUTE.format(6)
    document["options"]["clearing"] = "requests"
    _, findings = read_case(document)
    assert [f.path for f in findings] == [f"{side}[0].withdrawn_at"]
