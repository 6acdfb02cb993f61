"""What the DSO's control room looks at, and the facts it reads out of the day's grid state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import numpy as np
import param
from numpy.typing import NDArray

from app.queries.models import AwardRow, DayState, GridMap, NeedRow, SessionRow
from domain.flexibility.alarms import priority_of
from domain.flexibility.assets import Direction
from domain.flexibility.commodity import Commodity
from domain.time import MARKET_ZONE, DeliveryDay
from domain.units import Series
from views.state import spans
from views.state.common import utc

ElementKind = Literal["bus", "branch"]
KIND_OF_NEED: dict[str, ElementKind] = {"voltage": "bus", "loading": "branch"}
FULL_PERCENT = 100.0


class RoomState(param.Parameterized):
    """Selected region, day (ISO), step, element (`bus:<id>` or `branch:<id>`), overlay and moment."""

    region_id = param.String(default="")
    day = param.String(default="")
    step = param.Integer(default=-1, bounds=(-1, 99), doc="-1: the worst one")
    element = param.String(default="")
    overlay = param.Selector(default="", objects=["", "loading", "voltage", "price"], doc="empty: the day's need")
    moment = param.Selector(default="before", objects=["before", "after", "outage"])
    requests = param.Boolean(default=False, doc="own requests as a layer")
    contour = param.Boolean(default=False, doc="the voltage as a field under the lines")
    outage = param.String(default="", doc="the what-if that tells of the element's outage")
    what_if = param.String(default="", doc="the what-if whose needs are carried over to the drafts")
    request = param.String(default="", doc="the request chosen among the published ones")
    plan = param.Selector(default="PQ", objects=["PQ", "P"], doc="what may change in the proposed requests")


LINK = {
    "region_id": "region",
    "day": "day",
    "step": "step",
    "element": "element",
    "overlay": "layer",
    "moment": "moment",
    "requests": "requests",
    "contour": "contour",
    "outage": "outage",
    "what_if": "what_if",
    "plan": "plan",
    "request": "request",
}
"""Parameter -> key in the address."""


@dataclass(frozen=True)
class Element:
    """A bus or branch by its position in the state arrays."""

    kind: ElementKind
    position: int
    name: str

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.name}"


def element_of(key: str, grid: GridMap) -> Element | None:
    """The element a permalink names; None when the grid has no such one."""
    kind, _, name = key.partition(":")
    names = {"bus": grid.bus_ids, "branch": grid.branch_ids}.get(kind)
    if names is None or name not in names:
        return None
    return Element(kind, names.index(name), name)  # type: ignore[arg-type]


def element_at(kind: ElementKind, position: int, grid: GridMap) -> Element:
    names = grid.bus_ids if kind == "bus" else grid.branch_ids
    return Element(kind, position, names[position])


def need_element(need: NeedRow, grid: GridMap) -> Element | None:
    return element_of(f"{KIND_OF_NEED[need.kind]}:{need.element}", grid)


def excess(need: NeedRow) -> float:
    """How far beyond its limit, as a share of the limit: comparable between kinds."""
    return abs(need.worst_value - need.limit) / need.limit


def worst_need(needs: Sequence[NeedRow]) -> NeedRow | None:
    return max(needs, key=excess, default=None)


def worst_step(state: DayState) -> int:
    """Where the day is worst: at its worst need, or at its highest loading."""
    need = worst_need(state.needs)
    if need is not None:
        return need.worst_step
    return int(np.nanargmax(np.nanmax(state.loading_percent, axis=1)))


def first_choice(state: DayState, grid: GridMap) -> Element:
    """The element to look at first: the worst need's, or the most loaded branch."""
    need = worst_need(state.needs)
    chosen = need_element(need, grid) if need is not None else None
    if chosen is not None:
        return chosen
    return element_at("branch", int(np.nanargmax(np.nanmax(state.loading_percent, axis=0))), grid)


def wanted_day(text: str, sessions: Iterable[SessionRow], now: datetime) -> date:
    """The permalink's day, else the earliest session day that is still ahead, else tomorrow."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    today = now.astimezone(MARKET_ZONE).date()
    ahead = sorted(row.session.delivery_day for row in sessions if row.session.delivery_day >= today)
    return ahead[0] if ahead else date.fromordinal(today.toordinal() + 1)


def days_to_choose(chosen: date, sessions: Iterable[SessionRow]) -> list[date]:
    """Every day with a session, and the chosen one."""
    return sorted({chosen, *(row.session.delivery_day for row in sessions)})


NEED_WORDS = {"voltage": "Voltage", "loading": "Loading"}
SYMBOLS = {"critical": "▲", "alarm": "△", "watch": "◆"}
ZONE_PREFIX = "Feeder "


def first_overlay(state: DayState) -> str:
    """The layer on which the day's worst need is seen; loading without needs."""
    need = worst_need(state.needs)
    return "loading" if need is None else need.kind


def severity(need: NeedRow) -> str:
    """As the priority of its alarm."""
    return priority_of(need.kind, need.worst_value, need.limit).value


def need_value(kind: str, value: float) -> str:
    return f"{value:.4f} pu" if kind == "voltage" else f"{value:.1f} %"


def need_limit(kind: str, value: float) -> str:
    return f"{value:.3f} pu" if kind == "voltage" else f"{value:.0f} %"


