"""Consents on the requester's platform: what it asks for, and what it is told."""

from __future__ import annotations

from dataclasses import replace

from app.platform.peers import subscription_of
from app.transport.receiving import once
from app.transport.sending import send
from domain.commands.platform import (
    AskForConsents,
    TakeConsentAcknowledgement,
    TakeConsentAnswer,
    TakeConsentRevocation,
)
from domain.errors import Finding, raise_if, refuse
from domain.events.platform import ConsentAskAnswered, ConsentsAskedFor, ConsentTold
from domain.ids import ConsentAskId, new_id
from domain.marketplace.words import ConsentState, PlatformRole
from domain.parties import Principal
from domain.platform.consents import (
    ConsentAsk,
    ToldConsent,
    details_findings,
    own_words,
    period_findings,
    pods_findings,
)
from domain.platform.messages import ASK, AcknowledgementMessage, AnswerMessage, AskMessage, RevocationMessage
from domain.ports import UnitOfWork
from domain.transport import Receipt


def ask_for_consents(uow: UnitOfWork, principal: Principal, command: AskForConsents) -> ConsentAsk:
    """The provider is asked to ask.

    Raises:
        Refused: `not_found`, `not_permitted` on the subscription; `not_in_force`; `not_offered` where no consent
            is needed; findings on PoDs, period and texts.
    """
    subscription = subscription_of(uow, principal, command.subscription_id, PlatformRole.REQUESTER)
    description = subscription.description(command.description_id)
    if description is None:
        raise refuse("not_found", "description_id", "The subscription has no such service.")
    data, processing = own_words(subscription.content, description)
    ask = ConsentAsk(
        id=ConsentAskId(new_id("CA")),
        requester_id=principal.party_id,
        subscription_id=subscription.id,
        description_id=description.id,
        pod_ids=command.pod_ids,
        data_details=command.data_details or data,
        processing_details=command.processing_details or processing,
        starts_at=command.starts_at,
        ends_at=command.ends_at,
        asked_at=uow.market,
    )
    found = [] if description.consent_mandatory else [_needless()]
    if not subscription.in_force(uow.market):
        sentence = "The subscription is not in force."
        found.append(Finding(code="not_in_force", field="subscription_id", sentence=sentence))
    found += pods_findings(ask.pod_ids) + period_findings(ask.starts_at, ask.ends_at, uow.market)
    raise_if(found + details_findings(ask.data_details, ask.processing_details))
    uow.add(ask)
    message = AskMessage(
        ask_id=ask.id,
        subscription_id=ask.subscription_id,
        description_id=ask.description_id,
        pod_ids=ask.pod_ids,
        data_details=ask.data_details,
        processing_details=ask.processing_details,
        starts_at=ask.starts_at,
        ends_at=ask.ends_at,
    )
    send(uow, to=subscription.peer_id, stream=subscription.id, path=ASK, body=message)
    uow.record(ConsentsAskedFor(ask_id=ask.id, requester_id=ask.requester_id))
    return ask


def take_answer(uow: UnitOfWork, principal: Principal, command: TakeConsentAnswer) -> Receipt:
    """Raises `Refused`: `not_found`, `not_permitted`."""
    return once(uow, principal, command, lambda: _answered(uow, principal, command.message))


def _answered(uow: UnitOfWork, principal: Principal, message: AnswerMessage) -> None:
    subscription = subscription_of(uow, principal, message.subscription_id, PlatformRole.REQUESTER)
    found = uow.find(ConsentAsk, id=message.ask_id, subscription_id=subscription.id)
    if not found:
        raise refuse("not_found", "ask_id", "Nobody asked this here.")
    if found[0].answered_at is not None:
        return
    answered = replace(
        found[0],
        answered_at=message.answered_at,
        n_asked=message.n_asked,
        refused=message.refused,
        reason=message.reason,
    )
    uow.save(answered)
    uow.record(ConsentAskAnswered(ask_id=answered.id, requester_id=answered.requester_id))


def take_acknowledgement(uow: UnitOfWork, principal: Principal, command: TakeConsentAcknowledgement) -> Receipt:
    """Raises `Refused`: `not_found`, `not_permitted`."""
    return once(uow, principal, command, lambda: _acknowledged(uow, principal, command.message))


def _acknowledged(uow: UnitOfWork, principal: Principal, message: AcknowledgementMessage) -> None:
    subscription = subscription_of(uow, principal, message.subscription_id, PlatformRole.REQUESTER)
    known = uow.find(ToldConsent, id=message.consent_id)
    if known:
        raise refuse("duplicate", "consent_id", "This consent was told of already.")
    told = ToldConsent(
        id=message.consent_id,
        subscription_id=subscription.id,
        description_id=message.description_id,
        pod_names=message.pod_ids,
        processing_details=message.processing_details,
        starts_at=message.starts_at,
        ends_at=message.ends_at,
        state=ConsentState.ACKNOWLEDGED,
        acknowledged_at=message.acknowledged_at,
    )
    uow.add(told)
    uow.record(ConsentTold(consent_id=told.id, requester_id=subscription.own_id, state=told.state))


def take_revocation(uow: UnitOfWork, principal: Principal, command: TakeConsentRevocation) -> Receipt:
    """Raises `Refused`: `not_found`, `not_permitted`."""
    return once(uow, principal, command, lambda: _revoked(uow, principal, command.message))


def _revoked(uow: UnitOfWork, principal: Principal, message: RevocationMessage) -> None:
    subscription = subscription_of(uow, principal, message.subscription_id, PlatformRole.REQUESTER)
    found = uow.find(ToldConsent, id=message.consent_id, subscription_id=subscription.id)
    if not found:
        raise refuse("not_found", "consent_id", "Nobody told of this consent.")
    ended = frozenset(message.pod_ids)
    left = tuple(name for name in found[0].pod_names if name not in ended)
    told = replace(found[0], pod_names=left)
    if not left and told.ended_at is None:
        told = replace(told, state=message.state, ended_at=message.revoked_at)
    uow.save(told)
    uow.record(ConsentTold(consent_id=told.id, requester_id=subscription.own_id, state=message.state))


def _needless() -> Finding:
    return Finding(code="not_offered", field="description_id", sentence="This service needs no consent.")
