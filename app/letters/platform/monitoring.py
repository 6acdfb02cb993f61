"""Letters about alarms on a platform's services."""

from __future__ import annotations

from collections.abc import Iterator

from app.letters.names import Letter, in_role
from domain.events.platform import OwnAlarmChanged
from domain.ids import SubscriptionId
from domain.lifecycle import AlarmState
from domain.marketplace.service_alarms import ServiceAlarm
from domain.parties import Role
from domain.platform.subscriptions import PlatformSubscription
from domain.ports import UnitOfWork


def changed(uow: UnitOfWork, event: OwnAlarmChanged) -> Iterator[Letter]:
    """The registration whose subscription it is about is told of what asks for an answer; where it is about none,
    all of the company's are."""
    if event.state != AlarmState.RAISED.value:
        return
    alarm = uow.get(ServiceAlarm, event.alarm_id)
    sentence = f"{alarm.kind.value.capitalize()} ({alarm.subject}): {alarm.detail}"
    about = uow.find(PlatformSubscription, id=SubscriptionId(alarm.subject))
    to = tuple(one.own_id for one in about) or in_role(uow, Role.PROVIDER, Role.REQUESTER)
    yield Letter(to=to, sentence=sentence, link=f"/platform/alarms?alarm={alarm.id}")
