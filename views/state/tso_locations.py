"""The TSO's view of what DSO locations plan, what flows and costs at coupling points, and what calls gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

import numpy as np
import param

from app.queries.models import (
    CallRow,
    CallSums,
    CouplingRow,
    Floats,
    GetLocations,
    GetNodalPrices,
    ListPrices,
    ListSessions,
    ListZones,
    LocationDay,
    NodalPrices,
    Query,
    SessionRow,
    SumByCoupling,
    SumCalls,
    ZoneRow,
)
from domain.errors import Refused
from domain.flexibility.market import PriceKind
from domain.time import DeliveryDay
from domain.units import energy_mwh
from views.state.common import floats
from views.state.door import Door

Answer = TypeVar("Answer")
H_PER_STEP = 0.25
WHOLE = "region"
PARTS = ("energy", "loss", "congestion", "voltage")


class Locations(param.Parameterized):
    """`day` (ISO), `region`, and `place`: `region`, `zone:<id>`, `feeder:<name>` or `bus:<id>`."""

    day = param.String(default="")
    region = param.String(default="")
    place = param.String(default=WHOLE)

    def __init__(self, door: Door) -> None:
        super().__init__()
        self._door = door
        self.days: tuple[str, ...] = ()
        self.sessions: dict[str, SessionRow] = {}
        self.coupling: tuple[CouplingRow, ...] = ()
        self.calls: tuple[CallRow, ...] = ()
        self.locations: LocationDay | None = None
        self.zones: tuple[ZoneRow, ...] = ()
        self.nodal: NodalPrices | None = None
        self.wholesale: dict[PriceKind, Floats] = {}

    def refresh(self) -> None:
        """Ask again; what the address names and is not there falls back to the first region and its whole."""
        rows = self._door.ask(ListSessions())
        self.days = tuple(sorted({row.session.delivery_day.isoformat() for row in rows}, reverse=True))
        if self.day not in self.days:
            self.day = self.days[0] if self.days else ""
        self.sessions = {r.region.id: r for r in rows if r.session.delivery_day.isoformat() == self.day}
        if not self.day:
            return
        day = date.fromisoformat(self.day)
        self.coupling = self._door.ask(SumByCoupling(delivery_day=day))
        self.calls = self._door.ask(SumCalls(delivery_day=day))
        if self.region not in self.sessions:
            self.region = next(iter(self.sessions))
        self.locations = self._door.ask(GetLocations(region_id=self.row.region.id, delivery_day=day))
        self.zones = self._door.ask(ListZones(region_id=self.row.region.id))
        self.nodal = self._seen(GetNodalPrices(session_id=self.row.session.id))
        prices = self._door.ask(ListPrices(delivery_day=day))
        self.wholesale = {row.kind: floats(row.price_eur_per_mwh) for row in prices}
        if self.place not in self.places.values():
            self.place = WHOLE

    def _seen(self, query: Query[Answer | None]) -> Answer | None:
        try:
            return self._door.ask(query)
        except Refused:
            return None

    @property
    def row(self) -> SessionRow:
        """The chosen region's session."""
        return self.sessions[self.region]

    @property
    def delivery_day(self) -> DeliveryDay:
        return DeliveryDay(day=date.fromisoformat(self.day))

    @property
    def places(self) -> dict[str, str]:
        """Name -> key of the region, its grid zones, feeders and buses."""
        found = {"Whole region": WHOLE} | {f"Zone {row.zone.name}": f"zone:{row.zone.id}" for row in self.zones}
        if self.locations is not None:
            found |= {feeder: f"feeder:{feeder}" for feeder in dict.fromkeys(self.locations.zone_of_bus)}
            found |= {f"Bus {bus}": f"bus:{bus}" for bus in self.locations.bus_ids}
        return found

    def buses_of(self, place: str) -> list[int]:
        """Positions of a place's buses."""
        day = self.locations
        if day is None:
            return []
        kind, _, name = place.partition(":")
        zone = next((set(row.buses) for row in self.zones if row.zone.id == name), set())
        tests = {
            WHOLE: lambda _bus, _feeder: True,
            "zone": lambda bus, _feeder: bus in zone,
            "feeder": lambda _bus, feeder: feeder == name,
            "bus": lambda bus, _feeder: bus == name,
        }
        pairs = zip(day.bus_ids, day.zone_of_bus, strict=True)
        return [position for position, (bus, feeder) in enumerate(pairs) if tests[kind](bus, feeder)]

    @property
    def coupling_row(self) -> CouplingRow | None:
        return next((row for row in self.coupling if row.region.id == self.region), None)

    def price_parts(self) -> dict[str, Floats]:
        """The coupling bus's nodal price [n_steps] EUR/MWh and its parts; empty without a result's prices."""
        row = self.coupling_row
        if self.nodal is None or row is None or row.coupling_bus not in self.nodal.bus_ids:
            return {}
        k = self.nodal.bus_ids.index(row.coupling_bus)
        return {name: getattr(self.nodal.p, name)[:, k] for name in ("total", *PARTS)}


