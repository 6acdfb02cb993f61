"""AC power flow of one state from one near by.

Newton's method with a Jacobian kept from a near state (chord method: C. T. Kelley, "Iterative Methods for Linear
and Nonlinear Equations", SIAM 1995, ch. 5) on the current balance Y v - conj(s / v) = 0, and at a bus with a held
voltage on Re(v conj(Y v)) - p = 0 and |v|^2 - vm^2 = 0.
"""

from __future__ import annotations

import math

import numpy as np

from engine.grid.controls import AT_MAX, AT_MIN, HELD, Q_TOLERANCE_MVAR, VM_TOLERANCE_PU
from engine.grid.network import Ints
from engine.market.continuous.arrays import (
    BEND_IM,
    BEND_RE,
    CHANGE,
    HAS_INVERSE,
    I_IM,
    I_RE,
    MADE_FOR,
    Q_MAX,
    Q_MIN,
    Q_TOTAL,
    RESIDUAL,
    SOLVED,
    START,
    V_IM,
    V_RE,
    VM,
    VM_HELD,
    Grid,
    P,
    Q,
    Work,
)
from engine.market.continuous.compiled import compiled, inlined
from engine.market.continuous.dense import copy, fill, invert, multiply
from engine.reading import Floats

TOLERANCE_PU = 1e-12
ITERATIONS_MAX = 40
SLOW_ITERATIONS = 6
FRESH_BUSES_MAX = 300
FAR_OFF_PU = 2.0
VM_LOWEST_PU = 0.3
MODE_ROUNDS_MAX = 50
ACCURACY = 1e-9


@compiled
def solve(grid: Grid, point: Floats, mode: Ints, work: Work) -> bool:
    """Move the voltages of a point to the solution of its injections, its controls' modes too; whether there is
    one."""
    for _ in range(MODE_ROUNDS_MAX):
        prepare(grid, point, mode, work)
        if not _solve_as_prepared(grid, point, mode, work):
            return False
        if not _change_mode(grid, point, mode, work):
            return True
    return False


@compiled
def prepare(grid: Grid, point: Floats, mode: Ints, work: Work) -> None:
    """Reactive injections with those of controls at a limit, the voltages that the others hold, a fitting
    Jacobian."""
    copy(point[Q], work.bus[Q_TOTAL])
    fill(work.bus[VM_HELD], 0.0)
    fits = work.counts[HAS_INVERSE] == 1
    for c in range(mode.size):
        bus = grid.control_bus[c]
        if mode[c] == HELD:
            work.bus[VM_HELD, bus] = grid.control[VM, c]
        else:
            work.bus[Q_TOTAL, bus] += grid.control[Q_MAX if mode[c] == AT_MAX else Q_MIN, c]
        if (work.modes[MADE_FOR, c] == HELD) != (mode[c] == HELD):
            fits = False
    if not fits:
        refresh(grid, point, mode, work)


@inlined
def _solve_as_prepared(grid: Grid, point: Floats, mode: Ints, work: Work) -> bool:
    n = grid.n_free
    start = work.pairs[START]
    for k in range(n):
        start[k], start[n + k] = point[V_RE, k], point[V_IM, k]
    iterations = _chord(grid, point, work)
    if iterations < 0:
        for k in range(n):
            point[V_RE, k], point[V_IM, k] = start[k], start[n + k]
        refresh(grid, point, mode, work)
        iterations = _chord(grid, point, work)
    elif iterations > SLOW_ITERATIONS and n <= FRESH_BUSES_MAX:
        refresh(grid, point, mode, work)
    return iterations >= 0


