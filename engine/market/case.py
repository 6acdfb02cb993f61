"""The market case ``flexdesk.case/1``: dataclasses and reading with all findings at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import numpy as np

from engine.canonical import sha256_of
from engine.grid.case import BUSES_MAX, Grid, read_bus, read_grid
from engine.market.baseline import POWER_MAX_MW, read_baseline
from engine.market.refusals import refuse_offer_features, refuse_option_features, refuse_request_features
from engine.reading import Floats, Reader
from engine.status import Finding

STEPS_MAX = 2976
OFFERS_MAX = 20_000
REQUESTS_MAX = 20_000
COUPLING_PARTY = "coupling"

CASE_FIELDS = (
    *("schema", "grid", "time", "baseline", "coupling_price_eur_per_mwh", "offers", "requests", "options"),
)
OFFER_FIELDS = (
    *("id", "party", "asset", "bus", "commodity", "direction", "submitted_at", "quantity_mw", "price_eur_per_mwh"),
    *(
        "max_energy_mwh",
        "min_acceptance",
        "block",
        "ramp_mw_per_step",
        "s_max_mva",
        "exclusive_group",
        "linked_to",
    ),
    *("quantity_mvar", "price_eur_per_mvarh", "p_charge_max_mw", "p_discharge_max_mw", "energy_mwh"),
    *("energy_start_mwh", "energy_end_mwh", "efficiency_charge", "efficiency_discharge"),
)
REQUEST_FIELDS = (
    *("id", "party", "buses", "commodity", "direction", "quantity_mw", "price_eur_per_mwh", "conditional"),
    *("quantity_mvar", "price_eur_per_mvarh"),
)
OPTION_FIELDS = ("clearing", "physics", "payment", "energy", "operator", "unmet_price_eur_per_mwh", "seed")

Direction = Literal["up", "down"]
SIGN = {"up": 1.0, "down": -1.0}


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


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """A divisible P offer. quantity_mw, price_eur_per_mwh : [n_steps]; max_energy_mwh over the whole horizon."""

    id: str
    party: str
    asset: str | None
    bus: str
    direction: str
    submitted_at: datetime
    quantity_mw: Floats
    price_eur_per_mwh: Floats
    max_energy_mwh: float | None

    @property
    def sign(self) -> float:
        """+1 for up, -1 for down."""
        return SIGN[self.direction]


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """What a party would pay at most per MWh at its buses, up to a quantity. Both series : [n_steps]."""

    id: str
    party: str
    buses: tuple[str, ...]
    direction: str
    quantity_mw: Floats
    price_eur_per_mwh: Floats

    @property
    def sign(self) -> float:
        """+1 for up, -1 for down."""
        return SIGN[self.direction]


@dataclass(frozen=True, slots=True)
class Options:
    """How to clear; `energy` is ``priced`` or ``ignored`` (redispatch: coupling price 0)."""

    energy: str
    operator: str
    unmet_price_eur_per_mwh: float


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A valid market case. Offers and requests are in the order of their ids.

    coupling_price_eur_per_mwh : [n_steps], already 0 where energy is ignored; net_p_mw, net_q_mvar :
    [n_steps, n_bus] baseline injections; sha256 : of the document's canonical JSON.
    """

    grid: Grid
    time: TimeGrid
    net_p_mw: Floats
    net_q_mvar: Floats
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
    net_p, net_q = read_baseline(reader, body.get("baseline", {}), known, time.n_steps)
    options = _read_options(reader, body.get("options", {}))
    price = body.get("coupling_price_eur_per_mwh", 0.0)
    cap = options.unmet_price_eur_per_mwh
    coupling = reader.series(price, "coupling_price_eur_per_mwh", time.n_steps, -cap, cap)
    offers = _read_offers(reader, body.get("offers", ()), known, time.n_steps, cap)
    requests = _read_requests(reader, body.get("requests", ()), known, time.n_steps, cap)
    if reader.findings or grid is None:
        return None, reader.findings
    if options.energy == "ignored":
        coupling = np.zeros(time.n_steps)
    by_id = (sorted(offers, key=lambda o: o.id), sorted(requests, key=lambda r: r.id))
    return (
        Case(grid, time, net_p, net_q, coupling, tuple(by_id[0]), tuple(by_id[1]), options, sha256_of(document)),
        (),
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
    refuse_option_features(reader, entry)
    operator = entry.get("operator", "operator")
    name = reader.text(operator, "options.operator")
    if name == COUPLING_PARTY:
        reader.add("options.operator", "reserved_name", f"No party can be named '{COUPLING_PARTY}'.")
    cap = reader.number(
        entry.get("unmet_price_eur_per_mwh", 10000.0), "options.unmet_price_eur_per_mwh", 0.0, 1e6, above=0.0
    )
    energy = reader.choice(entry.get("energy", "priced"), "options.energy", ("priced", "ignored"))
    return Options(energy, name, cap if cap == cap else 10000.0)


def _read_offers(reader: Reader, value: Any, known: Mapping[str, Any], n: int, cap: float) -> list[Offer]:
    offers = []
    for i, item in enumerate(reader.items(value, "offers", OFFERS_MAX)):
        at = f"offers[{i}]"
        entry = reader.mapping(item, at, OFFER_FIELDS)
        refuse_offer_features(reader, entry, at)
        party = reader.text(entry.get("party"), f"{at}.party")
        if party == COUPLING_PARTY:
            reader.add(f"{at}.party", "reserved_name", f"No party can be named '{COUPLING_PARTY}'.")
        if entry.get("commodity", "P") != "P":
            continue
        asset = entry.get("asset")
        energy = entry.get("max_energy_mwh")
        offers.append(
            Offer(
                id=reader.text(entry.get("id"), f"{at}.id"),
                party=party,
                asset=None if asset is None else reader.text(asset, f"{at}.asset"),
                bus=read_bus(reader, entry.get("bus"), f"{at}.bus", known),
                direction=reader.choice(entry.get("direction"), f"{at}.direction", ("up", "down")),
                submitted_at=reader.instant(entry.get("submitted_at"), f"{at}.submitted_at"),
                quantity_mw=reader.series(entry.get("quantity_mw"), f"{at}.quantity_mw", n, 0.0, POWER_MAX_MW),
                price_eur_per_mwh=reader.series(
                    entry.get("price_eur_per_mwh"), f"{at}.price_eur_per_mwh", n, -cap, cap
                ),
                max_energy_mwh=reader.optional_number(energy, f"{at}.max_energy_mwh", 0.0),
            )
        )
    reader.unique((offer.id for offer in offers), "offers")
    return offers


def _read_requests(reader: Reader, value: Any, known: Mapping[str, Any], n: int, cap: float) -> list[Request]:
    requests = []
    for i, item in enumerate(reader.items(value, "requests", REQUESTS_MAX)):
        at = f"requests[{i}]"
        entry = reader.mapping(item, at, REQUEST_FIELDS)
        refuse_request_features(reader, entry, at)
        if entry.get("commodity", "P") != "P":
            continue
        buses = reader.items(entry.get("buses"), f"{at}.buses", BUSES_MAX)
        requests.append(
            Request(
                id=reader.text(entry.get("id"), f"{at}.id"),
                party=reader.text(entry.get("party"), f"{at}.party"),
                buses=tuple(read_bus(reader, bus, f"{at}.buses[{k}]", known) for k, bus in enumerate(buses)),
                direction=reader.choice(entry.get("direction"), f"{at}.direction", ("up", "down")),
                quantity_mw=reader.series(entry.get("quantity_mw"), f"{at}.quantity_mw", n, 0.0, POWER_MAX_MW),
                price_eur_per_mwh=reader.series(
                    entry.get("price_eur_per_mwh"), f"{at}.price_eur_per_mwh", n, 0.0, cap
                ),
            )
        )
    reader.unique((request.id for request in requests), "requests")
    return requests
