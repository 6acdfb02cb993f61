"""Series of points of delivery and of groups, from what is asked to what is shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from app.platform.values.aggregating import Group, Place, aggregate, all_places, quotient
from app.platform.values.resampling import Resampler, Window, window
from domain.errors import refuse
from domain.ids import PodId
from domain.marketplace.words import AggregationLevel, AggregationMethod, Quantity, TimeStep
from domain.platform.grid import starts
from domain.platform.pods import ZONES, Pod, zone_of
from domain.platform.series import AggregateSeries, PodSeries
from domain.ports import UnitOfWork
from domain.time import MARKET_ZONE

CELLS = 2_000_000
"""Values of one answer with single points of delivery."""


class Asked(Protocol):
    """What is asked of aggregates."""

    @property
    def level(self) -> AggregationLevel: ...
    @property
    def method(self) -> AggregationMethod: ...
    @property
    def quantity(self) -> Quantity: ...
    @property
    def time_step(self) -> TimeStep: ...
    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime: ...
    @property
    def localisation(self) -> tuple[str, ...]: ...
    @property
    def pod_ids(self) -> tuple[PodId, ...]: ...


def series_of(
    uow: UnitOfWork, pods: Sequence[Pod], quantity: Quantity, step: TimeStep, start: datetime, end: datetime
) -> Iterator[PodSeries]:
    """Each point of delivery's values in the order given; days are those of its own country.

    Raises:
        Refused: `wrong_time_step`, `out_of_range`, `naive_time`, `too_large`.
    """
    for zone, of_zone in _by_zone(pods, step):
        asked = window(quantity, step, start, end, zone)
        if len(of_zone) * len(asked.starts) > CELLS:
            raise refuse("too_large", "end", f"More than {CELLS} values; ask for a shorter time.")
        resampler = Resampler(asked, _steps(uow, asked))
        read = resampler.read(uow, [pod.id for pod in of_zone])
        divisors = resampler.denominators.tolist()
        for pod, sums, there in zip(of_zone, read.sums.tolist(), read.there.tolist(), strict=True):
            values = tuple(
                quotient(total, divisor) if seen else None
                for total, divisor, seen in zip(sums, divisors, there, strict=True)
            )
            yield PodSeries(pod_id=pod.id, quantity=quantity, time_step=step, starts=asked.starts, values=values)


def aggregates(uow: UnitOfWork, asked: Asked, least: int) -> Iterator[AggregateSeries]:
    """Groups that have a value that may be seen.

    Raises:
        Refused: `too_few_pods` where nothing may be seen though there is something; `wrong_time_step`,
            `out_of_range`, `unknown_place`, `unknown_pod`, `missing`, `too_large`.
    """
    if asked.level is AggregationLevel.NONE or asked.method is AggregationMethod.NONE:
        raise refuse("malformed", "level", "Name a level and a method.")
    hidden = 0
    n_shown = 0
    for zone, places in _places(uow, asked):
        of_zone = window(asked.quantity, asked.time_step, asked.start, asked.end, zone)
        resampler = Resampler(of_zone, _steps(uow, of_zone))
        for series in aggregate(uow, resampler, places, asked.level, asked.method, least):
            if any(series.n_pods):
                n_shown += 1
                yield series
            else:
                hidden += 1
    if hidden and not n_shown:
        sentence = f"No group has {least} points of delivery with values; of fewer nothing is told."
        raise refuse("too_few_pods", "level", sentence)


def _places(uow: UnitOfWork, asked: Asked) -> Iterator[tuple[ZoneInfo, Iterator[Place]]]:
    if asked.level is AggregationLevel.PORTFOLIO or asked.pod_ids:
        yield _portfolio(uow, asked)
        return
    wanted = [_group(place, at) for at, place in enumerate(asked.localisation)]
    if asked.time_step is not TimeStep.DAY:
        yield MARKET_ZONE, all_places(uow, wanted)
        return
    countries = sorted({group[0] for group in wanted} or set(uow.values.countries().values()))
    for country in countries:
        of_country: list[Group] = [group for group in wanted if group[0] == country] or [(country,)]
        yield zone_of(country), all_places(uow, of_country)


def _portfolio(uow: UnitOfWork, asked: Asked) -> tuple[ZoneInfo, Iterator[Place]]:
    if not asked.pod_ids:
        raise refuse("missing", "pod_ids", "A portfolio is a list of points of delivery.")
    pods = uow.find(Pod, id=tuple(dict.fromkeys(asked.pod_ids)))
    if len(pods) != len(set(asked.pod_ids)):
        raise refuse("unknown_pod", "pod_ids", "Not all of the points of delivery are here.")
    zone = pods[0].zone if asked.time_step is TimeStep.DAY else MARKET_ZONE
    days = window(asked.quantity, asked.time_step, asked.start, asked.end, zone)
    zones = {pod.zone for pod in pods} if asked.time_step is TimeStep.DAY else set()
    if any(starts(days.start, days.end, TimeStep.DAY, other) != days.starts for other in zones):
        sentence = "The points of delivery are in different time zones, whose days are not the same."
        raise refuse("wrong_time_step", "time_step", sentence)
    return zone, ((pod.id, pod.country, pod.city, pod.street) for pod in pods)


def _group(place: str, at: int) -> Group:
    """`DE/Bremen/Am Hafen` as (country, city, street)."""
    group = tuple(part.strip() for part in place.split("/", 2))
    if group[0] not in ZONES:
        raise refuse("unknown_place", f"localisation[{at}]", "Give a country, or places in it: DE/Bremen.")
    return group


def _by_zone(pods: Sequence[Pod], step: TimeStep) -> Iterator[tuple[ZoneInfo, list[Pod]]]:
    if step is not TimeStep.DAY:
        yield MARKET_ZONE, list(pods)
        return
    zones: dict[str, list[Pod]] = {}
    for pod in pods:
        zones.setdefault(pod.country, []).append(pod)
    for country, of_zone in zones.items():
        yield zone_of(country), of_zone


def _steps(uow: UnitOfWork, asked: Window) -> frozenset[TimeStep]:
    days = (*asked.stored_days(TimeStep.DAY), *asked.stored_days(TimeStep.HOUR))
    return uow.values.steps(asked.quantity, min(days), max(days))
