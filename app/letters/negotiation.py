"""News of offers that the DSO may call by itself, of its calls and of answers."""

from __future__ import annotations

from collections.abc import Iterator

from app.letters.names import Letter, day_name, operators, party_name, session_of, time_name
from domain import events as e
from domain.flexibility.calls import CallTerms
from domain.flexibility.market import Activation, FlexOffer
from domain.ports import UnitOfWork
from domain.units import energy_mwh, total


def open_to_call(uow: UnitOfWork, event: e.OfferOpenToCall) -> Iterator[Letter]:
    """The DSO alone: for it the offer is open before the gate."""
    offer, terms = uow.get(FlexOffer, event.offer_id), uow.get(CallTerms, event.offer_id)
    session, region, _ = session_of(uow, event.session_id)
    units = offer.commodity.units
    most = max(
        total([line.quantity_mw[step] for line in offer.lines]) for step in range(len(offer.price_eur_per_mwh))
    )
    what = f"{most:.3f} {units.power} {offer.direction.value} at {terms.place} on {day_name(session.delivery_day)}"
    price = f"{offer.price_eur_per_mwh[0]:.2f} {units.price}"
    sentence = (
        f"{party_name(uow, event.party_id)} offers {what} for {price}; call it until {time_name(terms.until)}."
    )
    yield Letter(to=(region.dso_id,), sentence=sentence, day=session.delivery_day)


def declined(uow: UnitOfWork, event: e.FlexibilityDeclined) -> Iterator[Letter]:
    session, region, _ = session_of(uow, event.session_id)
    who = party_name(uow, event.party_id)
    where = f"at {event.place} on {day_name(session.delivery_day)}"
    words = "took back that it has no flexibility" if event.taken_back else "has no flexibility"
    to = (*operators(uow), region.dso_id)
    yield Letter(to=to, sentence=f"{who} {words} {where}.", day=session.delivery_day)


def called(uow: UnitOfWork, event: e.OfferCalled) -> Iterator[Letter]:
    session, region, _ = session_of(uow, event.session_id)
    calls = uow.find(Activation, call_id=event.call_id)
    units = uow.get(FlexOffer, event.offer_id).commodity.units
    energy = abs(total([energy_mwh(call.p_mw) for call in calls]))
    what = f"{energy:.3f} {units.energy} on {day_name(session.delivery_day)}"
    by, of = party_name(uow, region.dso_id), party_name(uow, event.party_id)
    own = f"{by} calls {what} of your offer; acknowledge or refuse it."
    yield Letter(to=(event.party_id,), sentence=own, day=session.delivery_day)
    yield Letter(to=operators(uow), sentence=f"{by} calls {what} of {of}.", day=session.delivery_day)


def call_withdrawn(uow: UnitOfWork, event: e.CallWithdrawn) -> Iterator[Letter]:
    session, region, name = session_of(uow, event.session_id)
    sentence = f"{party_name(uow, region.dso_id)} took back a call ({name}); the quantity is in the book again."
    yield Letter(to=(event.party_id, *operators(uow)), sentence=sentence, day=session.delivery_day)


def answer_taken_back(uow: UnitOfWork, event: e.AnswerTakenBack) -> Iterator[Letter]:
    session, region, name = session_of(uow, event.session_id)
    sentence = f"{party_name(uow, event.party_id)} took back its answer to a call ({name})."
    yield Letter(to=(region.dso_id, *operators(uow)), sentence=sentence, day=session.delivery_day)


def time_ended(uow: UnitOfWork, event: e.CallTimeEnded) -> Iterator[Letter]:
    """Its owner learns that it was not chosen (D3.5, finding 005)."""
    session, region, _ = session_of(uow, event.session_id)
    terms = uow.get(CallTerms, event.offer_id)
    offer = uow.get(FlexOffer, event.offer_id)
    left = total([energy_mwh(line.quantity_mw) for line in offer.lines])
    what = f"{left:.3f} {offer.commodity.units.energy} of your offer at {terms.place}"
    who = party_name(uow, region.dso_id)
    sentence = f"{who} did not call {what} on {day_name(session.delivery_day)} in time; it stays in the book."
    yield Letter(to=(event.party_id,), sentence=sentence, day=session.delivery_day)