@compiled
def _chord(grid: Grid, point: Floats, work: Work) -> int:
    """Iterations until the voltages stand still on the upper branch, -1 where they do not."""
    n = grid.n_free
    residual, change, v_re, v_im = work.pairs[RESIDUAL], work.pairs[CHANGE], point[V_RE], point[V_IM]
    for iteration in range(ITERATIONS_MAX):
        balance(grid, point, work)
        multiply(work.inverse[1], residual, change)
        size = 0.0
        for k in range(n):
            v_re[k] -= change[k]
            v_im[k] -= change[n + k]
            size = max(size, abs(change[k]), abs(change[n + k]))
        if size < TOLERANCE_PU:
            for k in range(n):
                if v_re[k] ** 2 + v_im[k] ** 2 < VM_LOWEST_PU**2:
                    return -1
            return iteration + 1
        if not size < FAR_OFF_PU:
            return -1
    return -1


@compiled
def balance(grid: Grid, point: Floats, work: Work) -> None:
    """Currents into the network and the residual of the balance at every free bus."""
    n = grid.n_free
    v_re, v_im, p, q, held = point[V_RE], point[V_IM], point[P], work.bus[Q_TOTAL], work.bus[VM_HELD]
    row_start, column, y_re, y_im = grid.row_start, grid.column, grid.y[0], grid.y[1]
    current_re, current_im, residual = work.bus[I_RE], work.bus[I_IM], work.pairs[RESIDUAL]
    for k in range(n):
        i_re, i_im = 0.0, 0.0
        for place in range(row_start[k], row_start[k + 1]):
            c = column[place]
            i_re += y_re[place] * v_re[c] - y_im[place] * v_im[c]
            i_im += y_re[place] * v_im[c] + y_im[place] * v_re[c]
        current_re[k], current_im[k] = i_re, i_im
        square = v_re[k] ** 2 + v_im[k] ** 2
        if held[k] > 0.0:
            residual[k] = v_re[k] * i_re + v_im[k] * i_im - p[k]
            residual[n + k] = square - held[k] ** 2
        else:
            residual[k] = i_re - (p[k] * v_re[k] + q[k] * v_im[k]) / square
            residual[n + k] = i_im - (p[k] * v_im[k] - q[k] * v_re[k]) / square


@inlined
def _change_mode(grid: Grid, point: Floats, mode: Ints, work: Work) -> bool:
    """Move the control that is most wrong to its limit or back, a broken limit first; whether there was one."""
    chosen, wanted, weight, returns = -1, HELD, 0.0, True
    for c in range(mode.size):
        k = grid.control_bus[c]
        low, high = grid.control[Q_MIN, c], grid.control[Q_MAX, c]
        if mode[c] == HELD:
            q = point[V_IM, k] * work.bus[I_RE, k] - point[V_RE, k] * work.bus[I_IM, k] - point[Q, k]
            beyond = max(q - high, low - q)
            if beyond > Q_TOLERANCE_MVAR and (returns or beyond > weight):
                chosen, wanted, weight, returns = c, AT_MAX if q > high else AT_MIN, beyond, False
        elif low < high and returns:
            lifted = math.sqrt(point[V_RE, k] ** 2 + point[V_IM, k] ** 2) - grid.control[VM, c]
            back = lifted if mode[c] == AT_MAX else -lifted
            if back > VM_TOLERANCE_PU and back > weight:
                chosen, wanted, weight = c, HELD, back
    if chosen >= 0:
        mode[chosen] = wanted
    return chosen >= 0


@compiled
def refresh(grid: Grid, point: Floats, mode: Ints, work: Work) -> None:
    """Invert the Jacobian of the balance at a point, which must have been prepared."""
    n = grid.n_free
    bend(grid, point, work)
    jacobian = np.zeros((2 * n, 2 * n))
    unit = np.zeros(2 * n)
    for row in range(2 * n):
        unit[row] = 1.0
        transposed_product(grid, point, work, unit, jacobian[row])
        unit[row] = 0.0
    invert(jacobian, work.inverse[0])
    for row in range(2 * n):
        for column in range(2 * n):
            work.inverse[1, column, row] = work.inverse[0, row, column]
    for c in range(mode.size):
        work.modes[MADE_FOR, c] = mode[c]
    work.counts[HAS_INVERSE] = 1


