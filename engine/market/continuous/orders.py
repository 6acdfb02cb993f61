"""From the offers and requests of a case to the orders of each step, in the sequence of their arrival."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from engine.grid.network import Ints
from engine.market.case import Case
from engine.market.continuous.arrays import Orders
from engine.market.offers import Offer, Request
from engine.reading import Floats

WATTS_PER_MW = 1e6
SNAP_WATT = 1e-3
N_BOOKS = 4
BOOKS = {("P", "up"): 0, ("P", "down"): 1, ("Q", "up"): 2, ("Q", "down"): 3}


class Book:
    """All offers and requests of a case, by (submitted_at, id), a request before an offer of the same name.

    is_offer, position : [n] side and index in the case; watts : [n, n_steps], whole, rounded down; price :
    [n, n_steps]; happens : [n_events, 2] member and whether it is withdrawn then, in turn, withdrawals after the
    orders of the same moment; is_withdrawn : [n] at last.
    """

    def __init__(self, case: Case, number: Ints) -> None:
        everybody = [(r.submitted_at, r.id, 0, i) for i, r in enumerate(case.requests)]
        everybody += [(o.submitted_at, o.id, 1, i) for i, o in enumerate(case.offers)]
        everybody.sort()
        self.is_offer = np.array([side for *_, side, _ in everybody], dtype=np.int64)
        self.position = np.array([i for *_, i in everybody], dtype=np.int64)
        members: list[Offer | Request] = [
            case.offers[i] if side else case.requests[i] for *_, side, i in everybody
        ]
        shape = (len(members), case.time.n_steps)
        quantity = np.array([member.quantity for member in members]).reshape(shape)
        self.watts: Ints = np.floor(quantity * WATTS_PER_MW + SNAP_WATT).astype(np.int64)
        self.price: Floats = np.array([member.price for member in members], dtype=np.float64).reshape(shape)
        self.book = np.array([BOOKS[member.commodity, member.direction] for member in members], dtype=np.int64)
        conditional = [not side and case.requests[i].conditional for *_, side, i in everybody]
        self.is_conditional = np.array(conditional, dtype=np.int64)
        self._sequence(members)
        self._group(case, everybody, number)

    def _sequence(self, members: list[Offer | Request]) -> None:
        gone = [(m.withdrawn_at, 1, i) for i, m in enumerate(members) if m.withdrawn_at is not None]
        turns = sorted([(m.submitted_at, 0, i) for i, m in enumerate(members)] + gone)
        self.happens = np.array([(i, away) for _, away, i in turns], dtype=np.int64).reshape(-1, 2)
        self.is_withdrawn = np.array([m.withdrawn_at is not None for m in members], dtype=np.bool_)

    def _group(self, case: Case, everybody: list[tuple[datetime, str, int, int]], number: Ints) -> None:
        """Number the groups of equal buses; `number` : [n_bus] of each bus in the arrays of a step."""
        at = {bus.id: int(number[i]) for i, bus in enumerate(case.grid.buses)}
        buses = [(case.offers[i].bus,) if side else case.requests[i].buses for *_, side, i in everybody]
        groups = {members: g for g, members in enumerate(dict.fromkeys(buses))}
        self.group = np.array([groups[members] for members in buses], dtype=np.int64)
        self.group_start = np.cumsum([0, *(len(members) for members in groups)]).astype(np.int64)
        self.group_bus = np.array([at[bus] for members in groups for bus in members], dtype=np.int64)
        shape = (N_BOOKS, len(groups), len(groups))
        self._refused, self._refused_limit, self._suspect = np.zeros((3, *shape), dtype=np.int64)

    def at(self, step: int) -> tuple[Orders, Ints]:
        """Orders of a step, and the members whose orders they are."""
        members = np.flatnonzero(self.watts[:, step])
        place = np.full(len(self.watts), -1, dtype=np.int64)
        place[members] = np.arange(len(members))
        who, away = self.happens[place[self.happens[:, 0]] >= 0].T
        book, side, group = self.book[members], self.is_offer[members], self.group[members]
        price = self.price[members, step]
        n_groups = len(self.group_start) - 1
        by_rank = np.lexsort((np.where(side == 1, price, -price), side, book))
        rank = np.empty_like(by_rank)
        rank[by_rank] = np.arange(len(members))
        queue = (book * 2 + side) * n_groups + group
        sizes = np.bincount(queue, minlength=2 * N_BOOKS * n_groups)
        self._refused[:], self._suspect[:] = 0, 0
        return (
            Orders(
                events=np.where(away == 1, ~place[who], place[who]),
                book=book,
                group=group,
                rank=rank,
                is_offer=side,
                is_conditional=self.is_conditional[members],
                price=np.ascontiguousarray(price),
                left=self.watts[members, step].copy(),
                by_rank=by_rank,
                group_start=self.group_start,
                group_bus=self.group_bus,
                heap=np.zeros(len(members), dtype=np.int64),
                heap_start=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
                heap_size=np.zeros(len(sizes), dtype=np.int64),
                heads=np.full((N_BOOKS, 2, n_groups), -1, dtype=np.int64),
                refused=self._refused,
                refused_limit=self._refused_limit,
                suspect=self._suspect,
            ),
            members,
        )
