"""The clearing problem of a case: what stays the same while the search moves, and its AC state at a point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from engine.grid.network import Ints, Network
from engine.grid.powerflow import PowerFlow, power_flow
from engine.market.case import Case
from engine.market.columns import OFFER, REQUEST, Columns
from engine.market.limits import Rows, excess, rows_of, violation, worst
from engine.reading import Floats

NEAR_PERCENT = (0.1, 0.1, 1.0, 1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """Values x : [n_columns] with their AC state. cost, violation, worst : [n_steps], EUR and percent."""

    x: Floats
    flow: PowerFlow
    excesses: tuple[Floats, ...]
    cost: Floats
    violation: Floats
    worst: Floats


class Problem:
    """A case with its network and variables.

    energy_cost : [n_steps] EUR per MW of import; shared, shared_upper : rows over several variables that no
    linearisation changes (energy budgets, requests' quantities).
    """

    def __init__(self, case: Case, network: Network, columns: Columns) -> None:
        self.case, self.network, self.columns = case, network, columns
        self.n_steps = case.time.n_steps
        self.energy_cost = case.coupling_price_eur_per_mwh * case.time.hours
        self.shared, self.shared_upper = _shared_limits(case, columns)
        self.has_budgets = any(offer.max_energy_mwh is not None for offer in case.offers)

    def at(self, x: Floats) -> Point:
        """AC state and cost of values x."""
        p, q = self.columns.injections(x, self.case.net_p_mw.shape)
        flow = power_flow(self.network, self.case.net_p_mw + p, self.case.net_q_mvar + q)
        excesses = excess(self.network, flow)
        cost = self.per_step(self.columns.cost * x) + self.energy_cost * flow.import_mw
        return Point(x, flow, excesses, cost, violation(excesses, 0.0), worst(excesses))

    def per_step(self, values: Floats) -> Floats:
        """Sum of values : [n_columns] in each step."""
        total: Floats = np.bincount(self.columns.step, weights=values, minlength=self.n_steps).astype(np.float64)
        return total

    def rows_near(self, point: Point, rows: Rows) -> Rows:
        """The given rows and every limit that is violated or near at a point."""
        masks = [e > -near for e, near in zip(point.excesses, NEAR_PERCENT, strict=True)]
        for kind, mask in enumerate(masks):
            chosen = rows.kind == kind
            mask[rows.step[chosen], rows.element[chosen]] = True
        return rows_of(masks)


def _shared_limits(case: Case, columns: Columns) -> tuple[sparse.csc_matrix, Floats]:
    """Rows over several columns that no linearisation changes: energy budgets and requests' quantities."""
    selections: list[tuple[Ints, float, float]] = []
    for k, offer in enumerate(case.offers):
        if offer.max_energy_mwh is not None:
            members = np.flatnonzero((columns.kind == OFFER) & (columns.owner == k))
            selections.append((members, case.time.hours, offer.max_energy_mwh))
    requested = np.flatnonzero(columns.kind == REQUEST)
    shared = requested[np.lexsort((columns.step[requested], columns.owner[requested]))]
    keys = columns.owner[shared] * case.time.n_steps + columns.step[shared]
    groups = np.split(shared, np.flatnonzero(np.diff(keys)) + 1)
    selections += [(members, 1.0, float(columns.upper[members[0]])) for members in groups if len(members) > 1]
    matrix = sparse.lil_matrix((len(selections), len(columns)))
    for row, (members, weight, _) in enumerate(selections):
        matrix[row, members] = weight
    return matrix.tocsc(), np.array([limit for _, _, limit in selections], dtype=np.float64)
