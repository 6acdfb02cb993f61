"""Where the price that an explanation tells may not be the turning point.

Prices say what a first watt is worth. What can turn an offer at another price: the grid bends, so that taking it
whole is worth more than taking a little (`swaps`); or unmet need, controlled buses and whole-or-nothing offers may
then settle otherwise. (That all of those are borne out by the prices proves a choice on a linear grid only.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.grid.network import Ints
from engine.market.columns import CHARGE, TRADED, VIRTUAL
from engine.market.prices import Prices
from engine.market.problem import Problem
from engine.market.search import Outcome
from engine.market.swaps import rises
from engine.reading import Floats

BELOW_EUR_PER_MWH = 0.01
LESS = 0.01
LEAST_EUR_PER_MWH = 0.02
USED_MW = 1e-6
# A parabola is trusted with half of what may be.
TRUST = 0.5

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Doubts:
    """rise : [n_offers, n_steps] EUR/MWh by which a change gains worth until it is taken whole (of a storage its
    discharge), rise_charge : of a storage's charging; unsettled : [n_steps] steps that may settle otherwise."""

    rise: Floats
    rise_charge: Floats
    unsettled: Mask

    def holds(self, offer: Ints, step: Ints, asked: Floats) -> Mask:
        """Whether nothing speaks against a price for which an offer has to change by asked : [n], EUR/MWh."""
        holds: Mask = (self.rise[offer, step] <= room_for_a_rise(asked)) & ~self.unsettled[step]
        return holds


def room_for_a_rise(asked: Any) -> Any:
    """By how much a change's worth may rise where `asked` is the change of price, so that 1 % less is refused."""
    return TRUST * (np.maximum(LESS * asked, LEAST_EUR_PER_MWH) - BELOW_EUR_PER_MWH)


def no_doubts(n_offers: int, n_steps: int) -> Doubts:
    """None for any offer."""
    return Doubts(np.zeros((n_offers, n_steps)), np.zeros((n_offers, n_steps)), np.zeros(n_steps, dtype=np.bool_))


def doubts(problem: Problem, outcome: Outcome, prices: Prices, asked: Mask, has_choice: Mask) -> Doubts:
    """How the grid bends for offers in the steps that are asked : [n_offers, n_steps], and what is unsettled.

    Beside unmet need virtual P and Q are two valleys; a control may hold its voltage or not; offers that are whole
    or nothing, has_choice : [n_offers], may be chosen otherwise.
    """
    columns, n = problem.columns, problem.n_steps
    found = no_doubts(len(asked), n)
    traded = np.flatnonzero(np.isin(columns.kind, TRADED))
    which = traded[asked[columns.owner[traded], columns.step[traded]]]
    gains = rises(problem, outcome, prices, which)
    charges = columns.kind[which] == CHARGE
    for table, mine in ((found.rise, ~charges), (found.rise_charge, charges)):
        table[columns.owner[which[mine]], columns.step[which[mine]]] = gains[mine]
    moves = (columns.kind == VIRTUAL) & (outcome.point.x > USED_MW)
    moves[traded] |= has_choice[columns.owner[traded]]
    unsettled = (problem.per_group(problem.per_step(moves.astype(np.float64))) > 0.0) | (
        len(problem.network.controls) > 0
    )
    return Doubts(found.rise, found.rise_charge, unsettled)
