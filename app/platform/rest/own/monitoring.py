"""Alarms about the platform's own services and messages."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from app.queries.models.platform import ListOwnAlarms
from app.rest.access import FromCaller
from app.rest.fields import Id
from app.rest.paging import FromPager, only
from app.rest.schemas import Page
from app.rest.service_alarms import (
    SERVICE_ALARMS,
    ServiceAlarmFilter,
    ServiceAlarmOut,
    ShelveServiceAlarmIn,
)
from app.rest.strict import StrictRoute
from app.rest.tags import FromChanger, tag
from domain.commands.platform import AcknowledgeOwnAlarm, ShelveOwnAlarm, UnshelveOwnAlarm
from domain.ids import AlarmId
from domain.marketplace.service_alarms import ServiceAlarm

router = APIRouter(route_class=StrictRoute, tags=["monitoring"])
PathId = Annotated[Id, Path()]


@router.get("/service-alarms", name="own_service_alarms")
def list_alarms(
    caller: FromCaller, pager: FromPager, where: Annotated[ServiceAlarmFilter, Query()]
) -> Page[ServiceAlarmOut]:
    """What asks for an answer comes first."""
    rows = caller.query(ListOwnAlarms(with_cleared=where.with_cleared))
    return pager.page(SERVICE_ALARMS, where, rows, ServiceAlarmOut.of)


@router.get("/service-alarms/{alarm_id}", name="own_service_alarm")
def get_alarm(caller: FromCaller, alarm_id: PathId, response: Response) -> ServiceAlarmOut:
    """One alarm."""
    rows: Any = caller.query(ListOwnAlarms(with_cleared=True))
    alarm = only(rows, "alarm_id", lambda row: bool(row.id == alarm_id))
    tag(response, alarm.version)
    return ServiceAlarmOut.of(alarm)


@router.post("/service-alarms/{alarm_id}/acknowledge", name="own_acknowledge_service_alarm")
def acknowledge(caller: FromChanger, alarm_id: PathId) -> ServiceAlarmOut:
    """It was seen and is being dealt with."""
    command = AcknowledgeOwnAlarm(alarm_id=AlarmId(alarm_id))
    return ServiceAlarmOut.of(caller.change(command, ServiceAlarm, id=command.alarm_id))


@router.post("/service-alarms/{alarm_id}/shelve", name="own_shelve_service_alarm")
def shelve(caller: FromChanger, alarm_id: PathId, body: ShelveServiceAlarmIn) -> ServiceAlarmOut:
    """Put it aside until a market time."""
    command = ShelveOwnAlarm(alarm_id=AlarmId(alarm_id), until=body.until, reason=body.reason)
    return ServiceAlarmOut.of(caller.change(command, ServiceAlarm, id=command.alarm_id))


@router.post("/service-alarms/{alarm_id}/unshelve", name="own_unshelve_service_alarm")
def unshelve(caller: FromChanger, alarm_id: PathId) -> ServiceAlarmOut:
    """It asks for an answer again."""
    command = UnshelveOwnAlarm(alarm_id=AlarmId(alarm_id))
    return ServiceAlarmOut.of(caller.change(command, ServiceAlarm, id=command.alarm_id))
