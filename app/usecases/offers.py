"""FlexOffers of ESPs and aggregators."""

from __future__ import annotations

from dataclasses import replace

from app.offering import check_offer, check_offers, offer_of
from app.trading import moment
from app.usecases.trading import book_changed, note_withdrawal, rest_findings
from domain.checks import accepts_offers, gate_findings
from domain.commands import PlaceOffers, SubmitOffer, WithdrawOffer
from domain.errors import Finding, Refused, raise_if, refuse
from domain.events import FlexibilityDeclined, OfferSubmitted, OfferWithdrawn
from domain.flexibility.calls import Decline
from domain.flexibility.market import Award, FlexOffer, MarketSession
from domain.ids import OfferId, new_id
from domain.lifecycle import OFFER, advance
from domain.parties import Principal
from domain.ports import UnitOfWork


def submit_offer(uow: UnitOfWork, principal: Principal, command: SubmitOffer) -> FlexOffer:
    """An offer from own confirmed assets. Raises `Refused` with all findings of `check_offer`."""
    raise_if(check_offer(uow, principal, command))
    return add_offer(uow, principal, command, _new())


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
    return tuple(add_offer(uow, principal, offer, _new()) for offer in command.offers)


def _new() -> OfferId:
    return OfferId(new_id("FO"))


def add_offer(uow: UnitOfWork, principal: Principal, command: SubmitOffer, offer_id: OfferId) -> FlexOffer:
    """An offer that was checked, into the book."""
    session = uow.get(MarketSession, command.session_id)
    offer = offer_of(offer_id, principal, session, command, moment(uow, session))
    uow.add(offer)
    uow.record(
        OfferSubmitted(
            offer_id=offer.id, session_id=session.id, region_id=session.region_id, party_id=offer.party_id
        )
    )
    book_changed(uow, session)
    return offer


def _called_findings(uow: UnitOfWork, offer: FlexOffer) -> list[Finding]:
    if not uow.find(Award, offer_id=offer.id, direct=True):
        return []
    sentence = "The DSO has called part of it; it cannot be withdrawn any more."
    return [Finding(code="wrong_state", field="offer_id", sentence=sentence)]


def withdraw_offer(uow: UnitOfWork, principal: Principal, command: WithdrawOffer) -> FlexOffer | Decline:
    """The owner takes back an offer before the gate, in a continuous session what has not been matched; or that it
    has none.

    Raises:
        Refused: `not_found` for another's offer as for none (the book is sealed); `gate_closed`; `wrong_state`,
            also when the DSO has called part of it.
    """
    none = uow.find(Decline, id=command.offer_id, party_id=principal.party_id)
    if none:
        uow.remove(none[0])
        uow.record(declined(none[0], taken_back=True))
        return none[0]
    offer = uow.get(FlexOffer, command.offer_id)
    if offer.party_id != principal.party_id:
        raise refuse("not_found", "offer_id", "There is no such offer of yours.")
    session = uow.get(MarketSession, offer.session_id)
    raise_if(gate_findings(accepts_offers(session, uow.market), session))
    raise_if([*rest_findings(uow, session, offer, "offer_id"), *_called_findings(uow, offer)])
    withdrawn = replace(offer, state=advance(OFFER, offer.state, "withdraw", "offer_id"))
    uow.save(withdrawn)
    note_withdrawal(uow, session, offer)
    uow.record(
        OfferWithdrawn(
            offer_id=offer.id, session_id=session.id, region_id=session.region_id, party_id=offer.party_id
        )
    )
    return withdrawn


def declined(decline: Decline, *, taken_back: bool) -> FlexibilityDeclined:
    """What is told of somebody who has none, or may have some after all."""
    return FlexibilityDeclined(
        offer_id=decline.id,
        session_id=decline.session_id,
        region_id=decline.region_id,
        party_id=decline.party_id,
        place=decline.place,
        taken_back=taken_back,
    )
