"""Successive programmes: move from AC state to AC state until the model has nothing left to gain.

Each group of steps starts with linear programmes, whose vertices are exact where limits fix the answer; where
losses or limits bend it, the exact second-order model takes over. Virtual changes make every programme feasible. A
trial is accepted where cost plus weighted violation falls as the model says; else a trust region shrinks. (R.
Fletcher and E. Sainz de la Maza, "Nonlinear programming and nonsmooth optimization by successive linear
programming", Math. Prog. 43, 1989; J. Nocedal and S. J. Wright, "Numerical Optimization", 2006, chapter 18.)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.market.columns import LEVEL
from engine.market.limits import Rows, no_rows
from engine.market.linearisation import Linearisation, Step
from engine.market.links import Links
from engine.market.problem import FEASIBLE_PERCENT, Point, Problem
from engine.market.program import Programme, minimise
from engine.market.shared_power import SharedPower
from engine.reading import Floats

ITERATIONS_MAX = 80
LINEAR_MAX = 6
SETTLED_EUR = 1e-7
# Prices err by the square root of what a model misses.
SURPRISE_EUR = 1e-9
RADIUS_MIN_MW = 1e-9

Progress = Callable[[str, float], None]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Support:
    """Limits that have a price.

    multipliers : [n_rows] EUR per percent; by_p, by_q : [n_rows, n_bus] percent per MW or Mvar.
    """

    rows: Rows
    multipliers: Floats
    by_p: Floats
    by_q: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """Where the search ended. `reason` is None when every step has settled on an AC-feasible optimum.

    worth : by kind of limit, [n_steps, n_bus or n_branch] EUR per percent; links, link_multipliers : [n_links];
    bound_eur : what no answer of the model linearised at the point costs less than, -inf where that is not known.
    """

    point: Point
    iterations: int
    reason: str | None
    supports: dict[int, Support]
    worth: tuple[Floats, ...]
    links: Links
    link_multipliers: Floats
    is_bent: bool
    bound_eur: float = -np.inf


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What holds at the values a search starts from, since these are the optimum of a like problem.

    worth, link_multipliers : as `Outcome` has them, of the problem's own links; moving : [n_steps] steps in which
    that optimum need not be this problem's.
    """

    worth: tuple[Floats, ...]
    link_multipliers: Floats
    moving: Mask


@dataclass(slots=True, eq=False)
class _State:
    """What the search carries from one programme to the next."""

    point: Point
    rows: Rows
    links: Links
    radius: Floats
    moving: Mask
    bends: Mask
    weight: Floats
    worth: tuple[Floats, ...]
    link_multipliers: Floats
    answered: Mask
    supports: dict[int, Support] = field(default_factory=dict)


def silent(stage: str, share: float) -> None:
    """Progress that nobody asked for."""


def search(
    problem: Problem,
    progress: Progress,
    start: Floats | None = None,
    known: Known | None = None,
    only: Mask | None = None,
) -> Outcome:
    """Search from the given values, or from as little acceptance as bounds and links allow.

    only : [n_steps] whole groups of steps that are searched, the others keep their values; None for all.
    """
    n = problem.n_steps
    point = problem.at(least(problem) if start is None else start)
    shared = SharedPower(problem.case, problem.columns)
    links = problem.links.with_rows(shared.first_rows(), len(problem.columns))
    state = _State(
        point=point,
        rows=no_rows(),
        links=links,
        radius=np.full(n, np.inf),
        moving=np.ones(n, dtype=np.bool_),
        bends=problem.energy_cost != 0.0,
        weight=np.zeros(n),
        worth=tuple(np.zeros_like(e) for e in point.excesses),
        link_multipliers=np.zeros(len(links.upper)),
        answered=np.zeros(n, dtype=np.bool_),
    )
    if known is not None:
        state.worth = tuple(table.copy() for table in known.worth)
        state.link_multipliers[: len(known.link_multipliers)] = known.link_multipliers
        state.moving, state.answered = known.moving.copy(), np.ones(n, dtype=np.bool_)
    if only is not None:
        state.moving &= only
    state.bends = problem.per_group(state.bends.astype(np.float64)) > 0
    if not point.flow.all_converged:
        return _outcome(state, 0, "power_flow_diverged")
    state.rows = problem.rows_near(point, state.rows)
    for iteration in range(1, ITERATIONS_MAX + 1):
        progress("clearing", 1.0 - float(state.moving.mean()))
        steps = _solve(problem, state)
        failed = [step for step in steps if not step.solution.optimal]
        if failed:
            return _outcome(state, iteration, f"solver: {failed[0].solution.word}")
        _advance(problem, state, steps, shared)
        if not state.moving.any():
            return _outcome(state, iteration, None)
        if (state.radius[state.moving] < RADIUS_MIN_MW).any():
            return _outcome(state, iteration, "trust_region_collapsed")
        if iteration >= LINEAR_MAX:
            state.bends[:] = True
    return _outcome(state, ITERATIONS_MAX, "not_settled")


def least(problem: Problem) -> Floats:
    """[n_columns] the least acceptance that bounds and links allow; zeros where they allow that."""
    columns, links = problem.columns, problem.links
    x = columns.lower.copy()
    reached = links.matrix @ x
    if (reached >= links.lower - 1e-12).all() and (reached <= links.upper + 1e-12).all():
        return x
    cost = np.where(columns.kind == LEVEL, 0.0, 1.0)
    found = minimise(Programme(cost, columns.lower, columns.upper, links.matrix, links.lower, links.upper))
    return found.x if found.optimal else x


