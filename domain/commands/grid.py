"""Networks, schedules and wholesale prices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.commands.base import Command
from domain.flexibility.market import PriceKind
from domain.ids import RegionId
from domain.units import Series


@dataclass(frozen=True, kw_only=True)
class UploadNetwork(Command):
    """DSO: its network as a `flexdesk.grid/1` JSON document."""

    region_id: RegionId
    document: str


@dataclass(frozen=True, kw_only=True)
class UploadSchedules(Command):
    """DSO: the day's schedules per generator and load as CSV."""

    region_id: RegionId
    delivery_day: date
    document: str


@dataclass(frozen=True, kw_only=True)
class ComputeNeeds(Command):
    """DSO: a day's needs once more, of the schedules that there are."""

    region_id: RegionId
    delivery_day: date


@dataclass(frozen=True, kw_only=True)
class UploadPrices(Command):
    """FMO: a day's day-ahead or balancing prices, [n_steps]."""

    kind: PriceKind
    delivery_day: date
    price_eur_per_mwh: Series
    source: str
