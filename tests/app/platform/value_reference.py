"""Aggregation as a plain program: lists, dictionaries and fractions, a value at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction


def resampled(
    values: Mapping[tuple[int, datetime], Decimal], edges: Sequence[datetime], minutes: int, power: bool
) -> list[Fraction | None]:
    """[n] between the edges: from the asked step, else from the coarsest finer one that is complete."""
    finer = [m for m in (60, 30, 15, 10) if m <= minutes and minutes % m == 0]
    return [_one(values, edges[k], edges[k + 1], finer, power) for k in range(len(edges) - 1)]


def _one(
    values: Mapping[tuple[int, datetime], Decimal], start: datetime, end: datetime, steps: list[int], power: bool
) -> Fraction | None:
    if (1440, start) in values and (end - start) > timedelta(hours=20):
        return Fraction(values[1440, start])
    for step in steps:
        at, parts = start, []
        while at < end:
            parts.append(values.get((step, at)))
            at += timedelta(minutes=step)
        if all(part is not None for part in parts):
            whole = sum((Fraction(part) for part in parts if part is not None), Fraction(0))
            return whole / len(parts) if power else whole
    return None


def grouped(
    rows: Mapping[str, Sequence[Fraction | None]], groups: Mapping[str, tuple[str, ...]], n_values: int
) -> dict[tuple[str, ...], list[tuple[Fraction, int]]]:
    """Group -> (sum, number of points of delivery) [n] of the points of delivery's rows [n]."""
    totals: dict[tuple[str, ...], list[tuple[Fraction, int]]] = {}
    for pod, group in groups.items():
        row = totals.setdefault(group, [(Fraction(0), 0)] * n_values)
        for k, value in enumerate(rows.get(pod, ())):
            if value is not None:
                row[k] = (row[k][0] + value, row[k][1] + 1)
    return totals


def told_of(
    totals: dict[tuple[str, ...], list[tuple[Fraction, int]]], least: int
) -> set[tuple[tuple[str, ...], int]]:
    """(group, place) that may be seen: enough, and no parent's hidden ones are too few together."""
    seen = {(group, k) for group, row in totals.items() for k, (_, n) in enumerate(row) if n >= least}
    for parent in {group[:-1] for group in totals} - {()}:
        family = sorted(group for group in totals if group[:-1] == parent)
        for k in range(len(totals[family[0]])):
            n = {group: totals[group][k][1] for group in family}
            while 0 < sum(n[group] for group in family if (group, k) not in seen) < least:
                left = [group for group in family if (group, k) in seen]
                if not left:
                    break
                seen.remove((min(left, key=lambda group: (n[group], group)), k))
    return seen


def rounded(value: Fraction) -> Decimal:
    """Half-even to six decimals."""
    return Decimal(round(value * 10**6)).scaleb(-6)
