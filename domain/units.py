"""Exact quantities and money: MW to the watt, prices and amounts to the cent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from domain.errors import Finding

WATT = Decimal("0.000001")
CENT = Decimal("0.01")
MAX_P_MW = Decimal(10_000)
MAX_PRICE_EUR_PER_MWH = Decimal(10_000)

Series = tuple[Decimal, ...]
"""One value per quarter hour of a delivery day."""


def decimals(value: Decimal) -> int:
    """Decimal places that carry a digit other than zero, exact at any length (`normalize` rounds to 28 digits)."""
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or not any(digits):
        return 0
    trailing = next(n for n, digit in enumerate(reversed(digits)) if digit)
    return max(0, -(exponent + trailing))


def number_findings(
    value: Decimal, field: str, *, unit: str, places: int, low: Decimal, high: Decimal
) -> list[Finding]:
    """What is wrong with one number: not finite, below `low`, above `high`, or more than `places` decimals."""
    if not value.is_finite():
        return [Finding(code="not_finite", field=field, sentence=f"{value} is not a finite number of {unit}.")]
    if value < low:
        code = "negative" if low == 0 else "out_of_range"
        return [Finding(code=code, field=field, sentence=f"{value} {unit} is below the least allowed, {low}.")]
    if value > high:
        sentence = f"{value} {unit} is above the most allowed, {high}."
        return [Finding(code="out_of_range", field=field, sentence=sentence)]
    if decimals(value) > places:
        sentence = f"{value} {unit} has {decimals(value)} decimals; {places} are allowed."
        return [Finding(code="too_many_decimals", field=field, sentence=sentence)]
    return []


def quantity_findings(values: Sequence[Decimal], field: str, n_steps: int, unit: str = "MW") -> list[Finding]:
    """Findings of a series of quantities [n_steps], none negative, at least one positive."""
    found = series_findings(values, field, n_steps, unit=unit, places=6, low=Decimal(0), high=MAX_P_MW)
    if not found and not any(values):
        found.append(Finding(code="zero_quantity", field=field, sentence="Every quarter hour is zero."))
    return found


def price_findings(value: Decimal, field: str, unit: str = "EUR/MWh") -> list[Finding]:
    """Findings of one price, two decimals, within plus and minus the market's technical limit."""
    limit = MAX_PRICE_EUR_PER_MWH
    return number_findings(value, field, unit=unit, places=2, low=-limit, high=limit)


def prices_findings(values: Sequence[Decimal], field: str, n_steps: int, unit: str = "EUR/MWh") -> list[Finding]:
    limit = MAX_PRICE_EUR_PER_MWH
    return series_findings(values, field, n_steps, unit=unit, places=2, low=-limit, high=limit)


def series_findings(
    values: Sequence[Decimal],
    field: str,
    n_steps: int,
    *,
    unit: str,
    places: int,
    low: Decimal,
    high: Decimal,
) -> list[Finding]:
    """Findings of a series [n_steps]; at most the first five bad values are named."""
    if len(values) != n_steps:
        sentence = f"{len(values)} values; the day has {n_steps} quarter hours."
        return [Finding(code="wrong_length", field=field, sentence=sentence)]
    found: list[Finding] = []
    for step, value in enumerate(values):
        found += number_findings(value, f"{field}[{step}]", unit=unit, places=places, low=low, high=high)
        if len(found) >= 5:
            break
    return found


def cents(amount_eur: Decimal) -> Decimal:
    """An amount rounded half-even to whole cents."""
    return amount_eur.quantize(CENT, rounding=ROUND_HALF_EVEN)


def total(values: Sequence[Decimal]) -> Decimal:
    return sum(values, Decimal(0))


def add_series(parts: Iterable[Series], n_steps: int) -> Series:
    """The sum of series of one length, zeros without any."""
    sums = [Decimal(0)] * n_steps
    for part in parts:
        sums = [a + b for a, b in zip(sums, part, strict=True)]
    return tuple(sums)


def energy_mwh(p_mw: Sequence[Decimal], mtu_minutes: int = 15) -> Decimal:
    """Energy of a power series, MWh."""
    return total(p_mw) * mtu_minutes / 60
