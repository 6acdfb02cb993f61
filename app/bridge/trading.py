"""The live book of a continuous session: from the engine's matching to bytes, and back to trades and reasons."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from app.bridge.numbers import exact, watts
from app.bridge.numbers import price as cents
from domain.ids import AssetId, OfferId, RequestId
from domain.units import Series
from engine import Case, Matching, Offer, Request

ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Trade:
    """One match: `quantity_mw` of an offer's asset for a request in one step, MW or Mvar; `at` is when the order
    came that brought it about."""

    sequence: int
    at: datetime
    offer_id: OfferId
    asset_id: AssetId
    request_id: RequestId
    bus: str
    step: int
    quantity_mw: Decimal
    price_eur_per_mwh: Decimal


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why the rest of an order stands in a step; `element` and `kind` name the limit where the grid refuses it."""

    reason: str
    element: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class BookFacts:
    """Trades in their sequence, the orders and withdrawals that were in the book, and why a rest stands, by
    (order, asset or "", step)."""

    trades: tuple[Trade, ...] = ()
    orders: frozenset[str] = frozenset()
    withdrawn: frozenset[str] = frozenset()
    reasons: Mapping[tuple[str, str, int], Reason] = field(default_factory=dict)

    def traded(self, n_steps: int) -> dict[tuple[str, str], Series]:
        """What was matched, [n_steps], by (offer, asset) and by (request, "")."""
        sums: dict[tuple[str, str], list[Decimal]] = {}
        for trade in self.trades:
            for order in ((trade.offer_id, trade.asset_id), (trade.request_id, "")):
                sums.setdefault(order, [ZERO] * n_steps)[trade.step] += trade.quantity_mw
        return {order: tuple(values) for order, values in sums.items()}


NOTHING = BookFacts()


def pack_book(case: Case, matching: Matching) -> bytes:
    """A matching as a `matching` job returns it."""
    orders: list[Offer | Request] = [*case.offers, *case.requests]
    document = {
        "orders": sorted({_split(order.id)[0] for order in orders}),
        "withdrawn": sorted({_split(order.id)[0] for order in orders if order.withdrawn_at is not None}),
        "trades": [
            (m.at.isoformat(), m.offer, m.request, m.bus, m.step, m.quantity, m.price) for m in matching.matches
        ],
        "standing": [(s.id, s.step, s.reason, s.element or "", s.kind or "") for s in matching.standing],
    }
    return json.dumps(document, separators=(",", ":")).encode()


_TRADE = ("at", "offer", "request", "bus", "step", "quantity", "price")
_STANDING = ("order", "step", "reason", "element", "kind")


def book_document(payload: bytes) -> dict[str, Any]:
    """What `pack_book` wrote, with a name for each value.

    Raises:
        ValueError: the bytes are none of ours.
    """
    document: dict[str, Any] = json.loads(payload)
    named = {"trades": _TRADE, "standing": _STANDING}
    return document | {
        name: [dict(zip(names, row, strict=True)) for row in document[name]] for name, names in named.items()
    }


@lru_cache(maxsize=32)
def book_facts(payload: bytes) -> BookFacts:
    """Inverse of `pack_book`; cached."""
    document: dict[str, Any] = json.loads(payload)
    return BookFacts(
        trades=tuple(_trade(number, row) for number, row in enumerate(document["trades"])),
        orders=frozenset(document["orders"]),
        withdrawn=frozenset(document["withdrawn"]),
        reasons={
            (*_split(name), step): Reason(reason=reason, element=element, kind=kind)
            for name, step, reason, element, kind in document["standing"]
        },
    )


def _trade(number: int, row: Sequence[Any]) -> Trade:
    at, offer, request, bus, step, quantity, price = row
    offer_id, asset_id = _split(offer)
    return Trade(
        sequence=number,
        at=datetime.fromisoformat(at),
        offer_id=OfferId(offer_id),
        asset_id=AssetId(asset_id),
        request_id=RequestId(request),
        bus=bus,
        step=step,
        quantity_mw=watts(quantity),
        price_eur_per_mwh=cents(exact(price)),
    )


def _split(name: str) -> tuple[str, str]:
    """Offer and asset of a line's name in the engine; a request has no asset."""
    order, _, asset = name.partition("/")
    return order, asset


def keeps(facts: BookFacts, result: Mapping[str, Any]) -> bool:
    """Whether the matches of a session's clearing begin with the trades that were told."""
    replayed = [
        (m["offer"], m["request"], m["bus"], m["step"], watts(m["quantity"]), cents(exact(m["price"])))
        for m in result["matches"][: len(facts.trades)]
    ]
    return replayed == [
        (f"{t.offer_id}/{t.asset_id}", t.request_id, t.bus, t.step, t.quantity_mw, t.price_eur_per_mwh)
        for t in facts.trades
    ]
