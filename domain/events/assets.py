"""FlexAssets and their baselines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.events.base import Event
from domain.ids import AssetId, PartyId, RegionId


@dataclass(frozen=True, kw_only=True)
class AssetRegistered(Event):
    asset_id: AssetId
    region_id: RegionId
    owner_id: PartyId


@dataclass(frozen=True, kw_only=True)
class AssetConfirmed(Event):
    asset_id: AssetId
    region_id: RegionId
    owner_id: PartyId


@dataclass(frozen=True, kw_only=True)
class AssetRefused(Event):
    asset_id: AssetId
    region_id: RegionId
    owner_id: PartyId
    reason: str


@dataclass(frozen=True, kw_only=True)
class BaselineUploaded(Event):
    asset_id: AssetId
    region_id: RegionId
    owner_id: PartyId
    delivery_day: date
