"""A session's prices as its room looks at them: which bus, which commodity, and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.queries.models import GridMap, NodalPrices, PriceParts
from views.state.common import number

Floats = NDArray[np.float64]
UNITS = {"p": "EUR/MWh", "q": "EUR/Mvarh"}
PARTS = {"energy": "energy", "loss": "losses", "congestion": "congestion", "voltage": "voltage"}


def parts_of(prices: NodalPrices, commodity: str) -> PriceParts | None:
    """Prices of active ("p") or reactive power ("q"); None where the clearing gave none."""
    return prices.p if commodity == "p" else prices.q


def on_the_map(prices: NodalPrices, parts: PriceParts, grid: GridMap) -> Floats:
    """Totals [n_steps, n_buses] in the order of the map's buses; NaN where a bus has no price."""
    column = {bus: k for k, bus in enumerate(prices.bus_ids)}
    total = np.full((len(parts.total), len(grid.bus_ids)), np.nan)
    for position, bus in enumerate(grid.bus_ids):
        if bus in column:
            total[:, position] = parts.total[:, column[bus]]
    return total


def centre_of(parts: PriceParts) -> Floats:
    """[n_steps]: the price at the coupling point, where there are no losses and no limits."""
    return parts.energy[:, 0] if parts.energy.shape[1] else np.zeros(len(parts.energy))


def farthest_bus(prices: NodalPrices) -> str:
    """The bus whose price is farthest from the energy price at any time of the day; the first of equals."""
    distance = np.abs(prices.p.total - prices.p.energy).max(axis=0)
    return prices.bus_ids[int(distance.argmax())]


def spread(parts: PriceParts) -> Floats:
    """[n_steps]: how far the farthest bus is from the price at the coupling point."""
    distance: Floats = np.abs(parts.total - parts.energy).max(axis=1)
    return distance


@dataclass(frozen=True)
class BusRow:
    """A bus's day: lowest, mean and highest price, and the largest single part beside energy."""

    bus: str
    low: float
    mean: float
    high: float
    most: str


def bus_rows(prices: NodalPrices, parts: PriceParts) -> list[BusRow]:
    """One row for each bus, the widest range first."""
    order = np.argsort(-np.ptp(parts.total, axis=0), kind="stable")
    return [_row(prices.bus_ids[k], parts, int(k)) for k in order]


def _row(bus: str, parts: PriceParts, k: int) -> BusRow:
    total = parts.total[:, k]
    reach = {name: float(np.abs(getattr(parts, name)[:, k]).max()) for name in ("voltage", "congestion", "loss")}
    most = max(reach, key=lambda name: reach[name])
    words = "–" if reach[most] < _SEEN else PARTS[most]
    return BusRow(bus, float(total.min()), float(total.mean()), float(total.max()), words)


_SEEN = 0.005
"""Less than this, in EUR/MWh, is no part worth naming: it shows as 0.00."""


def sum_in_words(parts: PriceParts, position: int, step: int, label: str, unit: str) -> str:
    """Such as `12:15: 15.50 EUR/MWh = energy 50.00 − losses 6.50 − voltage 28.00`, and what changes are worth."""
    total = number(float(parts.total[step, position]))
    terms = [(words, float(getattr(parts, name)[step, position])) for name, words in PARTS.items()]
    up, down = (number(float(getattr(parts, way)[step, position])) for way in ("up", "down"))
    return f"{label}: {total} {unit} = {_sum(terms)}. A change up is worth {up}, a change down {down}."


def _sum(terms: Sequence[tuple[str, float]]) -> str:
    seen = [(words, value) for words, value in terms if abs(value) >= _SEEN]
    if not seen:
        return "no part"
    first, *rest = seen
    start = f"{first[0]} {number(first[1])}"
    return start + "".join(f" {'+' if value > 0 else '−'} {words} {number(abs(value))}" for words, value in rest)
