"""The TSO's view: what is asked and awarded below each coupling point, and what flows there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import param

from app.queries.models import CouplingRow, Floats, ListSessions, SessionRow, SumByCoupling
from domain.time import DeliveryDay
from domain.units import Series, energy_mwh
from views.state.common import floats
from views.state.door import Door

H_PER_STEP = 0.25
EXCHANGE = ("before", "after")
BARS = ("requested_up_mw", "requested_down_mw", "awarded_up_mw", "awarded_down_mw")


class Coupling(param.Parameterized):
    """`day` (ISO), `region` and `step` are the permalink; "" and -1 until the first answer."""

    day = param.String(default="")
    region = param.String(default="")
    step = param.Integer(default=-1, bounds=(-1, 99))

    def __init__(self, door: Door) -> None:
        super().__init__()
        self._door = door
        self.days: tuple[str, ...] = ()
        self.rows: tuple[CouplingRow, ...] = ()
        self.sessions: dict[str, SessionRow] = {}

    def refresh(self) -> None:
        """Ask again for everything shown; what the address names and is not there falls back to the first."""
        sessions = self._door.ask(ListSessions())
        self.days = tuple(sorted({row.session.delivery_day.isoformat() for row in sessions}, reverse=True))
        if self.day not in self.days:
            self.day = self.days[0] if self.days else ""
        if not self.day:
            self.rows, self.sessions = (), {}
            return
        day = date.fromisoformat(self.day)
        self.sessions = {row.region.id: row for row in sessions if row.session.delivery_day == day}
        self.rows = self._door.ask(SumByCoupling(delivery_day=day))
        regions = [row.region.id for row in self.rows]
        if self.region not in regions:
            self.region = next((one for one in regions if one in self.sessions), regions[0] if regions else "")
        if not 0 <= self.step < self.delivery_day.n_steps:
            self.step = busiest_step(self.rows, self.delivery_day.n_steps)

    @property
    def delivery_day(self) -> DeliveryDay:
        return DeliveryDay(day=date.fromisoformat(self.day))

    @property
    def chosen(self) -> CouplingRow | None:
        """The region whose day is drawn."""
        return next((row for row in self.rows if row.region.id == self.region), None)


def busiest_step(rows: tuple[CouplingRow, ...], n_steps: int) -> int:
    """The step in which most is asked for over all regions; the first of equals."""
    asked = sum((floats(r.requested_up_mw) + floats(r.requested_down_mw) for r in rows), np.zeros(n_steps))
    return int(asked.argmax())


def total_records(rows: tuple[CouplingRow, ...], sessions: dict[str, SessionRow]) -> list[dict[str, Any]]:
    """Energy of the day by region and coupling point, MWh, and last the sum of all."""
    records = [_total_record(row, sessions.get(row.region.id)) for row in rows]
    keys = [key for key in records[0] if key.endswith("_mwh")] if records else []
    sums = {key: _sum(record[key] for record in records) for key in keys}
    return [*records, {"region": "All regions", "bus": "", "state": "", **sums}] if len(records) > 1 else records


def _total_record(row: CouplingRow, session: SessionRow | None) -> dict[str, Any]:
    return {
        "region": row.region.name,
        "bus": row.coupling_bus,
        "state": session.session.state.value if session else "",
        **{key.replace("_mw", "_mwh"): float(energy_mwh(getattr(row, key))) for key in BARS},
        "before_mwh": _energy(row.p_before_mw),
        "after_mwh": _energy(row.p_after_mw),
    }


def step_records(rows: tuple[CouplingRow, ...], step: int, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """One quarter hour, MW: one record per quantity with a value per region id and their sum as `total`.

    names : quantity, such as `requested_up` or `before`, -> its name
    """
    records = []
    for key, name in names.items():
        values = {row.region.id: _step_value(row, key, step) for row in rows}
        records.append({"quantity": name, **values, "total": _sum(values.values())})
    return records


def _step_value(row: CouplingRow, key: str, step: int) -> float | None:
    series = getattr(row, f"{key}_mw" if key not in EXCHANGE else f"p_{key}_mw")
    return None if series is None else float(series[step])


def day_records(row: CouplingRow, day: DeliveryDay) -> list[dict[str, Any]]:
    """Every quarter hour of a region, MW, for the step table and its CSV."""
    return [
        {
            "at": day.label(step),
            "at_utc": f"{day.instant(step):%Y-%m-%d %H:%M} UTC",
            **{key: float(getattr(row, key)[step]) for key in BARS},
            "before_mw": _step_value(row, "before", step),
            "after_mw": _step_value(row, "after", step),
        }
        for step in range(day.n_steps)
    ]


def signed(up_mw: Series, down_mw: Series) -> Floats:
    """Up positive, down negative; steps with both show the net."""
    return floats(up_mw) - floats(down_mw)


def total_mwh(rows: tuple[CouplingRow, ...], key: str) -> Decimal:
    return sum((energy_mwh(getattr(row, key)) for row in rows), Decimal(0))


def _energy(p_mw: Floats | None) -> float | None:
    return None if p_mw is None else float(np.sum(p_mw)) * H_PER_STEP


def _sum(values: Any) -> float | None:
    """None when one of them is not known."""
    known = list(values)
    return None if any(value is None for value in known) else float(sum(known))
