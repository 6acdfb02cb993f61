"""Which commands and queries of a player's platform each scope of an API key covers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.queries.models import messages as m
from app.queries.models import platform as q
from app.queries.models.base import Query
from domain.commands import Command
from domain.commands import platform as c
from domain.parties import Scope

_EXCHANGE = frozenset({Scope.EXCHANGE})
_TRADE = frozenset({Scope.TRADE})
_METERING = frozenset({Scope.METERING})
_TRADE = frozenset({Scope.TRADE})
_READING = frozenset({Scope.READ, Scope.METERING})

COMMANDS: Mapping[type[Command], frozenset[Scope]] = {
    c.ConfirmService: _EXCHANGE,
    c.CancelService: _EXCHANGE,
    c.TakeTechnicalRequest: _EXCHANGE,
    c.TakeTechnicalResponse: _EXCHANGE,
    c.UploadValidationNetwork: _TRADE,
    c.UploadValidationSchedules: _TRADE,
    c.SetCouplingLimits: _TRADE,
    c.AskTechnicalValidation: _TRADE,
    c.AskForConsents: _TRADE,
    c.TakeConsentAsk: _EXCHANGE,
    c.TakeConsentAnswer: _EXCHANGE,
    c.TakeConsentAcknowledgement: _EXCHANGE,
    c.TakeConsentRevocation: _EXCHANGE,
    c.RequestActivation: _TRADE,
    c.TakeActivationRequest: _EXCHANGE,
    c.DecideActivation: _TRADE,
    c.TakeActivationConfirmation: _EXCHANGE,
    c.TakeAgreement: _EXCHANGE,
    c.EndAgreement: _TRADE,
    c.TakeAgreementEnd: _EXCHANGE,
    c.RegisterPod: _METERING,
    c.ChangePod: _METERING,
    c.UploadPods: _METERING,
    c.StoreValues: _METERING,
    c.OfferEnergyService: _TRADE,
    c.WithdrawEnergyService: _TRADE,
    c.AcquireFlexibility: _TRADE,
    c.CallUpFlexibility: _TRADE,
    c.AnswerCallUp: _TRADE,
    c.TakeFlexibility: _EXCHANGE,
    c.AskAcquisition: _EXCHANGE,
    c.TakeAcquisitionAnswer: _EXCHANGE,
    c.AskCallUp: _EXCHANGE,
    c.TakeCallUpAnswer: _EXCHANGE,
    c.TakeValues: _EXCHANGE,
    c.TakeAcknowledgement: _EXCHANGE,
    c.TakeAgain: _EXCHANGE,
    c.AskAgain: _TRADE,
    c.SendAgain: _TRADE,
}
QUERIES: Mapping[type[Query[Any]], frozenset[Scope]] = {
    m.ListSentMessages: _READING,
    q.ListServiceActivations: frozenset({Scope.READ, Scope.EXCHANGE}),
    q.ListPods: _READING,
    q.GetPod: _READING,
    q.GetCompany: _READING,
    q.ListOwnAlarms: frozenset({Scope.READ}),
    q.ListTrail: frozenset({Scope.READ}),
    q.ExportTrail: frozenset({Scope.READ}),
    q.ListSubscriptions: _READING,
    q.ListAgreements: frozenset({Scope.READ, Scope.EXCHANGE}),
    q.ListConsents: _READING,
    q.ListConsentAsks: _READING,
    q.ListToldConsents: _READING,
    q.GetCommonSubscription: _EXCHANGE,
    q.ListTechnicalValidations: frozenset({Scope.READ, Scope.EXCHANGE}),
    q.GetTechnicalValidation: frozenset({Scope.READ, Scope.EXCHANGE}),
    q.GetValidationFiles: frozenset({Scope.READ}),
    q.ListKnownPods: _METERING,
    q.ListValues: _READING,
    q.AggregateValues: _READING,
    q.GetLeastPods: _READING,
    q.ListFlexibilities: _READING | _TRADE,
    q.ListAcquisitions: _READING | _TRADE,
    q.ListCallUps: _READING | _TRADE,
    q.ListDeliveries: _READING | _EXCHANGE,
    q.GetDelivery: _READING | _EXCHANGE,
    q.PullValues: _EXCHANGE,
    q.ListReceived: _READING,
    q.ExportReceived: _READING,
}
