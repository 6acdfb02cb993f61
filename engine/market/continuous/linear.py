"""Lossless active-power flows: injection shift factors and the flows of a baseline.

The model of R. D. Zimmerman et al., "MATPOWER: Steady-State Operations, Planning, and Analysis Tools", IEEE Trans.
Power Systems 26(1), 2011: f = b (angle_from - angle_to - shift) with b = 1 / (x tap); a branch without reactance
enters with its resistance. A current limit counts as active power at nominal voltage.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.grid.case import Grid
from engine.grid.network import Network
from engine.reading import Floats


@dataclass(frozen=True, slots=True, eq=False)
class LinearFlows:
    """shift_factors : [n_branch, n_bus] MW per MW injected at a bus and drawn at the coupling bus;
    without_injection : [n_branch] MW, from phase shifts; p_max_mw : [n_branch], inf where unlimited."""

    shift_factors: Floats
    without_injection: Floats
    p_max_mw: Floats

    def flows(self, p_mw: Floats) -> Floats:
        """[n_steps, n_branch] MW for injections [n_steps, n_bus]."""
        flows: Floats = p_mw @ self.shift_factors.T + self.without_injection
        return flows


def linear_flows(grid: Grid, network: Network) -> LinearFlows:
    """The linear model of a grid, bus and branch axes in the order of `network`."""
    vn_kv = {bus.id: bus.vn_kv for bus in grid.buses}
    ohm = np.array([b.x_ohm if b.x_ohm else b.r_ohm for b in grid.branches])
    vn_from = np.array([vn_kv[b.from_bus] for b in grid.branches])
    tap = np.array([b.tap_ratio for b in grid.branches])
    susceptance = vn_from**2 / (ohm * tap)
    shift = np.radians(np.array([b.shift_degree for b in grid.branches], dtype=np.float64))
    n_branch, n_bus = len(grid.branches), len(network.bus_ids)
    incidence = np.zeros((n_branch, n_bus))
    incidence[np.arange(n_branch), network.from_bus] = 1.0
    incidence[np.arange(n_branch), network.to_bus] = -1.0
    by_angle = susceptance[:, None] * incidence
    free = network.free
    angles = np.zeros((n_bus, n_bus))
    angles[np.ix_(free, free)] = np.linalg.inv((incidence.T @ by_angle)[np.ix_(free, free)])
    factors = by_angle @ angles
    pushed = -susceptance * shift
    at_nominal = np.minimum(network.max_s_mva, network.max_i_from_ka / network.i_from_ka)
    return LinearFlows(factors, pushed - factors @ (incidence.T @ pushed), at_nominal)
