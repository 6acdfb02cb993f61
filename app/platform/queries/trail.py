"""The platform's audit trail: each of the company's registrations sees its side of it, others their part."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.queries.models.base import Part
from app.queries.models.platform import ExportTrail, ListTrail
from app.queries.trails import SightOf, exported, ids_in, of_a_party, page
from domain.parties import Party, Principal, Role
from domain.platform.activations import ServiceActivation, ServiceAgreement
from domain.platform.consents import Consent
from domain.platform.energy_service import Acquisition, CallUp
from domain.platform.pods import Pod
from domain.platform.subscriptions import PlatformSubscription
from domain.ports import UnitOfWork
from domain.trail import AuditRow, Sight, TrailLine

_COMPANY = (Role.PROVIDER, Role.REQUESTER)
_UNDER_SUBSCRIPTIONS: tuple[type[Any], ...] = (ServiceActivation, ServiceAgreement, Acquisition, CallUp)


def list_trail(uow: UnitOfWork, principal: Principal, query: ListTrail) -> Part[TrailLine]:
    return page(uow, query.part, _sight(uow, principal))


def export_trail(uow: UnitOfWork, principal: Principal, _query: ExportTrail) -> str:
    return exported(uow, principal, _sight(uow, principal))


def _sight(uow: UnitOfWork, principal: Principal) -> SightOf:
    if principal.role in _COMPANY:
        return _of_the_company(uow, principal)
    if principal.role is Role.CUSTOMER:
        kinds: tuple[type[Any], ...] = (Consent, Pod)
        held = (one.id for kind in kinds for one in uow.find(kind, customer_id=principal.party_id))
        return of_a_party(principal, frozenset((principal.party_id, *held)))
    common = uow.find(PlatformSubscription, peer_id=principal.party_id) if principal.role is Role.PEER else ()
    return _of_no_customer(of_a_party(principal, frozenset((principal.party_id, *_of(uow, common)))))


def _of_no_customer(sight: SightOf) -> SightOf:
    """Customers have pseudonyms for others: what they did is told by messages, and not who."""
    return lambda row: Sight.HASH if row.role == Role.CUSTOMER.value else sight(row)


def _of_the_company(uow: UnitOfWork, principal: Principal) -> SightOf:
    """Its own acts and what came about its own subscriptions in full. Of another registration's it is told no more
    than a stranger: one company may be a regulated provider and an unregulated requester. What belongs to none is
    the provider's, who keeps customers and points of delivery; a requester is told who, what and when of it."""
    subscriptions = uow.find(PlatformSubscription)
    sides = {party.id: party.id for party in uow.find(Party, role=_COMPANY)}
    mine = _of(uow, (one for one in subscriptions if one.own_id == principal.party_id)) | {principal.party_id}
    theirs = _of(uow, (one for one in subscriptions if one.own_id != principal.party_id))
    theirs |= sides.keys() - mine
    nobodys = Sight.WHOLE if principal.role is Role.PROVIDER else Sight.TOLD

    def sight(row: AuditRow) -> Sight:
        if row.party_id == principal.party_id:
            return Sight.WHOLE
        named = ids_in(row.body)
        if row.party_id in sides:
            return Sight.HASH if named.isdisjoint(mine) else Sight.TOLD
        if not named.isdisjoint(mine):
            return Sight.WHOLE
        if not named.isdisjoint(theirs):
            return Sight.HASH
        return Sight.HASH if nobodys is Sight.TOLD and row.role == Role.CUSTOMER.value else nobodys

    return sight


def _of(uow: UnitOfWork, subscriptions: Iterable[PlatformSubscription]) -> frozenset[str]:
    """These subscriptions, and what stands under them by an id of its own."""
    ids = tuple(subscription.id for subscription in subscriptions)
    under = (one.id for kind in _UNDER_SUBSCRIPTIONS for one in uow.find_bare(kind, subscription_id=ids))
    return frozenset((*ids, *under)) if ids else frozenset()
