"""Batched AC power flow: fixed point over chunks of steps, Newton where it finds no state, reactive limits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.grid.chunks import chunks
from engine.grid.controls import (
    HELD,
    ROUNDS_MAX,
    ROUNDS_TOGETHER,
    VM_TOLERANCE_PU,
    Modes,
    first_modes,
    limit_mvar,
    next_modes,
)
from engine.grid.fixedpoint import fixed_point
from engine.grid.loading import loading_percent
from engine.grid.network import BASE_MVA, Complexes, Ints, Network
from engine.grid.newton import Newton
from engine.grid.roots import from_nominal, plausible
from engine.reading import Floats

MISMATCH_MVA = 1e-8

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class PowerFlow:
    """State of a network in every step; NaN in steps that did not converge.

    v : [n_steps, n_bus] complex pu; import_mw, import_mvar : [n_steps], from the grid above through the coupling
    bus; losses_mw : [n_steps], shunts included; converged : [n_steps]; iterations : [n_steps]; held :
    [n_steps, n_controls], whether a control keeps its voltage or stands at a limit; control_q_mvar :
    [n_steps, n_controls], its reactive power. What follows from v is worked out when it is asked for.
    """

    network: Network
    v: Complexes
    import_mw: Floats
    import_mvar: Floats
    losses_mw: Floats
    converged: Mask
    iterations: Ints
    held: Mask
    control_q_mvar: Floats

    @property
    def all_converged(self) -> bool:
        """Whether every step has a solution."""
        return bool(self.converged.all())

    @cached_property
    def vm_pu(self) -> Floats:
        """[n_steps, n_bus] voltage magnitudes."""
        return np.abs(self.v)

    @cached_property
    def i_from_ka(self) -> Floats:
        """[n_steps, n_branch] current at the from end."""
        return self._current_pu(self.network.y_from) * self.network.i_from_ka

    @cached_property
    def i_to_ka(self) -> Floats:
        """[n_steps, n_branch] current at the to end."""
        return self._current_pu(self.network.y_to) * self.network.i_to_ka

    @cached_property
    def s_from_mva(self) -> Floats:
        """[n_steps, n_branch] apparent power at the from end."""
        i_pu = self.i_from_ka / self.network.i_from_ka
        return self.vm_pu[:, self.network.from_bus] * i_pu * BASE_MVA

    @cached_property
    def s_to_mva(self) -> Floats:
        """[n_steps, n_branch] apparent power at the to end."""
        i_pu = self.i_to_ka / self.network.i_to_ka
        return self.vm_pu[:, self.network.to_bus] * i_pu * BASE_MVA

    @cached_property
    def loading_percent(self) -> Floats:
        """[n_steps, n_branch] of the tighter limit at the worse end, 0 where a branch has no limit."""
        return loading_percent(self.network, self.v)

    def _current_pu(self, y: Complexes) -> Floats:
        at_from, at_to = self.v[:, self.network.from_bus], self.v[:, self.network.to_bus]
        return np.abs(at_from * y[:, 0] + at_to * y[:, 1])


@dataclass(frozen=True, slots=True, eq=False)
class _Solved:
    """Some steps: v [n, n_bus], modes and q_mvar [n, n_controls], converged and iterations [n]."""

    v: Complexes
    modes: Modes
    q_mvar: Floats
    converged: Mask
    iterations: Ints


def power_flow(network: Network, p_mw: Floats, q_mvar: Floats) -> PowerFlow:
    """AC power flow for injections p_mw, q_mvar : [n_steps, n_bus], positive into the grid.

    Steps without a solution are told by `converged`, not raised. Raises ValueError for a wrong shape.
    """
    if p_mw.shape != q_mvar.shape or p_mw.ndim != 2 or p_mw.shape[1] != len(network.bus_ids):
        raise ValueError(f"injections must be [n_steps, {len(network.bus_ids)}], not {p_mw.shape}")
    vm_coupling = np.broadcast_to(network.vm_coupling_pu, (len(p_mw),))
    v = np.empty(p_mw.shape, dtype=np.complex128)
    q_control = np.empty((len(p_mw), len(network.controls)))
    held = np.empty(q_control.shape, dtype=np.bool_)
    converged, iterations = np.empty(len(p_mw), dtype=np.bool_), np.empty(len(p_mw), dtype=np.int64)
    for steps in chunks(len(p_mw), p_mw.shape[1]):
        s = np.empty_like(v[steps])
        np.divide(p_mw[steps], BASE_MVA, out=s.real)
        np.divide(q_mvar[steps], BASE_MVA, out=s.imag)
        part = _solve(network, s, vm_coupling[steps])
        v[steps], q_control[steps], held[steps] = part.v, part.q_mvar, part.modes == HELD
        converged[steps], iterations[steps] = part.converged, part.iterations
    at_coupling = network.admittance[network.coupling]
    drawn = v[:, network.coupling] * np.conj(v[:, at_coupling.indices] @ at_coupling.data) * BASE_MVA
    import_mw = drawn.real - p_mw[:, network.coupling]
    return PowerFlow(
        network=network,
        v=v,
        import_mw=import_mw,
        import_mvar=drawn.imag - q_mvar[:, network.coupling],
        losses_mw=import_mw + p_mw.sum(axis=1),
        converged=converged,
        iterations=iterations,
        held=held,
        control_q_mvar=q_control,
    )


def _solve(network: Network, s: Complexes, vm_coupling: Floats) -> _Solved:
    """Solve, move controls to and from their limits, and again, until none is wrong; NaN where that fails."""
    solved = _with_modes(network, s, vm_coupling, first_modes(network.controls, len(s)))
    pending = np.flatnonzero(solved.converged) if len(network.controls) else np.zeros(0, dtype=np.int64)
    for turn in range(ROUNDS_MAX):
        modes, vm = solved.modes[pending], np.abs(solved.v[pending][:, network.controls.bus])
        wanted = next_modes(network.controls, modes, vm, solved.q_mvar[pending], turn >= ROUNDS_TOGETHER)
        wrong = (wanted != modes).any(axis=1)
        pending = pending[wrong]
        if not pending.size:
            break
        again = _with_modes(network, s[pending], vm_coupling[pending], wanted[wrong])
        solved.v[pending], solved.modes[pending], solved.q_mvar[pending] = again.v, again.modes, again.q_mvar
        solved.converged[pending] = again.converged
        solved.iterations[pending] += again.iterations
        pending = pending[again.converged]
    solved.converged[pending] = False
    solved.v[~solved.converged] = np.nan
    return solved


def _with_modes(network: Network, s: Complexes, vm_coupling: Floats, modes: Modes) -> _Solved:
    """Solve with every control as `modes` : [n_steps, n_controls] has it, the steps of one pattern together."""
    n, n_controls = modes.shape
    if not n_controls:
        return _one_pattern(network, s, vm_coupling, modes)
    q_mvar = np.zeros((n, n_controls))
    whole = _Solved(np.empty_like(s), modes, q_mvar, np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.int64))
    s = s.copy()
    s[:, network.controls.bus] += 1j * limit_mvar(network.controls, modes) / BASE_MVA
    patterns, which = np.unique(modes == HELD, axis=0, return_inverse=True)
    for i in range(len(patterns)):
        rows = np.flatnonzero(which.ravel() == i)
        part = _one_pattern(network, s[rows], vm_coupling[rows], modes[rows])
        whole.v[rows], whole.q_mvar[rows], whole.converged[rows] = part.v, part.q_mvar, part.converged
        whole.iterations[rows] = part.iterations
    return whole


def _one_pattern(network: Network, s: Complexes, vm_coupling: Floats, modes: Modes) -> _Solved:
    holding = (modes == HELD).all(axis=0)
    held, vm_held = network.controls.bus[holding], network.controls.vm_pu[holding]
    v, added, iterations = fixed_point(network, s, vm_coupling, held, vm_held)
    converged = _is_state(network, v, s, added, vm_coupling, held, vm_held)
    left = np.flatnonzero(~converged)
    if left.size:
        newton = Newton(network, held)
        for step in left:
            v[step], added[step], used = from_nominal(newton, s[step], float(vm_coupling[step]), vm_held)
            iterations[step] += used
        converged[left] = _is_state(network, v[left], s[left], added[left], vm_coupling[left], held, vm_held)
    q_mvar = limit_mvar(network.controls, modes)
    q_mvar[:, holding] = added * BASE_MVA
    return _Solved(v, modes, q_mvar, converged, iterations)


def _is_state(
    network: Network, v: Complexes, s: Complexes, added: Floats, vm_coupling: Floats, held: Ints, vm_held: Floats
) -> Mask:
    """Whether power balances at every free bus, held voltages hold, and all are plausible."""
    with np.errstate(all="ignore"):
        gap = v * np.conj((network.admittance @ v.T).T) - s
        gap[:, held] -= 1j * added
        gap[:, network.coupling] = 0.0
        missed = np.abs(np.abs(v[:, held]) - vm_held).max(axis=1, initial=0.0)
        balanced = np.abs(gap).max(axis=1) * BASE_MVA < MISMATCH_MVA
        solved: Mask = balanced & (missed < VM_TOLERANCE_PU) & plausible(network, v, vm_coupling)
        return solved