def need_records(needs: Sequence[NeedRow], day: DeliveryDay) -> list[dict[str, Any]]:
    """One row per element with a need, the worst first."""
    return [
        {
            "severity": severity(need),
            "element": need.element,
            "need": f"{SYMBOLS[severity(need)]} {NEED_WORDS[need.kind]}",
            "zone": need.zone.removeprefix(ZONE_PREFIX),
            "span": spans.span(day, need.first_step, need.last_step),
            "span_utc": spans.span_utc(day, need.first_step, need.last_step),
            "worst": need_value(need.kind, need.worst_value),
            "limit": need_limit(need.kind, need.limit),
            "key": f"{KIND_OF_NEED[need.kind]}:{need.element}",
            "worst_step": need.worst_step,
        }
        for need in sorted(needs, key=lambda n: (-excess(n), n.element))
    ]


def worst_steps(state: DayState, grid: GridMap, day: DeliveryDay, n: int = 12) -> list[dict[str, Any]]:
    """The quarter hours with the largest violations: which element is worst, how far, and how many are beyond."""
    over = state.loading_percent / FULL_PERCENT - 1.0
    floor = np.where(grid.vm_min_pu > 0, grid.vm_min_pu, np.nan)
    outside = np.fmax(state.vm_pu / grid.vm_max_pu - 1.0, 1.0 - state.vm_pu / floor)
    beyond = np.nan_to_num(np.hstack([over, outside]), nan=-1.0)
    n_beyond = (beyond > _SEEN).sum(axis=1)
    worst = beyond.argmax(axis=1)
    steps = [int(k) for k in np.argsort(-beyond.max(axis=1), kind="stable")[:n] if n_beyond[k]]
    n_branches = len(grid.branch_ids)
    rows = []
    for step in steps:
        kind = "loading" if worst[step] < n_branches else "voltage"
        position = int(worst[step]) - (0 if kind == "loading" else n_branches)
        element = element_at(KIND_OF_NEED[kind], position, grid)
        values = state.loading_percent if kind == "loading" else state.vm_pu
        rows.append(
            {
                "time": day.label(step),
                "time_utc": utc(day.instant(step)),
                "element": element.name,
                "value": need_value(kind, float(values[step, position])),
                "n": int(n_beyond[step]),
                "key": element.key,
                "worst_step": step,
            }
        )
    return rows


_SEEN = 1e-6
"""A share of the limit; less is none."""


@dataclass(frozen=True, kw_only=True)
class Extremes:
    """The day's highest loading and voltage band, each with element and step."""

    loading_percent: float
    loading_at: tuple[str, int]
    vm_min_pu: float
    vm_min_at: tuple[str, int]
    vm_max_pu: float
    vm_max_at: tuple[str, int]
    voltage_outside: bool


def extremes(state: DayState, grid: GridMap) -> Extremes:
    step, branch = np.unravel_index(np.nanargmax(state.loading_percent), state.loading_percent.shape)
    low_step, low_bus = np.unravel_index(np.nanargmin(state.vm_pu), state.vm_pu.shape)
    high_step, high_bus = np.unravel_index(np.nanargmax(state.vm_pu), state.vm_pu.shape)
    outside = (state.vm_pu > grid.vm_max_pu + 1e-9) | (state.vm_pu < grid.vm_min_pu - 1e-9)
    return Extremes(
        loading_percent=float(state.loading_percent[step, branch]),
        loading_at=(grid.branch_ids[branch], int(step)),
        vm_min_pu=float(state.vm_pu[low_step, low_bus]),
        vm_min_at=(grid.bus_ids[low_bus], int(low_step)),
        vm_max_pu=float(state.vm_pu[high_step, high_bus]),
        vm_max_at=(grid.bus_ids[high_bus], int(high_step)),
        voltage_outside=bool(outside.any()),
    )


@dataclass(frozen=True, kw_only=True)
class Trace:
    """An element's day: `value` [n_steps] in `unit` against its limits, `after` when there is a result."""

    name: str
    quantity: str
    unit: str
    value: NDArray[np.float64]
    after: NDArray[np.float64] | None
    lower: float | None
    upper: float | None


def trace(element: Element, grid: GridMap, before: DayState, after: DayState | None) -> Trace:
    k = element.position
    if element.kind == "bus":
        return Trace(
            name=f"Bus {element.name}",
            quantity="Voltage",
            unit="pu",
            value=before.vm_pu[:, k],
            after=None if after is None else after.vm_pu[:, k],
            lower=float(grid.vm_min_pu[k]),
            upper=float(grid.vm_max_pu[k]),
        )
    return Trace(
        name=f"Branch {element.name}",
        quantity="Loading",
        unit="%",
        value=before.loading_percent[:, k],
        after=None if after is None else after.loading_percent[:, k],
        lower=None,
        upper=FULL_PERCENT,
    )


def zone_of(element: Element, grid: GridMap) -> str:
    """The zone of a bus, or of a branch's far end."""
    bus = element.position if element.kind == "bus" else int(grid.to_index[element.position])
    return grid.zone_of_bus[bus]


def awards_near(
    element: Element, grid: GridMap, awards: Sequence[AwardRow], n_steps: int
) -> NDArray[np.float64] | None:
    """Awards of active power in the element's zone, [n_steps] MW, up positive; None without any."""
    zone_of_bus = dict(zip(grid.bus_ids, grid.zone_of_bus, strict=True))
    zone = zone_of(element, grid)
    total = np.zeros(n_steps)
    for row in awards:
        if row.award.commodity is Commodity.P and zone_of_bus.get(row.asset.bus) == zone:
            sign = 1.0 if row.award.direction is Direction.UP else -1.0
            total += sign * np.asarray(row.award.accepted_mw, dtype=float)
    return total if total.any() else None


def peak_mw(series: Iterable[Series]) -> float:
    """Highest sum over the steps, MW; 0 without series."""
    stacked = [np.asarray(values, dtype=float) for values in series]
    return float(np.sum(stacked, axis=0).max()) if stacked else 0.0
