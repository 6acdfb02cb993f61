"""Multipliers of the limits and rows that hold at a clearing's optimum, by the stated rule.

Every variable between its bounds gives an equation: its cost, what import it makes and what the limits and rows
take add up to nothing. Where the equations of a group of steps have one solution that no variable at a bound
contradicts, that is it; else the least sum of squares among all that fit is found by a quadratic programme.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from engine.grid.network import Ints
from engine.market.columns import VIRTUAL
from engine.market.limits import Rows
from engine.market.problem import Problem
from engine.market.program import Programme, minimise
from engine.market.search import Outcome
from engine.market.sites import charge_at, limits_by
from engine.reading import Floats

AT_BOUND_MW = 1e-7
LINKS_WEIGHT = 1e-6
FIT_WEIGHT = 1e8
SLACK_EUR = 1e-7
RANK = 1e-9
# Tangents of one inverter are nearly parallel; what moves only with their difference is not loose.
LOOSE = 0.05
DENSE_ENTRIES = 40_000

Mask = NDArray[np.bool_]


class Multipliers:
    """What is asked: rows and links that hold, and where the variables stand.

    gradient : [n_columns] EUR per unit, cost and import; by : [2, n_rows, n_bus] percent per MW and Mvar;
    is_only : [n_steps] whether limits and balances of a step have no other multipliers that fit.
    """

    def __init__(self, problem: Problem, outcome: Outcome, rows: Rows, by: Floats, slopes: Floats) -> None:
        columns, x, links = problem.columns, outcome.point.x, outcome.links
        self.problem, self.outcome, self.rows, self.by = problem, outcome, rows, by
        self.gradient = columns.cost + _import_part(problem, slopes)
        self.low, self.high = x <= columns.lower + AT_BOUND_MW, x >= columns.upper - AT_BOUND_MW
        reached = links.matrix @ x
        self.at_top = np.isfinite(links.upper) & (reached >= links.upper - AT_BOUND_MW)
        self.at_bottom = np.isfinite(links.lower) & (reached <= links.lower + AT_BOUND_MW)
        self.held = np.flatnonzero(self.at_top | self.at_bottom)
        self.is_only = np.ones(problem.n_steps, dtype=np.bool_)

    def found(self) -> tuple[Floats, Floats]:
        """Of the limits : [n_rows] and of all links : [n_links], per step's EUR; sets `is_only`."""
        links = np.zeros(len(self.outcome.links.upper))
        if not len(self.rows) and not self.held.size:
            return np.zeros(0), links
        answer = self.only() or self.least()
        if answer is None:
            return self.rows.values(self.outcome.worth), self.outcome.link_multipliers
        links[self.held] = answer[1]
        return np.maximum(answer[0], 0.0), links

    # -- the only ones that fit ---------------------------------------------------------------------------------

    def only(self) -> tuple[Floats, Floats] | None:
        """The solution of the equations, None where it is not the only one or something contradicts it."""
        between = np.flatnonzero(~self.low & ~self.high)
        if (
            len(between) * (len(self.held) + len(self.rows)) > DENSE_ENTRIES
            and len(np.unique(self.problem.group)) == 1
        ):
            self._tell_step_by_step(between)
            return None
        held = self.outcome.links.matrix[self.held]
        linked = held[:, between].toarray().T if self.held.size else np.zeros((len(between), 0))
        group, step = self.problem.group, self.problem.columns.step
        of_column, of_row = group[step[between]], group[self.rows.step]
        of_link = group[step[held.indices[held.indptr[:-1]]]] if self.held.size else of_row[:0]
        is_balance = np.isin(self.held, [row for row, *_ in self.problem.links.balances])
        worth, taken, is_whole = np.zeros(len(self.rows)), np.zeros(len(self.held)), True
        for one in np.unique(np.concatenate([of_row, of_link])):
            columns, rows, links = (np.flatnonzero(of == one) for of in (of_column, of_row, of_link))
            matrix = np.hstack([self._slopes(between[columns], rows), linked[np.ix_(columns, links)]])
            matters = np.concatenate([np.ones(len(rows), dtype=np.bool_), is_balance[links]])
            solved, self.is_only[group == one] = _solution(matrix, -self.gradient[between[columns]], matters)
            if solved is None:
                is_whole = False
            else:
                worth[rows], taken[links] = solved[: len(rows)], solved[len(rows) :]
        return (worth, taken) if is_whole and self._fits(worth, taken, held) else None

    def _slopes(self, columns: Ints, rows: Ints) -> Floats:
        """[n_columns, n_rows] percent per unit of a column, of limits in its step."""
        market = self.problem.columns
        by = self.by[market.reactive[columns].astype(np.int64)[:, None], rows, market.bus[columns][:, None]]
        slopes: Floats = (
            by * market.sign[columns][:, None] * (market.step[columns][:, None] == self.rows.step[rows])
        )
        return slopes

    def _tell_step_by_step(self, between: Ints) -> None:
        """Where a group's system is large: whether a step's limits have one solution given what the rows take."""
        of_column, of_row = self.problem.columns.step[between], self.rows.step
        for step in np.unique(of_row):
            rows = np.flatnonzero(of_row == step)
            slopes = self._slopes(between[of_column == step], rows)
            self.is_only[step] = np.linalg.matrix_rank(slopes, rtol=RANK) == len(rows)

    def _fits(self, worth: Floats, taken: Floats, held: sparse.csr_matrix) -> bool:
        """Whether signs are right and no variable at a bound would rather leave it."""
        columns = self.problem.columns
        top, bottom = self.at_top[self.held], self.at_bottom[self.held]
        if (worth < -SLACK_EUR).any() or ((taken < -SLACK_EUR) & ~bottom | (taken > SLACK_EUR) & ~top).any():
            return False
        charge = charge_at(self.rows, self.by, worth, self.problem.n_steps)
        reduced = self.gradient + columns.sign * charge[columns.at]
        if len(taken):
            reduced += held.T @ taken
        slack = SLACK_EUR * (1.0 + np.abs(self.gradient))
        speaks = (columns.kind != VIRTUAL) | ~self.low
        leaves = (reduced < -slack) & self.low & ~self.high | (reduced > slack) & self.high & ~self.low
        return not (leaves & speaks).any()

    # -- the least that fit -------------------------------------------------------------------------------------

    def least(self) -> tuple[Floats, Floats] | None:
        """min |worth|^2 so that no variable's reduced cost contradicts where it stands."""
        problem, links, held = self.problem, self.outcome.links, self.held
        n_rows, n = len(self.rows), len(self.rows) + len(held)
        use = self._telling()
        matrix = sparse.hstack([self._row_part(use), links.matrix[held][:, use].T], format="csr")
        low, high, gradient = self.low[use], self.high[use], self.gradient[use]
        inner = ~low & ~high
        n_inner = int(inner.sum())
        slack = np.where(inner, 0.0, SLACK_EUR * (1.0 + np.abs(gradient)))
        programme = Programme(
            cost=np.zeros(n + n_inner),
            lower=np.concatenate(
                [np.zeros(n_rows), np.where(self.at_bottom[held], -np.inf, 0.0), np.full(n_inner, -np.inf)]
            ),
            upper=np.concatenate(
                [np.full(n_rows, np.inf), np.where(self.at_top[held], np.inf, 0.0), np.full(n_inner, np.inf)]
            ),
            matrix=sparse.hstack([matrix, _picks(inner)], format="csr"),
            row_lower=np.where(high, -np.inf, -gradient - slack),
            row_upper=np.where(low, np.inf, -gradient + slack),
            quadratic=sparse.diags(
                np.concatenate([np.ones(n_rows), np.full(len(held), LINKS_WEIGHT), np.full(n_inner, FIT_WEIGHT)]),
                format="csc",
            ),
        )
        found = minimise(programme, problem.clock)
        return (found.x[:n_rows], found.x[n_rows:n]) if found.optimal else None

    def _telling(self) -> Ints:
        """Columns whose place says something about prices.

        Of unlinked columns at one site and bound only the one that is closest to moving does; virtual changes
        speak where they are used.
        """
        columns = self.problem.columns
        linked = np.zeros(len(columns), dtype=np.bool_)
        linked[self.outcome.links.matrix.indices] = True
        state = np.where(self.low, 0, np.where(self.high, 2, 1))
        speaks = (columns.kind != VIRTUAL) | (state > 0)
        site = ((columns.step * 2 + columns.reactive) * len(self.problem.network.bus_ids) + columns.bus) * 2
        key = (site + (columns.sign > 0)) * 3 + state
        order = np.lexsort((np.where(state == 2, -columns.cost, columns.cost), key))
        order = order[speaks[order] & ~linked[order]]
        _, first = np.unique(key[order], return_index=True)
        return np.sort(np.concatenate([order[first], np.flatnonzero(speaks & linked)]))

    def _row_part(self, use: Ints) -> sparse.csr_matrix:
        """[n_use, n_rows] percent per unit of each column, of the limits in its step."""
        columns = self.problem.columns
        places = (columns.step[use], columns.bus[use], columns.reactive[use], columns.sign[use])
        return limits_by(self.rows, (self.by[0], self.by[1]), *places).T


