"""Alarms and their answers."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Path, Query

from app.queries.models import ListAlarms
from app.rest.access import FromCaller
from app.rest.alarms_schemas import AlarmFilter, AlarmOut, ShelveIn
from app.rest.fields import Id
from app.rest.schemas import Items
from app.rest.strict import StrictRoute
from domain.commands import AcknowledgeAlarm, Command, ShelveAlarm, UnshelveAlarm
from domain.flexibility.alarms import Alarm
from domain.ids import AlarmId, RegionId

router = APIRouter(route_class=StrictRoute, tags=["alarms"])
PathId = Annotated[Id, Path()]


@router.get("/alarms")
def list_alarms(caller: FromCaller, where: Annotated[AlarmFilter, Query()]) -> Items[AlarmOut]:
    """Alarms that the caller may see; what asks for an answer first, then by priority."""
    rows = caller.query(
        ListAlarms(
            region_id=RegionId(where.region_id) if where.region_id else None,
            delivery_day=where.delivery_day,
            with_cleared=where.with_cleared,
        )
    )
    return Items(items=[AlarmOut.model_validate(row) for row in rows])


@router.post("/alarms/{alarm_id}/acknowledge")
def acknowledge(caller: FromCaller, alarm_id: PathId) -> AlarmOut:
    """DSO: it was seen and is being dealt with."""
    return _done(caller, AcknowledgeAlarm(alarm_id=AlarmId(alarm_id)))


@router.post("/alarms/{alarm_id}/shelve")
def shelve(caller: FromCaller, alarm_id: PathId, body: ShelveIn) -> AlarmOut:
    """DSO: put it aside until a market time."""
    return _done(caller, ShelveAlarm(alarm_id=AlarmId(alarm_id), until=body.until, reason=body.reason))


@router.post("/alarms/{alarm_id}/unshelve")
def unshelve(caller: FromCaller, alarm_id: PathId) -> AlarmOut:
    """DSO: it asks again."""
    return _done(caller, UnshelveAlarm(alarm_id=AlarmId(alarm_id)))


def _done(caller: FromCaller, command: Command) -> AlarmOut:
    return AlarmOut.model_validate(cast(Alarm, caller.execute(command)))
