"""The market place watches services by what it is told, and by what it is not told in time."""

from __future__ import annotations

from app.usecases import service_alarms
from domain.commands.place import (
    AcknowledgeServiceAlarm,
    FollowServices,
    ShelveServiceAlarm,
    UnshelveServiceAlarm,
)
from domain.errors import refuse
from domain.events.place import ServiceAlarmChanged
from domain.flexibility.alarms import Priority
from domain.ids import AlarmId
from domain.marketplace.requests import Subscription, SubscriptionState
from domain.marketplace.service_alarms import Cause, Latest, ServiceAlarm, ServiceAlarmKind, causes
from domain.marketplace.told import InterimReport
from domain.paging import Slice
from domain.parties import Principal, Role
from domain.ports import UnitOfWork
from domain.transport import MessageState, OutgoingMessage

_NEWEST = Slice(order=(("at", True), ("id", True)), limit=1)


def due(uow: UnitOfWork) -> list[FollowServices]:
    """The command where it would change something."""
    return [FollowServices()] if service_alarms.changes(uow, _causes(uow)) else []


def follow_services(uow: UnitOfWork, _principal: Principal, _command: FollowServices) -> int:
    """How many alarms are new or changed."""
    return service_alarms.bring_up(uow, _causes(uow), _told)


def acknowledge(uow: UnitOfWork, principal: Principal, command: AcknowledgeServiceAlarm) -> ServiceAlarm:
    """Raises `Refused`: `not_found` for one that is not its own, `wrong_state`."""
    return service_alarms.acknowledge(uow, principal, _own(uow, principal, command.alarm_id), _told)


def shelve(uow: UnitOfWork, principal: Principal, command: ShelveServiceAlarm) -> ServiceAlarm:
    """Raises `Refused`: `not_found` for one that is not its own, `wrong_state`; findings on time and reason."""
    alarm = _own(uow, principal, command.alarm_id)
    return service_alarms.shelve(uow, principal, alarm, command.until, command.reason, _told)


def unshelve(uow: UnitOfWork, principal: Principal, command: UnshelveServiceAlarm) -> ServiceAlarm:
    """Raises `Refused`: `not_found` for one that is not its own, `wrong_state`."""
    return service_alarms.unshelve(uow, _own(uow, principal, command.alarm_id), _told)


def latest_of(uow: UnitOfWork, subscription: Subscription) -> InterimReport | None:
    """The last interim report on a subscription."""
    return next(iter(uow.part(InterimReport, _NEWEST, {"subscription_id": subscription.id})), None)


def _causes(uow: UnitOfWork) -> list[Cause]:
    active = uow.find(Subscription, state=SubscriptionState.ACTIVE)
    return [*(cause for one in active for cause in _of_service(uow, one)), *_of_messages(uow)]


def _of_service(uow: UnitOfWork, subscription: Subscription) -> list[Cause]:
    content = subscription.content
    since = max(content.starts_at, content.validated_at)
    if subscription.ended(uow.market) or uow.market < since:
        return []
    report = latest_of(uow, subscription)
    latest = Latest(at=None) if report is None else _latest(report)
    who = subscription.provider_id, subscription.requester_id
    return causes(subscription.id, *who, content.terms, since, latest, uow.market)


def _latest(report: InterimReport) -> Latest:
    return Latest(at=report.at, state=report.state, n_overdue=report.n_overdue, in_time_share=report.in_time_share)


def _of_messages(uow: UnitOfWork) -> list[Cause]:
    """Streams that a dead letter stops, by addressee."""
    stopped = {(message.addressee_id, message.stream) for message in dead_letters(uow)}
    return [
        Cause(
            kind=ServiceAlarmKind.DEAD_LETTER,
            subject=stream,
            provider_id=addressee,
            requester_id=None,
            priority=Priority.ALARM,
            detail="A message to this player's platform was not taken; those behind it wait.",
        )
        for addressee, stream in sorted(stopped)
    ]


def dead_letters(uow: UnitOfWork) -> tuple[OutgoingMessage, ...]:
    return uow.find(OutgoingMessage, state=MessageState.DEAD)


def _own(uow: UnitOfWork, principal: Principal, alarm_id: AlarmId) -> ServiceAlarm:
    """Of the operator all, of a provider those about its own services."""
    found = uow.find(ServiceAlarm, id=alarm_id)
    operator = principal.role is Role.PLACE_OPERATOR
    if not found or not (operator or found[0].provider_id == principal.party_id):
        raise refuse("not_found", "alarm_id", "There is no such alarm, or it is not yours to answer.")
    return found[0]


def _told(alarm: ServiceAlarm) -> ServiceAlarmChanged:
    return ServiceAlarmChanged(
        alarm_id=alarm.id,
        provider_id=alarm.provider_id,
        requester_id=alarm.requester_id,
        state=alarm.state.value,
    )
