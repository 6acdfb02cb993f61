"""Flexibility from meter data: what part of a consumption could be shed, and when (document 000, section IV)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from itertools import groupby

from domain.time import MARKET_ZONE, MTU, market_day
from domain.units import WATT, Series

ZERO = Decimal(0)
KW_PER_MW = Decimal(1000)
HOUR = timedelta(hours=1)
_TimeOfDay = tuple[int, int]
"""Quarter hour by the market zone's clock, and which of the two that an autumn day has."""


@dataclass(frozen=True, kw_only=True)
class Metered:
    """The consumption of one point or aggregate: `energy_kwh` [n] from `starts_at` on, one value each `step`; None
    where there is a gap."""

    starts_at: datetime
    step: timedelta
    energy_kwh: tuple[Decimal | None, ...]


@dataclass(frozen=True, kw_only=True)
class Potential:
    """What could be shed, in quarter hours from `starts_at` on. `n_values`: from how many readings."""

    starts_at: datetime
    power_mw: Series
    n_values: int


def potential(days: Iterable[Metered], start: datetime, n_steps: int, share: Decimal) -> Potential:
    """The share of the mean consumption at the same time of day, [n_steps] MW, rounded down to the watt.

    Consumption is spread evenly over the quarter hours of a reading's step. Readings of several points add up; of
    several days the mean counts. A quarter hour without any reading has nothing to shed.
    """
    summed: dict[_TimeOfDay, dict[date, Decimal]] = {}
    n_values = 0
    for day in days:
        n_quarters, rest = divmod(day.step, MTU)
        per_quarter = _whole(n_quarters, rest)
        for index, energy_kwh in enumerate(day.energy_kwh):
            if energy_kwh is None:
                continue
            n_values += 1
            power_kw = energy_kwh / Decimal(day.step / HOUR)
            for quarter in range(per_quarter):
                at = day.starts_at + index * day.step + quarter * MTU
                of_step, on = summed.setdefault(_of_day(at), {}), market_day(at)
                of_step[on] = of_step.get(on, ZERO) + power_kw
    means = {step: sum(by_day.values(), ZERO) / len(by_day) for step, by_day in summed.items()}
    times = (_of_day(start + step * MTU) for step in range(n_steps))
    power = (means.get(at, means.get((at[0], 0), ZERO)) * share / KW_PER_MW for at in times)
    return Potential(
        starts_at=start,
        power_mw=tuple(max(value, ZERO).quantize(WATT, rounding=ROUND_FLOOR) for value in power),
        n_values=n_values,
    )


def windows(found: Potential, least_mw: Decimal) -> tuple[Potential, ...]:
    """The stretches in which at least that much could be shed, in their order, each as a potential of its own."""
    steps = [(value >= least_mw and value > ZERO, index) for index, value in enumerate(found.power_mw)]
    stretches = [
        [index for _, index in group] for enough, group in groupby(steps, key=lambda one: one[0]) if enough
    ]
    return tuple(
        Potential(
            starts_at=found.starts_at + stretch[0] * MTU,
            power_mw=tuple(found.power_mw[index] for index in stretch),
            n_values=found.n_values,
        )
        for stretch in stretches
    )


def series_of(values: Mapping[datetime, Decimal], start: datetime, n: int, step: timedelta) -> Metered:
    """Values by their instants as a series without holes but gaps."""
    energy: Sequence[Decimal | None] = [values.get(start + k * step) for k in range(n)]
    return Metered(starts_at=start, step=step, energy_kwh=tuple(energy))


def _whole(n_quarters: int, rest: timedelta) -> int:
    """Raises ValueError for a step that quarter hours do not fill."""
    if rest or n_quarters < 1:
        raise ValueError("readings of a step that quarter hours do not fill cannot be spread over them")
    return n_quarters


def _of_day(at: datetime) -> _TimeOfDay:
    local = at.astimezone(MARKET_ZONE)
    return (local.hour * 60 + local.minute) // 15, local.fold
