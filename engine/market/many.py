"""Large markets: every programme decides only over what is near its margin.

First the relaxation in which each choice is divisible; then a mixed-integer programme over the few choices that
its prices leave open; then the AC search with the choice fixed; again from there while a bound says it could pay.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.market.bound import bound_at, gap_of, true_cost
from engine.market.choices import Choice, choose, together_of, two_way
from engine.market.columns import OFFER
from engine.market.flat import Together
from engine.market.linear import LinearProblem
from engine.market.problem import Problem
from engine.market.repair import NEAR_EUR_PER_MWH, Settle, search_near
from engine.market.search import Outcome, Progress
from engine.market.sifting import Relaxed, nothing_together, relax, retaken, step_from, undecided, with_links
from engine.market.valleys import is_better

MANY = 20_000
OPEN_EUR_PER_MWH = (0.5, 4.0, 16.0, 64.0)
OPEN_MAX = 60_000
ENOUGH = 5e-4


def is_large(problem: Problem) -> bool:
    """Whether a market has so many variables that most should stand aside."""
    return int((problem.columns.kind == OFFER).sum()) > MANY


def solve_many(problem: Problem, progress: Progress, settle: Settle) -> tuple[Problem, Outcome] | None:
    """The best answer found, with the problem whose bounds fix its choices; None where a programme fails.

    settle : what follows a search of a part, as `search_near` calls it.
    """
    progress("clearing", 0.0)
    together = together_of(problem.case, problem.columns, ())
    at = relax(problem, together)
    at = None if at is None else retaken(problem, at, at.point)
    best: tuple[Problem, Outcome] | None = None
    tried: set[bytes] = set()
    pairs: set[tuple[int, int]] = set()
    at_stake = 0.0
    for near in OPEN_EUR_PER_MWH:
        choice = None if at is None else _chosen(problem, at, together, near, at_stake)
        if at is None or choice is None:
            break
        if choice.on.tobytes() in tried:
            continue
        tried.add(choice.on.tobytes())
        fixed, outcome = _with_choice(problem, at, choice, progress, settle)
        if outcome.reason is not None:
            continue
        more = two_way(problem.columns, outcome.point.x)
        if more:
            pairs |= set(more)
            together = together_of(problem.case, problem.columns, tuple(sorted(pairs)))
            continue
        known = [(outcome.worth, outcome.link_multipliers), (at.tables(), at.multipliers[len(at.flat.rows) :])]
        if len(together) or isinstance(problem, LinearProblem):
            outcome = replace(outcome, bound_eur=bound_at(problem, outcome, together, known))
        if best is None or is_better(outcome, best[1]):
            best = fixed, outcome
        if (gap_of(problem, best[1]) or 0.0) <= ENOUGH:
            break
        at_stake = true_cost(problem, best[1]) - best[1].bound_eur
        at = retaken(problem, at, outcome.point)
    return best


def _chosen(problem: Problem, at: Relaxed, together: Together, near: float, at_stake_eur: float) -> Choice | None:
    """The best choice for the linear model at a state, of what its multipliers leave open, if not too much."""
    if not len(together):
        return Choice(np.ones(len(problem.columns), dtype=np.bool_))
    play = undecided(at.flat, together, at.multipliers, near, at_stake_eur)
    is_a_lot = near > OPEN_EUR_PER_MWH[0] and play.columns.sum() + play.binaries.sum() > OPEN_MAX
    return None if is_a_lot else choose(at.flat, together, play)


def _with_choice(
    problem: Problem, at: Relaxed, choice: Choice, progress: Progress, settle: Settle
) -> tuple[Problem, Outcome]:
    """The answer with a choice made, from one more programme at the state reached so far."""
    lower, upper = choice.bounds(problem.case, problem.columns)
    fixed = problem.within(lower, upper)
    start = replace(at, point=fixed.at(np.clip(at.point.x, lower, upper)))
    tangent = with_links(fixed, at.flat.links)
    stepped = step_from(tangent, nothing_together(fixed), start, NEAR_EUR_PER_MWH)
    return fixed, search_near(fixed, start if stepped is None else stepped, progress, settle)
