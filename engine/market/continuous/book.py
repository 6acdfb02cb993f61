"""Order books of one step: a heap of ranks for each book, side and group of equal buses.

Orders of one group meet the same grid, so that what refuses the best of them refuses all: only heads are looked
at.
"""

from __future__ import annotations

import numpy as np

from engine.grid.network import Ints
from engine.market.continuous.arrays import Orders
from engine.market.continuous.compiled import compiled
from engine.market.continuous.quantity import UNIT_W
from engine.reading import Floats

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
def _set_head(orders: Orders, x: int) -> None:
    """Keep the best order of the queue of `x` at hand."""
    book, is_offer, group = orders.book[x], orders.is_offer[x], orders.group[x]
    queue = _queue(orders, book, is_offer, group)
    best = NOBODY
    if orders.heap_size[queue]:
        best = orders.by_rank[orders.heap[orders.heap_start[queue]]]
    orders.heads[book, is_offer, group] = best


@compiled
def best_pair(orders: Orders, version: int) -> tuple[int, int]:
    """The best offer in book order that crosses a request not refused at this operating point, and that
    request."""
    heads, rank, price, refused = orders.heads, orders.rank, orders.price, orders.refused
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
                counter = _best_request(requests, rank, price, refused[book, group], price[candidate], version)
                if counter != NOBODY:
                    offer, request = candidate, counter
        if offer != NOBODY:
            return offer, request
    return NOBODY, NOBODY


@compiled
def _best_request(requests: Ints, rank: Ints, price: Floats, refused: Ints, asked: float, version: int) -> int:
    """The best of the waiting requests that pays what is asked and was not refused."""
    best = NOBODY
    for group in range(requests.size):
        candidate = requests[group]
        if candidate == NOBODY or price[candidate] < asked or refused[group] == version:
            continue
        if best == NOBODY or rank[candidate] < rank[best]:
            best = candidate
    return best


@compiled
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
