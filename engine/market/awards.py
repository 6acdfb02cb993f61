"""From the search's values to what is published: whole watts, unmet need and its reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.grid.needs import Need
from engine.grid.network import Network
from engine.market.case import Case
from engine.market.columns import OFFER, REQUEST, Columns
from engine.market.search import Outcome, Support
from engine.reading import Floats

WATT = 1e-6
SNAP_WATT = 1e-3
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


def accepted_watts(case: Case, columns: Columns, x: Floats) -> NDArray[np.int64]:
    """[n_offers, n_steps] whole watts: rounded up where the operator pays for relief, down where it is paid.

    Rounding an accepted quantity up can only relieve; values within a milliwatt of a whole watt are that watt.
    Never beyond the offered quantity.
    """
    watts = np.zeros((len(case.offers), case.time.n_steps), dtype=np.int64)
    chosen = columns.kind == OFFER
    value = x[chosen] / WATT
    nearest = np.rint(value)
    toward_safe = np.where(columns.true_cost[chosen] >= 0, np.ceil(value), np.floor(value))
    whole = np.where(np.abs(value - nearest) <= SNAP_WATT, nearest, toward_safe)
    offered = np.floor(columns.upper[chosen] / WATT + SNAP_WATT)
    watts[columns.owner[chosen], columns.step[chosen]] = np.clip(whole, 0, offered).astype(np.int64)
    return within_budgets(case, watts)


def within_budgets(case: Case, watts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Take single watts back from the latest steps where rounding passed an offer's energy budget."""
    for row, offer in zip(watts, case.offers, strict=True):
        if offer.max_energy_mwh is not None:
            beyond = int(row.sum()) - int(np.floor(offer.max_energy_mwh / case.time.hours / WATT + SNAP_WATT))
            for step in np.flatnonzero(row)[::-1][: max(beyond, 0)]:
                row[step] -= 1
    return watts


def award_injections(case: Case, network: Network, watts: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Injections with the awards and without virtual changes: two [n_steps, n_bus]."""
    p_mw = case.net_p_mw.copy()
    for row, offer in zip(watts, case.offers, strict=True):
        p_mw[:, network.bus_index[offer.bus]] += offer.sign * row * WATT
    return p_mw, case.net_q_mvar


def unmet_changes(
    case: Case, network: Network, columns: Columns, outcome: Outcome, watts: NDArray[np.int64]
) -> tuple[UnmetChange, ...]:
    """Virtual changes of a watt and more, by step, bus, commodity and direction, each with its reason."""
    x = outcome.point.x
    used = np.flatnonzero((columns.kind != OFFER) & (x >= WATT))
    too_dear = {
        int(step): _has_helpful_rest(case, network, watts, int(step), outcome.supports.get(int(step)))
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


def _has_helpful_rest(
    case: Case, network: Network, watts: NDArray[np.int64], step: int, support: Support | None
) -> bool:
    """Whether an offer with quantity and energy left would relieve a limit that has a price in this step."""
    if support is None:
        return False
    worth = -(support.multipliers @ support.by_p) / case.time.hours
    for row, offer in zip(watts, case.offers, strict=True):
        left = offer.quantity_mw[step] - row[step] * WATT
        if offer.max_energy_mwh is not None:
            left = min(left, offer.max_energy_mwh / case.time.hours - row.sum() * WATT)
        if left > WATT and offer.sign * worth[network.bus_index[offer.bus]] > HELPS_EUR_PER_MWH:
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
