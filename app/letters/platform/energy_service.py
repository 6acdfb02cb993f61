"""Sentences about flexibility that is offered, acquired and called up, to the registration whose matter it is."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from app.letters.names import Letter
from domain.events import platform as e
from domain.ids import PartyId
from domain.marketplace.words import PlatformRole
from domain.parties import Party
from domain.platform.energy_service import Acquisition, CallUp, CallUpState, Flexibility
from domain.ports import UnitOfWork

_CALLED = {
    CallUpState.REQUESTED: "called up",
    CallUpState.ACKNOWLEDGED: "acknowledged the call-up of",
    CallUpState.REFUSED: "refused the call-up of",
}


def offered(uow: UnitOfWork, event: e.FlexibilityOffered) -> Iterator[Letter]:
    """To a subscriber; the provider knows."""
    if event.own_id != event.provider_id:
        made = uow.get(Flexibility, event.flexibility_id)
        words = f"{_name(uow, event.provider_id)} offers up to {_power(max(made.power_mw))} for"
        yield Letter(
            to=(event.own_id,),
            sentence=f"{words} {made.price_eur_per_mwh:.2f} EUR/MWh.",
            link="/platform/energy",
        )


def withdrawn(uow: UnitOfWork, event: e.FlexibilityWithdrawn) -> Iterator[Letter]:
    if event.own_id != event.provider_id:
        sentence = f"{_name(uow, event.provider_id)} withdrew its offer of flexibility {event.flexibility_id}."
        yield Letter(to=(event.own_id,), sentence=sentence, link="/platform/energy")


def acquired(uow: UnitOfWork, event: e.FlexibilityAcquired) -> Iterator[Letter]:
    """The provider hears of what it gave, the requester of what it got; of its own asking nobody."""
    made = uow.get(Acquisition, event.acquisition_id)
    if event.answered and made.status is not None:
        words = f"{made.status.value}: {_power(made.power_mw)} of {made.flexibility_id}"
        sentence = f"{words}, acquired between you and {_name(uow, event.peer_id)}."
        yield Letter(to=(event.own_id,), sentence=sentence, link="/platform/energy")


def called_up(uow: UnitOfWork, event: e.FlexibilityCalledUp) -> Iterator[Letter]:
    """The provider hears of the request, the requester of the answer."""
    made = uow.get(CallUp, event.call_up_id)
    if event.answered != (made.side is PlatformRole.PROVIDER):
        does = _CALLED[made.state if event.answered else CallUpState.REQUESTED]
        sentence = f"{_name(uow, event.peer_id)} {does} {_power(made.power_mw)} of {made.flexibility_id}."
        yield Letter(to=(event.own_id,), sentence=sentence, link="/platform/energy")


def _name(uow: UnitOfWork, party_id: PartyId) -> str:
    known = uow.find(Party, id=party_id)
    return known[0].name if known else party_id


def _power(power_mw: Decimal) -> str:
    """In kW below a megawatt, as the page shows it."""
    return f"{power_mw.normalize():f} MW" if power_mw >= 1 else f"{(power_mw * 1000).normalize():f} kW"
