"""Instants, quarter hours and the market clock. All instants are UTC; the market's zone only cuts days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.errors import Finding, refuse

MTU = timedelta(minutes=15)
"""The market time unit."""

MARKET_ZONE = ZoneInfo("Europe/Berlin")


def market_day(instant: datetime) -> date:
    """The local day of the market zone that an instant is in."""
    return instant.astimezone(MARKET_ZONE).date()


def instant_findings(instant: datetime, field: str) -> list[Finding]:
    """An instant needs its offset and must be one that UTC can name."""
    if instant.tzinfo is None or instant.utcoffset() is None:
        return [Finding(code="naive_time", field=field, sentence="Give the time with its offset from UTC.")]
    try:
        instant.astimezone(UTC)
    except OverflowError:
        return [Finding(code="out_of_range", field=field, sentence="There is no such time in UTC.")]
    return []


def as_utc(instant: datetime, field: str = "time") -> datetime:
    """The instant in UTC.

    Raises:
        Refused: `naive_time` when it carries no offset.
    """
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise refuse("naive_time", field, "Give the time with its offset, for example 2016-07-25T10:00:00+02:00.")
    return instant.astimezone(UTC)


@dataclass(frozen=True, kw_only=True)
class Interval:
    """From `start` to before `end`."""

    start: datetime
    end: datetime

    def cut(self, other: Interval) -> Interval | None:
        """What both have; None where that is nothing."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Interval(start=start, end=end) if start < end else None


def merged(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The same time in as few intervals as it takes, in order."""
    found: list[Interval] = []
    for interval in sorted(intervals, key=lambda each: each.start):
        if found and interval.start <= found[-1].end:
            found[-1] = replace(found[-1], end=max(found[-1].end, interval.end))
        else:
            found.append(interval)
    return tuple(found)


@dataclass(frozen=True, kw_only=True)
class DeliveryDay:
    """A local day of the market zone cut into quarter hours: 92, 96 or 100 of them.

    Raises:
        Refused: `out_of_range` for the calendar's first and last day, whose ends UTC cannot name.
    """

    day: date

    def __post_init__(self) -> None:
        if not date.min < self.day < date.max:
            raise refuse("out_of_range", "delivery_day", "There is no such delivery day.")

    @property
    def start(self) -> datetime:
        return datetime.combine(self.day, time(), MARKET_ZONE).astimezone(UTC)

    @property
    def end(self) -> datetime:
        return datetime.combine(self.day + timedelta(days=1), time(), MARKET_ZONE).astimezone(UTC)

    @property
    def n_steps(self) -> int:
        return (self.end - self.start) // MTU

    def instant(self, step: int) -> datetime:
        """Start of a quarter hour."""
        return self.start + step * MTU

    def step(self, instant: datetime) -> int | None:
        """The quarter hour that starts at an instant, `n_steps` at the day's end, None at any other instant."""
        step, beyond = divmod(instant - self.start, MTU)
        return step if not beyond and 0 <= step <= self.n_steps else None

    def label(self, step: int) -> str:
        """Local clock time at which a quarter hour starts, such as 13:45."""
        return self.instant(step).astimezone(MARKET_ZONE).strftime("%H:%M")


@dataclass(frozen=True, kw_only=True)
class MarketClock:
    """Market time as a straight line over wall time; `speed` 0 is a paused clock.

    In production it is the wall clock itself: speed 1 and both anchors equal.
    """

    anchor_market: datetime
    anchor_wall: datetime
    speed: float = 1.0
    movable: bool = False

    def at(self, wall: datetime) -> datetime:
        """Market time at a wall instant."""
        return self.anchor_market + (wall - self.anchor_wall) * self.speed

    def run(self, wall: datetime, speed: float) -> MarketClock:
        """The clock from now on at another speed (0 pauses it)."""
        return replace(self, anchor_market=self.at(wall), anchor_wall=wall, speed=speed)

    def moved(self, wall: datetime, to_market: datetime) -> MarketClock:
        """The clock moved forward to a market instant; it never goes back."""
        return replace(self, anchor_market=max(to_market, self.at(wall)), anchor_wall=wall)


def wall_clock(wall: datetime) -> MarketClock:
    """The production clock: market time is wall time."""
    return MarketClock(anchor_market=wall, anchor_wall=wall)
