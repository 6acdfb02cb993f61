"""Linear physics, for comparison with published studies: lossless active-power flows against their limits.

Flows follow the angles of a network with reactances only; limits are `max_s_mva` read as MW, voltages have none.
A copperplate is the same without branches.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.grid.case import Grid
from engine.grid.network import Ints, Network
from engine.grid.powerflow import PowerFlow
from engine.market.case import Case
from engine.market.columns import Columns, market_columns
from engine.market.limits import S_FROM, S_TO, Rows
from engine.market.problem import Derivatives, Point, Problem
from engine.market.program import Clock
from engine.reading import Floats


@dataclass(frozen=True, slots=True, eq=False)
class LinearFlow:
    """State of a lossless network. branch_mw : [n_steps, n_branch] from `from` to `to`; import_mw : [n_steps]."""

    branch_mw: Floats
    import_mw: Floats

    @property
    def all_converged(self) -> bool:
        """A linear network always has a state."""
        return True

    @property
    def converged(self) -> NDArray[np.bool_]:
        """[n_steps] all true."""
        return np.ones(len(self.import_mw), dtype=np.bool_)


def transfer_factors(grid: Grid, network: Network) -> Floats:
    """[n_branch, n_bus] MW on a branch per MW injected at a bus and taken at the coupling bus.

    A phase shift moves a constant flow, which is in no derivative and is left out.
    """
    n_bus, n_branch = len(network.bus_ids), len(network.branch_ids)
    vn_kv = np.array([bus.vn_kv for bus in grid.buses])[network.from_bus]
    x_pu = np.array([b.x_ohm if b.x_ohm else b.r_ohm for b in grid.branches]) / vn_kv**2
    susceptance = 1.0 / (x_pu * np.array([b.tap_ratio for b in grid.branches]))
    incidence = np.zeros((n_branch, n_bus))
    incidence[np.arange(n_branch), network.from_bus] = 1.0
    incidence[np.arange(n_branch), network.to_bus] -= 1.0
    flows = susceptance[:, None] * incidence
    nodal = incidence.T @ flows
    factors = np.zeros((n_branch, n_bus))
    free = network.free
    factors[:, free] = np.linalg.solve(nodal[np.ix_(free, free)].T, flows[:, free].T).T
    return factors


class LinearProblem(Problem):
    """A case on linear physics, or on no grid at all where `factors` has no rows that are limited."""

    def __init__(self, case: Case, network: Network, columns: Columns, clock: Clock | None = None) -> None:
        self.factors = transfer_factors(case.grid, network)
        self.max_mw = (
            network.max_s_mva if case.options.clearing != "copperplate" else np.full(len(self.factors), np.inf)
        )
        super().__init__(case, network, columns, clock)
        self.energy_cost = np.zeros(case.time.n_steps)

    def state(self, p_mw: Floats, _q_mvar: Floats) -> tuple[LinearFlow, tuple[Floats, ...]]:
        """Flows and what is beyond each limit, percent."""
        flow = LinearFlow(p_mw @ self.factors.T, -p_mw.sum(axis=1))
        with np.errstate(divide="ignore"):
            limited = np.isfinite(self.max_mw)
            shares = np.where(limited, flow.branch_mw / np.where(limited, self.max_mw, 1.0), 0.0) * 100.0
        beyond = [np.where(limited, sign * shares - 100.0, -np.inf) for sign in (1.0, -1.0)]
        no_bus = np.full((len(p_mw), len(self.network.bus_ids)), -np.inf)
        no_branch = np.full(flow.branch_mw.shape, -np.inf)
        return flow, (no_bus, no_bus, no_branch, no_branch, *beyond)

    def derivatives(self, _point: Point, rows: Rows, active: Ints) -> Derivatives:
        """The same at every point."""
        sign = np.select([rows.kind == S_FROM, rows.kind == S_TO], [1.0, -1.0], 0.0)
        by_p = (sign * 100.0 / self.max_mw[rows.element])[:, None] * self.factors[rows.element]
        slopes = np.zeros((2, self.n_steps, len(self.network.bus_ids)))
        slopes[0] = -1.0
        place = np.full(self.n_steps, -1)
        place[active] = np.arange(len(active))
        return Derivatives(by_p, np.zeros_like(by_p), slopes, None, place)

    def row_derivatives(self, point: Point, rows: Rows) -> Derivatives:
        """All there is."""
        return self.derivatives(point, rows, np.unique(rows.step))


def sees_ac(case: Case) -> bool:
    """Whether a case is cleared on the AC grid."""
    return case.options.physics == "ac" and case.options.clearing != "copperplate"


def problem_of(
    case: Case, network: Network, clock: Clock | None = None, baseline: PowerFlow | None = None
) -> Problem:
    """The problem of a case on the physics that its options name; baseline : its AC state where it is known."""
    columns = market_columns(case, network)
    if sees_ac(case):
        return Problem(case, network, columns, clock, baseline)
    return LinearProblem(case, network, columns, clock)
