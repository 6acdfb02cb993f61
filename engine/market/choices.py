"""Whole-or-nothing choices: a mixed-integer programme on the linearised grid says which, the AC search how much.

Blocks, minimum acceptances and exclusive groups each have binaries; the linear model is taken at an AC state and
again at the state that its own choice leads to, until the choice repeats.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import highspy
import numpy as np
from scipy import sparse

from engine.grid.network import Ints
from engine.market.case import Case
from engine.market.columns import CHARGE, DISCHARGE, OFFER, VIRTUAL, Columns, Mask
from engine.market.limits import no_rows
from engine.market.linearisation import Linearisation, sites_of
from engine.market.links import Links
from engine.market.problem import Point, Problem
from engine.market.program import Programme, highs_model, highs_solver
from engine.reading import Floats

MIP_GAP = 5e-4
MIP_NODES_MAX = 20_000
USED_MW = 1e-6

Pairs = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """Which offers' columns may be used. on : [n_columns] True where nothing forbids acceptance."""

    on: Mask

    def bounds(self, case: Case, columns: Columns) -> tuple[Floats, Floats]:
        """Lower and upper bounds that hold once the choice is made: two [n_columns]."""
        lower, upper = columns.lower.copy(), np.where(self.on, columns.upper, 0.0)
        for k, offer in enumerate(case.offers):
            share = 1.0 if offer.block else offer.min_acceptance
            if share > 0.0:
                mine = (columns.kind == OFFER) & (columns.owner == k) & self.on
                lower[mine] = share * columns.upper[mine]
        return lower, upper


def has_choices(case: Case) -> bool:
    """Whether some offer is whole or nothing."""
    return any(offer.has_choice for offer in case.offers)


@dataclass(frozen=True, slots=True, eq=False)
class _Binaries:
    """Binary variables. of_column : [n_columns] the binary that switches a column, -1 where none does.

    is_block : [n_binaries] the binary is the accepted share of a block; least : [n_binaries] share below which
    nothing is accepted; groups : binaries of which at most one is on.
    """

    of_column: Ints
    is_block: Mask
    least: Floats
    groups: tuple[Ints, ...]

    def __len__(self) -> int:
        return len(self.is_block)


def _binaries(case: Case, columns: Columns, pairs: Pairs) -> _Binaries:
    """One for a block or a member of a group, one for each step of a minimum acceptance, two for each pair."""
    of_column = np.full(len(columns), -1, dtype=np.int64)
    is_block: list[bool] = []
    least: list[float] = []
    members: dict[str, list[int]] = {}
    offers = np.flatnonzero(columns.kind == OFFER)
    by_owner = np.split(
        offers[np.argsort(columns.owner[offers], kind="stable")],
        np.cumsum(np.bincount(columns.owner[offers], minlength=len(case.offers)))[:-1],
    )
    for k, offer in enumerate(case.offers):
        mine = by_owner[k] if len(by_owner) > k else offers[:0]
        if not offer.has_choice or not mine.size:
            continue
        per_step = not offer.block and offer.exclusive_group is None
        for part in mine[:, None] if per_step else [mine]:
            of_column[part] = len(is_block)
            if offer.exclusive_group is not None:
                members.setdefault(offer.exclusive_group, []).append(len(is_block))
            is_block.append(offer.block)
            least.append(1.0 if offer.block else offer.min_acceptance)
    groups = [np.array(group) for _, group in sorted(members.items())]
    for pair in pairs:
        groups.append(np.array([len(is_block), len(is_block) + 1]))
        of_column[list(pair)] = groups[-1]
        is_block += [False, False]
        least += [0.0, 0.0]
    return _Binaries(of_column, np.array(is_block, dtype=np.bool_), np.array(least), tuple(groups))


def two_way(columns: Columns, x: Floats) -> Pairs:
    """(charge, discharge) columns in all steps of every storage that does both in some step at x : [n_columns]."""
    charge, discharge = np.flatnonzero(columns.kind == CHARGE), np.flatnonzero(columns.kind == DISCHARGE)
    order = [np.lexsort((columns.step[mine], columns.owner[mine])) for mine in (charge, discharge)]
    charge, discharge = charge[order[0]], discharge[order[1]]
    both = (x[charge] > USED_MW) & (x[discharge] > USED_MW)
    owners = np.unique(columns.owner[charge[both]])
    chosen = np.isin(columns.owner[charge], owners)
    return tuple((int(c), int(d)) for c, d in zip(charge[chosen], discharge[chosen], strict=True))


def choose(problem: Problem, point: Point, links: Links, pairs: Pairs) -> Choice | None:
    """The best choice for the linear model at an AC state; None where the solver finds none.

    pairs : columns of which one at most may be used, beside what the offers say.
    """
    columns, case = problem.columns, problem.case
    binaries = _binaries(case, columns, pairs)
    every = np.ones(problem.n_steps, dtype=np.bool_)
    rows = problem.rows_near(point, problem.rows_near(problem.at(np.zeros(len(columns))), no_rows()))
    flat = Linearisation(
        problem, point, rows, links, np.full(problem.n_steps, np.inf), every, False, np.zeros(len(rows))
    )
    switched = binaries.of_column >= 0
    blocked = np.zeros(len(columns), dtype=np.bool_)
    blocked[switched] = binaries.is_block[binaries.of_column[switched]]
    virtual = (columns.kind == VIRTUAL) & ((point.x > 0.0) | flat.strongest())
    used = np.flatnonzero((columns.kind != VIRTUAL) & ~blocked | virtual)
    programme, is_binary = _programme(problem, flat, binaries, used, np.flatnonzero(blocked))
    since = time.perf_counter()
    x = _solve(programme, is_binary)
    problem.clock.add("highs", since)
    if x is None:
        return None
    on = np.ones(len(columns), dtype=np.bool_)
    taken = x[len(used) : len(used) + len(binaries)] > 0.5
    on[switched] = taken[binaries.of_column[switched]]
    return Choice(on)


