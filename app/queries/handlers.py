"""One handler for every query: `handler(uow, principal, query) -> answer`. The desk checked the role."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from app.queries import (
    access,
    alarms,
    clearings,
    customers,
    everyone,
    grids,
    guide,
    jobs,
    market,
    market_place,
    negotiation,
    operation,
    parties,
    portfolio,
    search,
    settlement,
    trading,
    trials,
    what_ifs,
    wholesale,
    zones,
)
from app.queries import models as q
from app.vitals import Health

Handler = Callable[..., Any]

HANDLERS: Mapping[type[q.Query[Any]], Handler] = {
    **market_place.HANDLERS,
    q.GetShell: everyone.get_shell,
    q.Search: search.search,
    q.ListLocalPrices: wholesale.list_local_prices,
    q.GetGuide: guide.get_guide,
    q.ListNotifications: everyone.list_notifications,
    q.ListParties: everyone.list_parties,
    q.ListRegions: everyone.list_regions,
    q.ListSessions: market.list_sessions,
    q.ListPrices: market.list_prices,
    q.GetGrid: grids.get_grid,
    q.ListUnits: grids.list_units,
    q.ListAlarms: alarms.list_alarms,
    q.GetWhatIf: what_ifs.get_what_if,
    q.ListWhatIfs: what_ifs.list_what_ifs,
    q.ListAssets: grids.list_assets,
    q.GetAssetDay: grids.get_asset_day,
    q.ListRequests: market.list_requests,
    q.ListOffers: market.list_offers,
    q.GetDepth: trading.get_depth,
    q.ListOrders: trading.list_orders,
    q.GetResult: market.get_result,
    q.GetNodalPrices: market.get_nodal_prices,
    q.ListActivations: market.list_activations,
    q.ListAskedFlexibility: negotiation.list_asked,
    q.ListOfferedFlexibility: negotiation.list_offered,
    q.ListCalledFlexibility: negotiation.list_called,
    q.ListDirectCalls: negotiation.list_direct,
    q.ListAnsweredCalls: negotiation.list_answered,
    q.ListJobs: market.list_jobs,
    q.GetJob: jobs.get_job,
    q.GetJobDocument: jobs.get_job_document,
    q.SumByCoupling: grids.sum_by_coupling,
    q.SumCalls: zones.sum_calls,
    q.GetLocations: zones.get_locations,
    q.ListZones: zones.list_zones,
    q.ListCongestedRegions: zones.list_congested,
    q.GetPortfolio: portfolio.get_portfolio,
    q.GetBalance: portfolio.get_balance,
    q.ListPurchases: portfolio.list_purchases,
    q.ListCustomerCalls: customers.list_calls,
    q.ListCustomerAssets: customers.list_assets,
    q.GetFiles: grids.get_files,
    q.ListPods: settlement.list_pods,
    q.ListReadings: settlement.list_readings,
    q.ListForecasts: settlement.list_forecasts,
    q.ListContracts: settlement.list_contracts,
    q.GetSettlement: settlement.get_settlement,
    q.ListStatements: settlement.list_statements,
    q.GetDelivery: settlement.get_delivery,
    q.ListInvoices: settlement.list_invoices,
    q.GetInvoiceFile: settlement.get_invoice_file,
    q.CheckOffer: market.check,
    q.CheckOffers: trials.check_offers_of,
    q.TryOffers: trials.prepare,
    q.ListClearings: clearings.list_clearings,
    q.CompareClearings: clearings.compare,
    q.GetClearingDay: clearings.day,
    q.GetRelief: clearings.relief,
    q.GetHealth: operation.get_health,
    q.CheckAudit: operation.check_audit,
    q.ListApplications: parties.list_applications,
    q.ListLogins: access.list_logins,
    q.ListApiKeys: access.list_keys,
    q.ListAccounts: access.list_accounts,
    q.ListClients: access.list_clients,
}


def handlers(health: Health) -> Mapping[type[q.Query[Any]], Handler]:
    """The same with the running server's own signs of life behind those that tell of it."""
    told: dict[type[q.Query[Any]], Handler] = {
        kind: partial(HANDLERS[kind], health=health) for kind in (q.GetHealth, q.CheckAudit)
    }
    return {**HANDLERS, **told}
