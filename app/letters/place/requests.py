"""News of requests, proposals and subscriptions, to the two sides of each."""

from __future__ import annotations

from collections.abc import Iterator

from app.letters.names import Letter, party_name, time_name
from domain.events import place as e
from domain.ids import PartyId, ServiceOfferId
from domain.marketplace.offers import ServiceOffer
from domain.marketplace.registrations import Registration
from domain.marketplace.requests import STANDING, Proposal, ServiceRequest, Subscription
from domain.ports import UnitOfWork


def asked(uow: UnitOfWork, event: e.ProposalAsked) -> Iterator[Letter]:
    proposal = uow.get(Proposal, event.proposal_id)
    title = uow.get(ServiceRequest, proposal.request_id).title
    who = party_name(uow, event.requester_id)
    until = time_name(proposal.deadline)
    yield Letter(to=(event.provider_id,), sentence=f"{who} asks for your terms ({title}) until {until}.")


def offered(uow: UnitOfWork, event: e.TermsOffered) -> Iterator[Letter]:
    proposal = uow.get(Proposal, event.proposal_id)
    price, until = f"{proposal.terms.price_eur:.2f} EUR a month", time_name(proposal.deadline)
    sentence = f"{party_name(uow, event.provider_id)} offers its terms ({price}); accept them until {until}."
    yield Letter(to=(event.requester_id,), sentence=sentence)


def declined(uow: UnitOfWork, event: e.ProposalDeclined) -> Iterator[Letter]:
    reason = uow.get(Proposal, event.proposal_id).reason
    other = event.provider_id if event.by == event.requester_id else event.requester_id
    yield Letter(to=(other,), sentence=f"{party_name(uow, event.by)} declined a proposal: {reason}")


def agreed(uow: UnitOfWork, event: e.GeneralAgreementAccepted) -> Iterator[Letter]:
    """The company's other registrations."""
    others = (one.id for one in uow.find(Registration, company_id=event.company_id) if one.id != event.by)
    yield Letter(to=tuple(others), sentence="Your company accepted the general agreement of the market place.")


def subscribed(uow: UnitOfWork, event: e.ServiceSubscribed) -> Iterator[Letter]:
    provider, requester = party_name(uow, event.provider_id), party_name(uow, event.requester_id)
    yield Letter(to=(event.provider_id,), sentence=f"{requester} subscribed to your services.")
    yield Letter(to=(event.requester_id,), sentence=f"You subscribed to services of {provider}.")


def canceled(uow: UnitOfWork, event: e.ServiceSubscriptionCanceled) -> Iterator[Letter]:
    subscription = uow.get(Subscription, event.subscription_id)
    other = event.provider_id if event.by == event.requester_id else event.requester_id
    sentence = f"{party_name(uow, event.by)} cancelled the subscription {subscription.id}: {subscription.reason}"
    yield Letter(to=(other,), sentence=sentence)


def offer_changed(uow: UnitOfWork, event: e.ServiceOfferEdited) -> Iterator[Letter]:
    """Those who are about to subscribe to it."""
    offer = uow.get(ServiceOffer, event.offer_id)
    to = _asking(uow, event.provider_id, event.offer_id)
    yield Letter(
        to=to, sentence=f"{party_name(uow, event.provider_id)} changed the offer {offer.title}: look again."
    )


def offer_withdrawn(uow: UnitOfWork, event: e.ServiceOfferWithdrawn) -> Iterator[Letter]:
    offer = uow.get(ServiceOffer, event.offer_id)
    to = _asking(uow, event.provider_id, event.offer_id)
    yield Letter(to=to, sentence=f"{party_name(uow, event.provider_id)} withdrew the offer {offer.title}.")


def _asking(uow: UnitOfWork, provider_id: PartyId, offer_id: ServiceOfferId) -> tuple[PartyId, ...]:
    standing = uow.find(Proposal, provider_id=provider_id, state=STANDING)
    return tuple(one.requester_id for one in standing if any(line.offer_id == offer_id for line in one.lines))
