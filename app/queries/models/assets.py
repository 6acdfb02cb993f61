"""Assets and portfolios."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.queries.models.base import Query
from domain.flexibility.assets import AssetBaseline, FlexAsset, Headroom
from domain.ids import AssetId, RegionId
from domain.parties import Region
from domain.units import Series


@dataclass(frozen=True, kw_only=True)
class ListAssets(Query[tuple[FlexAsset, ...]]):
    """Owners: own; DSO: in its regions; FMO: all."""

    region_id: RegionId | None = None


@dataclass(frozen=True, kw_only=True)
class AssetDay:
    """An asset's day: schedule by the DSO, own baseline if uploaded, what can be offered, and what own submitted
    offers already take of it."""

    asset: FlexAsset
    schedule_p_mw: Series
    baseline: AssetBaseline | None
    headroom: Headroom
    offered: Headroom


@dataclass(frozen=True, kw_only=True)
class GetAssetDay(Query[AssetDay]):
    asset_id: AssetId
    delivery_day: date


@dataclass(frozen=True, kw_only=True)
class PortfolioAsset:
    """An asset of a portfolio with the unit behind it: schedule and awards [n_steps], MW, up positive."""

    asset: FlexAsset
    owner: str
    schedule_p_mw: Series
    awarded_p_mw: Series


@dataclass(frozen=True, kw_only=True)
class PortfolioRow:
    """A retailer's or BRP's day: production and load of the assets it is responsible for, MW per step."""

    region: Region
    n_assets: int
    production_p_mw: Series
    load_p_mw: Series
    awarded_p_mw: Series
    """Awards to these assets from publication on, up positive; zero before."""
    assets: tuple[PortfolioAsset, ...] = ()


@dataclass(frozen=True, kw_only=True)
class GetPortfolio(Query[tuple[PortfolioRow, ...]]):
    delivery_day: date
