"""The linear programme around an AC state, solved with only those virtual changes that can matter.

Every bus may change P and Q virtually in both directions, which makes most of the columns and none of the usual
answers. So the programme starts with the strongest virtual change for each limit and takes in others only where
the multipliers say that they would pay (column generation), which leaves the optimum as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from engine.grid.network import Ints
from engine.grid.sensitivities import Sensitivities, sensitivities
from engine.market.columns import OFFER, VIRTUAL
from engine.market.limits import Rows, gradients
from engine.market.problem import Point, Problem
from engine.market.program import Solution, minimise
from engine.reading import Floats

MARGIN_PERCENT = 1e-5
PAYS_EUR = 1e-9

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A solved linearisation.

    x : [n_columns]; model_cost : [n_steps] EUR that the model expects; rows : limits of the moving steps;
    multipliers : [n_rows] EUR per percent; by_p : [n_rows, n_bus] percent per MW.
    """

    solution: Solution
    x: Floats
    model_cost: Floats
    rows: Rows
    multipliers: Floats
    by_p: Floats


class Linearisation:
    """First-order model of the moving steps around a point; the other steps keep their values."""

    def __init__(self, problem: Problem, point: Point, rows: Rows, radius: Floats, moving: Mask) -> None:
        self.problem, self.point, self.radius, self.moving = problem, point, radius, moving
        self.rows = Rows(*(a[moving[rows.step]] for a in (rows.step, rows.kind, rows.element)))
        self.limited = np.zeros(problem.n_steps, dtype=np.bool_)
        self.limited[self.rows.step] = True
        active = np.flatnonzero(moving & (self.limited | (problem.energy_cost != 0.0)))
        place = np.full(problem.n_steps, -1)
        place[active] = np.arange(len(active))
        at = sensitivities(problem.network, point.flow.v[active])
        self.by_p, self.by_q = gradients(problem.network, point.flow, at, place, self.rows)
        self.cost = problem.columns.cost + self._import_cost(at, active)
        excesses = [point.excesses[k][s, e] for s, k, e in zip(*_axes(self.rows), strict=True)]
        self.excess = np.array(excesses, dtype=np.float64)

    def solve(self) -> Step:
        """The optimum over all variables of the moving steps."""
        columns = self.problem.columns
        in_play = self.moving[columns.step] & ((columns.kind == OFFER) | self.limited[columns.step])
        taken = in_play & ((columns.kind != VIRTUAL) | (self.point.x > 0.0) | self._strongest())
        solution = self._solve(np.flatnonzero(taken))
        while True:
            paying = in_play & ~taken & self._pays(solution) if solution.optimal else in_play & ~taken
            if not paying.any():
                break
            taken |= paying
            solution = self._solve(np.flatnonzero(taken))
        return self._step(np.flatnonzero(taken), solution)

    def _solve(self, chosen: Ints) -> Solution:
        problem, x = self.problem, self.point.x
        matrix = self._matrix(chosen)
        room = matrix @ x[chosen] - self.excess - MARGIN_PERCENT
        kept = x.copy()
        kept[chosen] = 0.0
        shared_room = problem.shared_upper - problem.shared @ kept
        rows = sparse.vstack([matrix, problem.shared[:, chosen]], format="csr")
        lower, upper = self._bounds(chosen)
        return minimise(self.cost[chosen], lower, upper, rows, np.concatenate([room, shared_room]))

    def _bounds(self, chosen: Ints) -> tuple[Floats, Floats]:
        """Bounds with the trust region, which leaves virtual changes free so that an answer always exists."""
        columns, x = self.problem.columns, self.point.x[chosen]
        r = np.where(columns.kind[chosen] == VIRTUAL, np.inf, self.radius[columns.step[chosen]])
        return np.maximum(0.0, x - r), np.minimum(columns.upper[chosen], x + r)

    def _matrix(self, chosen: Ints) -> sparse.csr_matrix:
        """[n_rows, n_chosen] derivatives; `chosen` ascends, so that the columns of a step are neighbours."""
        columns, rows = self.problem.columns, self.rows
        step, bus = columns.step[chosen], columns.bus[chosen]
        first = np.searchsorted(step, np.arange(self.problem.n_steps + 1))
        width = np.diff(first)[rows.step]
        index = np.concatenate([np.arange(first[s], first[s + 1]) for s in rows.step] or [np.zeros(0, np.int64)])
        which = np.repeat(np.arange(len(rows)), width)
        by = np.where(columns.reactive[chosen][index], self.by_q[which, bus[index]], self.by_p[which, bus[index]])
        indptr = np.concatenate([[0], np.cumsum(width)])
        return sparse.csr_matrix((by * columns.sign[chosen][index], index, indptr), shape=(len(rows), len(chosen)))

    def _import_cost(self, at: Sensitivities, active: Ints) -> Floats:
        """[n_columns] EUR per MW or Mvar through the import that a variable changes."""
        problem, columns = self.problem, self.problem.columns
        slopes = np.zeros((2, problem.n_steps, len(problem.network.bus_ids)))
        slopes[0][np.ix_(active, problem.network.free)], slopes[1][np.ix_(active, problem.network.free)] = (
            at.of_import()
        )
        slopes[0][:, problem.network.coupling] = -1.0
        slope = slopes[columns.reactive.astype(np.int64), columns.step, columns.bus]
        cost: Floats = problem.energy_cost[columns.step] * columns.sign * slope
        return cost

    def _strongest(self) -> Mask:
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

    def _pays(self, solution: Solution) -> Mask:
        """[n_columns] whose reduced cost is negative: they would make the answer cheaper."""
        columns = self.problem.columns
        worth = np.zeros((2, self.problem.n_steps, len(self.problem.network.bus_ids)))
        multipliers = solution.multipliers[: len(self.rows), None]
        for reactive, by in enumerate((self.by_p, self.by_q)):
            np.add.at(worth[reactive], self.rows.step, -multipliers * by)
        earned = worth[columns.reactive.astype(np.int64), columns.step, columns.bus] * columns.sign
        pays: Mask = self.cost - earned < -PAYS_EUR
        return pays

    def _step(self, chosen: Ints, solution: Solution) -> Step:
        x, change = self.point.x.copy(), np.zeros(len(self.point.x))
        multipliers = np.zeros(len(self.rows))
        if solution.optimal:
            x[chosen] = solution.x
            change[chosen] = self.cost[chosen] * (solution.x - self.point.x[chosen])
            multipliers = solution.multipliers[: len(self.rows)]
        model_cost = self.point.cost + self.problem.per_step(change)
        return Step(solution, x, model_cost, self.rows, multipliers, self.by_p)


def _axes(rows: Rows) -> tuple[Ints, Ints, Ints]:
    return rows.step, rows.kind, rows.element
