"""What is published of a continuous session: awards, matches and payments at match prices."""

from __future__ import annotations

from typing import Any

from engine.market.case import Case
from engine.market.continuous import Matching, Standing
from engine.market.payments import euros, pay_matches
from engine.reading import Floats

# Why an order stands, in the words that explanations use; a grid refusal names its own limit.
KINDS = {"no_counter_order": "marginal", "price": "marginal", "below_minimum": "marginal"}


def session_documents(case: Case, matching: Matching) -> dict[str, Any]:
    """`awards`, `matches`, `standing` and `payments` of the result; a session has no nodal prices."""
    standing = {(s.id, s.step): s for s in matching.standing if s.side == "offer"}
    prices = _mean_prices(case, matching)
    return {
        "awards": {
            offer.id: {
                "accepted": [round(value, 9) for value in row.tolist()],
                "price": prices[offer.id],
                "make_whole_eur": euros(0),
                "why": _why(offer.id, standing),
            }
            for offer, row in zip(case.offers, matching.accepted, strict=True)
        },
        "matches": [
            {
                "sequence": m.sequence,
                "offer": m.offer,
                "request": m.request,
                "bus": m.bus,
                "step": m.step,
                "quantity": m.quantity,
                "price": m.price,
                "conditional": m.conditional,
            }
            for m in matching.matches
        ],
        "payments": pay_matches(case, matching.matches),
    }


def _mean_prices(case: Case, matching: Matching) -> dict[str, list[float]]:
    """What each offer got per MWh or Mvarh in each step; its own price where it got nothing."""
    paid: dict[tuple[str, int], tuple[float, float]] = {}
    for m in matching.matches:
        quantity, money = paid.get((m.offer, m.step), (0.0, 0.0))
        paid[m.offer, m.step] = quantity + m.quantity, money + m.quantity * m.price
    return {offer.id: _row(offer.id, offer.price, paid) for offer in case.offers}


def _row(name: str, asked: Floats, paid: dict[tuple[str, int], tuple[float, float]]) -> list[float]:
    row = []
    for step, price in enumerate(asked.tolist()):
        quantity, money = paid.get((name, step), (0.0, 0.0))
        row.append(round(money / quantity, 6) if quantity else price)
    return row


def _why(name: str, standing: dict[tuple[str, int], Standing]) -> dict[str, Any] | None:
    """The first step in which something of an offer was left, and what kept it."""
    left = sorted((step, s) for (order, step), s in standing.items() if order == name)
    if not left:
        return None
    step, first = left[0]
    return {
        "element": first.element,
        "kind": first.kind or KINDS.get(first.reason, first.reason),
        "step": step,
        "local_price": None,
        "accepted_if": None,
        "exact": False,
    }
