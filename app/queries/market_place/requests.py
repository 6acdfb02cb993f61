"""Requests and what meets them; proposals and subscriptions of one's own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeVar

from app.queries.models import place as q
from domain.errors import refuse
from domain.ids import PartyId, ServiceDescriptionId, ServiceOfferId, ServiceRequestId
from domain.marketplace.areas import ServedArea
from domain.marketplace.companies import Company
from domain.marketplace.offers import ServiceOffer, ServiceOfferState
from domain.marketplace.registrations import Registration, RegistrationState
from domain.marketplace.requests import (
    STANDING,
    Proposal,
    ProposalState,
    ServiceRequest,
    ServiceRequestState,
    Subscription,
    mismatches,
)
from domain.marketplace.services import ServiceDescription
from domain.marketplace.words import PlatformRole
from domain.parties import Principal, Role
from domain.ports import UnitOfWork

Names = Mapping[PartyId, str]
MOST_PROVIDERS = 1000


def names_of(uow: UnitOfWork) -> Names:
    """Each registration's company."""
    companies = {company.id: company.name for company in uow.find(Company)}
    return {one.id: companies[one.company_id] for one in uow.find(Registration)}


_SIDES = {Role.PROVIDER: "provider_id", Role.REQUESTER: "requester_id"}
Deal = TypeVar("Deal", Proposal, Subscription)


def of_asker(uow: UnitOfWork, principal: Principal, kind: type[Deal]) -> tuple[Deal, ...]:
    """Those of the asker's side; the operator's are all."""
    if principal.role is Role.PLACE_OPERATOR:
        return uow.find(kind)
    return uow.find(kind, **{_SIDES[principal.role]: principal.party_id})


def list_requests(
    uow: UnitOfWork, principal: Principal, query: q.ListServiceRequests
) -> tuple[q.ServiceRequestRow, ...]:
    """The newest first."""
    return tuple(row for row in _request_rows(uow, principal) if query.state in (None, row.request.state))


def get_request(uow: UnitOfWork, principal: Principal, query: q.GetServiceRequest) -> q.ServiceRequestRow:
    """Raises `Refused`: `not_found`."""
    for row in _request_rows(uow, principal):
        if row.request.id == query.request_id:
            return row
    raise refuse("not_found", "request_id", "There is no such request, or it is not yours to see.")


def _request_rows(uow: UnitOfWork, principal: Principal) -> list[q.ServiceRequestRow]:
    names = names_of(uow)
    proposals: dict[ServiceRequestId, list[Proposal]] = {}
    for one in of_asker(uow, principal, Proposal):
        proposals.setdefault(one.request_id, []).append(one)
    rows = []
    for request in _visible_requests(uow, principal):
        of = proposals.get(request.id, ())
        rows.append(
            q.ServiceRequestRow(
                request=request,
                requester_name=names[request.requester_id],
                own=request.requester_id == principal.party_id,
                n_proposals=sum(one.state in STANDING and not one.expired(uow.market) for one in of),
                n_subscriptions=sum(one.state is ProposalState.ACCEPTED for one in of),
            )
        )
    return sorted(rows, key=lambda row: (row.request.asked_at, row.request.id), reverse=True)


def _visible_requests(uow: UnitOfWork, principal: Principal) -> Iterable[ServiceRequest]:
    if principal.role is Role.PLACE_OPERATOR:
        return uow.find(ServiceRequest)
    if principal.role is Role.REQUESTER:
        return uow.find(ServiceRequest, requester_id=principal.party_id)
    provider = {"provider_id": principal.party_id, "state": ServiceOfferState.PUBLISHED}
    offers = uow.find(ServiceOffer, **provider)
    served = _served(uow)
    return [
        request
        for request in uow.find(ServiceRequest, state=ServiceRequestState.OPEN)
        if any(_meet(wish, request, offers, served) for wish in request.wishes)
    ]


Served = Mapping[PartyId, Sequence[str]]


def _served(uow: UnitOfWork) -> Served:
    return {area.id: area.countries for area in uow.find(ServedArea)}


def _meet(
    wish: ServiceDescription, request: ServiceRequest, offers: Iterable[ServiceOffer], served: Served
) -> list[tuple[ServiceOffer, ServiceDescription]]:
    return [
        (offer, description)
        for offer in offers
        if offer.environment is request.environment
        for description in offer.descriptions
        if not any(True for _ in mismatches(wish, description, served.get(offer.provider_id, ())))
    ]


def list_matches(uow: UnitOfWork, principal: Principal, query: q.ListMatches) -> q.Matches:
    """Raises `Refused`: `not_found` for a foreign request, `out_of_range` for too many providers."""
    if len(query.provider_ids) > MOST_PROVIDERS:
        raise refuse("out_of_range", "provider_ids", f"At most {MOST_PROVIDERS} providers are named.")
    request = _request_for(uow, principal, query.request_id)
    own = uow.get(Registration, request.requester_id).company_id
    certified = {
        one.id for one in uow.find(Registration, state=RegistrationState.CERTIFIED) if one.company_id != own
    }
    if query.provider_ids:
        certified &= set(query.provider_ids)
    offers = [
        offer
        for offer in uow.find(ServiceOffer, state=ServiceOfferState.PUBLISHED)
        if offer.provider_id in certified
    ]
    names, served = names_of(uow), _served(uow)
    wishes = tuple(
        q.WishRow(wish=wish, matches=_matches(_meet(wish, request, offers, served), names))
        for wish in request.wishes
    )
    return q.Matches(
        request=request,
        wishes=wishes,
        providers=_providers(uow, request, wishes, names),
        unmet=tuple(row.wish.id for row in wishes if not row.matches),
    )


