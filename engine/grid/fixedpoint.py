"""Z-bus fixed point V = w + Z conj(S / V) over many steps at once, with reactive sources that keep voltages.

See J. S. Giraldo et al., "A fixed-point current injection power flow for electric distribution systems using
Laurent series", EPSR 211, 2022. At a bus with a held voltage each sweep corrects the reactive power by the
voltage it lacks, over the sensitivity without load (compensation method: G. X. Luo and A. Semlyen, "Efficient
load flow for large weakly meshed networks", IEEE Trans. Power Systems 5(4), 1990).
"""

from __future__ import annotations

import numpy as np

from engine.grid.network import Complexes, Ints, Network
from engine.reading import Floats

TOLERANCE_PU = 1e-11
SWEEPS_MAX = 60


def fixed_point(
    network: Network, s: Complexes, vm_coupling: Floats, held: Ints, vm_held: Floats
) -> tuple[Complexes, Floats, Ints]:
    """Sweep steps until they stand still or `SWEEPS_MAX` is reached; whether they are solved is not judged here.

    s : [n_steps, n_bus] injections, pu; vm_coupling : [n_steps]; held : [n_held] buses kept at vm_held.
    Returns v : [n_steps, n_bus], reactive power added at the held buses : [n_steps, n_held] pu, and sweeps.
    """
    free = network.free
    spot = np.searchsorted(free, held)
    gain = _gain(network, spot) if held.size else None
    start = network.no_load[:, None] * vm_coupling
    p, q = np.ascontiguousarray(s[:, free].real.T), np.ascontiguousarray(s[:, free].imag.T)
    out, sweeps = start.copy(), np.zeros(len(s), dtype=np.int64)
    added = np.zeros((len(held), len(s)))
    moving, v = np.arange(len(s)), start
    with np.errstate(all="ignore"):
        for _ in range(SWEEPS_MAX):
            new = start + network.voltages_of(_currents(p, q, v))
            change = np.abs(new - v).max(axis=0, initial=0.0)
            if gain is not None:
                lacking = vm_held[:, None] - np.abs(new[spot])
                more = gain @ lacking
                q[spot] += more
                added[:, moving] += more
                change = np.maximum(change, np.abs(lacking).max(axis=0))
            v = new
            sweeps[moving] += 1
            going = (change > TOLERANCE_PU) & np.isfinite(change)
            if not going.all():
                out[:, moving] = v
                moving, start, v = moving[going], start[:, going], v[:, going]
                p, q = p[:, going], q[:, going]
                if not moving.size:
                    break
    out[:, moving] = v
    whole = np.empty(s.shape, dtype=np.complex128)
    whole[:, free] = out.T
    whole[:, network.coupling] = vm_coupling
    return whole, added.T, sweeps


def _currents(p: Floats, q: Floats, v: Complexes) -> Complexes:
    """conj(S / V), several times faster than the division of complex numbers."""
    re, im = v.real, v.imag
    inverse = 1.0 / (re * re + im * im)
    p, q = p * inverse, q * inverse
    current = np.empty(v.shape, dtype=np.complex128)
    current.real = p * re + q * im
    current.imag = p * im - q * re
    return current


def _gain(network: Network, spot: Ints) -> Floats:
    """[n_held, n_held] pu of reactive power per pu of voltage at the held buses, in the state without load."""
    unit = np.zeros((len(network.free), len(spot)), dtype=np.complex128)
    unit[spot, np.arange(len(spot))] = 1.0
    w = network.no_load[spot]
    lift = np.conj(w)[:, None] / np.abs(w)[:, None] * network.voltages_of(unit)[spot] * (-1j / np.conj(w))
    return np.linalg.pinv(lift.real).astype(np.float64)
