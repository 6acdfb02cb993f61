"""Accepted conditional matches, their first-order effects, and for every limit the subset that pushes it most."""

from __future__ import annotations

import math

from engine.grid.network import Ints
from engine.market.continuous.arrays import (
    FLOW_DOWN,
    FLOW_UP,
    IS_REACTIVE,
    MARK,
    NOW,
    OFFER_BUS,
    REQUEST_BUS,
    RIGHT,
    RIGHTS,
    RIGHTS_KNOWN,
    SIZE,
    SOLVED,
    TURN_IM,
    TURN_RE,
    UNIT,
    V_DOWN,
    V_IM,
    V_RE,
    V_UP,
    VM_HELD,
    Grid,
    P,
    Q,
    Rights,
    State,
    Work,
)
from engine.market.continuous.compiled import compiled
from engine.market.continuous.dense import copy, fill
from engine.market.continuous.flow import linearise, solve_linear
from engine.market.continuous.limits import measure
from engine.reading import Floats

SIDES = 4


@compiled
def inject(point: Floats, pair: Ints, injection: float) -> None:
    """Add a match's injection at the offer's bus and its opposite at the request's."""
    row = point[Q if pair[IS_REACTIVE] else P]
    row[pair[OFFER_BUS]] += injection
    row[pair[REQUEST_BUS]] -= injection


@compiled
def shift_flows(grid: Grid, pair: Ints, injection: float, rising: Floats, falling: Floats) -> None:
    """Add a match's effects on the flows of linear physics to one of two rows : [n_branch]."""
    for b in range(grid.shift_factors.shape[0]):
        change = injection * (grid.shift_factors[b, pair[OFFER_BUS]] - grid.shift_factors[b, pair[REQUEST_BUS]])
        if change > 0.0:
            rising[b] += change
        else:
            falling[b] += change


@compiled
def add_right(grid: Grid, state: State, pair: Ints, injection: float) -> None:
    """Accept a conditional match of the present operating point.

    Rights between the same buses in the same direction push every limit alike, so they count as one.
    """
    rights, counts = state.rights, state.work.counts
    m = _same_right(rights, counts[RIGHTS], pair, injection)
    is_new = m == counts[RIGHTS]
    if is_new:
        for column in range(MARK):
            rights.right[m, column] = pair[column]
        rights.injection[m] = 0.0
        counts[RIGHTS] += 1
    rights.injection[m] += injection
    if grid.is_linear:
        shift_flows(grid, pair, injection, state.flows[FLOW_UP], state.flows[FLOW_DOWN])
    elif counts[RIGHTS_KNOWN]:
        if is_new:
            _respond(grid, state, m)
        _include(grid, state.work, rights, m, injection)


@compiled
def _same_right(rights: Rights, count: int, pair: Ints, injection: float) -> int:
    """The right between these buses in this direction; `count` where there is none."""
    for m in range(count):
        other = rights.right[m]
        same_buses = other[OFFER_BUS] == pair[OFFER_BUS] and other[REQUEST_BUS] == pair[REQUEST_BUS]
        same_direction = (rights.injection[m] > 0.0) == (injection > 0.0)
        if same_buses and same_direction and other[IS_REACTIVE] == pair[IS_REACTIVE]:
            return m
    return count


@compiled
def update_rights(grid: Grid, state: State) -> None:
    """Work the effects out anew where the operating point has moved."""
    rights, work, point = state.rights, state.work, state.points[NOW]
    if work.counts[RIGHTS_KNOWN]:
        return
    work.counts[RIGHTS_KNOWN] = 1
    measure(grid, point, work)
    _turn(grid, point, work)
    fill(work.bus[V_UP], 0.0)
    fill(work.bus[V_DOWN], 0.0)
    for e in range(grid.end_bus.shape[0]):
        fill(rights.along[e], 0.0)
    for case in range(rights.key.size):
        rights.key[case] = 0
    for m in range(work.counts[RIGHTS]):
        _respond(grid, state, m)
        _include(grid, work, rights, m, rights.injection[m])


