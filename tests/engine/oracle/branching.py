"""Branch and bound over alternatives of bounds, with a nonlinear relaxation in the nodes.

Exact as far as the relaxation's local optima are global; meant for a few whole-or-nothing choices.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

HOLDS = 1e-6
SAME_EUR = 1e-9

Alternative = dict[int, tuple[float, float]]
Choice = Sequence[Alternative]


def best(
    solve: Callable[[np.ndarray, np.ndarray, np.ndarray | None], Any],
    lower: np.ndarray,
    upper: np.ndarray,
    choices: Sequence[Choice],
) -> Any:
    """The cheapest solution that meets one alternative of every choice, None if there is none.

    solve(lower, upper, start) gives an object with `cost` and `x`, or None where it finds nothing feasible.
    """
    incumbent: Any = None
    stack: list[tuple[np.ndarray, np.ndarray, np.ndarray | None]] = [(lower, upper, None)]
    while stack:
        low, high, start = stack.pop()
        node = solve(low, high, start)
        bound = math.inf if incumbent is None else incumbent.cost - SAME_EUR
        if node is None or node.cost >= bound:
            continue
        open_choices = [(min(distance(a, node.x) for a in choice), choice) for choice in choices]
        worst, choice = max(open_choices, key=lambda pair: pair[0], default=(0.0, ()))
        if worst > HOLDS:
            ordered = sorted(choice, key=lambda a: -distance(a, node.x))
            stack += [(*_within(a, low, high), node.x) for a in ordered]
            continue
        for each in choices:
            low, high = _within(min(each, key=lambda a: distance(a, node.x)), low, high)
        exact = solve(low, high, node.x) if choices else node
        if exact is not None and exact.cost < bound:
            incumbent = exact
    return incumbent


def distance(alternative: Alternative, x: np.ndarray) -> float:
    """By how much x is outside of the alternative's bounds at most."""
    return max((max(low - x[i], x[i] - high, 0.0) for i, (low, high) in alternative.items()), default=0.0)


def _within(alternative: Alternative, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    low, high = low.copy(), high.copy()
    for i, (at_least, at_most) in alternative.items():
        low[i], high[i] = max(low[i], at_least), min(high[i], at_most)
    return low, high
