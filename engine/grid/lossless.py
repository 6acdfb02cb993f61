"""The network without losses: a linear map from what enters at buses to angles, or from taps to magnitudes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

from engine.reading import Floats

Ints = NDArray[np.int64]


class Lossless:
    """Branches between from_bus and to_bus : [n_branch] with weights : [n_branch] above 0, one bus kept at 0."""

    def __init__(self, from_bus: Ints, to_bus: Ints, weight: Floats, n_bus: int, kept: int) -> None:
        ends, branch = np.concatenate([from_bus, to_bus]), np.tile(np.arange(len(weight)), 2)
        signs = np.repeat([1.0, -1.0], len(weight))
        incidence = sparse.csr_matrix((signs, (branch, ends)), shape=(len(weight), n_bus))
        self._weighted = (sparse.diags(weight) @ incidence).T.tocsr()
        self._free = np.delete(np.arange(n_bus), kept)
        part = (self._weighted @ incidence)[self._free][:, self._free].tocsc()
        self._factors = splu(part) if n_bus > 1 else None

    def potentials(self, into: Floats, along: Floats) -> Floats:
        """[n_bus] x with weight (x_from - x_to - along) in each branch and `into` : [n_bus] entering at buses."""
        x = np.zeros(len(into))
        if self._factors is not None:
            x[self._free] = self._factors.solve((into + self._weighted @ along)[self._free])
        return x
