"""The values that a customer's consent opens to a client that shows its access token."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.platform.queries.tokens import opened
from app.platform.values.series import series_of
from app.queries.models.platform import ConsentedValues, ListConsentedValues, NamedSeries
from domain.errors import refuse
from domain.marketplace.services import ServiceDescription
from domain.marketplace.words import AggregationLevel, PlatformRole, ServiceType, TimeStep
from domain.parties import Principal
from domain.platform.consents import Consent, ConsentedPod
from domain.platform.deliveries import MAX_VALUES
from domain.platform.grid import FIRST, MAX_DAYS, midnight
from domain.platform.pods import Pod
from domain.platform.subscriptions import PlatformSubscription
from domain.ports import UnitOfWork
from domain.time import Interval, as_utc

MOST_PODS = 100
"""Of one answer, and fewer of long periods."""


def list_consented_values(uow: UnitOfWork, _principal: Principal, query: ListConsentedValues) -> ConsentedValues:
    """Token, consent and values are read in one transaction: after a revocation there is no row."""
    consent = opened(uow, query.token)
    service = _service(uow, consent)
    asked = _asked(uow, consent, service, query)
    rows = [row for row in _standing(uow, consent) if row.name > query.after]
    per_pod = max(1, (asked.end - asked.start) // service.time_step.duration)
    some = rows[: max(1, min(query.limit, MOST_PODS, MAX_VALUES // per_pod))]
    return ConsentedValues(
        consent_id=consent.id,
        quantity=service.quantity,
        time_step=service.time_step,
        series=_series(uow, consent, service, some, asked),
        after=some[-1].name if len(some) < len(rows) else None,
    )


def _service(uow: UnitOfWork, consent: Consent) -> ServiceDescription:
    """What was consented to: single values of a service that is in force, from here.

    Raises:
        Refused: `not_in_force`, `not_offered`.
    """
    found = uow.find(
        PlatformSubscription,
        id=consent.subscription_id,
        peer_id=consent.requester_id,
        side=PlatformRole.PROVIDER,
    )
    description = found[0].description(consent.description_id) if found else None
    if description is None or not found[0].in_force(uow.market) or uow.market < consent.starts_at:
        raise refuse("not_in_force", "", "The service or the consent is not in force at this time.")
    individual = description.aggregation_level is AggregationLevel.NONE
    if description.service_type is not ServiceType.INDIVIDUAL_DATA or not individual:
        raise refuse("not_offered", "", "This service has no values of single points of delivery.")
    return description


def _asked(uow: UnitOfWork, consent: Consent, service: ServiceDescription, query: ListConsentedValues) -> Interval:
    """What is asked for, cut to the consent, the service and what is over by now.

    Raises:
        Refused: `out_of_range`, `naive_time`.
    """
    start, end = as_utc(query.start, "start"), as_utc(query.end, "end")
    if end <= start:
        raise refuse("out_of_range", "end", "The end has to be after the start.")
    if end - start > timedelta(days=MAX_DAYS):
        raise refuse("out_of_range", "end", f"At most {MAX_DAYS} days can be asked for at once.")
    first = max(start, consent.starts_at, service.period_start or FIRST, FIRST)
    last = min(end, consent.ends_at, service.period_end or end, uow.market)
    if last <= first:
        raise refuse("out_of_range", "start", "The consent opens no values of this time.")
    return Interval(start=first, end=last)


def _standing(uow: UnitOfWork, consent: Consent) -> list[ConsentedPod]:
    rows = uow.find(ConsentedPod, consent_id=consent.id, requester_id=consent.requester_id, stands=True)
    now = uow.market
    return sorted(
        (row for row in rows if row.starts_at <= now < row.ends_at and row.purpose == consent.purpose),
        key=lambda row: row.name,
    )


def _series(
    uow: UnitOfWork,
    consent: Consent,
    service: ServiceDescription,
    rows: Sequence[ConsentedPod],
    asked: Interval,
) -> tuple[NamedSeries, ...]:
    """By name; a customer's former points of delivery are not its own any more."""
    names = {row.pod_id: row.name for row in rows}
    by_country: dict[str, list[Pod]] = {}
    for pod in uow.find(Pod, id=tuple(names), customer_id=consent.customer_id) if names else ():
        by_country.setdefault(pod.country, []).append(pod)
    found: list[NamedSeries] = []
    for pods in by_country.values():
        start, end = _whole(asked, service.time_step, pods[0].zone)
        if start < end:
            found += [
                NamedSeries(name=names[one.pod_id], starts=one.starts, end=end, values=one.values)
                for one in series_of(uow, pods, service.quantity, service.time_step, start, end)
            ]
    return tuple(sorted(found, key=lambda one: one.name))


def _whole(cut: Interval, step: TimeStep, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The part of an interval that holds whole values: a value goes out only if all its time may."""
    if step is TimeStep.DAY:
        days = cut.start.astimezone(zone).date(), cut.end.astimezone(zone).date()
        first, last = (midnight(day, zone) for day in days)
        return first if first == cut.start else midnight(days[0] + timedelta(days=1), zone), last
    late = (cut.start - FIRST) % step.duration
    start = cut.start + (step.duration - late if late else timedelta(0))
    return start, cut.end - (cut.end - FIRST) % step.duration