def _programme(
    problem: Problem, flat: Linearisation, binaries: _Binaries, used: Ints, blocked: Ints
) -> tuple[Programme, Mask]:
    """Columns: used market columns, binaries, net changes at the sites (a block's columns are its binary's)."""
    columns = problem.columns
    acting = np.concatenate([used, blocked])
    sites = sites_of(columns, acting, len(problem.network.bus_ids))
    n_used, n_y, n_w = len(used), len(binaries), len(sites)
    position = np.full(len(columns), -1, dtype=np.int64)
    position[used] = np.arange(n_used)
    position[blocked] = n_used + binaries.of_column[blocked]
    scale = np.ones(len(columns))
    scale[blocked] = columns.upper[blocked]
    n = n_used + n_y + n_w
    moves = sites.of >= 0
    collect = sparse.csr_matrix(
        ((columns.sign * scale)[acting][moves], (sites.of[moves], position[acting][moves])), shape=(n_w, n)
    ) - sparse.csr_matrix((np.ones(n_w), (np.arange(n_w), n_used + n_y + np.arange(n_w))), shape=(n_w, n))
    start = np.bincount(
        sites.of[moves], weights=(columns.sign * flat.point.x)[acting][moves], minlength=n_w
    ).astype(np.float64)
    limits = sparse.hstack(
        [sparse.csr_matrix((len(flat.rows), n_used + n_y)), flat.limits_at(sites)], format="csr"
    )
    linked, low, high = _linked(flat.links, position, scale, n)
    switch, switch_upper = _switches(columns, binaries, used, n_used, n)
    groups = sparse.csr_matrix(
        (
            np.ones(sum(map(len, binaries.groups))),
            np.concatenate([n_used + g for g in binaries.groups] or [np.zeros(0, np.int64)]),
            np.concatenate([[0], np.cumsum([len(g) for g in binaries.groups])]).astype(np.int64),
        ),
        shape=(len(binaries.groups), n),
    )
    cost = np.zeros(n)
    np.add.at(cost, position[acting], (columns.cost * scale)[acting])
    cost[n_used + n_y :] = flat.slopes[sites.reactive, sites.step, sites.bus] * problem.energy_cost[sites.step]
    free = np.full(n_w, np.inf)
    programme = Programme(
        cost=cost,
        lower=np.concatenate([columns.lower[used], np.zeros(n_y), -free]),
        upper=np.concatenate([columns.upper[used], np.ones(n_y), free]),
        matrix=sparse.vstack([collect, limits, linked, switch, groups], format="csr"),
        row_lower=np.concatenate(
            [start, np.full(len(flat.rows), -np.inf), low, np.full(switch.shape[0] + groups.shape[0], -np.inf)]
        ),
        row_upper=np.concatenate([start, -flat.excess, high, switch_upper, np.ones(groups.shape[0])]),
    )
    is_binary = np.zeros(n, dtype=np.bool_)
    is_binary[n_used : n_used + n_y] = True
    return programme, is_binary


def _linked(links: Links, position: Ints, scale: Floats, n: int) -> tuple[sparse.csr_matrix, Floats, Floats]:
    """The link rows over the programme's columns; rows that touch none of them are left out."""
    matrix = links.matrix.tocoo()
    keep = position[matrix.col] >= 0
    rows = sparse.csr_matrix(
        ((matrix.data * scale[matrix.col])[keep], (matrix.row[keep], position[matrix.col][keep])),
        shape=(matrix.shape[0], n),
    )
    touched = np.diff(rows.indptr) > 0
    return rows[touched], links.lower[touched], links.upper[touched]


def _switches(
    columns: Columns, binaries: _Binaries, used: Ints, n_used: int, n: int
) -> tuple[sparse.csr_matrix, Floats]:
    """x <= upper y and least upper y <= x for what a binary switches and is no block."""
    mine = np.flatnonzero(binaries.of_column[used] >= 0)
    y = binaries.of_column[used[mine]]
    upper, least = columns.upper[used[mine]], binaries.least[y]
    k = len(mine)
    above = sparse.csr_matrix(
        (
            np.concatenate([np.ones(k), -upper]),
            (np.tile(np.arange(k), 2), np.concatenate([mine, n_used + y])),
        ),
        shape=(k, n),
    )
    below = sparse.csr_matrix(
        (
            np.concatenate([-np.ones(k), least * upper]),
            (np.tile(np.arange(k), 2), np.concatenate([mine, n_used + y])),
        ),
        shape=(k, n),
    )[least > 0.0]
    both = sparse.vstack([above, below], format="csr")
    return both, np.zeros(both.shape[0])


def _solve(programme: Programme, is_binary: Mask) -> Floats | None:
    model = highs_model(programme)
    model.integrality_ = [
        highspy.HighsVarType.kInteger if b else highspy.HighsVarType.kContinuous for b in is_binary
    ]
    solver = highs_solver(
        model, solver="choose", mip_rel_gap=MIP_GAP, mip_max_nodes=MIP_NODES_MAX, mip_feasibility_tolerance=1e-9
    )
    solver.run()
    found = solver.getSolution()
    if not found.value_valid:
        return None
    values: Floats = np.array(found.col_value)
    return values
