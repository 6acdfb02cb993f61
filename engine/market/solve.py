"""From a case's problem to its optimum: choices, search, and what a search alone cannot exclude."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.market.choices import Choice, choose, has_choices, two_way
from engine.market.columns import VIRTUAL
from engine.market.problem import Problem
from engine.market.search import Outcome, Progress, search
from engine.reading import Floats

ROUNDS_MAX = 4
USED_MW = 1e-6
BETTER_EUR = 1e-6


def solve(problem: Problem, progress: Progress) -> tuple[Problem, Outcome]:
    """The best AC-feasible answer found, with the problem whose bounds fix its choices.

    Prices come from that problem: whole-or-nothing choices fixed, a storage's direction fixed in every step where
    it would have charged and discharged at once.
    """
    relaxed = search(problem, progress)
    if relaxed.reason is not None:
        return problem, relaxed
    pairs = two_way(problem.columns, relaxed.point.x)
    if not has_choices(problem.case) and not pairs:
        return problem, _other_valley(problem, relaxed, progress)
    best: tuple[Problem, Outcome] | None = None
    tried: set[bytes] = set()
    at = relaxed
    for _ in range(ROUNDS_MAX):
        choice = choose(problem, at.point, at.links, pairs)
        if choice is None or choice.on.tobytes() in tried:
            break
        tried.add(choice.on.tobytes())
        answer = with_choice(problem, choice, progress, at.point.x)
        if answer[1].reason is None:
            at = answer[1]
        more = two_way(problem.columns, answer[1].point.x)
        if more:
            pairs = tuple(sorted({*pairs, *more}))
        elif best is None or is_better(answer[1], best[1]):
            best = answer
    if best is None:
        return problem, replace(relaxed, reason="no_choice_found")
    return best[0], _other_valley(*best, progress)


def with_choice(problem: Problem, choice: Choice, progress: Progress, start: Floats) -> tuple[Problem, Outcome]:
    """The answer with a choice made; the search starts from values cut to its bounds."""
    lower, upper = choice.bounds(problem.case, problem.columns)
    fixed = problem.within(lower, upper)
    return fixed, search(fixed, progress, np.clip(start, lower, upper))


def is_better(outcome: Outcome, other: Outcome) -> bool:
    """Whether an outcome is an answer and costs less, virtual changes included."""
    if outcome.reason is not None:
        return False
    return other.reason is not None or outcome.point.cost.sum() < other.point.cost.sum() - BETTER_EUR


def _other_valley(problem: Problem, outcome: Outcome, progress: Progress) -> Outcome:
    """Virtual P and virtual Q cost the same, so a search may settle on the dearer of both; try each alone."""
    columns = problem.columns
    virtual = columns.kind == VIRTUAL
    if not (virtual & (outcome.point.x > USED_MW)).any():
        return outcome
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
    return outcome
