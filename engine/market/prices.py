"""Nodal prices of P and Q with their parts, from the multipliers of a clearing's optimum.

A price is the fall of the optimal cost per extra MW (Mvar) injected: the coupling's energy price, what losses make
of it, and what the limits are worth. (A. Papavasiliou, "Analysis of Distribution Locational Marginal Prices", IEEE
Trans. Smart Grid 9, 2018.) Where several multipliers fit the same optimum the least sum of squares is taken.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from engine.grid.network import Ints
from engine.market.columns import VIRTUAL
from engine.market.limits import VM_HIGH, VM_LOW, Rows, rows_of
from engine.market.problem import Problem
from engine.market.program import Programme, minimise
from engine.market.search import Outcome
from engine.reading import Floats

HOLDS_PERCENT = 1e-5
AT_BOUND_MW = 1e-7
LINKS_WEIGHT = 1e-6
FIT_WEIGHT = 1e8
SLACK_EUR = 1e-7

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """Prices at every bus and step and what they are made of.

    energy, loss, congestion, voltage : [2, n_steps, n_bus] EUR/MWh (0, P) and EUR/Mvarh (1, Q), their sum is
    `total`; balance : [2, 2, n_steps] what an auction's balance adds for up (0) and down (1), zero elsewhere;
    rows, worth : the limits that hold and their multipliers, EUR per percent and hour; by : [2, n_rows, n_bus]
    percent per MW and Mvar; links : [n_links] EUR per unit of a row and hour.
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
    worth, links = _multipliers(problem, outcome, rows, by, slopes)
    is_voltage = np.isin(rows.kind, (VM_HIGH, VM_LOW))
    energy, loss = np.zeros_like(slopes), np.zeros_like(slopes)
    price = (problem.energy_cost / hours)[:, None]
    is_auction = problem.case.options.clearing != "network"
    energy[0] = 0.0 if is_auction else price
    loss[0], loss[1] = -price * (slopes[0] + 1.0) * (place >= 0)[:, None], -price * slopes[1]
    return Prices(
        energy=energy,
        loss=loss,
        congestion=_limit_part(problem, rows, by, np.where(is_voltage, 0.0, worth) / hours),
        voltage=_limit_part(problem, rows, by, np.where(is_voltage, worth, 0.0) / hours),
        balance=_balance(problem, links / hours),
        rows=rows,
        worth=worth / hours,
        by=by,
        links=links / hours,
    )


def _limit_part(problem: Problem, rows: Rows, by: Floats, worth: Floats) -> Floats:
    part = np.zeros((2, problem.n_steps, len(problem.network.bus_ids)))
    for commodity in range(2):
        np.add.at(part[commodity], rows.step, -worth[:, None] * by[commodity])
    return part


def _balance(problem: Problem, links: Floats) -> Floats:
    """[2, 2, n_steps] the balance rows' multipliers as prices."""
    balance = np.zeros((2, 2, problem.n_steps))
    for row, step, is_reactive, is_up in problem.links.balances:
        energy = 0.0 if is_reactive else problem.case.coupling_price_eur_per_mwh[step]
        balance[int(is_reactive), int(not is_up), step] = (energy if is_up else -energy) - links[row]
    return balance


