"""The programme around an AC state: first-order limits, second-order cost where losses or limits bend it.

Variables are the market's columns and, for each (step, bus, P or Q) that some column changes, the net change
there; limits and curvature act on net changes, so thousands of offers at a bus cost no more than one. Every bus
may change P and Q virtually, which makes most of the columns and none of the usual answers: the programme starts
with the strongest virtual change for each limit and takes in others only where multipliers say that they would pay
(column generation), which leaves the optimum as it is.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from engine.grid.network import Ints
from engine.market.active_set import refine
from engine.market.columns import LEVEL, VIRTUAL, Columns
from engine.market.curvature import convex, reduced_hessian
from engine.market.limits import Rows
from engine.market.links import Links
from engine.market.problem import FEASIBLE_PERCENT, Point, Problem
from engine.market.program import Programme, Solution, minimise
from engine.reading import Floats

MARGIN_PERCENT = 1e-9
PAYS_EUR = 1e-9
HOLDS_PERCENT = 1e-2
# An interior point leaves a trace of a multiplier on every limit.
TELLS = 1e-8

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A solved programme.

    x : [n_columns]; model_cost : [n_steps] EUR that the model expects; moving : [n_steps]; rows : their limits;
    multipliers : [n_rows] EUR per percent; link_multipliers : [n_links]; by_p, by_q : [n_rows, n_bus] percent
    per MW or Mvar.
    """

    solution: Solution
    x: Floats
    model_cost: Floats
    moving: Mask
    rows: Rows
    multipliers: Floats
    link_multipliers: Floats
    by_p: Floats
    by_q: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Sites:
    """Where columns act: one entry per (step, bus, P or Q), by step; of : [n_chosen] a column's entry or -1."""

    step: Ints
    bus: Ints
    reactive: Ints
    of: Ints

    def __len__(self) -> int:
        return len(self.step)


