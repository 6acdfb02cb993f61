"""What the machinery of the market went through."""

from __future__ import annotations

from dataclasses import dataclass

from domain.events.base import Event
from domain.ids import JobId, PartyId, RegionId


@dataclass(frozen=True, kw_only=True)
class ToolkitFailed(Event):
    """A job failed; `party_id` answers for its kind of work."""

    toolkit: str
    job_id: JobId
    region_id: RegionId
    party_id: PartyId


@dataclass(frozen=True, kw_only=True)
class ToolkitAssigned(Event):
    toolkit: str
    party_id: PartyId