@compiled
def _turn(grid: Grid, point: Floats, work: Work) -> None:
    """Directions of voltages at a measured state, and for currents the one midway between active and reactive."""
    n, size = grid.n_free, work.bus[SIZE]
    for k in range(n):
        work.pairs[UNIT, k], work.pairs[UNIT, n + k] = point[V_RE, k] / size[k], point[V_IM, k] / size[k]
    for e in range(grid.end_bus.shape[0]):
        own = grid.end_bus[e, 0]
        re, im, diagonal = point[V_RE, own], point[V_IM, own], math.sqrt(2.0) * size[own]
        work.end[TURN_RE, e], work.end[TURN_IM, e] = (re - im) / diagonal, (re + im) / diagonal


@compiled
def _respond(grid: Grid, state: State, m: int) -> None:
    """Effect of 1 MW or Mvar of a right, from J dv = conj(ds / v), at a held voltage dp; mark its subsets."""
    n, rights, work, point = grid.n_free, state.rights, state.work, state.points[NOW]
    linearise(grid, point, work.modes[NOW], work)
    row, pair = work.pairs[RIGHT], rights.right[m]
    fill(row, 0.0)
    for side in range(2):
        k, one = (pair[OFFER_BUS], 1.0) if side == 0 else (pair[REQUEST_BUS], -1.0)
        if k == n:
            continue
        if work.bus[VM_HELD, k] > 0.0:
            row[k] += 0.0 if pair[IS_REACTIVE] else one
            continue
        square = point[V_RE, k] ** 2 + point[V_IM, k] ** 2
        re, im = one * point[V_RE, k] / square, one * point[V_IM, k] / square
        row[k] += im if pair[IS_REACTIVE] else re
        row[n + k] += -re if pair[IS_REACTIVE] else im
    solve_linear(grid, point, work, row, 0)
    copy(work.pairs[SOLVED], rights.by_one[m])
    for case in range(rights.key.size):
        if belongs(grid, work, rights, case, m):
            rights.key[case] ^= pair[MARK]


@compiled
def _include(grid: Grid, work: Work, rights: Rights, m: int, injection: float) -> None:
    """Add the effects of a right's injection to the subsets that it belongs to."""
    for k in range(grid.n_free):
        change = injection * _voltage_effect(work, rights, m, k)
        work.bus[V_UP, k] += max(change, 0.0)
        work.bus[V_DOWN, k] += min(change, 0.0)
    for e in range(grid.end_bus.shape[0]):
        re, im = _current_effect(grid, rights, m, e)
        for side in range(SIDES):
            if injection * _along(work, e, side, re, im) > 0.0:
                rights.along[e, 2 * side] += injection * re
                rights.along[e, 2 * side + 1] += injection * im


@compiled
def belongs(grid: Grid, work: Work, rights: Rights, case: int, m: int) -> bool:
    """Whether a right is in the subset of a case."""
    n, injection = grid.n_free, rights.injection[m]
    if case < 2 * n:
        effect = injection * _voltage_effect(work, rights, m, case % n)
        return bool(effect > 0.0 if case < n else effect < 0.0)
    e, side = (case - 2 * n) // SIDES, (case - 2 * n) % SIDES
    re, im = _current_effect(grid, rights, m, e)
    return bool(injection * _along(work, e, side, re, im) > 0.0)


@compiled
def _voltage_effect(work: Work, rights: Rights, m: int, k: int) -> float:
    n = rights.by_one.shape[1] // 2
    return float(work.pairs[UNIT, k] * rights.by_one[m, k] + work.pairs[UNIT, n + k] * rights.by_one[m, n + k])


@compiled
def _current_effect(grid: Grid, rights: Rights, m: int, e: int) -> tuple[float, float]:
    n, re, im = grid.n_free, 0.0, 0.0
    for side in range(2):
        bus = grid.end_bus[e, side]
        if bus < n:
            y_re, y_im = grid.end_y[e, 2 * side], grid.end_y[e, 2 * side + 1]
            a, b = rights.by_one[m, bus], rights.by_one[m, n + bus]
            re += y_re * a - y_im * b
            im += y_re * b + y_im * a
    return re, im


@compiled
def _along(work: Work, e: int, side: int, re: float, im: float) -> float:
    """Part of a change of current in one of four directions: more or less active current, more or less
    reactive."""
    turn_re, turn_im = work.end[TURN_RE, e], work.end[TURN_IM, e]
    part = turn_re * re + turn_im * im if side % 2 == 0 else turn_re * im - turn_im * re
    return float(part if side < 2 else -part)
