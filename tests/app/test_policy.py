"""The policy tables cover both registries, and each cell says what is written here."""

from __future__ import annotations

import pytest

from app import policy_place
from app.policy import COMMANDS, QUERIES, may_execute, may_query
from app.queries import HANDLERS as QUERY_HANDLERS
from app.queries.models import Query
from app.queries.models.place import PlaceQuery
from app.queries.models.platform import PlatformQuery
from app.usecases import HANDLERS
from domain.commands import Command
from domain.commands.place import PlaceCommand
from domain.commands.platform import PlatformCommand
from domain.parties import Role

SELL, D, F, T, S = "esp aggregator", "dso", "fmo", "tso", "system"
PLAYERS = f"{F} {D} {T} {SELL} retailer brp"
OWN = f"{SELL} retailer"
PLACE = "place_operator provider requester"

MAY_EXECUTE = {
    "UploadNetwork": D,
    "UploadSchedules": D,
    "ComputeNeeds": D,
    "UploadPrices": F,
    "RegisterAsset": OWN,
    "ConfirmAsset": D,
    "ConfirmConditionally": D,
    "RefuseAsset": D,
    "DefineZone": D,
    "ChangeZone": D,
    "RemoveZone": D,
    "RegisterCongestedRegion": D,
    "CloseCongestedRegion": D,
    "ReviewRequest": T,
    "UploadBaseline": OWN,
    "PlanSession": F,
    "SetClearingRules": F,
    "PublishRequest": "dso brp",
    "WithdrawRequest": "dso brp",
    "SubmitOffer": SELL,
    "PlaceOffers": SELL,
    "WithdrawOffer": SELL,
    "PassGate": f"{F} {S}",
    "RetryClearing": F,
    "ApplyJob": S,
    "StartJob": S,
    "ReportProgress": S,
    "RequeueJob": S,
    "CancelJob": PLAYERS,
    "RequestFlexibility": D,
    "OfferFlexibility": SELL,
    "EndCallTime": S,
    "CallOffer": D,
    "WithdrawCall": D,
    "AnswerCall": SELL,
    "TakeBackAnswer": SELL,
    "AcknowledgeActivation": SELL,
    "RefuseActivation": SELL,
    "AcknowledgeAlarm": D,
    "AskWhatIf": D,
    "ShelveAlarm": D,
    "UnshelveAlarm": f"{D} {S}",
    "MoveClock": F,
    "MoveToGate": F,
    "PlayChapter": F,
    "ReportChapter": S,
    "EndChapter": S,
    "MapPod": f"{F} {D}",
    "ReportReading": f"{F} {D}",
    "UploadMetering": f"{F} {D}",
    "UploadForecast": OWN,
    "AgreeContract": F,
    "SettleSession": F,
    "ValidateStatements": F,
    "IssueStatements": F,
    "MoveToDayEnd": F,
    "MarkNotificationsRead": f"{PLAYERS} {PLACE} customer",
    "Apply": S,
    "JoinBySingleSignOn": S,
    "UploadPortfolio": OWN,
    "AcceptApplication": F,
    "RefuseApplication": F,
    "AssignRole": F,
    "SuspendParty": F,
    "ReinstateParty": F,
    "ChangePassword": f"{PLAYERS} {PLACE} customer",
    "ResetPassword": f"{F} place_operator",
    "EnterOperator": S,
    "EndLogin": f"{PLAYERS} {PLACE} customer",
    "SignOutEverywhere": f"{PLAYERS} {PLACE} customer",
    "CreateApiKey": f"{PLAYERS} {PLACE} customer",
    "RotateApiKey": f"{PLAYERS} {PLACE} customer",
    "RevokeApiKey": f"{PLAYERS} {PLACE} customer",
    "ReportTries": S,
    "PrepareKey": S,
    "ReportKey": S,
    "TakeKey": "provider requester market_place peer",
    "RegisterClient": F,
    "EndClient": F,
    "TryClearing": F,
    "AssignToolkit": F,
    "SendLetterAgain": F,
}

