"""FlexOffers of ESPs and aggregators."""

from __future__ import annotations

from dataclasses import replace

from app.offering import check_offer, check_offers, offer_of
from app.trading import moment
from app.usecases.trading import book_changed, note_withdrawal, rest_findings
from domain.checks import accepts_offers, gate_findings
from domain.commands import PlaceOffers, SubmitOffer, WithdrawOffer
from domain.errors import Refused, raise_if, refuse
from domain.events import OfferSubmitted, OfferWithdrawn
from domain.flexibility.market import FlexOffer, MarketSession
from domain.ids import OfferId, new_id
from domain.lifecycle import OFFER, advance
from domain.parties import Principal
from domain.ports import UnitOfWork


def submit_offer(uow: UnitOfWork, principal: Principal, command: SubmitOffer) -> FlexOffer:
    """An offer from own confirmed assets. Raises `Refused` with all findings of `check_offer`."""
    raise_if(check_offer(uow, principal, command))
    return _add(uow, principal, command)


def place_offers(uow: UnitOfWork, principal: Principal, command: PlaceOffers) -> tuple[FlexOffer, ...]:
    """Withdraw what is replaced and submit what is new, all or none.

    Raises:
        Refused: as `withdraw_offer`, the field being `replaces[k]`; all findings of `check_offers`.
    """
    for k, offer_id in enumerate(command.replaces):
        try:
            withdraw_offer(uow, principal, WithdrawOffer(offer_id=offer_id))
        except Refused as refused:
            raise Refused(replace(finding, field=f"replaces[{k}]") for finding in refused.findings) from refused
    raise_if(check_offers(uow, principal, command.offers))
    return tuple(_add(uow, principal, offer) for offer in command.offers)


def _add(uow: UnitOfWork, principal: Principal, command: SubmitOffer) -> FlexOffer:
    session = uow.get(MarketSession, command.session_id)
    offer = offer_of(OfferId(new_id("FO")), principal, session, command, moment(uow, session))
    uow.add(offer)
    uow.record(
        OfferSubmitted(
            offer_id=offer.id, session_id=session.id, region_id=session.region_id, party_id=offer.party_id
        )
    )
    book_changed(uow, session)
    return offer


def withdraw_offer(uow: UnitOfWork, principal: Principal, command: WithdrawOffer) -> FlexOffer:
    """The owner takes back an offer before the gate, in a continuous session what has not been matched.

    Raises:
        Refused: `not_found` for another's offer as for none (the book is sealed); `gate_closed`, `wrong_state`.
    """
    offer = uow.get(FlexOffer, command.offer_id)
    if offer.party_id != principal.party_id:
        raise refuse("not_found", "offer_id", "There is no such offer of yours.")
    session = uow.get(MarketSession, offer.session_id)
    raise_if(gate_findings(accepts_offers(session, uow.market), session))
    raise_if(rest_findings(uow, session, offer, "offer_id"))
    withdrawn = replace(offer, state=advance(OFFER, offer.state, "withdraw", "offer_id"))
    uow.save(withdrawn)
    note_withdrawal(uow, session, offer)
    uow.record(
        OfferWithdrawn(
            offer_id=offer.id, session_id=session.id, region_id=session.region_id, party_id=offer.party_id
        )
    )
    return withdrawn
