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

from engine.market.case import Case
from engine.market.columns import CHARGE, DISCHARGE, OFFER, VIRTUAL, Columns, Mask
from engine.market.flat import Flat, Together
from engine.market.program import Programme, highs_model, highs_solver
from engine.reading import Floats

MIP_GAP = 1e-5
MIP_NODES_MAX = 20_000
USED_MW = 1e-6

Pairs = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """Which offers' columns may be used. on : [n_columns] True where nothing forbids acceptance.

    bound_eur : what the solver proved that no choice of the linear model costs less than, with the rest held.
    """

    on: Mask
    bound_eur: float = -np.inf

    def bounds(self, case: Case, columns: Columns) -> tuple[Floats, Floats]:
        """Lower and upper bounds that hold once the choice is made: two [n_columns]."""
        lower, upper = columns.lower.copy(), np.where(self.on, columns.upper, 0.0)
        shares = np.array([1.0 if offer.block else offer.min_acceptance for offer in case.offers])
        mine = np.flatnonzero((columns.kind == OFFER) & self.on)
        mine = mine[shares[columns.owner[mine]] > 0.0]
        lower[mine] = shares[columns.owner[mine]] * columns.upper[mine]
        return lower, upper


@dataclass(frozen=True, slots=True, eq=False)
class InPlay:
    """What a programme decides. columns : [n_columns] variables that no block switches; binaries : [n_binaries].

    held : [n_columns] values of all the others, 0 for those in play.
    """

    columns: Mask
    binaries: Mask
    held: Floats


def has_choices(case: Case) -> bool:
    """Whether some offer is whole or nothing."""
    return any(offer.has_choice for offer in case.offers)


def together_of(case: Case, columns: Columns, pairs: Pairs) -> Together:
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
    return Together(of_column, np.array(is_block, dtype=np.bool_), np.array(least), tuple(groups))


def two_way(columns: Columns, x: Floats) -> Pairs:
    """(charge, discharge) columns in all steps of every storage that does both in some step at x : [n_columns]."""
    charge, discharge = np.flatnonzero(columns.kind == CHARGE), np.flatnonzero(columns.kind == DISCHARGE)
    order = [np.lexsort((columns.step[mine], columns.owner[mine])) for mine in (charge, discharge)]
    charge, discharge = charge[order[0]], discharge[order[1]]
    both = (x[charge] > USED_MW) & (x[discharge] > USED_MW)
    owners = np.unique(columns.owner[charge[both]])
    chosen = np.isin(columns.owner[charge], owners)
    return tuple((int(c), int(d)) for c, d in zip(charge[chosen], discharge[chosen], strict=True))


def everything(flat: Flat, together: Together) -> InPlay:
    """All in play but virtual changes that relieve no limit most."""
    columns = flat.problem.columns
    virtual = (flat.point.x > 0.0) | flat.model.strongest()
    chosen = ((columns.kind != VIRTUAL) | virtual) & ~together.of_block
    return InPlay(chosen, np.ones(len(together), dtype=np.bool_), np.zeros(len(columns)))


def choose(flat: Flat, together: Together, play: InPlay) -> Choice | None:
    """The best choice for the linear model at an AC state; None where the solver finds none."""
    chosen = Chosen(flat, together, play)
    since = time.perf_counter()
    z, bound = _solve(chosen.programme, chosen.is_binary)
    flat.problem.clock.add("highs", since)
    if z is None:
        return None
    on = np.ones(len(play.held), dtype=np.bool_)
    switched = together.of_column >= 0
    taken = together.sums(play.held) > 0.0
    taken[chosen.y] = z[len(chosen.used) :] > 0.5
    on[switched] = taken[together.of_column[switched]]
    ties = flat.tie_cost()
    return Choice(on, bound + flat.offset + float(flat.cost @ play.held) - ties)


