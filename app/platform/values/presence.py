"""Whether there are values of a time, and of which time values are, by what is stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from app.platform.values.packing import GAP, unpack
from domain.marketplace.words import Quantity, TimeStep
from domain.ports import UnitOfWork
from domain.time import DeliveryDay, Interval, market_day


def any_value(
    uow: UnitOfWork,
    quantity: Quantity,
    steps: Iterable[TimeStep],
    within: Interval,
    zone: ZoneInfo,
    pod_ids: Sequence[str],
) -> bool:
    """Whether one of the points of delivery has a value of that time in one of the steps; `zone`: of its days."""
    days = market_day(within.start), market_day(within.end - timedelta(microseconds=1))
    own_day = within.start.astimezone(zone).date()
    for step in steps:
        first, last = (own_day, own_day) if step is TimeStep.DAY else days
        for stored in uow.values.stored(quantity, step, first, last, pod_ids):
            begin = DeliveryDay(day=stored.day).start
            low = max(0, (within.start - begin) // step.duration)
            high = max(0, -((begin - within.end) // step.duration))
            values = unpack(stored.packed)
            if step is TimeStep.DAY or bool((values[low:high] != GAP).any()):
                return True
    return False


def time_of(step: TimeStep, day: date, there: NDArray[np.bool_]) -> Interval:
    """From the first to the last of a stored day's slots, of which one is `there` at least. For a day's own value
    its noon stands, which is on the same date in all of Europe."""
    if step is TimeStep.DAY:
        noon = datetime.combine(day, time(12), UTC)
        return Interval(start=noon, end=noon + timedelta(hours=1))
    slots, begin = np.flatnonzero(there).tolist(), DeliveryDay(day=day).start
    return Interval(start=begin + slots[0] * step.duration, end=begin + (slots[-1] + 1) * step.duration)
