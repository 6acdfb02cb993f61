"""Who may do what on the EU Market Place: one row per command and per query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.queries.models import messages as m
from app.queries.models import place as q
from app.queries.models.base import Query
from domain.commands import Command
from domain.commands import place as c
from domain.parties import PLACE, Role

OPERATOR = frozenset({Role.PLACE_OPERATOR})
PROVIDER = frozenset({Role.PROVIDER})
REQUESTER = frozenset({Role.REQUESTER})
PLAYERS = PROVIDER | REQUESTER
MARKET = frozenset({Role.SYSTEM})

COMMANDS: Mapping[type[Command], frozenset[Role]] = {
    c.NotifyConsent: PROVIDER,
    c.NotifyActivation: PROVIDER,
    c.NotifyInterim: PROVIDER,
    c.ReplayMessage: OPERATOR,
    c.DropMessage: OPERATOR,
    c.EnrolCompany: MARKET,
    c.FollowServices: MARKET,
    c.AcknowledgeServiceAlarm: OPERATOR | PROVIDER,
    c.ShelveServiceAlarm: OPERATOR | PROVIDER,
    c.UnshelveServiceAlarm: OPERATOR | PROVIDER,
    c.AddRegistration: PLAYERS,
    c.AddContactPoint: PLAYERS,
    c.ChangeCompany: PLAYERS,
    c.AcceptCompany: OPERATOR,
    c.RefuseCompany: OPERATOR,
    c.AcceptRegistration: OPERATOR,
    c.RefuseRegistration: OPERATOR,
    c.SetPlatformAddress: PLAYERS,
    c.EnterPlatformKey: PLAYERS,
    c.SetServedArea: PROVIDER,
    c.TestIntegration: PLACE,
    c.RecordIntegrationTest: MARKET,
    c.CertifyRegistration: OPERATOR,
    c.SuspendRegistration: OPERATOR,
    c.ReinstateRegistration: OPERATOR,
    c.QuitMarketPlace: PLAYERS,
    c.EditPlacePage: OPERATOR,
    c.PublishServiceOffer: PROVIDER,
    c.EditServiceOffer: PROVIDER,
    c.WithdrawServiceOffer: PROVIDER,
    c.RequestServices: REQUESTER,
    c.WithdrawServiceRequest: REQUESTER,
    c.AskForProposal: REQUESTER,
    c.OfferTerms: PROVIDER,
    c.DeclineProposal: PLAYERS,
    c.AcceptProposal: REQUESTER,
    c.AcceptGeneralAgreement: PLAYERS,
    c.CancelSubscription: PLAYERS,
}
QUERIES: Mapping[type[Query[Any]], frozenset[Role]] = {
    m.ListMessages: OPERATOR,
    q.GetPlacePage: PLACE | MARKET,
    q.ListPlaceTrail: PLACE,
    q.ListServiceStatus: PLACE,
    q.GetServiceHistory: PLACE,
    q.ListServiceAlarms: PLACE,
    q.ExportPlaceTrail: PLACE,
    q.ListCompanies: OPERATOR,
    q.GetOwnCompany: PLAYERS,
    q.ListRegistrations: PLACE,
    q.GetServedArea: PLACE,
    q.LocateProviders: PLACE,
    q.SearchServices: PLACE,
    q.GetServiceOffer: PLACE,
    q.CompareServices: PLACE,
    q.ListServiceRequests: PLACE,
    q.GetServiceRequest: PLACE,
    q.ListMatches: REQUESTER | OPERATOR,
    q.ListProposals: PLACE,
    q.ListSubscriptions: PLACE,
    q.GetAgreement: PLACE,
    q.GetAgreementFile: PLACE,
}