def sites_of(columns: Columns, chosen: Ints, n_bus: int) -> Sites:
    """The sites of chosen columns; a storage's level has none."""
    acts = columns.sign[chosen] != 0.0
    key = (columns.step[chosen] * 2 + columns.reactive[chosen]) * n_bus + columns.bus[chosen]
    keys, inverse = np.unique(key[acts], return_inverse=True)
    of = np.full(len(chosen), -1, dtype=np.int64)
    of[acts] = inverse
    return Sites(keys // (2 * n_bus), keys % n_bus, keys // n_bus % 2, of)


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """Second-order part of a step's sites.

    exact : [m, m]; active : [n_active, m] limits that hold; beyond : [n_active] by how many percent.
    """

    step: int
    span: slice
    exact: Floats
    active: Floats
    beyond: Floats


def _quadratic(n_before: int, blocks: list[Floats]) -> sparse.csc_matrix | None:
    """Blocks behind as many columns without a second-order part; None without blocks."""
    if not blocks:
        return None
    sizes = np.array([len(block) for block in blocks])
    starts = n_before + np.concatenate([[0], np.cumsum(sizes)[:-1]])
    rows = np.concatenate([np.tile(np.arange(n), n) + s for n, s in zip(sizes, starts, strict=True)])
    n = n_before + int(sizes.sum())
    indptr = np.concatenate([np.zeros(n_before + 1), np.cumsum(np.repeat(sizes, sizes))]).astype(np.int64)
    values = np.concatenate([block.T.ravel() for block in blocks])
    return sparse.csc_matrix((values, rows, indptr), shape=(n, n))


def _stacked(
    linked: sparse.csr_matrix, collect: sparse.csr_matrix, changes: sparse.csr_matrix, limits: sparse.csr_matrix
) -> sparse.csr_matrix:
    """[[linked, 0], [collect, changes], [0, limits]], also where parts are empty."""
    n, m = collect.shape[1], collect.shape[0]
    top = sparse.hstack([linked, sparse.csr_matrix((linked.shape[0], m))], format="csr")
    middle = sparse.hstack([collect, changes], format="csr")
    bottom = sparse.hstack([sparse.csr_matrix((limits.shape[0], n)), limits], format="csr")
    return sparse.vstack([top, middle, bottom], format="csr")


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
        found = problem.derivatives(point, self.rows, self.active)
        self.by_p, self.by_q, self.slopes = found.by_p, found.by_q, found.slopes
        self.at, self.place = found.at, found.place
        self.excess = point.excess_of(self.rows) + MARGIN_PERCENT
        if problem.relief is not None:
            # What only just holds at the baseline must not need virtual change.
            self.excess = np.where(self.excess <= FEASIBLE_PERCENT, np.minimum(self.excess, 0.0), self.excess)

    def solve(self) -> Step:
        """The optimum over all variables of the moving steps."""
        columns = self.problem.columns
        real = columns.kind != VIRTUAL
        in_play = self.moving[columns.step] & (real | self.limited[columns.step])
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
        """The programme over chosen columns: from what held last time, else from nothing."""
        problem, x = self.problem, self.point.x
        self.sites = sites_of(problem.columns, chosen, len(problem.network.bus_ids))
        exact = self._exact(self.sites)
        programme = self._programme(chosen, exact)
        n_before = len(programme.row_upper) - len(self.rows)
        if self.guess is not None:
            side = np.zeros(len(programme.row_upper), dtype=np.int8)
            side[: len(self.used)] = np.sign(self.guess[self.used])
            side[n_before:] = self.worth > 0.0
            start = np.concatenate([x[chosen], np.zeros(len(self.sites))])
            found = refine(programme, start, side, problem.clock)
            if found is not None and self._gains(programme, found, start):
                return found
        return minimise(self._convex(programme, exact, len(chosen)), problem.clock)

    def _gains(self, programme: Programme, found: Solution, start: Floats) -> bool:
        """Whether a stationary answer is no dearer than the point itself, where that keeps all limits."""
        if self.point.violation[self.moving].any():
            return True

        def value(z: Floats) -> float:
            bent = 0.0 if programme.quadratic is None else 0.5 * z @ (programme.quadratic @ z)
            return float(programme.cost @ z + bent)

        return value(found.x) <= value(start) + PAYS_EUR * (1.0 + abs(value(start)))

    def _programme(self, chosen: Ints, exact: list[_Block]) -> Programme:
        """Columns and net changes, with the links and limits over them and the exact second-order part."""
        problem, x, sites = self.problem, self.point.x, self.sites
        n, m = len(chosen), len(sites)
        kept = x.copy()
        kept[chosen] = 0.0
        rest = self.links.matrix @ kept
        linked = self.links.matrix[:, chosen]
        self.used = np.flatnonzero(np.diff(linked.indptr) > 0)
        moves = np.flatnonzero(sites.of >= 0)
        collect = sparse.csr_matrix((problem.columns.sign[chosen][moves], (sites.of[moves], moves)), shape=(m, n))
        changes = sparse.csr_matrix((-np.ones(m), (np.arange(m), np.arange(m))), shape=(m, m))
        start = collect @ x[chosen]
        low, high = (end[self.used] - rest[self.used] for end in (self.links.lower, self.links.upper))
        lower, upper = self._bounds(chosen)
        free = np.full(m, np.inf)
        slope = self.slopes[sites.reactive, sites.step, sites.bus] * problem.energy_cost[sites.step]
        return Programme(
            cost=np.concatenate([problem.columns.cost[chosen], slope]),
            lower=np.concatenate([lower, -free]),
            upper=np.concatenate([upper, free]),
            matrix=_stacked(linked[self.used], collect, changes, self.limits_at(sites)),
            row_lower=np.concatenate([low, start, np.full(len(self.rows), -np.inf)]),
            row_upper=np.concatenate([high, start, -self.excess]),
            quadratic=_quadratic(n, [block.exact for block in exact]),
        )

    def _convex(self, programme: Programme, exact: list[_Block], n_chosen: int) -> Programme:
        """The same with a convex stand-in for the second-order part."""
        if not exact:
            return programme
        since = time.perf_counter()
        blocks = []
        cost = programme.cost.copy()
        for block in exact:
            mended, weight = convex(block.exact, block.active)
            cost[n_chosen + block.span.start : n_chosen + block.span.stop] += weight * block.beyond @ block.active
            blocks.append(mended)
        self.problem.clock.add("sensitivities", since)
        return replace(programme, cost=cost, quadratic=_quadratic(n_chosen, blocks))

    def limits_at(self, sites: Sites) -> sparse.csr_matrix:
        """[n_rows, n_sites] derivatives of the limits; sites ascend by step."""
        first = np.searchsorted(sites.step, np.arange(self.problem.n_steps + 1))
        width = np.diff(first)[self.rows.step]
        index = np.concatenate(
            [np.arange(first[s], first[s + 1]) for s in self.rows.step] or [np.zeros(0, dtype=np.int64)]
        )
        row = np.repeat(np.arange(len(self.rows)), width)
        by = np.where(
            sites.reactive[index] == 1, self.by_q[row, sites.bus[index]], self.by_p[row, sites.bus[index]]
        )
        indptr = np.concatenate([[0], np.cumsum(width)])
        return sparse.csr_matrix((by, index, indptr), shape=(len(self.rows), len(sites)))

    def _exact(self, sites: Sites) -> list[_Block]:
        """Second-order blocks of the sites' steps; nothing where curvature is left out."""
        self.hessians: list[_Block] = []
        if not self.bends or self.at is None:
            return self.hessians
        since = time.perf_counter()
        first = np.searchsorted(sites.step, np.arange(self.problem.n_steps + 1))
        for step in np.unique(sites.step):
            self.hessians.append(self._block(int(step), slice(int(first[step]), int(first[step + 1])), sites))
        self.problem.clock.add("sensitivities", since)
        return self.hessians

    def _block(self, step: int, span: slice, sites: Sites) -> _Block:
        place = int(self.place[step])
        bus, reactive = sites.bus[span], sites.reactive[span]
        if place < 0 or self.at is None:
            return _Block(step, span, np.zeros((len(bus), len(bus))), np.zeros((0, len(bus))), np.zeros(0))
        mine = np.flatnonzero((self.rows.step == step) & (self.worth > 0.0))
        rows = self.rows.chosen(mine)
        energy = self.problem.energy_cost[step]
        slopes = (
            energy * self.slopes[0, step] + self.worth[mine] @ self.by_p[mine],
            energy * self.slopes[1, step] + self.worth[mine] @ self.by_q[mine],
        )
        exact = reduced_hessian(self.at, place, bus, reactive, slopes, rows, self.worth[mine])
        holds = mine[np.abs(self.excess[mine]) < HOLDS_PERCENT]
        active = np.where(reactive[None, :] == 1, self.by_q[holds][:, bus], self.by_p[holds][:, bus])
        return _Block(step, span, exact, active, self.excess[holds])

    def _bounds(self, chosen: Ints) -> tuple[Floats, Floats]:
        """Bounds with the trust region; virtual changes are free where a limit is passed, so an answer exists."""
        columns, x = self.problem.columns, self.point.x[chosen]
        kind, violated = columns.kind[chosen], self.point.violation[columns.step[chosen]] > 0.0
        is_free = (kind == LEVEL) | ((kind == VIRTUAL) & violated)
        r = np.where(is_free, np.inf, self.radius[columns.step[chosen]])
        return np.maximum(columns.lower[chosen], x - r), np.minimum(columns.upper[chosen], x + r)

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
        worth = -problem.energy_cost[:, None] * self.slopes
        multipliers = self._row_multipliers(solution)[:, None]
        for reactive, by in enumerate((self.by_p, self.by_q)):
            np.add.at(worth[reactive], self.rows.step, -multipliers * by)
        earned = worth[columns.reactive.astype(np.int64), columns.step, columns.bus] * columns.sign
        pays: Mask = columns.cost - earned < -PAYS_EUR
        return pays

    def _step(self, chosen: Ints, solution: Solution) -> Step:
        problem, x = self.problem, self.point.x.copy()
        multipliers, link_multipliers = np.zeros(len(self.rows)), np.zeros(len(self.links.upper))
        gain = np.zeros(problem.n_steps)
        if solution.optimal:
            x[chosen] = solution.x[: len(chosen)]
            change = solution.x[len(chosen) :]
            gain += problem.per_step(problem.columns.cost * (x - self.point.x))
            sites = self.sites
            slope = self.slopes[sites.reactive, sites.step, sites.bus] * problem.energy_cost[sites.step]
            gain += np.bincount(sites.step, weights=slope * change, minlength=problem.n_steps)
            for block in self.hessians:
                gain[block.step] += 0.5 * change[block.span] @ block.exact @ change[block.span]
            multipliers = self._row_multipliers(solution)
            link_multipliers[self.used] = solution.multipliers[: len(self.used)]
        model_cost = self.point.cost + gain
        return Step(
            solution, x, model_cost, self.moving, self.rows, multipliers, link_multipliers, self.by_p, self.by_q
        )
