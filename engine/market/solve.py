"""From a case's problem to its optimum: choices, search, and what a search alone cannot exclude."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.market.choices import Choice, choose, has_choices
from engine.market.columns import CHARGE, DISCHARGE, VIRTUAL
from engine.market.problem import Problem
from engine.market.search import Outcome, Progress, search
from engine.reading import Floats

ROUNDS_MAX = 5
USED_MW = 1e-6
BETTER_EUR = 1e-6


def solve(problem: Problem, progress: Progress) -> tuple[Problem, Outcome]:
    """The best AC-feasible answer found, with the problem whose bounds fix its choices.

    Prices come from that problem: whole-or-nothing choices fixed, each storage's direction fixed where both would
    have paid.
    """
    if not has_choices(problem.case):
        return _continuous(problem, progress, None)
    relaxed = search(problem, progress)
    if relaxed.reason is not None:
        return problem, relaxed
    best: tuple[Problem, Outcome] | None = None
    tried: set[bytes] = set()
    at = relaxed
    for _ in range(ROUNDS_MAX):
        choice = choose(problem, at.point, at.links)
        if choice is None:
            return problem, replace(relaxed, reason="no_choice_found")
        if choice.on.tobytes() in tried:
            break
        tried.add(choice.on.tobytes())
        answer = with_choice(problem, choice, progress, at.point.x)
        at = answer[1] if answer[1].reason is None else at
        if best is None or is_better(answer[1], best[1]):
            best = answer
    assert best is not None
    return best


def with_choice(problem: Problem, choice: Choice, progress: Progress, start: Floats) -> tuple[Problem, Outcome]:
    """The answer with a choice made; the search starts from values cut to its bounds."""
    lower, upper = choice.bounds(problem.case, problem.columns)
    fixed = problem.within(lower, upper)
    return _continuous(fixed, progress, np.clip(start, lower, upper))


def is_better(outcome: Outcome, other: Outcome) -> bool:
    """Whether an outcome is an answer and costs less, virtual changes included."""
    if outcome.reason is not None:
        return False
    return other.reason is not None or outcome.point.cost.sum() < other.point.cost.sum() - BETTER_EUR


def _continuous(problem: Problem, progress: Progress, start: Floats | None) -> tuple[Problem, Outcome]:
    """Search; then no storage both ways at once, and no valley that only virtual changes of one kind lead out of."""
    outcome = search(problem, progress, start)
    if outcome.reason is not None:
        return problem, outcome
    problem, outcome = _one_way(problem, outcome, progress)
    return _other_valley(problem, outcome, progress)


def _one_way(problem: Problem, outcome: Outcome, progress: Progress) -> tuple[Problem, Outcome]:
    """Where a storage charges and discharges in one step, shut the smaller of both and search again."""
    columns = problem.columns
    n = len(problem.case.offers) * problem.n_steps
    for _ in range(problem.n_steps):
        x = outcome.point.x
        amounts = np.zeros((2, n))
        where = np.full((2, n), -1, dtype=np.int64)
        for side, kind in enumerate((CHARGE, DISCHARGE)):
            mine = np.flatnonzero(columns.kind == kind)
            key = columns.owner[mine] * problem.n_steps + columns.step[mine]
            amounts[side, key], where[side, key] = x[mine], mine
        both = np.flatnonzero((amounts > USED_MW).all(axis=0))
        if not both.size or outcome.reason is not None:
            return problem, outcome
        shut = where[np.argmin(amounts[:, both], axis=0), both]
        upper = problem.columns.upper.copy()
        upper[shut] = 0.0
        problem = problem.within(problem.columns.lower, upper)
        columns = problem.columns
        outcome = search(problem, progress, np.minimum(x, upper))
    return problem, outcome


def _other_valley(problem: Problem, outcome: Outcome, progress: Progress) -> tuple[Problem, Outcome]:
    """Virtual P and virtual Q cost the same, so a search may settle on the dearer of both; try each alone."""
    columns = problem.columns
    virtual = columns.kind == VIRTUAL
    if not (virtual & (outcome.point.x > USED_MW)).any():
        return problem, outcome
    for reactive in (True, False):
        upper = np.where(virtual & (columns.reactive == reactive), 0.0, columns.upper)
        alone = search(problem.within(columns.lower, upper), progress)
        if alone.reason is not None:
            continue
        cheaper = problem.per_group(outcome.point.cost - alone.point.cost) > BETTER_EUR
        if cheaper.any():
            x = np.where(cheaper[columns.step], alone.point.x, outcome.point.x)
            again = search(problem, progress, x)
            outcome = again if is_better(again, outcome) else outcome
    return problem, outcome
