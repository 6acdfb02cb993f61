"""Sensitivities of a horizon that are worked out again only in steps whose voltages have moved."""

from __future__ import annotations

import numpy as np

from engine.grid.network import Complexes, Ints, Network
from engine.grid.sensitivities import Sensitivities, sensitivities

SAME_PU = 1e-9


class Recall:
    """The last sensitivities of every step. What `at` gives is changed by the next call of it."""

    def __init__(self, network: Network, v: Complexes) -> None:
        self._last = sensitivities(network, v)

    def at(self, v: Complexes, steps: Ints) -> Sensitivities:
        """Those at v : [n_steps, n_bus] in the given steps; in all others they are of earlier calls."""
        last = self._last
        moved = steps[np.abs(v[steps] - last.v[steps]).max(axis=1, initial=0.0) > SAME_PU]
        if moved.size:
            new = sensitivities(last.network, v[moved])
            last.v[moved], last.dv_dp[moved], last.dv_dq[moved] = new.v, new.dv_dp, new.dv_dq
        return last

    def copy(self) -> Recall:
        """The same, to be changed apart from this one."""
        other, last = Recall.__new__(Recall), self._last
        other._last = Sensitivities(last.network, last.v.copy(), last.dv_dp.copy(), last.dv_dq.copy())
        return other
