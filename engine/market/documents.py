"""The result document's prices, awards and served requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.grid.network import Network
from engine.market.case import Case
from engine.market.explain import Why
from engine.market.payments import QUANTA_PER_MW, Served, Settlement, euros
from engine.market.tables import PARTS, PER_EURO, PublishedPrices

COMMODITIES = (("p_eur_per_mwh", PARTS), ("q_eur_per_mvarh", PARTS[1:]))
Micro = NDArray[np.int64]


def prices_document(case: Case, network: Network, prices: PublishedPrices) -> dict[str, Any]:
    """Prices at every bus with their parts, and in an auction what its balances add to them."""
    total = prices.total
    document: dict[str, Any] = {}
    for commodity, (name, parts) in enumerate(COMMODITIES):
        tables = {"total": _euros(total[commodity])} | {
            part: _euros(prices.parts[part][commodity]) for part in parts
        }
        document[name] = {
            bus: {part: values[b] for part, values in tables.items()} for b, bus in enumerate(network.bus_ids)
        }
    if case.options.clearing != "network":
        document["balance"] = {
            name: {"up": _euros(prices.balance[c, 0]), "down": _euros(prices.balance[c, 1])}
            for c, (name, _) in enumerate(COMMODITIES)
        }
    return document


def awards_document(
    case: Case, quanta: Micro, settlement: Settlement, reasons: Sequence[Why | None]
) -> dict[str, Any]:
    """What each offer was accepted for, its price, and why where it was not accepted in full."""
    accepted = (quanta / QUANTA_PER_MW).tolist()
    prices = (settlement.prices + 0.0).tolist()
    return {
        offer.id: {
            "accepted": accepted[k],
            "price": prices[k],
            "make_whole_eur": euros(settlement.make_whole_cents[k]),
            "why": None if why is None else why.as_document(),
        }
        for k, (offer, why) in enumerate(zip(case.offers, reasons, strict=True))
    }


def served_document(case: Case, network: Network, served: Served, settlement: Settlement) -> dict[str, Any]:
    """What each request was served with, by bus and step, and what it pays there."""
    document: dict[str, Any] = {request.id: [] for request in case.requests}
    rows = zip(served.owner, served.step, served.bus, served.quanta, settlement.paid_by_requests, strict=True)
    for owner, step, bus, quanta, price in rows:
        if quanta:
            document[case.requests[owner].id].append(
                {
                    "bus": network.bus_ids[bus],
                    "step": int(step),
                    "quantity": int(quanta) / QUANTA_PER_MW,
                    "price": float(price),
                }
            )
    return document


def _euros(micro: Micro) -> Any:
    """EUR with six decimals, steps last; a [n_steps, n_bus] table becomes one list for each bus."""
    return (micro.T / PER_EURO).tolist()
