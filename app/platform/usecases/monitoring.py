"""A provider's platform reports how its services run, and watches them itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from app.platform.concerning import concerns
from app.transport.sending import send
from app.usecases import service_alarms
from domain.commands import Command
from domain.commands.platform import (
    AcknowledgeOwnAlarm,
    FollowOwnServices,
    SendInterim,
    ShelveOwnAlarm,
    UnshelveOwnAlarm,
)
from domain.errors import refuse
from domain.events.platform import OwnAlarmChanged
from domain.flexibility.alarms import Priority
from domain.ids import AlarmId
from domain.marketplace.notices import InterimNotice
from domain.marketplace.service_alarms import Cause, Latest, ServiceAlarm, ServiceAlarmKind, causes
from domain.marketplace.words import PlatformRole, ServiceState
from domain.paging import Slice, falling
from domain.parties import Principal
from domain.platform.company import MARKET_PLACE
from domain.platform.deliveries import Delivery, DeliveryState, punctual
from domain.platform.interim import InterimMark
from domain.platform.subscriptions import PlatformSubscription, SubscriptionStanding
from domain.ports import UnitOfWork
from domain.transport import MessageState, OutgoingMessage

READ_AT_ONCE = 200
"""Deliveries."""
INTERIM = "/eu-mp-notifications/v1/service/interim"
_SENT = (DeliveryState.SENT, DeliveryState.ACKNOWLEDGED)
_MILLIONTH = Decimal("0.000001")


def reports_due(uow: UnitOfWork) -> Iterator[Command]:
    """Reports whose time has come."""
    for subscription in _provided(uow):
        if _time_to_tell(uow, subscription, _mark_of(uow, subscription)):
            yield SendInterim(subscription_id=subscription.id)


def alarms_due(uow: UnitOfWork) -> Iterator[Command]:
    """The alarms where something has changed."""
    if service_alarms.changes(uow, _causes(uow)):
        yield FollowOwnServices()


def send_interim(uow: UnitOfWork, _principal: Principal, command: SendInterim) -> InterimNotice:
    """Tell the market place how the service ran since it was told last.

    Raises:
        Refused: `not_found`; `wrong_state` for a subscription that is not provided here now, or before it is time.
    """
    subscription = uow.get(PlatformSubscription, command.subscription_id)
    if subscription.side is not PlatformRole.PROVIDER or not subscription.in_force(uow.market):
        raise refuse("wrong_state", "subscription_id", "This platform does not provide it now.")
    mark = _mark_of(uow, subscription)
    if not _time_to_tell(uow, subscription, mark):
        raise refuse("wrong_state", "subscription_id", "The next report is not due yet.")
    notice = notice_of(uow, subscription, _told_until(subscription, mark))
    send(uow, to=MARKET_PLACE, stream=subscription.id, path=INTERIM, body=notice)
    if mark is not None:
        uow.save(replace(mark, at=uow.market))
    else:
        uow.add(InterimMark(id=subscription.id, at=uow.market))
    return notice


def notice_of(uow: UnitOfWork, subscription: PlatformSubscription, since: datetime) -> InterimNotice:
    """Counts of what fell between `since` (not itself) and now. Periods of which nothing might go out, for want of
    consent or of enough points of delivery, were not due."""
    now = uow.market
    made = _between(uow, subscription, "sent_at", since)
    sent = [delivery for delivery in made if delivery.state in _SENT]
    acknowledged = _between(uow, subscription, "acknowledged_at", since, state=DeliveryState.ACKNOWLEDGED)
    judged = [in_time for each in _due(uow, subscription, since, made) if (in_time := punctual(each)) is not None]
    share = (Decimal(sum(judged)) / len(judged)).quantize(_MILLIONTH, ROUND_HALF_EVEN) if judged else None
    promised = subscription.content.terms.availability_share
    return InterimNotice(
        subscription_id=subscription.id,
        state=ServiceState.DEGRADED if share is not None and share < promised else ServiceState.RUNNING,
        at=now,
        n_delivered=len(sent),
        n_acknowledged=len(acknowledged),
        n_overdue=len(judged) - sum(judged),
        in_time_share=share,
        last_delivery_at=max((delivery.sent_at for delivery in sent), default=None),
    )


def _due(
    uow: UnitOfWork, subscription: PlatformSubscription, since: datetime, made: Sequence[Delivery]
) -> Iterator[list[Delivery]]:
    """The revisions of each period that was due since; and of those that were due before and are looked at only
    now, as the platform stood still."""
    periods: dict[tuple[str, datetime], list[Delivery]] = {}
    for delivery in _between(uow, subscription, "due_at", since):
        periods.setdefault((delivery.agreement_id, delivery.period_start), []).append(delivery)
    for revisions in periods.values():
        revisions.sort(key=lambda delivery: delivery.revision)
        if revisions[0].revision == 0:
            yield revisions
    yield from ([delivery] for delivery in made if delivery.revision == 0 and delivery.due_at <= since)


def _between(
    uow: UnitOfWork, subscription: PlatformSubscription, field: str, since: datetime, **equal: object
) -> list[Delivery]:
    """Deliveries whose instant `field` is after `since` and not after now, the newest first, part by part: those
    before are not read, however long the history is."""
    where = {"side": PlatformRole.PROVIDER, "subscription_id": subscription.id, **equal}
    order = falling(field, "id")
    found: list[Delivery] = []
    after: tuple[object, ...] | None = None
    while True:
        some = uow.part(Delivery, Slice(order=order, limit=READ_AT_ONCE, after=after), where)
        found += [one for one in some if since < getattr(one, field) <= uow.market]
        if len(some) < READ_AT_ONCE or getattr(some[-1], field) <= since:
            return found
        after = getattr(some[-1], field), some[-1].id


def _mark_of(uow: UnitOfWork, subscription: PlatformSubscription) -> InterimMark | None:
    marks = uow.find(InterimMark, id=subscription.id)
    return marks[0] if marks else None


def _told_until(subscription: PlatformSubscription, mark: InterimMark | None) -> datetime:
    """Until when the market place was told; from the start of the subscription before it was."""
    content = subscription.content
    return mark.at if mark is not None else max(content.starts_at, content.validated_at)


def follow_own(uow: UnitOfWork, _principal: Principal, _command: FollowOwnServices) -> int:
    """How many alarms are new or changed."""
    return service_alarms.bring_up(uow, _causes(uow), _told)


def acknowledge(uow: UnitOfWork, principal: Principal, command: AcknowledgeOwnAlarm) -> ServiceAlarm:
    """Raises `Refused`: `not_found`, `wrong_state`."""
    return service_alarms.acknowledge(uow, principal, _alarm(uow, principal, command.alarm_id), _told)


def shelve(uow: UnitOfWork, principal: Principal, command: ShelveOwnAlarm) -> ServiceAlarm:
    """Raises `Refused`: `not_found`, `wrong_state`; findings on time and reason."""
    alarm = _alarm(uow, principal, command.alarm_id)
    return service_alarms.shelve(uow, principal, alarm, command.until, command.reason, _told)


def unshelve(uow: UnitOfWork, principal: Principal, command: UnshelveOwnAlarm) -> ServiceAlarm:
    """Raises `Refused`: `not_found`, `wrong_state`."""
    return service_alarms.unshelve(uow, _alarm(uow, principal, command.alarm_id), _told)


def _alarm(uow: UnitOfWork, principal: Principal, id: AlarmId) -> ServiceAlarm:
    found = [alarm for alarm in uow.find(ServiceAlarm, id=id) if concerns(uow, principal.party_id)(alarm)]
    if not found:
        raise refuse("not_found", "alarm_id", "There is no such alarm, or it is not yours to answer.")
    return found[0]


def _provided(uow: UnitOfWork) -> list[PlatformSubscription]:
    active = uow.find(PlatformSubscription, side=PlatformRole.PROVIDER, state=SubscriptionStanding.ACTIVE)
    return [subscription for subscription in active if subscription.in_force(uow.market)]


def _time_to_tell(uow: UnitOfWork, subscription: PlatformSubscription, mark: InterimMark | None) -> bool:
    """An interval after it was told last; the first time as soon as a delivery is acknowledged."""
    if uow.market >= _told_until(subscription, mark) + _interval(subscription):
        return True
    if mark is not None:
        return False
    taken = {"side": PlatformRole.PROVIDER, "state": DeliveryState.ACKNOWLEDGED}
    return uow.count(Delivery, {**taken, "subscription_id": subscription.id}) > 0


def _interval(subscription: PlatformSubscription) -> timedelta:
    return timedelta(hours=subscription.content.terms.interim_hours)


def _causes(uow: UnitOfWork) -> list[Cause]:
    own = [cause for subscription in _provided(uow) for cause in _of_service(uow, subscription)]
    return [*own, *_of_messages(uow)]


def _of_service(uow: UnitOfWork, subscription: PlatformSubscription) -> list[Cause]:
    """As the market place judges it, over the last two intervals."""
    terms = subscription.content.terms
    notice = notice_of(uow, subscription, uow.market - 2 * _interval(subscription))
    latest = Latest(
        at=_told_until(subscription, _mark_of(uow, subscription)),
        n_overdue=notice.n_overdue,
        in_time_share=notice.in_time_share,
    )
    own, peer = subscription.own_id, subscription.peer_id
    return causes(subscription.id, own, peer, terms, subscription.content.starts_at, latest, uow.market)


def _of_messages(uow: UnitOfWork) -> list[Cause]:
    """Streams that a dead letter stops, by addressee."""
    dead = uow.find(OutgoingMessage, state=MessageState.DEAD)
    return [
        Cause(
            kind=ServiceAlarmKind.DEAD_LETTER,
            subject=stream,
            provider_id=addressee,
            requester_id=None,
            priority=Priority.ALARM,
            detail="A message to this platform was not taken; those behind it wait.",
        )
        for addressee, stream in sorted({(message.addressee_id, message.stream) for message in dead})
    ]


def _told(alarm: ServiceAlarm) -> OwnAlarmChanged:
    return OwnAlarmChanged(
        alarm_id=alarm.id,
        provider_id=alarm.provider_id,
        requester_id=alarm.requester_id,
        state=alarm.state.value,
    )
