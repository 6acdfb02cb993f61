"""Alarms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.queries.models.base import Query
from domain.flexibility.alarms import Alarm
from domain.ids import RegionId


@dataclass(frozen=True, kw_only=True)
class ListAlarms(Query[tuple[Alarm, ...]]):
    """DSO: its regions; TSO: those below it; FMO: all. What asks for an answer first, then by priority.

    with_cleared : also those that are over and answered
    """

    region_id: RegionId | None = None
    delivery_day: date | None = None
    with_cleared: bool = False
