"""Which root of the power flow counts: the one that grows out of nominal voltages.

A power flow has many solutions. A network's state is the one near nominal voltages that is reached without a jump
while power grows from what they draw. A loaded feeder has collapsed ones too, and long cables some at several
times the rating.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.grid.network import Complexes, Network
from engine.grid.newton import Newton
from engine.reading import Floats

ITERATIONS_MAX = 20
PLAUSIBLE_LEAST, PLAUSIBLE_MOST = 0.4, 1.5
PART_FIRST, PART_LEAST = 0.25, 1 / 64
PART_ITERATIONS_MAX = 8
PART_VM_CHANGE_MAX = 0.2


def plausible(network: Network, v: Complexes, vm_coupling: Floats) -> NDArray[np.bool_]:
    """[n_steps] whether magnitudes of v : [n_steps, n_bus] are within 0.4 and 1.5 times nominal ones; NaN is not.

    What is not is another root, or no state to be in: feeders collapse at 0.42 and above.
    """
    share = np.abs(v) / (network.nominal * vm_coupling[:, None])
    near: NDArray[np.bool_] = (share.min(axis=1) > PLAUSIBLE_LEAST) & (share.max(axis=1) < PLAUSIBLE_MOST)
    return near


def from_nominal(
    newton: Newton, s: Complexes, vm_coupling: float, vm_held: Floats
) -> tuple[Complexes, Floats, int]:
    """One step by Newton's method from nominal voltages, along a path of growing power where that is not enough.

    s : [n_bus] pu; vm_held : [n_held] set points. Returns v : [n_bus], NaN where no root was reached, the reactive
    power added at the held buses : [n_held] pu, and iterations.
    """
    start = _start(newton, s, vm_coupling, vm_held)
    v, added, used, solved = newton.solve(s, start, ITERATIONS_MAX)
    if solved and plausible(newton.network, v[None], np.array([vm_coupling]))[0]:
        return v, added, used
    v, added, more = follow(newton, s, start)
    return v, added, used + more


def follow(newton: Newton, s: Complexes, start: Complexes) -> tuple[Complexes, Floats, int]:
    """From the power that the start draws to s by parts, each a step that leaves voltages near the last ones."""
    drawn = start * np.conj(newton.network.admittance @ start)
    v, added = start, np.zeros(len(newton.held))
    reached, part, iterations = 0.0, PART_FIRST, 0
    while reached < 1.0:
        ahead = min(1.0, reached + part)
        trial, more, used, solved = newton.solve(drawn + ahead * (s - drawn), v, PART_ITERATIONS_MAX)
        iterations += used
        if solved and np.abs(np.abs(trial) - np.abs(v)).max() <= PART_VM_CHANGE_MAX:
            v, added, reached, part = trial, more, ahead, 2.0 * part
        elif part > PART_LEAST:
            part *= 0.5
        else:
            return np.full_like(v, np.nan), added, iterations
    return v, added, iterations


def _start(newton: Newton, s: Complexes, vm_coupling: float, vm_held: Floats) -> Complexes:
    """Nominal magnitudes, set points where voltages are held, and the angles of the linear (DC) power flow."""
    network = newton.network
    size = network.nominal * vm_coupling
    size[newton.held] = vm_held
    started: Complexes = size * np.exp(1j * network.lossless.potentials(s.real, network.shift_rad))
    return started
