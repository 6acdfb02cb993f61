"""A market near a known optimum: what stands far from its margin stays, the rest is searched anew.

A search starts from the known values and multipliers and moves only variables that a row ties to others or that
are near their margin; at the new prices the rest are asked whether they would move, and let go where they would
(column generation: R. E. Bixby et al., "Very large-scale linear programming", Oper. Res. 40, 1992). What comes out
is an optimum over all variables.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.market.awards import accepted_quanta
from engine.market.choices import two_way
from engine.market.columns import LEVEL, OFFER
from engine.market.part import unlinked
from engine.market.prices import Prices, nodal_prices
from engine.market.problem import Problem
from engine.market.program import Programme, minimise
from engine.market.search import Known, Outcome, search, silent
from engine.market.sifting import part_of
from engine.market.solve import solve
from engine.market.swaps import rises
from engine.market.valleys import best_valley
from engine.market.vcg import reduced_costs
from engine.reading import Floats

GAIN_EUR = 1e-6
MOVES_EUR_PER_MWH = 1e-6
NEAR_EUR_PER_MWH = 10.0
AT_BOUND_MW = 1e-7
USED_MW = 1e-6
RISE_TRUST = 3.0

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """An optimum. problem, outcome, prices : of the variables that were in play; x : [n_columns] all values;
    quanta : [n_offers, n_steps] accepted, in `QUANTUM_MW`; gain : [n_steps] EUR less than without the offer."""

    problem: Problem
    outcome: Outcome
    prices: Prices
    x: Floats
    quanta: NDArray[np.int64]
    gain: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Market:
    """A market with a new offer at values x : [n_columns] that keep it out and are optimal without it.

    before : the outcome without it, known : its multipliers; reduced : [n_columns] reduced costs there in EUR/MWh;
    is_new : [n_columns] the offer's variables.
    """

    problem: Problem
    x: Floats
    before: Outcome
    known: Known
    reduced: Floats
    is_new: Mask

    def with_least(self, share: float, steps: Mask) -> Market:
        """With at least a share of the offer accepted in some steps and nothing in the others."""
        columns = self.problem.columns
        upper = np.where(self.is_new & ~steps[columns.step], 0.0, columns.upper)
        lower = columns.lower.copy()
        lower[self.is_new] = share * upper[self.is_new]
        return replace(self, problem=self.problem.within(lower, upper), x=np.clip(self.x, lower, upper))

    def from_inside(self, wanted: Mask) -> Market:
        """The same, but the search starts with the offer accepted where wanted : [n_columns]."""
        return replace(self, x=np.where(wanted, self.problem.columns.upper, self.x))

    def stands_still(self) -> bool:
        """Whether a storage that may stand still earns nothing at the known prices (a programme of its own)."""
        problem, new = self.problem, self.is_new
        columns, links = problem.columns, problem.links
        if (self.x[new & (columns.kind != LEVEL)] > 0.0).any():
            return False
        balances = [row for row, *_ in links.balances]
        rows = np.setdiff1d(np.flatnonzero(np.diff(links.matrix[:, new].indptr) > 0), balances)
        cost = np.where(columns.kind == LEVEL, 0.0, self.reduced)[new] * problem.case.time.hours
        own = links.matrix[rows][:, new]
        found = minimise(
            Programme(cost, columns.lower[new], columns.upper[new], own, links.lower[rows], links.upper[rows])
        )
        return found.optimal and float(cost @ found.x) > -GAIN_EUR

    def without(self) -> Found:
        """Nothing changes: the offer stays out."""
        point = replace(self.before.point, x=self.x)
        links, multipliers = self.problem.links, self.known.link_multipliers
        outcome = replace(self.before, point=point, links=links, link_multipliers=multipliers)
        return self._found(self.problem, outcome, nodal_prices(self.problem, outcome), self.x)

    def whole(self) -> Found | None:
        """The optimum with all choices made anew; None where there is none."""
        problem, outcome = solve(self.problem, silent, self.x, self.known)
        if outcome.reason is not None:
            problem, outcome = solve(self.problem, silent)
        if outcome.reason is not None:
            return None
        return self._found(problem, outcome, nodal_prices(problem, outcome), outcome.point.x)

    def sifted(self, loss_eur: float = np.inf) -> Found | None:
        """The optimum where there is nothing to choose; None where none is found or something would be.

        Where the first search ends dearer than now by more than loss_eur, no other valley is looked for: None.
        """
        problem, columns, x = self.problem, self.problem.columns, self.x.copy()
        known, reduced = self.known, self.reduced
        movable = columns.upper > columns.lower
        ceiling = float(self.before.point.cost.sum()) + loss_eur
        in_play = self.is_new | ~unlinked(problem)
        in_play |= (x > columns.lower + AT_BOUND_MW) & (x < columns.upper - AT_BOUND_MW)
        while True:
            in_play |= movable & (np.abs(reduced) <= NEAR_EUR_PER_MWH)
            part = part_of(problem, np.flatnonzero(in_play), np.where(in_play, 0.0, x))
            outcome = search(part, silent, x[in_play], known)
            if float(outcome.point.cost.sum() + (columns.cost * x)[~in_play].sum()) > ceiling:
                return None
            outcome = best_valley(part, outcome, silent)
            if outcome.reason is not None or two_way(part.columns, outcome.point.x):
                return None
            x[in_play] = outcome.point.x
            multipliers = outcome.link_multipliers[: len(problem.links.upper)]
            known = replace(known, worth=outcome.worth, link_multipliers=multipliers)
            prices = nodal_prices(part, outcome)
            reduced = reduced_costs(columns, prices, problem.case.time.hours)
            is_in = x > columns.lower + AT_BOUND_MW
            moves = np.where(is_in, reduced > MOVES_EUR_PER_MWH, reduced < -MOVES_EUR_PER_MWH)
            moves &= movable & ~in_play
            if not moves.any():
                return self._found(part, outcome, prices, x)
            in_play |= moves

    def nearly_in(self, found: Found) -> Mask:
        """[n_columns] variables of the offer that are not taken whole and, since the grid bends, might pay so."""
        part, prices, point = found.problem, found.prices, found.outcome.point
        own = (part.columns.owner == self.problem.columns.owner[self.is_new][0]) & (part.columns.kind == OFFER)
        left = np.flatnonzero(own & (point.x < part.columns.upper - USED_MW))
        links = prices.links.copy()
        links[[row for row, *_ in part.links.balances]] = 0.0
        taken = (found.outcome.links.matrix.T @ links)[left]
        gap = np.maximum(reduced_costs(part.columns, prices, part.case.time.hours)[left] + taken, 0.0)
        others = replace(found.outcome, point=replace(point, x=np.where(own, 0.0, point.x)))
        rise = rises(part, others, prices, left)
        near = np.zeros(len(self.x), dtype=np.bool_)
        steps = part.columns.step[left[gap + MOVES_EUR_PER_MWH < RISE_TRUST * rise]]
        near[self.is_new & np.isin(self.problem.columns.step, steps)] = True
        return near

    def _found(self, part: Problem, outcome: Outcome, prices: Prices, x: Floats) -> Found:
        problem, columns = self.problem, self.problem.columns
        cost = problem.per_step(columns.cost * x) + problem.energy_cost * outcome.point.flow.import_mw
        quanta = accepted_quanta(problem.case, columns, x)
        return Found(part, outcome, prices, x, quanta, self.before.point.cost - cost)
