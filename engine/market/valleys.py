"""What a search alone cannot exclude: that another valley of the same market is deeper.

The AC market is not convex. Where there are signs of that (virtual changes, equal prices, a negative coupling
price, which pays for losses, a search that had to feel its way) the search runs again from elsewhere: with virtual
P or virtual Q alone, which cost the same, and from drawn acceptances. Each group of steps keeps the cheapest.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.market.columns import OFFER, VIRTUAL
from engine.market.linear import LinearProblem
from engine.market.problem import Problem
from engine.market.search import Outcome, Progress, search
from engine.reading import Floats

USED_MW = 1e-6
BETTER_EUR = 1e-6
SMOOTH_ITERATIONS = 6
STARTS_MAX = 9
# So many variables may start elsewhere altogether; a big market's day is not searched that often.
DRAWN_MAX = 20_000

Mask = NDArray[np.bool_]


def best_valley(problem: Problem, outcome: Outcome, progress: Progress) -> Outcome:
    """The outcome, or a cheaper one found from elsewhere."""
    if isinstance(problem, LinearProblem) or outcome.reason is not None:
        return outcome
    x, cost = outcome.point.x, outcome.point.cost
    found = False
    for other in _others(problem, outcome, progress):
        if other.reason is not None:
            continue
        cheaper = problem.per_group(cost - other.point.cost) > BETTER_EUR
        if cheaper.any():
            found = True
            x = np.where(cheaper[problem.columns.step], other.point.x, x)
            cost = np.where(cheaper, other.point.cost, cost)
    if not found:
        return outcome
    again = search(problem, progress, x)
    return again if is_better(again, outcome) else outcome


def is_better(outcome: Outcome, other: Outcome) -> bool:
    """Whether an outcome is an answer and costs less, virtual changes included."""
    if outcome.reason is not None:
        return False
    return other.reason is not None or outcome.point.cost.sum() < other.point.cost.sum() - BETTER_EUR


def _others(problem: Problem, outcome: Outcome, progress: Progress) -> Iterator[Outcome]:
    columns, x = problem.columns, outcome.point.x
    virtual = columns.kind == VIRTUAL
    unmet = _grouped(problem, _steps_with(problem, virtual & (x > USED_MW)))
    if unmet.any():
        start = np.where(unmet[columns.step], columns.lower, x)
        for reactive in (True, False):
            upper = np.where(virtual & (columns.reactive == reactive), 0.0, columns.upper)
            yield search(problem.within(columns.lower, upper), progress, np.minimum(start, upper), only=unmet)
    rough = outcome.iterations > SMOOTH_ITERATIONS
    doubtful = _grouped(problem, unmet | rough | _tied(problem, x) | (problem.energy_cost < 0.0))
    n_drawn = int(doubtful[columns.step].sum())
    if n_drawn:
        for number in range(min(STARTS_MAX, DRAWN_MAX // n_drawn)):
            yield _drawn(problem, x, doubtful, number, progress)


def _drawn(problem: Problem, x: Floats, doubtful: Mask, number: int, progress: Progress) -> Outcome:
    """A search from elsewhere in the doubtful steps, by turns of three kinds.

    From the answer to drawn prices, which keeps balances and so is the kind for auctions; from corners, where
    linear markets end; and from between, where those with losses do.
    """
    columns, rng = problem.columns, np.random.default_rng([problem.case.options.seed, number])
    drawn = doubtful[columns.step]
    real = (columns.kind != VIRTUAL) & drawn
    if number % 3 == 0 or problem.case.options.clearing != "network":
        cost = np.where(real, columns.cost * (1.0 + rng.standard_normal(len(columns))), columns.cost)
        start = search(problem.priced(cost), progress, x, only=doubtful).point.x
    else:
        share = rng.random(len(columns))
        share = np.round(share) if number % 3 == 1 else share
        room = np.where(np.isfinite(columns.upper) & real, columns.upper - columns.lower, 0.0)
        start = np.where(drawn, columns.lower + share * room, x)
    return search(problem, progress, start, only=doubtful)


def _grouped(problem: Problem, steps: Mask) -> Mask:
    """[n_steps] whole groups with one of the steps."""
    found: Mask = problem.per_group(steps.astype(np.float64)) > 0
    return found


def _steps_with(problem: Problem, which: Mask) -> Mask:
    """[n_steps] whether some variable marked in which : [n_columns] is in the step."""
    return problem.per_step(which.astype(np.float64)) > 0


def _tied(problem: Problem, x: Floats) -> Mask:
    """[n_steps] all accepted offers ask one price, and some elsewhere ask the same: which of them is a toss-up."""
    columns = problem.columns
    offers = (columns.kind == OFFER) & (columns.upper > columns.lower)
    low, high = np.full(problem.n_steps, np.inf), np.full(problem.n_steps, -np.inf)
    used = offers & (x > columns.lower + USED_MW)
    np.minimum.at(low, columns.step[used], columns.true_cost[used])
    np.maximum.at(high, columns.step[used], columns.true_cost[used])
    same = offers & (columns.true_cost == low[columns.step])
    first, last = np.full(problem.n_steps, np.inf), np.full(problem.n_steps, -np.inf)
    np.minimum.at(first, columns.step[same], columns.bus[same])
    np.maximum.at(last, columns.step[same], columns.bus[same])
    some_left = _steps_with(problem, same & (x < columns.upper - USED_MW))
    tied: Mask = (low == high) & (first < last) & some_left
    return tied
