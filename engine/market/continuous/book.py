"""Order books of one step: a heap of ranks for each book, side and group of equal buses.

Orders of one group meet the same grid, so that what refuses the best of them refuses all: only heads are looked
at.
"""

from __future__ import annotations

import numpy as np

from engine.market.continuous.arrays import KEY, LIMIT, Cuts, Orders
from engine.market.continuous.compiled import compiled, inlined
from engine.market.continuous.cuts import CLEARLY_LESS, UNIT_MW
from engine.market.continuous.quantity import UNIT_W
from engine.market.continuous.subsets import FEASIBLE_PERCENT

N_BOOKS = 4
NOBODY = -1
FILLED, NO_COUNTER_ORDER, PRICE, GRID = range(4)


@compiled
def _queue(orders: Orders, book: int, is_offer: int, group: int) -> int:
    return (book * 2 + is_offer) * (orders.group_start.size - 1) + group


@compiled
def push(orders: Orders, x: int) -> None:
    """Let an order wait in its queue."""
    queue = _queue(orders, orders.book[x], orders.is_offer[x], orders.group[x])
    heap, start = orders.heap, orders.heap_start[queue]
    child = orders.heap_size[queue]
    orders.heap_size[queue] = child + 1
    heap[start + child] = orders.rank[x]
    while child > 0:
        parent = (child - 1) // 2
        if heap[start + parent] <= heap[start + child]:
            break
        heap[start + parent], heap[start + child] = heap[start + child], heap[start + parent]
        child = parent
    _set_head(orders, x)


@compiled
def pop(orders: Orders, x: int) -> None:
    """Take an order, the head of its queue, out of it."""
    queue = _queue(orders, orders.book[x], orders.is_offer[x], orders.group[x])
    heap, start = orders.heap, orders.heap_start[queue]
    size = orders.heap_size[queue] - 1
    orders.heap_size[queue] = size
    heap[start] = heap[start + size]
    parent = 0
    while True:
        child = 2 * parent + 1
        if child >= size:
            break
        if child + 1 < size and heap[start + child + 1] < heap[start + child]:
            child += 1
        if heap[start + parent] <= heap[start + child]:
            break
        heap[start + parent], heap[start + child] = heap[start + child], heap[start + parent]
        parent = child
    _set_head(orders, x)


@compiled
def drop_spent(orders: Orders, x: int) -> None:
    """Take orders of which nothing is left from the front of the queue of `x`."""
    book, is_offer, group = orders.book[x], orders.is_offer[x], orders.group[x]
    head = orders.heads[book, is_offer, group]
    while head != NOBODY and orders.left[head] < UNIT_W:
        pop(orders, head)
        head = orders.heads[book, is_offer, group]


@compiled
def _set_head(orders: Orders, x: int) -> None:
    """Keep the best order of the queue of `x` at hand."""
    book, is_offer, group = orders.book[x], orders.is_offer[x], orders.group[x]
    queue = _queue(orders, book, is_offer, group)
    best = NOBODY
    if orders.heap_size[queue]:
        best = orders.by_rank[orders.heap[orders.heap_start[queue]]]
    orders.heads[book, is_offer, group] = best


@compiled
def best_pair(orders: Orders, cuts: Cuts, n_cuts: int, version: int) -> tuple[int, int]:
    """The best offer in book order that crosses a request not refused at this operating point, and that
    request."""
    heads, rank, price = orders.heads, orders.rank, orders.price
    for book in range(N_BOOKS):
        offer, request, dearest = NOBODY, NOBODY, -np.inf
        offers, requests = heads[book, 1], heads[book, 0]
        for candidate in requests:
            if candidate != NOBODY:
                dearest = max(dearest, price[candidate])
        for group in range(offers.size):
            candidate = offers[group]
            if candidate == NOBODY or price[candidate] > dearest:
                continue
            if offer == NOBODY or rank[candidate] < rank[offer]:
                counter = _best_request(orders, cuts, n_cuts, version, candidate)
                if counter != NOBODY:
                    offer, request = candidate, counter
        if offer != NOBODY:
            return offer, request
    return NOBODY, NOBODY


@compiled
def _best_request(orders: Orders, cuts: Cuts, n_cuts: int, version: int, offer: int) -> int:
    """The best of the waiting requests that pays what an offer asks and was not refused."""
    book, own, best, asked = orders.book[offer], orders.group[offer], NOBODY, orders.price[offer]
    requests, rank, price, refused = orders.heads[book, 0], orders.rank, orders.price, orders.refused[book, own]
    for group in range(requests.size):
        candidate = requests[group]
        if candidate == NOBODY or price[candidate] < asked or refused[group] == version:
            continue
        if best == NOBODY or rank[candidate] < rank[best]:
            if orders.suspect[book, own, group] and _still_refused(orders, cuts, n_cuts, book, own, group):
                refused[group] = version
            else:
                best = candidate
    return int(best)


@compiled
def _still_refused(orders: Orders, cuts: Cuts, n_cuts: int, book: int, own: int, other: int) -> bool:
    """Whether the cut that refused a pair of groups at an earlier operating point does so at this one."""
    c = orders.suspect[book, own, other] - 1
    if c >= n_cuts or cuts.cut[c, KEY] != 0 or cuts.cut[c, LIMIT] != orders.refused_limit[book, own, other]:
        return False
    row = cuts.by[c, book // 2]
    slope = row[orders.group_bus[orders.group_start[own]]] - row[orders.group_bus[orders.group_start[other]]]
    slope = (slope if book % 2 == 0 else -slope) - cuts.doubt[c]
    return bool(FEASIBLE_PERCENT - cuts.value[c] < CLEARLY_LESS * UNIT_MW * slope)


@inlined
def why_standing(orders: Orders, x: int) -> tuple[int, int, int]:
    """Why the rest of an order stands, its best counter-order, and the refusing limit."""
    if orders.left[x] < UNIT_W:
        return FILLED, NOBODY, NOBODY
    book, is_offer, best = orders.book[x], orders.is_offer[x], NOBODY
    for other in range(orders.group_start.size - 1):
        candidate = orders.heads[book, 1 - is_offer, other]
        if candidate == NOBODY:
            continue
        if best == NOBODY or orders.rank[candidate] < orders.rank[best]:
            best = candidate
    if best == NOBODY:
        return NO_COUNTER_ORDER, NOBODY, NOBODY
    offer, request = (x, best) if is_offer else (best, x)
    if orders.price[request] < orders.price[offer]:
        return PRICE, best, NOBODY
    return GRID, best, int(orders.refused_limit[book, orders.group[offer], orders.group[request]])
