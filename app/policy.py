"""Who may do what: one row per command and per query. What has no row is refused to everyone."""

from __future__ import annotations

from collections.abc import Mapping

from app import policy_place, policy_platform
from app.queries import models as q
from domain import commands as c
from domain.parties import PLACE, Role

Roles = frozenset[Role]


def _roles(*roles: Role) -> Roles:
    return frozenset(roles)


FMO = _roles(Role.FMO)
PLACE_OPERATOR = _roles(Role.PLACE_OPERATOR)
DSO = _roles(Role.DSO)
OFFERING = _roles(Role.ESP, Role.AGGREGATOR)
SUPPLYING = _roles(Role.RETAILER, Role.BRP)
OWNING = OFFERING | _roles(Role.RETAILER)
BUYING = DSO | _roles(Role.BRP)
MARKET = _roles(Role.SYSTEM)
GRID = FMO | DSO | _roles(Role.TSO)
PLAYERS = GRID | OFFERING | SUPPLYING
EVERYONE = PLAYERS | PLACE | _roles(Role.CUSTOMER)

SETTLED = FMO | DSO | OFFERING | _roles(Role.BRP)
"""Who has statements and invoices."""

SYSTEMS = _roles(Role.PROVIDER, Role.REQUESTER, Role.MARKET_PLACE, Role.PEER)
"""Whose programs call the market place's or a platform's."""

COMMANDS: Mapping[type[c.Command], Roles] = {
    c.UploadNetwork: DSO,
    c.UploadSchedules: DSO,
    c.ComputeNeeds: DSO,
    c.UploadPrices: FMO,
    c.RegisterAsset: OWNING,
    c.ConfirmAsset: DSO,
    c.ConfirmConditionally: DSO,
    c.RefuseAsset: DSO,
    c.DefineZone: DSO,
    c.ChangeZone: DSO,
    c.RemoveZone: DSO,
    c.RegisterCongestedRegion: DSO,
    c.CloseCongestedRegion: DSO,
    c.ReviewRequest: _roles(Role.TSO),
    c.UploadBaseline: OWNING,
    c.PlanSession: FMO,
    c.SetClearingRules: FMO,
    c.PublishRequest: BUYING,
    c.WithdrawRequest: BUYING,
    c.SubmitOffer: OFFERING,
    c.PlaceOffers: OFFERING,
    c.WithdrawOffer: OFFERING,
    c.PassGate: FMO | MARKET,
    c.RetryClearing: FMO,
    c.TryClearing: FMO,
    c.AssignToolkit: FMO,
    c.SendLetterAgain: FMO,
    c.ApplyJob: MARKET,
    c.StartJob: MARKET,
    c.ReportProgress: MARKET,
    c.RequeueJob: MARKET,
    c.CancelJob: PLAYERS,
    c.RequestFlexibility: DSO,
    c.OfferFlexibility: OFFERING,
    c.EndCallTime: MARKET,
    c.CallOffer: DSO,
    c.WithdrawCall: DSO,
    c.AnswerCall: OFFERING,
    c.TakeBackAnswer: OFFERING,
    c.AcknowledgeActivation: OFFERING,
    c.RefuseActivation: OFFERING,
    c.AskWhatIf: DSO,
    c.AcknowledgeAlarm: DSO,
    c.ShelveAlarm: DSO,
    c.UnshelveAlarm: DSO | MARKET,
    c.MoveClock: FMO,
    c.MoveToGate: FMO,
    c.PlayChapter: FMO,
    c.ReportChapter: MARKET,
    c.EndChapter: MARKET,
    c.MapPod: FMO | DSO,
    c.ReportReading: FMO | DSO,
    c.UploadMetering: FMO | DSO,
    c.UploadForecast: OWNING,
    c.UploadPortfolio: OWNING,
    c.AgreeContract: FMO,
    c.SettleSession: FMO,
    c.ValidateStatements: FMO,
    c.IssueStatements: FMO,
    c.MoveToDayEnd: FMO,
    c.MarkNotificationsRead: EVERYONE,
    c.Apply: MARKET,
    c.JoinBySingleSignOn: MARKET,
    c.AcceptApplication: FMO,
    c.RefuseApplication: FMO,
    c.AssignRole: FMO,
    c.SuspendParty: FMO,
    c.ReinstateParty: FMO,
    c.ChangePassword: EVERYONE,
    c.ResetPassword: FMO | PLACE_OPERATOR,
    c.EnterOperator: MARKET,
    c.EndLogin: EVERYONE,
    c.SignOutEverywhere: EVERYONE,
    c.CreateApiKey: EVERYONE,
    c.RotateApiKey: EVERYONE,
    c.RevokeApiKey: EVERYONE,
    c.TakeKey: SYSTEMS,
    c.ReportTries: MARKET,
    c.PrepareKey: MARKET,
    c.ReportKey: MARKET,
    c.RegisterClient: FMO,
    c.EndClient: FMO,
}

