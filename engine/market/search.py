"""Successive linear programming: move from AC state to AC state until the linear model has nothing left to gain.

Every linear programme is feasible thanks to virtual changes. A trial is accepted per step where cost plus weighted
violation falls as the model says; else a trust region on the real offers shrinks. R. Fletcher and E. Sainz de la
Maza, "Nonlinear programming and nonsmooth optimization by successive linear programming", Math. Prog. 43, 1989.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.market.columns import VIRTUAL
from engine.market.limits import Rows
from engine.market.linearisation import Linearisation, Step
from engine.market.problem import Point, Problem
from engine.reading import Floats

ITERATIONS_MAX = 60
SETTLED_EUR = 1e-6
RADIUS_MIN_MW = 1e-9
FIRST_RADIUS_PRICED_MW = 1.0

Progress = Callable[[str, float], None]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Support:
    """Limits that have a price. multipliers : [n_rows] EUR per percent; by_p : [n_rows, n_bus] percent per MW."""

    rows: Rows
    multipliers: Floats
    by_p: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """Where the search ended. `reason` is None when every step has settled on an AC-feasible optimum."""

    point: Point
    iterations: int
    reason: str | None
    supports: dict[int, Support]


@dataclass(slots=True, eq=False)
class _State:
    """What the search carries from one linear programme to the next."""

    point: Point
    rows: Rows
    radius: Floats
    moving: Mask
    weight: Floats
    supports: dict[int, Support] = field(default_factory=dict)


def silent(stage: str, share: float) -> None:
    """Progress that nobody asked for."""


def search(problem: Problem, progress: Progress) -> Outcome:
    """Search from no acceptance at all; the outcome says whether and why it did not settle."""
    n = problem.n_steps
    empty = np.zeros(0, dtype=np.int64)
    start = problem.at(np.zeros(len(problem.columns)))
    if not start.flow.all_converged:
        return Outcome(start, 0, "power_flow_diverged", {})
    priced = problem.energy_cost != 0.0
    radius = np.where(priced, FIRST_RADIUS_PRICED_MW, np.inf)
    state = _State(start, Rows(empty, empty, empty), radius, np.ones(n, dtype=np.bool_), np.zeros(n))
    state.rows = problem.rows_near(start, state.rows)
    for iteration in range(1, ITERATIONS_MAX + 1):
        progress("clearing", 1.0 - state.moving.mean())
        step = Linearisation(problem, state.point, state.rows, state.radius, state.moving).solve()
        if not step.solution.optimal:
            return Outcome(state.point, iteration, f"solver: {step.solution.word}", state.supports)
        _advance(problem, state, step)
        if not state.moving.any():
            return Outcome(state.point, iteration, None, state.supports)
        if (state.radius[state.moving] < RADIUS_MIN_MW).any():
            return Outcome(state.point, iteration, "trust_region_collapsed", state.supports)
    return Outcome(state.point, ITERATIONS_MAX, "not_settled", state.supports)


def _advance(problem: Problem, state: _State, step: Step) -> None:
    """Judge the trial of every moving step, take the good ones, and decide what moves next."""
    _remember(state, step)
    trial = problem.at(step.x)
    point = state.point
    wanted = problem.rows_near(trial, state.rows) if trial.flow.all_converged else state.rows
    has_new_rows = np.bincount(wanted.step, minlength=problem.n_steps) > np.bincount(
        state.rows.step, minlength=problem.n_steps
    )
    predicted = point.cost + state.weight * point.violation - step.model_cost
    with np.errstate(invalid="ignore"):
        actual = point.cost - trial.cost + state.weight * (point.violation - trial.violation)
    gain_floor = SETTLED_EUR * (1.0 + np.abs(point.cost))
    small = predicted <= gain_floor
    good = trial.flow.converged & ((actual >= 0.1 * predicted) | (small & (trial.violation <= 0)))
    rejected = state.moving & ~good & ~has_new_rows
    if problem.has_budgets and (state.moving & ~good).any():
        good[:] = False
    _resize(problem, state, step, rejected, good & (actual >= 0.75 * predicted))
    accepted = good | ~state.moving
    x = np.where(accepted[problem.columns.step], step.x, point.x)
    state.point = trial if accepted.all() else problem.at(x)
    done = good & small & ~has_new_rows & (state.point.violation <= 0)
    state.rows = wanted
    if problem.has_budgets:
        state.moving[:] = not (done | ~state.moving).all()
    else:
        state.moving &= ~done


def _remember(state: _State, step: Step) -> None:
    """Keep the priced limits of each moving step and raise its violation weight above their multipliers."""
    rows = step.rows
    np.maximum.at(state.weight, rows.step, 2.0 * step.multipliers)
    for s in np.flatnonzero(state.moving):
        chosen = np.flatnonzero((rows.step == s) & (step.multipliers > 0))
        subset = Rows(rows.step[chosen], rows.kind[chosen], rows.element[chosen])
        state.supports[int(s)] = Support(subset, step.multipliers[chosen], step.by_p[chosen])


def _resize(problem: Problem, state: _State, step: Step, rejected: Mask, praised: Mask) -> None:
    columns = problem.columns
    real = columns.kind != VIRTUAL
    moved = np.zeros(problem.n_steps)
    np.maximum.at(moved, columns.step[real], np.abs(step.x - state.point.x)[real])
    at_edge = moved >= 0.99 * state.radius
    state.radius = np.where(rejected, 0.5 * np.minimum(moved, state.radius), state.radius)
    state.radius = np.where(praised & at_edge, 2.0 * state.radius, state.radius)
