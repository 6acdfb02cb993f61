"""Requests to activate services, and agreements: of the own subscriptions, or of those that a peer has with us."""

from __future__ import annotations

from app.queries.models.base import Part
from app.queries.models.platform import ListAgreements, ListServiceActivations
from app.queries.parts import given, part_of
from domain.ids import SubscriptionId
from domain.parties import Principal, Role
from domain.platform.activations import ServiceActivation, ServiceAgreement
from domain.platform.subscriptions import PlatformSubscription
from domain.ports import UnitOfWork


def list_activations(
    uow: UnitOfWork, principal: Principal, query: ListServiceActivations
) -> Part[ServiceActivation]:
    own = _own(uow, principal, query.subscription_id)
    if not own:
        return Part()
    return part_of(uow, ServiceActivation, query.part, given(status=query.status) | {"subscription_id": own})


def list_agreements(uow: UnitOfWork, principal: Principal, query: ListAgreements) -> Part[ServiceAgreement]:
    own = _own(uow, principal, query.subscription_id)
    if not own:
        return Part()
    return part_of(uow, ServiceAgreement, query.part, given(state=query.state) | {"subscription_id": own})


def _own(uow: UnitOfWork, principal: Principal, wanted: SubscriptionId | None) -> tuple[SubscriptionId, ...]:
    peer = principal.role is Role.PEER
    own = (
        each.id
        for each in uow.find(PlatformSubscription)
        if (each.peer_id if peer else each.own_id) == principal.party_id
    )
    return tuple(id for id in own if wanted in (None, id))
