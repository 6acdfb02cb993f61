"""Z-bus fixed point V = w + Z conj(S / V) over many steps at once, with reactive sources that keep voltages.

See J. S. Giraldo et al., "A fixed-point current injection power flow for electric distribution systems using
Laurent series", EPSR 211, 2022. At a bus with a held voltage each sweep corrects the reactive power by the
voltage it lacks, over the sensitivity without load (compensation method: G. X. Luo and A. Semlyen, "Efficient
load flow for large weakly meshed networks", IEEE Trans. Power Systems 5(4), 1990).

Real and imaginary parts are kept apart, which is twice as fast as complex numbers. Large batches sweep in single
precision first: it costs half, and what the last sweeps start from leaves no trace in where they end.
"""

from __future__ import annotations

import numpy as np

from engine.grid.network import Complexes, Ints, Network, Reals
from engine.reading import Floats

TOLERANCE_PU = 1e-11
SWEEPS_MAX = 60
ROUGH_SWEEPS = 3
ROUGH_STEPS_MIN = 64

Parts = tuple[Reals, Reals]


def fixed_point(
    network: Network, s: Complexes, vm_coupling: Floats, held: Ints, vm_held: Floats
) -> tuple[Complexes, Floats, Ints]:
    """Sweep steps until they stand still or `SWEEPS_MAX` is reached; whether they are solved is not judged here.

    s : [n_steps, n_bus] injections, pu; vm_coupling : [n_steps]; held : [n_held] buses kept at vm_held.
    Returns v : [n_steps, n_bus], reactive power added at the held buses : [n_steps, n_held] pu, and sweeps.
    """
    free, n = network.free, len(s)
    spot = np.searchsorted(free, held)
    gain = _gain(network, spot) if held.size else None
    w = network.no_load
    rest: Parts = np.multiply.outer(w.real, vm_coupling), np.multiply.outer(w.imag, vm_coupling)
    power: Parts = np.ascontiguousarray(s.real.T[free]), np.ascontiguousarray(s.imag.T[free])
    at: Parts = rest
    done = 0
    with np.errstate(all="ignore"):
        if gain is None and n >= ROUGH_STEPS_MIN:
            at, done = _roughly(network, power, rest), ROUGH_SWEEPS
        out_re, out_im, sweeps = *(part.copy() for part in at), np.full(n, done)
        added = np.zeros((len(held), n))
        moving = np.arange(n)
        for _ in range(done, SWEEPS_MAX):
            re, im = _sweep(network, power, rest, at)
            moved = np.maximum(
                np.abs(re - at[0]).max(axis=0, initial=0.0), np.abs(im - at[1]).max(axis=0, initial=0.0)
            )
            if gain is not None:
                lacking = vm_held[:, None] - np.hypot(re[spot], im[spot])
                more = gain @ lacking
                power[1][spot] += more
                added[:, moving] += more
                moved = np.maximum(moved, np.abs(lacking).max(axis=0))
            at = re, im
            sweeps[moving] += 1
            going = (moved > TOLERANCE_PU) & np.isfinite(moved)
            if not going.all():
                out_re[:, moving], out_im[:, moving] = at
                moving = moving[going]
                rest, power, at = ((a[:, going], b[:, going]) for a, b in (rest, power, at))
                if not moving.size:
                    break
        out_re[:, moving], out_im[:, moving] = at
    whole = np.empty(s.shape, dtype=np.complex128)
    whole.real[:, free], whole.imag[:, free] = out_re.T, out_im.T
    whole[:, network.coupling] = vm_coupling
    return whole, added.T, sweeps


def _roughly(network: Network, power: Parts, rest: Parts) -> Parts:
    """Voltages after the first sweeps, in single precision where the network is dense."""
    (p, q), (re, im) = ((a.astype(np.float32), b.astype(np.float32)) for a, b in (power, rest))
    at = re, im
    for _ in range(ROUGH_SWEEPS):
        at = _sweep(network, (p, q), (re, im), at)
    return at[0].astype(np.float64), at[1].astype(np.float64)


def _sweep(network: Network, power: Parts, rest: Parts, at: Parts) -> Parts:
    """rest + Z conj(S / V), all [n_free, n_steps]."""
    (p, q), (re, im) = power, at
    inverse = re * re
    inverse += im * im
    np.divide(1.0, inverse, out=inverse)
    active, reactive = p * re, p * im
    active += q * im
    reactive -= q * re
    active *= inverse
    reactive *= inverse
    caused = network.voltages_of_parts(active, reactive)
    caused[0][...] += rest[0]
    caused[1][...] += rest[1]
    return caused


def _gain(network: Network, spot: Ints) -> Floats:
    """[n_held, n_held] pu of reactive power per pu of voltage at the held buses, in the state without load."""
    unit = np.zeros((len(network.free), len(spot)), dtype=np.complex128)
    unit[spot, np.arange(len(spot))] = 1.0
    w = network.no_load[spot]
    lift = np.conj(w)[:, None] / np.abs(w)[:, None] * network.voltages_of(unit)[spot] * (-1j / np.conj(w))
    return np.linalg.pinv(lift.real).astype(np.float64)
