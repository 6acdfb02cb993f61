"""What of an agreement's values goes out: cut to what is allowed at this moment, in parts of bounded size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby, islice, pairwise
from zoneinfo import ZoneInfo

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
from domain.platform.pods import Pod, zone_of
from domain.platform.subscriptions import PlatformSubscription
from domain.ports import UnitOfWork
from domain.time import MARKET_ZONE, DeliveryDay, Interval, market_day

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
class Planned:
    """A part that is computed when it is asked for. `whole`: its time; `behind`: the place behind its last series
    (as `first` of `outgoing`)."""

    part: Callable[[], Part]
    whole: Interval
    behind: int


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """`parts` are looked for one by one; `members`: the PoDs behind aggregates."""

    parts: Iterable[Planned] = ()
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


def span(period: Period, step: TimeStep, zone: ZoneInfo) -> Interval:
    """The time of a period's values: those of whole days are of the country's own day of the same date."""
    if step is not TimeStep.DAY:
        return Interval(start=period.start, end=period.end)
    day = market_day(period.start)
    return Interval(start=midnight(day, zone), end=midnight(day + timedelta(days=1), zone))


def zone_of_days(uow: UnitOfWork, agreement: ServiceAgreement) -> ZoneInfo:
    """Whose days an agreement's deliveries follow: those of the country of its first PoD."""
    daily = agreement.selection.time_step is TimeStep.DAY
    found = uow.find(Pod, id=agreement.pod_ids[:1]) if daily else ()
    return found[0].zone if found else MARKET_ZONE


def period_starts(within: Interval) -> tuple[datetime, ...]:
    """When periods start that may hold values of this time: hours, and the market's days with one more at each
    end, as other countries' days reach into them."""
    first = market_day(within.start) - timedelta(days=1)
    n_days = (market_day(within.end) - first).days + 2
    found = {DeliveryDay(day=first + timedelta(days=k)).start for k in range(n_days)}
    at = period_at(within.start, True, TimeStep.HOUR).start
    while at < within.end:
        found.add(at)
        at += NEAR_REAL_TIME
    return tuple(sorted(found))


def own_delivery(uow: UnitOfWork, principal: Principal, delivery_id: DeliveryId, side: PlatformRole) -> Delivery:
    """A delivery of the registration that asks. Raises `Refused`: `not_found`, also for another registration's."""
    found = uow.find(Delivery, id=delivery_id, side=side)
    if not found or uow.get(PlatformSubscription, found[0].subscription_id).own_id != principal.party_id:
        raise refuse("not_found", "delivery_id", "There is no such delivery.")
    return found[0]


def outgoing(
    uow: UnitOfWork,
    agreement: ServiceAgreement,
    subscription: PlatformSubscription,
    period: Period,
    first: int = 0,
) -> Outgoing:
    """Everything of a period that may go out now; nothing where nothing may.

    first : the place where to begin, which no revocation moves: among the agreement's PoDs in their order, or
        among the aggregates

    Raises:
        Refused: `wrong_time_step` and others where the stored values do not make what was agreed, `too_few_pods`;
            of single PoDs when a part is asked for.
    """
    description = subscription.description(agreement.description_id)
    if description is None:
        return Outgoing()
    allowed = allowing(uow, agreement)
    individual = description.service_type is ServiceType.INDIVIDUAL_DATA and agreement.selection.individual
    if individual:
        return Outgoing(parts=_individual(uow, agreement, allowed, period, first))
    if agreement.selection.individual:
        return Outgoing()
    spans = _spans(uow, agreement, allowed, period)
    members = tuple(sorted(pod for pod, whole in spans.items() if _covers(allowed[pod], whole.start, whole.end)))
    if not members:
        return Outgoing()
    return Outgoing(parts=_aggregated(uow, agreement, members, spans[members[0]], first), members=members)


def _spans(
    uow: UnitOfWork, agreement: ServiceAgreement, pod_ids: Iterable[PodId], period: Period
) -> Mapping[PodId, Interval]:
    """The time of each PoD's values."""
    step = agreement.selection.time_step
    if step is not TimeStep.DAY:
        return dict.fromkeys(pod_ids, span(period, step, MARKET_ZONE))
    places = tuple(uow.pick(Pod, "id", "country", id=tuple(pod_ids)))
    of_country = {country: span(period, step, zone_of(country)) for country in {place[1] for place in places}}
    return {pod_id: of_country[country] for pod_id, country in places}


