"""Alarms of the grids that the asker may see."""

from __future__ import annotations

from app.queries import models as q
from app.queries.visibility import region_for, visible_regions
from domain.flexibility.alarms import RANKS, UNANSWERED, Alarm
from domain.lifecycle import AlarmState
from domain.parties import Principal, Role
from domain.ports import UnitOfWork
from domain.time import DeliveryDay

WATCHING = (Role.DSO, Role.TSO, Role.FMO)
_ORDER = (AlarmState.RAISED, AlarmState.RETURNED, AlarmState.ACKNOWLEDGED, AlarmState.SHELVED, AlarmState.CLEARED)


def list_alarms(uow: UnitOfWork, principal: Principal, query: q.ListAlarms) -> tuple[Alarm, ...]:
    """Raises `Refused`: `not_found` for a region that the asker may not see."""
    if query.region_id is not None:
        region_for(uow, principal, query.region_id)
    regions = {region.id for region in visible_regions(uow, principal)}
    asked = {"region_id": query.region_id, "delivery_day": query.delivery_day}
    found = uow.find(Alarm, **{key: value for key, value in asked.items() if value is not None})
    seen = [
        alarm
        for alarm in found
        if alarm.region_id in regions and (query.with_cleared or alarm.state is not AlarmState.CLEARED)
    ]
    return tuple(sorted(seen, key=_rank))


def _rank(alarm: Alarm) -> tuple[int, int, float, str]:
    beyond = abs(alarm.worst_value - alarm.limit_value) / alarm.limit_value
    return _ORDER.index(alarm.state), -RANKS.index(alarm.priority), -beyond, alarm.id


def count_open(uow: UnitOfWork, principal: Principal) -> int:
    """How many alarms ask for an answer on days that are not over, in regions of the asker; 0 for other roles."""
    if principal.role not in WATCHING:
        return 0
    regions = tuple(region.id for region in visible_regions(uow, principal))
    asking = uow.count_by(Alarm, "delivery_day", region_id=regions, state=UNANSWERED) if regions else {}
    return sum(n for day, n in asking.items() if uow.market < DeliveryDay(day=day).end)
