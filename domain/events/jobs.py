"""Long work."""

from __future__ import annotations

from dataclasses import dataclass

from domain.events.base import Event
from domain.ids import JobId, RegionId


@dataclass(frozen=True, kw_only=True)
class JobChanged(Event):
    job_id: JobId
    region_id: RegionId
    state: str
