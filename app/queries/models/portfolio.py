"""A retailer's and a balance responsible party's day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.queries.models.base import Query
from domain.flexibility.assets import FlexAsset
from domain.flexibility.market import FlexRequest, MarketSession
from domain.parties import Region
from domain.units import Series


@dataclass(frozen=True, kw_only=True)
class BalanceRow:
    """A region's part of a balance group's day, each series [n_steps] MW, up positive.

    `nominated_p_mw`: as nominated to the market; `injected_p_mw`: metered, or else expected with what was called;
    `called_p_mw`: awards to the group's assets; `bought_p_mw`: got by own requests. `n_metered`, `n_forecast`:
    how many of the assets stand on a reading or on a forecast.
    """

    region: Region
    n_assets: int
    n_metered: int
    n_forecast: int
    nominated_p_mw: Series
    injected_p_mw: Series
    called_p_mw: Series
    bought_p_mw: Series
    imbalance_p_mw: Series


@dataclass(frozen=True, kw_only=True)
class GetBalance(Query[tuple[BalanceRow, ...]]):
    """BRP: its imbalance by region."""

    delivery_day: date


@dataclass(frozen=True, kw_only=True)
class PurchaseRow:
    """An own request of a buyer. `bought_mw` [n_steps] and `payment_eur` (of the whole session, negative where it
    pays) are None before the result is published."""

    request: FlexRequest
    session: MarketSession
    region: Region
    bought_mw: Series | None
    payment_eur: Decimal | None


@dataclass(frozen=True, kw_only=True)
class ListPurchases(Query[tuple[PurchaseRow, ...]]):
    """BRP: own requests, newest first."""


@dataclass(frozen=True, kw_only=True)
class CustomerCall:
    """What was asked of an asset behind which the customer stands: change `p_mw` [n_steps], MW, up positive."""

    asset: FlexAsset
    provider: str
    delivery_day: date
    p_mw: Series
    state: str


@dataclass(frozen=True, kw_only=True)
class ListCustomerCalls(Query[tuple[CustomerCall, ...]]):
    """Customer: calls of its assets, the latest day first."""


@dataclass(frozen=True, kw_only=True)
class ListCustomerAssets(Query[tuple[FlexAsset, ...]]):
    """Customer: the assets that name it."""
