"""The largest quantity of a match that the grid allows, in whole watts: all of it, or whole units of 1e-5 MW.

Feasible quantities are taken to be an interval from 0, as bisection does. The derivatives of limits that refused a
match forecast where it ends; AC power flows then decide on both sides of that.
"""

from __future__ import annotations

import math

import numpy as np

from engine.grid.network import Ints
from engine.market.continuous.arrays import (
    FLOW,
    FLOW_DOWN,
    FLOW_UP,
    I_MAX,
    KEPT,
    NO_SOLUTION,
    NOW,
    OFFER_BUS,
    REQUEST_BUS,
    RIGHTS,
    TRIAL,
    Grid,
    State,
)
from engine.market.continuous.compiled import compiled, inlined
from engine.market.continuous.cuts import (
    CLEARLY_LESS,
    NO_CUT,
    UNIT_MW,
    cut_index,
    keep_cut,
    slope_of,
    units_left,
)
from engine.market.continuous.flow import solve
from engine.market.continuous.limits import worst_limit
from engine.market.continuous.rights import inject, update_rights
from engine.market.continuous.subsets import FEASIBLE_PERCENT, copy_point, worst_with_rights

WATT_MW = 1e-6
UNIT_W = 10
FORECASTS_MAX = 12


@inlined
def largest(grid: Grid, state: State, pair: Ints, sign: float, watts: int) -> tuple[int, int]:
    """Watts of a match that the grid allows, up to `watts`, and the limit met (`NO_SOLUTION` where none is known).

    pair : [3] buses and commodity as in a right. The state of the accepted quantity is left in KEPT.
    """
    if grid.is_linear:
        return _largest_linear(grid, state, pair, sign, watts)
    if pair[OFFER_BUS] == pair[REQUEST_BUS]:
        copy_point(state, NOW, KEPT)
        return watts, NO_SOLUTION
    left, limit, head_on = units_left(grid, state, pair, sign)
    whole = (watts + UNIT_W - 1) // UNIT_W
    low, high, turn = 0, whole + 1, 0
    # Losses may bend a match that a limit refuses in its midst back below it, so all of it is tried first.
    guess = left if head_on and left < 0.5 * whole else np.inf
    while high - low > 1 and (low > 0 or left >= CLEARLY_LESS):
        units = int(min(max(guess, low + 1.0), high - 1.0))
        injection = sign * (watts * WATT_MW if units == whole else units * UNIT_MW)
        excess, at, case = _probe(grid, state, pair, injection)
        c = cut_index(state, at, case)
        if excess <= FEASIBLE_PERCENT:
            if units == whole:
                return watts, at
            low = units
        else:
            high, limit = units, at
            if c == NO_CUT:
                c = keep_cut(grid, state, at, case)
                left, _, _ = units_left(grid, state, pair, sign)
        turn += 1
        guess = 0.5 * (low + high)
        if turn <= FORECASTS_MAX and c != NO_CUT:
            guess = _forecast(slope_of(state.cuts, c, pair, sign), units, excess, left, guess)
    return low * UNIT_W, limit


@compiled
def _forecast(slope: float, units: int, excess: float, left: float, otherwise: float) -> float:
    """Where a limit that falls or rises by a slope is met, from its excess at some units."""
    if slope <= 0.0:
        return otherwise
    met = units + (FEASIBLE_PERCENT - excess) / slope
    return min(met, left) if units < left else met


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


@inlined
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
