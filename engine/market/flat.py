"""The market at an AC state as a linear programme over its variables alone, and a bound of its optimum by duality.

Limits and import are taken to first order at the state. Any multipliers >= 0 of the limits give a lower bound of
that programme with all its whole-or-nothing choices: what rows cost is charged at the multipliers, and each offer
then decides for itself (A. M. Geoffrion, "Lagrangean relaxation for integer programming", Math. Prog. Study 2,
1974).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from engine.grid.network import Ints
from engine.market.columns import VIRTUAL
from engine.market.limits import Rows
from engine.market.linearisation import Linearisation
from engine.market.links import Links
from engine.market.problem import Point, Problem
from engine.market.sites import charge_at, limits_by
from engine.reading import Floats

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Together:
    """Variables that decide together.

    of_column : [n_columns] the binary that switches a variable, -1 where none does; is_block : [n_binaries] the
    binary is the accepted share of a block; least : [n_binaries] share below which nothing is accepted; groups :
    binaries of which at most one is on.
    """

    of_column: Ints
    is_block: Mask
    least: Floats
    groups: tuple[Ints, ...]

    def __len__(self) -> int:
        return len(self.is_block)

    @property
    def of_block(self) -> Mask:
        """[n_columns] variables that are a block's."""
        found: Mask = np.append(self.is_block, False)[self.of_column]
        return found

    def sums(self, values: Floats) -> Floats:
        """[n_binaries] sum of values : [n_columns] over the variables that each binary switches."""
        mine = self.of_column >= 0
        total = np.bincount(self.of_column[mine], weights=values[mine], minlength=len(self))
        return total.astype(np.float64)


class Flat:
    """First-order model of all steps around a point.

    cost : [n_columns] EUR per unit, import included; offset : EUR, so that offset + cost x is the model's cost;
    row_lower, row_upper : [n_rows + n_links] ends of the limits, then of the links.
    """

    def __init__(self, problem: Problem, point: Point, rows: Rows, links: Links) -> None:
        self.problem, self.point, self.links = problem, point, links
        every = np.ones(problem.n_steps, dtype=np.bool_)
        reach = np.full(problem.n_steps, np.inf)
        self.model = Linearisation(problem, point, rows, links, reach, every, False, np.zeros(len(rows)))
        self.rows = self.model.rows
        self._by = (self.model.by_p, self.model.by_q)
        energy = problem.energy_cost[:, None] * self.model.slopes
        self.cost = problem.columns.cost + problem.columns.sign * energy[problem.columns.at]
        self.offset = float(point.cost.sum() - self.cost @ point.x)
        limits = self.effect(point.x)[: len(self.rows)] - self.model.excess
        self.row_lower = np.concatenate([np.full(len(self.rows), -np.inf), links.lower])
        self.row_upper = np.concatenate([limits, links.upper])

    def effect(self, x: Floats) -> Floats:
        """[n_rows + n_links] what values x : [n_columns] add to the rows."""
        changes = self.problem.columns.injections(x, self.problem.case.net_p_mw.shape)
        limits = sum(
            (by * change[self.rows.step]).sum(axis=1) for by, change in zip(self._by, changes, strict=True)
        )
        return np.concatenate([limits, self.links.matrix @ x])

    def matrix(self, chosen: Ints) -> sparse.csc_matrix:
        """[n_rows + n_links, n_chosen] coefficients of chosen variables."""
        columns = self.problem.columns
        places = (columns.step[chosen], columns.bus[chosen], columns.reactive[chosen], columns.sign[chosen])
        limits = limits_by(self.rows, self._by, *places)
        return sparse.vstack([limits, self.links.matrix[:, chosen]], format="csc")

    def reduced(self, multipliers: Floats) -> Floats:
        """[n_columns] EUR per unit: the model's cost with the rows charged at multipliers : [n_rows + n_links]."""
        n_rows = len(self.rows)
        charge = charge_at(self.rows, self._by, multipliers[:n_rows], self.problem.n_steps)
        own: Floats = self.links.matrix.T @ multipliers[n_rows:]
        return self.cost + self.problem.columns.sign * charge[self.problem.columns.at] + own

    def bound(self, multipliers: Floats, together: Together) -> float:
        """EUR below which no answer of the model lies, whatever the choices; costs without tie-breaking parts.

        multipliers : [n_rows + n_links], those of limits >= 0. Virtual changes of an auction are no part of it.
        """
        columns = self.problem.columns
        charged = multipliers * self._share_without_virtual(multipliers)
        charged[np.where(charged > 0.0, np.isinf(self.row_upper), np.isinf(self.row_lower))] = 0.0
        ends = np.where(charged > 0.0, self.row_upper, np.where(charged < 0.0, self.row_lower, 0.0))
        rate = self.reduced(charged) + columns.true_cost - columns.cost
        taken = np.where(columns.kind == VIRTUAL, 0.0, np.where(rate < 0.0, columns.upper, columns.lower))
        own = together.of_column < 0
        value = rate * np.where(together.of_block, columns.upper, taken)
        decided = np.minimum(together.sums(value), 0.0)
        for group in together.groups:
            best = decided[group].min()
            decided[group] = 0.0
            decided[group[0]] = best
        return float(self.offset - charged @ ends + value[own].sum() + decided.sum())

    def tie_cost(self) -> float:
        """EUR, the most that tie-breaking parts of costs can come to."""
        columns = self.problem.columns
        extra = np.where(columns.kind == VIRTUAL, 0.0, columns.cost - columns.true_cost)
        tied = extra > 0.0
        return float(extra[tied] @ columns.upper[tied])

    def _share_without_virtual(self, multipliers: Floats) -> float:
        """The largest share of the multipliers, at most 1, at which no virtual change would pay."""
        virtual = self.problem.columns.kind == VIRTUAL
        if self.problem.case.options.clearing != "network" or not virtual.any():
            return 1.0
        free, charged = self.cost[virtual], self.reduced(multipliers)[virtual]
        pays = charged < 0.0
        if not pays.any():
            return 1.0
        return float(max((free[pays] / (free[pays] - charged[pays])).min(), 0.0))