def _covers(intervals: Sequence[Interval], start: datetime, end: datetime) -> bool:
    return any(interval.start <= start and end <= interval.end for interval in intervals)


def _individual(
    uow: UnitOfWork,
    agreement: ServiceAgreement,
    allowed: Mapping[PodId, tuple[Interval, ...]],
    period: Period,
    first: int,
) -> Iterator[Planned]:
    """Parts of PoDs that follow each other and whose values are of the same time."""
    step = agreement.selection.time_step
    ordered = ((place, pod) for place, pod in enumerate(sorted(agreement.pod_ids)) if place >= first)
    going = ((place, pod_id) for place, pod_id in ordered if pod_id in allowed)
    while some := tuple(islice(going, MAX_SERIES)):
        pods = {pod.id: pod for pod in uow.find(Pod, id=tuple(pod_id for _, pod_id in some))}
        there = ((place, pods[pod_id]) for place, pod_id in some if pod_id in pods)
        timed = ((place, pod, span(period, step, pod.zone)) for place, pod in there)
        open_ = (row for row in timed if any(_open_steps(row[2], step, allowed[row[1].id])))
        for whole, rows in groupby(open_, key=lambda row: row[2]):
            n_values = max(1, (whole.end - whole.start) // step.duration)
            while block := tuple(islice(rows, max(1, MAX_VALUES // n_values))):
                made = partial(_part, uow, agreement, tuple(pod for _, pod, _ in block), whole, allowed)
                yield Planned(part=made, whole=whole, behind=block[-1][0] + 1)


def _part(
    uow: UnitOfWork,
    agreement: ServiceAgreement,
    pods: tuple[Pod, ...],
    whole: Interval,
    allowed: Mapping[PodId, tuple[Interval, ...]],
) -> Part:
    names, selection = agreement.names, agreement.selection
    found = tuple(series_of(uow, pods, selection.quantity, selection.time_step, whole.start, whole.end))
    return Part(
        starts=found[0].starts,
        series=tuple(
            SentSeries(
                name=names[one.pod_id],
                values=tuple(
                    value if may else None
                    for value, may in zip(
                        one.values, _open_steps(whole, selection.time_step, allowed[one.pod_id]), strict=True
                    )
                ),
            )
            for one in found
        ),
    )


def _open_steps(whole: Interval, step: TimeStep, intervals: Sequence[Interval]) -> Iterator[bool]:
    """Of each value, whether it may go out: only if all its time may."""
    n = 1 if step is TimeStep.DAY else (whole.end - whole.start) // step.duration
    edges = [*(whole.start + k * step.duration for k in range(n)), whole.end]
    return (_covers(intervals, at, until) for at, until in pairwise(edges))


def _aggregated(
    uow: UnitOfWork, agreement: ServiceAgreement, members: tuple[PodId, ...], whole: Interval, first: int
) -> Iterator[Planned]:
    selection = agreement.selection
    last_day = market_day(whole.end - timedelta(seconds=1))
    if not uow.values.steps(selection.quantity, market_day(whole.start), last_day):
        return iter(())
    asked = _Asked(
        level=selection.aggregation_level,
        method=selection.aggregation_method,
        quantity=selection.quantity,
        time_step=selection.time_step,
        start=whole.start,
        end=whole.end,
        pod_ids=members,
    )
    series = tuple(aggregates(uow, asked, least_pods(uow)))
    size = max(1, min(MAX_SERIES, MAX_VALUES // len(series[0].starts))) if series else 1

    def part(at: int) -> Part:
        some = series[at : at + size]
        sent = tuple(SentSeries(name=one.name, values=one.values, n_pods=one.n_pods) for one in some)
        return Part(starts=some[0].starts, series=sent)

    places = range(first, len(series), size)
    return (Planned(part=partial(part, at), whole=whole, behind=at + size) for at in places)
