"""The requester's side of an energy service: it is told of flexibility, acquires of it and calls it up."""

from __future__ import annotations

from dataclasses import replace

from app.platform.subscribers import served
from app.transport.receiving import once
from app.transport.sending import send
from domain.commands.platform import (
    AcquireFlexibility,
    CallUpFlexibility,
    TakeAcquisitionAnswer,
    TakeCallUpAnswer,
    TakeFlexibility,
)
from domain.errors import raise_if, refuse
from domain.events.platform import (
    FlexibilityAcquired,
    FlexibilityCalledUp,
    FlexibilityOffered,
    FlexibilityWithdrawn,
)
from domain.ids import AcquisitionId, CallUpId, PartyId, SubscriptionId, new_id
from domain.marketplace.words import ActivationStatus, PlatformRole
from domain.parties import Principal
from domain.platform.energy_messages import AcquisitionRequest, CallUpRequest
from domain.platform.energy_service import (
    Acquisition,
    CallUp,
    CallUpState,
    Flexibility,
    FlexibilityState,
    Told,
    acquisition_findings,
    call_up_findings,
    flexibility_findings,
)
from domain.platform.subscriptions import PlatformSubscription
from domain.ports import UnitOfWork
from domain.transport import Receipt

SIDE = PlatformRole.REQUESTER


def take_flexibility(uow: UnitOfWork, principal: Principal, command: TakeFlexibility) -> Receipt:
    """A provider's offer, or that it was withdrawn.

    Raises:
        Refused: `not_found` without a subscription with that provider; `duplicate` for another one's id; findings.
    """
    return once(uow, principal, command, lambda: _taken(uow, principal, command))


def _taken(uow: UnitOfWork, principal: Principal, command: TakeFlexibility) -> None:
    own_id = _own(uow, command.subscription_id, principal.party_id)
    told = Flexibility(
        id=command.flexibility_id,
        provider_id=principal.party_id,
        area=command.area,
        direction=command.direction,
        starts_at=command.starts_at,
        power_mw=command.power_mw,
        price_eur_per_mwh=command.price_eur_per_mwh,
        acquire_until=command.acquire_until,
        made_from=command.made_from,
        offered_at=command.offered_at,
        state=FlexibilityState.WITHDRAWN if command.withdrawn else FlexibilityState.OPEN,
    )
    raise_if(flexibility_findings(told, command.offered_at))
    known = uow.find(Flexibility, id=told.id)
    if known and known[0].provider_id != principal.party_id:
        raise refuse("duplicate", "flexibility_id", "Another provider's offer has that id.")
    if known:
        uow.save(replace(told, version=known[0].version))
    else:
        uow.add(told)
    link = Told(
        id=f"{told.id}/{command.subscription_id}", flexibility_id=told.id, subscription_id=command.subscription_id
    )
    if not uow.find(Told, id=link.id):
        uow.add(link)
    kind = FlexibilityWithdrawn if command.withdrawn else FlexibilityOffered
    uow.record(kind(flexibility_id=told.id, own_id=own_id, provider_id=principal.party_id))


def acquire(uow: UnitOfWork, principal: Principal, command: AcquireFlexibility) -> Acquisition:
    """Ask for a part of an offer; the provider's answer comes as a message.

    Raises:
        Refused: `not_found` for an offer or subscription that is not there; findings on the power; too late.
    """
    told = uow.find(Told, flexibility_id=command.flexibility_id, subscription_id=command.subscription_id)
    offers = uow.find(Flexibility, id=command.flexibility_id) if told else ()
    if not offers:
        raise refuse("not_found", "flexibility_id", "You were not told of such an offer.")
    _mine(uow, principal, command.subscription_id, offers[0].provider_id)
    raise_if(acquisition_findings(offers[0], command.power_mw, uow.market))
    made = Acquisition(
        id=AcquisitionId(new_id("AQ")),
        flexibility_id=offers[0].id,
        subscription_id=command.subscription_id,
        side=SIDE,
        peer_id=offers[0].provider_id,
        power_mw=command.power_mw,
        asked_at=uow.market,
    )
    uow.add(made)
    request = AcquisitionRequest(
        acquisition_id=made.id,
        flexibility_id=made.flexibility_id,
        subscription_id=made.subscription_id,
        power_mw=made.power_mw,
    )
    send(uow, to=made.peer_id, stream=made.subscription_id, path="/b2b/v1/acquisitions", body=request)
    uow.record(
        FlexibilityAcquired(
            acquisition_id=made.id, own_id=principal.party_id, peer_id=made.peer_id, answered=False
        )
    )
    return made


