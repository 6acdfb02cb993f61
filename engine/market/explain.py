"""Why offers were not accepted in full: what decided, and at which price they would have been.

An offer's reduced cost is its price less what its change is worth at its place plus what its own limits (budget,
ramp, shared inverter, link) take; where it is positive nothing is accepted, so the price has to fall by it. All
offers are explained at once from the prices of the clearing; nothing is cleared again here.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.grid.network import Ints, Network
from engine.market.awards import WATT, as_mw
from engine.market.case import Case, Offer
from engine.market.columns import LEVEL, OFFER
from engine.market.limits import VM_HIGH, VM_LOW
from engine.market.prices import Prices
from engine.market.problem import Problem
from engine.market.search import Outcome
from engine.market.swaps import swap_gains
from engine.market.tables import OfferTable, worth_of_change
from engine.reading import Floats

MARGINAL, PARADOX = "marginal", "paradox"
BELOW_EUR_PER_MWH = 0.01
TELLS_EUR_PER_MWH = 1e-5
IN_THE_MONEY_EUR = 0.01
SHARP = 0.005
HELD = 1e-7

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Why:
    """Why an offer was not accepted in full; prices in EUR/MWh or EUR/Mvarh.

    kind : ``voltage`` or ``loading`` of `element`, ``marginal``, ``paradox``, or None where no limit has a price;
    step : where it was closest to acceptance, None where it stands for the whole horizon; local_price : what its
    change was worth there; accepted_if : highest price at which it would be accepted, None where none would do;
    exact : no price dearer by more than `SHARP` of the change it asks for would do; else it is the break-even at
    the clearing's prices (whole or nothing), or swapping the offer in as a whole pays somewhat earlier.
    """

    element: str | None
    kind: str | None
    step: int | None
    local_price: float | None
    accepted_if: float | None
    exact: bool

    def as_document(self) -> dict[str, Any]:
        """An award's `why`."""
        return {
            "element": self.element,
            "kind": self.kind,
            "step": self.step,
            "local_price": self.local_price,
            "accepted_if": None if self.accepted_if is None else {"price": self.accepted_if},
            "exact": self.exact,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Worth:
    """What the clearing's prices say of every offer, each [n_offers, n_steps] in EUR/MWh or EUR/Mvarh.

    change : a change in the offer's direction (a storage's discharge); charge : a storage's charging, 0 elsewhere;
    break_even : the price at which the offer's reduced cost is zero, -inf where no price would do; is_sure :
    whether that price is the only one that fits.
    """

    change: Floats
    charge: Floats
    break_even: Floats
    is_sure: Mask


def worth_of_offers(problem: Problem, outcome: Outcome, prices: Prices, table: OfferTable) -> Worth:
    """What offers are worth at the optimum of a clearing."""
    case, total = problem.case, prices.total
    change = worth_of_change(total, prices.balance, table.reactive, table.sign, table.bus)
    charge = worth_of_change(total, prices.balance, table.reactive, -table.sign, table.bus)
    taken, is_sure = _own_limits(problem, outcome, prices)
    break_even = change - taken
    for k, parent in _linked_in_order(case):
        _add_what_the_other_lacks(break_even, table, outcome_of(problem, outcome), k, parent)
    return Worth(change, np.where(table.is_storage[:, None], charge, 0.0), break_even, is_sure)


def outcome_of(problem: Problem, outcome: Outcome) -> Floats:
    """[n_offers, n_steps] accepted quantities of offers of P and Q."""
    columns = problem.columns
    accepted = np.zeros((len(problem.case.offers), problem.n_steps))
    mine = columns.kind == OFFER
    accepted[columns.owner[mine], columns.step[mine]] = outcome.point.x[mine]
    return accepted


def _own_limits(problem: Problem, outcome: Outcome, prices: Prices) -> tuple[Floats, Mask]:
    """[n_offers, n_steps] EUR/MWh that link rows other than balances and links take, and where that is sure.

    Where a row holds and none of its variables is between its bounds (a budget used up by whole steps, a ramp of
    zero, an inverter that is full already), several multipliers fit.
    """
    columns, links = problem.columns, outcome.links
    shape = (len(problem.case.offers), problem.n_steps)
    counts = np.ones(len(links.upper))
    counts[[row for row, *_ in problem.links.balances]] = 0.0
    counts[(links.upper == 0.0) & np.isneginf(links.lower)] = 0.0
    x = outcome.point.x
    moves = (columns.kind != LEVEL) & (x > columns.lower + WATT) & (x < columns.upper - WATT)
    reached = links.matrix @ x
    idle = (counts > 0.0) & ((reached >= links.upper - HELD) | (reached <= links.lower + HELD))
    idle &= abs(links.matrix) @ moves.astype(np.float64) == 0.0
    mine = np.flatnonzero(columns.kind == OFFER)
    where = (columns.owner[mine], columns.step[mine])
    taken, doubt = np.zeros(shape), np.zeros(shape)
    taken[where] = (links.matrix.T @ (counts * prices.links))[mine]
    doubt[where] = (abs(links.matrix).T @ idle.astype(np.float64))[mine]
    return taken, doubt == 0.0


def _linked_in_order(case: Case) -> list[tuple[int, int]]:
    """(offer, the one it is linked to), the named one's own link first."""
    position = {offer.id: k for k, offer in enumerate(case.offers)}
    parents = {k: position[o.linked_to] for k, o in enumerate(case.offers) if o.linked_to is not None}

    def depth(k: int) -> int:
        return 1 + depth(parents[k]) if k in parents else 0

    return [(k, parents[k]) for k in sorted(parents, key=lambda k: (depth(k), k))]


def _add_what_the_other_lacks(
    break_even: Floats, table: OfferTable, accepted: Floats, k: int, parent: int
) -> None:
    """Where neither is accepted, a linked offer has to pay for what the one it names would lose."""
    own, other = table.quantity[k], table.quantity[parent]
    idle = (accepted[k] <= WATT) & (accepted[parent] <= WATT) & (own > 0)
    lacks = other * np.maximum(table.price[parent] - break_even[parent], 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        lower = break_even[k] - np.where(other > 0, lacks, np.inf) / own
    break_even[k] = np.where(idle, lower, break_even[k])


@dataclass(frozen=True, slots=True, eq=False)
class Causes:
    """The limit that moves the price most. element, kind, step as `Rows` has them; found : [2, n_steps, n_bus] its
    position there, -1 where no limit has a price."""

    names: list[tuple[str, str]]
    found: Ints

    def at(self, reactive: int, step: int, bus: int) -> tuple[str | None, str | None]:
        """Element and kind."""
        row = self.found[reactive, step, bus]
        return self.names[row] if row >= 0 else (None, None)


def causes(network: Network, prices: Prices) -> Causes:
    """The decisive limit of every bus and step."""
    rows = prices.rows
    is_voltage = np.isin(rows.kind, (VM_HIGH, VM_LOW))
    names = [
        (network.bus_ids[e], "voltage") if voltage else (network.branch_ids[e], "loading")
        for e, voltage in zip(rows.element, is_voltage, strict=True)
    ]
    found = np.full(prices.total.shape, -1, dtype=np.int64)
    steps, first = np.unique(rows.step, return_index=True)
    for step, start, end in zip(steps, first, np.append(first, len(rows))[1:], strict=True):
        effect = np.abs(prices.worth[start:end, None] * prices.by[:, start:end])
        found[:, step] = np.where(
            effect.max(axis=1) > TELLS_EUR_PER_MWH, start + effect.argmax(axis=1), found[:, step]
        )
    return Causes(names, found)


def explain(
    problem: Problem, outcome: Outcome, prices: Prices, table: OfferTable, quanta: NDArray[np.int64]
) -> list[Why | None]:
    """One `Why` for each offer, None where it was accepted in full.

    quanta : [n_offers, n_steps] accepted, in `QUANTUM_MW`.
    """
    case = problem.case
    book = Book(
        case=case,
        table=table,
        accepted=as_mw(quanta),
        worth=worth_of_offers(problem, outcome, prices, table),
        causes=causes(problem.network, prices),
    )
    book.swap_gain = swap_gains(problem, outcome, prices, table, book.nearest, book.is_divisible)
    return [book.why(k) for k in range(len(case.offers))]


class Book:
    """Everything that explanations need, with what can be worked out for all offers at once.

    rival : by exclusive group, EUR of surplus that its accepted member makes; swap_gain : [n_offers] EUR/MWh by
    which swapping a divisible offer in pays more than its first watt.
    """

    def __init__(self, case: Case, table: OfferTable, accepted: Floats, worth: Worth, causes: Causes) -> None:
        self.case, self.table, self.accepted, self.worth, self.causes = case, table, accepted, worth, causes
        offered = table.quantity > 0.0
        taken = np.abs(accepted) > WATT
        partly = taken & (accepted < table.quantity - WATT)
        left = offered & ~taken
        gap = np.where(left, table.price - worth.break_even, np.inf)
        self.gap, self.left = gap, left
        self.any_left, self.any_partly = np.any(left, axis=1), np.any(partly, axis=1)
        self.first_partly = partly.argmax(axis=1)
        self.nearest = gap.argmin(axis=1)
        self.swap_gain = np.zeros(len(case.offers))
        whole = np.array([offer.has_choice or offer.storage is not None for offer in case.offers], dtype=np.bool_)
        self.is_divisible = self.any_left & ~self.any_partly & ~whole
        self.surplus = ((worth.change - table.price) * np.abs(accepted)).sum(axis=1) * case.time.hours
        self.rival: dict[str, float] = defaultdict(float)
        for k, offer in enumerate(case.offers):
            if offer.exclusive_group is not None and taken[k].any():
                self.rival[offer.exclusive_group] = max(float(self.surplus[k]), 0.0)

    def why(self, k: int) -> Why | None:
        """An offer's explanation."""
        offer = self.case.offers[k]
        if offer.storage is not None:
            return self._storage(k, offer)
        if self.any_partly[k]:
            step = int(self.first_partly[k])
            return self._at(k, step, None, exact=True, kind=MARGINAL)
        if not self.any_left[k]:
            return None
        if offer.block:
            return self._block(k, offer)
        if offer.has_choice:
            return self._choice(k, offer)
        return self._divisible(k)

    def _divisible(self, k: int) -> Why:
        step = int(self.nearest[k])
        price = float(self.worth.break_even[k, step]) - BELOW_EUR_PER_MWH
        is_sharp = self.swap_gain[k] <= SHARP * (self.table.price[k, step] - price)
        return self._at(k, step, price, exact=bool(self.worth.is_sure[k, step] and is_sharp))

    def _choice(self, k: int, offer: Offer) -> Why:
        """A minimum acceptance, or a member of a group that is no block."""
        step = int(self.nearest[k])
        hours, quantity = self.case.time.hours, self.table.quantity[k]
        lead = float((quantity * np.maximum(self.worth.break_even[k] - self.table.price[k], 0.0)).sum() * hours)
        price = float(self.worth.break_even[k, step])
        if offer.exclusive_group is not None and not (self.accepted[k] > WATT).any():
            short = self.rival[offer.exclusive_group] - lead
            if short > 0.0 and lead > 0.0:
                price = float(self.table.price[k, step]) - short / (quantity[step] * hours)
            elif lead > IN_THE_MONEY_EUR:
                return self._at(k, step, None, exact=False, kind=PARADOX)
        elif -self.gap[k, step] * quantity[step] * hours > IN_THE_MONEY_EUR:
            return self._at(k, step, None, exact=False, kind=PARADOX)
        return self._at(k, step, price, exact=False)

    def _block(self, k: int, offer: Offer) -> Why:
        """All steps or none: the mean price at which all breaks even, or beats what its group has accepted."""
        quantity, hours = self.table.quantity[k], self.case.time.hours
        energy = float(quantity.sum())
        local = float((quantity * self.worth.change[k]).sum()) / energy
        mean = float((quantity * self.worth.break_even[k])[quantity > 0].sum()) / energy
        if offer.exclusive_group is not None:
            mean -= self.rival[offer.exclusive_group] / (energy * hours)
        asked = float((quantity * self.table.price[k]).sum()) / energy
        step = int(
            np.argmax(np.where(quantity > 0, quantity * (self.table.price[k] - self.worth.change[k]), -np.inf))
        )
        element, kind = self.causes.at(int(self.table.reactive[k]), step, int(self.table.bus[k]))
        if (mean - asked) * energy * hours > IN_THE_MONEY_EUR:
            return Why(element, PARADOX, None, _round(local), None, False)
        return Why(element, kind, None, _round(local), self._possible(mean), False)

    def _storage(self, k: int, offer: Offer) -> Why | None:
        """Used at all it is marginal where it is not at its power; idle, the best cycle tells its price."""
        used = np.flatnonzero(np.abs(self.accepted[k]) > WATT)
        storage = offer.storage
        assert storage is not None
        if used.size:
            most = np.where(self.accepted[k] > 0, storage.p_discharge_max_mw, storage.p_charge_max_mw)
            inner = used[np.abs(self.accepted[k])[used] < most[used] - WATT]
            return self._at(k, int(inner[0]), None, exact=True, kind=MARGINAL) if inner.size else None
        eta = storage.efficiency_charge * storage.efficiency_discharge
        best, step = -np.inf, int(self.worth.change[k].argmax())
        sides = []
        if storage.energy_start_mwh < storage.energy_mwh:
            sides.append((self.worth.change[k], self.worth.charge[k], 1))
        if storage.energy_start_mwh > 0.0:
            sides.append((self.worth.change[k], self.worth.charge[k], -1))
        for discharge, charge, order in sides if min(storage.p_charge_max_mw, storage.p_discharge_max_mw) else []:
            earlier = np.maximum.accumulate(charge[::order])[:-1]
            worth = (eta * discharge[::order][1:] + earlier) / (1.0 + eta)
            if worth.size and worth.max() > best:
                at = int(worth.argmax()) + 1
                best, step = float(worth.max()), at if order == 1 else len(charge) - 1 - at
        return self._at(k, step, best - BELOW_EUR_PER_MWH, exact=bool(self.worth.is_sure[k].all()))

    def _at(self, k: int, step: int, price: float | None, *, exact: bool, kind: str | None = None) -> Why:
        element, cause = self.causes.at(int(self.table.reactive[k]), step, int(self.table.bus[k]))
        accepted_if = None if price is None else self._possible(float(price))
        return Why(element, kind or cause, step, _round(float(self.worth.change[k, step])), accepted_if, exact)

    def _possible(self, price: float) -> float | None:
        """A price that an offer may have; None where even the lowest would not do."""
        return _round(price) if price >= -self.case.options.unmet_price_eur_per_mwh else None


def _round(price: float) -> float:
    return round(price, 6) + 0.0
