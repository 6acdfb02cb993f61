"""Energy services: what is offered, acquired and called up, for the registration that asks."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from app.queries.models.platform import (
    AcquisitionRow,
    CallUpRow,
    FlexibilityRow,
    ListAcquisitions,
    ListCallUps,
    ListFlexibilities,
)
from domain.ids import PartyId, SubscriptionId
from domain.parties import Party, Principal
from domain.platform.energy_service import Acquisition, CallUp, Flexibility, Told, free_mw
from domain.platform.subscriptions import PlatformSubscription
from domain.ports import UnitOfWork


def list_flexibilities(
    uow: UnitOfWork, principal: Principal, _query: ListFlexibilities
) -> tuple[FlexibilityRow, ...]:
    names, own = _names(uow), _own(uow, principal)
    told: dict[str, list[SubscriptionId]] = {}
    for one in uow.find(Told):
        if one.subscription_id in own:
            told.setdefault(one.flexibility_id, []).append(one.subscription_id)
    acquired = [one for one in uow.find(Acquisition) if one.subscription_id in own and one.status]
    rows = []
    for made in uow.find(Flexibility):
        ours = made.provider_id == principal.party_id
        if not ours and made.id not in told:
            continue
        of_it = [one for one in acquired if one.flexibility_id == made.id]
        rows.append(
            FlexibilityRow(
                flexibility=made,
                provider=names.get(made.provider_id, made.provider_id),
                own=ours,
                subscription_ids=tuple(sorted(told.get(made.id, ()))),
                acquired_mw=sum((one.power_mw for one in of_it), Decimal(0)),
                free_mw=free_mw(made, of_it) if ours else None,
            )
        )
    return tuple(sorted(rows, key=lambda row: (row.flexibility.starts_at, row.flexibility.id), reverse=True))


def list_acquisitions(
    uow: UnitOfWork, principal: Principal, _query: ListAcquisitions
) -> tuple[AcquisitionRow, ...]:
    names, own = _names(uow), _own(uow, principal)
    mine = [one for one in uow.find(Acquisition) if one.subscription_id in own]
    offers = _offers(uow)
    return tuple(
        AcquisitionRow(
            acquisition=one, flexibility=offers[one.flexibility_id], peer=names.get(one.peer_id, one.peer_id)
        )
        for one in sorted(mine, key=lambda one: (one.asked_at, one.id), reverse=True)
    )


def list_call_ups(uow: UnitOfWork, principal: Principal, _query: ListCallUps) -> tuple[CallUpRow, ...]:
    names, own = _names(uow), _own(uow, principal)
    mine = [one for one in uow.find(CallUp) if one.subscription_id in own]
    offers = _offers(uow)
    return tuple(
        CallUpRow(call_up=one, flexibility=offers[one.flexibility_id], peer=names.get(one.peer_id, one.peer_id))
        for one in sorted(mine, key=lambda one: (one.starts_at, one.id), reverse=True)
    )


def _own(uow: UnitOfWork, principal: Principal) -> Mapping[SubscriptionId, PlatformSubscription]:
    """Of the registration that asks; a company's others see theirs."""
    known = uow.find(PlatformSubscription)
    return {one.id: one for one in known if one.own_id == principal.party_id}


def _offers(uow: UnitOfWork) -> Mapping[str, Flexibility]:
    return {made.id: made for made in uow.find(Flexibility)}


def _names(uow: UnitOfWork) -> Mapping[PartyId, str]:
    return {party.id: party.name for party in uow.find(Party)}