MAY_QUERY = {
    "GetShell": f"{PLAYERS} {PLACE} customer",
    "Search": f"{PLAYERS} {PLACE} customer",
    "ListLocalPrices": PLAYERS,
    "GetGuide": F,
    "ListNotifications": f"{PLAYERS} {PLACE} customer",
    "ListParties": PLAYERS,
    "ListRegions": PLAYERS,
    "ListSessions": PLAYERS,
    "ListPrices": PLAYERS,
    "GetGrid": f"{F} {D} {T} {SELL}",
    "ListUnits": f"{F} {D} {OWN}",
    "ListAssets": f"{F} {D} {OWN}",
    "GetAssetDay": f"{F} {D} {OWN}",
    "ListRequests": f"{F} {D} {T} {SELL} brp",
    "ListOffers": f"{F} {D} {SELL}",
    "GetDepth": f"{F} {D} {T} {SELL}",
    "ListOrders": f"{F} {D} {SELL}",
    "GetResult": f"{F} {D} {T} {SELL}",
    "GetNodalPrices": f"{F} {D} {T} {SELL}",
    "ListActivations": SELL,
    "ListAskedFlexibility": f"{D} {SELL}",
    "ListOfferedFlexibility": f"{D} {SELL}",
    "ListCalledFlexibility": f"{D} {SELL}",
    "ListDirectCalls": D,
    "ListAnsweredCalls": f"{D} {SELL}",
    "ListJobs": PLAYERS,
    "GetJob": PLAYERS,
    "GetJobDocument": PLAYERS,
    "SumByCoupling": f"{F} {T}",
    "SumCalls": f"{F} {T}",
    "GetLocations": f"{F} {D} {T}",
    "ListZones": f"{F} {D} {T} {SELL}",
    "ListCongestedRegions": f"{F} {D} {T} {SELL}",
    "GetWhatIf": f"{F} {D}",
    "ListWhatIfs": f"{F} {D}",
    "ListAlarms": f"{F} {D} {T}",
    "GetPortfolio": "retailer brp",
    "GetFiles": f"{F} {D}",
    "ListPods": f"{F} {D} {OWN}",
    "ListReadings": f"{F} {D} {SELL}",
    "ListForecasts": f"{F} {D} {OWN}",
    "ListContracts": f"{F} {D} {SELL}",
    "GetSettlement": F,
    "ListStatements": f"{F} {D} {SELL} brp",
    "GetDelivery": f"{F} {D} {SELL}",
    "ListInvoices": f"{F} {D} {SELL} brp",
    "GetInvoiceFile": f"{F} {D} {SELL} brp",
    "CheckOffer": SELL,
    "CheckOffers": SELL,
    "TryOffers": SELL,
    "ListApplications": F,
    "ListLogins": f"{PLAYERS} {PLACE} customer",
    "ListApiKeys": f"{PLAYERS} {PLACE} customer",
    "ListAccounts": f"{F} {PLACE}",
    "ListClients": F,
    "GetBalance": "brp",
    "ListPurchases": "brp",
    "ListCustomerCalls": "customer",
    "ListCustomerAssets": "customer",
    "ListClearings": F,
    "CompareClearings": F,
    "GetClearingDay": F,
    "GetRelief": F,
    "GetHealth": F,
    "CheckAudit": F,
}


OTHERS = {PlaceCommand, PlatformCommand, PlaceQuery, PlatformQuery}


def subclasses(base: type) -> list[type]:
    """Of the flexibility market: the market place's and the platforms' have registries of their own."""
    return sorted(set(base.__subclasses__()) - OTHERS, key=lambda kind: kind.__name__)


@pytest.mark.parametrize("command", subclasses(Command), ids=lambda kind: kind.__name__)
def test_each_command_has_a_row_a_handler_and_exactly_these_roles(command: type[Command]) -> None:
    assert command in COMMANDS
    assert command in HANDLERS
    assert {role for role in Role if may_execute(role, command)} == set(MAY_EXECUTE[command.__name__].split())


@pytest.mark.parametrize("query", subclasses(Query), ids=lambda kind: kind.__name__)
def test_each_query_has_a_row_a_handler_and_exactly_these_roles(query: type) -> None:
    assert query in QUERIES
    assert query in QUERY_HANDLERS
    assert {role for role in Role if may_query(role, query)} == set(MAY_QUERY[query.__name__].split())


def test_the_tables_know_nothing_else() -> None:
    assert set(COMMANDS) == set(HANDLERS) - set(policy_place.COMMANDS) == set(subclasses(Command))
    assert set(QUERIES) == set(QUERY_HANDLERS) - set(policy_place.QUERIES) == set(subclasses(Query))


def test_what_has_no_row_is_refused_to_every_role() -> None:
    unknown = type("Unknown", (), {})
    assert not any(may_execute(role, unknown) for role in Role)
    assert not any(may_query(role, unknown) for role in Role)
