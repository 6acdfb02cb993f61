"""When values start: on whole steps of UTC, days on local midnights of their zone; and which steps make others.

A platform keeps values by the market's days (`domain.time.DeliveryDay`), which have 23 or 25 hours when the clocks
change. A value of a whole day is of a local day of its own country, and kept under that day's date.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.marketplace.words import TimeStep
from domain.time import DeliveryDay, market_day

FIRST = datetime(2000, 1, 1, tzinfo=UTC)
"""No value is older."""
MAX_DAYS = 400
"""Of one question."""

SOURCES: Mapping[TimeStep, tuple[TimeStep, ...]] = {
    TimeStep.MINUTES_10: (TimeStep.MINUTES_10,),
    TimeStep.MINUTES_15: (TimeStep.MINUTES_15,),
    TimeStep.MINUTES_30: (TimeStep.MINUTES_30, TimeStep.MINUTES_15, TimeStep.MINUTES_10),
    TimeStep.HOUR: (TimeStep.HOUR, TimeStep.MINUTES_30, TimeStep.MINUTES_15, TimeStep.MINUTES_10),
    TimeStep.DAY: (
        TimeStep.DAY,
        TimeStep.HOUR,
        TimeStep.MINUTES_30,
        TimeStep.MINUTES_15,
        TimeStep.MINUTES_10,
    ),
}
"""What a step is made of, best first: itself, then the coarsest finer one that it is a multiple of."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """Consecutive values within one stored day: `take` of them from slot `slot` on."""

    day: date
    slot: int
    take: int


def n_slots(day: date, step: TimeStep) -> int:
    """How many values a stored day has."""
    if step is TimeStep.DAY:
        return 1
    whole = DeliveryDay(day=day)
    return (whole.end - whole.start) // step.duration


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The UTC instant at which a local day starts."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def on_grid(instant: datetime, step: TimeStep, zone: ZoneInfo) -> bool:
    """Whether a value of that step may start there."""
    if step is TimeStep.DAY:
        return instant == midnight(instant.astimezone(zone).date(), zone)
    return (instant - FIRST) % step.duration == timedelta(0)


def later(instant: datetime, n: int, step: TimeStep, zone: ZoneInfo) -> datetime:
    """The start of the value that is `n` steps behind the one that starts at `instant`."""
    if step is TimeStep.DAY:
        return midnight(instant.astimezone(zone).date() + timedelta(days=n), zone)
    return instant + n * step.duration


def starts(start: datetime, end: datetime, step: TimeStep, zone: ZoneInfo) -> tuple[datetime, ...]:
    """Of every value from `start` to before `end`."""
    found: list[datetime] = []
    at = start
    while at < end:
        found.append(at)
        at = later(start, len(found), step, zone)
    return tuple(found)


def spans(start: datetime, n: int, step: TimeStep, zone: ZoneInfo) -> Iterator[Span]:
    """The stored days that `n` values from `start` on fall into; `start` is on the grid."""
    if step is TimeStep.DAY:
        first = start.astimezone(zone).date()
        for k in range(n):
            yield Span(day=first + timedelta(days=k), slot=0, take=1)
        return
    while n:
        day = market_day(start)
        slot = (start - DeliveryDay(day=day).start) // step.duration
        take = min(n, n_slots(day, step) - slot)
        yield Span(day=day, slot=slot, take=take)
        start, n = start + take * step.duration, n - take
