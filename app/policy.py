"""Who may do what: one row per command and per query. What has no row is refused to everyone."""

from __future__ import annotations

from collections.abc import Mapping

from app.queries import models as q
from domain import commands as c
from domain.parties import Role

Roles = frozenset[Role]


def _roles(*roles: Role) -> Roles:
    return frozenset(roles)


FMO = _roles(Role.FMO)
DSO = _roles(Role.DSO)
OFFERING = _roles(Role.ESP, Role.AGGREGATOR)
SUPPLYING = _roles(Role.RETAILER, Role.BRP)
MARKET = _roles(Role.SYSTEM)
GRID = FMO | DSO | _roles(Role.TSO)
PLAYERS = GRID | OFFERING | SUPPLYING
EVERYONE = PLAYERS | _roles(Role.CUSTOMER)

COMMANDS: Mapping[type[c.Command], Roles] = {
    c.UploadNetwork: DSO,
    c.UploadSchedules: DSO,
    c.UploadPrices: FMO,
    c.RegisterAsset: OFFERING,
    c.ConfirmAsset: DSO,
    c.RefuseAsset: DSO,
    c.UploadBaseline: OFFERING,
    c.PlanSession: FMO,
    c.SetClearingRules: FMO,
    c.PublishRequest: DSO,
    c.WithdrawRequest: DSO,
    c.SubmitOffer: OFFERING,
    c.WithdrawOffer: OFFERING,
    c.PassGate: FMO | MARKET,
    c.RetryClearing: FMO,
    c.ApplyJob: MARKET,
    c.StartJob: MARKET,
    c.ReportProgress: MARKET,
    c.RequeueJob: MARKET,
    c.CancelJob: PLAYERS,
    c.AcknowledgeActivation: OFFERING,
    c.RefuseActivation: OFFERING,
    c.MoveClock: FMO,
    c.MoveToGate: FMO,
    c.MarkNotificationsRead: EVERYONE,
}

QUERIES: Mapping[type[q.Query], Roles] = {  # type: ignore[type-arg]
    q.GetShell: EVERYONE,
    q.ListNotifications: EVERYONE,
    q.ListParties: PLAYERS,
    q.ListRegions: PLAYERS,
    q.ListSessions: PLAYERS,
    q.ListPrices: PLAYERS,
    q.GetGrid: GRID | OFFERING,
    q.ListUnits: FMO | DSO | OFFERING,
    q.ListAssets: FMO | DSO | OFFERING,
    q.GetAssetDay: FMO | DSO | OFFERING,
    q.ListRequests: GRID | OFFERING,
    q.ListOffers: FMO | DSO | OFFERING,
    q.GetResult: GRID | OFFERING,
    q.GetNodalPrices: GRID | OFFERING,
    q.ListActivations: OFFERING,
    q.ListJobs: PLAYERS,
    q.SumByCoupling: FMO | _roles(Role.TSO),
    q.GetPortfolio: SUPPLYING,
    q.GetFiles: FMO | DSO,
    q.CheckOffer: OFFERING,
}

_NOBODY: Roles = frozenset()


def may_execute(role: Role, command: type[c.Command]) -> bool:
    return role in COMMANDS.get(command, _NOBODY)


def may_query(role: Role, query: type[q.Query]) -> bool:  # type: ignore[type-arg]
    return role in QUERIES.get(query, _NOBODY)
