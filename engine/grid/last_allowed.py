"""The largest whole number at which no quantity is beyond its bound, for quantities that need not be monotone.

A scan from the top in cells that are halved until one quantity is beyond its bound all over a cell, or the cell
is one wide. How far a quantity may sag between the ends of a cell is told by how far its middle is off the chord:
a parabola sags just that far, a single kink at most twice as far. Four times as much is allowed for. What may be
missed is a bend and its opposite within one cell of the first scan.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from engine.grid.network import Ints
from engine.reading import Floats

CELLS = 32
SAG_FACTOR = 4.0

Beyond = Callable[[Ints], Floats]
"""Whole numbers [n] to how far each quantity is beyond its bound there, [n, n_quantities]: a number is allowed
where all are at most 0. NaN is not allowed, but only numbers above 0 show that a cell need not be searched."""


def last_allowed(beyond: Beyond, top: int, cells: int = CELLS) -> int:
    """The largest allowed number from 0 to below `top`, which is not allowed itself; 0 where there is none."""
    known: dict[int, Floats] = {}

    def ask(numbers: Ints) -> None:
        known.update(zip(numbers.tolist(), beyond(numbers), strict=True))

    edges = np.unique(np.linspace(0, top, 2 * cells + 1).round().astype(np.int64))
    ask(edges)
    ends = edges[::2].tolist()
    if ends[-1] != top:
        ends.append(top)
    stack = list(pairwise(ends))
    while stack:
        low, high = stack.pop()
        if high - low == 1:
            if allowed(known[low]):
                return int(low)
            continue
        middle = (low + high) // 2
        if middle not in known:
            ask(np.array([middle]))
        if not _beyond_all_over(known[low], known[middle], known[high], (middle - low) / (high - low)):
            stack += [(low, middle), (middle, high)]
    return 0


def allowed(beyond: Floats) -> bool:
    """Whether nothing of [n_quantities] is beyond its bound."""
    return bool((beyond <= 0.0).all())


def _beyond_all_over(low: Floats, middle: Floats, high: Floats, place: float) -> bool:
    sag = np.abs(middle - (low + place * (high - low)))
    least = np.minimum(np.minimum(low, middle), high)
    return bool((least > SAG_FACTOR * sag).any())
