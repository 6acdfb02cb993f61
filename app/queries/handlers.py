"""One handler for every query: `handler(uow, principal, query) -> answer`. The desk checked the role."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.queries import everyone, grids, market
from app.queries import models as q

Handler = Callable[..., Any]

HANDLERS: Mapping[type[q.Query[Any]], Handler] = {
    q.GetShell: everyone.get_shell,
    q.ListNotifications: everyone.list_notifications,
    q.ListParties: everyone.list_parties,
    q.ListRegions: everyone.list_regions,
    q.ListSessions: market.list_sessions,
    q.ListPrices: market.list_prices,
    q.GetGrid: grids.get_grid,
    q.ListUnits: grids.list_units,
    q.ListAssets: grids.list_assets,
    q.GetAssetDay: grids.get_asset_day,
    q.ListRequests: market.list_requests,
    q.ListOffers: market.list_offers,
    q.GetResult: market.get_result,
    q.GetNodalPrices: market.get_nodal_prices,
    q.ListActivations: market.list_activations,
    q.ListJobs: market.list_jobs,
    q.SumByCoupling: grids.sum_by_coupling,
    q.GetPortfolio: grids.get_portfolio,
    q.GetFiles: grids.get_files,
    q.CheckOffer: market.check,
}
