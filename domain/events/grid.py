"""Networks, schedules, states and prices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.events.base import Event
from domain.flexibility.market import PriceKind
from domain.ids import RegionId


@dataclass(frozen=True, kw_only=True)
class NetworkUploaded(Event):
    region_id: RegionId


@dataclass(frozen=True, kw_only=True)
class SchedulesUploaded(Event):
    region_id: RegionId
    delivery_day: date


@dataclass(frozen=True, kw_only=True)
class SchedulesDropped(Event):
    """A day's schedules do not fit the region's new network; the day needs new ones."""

    region_id: RegionId
    delivery_day: date


@dataclass(frozen=True, kw_only=True)
class GridStateComputed(Event):
    """Needs of a region's day were identified."""

    region_id: RegionId
    delivery_day: date
    n_needs: int


@dataclass(frozen=True, kw_only=True)
class PricesUploaded(Event):
    kind: PriceKind
    delivery_day: date
