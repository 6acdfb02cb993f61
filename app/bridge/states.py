"""Grid states as the desks draw them, and their encoding for the database.

A payload holds the state of a day before, and after a clearing also after it; `pack_state` and `decode` are
each other's inverse. Arrays are float64 in the document's order of buses and branches.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.bridge.numbers import series
from app.bridge.packing import pack, unpack
from domain.flexibility.alarms import Violation
from domain.flexibility.commodity import Commodity
from domain.ids import RegionId
from domain.units import Series

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class GridMap:
    """A region's network as drawn: buses and branches in the order of all state arrays."""

    region_id: RegionId
    bus_ids: tuple[str, ...]
    lon: Floats
    lat: Floats
    vn_kv: Floats
    vm_min_pu: Floats
    vm_max_pu: Floats
    branch_ids: tuple[str, ...]
    from_index: NDArray[np.intp]
    to_index: NDArray[np.intp]
    coupling_bus: str
    zone_of_bus: tuple[str, ...]
    """The congestion zone (feeder) of each bus."""

    @property
    def drawn(self) -> tuple[object, ...]:
        """Equal for networks that are drawn alike. Not the time of upload: the demo's clock may stand still."""
        arrays = (self.lon, self.lat, self.vn_kv, self.vm_min_pu, self.vm_max_pu, self.from_index, self.to_index)
        names = (self.region_id, self.bus_ids, self.branch_ids, self.coupling_bus, self.zone_of_bus)
        return (*names, *(array.tobytes() for array in arrays))


@dataclass(frozen=True, kw_only=True)
class NeedRow:
    """One element's need of the day: worst value against its limit, and when it lasts."""

    element: str
    kind: str
    """`voltage` (pu) or `loading` (percent)."""
    zone: str
    first_step: int
    last_step: int
    n_steps: int
    worst_step: int
    worst_value: float
    limit: float


class Plan(StrEnum):
    """What may change in a proposal: P alone, or P and Q, a Mvarh counting as much as a MWh."""

    P = "P"
    PQ = "PQ"


@dataclass(frozen=True, kw_only=True)
class ProposedRequest:
    """A zone's part of the least change that would cure the day's needs: `quantity_mw` [n_steps], MW (Mvar of Q).

    The rows of one plan cure the day together; those of the other plan are another way to do so.
    """

    zone: str
    buses: tuple[str, ...]
    direction: str
    quantity_mw: Series
    commodity: Commodity = Commodity.P
    plan: Plan = Plan.P


@dataclass(frozen=True, kw_only=True, eq=False)
class DayState:
    """AC state of a day: `vm_pu` [n_steps, n_buses], `loading_percent` [n_steps, n_branches], `p_coupling_mw`
    [n_steps] (import from above, MW)."""

    vm_pu: Floats
    loading_percent: Floats
    p_coupling_mw: Floats
    needs: tuple[NeedRow, ...]


class Decoded(NamedTuple):
    """What a payload holds."""

    grid: GridMap
    before: DayState
    after: DayState | None
    proposed: tuple[ProposedRequest, ...]


def need_rows(needs: Sequence[Any], zone_of: Mapping[str, str]) -> tuple[NeedRow, ...]:
    """The engine's needs (element, kind, step, value, limit) gathered per element, the longest first.

    An element that passes both its limits is worst where it passes one by most.
    """
    groups: dict[tuple[str, str], list[Any]] = {}
    for need in needs:
        groups.setdefault((need.element, need.kind), []).append(need)
    rows = []
    for (element, kind), found in groups.items():
        worst = max(found, key=lambda need: abs(need.value - need.limit))
        steps = sorted({need.step for need in found})
        rows.append(
            NeedRow(
                element=element,
                kind=kind,
                zone=zone_of.get(element, ""),
                first_step=steps[0],
                last_step=steps[-1],
                n_steps=len(steps),
                worst_step=worst.step,
                worst_value=worst.value,
                limit=worst.limit,
            )
        )
    return tuple(sorted(rows, key=lambda row: (row.zone, row.kind, -row.n_steps, row.element)))


