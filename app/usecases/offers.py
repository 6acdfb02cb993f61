"""FlexOffers of ESPs and aggregators."""

from __future__ import annotations

from dataclasses import replace

from app.offering import check_offer
from domain.checks import accepts_offers, gate_findings
from domain.commands import SubmitOffer, WithdrawOffer
from domain.errors import raise_if, refuse
from domain.events import OfferSubmitted, OfferWithdrawn
from domain.flexibility.market import FlexOffer, MarketSession
from domain.ids import OfferId, new_id
from domain.lifecycle import OFFER, advance
from domain.parties import Principal
from domain.ports import UnitOfWork


def submit_offer(uow: UnitOfWork, principal: Principal, command: SubmitOffer) -> FlexOffer:
    """An offer from own confirmed assets. Raises `Refused` with all findings of `check_offer`."""
    raise_if(check_offer(uow, principal, command))
    session = uow.get(MarketSession, command.session_id)
    offer = FlexOffer(
        id=OfferId(new_id("FO")),
        party_id=principal.party_id,
        session_id=session.id,
        region_id=session.region_id,
        direction=command.direction,
        lines=command.lines,
        price_eur_per_mwh=command.price_eur_per_mwh,
        submitted_at=uow.market,
        commodity=command.commodity,
    )
    uow.add(offer)
    uow.record(
        OfferSubmitted(
            offer_id=offer.id, session_id=session.id, region_id=session.region_id, party_id=offer.party_id
        )
    )
    return offer


def withdraw_offer(uow: UnitOfWork, principal: Principal, command: WithdrawOffer) -> FlexOffer:
    """The owner takes back an offer before the gate.

    Raises:
        Refused: `not_found` for another's offer as for none (the book is sealed); `gate_closed`, `wrong_state`.
    """
    offer = uow.get(FlexOffer, command.offer_id)
    if offer.party_id != principal.party_id:
        raise refuse("not_found", "offer_id", "There is no such offer of yours.")
    session = uow.get(MarketSession, offer.session_id)
    raise_if(gate_findings(accepts_offers(session, uow.market), session))
    withdrawn = replace(offer, state=advance(OFFER, offer.state, "withdraw", "offer_id"))
    uow.save(withdrawn)
    uow.record(
        OfferWithdrawn(
            offer_id=offer.id, session_id=session.id, region_id=session.region_id, party_id=offer.party_id
        )
    )
    return withdrawn
