"""From the search's values to what is published: whole watts, unmet need and its reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.grid.needs import Need
from engine.grid.network import Network
from engine.market.case import Case
from engine.market.columns import CHARGE, DISCHARGE, OFFER, REQUEST, VIRTUAL, Columns
from engine.market.search import Outcome, Support
from engine.reading import Floats

QUANTUM_MW = 1e-9
SNAP = 1e-3
NEAR_MW = 5e-7
WATT = 1e-6
HELPS_EUR_PER_MWH = 1e-3


@dataclass(frozen=True, slots=True)
class UnmetChange:
    """A change at a bus that no accepted offer made; `price_eur_per_mwh` is what it was held to be worth."""

    bus: str
    commodity: str
    direction: str
    step: int
    quantity: float
    price_eur_per_mwh: float
    request: str | None
    reason: str

    def as_document(self) -> dict[str, Any]:
        """An entry of the result's `unmet`."""
        unit = "quantity_mw" if self.commodity == "P" else "quantity_mvar"
        return {
            "bus": self.bus,
            "commodity": self.commodity,
            "direction": self.direction,
            "step": self.step,
            unit: self.quantity,
            "price_eur_per_mwh": self.price_eur_per_mwh,
            "request": self.request,
            "reason": self.reason,
        }


def accepted_quanta(case: Case, columns: Columns, x: Floats) -> NDArray[np.int64]:
    """[n_offers, n_steps] accepted quantity in whole `QUANTUM_MW`, MW or Mvar; a storage's discharge less charge.

    Rounded up where the operator pays for relief, down where it is paid: rounding an accepted quantity up can only
    relieve. Values within a thousandth of a quantum are that quantum; never beyond the offered quantity.
    """
    quanta = np.zeros((len(case.offers), case.time.n_steps), dtype=np.int64)
    chosen = columns.kind == OFFER
    x = at_bounds(columns, x)
    value = x[chosen] / QUANTUM_MW
    nearest = np.rint(value)
    toward_safe = np.where(columns.true_cost[chosen] >= 0, np.ceil(value), np.floor(value))
    whole = np.where(np.abs(value - nearest) <= SNAP, nearest, toward_safe)
    offered = np.floor(columns.upper[chosen] / QUANTUM_MW + SNAP)
    quanta[columns.owner[chosen], columns.step[chosen]] = np.clip(whole, 0, offered).astype(np.int64)
    quanta = within_budgets(case, quanta)
    for kind, sign in ((DISCHARGE, 1), (CHARGE, -1)):
        used = columns.kind == kind
        np.add.at(
            quanta,
            (columns.owner[used], columns.step[used]),
            sign * np.rint(x[used] / QUANTUM_MW).astype(np.int64),
        )
    return quanta


def as_mw(quanta: NDArray[np.int64]) -> Floats:
    """Whole quanta as MW or Mvar."""
    return quanta.astype(np.float64) * QUANTUM_MW


def at_bounds(columns: Columns, x: Floats) -> Floats:
    """Values within half a watt of a bound are that bound: an interior-point answer stops a little short of it."""
    low, high = x - columns.lower <= NEAR_MW, columns.upper - x <= NEAR_MW
    return np.where(low, columns.lower, np.where(high, columns.upper, x))


def within_budgets(case: Case, quanta: NDArray[np.int64]) -> NDArray[np.int64]:
    """Take single quanta back from the latest steps where rounding passed an offer's energy budget."""
    for row, offer in zip(quanta, case.offers, strict=True):
        if offer.max_energy_mwh is not None:
            most = int(np.floor(offer.max_energy_mwh / case.time.hours / QUANTUM_MW + SNAP))
            beyond = int(row.sum()) - most
            for step in np.flatnonzero(row)[::-1][: max(beyond, 0)]:
                row[step] -= 1
    return quanta


def award_injections(case: Case, network: Network, accepted: Floats) -> tuple[Floats, Floats]:
    """Injections with accepted : [n_offers, n_steps] and without virtual changes: two [n_steps, n_bus]."""
    p_mw, q_mvar = case.net_p_mw.copy(), case.net_q_mvar.copy()
    for row, offer in zip(accepted, case.offers, strict=True):
        target = q_mvar if offer.commodity == "Q" else p_mw
        target[:, network.bus_index[offer.bus]] += offer.sign * row
    return p_mw, q_mvar


def unmet_changes(
    case: Case, network: Network, columns: Columns, outcome: Outcome, accepted: Floats
) -> tuple[UnmetChange, ...]:
    """Virtual changes of a watt and more, by step, bus, commodity and direction, each with its reason."""
    x = outcome.point.x
    used = np.flatnonzero((np.isin(columns.kind, (REQUEST, VIRTUAL))) & (x >= WATT))
    too_dear = {
        int(step): _has_helpful_rest(case, network, accepted, int(step), outcome.supports.get(int(step)))
        for step in np.unique(columns.step[used])
    }
    changes = [
        UnmetChange(
            bus=network.bus_ids[columns.bus[c]],
            commodity="Q" if columns.reactive[c] else "P",
            direction="up" if columns.sign[c] > 0 else "down",
            step=int(columns.step[c]),
            quantity=round(float(x[c]), 6),
            price_eur_per_mwh=round(float(columns.true_cost[c]) / case.time.hours, 6),
            request=case.requests[columns.owner[c]].id if columns.kind[c] == REQUEST else None,
            reason="above_cap" if too_dear[int(columns.step[c])] else "no_offer",
        )
        for c in used
    ]
    return tuple(sorted(changes, key=lambda u: (u.step, u.bus, u.commodity, u.direction, u.request or "")))


def _has_helpful_rest(case: Case, network: Network, accepted: Floats, step: int, support: Support | None) -> bool:
    """Whether an offer with quantity and energy left would relieve a limit that has a price in this step."""
    if support is None:
        return False
    worth = {
        commodity: -(support.multipliers @ by) / case.time.hours
        for commodity, by in (("P", support.by_p), ("Q", support.by_q), ("storage", support.by_p))
    }
    for row, offer in zip(accepted, case.offers, strict=True):
        left = offer.quantity[step] - row[step]
        if offer.max_energy_mwh is not None:
            left = min(left, offer.max_energy_mwh / case.time.hours - row.sum())
        if left > WATT and offer.sign * worth[offer.commodity][network.bus_index[offer.bus]] > HELPS_EUR_PER_MWH:
            return True
    return False


def unmet_excess(needs: tuple[Need, ...], changes: tuple[UnmetChange, ...]) -> list[dict[str, Any]]:
    """Limits passed once virtual changes are taken out, with the reason of their step."""
    dear = {change.step for change in changes if change.reason == "above_cap"}
    return [need_document(n) | {"reason": "above_cap" if n.step in dear else "no_offer"} for n in needs]


def need_document(need: Need) -> dict[str, Any]:
    """A need as the result has it."""
    digits = 9 if need.kind == "voltage" else 6
    return {
        "element": need.element,
        "kind": need.kind,
        "step": need.step,
        "value": round(need.value, digits),
        "limit": need.limit,
    }
