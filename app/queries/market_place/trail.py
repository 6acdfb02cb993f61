"""The market place's audit trail: the operator sees what belongs to the market place, players their part."""

from __future__ import annotations

from app.queries.market_place.monitoring import own_subscriptions
from app.queries.models.base import Part
from app.queries.models.place import ExportPlaceTrail, ListPlaceTrail
from app.queries.trails import SightOf, exported, of_a_party, page
from domain.commands.place import PlaceCommand
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
    return of_a_party(principal, subscriptions_of(uow, principal))


def _operators() -> SightOf:
    """What players and the operator do, and what the market place does by itself; the flexibility market stands in
    the same trail and is not the operator's."""
    roles = {role.value for role in PLACE}
    commands = {kind.__name__ for kind in PlaceCommand.__subclasses__()}

    def sight(row: AuditRow) -> Sight:
        return Sight.WHOLE if row.role in roles or row.command in commands else Sight.HASH

    return sight


def subscriptions_of(uow: UnitOfWork, principal: Principal) -> frozenset[str]:
    return frozenset(subscription.id for subscription in own_subscriptions(uow, principal))