def _solution(matrix: Floats, right: Floats, matters: Mask) -> tuple[Floats | None, bool]:
    """The one solution of matrix y = right (least squares), or None; whether what matters of it is the only one.

    matters : [n] entries of y.
    """
    size = np.sqrt((matrix**2).sum(axis=0))
    scaled = matrix / np.where(size > 0.0, size, 1.0)
    n = len(matters)
    if len(right) >= n:
        answer, _, rank, _ = np.linalg.lstsq(scaled, right, rcond=RANK)
        if rank == n:
            return answer / size, True
    _, values, directions = np.linalg.svd(scaled)
    loose = directions[int((values > RANK * values.max(initial=0.0)).sum()) :]
    return None, bool(np.abs(loose[:, matters]).max(initial=0.0) < LOOSE)


def _import_part(problem: Problem, slopes: Floats) -> Floats:
    columns = problem.columns
    part: Floats = problem.energy_cost[columns.step] * columns.sign * slopes[columns.at]
    return part


def _picks(inner: Mask) -> sparse.csr_matrix:
    """[n_use, n_inner] minus one where a column between its bounds has its misfit."""
    where = np.flatnonzero(inner)
    return sparse.csr_matrix(
        (np.full(len(where), -1.0), (where, np.arange(len(where)))), shape=(len(inner), len(where))
    )
