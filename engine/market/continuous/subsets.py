"""Whether a state holds under every subset of the rights.

For every limit the worst subset holds the rights that push it by their first-order contributions at the operating
point; an AC power flow then decides. A current has four such subsets, since it may grow by active or by reactive
power and either may turn: those that push it along each diagonal between its active and reactive axis. Subsets
whose forecast stays clear of their limit by a quarter of their own effect are not verified one by one, but the
most threatening one always is. Near a limit a subset is corrected by the limit's derivatives with its rights
exercised, since small contributions may change their sign.
"""

from __future__ import annotations

import math

import numpy as np

from engine.grid.network import Ints
from engine.market.continuous.arrays import (
    END_IM,
    END_RE,
    HIGH,
    IS_REACTIVE,
    LOW,
    NO_SOLUTION,
    OFFER_BUS,
    REQUEST_BUS,
    RIGHTS,
    SCENE,
    SIZE,
    TRIAL,
    V_DOWN,
    V_IM,
    V_RE,
    V_UP,
    Grid,
    P,
    Q,
    State,
)
from engine.market.continuous.compiled import compiled, inlined
from engine.market.continuous.dense import copy, fill
from engine.market.continuous.flow import solve
from engine.market.continuous.limits import differentiate, end_excess, worst_limit
from engine.market.continuous.rights import SIDES, belongs, inject
from engine.reading import Floats

FEASIBLE_PERCENT = 1e-7
GUARD_SHARE = 0.25
NEAR_PERCENT = 2.0
CLIMBS_MAX = 4


@compiled
def copy_point(state: State, source: int, target: int) -> None:
    """Make one point of a state equal to another."""
    for row in range(state.points.shape[1]):
        copy(state.points[source, row], state.points[target, row])
    for c in range(state.work.modes.shape[1]):
        state.work.modes[target, c] = state.work.modes[source, c]


@inlined
def _push(scene: Floats, commodity: int, k: int, injection: float, response: Floats) -> None:
    """Inject at a bus, voltages by first order."""
    n = scene.shape[1] - 1
    scene[Q if commodity else P, k] += injection
    for j in range(n):
        scene[V_RE, j] += injection * response[j]
        scene[V_IM, j] += injection * response[n + j]


@compiled
def exercise(grid: Grid, state: State, case: int) -> bool:
    """Exercise the subset of a case at SCENE; whether that has a solution."""
    scene, work, rights = state.points[SCENE], state.work, state.rights
    total = rights.by
    fill(total[0], 0.0)
    fill(total[1], 0.0)
    for m in range(work.counts[RIGHTS]):
        rights.exercised[m] = 0
        if belongs(grid, work, rights, case, m):
            rights.exercised[m] = 1
            right, injection = rights.right[m], rights.injection[m]
            total[right[IS_REACTIVE], right[OFFER_BUS]] += injection
            total[right[IS_REACTIVE], right[REQUEST_BUS]] -= injection
    for commodity in range(2):
        for k in range(grid.n_free):
            if total[commodity, k] != 0.0:
                _push(scene, commodity, k, total[commodity, k], rights.response[commodity, k])
    return solve(grid, scene, work.modes[SCENE], work)


@inlined
def worst_with_rights(grid: Grid, state: State) -> tuple[float, int, int]:
    """Largest excess of TRIAL, just measured, over subsets of the rights: percent, limit and case.

    Stops at the first subset that breaks a limit.
    """
    forecast, key = state.rights.forecast, state.rights.key
    _forecast(grid, state)
    worst, limit, chosen = -np.inf, NO_SOLUTION, -1
    for turn in range(forecast.size):
        case, threat = _take_worst(forecast, key)
        if threat == -np.inf or (turn > 0 and threat <= FEASIBLE_PERCENT):
            break
        copy_point(state, TRIAL, SCENE)
        if not exercise(grid, state, case):
            return np.inf, NO_SOLUTION, case
        excess, at = worst_limit(grid, state.points[SCENE], state.work)
        if excess > -NEAR_PERCENT:
            excess, at = _climb(grid, state, excess, at)
        if excess > worst:
            worst, limit, chosen = excess, at, case
        if worst > FEASIBLE_PERCENT:
            break
    return worst, limit, chosen


@inlined
def _take_worst(forecast: Floats, key: Ints) -> tuple[int, float]:
    """The most threatening case and its forecast; strikes out all cases of the same subset."""
    case = 0
    for other in range(forecast.size):
        if forecast[other] > forecast[case]:
            case = other
    threat, same = float(forecast[case]), key[case]
    for other in range(forecast.size):
        if key[other] == same:
            forecast[other] = -np.inf
    return case, threat


@inlined
def _climb(grid: Grid, state: State, excess: float, limit: int) -> tuple[float, int]:
    """Exchange rights at SCENE by the limit's derivatives there, while that makes it worse; excess and limit."""
    scene, work, rights = state.points[SCENE], state.work, state.rights
    for _ in range(CLIMBS_MAX):
        if excess > FEASIBLE_PERCENT:
            break
        differentiate(grid, scene, work.modes[SCENE], work, limit, rights.by)
        changed = False
        for m in range(work.counts[RIGHTS]):
            right, injection = rights.right[m], rights.injection[m]
            row = rights.by[right[IS_REACTIVE]]
            push = injection * (row[right[OFFER_BUS]] - row[right[REQUEST_BUS]])
            wanted = 1 if push > 0.0 else 0
            if push != 0.0 and wanted != rights.exercised[m]:
                inject(scene, right, injection * (wanted - rights.exercised[m]))
                rights.exercised[m] = wanted
                changed = True
        if not changed:
            break
        if not solve(grid, scene, work.modes[SCENE], work):
            return np.inf, NO_SOLUTION
        found, at = worst_limit(grid, scene, work)
        if found <= excess:
            break
        excess, limit = found, at
    return excess, limit


@inlined
def _forecast(grid: Grid, state: State) -> None:
    """Excess to fear for every case: the first-order sum with a quarter of it on top; -inf without rights."""
    n, rights, work = grid.n_free, state.rights, state.work
    forecast, effect = rights.forecast, 1.0 + GUARD_SHARE
    for k in range(n):
        vm, low = work.bus[SIZE, k], grid.bus_limit[LOW, k]
        forecast[k] = 100.0 * (vm + effect * work.bus[V_UP, k] - grid.bus_limit[HIGH, k])
        forecast[n + k] = 100.0 * (low - vm - effect * work.bus[V_DOWN, k]) if low > 0.0 else -np.inf
    for e in range(grid.end_bus.shape[0]):
        for side in range(SIDES):
            re, im = rights.along[e, 2 * side], rights.along[e, 2 * side + 1]
            i = math.sqrt((work.end[END_RE, e] + re) ** 2 + (work.end[END_IM, e] + im) ** 2)
            i += GUARD_SHARE * math.sqrt(re**2 + im**2)
            forecast[2 * n + SIDES * e + side] = end_excess(grid, e, i, work.bus[SIZE, grid.end_bus[e, 0]])
    for case in range(rights.key.size):
        if rights.key[case] == 0:
            forecast[case] = -np.inf
