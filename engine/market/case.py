"""The market case ``flexdesk.case/1``: dataclasses and reading with all findings at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from engine.canonical import sha256_of
from engine.grid.case import BUSES_MAX, Grid, read_grid
from engine.market.baseline import Baseline, Unit, read_baseline
from engine.market.modes import check_mode
from engine.market.offer_reading import Frame, read_offers, read_requests
from engine.market.offers import COUPLING_PARTY, Offer, Request, Storage
from engine.reading import Floats, Reader
from engine.status import Finding

__all__ = ["COUPLING_PARTY", "Case", "Offer", "Options", "Request", "Storage", "TimeGrid", "Unit", "read_case"]

STEPS_MAX = 2976
PRICE_CAP_EUR_PER_MWH = 10000.0

CASE_FIELDS = (
    *("schema", "grid", "time", "baseline", "coupling_price_eur_per_mwh", "offers", "requests", "options"),
)
OPTION_FIELDS = ("clearing", "physics", "payment", "energy", "operator", "unmet_price_eur_per_mwh", "seed")
CHOICES = {
    "clearing": ("network", "requests", "copperplate", "continuous"),
    "physics": ("ac", "linear"),
    "payment": ("nodal", "pay_as_bid", "vcg"),
    "energy": ("priced", "ignored"),
}


@dataclass(frozen=True, slots=True)
class TimeGrid:
    """Market time units of the case."""

    start: datetime
    mtu_minutes: int
    n_steps: int

    @property
    def hours(self) -> float:
        """Length of one step, h."""
        return self.mtu_minutes / 60.0


@dataclass(frozen=True, slots=True)
class Options:
    """How to clear; `energy` is ``priced`` or ``ignored`` (redispatch: coupling price 0)."""

    clearing: str = "network"
    physics: str = "ac"
    payment: str = "nodal"
    energy: str = "priced"
    operator: str = "operator"
    unmet_price_eur_per_mwh: float = PRICE_CAP_EUR_PER_MWH
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A valid market case. Offers and requests are in the order of their ids.

    coupling_price_eur_per_mwh : [n_steps], already 0 where energy is ignored; net_p_mw, net_q_mvar :
    [n_steps, n_bus] baseline injections; units : of the baseline, by id; sha256 : of the canonical document.
    """

    grid: Grid
    time: TimeGrid
    net_p_mw: Floats
    net_q_mvar: Floats
    units: Mapping[str, Unit]
    coupling_price_eur_per_mwh: Floats
    offers: tuple[Offer, ...]
    requests: tuple[Request, ...]
    options: Options
    sha256: str


def read_case(document: Any) -> tuple[Case | None, tuple[Finding, ...]]:
    """Read a case; either a case and no findings, or None and every finding with its JSON path.

    Sources must have been expanded (`engine.market.sources`); an unexpanded one is a finding.
    """
    reader = Reader()
    body = reader.mapping(document, "$", CASE_FIELDS)
    reader.choice(body.get("schema"), "schema", ("flexdesk.case/1",))
    time = _read_time(reader, body.get("time"))
    grid, known = _read_case_grid(reader, body.get("grid"), time.n_steps)
    baseline = read_baseline(reader, body.get("baseline", {}), known, time.n_steps)
    options = _read_options(reader, body.get("options", {}))
    frame = Frame(known, time.n_steps, time.hours, options.unmet_price_eur_per_mwh)
    price = body.get("coupling_price_eur_per_mwh", 0.0)
    coupling = reader.series(price, "coupling_price_eur_per_mwh", time.n_steps, -frame.cap, frame.cap)
    offers = read_offers(reader, body.get("offers", ()), frame)
    requests = read_requests(reader, body.get("requests", ()), frame)
    check_mode(reader, options.clearing, options.physics, options.payment, offers, requests)
    if reader.findings or grid is None:
        return None, reader.findings
    return _case(grid, time, baseline, coupling, offers, requests, options, sha256_of(document)), ()


def _case(
    grid: Grid,
    time: TimeGrid,
    baseline: Baseline,
    coupling: Floats,
    offers: list[Offer],
    requests: list[Request],
    options: Options,
    sha256: str,
) -> Case:
    return Case(
        grid=grid,
        time=time,
        net_p_mw=baseline.p_mw,
        net_q_mvar=baseline.q_mvar,
        units=baseline.units,
        coupling_price_eur_per_mwh=np.zeros(time.n_steps) if options.energy == "ignored" else coupling,
        offers=tuple(sorted(offers, key=lambda offer: offer.id)),
        requests=tuple(sorted(requests, key=lambda request: request.id)),
        options=options,
        sha256=sha256,
    )


def _read_case_grid(reader: Reader, value: Any, n_steps: int) -> tuple[Grid | None, dict[str, int]]:
    if isinstance(value, Mapping) and "source" in value:
        reader.add("grid.source", "not_expanded", "A source must be expanded before the case is read.")
        return None, {}
    grid, findings = read_grid(value, n_steps)
    reader.extend(findings)
    if grid is not None:
        return grid, {bus.id: i for i, bus in enumerate(grid.buses)}
    return None, _bus_ids(value)


def _bus_ids(value: Any) -> dict[str, int]:
    """Bus ids of a grid that has findings, so that the rest of the case is still checked against them."""
    buses = value.get("buses") if isinstance(value, Mapping) else None
    ids = (
        [bus.get("id") for bus in buses[:BUSES_MAX] if isinstance(bus, Mapping)] if isinstance(buses, list) else []
    )
    return {bus: i for i, bus in enumerate(dict.fromkeys(b for b in ids if isinstance(b, str)))}


def _read_time(reader: Reader, value: Any) -> TimeGrid:
    entry = reader.mapping(value, "time", ("start", "mtu_minutes", "n_steps"))
    start = reader.instant(entry.get("start"), "time.start")
    minutes = _whole(reader, entry.get("mtu_minutes"), "time.mtu_minutes", 1440)
    return TimeGrid(start, minutes, _whole(reader, entry.get("n_steps"), "time.n_steps", STEPS_MAX))


def _whole(reader: Reader, value: Any, path: str, high: int) -> int:
    number = reader.number(value, path, 1, high)
    if number != number:
        return 1
    if not number.is_integer():
        reader.add(path, "not_a_number", "A whole number is needed here.")
        return 1
    return int(number)


def _read_options(reader: Reader, value: Any) -> Options:
    entry = reader.mapping(value, "options", OPTION_FIELDS)
    chosen = {
        field: reader.choice(entry.get(field, words[0]), f"options.{field}", words)
        for field, words in CHOICES.items()
    }
    name = reader.text(entry.get("operator", "operator"), "options.operator")
    if name == COUPLING_PARTY:
        reader.add("options.operator", "reserved_name", f"No party can be named '{COUPLING_PARTY}'.")
    cap = reader.number(
        entry.get("unmet_price_eur_per_mwh", PRICE_CAP_EUR_PER_MWH),
        "options.unmet_price_eur_per_mwh",
        0.0,
        1e6,
        above=0.0,
    )
    seed = entry.get("seed", 0)
    if type(seed) is not int or not 0 <= seed < 2**31:
        reader.add("options.seed", "out_of_range", "A whole number from 0 to 2147483647 is needed here.")
        seed = 0
    cap = cap if cap == cap else PRICE_CAP_EUR_PER_MWH
    return Options(**chosen, operator=name, unmet_price_eur_per_mwh=cap, seed=seed)
