"""Grid zones, congested regions, conditional confirmation and reviews."""

from __future__ import annotations

from dataclasses import dataclass

from domain.events.base import Event
from domain.ids import AssetId, CongestedRegionId, PartyId, RegionId, RequestId, SessionId, ZoneId
from domain.lifecycle import ReviewState


@dataclass(frozen=True, kw_only=True)
class ZonesChanged(Event):
    """A grid zone was defined, changed or removed."""

    zone_id: ZoneId
    region_id: RegionId


@dataclass(frozen=True, kw_only=True)
class CongestedRegionRegistered(Event):
    congested_region_id: CongestedRegionId
    region_id: RegionId


@dataclass(frozen=True, kw_only=True)
class CongestedRegionClosed(Event):
    congested_region_id: CongestedRegionId
    region_id: RegionId


@dataclass(frozen=True, kw_only=True)
class AssetConfirmedConditionally(Event):
    asset_id: AssetId
    region_id: RegionId
    owner_id: PartyId
    reason: str


@dataclass(frozen=True, kw_only=True)
class RequestReviewed(Event):
    """The TSO said something else of a request than before."""

    request_id: RequestId
    session_id: SessionId
    region_id: RegionId
    before: ReviewState
    review: ReviewState
    note: str
