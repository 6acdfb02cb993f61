"""Letters about alarms on a platform's services."""

from __future__ import annotations

from collections.abc import Iterator

from app.letters.names import Letter, in_role
from domain.events.platform import OwnAlarmChanged
from domain.lifecycle import AlarmState
from domain.marketplace.service_alarms import ServiceAlarm
from domain.parties import Role
from domain.ports import UnitOfWork


def changed(uow: UnitOfWork, event: OwnAlarmChanged) -> Iterator[Letter]:
    """The company's registrations are told of what asks for an answer."""
    if event.state != AlarmState.RAISED.value:
        return
    alarm = uow.get(ServiceAlarm, event.alarm_id)
    sentence = f"{alarm.kind.value.capitalize()} ({alarm.subject}): {alarm.detail}"
    yield Letter(to=in_role(uow, Role.PROVIDER, Role.REQUESTER), sentence=sentence)
