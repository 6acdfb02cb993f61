"""The clearing problem of a case: what stays the same while the search moves, and its AC state at a point."""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.grid.adjoint import row_derivatives
from engine.grid.network import Ints, Network
from engine.grid.powerflow import PowerFlow, power_flow
from engine.grid.recall import Recall
from engine.grid.sensitivities import Sensitivities, sensitivities
from engine.market.case import Case
from engine.market.columns import Columns
from engine.market.limits import Rows, excess, gradients, rows_of, violation, weights_of, worst
from engine.market.links import Links, link_rows
from engine.market.program import Clock
from engine.reading import Floats

NEAR_PERCENT = (0.1, 0.1, 1.0, 1.0, 1.0, 1.0)
FEASIBLE_PERCENT = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Derivatives:
    """by_p, by_q : [n_rows, n_bus] percent per MW, Mvar; slopes : [2, n_steps, n_bus] MW of import per MW, Mvar.

    at, place : the voltages' derivatives and where a step is in them (None on linear physics).
    """

    by_p: Floats
    by_q: Floats
    slopes: Floats
    at: Sensitivities | None
    place: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """Values x : [n_columns] with the state they lead to. cost, violation, worst : [n_steps], EUR and percent."""

    x: Floats
    flow: Any
    excesses: tuple[Floats, ...]
    cost: Floats
    violation: Floats
    worst: Floats

    def excess_of(self, rows: Rows) -> Floats:
        """[n_rows] percent, what is beyond each limit (negative: what is left)."""
        return rows.values(self.excesses)


class Problem:
    """A case with its network and variables.

    baseline : the AC state of no change where it is known; energy_cost : [n_steps] EUR per MW of import; relief :
    what limits give way by, as `excess` gives it: nothing, or in an auction what the baseline is beyond them;
    group : [n_steps] steps that rows tie together share one; recall : earlier sensitivities to go on from or None.
    """

    def __init__(
        self,
        case: Case,
        network: Network,
        columns: Columns,
        clock: Clock | None = None,
        baseline: PowerFlow | None = None,
    ) -> None:
        self.case, self.network, self.columns = case, network, columns
        self.clock, self.baseline = clock or Clock(), baseline
        self.recall: Recall | None = None
        self.n_steps = case.time.n_steps
        self.energy_cost = case.coupling_price_eur_per_mwh * case.time.hours
        self.links: Links = link_rows(case, columns)
        self.group: Ints = (
            np.zeros(self.n_steps, dtype=np.int64) if self.links.ties_steps else np.arange(self.n_steps)
        )
        self.relief: tuple[Floats, ...] | None = None
        if case.options.clearing == "requests":
            self.relief = tuple(np.maximum(e, 0.0) for e in self.at(np.zeros(len(columns))).excesses)

    def at(self, x: Floats) -> Point:
        """State and cost of values x."""
        p, q = self.columns.injections(x, self.case.net_p_mw.shape)
        if self.baseline is not None and not p.any() and not q.any():
            flow, excesses = self.baseline, excess(self.network, self.baseline)
        else:
            flow, excesses = self.state(self.case.net_p_mw + p, self.case.net_q_mvar + q)
        if self.relief is not None:
            excesses = tuple(e - r for e, r in zip(excesses, self.relief, strict=True))
        cost = self.per_step(self.columns.cost * x) + self.energy_cost * flow.import_mw
        return Point(x, flow, excesses, cost, violation(excesses, FEASIBLE_PERCENT), worst(excesses))

    def state(self, p_mw: Floats, q_mvar: Floats) -> tuple[Any, tuple[Floats, ...]]:
        """AC state of injections [n_steps, n_bus] and what is beyond each limit, percent."""
        since = time.perf_counter()
        flow = power_flow(self.network, p_mw, q_mvar)
        self.clock.add("power_flow", since)
        return flow, excess(self.network, flow)

    def derivatives(self, point: Point, rows: Rows, active: Ints) -> Derivatives:
        """First derivatives of limits and import at a point, import's only for the steps in `active`."""
        since = time.perf_counter()
        place = np.full(self.n_steps, -1)
        if self.recall is None:
            at = sensitivities(self.network, point.flow.v[active])
            place[active] = np.arange(len(active))
        else:
            at = self.recall.at(point.flow.v, active)
            place[active] = active
        by_p, by_q = gradients(self.network, point.flow, at, place, rows)
        slopes = np.zeros((2, self.n_steps, len(self.network.bus_ids)))
        free = self.network.free
        for slope, by_import in zip(slopes, at.of_import(), strict=True):
            slope[np.ix_(active, free)] = by_import[place[active]]
        slopes[0][:, self.network.coupling] = -1.0
        self.clock.add("sensitivities", since)
        return Derivatives(by_p, by_q, slopes, at, place)

    def row_derivatives(self, point: Point, rows: Rows) -> Derivatives:
        """First derivatives of limits alone: enough where import costs nothing and nothing bends."""
        if self.recall is not None or len(self.network.controls):
            return self.derivatives(point, rows, np.unique(rows.step))
        since = time.perf_counter()
        weights = weights_of(self.network, point.flow, rows)
        by_p, by_q = row_derivatives(self.network, point.flow.v, rows.step, weights)
        self.clock.add("sensitivities", since)
        slopes = np.zeros((2, self.n_steps, len(self.network.bus_ids)))
        return Derivatives(by_p, by_q, slopes, None, np.full(self.n_steps, -1))

    def within(self, lower: Floats, upper: Floats) -> Problem:
        """The same problem with its variables between other bounds."""
        other = copy.copy(self)
        other.columns = self.columns.within(lower, upper)
        return other

    def priced(self, cost: Floats) -> Problem:
        """The same problem at other costs of its variables : [n_columns] EUR per MW or Mvar."""
        other = copy.copy(self)
        other.columns = replace(self.columns, cost=cost)
        return other

    def per_step(self, values: Floats) -> Floats:
        """Sum of values : [n_columns] in each step."""
        total: Floats = np.bincount(self.columns.step, weights=values, minlength=self.n_steps).astype(np.float64)
        return total

    def per_group(self, values: Floats) -> Floats:
        """[n_steps] each step's share replaced by the sum over its group."""
        total: Floats = np.bincount(self.group, weights=values, minlength=self.n_steps).astype(np.float64)
        return total[self.group]

    def rows_near(self, point: Point, rows: Rows) -> Rows:
        """The given rows and every limit that is violated or near at a point."""
        masks = [e > -near for e, near in zip(point.excesses, NEAR_PERCENT, strict=True)]
        for kind, mask in enumerate(masks):
            chosen = rows.kind == kind
            mask[rows.step[chosen], rows.element[chosen]] = True
        return rows_of(masks)
