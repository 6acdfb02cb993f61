"""A session's prices as its room looks at them: which bus, which commodity, and in words."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.queries.models import GridMap, NodalPrices, PriceParts
from views.spreadsheets import csv_safe
from views.state.common import number

Floats = NDArray[np.float64]
UNITS = {"p": "EUR/MWh", "q": "EUR/Mvarh"}
TOTAL = "total"
PARTS = {"energy": "energy", "loss": "losses", "congestion": "congestion", "voltage": "voltage"}


def parts_of(prices: NodalPrices, commodity: str) -> PriceParts | None:
    """Prices of active ("p") or reactive power ("q"); None where the clearing gave none."""
    return prices.p if commodity == "p" else prices.q


def on_the_map(prices: NodalPrices, parts: PriceParts, grid: GridMap, part: str = TOTAL) -> Floats:
    """The price, or a part of it, [n_steps, n_buses] in the order of the map's buses; NaN where a bus has none."""
    column = {bus: k for k, bus in enumerate(prices.bus_ids)}
    values: Floats = getattr(parts, part)
    shown = np.full((len(values), len(grid.bus_ids)), np.nan)
    for position, bus in enumerate(grid.bus_ids):
        if bus in column:
            shown[:, position] = values[:, column[bus]]
    return shown


def centre_of(parts: PriceParts, part: str = TOTAL) -> Floats:
    """[n_steps] the middle of the scale: the price at the coupling point, where there are no losses and no limits;
    zero for what only losses and limits make."""
    if part not in (TOTAL, "energy") or not parts.energy.shape[1]:
        return np.zeros(len(parts.energy))
    return parts.energy[:, 0]


def farthest_bus(prices: NodalPrices) -> str:
    """The bus whose price is farthest from the energy price at any time of the day; the first of equals."""
    distance = np.abs(prices.p.total - prices.p.energy).max(axis=0)
    return prices.bus_ids[int(distance.argmax())]


def spread(parts: PriceParts, part: str = TOTAL) -> Floats:
    """[n_steps]: how far the farthest bus is from the middle of the scale."""
    values: Floats = getattr(parts, part)
    distance: Floats = np.abs(values - centre_of(parts, part)[:, None]).max(axis=1)
    return distance


@dataclass(frozen=True)
class Extreme:
    """A bus's dearest or cheapest quarter hour."""

    bus: str
    step: int
    price: float


def extremes(prices: NodalPrices, values: Floats, most: int = 8) -> tuple[list[Extreme], list[Extreme]]:
    """The buses with the highest and with the lowest price of the day, each with when it has it.

    values : [n_steps, n_buses] in the order of `prices.bus_ids`
    """
    high, low = values.max(axis=0), values.min(axis=0)
    dear, cheap = np.argsort(-high, kind="stable")[:most], np.argsort(low, kind="stable")[:most]
    return (
        [Extreme(prices.bus_ids[k], int(values[:, k].argmax()), float(high[k])) for k in dear],
        [Extreme(prices.bus_ids[k], int(values[:, k].argmin()), float(low[k])) for k in cheap],
    )


def prices_csv(prices: NodalPrices, labels: Sequence[str]) -> str:
    """Every bus, quarter hour, and part of both commodities, one row each."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["bus", "step", "time", "commodity", "unit", TOTAL, *PARTS])
    for commodity, parts in (("p", prices.p), ("q", prices.q)):
        if parts is None:
            continue
        for k, bus in enumerate(prices.bus_ids):
            for step, label in enumerate(labels):
                values = [f"{getattr(parts, name)[step, k]:.4f}" for name in (TOTAL, *PARTS)]
                writer.writerow([csv_safe(bus), step, label, commodity, UNITS[commodity], *values])
    return out.getvalue()


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
