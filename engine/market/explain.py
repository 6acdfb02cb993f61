"""Why offers were not accepted in full: what decided, and at which price they would have been.

All offers are explained at once from the prices of the clearing; nothing is cleared again here. A price that is
told as `exact` is the turning point: at it the offer is accepted; at one that is dearer by more than 1 % of the
change it asks for (and by more than two cents) it is refused. `doubts` says where that cannot be promised.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.grid.network import Ints, Network
from engine.market.awards import WATT, as_mw
from engine.market.case import Case, Offer, Storage
from engine.market.doubts import (
    BELOW_EUR_PER_MWH,
    Doubts,
    doubts,
    no_doubts,
    room_for_a_rise,
)
from engine.market.limits import VM_HIGH, VM_LOW, Rows
from engine.market.prices import Prices
from engine.market.problem import Problem
from engine.market.search import Outcome
from engine.market.tables import OfferTable
from engine.market.worth import Worth, worth_of_offers
from engine.reading import Floats

__all__ = ["Book", "Causes", "Why", "Worth", "causes", "explain", "steep_limits", "worth_of_offers"]

MARGINAL, PARADOX = "marginal", "paradox"
TELLS_EUR_PER_MWH = 1e-5
IN_THE_MONEY_EUR = 0.01
DIGITS = 6

Mask = NDArray[np.bool_]


class Why(NamedTuple):
    """Why an offer was not accepted in full; prices in EUR/MWh or EUR/Mvarh.

    kind : ``voltage`` or ``loading`` of `element`, ``marginal``, ``paradox``, or None where no limit has a price;
    step : where it was closest to acceptance, None where it stands for the whole horizon; local_price : what its
    change was worth there; accepted_if : highest price at which it would be accepted, None where none would do;
    exact : whether that price is the turning point; else it is the break-even at the clearing's prices.
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
class Causes:
    """The limit that moves the price most. names : element and kind of each limit, and at the end of none; found :
    [2, n_steps, n_bus] position in it, -1 where no limit has a price."""

    names: list[tuple[str | None, str | None]]
    found: Ints

    def at(self, reactive: int, step: int, bus: int) -> tuple[str | None, str | None]:
        """Element and kind."""
        return self.names[int(self.found[reactive, step, bus])]


def causes(network: Network, prices: Prices) -> Causes:
    """The decisive limit of every bus and step."""
    rows = prices.rows
    names = _names(network, rows)
    found = np.full(prices.total.shape, -1, dtype=np.int64)
    steps, first = np.unique(rows.step, return_index=True)
    for step, start, end in zip(steps, first, np.append(first, len(rows))[1:], strict=True):
        effect = np.abs(prices.worth[start:end, None] * prices.by[:, start:end])
        found[:, step] = np.where(
            effect.max(axis=1) > TELLS_EUR_PER_MWH, start + effect.argmax(axis=1), found[:, step]
        )
    return Causes(names, found)


def _names(network: Network, rows: Rows) -> list[tuple[str | None, str | None]]:
    """Element and kind of each limit, and none at the end."""
    names: list[tuple[str | None, str | None]] = [
        (network.bus_ids[e], "voltage") if kind in (VM_HIGH, VM_LOW) else (network.branch_ids[e], "loading")
        for e, kind in zip(rows.element.tolist(), rows.kind.tolist(), strict=True)
    ]
    return [*names, (None, None)]


def steep_limits(network: Network, prices: Prices, beyond_eur_per_mwh: float) -> list[dict[str, Any]]:
    """Limits that alone make a price beyond a bound somewhere: element, kind, step, and that part of the price.

    An auction has no virtual changes, so nothing bounds what a limit is worth that its trades hardly move.
    """
    parts = np.concatenate(-prices.worth[:, None] * prices.by, axis=1)
    largest = parts[np.arange(len(parts)), np.abs(parts).argmax(axis=1)]
    names = _names(network, prices.rows)
    return [
        {
            "element": names[r][0],
            "kind": names[r][1],
            "step": int(prices.rows.step[r]),
            "price": _round(largest[r]),
        }
        for r in np.flatnonzero(np.abs(largest) > beyond_eur_per_mwh).tolist()
    ]


def explain(
    problem: Problem, outcome: Outcome, prices: Prices, table: OfferTable, quanta: NDArray[np.int64]
) -> list[Why | None]:
    """One `Why` for each offer, None where it was accepted in full.

    quanta : [n_offers, n_steps] accepted, in `QUANTUM_MW`.
    """
    worth = worth_of_offers(problem, outcome, prices, table)
    book = Book(problem.case, table, as_mw(quanta), worth, causes(problem.network, prices))
    book.doubts = doubts(problem, outcome, prices, book.asked(), book.has_choice)
    return book.whys()


