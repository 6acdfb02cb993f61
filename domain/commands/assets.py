"""FlexAssets and their baselines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.commands.base import Command
from domain.flexibility.assets import AssetKind, AssetSeries, SeriesKind
from domain.ids import AssetId, PartyId, RegionId
from domain.units import Series


@dataclass(frozen=True, kw_only=True)
class RegisterAsset(Command):
    """ESP, aggregator, retailer: an asset behind a unit of a DSO's network, and the customer behind it, if any."""

    region_id: RegionId
    unit_id: str
    name: str
    kind: AssetKind
    p_min_mw: Decimal
    p_max_mw: Decimal
    flexible_share: Decimal = Decimal(1)
    s_max_mva: Decimal | None = None
    brp_id: PartyId | None = None
    customer_id: PartyId | None = None


@dataclass(frozen=True, kw_only=True)
class ConfirmAsset(Command):
    asset_id: AssetId


@dataclass(frozen=True, kw_only=True)
class RefuseAsset(Command):
    asset_id: AssetId
    reason: str


@dataclass(frozen=True, kw_only=True)
class UploadBaseline(Command):
    """Owner: injection of its asset over a day, [n_steps], MW, up positive."""

    asset_id: AssetId
    delivery_day: date
    p_mw: Series


@dataclass(frozen=True, kw_only=True)
class UploadPortfolio(Command):
    """Owner: baselines or forecasts of several assets over a day; all are stored or none."""

    kind: SeriesKind
    delivery_day: date
    series: tuple[AssetSeries, ...]