def _multipliers(
    problem: Problem, outcome: Outcome, rows: Rows, by: Floats, slopes: Floats
) -> tuple[Floats, Floats]:
    """Multipliers of the limits that hold : [n_rows] and of all links : [n_links], per step's EUR.

    min |worth|^2 so that no variable's reduced cost contradicts where it stands.
    """
    columns, x = problem.columns, outcome.point.x
    links = outcome.links
    n_rows = len(rows)
    worth0 = rows.values(outcome.worth)
    reached = links.matrix @ x
    at_top = np.isfinite(links.upper) & (reached >= links.upper - AT_BOUND_MW)
    at_bottom = np.isfinite(links.lower) & (reached <= links.lower + AT_BOUND_MW)
    held = np.flatnonzero(at_top | at_bottom)
    if not n_rows and not held.size:
        return np.zeros(0), np.zeros(len(links.upper))
    use = _telling(problem, outcome)
    gradient = problem.columns.cost + _import_part(problem, slopes)
    matrix = sparse.hstack([_row_part(problem, rows, by, use), links.matrix[held][:, use].T], format="csr")
    low, high = x[use] <= columns.lower[use] + AT_BOUND_MW, x[use] >= columns.upper[use] - AT_BOUND_MW
    inner = ~low & ~high
    n_inner = int(inner.sum())
    slack = SLACK_EUR * (1.0 + np.abs(gradient[use]))
    n = n_rows + len(held)
    programme = Programme(
        cost=np.zeros(n + n_inner),
        lower=np.concatenate(
            [np.zeros(n_rows), np.where(at_bottom[held], -np.inf, 0.0), np.full(n_inner, -np.inf)]
        ),
        upper=np.concatenate(
            [np.full(n_rows, np.inf), np.where(at_top[held], np.inf, 0.0), np.full(n_inner, np.inf)]
        ),
        matrix=sparse.hstack([matrix, _picks(inner)], format="csr"),
        row_lower=np.where(high & ~low, -np.inf, -gradient[use] - np.where(inner, 0.0, slack)),
        row_upper=np.where(low & ~high, np.inf, -gradient[use] + np.where(inner, 0.0, slack)),
        quadratic=sparse.diags(
            np.concatenate([np.ones(n_rows), np.full(len(held), LINKS_WEIGHT), np.full(n_inner, FIT_WEIGHT)]),
            format="csc",
        ),
    )
    free = low & high
    programme.row_lower[free], programme.row_upper[free] = -np.inf, np.inf
    found = minimise(programme, problem.clock)
    all_links = np.zeros(len(links.upper))
    if not found.optimal:
        return worth0, outcome.link_multipliers
    all_links[held] = found.x[n_rows:n]
    return np.maximum(found.x[:n_rows], 0.0), all_links


def _telling(problem: Problem, outcome: Outcome) -> Ints:
    """Columns whose place says something about prices.

    Of unlinked columns at one site and bound only the one that is closest to moving does; virtual changes speak
    where they are used.
    """
    columns, x = problem.columns, outcome.point.x
    linked = np.zeros(len(columns), dtype=np.bool_)
    linked[outcome.links.matrix.indices] = True
    state = np.where(x <= columns.lower + AT_BOUND_MW, 0, np.where(x >= columns.upper - AT_BOUND_MW, 2, 1))
    speaks = (columns.kind != VIRTUAL) | (state > 0)
    site = ((columns.step * 2 + columns.reactive) * len(problem.network.bus_ids) + columns.bus) * 2
    key = (site + (columns.sign > 0)) * 3 + state
    order = np.lexsort((np.where(state == 2, -columns.cost, columns.cost), key))
    order = order[speaks[order] & ~linked[order]]
    _, first = np.unique(key[order], return_index=True)
    return np.sort(np.concatenate([order[first], np.flatnonzero(speaks & linked)]))


def _import_part(problem: Problem, slopes: Floats) -> Floats:
    columns = problem.columns
    slope = slopes[columns.reactive.astype(np.int64), columns.step, columns.bus]
    part: Floats = problem.energy_cost[columns.step] * columns.sign * slope
    return part


def _row_part(problem: Problem, rows: Rows, by: Floats, use: Ints) -> sparse.csr_matrix:
    """[n_use, n_rows] percent per unit of each column, of the limits in its step."""
    columns = problem.columns
    first = np.searchsorted(rows.step, np.arange(problem.n_steps + 1))
    width = np.diff(first)[columns.step[use]]
    index = np.concatenate(
        [np.arange(first[s], first[s + 1]) for s in columns.step[use]] or [np.zeros(0, np.int64)]
    )
    who = np.repeat(use, width)
    values = by[columns.reactive[who].astype(np.int64), index, columns.bus[who]] * columns.sign[who]
    return sparse.csr_matrix((values, index, np.concatenate([[0], np.cumsum(width)])), shape=(len(use), len(rows)))


def _picks(inner: Mask) -> sparse.csr_matrix:
    """[n_use, n_inner] minus one where a column between its bounds has its misfit."""
    where = np.flatnonzero(inner)
    return sparse.csr_matrix(
        (np.full(len(where), -1.0), (where, np.arange(len(where)))), shape=(len(inner), len(where))
    )
