"""The rules of continuous matching spelled out slowly: every pair, every subset of rights, literal bisection."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from engine.grid.network import Network
from engine.grid.powerflow import PowerFlow, power_flow
from engine.market.case import Case

UNIT_W = 10
BOOKS = [("P", "up"), ("P", "down"), ("Q", "up"), ("Q", "down")]


class PlainStep:
    """One step's market."""

    def __init__(self, case: Case, network: Network, step: int) -> None:
        self.case, self.network, self.step = case, network, step
        self.p, self.q = case.net_p_mw[step].copy(), case.net_q_mvar[step].copy()
        self.baseline = power_flow(network, self.p[None], self.q[None])
        self.rights: list[tuple[Any, Any, str, int]] = []
        self.left: dict[Any, int] = {}
        self.arrived: list[Any] = []
        self.deals: list[tuple[str, str, str, int, float]] = []

    def run(self) -> list[tuple[str, str, str, int, float]]:
        """Offer, request, bus, W and price of each match."""
        orders = [*self.case.requests, *self.case.offers]
        turns = [(order.submitted_at, 0, order.id, hasattr(order, "bus"), order) for order in orders]
        turns += [(o.withdrawn_at, 1, o.id, hasattr(o, "bus"), o) for o in orders if o.withdrawn_at is not None]
        for _, withdrawn, *_, order in sorted(turns, key=lambda turn: turn[:4]):
            if withdrawn:
                self.left[order] = 0
                assert not self.match_one()
                continue
            self.left[order] = int(np.floor(order.quantity[self.step] * 1e6 + 1e-3))
            self.arrived.append(order)
            while self.match_one():
                pass
        return self.deals

    def match_one(self) -> bool:
        """The first crossing pair in book order that the grid allows."""
        place = {order: i for i, order in enumerate(self.arrived)}
        standing = [order for order in self.arrived if self.left[order] >= UNIT_W]
        for book in BOOKS:
            mine = [order for order in standing if (order.commodity, order.direction) == book]
            offers = [order for order in mine if hasattr(order, "bus")]
            requests = [order for order in mine if not hasattr(order, "bus")]
            for offer in sorted(offers, key=lambda o: (o.price[self.step], place[o])):
                for request in sorted(requests, key=lambda r: (-r.price[self.step], place[r])):
                    if request.price[self.step] < offer.price[self.step]:
                        continue
                    for bus in request.buses:
                        watts = self.allowed(offer, request, bus)
                        if watts >= UNIT_W:
                            self.book(offer, request, bus, watts, place)
                            return True
        return False

    def allowed(self, offer: Any, request: Any, bus: str) -> int:
        """The smaller remainder, or what bisection finds, in units of 10 W."""
        watts = min(self.left[offer], self.left[request])
        if self.holds(offer, request, bus, watts):
            return watts
        low, high = 0, -(-watts // UNIT_W)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.holds(offer, request, bus, middle * UNIT_W) else (low, middle)
        return low * UNIT_W

    def holds(self, offer: Any, request: Any, bus: str, watts: int) -> bool:
        """Whether the match is within all limits under every subset of the rights."""
        p, q = [], []
        for exercised in itertools.product((False, True), repeat=len(self.rights)):
            chosen = [right for right, on in zip(self.rights, exercised, strict=True) if on]
            state = self.p.copy(), self.q.copy()
            for deal in [(offer, request, bus, watts), *chosen]:
                self.inject(state, *deal)
            p.append(state[0])
            q.append(state[1])
        return self.within(power_flow(self.network, np.array(p), np.array(q)))

    def inject(self, state: tuple[Any, Any], offer: Any, request: Any, bus: str, watts: int) -> None:
        """Add a match to injections."""
        row = state[1] if offer.commodity == "Q" else state[0]
        row[self.network.bus_index[offer.bus]] += offer.sign * watts * 1e-6
        row[self.network.bus_index[bus]] -= offer.sign * watts * 1e-6

    def within(self, flow: PowerFlow) -> bool:
        """Whether no limit is passed further than at the baseline."""
        if not flow.all_converged:
            return False
        net, base = self.network, self.baseline
        high = np.maximum(net.vm_max_pu, base.vm_pu)
        low = np.minimum(net.vm_min_pu, base.vm_pu)
        # Both ends and both units of a branch have limits of their own.
        loaded = [
            (flow.i_from_ka, np.maximum(net.max_i_from_ka, base.i_from_ka)),
            (flow.i_to_ka, np.maximum(net.max_i_to_ka, base.i_to_ka)),
            (flow.s_from_mva, np.maximum(net.max_s_mva, base.s_from_mva)),
            (flow.s_to_mva, np.maximum(net.max_s_mva, base.s_to_mva)),
        ]
        in_band = (flow.vm_pu <= high + 1e-9).all() and (flow.vm_pu >= low - 1e-9).all()
        return bool(in_band and all((value <= limit * (1 + 1e-9)).all() for value, limit in loaded))

    def book(self, offer: Any, request: Any, bus: str, watts: int, place: dict[Any, int]) -> None:
        """Accept a match at the price of the earlier order."""
        first = min((offer, request), key=lambda order: place[order])
        self.deals.append((offer.id, request.id, bus, watts, float(first.price[self.step])))
        self.left[offer] -= watts
        self.left[request] -= watts
        if request.conditional:
            self.rights.append((offer, request, bus, watts))
        else:
            self.inject((self.p, self.q), offer, request, bus, watts)


def plain_deals(case: Case, network: Network) -> list[list[tuple[str, str, str, int, float]]]:
    """The matches of every step."""
    return [PlainStep(case, network, step).run() for step in range(case.time.n_steps)]
