"""Which commands and queries of the EU Market Place each scope of an API key covers.

Who takes part, who is certified, who accepts the general agreement and who leaves is decided by people: those
commands have no row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.queries.models import messages as m
from app.queries.models import place as q
from app.queries.models.base import Query
from domain.commands import Command
from domain.commands import place as c
from domain.parties import Scope

READING = frozenset(Scope)
TRADE = frozenset({Scope.TRADE})
EXCHANGE = frozenset({Scope.EXCHANGE})

COMMANDS: Mapping[type[Command], frozenset[Scope]] = {
    c.NotifyConsent: EXCHANGE,
    c.NotifyActivation: EXCHANGE,
    c.NotifyInterim: EXCHANGE,
    c.EnterPlatformKey: EXCHANGE,
    **dict.fromkeys(
        (
            c.TestIntegration,
            c.SetServedArea,
            c.PublishServiceOffer,
            c.EditServiceOffer,
            c.WithdrawServiceOffer,
            c.RequestServices,
            c.WithdrawServiceRequest,
            c.AskForProposal,
            c.OfferTerms,
            c.DeclineProposal,
            c.AcceptProposal,
            c.CancelSubscription,
        ),
        TRADE,
    ),
}
QUERIES: Mapping[type[Query[Any]], frozenset[Scope]] = dict.fromkeys(
    (
        m.ListMessages,
        q.GetPlacePage,
        q.ListPlaceTrail,
        q.ListServiceStatus,
        q.GetServiceHistory,
        q.ListServiceAlarms,
        q.ExportPlaceTrail,
        q.GetOwnCompany,
        q.ListRegistrations,
        q.GetServedArea,
        q.LocateProviders,
        q.SearchServices,
        q.GetServiceOffer,
        q.CompareServices,
        q.ListServiceRequests,
        q.GetServiceRequest,
        q.ListMatches,
        q.ListProposals,
        q.ListSubscriptions,
        q.GetAgreement,
        q.GetAgreementFile,
    ),
    READING,
)
