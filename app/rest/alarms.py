"""Alarms and their answers."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Path, Query, Response

from app.queries.models import ListAlarms
from app.rest.access import FromCaller
from app.rest.alarms_schemas import AlarmFilter, AlarmOut, ShelveIn
from app.rest.fields import Id
from app.rest.paging import FromPager, Listing, only
from app.rest.schemas import Page
from app.rest.strict import StrictRoute
from app.rest.tags import Changer, FromChanger, tag
from domain.commands import AcknowledgeAlarm, ShelveAlarm, UnshelveAlarm
from domain.flexibility.alarms import Alarm
from domain.ids import AlarmId, RegionId

router = APIRouter(route_class=StrictRoute, tags=["alarms"])
PathId = Annotated[Id, Path()]
ALARMS = Listing(AlarmOut)


@router.get("/alarms")
def list_alarms(caller: FromCaller, pager: FromPager, where: Annotated[AlarmFilter, Query()]) -> Page[AlarmOut]:
    """Alarms that the caller may see; what asks for an answer first, then by priority."""
    rows = caller.query(
        ListAlarms(
            region_id=RegionId(where.region_id) if where.region_id else None,
            delivery_day=where.delivery_day,
            with_cleared=where.with_cleared,
        )
    )
    return pager.page(ALARMS, where, rows, AlarmOut.model_validate)


@router.get("/alarms/{alarm_id}")
def get_alarm(caller: FromCaller, alarm_id: PathId, response: Response) -> AlarmOut:
    """One alarm."""
    alarm = only(caller.query(ListAlarms(with_cleared=True)), "alarm_id", lambda row: row.id == alarm_id)
    tag(response, alarm.version)
    return AlarmOut.model_validate(alarm)


@router.post("/alarms/{alarm_id}/acknowledge")
def acknowledge_alarm(caller: FromChanger, alarm_id: PathId) -> AlarmOut:
    """DSO: it was seen and is being dealt with."""
    return _done(caller, AcknowledgeAlarm(alarm_id=AlarmId(alarm_id)))


@router.post("/alarms/{alarm_id}/shelve")
def shelve_alarm(caller: FromChanger, alarm_id: PathId, body: ShelveIn) -> AlarmOut:
    """DSO: put it aside until a market time."""
    return _done(caller, ShelveAlarm(alarm_id=AlarmId(alarm_id), until=body.until, reason=body.reason))


@router.post("/alarms/{alarm_id}/unshelve")
def unshelve_alarm(caller: FromChanger, alarm_id: PathId) -> AlarmOut:
    """DSO: it asks again."""
    return _done(caller, UnshelveAlarm(alarm_id=AlarmId(alarm_id)))


def _done(caller: Changer, command: AcknowledgeAlarm | ShelveAlarm | UnshelveAlarm) -> AlarmOut:
    return AlarmOut.model_validate(cast(Alarm, caller.change(command, Alarm, id=command.alarm_id)))
