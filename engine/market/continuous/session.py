"""Continuous matching of the orders of one step, in the sequence of their arrival."""

from __future__ import annotations

import numpy as np

from engine.grid.network import Ints
from engine.market.continuous.arrays import (
    CUTS,
    CUTS_KNOWN,
    FLOW,
    IS_REACTIVE,
    NO_SOLUTION,
    NOW,
    OFFER_BUS,
    REQUEST_BUS,
    RIGHTS,
    RIGHTS_KNOWN,
    Grid,
    Orders,
    State,
)
from engine.market.continuous.book import NOBODY, best_pair, drop_spent, push, why_standing
from engine.market.continuous.compiled import entry, inlined
from engine.market.continuous.cuts import NO_RIGHTS, cut_index, follow, update_cuts
from engine.market.continuous.flow import solve
from engine.market.continuous.quantity import UNIT_W, WATT_MW, largest
from engine.market.continuous.rights import add_right, shift_flows

OFFER, REQUEST, BUS, WATTS, CAUSE = range(5)


@entry
def start(grid: Grid, state: State) -> bool:
    """Put the operating point to its own solution before the first match; whether there is one."""
    return grid.is_linear or solve(grid, state.points[NOW], state.work.modes[NOW], state.work)


@entry
def match_orders(grid: Grid, state: State, orders: Orders) -> tuple[Ints, Ints]:
    """Matches [n_matches, 5] (offer, request, number of the request's bus, W, arriving order) and reasons [n, 3].

    After every arrival the best crossing pair that the grid has not refused is tried, until there is none. A
    refusal holds until an unconditional match moves the operating point: conditional matches only narrow what is
    allowed. A withdrawal takes out what is left of an order and brings no match about: what stands behind it asks
    for no better price, and the grid refuses it alike. Both results are empty where `state` has no room for
    another right.
    """
    matches = np.empty((orders.left.size + 1, 5), dtype=np.int64)
    pair = np.zeros(3, dtype=np.int64)
    count = 0
    version = count + 1
    for x in orders.events:
        if x < 0:
            orders.left[~x] = 0
            drop_spent(orders, ~x)
            continue
        if orders.left[x] < UNIT_W:
            continue
        push(orders, x)
        offer, request = _next_pair(grid, state, orders, version)
        while offer != NOBODY:
            watts, place = _try_pair(grid, state, orders, offer, request, version, pair)
            if watts:
                if state.work.counts[RIGHTS] == state.rights.injection.size:
                    return matches[:0], np.empty((0, 3), dtype=np.int64)
                if count == len(matches):
                    matches = _with_room(matches)
                found = matches[count]
                found[OFFER], found[REQUEST], found[BUS], found[WATTS], found[CAUSE] = (
                    offer,
                    request,
                    place,
                    watts,
                    x,
                )
                count += 1
                version += _accept(grid, state, orders, offer, request, watts, pair)
            offer, request = _next_pair(grid, state, orders, version)
    reasons = np.empty((orders.left.size, 3), dtype=np.int64)
    for x in range(orders.left.size):
        reasons[x, 0], reasons[x, 1], reasons[x, 2] = why_standing(orders, x)
    return matches[:count], reasons


@inlined
def _next_pair(grid: Grid, state: State, orders: Orders, version: int) -> tuple[int, int]:
    """The best crossing pair that the grid has not refused at the present operating point."""
    if not (grid.is_linear or state.work.counts[CUTS_KNOWN]):
        update_cuts(grid, state)
    return best_pair(orders, state.cuts, state.work.counts[CUTS], version)


@inlined
def _with_room(matches: Ints) -> Ints:
    wider = np.empty((2 * len(matches), matches.shape[1]), dtype=np.int64)
    for row in range(len(matches)):
        for column in range(matches.shape[1]):
            wider[row, column] = matches[row, column]
    return wider


@inlined
def _try_pair(
    grid: Grid, state: State, orders: Orders, offer: int, request: int, version: int, pair: Ints
) -> tuple[int, int]:
    """Watts at the first of the request's buses where the grid allows a unit, and that place; refused: 0.

    pair : [3] is filled with the buses and the commodity.
    """
    book, own, other = orders.book[offer], orders.group[offer], orders.group[request]
    pair[OFFER_BUS], pair[IS_REACTIVE] = orders.group_bus[orders.group_start[own]], book // 2
    wanted = min(orders.left[offer], orders.left[request])
    first_limit = NO_SOLUTION
    for place in range(orders.group_start[other], orders.group_start[other + 1]):
        pair[REQUEST_BUS] = orders.group_bus[place]
        watts, limit = largest(grid, state, pair, -1.0 if book % 2 else 1.0, wanted)
        if watts >= UNIT_W:
            return watts, place
        if first_limit == NO_SOLUTION:
            first_limit = limit
    orders.refused[book, own, other] = version
    orders.refused_limit[book, own, other] = first_limit
    is_one = orders.group_start[other + 1] - orders.group_start[other] == 1
    orders.suspect[book, own, other] = cut_index(state, first_limit, NO_RIGHTS) + 1 if is_one else 0
    return 0, NOBODY


@inlined
def _accept(grid: Grid, state: State, orders: Orders, offer: int, request: int, watts: int, pair: Ints) -> int:
    """Book a match; 1 where it moves the operating point, 0 where it is a right."""
    for order in (offer, request):
        orders.left[order] -= watts
        drop_spent(orders, order)
    injection = (-1.0 if orders.book[offer] % 2 else 1.0) * watts * WATT_MW
    if orders.is_conditional[request]:
        add_right(grid, state, pair, injection)
        return 0
    if grid.is_linear:
        shift_flows(grid, pair, injection, state.flows[FLOW], state.flows[FLOW])
        return 1
    follow(state)
    state.work.counts[RIGHTS_KNOWN] = 0
    return 1
