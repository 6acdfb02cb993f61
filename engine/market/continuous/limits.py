"""The limits of a solved state: their excess in percent and its exact derivatives."""

from __future__ import annotations

import math

import numpy as np

from engine.grid.network import Ints
from engine.market.continuous.arrays import (
    END_IM,
    END_RE,
    HIGH,
    I_MAX,
    LOW,
    NO_SOLUTION,
    RIGHT,
    S_MAX,
    SIZE,
    SOLVED,
    V_IM,
    V_RE,
    VM_HELD,
    Grid,
    Work,
)
from engine.market.continuous.compiled import compiled, inlined
from engine.market.continuous.dense import fill
from engine.market.continuous.flow import linearise, solve_linear
from engine.reading import Floats


@compiled
def measure(grid: Grid, point: Floats, work: Work) -> None:
    """Voltage magnitudes and the complex currents at all ends of branches."""
    v_re, v_im, size = point[V_RE], point[V_IM], work.bus[SIZE]
    re, im, end_bus, y = work.end[END_RE], work.end[END_IM], grid.end_bus, grid.end_y
    for k in range(size.size):
        size[k] = math.sqrt(v_re[k] * v_re[k] + v_im[k] * v_im[k])
    for e in range(re.size):
        a, b = end_bus[e, 0], end_bus[e, 1]
        re[e] = y[e, 0] * v_re[a] - y[e, 1] * v_im[a] + y[e, 2] * v_re[b] - y[e, 3] * v_im[b]
        im[e] = y[e, 0] * v_im[a] + y[e, 1] * v_re[a] + y[e, 2] * v_im[b] + y[e, 3] * v_re[b]


@compiled
def worst_limit(grid: Grid, point: Floats, work: Work) -> tuple[float, int]:
    """The largest excess and its limit; the state stays measured."""
    measure(grid, point, work)
    worst, limit, n = -np.inf, NO_SOLUTION, grid.n_free
    size, high, low = work.bus[SIZE], grid.bus_limit[HIGH], grid.bus_limit[LOW]
    re, im, i_max, s_max = work.end[END_RE], work.end[END_IM], grid.end_limit[I_MAX], grid.end_limit[S_MAX]
    own = grid.end_bus[:, 0]
    for k in range(n):
        above = 100.0 * (size[k] - high[k])
        below = 100.0 * (low[k] - size[k])
        if above > worst:
            worst, limit = above, k
        if below > worst and low[k] > 0.0:
            worst, limit = below, n + k
    for e in range(re.size):
        excess = _end_excess(math.sqrt(re[e] ** 2 + im[e] ** 2), size[own[e]], i_max[e], s_max[e])
        if excess > worst:
            worst, limit = excess, 2 * n + e
    return worst, limit


@compiled
def excess_of(grid: Grid, work: Work, limit: int) -> float:
    """Excess of one limit at the state measured last, -inf where there is none."""
    n = grid.n_free
    if limit < n:
        return 100.0 * float(work.bus[SIZE, limit] - grid.bus_limit[HIGH, limit])
    if limit < 2 * n:
        low = grid.bus_limit[LOW, limit - n]
        return 100.0 * (low - work.bus[SIZE, limit - n]) if low > 0.0 else -np.inf
    e = limit - 2 * n
    i = math.sqrt(work.end[END_RE, e] ** 2 + work.end[END_IM, e] ** 2)
    return end_excess(grid, e, i, work.bus[SIZE, grid.end_bus[e, 0]])


@compiled
def end_excess(grid: Grid, e: int, i: float, vm: float) -> float:
    """Excess of an end with current i at voltage vm against the tighter of its limits; -inf without one."""
    return _end_excess(i, vm, grid.end_limit[I_MAX, e], grid.end_limit[S_MAX, e])


@compiled
def _end_excess(i: float, vm: float, i_max: float, s_max: float) -> float:
    if i_max == np.inf and s_max == np.inf:
        return -np.inf
    return 100.0 * max(i / i_max, vm * i / s_max) - 100.0


@compiled
def differentiate(grid: Grid, point: Floats, mode: Ints, work: Work, limit: int, by: Floats) -> None:
    """Derivatives of a limit's excess to the injections at every bus: by : [2, n_free + 1], percent per MW and
    Mvar.

    From J dv = conj(ds / v) (held voltage: dp) follows d excess = (J^-T g) . conj(ds / v), g its gradient to v.
    The state must be measured.
    """
    n = grid.n_free
    linearise(grid, point, mode, work)
    _gradient(grid, point, work, limit)
    solve_linear(grid, point, work, work.pairs[RIGHT], 1)
    by[0, n], by[1, n] = 0.0, 0.0
    for k in range(n):
        re, im = work.pairs[SOLVED, k], work.pairs[SOLVED, n + k]
        if work.bus[VM_HELD, k] > 0.0:
            by[0, k], by[1, k] = re, 0.0
            continue
        square = work.bus[SIZE, k] ** 2
        by[0, k] = (re * point[V_RE, k] + im * point[V_IM, k]) / square
        by[1, k] = (re * point[V_IM, k] - im * point[V_RE, k]) / square


@inlined
def _gradient(grid: Grid, point: Floats, work: Work, limit: int) -> None:
    """Derivatives of a limit's excess to (v_re, v_im) of the free buses, in row RIGHT of `work.pairs`."""
    n, g, size = grid.n_free, work.pairs[RIGHT], work.bus[SIZE]
    fill(g, 0.0)
    if limit < 2 * n:
        k = limit % n
        side = 100.0 if limit < n else -100.0
        g[k], g[n + k] = side * point[V_RE, k] / size[k], side * point[V_IM, k] / size[k]
        return
    e = limit - 2 * n
    i_re, i_im = work.end[END_RE, e], work.end[END_IM, e]
    i, own = math.sqrt(i_re**2 + i_im**2), grid.end_bus[e, 0]
    i_max, s_max = grid.end_limit[I_MAX, e], grid.end_limit[S_MAX, e]
    by_current = i / i_max >= size[own] * i / s_max
    scale = (100.0 / i_max if by_current else 100.0 * size[own] / s_max) / i
    for side in range(2):
        bus = grid.end_bus[e, side]
        if bus < n:
            y_re, y_im = grid.end_y[e, 2 * side], grid.end_y[e, 2 * side + 1]
            g[bus] += scale * (i_re * y_re + i_im * y_im)
            g[n + bus] += scale * (i_im * y_re - i_re * y_im)
    if own < n and not by_current:
        g[own] += 100.0 * i / s_max * point[V_RE, own] / size[own]
        g[n + own] += 100.0 * i / s_max * point[V_IM, own] / size[own]
