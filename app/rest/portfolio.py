"""Portfolios: series of many assets at once, balance groups, purchases of a BRP, calls of a customer's assets."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Path, Query

from app.queries.models import GetBalance, ListCustomerCalls, ListPurchases
from app.rest import portfolio_schemas as s
from app.rest.access import FromCaller
from app.rest.fields import Day
from app.rest.schemas import Items
from app.rest.strict import StrictRoute
from domain.commands import UploadPortfolio
from domain.flexibility.assets import AssetSeries, SeriesKind
from domain.ids import AssetId

router = APIRouter(route_class=StrictRoute, tags=["portfolio"])


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
def get_balance(caller: FromCaller, where: Annotated[s.BalanceFilter, Query()]) -> Items[s.BalanceOut]:
    """BRP: the imbalance of its group on a day, by region."""
    rows = caller.query(GetBalance(delivery_day=where.delivery_day))
    return Items(items=[s.BalanceOut.model_validate({**vars(row), "region_id": row.region.id}) for row in rows])


@router.get("/purchases")
def list_purchases(caller: FromCaller) -> Items[s.PurchaseOut]:
    """BRP: own requests with what they got."""
    rows = caller.query(ListPurchases())
    return Items(
        items=[
            s.PurchaseOut(
                request_id=row.request.id,
                session_id=row.session.id,
                state=row.request.state,
                bought_mw=None if row.bought_mw is None else list(row.bought_mw),
                session_payment_eur=row.payment_eur,
            )
            for row in rows
        ]
    )


@router.get("/customer/calls")
def list_calls(caller: FromCaller) -> Items[s.CustomerCallOut]:
    """Customer: what was asked of its assets."""
    rows = caller.query(ListCustomerCalls())
    return Items(
        items=[
            s.CustomerCallOut(
                asset_id=row.asset.id,
                asset=row.asset.name,
                provider=row.provider,
                delivery_day=row.delivery_day,
                p_mw=list(row.p_mw),
                state=row.state,
            )
            for row in rows
        ]
    )