def take_acquisition_answer(uow: UnitOfWork, principal: Principal, command: TakeAcquisitionAnswer) -> Receipt:
    """What the provider gives. Raises `Refused`: `not_found`; `wrong_state`; `out_of_range`, more than asked."""

    def act() -> None:
        found = uow.find(Acquisition, id=command.acquisition_id, peer_id=principal.party_id, side=SIDE)
        if not found:
            raise refuse("not_found", "acquisition_id", "Nothing of that id was asked for.")
        if found[0].status is not None:
            raise refuse("wrong_state", "acquisition_id", "It was answered already.")
        if not 0 <= command.power_mw <= found[0].power_mw:
            raise refuse("out_of_range", "power_mw", f"{found[0].power_mw} MW were asked for.")
        answered = replace(found[0], status=command.status, power_mw=command.power_mw, reason=command.reason[:400])
        uow.save(answered)
        own_id = _own(uow, answered.subscription_id, principal.party_id)
        uow.record(
            FlexibilityAcquired(
                acquisition_id=answered.id, own_id=own_id, peer_id=principal.party_id, answered=True
            )
        )

    return once(uow, principal, command, act)


def call_up(uow: UnitOfWork, principal: Principal, command: CallUpFlexibility) -> CallUp:
    """Activate some of what was acquired; the provider's answer comes as a message.

    Raises:
        Refused: `not_found`; all findings on it.
    """
    found = uow.find(Acquisition, id=command.acquisition_id, side=SIDE)
    if not found or found[0].status is ActivationStatus.KO:
        raise refuse("not_found", "acquisition_id", "You have no such acquisition.")
    acquired = found[0]
    _mine(uow, principal, acquired.subscription_id, acquired.peer_id)
    made = CallUp(
        id=CallUpId(new_id("CU")),
        acquisition_id=acquired.id,
        flexibility_id=acquired.flexibility_id,
        subscription_id=acquired.subscription_id,
        side=SIDE,
        peer_id=acquired.peer_id,
        starts_at=command.starts_at,
        ends_at=command.ends_at,
        power_mw=command.power_mw,
        asked_at=uow.market,
    )
    offered = uow.get(Flexibility, acquired.flexibility_id)
    standing = uow.find(CallUp, acquisition_id=acquired.id)
    raise_if(call_up_findings(offered, acquired, made, standing, uow.market))
    uow.add(made)
    request = CallUpRequest(
        call_up_id=made.id,
        acquisition_id=acquired.id,
        starts_at=made.starts_at,
        ends_at=made.ends_at,
        power_mw=made.power_mw,
    )
    send(uow, to=made.peer_id, stream=made.subscription_id, path="/b2b/v1/call-ups", body=request)
    uow.record(
        FlexibilityCalledUp(call_up_id=made.id, own_id=principal.party_id, peer_id=made.peer_id, answered=False)
    )
    return made


def take_call_up_answer(uow: UnitOfWork, principal: Principal, command: TakeCallUpAnswer) -> Receipt:
    """Whether the provider delivers. Raises `Refused`: `not_found`; `wrong_state`."""

    def act() -> None:
        found = uow.find(CallUp, id=command.call_up_id, peer_id=principal.party_id, side=SIDE)
        if not found:
            raise refuse("not_found", "call_up_id", "Nothing of that id was called up.")
        if found[0].state is not CallUpState.REQUESTED:
            raise refuse("wrong_state", "call_up_id", "It was answered already.")
        answered = replace(
            found[0],
            state=CallUpState.ACKNOWLEDGED if command.delivers else CallUpState.REFUSED,
            reason=command.reason[:400],
            answered_at=uow.market,
        )
        uow.save(answered)
        own_id = _own(uow, answered.subscription_id, principal.party_id)
        uow.record(
            FlexibilityCalledUp(call_up_id=answered.id, own_id=own_id, peer_id=principal.party_id, answered=True)
        )

    return once(uow, principal, command, act)


def _own(uow: UnitOfWork, subscription_id: SubscriptionId, peer_id: PartyId) -> PartyId:
    """Our registration in a subscription with that provider, whether it still runs or not."""
    found = uow.find(PlatformSubscription, id=subscription_id, peer_id=peer_id, side=SIDE)
    if not found:
        raise refuse("not_found", "subscription_id", "There is no such subscription.")
    return found[0].own_id


def _mine(uow: UnitOfWork, principal: Principal, subscription_id: SubscriptionId, peer_id: PartyId) -> None:
    if served(uow, SIDE, subscription_id, peer_id) != principal.party_id:
        raise refuse("not_found", "subscription_id", "There is no such subscription.")
