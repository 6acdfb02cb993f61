"""Cases from seeds: the same seed gives the same document. `quick` makes a small one of the same kind.

SimBench steps are those of its sunniest quarter hours, so that there are needs to cure; prices are whole cents.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.bridge import bench
from app.bridge.bench import DataSet

Floats = NDArray[np.float64]
Case = dict[str, Any]

START = "2026-07-26T00:00:00Z"
SUBMITTED = "2026-07-25T09:00:00Z"
OPERATOR = "DSO"
STEPS_A_DAY = 96
QUICK_STEPS = 4
SUNNY_SHARE = 0.01
PRICES = (8.0, 112.0)
SEMIURB_WORK = (("MV2.101 Line 99",), ("MV2.101 loop_line_switch 3.2",))
SETS: Mapping[str, Callable[[Path], DataSet]] = {
    "case33bw": lambda _: bench.case33bw(0.95, 1.05),
    "rural-0": lambda cache: bench.simbench_year("1-MV-rural--0-sw", cache),
    "rural-2": lambda cache: bench.simbench_year("1-MV-rural--2-sw", cache),
    "semiurb": lambda cache: bench.simbench_year("1-MV-semiurb--2-sw", cache, *SEMIURB_WORK),
}
FEED_SCALE = {"rural-0": 3.0}
"""Where today's feed-in makes no needs, it is multiplied."""

RAISED = {"case33bw": 3.0}
"""By how many times its load a bus may be raised where twice does not cure every case."""


@dataclass(frozen=True, kw_only=True)
class Draw:
    """What a generator gets: the seed's random numbers, the cache of data sets, and whether to be small."""

    rng: np.random.Generator
    cache_dir: Path
    quick: bool = False

    @property
    def n_steps(self) -> int:
        """A day, or a few steps."""
        return QUICK_STEPS if self.quick else STEPS_A_DAY

    def data(self, name: str) -> DataSet:
        """A data set; reading one takes seconds, so the last few are kept."""
        return _data(name, self.cache_dir)

    def price(self) -> float:
        """EUR/MWh in whole cents."""
        return round(float(self.rng.uniform(*PRICES)), 2)


@lru_cache(maxsize=2)
def _data(name: str, cache_dir: Path) -> DataSet:
    return SETS[name](cache_dir)


def year(draw: Draw) -> Case:
    """Arrays of a year: every bus' load and feed-in scaled by a factor of its own from 0.8 to 1.2."""
    data = draw.data("rural-2")
    steps = slice(0, 4 * STEPS_A_DAY if draw.quick else None)
    load, feed = (draw.rng.uniform(0.8, 1.2, len(data.grid["buses"])) for _ in range(2))
    p_mw = data.feed_mw[steps] * feed - data.load_mw[steps] * load
    return {"grid": data.grid, "p_mw": p_mw, "q_mvar": data.feed_mvar[steps] * feed - data.load_mvar[steps] * load}


def step(name: str, coupling_price: float) -> Callable[[Draw], Case]:
    """One quarter hour with offers to lower at every bus that feeds in and to raise at half of those that draw."""

    def make(draw: Draw) -> Case:
        load, load_q, feed, feed_q = _one_step(name, draw)
        grid = draw.data(name).grid
        case = _case(grid, feed - load, feed_q - load_q, coupling_price)
        return case | {"offers": _bus_offers(draw, grid, load, feed, RAISED.get(name, 2.0))}

    return make


def day(energy: str) -> Callable[[Draw], Case]:
    """96 steps with 5 storages and an offer to lower at every bus that feeds in; coupling prices from 8 to 112."""

    def make(draw: Draw) -> Case:
        data = draw.data("rural-2")
        load, load_q, feed, feed_q = _one_day(data, draw)
        offers = _bus_offers(draw, data.grid, np.zeros_like(load), feed)
        case = _case(data.grid, feed - load, feed_q - load_q, _prices(draw).tolist(), energy=energy)
        return case | {"offers": offers + _storages(draw, data.grid, load)}

    return make


def many_offers(draw: Draw) -> Case:
    """10,000 offers x 96 steps, every second one a block over 4 to 16 steps, on a sunny day."""
    data = draw.data("rural-2")
    load, load_q, feed, feed_q = _one_day(data, draw)
    n_offers = 40 if draw.quick else 10_000
    offers = [_random_offer(draw, data.grid, i, draw.n_steps, block=i % 2 == 1) for i in range(n_offers)]
    return _case(data.grid, feed - load, feed_q - load_q, _prices(draw).tolist()) | {"offers": offers}


def many_parties(payment: str) -> Callable[[Draw], Case]:
    """One step with 10,000 divisible offers of 50 parties at random buses."""

    def make(draw: Draw) -> Case:
        load, load_q, feed, feed_q = _one_step("rural-2", draw)
        grid = draw.data("rural-2").grid
        n_offers, n_parties = (60, 4) if draw.quick else (10_000, 50)
        offers = [
            _random_offer(draw, grid, i, n_steps=1) | {"party": f"ESP-{i % n_parties:02}"} for i in range(n_offers)
        ]
        case = _case(grid, feed - load, feed_q - load_q, 50.0, payment=payment)
        return case | {"offers": offers}

    return make


