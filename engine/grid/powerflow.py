"""Batched AC power flow: Z-bus fixed point over all steps at once, Newton for steps that do not contract.

Method: with V = w + Z conj(S / V) (w the no-load voltages, Z the reduced impedance) iterated to a fixed point;
see J. S. Giraldo et al., "A fixed-point current injection power flow for electric distribution systems using
Laurent series", EPSR 211, 2022.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.grid.network import BASE_MVA, Complexes, Ints, Network
from engine.reading import Floats

TOLERANCE_PU = 1e-11
MISMATCH_MVA = 1e-8
FIXED_POINT_MAX = 60
NEWTON_MAX = 30


@dataclass(frozen=True, slots=True, eq=False)
class PowerFlow:
    """State of a network in every step; NaN in steps that did not converge.

    v : [n_steps, n_bus] complex pu; vm_pu : [n_steps, n_bus]; i_from_ka, i_to_ka, s_from_mva, s_to_mva,
    loading_percent : [n_steps, n_branch], loading 0 where a branch has no limit; import_mw, import_mvar :
    [n_steps], from the grid above through the coupling bus; losses_mw : [n_steps], shunts included;
    converged : [n_steps] bool; iterations : [n_steps].
    """

    v: Complexes
    vm_pu: Floats
    i_from_ka: Floats
    i_to_ka: Floats
    s_from_mva: Floats
    s_to_mva: Floats
    loading_percent: Floats
    import_mw: Floats
    import_mvar: Floats
    losses_mw: Floats
    converged: np.ndarray[tuple[int], np.dtype[np.bool_]]
    iterations: Ints

    @property
    def all_converged(self) -> bool:
        """Whether every step has a solution."""
        return bool(self.converged.all())


def power_flow(network: Network, p_mw: Floats, q_mvar: Floats) -> PowerFlow:
    """AC power flow for injections p_mw, q_mvar : [n_steps, n_bus], positive into the grid.

    Steps without a solution are told by `converged`, not raised. Raises ValueError for a wrong shape.
    """
    if p_mw.shape != q_mvar.shape or p_mw.ndim != 2 or p_mw.shape[1] != len(network.bus_ids):
        raise ValueError(f"injections must be [n_steps, {len(network.bus_ids)}], not {p_mw.shape}")
    s: Complexes = ((p_mw + 1j * q_mvar) / BASE_MVA).astype(np.complex128)
    v_coupling = np.broadcast_to(network.vm_coupling_pu, (len(s),)).astype(np.complex128)
    s_free = np.ascontiguousarray(s[:, network.free])
    v_free, iterations = _fixed_point(network, s_free, v_coupling)
    v = _with_coupling(network, v_free, v_coupling)
    for step in np.flatnonzero(~_solved(network, v, s_free)):
        v[step], used = _newton(network, s_free[step], v_coupling[step])
        iterations[step] += used
    converged = _solved(network, v, s_free)
    v[~converged] = np.nan
    return _results(network, v, s, converged, iterations)


def _with_coupling(network: Network, v_free: Complexes, v_coupling: Complexes) -> Complexes:
    v = np.empty((len(v_free), len(network.bus_ids)), dtype=np.complex128)
    v[:, network.free] = v_free
    v[:, network.coupling] = v_coupling
    return v


def _fixed_point(network: Network, s_free: Complexes, v_coupling: Complexes) -> tuple[Complexes, Ints]:
    no_load = v_coupling[:, None] * network.no_load
    v = no_load.copy()
    z_t = np.ascontiguousarray(network.z.T)
    iterations = np.zeros(len(v), dtype=np.int64)
    moving = np.arange(len(v))
    with np.errstate(all="ignore"):
        for _ in range(FIXED_POINT_MAX):
            new = no_load[moving] + np.conj(s_free[moving] / v[moving]) @ z_t
            change = np.abs(new - v[moving]).max(axis=1, initial=0.0)
            v[moving] = new
            iterations[moving] += 1
            moving = moving[(change > TOLERANCE_PU) & np.isfinite(change)]
            if not moving.size:
                break
    return v, iterations


def _solved(network: Network, v: Complexes, s_free: Complexes) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether the power balance holds at every free bus and voltages are on the upper branch."""
    with np.errstate(all="ignore"):
        drawn = v[:, network.free] * np.conj(v @ network.y_bus[network.free].T)
        mismatch = np.abs(drawn - s_free).max(axis=1, initial=0.0) * BASE_MVA
        lowest = np.abs(v).min(axis=1)
    solved: np.ndarray[tuple[int], np.dtype[np.bool_]] = (mismatch < MISMATCH_MVA) & (lowest > 0.3)
    return solved


def _newton(network: Network, s_free: Complexes, v_coupling: complex) -> tuple[Complexes, int]:
    """Newton's method on the current-injection form of one step; returns [n_bus] voltages."""
    z, n = network.z, len(network.free)
    no_load = v_coupling * network.no_load
    v = no_load.copy()
    used = 0
    with np.errstate(all="ignore"):
        for _ in range(NEWTON_MAX):
            used += 1
            residual = v - no_load - z @ np.conj(s_free / v)
            b = z * np.conj(s_free / v**2)
            jacobian = np.block([[np.eye(n) + b.real, b.imag], [b.imag, np.eye(n) - b.real]])
            if not np.isfinite(jacobian).all():
                break
            try:
                change = np.linalg.solve(jacobian, np.concatenate([residual.real, residual.imag]))
            except np.linalg.LinAlgError:
                break
            v = v - change[:n] - 1j * change[n:]
            if np.abs(change).max(initial=0.0) < TOLERANCE_PU:
                break
    return _with_coupling(network, v[None], np.array([v_coupling]))[0], used


def branch_currents(network: Network, v: Complexes) -> tuple[Complexes, Complexes]:
    """Currents into every branch at its from and to end, [n_steps, n_branch] complex pu."""
    at_from, at_to = v[:, network.from_bus], v[:, network.to_bus]
    i_from = at_from * network.y_from[:, 0] + at_to * network.y_from[:, 1]
    return i_from, at_from * network.y_to[:, 0] + at_to * network.y_to[:, 1]


def _results(
    network: Network,
    v: Complexes,
    s: Complexes,
    converged: np.ndarray[tuple[int], np.dtype[np.bool_]],
    iterations: Ints,
) -> PowerFlow:
    i_from, i_to = (np.abs(i) for i in branch_currents(network, v))
    vm_pu = np.abs(v)
    i_from_ka, i_to_ka = i_from * network.i_from_ka, i_to * network.i_to_ka
    s_from = vm_pu[:, network.from_bus] * i_from * BASE_MVA
    s_to = vm_pu[:, network.to_bus] * i_to * BASE_MVA
    loading = np.maximum(i_from_ka / network.max_i_from_ka, i_to_ka / network.max_i_to_ka)
    loading = np.maximum(loading, np.maximum(s_from, s_to) / network.max_s_mva)
    drawn = v[:, network.coupling] * np.conj(v @ network.y_bus[network.coupling])
    imported = (drawn - s[:, network.coupling]) * BASE_MVA
    return PowerFlow(
        v=v,
        vm_pu=vm_pu,
        i_from_ka=i_from_ka,
        i_to_ka=i_to_ka,
        s_from_mva=s_from,
        s_to_mva=s_to,
        loading_percent=loading * 100.0,
        import_mw=imported.real,
        import_mvar=imported.imag,
        losses_mw=imported.real + s.real.sum(axis=1) * BASE_MVA,
        converged=converged,
        iterations=iterations,
    )
