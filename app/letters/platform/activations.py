"""Letters about the activation of services."""

from __future__ import annotations

from collections.abc import Iterator

from app.letters.names import Letter, count
from domain.events import platform as e
from domain.marketplace.words import PlatformRole
from domain.platform.activations import ServiceActivation, ServiceAgreement
from domain.platform.subscriptions import PlatformSubscription
from domain.ports import UnitOfWork


def _other(uow: UnitOfWork, subscription_id: str) -> str:
    subscription = uow.get(PlatformSubscription, subscription_id)
    content = subscription.content
    return (content.requester if subscription.side is PlatformRole.PROVIDER else content.provider).name


def requested(uow: UnitOfWork, event: e.ActivationRequested) -> Iterator[Letter]:
    """Only what waits for people is told."""
    if event.waits:
        activation = uow.get(ServiceActivation, event.activation_id)
        sentence = f"{_other(uow, activation.subscription_id)} asks for a service ({activation.id}); decide on it."
        yield Letter(to=(event.party_id,), sentence=sentence)


def confirmed(uow: UnitOfWork, event: e.ActivationConfirmed) -> Iterator[Letter]:
    activation = uow.get(ServiceActivation, event.activation_id)
    left = f", not for {count(len(activation.refused), 'point')} of delivery" if activation.refused else ""
    other = _other(uow, activation.subscription_id)
    sentence = f"Activation {activation.id} with {other}: {event.status.value}{left}."
    yield Letter(to=(event.party_id,), sentence=f"{sentence} {activation.reason}".strip())


def ended(uow: UnitOfWork, event: e.AgreementEnded) -> Iterator[Letter]:
    agreement = uow.get(ServiceAgreement, event.agreement_id)
    sentence = f"The agreement {agreement.id} with {_other(uow, agreement.subscription_id)} is over."
    yield Letter(to=(event.party_id,), sentence=sentence)
