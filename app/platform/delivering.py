"""What of an agreement's values goes out: cut to what is allowed at this moment, in parts of bounded size."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice

from app.platform.allowing import allowing
from app.platform.values.rules import least_pods
from app.platform.values.series import aggregates, series_of
from domain.errors import refuse
from domain.ids import DeliveryId, PodId
from domain.marketplace.words import (
    AggregationLevel,
    AggregationMethod,
    PlatformRole,
    Quantity,
    ServiceType,
    TimeStep,
)
from domain.parties import Principal
from domain.platform.activations import ServiceAgreement
from domain.platform.deliveries import MAX_SERIES, MAX_VALUES, Delivery, SentSeries
from domain.platform.grid import midnight
from domain.platform.pods import Pod
from domain.platform.subscriptions import PlatformSubscription
from domain.ports import UnitOfWork
from domain.time import DeliveryDay, Interval, market_day

NEAR_REAL_TIME = timedelta(hours=1)
"""The period of a delivery where values are pushed as they come; else the market's day."""


@dataclass(frozen=True, kw_only=True)
class Period:
    start: datetime
    end: datetime


@dataclass(frozen=True, kw_only=True)
class Part:
    """Series with the same starts [n]."""

    starts: tuple[datetime, ...]
    series: tuple[SentSeries, ...]


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """`members`: the PoDs behind aggregates."""

    parts: tuple[Part, ...]
    members: tuple[PodId, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Asked:
    level: AggregationLevel
    method: AggregationMethod
    quantity: Quantity
    time_step: TimeStep
    start: datetime
    end: datetime
    pod_ids: tuple[PodId, ...]
    localisation: tuple[str, ...] = ()


def period_at(instant: datetime, near_real_time: bool, step: TimeStep) -> Period:
    """The delivery period that an instant is in."""
    if near_real_time and step is not TimeStep.DAY:
        start = instant - timedelta(
            minutes=instant.minute, seconds=instant.second, microseconds=instant.microsecond
        )
        return Period(start=start, end=start + NEAR_REAL_TIME)
    day = DeliveryDay(day=market_day(instant))
    return Period(start=day.start, end=day.end)


def own_delivery(uow: UnitOfWork, principal: Principal, delivery_id: DeliveryId, side: PlatformRole) -> Delivery:
    """A delivery of the registration that asks. Raises `Refused`: `not_found`, also for another registration's."""
    found = uow.find(Delivery, id=delivery_id, side=side)
    if not found or uow.get(PlatformSubscription, found[0].subscription_id).own_id != principal.party_id:
        raise refuse("not_found", "delivery_id", "There is no such delivery.")
    return found[0]


def outgoing(
    uow: UnitOfWork, agreement: ServiceAgreement, subscription: PlatformSubscription, period: Period
) -> Outgoing:
    """Everything of a period that may go out now; nothing where nothing may.

    Raises:
        Refused: `wrong_time_step` and others where the stored values do not make what was agreed, `too_few_pods`.
    """
    description = subscription.description(agreement.description_id)
    if description is None:
        return Outgoing(parts=())
    whole = Interval(start=period.start, end=period.end)
    allowed = {
        pod_id: cut
        for pod_id, intervals in allowing(uow, agreement).items()
        if (cut := tuple(part for interval in intervals if (part := interval.cut(whole)) is not None))
    }
    individual = description.service_type is ServiceType.INDIVIDUAL_DATA and agreement.selection.individual
    if individual:
        return Outgoing(parts=tuple(_individual(uow, agreement, allowed, period)))
    if agreement.selection.individual:
        return Outgoing(parts=())
    members = tuple(sorted(pod_id for pod_id, cut in allowed.items() if cut == (whole,)))
    return Outgoing(parts=tuple(_aggregated(uow, agreement, members, period)), members=members)


def _individual(
    uow: UnitOfWork,
    agreement: ServiceAgreement,
    allowed: Mapping[PodId, tuple[Interval, ...]],
    period: Period,
) -> Iterator[Part]:
    names, selection = agreement.names, agreement.selection
    ordered = iter(sorted(allowed))
    while some := tuple(islice(ordered, MAX_SERIES)):
        by_country: dict[str, list[Pod]] = {}
        for pod in uow.find(Pod, id=some):
            by_country.setdefault(pod.country, []).append(pod)
        for pods in by_country.values():
            start, end = _edges(pods[0], selection.time_step, period)
            found = tuple(series_of(uow, pods, selection.quantity, selection.time_step, start, end))
            starts = found[0].starts
            open_steps = {one.pod_id: _open_steps(starts, end, allowed[one.pod_id]) for one in found}
            series = tuple(
                SentSeries(name=names[one.pod_id], values=_masked(one.values, open_steps[one.pod_id]))
                for one in found
                if any(open_steps[one.pod_id])
            )
            size = max(1, MAX_VALUES // len(starts))
            for at in range(0, len(series), size):
                yield Part(starts=starts, series=series[at : at + size])


def _edges(pod: Pod, step: TimeStep, period: Period) -> tuple[datetime, datetime]:
    """Values of days are of the country's own day of the same date."""
    if step is not TimeStep.DAY:
        return period.start, period.end
    day = market_day(period.start)
    return midnight(day, pod.zone), midnight(day + timedelta(days=1), pod.zone)


def _open_steps(starts: Sequence[datetime], end: datetime, intervals: Sequence[Interval]) -> tuple[bool, ...]:
    """Of each value, whether it may go out: only if all its time may."""
    ends = [*starts[1:], end]
    return tuple(
        any(i.start <= at and until <= i.end for i in intervals) for at, until in zip(starts, ends, strict=True)
    )


def _masked(values: Sequence[Decimal | None], open_steps: Sequence[bool]) -> tuple[Decimal | None, ...]:
    return tuple(value if may else None for value, may in zip(values, open_steps, strict=True))


def _aggregated(
    uow: UnitOfWork, agreement: ServiceAgreement, members: tuple[PodId, ...], period: Period
) -> Iterator[Part]:
    selection = agreement.selection
    last_day = market_day(period.end - timedelta(seconds=1))
    if not members or not uow.values.steps(selection.quantity, market_day(period.start), last_day):
        return
    zones = {pod.country: pod for pod in uow.find(Pod, id=members)}
    start, end = _edges(next(iter(zones.values())), selection.time_step, period)
    asked = _Asked(
        level=selection.aggregation_level,
        method=selection.aggregation_method,
        quantity=selection.quantity,
        time_step=selection.time_step,
        start=start,
        end=end,
        pod_ids=members,
    )
    found = aggregates(uow, asked, least_pods(uow))
    first = next(found, None)
    if first is None:
        return
    size = max(1, min(MAX_SERIES, MAX_VALUES // len(first.starts)))
    series = [first, *found]
    for at in range(0, len(series), size):
        yield Part(
            starts=first.starts,
            series=tuple(
                SentSeries(name=one.name, values=one.values, n_pods=one.n_pods) for one in series[at : at + size]
            ),
        )


def packed_members(members: Sequence[PodId]) -> bytes:
    return zlib.compress("\n".join(members).encode("ascii")) if members else b""


def tells_of_few(members: Sequence[PodId], before: Sequence[bytes], least: int) -> bool:
    """Whether the difference to an aggregate of the same time that was sent before would tell of a few PoDs."""
    now = frozenset(members)
    for packed in before:
        then = frozenset(zlib.decompress(packed).decode("ascii").split("\n")) if packed else frozenset()
        if then and 0 < len(now ^ then) < least:
            return True
    return False
