"""Who is told of what happens on a player's platform. One row per event; some are told to nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from app.letters.names import Letter
from app.letters.platform import activations, company, consents, energy_service, monitoring, services, validations
from domain.events import Event
from domain.events import platform as e


def _nobody(*_: object) -> tuple[Letter, ...]:
    return ()


LETTERS: Mapping[type[Event], Callable[..., Iterable[Letter]]] = {
    e.SubscriptionEntered: services.entered,
    e.SubscriptionCanceled: services.canceled,
    e.OwnAlarmChanged: monitoring.changed,
    e.ValidationFilesChanged: _nobody,
    e.ValidationSchedulesDropped: validations.schedules_dropped,
    e.PodsRegistered: _nobody,
    e.ConsentAsked: consents.asked,
    e.ConsentGiven: consents.given,
    e.ConsentRefused: consents.refused,
    e.ConsentRevoked: consents.revoked,
    e.ConsentExpired: consents.expired,
    e.ConsentsAskedFor: _nobody,
    e.ConsentAskAnswered: consents.answered,
    e.ConsentTold: consents.told,
    e.ActivationRequested: activations.requested,
    e.ActivationConfirmed: activations.confirmed,
    e.AgreementMade: _nobody,
    e.AgreementEnded: activations.ended,
    e.PlatformFounded: _nobody,
    e.StaffAdded: company.staff_added,
    e.CustomerAdded: company.customer_added,
    e.TechnicalValidationChanged: validations.changed,
    e.MarketPlaceEntered: _nobody,
    e.PeerMet: company.peer_met,
    e.PeerEnded: _nobody,
    e.ValuesStored: _nobody,
    e.FlexibilityOffered: energy_service.offered,
    e.FlexibilityWithdrawn: energy_service.withdrawn,
    e.FlexibilityAcquired: energy_service.acquired,
    e.FlexibilityCalledUp: energy_service.called_up,
    e.DeliveryChanged: _nobody,
}
