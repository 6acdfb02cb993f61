"""From a case's problem to its optimum: choices, search, and what a search alone cannot exclude."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.market.bound import bound_at
from engine.market.choices import Choice, Pairs, choose, everything, has_choices, together_of, two_way
from engine.market.flat import Flat
from engine.market.limits import no_rows
from engine.market.linear import LinearProblem
from engine.market.many import is_large, solve_many
from engine.market.problem import Problem
from engine.market.search import Known, Outcome, Progress, search
from engine.market.valleys import best_valley, is_better
from engine.reading import Floats

ROUNDS_MAX = 6


def solve(
    problem: Problem, progress: Progress, start: Floats | None = None, known: Known | None = None
) -> tuple[Problem, Outcome]:
    """The best AC-feasible answer found, with the problem whose bounds fix its choices.

    Prices come from that problem: whole-or-nothing choices fixed, a storage's direction fixed in every step where
    it would have charged and discharged at once. `Outcome.bound_eur` is known on linear physics and where there
    are choices.
    """
    if is_large(problem):
        found = solve_many(problem, progress, lambda part, answer: best_valley(part, answer, progress))
        if found is not None:
            return found
    relaxed = search(problem, progress, start, known)
    if relaxed.reason is not None:
        return problem, relaxed
    pairs = two_way(problem.columns, relaxed.point.x)
    if not has_choices(problem.case) and not pairs:
        return problem, _bounded(problem, best_valley(problem, relaxed, progress), ())
    best, pairs = _best_choice(problem, relaxed, pairs, progress)
    if best is None:
        return problem, replace(relaxed, reason="no_choice_found")
    settled = best_valley(*best, progress)
    is_known = settled is best[1] and np.isfinite(settled.bound_eur)
    return best[0], settled if is_known else _bounded(problem, settled, pairs)


def _best_choice(
    problem: Problem, relaxed: Outcome, pairs: Pairs, progress: Progress
) -> tuple[tuple[Problem, Outcome] | None, Pairs]:
    """The cheapest answer of choices made at each other's states, and the pairs that had to be kept apart.

    On linear physics every model is the same, so each bound holds; else that of the answer's own state.
    """
    best: tuple[Problem, Outcome] | None = None
    tried: set[bytes] = set()
    at, bound, is_linear = relaxed, -np.inf, isinstance(problem, LinearProblem)
    rows = problem.rows_near(problem.at(np.zeros(len(problem.columns))), no_rows())
    for _ in range(ROUNDS_MAX):
        rows = problem.rows_near(at.point, rows)
        flat, together = Flat(problem, at.point, rows, at.links), together_of(problem.case, problem.columns, pairs)
        choice = choose(flat, together, everything(flat, together))
        if choice is None:
            break
        if is_linear or (best is not None and at is best[1]):
            bound = max(bound, choice.bound_eur)
        if choice.on.tobytes() in tried:
            break
        tried.add(choice.on.tobytes())
        answer = with_choice(problem, choice, progress, at.point.x)
        if answer[1].reason is None:
            at = answer[1]
        more = two_way(problem.columns, answer[1].point.x)
        if more:
            pairs = tuple(sorted({*pairs, *more}))
        elif best is None or is_better(answer[1], best[1]):
            best, bound = answer, bound if is_linear else -np.inf
    return (None if best is None else (best[0], replace(best[1], bound_eur=bound))), pairs


def _bounded(problem: Problem, outcome: Outcome, pairs: Pairs) -> Outcome:
    """The outcome with the bound of the relaxation at it, where one tells something."""
    told = isinstance(problem, LinearProblem) or has_choices(problem.case) or pairs
    if not told or outcome.reason is not None:
        return outcome
    return replace(
        outcome, bound_eur=bound_at(problem, outcome, together_of(problem.case, problem.columns, pairs))
    )


def with_choice(problem: Problem, choice: Choice, progress: Progress, start: Floats) -> tuple[Problem, Outcome]:
    """The answer with a choice made; the search starts from values cut to its bounds."""
    lower, upper = choice.bounds(problem.case, problem.columns)
    fixed = problem.within(lower, upper)
    return fixed, search(fixed, progress, np.clip(start, lower, upper))
