"""Newton's method in polar coordinates with sparse factors, for steps in which the fixed point finds no state.

Derivatives as in R. D. Zimmerman, "AC power flows, generalized OPF costs and their derivatives using complex
matrix notation", MATPOWER Technical Note 2, 2010.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from engine.grid.network import Complexes, Ints, Network
from engine.reading import Floats

MISMATCH_PU = 1e-10
STALLED_PU = 5e-9


class Newton:
    """The method for one network and the buses whose magnitude is held : [n_held]; the pattern is made once."""

    def __init__(self, network: Network, held: Ints) -> None:
        n = len(network.bus_ids)
        self.network, self.held, self._n = network, held, n
        self._lacks_q = np.setdiff1d(network.free, held)
        self._rows = np.concatenate([network.free, self._lacks_q + n])
        entries = network.admittance.tocoo()
        self._row, self._column, self._y = entries.row, entries.col, entries.data
        self._diagonal = np.flatnonzero(entries.row == entries.col)
        self._bus = entries.row[self._diagonal]
        # Numbers stand where values will be: P by angle, P by magnitude, Q by angle, Q by magnitude.
        rows = np.concatenate([self._row, self._row, self._row + n, self._row + n])
        columns = np.tile(np.concatenate([self._column, self._column + n]), 2)
        number = np.arange(1, len(rows) + 1)
        whole = sparse.csr_matrix((number, (rows, columns)), shape=(2 * n, 2 * n))
        self._pattern = whole[self._rows][:, self._rows].tocsc()
        self._picked = self._pattern.data - 1

    def solve(self, s: Complexes, start: Complexes, iterations_max: int) -> tuple[Complexes, Floats, int, bool]:
        """One step. s : [n_bus] pu; start : [n_bus] voltages: the coupling bus' and held magnitudes stay.

        Returns v : [n_bus], the reactive power added at the held buses : [n_held] pu, the iterations used and
        whether power balances; where it does not v holds NaN or the last try.
        """
        network, free = self.network, self.network.free
        angle, size = np.angle(start), np.abs(start)
        v, before, used = start, np.inf, 0
        with np.errstate(all="ignore"):
            while True:
                drawn = v * np.conj(network.admittance @ v)
                gap = drawn - s
                mismatch = np.concatenate([gap.real, gap.imag])[self._rows]
                worst = np.abs(mismatch).max(initial=0.0)
                # Rounding may keep a mismatch above the aim: then it stops where it no longer falls.
                solved = worst < MISMATCH_PU or (worst < STALLED_PU and worst > 0.5 * before)
                if solved or used == iterations_max or not np.isfinite(worst):
                    return v, gap.imag[self.held], used, bool(solved)
                before = worst
                used += 1
                try:
                    change = splu(self._jacobian(v, size, drawn)).solve(mismatch)
                except RuntimeError:
                    return np.full_like(v, np.nan), gap.imag[self.held], used, False
                angle[free] -= change[: len(free)]
                size[self._lacks_q] -= change[len(free) :]
                v = size * np.exp(1j * angle)
                v[network.coupling] = start[network.coupling]

    def _jacobian(self, v: Complexes, size: Floats, drawn: Complexes) -> sparse.csc_matrix:
        """Derivatives of drawn P and Q to angles and magnitudes.

        With a = v_i conj(y_ik v_k) they are -j (a - [i = k] s_i) and (a + [i = k] s_i) / |v_k|.
        """
        by_angle = v[self._row] * np.conj(self._y * v[self._column])
        by_size = by_angle.copy()
        by_angle[self._diagonal] -= drawn[self._bus]
        by_size[self._diagonal] += drawn[self._bus]
        by_angle *= -1j
        by_size /= size[self._column]
        values = np.concatenate([by_angle.real, by_size.real, by_angle.imag, by_size.imag])[self._picked]
        return sparse.csc_matrix((values, self._pattern.indices, self._pattern.indptr), shape=self._pattern.shape)