@compiled
def linearise(grid: Grid, point: Floats, mode: Ints, work: Work) -> None:
    """Make ready for derivatives at a solved point."""
    prepare(grid, point, mode, work)
    bend(grid, point, work)


@compiled
def bend(grid: Grid, point: Floats, work: Work) -> None:
    """Currents at a prepared point, and conj(s / v^2), by which conj(s / v) falls with conj(v)."""
    balance(grid, point, work)
    for k in range(grid.n_free):
        v_re, v_im = point[V_RE, k], point[V_IM, k]
        p, q = point[P, k], work.bus[Q_TOTAL, k]
        square = v_re**2 + v_im**2
        re, im = v_re**2 - v_im**2, 2.0 * v_re * v_im
        work.bus[BEND_RE, k] = (p * re + q * im) / square**2
        work.bus[BEND_IM, k] = (p * im - q * re) / square**2


@compiled
def product(grid: Grid, point: Floats, work: Work, dv: Floats, out: Floats) -> None:
    """out = J dv, the change of the residual."""
    n, bus = grid.n_free, work.bus
    for k in range(n):
        a, b = 0.0, 0.0
        for place in range(grid.row_start[k], grid.row_start[k + 1]):
            c = grid.column[place]
            if c < n:
                a += grid.y[0, place] * dv[c] - grid.y[1, place] * dv[n + c]
                b += grid.y[0, place] * dv[n + c] + grid.y[1, place] * dv[c]
        re, im = dv[k], dv[n + k]
        if bus[VM_HELD, k] > 0.0:
            out[k] = re * bus[I_RE, k] + im * bus[I_IM, k] + point[V_RE, k] * a + point[V_IM, k] * b
            out[n + k] = 2.0 * (point[V_RE, k] * re + point[V_IM, k] * im)
        else:
            out[k] = a + bus[BEND_RE, k] * re + bus[BEND_IM, k] * im
            out[n + k] = b + bus[BEND_IM, k] * re - bus[BEND_RE, k] * im


@compiled
def transposed_product(grid: Grid, point: Floats, work: Work, weight: Floats, out: Floats) -> None:
    """out = J^T weight."""
    n, bus = grid.n_free, work.bus
    fill(out, 0.0)
    for k in range(n):
        re, im = weight[k], weight[n + k]
        if re == 0.0 and im == 0.0:
            continue
        if bus[VM_HELD, k] > 0.0:
            out[k] += re * bus[I_RE, k] + 2.0 * im * point[V_RE, k]
            out[n + k] += re * bus[I_IM, k] + 2.0 * im * point[V_IM, k]
            re, im = re * point[V_RE, k], re * point[V_IM, k]
        else:
            out[k] += bus[BEND_RE, k] * re + bus[BEND_IM, k] * im
            out[n + k] += bus[BEND_IM, k] * re - bus[BEND_RE, k] * im
        for place in range(grid.row_start[k], grid.row_start[k + 1]):
            c = grid.column[place]
            if c < n:
                out[c] += grid.y[0, place] * re + grid.y[1, place] * im
                out[n + c] += grid.y[0, place] * im - grid.y[1, place] * re


@compiled
def solve_linear(grid: Grid, point: Floats, work: Work, right: Floats, transposed: int) -> None:
    """J x = right, or J^T x = right, at a linearised point; x is left in row SOLVED of `work.pairs`."""
    residual, change, solved = work.pairs[RESIDUAL], work.pairs[CHANGE], work.pairs[SOLVED]
    fill(solved, 0.0)
    copy(right, residual)
    for _ in range(ITERATIONS_MAX):
        multiply(work.inverse[1 - transposed], residual, change)
        largest, step = 0.0, 0.0
        for k in range(solved.size):
            solved[k] += change[k]
            largest, step = max(largest, abs(solved[k])), max(step, abs(change[k]))
        if step <= ACCURACY * largest:
            return
        if transposed:
            transposed_product(grid, point, work, solved, residual)
        else:
            product(grid, point, work, solved, residual)
        for k in range(solved.size):
            residual[k] = right[k] - residual[k]
