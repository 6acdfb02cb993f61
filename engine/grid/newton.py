"""Newton's method in polar coordinates with sparse factors, for steps in which the fixed point does not contract.

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
ITERATIONS_MAX = 30


def newton(
    network: Network, s: Complexes, vm_coupling: float, held: Ints, vm_held: Floats
) -> tuple[Complexes, Floats, int]:
    """One step. s : [n_bus] pu; held : [n_held] buses kept at vm_held.

    Returns v : [n_bus], the reactive power added at the held buses : [n_held] pu, and the iterations used.
    Whether v solves the step is not judged here; where the method fails v holds NaN or the last try.
    """
    free = network.free
    lacks_q = np.setdiff1d(free, held)
    rows = np.concatenate([free, lacks_q + len(s)])
    v = _start(network, s, vm_coupling, held, vm_held)
    before = np.inf
    used = 0
    with np.errstate(all="ignore"):
        while used < ITERATIONS_MAX:
            gap = v * np.conj(network.admittance @ v) - s
            mismatch = np.concatenate([gap.real, gap.imag])[rows]
            worst = np.abs(mismatch).max(initial=0.0)
            # Rounding may keep a mismatch above the aim: then it stops where it no longer falls.
            if worst < MISMATCH_PU or (worst < STALLED_PU and worst > 0.5 * before) or not np.isfinite(worst):
                break
            before = worst
            used += 1
            try:
                change = splu(_jacobian(network, v)[rows][:, rows].tocsc()).solve(mismatch)
            except RuntimeError:
                v[free] = np.nan
                break
            angle, size = np.angle(v), np.abs(v)
            angle[free] -= change[: len(free)]
            size[lacks_q] -= change[len(free) :]
            v = size * np.exp(1j * angle)
            v[network.coupling] = vm_coupling
        gap = v * np.conj(network.admittance @ v) - s
    return v, gap.imag[held], used


def _start(network: Network, s: Complexes, vm_coupling: float, held: Ints, vm_held: Floats) -> Complexes:
    """No-load voltages; where voltages are held, those and the angles of the lossless linear (DC) power flow."""
    v = np.full(len(network.bus_ids), vm_coupling, dtype=np.complex128)
    if not held.size:
        v[network.free] *= network.no_load
        return v
    v[held] = vm_held
    started: Complexes = v * np.exp(1j * _linear_angles(network, s.real))
    return started


def _linear_angles(network: Network, p: Floats) -> Floats:
    """[n_bus] rad for injections p : [n_bus] pu, every branch as the size of its series admittance."""
    weight, n = np.abs(network.y_from[:, 1]), len(p)
    ends = np.concatenate([network.from_bus, network.to_bus])
    branch = np.tile(np.arange(len(weight)), 2)
    incidence = sparse.csr_matrix((np.repeat([1.0, -1.0], len(weight)), (branch, ends)), shape=(len(weight), n))
    weighted = sparse.diags(weight) @ incidence
    free = network.free
    angle = np.zeros(n)
    drawn = (p + weighted.T @ network.shift_rad)[free]
    angle[free] = splu((incidence.T @ weighted)[free][:, free].tocsc()).solve(drawn)
    return angle


def _jacobian(network: Network, v: Complexes) -> sparse.csr_matrix:
    """[2 n_bus, 2 n_bus] derivatives of drawn P, Q to angles and magnitudes."""
    y = network.admittance
    at, current = sparse.diags(v), sparse.diags(np.conj(y @ v))
    unit = sparse.diags(v / np.abs(v))
    by_size = at @ (y @ unit).conj() + current @ unit
    by_angle = 1j * (at @ (current - (y @ at).conj()))
    return sparse.bmat([[by_angle.real, by_size.real], [by_angle.imag, by_size.imag]], format="csr")
