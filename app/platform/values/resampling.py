"""Values of one step from stored values of the same or finer ones, exactly: sums of thousandths over a common
denominator.

Energy is summed, power averaged over its time. A value of a coarser step is there only if each of its finer ones
is; otherwise it is a gap. Where a point of delivery has values in several steps, the asked one goes before finer
ones, value by value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import lcm
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from app.platform.values.packing import GAP, Whole, unpack
from domain.errors import refuse
from domain.marketplace.words import Quantity, TimeStep
from domain.platform.grid import MAX_DAYS, SOURCES, n_slots, on_grid, starts
from domain.platform.stored import StoredDay
from domain.ports import UnitOfWork
from domain.time import DeliveryDay, as_utc, market_day

Sums = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Window:
    """Which values are asked for: `starts` [n] of a step in a zone, from `start` to before `end`."""

    quantity: Quantity
    step: TimeStep
    start: datetime
    end: datetime
    zone: ZoneInfo
    starts: tuple[datetime, ...]

    @property
    def edges(self) -> tuple[datetime, ...]:
        """[n + 1]"""
        return (*self.starts, self.end)

    def stored_days(self, source: TimeStep) -> tuple[date, ...]:
        """The stored days that values of a step are in."""
        if source is TimeStep.DAY:
            first, last = (at.astimezone(self.zone).date() for at in (self.start, self.starts[-1]))
        else:
            first, last = market_day(self.start), market_day(self.end - timedelta(microseconds=1))
        return tuple(first + timedelta(days=k) for k in range((last - first).days + 1))


def window(quantity: Quantity, step: TimeStep, start: datetime, end: datetime, zone: ZoneInfo) -> Window:
    """Raises `Refused`: `naive_time`, `out_of_range`, `wrong_time_step`."""
    start, end = as_utc(start, "start"), as_utc(end, "end")
    if end <= start:
        raise refuse("out_of_range", "end", "The end has to be after the start.")
    if end - start > timedelta(days=MAX_DAYS) or start.year < 2000:
        raise refuse("out_of_range", "end", f"At most {MAX_DAYS} days can be asked for at once, from 2000 on.")
    for at, field in ((start, "start"), (end, "end")):
        if not on_grid(at, step, zone):
            where = f"a local midnight of {zone.key}" if step is TimeStep.DAY else f"a whole {step.value} of UTC"
            raise refuse("wrong_time_step", field, f"This is not on {where}.")
    return Window(
        quantity=quantity, step=step, start=start, end=end, zone=zone, starts=starts(start, end, step, zone)
    )


@dataclass(frozen=True, kw_only=True)
class Resampled:
    """`sums` [n_pods, n] of thousandths times `denominators` [n]; `there` [n_pods, n]: which are no gaps."""

    sums: Sums
    there: Flags


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a window's values are among a step's stored ones.

    days : place of each stored day's first slot; length : slots of all days
    cuts : [n + 1] slots where the window's values begin and the last one ends
    """

    step: TimeStep
    days: dict[date, int]
    length: int
    cuts: NDArray[np.int64]

    @property
    def counts(self) -> NDArray[np.int64]:
        """[n] slots in each value."""
        return np.diff(self.cuts)


class Resampler:
    """A window's values from the steps that are stored."""

    def __init__(self, asked: Window, stored: Iterable[TimeStep]) -> None:
        """Raises `Refused` (`wrong_time_step`) where there are values, but none that make the asked step."""
        self.window = asked
        kept = frozenset(stored)
        self.sources = [_source(asked, step) for step in SOURCES[asked.step] if step in kept]
        if kept and not self.sources:
            there = ", ".join(step.value for step in TimeStep if step in kept)
            sentence = f"The values are in steps of {there}; {asked.step.value} cannot be made of these."
            raise refuse("wrong_time_step", "time_step", sentence)
        self.denominators = self._denominators()

    def _denominators(self) -> NDArray[np.int64]:
        """[n] what sums are multiplied by, so that means of any source stay whole."""
        n = len(self.window.starts)
        if self.window.quantity is not Quantity.POWER:
            return np.ones(n, dtype=np.int64)
        counts = [source.counts.tolist() for source in self.sources]
        return np.array([lcm(*(c[k] for c in counts)) for k in range(n)], dtype=np.int64)

    def read(self, uow: UnitOfWork, pod_ids: Sequence[str]) -> Resampled:
        """The values of points of delivery, in their order."""
        shape = (len(pod_ids), len(self.window.starts))
        sums, there = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.bool_)
        places = {pod_id: place for place, pod_id in enumerate(pod_ids)}
        for source in self.sources:
            days = list(source.days)
            found = uow.values.stored(self.window.quantity, source.step, days[0], days[-1], pod_ids)
            fine = _matrix(source, found, places)
            if fine is None:
                continue
            of_source, full = _cut(fine, source.cuts)
            if self.window.quantity is Quantity.POWER:
                of_source *= self.denominators // source.counts
            take = full & ~there
            np.copyto(sums, of_source, where=take)
            there |= take
        return Resampled(sums=sums, there=there)

    @property
    def n_slots(self) -> int:
        """Stored values that are looked at per point of delivery, at most at a time."""
        return max((source.length for source in self.sources), default=1)


def _source(asked: Window, step: TimeStep) -> Source:
    days: dict[date, int] = {}
    length = 0
    for day in asked.stored_days(step):
        days[day] = length
        length += n_slots(day, step)
    cuts = [_place(asked, step, days, length, edge) for edge in asked.edges]
    return Source(step=step, days=days, length=length, cuts=np.array(cuts, dtype=np.int64))


def _place(asked: Window, step: TimeStep, days: dict[date, int], length: int, edge: datetime) -> int:
    if step is TimeStep.DAY:
        return days.get(edge.astimezone(asked.zone).date(), length)
    day = market_day(edge)
    return days[day] + (edge - DeliveryDay(day=day).start) // step.duration if day in days else length


def _matrix(source: Source, found: Iterable[StoredDay], places: dict[str, int]) -> Whole | None:
    """[n_pods, length] thousandths, `GAP` where nothing is stored; None when nothing at all is."""
    made: Whole | None = None
    for stored in found:
        if made is None:
            made = np.full((len(places), source.length), GAP, dtype=np.int32)
        at = source.days[stored.day]
        values = unpack(stored.packed)
        made[places[stored.pod_id], at : at + len(values)] = values
    return made


def _cut(fine: Whole, cuts: NDArray[np.int64]) -> tuple[Sums, Flags]:
    """(sums, whether each is complete) of the slots between the cuts, [n_pods, n]."""
    fine = fine[:, : cuts[-1]]
    if np.all(np.diff(cuts) == 1):
        part = fine[:, cuts[0] :]
        full = part != GAP
        return np.where(full, part, 0).astype(np.int64), full
    gaps = fine == GAP
    sums = np.add.reduceat(np.where(gaps, 0, fine), cuts[:-1], axis=1, dtype=np.int64)
    full = ~np.logical_or.reduceat(gaps, cuts[:-1], axis=1)
    return np.where(full, sums, 0), full
