"""The programme around an AC state: first-order limits, second-order cost where losses or limits bend it.

Variables are the changes of the market's columns. Every bus may change P and Q virtually, which makes most of the
columns and none of the usual answers: the programme starts with the strongest virtual change for each limit and
takes in others only where multipliers say that they would pay (column generation), which leaves the optimum as it
is.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.grid.network import Ints
from engine.market.active_set import refine
from engine.market.assembly import Assembly, links_over
from engine.market.columns import LEVEL, VIRTUAL
from engine.market.curves import Curve, curves_at
from engine.market.limits import Rows
from engine.market.links import Links
from engine.market.problem import FEASIBLE_PERCENT, Point, Problem
from engine.market.program import Programme, Solution, minimise
from engine.market.sites import Sites, charge_at, sites_of
from engine.reading import Floats

MARGIN_PERCENT = 1e-9
PAYS_EUR = 1e-9
# An interior point leaves a trace of a multiplier on every limit.
TELLS = 1e-8

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A solved programme.

    x : [n_columns]; model_cost : [n_steps] EUR that the model expects; moving : [n_steps]; rows : their limits;
    expected : [n_rows] percent beyond them in the model; multipliers : [n_rows] EUR per percent;
    link_multipliers : [n_links]; by_p, by_q : [n_rows, n_bus] percent per MW or Mvar.
    """

    solution: Solution
    x: Floats
    model_cost: Floats
    moving: Mask
    rows: Rows
    expected: Floats
    multipliers: Floats
    link_multipliers: Floats
    by_p: Floats
    by_q: Floats


