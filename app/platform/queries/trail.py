"""The platform's audit trail: the company sees all of it, others their part."""

from __future__ import annotations

from app.queries.models.base import Part
from app.queries.models.platform import ExportTrail, ListTrail
from app.queries.trails import SightOf, exported, of_a_party, page
from domain.parties import Principal, Role
from domain.platform.subscriptions import PlatformSubscription
from domain.ports import UnitOfWork
from domain.trail import Sight, TrailLine

_COMPANY = frozenset({Role.PROVIDER, Role.REQUESTER})


def list_trail(uow: UnitOfWork, principal: Principal, query: ListTrail) -> Part[TrailLine]:
    return page(uow, query.part, _sight(uow, principal))


def export_trail(uow: UnitOfWork, principal: Principal, _query: ExportTrail) -> str:
    return exported(uow, principal, _sight(uow, principal))


def _sight(uow: UnitOfWork, principal: Principal) -> SightOf:
    if principal.role in _COMPANY:
        return lambda _row: Sight.WHOLE
    common = uow.find(PlatformSubscription, peer_id=principal.party_id) if principal.role is Role.PEER else ()
    return of_a_party(principal, frozenset(subscription.id for subscription in common))
