"""Portfolios: series of many assets at once, balance groups, purchases of a BRP, calls of a customer's assets."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Path, Query

from app.queries.models import (
    BalanceRow,
    CustomerCall,
    GetBalance,
    ListCustomerCalls,
    ListPurchases,
    PurchaseRow,
)
from app.rest import portfolio_schemas as s
from app.rest.access import FromCaller
from app.rest.fields import Day
from app.rest.paging import FromPager, Listing
from app.rest.schemas import DayFilter, Page, Paging
from app.rest.strict import StrictRoute
from domain.commands import UploadPortfolio
from domain.flexibility.assets import AssetSeries, SeriesKind
from domain.ids import AssetId

router = APIRouter(route_class=StrictRoute, tags=["portfolio"])
BALANCE = Listing(s.BalanceOut, "region_id")
PURCHASES = Listing(s.PurchaseOut)
CALLS = Listing(s.CustomerCallOut)


@router.put("/portfolio/{series_kind}/{delivery_day}")
def upload_portfolio(
    caller: FromCaller,
    series_kind: s.KindOfSeries,
    delivery_day: Annotated[Day, Path()],
    body: s.PortfolioIn,
) -> s.PortfolioOut:
    """Owner: baselines or forecasts of several assets; all are stored or none."""
    series = tuple(AssetSeries(asset_id=AssetId(one.asset_id), p_mw=tuple(one.p_mw)) for one in body.series)
    command = UploadPortfolio(kind=SeriesKind(series_kind), delivery_day=delivery_day, series=series)
    return s.PortfolioOut(stored=cast(int, caller.execute(command)))


@router.get("/balance")
def get_balance(caller: FromCaller, pager: FromPager, where: Annotated[DayFilter, Query()]) -> Page[s.BalanceOut]:
    """BRP: the imbalance of its group on a day, by region."""
    rows = caller.query(GetBalance(delivery_day=where.delivery_day))
    return pager.page(BALANCE, where, rows, _balance)


def _balance(row: BalanceRow) -> s.BalanceOut:
    return s.BalanceOut.model_validate({**vars(row), "region_id": row.region.id})


@router.get("/purchases")
def list_purchases(caller: FromCaller, pager: FromPager, where: Annotated[Paging, Query()]) -> Page[s.PurchaseOut]:
    """BRP: own requests with what they got."""
    return pager.page(PURCHASES, where, caller.query(ListPurchases()), _purchase)


def _purchase(row: PurchaseRow) -> s.PurchaseOut:
    return s.PurchaseOut(
        request_id=row.request.id,
        session_id=row.session.id,
        state=row.request.state,
        bought_mw=None if row.bought_mw is None else list(row.bought_mw),
        session_payment_eur=row.payment_eur,
    )


@router.get("/customer/calls")
def list_customer_calls(
    caller: FromCaller, pager: FromPager, where: Annotated[Paging, Query()]
) -> Page[s.CustomerCallOut]:
    """Customer: what was asked of its assets."""
    return pager.page(CALLS, where, caller.query(ListCustomerCalls()), _call)


def _call(row: CustomerCall) -> s.CustomerCallOut:
    return s.CustomerCallOut(
        asset_id=row.asset.id,
        asset=row.asset.name,
        provider=row.provider,
        delivery_day=row.delivery_day,
        p_mw=list(row.p_mw),
        state=row.state,
    )
