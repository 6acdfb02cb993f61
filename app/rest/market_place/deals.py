"""Requests (MKP-SRV-SUB), proposals, agreements and subscriptions (B2B-SRV-SUB)."""

from __future__ import annotations

from typing import Annotated, Literal, cast

from fastapi import APIRouter, Path, Query, Response

from app.queries.models import place as q
from app.rest.access import Caller, FromCaller
from app.rest.fields import Id
from app.rest.market_place import made
from app.rest.market_place import schemas as s
from app.rest.paging import FromPager, Listing, only
from app.rest.schemas import Page, Paging, ReasonIn
from app.rest.strict import StrictRoute
from app.rest.tags import FromChanger, tag
from domain.commands import place as c
from domain.ids import PartyId, ProposalId, ServiceRequestId, SubscriptionId
from domain.marketplace.requests import Proposal, ProposalLine, ServiceRequest, Subscription

router = APIRouter(route_class=StrictRoute, tags=["deals"])
PathId = Annotated[Id, Path()]
Form = Annotated[Literal["txt", "pdf"], Path()]
REQUESTS = Listing(s.RequestOut, "-asked_at,-id", by=("title", "state"))
PROPOSALS = Listing(s.ProposalOut, "-asked_at,-id", by=("state", "deadline"))
SUBSCRIPTIONS = Listing(s.SubscriptionOut, "-validated_at,-id", by=("state", "starts_at"))


@router.get("/requests", operation_id="place_requests")
def requests(caller: FromCaller, pager: FromPager, where: Annotated[Paging, Query()]) -> Page[s.RequestOut]:
    """Own requests; for a provider those that its offers meet; for the operator all."""
    return pager.page(REQUESTS, where, caller.query(q.ListServiceRequests()), made.request)


@router.get("/requests/{service_request_id}", operation_id="place_request")
def request(caller: FromCaller, service_request_id: PathId, response: Response) -> s.RequestOut:
    """One request."""
    row = caller.query(q.GetServiceRequest(request_id=ServiceRequestId(service_request_id)))
    tag(response, row.request.version)
    return made.request(row)


@router.post("/requests", status_code=201, operation_id="place_request_services")
def request_services(caller: FromCaller, body: s.RequestIn, response: Response) -> s.RequestOut:
    """Requester: a wish list."""
    command = c.RequestServices(
        environment=body.environment,
        title=body.title,
        data_details=body.data_details,
        processing_details=body.processing_details,
        wishes=made.descriptions_of(body.wishes),
    )
    asked = cast(ServiceRequest, caller.execute(command))
    response.headers["Location"] = f"/api/v1/market-place/requests/{asked.id}"
    return _request(caller, asked.id)


def _request(caller: Caller, request_id: str) -> s.RequestOut:
    return made.request(caller.query(q.GetServiceRequest(request_id=ServiceRequestId(request_id))))


@router.post("/requests/{service_request_id}/withdraw", operation_id="place_withdraw_request")
def withdraw_request(caller: FromChanger, service_request_id: PathId) -> s.RequestOut:
    """Requester: it is wished for no more."""
    command = c.WithdrawServiceRequest(request_id=ServiceRequestId(service_request_id))
    caller.change(command, ServiceRequest, id=service_request_id)
    return _request(caller, service_request_id)


@router.post("/requests/{service_request_id}/matches", operation_id="place_matches")
def matches(caller: FromCaller, service_request_id: PathId, body: s.MatchesIn) -> s.MatchesOut:
    """Requester: which offers meet which wish."""
    query = q.ListMatches(
        request_id=ServiceRequestId(service_request_id), provider_ids=tuple(map(PartyId, body.provider_ids))
    )
    return made.matches(caller.query(query))


@router.get("/proposals", operation_id="place_proposals")
def proposals(
    caller: FromCaller, pager: FromPager, where: Annotated[s.ProposalFilter, Query()]
) -> Page[s.ProposalOut]:
    """Own proposals, the newest first; for the operator all."""
    request_id = ServiceRequestId(where.request_id) if where.request_id else None
    rows = caller.query(q.ListProposals(request_id=request_id, standing=where.standing))
    return pager.page(PROPOSALS, where, rows, made.proposal)


@router.get("/proposals/{proposal_id}", operation_id="place_proposal")
def proposal(caller: FromCaller, proposal_id: PathId, response: Response) -> s.ProposalOut:
    """One proposal."""
    row = only(caller.query(q.ListProposals()), "proposal_id", lambda row: row.proposal.id == proposal_id)
    tag(response, row.proposal.version)
    return made.proposal(row)


@router.post("/proposals", status_code=201, operation_id="place_ask_proposal")
def ask_proposal(caller: FromCaller, body: s.ProposalIn, response: Response) -> s.ProposalOut:
    """Requester: ask the one provider of these descriptions for its terms."""
    command = c.AskForProposal(
        request_id=ServiceRequestId(body.request_id),
        lines=made.tupled(ProposalLine, body.lines),
        terms=made.terms_of(body.terms),
        starts_at=body.starts_at,
        ends_at=body.ends_at,
        deadline=body.deadline,
    )
    asked = cast(Proposal, caller.execute(command))
    response.headers["Location"] = f"/api/v1/market-place/proposals/{asked.id}"
    return _proposal(caller, asked.id)


