"""Requesters' wish lists, and proposals of terms between a requester and a provider."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.usecases.market_place.agreeing import must_have_agreed
from app.usecases.market_place.finding import certified, own_registration
from domain.commands.place import (
    AskForProposal,
    DeclineProposal,
    OfferTerms,
    RequestServices,
    WithdrawServiceRequest,
)
from domain.errors import Finding, raise_if, refuse
from domain.events.place import (
    ProposalAsked,
    ProposalDeclined,
    ServiceRequestWithdrawn,
    ServicesRequested,
    TermsOffered,
)
from domain.ids import PartyId, ProposalId, ServiceDescriptionId, ServiceRequestId, new_id
from domain.lifecycle import advance
from domain.marketplace.areas import ServedArea
from domain.marketplace.offers import MOST_DESCRIPTIONS, ServiceOffer, ServiceOfferState, terms_findings
from domain.marketplace.registrations import Registration, RegistrationState
from domain.marketplace.requests import (
    PROPOSAL,
    REQUEST,
    STANDING,
    Proposal,
    ProposalLine,
    ServiceRequest,
    ServiceRequestState,
    mismatches,
    request_findings,
    times_findings,
)
from domain.marketplace.services import ServiceDescription
from domain.parties import Principal
from domain.ports import UnitOfWork
from domain.texts import REASON, text_findings

MOST_REQUESTS = 200
"""Open at once, of one requester."""


def request_services(uow: UnitOfWork, principal: Principal, command: RequestServices) -> ServiceRequest:
    """Raises `Refused`: findings on the wishes, `out_of_range` when it has too many open."""
    registration = own_registration(uow, principal)
    raise_if(
        request_findings(
            command.environment, command.title, command.data_details, command.processing_details, command.wishes
        )
    )
    if uow.count(ServiceRequest, {"requester_id": registration.id, "state": ServiceRequestState.OPEN}) >= (
        MOST_REQUESTS
    ):
        raise refuse("out_of_range", "", f"A requester has at most {MOST_REQUESTS} open requests.")
    request = ServiceRequest(
        id=ServiceRequestId(new_id("SR")),
        requester_id=registration.id,
        environment=command.environment,
        title=command.title.strip(),
        data_details=command.data_details.strip(),
        processing_details=command.processing_details.strip(),
        wishes=tuple(replace(wish, id=ServiceDescriptionId(new_id("SD"))) for wish in command.wishes),
        asked_at=uow.market,
    )
    uow.add(request)
    uow.record(ServicesRequested(request_id=request.id, requester_id=registration.id))
    return request


def withdraw_request(uow: UnitOfWork, principal: Principal, command: WithdrawServiceRequest) -> ServiceRequest:
    """Its proposals that stand are declined; subscriptions stay. Raises `Refused`: `not_found`, `wrong_state`."""
    request = own_request(uow, principal, command.request_id)
    state = advance(REQUEST, request.state, "withdraw", "request_id")
    uow.save(replace(request, state=state))
    for proposal in uow.find(Proposal, request_id=request.id, state=STANDING):
        declined(uow, proposal, principal.party_id, "The request was withdrawn.")
    uow.record(ServiceRequestWithdrawn(request_id=request.id, requester_id=request.requester_id))
    return uow.get(ServiceRequest, request.id)


def own_request(uow: UnitOfWork, principal: Principal, request_id: ServiceRequestId) -> ServiceRequest:
    found = uow.find(ServiceRequest, id=request_id, requester_id=principal.party_id)
    if not found:
        raise refuse("not_found", "request_id", "There is no such request, or it is not yours.")
    return found[0]


def ask_for_proposal(uow: UnitOfWork, principal: Principal, command: AskForProposal) -> Proposal:
    """What one provider is asked for; each line is a wish and a description that meets it.

    Raises:
        Refused: `not_certified`; `not_found` for a foreign request or an offer that is not to be seen;
            `own_offer`, `wrong_environment`, `not_matching`, `duplicate`, findings on terms and times;
            `wrong_state`.
    """
    registration = certified(uow, principal)
    request = own_request(uow, principal, command.request_id)
    if request.state is not ServiceRequestState.OPEN:
        raise refuse("wrong_state", "request_id", f"The request is {request.state.value}.")
    found = terms_findings(command.terms)
    found += times_findings(command.starts_at, command.ends_at, command.deadline, uow.market)
    raise_if(found)
    provider_id = _provider(uow, request, command.lines)
    standing = uow.find(Proposal, request_id=request.id, provider_id=provider_id, state=STANDING)
    if any(not one.expired(uow.market) for one in standing):
        raise refuse("duplicate", "lines", "This provider is asked already; decline that proposal first.")
    proposal = Proposal(
        id=ProposalId(new_id("PR")),
        request_id=request.id,
        requester_id=registration.id,
        provider_id=provider_id,
        lines=command.lines,
        asked_terms=command.terms,
        terms=command.terms,
        starts_at=command.starts_at,
        ends_at=command.ends_at,
        asked_at=uow.market,
        deadline=command.deadline,
    )
    uow.add(proposal)
    uow.record(
        ProposalAsked(proposal_id=proposal.id, requester_id=registration.id, provider_id=proposal.provider_id)
    )
    return proposal


def _provider(uow: UnitOfWork, request: ServiceRequest, lines: Sequence[ProposalLine]) -> PartyId:
    """The one provider of all lines. Raises `Refused` as `ask_for_proposal`."""
    if not 1 <= len(lines) <= MOST_DESCRIPTIONS:
        sentence = f"{len(lines)} lines; 1 to {MOST_DESCRIPTIONS} are allowed."
        raise refuse("out_of_range", "lines", sentence)
    if len({line.description_id for line in lines}) < len(lines):
        raise refuse("duplicate", "lines", "A description is named twice.")
    matched = matched_lines(uow, request, lines)
    providers = {offer.provider_id for offer, _ in matched}
    if len(providers) > 1:
        raise refuse("not_matching", "lines", "A proposal is asked of one provider; ask each for itself.")
    return providers.pop()


def matched_lines(
    uow: UnitOfWork, request: ServiceRequest, lines: Sequence[ProposalLine]
) -> list[tuple[ServiceOffer, ServiceDescription]]:
    """Each line's offer and description as they stand now.

    Raises:
        Refused: `not_found` for what is not to be had any more, `own_offer`, `wrong_environment`, `not_matching`.
    """
    found: list[Finding] = []
    matched = []
    own = uow.get(Registration, request.requester_id).company_id
    wishes = {wish.id: wish for wish in request.wishes}
    for index, line in enumerate(lines):
        place = f"lines[{index}]"
        offer = offer_to_be_had(uow, line, place)
        offered = next((one for one in offer.descriptions if one.id == line.description_id), None)
        wish = wishes.get(line.wish_id)
        if offered is None or wish is None:
            field = f"{place}.{'wish_id' if wish is None else 'description_id'}"
            raise refuse("not_found", field, "There is no such description, or not any more.")
        if uow.get(Registration, offer.provider_id).company_id == own:
            sentence = "This is your own company's; both sides would be at one platform."
            raise refuse("own_offer", f"{place}.offer_id", sentence)
        if offer.environment is not request.environment:
            sentence = f"The request is in the {request.environment.value} environment, the offer is not."
            found.append(Finding(code="wrong_environment", field=f"{place}.offer_id", sentence=sentence))
            continue
        areas = uow.find(ServedArea, id=offer.provider_id)
        found += mismatches(wish, offered, areas[0].countries if areas else (), f"{place}.")
        matched.append((offer, offered))
    raise_if(found[:20])
    return matched


def offer_to_be_had(uow: UnitOfWork, line: ProposalLine, place: str) -> ServiceOffer:
    """A published offer of a certified provider. Raises `Refused`: `not_found`."""
    offers = uow.find(ServiceOffer, id=line.offer_id, state=ServiceOfferState.PUBLISHED)
    if offers and uow.get(Registration, offers[0].provider_id).state is RegistrationState.CERTIFIED:
        return offers[0]
    raise refuse("not_found", f"{place}.offer_id", "There is no such offer, or not any more.")


def offer_terms(uow: UnitOfWork, principal: Principal, command: OfferTerms) -> Proposal:
    """The provider's terms; it may change them until they are accepted or declined.

    Raises:
        Refused: `not_certified`, `not_found`, `wrong_state`, `deadline_passed`, findings on the terms,
            `agreement_missing` while its company has not accepted the general agreement.
    """
    registration = certified(uow, principal)
    proposal = own_proposal(uow, principal, command.proposal_id)
    if proposal.provider_id != registration.id:
        raise refuse("not_permitted", "proposal_id", "The provider offers its terms.")
    raise_if(terms_findings(command.terms))
    must_stand(uow, proposal)
    must_have_agreed(uow, registration)
    state = advance(PROPOSAL, proposal.state, "be offered", "proposal_id")
    uow.save(replace(proposal, state=state, terms=command.terms, answered_at=uow.market))
    uow.record(
        TermsOffered(proposal_id=proposal.id, requester_id=proposal.requester_id, provider_id=proposal.provider_id)
    )
    return uow.get(Proposal, proposal.id)


def decline(uow: UnitOfWork, principal: Principal, command: DeclineProposal) -> Proposal:
    """Raises `Refused`: `not_found`, `wrong_state`, findings on the reason."""
    own_registration(uow, principal)
    proposal = own_proposal(uow, principal, command.proposal_id)
    raise_if(text_findings(command.reason, "reason", REASON))
    return declined(uow, proposal, principal.party_id, command.reason.strip())


def declined(uow: UnitOfWork, proposal: Proposal, by: PartyId, reason: str) -> Proposal:
    state = advance(PROPOSAL, proposal.state, "be declined", "proposal_id")
    uow.save(replace(proposal, state=state, declined_by=by, reason=reason, answered_at=uow.market))
    uow.record(
        ProposalDeclined(
            proposal_id=proposal.id,
            requester_id=proposal.requester_id,
            provider_id=proposal.provider_id,
            by=by,
        )
    )
    return uow.get(Proposal, proposal.id)


def own_proposal(uow: UnitOfWork, principal: Principal, proposal_id: ProposalId) -> Proposal:
    found = uow.find(Proposal, id=proposal_id)
    if not found or principal.party_id not in (found[0].requester_id, found[0].provider_id):
        raise refuse("not_found", "proposal_id", "There is no such proposal, or it is not yours.")
    return found[0]


def must_stand(uow: UnitOfWork, proposal: Proposal) -> None:
    """Raises `Refused`: `deadline_passed`, also when the time that it is about is over."""
    if proposal.expired(uow.market):
        raise refuse("deadline_passed", "proposal_id", "The proposal's deadline has passed.")
    if proposal.ends_at is not None and uow.market >= proposal.ends_at:
        raise refuse("deadline_passed", "proposal_id", "The subscription would be over already.")


def leave(uow: UnitOfWork, party_id: PartyId) -> None:
    """A registration quits: what it asked for is withdrawn, what it was asked for is declined."""
    for key in ("requester_id", "provider_id"):
        for proposal in uow.find(Proposal, **{key: party_id}, state=STANDING):
            declined(uow, proposal, party_id, "It left the market place.")
    for request in uow.find(ServiceRequest, requester_id=party_id, state=ServiceRequestState.OPEN):
        uow.save(replace(request, state=advance(REQUEST, request.state, "withdraw", "request_id")))
        uow.record(ServiceRequestWithdrawn(request_id=request.id, requester_id=party_id))
