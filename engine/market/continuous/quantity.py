"""The largest quantity of a match that the grid allows, in whole watts: all of it, or whole units of 1e-5 MW.

Feasible quantities are taken to be an interval from 0, as bisection does. Limits that refused a match are kept
with their exact derivatives while the operating point stands; the first unit of another match that pushes such a
limit is refused by them, since for 10 W the first order is as exact as the power flow.
"""

from __future__ import annotations

import math

import numpy as np

from engine.grid.network import Ints
from engine.market.continuous.arrays import (
    CUTS,
    FLOW,
    FLOW_DOWN,
    FLOW_UP,
    I_MAX,
    IS_REACTIVE,
    KEPT,
    KEY,
    LIMIT,
    NO_SOLUTION,
    NOW,
    OFFER_BUS,
    REQUEST_BUS,
    RIGHTS,
    SCENE,
    TRIAL,
    Cuts,
    Grid,
    State,
)
from engine.market.continuous.compiled import compiled
from engine.market.continuous.flow import solve
from engine.market.continuous.limits import differentiate, excess_of, measure, worst_limit
from engine.market.continuous.rights import inject, update_rights
from engine.market.continuous.subsets import FEASIBLE_PERCENT, copy_point, exercise, worst_with_rights

WATT_MW = 1e-6
UNIT_W = 10
UNIT_MW = UNIT_W * WATT_MW
CLEARLY_LESS = 0.99
SECANTS_MAX = 8


@compiled
def largest(grid: Grid, state: State, pair: Ints, sign: float, watts: int) -> tuple[int, int]:
    """Watts of a match that the grid allows, up to `watts`, and the limit met (`NO_SOLUTION` where none is known).

    pair : [3] buses and commodity as in a right. The state of the accepted quantity is left in KEPT.
    """
    if grid.is_linear:
        return _largest_linear(grid, state, pair, sign, watts)
    room, limit = _room(state.cuts, state.work.counts[CUTS], pair, sign)
    if room < CLEARLY_LESS:
        return 0, limit
    excess, limit, case = _probe(grid, state, pair, sign * watts * WATT_MW)
    if excess <= FEASIBLE_PERCENT:
        return watts, limit
    value = _cut(grid, state, limit, case)
    room, _ = _room(state.cuts, state.work.counts[CUTS], pair, sign)
    if room < CLEARLY_LESS:
        return 0, limit
    return _search(grid, state, pair, sign, (watts + UNIT_W - 1) // UNIT_W, room, value, excess, limit)


@compiled
def _search(
    grid: Grid,
    state: State,
    pair: Ints,
    sign: float,
    high: int,
    guess: float,
    below: float,
    above: float,
    limit: int,
) -> tuple[int, int]:
    """Bisect between nothing and `high` units, which the limit forbids, aided by a guess and by secants.

    below, above : excess in percent at both ends.
    """
    low, turn = 0, 0
    while high - low > 1:
        units = int(min(max(guess, low + 1.0), high - 1.0))
        excess, at, _ = _probe(grid, state, pair, sign * units * UNIT_MW)
        if excess <= FEASIBLE_PERCENT:
            low, below = units, excess
        else:
            high, above, limit = units, excess, at
        turn += 1
        guess = 0.5 * (low + high)
        if turn <= SECANTS_MAX and math.isfinite(below) and math.isfinite(above) and below < above:
            guess = low + (high - low) * (FEASIBLE_PERCENT - below) / (above - below)
    return low * UNIT_W, limit


@compiled
def _probe(grid: Grid, state: State, pair: Ints, injection: float) -> tuple[float, int, int]:
    """Largest excess with a match in place, percent, its limit, and the case of rights (-1: none exercised)."""
    points, modes, work = state.points, state.work.modes, state.work
    has_rights = work.counts[RIGHTS] > 0
    copy_point(state, NOW, TRIAL)
    inject(points[TRIAL], pair, injection)
    if not solve(grid, points[TRIAL], modes[TRIAL], work):
        return np.inf, NO_SOLUTION, -1
    if has_rights:
        update_rights(grid, state)
    excess, limit = worst_limit(grid, points[TRIAL], work)
    case = -1
    if has_rights and excess <= FEASIBLE_PERCENT:
        with_rights, at, chosen = worst_with_rights(grid, state)
        if with_rights > excess:
            excess, limit, case = with_rights, at, chosen
    if excess <= FEASIBLE_PERCENT:
        copy_point(state, TRIAL, KEPT)
    return excess, limit, case


@compiled
def _cut(grid: Grid, state: State, limit: int, case: int) -> float:
    """Keep a limit that was met, as it is at the operating point with the case's rights; its excess there."""
    cuts, work, c = state.cuts, state.work, state.work.counts[CUTS]
    if limit == NO_SOLUTION:
        return np.nan
    key = state.rights.key[case] if case >= 0 else 0
    for known in range(c):
        if cuts.cut[known, LIMIT] == limit and cuts.cut[known, KEY] == key:
            return float(cuts.value[known])
    if c == cuts.value.size:
        return np.nan
    copy_point(state, NOW, SCENE)
    if case >= 0 and not exercise(grid, state, case):
        return np.nan
    point = state.points[SCENE]
    measure(grid, point, work)
    cuts.cut[c, LIMIT], cuts.cut[c, KEY], cuts.value[c] = limit, key, excess_of(grid, work, limit)
    differentiate(grid, point, work.modes[SCENE], work, limit, cuts.by[c])
    work.counts[CUTS] = c + 1
    return float(cuts.value[c])


@compiled
def _room(cuts: Cuts, count: int, pair: Ints, sign: float) -> tuple[float, int]:
    """Units of 1e-5 MW up to the nearest kept limit by first order, and that limit."""
    room, limit = np.inf, NO_SOLUTION
    commodity, offer_bus, request_bus = pair[IS_REACTIVE], pair[OFFER_BUS], pair[REQUEST_BUS]
    by, value, cut = cuts.by, cuts.value, cuts.cut
    for c in range(count):
        slope = sign * (by[c, commodity, offer_bus] - by[c, commodity, request_bus]) * UNIT_MW
        if slope > 0.0:
            units = (FEASIBLE_PERCENT - value[c]) / slope
            if units < room:
                room, limit = units, cut[c, LIMIT]
    return room, limit


@compiled
def _largest_linear(grid: Grid, state: State, pair: Ints, sign: float, watts: int) -> tuple[int, int]:
    """The same with lossless flows, where the nearest limit is known at once."""
    room, limit = np.inf, NO_SOLUTION
    for b in range(grid.shift_factors.shape[0]):
        slope = sign * (grid.shift_factors[b, pair[OFFER_BUS]] - grid.shift_factors[b, pair[REQUEST_BUS]])
        most = grid.end_limit[I_MAX, 2 * b] * (1.0 + 0.01 * FEASIBLE_PERCENT)
        if slope > 0.0:
            mw = (most - state.flows[FLOW, b] - state.flows[FLOW_UP, b]) / slope
        elif slope < 0.0:
            mw = (-most - state.flows[FLOW, b] - state.flows[FLOW_DOWN, b]) / slope
        else:
            continue
        if mw < room:
            room, limit = mw, 2 * grid.n_free + 2 * b
    if room >= watts * WATT_MW:
        return watts, limit
    return max(0, math.floor(room / UNIT_MW)) * UNIT_W, limit
