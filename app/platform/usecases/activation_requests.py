"""Activation on the requester's platform: what it asks for and what it is told; and the end of agreements."""

from __future__ import annotations

from dataclasses import replace

from app.platform.activating import end, request_findings
from app.platform.peers import subscription_of
from app.transport.receiving import once
from app.transport.sending import send
from domain.commands.platform import (
    EndAgreement,
    ExpireAgreements,
    RequestActivation,
    TakeActivationConfirmation,
    TakeAgreement,
    TakeAgreementEnd,
)
from domain.errors import Finding, raise_if, refuse
from domain.events.platform import ActivationConfirmed, ActivationRequested, AgreementMade
from domain.ids import PodId, ServiceActivationId, new_id
from domain.marketplace.words import Environment, PlatformRole
from domain.paging import Slice
from domain.parties import Principal
from domain.platform.activations import USUAL_TERM, AgreementState, ServiceActivation, ServiceAgreement
from domain.platform.messages import DSO_REQUEST, USP_REQUEST, RequestMessage
from domain.platform.subscriptions import PlatformSubscription
from domain.ports import UnitOfWork
from domain.texts import REASON, text_findings
from domain.transport import Receipt

PATH = {Environment.REGULATED: DSO_REQUEST, Environment.UNREGULATED: USP_REQUEST}
AT_ONCE = 200


def request_activation(uow: UnitOfWork, principal: Principal, command: RequestActivation) -> ServiceActivation:
    """DSO-REQ or USP-REQ to the provider.

    Raises:
        Refused: `not_found`, `not_permitted` on the subscription; all findings of `request_findings`;
            `not_in_force` for an agreement to be refreshed that is none of this service, or over.
    """
    subscription = subscription_of(uow, principal, command.subscription_id, PlatformRole.REQUESTER)
    content = subscription.content
    starts_at = command.starts_at or max(uow.market, content.starts_at)
    activation = ServiceActivation(
        id=ServiceActivationId(new_id("SQ")),
        side=PlatformRole.REQUESTER,
        environment=content.environment,
        subscription_id=subscription.id,
        description_id=command.description_id,
        requester_id=principal.party_id,
        pod_ids=command.pod_ids,
        selection=command.selection,
        processing_details=command.processing_details or content.processing_details,
        starts_at=starts_at,
        ends_at=command.ends_at or content.ends_at or starts_at + USUAL_TERM,
        requested_at=uow.market,
        refreshes=command.refreshes,
    )
    raise_if([*request_findings(uow, subscription, activation), *_refresh_findings(uow, activation)])
    uow.add(activation)
    message = RequestMessage(
        activation_id=activation.id,
        subscription_id=activation.subscription_id,
        description_id=activation.description_id,
        selection=activation.selection,
        processing_details=activation.processing_details,
        starts_at=activation.starts_at,
        ends_at=activation.ends_at,
        pod_ids=activation.pod_ids,
        refreshes=activation.refreshes,
    )
    send(uow, to=subscription.peer_id, stream=subscription.id, path=PATH[content.environment], body=message)
    uow.record(ActivationRequested(activation_id=activation.id, party_id=principal.party_id, waits=False))
    return activation


def take_confirmation(uow: UnitOfWork, principal: Principal, command: TakeActivationConfirmation) -> Receipt:
    """DSO-CNF or USP-CNF. Raises `Refused`: `not_found`, `not_permitted`, `wrong_environment`, `wrong_state`."""
    return once(uow, principal, command, lambda: _confirmed(uow, principal, command))


def take_agreement(uow: UnitOfWork, principal: Principal, command: TakeAgreement) -> Receipt:
    """SRV-ACT-AGR. Raises `Refused`: `not_found`, `not_permitted`."""
    return once(uow, principal, command, lambda: _agreed(uow, principal, command))


def take_end(uow: UnitOfWork, principal: Principal, command: TakeAgreementEnd) -> Receipt:
    """Raises `Refused`: `not_found`."""
    return once(uow, principal, command, lambda: _ended(uow, principal, command))


def end_agreement(uow: UnitOfWork, principal: Principal, command: EndAgreement) -> ServiceAgreement:
    """Raises `Refused`: `not_found`, `wrong_state` when it is over; findings on the reason."""
    found = uow.find(ServiceAgreement, id=command.agreement_id)
    if not found:
        raise refuse("not_found", "agreement_id", "There is no such agreement, or it is not yours.")
    agreement = found[0]
    subscription = subscription_of(uow, principal, agreement.subscription_id, agreement.side)
    raise_if(text_findings(command.reason, "reason", most=REASON))
    if agreement.state is AgreementState.ENDED:
        raise refuse("wrong_state", "agreement_id", "It is over already.")
    return end(uow, subscription, agreement, command.reason)