def _proposal(caller: Caller, proposal_id: str) -> s.ProposalOut:
    rows = caller.query(q.ListProposals())
    return made.proposal(only(rows, "proposal_id", lambda row: row.proposal.id == proposal_id))


@router.put("/proposals/{proposal_id}/terms", operation_id="place_offer_terms")
def offer_terms(caller: FromChanger, proposal_id: PathId, body: s.TermsBody) -> s.ProposalOut:
    """Provider: offer terms, or confirm those that were asked for."""
    command = c.OfferTerms(proposal_id=ProposalId(proposal_id), terms=made.terms_of(body.terms))
    caller.change(command, Proposal, id=proposal_id)
    return _proposal(caller, proposal_id)


@router.post("/proposals/{proposal_id}/decline", operation_id="place_decline_proposal")
def decline(caller: FromChanger, proposal_id: PathId, body: ReasonIn) -> s.ProposalOut:
    """Either side: no, and why."""
    command = c.DeclineProposal(proposal_id=ProposalId(proposal_id), reason=body.reason)
    caller.change(command, Proposal, id=proposal_id)
    return _proposal(caller, proposal_id)


@router.post("/proposals/{proposal_id}/accept", operation_id="place_accept_proposal")
def accept(caller: FromChanger, proposal_id: PathId) -> s.SubscriptionOut:
    """Requester: the subscription stands; both platforms are told."""
    command = c.AcceptProposal(proposal_id=ProposalId(proposal_id))
    made_ = cast(Subscription, caller.change(command, Proposal, id=proposal_id))
    return _subscription(caller, made_.id)


@router.get("/subscriptions", operation_id="place_subscriptions")
def subscriptions(
    caller: FromCaller, pager: FromPager, where: Annotated[s.SubscriptionFilter, Query()]
) -> Page[s.SubscriptionOut]:
    """Own subscriptions, the newest first; for the operator all."""
    rows = caller.query(q.ListSubscriptions(active=where.active))
    return pager.page(SUBSCRIPTIONS, where, rows, made.subscription)


@router.get("/subscriptions/{subscription_id}", operation_id="place_subscription")
def subscription(caller: FromCaller, subscription_id: PathId, response: Response) -> s.SubscriptionOut:
    """One subscription."""
    rows = caller.query(q.ListSubscriptions())
    row = only(rows, "subscription_id", lambda row: row.subscription.id == subscription_id)
    tag(response, row.subscription.version)
    return made.subscription(row)


def _subscription(caller: Caller, subscription_id: str) -> s.SubscriptionOut:
    rows = caller.query(q.ListSubscriptions())
    return made.subscription(only(rows, "subscription_id", lambda row: row.subscription.id == subscription_id))


@router.post("/subscriptions/{subscription_id}/cancel", operation_id="place_cancel_subscription")
def cancel(caller: FromChanger, subscription_id: PathId, body: ReasonIn) -> s.SubscriptionOut:
    """Either side: it is over, and why; both platforms are told."""
    command = c.CancelSubscription(subscription_id=SubscriptionId(subscription_id), reason=body.reason)
    caller.change(command, Subscription, id=subscription_id)
    return _subscription(caller, subscription_id)


@router.get("/subscriptions/{subscription_id}/agreement", operation_id="place_service_agreement")
def service_agreement(caller: FromCaller, subscription_id: PathId) -> s.AgreementOut:
    """The service agreement of a subscription as text."""
    return made.agreement(caller.query(q.GetAgreement(subscription_id=SubscriptionId(subscription_id))))


@router.get("/subscriptions/{subscription_id}/agreement/{form}", operation_id="place_service_agreement_file")
def service_agreement_file(caller: FromCaller, subscription_id: PathId, form: Form) -> Response:
    """The service agreement of a subscription as a file, the same bytes at every time."""
    return _file(caller, q.GetAgreementFile(subscription_id=SubscriptionId(subscription_id), form=form))


@router.get("/agreement", operation_id="place_agreement")
def agreement(caller: FromCaller) -> s.AgreementOut:
    """The general agreement, and whether the caller's company accepted it."""
    return made.agreement(caller.query(q.GetAgreement()))


@router.get("/agreement/{form}", operation_id="place_agreement_file")
def agreement_file(caller: FromCaller, form: Form) -> Response:
    """The general agreement as a file."""
    return _file(caller, q.GetAgreementFile(form=form))


@router.post("/agreement/accept", operation_id="place_accept_agreement")
def accept_agreement(caller: FromCaller, body: s.AcceptAgreementIn) -> s.AgreementOut:
    """A registration: its company accepts the general agreement."""
    caller.execute(c.AcceptGeneralAgreement(version=body.version))
    return made.agreement(caller.query(q.GetAgreement()))


def _file(caller: Caller, query: q.GetAgreementFile) -> Response:
    """The name is our own, so that no player's text is in the header."""
    file = caller.query(query)
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.content, media_type=file.media_type, headers=headers)
