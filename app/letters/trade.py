"""News of requests, offers and calls."""

from __future__ import annotations

from collections.abc import Iterator

from app.letters.names import (
    OFFERING,
    Letter,
    asset_of,
    day_name,
    in_role,
    operators,
    party_name,
    session_of,
)
from domain import events as e
from domain.flexibility.market import Activation, FlexOffer, FlexRequest
from domain.ports import UnitOfWork
from domain.units import energy_mwh, total


def requested(uow: UnitOfWork, event: e.RequestPublished) -> Iterator[Letter]:
    yield _about_request(uow, event, "asks for")


def request_withdrawn(uow: UnitOfWork, event: e.RequestWithdrawn) -> Iterator[Letter]:
    yield _about_request(uow, event, "no longer asks for")


def _about_request(uow: UnitOfWork, event: e.RequestPublished | e.RequestWithdrawn, verb: str) -> Letter:
    request = uow.get(FlexRequest, event.request_id)
    session, region, _ = session_of(uow, event.session_id)
    buyer = party_name(uow, request.dso_id)
    most = f"up to {max(request.quantity_mw):.3f} {request.commodity.units.power} {request.direction.value}"
    sentence = f"{buyer} {verb} {most} at {request.congestion_point} on {day_name(session.delivery_day)}."
    to = {*operators(uow), region.tso_id, region.dso_id, *in_role(uow, *OFFERING)} - {request.dso_id}
    return Letter(to=tuple(sorted(to)), sentence=sentence, day=session.delivery_day)


def offered(uow: UnitOfWork, event: e.OfferSubmitted) -> Iterator[Letter]:
    yield _about_offer(uow, event, "offers")


def offer_withdrawn(uow: UnitOfWork, event: e.OfferWithdrawn) -> Iterator[Letter]:
    yield _about_offer(uow, event, "withdrew")


def _about_offer(uow: UnitOfWork, event: e.OfferSubmitted | e.OfferWithdrawn, verb: str) -> Letter:
    offer = uow.get(FlexOffer, event.offer_id)
    session, _, name = session_of(uow, event.session_id)
    volume = total(tuple(energy_mwh(line.quantity_mw) for line in offer.lines))
    what = f"{volume:.3f} {offer.commodity.units.energy} {offer.direction.value}"
    sentence = f"{party_name(uow, event.party_id)} {verb} {what} ({name})."
    return Letter(to=operators(uow), sentence=sentence, day=session.delivery_day)


def acknowledged(uow: UnitOfWork, event: e.ActivationAcknowledged) -> Iterator[Letter]:
    yield _about_activation(uow, event, "will deliver the award of", "")


def activation_refused(uow: UnitOfWork, event: e.ActivationRefused) -> Iterator[Letter]:
    yield _about_activation(uow, event, "will not deliver the award of", f" {event.reason}")


def _about_activation(
    uow: UnitOfWork, event: e.ActivationAcknowledged | e.ActivationRefused, verb: str, reason: str
) -> Letter:
    activation = uow.get(Activation, event.activation_id)
    session, region, _ = session_of(uow, activation.session_id)
    what = f"{asset_of(uow, activation.asset_id).name} on {day_name(session.delivery_day)}"
    sentence = f"{party_name(uow, event.party_id)} {verb} {what}.{reason}"
    return Letter(to=(*operators(uow), region.dso_id), sentence=sentence, day=session.delivery_day)


def traded(uow: UnitOfWork, event: e.TradesMade) -> Iterator[Letter]:
    """Each side of its own trades only; nobody reads with whom."""
    session, _, name = session_of(uow, event.session_id)
    units = event.commodity.units
    low, high = event.lowest_eur_per_mwh, event.highest_eur_per_mwh
    price = f"{low:.2f}" if low == high else f"{low:.2f} to {high:.2f}"
    verb, page = ("bought", "/dso/trading") if event.bought else ("sold", "/supply/trading")
    what = f"{event.energy_mwh:.3f} {units.energy} {event.direction.value}"
    sentence = f"You {verb} {what} at {price} {units.price} ({name})."
    link = f"{page}?session={session.id}"
    yield Letter(to=(event.party_id,), sentence=sentence, day=session.delivery_day, link=link)
