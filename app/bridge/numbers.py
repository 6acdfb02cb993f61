"""Exact Decimals of the domain to floats of the engine and back. The only place that rounds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from domain.units import WATT, Series

HOURS_PER_STEP = Decimal("0.25")


def floats(values: Sequence[Decimal]) -> list[float]:
    """The nearest float of each Decimal."""
    return [float(value) for value in values]


def watts(value: float | Decimal) -> Decimal:
    """MW rounded half-even to whole watts; no negative zero."""
    return exact(value).quantize(WATT, rounding=ROUND_HALF_EVEN) + Decimal(0)


def series(values: Iterable[float | Decimal]) -> Series:
    """Each value in MW rounded half-even to whole watts."""
    return tuple(watts(value) for value in values)


def exact(value: float | Decimal) -> Decimal:
    """The shortest decimal that names the number."""
    return value if isinstance(value, Decimal) else Decimal(repr(float(value)))


def price(value: float | Decimal) -> Decimal:
    """EUR (or EUR/MWh) rounded half-even to cents."""
    return Decimal(str(value)).quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN) + Decimal(0)
