"""Nodal prices of P and Q with their parts, from the multipliers of a clearing's optimum.

A price is the fall of the optimal cost per extra MW (Mvar) injected: the coupling's energy price, what losses make
of it, and what the limits are worth. (A. Papavasiliou, "Analysis of Distribution Locational Marginal Prices", IEEE
Trans. Smart Grid 9, 2018.) Where several multipliers fit the same optimum the least sum of squares is taken.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.market.limits import VM_HIGH, VM_LOW, Rows, rows_of
from engine.market.multipliers import Multipliers
from engine.market.problem import Derivatives, Problem
from engine.market.search import Outcome
from engine.market.sites import charge_at
from engine.reading import Floats

HOLDS_PERCENT = 1e-5


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """Prices at every bus and step and what they are made of.

    energy, loss, congestion, voltage : [2, n_steps, n_bus] EUR/MWh (0, P) and EUR/Mvarh (1, Q), their sum is
    `total`; balance : [2, 2, n_steps] what an auction's balance adds for up (0) and down (1), zero elsewhere;
    rows, worth : the limits that hold and their multipliers, EUR per percent and hour; by : [2, n_rows, n_bus]
    percent per MW and Mvar; links : [n_links] EUR per unit of a row and hour; is_only : [n_steps] whether no
    other multipliers fit; derivatives : the first derivatives behind all this.
    """

    energy: Floats
    loss: Floats
    congestion: Floats
    voltage: Floats
    balance: Floats
    rows: Rows
    worth: Floats
    by: Floats
    links: Floats
    is_only: NDArray[np.bool_]
    derivatives: Derivatives

    @property
    def total(self) -> Floats:
        """[2, n_steps, n_bus] the sum of the parts."""
        return self.energy + self.loss + self.congestion + self.voltage


def nodal_prices(problem: Problem, outcome: Outcome) -> Prices:
    """Prices at the search's optimum."""
    point, hours = outcome.point, problem.case.time.hours
    rows = rows_of([e > -HOLDS_PERCENT for e in point.excesses])
    priced = np.unique(np.concatenate([rows.step, np.flatnonzero(problem.energy_cost != 0.0)]))
    found = problem.derivatives(point, rows, priced)
    by, slopes, place = np.array([found.by_p, found.by_q]), found.slopes, found.place
    multipliers = Multipliers(problem, outcome, rows, by, slopes)
    worth, links = multipliers.found()
    is_voltage = np.isin(rows.kind, (VM_HIGH, VM_LOW))
    energy, loss = np.zeros_like(slopes), np.zeros_like(slopes)
    price = (problem.energy_cost / hours)[:, None]
    is_auction = problem.case.options.clearing != "network"
    energy[0] = 0.0 if is_auction else price
    loss[0], loss[1] = -price * (slopes[0] + 1.0) * (place >= 0)[:, None], -price * slopes[1]
    return Prices(
        energy=energy,
        loss=loss,
        congestion=charge_at(rows, by, -np.where(is_voltage, 0.0, worth) / hours, problem.n_steps),
        voltage=charge_at(rows, by, -np.where(is_voltage, worth, 0.0) / hours, problem.n_steps),
        balance=_balance(problem, links / hours),
        rows=rows,
        worth=worth / hours,
        by=by,
        links=links / hours,
        is_only=multipliers.is_only,
        derivatives=found,
    )


def _balance(problem: Problem, links: Floats) -> Floats:
    """[2, 2, n_steps] the balance rows' multipliers as prices."""
    balance = np.zeros((2, 2, problem.n_steps))
    for row, step, is_reactive, is_up in problem.links.balances:
        energy = 0.0 if is_reactive else problem.case.coupling_price_eur_per_mwh[step]
        balance[int(is_reactive), int(not is_up), step] = (energy if is_up else -energy) - links[row]
    return balance