def plan_curves(day: LocationDay, positions: Sequence[int]) -> dict[str, Floats]:
    """Production, load, their balance and the balance by baselines at some buses [n_steps], MW."""
    chosen = list(positions)
    production, load, baseline = (
        values[:, chosen].sum(axis=1) for values in (day.production_mw, day.load_mw, day.baseline_mw)
    )
    return {"production": production, "load": load, "schedule": production + load, "baseline": baseline}


def place_records(state: Locations) -> list[dict[str, Any]]:
    """Energy of the day by region, grid zone and feeder, MWh."""
    day = state.locations
    if day is None:
        return []
    places = {name: key for name, key in state.places.items() if not key.startswith("bus:")}
    return [_place_record(name, key, day, state.buses_of(key)) for name, key in places.items()]


def _place_record(name: str, key: str, day: LocationDay, positions: Sequence[int]) -> dict[str, Any]:
    curves = plan_curves(day, positions)
    energy = {f"{what}_mwh": float(values.sum()) * H_PER_STEP for what, values in curves.items()}
    return {
        "place": name,
        "n_buses": len(positions),
        **energy,
        "difference_mwh": energy["baseline_mwh"] - energy["schedule_mwh"],
        "key": key,
    }


def coupling_records(state: Locations) -> list[dict[str, Any]]:
    """Every quarter hour at the coupling point: exchange in MW, prices in EUR/MWh."""
    row, parts = state.coupling_row, state.price_parts()
    columns: Mapping[str, Floats | None] = {
        "before_mw": row.p_before_mw if row else None,
        "after_mw": row.p_after_mw if row else None,
        **{f"{kind.value}_price": state.wholesale.get(kind) for kind in PriceKind},
        **{f"{name}_price": parts.get(name) for name in ("total", *PARTS)},
    }
    day = state.delivery_day
    return [
        {
            "at": day.label(step),
            "at_utc": f"{day.instant(step):%Y-%m-%d %H:%M} UTC",
            **{key: None if values is None else float(values[step]) for key, values in columns.items()},
        }
        for step in range(day.n_steps)
    ]


def call_records(rows: Sequence[CallRow]) -> list[dict[str, Any]]:
    """Energy of requests and calls by region and direction, MWh; what is not answered is left to see."""
    return [
        {"region": row.region.name, "bus": row.coupling_bus, "direction": direction, **_energies(sums)}
        for row in rows
        for direction, sums in (("up", row.up), ("down", row.down))
    ]


def _energies(sums: CallSums) -> dict[str, Any]:
    energy = {
        name: energy_mwh(getattr(sums, f"{name}_mw"))
        for name in ("requested", "awarded", "acknowledged", "refused")
    }
    waiting = energy["awarded"] - energy["acknowledged"] - energy["refused"]
    return {f"{name}_mwh": value for name, value in energy.items()} | {"waiting_mwh": waiting}


def call_curves(row: CallRow) -> dict[str, Floats]:
    """Requested, awarded, acknowledged and refused [n_steps] MW, up positive."""
    return {
        name: floats(getattr(row.up, f"{name}_mw")) - floats(getattr(row.down, f"{name}_mw"))
        for name in ("requested", "awarded", "acknowledged", "refused")
    }


def peak_difference_mw(day: LocationDay) -> float:
    """How far baselines are from schedules at most, over the region, MW."""
    difference = (day.baseline_mw - day.schedule_mw).sum(axis=1)
    return float(np.abs(difference).max())
