"""Who may do what on a player's platform: one row per command and per query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.queries.models import messages as m
from app.queries.models import platform as q
from app.queries.models.base import Query
from domain.commands import Command
from domain.commands import platform as c
from domain.parties import Role

OWN = frozenset({Role.PROVIDER, Role.REQUESTER})
"""The company's own registrations."""
PROVIDER = frozenset({Role.PROVIDER})
REQUESTER = frozenset({Role.REQUESTER})
CUSTOMER = frozenset({Role.CUSTOMER})
PEER = frozenset({Role.PEER})
ITSELF = frozenset({Role.SYSTEM})
_MARKET_PLACE = frozenset({Role.MARKET_PLACE})

COMMANDS: Mapping[type[Command], frozenset[Role]] = {
    c.ReplaySentMessage: OWN,
    c.DropSentMessage: OWN,
    c.ConfirmService: _MARKET_PLACE,
    c.CancelService: _MARKET_PLACE,
    c.OfferEnergyService: PROVIDER,
    c.WithdrawEnergyService: PROVIDER,
    c.TellSubscribers: ITSELF,
    c.TakeFlexibility: PEER,
    c.AcquireFlexibility: REQUESTER,
    c.AskAcquisition: PEER,
    c.TakeAcquisitionAnswer: PEER,
    c.CallUpFlexibility: REQUESTER,
    c.AskCallUp: PEER,
    c.AnswerCallUp: PROVIDER,
    c.TakeCallUpAnswer: PEER,
    c.UploadValidationNetwork: PROVIDER,
    c.UploadValidationSchedules: PROVIDER,
    c.SetCouplingLimits: PROVIDER,
    c.SendInterim: ITSELF,
    c.FollowOwnServices: ITSELF,
    c.AcknowledgeOwnAlarm: OWN,
    c.ShelveOwnAlarm: OWN,
    c.UnshelveOwnAlarm: OWN,
    c.AskTechnicalValidation: REQUESTER,
    c.TakeTechnicalRequest: PEER,
    c.TakeTechnicalResponse: PEER,
    c.StartTechnicalValidation: ITSELF,
    c.RequeueTechnicalValidation: ITSELF,
    c.ApplyTechnicalValidation: ITSELF,
    c.AskForConsents: REQUESTER,
    c.TakeConsentAsk: PEER,
    c.TakeConsentAnswer: PEER,
    c.TakeConsentAcknowledgement: PEER,
    c.TakeConsentRevocation: PEER,
    c.MakeConsentLinks: PROVIDER,
    c.GiveConsent: CUSTOMER,
    c.RefuseConsent: CUSTOMER,
    c.RevokeConsent: CUSTOMER,
    c.ExpireConsents: ITSELF,
    c.RequestActivation: REQUESTER,
    c.TakeActivationRequest: PEER,
    c.DecideActivation: PROVIDER,
    c.TakeActivationConfirmation: PEER,
    c.TakeAgreement: PEER,
    c.EndAgreement: OWN,
    c.TakeAgreementEnd: PEER,
    c.ExpireAgreements: ITSELF,
    c.RegisterConsentClient: PROVIDER,
    c.EndConsentClient: PROVIDER,
    c.AuthorizeClient: CUSTOMER,
    c.ExchangeCode: ITSELF,
    c.RefreshConsentTokens: ITSELF,
    c.RevokeConsentToken: ITSELF,
    c.RegisterPod: PROVIDER,
    c.ChangePod: PROVIDER,
    c.UploadPods: PROVIDER,
    c.StoreValues: PROVIDER,
    c.SetLeastPods: PROVIDER,
    c.MakeDelivery: ITSELF,
    c.TakeValues: PEER,
    c.TakeAcknowledgement: PEER,
    c.TakeAgain: PEER,
    c.AskAgain: REQUESTER,
    c.SendAgain: PROVIDER,
    c.FoundPlatform: ITSELF,
    c.AddStaff: OWN | ITSELF,
    c.AddCustomer: PROVIDER | ITSELF,
    c.IssueMarketPlaceKey: ITSELF,
    c.EnterMarketPlace: ITSELF,
    c.ExpectPeer: ITSELF,
    c.BeginIntroduction: ITSELF,
    c.FinishIntroduction: ITSELF,
    c.DelayIntroduction: ITSELF,
    c.AcceptIntroduction: ITSELF,
    c.EndPeer: ITSELF,
}
QUERIES: Mapping[type[Query[Any]], frozenset[Role]] = {
    m.ListSentMessages: OWN,
    q.ListFlexibilities: OWN,
    q.ListAcquisitions: OWN,
    q.ListCallUps: OWN,
    q.ListPods: PROVIDER | {Role.CUSTOMER},
    q.GetPod: PROVIDER | {Role.CUSTOMER},
    q.GetCompany: OWN,
    q.ListOwnAlarms: OWN,
    q.ListTrail: OWN | PEER | {Role.CUSTOMER},
    q.ExportTrail: OWN | PEER | {Role.CUSTOMER},
    q.ListSubscriptions: OWN,
    q.ListServiceActivations: OWN | PEER,
    q.ListAgreements: OWN | PEER,
    q.GetAuthorization: ITSELF,
    q.GetTokenConsent: ITSELF,
    q.ListConsentedValues: ITSELF,
    q.GetLinkedConsent: ITSELF,
    q.ListConsents: PROVIDER | {Role.CUSTOMER},
    q.ListConsentAsks: REQUESTER,
    q.ListToldConsents: REQUESTER,
    q.GetCommonSubscription: frozenset({Role.PEER}),
    q.ListTechnicalValidations: OWN | PEER,
    q.GetTechnicalValidation: OWN | PEER,
    q.GetValidationFiles: PROVIDER,
    q.ListKnownPods: PROVIDER,
    q.ListValues: PROVIDER | {Role.CUSTOMER},
    q.AggregateValues: PROVIDER,
    q.GetLeastPods: PROVIDER,
    q.ListDeliveries: OWN | PEER,
    q.GetDelivery: OWN | PEER,
    q.PullValues: PEER,
    q.ListReceived: REQUESTER,
    q.ExportReceived: REQUESTER,
}