QUERIES: Mapping[type[q.Query], Roles] = {  # type: ignore[type-arg]
    q.GetShell: EVERYONE,
    q.Search: EVERYONE,
    q.ListLocalPrices: PLAYERS,
    q.GetGuide: FMO,
    q.ListNotifications: EVERYONE,
    q.ListParties: PLAYERS,
    q.ListRegions: PLAYERS,
    q.ListSessions: PLAYERS,
    q.ListPrices: PLAYERS,
    q.GetGrid: GRID | OFFERING,
    q.ListUnits: FMO | DSO | OWNING,
    q.ListAlarms: GRID,
    q.GetWhatIf: FMO | DSO,
    q.ListWhatIfs: FMO | DSO,
    q.ListAssets: FMO | DSO | OWNING,
    q.GetAssetDay: FMO | DSO | OWNING,
    q.ListRequests: GRID | OFFERING | BUYING,
    q.ListOffers: FMO | DSO | OFFERING,
    q.GetDepth: GRID | OFFERING,
    q.ListOrders: FMO | DSO | OFFERING,
    q.GetResult: GRID | OFFERING,
    q.GetNodalPrices: GRID | OFFERING,
    q.ListActivations: OFFERING,
    q.ListAskedFlexibility: DSO | OFFERING,
    q.ListOfferedFlexibility: DSO | OFFERING,
    q.ListCalledFlexibility: DSO | OFFERING,
    q.ListDirectCalls: DSO,
    q.ListAnsweredCalls: DSO | OFFERING,
    q.ListJobs: PLAYERS,
    q.GetJob: PLAYERS,
    q.GetJobDocument: PLAYERS,
    q.SumByCoupling: FMO | _roles(Role.TSO),
    q.SumCalls: FMO | _roles(Role.TSO),
    q.GetLocations: GRID,
    q.ListZones: GRID | OFFERING,
    q.ListCongestedRegions: GRID | OFFERING,
    q.GetPortfolio: SUPPLYING,
    q.GetFiles: FMO | DSO,
    q.CheckOffer: OFFERING,
    q.ListPods: FMO | DSO | OWNING,
    q.ListReadings: FMO | DSO | OFFERING,
    q.ListForecasts: FMO | DSO | OWNING,
    q.ListContracts: FMO | DSO | OFFERING,
    q.GetSettlement: FMO,
    q.ListStatements: SETTLED,
    q.GetDelivery: FMO | DSO | OFFERING,
    q.ListInvoices: SETTLED,
    q.GetInvoiceFile: SETTLED,
    q.CheckOffers: OFFERING,
    q.TryOffers: OFFERING,
    q.ListClearings: FMO,
    q.CompareClearings: FMO,
    q.GetClearingDay: FMO,
    q.GetRelief: FMO,
    q.GetHealth: FMO,
    q.CheckAudit: FMO,
    q.ListApplications: FMO,
    q.ListLogins: EVERYONE,
    q.ListApiKeys: EVERYONE,
    q.ListAccounts: FMO | PLACE,
    q.ListClients: FMO,
    q.GetBalance: _roles(Role.BRP),
    q.ListPurchases: _roles(Role.BRP),
    q.ListCustomerCalls: _roles(Role.CUSTOMER),
    q.ListCustomerAssets: _roles(Role.CUSTOMER),
}

_ALL_COMMANDS: Mapping[type[c.Command], Roles] = {
    **COMMANDS,
    **policy_place.COMMANDS,
    **policy_platform.COMMANDS,
}
_ALL_QUERIES: Mapping[type[q.Query], Roles] = {  # type: ignore[type-arg]
    **QUERIES,
    **policy_place.QUERIES,
    **policy_platform.QUERIES,
}
_NOBODY: Roles = frozenset()


def may_execute(role: Role, command: type[c.Command]) -> bool:
    return role in _ALL_COMMANDS.get(command, _NOBODY)


def may_query(role: Role, query: type[q.Query]) -> bool:  # type: ignore[type-arg]
    return role in _ALL_QUERIES.get(query, _NOBODY)
