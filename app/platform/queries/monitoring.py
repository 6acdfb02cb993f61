"""Alarms about the platform's services and messages."""

from __future__ import annotations

from app.platform.concerning import concerns
from app.queries.models.platform import ListOwnAlarms
from app.queries.service_alarms import ranked
from domain.marketplace.service_alarms import ServiceAlarm
from domain.parties import Principal
from domain.ports import UnitOfWork


def list_alarms(uow: UnitOfWork, principal: Principal, query: ListOwnAlarms) -> tuple[ServiceAlarm, ...]:
    own = filter(concerns(uow, principal.party_id), uow.find(ServiceAlarm))
    return ranked(own, with_cleared=query.with_cleared)