def _request_for(uow: UnitOfWork, principal: Principal, request_id: ServiceRequestId) -> ServiceRequest:
    found = uow.find(ServiceRequest, id=request_id)
    operator = principal.role is Role.PLACE_OPERATOR
    if not found or not (operator or found[0].requester_id == principal.party_id):
        raise refuse("not_found", "request_id", "There is no such request, or it is not yours to see.")
    return found[0]


def _matches(met: Iterable[tuple[ServiceOffer, ServiceDescription]], names: Names) -> tuple[q.WishMatch, ...]:
    """The cheapest first."""
    rows = [
        q.WishMatch(offer=offer, description=description, provider_name=names[offer.provider_id])
        for offer, description in met
    ]
    return tuple(sorted(rows, key=lambda row: (row.offer.terms.price_eur, row.provider_name, row.description.id)))


def _providers(
    uow: UnitOfWork, request: ServiceRequest, wishes: Sequence[q.WishRow], names: Names
) -> tuple[q.MatchingProvider, ...]:
    met: dict[PartyId, list[ServiceDescriptionId]] = {}
    for row in wishes:
        for provider_id in {match.offer.provider_id for match in row.matches}:
            met.setdefault(provider_id, []).append(row.wish.id)
    standing = {
        one.provider_id: one.id
        for one in uow.find(Proposal, request_id=request.id, state=STANDING)
        if not one.expired(uow.market)
    }
    rows = [
        q.MatchingProvider(
            provider_id=provider_id,
            provider_name=names[provider_id],
            wish_ids=tuple(wish_ids),
            proposal_id=standing.get(provider_id),
        )
        for provider_id, wish_ids in met.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-len(row.wish_ids), row.provider_name, row.provider_id)))


def list_proposals(uow: UnitOfWork, principal: Principal, query: q.ListProposals) -> tuple[q.ProposalRow, ...]:
    """The newest first."""
    found = [
        one
        for one in of_asker(uow, principal, Proposal)
        if query.request_id in (None, one.request_id)
        and (not query.standing or (one.state in STANDING and not one.expired(uow.market)))
    ]
    names = names_of(uow)
    requests = {one.id: one for one in uow.find(ServiceRequest, id=tuple({each.request_id for each in found}))}
    words = _short_descriptions(uow, {line.offer_id for one in found for line in one.lines})
    rows = [_proposal_row(uow, principal, one, requests[one.request_id], names, words) for one in found]
    return tuple(sorted(rows, key=lambda row: (row.proposal.asked_at, row.proposal.id), reverse=True))


Words = Mapping[tuple[ServiceOfferId, ServiceDescriptionId], str]


def _short_descriptions(uow: UnitOfWork, offer_ids: Collection[ServiceOfferId]) -> Words:
    return {
        (offer.id, description.id): description.short_description
        for offer in uow.find(ServiceOffer, id=tuple(offer_ids))
        for description in offer.descriptions
    }


def _proposal_row(
    uow: UnitOfWork, principal: Principal, one: Proposal, request: ServiceRequest, names: Names, words: Words
) -> q.ProposalRow:
    asked = {wish.id: wish.short_description for wish in request.wishes}
    expired = one.expired(uow.market)
    whose = {ProposalState.ASKED: one.provider_id, ProposalState.OFFERED: one.requester_id}.get(one.state)
    return q.ProposalRow(
        proposal=one,
        request_title=request.title,
        provider_name=names[one.provider_id],
        requester_name=names[one.requester_id],
        services=tuple(
            words.get((line.offer_id, line.description_id), asked.get(line.wish_id, "")) for line in one.lines
        ),
        expired=expired,
        turn=not expired and whose == principal.party_id,
    )


def list_subscriptions(
    uow: UnitOfWork, principal: Principal, query: q.ListSubscriptions
) -> tuple[q.SubscriptionRow, ...]:
    """The newest first."""
    rows = [
        row
        for one in of_asker(uow, principal, Subscription)
        if (row := subscription_row(uow, principal, one)) is not None and not (query.active and row.ended)
    ]
    order = sorted(
        rows, key=lambda row: (row.subscription.content.validated_at, row.subscription.id), reverse=True
    )
    return tuple(order)


def subscription_row(uow: UnitOfWork, principal: Principal, one: Subscription) -> q.SubscriptionRow | None:
    """None where it is not the asker's to see."""
    side = {one.provider_id: PlatformRole.PROVIDER, one.requester_id: PlatformRole.REQUESTER}.get(
        principal.party_id
    )
    if side is None and principal.role is not Role.PLACE_OPERATOR:
        return None
    return q.SubscriptionRow(
        subscription=one,
        provider_name=one.content.provider.name,
        requester_name=one.content.requester.name,
        side=side,
        ended=one.ended(uow.market),
    )
