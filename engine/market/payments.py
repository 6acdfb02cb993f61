"""Pay as bid, exact to the cent: rational numbers, half-even rounding, the operator takes the residual."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from engine.market.case import COUPLING_PARTY, Case
from engine.reading import Floats


def pay_as_bid(case: Case, watts: NDArray[np.int64], import_change_mw: Floats) -> dict[str, str]:
    """EUR by party, summing to 0.00 with operator and coupling.

    watts : [n_offers, n_steps] accepted; import_change_mw : [n_steps] import after less before, settled at the
    coupling price.
    """
    minutes = Fraction(case.time.mtu_minutes, 60)
    owed: dict[str, Fraction] = {}
    for row, offer in zip(watts, case.offers, strict=True):
        amount = sum(
            (int(row[t]) * Fraction(repr(float(offer.price_eur_per_mwh[t]))) for t in np.flatnonzero(row)),
            start=Fraction(0),
        )
        owed[offer.party] = owed.get(offer.party, Fraction(0)) + amount * minutes / 1_000_000
    cents = {party: round(amount * 100) for party, amount in sorted(owed.items())}
    energy = float((case.coupling_price_eur_per_mwh * import_change_mw).sum()) * case.time.hours
    cents[COUPLING_PARTY] = round(energy * 100)
    residual = -sum(cents.values())
    cents[case.options.operator] = cents.get(case.options.operator, 0) + residual
    return {party: euros(amount) for party, amount in cents.items()}


def euros(cents: int) -> str:
    """Cents as euros with two decimals."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"
