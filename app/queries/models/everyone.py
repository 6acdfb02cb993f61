"""What every signed-in participant asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from app.queries.models.base import Query
from domain.flexibility.grids import Job
from domain.flexibility.market import (
    Gate,
    PriceSeries,
)
from domain.ids import JobId, RegionId, SessionId
from domain.lifecycle import JobState
from domain.notifications import Notification
from domain.paging import Slice
from domain.parties import Party, Principal, Region
from domain.time import MarketClock


@dataclass(frozen=True, kw_only=True)
class ShellView:
    """What every page's frame shows. `market_now` is market time when asked; `n_alarms` ask for an answer."""

    principal: Principal
    party: Party
    clock: MarketClock
    market_now: datetime
    next_gate: Gate | None
    next_gate_region: RegionId | None
    n_unread: int
    demo: bool
    n_alarms: int = 0


@dataclass(frozen=True, kw_only=True)
class GetShell(Query[ShellView]):
    pass


@dataclass(frozen=True, kw_only=True)
class ListNotifications(Query[tuple[Notification, ...]]):
    """Own notifications, newest first unless `part` says how; only read or unread ones with `read`."""

    limit: int = 100
    read: bool | None = None
    part: Slice | None = None


@dataclass(frozen=True, kw_only=True)
class ListParties(Query[tuple[Party, ...]]):
    pass


@dataclass(frozen=True, kw_only=True)
class ListRegions(Query[tuple[Region, ...]]):
    """FMO, ESP, aggregator, ...: all; DSO: its own; TSO: those below it."""


@dataclass(frozen=True, kw_only=True)
class ListPrices(Query[tuple[PriceSeries, ...]]):
    delivery_day: date


@dataclass(frozen=True, kw_only=True)
class ListJobs(Query[tuple[Job, ...]]):
    """FMO: all; others: own. Newest first unless `part` says how, without inputs and results."""

    limit: int = 50
    job_id: JobId | None = None
    kind: str | None = None
    state: JobState | None = None
    region_id: RegionId | None = None
    delivery_day: date | None = None
    session_id: SessionId | None = None
    part: Slice | None = None
