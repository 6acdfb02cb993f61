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
from engine.market.continuous.compiled import compiled, inlined
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


@inlined
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
        _include(grid, state, m, injection, is_new)


@inlined
def _same_right(rights: Rights, count: int, pair: Ints, injection: float) -> int:
    """The right between these buses in this direction; `count` where there is none."""
    for m in range(count):
        other = rights.right[m]
        same_buses = other[OFFER_BUS] == pair[OFFER_BUS] and other[REQUEST_BUS] == pair[REQUEST_BUS]
        same_direction = (rights.injection[m] > 0.0) == (injection > 0.0)
        if same_buses and same_direction and other[IS_REACTIVE] == pair[IS_REACTIVE]:
            return m
    return count


@inlined
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
    for commodity in range(2):
        for k in range(grid.n_free):
            rights.has_response[commodity, k] = 0
    for m in range(work.counts[RIGHTS]):
        _include(grid, state, m, rights.injection[m], True)


@inlined
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
def _respond(grid: Grid, state: State, commodity: int, k: int) -> None:
    """Effects of 1 MW or Mvar at a bus, from J dv = conj(ds / v), at a held voltage dp."""
    n, rights, work, point = grid.n_free, state.rights, state.work, state.points[NOW]
    if k == n or rights.has_response[commodity, k]:
        return
    rights.has_response[commodity, k] = 1
    linearise(grid, point, work.modes[NOW], work)
    row = work.pairs[RIGHT]
    fill(row, 0.0)
    square = point[V_RE, k] ** 2 + point[V_IM, k] ** 2
    if work.bus[VM_HELD, k] > 0.0:
        row[k] = 0.0 if commodity else 1.0
    elif commodity:
        row[k], row[n + k] = point[V_IM, k] / square, -point[V_RE, k] / square
    else:
        row[k], row[n + k] = point[V_RE, k] / square, point[V_IM, k] / square
    solve_linear(grid, point, work, row, 0)
    response, by_voltage = rights.response[commodity, k], rights.by_voltage[commodity, k]
    copy(work.pairs[SOLVED], response)
    unit = work.pairs[UNIT]
    for j in range(n):
        by_voltage[j] = unit[j] * response[j] + unit[n + j] * response[n + j]
    _currents(grid, response, rights.by_current[commodity, k])


@compiled
def _currents(grid: Grid, response: Floats, by_current: Floats) -> None:
    """Effects on the currents at all ends from those on voltages."""
    n, y = grid.n_free, grid.end_y
    for e in range(by_current.shape[0]):
        re, im = 0.0, 0.0
        for side in range(2):
            bus = grid.end_bus[e, side]
            if bus < n:
                y_re, y_im, a, b = y[e, 2 * side], y[e, 2 * side + 1], response[bus], response[n + bus]
                re += y_re * a - y_im * b
                im += y_re * b + y_im * a
        by_current[e, 0], by_current[e, 1] = re, im


@compiled
def _include(grid: Grid, state: State, m: int, injection: float, is_new: bool) -> None:
    """Add the effects of a right's injection to the subsets that it pushes; mark those where it is new."""
    rights, work, right = state.rights, state.work, state.rights.right[m]
    commodity, offer_bus, request_bus = right[IS_REACTIVE], right[OFFER_BUS], right[REQUEST_BUS]
    _respond(grid, state, commodity, offer_bus)
    _respond(grid, state, commodity, request_bus)
    mark, n, key = right[MARK] if is_new else 0, grid.n_free, rights.key
    raised, lowered = rights.by_voltage[commodity, offer_bus], rights.by_voltage[commodity, request_bus]
    for k in range(n):
        change = injection * (raised[k] - lowered[k])
        if change > 0.0:
            work.bus[V_UP, k] += change
            key[k] ^= mark
        elif change < 0.0:
            work.bus[V_DOWN, k] += change
            key[n + k] ^= mark
    gained, lost = rights.by_current[commodity, offer_bus], rights.by_current[commodity, request_bus]
    for e in range(gained.shape[0]):
        re, im = injection * (gained[e, 0] - lost[e, 0]), injection * (gained[e, 1] - lost[e, 1])
        for axis in range(2):
            part = _along(work, e, axis, re, im)
            if part != 0.0:
                side = axis if part > 0.0 else axis + 2
                rights.along[e, 2 * side] += re
                rights.along[e, 2 * side + 1] += im
                key[2 * n + SIDES * e + side] ^= mark


@compiled
def belongs(grid: Grid, work: Work, rights: Rights, case: int, m: int) -> bool:
    """Whether a right is in the subset of a case."""
    n, injection, right = grid.n_free, rights.injection[m], rights.right[m]
    commodity, offer_bus, request_bus = right[IS_REACTIVE], right[OFFER_BUS], right[REQUEST_BUS]
    if case < 2 * n:
        by = rights.by_voltage[commodity]
        effect = injection * (by[offer_bus, case % n] - by[request_bus, case % n])
        return bool(effect > 0.0 if case < n else effect < 0.0)
    e, side = (case - 2 * n) // SIDES, (case - 2 * n) % SIDES
    gained, lost = rights.by_current[commodity, offer_bus, e], rights.by_current[commodity, request_bus, e]
    re, im = injection * (gained[0] - lost[0]), injection * (gained[1] - lost[1])
    part = _along(work, e, side % 2, re, im)
    return bool(part > 0.0 if side < 2 else part < 0.0)


@compiled
def _along(work: Work, e: int, axis: int, re: float, im: float) -> float:
    """Part of a change of current along one of the two diagonals between active and reactive."""
    turn_re, turn_im = work.end[TURN_RE, e], work.end[TURN_IM, e]
    return float(turn_re * re + turn_im * im if axis == 0 else turn_re * im - turn_im * re)