def order_book(
    conditional_share: float, n_steps: int | None = None, n_orders: int = 500, max_i_ka: float = 0.21
) -> Callable[[Draw], Case]:
    """15 buses on one feeder, a book in every step (a day's without `n_steps`); as many offers as requests, at
    random buses, submitted one second apart."""

    def make(draw: Draw) -> Case:
        steps = draw.n_steps if n_steps is None else n_steps
        n_each = 20 if draw.quick else n_orders // 2
        grid = _feeder(draw, 15, max_i_ka)
        load = np.zeros((steps, 15))
        load[:, 1:] = draw.rng.uniform(0.02, 0.06, (steps, 14))
        options = {"clearing": "continuous", "payment": "pay_as_bid"}
        case = _case(grid, -load, -0.3 * load, 0.0, **options)
        offers = [_order(draw, f"O{i:04}", 2 * i, steps) for i in range(n_each)]
        requests = [
            _request(_order(draw, f"R{i:04}", 2 * i + 1, steps), bool(draw.rng.random() < conditional_share))
            for i in range(n_each)
        ]
        return case | {"offers": offers, "requests": requests}

    return make


def n_orders(case: Case) -> int:
    """Orders in the books: every step of an offer or a request is one."""
    return int(case["time"]["n_steps"]) * (len(case["offers"]) + len(case["requests"]))


# -- parts --------------------------------------------------------------------------------------------------------


def _case(grid: Case, p_mw: Floats, q_mvar: Floats, coupling_price: Any, **options: str) -> Case:
    """A case with baselines net per bus, p_mw, q_mvar : [n_steps, n_bus]."""
    ids = [bus["id"] for bus in grid["buses"]]
    baseline = {
        field: {
            bus: np.round(column, 6).tolist() for bus, column in zip(ids, values.T, strict=True) if column.any()
        }
        for field, values in (("p_mw", p_mw), ("q_mvar", q_mvar))
    }
    given = {
        "clearing": "network",
        "physics": "ac",
        "payment": "pay_as_bid",
        "energy": "priced",
        "operator": "DSO",
    }
    return {
        "schema": "flexdesk.case/1",
        "grid": grid,
        "time": {"start": START, "mtu_minutes": 15, "n_steps": len(p_mw)},
        "baseline": baseline,
        "coupling_price_eur_per_mwh": coupling_price,
        "offers": [],
        "requests": [],
        "options": given | {"operator": OPERATOR} | options,
    }


def _one_step(name: str, draw: Draw) -> tuple[Floats, Floats, Floats, Floats]:
    """Load and feed-in of one quarter hour, four [1, n_bus]."""
    data = draw.data(name)
    if len(data.load_mw) == 1:
        return _with_generators(draw, data)
    surplus = (data.feed_mw - data.load_mw).sum(axis=1)
    sunny = np.argsort(-surplus, kind="stable")[: round(SUNNY_SHARE * len(surplus))]
    return _scaled(draw, data, draw.rng.choice(sunny, 1), FEED_SCALE.get(name, 1.0))


def _one_day(data: DataSet, draw: Draw) -> tuple[Floats, Floats, Floats, Floats]:
    """Load and feed-in of a sunny day (its noon in `quick`), four [n_steps, n_bus]."""
    noon = STEPS_A_DAY // 2
    days = (data.feed_mw - data.load_mw).sum(axis=1)[noon::STEPS_A_DAY].argsort()[::-1][:20]
    first = int(draw.rng.choice(days)) * STEPS_A_DAY + (noon if draw.quick else 0)
    return _scaled(draw, data, np.arange(first, first + draw.n_steps), 1.0)


