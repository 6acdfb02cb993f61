"""Subscriptions (B2B-SRV-SUB): drawn from what matches, told to both platforms, cancelled by either side."""

from __future__ import annotations

import secrets
from dataclasses import replace

from app.transport.sending import send
from app.usecases.market_place.agreeing import must_have_agreed
from app.usecases.market_place.finding import certified, company_of, own_registration
from app.usecases.market_place.requests import matched_lines, must_stand, own_proposal, own_request
from domain.commands.place import AcceptProposal, CancelSubscription
from domain.errors import raise_if, refuse
from domain.events.place import ServiceSubscribed, ServiceSubscriptionCanceled
from domain.ids import PartyId, SubscriptionId, new_id
from domain.lifecycle import advance
from domain.marketplace.agreements import GENERAL_VERSION
from domain.marketplace.notices import ServiceCanceled, ServiceConfirmed
from domain.marketplace.registrations import Registration, RegistrationState
from domain.marketplace.requests import (
    PROPOSAL,
    SUBSCRIPTION,
    Proposal,
    ServiceRequest,
    Subscription,
    SubscriptionState,
)
from domain.marketplace.services import Player, SubscriptionContent
from domain.marketplace.words import ENVIRONMENT, PlatformRole
from domain.parties import Principal
from domain.ports import UnitOfWork
from domain.texts import REASON, text_findings

CONFIRMED, CANCELED = (f"/eu-mp/v1/service-offer/{what}" for what in ("confirmed", "canceled"))


def accept(uow: UnitOfWork, principal: Principal, command: AcceptProposal) -> Subscription:
    """The descriptions are copied as they stand now, so that a later edit of an offer changes no subscription.

    Raises:
        Refused: `not_certified` for either side, `not_found`, `wrong_state`, `deadline_passed`,
            `agreement_missing`; `stale` when the terms, or an offer after them, are not those that were read;
            `not_matching` when an offer meets its wish no more.
    """
    registration = certified(uow, principal)
    proposal = own_proposal(uow, principal, command.proposal_id)
    if proposal.requester_id != registration.id:
        raise refuse("not_permitted", "proposal_id", "The requester accepts the provider's terms.")
    state = advance(PROPOSAL, proposal.state, "be accepted", "proposal_id")
    must_stand(uow, proposal)
    if command.version not in (None, proposal.version):
        raise refuse("stale", "version", "The provider offers other terms by now; read them.")
    must_have_agreed(uow, registration)
    provider = uow.get(Registration, proposal.provider_id)
    if provider.state is not RegistrationState.CERTIFIED:
        raise refuse("not_certified", "proposal_id", "The provider is not certified any more.")
    must_have_agreed(uow, provider)
    request = own_request(uow, principal, proposal.request_id)
    subscription = _drawn(uow, request, proposal, registration, provider)
    uow.add(subscription)
    uow.save(replace(proposal, state=state, subscription_id=subscription.id))
    _confirm(uow, subscription)
    uow.record(
        ServiceSubscribed(subscription_id=subscription.id, requester_id=registration.id, provider_id=provider.id)
    )
    return subscription


def _drawn(
    uow: UnitOfWork, request: ServiceRequest, proposal: Proposal, requester: Registration, provider: Registration
) -> Subscription:
    matched = matched_lines(uow, request, proposal.lines)
    if any(proposal.answered_at is None or offer.changed_at > proposal.answered_at for offer, _ in matched):
        sentence = "An offer was changed after the terms were offered; the provider has to offer them again."
        raise refuse("stale", "proposal_id", sentence)
    content = SubscriptionContent(
        id=SubscriptionId(new_id("SS")),
        environment=ENVIRONMENT[provider.player_role],
        provider=_player(uow, provider),
        requester=_player(uow, requester),
        validated_at=uow.market,
        starts_at=proposal.starts_at,
        ends_at=proposal.ends_at,
        data_details=request.data_details,
        processing_details=request.processing_details,
        descriptions=tuple(description for _, description in matched),
        terms=proposal.terms,
    )
    return Subscription(
        id=content.id,
        proposal_id=proposal.id,
        requester_id=requester.id,
        provider_id=provider.id,
        content=content,
        agreement_version=GENERAL_VERSION,
    )


def _player(uow: UnitOfWork, registration: Registration) -> Player:
    name = company_of(uow, registration).name
    return Player(id=registration.id, name=name, platform_url=registration.platform_url)


def _confirm(uow: UnitOfWork, subscription: Subscription) -> None:
    """One random word for both: by it the platforms know each other."""
    body = ServiceConfirmed(subscription=subscription.content, introduction=secrets.token_urlsafe(32))
    for party_id, role in _sides(subscription):
        send(uow, to=party_id, stream=subscription.id, path=f"{CONFIRMED}/{role.value}", body=body)


def tell_where(uow: UnitOfWork, registration: Registration) -> None:
    """The other sides of its subscriptions hear where its platform is by now: a confirmation without a word, as
    the platforms know each other, or will by the word of the first one. What was agreed stays as it is."""
    for key in ("requester_id", "provider_id"):
        for one in uow.find(Subscription, **{key: registration.id}, state=SubscriptionState.ACTIVE):
            provider, requester = (
                _player(uow, uow.get(Registration, id)) for id in (one.provider_id, one.requester_id)
            )
            content = replace(one.content, provider=provider, requester=requester)
            body = ServiceConfirmed(subscription=content, introduction="")
            for party_id, role in _sides(one):
                if party_id != registration.id:
                    send(uow, to=party_id, stream=one.id, path=f"{CONFIRMED}/{role.value}", body=body)


def _sides(subscription: Subscription) -> tuple[tuple[PartyId, PlatformRole], ...]:
    return (
        (subscription.provider_id, PlatformRole.PROVIDER),
        (subscription.requester_id, PlatformRole.REQUESTER),
    )


def cancel(uow: UnitOfWork, principal: Principal, command: CancelSubscription) -> Subscription:
    """Raises `Refused`: `not_found` for others' subscriptions, `wrong_state`, findings on the reason."""
    own_registration(uow, principal)
    raise_if(text_findings(command.reason, "reason", REASON))
    found = uow.find(Subscription, id=command.subscription_id)
    if not found or principal.party_id not in (found[0].requester_id, found[0].provider_id):
        raise refuse("not_found", "subscription_id", "There is no such subscription, or it is not yours.")
    return canceled(uow, found[0], principal.party_id, command.reason.strip())


def canceled(uow: UnitOfWork, subscription: Subscription, by: PartyId, reason: str) -> Subscription:
    state = advance(SUBSCRIPTION, subscription.state, "be canceled", "subscription_id")
    uow.save(replace(subscription, state=state, canceled_at=uow.market, canceled_by=by, reason=reason))
    body = ServiceCanceled(subscription_id=subscription.id, canceled_at=uow.market, reason=reason)
    for party_id, role in _sides(subscription):
        send(uow, to=party_id, stream=subscription.id, path=f"{CANCELED}/{role.value}", body=body)
    uow.record(
        ServiceSubscriptionCanceled(
            subscription_id=subscription.id,
            requester_id=subscription.requester_id,
            provider_id=subscription.provider_id,
            by=by,
        )
    )
    return uow.get(Subscription, subscription.id)


def cancel_all(uow: UnitOfWork, party_id: PartyId, reason: str) -> None:
    """A registration quits."""
    for key in ("requester_id", "provider_id"):
        for subscription in uow.find(Subscription, **{key: party_id}, state=SubscriptionState.ACTIVE):
            canceled(uow, subscription, party_id, reason)
