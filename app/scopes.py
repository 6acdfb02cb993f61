"""Which commands and queries each scope of an API key covers. What has no row is refused to every key.

A key never does more than its account's role may: scopes narrow what `app.policy` allows. Passwords, sessions and
keys themselves have no row, so that a key that leaks cannot make itself at home.
"""

from __future__ import annotations

from collections.abc import Mapping

from app import scopes_place, scopes_platform
from app.queries import models as q
from domain import commands as c
from domain.parties import Scope

Scopes = frozenset[Scope]

READING: Scopes = frozenset(Scope)
"""Whatever a key may do, it may look at what its role sees; `Scope.READ` is for keys that only look."""
TRADE = frozenset({Scope.TRADE})
ASSETS = frozenset({Scope.ASSETS})
GRID = frozenset({Scope.GRID})
ADMIN = frozenset({Scope.FMO_ADMIN})
CREATING = ADMIN | {Scope.FMO_REGULAR}
"""The market operator's regular profile creates and reads; changing and removing is for its administrative one."""
EXCHANGE = frozenset({Scope.EXCHANGE})
METERING = CREATING | {Scope.METERING}
OWN = ADMIN | TRADE | ASSETS | GRID | {Scope.METERING}
"""Of one's own affairs; for every key that may do more than look or create."""

COMMANDS: Mapping[type[c.Command], Scopes] = {
    c.TakeKey: EXCHANGE,
    c.PublishRequest: TRADE,
    c.WithdrawRequest: TRADE,
    c.SubmitOffer: TRADE,
    c.PlaceOffers: TRADE,
    c.WithdrawOffer: TRADE,
    c.AcknowledgeActivation: TRADE,
    c.RefuseActivation: TRADE,
    c.RequestFlexibility: TRADE,
    c.OfferFlexibility: TRADE,
    c.CallOffer: TRADE,
    c.WithdrawCall: TRADE,
    c.AnswerCall: TRADE,
    c.TakeBackAnswer: TRADE,
    c.RegisterAsset: ASSETS,
    c.UploadBaseline: ASSETS,
    c.UploadForecast: ASSETS,
    c.UploadPortfolio: ASSETS,
    c.UploadNetwork: GRID,
    c.UploadSchedules: GRID,
    c.ComputeNeeds: GRID,
    c.ConfirmAsset: GRID,
    c.ConfirmConditionally: GRID,
    c.RefuseAsset: GRID,
    c.DefineZone: GRID,
    c.ChangeZone: GRID,
    c.RemoveZone: GRID,
    c.RegisterCongestedRegion: GRID,
    c.CloseCongestedRegion: GRID,
    c.ReviewRequest: GRID,
    c.AskWhatIf: GRID,
    c.AcknowledgeAlarm: GRID,
    c.ShelveAlarm: GRID,
    c.UnshelveAlarm: GRID,
    c.MapPod: METERING,
    c.ReportReading: METERING,
    c.UploadMetering: METERING,
    c.UploadPrices: CREATING,
    c.PlanSession: CREATING,
    c.TryClearing: CREATING,
    c.AgreeContract: CREATING,
    c.SetClearingRules: ADMIN,
    c.PassGate: ADMIN,
    c.RetryClearing: ADMIN,
    c.AssignToolkit: ADMIN,
    c.SendLetterAgain: ADMIN,
    c.MoveClock: ADMIN,
    c.MoveToGate: ADMIN,
    c.MoveToDayEnd: ADMIN,
    c.PlayChapter: ADMIN,
    c.SettleSession: ADMIN,
    c.ValidateStatements: ADMIN,
    c.IssueStatements: ADMIN,
    c.AcceptApplication: ADMIN,
    c.RefuseApplication: ADMIN,
    c.AssignRole: ADMIN,
    c.SuspendParty: ADMIN,
    c.ReinstateParty: ADMIN,
    c.CancelJob: OWN,
    c.MarkNotificationsRead: OWN,
}

QUERIES: Mapping[type[q.Query], Scopes] = dict.fromkeys(  # type: ignore[type-arg]
    (
        q.GetShell,
        q.Search,
        q.ListLocalPrices,
        q.GetGuide,
        q.ListNotifications,
        q.ListParties,
        q.ListRegions,
        q.ListSessions,
        q.ListPrices,
        q.GetGrid,
        q.ListUnits,
        q.ListAlarms,
        q.GetWhatIf,
        q.ListWhatIfs,
        q.ListAssets,
        q.GetAssetDay,
        q.ListRequests,
        q.ListOffers,
        q.GetDepth,
        q.ListOrders,
        q.GetResult,
        q.GetNodalPrices,
        q.ListActivations,
        q.ListAskedFlexibility,
        q.ListOfferedFlexibility,
        q.ListCalledFlexibility,
        q.ListDirectCalls,
        q.ListAnsweredCalls,
        q.ListJobs,
        q.GetJob,
        q.GetJobDocument,
        q.SumByCoupling,
        q.SumCalls,
        q.GetLocations,
        q.ListZones,
        q.ListCongestedRegions,
        q.GetPortfolio,
        q.GetFiles,
        q.CheckOffer,
        q.CheckOffers,
        q.TryOffers,
        q.ListPods,
        q.ListReadings,
        q.ListForecasts,
        q.ListContracts,
        q.GetSettlement,
        q.ListStatements,
        q.GetDelivery,
        q.ListInvoices,
        q.GetInvoiceFile,
        q.ListClearings,
        q.CompareClearings,
        q.GetClearingDay,
        q.GetRelief,
        q.GetHealth,
        q.CheckAudit,
        q.ListApplications,
        q.GetBalance,
        q.ListPurchases,
        q.ListCustomerCalls,
        q.ListCustomerAssets,
    ),
    READING,
)

_ALL_COMMANDS: Mapping[type[c.Command], Scopes] = {
    **COMMANDS,
    **scopes_place.COMMANDS,
    **scopes_platform.COMMANDS,
}
_ALL_QUERIES: Mapping[type[q.Query], Scopes] = {  # type: ignore[type-arg]
    **QUERIES,
    **scopes_place.QUERIES,
    **scopes_platform.QUERIES,
}
_NONE: Scopes = frozenset()


def covers_command(scopes: Scopes | None, command: type[c.Command]) -> bool:
    """Whether scopes cover a command; None is no key at all and bound by its role alone."""
    return scopes is None or bool(scopes & _ALL_COMMANDS.get(command, _NONE))


def covers_query(scopes: Scopes | None, query: type[q.Query]) -> bool:  # type: ignore[type-arg]
    return scopes is None or bool(scopes & _ALL_QUERIES.get(query, _NONE))
