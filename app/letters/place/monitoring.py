"""Letters about alarms on services."""

from __future__ import annotations

from collections.abc import Iterator

from app.letters.names import Letter, in_role
from domain.events.place import ServiceAlarmChanged
from domain.lifecycle import AlarmState
from domain.marketplace.service_alarms import ServiceAlarm
from domain.parties import Role
from domain.ports import UnitOfWork


def changed(uow: UnitOfWork, event: ServiceAlarmChanged) -> Iterator[Letter]:
    """The operator and both sides are told of what asks for an answer; all else stands on their pages."""
    if event.state != AlarmState.RAISED.value:
        return
    alarm = uow.get(ServiceAlarm, event.alarm_id)
    sides = (event.provider_id, *((event.requester_id,) if event.requester_id else ()))
    sentence = f"{alarm.kind.value.capitalize()} ({alarm.subject}): {alarm.detail}"
    link = f"/place/monitoring?alarm={alarm.id}"
    yield Letter(to=(*in_role(uow, Role.PLACE_OPERATOR), *sides), sentence=sentence, link=link)
