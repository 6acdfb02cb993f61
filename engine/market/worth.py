"""What a clearing's prices say of every offer: the worth of its change, and the price at which it breaks even.

An offer's reduced cost is its price less what its change is worth at its place plus what its own limits (budget,
ramp, shared inverter, link) take; where it is positive nothing is accepted, so the price has to fall by it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.market.awards import WATT
from engine.market.case import Case
from engine.market.columns import LEVEL, OFFER
from engine.market.prices import Prices
from engine.market.problem import Problem
from engine.market.search import Outcome
from engine.market.tables import OfferTable, worth_of_change
from engine.reading import Floats

HELD = 1e-7

Mask = NDArray[np.bool_]


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
    charge = np.zeros_like(change)
    if table.is_storage.any():
        charge[table.is_storage] = worth_of_change(total, prices.balance, table.reactive, -table.sign, table.bus)[
            table.is_storage
        ]
    taken, is_sure = _own_limits(problem, outcome, prices)
    break_even = change - taken
    linked = _linked_in_order(case)
    accepted = outcome_of(problem, outcome) if linked else break_even
    for k, parent in linked:
        _add_what_the_other_lacks(break_even, table, accepted, k, parent)
    return Worth(change, charge, break_even, is_sure)


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
    if len(links.upper) == len(problem.links.balances):
        return np.zeros(shape), np.repeat(prices.is_only[None, :], shape[0], axis=0)
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
    return taken, (doubt == 0.0) & prices.is_only


def _linked_in_order(case: Case) -> list[tuple[int, int]]:
    """(offer, the one it is linked to), the named one's own link first."""
    linked = [(k, offer.linked_to) for k, offer in enumerate(case.offers) if offer.linked_to is not None]
    position = {offer.id: k for k, offer in enumerate(case.offers)} if linked else {}
    parents = {k: position[name] for k, name in linked}

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
