"""The market place's audit trail: the operator sees what belongs to the market place, players their part."""

from __future__ import annotations

from typing import Any

from app.queries.models.base import Part
from app.queries.models.place import ExportPlaceTrail, ListPlaceTrail
from app.queries.trails import SightOf, exported, of_a_party, page
from domain.commands.place import PlaceCommand
from domain.marketplace.offers import ServiceOffer
from domain.marketplace.registrations import Registration
from domain.marketplace.requests import Proposal, ServiceRequest, Subscription
from domain.marketplace.service_alarms import ServiceAlarm
from domain.parties import PLACE, Principal, Role
from domain.ports import UnitOfWork
from domain.trail import AuditRow, Sight, TrailLine


def list_trail(uow: UnitOfWork, principal: Principal, query: ListPlaceTrail) -> Part[TrailLine]:
    return page(uow, query.part, _sight(uow, principal))


def export_trail(uow: UnitOfWork, principal: Principal, _query: ExportPlaceTrail) -> str:
    return exported(uow, principal, _sight(uow, principal))


def _sight(uow: UnitOfWork, principal: Principal) -> SightOf:
    if principal.role is Role.PLACE_OPERATOR:
        return _operators()
    return of_a_party(principal, _concerns(uow, principal))


def _operators() -> SightOf:
    """What players and the operator do, and what the market place does by itself; the flexibility market stands in
    the same trail and is not the operator's."""
    roles = {role.value for role in PLACE}
    commands = {kind.__name__ for kind in PlaceCommand.__subclasses__()}

    def sight(row: AuditRow) -> Sight:
        return Sight.WHOLE if row.role in roles or row.command in commands else Sight.HASH

    return sight


def _concerns(uow: UnitOfWork, principal: Principal) -> frozenset[str]:
    """The registration with its company, and everything on the market place that it has a side in."""
    own = uow.find(Registration, id=principal.party_id)
    side = "provider_id" if principal.role is Role.PROVIDER else "requester_id"
    kinds: tuple[type[Any], ...] = (Subscription, Proposal, ServiceAlarm)
    kinds += (ServiceOffer,) if principal.role is Role.PROVIDER else (ServiceRequest,)
    held = (one.id for kind in kinds for one in uow.find(kind, **{side: principal.party_id}))
    return frozenset((principal.party_id, *(one.company_id for one in own), *held))
