"""Exact first derivatives of an AC state to injections at the free buses.

From V = w + Z conj(S / V): dV = M conj(dS) + N dS with M = (1 - B conj(B))^-1 A, N = -B conj(M),
A = Z diag(1 / conj(V)), B = Z diag(I / conj(V)), I the currents injected. The coupling bus keeps its voltage.
Where a control holds |V| its reactive power answers every change so that d|V| = 0 there (implicit function).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.grid.network import BASE_MVA, Complexes, Ints, Network
from engine.reading import Floats

HELD_PU = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Sensitivities:
    """Derivatives of the voltages of each step: dv_dp, dv_dq : [n_steps, n_bus, n_free] complex pu per MW, Mvar.

    The coupling bus has rows of zeros; columns are `network.free`.
    """

    network: Network
    v: Complexes
    dv_dp: Complexes
    dv_dq: Complexes

    def of_vm(self, step: Ints, bus: Ints) -> tuple[Floats, Floats]:
        """d|V| : [n_rows, n_free] pu per MW and per Mvar, one row for each (step, bus)."""
        v = self.v[step, bus]
        turn = np.divide(np.conj(v), np.abs(v), dtype=np.complex128)
        return _real_parts(turn, self.dv_dp[step, bus], self.dv_dq[step, bus])

    def of_current(self, step: Ints, branch: Ints, at_to: Ints) -> tuple[Floats, Floats]:
        """d|I| : [n_rows, n_free] kA per MW and per Mvar at a branch's from (0) or to (1) end; 0 at no current."""
        net = self.network
        y = np.where(at_to[:, None] == 1, net.y_to[branch], net.y_from[branch])
        kilo_ampere = np.where(at_to == 1, net.i_to_ka[branch], net.i_from_ka[branch])
        i, di_dp, di_dq = (
            y[:, 0].reshape(-1, *(1,) * (x.ndim - 2)) * x[step, net.from_bus[branch]]
            + y[:, 1].reshape(-1, *(1,) * (x.ndim - 2)) * x[step, net.to_bus[branch]]
            for x in (self.v, self.dv_dp, self.dv_dq)
        )
        size = np.abs(i)
        turn = np.where(size > 0, np.conj(i) / np.where(size > 0, size, 1.0), 0.0) * kilo_ampere
        return _real_parts(turn, di_dp, di_dq)

    def of_import(self) -> tuple[Floats, Floats]:
        """d import : [n_steps, n_free] MW per MW and per Mvar; losses follow as d losses = d import + 1 (P)."""
        net = self.network
        row = np.conj(net.y_bus[net.coupling])
        at = self.v[:, net.coupling] * BASE_MVA
        return (
            np.real(at[:, None] * np.einsum("b,tbj->tj", row, np.conj(self.dv_dp))),
            np.real(at[:, None] * np.einsum("b,tbj->tj", row, np.conj(self.dv_dq))),
        )


def _real_parts(turn: Complexes, by_p: Complexes, by_q: Complexes) -> tuple[Floats, Floats]:
    """Real parts of both derivatives after a turn that points along the quantity itself."""
    return np.real(turn[:, None] * by_p), np.real(turn[:, None] * by_q)


def sensitivities(network: Network, v: Complexes, held: NDArray[np.bool_] | None = None) -> Sensitivities:
    """Derivatives at converged voltages v : [n_steps, n_bus]. Raises LinAlgError at a voltage collapse.

    held : [n_steps, n_controls] controls that hold their voltage (`PowerFlow.held`); those whose bus is at its
    set point when it is left out.
    """
    free = network.free
    current = (network.admittance[free] @ v.T).T
    inverse = 1.0 / np.conj(v[:, free])
    unit, z, z_per_mva = np.eye(len(free)), network.z, network.z / BASE_MVA
    dv_dp = np.zeros((len(v), v.shape[1], len(free)), dtype=np.complex128)
    dv_dq = np.zeros_like(dv_dp)
    above, below = slice(network.coupling), slice(network.coupling + 1, None)
    # One step at a time: its matrices stay in the processor's cache.
    for step in range(len(v)):
        b = z * (inverse[step] * current[step])
        m = np.linalg.solve(unit - b @ np.conj(b), z_per_mva * inverse[step])
        n = -b @ np.conj(m)
        for by, value in ((dv_dp, n + m), (dv_dq, 1j * (n - m))):
            by[step, above], by[step, below] = value[: network.coupling], value[network.coupling :]
    if len(network.controls):
        if held is None:
            held = np.abs(np.abs(v[:, network.controls.bus]) - network.controls.vm_pu) < HELD_PU
        for pattern in np.unique(held, axis=0):
            if pattern.any():
                _hold(network, v, dv_dp, dv_dq, np.flatnonzero((held == pattern).all(axis=1)), pattern)
    return Sensitivities(network, v, dv_dp, dv_dq)


def _hold(
    network: Network, v: Complexes, dv_dp: Complexes, dv_dq: Complexes, steps: Ints, pattern: NDArray[np.bool_]
) -> None:
    """Let the reactive power of the controls in `pattern` answer in `steps`; changes dv_dp and dv_dq."""
    bus = network.controls.bus[pattern]
    spot = np.searchsorted(network.free, bus)
    turn = (np.conj(v) / np.abs(v))[np.ix_(steps, bus)][:, :, None]
    answer = dv_dq[np.ix_(steps, np.arange(v.shape[1]), spot)]
    lift = np.real(turn * answer[:, bus])
    for by in (dv_dp, dv_dq):
        moved = np.real(turn * by[np.ix_(steps, bus)])
        by[steps] -= answer @ np.linalg.solve(lift, moved)
