"""DSO-REQ and USP-REQ on the provider's platform: checked, confirmed, agreed."""

from __future__ import annotations

from app.platform.activating import (
    answer_findings,
    confirm,
    examined,
    own_activation,
    place_pods,
)
from app.platform.peers import subscription_of
from app.transport.receiving import once
from domain.commands.platform import DecideActivation, TakeActivationRequest
from domain.errors import raise_if, refuse
from domain.events.platform import ActivationRequested
from domain.marketplace.words import ActivationStatus, PlatformRole, ServiceType
from domain.parties import Principal
from domain.platform.activations import ServiceActivation, places_of
from domain.platform.subscriptions import PlatformSubscription
from domain.ports import UnitOfWork
from domain.texts import REASON, text_findings
from domain.transport import Receipt


def take_request(uow: UnitOfWork, principal: Principal, command: TakeActivationRequest) -> Receipt:
    """Confirmed at once with OK, KO or Partial; a service that people decide on waits for them.

    Raises:
        Refused: `not_found`, `not_permitted` when the subscription is not the peer's to ask under; `duplicate`.
    """
    return once(uow, principal, command, lambda: _take(uow, principal, command))


def _take(uow: UnitOfWork, principal: Principal, command: TakeActivationRequest) -> None:
    message = command.message
    subscription = subscription_of(uow, principal, message.subscription_id, PlatformRole.PROVIDER)
    activation = ServiceActivation(
        id=message.activation_id,
        side=PlatformRole.PROVIDER,
        environment=command.environment,
        subscription_id=subscription.id,
        description_id=message.description_id,
        requester_id=subscription.peer_id,
        pod_ids=message.pod_ids,
        selection=message.selection,
        processing_details=message.processing_details,
        starts_at=message.starts_at,
        ends_at=message.ends_at,
        requested_at=uow.market,
        refreshes=message.refreshes,
    )
    uow.add(activation)
    found = answer_findings(uow, subscription, activation)
    waits = not found and _waits(subscription, activation)
    uow.record(ActivationRequested(activation_id=activation.id, party_id=subscription.own_id, waits=waits))
    if found:
        reason = " ".join(f"{each.field}: {each.sentence}" for each in found)[:REASON]
        confirm(uow, subscription, activation, (), (), reason)
    elif not waits:
        _confirm(uow, subscription, activation)


def decide(uow: UnitOfWork, principal: Principal, command: DecideActivation) -> ServiceActivation:
    """Raises `Refused`: `not_found`, `wrong_state` once it is confirmed; findings on the reason of a no."""
    activation, subscription = own_activation(uow, principal, command.activation_id, PlatformRole.PROVIDER)
    if activation.status is not None:
        raise refuse("wrong_state", "activation_id", f"It was answered with {activation.status.value}.")
    if command.accept:
        raise_if(answer_findings(uow, subscription, activation))
        return _confirm(uow, subscription, activation)
    raise_if(text_findings(command.reason, "reason", most=REASON))
    return confirm(uow, subscription, activation, (), (), command.reason)


def _confirm(
    uow: UnitOfWork, subscription: PlatformSubscription, activation: ServiceActivation
) -> ServiceActivation:
    """With the PoDs for which nothing stands in the way."""
    if _is_a_service(subscription, activation):
        return confirm(uow, subscription, activation, (), (), "", status=ActivationStatus.OK)
    description = subscription.description(activation.description_id)
    places = places_of(description, activation.selection) if description else ()
    asked = activation.pod_ids or tuple(place_pods(uow, places))
    named, refused = examined(uow, subscription, activation, asked)
    reason = "" if named else "None of the points of delivery can be had."
    listed = refused if activation.pod_ids else ()  # nobody is told of PoDs that it did not name
    return confirm(uow, subscription, activation, tuple(named.items()), listed, reason)


def _is_a_service(subscription: PlatformSubscription, activation: ServiceActivation) -> bool:
    description = subscription.description(activation.description_id)
    return description is not None and description.service_type is ServiceType.ENERGY_SERVICE


_waits = _is_a_service
"""Values are given or not by rule; on services of other kinds people decide."""
