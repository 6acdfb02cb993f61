"""Which of an agreement's periods are to be delivered now, and until when all were."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice, zip_longest

from app.platform.delivering import Period, period_at, span, zone_of_days
from app.platform.values.presence import any_value
from domain.commands.platform import MakeDelivery
from domain.marketplace.words import PlatformRole, ServiceType, TimeStep
from domain.platform.activations import AgreementState, ServiceAgreement
from domain.platform.deliveries import Delivery, DeliveryMark
from domain.platform.subscriptions import PlatformSubscription
from domain.ports import UnitOfWork
from domain.time import Interval, market_day

MOST_AT_ONCE = 20
"""Deliveries that one poll makes."""
PERIODS_AT_ONCE = 100
LOOKED_AT = 500
"""Of so many PoDs of an agreement it is asked whether they have values yet; or of up to twice as many."""
_PROVIDER = PlatformRole.PROVIDER


def due(uow: UnitOfWork) -> tuple[MakeDelivery, ...]:
    """Deliveries to be made now: of periods that are over and have values, or are late; and revisions. Agreements
    take turns, so that one whose deliveries fail delays no other."""
    agreements = uow.find(ServiceAgreement, side=_PROVIDER, state=AgreementState.IN_FORCE)
    queues = [_due_of(uow, agreement) for agreement in agreements if agreement.in_force(uow.market)]
    turns = (command for turn in zip_longest(*queues) for command in turn if command is not None)
    return tuple(islice(turns, MOST_AT_ONCE))


def _due_of(uow: UnitOfWork, agreement: ServiceAgreement) -> list[MakeDelivery]:
    subscription = uow.get(PlatformSubscription, agreement.subscription_id)
    data = agreement.data_period
    if not subscription.in_force(uow.market) or data is None:
        return []
    outdated = uow.find_bare(Delivery, side=_PROVIDER, agreement_id=agreement.id, outdated=True)
    again = {Period(start=one.period_start, end=one.period_end) for one in outdated}
    again = {period for period in again if data.start < period.end and period.start < data.end}
    steps: dict[date, frozenset[TimeStep]] = {}
    ready = (
        period
        for period in _undelivered(uow, agreement, subscription)
        if _is_ready(uow, agreement, subscription, period, steps)
    )
    some = sorted((*again, *islice(ready, MOST_AT_ONCE)), key=lambda period: period.start)
    return [
        MakeDelivery(agreement_id=agreement.id, period_start=period.start, period_end=period.end)
        for period in some[:MOST_AT_ONCE]
    ]


def _periods(
    uow: UnitOfWork, agreement: ServiceAgreement, subscription: PlatformSubscription, at: datetime
) -> Iterator[Period]:
    """The agreement's delivery periods from an instant on that are over, oldest first."""
    data, step = agreement.data_period, agreement.selection.time_step
    description = subscription.description(agreement.description_id)
    if data is None or description is None or description.service_type is ServiceType.ENERGY_SERVICE:
        return  # such a service has no values
    zone = zone_of_days(uow, agreement)
    while at < data.end:
        period = period_at(at, description.near_real_time, step)
        if span(period, step, zone).end > uow.market:
            return
        yield period
        at = period.end


def _undelivered(
    uow: UnitOfWork, agreement: ServiceAgreement, subscription: PlatformSubscription
) -> Iterator[Period]:
    """Those that were never delivered. Looked for from the mark on, so that history costs nothing."""
    data = agreement.data_period
    if data is None:
        return
    over = _periods(uow, agreement, subscription, _delivered_until(_mark_of(uow, agreement), data))
    while some := tuple(islice(over, PERIODS_AT_ONCE)):
        asked = tuple(period.start for period in some)
        made = set(
            uow.pick(Delivery, "period_start", side=_PROVIDER, agreement_id=agreement.id, period_start=asked)
        )
        yield from (period for period in some if (period.start,) not in made)


def _mark_of(uow: UnitOfWork, agreement: ServiceAgreement) -> DeliveryMark | None:
    found = uow.find(DeliveryMark, id=agreement.id)
    return found[0] if found else None


def _delivered_until(mark: DeliveryMark | None, data: Interval) -> datetime:
    """A mark counts for data that begin where they did when it was set: a refreshed agreement may ask for more."""
    return mark.until if mark is not None and mark.since == data.start else data.start


def note_delivered(
    uow: UnitOfWork, agreement: ServiceAgreement, subscription: PlatformSubscription, last: Period
) -> None:
    """Set the mark at the first period that is left; `last` was the last one to be delivered."""
    data, mark = agreement.data_period, _mark_of(uow, agreement)
    if data is None:
        return
    at = _delivered_until(mark, data)
    left = next(_undelivered(uow, agreement, subscription), None)
    until = max(at, last.end if left is None else left.start)
    if mark is None:
        uow.add(DeliveryMark(id=agreement.id, since=data.start, until=until))
    elif (mark.since, mark.until) != (data.start, until):
        uow.save(replace(mark, since=data.start, until=until))


def due_at(
    uow: UnitOfWork, agreement: ServiceAgreement, subscription: PlatformSubscription, period: Period
) -> datetime:
    over = span(period, agreement.selection.time_step, zone_of_days(uow, agreement)).end
    first = max(over, agreement.starts_at, agreement.validated_at)
    return first + timedelta(minutes=subscription.content.terms.max_delay_minutes)


def _is_ready(
    uow: UnitOfWork,
    agreement: ServiceAgreement,
    subscription: PlatformSubscription,
    period: Period,
    steps: dict[date, frozenset[TimeStep]],
) -> bool:
    """Whether there are values, or it is late. `steps`: of days that were looked at, kept here."""
    if uow.market >= due_at(uow, agreement, subscription, period):
        return True
    quantity, day = agreement.selection.quantity, market_day(period.start)
    if day not in steps:
        steps[day] = uow.values.steps(quantity, day - timedelta(days=1), day + timedelta(days=1))
    if not steps[day]:
        return False
    zone = zone_of_days(uow, agreement)
    whole = span(period, agreement.selection.time_step, zone)
    pods = agreement.pod_ids[:: max(1, len(agreement.pod_ids) // LOOKED_AT)]
    return any_value(uow, quantity, steps[day], whole, zone, sorted(pods))
