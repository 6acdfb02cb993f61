"""The grid, its units and files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from app.bridge.states import DayState, Floats, GridMap, ProposedRequest
from app.queries.models.base import Query
from domain.flexibility.assets import FlexAsset
from domain.flexibility.grids import Job
from domain.ids import RegionId
from domain.parties import Region
from domain.units import Series


@dataclass(frozen=True, kw_only=True)
class GridView:
    """Map and state of a region's day. `after` is there once a session has a result the asker may see;
    `computing` names the running job when the state is not there yet."""

    grid: GridMap
    before: DayState | None
    after: DayState | None
    proposed: tuple[ProposedRequest, ...]
    computing: Job | None
    network_uploaded_at: datetime
    schedule_uploaded_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class GetGrid(Query[GridView | None]):
    """DSO of the region, FMO, TSO above it; ESP and aggregator get it too, without the needs' after state
    before publication. None when there is no network yet."""

    region_id: RegionId
    delivery_day: date


@dataclass(frozen=True, kw_only=True)
class UnitRow:
    """A unit of a region's network, and the asset registered behind it, if any."""

    unit_id: str
    bus: str
    kind: str
    type: str
    p_max_mw: float
    s_max_mva: float | None
    asset: FlexAsset | None


@dataclass(frozen=True, kw_only=True)
class ListUnits(Query[tuple[UnitRow, ...]]):
    region_id: RegionId


@dataclass(frozen=True, kw_only=True)
class CouplingRow:
    """Requests and results of active power summed by region and coupling point, per step, MW."""

    region: Region
    coupling_bus: str
    requested_up_mw: Series
    requested_down_mw: Series
    awarded_up_mw: Series
    awarded_down_mw: Series
    p_before_mw: Floats | None
    """Import at the coupling point before, [n_steps]."""
    p_after_mw: Floats | None


@dataclass(frozen=True, kw_only=True)
class SumByCoupling(Query[tuple[CouplingRow, ...]]):
    delivery_day: date


@dataclass(frozen=True, kw_only=True)
class ExampleFiles:
    """The region's own network and schedule documents, to download as examples and templates."""

    network_json: str
    schedule_csv: str


@dataclass(frozen=True, kw_only=True)
class GetFiles(Query[ExampleFiles]):
    region_id: RegionId
    delivery_day: date