def pack_state(
    grid: GridMap,
    before: DayState,
    after: DayState | None,
    proposed: Sequence[ProposedRequest],
    extra: Mapping[str, Any],
) -> bytes:
    """A payload; `extra` goes into its document beside the state. The map's region is not kept."""
    arrays: dict[str, NDArray[Any]] = {f"grid.{key}": getattr(grid, key) for key in _MAP_ARRAYS}
    needs: dict[str, list[dict[str, Any]]] = {}
    for name, state in (("before", before), ("after", after)):
        if state is not None:
            arrays |= {f"{name}.{key}": getattr(state, key) for key in _STATE_ARRAYS}
            needs[name] = [asdict(row) for row in state.needs]
    meta = {
        "grid": {key: getattr(grid, key) for key in _MAP_TEXTS},
        "needs": needs,
        "proposed": [
            {**asdict(request), "quantity_mw": [float(value) for value in request.quantity_mw]}
            for request in proposed
        ],
        **extra,
    }
    return pack(meta, arrays)


def before_from(result: bytes) -> bytes:
    """The payload to store for the day, from the result of a `needs` job."""
    return _only_state(result)


def after_from(result: bytes) -> bytes:
    """The payload to store for the session, from the result of a `clearing` job."""
    return _only_state(result)


def _only_state(result: bytes) -> bytes:
    meta, arrays = unpack(result)
    return pack({key: meta[key] for key in ("grid", "needs", "proposed")}, arrays)


def violations(payload: bytes, moment: str) -> tuple[Violation, ...]:
    """What passes its limits `before` or `after` the clearing; nothing where the payload has no such state."""
    meta, _ = unpack(payload)
    rows = [dict(row) for row in meta["needs"].get(moment, ())]
    return tuple(Violation(limit_value=row.pop("limit"), **row) for row in rows)


def n_needs(payload: bytes) -> int:
    """How many quarter hours of elements pass a limit before any clearing."""
    meta, _ = unpack(payload)
    return sum(int(row["n_steps"]) for row in meta["needs"]["before"])


@lru_cache(maxsize=32)
def decode(payload: bytes, region_id: RegionId) -> Decoded:
    """Map and states of a payload, arrays read-only; cached.

    Raises:
        ValueError: the bytes are none of ours.
    """
    meta, arrays = unpack(payload)
    return Decoded(
        grid=_grid_map(meta["grid"], arrays, region_id),
        before=_state("before", meta, arrays),
        after=_state("after", meta, arrays) if "after" in meta["needs"] else None,
        proposed=tuple(
            ProposedRequest(
                zone=entry["zone"],
                buses=tuple(entry["buses"]),
                direction=entry["direction"],
                quantity_mw=series(entry["quantity_mw"]),
                commodity=Commodity(entry.get("commodity", Commodity.P)),
                plan=Plan(entry.get("plan", Plan.P)),
            )
            for entry in meta["proposed"]
        ),
    )


def _state(name: str, meta: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> DayState:
    needs = tuple(NeedRow(**row) for row in meta["needs"][name])
    return DayState(needs=needs, **{key: arrays[f"{name}.{key}"] for key in _STATE_ARRAYS})


def _grid_map(texts: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], region_id: RegionId) -> GridMap:
    fields: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in texts.items()
    }
    fields |= {key: arrays[f"grid.{key}"] for key in _MAP_ARRAYS}
    return GridMap(region_id=region_id, **fields)


_MAP_TEXTS = ("bus_ids", "branch_ids", "coupling_bus", "zone_of_bus")
_MAP_ARRAYS = ("lon", "lat", "vn_kv", "vm_min_pu", "vm_max_pu", "from_index", "to_index")
_STATE_ARRAYS = ("vm_pu", "loading_percent", "p_coupling_mw")
