"""Exact second derivatives of import and limits to injections, as the Lagrangian of a clearing needs them.

With the power balance V conj(Y V) - s = 0 quadratic in V and its multipliers equal to the reduced gradient's
negative, the reduced Hessian is D' (second derivatives of balance and limits) D, D the voltage sensitivities; no
adjoint system has to be solved. (J. Nocedal and S. J. Wright, "Numerical Optimization", 2006, section 15.3, on
reduced Hessians.)
"""

from __future__ import annotations

import numpy as np

from engine.grid.network import BASE_MVA, Complexes, Ints, Network
from engine.grid.sensitivities import Sensitivities
from engine.market.limits import I_FROM, I_TO, S_FROM, S_TO, VM_HIGH, VM_LOW, Rows
from engine.reading import Floats

_WEIGHTS = (0.1, 1.0, 10.0)


def reduced_hessian(
    at: Sensitivities,
    place: int,
    bus: Ints,
    reactive: Ints,
    slopes: tuple[Floats, Floats],
    rows: Rows,
    worth: Floats,
) -> Floats:
    """[m, m] EUR per MW^2 of the Lagrangian in one step, for changes at (bus, reactive) : [m] each.

    place : the step's position in `at`; slopes : [n_bus] two, EUR per MW and Mvar, gradient of the Lagrangian's
    import and limits; rows, worth : the step's limits with their multipliers, EUR per percent.
    """
    network = at.network
    if not len(network.free):
        return np.zeros((len(bus), len(bus)))
    v = at.v[place]
    free = np.full(len(network.bus_ids), -1)
    free[network.free] = np.arange(len(network.free))
    column = free[bus]
    d: Complexes = np.where(reactive[None, :] == 1, at.dv_dq[place][:, column], at.dv_dp[place][:, column]) * (
        column >= 0
    )
    weight = (slopes[0] - 1j * slopes[1]) * (free >= 0)
    half = np.real((-weight[:, None] * d).T @ np.conj(network.y_bus @ d)) * BASE_MVA
    hessian: Floats = half + half.T
    for kind, element, price in zip(rows.kind, rows.element, worth, strict=True):
        hessian += price * _LIMITS[kind](network, v, d, element, kind)
    return hessian


def _bend(value: complex, d: Complexes) -> Floats:
    """Second derivative of |z| where z is linear with derivatives d : [m]."""
    size = abs(value)
    if size == 0.0:
        return np.zeros((len(d), len(d)))
    across = np.imag(np.conj(value) / size * d)
    return np.outer(across, across) / size


def _voltage(_network: Network, v: Complexes, d: Complexes, bus: int, kind: int) -> Floats:
    sign = 100.0 if kind == VM_HIGH else -100.0
    return sign * _bend(v[bus], d[bus])


def _end(network: Network, v: Complexes, d: Complexes, branch: int, kind: int) -> tuple[complex, Complexes, int]:
    """Current at a branch's end, its derivatives, and the end's bus."""
    at_to = kind in (I_TO, S_TO)
    y = network.y_to[branch] if at_to else network.y_from[branch]
    a, b = network.from_bus[branch], network.to_bus[branch]
    return complex(y[0] * v[a] + y[1] * v[b]), y[0] * d[a] + y[1] * d[b], int(b if at_to else a)


def _current(network: Network, v: Complexes, d: Complexes, branch: int, kind: int) -> Floats:
    i, di, _ = _end(network, v, d, branch, kind)
    at_to = kind == I_TO
    limit = (network.max_i_to_ka if at_to else network.max_i_from_ka)[branch]
    kilo_ampere = (network.i_to_ka if at_to else network.i_from_ka)[branch]
    scaled: Floats = 100.0 * kilo_ampere / limit * _bend(i, di)
    return scaled


def _apparent(network: Network, v: Complexes, d: Complexes, branch: int, kind: int) -> Floats:
    """|S| = |V| |I|."""
    i, di, bus = _end(network, v, d, branch, kind)
    slope_v = np.real(np.conj(v[bus]) / abs(v[bus]) * d[bus])
    slope_i = np.real(np.conj(i) / abs(i) * di) if i else np.zeros(len(di))
    mixed = np.outer(slope_v, slope_i)
    bend = _bend(v[bus], d[bus]) * abs(i) + _bend(i, di) * abs(v[bus]) + mixed + mixed.T
    scaled: Floats = 100.0 * BASE_MVA / network.max_s_mva[branch] * bend
    return scaled


_LIMITS = {
    VM_HIGH: _voltage,
    VM_LOW: _voltage,
    I_FROM: _current,
    I_TO: _current,
    S_FROM: _apparent,
    S_TO: _apparent,
}


def convex(hessian: Floats, active: Floats) -> tuple[Floats, float]:
    """A positive semidefinite stand-in and the weight put on the active limits' gradients : [n_active, m].

    What curves downward along active limits only is mended by adding their squares, which is nothing where they
    hold; what curves downward elsewhere is cut off.
    """
    size = float(np.abs(hessian).sum(axis=0).max(initial=0.0))
    floor = 1e-12 * max(1.0, size)
    ridge = floor * np.eye(len(hessian))
    if _is_definite(hessian + ridge):
        return hessian + ridge, 0.0
    if len(active):
        squares = active.T @ active
        scale = size / max(float((active**2).sum(axis=1).min()), 1e-300)
        for weight in (scale * share for share in _WEIGHTS):
            mended = hessian + weight * squares + ridge
            if _is_definite(mended):
                return mended, weight
    values, vectors = np.linalg.eigh(hessian)
    cut = (vectors * np.maximum(values, 0.0)) @ vectors.T
    return 0.5 * (cut + cut.T) + ridge, 0.0


def _is_definite(matrix: Floats) -> bool:
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return False
    return True
