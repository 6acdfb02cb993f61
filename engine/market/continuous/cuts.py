"""Limits that refused a match, kept with their derivatives: what of a match they refuse, and how much they leave.

Derivatives outlast a move of the operating point. How far they may be off is bounded by the way it went and by how
far the current at the limit turned; where that leaves open whether the first unit of a match is refused, they are
worked out anew. Excesses are always those of the operating point itself.
"""

from __future__ import annotations

import math

import numpy as np

from engine.grid.network import Ints
from engine.market.continuous.arrays import (
    CUTS,
    CUTS_KNOWN,
    END_IM,
    END_RE,
    IS_REACTIVE,
    KEPT,
    KEY,
    LIMIT,
    MADE_IM,
    MADE_RE,
    MADE_WAY,
    NO_SOLUTION,
    NOW,
    OFFER_BUS,
    REQUEST_BUS,
    SCENE,
    STEEPEST,
    V_IM,
    V_RE,
    Cuts,
    Grid,
    State,
)
from engine.market.continuous.compiled import compiled, inlined
from engine.market.continuous.limits import differentiate, excess_of, measure
from engine.market.continuous.subsets import FEASIBLE_PERCENT, copy_point, exercise

UNIT_MW = 1e-5
CLEARLY_LESS = 0.99
CURVATURE = 4.0
HEAD_ON = 0.1
NO_CUT = -1
NO_RIGHTS = -1


@compiled
def cut_index(state: State, limit: int, case: int) -> int:
    """Where a limit met with the rights of a case is kept, `NO_CUT` if it is not."""
    cut, key = state.cuts.cut, state.rights.key[case] if case >= 0 else 0
    for c in range(state.work.counts[CUTS]):
        if cut[c, LIMIT] == limit and cut[c, KEY] == key:
            return c
    return NO_CUT


@inlined
def keep_cut(grid: Grid, state: State, limit: int, case: int) -> int:
    """Keep a limit that was met, as it is at the operating point with the case's rights."""
    c, cuts, work = state.work.counts[CUTS], state.cuts, state.work
    if limit == NO_SOLUTION or c == cuts.value.size:
        return NO_CUT
    copy_point(state, NOW, SCENE)
    if case >= 0 and not exercise(grid, state, case):
        return NO_CUT
    cuts.cut[c, LIMIT], cuts.cut[c, KEY] = limit, state.rights.key[case] if case >= 0 else 0
    work.counts[CUTS] = c + 1
    _work_out(grid, state, c)
    return int(c)


@compiled
def _work_out(grid: Grid, state: State, c: int) -> None:
    """Excess and exact derivatives of a kept limit at SCENE."""
    point, work, cuts = state.points[SCENE], state.work, state.cuts
    measure(grid, point, work)
    limit, made, by = cuts.cut[c, LIMIT], cuts.made[c], cuts.by[c]
    cuts.value[c], cuts.doubt[c] = excess_of(grid, work, limit), 0.0
    if limit >= 2 * grid.n_free:
        e = limit - 2 * grid.n_free
        made[MADE_RE], made[MADE_IM] = work.end[END_RE, e], work.end[END_IM, e]
    differentiate(grid, point, work.modes[SCENE], work, limit, by)
    made[MADE_WAY], made[STEEPEST] = cuts.way[0], 0.0
    for commodity in range(2):
        for k in range(by.shape[1]):
            made[STEEPEST] = max(made[STEEPEST], abs(by[commodity, k]))


@inlined
def follow(state: State) -> None:
    """Take the operating point from NOW to KEPT; cuts without rights stay, unless a control changed its mode."""
    work, cuts, now, kept = state.work, state.cuts, state.points[NOW], state.points[KEPT]
    step, stays = 0.0, work.counts[CUTS] < cuts.value.size
    for k in range(now.shape[1]):
        step = max(step, abs(kept[V_RE, k] - now[V_RE, k]), abs(kept[V_IM, k] - now[V_IM, k]))
    for c in range(work.modes.shape[1]):
        stays = stays and work.modes[NOW, c] == work.modes[KEPT, c]
    cuts.way[0] += step
    count = 0
    for c in range(work.counts[CUTS] if stays else 0):
        if cuts.cut[c, KEY] == 0:
            if c != count:
                _move(state, c, count)
            count += 1
    work.counts[CUTS], work.counts[CUTS_KNOWN] = count, 0
    copy_point(state, KEPT, NOW)


@inlined
def _move(state: State, source: int, target: int) -> None:
    cuts = state.cuts
    cuts.cut[target, LIMIT], cuts.cut[target, KEY] = cuts.cut[source, LIMIT], cuts.cut[source, KEY]
    for k in range(cuts.made.shape[1]):
        cuts.made[target, k] = cuts.made[source, k]
    for k in range(cuts.by.shape[2]):
        cuts.by[target, 0, k], cuts.by[target, 1, k] = cuts.by[source, 0, k], cuts.by[source, 1, k]


@inlined
def update_cuts(grid: Grid, state: State) -> None:
    """Excess of the kept limits at the operating point, and what their derivatives may have changed by."""
    work, cuts = state.work, state.cuts
    measure(grid, state.points[NOW], work)
    for c in range(work.counts[CUTS]):
        limit, made = cuts.cut[c, LIMIT], cuts.made[c]
        turned = CURVATURE * (cuts.way[0] - made[MADE_WAY])
        if limit >= 2 * grid.n_free:
            e = limit - 2 * grid.n_free
            re, im = work.end[END_RE, e], work.end[END_IM, e]
            turned += math.sqrt(((re - made[MADE_RE]) ** 2 + (im - made[MADE_IM]) ** 2) / (re**2 + im**2))
        cuts.value[c], cuts.doubt[c] = excess_of(grid, work, limit), 2.0 * turned * made[STEEPEST]
    work.counts[CUTS_KNOWN] = 1


@compiled
def slope_of(cuts: Cuts, c: int, pair: Ints, sign: float) -> float:
    """Percent of a kept limit by a unit of a match."""
    row = cuts.by[c, pair[IS_REACTIVE]]
    return float(sign * (row[pair[OFFER_BUS]] - row[pair[REQUEST_BUS]]) * UNIT_MW)


@compiled
def units_left(grid: Grid, state: State, pair: Ints, sign: float) -> tuple[float, int, bool]:
    """Units of 1e-5 MW up to the nearest kept limit by first order, that limit, and whether it is met head-on, so
    that no curvature bends a large match back below it."""
    work, cuts = state.work, state.cuts
    left, limit, head_on = np.inf, NO_SOLUTION, False
    for c in range(work.counts[CUTS]):
        slope = slope_of(cuts, c, pair, sign)
        room, doubt = FEASIBLE_PERCENT - cuts.value[c], cuts.doubt[c] * UNIT_MW
        if room < CLEARLY_LESS * (slope + doubt) and not room < CLEARLY_LESS * (slope - doubt):
            copy_point(state, NOW, SCENE)
            _work_out(grid, state, c)
            slope = slope_of(cuts, c, pair, sign)
        if slope > 0.0 and room < left * slope:
            left, limit = room / slope, cuts.cut[c, LIMIT]
            head_on = slope > HEAD_ON * cuts.made[c, STEEPEST] * UNIT_MW
    return left, limit, head_on
