"""Bodies and answers about portfolios. Series [n_steps] in MW, up positive."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from app.rest.fields import Day, Exact, Id, In, Out
from app.rest.schemas import SeriesIn

KindOfSeries = Literal["baseline", "forecast"]


class AssetSeriesIn(In):
    """One asset's injection."""

    asset_id: Id
    p_mw: SeriesIn


class PortfolioIn(In):
    series: Annotated[list[AssetSeriesIn], Field(min_length=1, max_length=500)]


class PortfolioOut(Out):
    """Of how many assets series were stored."""

    stored: int


class BalanceOut(Out):
    """imbalance = injected - nominated - ordered from own assets + bought."""

    region_id: str
    n_assets: int
    n_metered: int
    n_forecast: int
    nominated_p_mw: list[Exact]
    injected_p_mw: list[Exact]
    called_p_mw: list[Exact]
    bought_p_mw: list[Exact]
    imbalance_p_mw: list[Exact]


class PurchaseOut(Out):
    """`bought_mw` and `session_payment_eur` (negative where it pays) are null before publication."""

    request_id: str
    session_id: str
    state: str
    bought_mw: list[Exact] | None
    session_payment_eur: Exact | None


class CustomerCallOut(Out):
    asset_id: str
    asset: str
    provider: str
    delivery_day: Day
    p_mw: list[Exact]
    state: str