def _scaled(draw: Draw, data: DataSet, rows: Any, feed_scale: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Rows of a data set, every bus scaled by a factor of its own from 0.9 to 1.1."""
    load, feed = (draw.rng.uniform(0.9, 1.1, len(data.grid["buses"])) for _ in range(2))
    feed *= feed_scale
    return (
        data.load_mw[rows] * load,
        data.load_mvar[rows] * load,
        data.feed_mw[rows] * feed,
        data.feed_mvar[rows] * feed,
    )


def _with_generators(draw: Draw, data: DataSet) -> tuple[Floats, Floats, Floats, Floats]:
    """A network without a year: its loads alone, or little load and 8 generators that feed in too much."""
    feed = np.zeros_like(data.load_mw)
    sunny = bool(draw.rng.random() < 0.5)
    load_scale = draw.rng.uniform(0.2, 0.4) if sunny else draw.rng.uniform(0.9, 1.1)
    if sunny:
        feed[0, 1 + draw.rng.permutation(feed.shape[1] - 1)[:8]] = draw.rng.uniform(0.9, 1.4, 8)
    return data.load_mw * load_scale, data.load_mvar * load_scale, feed, np.zeros_like(feed)


def _bus_offers(draw: Draw, grid: Case, load: Floats, feed: Floats, raised: float = 2.0) -> list[Case]:
    """To lower all feed-in of a bus, and to raise every second bus by up to a multiple of its load."""
    offers = []
    for i, bus in enumerate(grid["buses"]):
        if feed[:, i].max() > 1e-3:
            offers.append(_offer(f"D{i:03}", bus["id"], "down", feed[:, i], draw.price()))
        if load[:, i].max() > 1e-3 and draw.rng.random() < 0.5:
            offers.append(_offer(f"U{i:03}", bus["id"], "up", raised * load[:, i], draw.price()))
    return offers


def _offer(name: str, bus: str, direction: str, quantity: Any, price: float, **fields: Any) -> Case:
    return {
        "id": name,
        "party": f"party of {name}",
        "bus": bus,
        "commodity": "P",
        "direction": direction,
        "submitted_at": SUBMITTED,
        "quantity_mw": np.round(np.maximum(quantity, 0.0), 6).tolist(),
        "price_eur_per_mwh": price,
        **fields,
    }


def _random_offer(draw: Draw, grid: Case, number: int, n_steps: int, block: bool = False) -> Case:
    """0.005 to 0.05 MW at a random bus, in all steps; a block in 4 to 16 steps in a row."""
    bus = grid["buses"][1 + int(draw.rng.integers(len(grid["buses"]) - 1))]["id"]
    quantity = np.full(n_steps, draw.rng.uniform(0.005, 0.05))
    if block:
        length = int(draw.rng.integers(min(4, n_steps), min(16, n_steps) + 1))
        first = int(draw.rng.integers(n_steps - length + 1))
        quantity[:first] = quantity[first + length :] = 0.0
    direction = "up" if draw.rng.random() < 0.5 else "down"
    return _offer(f"O{number:05}", bus, direction, quantity, draw.price(), **({"block": True} if block else {}))


def _prices(draw: Draw) -> Floats:
    """[n_steps] coupling prices: a day's course from 8 at noon to 112 in the evening, with noise."""
    hour = np.arange(STEPS_A_DAY) / 4
    course = 60 - 40 * np.exp(-(((hour - 13) / 3) ** 2)) + 45 * np.exp(-(((hour - 19.5) / 2) ** 2))
    noisy: Floats = np.clip(course + draw.rng.normal(0, 6, STEPS_A_DAY), *PRICES).round(2)
    first = STEPS_A_DAY // 2 if draw.quick else 0
    return noisy[first : first + draw.n_steps]


def _storages(draw: Draw, grid: Case, load: Floats) -> list[Case]:
    """5 storages of 0.5 MW and 2 MWh at random buses that draw power; 8 EUR/MWh each way."""
    size = {"p_charge_max_mw": 0.5, "p_discharge_max_mw": 0.5, "energy_mwh": 2.0}
    levels = {"energy_start_mwh": 1.0, "energy_end_mwh": 1.0}
    efficiency = {"efficiency_charge": 0.95, "efficiency_discharge": 0.95}
    places = draw.rng.choice(np.flatnonzero(load.max(axis=0) > 1e-3), 5, replace=False)
    return [
        {
            "id": f"S{i}",
            "party": f"party of S{i}",
            "asset": f"BAT-{i}",
            "bus": grid["buses"][int(place)]["id"],
            "commodity": "storage",
            "submitted_at": SUBMITTED,
            "price_eur_per_mwh": 8.0,
            **size,
            **levels,
            **efficiency,
        }
        for i, place in enumerate(places)
    ]


def _feeder(draw: Draw, n_buses: int, max_i_ka: float) -> Case:
    """A radial medium-voltage feeder whose buses hang on a random earlier one."""
    band = {"vn_kv": 20.0, "vm_min_pu": 0.95, "vm_max_pu": 1.05}
    parents = [0] + [int(draw.rng.integers(max(0, i - 3), i)) for i in range(2, n_buses)]
    lines = [
        {
            "id": f"L{i}",
            "from": f"B{parent:02}",
            "to": f"B{i:02}",
            "r_ohm": round(float(draw.rng.uniform(0.5, 2.0)), 3),
            "x_ohm": round(float(draw.rng.uniform(0.3, 1.0)), 3),
            "max_i_ka": max_i_ka,
        }
        for i, parent in enumerate(parents, start=1)
    ]
    buses = [{"id": f"B{i:02}", **band} for i in range(n_buses)]
    return {"buses": buses, "branches": lines, "coupling": {"bus": "B00", "vm_pu": 1.0}}


def _order(draw: Draw, name: str, second: int, n_steps: int) -> Case:
    """An offer at a random bus of the feeder, a random quantity in every step."""
    quantity = draw.rng.uniform(0.01, 0.2, n_steps)
    direction = "up" if draw.rng.random() < 0.5 else "down"
    order = _offer(name, f"B{int(draw.rng.integers(1, 15)):02}", direction, quantity, draw.price())
    return order | {"submitted_at": f"2026-07-25T09:{second // 60:02}:{second % 60:02}Z"}


def _request(order: Case, conditional: bool) -> Case:
    """The order as a request for the same."""
    return {k: v for k, v in order.items() if k != "bus"} | {"buses": [order["bus"]], "conditional": conditional}