class Chosen:
    """The programme over what is in play: used : its variables; y : its binaries, their shares from 0 to 1.

    rows : [n] which of the flat model's rows it has.
    """

    def __init__(self, flat: Flat, together: Together, play: InPlay) -> None:
        columns = flat.problem.columns
        self.together, self.play, self.upper = together, play, columns.upper
        self.used, self.y = np.flatnonzero(play.columns), np.flatnonzero(play.binaries)
        place = np.full(len(together) + 1, -1, dtype=np.int64)
        place[self.y] = np.arange(len(self.y))
        self.of_y = place[together.of_column]
        self.blocked = np.flatnonzero(together.of_block & (self.of_y >= 0))
        n_used, n_y = len(self.used), len(self.y)
        whole = sparse.csc_matrix(
            (columns.upper[self.blocked], (np.arange(len(self.blocked)), self.of_y[self.blocked])),
            shape=(len(self.blocked), n_y),
        )
        matrix = sparse.hstack([flat.matrix(self.used), flat.matrix(self.blocked) @ whole], format="csr")
        self.rows = np.flatnonzero(np.diff(matrix.indptr) > 0)
        rest = flat.effect(play.held)
        low, high = (end[self.rows] - rest[self.rows] for end in (flat.row_lower, flat.row_upper))
        switch = self._switches(columns)
        groups = self._groups()
        n_more = switch.shape[0] + groups.shape[0]
        self.programme = Programme(
            cost=np.concatenate([flat.cost[self.used], whole.T @ flat.cost[self.blocked]]),
            lower=np.concatenate([columns.lower[self.used], np.zeros(n_y)]),
            upper=np.concatenate([columns.upper[self.used], np.ones(n_y)]),
            matrix=sparse.vstack([matrix[self.rows], switch, groups], format="csr"),
            row_lower=np.concatenate([low, np.full(n_more, -np.inf)]),
            row_upper=np.concatenate([high, np.zeros(switch.shape[0]), np.ones(groups.shape[0])]),
        )
        self.is_binary = np.arange(n_used + n_y) >= n_used

    def values(self, z: Floats) -> Floats:
        """[n_columns] all variables' values from the programme's."""
        x = self.play.held.copy()
        x[self.used] = z[: len(self.used)]
        x[self.blocked] = self.upper[self.blocked] * z[len(self.used) :][self.of_y[self.blocked]]
        return x

    def _switches(self, columns: Columns) -> sparse.csr_matrix:
        """x <= upper y and least upper y <= x for what a binary switches and is no block."""
        mine = np.flatnonzero(self.of_y[self.used] >= 0)
        y, upper = self.of_y[self.used[mine]], columns.upper[self.used[mine]]
        least = self.together.least[self.y][y]
        k, n = len(mine), len(self.used) + len(self.y)
        at = (np.tile(np.arange(k), 2), np.concatenate([mine, len(self.used) + y]))
        above = sparse.csr_matrix((np.concatenate([np.ones(k), -upper]), at), shape=(k, n))
        below = sparse.csr_matrix((np.concatenate([-np.ones(k), least * upper]), at), shape=(k, n))
        return sparse.vstack([above, below[np.flatnonzero(least > 0.0)]], format="csr")

    def _groups(self) -> sparse.csr_matrix:
        """The sum of each group's binaries; groups are in play as a whole."""
        groups = self.together.groups
        place = np.searchsorted(self.y, np.concatenate(groups)) if groups else np.zeros(0, dtype=np.int64)
        indptr = np.concatenate([[0], np.cumsum([len(group) for group in groups])]).astype(np.int64)
        shape = (len(groups), len(self.used) + len(self.y))
        return sparse.csr_matrix((np.ones(len(place)), len(self.used) + place, indptr), shape=shape)


def _solve(programme: Programme, is_binary: Mask) -> tuple[Floats | None, float]:
    """The best values found and a bound of all, -inf where the solver names none."""
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
        return None, -np.inf
    values: Floats = np.array(found.col_value)
    return values, float(solver.getInfo().mip_dual_bound) if is_binary.any() else -np.inf
