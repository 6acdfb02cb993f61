"""Zones, congested regions, what the locations of a grid plan, and what became of calls for balancing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.bridge.states import Floats
from app.queries.models.base import Query
from domain.flexibility.zones import CongestedRegion, GridZone
from domain.ids import RegionId
from domain.parties import Region
from domain.units import Series


@dataclass(frozen=True, kw_only=True)
class ZoneRow:
    """A zone and the buses of the present network within it."""

    zone: GridZone
    buses: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ListZones(Query[tuple[ZoneRow, ...]]):
    """By name: a DSO's own, a TSO's below it, everyone else's all."""

    region_id: RegionId | None = None


@dataclass(frozen=True, kw_only=True)
class CongestedRow:
    """A congested region, its zone's name, and its buses on the present network."""

    point: CongestedRegion
    zone_name: str
    buses: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ListCongestedRegions(Query[tuple[CongestedRow, ...]]):
    """As `ListZones`; those that stand first, closed ones with `all_states` only."""

    region_id: RegionId | None = None
    all_states: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class LocationDay:
    """A region's day by bus [n_steps, n_buses], MW, injection positive: production and load as the DSO schedules
    them (storages count where they feed in and where they charge), and the balance with the owners' baselines in
    place of the schedules of their units."""

    region: Region
    bus_ids: tuple[str, ...]
    zone_of_bus: tuple[str, ...]
    """The feeder of each bus."""
    production_mw: Floats
    load_mw: Floats
    baseline_mw: Floats
    n_baselines: int
    n_assets: int

    @property
    def schedule_mw(self) -> Floats:
        return self.production_mw + self.load_mw


@dataclass(frozen=True, kw_only=True)
class GetLocations(Query[LocationDay | None]):
    """None while the day has no schedules."""

    region_id: RegionId
    delivery_day: date


@dataclass(frozen=True, kw_only=True)
class CallSums:
    """Active power of a region's calls in one direction [n_steps], MW, >= 0."""

    requested_mw: Series
    awarded_mw: Series
    acknowledged_mw: Series
    refused_mw: Series


@dataclass(frozen=True, kw_only=True)
class CallRow:
    """What was asked, awarded and answered in a region's session, from publication on; before, requests alone.

    `delivered_if_kept_mwh`: what the acknowledged calls add up to, up less down.
    """

    region: Region
    coupling_bus: str
    up: CallSums
    down: CallSums
    n_held: int
    delivered_if_kept_mwh: Decimal


@dataclass(frozen=True, kw_only=True)
class SumCalls(Query[tuple[CallRow, ...]]):
    delivery_day: date