def _outcome(state: _State, iterations: int, reason: str | None) -> Outcome:
    return Outcome(
        state.point,
        iterations,
        reason,
        state.supports,
        state.worth,
        state.links,
        state.link_multipliers,
        bool(state.bends.any()),
    )


def _solve(problem: Problem, state: _State) -> list[Step]:
    """One programme for the moving steps without curvature, one for those with it."""
    steps = []
    for mask, bends in ((state.moving & ~state.bends, False), (state.moving & state.bends, True)):
        if mask.any():
            step = _programme(problem, state, mask, bends).solve()
            if bends and not step.solution.optimal:
                step = _programme(problem, state, mask, False).solve()
            steps.append(step)
    return steps


def _programme(problem: Problem, state: _State, mask: Mask, bends: bool) -> Linearisation:
    rows = state.rows
    worth = rows.values(state.worth)
    guess = state.link_multipliers if state.answered[mask].all() else None
    return Linearisation(problem, state.point, rows, state.links, state.radius, mask, bends, worth, guess)


def _advance(problem: Problem, state: _State, steps: list[Step], shared: SharedPower) -> None:
    """Judge the trial of every moving group, take the good ones, and decide what moves next."""
    x, model_cost = _merged(problem, state, steps)
    trial = problem.at(x)
    point = state.point
    wanted = problem.rows_near(trial, state.rows) if trial.flow.all_converged else state.rows
    counts = [np.bincount(rows.step, minlength=problem.n_steps) for rows in (wanted, state.rows)]
    cuts, cut_steps = shared.rows_beyond(x)
    more = problem.per_group((counts[0] > counts[1]).astype(np.float64) + cut_steps) > 0
    predicted = problem.per_group(point.cost + state.weight * point.violation - model_cost)
    with np.errstate(invalid="ignore"):
        actual = problem.per_group(point.cost - trial.cost + state.weight * (point.violation - trial.violation))
        remains = problem.per_group(trial.violation)
    converged = problem.per_group((~trial.flow.converged).astype(np.float64)) == 0
    tolerance = SETTLED_EUR * (1.0 + problem.per_group(np.abs(point.cost)))
    small = predicted <= tolerance
    good = converged & ((actual >= 0.1 * predicted) | (small & (remains <= 0)))
    rejected = state.moving & ~good & ~more
    _resize(problem, state, x, rejected, good & (actual >= 0.75 * predicted))
    state.bends |= rejected
    accepted = good | ~state.moving
    state.answered |= good
    kept = np.where(accepted[problem.columns.step], x, point.x)
    state.point = trial if accepted.all() else problem.at(kept)
    state.rows = wanted
    state.links = state.links.with_rows(cuts, len(problem.columns))
    state.link_multipliers = np.concatenate([state.link_multipliers, np.zeros(len(cuts))])
    told = SURPRISE_EUR * (1.0 + problem.per_group(np.abs(point.cost)))
    settled = small | (_surprise(problem, trial, model_cost, steps) <= told)
    state.moving &= ~(good & settled & ~more & (problem.per_group(state.point.violation) <= 0))


def _surprise(problem: Problem, trial: Point, model_cost: Floats, steps: list[Step]) -> Floats:
    """[n_steps] EUR by which a trial differs from what the model expected, limits at their multipliers.

    Where this is nothing the next programme would be the same again, so it would stay.
    """
    apart = np.abs(trial.cost - model_cost)
    for step in steps:
        missed = np.abs(trial.excess_of(step.rows) - step.expected) * (step.multipliers > 0.0)
        worth = np.where(missed > FEASIBLE_PERCENT, np.inf, missed * step.multipliers)
        apart += np.bincount(step.rows.step, weights=worth, minlength=problem.n_steps)
    return problem.per_group(apart)


def _merged(problem: Problem, state: _State, steps: list[Step]) -> tuple[Floats, Floats]:
    """The steps' values and model costs in one; their multipliers are kept for curvature, weights and prices."""
    x, model_cost = state.point.x.copy(), state.point.cost.copy()
    for step in steps:
        rows = step.rows
        mine = step.moving[problem.columns.step]
        x[mine] = step.x[mine]
        model_cost[step.moving] = step.model_cost[step.moving]
        for kind, table in enumerate(state.worth):
            chosen = rows.kind == kind
            table[rows.step[chosen], rows.element[chosen]] = step.multipliers[chosen]
        np.maximum.at(state.weight, rows.step, 2.0 * step.multipliers)
        used = np.flatnonzero(step.link_multipliers)
        state.link_multipliers[used] = step.link_multipliers[used]
        _support(state, step)
    return x, model_cost


def _support(state: _State, step: Step) -> None:
    """Keep the priced limits of each step."""
    rows = step.rows
    for s in np.unique(rows.step):
        chosen = np.flatnonzero((rows.step == s) & (step.multipliers > 0))
        subset = rows.chosen(chosen)
        state.supports[int(s)] = Support(subset, step.multipliers[chosen], step.by_p[chosen], step.by_q[chosen])


def _resize(problem: Problem, state: _State, x: Floats, rejected: Mask, praised: Mask) -> None:
    columns = problem.columns
    bound = columns.kind != LEVEL
    moved = np.zeros(problem.n_steps)
    np.maximum.at(moved, columns.step[bound], np.abs(x - state.point.x)[bound])
    group_moved = np.zeros(problem.n_steps)
    np.maximum.at(group_moved, problem.group, moved)
    moved = group_moved[problem.group]
    at_edge = moved >= 0.99 * state.radius
    shrink = rejected & state.bends
    state.radius = np.where(shrink, 0.5 * np.minimum(moved, state.radius), state.radius)
    state.radius = np.where(praised & at_edge, 2.0 * state.radius, state.radius)
