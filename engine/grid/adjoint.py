"""Derivatives of a few quantities without those of all voltages: one small adjoint system for each step.

With dV = M conj(dS) + N dS of `engine.grid.sensitivities` and a quantity Re(w dV), w M and w N need as many
solutions of the transposed system as there are quantities, where M and N need one for each bus.
"""

from __future__ import annotations

import numpy as np

from engine.grid.network import BASE_MVA, Complexes, Ints, Network
from engine.reading import Floats


def row_derivatives(network: Network, v: Complexes, step: Ints, weights: Complexes) -> tuple[Floats, Floats]:
    """Two [n_rows, n_bus]: change of Re(weights dV) per MW and per Mvar injected; no controls in the network.

    v : [n_steps, n_bus] converged voltages, pu; step : [n_rows] each quantity's; weights : [n_rows, n_bus] its
    unit per pu. Raises LinAlgError at a voltage collapse.
    """
    free, unit, z = network.free, np.eye(len(network.free)), network.z
    by_p, by_q = np.zeros(weights.shape), np.zeros(weights.shape)
    current = (network.admittance[free] @ v.T).T
    for one in np.unique(step):
        mine = np.flatnonzero(step == one)
        inverse = 1.0 / np.conj(v[one, free])
        b = z * (inverse * current[one])
        w = weights[np.ix_(mine, free)]
        both = np.concatenate([w, np.conj(w @ b)])
        solved = np.linalg.solve((unit - b @ np.conj(b)).T, both.T).T @ z * (inverse / BASE_MVA)
        m, n = solved[: len(mine)], -np.conj(solved[len(mine) :])
        by_p[np.ix_(mine, free)], by_q[np.ix_(mine, free)] = (m + n).real, (m - n).imag
    return by_p, by_q
