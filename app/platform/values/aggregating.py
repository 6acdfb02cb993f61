"""Sums and means over points of delivery: of countries, cities, streets, or of a list (a portfolio).

Read in stretches of points of delivery, so that memory does not grow with their number. Sums are exact; a mean is
over those that have a value, and rounded half-even to six decimals, as a sum of averaged power is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Context, Decimal
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from app.platform.values.hiding import shown
from app.platform.values.packing import PLACES
from app.platform.values.resampling import Resampler, Sums
from domain.errors import refuse
from domain.marketplace.words import AggregationLevel, AggregationMethod
from domain.platform.series import AggregateSeries
from domain.ports import UnitOfWork

CELLS = 6_000_000
"""Values looked at at a time."""
MAX_RESULTS = 5_000_000
"""Groups times values of one answer."""
_SIXTH = Decimal("0.000001")
_EXACT = Context(prec=60)

Place = tuple[str, str, str, str]
"""(id of a point of delivery, country, city, street)."""
Group = tuple[str, ...]
"""What its points of delivery have in common: (country), (country, city), (country, city, street), or ()."""

DEPTH: Mapping[AggregationLevel, int] = {
    AggregationLevel.COUNTRY: 1,
    AggregationLevel.CITY: 2,
    AggregationLevel.STREET: 3,
    AggregationLevel.PORTFOLIO: 0,
}
"""How much of its place a group's points of delivery have in common."""


@dataclass
class Totals:
    """Per group: `sums` and `n` [n_groups, n]; rows are added as groups turn up."""

    n_values: int
    places: dict[Group, int] = field(default_factory=dict)
    sums: Sums = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    n: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))

    def place(self, group: Group) -> int:
        at = self.places.setdefault(group, len(self.places))
        if at >= len(self.sums):
            if (at + 1) * self.n_values > MAX_RESULTS:
                raise refuse(
                    "too_large", "end", "The answer is too large; ask for a shorter time or fewer places."
                )
            more = np.zeros((max(16, at), self.n_values), dtype=np.int64)
            self.sums = np.concatenate((self.sums.reshape(-1, self.n_values), more))
            self.n = np.concatenate((self.n.reshape(-1, self.n_values), more))
        return at


def aggregate(
    uow: UnitOfWork,
    resampler: Resampler,
    places: Iterable[Place],
    level: AggregationLevel,
    method: AggregationMethod,
    least: int,
) -> Iterator[AggregateSeries]:
    """Every group with values, in its order; values that would tell of fewer than `least` points of delivery are
    left out (`hiding`).

    Raises:
        Refused: `too_large`.
    """
    totals = _totals(uow, resampler, iter(places), DEPTH[level])
    groups = sorted(totals.places)
    rows = [totals.places[group] for group in groups]
    n = totals.n[rows]
    visible = shown(groups, n, least)
    for at, group in enumerate(groups):
        yield AggregateSeries(
            group=group,
            level=level,
            method=method,
            quantity=resampler.window.quantity,
            time_step=resampler.window.step,
            starts=resampler.window.starts,
            values=_values(totals.sums[rows[at]], n[at], visible[at], resampler, method),
            n_pods=tuple(int(k) if seen else 0 for k, seen in zip(n[at], visible[at], strict=True)),
        )


def _totals(uow: UnitOfWork, resampler: Resampler, places: Iterator[Place], depth: int) -> Totals:
    totals = Totals(n_values=len(resampler.window.starts))
    size = max(1, min(5_000, CELLS // resampler.n_slots))
    while part := list(islice(places, size)):
        groups = np.array([totals.place(place[1 : 1 + depth]) for place in part])
        read = resampler.read(uow, [place[0] for place in part])
        order = np.argsort(groups, kind="stable")
        rows, first = np.unique(groups[order], return_index=True)
        totals.sums[rows] += np.add.reduceat(read.sums[order], first, axis=0)
        totals.n[rows] += np.add.reduceat(read.there[order], first, axis=0, dtype=np.int64)
    return totals


def _values(
    sums: Sums, n: NDArray[np.int64], visible: NDArray[np.bool_], resampler: Resampler, method: AggregationMethod
) -> tuple[Decimal | None, ...]:
    mean = method is AggregationMethod.MEAN
    rows = zip(sums.tolist(), n.tolist(), visible.tolist(), resampler.denominators.tolist(), strict=True)
    return tuple(
        quotient(total, divisor * count if mean else divisor) if seen else None
        for total, count, seen, divisor in rows
    )


def quotient(thousandths: int, divisor: int) -> Decimal:
    """kWh or kW with at most six decimals."""
    if divisor == 1:
        return Decimal(thousandths).scaleb(-PLACES)
    value = _EXACT.divide(Decimal(thousandths).scaleb(-PLACES), Decimal(divisor))
    return value.quantize(_SIXTH, rounding=ROUND_HALF_EVEN, context=_EXACT)


def all_places(uow: UnitOfWork, wanted: Sequence[Group] = (), size: int = 10_000) -> Iterator[Place]:
    """The platform's points of delivery by id; `wanted`: only those in one of these countries or places."""
    after = ""
    while part := uow.values.places(after, size):
        after = part[-1][0]
        yield from (p for p in part if not wanted or any(p[1 : 1 + len(group)] == group for group in wanted))
