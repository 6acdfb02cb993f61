"""Run the steps of a continuous session and name what came of them."""

from __future__ import annotations

import numpy as np

from engine.grid.network import Ints, Network
from engine.market.case import Case
from engine.market.continuous.arrays import NO_SOLUTION
from engine.market.continuous.book import FILLED, GRID, NO_COUNTER_ORDER, NOBODY, PRICE
from engine.market.continuous.orders import WATTS_PER_MW, Book
from engine.market.continuous.outcome import Match, Matching, Standing
from engine.market.continuous.prepare import Steps
from engine.market.continuous.session import BUS, CAUSE, OFFER, REQUEST, WATTS, match_orders, start
from engine.market.offers import Offer, Request
from engine.reading import Floats

RIGHTS_AT_FIRST = 64
UNSOLVED = -1
REASONS = {
    FILLED: "below_minimum",
    NO_COUNTER_ORDER: "no_counter_order",
    PRICE: "price",
    GRID: "grid",
    UNSOLVED: "no_power_flow",
}


class Session:
    """The matches and reasons of all steps while they are worked out.

    matches : rows (arriving member, step, number in the step, offer's member, request's member, bus, W);
    standing : rows (member, step, W, reason, counter member, limit).
    """

    def __init__(self, case: Case, network: Network) -> None:
        self.case, self.network = case, network
        self.steps = Steps(case.grid, network, case.net_p_mw, case.net_q_mvar, case.options.physics)
        self.book = Book(case, self.steps.number)
        self.diverged: list[int] = []
        self._matches: list[Ints] = []
        self._standing: list[Ints] = []
        self._state = self.steps.new_state(RIGHTS_AT_FIRST)

    def run(self) -> Matching:
        """Match every step and put the outcome together."""
        for step in range(self.case.time.n_steps):
            self._run_step(step)
        rows = np.concatenate([np.zeros((0, 7), dtype=np.int64), *self._matches])
        rows = rows[np.lexsort((rows[:, 2], rows[:, 1], rows[:, 0]))]
        accepted, served, p_mw, q_mvar = self._sums(rows)
        return Matching(
            accepted=accepted,
            served=served,
            matches=tuple(self._match(i, row) for i, row in enumerate(rows.tolist())),
            standing=tuple(self._stand(row) for table in self._standing for row in table.tolist()),
            p_mw=p_mw,
            q_mvar=q_mvar,
            diverged_steps=tuple(self.diverged),
        )

    def _run_step(self, step: int) -> None:
        members, matches, reasons = self._matched(step)
        left = self.book.watts[members, step].copy()
        for side in (OFFER, REQUEST):
            np.subtract.at(left, matches[:, side], matches[:, WATTS])
        left[self.book.is_withdrawn[members]] = 0
        numbers = np.arange(len(matches))
        self._matches.append(
            np.column_stack(
                [
                    members[matches[:, CAUSE]],
                    np.full(len(matches), step),
                    numbers,
                    members[matches[:, OFFER]],
                    members[matches[:, REQUEST]],
                    self.steps.order[self.book.group_bus[matches[:, BUS]]],
                    matches[:, WATTS],
                ]
            )
        )
        kept = np.flatnonzero(left)
        counter = reasons[kept, 1]
        self._standing.append(
            np.column_stack(
                [
                    members[kept],
                    np.full(len(kept), step),
                    left[kept],
                    reasons[kept, 0],
                    np.where(counter == NOBODY, NOBODY, members[counter]),
                    reasons[kept, 2],
                ]
            )
        )

    def _matched(self, step: int) -> tuple[Ints, Ints, Ints]:
        """Members with an order in a step, and what `match_orders` says; room for rights is doubled until it
        does."""
        while True:
            orders, members = self.book.at(step)
            unsolved = np.tile(np.array([UNSOLVED, NOBODY, NOBODY]), (len(members), 1))
            nothing = np.zeros((0, 5), dtype=np.int64)
            if not len(members):
                return members, nothing, unsolved
            grid = self.steps.grid(step)
            if self.steps.converged[step]:
                self.steps.set_out(self._state, step)
            if not self.steps.converged[step] or not start(grid, self._state):
                self.diverged.append(step)
                return members, nothing, unsolved
            matches, reasons = match_orders(grid, self._state, orders)
            if len(reasons):
                return members, matches, reasons
            self._state = self.steps.new_state(2 * len(self._state.rights.injection))

    def _sums(self, rows: Ints) -> tuple[Floats, Floats, Floats, Floats]:
        """Accepted, served, and the operating point's P and Q."""
        case, book = self.case, self.book
        accepted = np.zeros((len(case.offers), case.time.n_steps), dtype=np.int64)
        served = np.zeros((len(case.requests), case.time.n_steps), dtype=np.int64)
        _, step, _, offer, request, bus, watts = rows.T
        np.add.at(accepted, (book.position[offer], step), watts)
        np.add.at(served, (book.position[request], step), watts)
        moved = np.zeros((2, *case.net_p_mw.shape), dtype=np.int64)
        firm = np.where(book.is_conditional[request] == 1, 0, watts)
        injection = np.where(book.book[offer] % 2 == 0, firm, -firm)
        reactive = book.book[offer] // 2
        offer_bus = self.steps.order[book.group_bus[book.group_start[book.group[offer]]]]
        np.add.at(moved, (reactive, step, offer_bus), injection)
        np.subtract.at(moved, (reactive, step, bus), injection)
        p_mw, q_mvar = case.net_p_mw + moved[0] / WATTS_PER_MW, case.net_q_mvar + moved[1] / WATTS_PER_MW
        return accepted / WATTS_PER_MW, served / WATTS_PER_MW, p_mw, q_mvar

    def _name(self, member: int) -> str:
        return self._member(member).id

    def _member(self, member: int) -> Offer | Request:
        position = int(self.book.position[member])
        return self.case.offers[position] if self.book.is_offer[member] else self.case.requests[position]

    def _match(self, sequence: int, row: list[int]) -> Match:
        arrived, step, _, offer, request, bus, watts = row
        return Match(
            sequence=sequence,
            offer=self._name(offer),
            request=self._name(request),
            bus=self.network.bus_ids[bus],
            step=step,
            quantity=watts / WATTS_PER_MW,
            price=float(self.book.price[min(offer, request), step]),
            conditional=bool(self.book.is_conditional[request]),
            at=self._member(arrived).submitted_at,
        )

    def _stand(self, row: list[int]) -> Standing:
        member, step, watts, reason, counter, limit = row
        element, kind = self._limit(limit) if reason == GRID else (None, None)
        return Standing(
            side="offer" if self.book.is_offer[member] else "request",
            id=self._name(member),
            step=step,
            left=watts / WATTS_PER_MW,
            reason=REASONS[reason],
            counter_order=None if counter == NOBODY else self._name(counter),
            element=element,
            kind=kind,
        )

    def _limit(self, limit: int) -> tuple[str | None, str]:
        """Element and kind of a limit's number."""
        n = len(self.network.free)
        if limit == NO_SOLUTION:
            return None, "power_flow"
        if limit < 2 * n:
            return self.network.bus_ids[self.network.free[limit % n]], "voltage"
        return self.network.branch_ids[(limit - 2 * n) // 2], "loading"
