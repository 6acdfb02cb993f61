"""Who may see what: the rules behind the handlers, each stated once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from domain.errors import refuse
from domain.flexibility.market import Award, FlexOffer, FlexRequest, MarketSession
from domain.ids import OfferId, RegionId, SessionId
from domain.lifecycle import OfferState, RequestState, SessionState
from domain.parties import PLACE, Principal, Region, Role
from domain.ports import UnitOfWork

OFFERING = (Role.ESP, Role.AGGREGATOR)
OWNING = (*OFFERING, Role.RETAILER)
GATE_IS_OPEN = (SessionState.PLANNED, SessionState.OPEN)
HAS_RESULT = (SessionState.CLEARED, SessionState.PUBLISHED)
DECIDED_OFFERS = (OfferState.ACCEPTED, OfferState.PARTLY_ACCEPTED, OfferState.REJECTED)
DECIDED_REQUESTS = (RequestState.MET, RequestState.UNMET, RequestState.NOT_NEEDED)

_REGION_KEY = {Role.DSO: "dso_id", Role.TSO: "tso_id"}


def visible_regions(uow: UnitOfWork, principal: Principal) -> tuple[Region, ...]:
    """A DSO its own, a TSO those below it, the EU Market Place's people none, everyone else all."""
    if principal.role in PLACE:
        return ()
    key = _REGION_KEY.get(principal.role)
    return uow.find(Region, **({key: principal.party_id} if key else {}))


def region_for(uow: UnitOfWork, principal: Principal, region_id: RegionId) -> Region:
    """A region the principal may see. Raises `Refused`: `not_found`."""
    for region in visible_regions(uow, principal):
        if region.id == region_id:
            return region
    raise refuse("not_found", "region_id", "There is no such region, or it is not yours to see.")


def session_for(uow: UnitOfWork, principal: Principal, session_id: SessionId) -> MarketSession:
    """A session in a region the principal may see. Raises `Refused`: `not_found`."""
    session = uow.get(MarketSession, session_id)
    region_for(uow, principal, session.region_id)
    return session


def sees_result(principal: Principal, session: MarketSession) -> bool:
    """The FMO from `cleared` on, participants from `published` on."""
    if principal.role is Role.FMO:
        return session.state in HAS_RESULT
    return session.state is SessionState.PUBLISHED


def visible_offers(
    principal: Principal,
    session: MarketSession,
    offers: Iterable[FlexOffer],
    open_to_call: frozenset[OfferId] = frozenset(),
) -> tuple[FlexOffer, ...]:
    """The sealed book: owners see their own, the FMO all, the DSO all after the gate and before it those that it
    may call by itself; nobody else any.

    Whether an offer was accepted, why not, and how often it was changed is hidden until the asker may see the
    result.
    """
    if principal.role is Role.FMO:
        return tuple(offers)
    if principal.role in OFFERING:
        seen = [offer for offer in offers if offer.party_id == principal.party_id]
    elif principal.role is Role.DSO and session.state not in GATE_IS_OPEN:
        seen = [offer for offer in offers if offer.state is not OfferState.WITHDRAWN]
    elif principal.role is Role.DSO:
        seen = [o for o in offers if o.id in open_to_call and o.state is not OfferState.WITHDRAWN]
    else:
        seen = []
    if sees_result(principal, session):
        return tuple(seen)
    return tuple(
        replace(offer, state=OfferState.LOCKED, explanations=(), version=0) if _was_cleared(offer) else offer
        for offer in seen
    )


def _was_cleared(offer: FlexOffer) -> bool:
    """Not one that was called as a whole before the gate: nothing of it was left to clear."""
    return offer.state in DECIDED_OFFERS and any(any(line.quantity_mw) for line in offer.lines)


def visible_request(principal: Principal, session: MarketSession, request: FlexRequest) -> FlexRequest:
    """A request without its outcome until the asker may see the result, and without what the TSO wrote to the DSO
    for those whom it does not concern."""
    if principal.role in OFFERING and request.review_note:
        request = replace(request, review_note="")
    if request.state in DECIDED_REQUESTS and not sees_result(principal, session):
        return replace(request, state=RequestState.CLOSED, unmet_mw=(), version=0)
    return request


def visible_awards(principal: Principal, session: MarketSession, awards: Iterable[Award]) -> tuple[Award, ...]:
    """Once the result may be seen: owners their own, everyone else of the session's grid and market all."""
    if not sees_result(principal, session):
        return ()
    if principal.role in OFFERING:
        return tuple(award for award in awards if award.party_id == principal.party_id)
    return tuple(awards)