class Book:
    """Everything that explanations need, with what can be worked out for all offers at once.

    rival : by exclusive group, EUR of surplus that its accepted member makes; doubts : what speaks against the
    told prices being exact.
    """

    def __init__(self, case: Case, table: OfferTable, accepted: Floats, worth: Worth, causes: Causes) -> None:
        self.case, self.table, self.accepted, self.worth, self.causes = case, table, accepted, worth, causes
        offered = table.quantity > 0.0
        taken = np.abs(accepted) > WATT
        left = offered & ~taken
        partly = taken & (accepted < table.quantity - WATT)
        self.gap = np.where(left, table.price - worth.break_even, np.inf)
        self.any_left, self.any_partly = np.any(left, axis=1), np.any(partly, axis=1)
        self.first_partly = partly.argmax(axis=1)
        self.nearest: Ints = self.gap.argmin(axis=1)
        self.has_choice = np.array([offer.has_choice for offer in case.offers], dtype=np.bool_)
        self.is_divisible = self.any_left & ~self.any_partly & ~(self.has_choice | table.is_storage)
        self.is_idle = table.is_storage & ~taken.any(axis=1)
        self.doubts: Doubts = no_doubts(*accepted.shape)
        self.rival: dict[str, float] = defaultdict(float)
        grouped = [
            (k, group) for k, offer in enumerate(case.offers) if (group := offer.exclusive_group) is not None
        ]
        for k, group in grouped:
            if taken[k].any():
                surplus = float(((worth.change[k] - table.price[k]) * np.abs(accepted[k])).sum()) * case.time.hours
                self.rival[group] = max(surplus, 0.0)

    def asked(self) -> Mask:
        """[n_offers, n_steps] where it matters how the grid bends: what could be taken whole and is not."""
        asked = np.repeat(self.is_idle[:, None], self.table.quantity.shape[1], axis=1)
        which = np.flatnonzero(self.is_divisible)
        asked[which, self.nearest[which]] = True
        return asked & (np.abs(self.accepted) <= WATT)

    def whys(self) -> list[Why | None]:
        """Every offer's explanation."""
        found: list[Why | None] = [None] * len(self.case.offers)
        explained = self.any_left | self.any_partly | self.table.is_storage
        for k in np.flatnonzero(explained & ~self.is_divisible).tolist():
            found[k] = self.why(k)
        which = np.flatnonzero(self.is_divisible)
        for k, why in zip(which.tolist(), self._divisible(which), strict=True):
            found[k] = why
        return found

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
        return self._divisible(np.array([k]))[0]

    def _divisible(self, which: Ints) -> list[Why]:
        """Offers of which any part can be taken in any step: the step nearest to acceptance, exact where sure."""
        step, table = self.nearest[which], self.table
        told = self.worth.break_even[which, step] - BELOW_EUR_PER_MWH
        sure = self.worth.is_sure[which, step] & self.doubts.holds(which, step, table.price[which, step] - told)
        local = np.round(self.worth.change[which, step], DIGITS) + 0.0
        possible = told >= -self.case.options.unmet_price_eur_per_mwh
        row = self.causes.found[table.reactive[which], step, table.bus[which]]
        names = self.causes.names
        lines = zip(
            row.tolist(),
            step.tolist(),
            local.tolist(),
            np.where(possible, np.round(told, DIGITS) + 0.0, np.nan).tolist(),
            possible.tolist(),
            sure.tolist(),
            strict=True,
        )
        return [
            Why(names[r][0], names[r][1], t, here, price if can else None, is_sure)
            for r, t, here, price, can, is_sure in lines
        ]

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
        best, step = _best_cycle(storage, self.worth.change[k], self.worth.charge[k])
        rise = self.doubts.rise[k], self.doubts.rise_charge[k]
        at_most, _ = _best_cycle(storage, self.worth.change[k] + rise[0], self.worth.charge[k] + rise[1])
        asked = self.table.price[k].min() - best + BELOW_EUR_PER_MWH
        is_sharp = at_most - best <= room_for_a_rise(asked) and not self.doubts.unsettled.any()
        exact = bool(self.worth.is_sure[k].all() and is_sharp)
        return self._at(k, step, best - BELOW_EUR_PER_MWH, exact=exact)

    def _at(self, k: int, step: int, price: float | None, *, exact: bool, kind: str | None = None) -> Why:
        element, cause = self.causes.at(int(self.table.reactive[k]), step, int(self.table.bus[k]))
        accepted_if = None if price is None else self._possible(float(price))
        return Why(element, kind or cause, step, _round(float(self.worth.change[k, step])), accepted_if, exact)

    def _possible(self, price: float) -> float | None:
        """A price that an offer may have; None where even the lowest would not do."""
        return _round(price) if price >= -self.case.options.unmet_price_eur_per_mwh else None


def _best_cycle(storage: Storage, discharge: Floats, charge: Floats) -> tuple[float, int]:
    """Highest price of a storage at which some first cycle pays, EUR/MWh moved, and the step in which it ends.

    discharge, charge : [n_steps] what each is worth. -inf where it can do nothing.
    """
    eta = storage.efficiency_charge * storage.efficiency_discharge
    best, step = -np.inf, int(discharge.argmax())
    orders = (1,) * (storage.energy_start_mwh < storage.energy_mwh) + (-1,) * (storage.energy_start_mwh > 0.0)
    for order in orders if min(storage.p_charge_max_mw, storage.p_discharge_max_mw) else ():
        earlier = np.maximum.accumulate(charge[::order])[:-1]
        worth = (eta * discharge[::order][1:] + earlier) / (1.0 + eta)
        if worth.size and worth.max() > best:
            at = int(worth.argmax()) + 1
            best, step = float(worth.max()), at if order == 1 else len(charge) - 1 - at
    return best, step


def _round(price: float) -> float:
    return round(float(price), DIGITS) + 0.0