def expire_agreements(uow: UnitOfWork, _principal: Principal, _command: ExpireAgreements) -> int:
    """How many are over now."""
    over = overdue(uow, AT_ONCE)
    for agreement in over:
        end(uow, uow.get(PlatformSubscription, agreement.subscription_id), agreement)
    return len(over)


def overdue(uow: UnitOfWork, limit: int) -> tuple[ServiceAgreement, ...]:
    """Agreements that are over by market time and do not say so yet."""
    part = Slice(order=(("ends_at", False), ("id", False)), limit=limit)
    first = uow.part(ServiceAgreement, part, {"state": AgreementState.IN_FORCE})
    return tuple(each for each in first if each.ends_at <= uow.market)


def _refresh_findings(uow: UnitOfWork, activation: ServiceActivation) -> list[Finding]:
    if activation.refreshes is None:
        return []
    found = uow.find(
        ServiceAgreement,
        id=activation.refreshes,
        subscription_id=activation.subscription_id,
        description_id=activation.description_id,
        state=AgreementState.IN_FORCE,
    )
    sentence = "There is no such agreement on this service any more."
    return [] if found else [Finding(code="not_in_force", field="refreshes", sentence=sentence)]


def _confirmed(uow: UnitOfWork, principal: Principal, command: TakeActivationConfirmation) -> None:
    message = command.message
    subscription = subscription_of(uow, principal, message.subscription_id, PlatformRole.REQUESTER)
    activation = _asked(uow, subscription, message.activation_id)
    if command.environment is not subscription.content.environment:
        sentence = f"The subscription is {subscription.content.environment.value}."
        raise refuse("wrong_environment", "environment", sentence)
    if activation.status is not None:
        raise refuse("wrong_state", "activation_id", f"It was answered with {activation.status.value}.")
    changed = replace(
        activation,
        status=message.status,
        confirmed_at=message.confirmed_at,
        confirmed=message.confirmed,
        refused=message.refused,
        reason=message.reason,
    )
    uow.save(changed)
    party = subscription.own_id
    uow.record(ActivationConfirmed(activation_id=changed.id, party_id=party, status=message.status))


def _agreed(uow: UnitOfWork, principal: Principal, command: TakeAgreement) -> None:
    message = command.message
    subscription = subscription_of(uow, principal, message.subscription_id, PlatformRole.REQUESTER)
    activation = _asked(uow, subscription, message.activation_id)
    known = uow.find(ServiceAgreement, id=message.agreement_id)
    if known and known[0].subscription_id != subscription.id:
        raise refuse("not_found", "agreement_id", "That is an agreement of another subscription.")
    made = ServiceAgreement(
        id=message.agreement_id,
        side=PlatformRole.REQUESTER,
        activation_id=activation.id,
        subscription_id=subscription.id,
        description_id=message.description_id,
        pod_ids=tuple(PodId(name) for name in message.pod_ids),
        pod_names=message.pod_ids,
        selection=message.selection,
        data_details=message.data_details,
        processing_details=message.processing_details,
        validated_at=message.validated_at,
        starts_at=message.starts_at,
        ends_at=message.ends_at,
    )
    if known:  # what was ended here before its time stays so: the other side is told of it
        ended = known[0].ended_at
        if ended is not None and ended < known[0].ends_at:
            made = replace(made, state=AgreementState.ENDED, ended_at=ended)
        uow.save(replace(made, version=known[0].version))
    else:
        uow.add(made)
    uow.save(replace(activation, agreement_id=made.id))
    uow.record(AgreementMade(agreement_id=made.id, party_id=subscription.own_id))


def _ended(uow: UnitOfWork, principal: Principal, command: TakeAgreementEnd) -> None:
    found = uow.find(ServiceAgreement, id=command.message.agreement_id)
    if not found or found[0].subscription_id != command.message.subscription_id:
        raise refuse("not_found", "agreement_id", "There is no such agreement, or it is not yours.")
    subscription = subscription_of(uow, principal, found[0].subscription_id, found[0].side)
    if found[0].state is AgreementState.IN_FORCE:  # both sides may end it at once
        end(uow, subscription, found[0])


def _asked(
    uow: UnitOfWork, subscription: PlatformSubscription, activation_id: ServiceActivationId
) -> ServiceActivation:
    found = uow.find(ServiceActivation, id=activation_id, subscription_id=subscription.id)
    if not found:
        raise refuse("not_found", "activation_id", "Nobody asked for this here.")
    return found[0]