class Linearisation:
    """Model of the moving steps around a point; the other steps keep their values.

    bends : [n_steps] whether a step's curvature is taken in; worth : multipliers of the point's rows for it, by
    (step, kind, element) as `Problem.rows_near` orders them; guess : [n_links] multipliers of the links where the
    point is a programme's answer already, None where it is not.
    """

    def __init__(
        self,
        problem: Problem,
        point: Point,
        rows: Rows,
        links: Links,
        radius: Floats,
        moving: Mask,
        bends: bool,
        worth: Floats,
        guess: Floats | None = None,
    ) -> None:
        self.problem, self.point, self.links, self.radius, self.moving = problem, point, links, radius, moving
        keep = moving[rows.step]
        self.rows = rows.chosen(keep)
        self.worth, self.bends, self.guess = worth[keep], bends, guess
        self.limited = np.zeros(problem.n_steps, dtype=np.bool_)
        self.limited[self.rows.step] = True
        self.active = np.flatnonzero(moving & (self.limited | (problem.energy_cost != 0.0)))
        needs_all = bends or problem.energy_cost[self.active].any()
        self.found = (
            problem.derivatives(point, self.rows, self.active)
            if needs_all
            else problem.row_derivatives(point, self.rows)
        )
        self.by_p, self.by_q, self.slopes = self.found.by_p, self.found.by_q, self.found.slopes
        self.excess = point.excess_of(self.rows) + MARGIN_PERCENT
        # What nothing moves, or what only just holds at an auction's baseline, must not need virtual change.
        moves = self.by_p.any(axis=1) | self.by_q.any(axis=1)
        holds = (self.excess <= FEASIBLE_PERCENT) & (~moves | (problem.relief is not None))
        self.excess = np.where(holds, np.minimum(self.excess, 0.0), self.excess)

    def solve(self) -> Step:
        """The optimum over all variables of the moving steps."""
        columns = self.problem.columns
        real = columns.kind != VIRTUAL
        in_play = self.moving[columns.step] & (real | self.limited[columns.step] | (self.point.x > 0.0))
        taken = in_play & (real | (self.point.x > 0.0) | self.strongest())
        solution = self._solve(np.flatnonzero(taken))
        while True:
            paying = in_play & ~taken & self._pays(solution) if solution.optimal else in_play & ~taken
            if not paying.any():
                break
            taken |= paying
            solution = self._solve(np.flatnonzero(taken))
        return self._step(np.flatnonzero(taken), solution)

    def _solve(self, chosen: Ints) -> Solution:
        """The changes of chosen columns that are best: from what held last time, else from nothing."""
        problem = self.problem
        parts = self.parts = self._parts(chosen)
        self.curves = self._curves(parts.sites)
        flat = self.flat = parts.flat()
        if self.guess is not None:
            programme = parts.bent(flat, self.curves, [curve.exact for curve in self.curves])
            side = np.zeros(len(flat.row_upper), dtype=np.int8)
            side[: len(self.used)] = np.sign(self.guess[self.used])
            side[len(side) - len(self.rows) :] = self.worth > 0.0
            found = refine(programme, np.zeros(len(programme.cost)), side, problem.clock)
            if found is not None and self._gains(programme, found):
                return found
        since = time.perf_counter()
        programme = parts.eased(flat, self.curves)
        problem.clock.add("sensitivities", since)
        return minimise(programme, problem.clock)

    def _parts(self, chosen: Ints) -> Assembly:
        problem = self.problem
        sites = sites_of(problem.columns, chosen, len(problem.network.bus_ids))
        self.used, linked, ends = links_over(self.links, self.point.x, chosen)
        return Assembly(
            columns=problem.columns.chosen(chosen),
            sites=sites,
            rows=self.rows,
            by=(self.by_p, self.by_q),
            excess=self.excess,
            slope=self.slopes[sites.reactive, sites.step, sites.bus] * problem.energy_cost[sites.step],
            bounds=self._bounds(chosen),
            linked=linked,
            link_ends=ends,
            is_chain=self.links.is_chain,
        )

    def _curves(self, sites: Sites) -> tuple[Curve, ...]:
        """Nothing where curvature is left out."""
        if not self.bends or self.found.at is None:
            return ()
        since = time.perf_counter()
        energy_cost = self.problem.energy_cost
        curves = curves_at(self.found, energy_cost, self.rows, self.worth, self.excess, sites)
        self.problem.clock.add("sensitivities", since)
        return curves

    def _gains(self, programme: Programme, found: Solution) -> bool:
        """Whether a stationary answer is no dearer than the point itself, where that keeps all limits."""
        if self.point.violation[self.moving].any():
            return True
        bent = 0.0 if programme.quadratic is None else 0.5 * found.x @ (programme.quadratic @ found.x)
        scale = 1.0 + abs(float(self.point.cost[self.moving].sum()))
        return float(programme.cost @ found.x + bent) <= PAYS_EUR * scale

    def _bounds(self, chosen: Ints) -> tuple[Floats, Floats]:
        """Of changes, with the trust region; virtual ones free where a limit is passed, so an answer exists."""
        columns, x = self.problem.columns, self.point.x[chosen]
        kind, violated = columns.kind[chosen], self.point.violation[columns.step[chosen]] > 0.0
        is_free = (kind == LEVEL) | ((kind == VIRTUAL) & violated)
        r = np.where(is_free, np.inf, self.radius[columns.step[chosen]])
        return np.maximum(columns.lower[chosen] - x, -r), np.minimum(columns.upper[chosen] - x, r)

    def strongest(self) -> Mask:
        """[n_columns] the virtual changes that relieve some limit most, one of P and one of Q for each."""
        best = np.zeros((2, 2, self.problem.n_steps, len(self.problem.network.bus_ids)), dtype=np.bool_)
        for reactive, by in enumerate((self.by_p, self.by_q)):
            bus = np.abs(by).argmax(axis=1)
            lowers = by[np.arange(len(bus)), bus] > 0
            best[reactive, lowers.astype(np.int64), self.rows.step, bus] = True
        columns = self.problem.columns
        lowering = (columns.sign < 0).astype(np.int64)
        chosen: Mask = best[columns.reactive.astype(np.int64), lowering, columns.step, columns.bus]
        return chosen

    def _row_multipliers(self, solution: Solution) -> Floats:
        found = np.maximum(solution.multipliers[len(solution.multipliers) - len(self.rows) :], 0.0)
        return np.where(found > TELLS * (1.0 + found.max(initial=0.0)), found, 0.0)

    def _pays(self, solution: Solution) -> Mask:
        """[n_columns] whose reduced cost is negative: they would make the answer cheaper."""
        columns, problem = self.problem.columns, self.problem
        charge = charge_at(self.rows, (self.by_p, self.by_q), self._row_multipliers(solution), problem.n_steps)
        worth = -problem.energy_cost[:, None] * self.slopes - charge
        earned = worth[columns.at] * columns.sign
        pays: Mask = columns.cost - earned < -PAYS_EUR
        return pays

    def _step(self, chosen: Ints, solution: Solution) -> Step:
        problem, x = self.problem, self.point.x.copy()
        multipliers, link_multipliers = np.zeros(len(self.rows)), np.zeros(len(self.links.upper))
        gain, expected = np.zeros(problem.n_steps), self.point.excess_of(self.rows)
        if solution.optimal:
            columns, parts, moved = problem.columns, self.parts, solution.x[: len(chosen)]
            x[chosen] = np.clip(x[chosen] + moved, columns.lower[chosen], columns.upper[chosen])
            change = parts.net_changes(moved)
            expected += (self.flat.matrix @ solution.x)[len(self.flat.row_upper) - len(self.rows) :]
            gain += problem.per_step(columns.cost * (x - self.point.x))
            gain += np.bincount(parts.sites.step, weights=parts.slope * change, minlength=problem.n_steps)
            for curve in self.curves:
                gain[curve.step] += 0.5 * change[curve.span] @ curve.exact @ change[curve.span]
            multipliers = self._row_multipliers(solution)
            link_multipliers[self.used] = solution.multipliers[: len(self.used)]
        return Step(
            solution=solution,
            x=x,
            model_cost=self.point.cost + gain,
            moving=self.moving,
            rows=self.rows,
            expected=expected,
            multipliers=multipliers,
            link_multipliers=link_multipliers,
            by_p=self.by_p,
            by_q=self.by_q,
        )
